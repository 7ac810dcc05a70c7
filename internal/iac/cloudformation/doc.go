// Package cloudformation reads CloudFormation and what is written like it: SAM,
// the output of the CDK, the resources of the Serverless Framework and of
// org-formation.
//
// A resource with a pattern is found wherever it stands in a document; the
// parameters, mappings and conditions are those of the nearest mapping around it
// that has Resources. Intrinsic functions are evaluated as far as the template
// itself says what comes out. Both branches of Fn::If are outcomes, Fn::ForEach is
// written out, and what only a deployment knows is a hole.
package cloudformation

// Package armtemplate reads templates of Azure Resource Manager in JSON: resources
// wherever they stand, in nested templates and in the deployments of policies too.
//
// Expressions in brackets are evaluated as far as the template says: parameters by
// their defaults, variables, and functions on texts. What is not known, such as the
// subscription that a template is deployed to, is unknown in the words of the template.
// In a policy an expression of the deployment begins with two brackets.
package armtemplate

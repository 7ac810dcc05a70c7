// Package cloudtrail knows what CloudTrail's records of management events look
// like: the fields of record version 1.11, and the axioms about them, each named
// by a sentence (schema.go, axioms.go). Sources are CloudTrail's user guide,
// "CloudTrail record contents", "CloudTrail userIdentity element" and "AWS
// Management Console sign-in events".
//
// A Probe describes the records of one required event or condition. Cover, Beyond
// and Axioms ask package cover about probes; Record makes an example.
package cloudtrail

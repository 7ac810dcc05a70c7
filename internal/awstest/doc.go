// Package awstest is an in-memory AWS that behaves.
//
// A Cloud holds accounts x regions and is an http.Handler that speaks the wire
// protocols of the real SDK clients: AWS JSON for CloudWatch Logs, CloudTrail,
// KMS, Organizations and EventBridge, Query for SNS, STS, IAM and EC2, REST JSON for Account
// Management, Security Hub and Observability Access Manager, and for CloudWatch all three that AWS offers (Smithy RPC v2 CBOR,
// AWS JSON, Query). Errors travel in the form and with the codes that each
// protocol and service uses.
//
// Behind the operations stands what they configure. Emit hands in a CloudTrail
// record; Advance moves the virtual clock; the record reaches the log groups of
// the trails that carry it, runs through the metric filters, becomes datapoints,
// and the alarms are evaluated minute by minute until a message lies in a
// subscriber's Inbox, or until the Story says at which link it was lost. So a
// test can ask the only question that matters: was someone told?
//
// A record that some trail of its region records also reaches the default event bus
// of the account and region where it happened, within seconds: its rules, the buses
// that they forward to (one hop), and their targets.
//
// It is written from AWS's documentation and API models, not from what this
// module's own clients send, and it steps through time as CloudWatch does. It
// shares no code with the packages that judge an account (a test says so): its
// answers are a second opinion on theirs. Rules that AWS does not document are
// marked "undocumented" where they stand.
//
// What it does not do: verify request signatures (only the credential scope is
// read, to find account, region and service), store log events for
// retrieval, evaluate anomaly bands, Metrics Insights, PromQL and log alarms, or look at
// the target of an SQS, Lambda, Firehose or HTTPS subscription. A setting that
// it does not simulate is refused with the code NotSimulated rather than
// dropped.
//
// A Cloud is safe for use by several goroutines.
package awstest

// Package conformance holds no code: its test runs the built monitorctl against
// moto, an emulator of AWS that other people wrote, and reads back through
// AWS's SDK what the program left there. It is the second opinion on the wire
// format; how AWS itself behaves is the business of package awstest.
//
// moto differs from AWS in ways that show here: a subscription by e-mail is
// confirmed at once, SubscriptionsConfirmed stays 0, a new trail has no event
// selectors, an alarm starts in state OK, PutMetricFilter under a name that
// exists adds a second filter, logs:TestMetricFilter does not exist, and
// CloudWatch does not speak CBOR.
package conformance

// Package message holds what people read about an event that an EventBridge rule took:
// functions from a control to an input transformer. Mail and SMS are for subscribers of a
// topic, Chat for Amazon Q Developer in chat applications, PagerDuty, ServiceNow, Zendesk
// and Webhook for API destinations.
//
// EventBridge puts values into a template as they are, quotation marks included. So no
// text has a value that the caller of an operation chooses freely: not userAgent,
// requestParameters or errorMessage. One mark in it would break the message, and hide the
// alert. That leaves out the name of the tool; whether the call came from the console, and
// the AWS service that made it, are what is said of it.
//
// Sources: Amazon Q Developer in chat applications administrator guide, "Custom
// notifications"; PagerDuty developer documentation, "Send an alert event"; CloudTrail user
// guide, "CloudTrail record contents".
package message

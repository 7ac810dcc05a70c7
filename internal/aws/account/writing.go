package account

import "time"

// A Writing is a call that wrote an object, as CloudTrail's event history holds it.
type Writing struct {
	Region string
	Event  string // PutMetricAlarm
	Name   string // of the object, or the ARN of the topic that was subscribed to
	Agent  string // userAgent of the record
	By     string // ARN of who called; "" for a service
	At     time.Time

	// Protocol and Endpoint are those of a Subscribe. The endpoint is masked.
	Protocol, Endpoint string
}

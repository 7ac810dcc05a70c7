package config

import (
	"strconv"

	"github.com/goccy/go-yaml/ast"

	"github.com/monitorctl/monitorctl/internal/aws/desired"
)

// heartbeat reads how long the trail may be silent, and who is told then.
func (r reader) heartbeat(n ast.Node) *Heartbeat {
	m := r.Mapping(n, "heartbeat", "hours", "topic")
	out := &Heartbeat{}
	if m.Has("hours") {
		text := m.Node("hours").String()
		hours, err := strconv.Atoi(text)
		if err != nil || hours < 1 || hours > desired.MaxHeartbeatHours {
			r.Fail(m.PlaceOfKey("hours"), "", "hours is a number from 1 to %d, not %s", desired.MaxHeartbeatHours, text)
		}
		out.Hours = hours
	}
	if m.Has("topic") {
		out.TopicARN, out.TopicName = r.topic(m, "topic")
	}
	return out
}

package events

import (
	"fmt"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/eventpattern"
)

func TestInRule(t *testing.T) {
	for _, tt := range []struct{ pattern, want string }{
		{`{"source":["aws.ec2"],"detail":{"eventName":["CreateRoute","DeleteRoute"]}}`, ""},
		{`{"source":["aws.cloudtrail"],"detail":{"eventName":["StopLogging","CreateRoute"]}}`, "66 event-source: CreateRoute is not an event of cloudtrail.amazonaws.com but of ec2.amazonaws.com"},
		{`{"source":["aws.cloudtrail"],"detail":{"eventSource":["ec2.amazonaws.com"],"eventName":["CreateRoute"]}}`, ""}, // the source is another suspicion
		{`{"detail":{"eventName":["createRoute"]}}`, "24 event-case: createRoute never occurs: case counts, the event is CreateRoute"},
		{`{"source":["aws.ec2"],"detail":{"eventName":["CreateRoutes"]}}`, "45 unknown-event: ec2.amazonaws.com has no event CreateRoutes; the nearest is CreateRoute"},
		{`{"source":["my.app"],"detail":{"eventName":["Whatever"]}}`, ""},
		{`{"source":["aws.ec2"],"detail":{"eventName":[{"prefix":"create"},"ec2:CreateRoute","*"]}}`, ""},
		{`{"$or":[{"source":["aws.ec2"]},{"source":["aws.s3"]}],"detail":{"eventName":["CreateRoute"]}}`, ""},
	} {
		p, err := eventpattern.Parse(tt.pattern)
		if err != nil {
			t.Fatalf("%s: %v", tt.pattern, err)
		}
		var got []string
		for _, s := range InRule(p) {
			got = append(got, fmt.Sprintf("%d %s: %s", s.Offset, s.Code, s.Text))
		}
		if text := strings.Join(got, "\n"); text != tt.want {
			t.Errorf("%s\ngot  %s\nwant %s", tt.pattern, text, tt.want)
		}
	}
}

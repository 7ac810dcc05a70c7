package report

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/monitorctl/monitorctl/internal/aws/drill"
)

func drillTime(second int) time.Time { return time.Date(2026, 11, 30, 9, 0, second, 0, time.UTC) }

// aDrill is a drill of six controls: delivered and acknowledged, its topic's key broken,
// left out, without alarm, by a rule, and not rung any more.
func aDrill() drill.Receipt {
	const topic, group = "arn:aws:sns:eu-central-1:111122223333:alerts", "arn:aws:logs:eu-central-1:111122223333:log-group:/trail:metric-filter:"
	alarm := func(name string) string { return "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:" + name }
	people := []drill.Recipient{
		{Topic: topic, Protocol: "email", Endpoint: "s***@example.com", State: "confirmed"}, {Topic: topic, Protocol: "https", Endpoint: "https://events.pagerduty.com/***", State: "confirmed"},
		{Topic: topic, Protocol: "email", Endpoint: "o***@example.com", State: "pending"},
	}
	hash := strings.Repeat("ab", 32)
	r := drill.Receipt{
		Schema: drill.Schema, Tool: drill.Tool{Name: "monitorctl", Version: "1.2.3"}, ID: "0123456789abcdef", Cloud: drill.Cloud, Account: "111122223333", Caller: "arn:aws:iam::111122223333:user/alice",
		Regions: []string{"eu-central-1", "us-east-1"}, Started: drillTime(0), Ended: drillTime(59), Command: []string{"monitorctl", "drill", "--notify=true", "--external-id=***"},
		Snapshot: hash, Notify: true, AckAsked: true, Interrupted: true, Failure: "interrupted (interrupt)", Records: &drill.Records{File: "events.jsonl", Read: 1200, Sent: 1000},
		Controls: []drill.Control{
			{ID: "security-group-changes", Number: "4.10", Title: "Security group changes", Alarms: []string{alarm("sg")}, Refused: []drill.Remark{}, Notes: []drill.Remark{{Code: drill.Partial, Text: "proves alarm to topic; filter sg does not match DeleteSecurityGroup"}}},
			{ID: "vpc-changes", Number: "4.14", Title: "VPC changes", Alarms: []string{alarm("vpc")}, Refused: []drill.Remark{}, Notes: []drill.Remark{}},
			{ID: "nacl-changes", Number: "4.11", Title: "Network ACL changes", Alarms: []string{}, Refused: []drill.Remark{{Code: drill.OtherAction, Alarm: alarm("nacl\x1b[2J|"), Text: "would run arn:aws:automate:eu-central-1:ec2:stop, which is not a topic: a drill only sends messages"}}, Notes: []drill.Remark{}},
			{ID: "root-usage", Number: "4.3", Title: "Root", Alarms: []string{}, Refused: []drill.Remark{{Code: drill.NoAlarm, Text: "nothing to ring: no metric filter matches what the control asks for"}}, Notes: []drill.Remark{}},
			{ID: "guardduty-changes", Title: "GuardDuty", Alarms: []string{}, Refused: []drill.Remark{}, Notes: []drill.Remark{{Code: drill.Rule, Text: "rule r cannot be rung"}}},
			{ID: "route-table-changes", Number: "4.13", Title: "Route tables", Alarms: []string{alarm("routes")}, Refused: []drill.Remark{}, Notes: []drill.Remark{}},
		},
		Filters: []drill.Answer{
			{Question: drill.Question{Control: "security-group-changes", Filter: group + "sg", Pattern: "{ $.eventName = A }", Region: "eu-central-1"}, Verdict: drill.Agree, Sent: 6, Matched: 5, Everyday: 6},
			{Question: drill.Question{Control: "vpc-changes", Pattern: "{ $.eventName = B }", Region: "eu-central-1"}, Verdict: drill.AWSOnly, Sent: 11, Matched: 11, Everyday: 6, Noise: 1, Unsure: 2,
				Differences: []drill.Difference{{Verdict: drill.AWSOnly, Event: "DescribeInstances", Record: `{"eventName":"DescribeInstances"}`}}},
			{Question: drill.Question{Control: "nacl-changes", Filter: group + "nacl", Pattern: "{ $.eventName = C }", Region: "eu-central-1"}, Verdict: drill.NotVerified, Why: "logs:TestMetricFilter: AccessDenied"},
		},
		Alarms: []drill.Rung{
			{Alarm: alarm("sg"), Region: "eu-central-1", Controls: []string{"security-group-changes"}, Before: "OK", At: new(drillTime(1)), Rung: true, CodeHash: hash, Topics: []drill.Sent{{Topic: topic, State: "Succeeded"}}, Recipients: people, Outcome: drill.Delivered,
				History: []drill.Entry{{At: drillTime(1), Alarm: "sg", Summary: "Alarm updated from OK to ALARM"}, {At: drillTime(2), Alarm: "sg", Summary: "Successfully executed action " + topic, ActionState: "Succeeded"}},
				Ack:     &drill.Ack{At: drillTime(50), By: "arn:aws:iam::111122223333:user/bob", How: "typed at the terminal of arn:aws:iam::111122223333:user/bob"}},
			{Alarm: alarm("vpc"), Region: "eu-central-1", Controls: []string{"vpc-changes"}, Before: "INSUFFICIENT_DATA", At: new(drillTime(3)), Rung: true, CodeHash: hash, Topics: []drill.Sent{{Topic: topic, State: "Failed", Error: "the key cannot be used"}}, Recipients: people,
				Outcome: drill.ActionFailed, Detail: "topic " + topic + " did not take the message: the key cannot be used", History: []drill.Entry{{At: drillTime(3), Alarm: "vpc", Summary: "Failed to execute action", ActionState: "Failed"}}},
			{Alarm: alarm("routes"), Region: "eu-central-1", Controls: []string{"route-table-changes"}, Before: "OK", Topics: []drill.Sent{{Topic: topic}}, Recipients: []drill.Recipient{}, History: []drill.Entry{}, Outcome: drill.NotRung, Detail: "the drill ended before"},
		},
		Counts: []drill.Count{{Topic: topic, Delivery: drill.Delivery{Delivered: 2}}},
	}
	r.Conclude()
	return r
}

// TestReceiptGolden holds the three forms of a receipt.
func TestReceiptGolden(t *testing.T) {
	for name, write := range map[string]func(w io.Writer, r drill.Receipt, o Options) error{"drill.txt": ReceiptTable, "drill.md": ReceiptMarkdown, "drill.json": Receipt} {
		var b bytes.Buffer
		if err := write(&b, aDrill(), Options{Width: 120}); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.Bytes())
		if strings.ContainsRune(b.String(), '\x1b') {
			t.Errorf("%s lets an escape sequence through", name)
		}
	}
}

// TestReceiptSchema holds receipts with and without alarms against the published schema.
func TestReceiptSchema(t *testing.T) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schema, err := c.Compile("../../docs/schema/drill-v1.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	read := aDrill()
	read.Notify, read.Failure, read.Records, read.Alarms, read.Counts = false, "", nil, []drill.Rung{}, []drill.Count{}
	for i := range read.Controls {
		read.Controls[i].Outcome, read.Controls[i].Alarms = "", []string{}
	}
	for _, r := range []drill.Receipt{aDrill(), read} {
		data, err := r.Encode()
		if err != nil {
			t.Fatal(err)
		}
		validate(t, schema, data)
	}
}

// TestReceiptNarrow keeps lines within a terminal, and passes a failed write on.
func TestReceiptNarrow(t *testing.T) {
	var b bytes.Buffer
	if err := ReceiptTable(&b, aDrill(), Options{Width: 60}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 60 && strings.Contains(strings.TrimSpace(line[:min(len(line), 61)]), " ") {
			t.Errorf("a line of %d columns: %s", n, line)
		}
	}
	full := errors.New("disk full")
	for _, write := range []func(w io.Writer, r drill.Receipt, o Options) error{ReceiptTable, ReceiptMarkdown, Receipt} {
		if err := write(failing{full}, aDrill(), Options{}); !errors.Is(err, full) {
			t.Errorf("a full disk: %v", err)
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

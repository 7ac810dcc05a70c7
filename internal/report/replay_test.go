package report

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/monitorctl/monitorctl/internal/aws/replay"
	"github.com/monitorctl/monitorctl/internal/logs"
)

// hostileName is what a stranger may have called something.
const hostileName = "=cmd|' /C calc'!A0\x1b[2J\u202e##[error]"

func someReplay() Replay {
	from := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	sg := &replay.Control{ID: "security-group-changes", Title: "Security groups", Account: "111122223333", Live: true, Rules: []int{0, 1}}
	rule := &replay.Rule{Name: "sg-rule", ARN: "arn:aws:events:us-east-1:111122223333:rule/sg-rule", Region: "us-east-1", Alerts: []string{"s***@example.com"}}
	iam := &replay.Control{ID: "iam-policy-changes", Account: "111122223333", Live: true, Nobody: "topic cis-alerts has no subscriber"}
	e := replay.Event{
		Time: "2026-11-01T09:00:10Z", ID: "1", Name: "DeleteSecurityGroup", Source: "ec2.amazonaws.com", Principal: "arn:aws:sts::111122223333:assumed-role/ci/deploy/x",
		Address: "192.0.2.1", Tool: hostileName, Object: "a.json.gz", Record: []byte(`{"userIdentity":{"accessKeyId":"AKIAEXAMPLE"},"responseElements":{"credentials":{"sessionToken":"s3cr3t"}},"n":12345678901234567890}`),
	}
	return Replay{
		Report: replay.Report{
			From: from, To: from.AddDate(0, 0, 3), Events: 1234567, Accounts: []string{"111122223333"}, Regions: []string{"us-east-1"},
			Controls: []replay.Answer{
				{Control: sg, Missed: 3, Lost: e, Events: 7, Days: []int64{5, 0, 2}, Alerted: []string{"s***@example.com"}, Sent: []replay.Messages{{Rule: rule, Sent: 6}, {Rule: &replay.Rule{Name: "off", Region: "us-east-1", Broken: "rule off is disabled"}, Sent: 1}}, MessageDay: []int64{5, 0, 2}, Actions: []replay.Action{
					{Alarm: "sg", At: from.Add(9*time.Hour + time.Minute), Event: e, Swallowed: 4}, {Alarm: "sg", At: from.Add(10 * time.Hour), Echo: true},
					{Alarm: "sg", At: from.Add(48 * time.Hour), Event: e}, {Alarm: "sg", At: from.Add(49 * time.Hour), Event: e, Silent: "it is muted"},
				}, Principals: []replay.Count{{Name: e.Principal, Count: 5}, {Name: hostileName, Count: 2}}, Tools: []replay.Count{{Name: hostileName, Count: 7}}, Evidence: []replay.Event{e}},
				{Control: iam, Events: 2, Days: []int64{0, 2, 0}, Doubt: 1, Unknown: []string{"alarm x: its metric math is not followed"}, Suggestions: []replay.Suggestion{{
					Exclude: []replay.Exclusion{{Path: "userIdentity.invokedBy", Value: "x.amazonaws.com", Events: 2}}, Pattern: "{ $.a = 1 }", Verdict: "conditional", Silenced: 2, Narrowed: []string{"x"}}}},
			},
		},
		Engine: "local", Read: logs.Totals{Objects: 12, Packed: 41_200_000}, Unreadable: []logs.Unreadable{{Name: "b" + hostileName, Cause: "unexpected EOF"}}, Noise: 1,
	}
}

func TestReplayText(t *testing.T) {
	r := someReplay()
	r.Details = true
	var b bytes.Buffer
	if err := ReplayText(&b, r, Options{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"3 days (2026-11-01 00:00 to 2026-11-04 00:00), 1 account, 1 region, 12 files, 41.2 MB, 0 B unpacked, 1,234,567 events, local",
		"security-group-changes  7       2        6         █▁▄      s***@example.com (1)  71% role ci",
		"iam-policy-changes      2       unknown  -         ▁█▁      nobody",
		"sg-rule in us-east-1: 6 messages to s***@example.com", "off in us-east-1: 1 message to nobody: rule off is disabled",
		"iam-policy-changes: 2 events, alarms unknown, nobody alerted: topic cis-alerts has no subscriber.",
		"iam-policy-changes: could not be checked: alarm x: its metric math is not followed.",
		"iam-policy-changes: 1 more event may or may not match: AWS does not document it.",
		"security-group-changes: 3 events that no filter of the account matches, the latest DeleteSecurityGroup by role ci at 2026-11-01T09:00:10Z: nobody alerted.",
		"security-group-changes: 1 further alarm without a new event",
		"INCOMPLETE: 1 file could not be read completely (--show-unreadable).",
		"2026-11-01 09:01 sg: DeleteSecurityGroup by role ci from 192.0.2.1, 4 events while in ALARM",
		"2026-11-03 01:00 sg: DeleteSecurityGroup by role ci from 192.0.2.1 (it is muted)",
		`"accessKeyId":"***"`, `"sessionToken":"***"`, `"n":12345678901234567890`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	if strings.ContainsAny(b.String(), "\x1b\u202e") || strings.Contains(b.String(), "s3cr3t") || strings.Contains(b.String(), "##[") {
		t.Errorf("what a terminal obeys, or a secret, is in\n%q", b.String())
	}
}

func TestReplayJSON(t *testing.T) {
	empty := Replay{Engine: "local", Report: replay.Report{}}
	stopped := someReplay()
	stopped.Stopped = "interrupted"
	for _, r := range []Replay{someReplay(), empty, stopped} {
		var b bytes.Buffer
		if err := ReplayJSON(&b, r, Options{Version: "v"}); err != nil {
			t.Fatal(err)
		}
		for _, closed := range []bool{false, true} {
			v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			if err := compileSchemas(t, closed)["replay"].Validate(v); err != nil {
				t.Errorf("closed: %t: %v", closed, err)
			}
		}
		if strings.Contains(b.String(), "s3cr3t") || strings.Contains(b.String(), "AKIAEXAMPLE") {
			t.Error("a secret is in the JSON")
		}
		if !strings.Contains(b.String(), `"incomplete": true`) {
			t.Error("each of these is incomplete")
		}
	}
}

func TestReplayCSV(t *testing.T) {
	var b bytes.Buffer
	if err := ReplayCSV(&b, someReplay(), Options{}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != 1+2*3 {
		t.Fatal(len(rows), err)
	}
	if got := strings.Join(rows[1], "|"); got != "security-group-changes|111122223333|2026-11-01|5|1|s***@example.com|||5" {
		t.Error(got)
	}
	// The action at midnight belongs to the day whose last minute it evaluates.
	if rows[2][4] != "1" || rows[3][4] != "0" {
		t.Error(rows)
	}
}

func TestSpark(t *testing.T) {
	for _, tt := range []struct {
		days []int64
		want string
	}{{nil, ""}, {[]int64{0, 0}, ""}, {[]int64{0, 1, 9}, "019"}, {[]int64{1, 1000}, "19"}} {
		if got := spark(tt.days, true); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.days, got, tt.want)
		}
	}
	if got := spark(make([]int64, 365), true); got != "" {
		t.Error(got)
	}
	long := make([]int64, 365)
	long[364] = 3
	if got := spark(long, true); len(got) > maxSpark || !strings.HasSuffix(got, "9") || strings.Trim(got, "09") != "" {
		t.Error(got)
	}
}

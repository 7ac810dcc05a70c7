package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
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

// TestReplayNarrow: what a person reads fits into the terminal; a pattern stays whole, to be
// copied.
func TestReplayNarrow(t *testing.T) {
	r := someReplay()
	r.To = r.From.AddDate(0, 0, 90)
	for i := range r.Controls {
		r.Controls[i].Days = append(r.Controls[i].Days, make([]int64, 87)...)
		r.Controls[i].Days[80] = 9
	}
	for _, width := range []int{60, 80} {
		var b bytes.Buffer
		if err := ReplayText(&b, r, Options{Width: width}); err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(b.String(), "\n") {
			if n := twwidth.Width(line); n > width && !strings.HasPrefix(line, "  { $.") {
				t.Errorf("%d columns of %d: %s", n, width, line)
			}
		}
		who := map[int]string{60: "\n    alerted: s***@example.com (1)\n    most by: 71% role ci\n", 80: "\n    71% role ci\n"}[width]
		if !strings.Contains(b.String(), who) || !strings.Contains(b.String(), "90 days (") {
			t.Error(b.String())
		}
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

// TestReplayNames: readers of version 1 find these names, whoever read the files.
func TestReplayNames(t *testing.T) {
	r := someReplay()
	r.Source = Source{Locations: []string{"s3://trail"}, Files: 12, Bytes: 41_200_000}
	r.Engine, r.Query = "athena", Query{Exact: []string{"iam-policy-changes"}, Statement: "SELECT 1", IDs: []string{"q1", "q2"}, Scanned: 3 << 40, Here: 2}
	var b bytes.Buffer
	if err := ReplayJSON(&b, r, Options{Version: "v"}); err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(b.Bytes(), &tree); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"window.from": "2026-11-01T00:00:00Z", "source.locations.0": "s3://trail", "source.files": "12", "source.bytes": "4.12e+07",
		"engine.name": "athena", "engine.exact.0": "iam-policy-changes", "engine.statement": "SELECT 1", "engine.bytes": fmt.Sprint(float64(3 << 40)), "engine.cost": "15",
		"controls.0.control": "security-group-changes", "controls.0.events": "7", "controls.0.perDay.0.events": "5", "controls.0.alarms.0.at": "2026-11-01T09:01:00Z",
		"controls.0.alarms.0.swallowed": "4", "controls.0.alarms.1.echo": "true", "controls.0.told.0": "s***@example.com", "controls.0.top.principals.0.count": "5",
		"controls.0.top.addresses": "[]", "controls.0.top.tools.0.count": "7", "controls.0.top.events": "[]", "controls.1.doubt": "1", "controls.0.evidence.0.id": "1",
		"controls.1.suggestions.0.silenced": "2", "skipped.digest": "0", "skipped.insight": "0", "skipped.copies": "0", "skipped.oversize": "0", "skipped.late": "0", "unreadable.0.cause": "unexpected EOF",
	} {
		var at any = tree
		for _, step := range strings.Split(path, ".") {
			switch node := at.(type) {
			case map[string]any:
				at = node[step]
			case []any:
				i, err := strconv.Atoi(step)
				if err != nil || i >= len(node) {
					t.Fatalf("%s: no %s", path, step)
				}
				at = node[i]
			}
		}
		if got := fmt.Sprint(at); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
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
		if got := spark(tt.days, true, maxSpark); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.days, got, tt.want)
		}
	}
	if got := spark(make([]int64, 365), true, maxSpark); got != "" {
		t.Error(got)
	}
	long := make([]int64, 365)
	long[364] = 3
	if got := spark(long, true, maxSpark); len(got) > maxSpark || !strings.HasSuffix(got, "9") || strings.Trim(got, "09") != "" {
		t.Error(got)
	}
}

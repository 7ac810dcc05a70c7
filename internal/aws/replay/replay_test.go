package replay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/aws/replay"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/logs"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/patterns"
)

const day = "2026-11-30"

// An event is a record for tests.
type event struct {
	at, name string
	id       string
	account  string
	region   string
	role     string // of the session issuer; "" for an IAM user
	service  string // invokedBy
	failed   string // errorCode
}

func (e event) record() string {
	orElse := func(text, other string) string {
		if text == "" {
			return other
		}
		return text
	}
	identity := map[string]any{"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ann"}
	if e.role != "" {
		identity = map[string]any{
			"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/" + e.role + "/session",
			"sessionContext": map[string]any{"sessionIssuer": map[string]any{"type": "Role", "arn": "arn:aws:iam::111122223333:role/" + e.role}},
		}
	}
	if e.service != "" {
		identity["invokedBy"] = e.service
	}
	r := map[string]any{
		"eventVersion": "1.11", "eventTime": day + "T" + e.at + "Z", "eventName": e.name, "eventSource": "ec2.amazonaws.com", "awsRegion": orElse(e.region, "us-east-1"),
		"recipientAccountId": orElse(e.account, "111122223333"), "eventID": orElse(e.id, e.at+e.name), "userIdentity": identity, "sourceIPAddress": "192.0.2.1",
		"userAgent": "aws-cli/2", "readOnly": false, "managementEvent": true, "eventType": "AwsApiCall",
	}
	if e.failed != "" {
		r["errorCode"] = e.failed
	}
	data, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// file is an object with a CloudTrail log file.
func file(name string, events ...event) logs.Object {
	var list []string
	for _, e := range events {
		list = append(list, e.record())
	}
	return object(name, `{"Records":[`+strings.Join(list, ",")+`]}`)
}

func object(name, content string) logs.Object {
	o := logs.Object{Name: name, Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
	o.Key, o.Named = logs.ParseKey(name)
	return o
}

func baseline(t *testing.T) account.Snapshot {
	t.Helper()
	data, err := os.ReadFile("../../../testdata/judging/baseline.json")
	if err != nil {
		t.Fatal(err)
	}
	var snap account.Snapshot
	if err := json.Unmarshal(data, &snap); err != nil {
		t.Fatal(err)
	}
	return snap
}

func controls(t *testing.T, names ...string) []catalog.Control {
	t.Helper()
	c, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	list, err := c.Select(names, "", catalog.DefaultBenchmark)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func options(snap account.Snapshot) plan.Options {
	return plan.Options{Audit: audit.Options{Benchmark: catalog.DefaultBenchmark, Now: snap.TakenAt}}
}

// ask asks about controls; the window is the day.
func ask(t *testing.T, snap account.Snapshot, names ...string) *replay.Question {
	t.Helper()
	from, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	q := &replay.Question{From: from, To: from.Add(24 * time.Hour), Evidence: 2}
	if err := q.Ask(t.Context(), snap, controls(t, names...), options(snap)); err != nil {
		t.Fatal(err)
	}
	return q
}

// run replays objects with so many workers.
func run(t *testing.T, q *replay.Question, workers int, objects ...logs.Object) (replay.Report, *replay.Counters) {
	t.Helper()
	c := replay.NewCounters(q, workers)
	total, err := logs.Each(t.Context(), objects, func() *logs.Reader { return c.NewReader(logs.Options{}) }, c.Sinks(), nil)
	if err != nil || len(total.Unreadable) > 0 {
		t.Fatal(total.Unreadable, err)
	}
	return c.Answer(), c
}

// told writes an answer on one line: events, then each action with who was told.
func told(a replay.Answer) string {
	list := []string{fmt.Sprintf("%d events", a.Events)}
	for _, x := range a.Actions {
		text := x.At.Format("15:04")
		if x.Echo {
			text += " echo"
		} else {
			text += " " + x.Event.Name
		}
		if x.Swallowed > 0 {
			text += fmt.Sprintf(" +%d", x.Swallowed)
		}
		if x.Silent != "" {
			text += " (" + x.Silent + ")"
		}
		list = append(list, text)
	}
	return strings.Join(append(list, strings.Join(a.Alerted, " ")), ", ")
}

// busy are records of every minute that no control asks for, so that default values
// are written.
func busy() []event {
	var list []event
	for m := range 24 * 60 {
		list = append(list, event{at: fmt.Sprintf("%02d:%02d:30", m/60, m%60), name: "DescribeInstances"})
	}
	return list
}

func TestAnswer(t *testing.T) {
	sg := func(at string) event { return event{at: at, name: "CreateSecurityGroup"} }
	tests := []struct {
		name   string
		change func(*account.Region)
		events []event
		want   string
		nobody string
	}{
		{"nothing", nil, busy(), "0 events, s***@example.com", ""},
		// Evaluated at the end of 09:00; the alarm is in OK again when the event has left the newest period.
		{"one event", nil, append(busy(), sg("09:00:10")), "1 events, 09:01 CreateSecurityGroup, s***@example.com", ""},
		{"swallowed", nil, append(busy(), sg("09:00:10"), sg("09:03:00"), sg("09:07:00"), sg("10:00:00")), "4 events, 09:01 CreateSecurityGroup +2, 10:01 CreateSecurityGroup, s***@example.com", ""},
		{"two in one minute", nil, append(busy(), sg("09:00:10"), event{at: "09:00:05", name: "DeleteSecurityGroup"}), "2 events, 09:01 DeleteSecurityGroup, s***@example.com", ""},
		{"no other records", nil, []event{sg("09:00:10"), sg("09:12:00")}, "2 events, 09:01 CreateSecurityGroup +1, s***@example.com", ""},
		{"another control's", nil, append(busy(), event{at: "09:00:10", name: "CreateNetworkAcl"}), "0 events, s***@example.com", ""},
		{"another account's", nil, append(busy(), event{at: "09:00:10", name: "CreateSecurityGroup", account: "444455556666"}), "0 events, s***@example.com", ""},
		{"another region's", nil, append(busy(), event{at: "09:00:10", name: "CreateSecurityGroup", region: "sa-east-1"}), "1 events, 09:01 CreateSecurityGroup, s***@example.com", ""},
		{"no subscriber", func(r *account.Region) {
			for _, topic := range r.Topics {
				topic.Subscriptions.Value = nil
			}
		}, append(busy(), sg("09:00:10")), "1 events, 09:01 CreateSecurityGroup, ", "topic security has no subscriber"},
		{"actions disabled", func(r *account.Region) { eachAlarm(r, func(a *account.MetricAlarm) { a.ActionsEnabled = false }) },
			append(busy(), sg("09:00:10")), "1 events, 09:01 CreateSecurityGroup (its actions are disabled), ", "alarm security-group: its actions are disabled"},
		{"muted at night", func(r *account.Region) {
			r.MuteRules = &account.Read[[]account.MuteRule]{Value: []account.MuteRule{{Name: "night", Status: account.MuteActive, Details: &account.Read[account.MuteDetails]{
				Value: account.MuteDetails{Alarms: []string{"security-group"}, Expression: "cron(0 2 * * *)", Duration: "PT4H"}}}}}
		}, append(busy(), sg("03:00:10"), sg("09:00:10")), "2 events, 03:01 CreateSecurityGroup (it is muted), 09:01 CreateSecurityGroup, s***@example.com", ""},
		{"threshold of 3 in a period of an hour", func(r *account.Region) {
			three := 3.0
			eachAlarm(r, func(a *account.MetricAlarm) { a.Threshold, a.Period = &three, 3600 })
		}, append(busy(), sg("09:00:10"), sg("09:20:10"), sg("09:40:10"), sg("09:50:10")), "4 events, 09:41 CreateSecurityGroup +1, s***@example.com", ""},
		{"2 of 3 datapoints", func(r *account.Region) {
			eachAlarm(r, func(a *account.MetricAlarm) { a.EvaluationPeriods, a.DatapointsToAlarm = 3, 2 })
		}, append(busy(), sg("09:00:10"), sg("11:00:10"), sg("11:07:10")), "3 events, 11:08 CreateSecurityGroup, s***@example.com", ""},
		{"a foreign filter feeds the metric", func(r *account.Region) {
			r.MetricFilters.Value = append(r.MetricFilters.Value, account.MetricFilter{LogGroup: "/aws/cloudtrail/org", Name: "other", Pattern: "{ $.eventName = RunInstances }", Namespace: "Security", Metric: "security-group-events", Value: "1"})
		}, append(busy(), event{at: "09:00:10", name: "RunInstances"}, sg("10:00:10")), "1 events, 09:01 , 10:01 CreateSecurityGroup, s***@example.com", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			snap := baseline(t)
			if tt.change != nil {
				tt.change(snap.Accounts[0].Region("eu-central-1"))
			}
			r, _ := run(t, ask(t, snap, "security-group-changes"), 1, file("a", tt.events...))
			a := r.Controls[0]
			if got := told(a); got != tt.want || a.Control.Nobody != tt.nobody || !a.Control.Live || r.Incomplete() {
				t.Errorf("got  %s, nobody %q, unknown %q\nwant %s, nobody %q", got, a.Control.Nobody, a.Unknown, tt.want, tt.nobody)
			}
		})
	}
}

func eachAlarm(r *account.Region, change func(*account.MetricAlarm)) {
	for i := range r.Alarms.Value.Metric {
		change(&r.Alarms.Value.Metric[i])
	}
}

// TestEcho: the last records of a day come at 09:01. Nothing happens after that, but the
// windows slide.
func TestEcho(t *testing.T) {
	events := slices.DeleteFunc(busy(), func(e event) bool { return e.at >= "09:02" })
	r, _ := run(t, ask(t, baseline(t), "security-group-changes"), 1, file("a", append(events, event{at: "09:00:10", name: "CreateSecurityGroup"})...))
	a := r.Controls[0]
	if got, want := told(a), "1 events, 09:01 CreateSecurityGroup, 09:07 echo, 09:12 echo, s***@example.com"; got != want || a.Alarms() != 1 || a.Echoes() != 2 {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestUnknown: what cannot be followed is never taken for silence.
func TestUnknown(t *testing.T) {
	denied := &account.Failure{Operation: "cloudwatch:DescribeAlarms", Code: "AccessDenied"}
	for name, tt := range map[string]struct {
		change func(*account.Region)
		want   string
	}{
		"alarms not read":  {func(r *account.Region) { r.Alarms = &account.Read[account.Alarms]{Failure: denied} }, "could not be read"},
		"filters not read": {func(r *account.Region) { r.MetricFilters = &account.Read[[]account.MetricFilter]{Failure: denied} }, "AccessDenied"},
		"metric math": {func(r *account.Region) {
			eachAlarm(r, func(a *account.MetricAlarm) {
				a.Queries = []account.MetricQuery{{ID: "m", Namespace: a.Namespace, Metric: a.Metric, Statistic: "Sum", Period: 300}, {ID: "e", Expression: "RATE(m)", ReturnData: true}}
			})
		}, "RATE is not understood"},
		"a band":             {func(r *account.Region) { eachAlarm(r, func(a *account.MetricAlarm) { a.Threshold = nil }) }, "no fixed threshold"},
		"a referenced value": {func(r *account.Region) { r.MetricFilters.Value[3].Value = "$.requestParameters.size" }, "not a fixed number"},
		"a short period":     {func(r *account.Region) { eachAlarm(r, func(a *account.MetricAlarm) { a.Period = 10 }) }, "a period of 10 seconds"},
	} {
		snap := baseline(t)
		tt.change(snap.Accounts[0].Region("eu-central-1"))
		r, _ := run(t, ask(t, snap, "security-group-changes"), 1, file("a", event{at: "09:00:10", name: "CreateSecurityGroup"}))
		if a := r.Controls[0]; !r.Incomplete() || !strings.Contains(strings.Join(a.Unknown, "; "), tt.want) || a.Events != 1 {
			t.Errorf("%s: %d events, unknown %q", name, a.Events, a.Unknown)
		}
	}
}

// TestComposite: composite alarms that have actions are followed with the alarms that they
// read; those act through them alone where they have no actions of their own.
func TestComposite(t *testing.T) {
	const topic = "arn:aws:sns:eu-central-1:111122223333:security"
	sg, nacl := event{at: "09:00:10", name: "CreateSecurityGroup"}, event{at: "09:02:10", name: "CreateNetworkAcl"}
	bare := func(r *account.Region) {
		eachAlarm(r, func(a *account.MetricAlarm) { a.AlarmActions = nil })
	}
	over := func(r *account.Region, name, rule string, change func(*account.CompositeAlarm)) {
		c := account.CompositeAlarm{ARN: "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:" + name, Name: name, Rule: rule, ActionsEnabled: true, AlarmActions: []string{topic}}
		if change != nil {
			change(&c)
		}
		r.Alarms.Value.Composite = append(r.Alarms.Value.Composite, c)
	}
	for _, tt := range []struct {
		name    string
		change  func(*account.Region)
		want    string // alarm and time of each action
		unknown string
	}{
		{"over a bare alarm", func(r *account.Region) { bare(r); over(r, "over", "ALARM(security-group)", nil) }, "over 09:01", ""},
		{"by ARN", func(r *account.Region) {
			bare(r)
			over(r, "over", `ALARM("arn:aws:cloudwatch:eu-central-1:111122223333:alarm:security-group")`, nil)
		}, "over 09:01", ""},
		{"both act", func(r *account.Region) { over(r, "over", "ALARM(security-group)", nil) }, "over 09:01, security-group 09:01", ""},
		{"without actions", func(r *account.Region) {
			over(r, "over", "ALARM(security-group)", func(c *account.CompositeAlarm) { c.AlarmActions = nil })
		}, "security-group 09:01", ""},
		{"two controls", func(r *account.Region) { bare(r); over(r, "over", "ALARM(security-group) AND ALARM(nacl)", nil) }, "over 09:03", ""},
		{"one above another", func(r *account.Region) {
			bare(r)
			over(r, "middle", "ALARM(security-group)", func(c *account.CompositeAlarm) { c.AlarmActions = nil })
			over(r, "over", "ALARM(middle) AND ALARM(nacl)", nil)
		}, "over 09:03", ""},
		{"muted", func(r *account.Region) {
			bare(r)
			over(r, "over", "ALARM(security-group)", func(c *account.CompositeAlarm) { c.ActionsEnabled = false })
		}, "over 09:01 (its actions are disabled)", ""},
		{"a suppressor that keeps quiet", func(r *account.Region) {
			bare(r)
			over(r, "over", "ALARM(security-group)", func(c *account.CompositeAlarm) { c.Suppressor = "gateway" })
		}, "over 09:01", ""},
		{"a suppressor", func(r *account.Region) {
			bare(r)
			over(r, "over", "ALARM(security-group)", func(c *account.CompositeAlarm) { c.Suppressor = "nacl" })
		}, "", "alarm over: alarm nacl went to ALARM, too, and suppresses its actions for a time that is not known"},
		{"another metric", func(r *account.Region) {
			bare(r)
			r.Alarms.Value.Metric = append(r.Alarms.Value.Metric, account.MetricAlarm{Name: "cpu", Namespace: "AWS/EC2", Metric: "CPUUtilization", Statistic: "Average", Threshold: new(90.0), Period: 300, EvaluationPeriods: 1, Comparison: "GreaterThanThreshold"})
			over(r, "over", "ALARM(security-group) AND ALARM(cpu)", nil)
		}, "", "alarm over: its rule reads alarm cpu, and no metric filter writes to its metric AWS/EC2/CPUUtilization"},
		{"no such alarm", func(r *account.Region) { bare(r); over(r, "over", "ALARM(security-group) AND ALARM(gone)", nil) }, "",
			"alarm over: its rule reads alarm gone, and no metric alarm or composite alarm of eu-central-1 has that name"},
		{"a circle", func(r *account.Region) {
			bare(r)
			over(r, "over", "ALARM(security-group) AND ALARM(under)", nil)
			over(r, "under", "OK(over)", func(c *account.CompositeAlarm) { c.AlarmActions = nil })
		}, "", "composite alarms depend on each other"},
		{"not understood", func(r *account.Region) { bare(r); over(r, "over", "WHEN(security-group)", nil) }, "", "alarm over: its rule is not understood"},
		{"of others", func(r *account.Region) { over(r, "over", "ALARM(gateway)", nil) }, "security-group 09:01", ""},
	} {
		snap := baseline(t)
		tt.change(snap.Accounts[0].Region("eu-central-1"))
		r, _ := run(t, ask(t, snap, "security-group-changes"), 1, file("a", append(busy(), sg, nacl)...))
		a := r.Controls[0]
		var list []string
		for _, x := range a.Actions {
			text := x.Alarm + " " + x.At.Format("15:04")
			if x.Silent != "" {
				text += " (" + x.Silent + ")"
			}
			list = append(list, text)
		}
		if got, why := strings.Join(list, ", "), strings.Join(a.Unknown, "; "); got != tt.want || !strings.Contains(why, tt.unknown) || (why == "") != (tt.unknown == "") {
			t.Errorf("%s: %s, unknown %q; want %s, %q", tt.name, got, why, tt.want, tt.unknown)
		}
	}
}

// TestMetricMath: an alarm on an expression goes off by what all of its metrics get.
func TestMetricMath(t *testing.T) {
	snap := baseline(t)
	region := snap.Accounts[0].Region("eu-central-1")
	i := slices.IndexFunc(region.Alarms.Value.Metric, func(a account.MetricAlarm) bool { return a.Name == "security-group" })
	a := &region.Alarms.Value.Metric[i]
	query := func(id, metric string) account.MetricQuery {
		return account.MetricQuery{ID: id, Namespace: "Security", Metric: metric, Statistic: "Sum", Period: 600}
	}
	a.Namespace, a.Metric, a.Statistic, a.Period, a.Threshold = "", "", "", 0, new(3.0)
	a.Queries = []account.MetricQuery{query("sg", "security-group-events"), query("acl", "nacl-events"), {ID: "e", Expression: "sg + acl", ReturnData: true}}
	events := append(busy(), event{at: "09:00:10", name: "CreateSecurityGroup"}, event{at: "09:03:10", name: "CreateNetworkAcl"}, event{at: "09:05:10", name: "CreateNetworkAcl"},
		event{at: "11:00:10", name: "CreateSecurityGroup"}, event{at: "11:11:10", name: "CreateNetworkAcl"}, event{at: "11:12:10", name: "CreateNetworkAcl"})
	r, _ := run(t, ask(t, snap, "security-group-changes"), 1, file("a", events...))
	if got := told(r.Controls[0]); got != "2 events, 09:06 , s***@example.com" || r.Incomplete() {
		t.Errorf("%s, unknown %q", got, r.Controls[0].Unknown)
	}
	a.Queries[1].AccountID = "444455556666"
	r, _ = run(t, ask(t, snap, "security-group-changes"), 1, file("a", events...))
	if got := strings.Join(r.Controls[0].Unknown, "; "); !strings.Contains(got, "metric Security/nacl-events is another account's") {
		t.Errorf("unknown %q", got)
	}
}

// TestPatternsOnly: without an account it is the chain that apply would create.
func TestPatternsOnly(t *testing.T) {
	q := ask(t, account.Snapshot{}, "security-group-changes", "nacl-changes")
	p, err := pattern.Parse(`{ $.eventName = Run*s }`)
	if err != nil {
		t.Fatal(err)
	}
	q.AddPattern("mine", p)
	r, _ := run(t, q, 1, file("a", append(busy(), event{at: "09:00:10", name: "CreateSecurityGroup", account: "444455556666"}, event{at: "10:00:00", name: "RunInstances"})...))
	if got := told(r.Controls[0]); got != "1 events, 09:01 CreateSecurityGroup, " || r.Controls[0].Control.Live || r.Controls[0].Control.Nobody == "" {
		t.Errorf("%s, %+v", got, r.Controls[0].Control)
	}
	if a := r.Controls[2]; a.Control.ID != "mine" || a.Events != 0 || a.Doubt != 1 || !r.Incomplete() {
		t.Errorf("an asterisk in the middle is in doubt: %+v", a)
	}
}

// TestOrder: neither the order of the files nor the number of workers can be seen.
func TestOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	names := []string{"CreateSecurityGroup", "DeleteSecurityGroup", "CreateNetworkAcl", "DescribeInstances", "RunInstances"}
	var all []event
	for i := range 3000 {
		all = append(all, event{
			at: fmt.Sprintf("%02d:%02d:%02d", random.IntN(24), random.IntN(60), random.IntN(60)), name: names[random.IntN(len(names))], id: fmt.Sprint(i),
			role: []string{"", "a", "b"}[random.IntN(3)],
		})
	}
	var objects []logs.Object
	for i := 0; i < len(all); i += 100 {
		objects = append(objects, file(fmt.Sprintf("f%02d", i/100), all[i:i+100]...))
	}
	objects = append(objects, file("copy", all[:500]...)) // copies in a file whose name comes first
	names = []string{"security-group-changes", "nacl-changes"}
	want, _ := run(t, ask(t, baseline(t), names...), 1, objects...)
	if want.Copies == 0 || want.Controls[0].Alarms() == 0 || want.Controls[1].Events == 0 {
		t.Fatalf("%d copies, %s", want.Copies, told(want.Controls[0]))
	}
	for _, workers := range []int{1, 2, 5} {
		random.Shuffle(len(objects), func(i, k int) { objects[i], objects[k] = objects[k], objects[i] })
		got, _ := run(t, ask(t, baseline(t), names...), workers, objects...)
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(replay.Answer{}), cmp.Comparer(func(a, b *replay.Control) bool { return a.ID == b.ID })); diff != "" {
			t.Errorf("%d workers (-want +got):\n%s", workers, diff)
		}
	}
}

// TestCopies: an event that two trails wrote into one place counts once, one without id
// is never a copy.
func TestCopies(t *testing.T) {
	e := event{at: "09:00:10", name: "CreateSecurityGroup"}
	nameless := strings.Replace(e.record(), `"eventID"`, `"other"`, 1)
	other := e
	other.region = "eu-west-1"
	r, _ := run(t, ask(t, baseline(t), "security-group-changes"), 1, file("b", e), file("a", e), file("c", other),
		object("d", `{"Records":[`+nameless+`,`+nameless+`]}`))
	if a := r.Controls[0]; a.Events != 4 || r.Copies != 1 || a.Principals[0].Count != 4 || len(a.Evidence) != 2 {
		t.Errorf("%d events, %d copies, %+v", a.Events, r.Copies, a.Evidence)
	}
}

func TestWhatDoesNotCount(t *testing.T) {
	large := strings.Replace(event{at: "09:00:10", name: "CreateSecurityGroup"}.record(), `"readOnly"`, `"additionalEventData":{"x":"`+strings.Repeat("x", 256<<10)+`"},"readOnly"`, 1)
	early := strings.Replace(event{at: "09:00:10", name: "CreateSecurityGroup"}.record(), day, "2026-11-28", 1)
	r, _ := run(t, ask(t, baseline(t), "security-group-changes"), 1, object("a", `{"Records":[`+large+`,`+early+`,{"eventName":"CreateSecurityGroup"}]}`))
	if r.Oversize != 1 || r.Outside != 1 || r.Untimed != 1 || r.Controls[0].Events != 0 || !r.Incomplete() {
		t.Errorf("%+v", r)
	}
}

// TestWarmUp: what happened right before the window decides the state in it, and is not
// counted.
func TestWarmUp(t *testing.T) {
	q := ask(t, baseline(t), "security-group-changes")
	q.From = q.From.Add(9 * time.Hour)
	r, _ := run(t, q, 1, file("a", event{at: "08:58:00", name: "CreateSecurityGroup"}, event{at: "09:02:00", name: "CreateSecurityGroup"}))
	if got := told(r.Controls[0]); got != "1 events, s***@example.com" {
		t.Errorf("the alarm was in ALARM already: %s", got)
	}
}

func TestClock(t *testing.T) {
	name := "AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/30/111122223333_CloudTrail_us-east-1_20261130T0915Z_abcdefghijklmnop.json"
	for byDelivery, want := range map[bool]string{false: "1 events, 09:01 CreateSecurityGroup, s***@example.com", true: "1 events, 09:16 CreateSecurityGroup, s***@example.com"} {
		q := ask(t, baseline(t), "security-group-changes")
		q.ByDelivery = byDelivery
		r, _ := run(t, q, 1, file(name, event{at: "09:00:10", name: "CreateSecurityGroup"}))
		if got := told(r.Controls[0]); got != want || r.Delivered != byDelivery {
			t.Errorf("by delivery %t: %s, want %s", byDelivery, got, want)
		}
	}
}

// TestSuggest: a role that makes most of the noise is left out, in the form that loses
// nothing else, and what that silences is what a replay of the new pattern says.
func TestSuggest(t *testing.T) {
	events := busy()
	for h := range 24 {
		events = append(events, event{at: fmt.Sprintf("%02d:10:00", h), name: "CreateSecurityGroup", role: "ci-deployer"}, event{at: fmt.Sprintf("%02d:40:00", h), name: "CreateSecurityGroup", role: "ci-deployer", id: fmt.Sprint(h)})
	}
	events = append(events, event{at: "09:00:10", name: "CreateSecurityGroup"}, event{at: "09:20:10", name: "DeleteSecurityGroup", role: "admin"})
	snap := baseline(t)
	q := ask(t, snap, "security-group-changes")
	r, c := run(t, q, 2, file("a", events...))
	if err := c.Suggest(context.Background(), &r, catalog.DefaultBenchmark, 2); err != nil {
		t.Fatal(err)
	}
	a := r.Controls[0]
	if len(a.Suggestions) != 1 {
		t.Fatalf("%+v", a.Suggestions)
	}
	s := a.Suggestions[0]
	wantTail := ` && ($.userIdentity.sessionContext.sessionIssuer.arn NOT EXISTS || $.userIdentity.sessionContext.sessionIssuer.arn != "arn:aws:iam::111122223333:role/ci-deployer") }`
	if a.Events != 50 || a.Alarms() != 50 || s.Silenced != 48 || s.Alarms != 2 || s.Verdict != "conditional" || len(s.Narrowed) == 0 || !strings.HasSuffix(s.Pattern, wantTail) {
		t.Errorf("%d events, %d alarms; %+v", a.Events, a.Alarms(), s)
	}
	// The same by hand: an account with the new pattern.
	filters := snap.Accounts[0].Region("eu-central-1").MetricFilters.Value
	i := slices.IndexFunc(filters, func(f account.MetricFilter) bool { return f.Name == "security-group" })
	filters[i].Pattern = s.Pattern
	again, _ := run(t, ask(t, snap, "security-group-changes"), 1, file("a", events...))
	if b := again.Controls[0]; b.Events != a.Events-s.Silenced || b.Alarms() != s.Alarms || !b.Control.Live {
		t.Errorf("a replay of the new pattern: %d events, %d alarms", b.Events, b.Alarms())
	}
}

// TestSuggestNever: what a caller chooses, users, and what makes the control fail are
// no suggestions.
func TestSuggestNever(t *testing.T) {
	events := busy()
	for h := range 24 {
		events = append(events, event{at: fmt.Sprintf("%02d:10:00", h), name: "CreateSecurityGroup", failed: "Client.DryRunOperation"})
	}
	r, c := run(t, ask(t, baseline(t), "security-group-changes"), 1, file("a", events...))
	if err := c.Suggest(context.Background(), &r, catalog.DefaultBenchmark, 1); err != nil {
		t.Fatal(err)
	}
	for _, s := range r.Controls[0].Suggestions {
		if s.Verdict != "covered" || s.Exclude[0].Path != "errorCode" {
			t.Errorf("%+v", s)
		}
	}
}

// TestInstead: what another pattern would change, and exactly which events it would lose.
func TestInstead(t *testing.T) {
	events := append(busy(), event{at: "09:00:10", name: "CreateSecurityGroup"}, event{at: "09:30:10", name: "DeleteSecurityGroup"}, event{at: "10:00:10", name: "DeleteSecurityGroup"})
	q := ask(t, baseline(t), "security-group-changes", "nacl-changes")
	p, err := pattern.Parse("{ $.eventName = CreateSecurityGroup || $.eventName = DescribeInstances && $.eventTime = \"*T23:59:30Z\" }")
	if err != nil {
		t.Fatal(err)
	}
	if !q.Instead("security-group-changes", p) || q.Instead("vpc-changes", p) {
		t.Error("whether the control is asked about")
	}
	r, _ := run(t, q, 2, file("a", events...))
	for i, want := range map[int]string{
		0: "3 events, 09:01 CreateSecurityGroup, 09:31 DeleteSecurityGroup, 10:01 DeleteSecurityGroup, s***@example.com",
		2: "2 events, 09:01 CreateSecurityGroup, s***@example.com",
		3: "2 events, ",
	} {
		if got := told(r.Controls[i]); i != 2 && got != want || i == 2 && !strings.HasPrefix(got, "2 events, 09:01 CreateSecurityGroup, ") {
			t.Errorf("%s: %s, want %s", r.Controls[i].Control.ID, got, want)
		}
	}
	if lost := r.Controls[3]; lost.Control.ID != "security-group-changes: silenced" || len(lost.Evidence) != 2 || lost.Evidence[0].Name != "DeleteSecurityGroup" {
		t.Errorf("%s: %+v", lost.Control.ID, lost.Names)
	}
}

func TestEvidence(t *testing.T) {
	r, _ := run(t, ask(t, baseline(t), "security-group-changes"), 2, file("a", event{at: "09:00:10", name: "CreateSecurityGroup"}, event{at: "11:00:10", name: "DeleteSecurityGroup"}),
		file("b", event{at: "10:00:10", name: "RevokeSecurityGroupIngress"}))
	e := r.Controls[0].Evidence
	if len(e) != 2 || e[0].Name != "DeleteSecurityGroup" || e[0].Object != "a" || e[1].Name != "RevokeSecurityGroupIngress" || !bytes.Contains(e[1].Record, []byte(`"RevokeSecurityGroupIngress"`)) {
		t.Errorf("%+v", e)
	}
}

// TestMissed: events that the control asks for and that the account's filters do not
// match are counted apart.
func TestMissed(t *testing.T) {
	snap := baseline(t)
	filters := snap.Accounts[0].Region("eu-central-1").MetricFilters.Value
	i := slices.IndexFunc(filters, func(f account.MetricFilter) bool { return f.Name == "security-group" })
	filters[i].Pattern = "{ $.eventName = CreateSecurityGroup }"
	r, _ := run(t, ask(t, snap, "security-group-changes"), 2,
		file("b", event{at: "09:00:10", name: "CreateSecurityGroup"}, event{at: "10:00:10", name: "DeleteSecurityGroup"}, event{at: "11:00:10", name: "DeleteSecurityGroup"}),
		file("a", event{at: "11:00:10", name: "DeleteSecurityGroup"}), file("c", event{at: "11:00:10", name: "DeleteSecurityGroup", account: "444455556666"}))
	if a := r.Controls[0]; a.Events != 1 || a.Missed != 2 || a.Lost.Time != day+"T11:00:10Z" || a.Lost.Object != "a" || !a.Control.Live {
		t.Errorf("%d events, %d missed, %+v", a.Events, a.Missed, a.Lost)
	}
}

// TestScope: a log group has the records of the trails that deliver to it.
func TestScope(t *testing.T) {
	own := event{at: "09:00:10", name: "CreateSecurityGroup"}
	member := event{at: "10:00:10", name: "CreateSecurityGroup", account: "444455556666"}
	far := event{at: "11:00:10", name: "CreateSecurityGroup", region: "eu-central-1"}
	for _, tt := range []struct {
		organization, multiRegion bool
		want                      int64
	}{{false, true, 2}, {true, true, 3}, {false, false, 1}, {true, false, 1}} {
		snap := baseline(t)
		trail := &snap.Accounts[0].Trails[0] // at home in eu-central-1
		trail.Organization, trail.MultiRegion = tt.organization, tt.multiRegion
		r, _ := run(t, ask(t, snap, "security-group-changes"), 1, file("a", own, member, far))
		if a := r.Controls[0]; a.Events != tt.want {
			t.Errorf("organization %t, all regions %t: %d events, want %d", tt.organization, tt.multiRegion, a.Events, tt.want)
		}
	}
}

package drill

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// scripted answers calls as a test says.
type scripted struct {
	match   func(message string) bool
	err     error
	batches []int
	set     []string
	alarms  account.Alarms
	history map[string][]Item
	sums    map[string]Delivery
}

func (s *scripted) TestFilter(_ context.Context, _, _ string, messages []string) ([]int, error) {
	s.batches = append(s.batches, len(messages))
	var places []int
	for i, m := range messages {
		if s.match != nil && s.match(m) {
			places = append(places, i)
		}
	}
	return places, s.err
}

func (s *scripted) Alarms(context.Context, string, ...string) (account.Alarms, error) {
	return s.alarms, nil
}

func (s *scripted) SetAlarm(_ context.Context, _, name, reason, data string) error {
	if !json.Valid([]byte(data)) {
		return errors.New("the reason data is no JSON")
	}
	s.set = append(s.set, name+": "+reason)
	code := regexp.MustCompile(`Code (\S+)\.`).FindStringSubmatch(reason)[1]
	for _, items := range s.history {
		for i := range items {
			items[i].Data = strings.ReplaceAll(items[i].Data, "CODE", code)
		}
	}
	return s.err
}

func (s *scripted) History(_ context.Context, _, name string) ([]Item, error) {
	return s.history[name], nil
}

func (s *scripted) Deliveries(context.Context, string, []string, time.Time, time.Time) (map[string]Delivery, error) {
	return s.sums, s.err
}

// TestAsk compares answers record by record, in batches that AWS takes.
func TestAsk(t *testing.T) {
	var samples []audit.Sample
	for i := range 120 {
		samples = append(samples, audit.Sample{Event: fmt.Sprint(i), Required: i < 100, Record: fmt.Appendf(nil, `{"n":%d}`, i)})
	}
	q := Question{Control: "c", Pattern: "{ $.n < 100 }", Samples: samples}
	small := func(m string) bool { return len(m) < len(`{"n":100}`) }
	s := &scripted{match: small}
	a, err := Ask(t.Context(), s, q)
	if err != nil || a.Verdict != Agree || a.Sent != 100 || a.Matched != 100 || a.Everyday != 20 || a.Noise != 0 || !slices.Equal(s.batches, []int{50, 50, 20}) {
		t.Errorf("%+v, %v, batches %v", a, err, s.batches)
	}
	for _, tt := range []struct {
		name    string
		pattern string
		calls   scripted
		want    Verdict
		differs int
	}{
		{"AWS matches one record less", "{ $.n < 100 }", scripted{match: func(m string) bool { return small(m) && m != `{"n":7}` }}, OursOnly, 1},
		{"AWS matches everyday events", "{ $.n < 100 }", scripted{match: func(string) bool { return true }}, AWSOnly, 20},
		{"AWS refuses the pattern", "{ $.n < 100 }", scripted{err: &PatternError{errors.New("no")}}, OursOnly, 0},
		{"the call is denied", "{ $.n < 100 }", scripted{err: errors.New("AccessDenied")}, NotVerified, 0},
		{"the pattern is not understood", "{ $.n < }", scripted{}, NotVerified, 0},
		{"the pattern is too long", "{ $.n = " + strings.Repeat("x", 1024) + " }", scripted{}, NotVerified, 0},
	} {
		q.Pattern = tt.pattern
		a, err := Ask(t.Context(), &tt.calls, q)
		if err != nil || a.Verdict != tt.want || len(a.Differences) != tt.differs || (a.Why != "") != (tt.differs == 0) {
			t.Errorf("%s: %s with %d differences (%s), %v", tt.name, a.Verdict, len(a.Differences), a.Why, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Ask(ctx, &scripted{err: errors.New("x")}, Question{Pattern: "{ $.n < 100 }", Samples: samples}); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended run: %v", err)
	}
}

// TestBatch sends large records in calls of their own.
func TestBatch(t *testing.T) {
	large := audit.Sample{Record: make([]byte, 300<<10)}
	if n := batch([]audit.Sample{large, large, large}); n != 1 {
		t.Errorf("%d records of 300 KiB in one call", n)
	}
}

// TestDistinct sends the records of an event once, unless the filter may see the region.
func TestDistinct(t *testing.T) {
	samples := []audit.Sample{
		{Source: "a", Event: "A", Region: "x", Required: true}, {Source: "a", Event: "A", Region: "y", Required: true}, {Source: "b", Event: "A", Region: "x", Required: true},
		{Event: "everyday"}, {Required: true}, {Required: true},
	}
	for text, want := range map[string]int{"{ $.eventName = A }": 5, "{ $.awsRegion = x }": 6, "A": 6, "{ $": 6} {
		if got := len(distinct(text, samples)); got != want {
			t.Errorf("%s: %d records, want %d", text, got, want)
		}
	}
}

const (
	acct  = "111122223333"
	topic = "arn:aws:sns:eu-central-1:" + acct + ":t"
)

func arnOf(name string) string { return "arn:aws:cloudwatch:eu-central-1:" + acct + ":alarm:" + name }

// theAccount is an account with one alarm, on one topic with a person, a queue and someone
// who has not confirmed.
func theAccount() *account.Account {
	return &account.Account{ID: acct, Regions: []account.Region{{
		Name: "eu-central-1",
		Alarms: &account.Read[account.Alarms]{Value: account.Alarms{
			Metric: []account.MetricAlarm{{ARN: arnOf("a"), Name: "a", ActionsEnabled: true, AlarmActions: []string{topic}, State: "OK"}},
		}},
		Topics: map[string]*account.Topic{topic: {ARN: topic, Subscriptions: &account.Read[[]account.Subscription]{Value: []account.Subscription{
			{State: account.Confirmed, Protocol: "email", Endpoint: "s***@example.com"},
			{State: account.Confirmed, Protocol: "sqs", Endpoint: "arn:aws:sqs:eu-central-1:" + acct + ":q"},
			{State: account.Pending, Protocol: "email", Endpoint: "o***@example.com"},
			{State: account.Deleted, Protocol: "email", Endpoint: "x***@example.com"},
		}}}},
	}}}
}

func findingOf(control string, links ...finding.Link) finding.Finding {
	return finding.Finding{Account: acct, Control: control, Status: finding.Pass, Chain: links}
}

var theLink = finding.Link{Kind: finding.LinkAlarm, Depth: 2, Resource: arnOf("a"), State: finding.StateOK}

// TestAim rings an alarm that two controls share once, for both.
func TestAim(t *testing.T) {
	controls := []catalog.Control{{ID: "x", Numbers: map[catalog.Benchmark]catalog.Number{"cis-3.0.0": {Number: "4.1"}}}, {ID: "y"}, {ID: "hub", Type: catalog.State}, {ID: "rule"}, {ID: "none"}}
	none := findingOf("none")
	none.Status, none.Reasons = finding.Fail, []finding.Reason{{Message: "no metric filter matches"}}
	p := Aim(theAccount(), []finding.Finding{
		findingOf("x", theLink), findingOf("y", theLink), findingOf("hub"), findingOf("rule", finding.Link{Kind: finding.LinkRule, Resource: "arn:r", State: finding.StateOK}), none,
	}, controls, "cis-3.0.0")
	if len(p.Targets) != 1 || !slices.Equal(p.Targets[0].Texts, []string{"x (CIS 4.1)", "y"}) || p.Messages() != 2 || len(p.Targets[0].Recipients) != 3 {
		t.Fatalf("%+v", p)
	}
	if len(p.Controls) != 4 || p.Controls[2].Notes[0].Code != Rule || p.Controls[3].Refused[0].Code != NoAlarm || !strings.Contains(p.Controls[3].Refused[0].Text, "no metric filter matches") {
		t.Errorf("%+v", p.Controls)
	}
}

// TestRefused: what would do more than send messages, or nothing, is left out.
func TestRefused(t *testing.T) {
	other := "arn:aws:automate:eu-central-1:ec2:stop"
	over := func(c account.CompositeAlarm) func(*account.Region) {
		return func(r *account.Region) {
			c.ARN, c.Name = arnOf("c"), "c"
			r.Alarms.Value.Composite = []account.CompositeAlarm{c}
		}
	}
	for name, tt := range map[string]struct {
		change func(*account.Region)
		want   Code // "" for one that is rung
	}{
		"fine":                            {func(*account.Region) {}, ""},
		"in ALARM":                        {func(r *account.Region) { r.Alarms.Value.Metric[0].State = "ALARM" }, InAlarm},
		"actions off":                     {func(r *account.Region) { r.Alarms.Value.Metric[0].ActionsEnabled = false }, Silenced},
		"an action for ALARM":             {func(r *account.Region) { r.Alarms.Value.Metric[0].AlarmActions = []string{topic, other} }, OtherAction},
		"an action for OK":                {func(r *account.Region) { r.Alarms.Value.Metric[0].OKActions = []string{other} }, OtherAction},
		"an action without data":          {func(r *account.Region) { r.Alarms.Value.Metric[0].NoDataActions = []string{other} }, OtherAction},
		"a composite alarm over it":       {over(account.CompositeAlarm{Rule: "ALARM(a)", ActionsEnabled: true, AlarmActions: []string{topic}, State: "OK"}), ""},
		"one with another action":         {over(account.CompositeAlarm{Rule: "ALARM(a) AND ALARM(z)", AlarmActions: []string{other}}), OtherAction},
		"one with another action for OK":  {over(account.CompositeAlarm{Rule: "ALARM(a)", OKActions: []string{other}}), OtherAction},
		"one with a rule that is unknown": {over(account.CompositeAlarm{Rule: "NEWFUNCTION(a)", AlarmActions: []string{other}}), OtherAction},
		"one on another alarm":            {over(account.CompositeAlarm{Rule: "ALARM(b)", AlarmActions: []string{other}}), ""},
		"a mute rule": {func(r *account.Region) {
			r.MuteRules = &account.Read[[]account.MuteRule]{Value: []account.MuteRule{{Name: "m", Status: account.MuteActive, Details: &account.Read[account.MuteDetails]{Value: account.MuteDetails{Alarms: []string{"a"}}}}}}
		}, Silenced},
		"a mute rule that is not active": {func(r *account.Region) {
			r.MuteRules = &account.Read[[]account.MuteRule]{Value: []account.MuteRule{{Name: "m", Status: "SCHEDULED", Details: &account.Read[account.MuteDetails]{Value: account.MuteDetails{Alarms: []string{"a"}}}}}}
		}, ""},
		"no action": {func(r *account.Region) { r.Alarms.Value.Metric[0].AlarmActions = nil }, NoAlarm},
	} {
		a := theAccount()
		tt.change(&a.Regions[0])
		p := Aim(a, []finding.Finding{findingOf("x", theLink)}, []catalog.Control{{ID: "x"}}, "cis-3.0.0")
		got := Code("")
		if len(p.Targets) == 0 {
			got = p.Controls[0].Refused[0].Code
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q (%+v)", name, got, tt.want, p.Controls[0])
		}
	}
	elsewhere := theLink
	elsewhere.Resource = strings.Replace(elsewhere.Resource, acct, "444455556666", 1)
	if p := Aim(theAccount(), []finding.Finding{findingOf("x", elsewhere)}, []catalog.Control{{ID: "x"}}, "cis-3.0.0"); len(p.Targets) != 0 || p.Controls[0].Refused[0].Code != Elsewhere {
		t.Errorf("an alarm of another account: %+v", p)
	}
}

// TestSuppressed: a composite alarm that is heard must be able to speak.
func TestSuppressed(t *testing.T) {
	for state, want := range map[string]int{"OK": 1, "ALARM": 0, "": 0} {
		a := theAccount()
		alarms := &a.Regions[0].Alarms.Value
		if state != "" {
			alarms.Metric = append(alarms.Metric, account.MetricAlarm{Name: "s", State: state})
		}
		alarms.Composite = []account.CompositeAlarm{{ARN: arnOf("c"), Name: "c", Rule: "ALARM(a)", ActionsEnabled: true, AlarmActions: []string{topic}, State: "OK", Suppressor: arnOf("s")}}
		p := Aim(a, []finding.Finding{findingOf("x", theLink, finding.Link{Kind: finding.LinkAlarm, Depth: 3, Resource: arnOf("c"), State: finding.StateOK})}, []catalog.Control{{ID: "x"}}, "cis-3.0.0")
		if len(p.Targets) != want {
			t.Errorf("suppressor in %q: %+v", state, p)
		}
	}
}

func at(second int) time.Time { return time.Date(2026, 11, 30, 9, 0, second, 0, time.UTC) }

func options() Options {
	return Options{ID: "0123456789abcdef", Caller: "arn:aws:iam::" + acct + ":user/alice", Now: func() time.Time { return at(0) }, Pause: func(context.Context, time.Duration) error { return nil }}
}

// TestRing reads from the history what became of the actions of this change of state, and
// of no other one.
func TestRing(t *testing.T) {
	ok := &account.AlarmAction{Resource: topic}
	no := &account.AlarmAction{Resource: topic, Failed: true, Message: "no key"}
	change := func(s int) Item { return Item{At: at(s), Data: "CODE"} }
	back := func(s int) Item { return Item{At: at(s), Data: "threshold not crossed"} }
	for name, tt := range map[string]struct {
		history []Item
		want    Code
		entries int
	}{
		"delivered":                        {[]Item{{At: at(1), Action: no}, change(5), {At: at(5), Action: ok}, back(20), {At: at(20), Action: no}}, Delivered, 3},
		"failed":                           {[]Item{change(5), {At: at(6), Action: no}}, ActionFailed, 2},
		"failed, and the OK action worked": {[]Item{change(5), {At: at(6), Action: no}, back(20), {At: at(20), Action: ok}}, ActionFailed, 3},
		"no action yet":                    {[]Item{change(5)}, NoHistory, 1},
		"only the OK action":               {[]Item{change(5), back(20), {At: at(20), Action: ok}}, NoHistory, 2},
		"another change of state":          {[]Item{back(5), {At: at(5), Action: ok}}, NoHistory, 0},
		"nothing":                          {nil, NoHistory, 0},
	} {
		a := theAccount()
		p := Aim(a, []finding.Finding{findingOf("x", theLink)}, []catalog.Control{{ID: "x"}}, "cis-3.0.0")
		alarms, _ := a.Regions[0].Alarms.Got()
		s := &scripted{alarms: alarms, history: map[string][]Item{"a": tt.history}}
		rung, err := Ring(t.Context(), s, p.Targets, options())
		if err != nil || len(rung) != 1 || rung[0].Outcome != tt.want || len(rung[0].History) != tt.entries || !rung[0].Rung || len(s.set) != 1 {
			t.Errorf("%s: %+v, %v, %v", name, rung, err, s.set)
		}
	}
}

// TestReason keeps to the length that AWS takes.
func TestReason(t *testing.T) {
	target := Target{Texts: slices.Repeat([]string{"security-group-changes (CIS 4.10)"}, 100)}
	if n := len([]rune(target.reason("arn:aws:iam::111122223333:user/alice", "AAA-AAA"))); n != maxReason {
		t.Errorf("a reason of %d characters, want %d", n, maxReason)
	}
}

// TestDeliveries asks until there is an answer or the time is over.
func TestDeliveries(t *testing.T) {
	now, pauses := at(0), 0
	o := options()
	o.Now = func() time.Time { return now }
	o.Pause = func(_ context.Context, d time.Duration) error { now = now.Add(d); pauses++; return nil }
	rung := []Rung{{At: new(at(0)), Topics: []Sent{{Topic: topic, State: succeeded}, {Topic: "arn:aws:sns:eu-central-1:1:u", State: failed}}}}
	sums, err := Deliveries(t.Context(), &scripted{}, rung, 2*time.Minute, o)
	if err != nil || len(sums) != 0 || pauses != 4 {
		t.Errorf("no answer: %v, %v after %d pauses", sums, err, pauses)
	}
	sums, err = Deliveries(t.Context(), &scripted{sums: map[string]Delivery{"t": {Delivered: 2}}}, rung, time.Minute, o)
	if err != nil || !reflect.DeepEqual(sums, map[string]Delivery{topic: {Delivered: 2}}) || pauses != 4 {
		t.Errorf("an answer: %v, %v", sums, err)
	}
}

// TestOutcome: the worst that came of the alarms of a control is what came of it.
func TestOutcome(t *testing.T) {
	r := Receipt{Notify: true, Alarms: []Rung{{Alarm: "a", Outcome: Delivered}, {Alarm: "b", Outcome: NoHistory}, {Alarm: "c", Outcome: ActionFailed}}, Controls: []Control{
		{Alarms: []string{"a"}}, {Alarms: []string{"a", "b"}}, {Alarms: []string{"a", "b", "c"}}, {Alarms: []string{"a"}, Refused: []Remark{{Code: Silenced}}}, {Notes: []Remark{{Code: Rule}}},
	}}
	for _, asked := range []bool{false, true} {
		r.AckAsked = asked
		r.Conclude()
		var got []Code
		for _, c := range r.Controls {
			got = append(got, c.Outcome)
		}
		want := []Code{Delivered, NoHistory, ActionFailed, Silenced, Rule}
		if asked {
			want[0] = NotAcknowledged
		}
		if !slices.Equal(got, want) {
			t.Errorf("asked for codes %t: %v, want %v", asked, got, want)
		}
	}
	for _, code := range []Code{ActionFailed, NotRung, NoHistory, Changed, Elsewhere, OtherAction, InAlarm, Silenced, NoAlarm, Rule, NotAcknowledged, Delivered, Acknowledged} {
		if !slices.Contains(badness, code) {
			t.Errorf("%s has no place among outcomes", code)
		}
	}
}

// TestReceipt: a receipt is read back as it was written, and in no other form.
func TestReceipt(t *testing.T) {
	r := Receipt{Schema: Schema, Cloud: Cloud, ID: "0123456789abcdef", Notify: true, Alarms: []Rung{{Alarm: "a", Outcome: Delivered, CodeHash: hashCode("0123456789abcdef", "K7M-42Q")}}}
	data, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := ReadReceipt(data)
	if err != nil {
		t.Fatal(err)
	}
	again, err := back.Encode()
	if err != nil || string(again) != string(data) {
		t.Errorf("%v: written again\n%s\nwant\n%s", err, again, data)
	}
	if back.Acknowledge("K7M-42R", Ack{}) != nil || !slices.Equal(back.Acknowledge(" k7m42q", Ack{By: "x"}), []string{"a"}) || len(back.Waiting()) != 0 {
		t.Errorf("codes: %+v", back.Alarms)
	}
	for name, text := range map[string]string{
		"another outcome": strings.Replace(string(data), "drill-delivered", "drill-silenced", 1), "one more key": strings.Replace(string(data), "{", `{"x": 1,`, 1), "no sum": strings.Replace(string(data), back.SHA256, "", 1),
		"a key twice": strings.Replace(string(data), `"cloud": "aws",`, `"cloud": "aws", "cloud": "aws",`, 1), "another cloud": strings.Replace(string(data), `"aws"`, `"azure"`, 1), "blank at the end": string(data) + "\n", "nothing": "", "a list": "[]",
	} {
		if _, err := ReadReceipt([]byte(text)); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// TestCodes are of letters and digits that nobody confuses, and differ.
func TestCodes(t *testing.T) {
	form := regexp.MustCompile(`^[2-9A-HJKMNP-Z]{3}-[2-9A-HJKMNP-Z]{3}$`)
	seen := map[string]bool{}
	for range 1000 {
		code := newCode()
		if !form.MatchString(code) || seen[code] {
			t.Fatalf("code %s", code)
		}
		seen[code] = true
	}
}

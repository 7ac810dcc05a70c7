package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/drill"
	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/console"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// ownTopic and ownAlarm are what apply makes in the lab, phone who is alerted there.
const (
	ownTopic = "arn:aws:sns:eu-central-1:" + demoAccount + ":monitorctl-alerts"
	ownAlarm = "SecurityGroupConfigChangesAlarm"
	phone    = "+4915112345678"
	mail     = "security@example.com"
)

// newDrillLab is an account that is alerted to changes of security groups, in which time
// passes while a drill waits.
func newDrillLab(t *testing.T) *cmdLab {
	t.Helper()
	l := newCmdLab(t)
	l.healthy()
	_, err := l.region.Subscribe(awstest.SubscribeInput{TopicARN: ownTopic, Protocol: "email", Endpoint: mail})
	l.must(err)
	l.must(l.cloud.ConfirmEmail(mail))
	l.env.run.Pause = func(ctx context.Context, d time.Duration) error {
		l.cloud.Advance(d)
		return context.Cause(ctx)
	}
	l.cloud.ForgetStory()
	l.cloud.ResetCalls()
	return l
}

// drill runs a drill and returns the receipt on its standard output.
func (l *cmdLab) drill(code int, args ...string) drill.Receipt {
	l.t.Helper()
	r := l.want(code, append([]string{"drill", "-o", "json"}, args...)...)
	receipt, err := drill.ReadReceipt([]byte(r.out))
	if err != nil {
		l.t.Fatalf("reading the receipt: %v\n%s", err, r.all())
	}
	return receipt
}

// drilled is what a receipt says of a control.
func drilled(r drill.Receipt, control string) drill.Code {
	i := slices.IndexFunc(r.Controls, func(c drill.Control) bool { return c.ID == control })
	if i < 0 {
		return ""
	}
	return r.Controls[i].Outcome
}

// TestDrillReads: without --notify AWS is asked about patterns, and nothing else happens.
func TestDrillReads(t *testing.T) {
	l := newDrillLab(t)
	r := l.drill(exit.Done, "--set", "cis")
	if len(r.Filters) != 15 || r.Engine() != drill.Agree || r.Notify || len(r.Alarms) != 0 || r.Snapshot == "" {
		t.Errorf("%d filters, %s: %+v", len(r.Filters), r.Engine(), r)
	}
	for _, f := range r.Filters {
		if f.Sent == 0 || f.Matched != f.Sent || f.Everyday == 0 || f.Noise != 0 {
			t.Errorf("%s: %d of %d match, and %d of %d everyday events", f.Control, f.Matched, f.Sent, f.Noise, f.Everyday)
		}
		if own := strings.HasSuffix(f.Filter, ":metric-filter:SecurityGroupConfigChanges"); own != (f.Control == "security-group-changes") {
			t.Errorf("%s: filter %q", f.Control, f.Filter)
		}
	}
	if n := l.cloud.CallCounts()["logs:TestMetricFilter"]; n != 15 {
		t.Errorf("%d calls for 15 filters of at most 50 records", n)
	}
	if w := l.writes(); len(w) > 0 || len(l.cloud.Inboxes()) > 0 {
		t.Errorf("a drill without --notify made %v, and sent %v", w, l.cloud.Inboxes())
	}
}

// TestDrillNotVerified: an answer that AWS does not give is no agreement.
func TestDrillNotVerified(t *testing.T) {
	l := newDrillLab(t)
	l.cloud.Deny("logs:TestMetricFilter")
	r := l.want(exit.Failed, "drill", "security-group-changes")
	if !strings.Contains(r.out, "not-verified") || !strings.Contains(r.err, "logs:TestMetricFilter") {
		t.Errorf("a denied call: %s", r.all())
	}
	l.cloud.AllowAll()
	l.cloud.Fault(awstest.Fault{Operation: "logs:TestMetricFilter", Kind: awstest.ErrorCode, Code: "InvalidParameterException", Times: 1})
	r = l.want(exit.Failed, "drill", "security-group-changes")
	if !strings.Contains(r.out, "ours-only") || !strings.Contains(r.out, "AWS refuses the pattern") || !strings.Contains(r.err, "engine-differs") {
		t.Errorf("a pattern that AWS refuses: %s", r.all())
	}
}

// TestDrillPattern tries a pattern on records of the user's own, in batches.
func TestDrillPattern(t *testing.T) {
	l := newDrillLab(t)
	file := filepath.Join(t.TempDir(), "events.jsonl")
	l.must(os.WriteFile(file, []byte(strings.Repeat("{\"eventName\":\"A\"}\n{\"eventName\":\"B\"}\n", 60)), 0o600))
	r := l.drill(exit.Done, "--pattern", "{ $.eventName = A }", "--file", file)
	if len(r.Filters) != 1 || r.Filters[0].Sent != 120 || r.Filters[0].Matched != 60 || len(r.Controls) != 0 || r.Records.Read != 120 {
		t.Errorf("%+v", r)
	}
	if n := l.cloud.CallCounts()["logs:TestMetricFilter"]; n != 3 {
		t.Errorf("%d calls for 120 records", n)
	}
	l.want(exit.WrongUsage, "drill", "--pattern", "{ $.eventName = }", "--file", file)
	l.want(exit.WrongUsage, "drill", "root-usage", "--pattern", "{ $.eventName = A }", "--file", file)
	l.want(exit.Failed, "drill", "--pattern", "{ $.eventName = A }", "--file", file+".missing")
}

var codeInMessage = regexp.MustCompile(`Code ([0-9A-Z]{3}-[0-9A-Z]{3})\.`)

// TestDrillRings: "delivered" means that the message is in the inbox, and who types its
// code has read it.
func TestDrillRings(t *testing.T) {
	l := newDrillLab(t)
	file := filepath.Join(t.TempDir(), "receipt.json")
	r := l.want(exit.Done, "drill", "security-group-changes", "--notify", "--yes", "--wait", "10m", "--receipt", file, "--external-id", "geheim")
	inbox := l.cloud.Inbox(mail)
	if len(inbox) != 1 || len(l.cloud.Inbox(phone)) != 1 || !strings.Contains(inbox[0].Body, "DRILL by monitorctl, requested by arn:aws:iam::"+demoAccount+":user/tester. No action is needed.") ||
		!strings.Contains(inbox[0].Body, "Control security-group-changes (CIS ") {
		t.Fatalf("inbox: %+v", inbox)
	}
	code := codeInMessage.FindStringSubmatch(inbox[0].Body)[1]
	text, err := os.ReadFile(file)
	l.must(err)
	for _, secret := range []string{code, strings.ReplaceAll(code, "-", ""), mail, phone, "geheim"} {
		if strings.Contains(string(text), secret) || strings.Contains(r.all(), secret) {
			t.Errorf("the receipt or the output holds %s:\n%s\n%s", secret, r.all(), text)
		}
	}
	receipt, err := drill.ReadReceipt(text)
	l.must(err)
	rung := receipt.Alarms[0]
	if drilled(receipt, "security-group-changes") != drill.Delivered || rung.Before == "ALARM" || len(rung.History) < 2 || rung.At == nil || rung.Topics[0].State != "Succeeded" {
		t.Errorf("%+v", receipt)
	}
	if len(receipt.Counts) != 1 || receipt.Counts[0].Delivered != 2 {
		t.Errorf("SNS counted %+v", receipt.Counts)
	}
	l.cloud.Advance(10 * time.Minute)
	if state := l.region.AlarmState(ownAlarm); state == "ALARM" {
		t.Errorf("the alarm stays in %s", state)
	}

	l.want(exit.WrongUsage, "drill", "ack", "--receipt", file)
	l.want(exit.WrongUsage, "drill", "ack", code)
	if r := l.want(exit.Failed, "drill", "ack", "AAA-AAA", "--receipt", file); !strings.Contains(r.err, "has the code AAA-AAA") {
		t.Errorf("a wrong code: %s", r.all())
	}
	l.want(exit.Done, "drill", "ack", strings.ToLower(code), "--receipt", file)
	text, err = os.ReadFile(file)
	l.must(err)
	receipt, err = drill.ReadReceipt(text)
	l.must(err)
	if a := receipt.Alarms[0].Ack; drilled(receipt, "security-group-changes") != drill.Acknowledged || a == nil || !strings.Contains(a.How, "user/tester") {
		t.Errorf("after the code: %+v", receipt.Controls)
	}
	l.must(os.WriteFile(file, bytes.Replace(text, []byte(`"drill-acknowledged"`), []byte(`"drill-delivered"`), 1), 0o600))
	if r := l.want(exit.Failed, "drill", "ack", code, "--receipt", file); !strings.Contains(r.err, "it was changed after it was written") {
		t.Errorf("a receipt that was changed: %s", r.all())
	}
}

// TestDrillAsksForCodes takes codes at the terminal until all are typed.
func TestDrillAsksForCodes(t *testing.T) {
	l := newDrillLab(t)
	receipt := l.drill(exit.Done, "security-group-changes", "--notify", "--yes")
	code := codeInMessage.FindStringSubmatch(l.cloud.Inbox(mail)[0].Body)[1]
	for typed, want := range map[string]bool{"no\n" + code + "\n": true, "no\n\n": false, "": false} {
		r := receipt
		r.Alarms = slices.Clone(receipt.Alarms)
		e := l.env.at(&bytes.Buffer{}, &bytes.Buffer{})
		e.Console = console.New(context.Background(), strings.NewReader(typed), &bytes.Buffer{}, &bytes.Buffer{}, nil)
		if err := e.askCodes(&r); err != nil || (r.Alarms[0].Ack != nil) != want {
			t.Errorf("typed %q: %v, %+v", typed, err, r.Alarms[0].Ack)
		}
	}
}

// TestDrillFails: what CloudWatch says of the action decides, and the inbox agrees.
func TestDrillFails(t *testing.T) {
	l := newDrillLab(t)
	_, key := l.region.CreateKey(awstest.KeyOptions{Policy: `{"Version":"2012-10-17","Statement":[]}`})
	l.must(l.region.SetTopicAttribute(ownTopic, "KmsMasterKeyId", key))
	r := l.drill(exit.ControlsFailed, "security-group-changes", "--notify", "--yes")
	if drilled(r, "security-group-changes") != drill.ActionFailed || !strings.Contains(r.Alarms[0].Detail, "cannot be used") || len(l.cloud.Inboxes()) > 0 {
		t.Errorf("a key that alarms cannot use: %+v, inboxes %v", r.Alarms, l.cloud.Inboxes())
	}
}

// TestDrillLeavesOut: what would do more than send messages, or nothing, is not rung.
func TestDrillLeavesOut(t *testing.T) {
	for name, tt := range map[string]struct {
		code    int
		outcome drill.Code
		set     func(l *cmdLab) error
	}{
		"in alarm": {exit.Failed, drill.InAlarm, func(l *cmdLab) error { return l.region.SetAlarmState(ownAlarm, "ALARM", "x") }},
		"muted": {exit.Failed, drill.Silenced, func(l *cmdLab) error {
			return l.region.PutAlarmMuteRule(awstest.PutAlarmMuteRuleInput{Name: "all", MuteTargets: &awstest.MuteTargets{AlarmNames: []string{ownAlarm}},
				Rule: &awstest.MuteRule{Schedule: awstest.MuteSchedule{Expression: "cron(0 * * * *)", Duration: "PT1H"}}})
		}},
		"actions off": {exit.Failed, drill.Silenced, func(l *cmdLab) error { return l.region.DisableAlarmActions(ownAlarm) }},
		"another action": {exit.Failed, drill.OtherAction, func(l *cmdLab) error {
			return l.put(func(a *awstest.PutMetricAlarmInput) { a.OKActions = []string{"arn:aws:automate:eu-central-1:ec2:stop"} })
		}},
		"another action of a composite alarm": {exit.Failed, drill.OtherAction, func(l *cmdLab) error {
			return l.region.PutCompositeAlarm(awstest.PutCompositeAlarmInput{AlarmName: "both", AlarmRule: `ALARM("` + ownAlarm + `") AND ALARM("cpu")`,
				AlarmActions: []string{"arn:aws:lambda:eu-central-1:" + demoAccount + ":function:stop"}})
		}},
		"no alarm": {exit.ControlsFailed, drill.NoAlarm, func(l *cmdLab) error { return l.region.DeleteAlarms(ownAlarm) }},
	} {
		t.Run(name, func(t *testing.T) {
			l := newDrillLab(t)
			l.must(tt.set(l))
			l.cloud.ForgetStory()
			l.cloud.ResetCalls()
			r := l.drill(tt.code, "security-group-changes", "--notify", "--yes")
			if got := drilled(r, "security-group-changes"); got != tt.outcome || l.cloud.CallCounts()["cloudwatch:SetAlarmState"] > 0 || len(l.cloud.Inboxes()) > 0 {
				t.Errorf("%s, want %s; calls %v, inboxes %v, %+v", got, tt.outcome, l.cloud.CallCounts(), l.cloud.Inboxes(), r.Controls)
			}
		})
	}
}

// put writes our alarm again, with changes.
func (l *cmdLab) put(change func(*awstest.PutMetricAlarmInput)) error {
	one := 1.0
	in := awstest.PutMetricAlarmInput{
		AlarmName: ownAlarm, MetricName: "SecurityGroupEventCount", Namespace: "CloudTrailMetrics", Statistic: "Sum", Period: 300, EvaluationPeriods: 1,
		Threshold: &one, ComparisonOperator: "GreaterThanOrEqualToThreshold", TreatMissingData: "notBreaching", AlarmActions: []string{ownTopic},
	}
	change(&in)
	return l.region.PutMetricAlarm(in)
}

// TestDrillComposite rings the alarm below a composite alarm, and hears the composite one.
func TestDrillComposite(t *testing.T) {
	l := newDrillLab(t)
	l.must(l.put(func(a *awstest.PutMetricAlarmInput) { a.AlarmActions = nil }))
	l.must(l.region.PutCompositeAlarm(awstest.PutCompositeAlarmInput{AlarmName: "any", AlarmRule: `ALARM("` + ownAlarm + `")`, AlarmActions: []string{ownTopic}}))
	l.cloud.Advance(5 * time.Minute)
	l.cloud.ForgetStory()
	r := l.drill(exit.Done, "security-group-changes", "--notify", "--yes")
	if drilled(r, "security-group-changes") != drill.Delivered || len(l.cloud.Inbox(mail)) != 1 || l.cloud.Inbox(mail)[0].Alarm != "any" {
		t.Errorf("%+v; inbox %+v", r.Alarms, l.cloud.Inbox(mail))
	}
	if n := r.Controls[0].Notes; len(n) != 1 || n[0].Code != drill.Composite {
		t.Errorf("notes %+v", n)
	}
}

// TestDrillPartial: a chain that is broken before the alarm is rung, and the receipt says
// what that proves.
func TestDrillPartial(t *testing.T) {
	l := newDrillLab(t)
	l.must(l.region.StopLogging("org-trail"))
	r := l.drill(exit.Done, "security-group-changes", "--notify", "--yes")
	if n := r.Controls[0].Notes; len(n) != 1 || n[0].Code != drill.Partial || !strings.HasPrefix(n[0].Text, "proves alarm to topic; ") || len(l.cloud.Inbox(mail)) != 1 {
		t.Errorf("%+v", r.Controls)
	}
}

// TestDrillChanged: an alarm that got another action while the question stood is not rung.
func TestDrillChanged(t *testing.T) {
	l := newDrillLab(t)
	l.want(exit.Done, "apply", "nacl-changes", "--yes")
	l.cloud.ForgetStory()
	l.cloud.ResetCalls()
	l.env.run.Pause = func(context.Context, time.Duration) error { // after the first alarm
		return l.put(func(a *awstest.PutMetricAlarmInput) { a.OKActions = []string{"arn:aws:automate:eu-central-1:ec2:stop"} })
	}
	r := l.drill(exit.Failed, "security-group-changes", "nacl-changes", "--notify", "--yes")
	if drilled(r, "security-group-changes") != drill.Changed || drilled(r, "nacl-changes") != drill.Delivered || l.cloud.CallCounts()["cloudwatch:SetAlarmState"] != 1 {
		t.Errorf("%+v", r.Controls)
	}
}

// TestDrillStopped: a drill that ends early says what was rung.
func TestDrillStopped(t *testing.T) {
	l := newDrillLab(t)
	l.want(exit.Done, "apply", "nacl-changes", "--yes")
	l.cloud.ForgetStory()
	l.env.run.Pause = func(context.Context, time.Duration) error { return &stopError{"interrupted (interrupt)"} }
	r := l.drill(exit.Failed, "security-group-changes", "nacl-changes", "--notify", "--yes") // Main makes 130 of it
	if !r.Interrupted || r.Failure == "" || len(r.Alarms) != 2 || !r.Alarms[0].Rung || r.Alarms[1].Rung || r.Alarms[1].Outcome != drill.NotRung {
		t.Errorf("%+v", r)
	}
	l.cloud.Deny("cloudwatch:SetAlarmState")
	res := l.want(exit.Failed, "drill", "security-group-changes", "--notify", "--yes")
	if !strings.Contains(res.err, "cloudwatch:SetAlarmState") || !strings.Contains(res.out, "drill-not-rung") {
		t.Errorf("a denied call: %s", res.all())
	}
}

// TestDrillPermissions: the policy that is printed for a drill is enough for it, and each of
// its actions beyond an audit's is needed.
func TestDrillPermissions(t *testing.T) {
	l := newDrillLab(t)
	command := []string{"drill", "security-group-changes", "--notify", "--yes", "--wait", "10m"}
	policy := l.permissionsFor("drill", "security-group-changes", "--notify")
	audit := l.permissionsFor("audit", "security-group-changes").actions()
	l.allow(policy, "")
	l.want(exit.Done, command...)
	for _, action := range policy.actions() {
		if slices.Contains(audit, action) && action != "cloudwatch:DescribeAlarmHistory" {
			continue
		}
		l.cloud.Advance(time.Hour)
		l.allow(policy, action)
		if r := l.run(command...); r.code != exit.Failed || !strings.Contains(r.err, action) {
			t.Errorf("without %s: exit %d\n%s", action, r.code, r.all())
		}
	}
	if slices.Contains(l.permissionsFor("drill", "security-group-changes").actions(), "cloudwatch:SetAlarmState") {
		t.Error("a drill without --notify may ring alarms")
	}
}

// TestDrillQuestion: who is asked sees what will ring, and whom.
func TestDrillQuestion(t *testing.T) {
	l := newDrillLab(t)
	e := l.env.at(&bytes.Buffer{}, &bytes.Buffer{})
	var errs bytes.Buffer
	for typed, sent := range map[string]bool{"drill\n": true, "yes\n": false, "": false} {
		e.Console = console.New(context.Background(), strings.NewReader(typed), &bytes.Buffer{}, &errs, nil)
		if err := e.agrees("Ring?"); (err == nil) != sent {
			t.Errorf("typed %q: %v", typed, err)
		}
	}
	if !strings.Contains(errs.String(), "Only the word 'drill' is accepted") {
		t.Errorf("asked %s", errs.String())
	}
}

// TestReceiptIsJSON: other programs read the receipt as it is.
func TestReceiptIsJSON(t *testing.T) {
	l := newDrillLab(t)
	r := l.want(exit.Done, "drill", "security-group-changes", "-o", "json")
	var object map[string]any
	if err := json.Unmarshal([]byte(r.out), &object); err != nil || object["schema"] != "monitorctl/drill/v1" || object["cloud"] != "aws" {
		t.Errorf("%v: %s", err, r.out)
	}
}

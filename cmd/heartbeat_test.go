package cmd

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
)

const silent = "CloudTrailDeliverySilent"

// TestHeartbeat: an account whose trail stops is silent for good, and someone is told,
// once, and again when events come.
func TestHeartbeat(t *testing.T) {
	l := newCmdLab(t)
	l.cloud.Advance(time.Hour)
	wished := []string{"security-group-changes", "--heartbeat", "--subscribe", "sms:" + phone}
	if r := l.want(exit.ControlsFailed, "audit", "trail-delivery-silence"); !strings.Contains(r.out, "heartbeat none") || !strings.Contains(r.out, "no alarm would notice that log group /aws/cloudtrail/acme no longer gets events") {
		t.Errorf("without a heartbeat: %s", r.all())
	}
	if r := l.want(exit.Done, append([]string{"plan"}, wished...)...); !strings.Contains(r.out, "trail-delivery-silence  -     FAIL  PASS") || strings.Contains(r.out, "will ring") {
		t.Errorf("plan: %s", r.all())
	}
	l.want(exit.Done, append([]string{"apply", "--yes"}, wished...)...)
	if r := l.want(exit.Done, "audit", "trail-delivery-silence"); !strings.Contains(r.out, "heartbeat "+silent) {
		t.Errorf("with a heartbeat: %s", r.all())
	}
	l.cloud.Advance(24 * time.Hour)
	if state := l.region.AlarmState(silent); state != awstest.StateOK {
		t.Errorf("a trail that delivers: %s", state)
	}
	l.cloud.ForgetStory()
	l.must(l.region.StopLogging("org-trail"))
	l.cloud.Advance(5 * time.Hour)
	if len(l.cloud.Inbox(phone)) > 0 {
		t.Errorf("five hours of silence: %v", l.cloud.Inbox(phone))
	}
	l.cloud.Advance(4 * time.Hour) // CloudWatch looks back a little further than asked
	l.must(l.region.StartLogging("org-trail"))
	l.cloud.Advance(2 * time.Hour)
	var states []string
	for _, m := range l.cloud.Inbox(phone) {
		states = append(states, m.Alarm+" "+m.State)
	}
	if want := []string{silent + " ALARM", silent + " OK"}; !slices.Equal(states, want) {
		t.Errorf("told %v, want %v", states, want)
	}
}

// TestHeartbeatIsKept: the alarm is drawn again, seen when edited, and removed as others of
// ours are.
func TestHeartbeatIsKept(t *testing.T) {
	l := newCmdLab(t)
	l.cloud.Advance(time.Hour)
	journal := filepath.Join(t.TempDir(), "journal")
	l.want(exit.Done, "apply", "--yes", "security-group-changes", "--subscribe", "sms:"+phone)
	before := l.account()
	l.want(exit.Done, "apply", "--yes", "security-group-changes", "--heartbeat", "--journal", journal)
	again := []string{"plan", "security-group-changes", "--heartbeat", "--exit-code"}
	if r := l.want(exit.Done, again...); !strings.Contains(r.out, "Nothing to do") {
		t.Errorf("a second run: %s", r.all())
	}
	l.want(exit.Done, "undo", journal, "--yes")
	if after := l.account(); after != before {
		t.Errorf("undo leaves\n%s\nwant\n%s", after, before)
	}
	l.want(exit.Done, "apply", "--yes", "security-group-changes", "--heartbeat")
	l.must(l.region.PutMetricAlarm(l.edited()))
	if r := l.want(exit.Done, again[:3]...); !strings.Contains(r.out, silent) || !strings.Contains(r.out, "missing") {
		t.Errorf("an edited heartbeat: %s", r.all())
	}
	if r := l.want(exit.Failed, "destroy", "--yes"); !strings.Contains(r.all(), "it was edited") || l.region.AlarmState(silent) == "" {
		t.Errorf("destroy of an edited heartbeat: %s", r.all())
	}
	l.want(exit.Done, "apply", "--yes", "security-group-changes", "--heartbeat", "--replace", silent, "--subscribe", "sms:"+phone)
	l.want(exit.Done, "destroy", "--yes")
	if l.region.AlarmState(silent) != "" {
		t.Error("destroy leaves the heartbeat")
	}
}

// edited is the heartbeat with missing data treated as everything being well.
func (l *cmdLab) edited() awstest.PutMetricAlarmInput {
	one := 1.0
	return awstest.PutMetricAlarmInput{
		AlarmName: silent, AlarmDescription: "x", Namespace: "AWS/Logs", MetricName: "IncomingLogEvents", Dimensions: []awstest.Dimension{{Name: "LogGroupName", Value: demoGroup}},
		Statistic: "Sum", Period: 3600, EvaluationPeriods: 6, DatapointsToAlarm: 6, Threshold: &one, ComparisonOperator: "LessThanThreshold", TreatMissingData: "notBreaching",
		AlarmActions: []string{ownTopic}, OKActions: []string{ownTopic},
	}
}

// TestHeartbeatWishes: hours and topic come from the configuration, the flag has the last
// word, and a saved plan keeps them.
func TestHeartbeatWishes(t *testing.T) {
	l := newCmdLab(t)
	dir := t.TempDir()
	conf, saved := filepath.Join(dir, "monitorctl.yaml"), filepath.Join(dir, "plan.json")
	l.must(os.WriteFile(conf, []byte("notify: {subscribe: ['sms:"+phone+"']}\nheartbeat: {hours: 12, topic: silence}\n"), 0o600))
	r := l.want(exit.Done, "plan", "security-group-changes", "--config", conf, "--save", saved)
	if !strings.Contains(r.out, "12 of 12 periods") || !strings.Contains(r.out, "+ topic silence") || !strings.Contains(r.out, "alarm "+silent+" will ring until trail org-trail delivers for the first time") {
		t.Errorf("plan: %s", r.all())
	}
	if r := l.want(exit.Done, "plan", "security-group-changes", "--config", conf, "--heartbeat=false"); strings.Contains(r.out, silent) {
		t.Errorf("--heartbeat=false: %s", r.all())
	}
	l.want(exit.Done, "apply", "--plan", saved, "--config", conf, "--yes")
	if r := l.want(exit.Done, "audit", "trail-delivery-silence"); !strings.Contains(r.out, "heartbeat "+silent) {
		t.Errorf("audit: %s", r.all())
	}
	l.want(exit.WrongUsage, "plan", "--heartbeat", "--transport", "eventbridge")
	l.allow(l.permissionsFor("undo", "security-group-changes", "trail-delivery-silence", "--config", conf), "")
	l.want(exit.Done, "destroy", "security-group-changes", "trail-delivery-silence", "--yes")
	l.allow(l.permissionsFor("apply", "security-group-changes", "--config", conf), "")
	l.want(exit.Done, "apply", "security-group-changes", "--config", conf, "--yes")
}

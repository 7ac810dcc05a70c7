package cmd

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// alarmsApply is an apply of filters and alarms whose state rules hand to a webhook and two
// ticket systems.
func alarmsApply(desk, journal string) []string {
	args := []string{"apply", "security-group-changes", "--subscribe", hookForm, "--subscribe", "servicenow:env:ACME_TICKETS", "--subscribe", "zendesk:file:" + desk, "--yes", "--quiet"}
	if journal != "" {
		args = append(args, "--journal", journal)
	}
	return args
}

// credentialsOf sets the secrets of alarmsApply, and returns the file of one.
func credentialsOf(t *testing.T) string {
	t.Helper()
	t.Setenv("ACME_TICKETS", ticketLogin)
	desk := filepath.Join(t.TempDir(), "desk")
	if err := os.WriteFile(desk, []byte(deskLogin+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return desk
}

// TestAlarmRulesDeliver lets rules on the state of an alarm call subscribers that no topic
// reaches: each reads which alarm, where and when; and takes all of it back.
func TestAlarmRulesDeliver(t *testing.T) {
	desk, journal := credentialsOf(t), filepath.Join(t.TempDir(), "journal")
	l := newCmdLab(t)
	apply := alarmsApply(desk, journal)
	r := l.want(exit.Done, apply...)
	if strings.Contains(r.all(), "the plan predicted") {
		t.Errorf("not as predicted:\n%s", r.all())
	}
	wishes := apply[1 : len(apply)-4]
	l.want(exit.Done, append([]string{"plan", "--exit-code"}, wishes...)...)
	l.want(exit.Done, "audit", "security-group-changes")
	l.want(exit.ControlsFailed, "audit", "security-group-changes", "--transport", "metric") // no topic has a subscriber

	l.emitDeletion()
	l.cloud.Advance(10 * time.Minute) // the record reaches the log group, and the alarm its period
	for url, member := range map[string]string{
		"https://hooks.slack.com/services/T0/B0/x":            "text",
		"https://acme.service-now.com/api/now/table/incident": "description",
		"https://acme.zendesk.com/api/v2/tickets.json":        "ticket",
	} {
		got := l.cloud.Inbox(url)
		var body map[string]any
		if len(got) != 1 || json.Unmarshal([]byte(got[0].Body), &body) != nil {
			t.Fatalf("%s got %+v, want one JSON object", url, got)
		}
		text := fmt.Sprint(body[member])
		for _, word := range []string{"alarm SecurityGroupConfigChangesAlarm is in ALARM in " + demoAccount + "/" + demoRegion, "#alarmsV2:alarm/SecurityGroupConfigChangesAlarm"} {
			if !strings.Contains(text, word) {
				t.Errorf("%s: %q is not said: %s", url, word, text)
			}
		}
	}

	// Someone switches the rule off: it is shown, and restored when it is named.
	const rule = "monitorctl-security-group-changes-alarm"
	_, err := l.region.PutRule(awstest.PutRuleInput{Name: rule, EventPattern: `{"source":["aws.ec2"]}`, State: "DISABLED"})
	l.must(err)
	if r := l.want(exit.Done, append([]string{"plan"}, wishes...)...); !strings.Contains(r.out, "--replace "+rule+" restores it") {
		t.Errorf("an edited rule:\n%s", r.out)
	}
	l.want(exit.Done, append([]string{"apply", "--yes", "--replace", rule}, wishes...)...)
	l.want(exit.Done, "audit", "security-group-changes")
	l.want(exit.Done, "destroy", "--yes")
	if left := l.account(); strings.Contains(left, ":rule/monitorctl-") || strings.Contains(left, ":api-destination/") || strings.Contains(left, ":alarm:") {
		t.Errorf("after destroy:\n%s", left)
	}
}

// TestAlarmRulesTransport holds the rules on alarms beside those on events: with the latter
// nobody needs the former, and destroy of one transport leaves those of the other.
func TestAlarmRulesTransport(t *testing.T) {
	l := newCmdLab(t)
	l.want(exit.Done, "apply", "security-group-changes", "--subscribe", hookForm, "--yes", "--transport", "eventbridge")
	byRules := l.account()
	r := l.want(exit.ControlsFailed, "apply", "security-group-changes", "--subscribe", hookForm, "--yes", "--transport", "metric")
	if !strings.Contains(r.all(), "'--transport metric' does not count") {
		t.Errorf("by alarms:\n%s", r.all())
	}
	if n := strings.Count(l.account(), "security-group-changes-alarm\""); n == 0 {
		t.Error("there is no rule on the alarm")
	}
	l.want(exit.Done, "destroy", "--yes", "--transport", "metric")
	if d := cmp.Diff(byRules, l.account()); d != "" {
		t.Errorf("account (-by rules alone +without alarms):\n%s", d)
	}
	if strings.Contains(l.want(exit.Done, "plan", "--transport", "both", "nacl-changes", "--subscribe", hookForm).out, "nacl-changes-alarm") {
		t.Error("both transports have a rule on the alarm, too")
	}
}

// TestAlarmRulesKilled kills an apply at each write that only such rules need. The next one
// brings the account to where an undisturbed one does, and the journal leads back.
func TestAlarmRulesKilled(t *testing.T) {
	skipWithoutKill(t)
	args := func(journal string) []string {
		return []string{"apply", "security-group-changes", "--subscribe", hookForm, "--yes", "--quiet", "--journal", journal}
	}
	clean := newCmdLab(t)
	before := clean.account()
	clean.want(exit.Done, args(filepath.Join(t.TempDir(), "journal"))...)
	writes, want := clean.writes(), clean.account()
	first := slices.Index(writes, "iam:CreateRole")
	if first < 0 || len(writes)-first < 6 {
		t.Fatalf("writes %v", writes)
	}
	for n := first; n < len(writes); n++ {
		late := n%2 == 0
		l, journal := newCmdLab(t), filepath.Join(t.TempDir(), "journal")
		l.killCommand(args(journal), n, late)
		l.want(exit.Done, args(journal)...)
		if d := cmp.Diff(want, l.account()); d != "" {
			t.Errorf("%s, done %v (-undisturbed +killed):\n%s", writes[n], late, d)
		}
		l.want(exit.Done, "undo", "--yes", journal)
		if d := cmp.Diff(before, l.account()); d != "" {
			t.Errorf("%s, done %v (-before +undone):\n%s", writes[n], late, d)
		}
	}
}

// TestAlarmRulesPermissions applies and takes back with just the printed policies.
func TestAlarmRulesPermissions(t *testing.T) {
	l, journal := newCmdLab(t), filepath.Join(t.TempDir(), "journal")
	before := l.account()
	wishes := []string{"security-group-changes", "--subscribe", hookForm}
	scoped := l.permissionsFor(append([]string{"apply", "--scoped"}, wishes...)...)
	removal := l.permissionsFor(append([]string{"undo"}, wishes...)...)
	l.allow(scoped, "")
	l.want(exit.Done, append([]string{"apply", "--yes", "--journal", journal}, wishes...)...)
	for _, s := range scoped.Statement {
		if slices.Contains(s.Action, "events:PutRule") && (len(s.Resource) != 1 || !strings.HasSuffix(s.Resource[0], ":rule/monitorctl-security-group-changes-alarm")) {
			t.Errorf("rules that may be written: %v", s.Resource)
		}
	}
	l.allow(removal, "")
	l.want(exit.Done, "undo", "--yes", journal)
	if d := cmp.Diff(before, l.account()); d != "" {
		t.Errorf("account (-before +undone):\n%s", d)
	}
}

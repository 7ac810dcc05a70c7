package cmd

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// rulesApply is an apply of rules at home, a forwarder of the other region, roles, a
// topic, and a webhook with its connection: every kind of write of the transport.
func rulesApply(journal string, more ...string) []string {
	args := append([]string{"apply", "security-group-changes", "--transport", "eventbridge", "--subscribe", "email:security@example.com", "--subscribe", hookForm, "--yes", "--quiet"}, more...)
	if journal != "" {
		args = append(args, "--journal", journal)
	}
	return args
}

// hookForm is a webhook that rules call.
const hookForm = "webhook:https://hooks.slack.com/services/T0/B0/x"

// TestRulesOfEveryControl applies all controls of CIS by rules, in both layouts and
// beside filters: every one passes by rules afterwards, as predicted, and a second
// plan is empty.
func TestRulesOfEveryControl(t *testing.T) {
	for _, args := range [][]string{
		{"--set", "cis", "--transport", "eventbridge"},
		{"--set", "core", "--transport", "eventbridge", "--per-region", "--complete"},
		{"--set", "core", "--transport", "both"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			l := newCmdLab(t)
			before := l.account()
			args := append(args, "--subscribe", "sms:+4915112345678")
			r := l.want(exit.Done, append([]string{"apply", "--yes"}, args...)...)
			if strings.Contains(r.all(), "the plan predicted") {
				t.Errorf("not as predicted:\n%s", r.all())
			}
			l.want(exit.Done, append([]string{"plan", "--exit-code"}, args...)...)
			for _, v := range verdicts(t, l.want(exit.Done, "audit", args[0], args[1], "--transport", "eventbridge", "-o", "json")) {
				if v.Status != "pass" {
					t.Errorf("%s: %s by rules: %+v", v.Control, v.Status, v.Reasons)
				}
			}
			code := exit.ControlsFailed
			if slices.Contains(args, "both") {
				code = exit.Done
			}
			l.want(code, "audit", args[0], args[1], "--transport", "metric")
			l.want(exit.Done, "destroy", "--yes")
			if d := cmp.Diff(before, l.account()); d != "" {
				t.Errorf("account (-before +destroyed):\n%s", d)
			}
		})
	}
}

// TestRulesDeliver applies rules and lets someone change a security group at home and
// elsewhere: who is subscribed reads who did what, where.
func TestRulesDeliver(t *testing.T) {
	l := newCmdLab(t)
	l.want(exit.Done, "apply", "security-group-changes", "--transport", "eventbridge", "--subscribe", "sms:+4915112345678", "--yes", "--quiet")
	for _, region := range []string{demoRegion, "us-east-1"} {
		_, err := l.cloud.Emit(demoAccount, region, []byte(fmt.Sprintf(`{"eventVersion":"1.08","eventSource":"ec2.amazonaws.com","eventName":"DeleteSecurityGroup","eventType":"AwsApiCall",`+
			`"awsRegion":%q,"eventTime":"2026-01-01T00:00:00Z","readOnly":false,"managementEvent":true,"eventCategory":"Management","eventID":"e-1","recipientAccountId":%q,"sourceIPAddress":"192.0.2.7",`+
			`"userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/jane","accountId":"111122223333"}}`, region, demoAccount)))
		l.must(err)
	}
	l.cloud.Advance(time.Minute)
	got := l.cloud.Inbox("+4915112345678")
	if len(got) != 2 {
		t.Fatalf("%d messages, want one from each region: %+v", len(got), got)
	}
	for i, region := range []string{demoRegion, "us-east-1"} {
		if want := "monitorctl: DeleteSecurityGroup by arn:aws:iam::111122223333:user/jane in " + demoAccount + "/" + region + " from 192.0.2.7 at 2026-01-01T00:00:00Z"; !strings.HasPrefix(got[i].Body, `"`+want) && !strings.HasPrefix(got[i].Body, want) {
			t.Errorf("message %d to a phone is\n%s\nwant %s", i+1, got[i].Body, want)
		}
	}

	// Someone with a mailbox joins: the text becomes that of mail, and nobody edited it.
	wishes := []string{"security-group-changes", "--transport", "eventbridge", "--subscribe", "email:" + mail, "--subscribe", "sms:" + phone}
	if r := l.want(exit.Done, append([]string{"plan"}, wishes...)...); !strings.Contains(r.out, "~ target topic of rule") || !strings.Contains(r.out, "its message is for other subscribers") {
		t.Errorf("with a mailbox:\n%s", r.out)
	}
	l.want(exit.Done, append([]string{"apply", "--yes"}, wishes...)...)
	l.want(exit.Done, append([]string{"plan", "--exit-code"}, wishes...)...)
	l.emitDeletion()
	got = l.cloud.Inbox(phone)
	for _, text := range []string{"Security group changes", "What:     DeleteSecurityGroup (ec2.amazonaws.com)", "Who:      IAMUser arn:aws:iam::111122223333:user/jane", "region " + demoRegion, "From:     192.0.2.7"} {
		if len(got) != 3 || !strings.Contains(got[2].Body, text) {
			t.Errorf("the text of mail lacks %q:\n%+v", text, got)
		}
	}
}

// TestRulesSaved carries out a saved plan of rules, and refuses it when a rule has
// appeared, or was edited, since.
func TestRulesSaved(t *testing.T) {
	file := filepath.Join(t.TempDir(), "plan.json")
	save := []string{"plan", "security-group-changes", "--transport", "eventbridge", "--subscribe", "sms:+4915112345678", "--save", file}
	l := newCmdLab(t)
	l.want(exit.Done, save...)
	l.want(exit.WrongUsage, "apply", "--plan", file, "--yes", "--transport", "metric")
	l.want(exit.Done, "apply", "--plan", file, "--yes")
	l.want(exit.Done, "audit", "security-group-changes", "--transport", "eventbridge")

	l = newCmdLab(t)
	l.want(exit.Done, save...)
	_, err := l.region.PutRule(awstest.PutRuleInput{Name: "monitorctl-security-group-changes", EventPattern: `{"source":["aws.ec2"]}`})
	l.must(err)
	l.cloud.ResetCalls()
	r := l.run("apply", "--plan", file, "--yes")
	if r.code != exit.Failed || len(l.writes()) != 0 || !strings.Contains(r.err, "monitorctl-security-group-changes") {
		t.Errorf("exit %d after %v:\n%s", r.code, l.writes(), r.all())
	}
}

// TestRulesEdited shows a rule of ours that someone has switched off, whatever the
// verdict, and restores it when it is named.
func TestRulesEdited(t *testing.T) {
	l := newCmdLab(t)
	wishes := []string{"security-group-changes", "--transport", "eventbridge", "--subscribe", "sms:+4915112345678"}
	l.want(exit.Done, append([]string{"apply", "--yes"}, wishes...)...)
	want := l.account()
	journal := filepath.Join(t.TempDir(), "journal")
	_, err := l.region.PutRule(awstest.PutRuleInput{Name: "monitorctl-security-group-changes", EventPattern: `{"source":["aws.ec2"]}`, State: "DISABLED", Description: "later"})
	l.must(err)
	l.must(l.region.PutTargets(awstest.PutTargetsInput{Rule: "monitorctl-security-group-changes", Targets: []awstest.EventTarget{{ID: "topic", Arn: "arn:aws:sns:eu-central-1:" + demoAccount + ":monitorctl-alerts", Input: `"x"`}}}))
	edited := l.account()
	r := l.want(exit.Done, append([]string{"plan"}, wishes...)...)
	for _, text := range []string{"Edited since monitorctl wrote it", "DISABLED", "--replace monitorctl-security-group-changes restores it"} {
		if !strings.Contains(r.out, text) {
			t.Errorf("the plan lacks %q:\n%s", text, r.out)
		}
	}
	l.want(exit.Done, append([]string{"apply", "--yes", "--journal", journal, "--replace", "monitorctl-security-group-changes"}, wishes...)...)
	if d := cmp.Diff(want, l.account()); d != "" {
		t.Errorf("account (-as applied +restored):\n%s", d)
	}
	l.want(exit.Done, "undo", "--yes", journal)
	if d := cmp.Diff(edited, l.account()); d != "" {
		t.Errorf("account (-as edited +undone):\n%s", d)
	}
}

// TestRulesUsage holds wrong flags to exit code 2.
func TestRulesUsage(t *testing.T) {
	l := newCmdLab(t)
	for _, args := range [][]string{
		{"plan", "--transport", "mail"},
		{"plan", "--per-region"},
		{"apply", "--yes", "--transport", "metric", "--events-role-arn", "arn:aws:iam::111122223333:role/x"},
		{"plan", "--transport", "eventbridge", "--name-prefix", "a/"},
		{"destroy", "--transport", "mail"},
		{"permissions", "apply", "--transport", "any"},
	} {
		if r := l.run(args...); r.code != exit.WrongUsage {
			t.Errorf("%v exits with %d:\n%s", args, r.code, r.all())
		}
	}
}

// TestRulesKilledAnywhere kills an apply of rules before and after each of its writes.
// The next one brings the account to where an undisturbed one does.
func TestRulesKilledAnywhere(t *testing.T) {
	skipWithoutKill(t)
	clean := newCmdLab(t)
	clean.want(exit.Done, rulesApply("")...) // the webhook has nothing to confirm
	writes, want := len(clean.writes()), clean.account()
	if writes < 9 {
		t.Fatalf("an apply of rules made %d writes only", writes)
	}
	for n := range writes {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d of %d, done %v", n+1, writes, done), func(t *testing.T) {
				l := newCmdLab(t)
				l.killCommand(rulesApply(filepath.Join(t.TempDir(), "journal")), n, done)
				l.want(exit.Done, rulesApply("")...)
				if d := cmp.Diff(want, l.account()); d != "" {
					t.Errorf("account (-undisturbed +killed):\n%s", d)
				}
				l.want(exit.Done, "plan", "--exit-code", "security-group-changes", "--transport", "eventbridge", "--subscribe", "email:security@example.com", "--subscribe", hookForm)
			})
		}
	}
}

// TestRulesKilledAndUndone takes back what the journal of a killed apply records, kills
// that at half of its writes too, and a destroy likewise: the account is as before.
func TestRulesKilledAndUndone(t *testing.T) {
	skipWithoutKill(t)
	clean := newCmdLab(t)
	before := clean.account()
	whole := filepath.Join(t.TempDir(), "journal")
	clean.want(exit.Done, rulesApply(whole)...)
	writes := len(clean.writes())
	clean.want(exit.Done, "undo", "--yes", whole)
	if d := cmp.Diff(before, clean.account()); d != "" {
		t.Errorf("after a whole run (-before +undone):\n%s", d)
	}
	for n := range writes {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d of %d, done %v", n+1, writes, done), func(t *testing.T) {
				l := newCmdLab(t)
				journal := filepath.Join(t.TempDir(), "journal")
				l.killCommand(rulesApply(journal), n, done)
				l.want(exit.Done, rulesApply(journal)...)
				l.killCommand([]string{"undo", "--yes", "--quiet", journal}, n/2, done)
				l.want(exit.Done, "undo", "--yes", journal)
				if d := cmp.Diff(before, l.account()); d != "" {
					t.Errorf("account (-before +undone):\n%s", d)
				}
				l.want(exit.Done, rulesApply(journal)...) // and once more, to be destroyed
				l.killCommand([]string{"destroy", "security-group-changes", "--yes", "--quiet"}, n/2, done)
				l.want(exit.Done, "destroy", "security-group-changes", "--yes")
				if d := cmp.Diff(before, l.account()); d != "" {
					t.Errorf("account (-before +destroyed):\n%s", d)
				}
			})
		}
	}
}

func skipWithoutKill(t *testing.T) {
	t.Helper()
	needsSIGKILL(t)
}

// killCommand runs a command and kills it at its n-th write, from 0.
func (l *cmdLab) killCommand(args []string, n int, done bool) {
	l.t.Helper()
	if !l.killed(args, n, done) {
		l.t.Fatalf("%s ended before its write %d", args[0], n+1)
	}
	l.cloud.ResetCalls()
}

// TestRulesPermissions drives apply and undo of rules with exactly the printed policy,
// and with each action removed.
func TestRulesPermissions(t *testing.T) {
	wishes := []string{"security-group-changes", "--transport", "eventbridge", "--subscribe", "sms:+4915112345678", "--subscribe", hookForm}
	apply := append(append([]string{"apply"}, wishes...), "--yes")
	done := newCmdLab(t)
	before := done.account()
	wide := done.permissionsFor(append([]string{"apply"}, wishes...)...)
	scoped := done.permissionsFor(append([]string{"apply", "--scoped"}, wishes...)...)
	removal := done.permissionsFor(append([]string{"undo"}, wishes...)...)
	journal := filepath.Join(t.TempDir(), "journal")
	done.allow(scoped, "")
	done.want(exit.Done, append(apply, "--journal", journal)...)
	called, want := done.cloud.CallCounts(), done.account()
	for _, a := range scoped.actions() {
		if !strings.HasPrefix(a, "events:") && !strings.HasPrefix(a, "iam:") && !strings.HasPrefix(a, "sns:") {
			continue // as in TestApplyPermissions
		}
		t.Run("apply without "+a, func(t *testing.T) {
			l := newCmdLab(t)
			l.allow(scoped, a)
			r := l.run(apply...)
			switch {
			case r.code == exit.Done:
				if called[a] > 0 && !isRead(a) {
					t.Errorf("apply calls %s, yet it ended well without", a)
				}
			case r.code == exit.Interrupted, r.code == exit.WrongUsage, !strings.Contains(strings.ToLower(r.all()), strings.ToLower(a)):
				t.Errorf("apply exits with %d and does not say what is missing:\n%s", r.code, r.all())
			}
			l.allow(wide, "")
			l.want(exit.Done, apply...)
			if d := cmp.Diff(want, l.account()); d != "" {
				t.Errorf("after the next run (-undisturbed +this):\n%s", d)
			}
		})
	}
	done.allow(removal, "")
	done.want(exit.Done, "undo", journal, "--yes")
	if d := cmp.Diff(before, done.account()); d != "" {
		t.Errorf("account (-before apply +after undo):\n%s", d)
	}
	undone := done.cloud.CallCounts()
	for _, a := range removal.actions() {
		if undone[a] == 0 {
			continue // for destroy, or for what this apply did not do
		}
		t.Run("undo without "+a, func(t *testing.T) {
			l := newCmdLab(t)
			journal := filepath.Join(t.TempDir(), "journal")
			l.want(exit.Done, append(apply, "--journal", journal)...)
			l.allow(removal, a)
			r := l.run("undo", journal, "--yes")
			if left := l.account() != before; left && (r.code == exit.Done || !strings.Contains(r.all(), a)) {
				t.Errorf("undo exits with %d and leaves something, and does not say why:\n%s", r.code, r.all())
			}
			l.allow(removal, "")
			l.want(exit.Done, "undo", journal, "--yes")
			if d := cmp.Diff(before, l.account()); d != "" {
				t.Errorf("account (-before apply +after the second undo):\n%s", d)
			}
		})
	}
	for _, g := range []grant{removal} {
		l := newCmdLab(t)
		l.want(exit.Done, apply...)
		l.allow(g, "")
		l.want(exit.Done, "destroy", "--yes", "security-group-changes", "--transport", "eventbridge")
		if d := cmp.Diff(before, l.account()); d != "" {
			t.Errorf("account (-before apply +after destroy):\n%s", d)
		}
	}
}

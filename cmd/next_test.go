package cmd

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/exit"
)

// TestNextApply shows what carries a plan out: with its arguments and flags, quoted for a
// shell, without what apply lacks and without secrets.
func TestNextApply(t *testing.T) {
	for line, want := range map[string]string{
		"":                  "monitorctl apply",
		"4.10 nacl-changes": "monitorctl apply 4.10 nacl-changes",
		"--snapshot x.json -o json --brief --verbose":                         "monitorctl apply",
		"--region eu-central-1,us-east-1 --subscribe email:a@example.com":     "monitorctl apply --region eu-central-1,us-east-1 --subscribe email:a@example.com",
		"--subscribe sms:+4915112345678 --subscribe pagerduty:0123456789":     "monitorctl apply --subscribe sms:... --subscribe pagerduty:...",
		"--external-id geheim --role-arn arn:aws:iam::111122223333:role/a":    "monitorctl apply --external-id ... --role-arn arn:aws:iam::111122223333:role/a",
		"--profile it's --complete":                                           `monitorctl apply --complete --profile 'it'\''s'`,
		"--save plan.json --profile prod --complete --subscribe email:a@b.ch": "monitorctl apply --plan plan.json --profile prod",
		"--save $HOME/x":    "monitorctl apply --plan '$HOME/x'",
		"--heartbeat=false": "monitorctl apply --heartbeat=false",
	} {
		var c *cobra.Command
		everyCommand(newRoot(newEnv(nil)), func(x *cobra.Command) {
			if x.CommandPath() == "monitorctl plan" {
				c = x
			}
		})
		if err := c.ParseFlags(strings.Fields(line)); err != nil {
			t.Fatal(err)
		}
		if got := nextApply(c); got != want {
			t.Errorf("plan %s:\n%s, want\n%s", line, got, want)
		}
	}
}

// TestPlanNamesTheNextCommand runs it.
func TestPlanNamesTheNextCommand(t *testing.T) {
	l := newCmdLab(t)
	for _, args := range [][]string{
		{"plan", "nacl-changes", "--subscribe", "email:security@example.com", "--tag", "team=a b"},
		{"plan", "--set", "core", "--name-prefix", "acme-", "--subscribe", "email:security@example.com"},
	} {
		_, next, ok := strings.Cut(l.want(exit.Done, args...).out, "To carry it out:\n  monitorctl ")
		words := strings.Fields(strings.ReplaceAll(strings.TrimSpace(next), "'team=a b'", "team=a\x00b"))
		for i := range words {
			words[i] = strings.ReplaceAll(words[i], "\x00", " ")
		}
		if !ok || len(words) != len(args) || words[0] != "apply" {
			t.Fatalf("%q", next)
		}
		l.want(exit.ControlsFailed, append(words, "--yes", "--no-wait")...) // until someone has confirmed
		if r := l.want(exit.Done, args...); !strings.Contains(r.out, "Nothing to do") || strings.Contains(r.out, "To carry it out") {
			t.Errorf("after 'monitorctl %s':\n%s", strings.Join(words, " "), r.out)
		}
	}
}

// TestNextPlan names the plan for many accounts with the flags of the audit, in the table and
// on the page, where something fails; and plans.
func TestNextPlan(t *testing.T) {
	l := newFleetLab(t, 3)
	audit := []string{"vpc-changes", "--exclude", "300000000003", "--worst", "2", "--fail-on", "low", "--parallel", "2"}
	const want = "monitorctl plan vpc-changes --account-role audit --exclude 300000000003 --org --parallel 2"
	if out := l.audit(exit.ControlsFailed, audit...).out; !strings.HasSuffix(out, "To see the repair:\n  "+want+"\n") {
		t.Errorf("the table does not end with %s:\n%s", want, out)
	}
	if page := l.audit(exit.ControlsFailed, append(audit, "-o", "html")...).out; !strings.Contains(page, "<code>"+want+"</code>") {
		t.Errorf("the page lacks %s", want)
	}
	for _, out := range []string{l.audit(exit.Done, "nacl-changes").out, l.audit(exit.Done, "nacl-changes", "-o", "html").out} {
		if strings.Contains(out, "monitorctl plan") {
			t.Errorf("nothing fails:\n%.500s", out)
		}
	}
	words := strings.Fields(want)[1:]
	if out := l.want(exit.Done, words...).out; !strings.Contains(out, "+ metric filter VPCConfigChanges") {
		t.Errorf("%s:\n%s", want, out)
	}
}

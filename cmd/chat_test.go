package cmd

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
)

const (
	slackForm = "slack:T07EA123LEP/C07EZ1ABC23"
	teamsForm = "teams:11111111-2222-3333-4444-555555555555/19:abc@thread.tacv2/66666666-7777-8888-9999-000000000000"
	chatHost  = "https://global.sns-api.chatbot.amazonaws.com"
)

// newChatLab is an account where a person has authorized a workspace and a team.
func newChatLab(t *testing.T) *cmdLab {
	t.Helper()
	l := newCmdLab(t)
	a := l.cloud.Account(demoAccount, awstest.AccountOptions{})
	a.Authorize("T07EA123LEP")
	a.Authorize("66666666-7777-8888-9999-000000000000/11111111-2222-3333-4444-555555555555")
	return l
}

func chatApply(transport, journal string) []string {
	args := []string{"apply", "security-group-changes", "--transport", transport, "--subscribe", slackForm, "--subscribe", teamsForm, "--yes", "--quiet"}
	if journal != "" {
		args = append(args, "--journal", journal)
	}
	return args
}

// TestChats connects a channel of Slack and one of Teams, by each transport: rules publish
// custom notifications, which alone are shown, on a topic of their own; alarms publish on
// theirs. A second plan is empty, and what was made can be taken back and destroyed.
func TestChats(t *testing.T) {
	for _, transport := range []string{"eventbridge", "metric", "both"} {
		t.Run(transport, func(t *testing.T) {
			l := newChatLab(t)
			before := l.account()
			journal := filepath.Join(t.TempDir(), "journal")
			r := l.want(exit.Done, chatApply(transport, journal)...)
			if strings.Contains(r.all(), "the plan predicted") {
				t.Errorf("not as predicted:\n%s", r.all())
			}
			l.want(exit.Done, append([]string{"plan", "--exit-code"}, chatApply(transport, "")[1:8]...)...)
			if transport != "metric" {
				l.emitDeletion()
				custom := 0
				for _, d := range l.cloud.Inbox(chatHost) {
					var envelope struct{ Message string }
					var body struct {
						Source  string
						Content struct{ Description string }
					}
					if json.Unmarshal([]byte(d.Body), &envelope) == nil && json.Unmarshal([]byte(envelope.Message), &body) == nil && body.Source == "custom" && strings.Contains(body.Content.Description, "*DeleteSecurityGroup*") {
						custom++
					}
				}
				if custom != 1 {
					t.Errorf("%d custom notifications arrived, want one for both channels: %+v", custom, l.cloud.Inbox(chatHost))
				}
			}
			l.want(exit.Done, "undo", "--yes", journal)
			if d := cmp.Diff(before, l.account()); d != "" {
				t.Errorf("account (-before +undone):\n%s", d)
			}
			l.want(exit.Done, chatApply(transport, "")...)
			l.want(exit.Done, "destroy", "security-group-changes", "--yes")
			if d := cmp.Diff(before, l.account()); d != "" {
				t.Errorf("account (-before +destroyed):\n%s", d)
			}
		})
	}
}

// A workspace that nobody has authorized is refused before the first write, with what a
// person must do; where that cannot be asked, the write says so, and what was done.
func TestChatUnauthorized(t *testing.T) {
	l := newCmdLab(t)
	l.cloud.ResetCalls()
	r := l.run(chatApply("eventbridge", "")...)
	if r.code != exit.Failed || len(l.writes()) > 0 || !strings.Contains(r.err, "workspace T07EA123LEP is not authorized in account "+demoAccount) {
		t.Errorf("exit %d after %v:\n%s", r.code, l.writes(), r.all())
	}
	l.cloud.Deny("chatbot:DescribeSlackWorkspaces")
	r = l.run(chatApply("eventbridge", "")...)
	if r.code != exit.Failed || !strings.Contains(r.err, "not authorized to access the workspace") || !strings.Contains(r.err, "actions done)") {
		t.Errorf("exit %d:\n%s", r.code, r.all())
	}
}

// TestChatKilledAnywhere kills an apply with a chat before and after each of its writes;
// the next one brings the account to where an undisturbed one does.
func TestChatKilledAnywhere(t *testing.T) {
	skipWithoutKill(t)
	clean := newChatLab(t)
	clean.want(exit.Done, chatApply("both", "")...)
	writes, want := len(clean.writes()), clean.account()
	for n := range writes {
		done := n%2 == 0
		t.Run(fmt.Sprintf("write %d of %d, done %v", n+1, writes, done), func(t *testing.T) {
			l := newChatLab(t)
			l.killCommand(chatApply("both", filepath.Join(t.TempDir(), "journal")), n, done)
			l.want(exit.Done, chatApply("both", "")...)
			if d := cmp.Diff(want, l.account()); d != "" {
				t.Errorf("account (-undisturbed +killed):\n%s", d)
			}
		})
	}
}

// TestChatPermissions drives apply, undo and destroy with exactly the printed policy.
func TestChatPermissions(t *testing.T) {
	l := newChatLab(t)
	before := l.account()
	wishes := chatApply("both", "")[1:8]
	journal := filepath.Join(t.TempDir(), "journal")
	wide, scoped := l.permissionsFor(append([]string{"apply"}, wishes...)...), l.permissionsFor(append([]string{"apply", "--scoped"}, wishes...)...)
	removal := l.permissionsFor(append([]string{"undo"}, wishes...)...)
	l.allow(scoped, "")
	l.want(exit.Done, chatApply("both", journal)...)
	l.allow(removal, "")
	l.want(exit.Done, "undo", journal, "--yes")
	if d := cmp.Diff(before, l.account()); d != "" {
		t.Errorf("account (-before apply +after undo):\n%s", d)
	}
	l.allow(wide, "")
	l.want(exit.Done, chatApply("both", "")...)
	l.allow(removal, "")
	l.want(exit.Done, "destroy", "security-group-changes", "--yes", "--quiet")
	if d := cmp.Diff(before, l.account()); d != "" {
		t.Errorf("account (-before apply +after destroy):\n%s", d)
	}
}

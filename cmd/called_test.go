package cmd

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
)

const (
	pagerKey    = "0123456789abcdef0123456789abcdef"
	ticketLogin = "https://bot:s3cret@acme.service-now.com"
	deskLogin   = "bot@example.com/token:s3cret@acme"
)

// emitDeletion lets someone delete a security group at home.
func (l *cmdLab) emitDeletion() {
	l.t.Helper()
	_, err := l.cloud.Emit(demoAccount, demoRegion, []byte(fmt.Sprintf(`{"eventVersion":"1.08","eventSource":"ec2.amazonaws.com","eventName":"DeleteSecurityGroup","eventType":"AwsApiCall",`+
		`"awsRegion":%q,"eventTime":"2026-01-01T00:00:00Z","readOnly":false,"managementEvent":true,"eventCategory":"Management","eventID":"e-1","recipientAccountId":%q,"sourceIPAddress":"192.0.2.7",`+
		`"userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/jane","accountId":"111122223333"}}`, demoRegion, demoAccount)))
	l.must(err)
	l.cloud.Advance(time.Minute)
}

// TestCalledDeliver plans, saves and applies rules that call a chat, a pager and two
// ticket systems. Each gets a body that it reads, and no secret stands in a plan, a
// journal or what is printed.
func TestCalledDeliver(t *testing.T) {
	t.Setenv("ACME_TICKETS", ticketLogin)
	t.Setenv("ACME_PAGER", pagerKey)
	dir := t.TempDir()
	desk, file, journal := filepath.Join(dir, "desk"), filepath.Join(dir, "plan.json"), filepath.Join(dir, "journal")
	if err := os.WriteFile(desk, []byte(deskLogin+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := newCmdLab(t)
	before := l.account()
	out := l.want(exit.Done, "plan", "security-group-changes", "--transport", "eventbridge", "--verbose", "--save", file,
		"--subscribe", "servicenow:env:ACME_TICKETS", "--subscribe", "zendesk:file:"+desk, "--subscribe", "pagerduty:env:ACME_PAGER", "--subscribe", hookForm).all()
	out += l.want(exit.Done, "apply", "--plan", file, "--yes", "--journal", journal).all()
	for _, name := range []string{file, journal} {
		data, err := os.ReadFile(name)
		l.must(err)
		out += string(data)
	}
	for _, secret := range []string{"s3cret", pagerKey} {
		if strings.Contains(out, secret) {
			t.Errorf("%s is printed or saved", secret)
		}
	}

	l.emitDeletion()
	for url, member := range map[string]string{
		"https://hooks.slack.com/services/T0/B0/x":            "text",
		"https://events.pagerduty.com/v2/enqueue":             "payload",
		"https://acme.service-now.com/api/now/table/incident": "short_description",
		"https://acme.zendesk.com/api/v2/tickets.json":        "ticket",
	} {
		got := l.cloud.Inbox(url)
		var body map[string]any
		if len(got) != 1 || json.Unmarshal([]byte(got[0].Body), &body) != nil {
			t.Fatalf("%s got %+v, want one JSON object", url, got)
		}
		if text := fmt.Sprint(body[member]); !strings.Contains(text, "DeleteSecurityGroup") {
			t.Errorf("%s: %s is %s", url, member, text)
		}
		if key := body["routing_key"]; (key == pagerKey) != strings.Contains(url, "pagerduty") {
			t.Errorf("%s: routing key %v", url, key)
		}
	}
	l.want(exit.Done, "audit", "security-group-changes", "--transport", "eventbridge")
	l.want(exit.Done, "undo", "--yes", journal)
	if d := cmp.Diff(before, l.account()); d != "" {
		t.Errorf("account (-before +undone):\n%s", d)
	}

	// The saved plan reads the secrets again: they may have gone.
	t.Setenv("ACME_TICKETS", "https://acme.service-now.com")
	if r := l.want(exit.WrongUsage, "apply", "--plan", file, "--yes"); !strings.Contains(r.err, "https://USER:PASSWORD@INSTANCE.service-now.com") {
		t.Errorf("a variable without credentials:\n%s", r.err)
	}
}

// TestCalledUsage refuses callers that cannot work.
func TestCalledUsage(t *testing.T) {
	l := newCmdLab(t)
	for _, tt := range []struct{ subscribe, transport, want string }{
		{"servicenow:https://acme.service-now.com", "both", "has no credentials, which its connection needs"},
		{"zendesk:acme", "both", "has no credentials, which its connection needs"},
		{"webhook:http://example.com/x", "both", "not an https URL"},
		{"webhook:env:NOT_SET_ANYWHERE", "both", "the variable is not set"},
	} {
		args := []string{"plan", "security-group-changes", "--subscribe", tt.subscribe}
		if tt.transport != "" {
			args = append(args, "--transport", tt.transport)
		}
		if r := l.want(exit.WrongUsage, args...); !strings.Contains(r.err, tt.want) {
			t.Errorf("%s by %q:\n%s\nwant %q", tt.subscribe, tt.transport, r.err, tt.want)
		}
	}
}

// TestRulesInterrupted presses Ctrl-C while an apply of rules writes: the write ends, what
// was done and what was not is said, and the next apply goes on from there.
func TestRulesInterrupted(t *testing.T) {
	skipWithoutKill(t)
	clean := newCmdLab(t)
	clean.want(exit.Done, rulesApply("")...)
	writes, want := len(clean.writes()), clean.account()
	for _, n := range []int{0, writes / 2, writes - 2} {
		l := newCmdLab(t)
		p := l.process(rulesApply("")...)
		var out strings.Builder
		p.Stdout, p.Stderr = &out, &out
		started := make(chan struct{})
		l.cloud.Fault(awstest.Fault{Writes: true, After: n, Times: 1, Kind: awstest.Throttle, Do: func() {
			<-started
			_ = p.Process.Signal(os.Interrupt)
		}})
		l.must(p.Start())
		close(started)
		_ = p.Wait() // the exit code says it
		if code := p.ProcessState.ExitCode(); code != exit.Interrupted || !strings.Contains(out.String(), "not done") {
			t.Errorf("at write %d: exit %d, want %d:\n%s", n, code, exit.Interrupted, out.String())
		}
		l.cloud.ClearFaults()
		l.want(exit.Done, rulesApply("")...)
		if d := cmp.Diff(want, l.account()); d != "" {
			t.Errorf("account after write %d (-undisturbed +interrupted):\n%s", n, d)
		}
	}
}

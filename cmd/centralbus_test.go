package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/run"
)

const (
	securityAccount = "444455556666"
	centralBus      = "arn:aws:events:" + demoRegion + ":" + securityAccount + ":event-bus/default"
)

// A centralLab is a member and the security account of an organization.
type centralLab struct{ member, security *cmdLab }

func newCentralLab(t *testing.T) centralLab {
	t.Helper()
	m := newCmdLab(t)
	acct := m.cloud.Account(securityAccount, awstest.AccountOptions{Regions: []string{demoRegion, "us-east-1"}})
	m.cloud.NamedOrganization("o-central001", acct, m.cloud.Account(demoAccount, awstest.AccountOptions{}))
	s := &cmdLab{t: t, cloud: m.cloud, region: acct.Region(demoRegion), env: testEnv(io.Discard, io.Discard)}
	s.env.run.Now, s.env.run.Pause = m.env.run.Now, m.env.run.Pause
	s.env.run.Embedded = &run.Embedded{URL: m.env.run.Embedded.URL}
	s.env.run.Embedded.KeyID, s.env.run.Embedded.Secret = acct.Credentials()
	_, err := s.region.Trail("trail", demoGroup)
	s.must(err)
	return centralLab{m, s}
}

// central are the wishes of both accounts.
func central(verb string, more ...string) []string {
	args := []string{verb, "security-group-changes", "--transport", "eventbridge", "--central-bus", centralBus}
	if verb == "apply" {
		args = append(args, "--yes")
	}
	return append(args, more...)
}

// consulted writes a configuration that consults the security account as it is now.
func (l centralLab) consulted() string {
	l.security.t.Helper()
	dir := l.security.t.TempDir()
	l.security.want(exit.Done, "snapshot", "--file", filepath.Join(dir, "security.json"))
	name := filepath.Join(dir, "monitorctl.yaml")
	l.security.must(os.WriteFile(name, []byte("central: security.json\n"), 0o600))
	return name
}

// TestCentralBus lets the members of an organization send their events to the security
// account, whose rules notify someone; and takes all of it back.
func TestCentralBus(t *testing.T) {
	l := newCentralLab(t)
	member, security := l.member.account(), l.security.account()

	// A bus that is known not to admit the account is refused before the first write.
	early := l.consulted()
	l.member.cloud.ResetCalls()
	r := l.member.want(exit.Failed, central("apply", "--config", early)...)
	if !strings.Contains(r.err, "no policy admits account "+demoAccount) || len(l.member.writes()) > 0 {
		t.Errorf("before the bus admits it, writes %v:\n%s", l.member.writes(), r.all())
	}

	r = l.security.want(exit.Done, central("apply", "--subscribe", "sms:"+phone)...)
	if strings.Contains(r.all(), "the plan predicted") || !strings.Contains(r.all(), "admit organization o-central001 to the event bus ("+demoRegion+")") {
		t.Errorf("the security account:\n%s", r.all())
	}
	l.security.want(exit.Done, central("plan", "--exit-code", "--subscribe", "sms:"+phone)...)

	// Seen from the member alone the end is not known; with the other account it is.
	r = l.member.want(exit.Done, central("plan", "--subscribe", "sms:"+phone)...)
	for _, text := range []string{"add a snapshot of account " + securityAccount, "the subscribers are not used here", "+ rule monitorctl-forward-1 (us-east-1)", "UNKNOWN"} {
		if !strings.Contains(r.out, text) {
			t.Errorf("the member's plan lacks %q:\n%s", text, r.out)
		}
	}
	for _, text := range []string{"+ topic", "+ subscription", "+ rule monitorctl-security-group-changes", "event bus ("} {
		if strings.Contains(r.out, text) {
			t.Errorf("the member's plan has %q:\n%s", text, r.out)
		}
	}
	conf := l.consulted()
	if r = l.member.want(exit.Done, central("apply", "--config", conf)...); strings.Contains(r.all(), "the plan predicted") {
		t.Errorf("not as predicted:\n%s", r.all())
	}
	l.member.want(exit.Done, central("plan", "--exit-code", "--config", conf)...)
	l.member.want(exit.Done, "audit", "security-group-changes", "--transport", "eventbridge", "--config", conf)
	l.member.want(exit.Failed, "audit", "security-group-changes", "--transport", "eventbridge") // unknown

	for _, region := range []string{demoRegion, "us-east-1"} {
		l.member.emitIn(region)
	}
	got := l.member.cloud.Inbox(phone)
	if len(got) != 2 || !strings.Contains(got[0].Body, "in "+demoAccount+"/") || got[0].Account != securityAccount {
		t.Fatalf("the security account's people get %+v", got)
	}

	l.member.want(exit.Done, "destroy", "--yes", "nacl-changes") // the forwarder stays: it has other events
	l.member.want(exit.Done, "audit", "security-group-changes", "--transport", "eventbridge", "--config", conf)
	for _, x := range []struct {
		*cmdLab
		before string
	}{{l.member, member}, {l.security, security}} {
		x.want(exit.Done, "destroy", "--yes")
		if d := cmp.Diff(x.before, x.account()); d != "" {
			t.Errorf("account (-before +destroyed):\n%s", d)
		}
	}
}

// emitIn lets someone delete a security group in a region.
func (l *cmdLab) emitIn(region string) {
	l.t.Helper()
	_, err := l.cloud.Emit(demoAccount, region, []byte(fmt.Sprintf(`{"eventVersion":"1.08","eventSource":"ec2.amazonaws.com","eventName":"DeleteSecurityGroup","eventType":"AwsApiCall",`+
		`"awsRegion":%q,"eventTime":"2026-01-01T00:00:00Z","readOnly":false,"managementEvent":true,"eventCategory":"Management","eventID":"e-1","recipientAccountId":%q,"sourceIPAddress":"192.0.2.7",`+
		`"userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/jane","accountId":"111122223333"}}`, region, demoAccount)))
	l.must(err)
	l.cloud.Advance(time.Minute)
}

// TestCentralBusRefused holds what cannot work to a refusal without a write, and what is
// somebody else's to being left alone.
func TestCentralBusRefused(t *testing.T) {
	statement := func(effect, sid, organization string) string {
		return fmt.Sprintf(`{"Sid":%q,"Effect":%q,"Principal":"*","Action":"events:PutEvents","Resource":%q,"Condition":{"StringEquals":{"aws:PrincipalOrgID":%q}}}`, sid, effect, centralBus, organization)
	}
	policy := func(statements ...string) string {
		return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
	}
	tests := []struct {
		name  string
		seed  func(centralLab) error
		args  []string
		code  int
		want  string
		write bool // the statement all the same
	}{
		{name: "a custom bus", args: []string{"--central-bus", centralBus[:len(centralBus)-len("default")] + "mine"}, code: exit.Failed, want: "bus mine is a custom bus of this account"},
		{name: "another partition", args: []string{"--central-bus", strings.Replace(centralBus, "arn:aws:", "arn:aws-cn:", 1)}, code: exit.Failed, want: "the central bus is in partition aws-cn"},
		{name: "no bus", args: []string{"--central-bus", "arn:aws:sns:eu-central-1:111122223333:x"}, code: exit.WrongUsage, want: "is not the ARN of an event bus"},
		{name: "in every region", args: []string{"--per-region"}, code: exit.WrongUsage, want: "rules in every region need no central event bus"},
		{name: "by alarms", args: []string{"--transport", "metric"}, code: exit.WrongUsage, want: "a central event bus is for the transports eventbridge and both"},
		{name: "no organization", seed: centralLab.leave, code: exit.Failed, want: "the account belongs to no organization"},
		{name: "an organization that may not be read", seed: func(l centralLab) error { l.security.cloud.Deny("organizations:DescribeOrganization"); return nil },
			code: exit.Failed, want: "organizations:DescribeOrganization failed"},
		{name: "a bus that may not be read", seed: func(l centralLab) error { l.security.cloud.Deny("events:DescribeEventBus"); return nil }, code: exit.Failed, want: "events:DescribeEventBus failed"},
		{name: "denied by another statement", seed: func(l centralLab) error {
			return l.security.region.PutPermission(awstest.PutPermissionInput{EventBusName: "default", Policy: policy(statement("Deny", "no", "o-central001"))})
		}, code: exit.Failed, want: "another statement of the bus's policy denies what this one allows"},
		{name: "a full policy", seed: func(l centralLab) error {
			return l.security.region.PutPermission(awstest.PutPermissionInput{EventBusName: "default", Policy: policy(statement("Allow", strings.Repeat("x", 9900), "o-other"))})
		}, code: exit.Failed, want: "the policy of a bus has at most 10240 characters"},
		{name: "edited", seed: func(l centralLab) error {
			return l.security.region.PutPermission(awstest.PutPermissionInput{EventBusName: "default", Policy: policy(statement("Allow", "monitorctl-members", "o-other"))})
		}, code: exit.Done, want: "--replace monitorctl-members restores it"},
		{name: "edited, replaced", seed: func(l centralLab) error {
			return l.security.region.PutPermission(awstest.PutPermissionInput{EventBusName: "default", Policy: policy(statement("Allow", "monitorctl-members", "o-other"))})
		}, args: []string{"--replace", "monitorctl-members"}, code: exit.Done, want: "admit organization", write: true},
		{name: "admitted by others", seed: func(l centralLab) error {
			return l.security.region.PutPermission(awstest.PutPermissionInput{EventBusName: "default", Policy: policy(statement("Allow", "theirs", "o-central001"))})
		}, code: exit.Done},
		{name: "a stranger's rule", seed: func(l centralLab) error {
			_, err := l.security.region.PutRule(awstest.PutRuleInput{Name: "robot", EventPattern: `{"source":["aws.ec2"]}`})
			return err
		}, code: exit.Done, want: "that name no account also get the members' events: robot", write: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newCentralLab(t)
			if tt.seed != nil {
				l.security.must(tt.seed(l))
			}
			l.security.cloud.ResetCalls()
			r := l.security.want(tt.code, central("apply", append([]string{"--subscribe", "sms:" + phone}, tt.args...)...)...)
			if !strings.Contains(r.all(), tt.want) {
				t.Errorf("lacks %q:\n%s", tt.want, r.all())
			}
			writes := l.security.writes()
			if wrote := slices.Contains(writes, "events:PutPermission"); wrote != tt.write || tt.code != exit.Done && len(writes) > 0 {
				t.Errorf("writes %v", writes)
			}
		})
	}
}

// leave takes the security account out of its organization.
func (l centralLab) leave() error {
	l.security.cloud.Account(securityAccount, awstest.AccountOptions{}).LeaveOrganization()
	return nil
}

// TestCentralBusKilled kills the member's apply at each of its writes, and that of the
// security account at the one that only it makes: the next run goes on from there, and the
// journal leads back.
func TestCentralBusKilled(t *testing.T) {
	skipWithoutKill(t)
	clean := newCentralLab(t)
	member, security := clean.member.account(), clean.security.account()
	admits := central("apply", "--quiet", "--subscribe", "sms:"+phone)
	clean.security.want(exit.Done, admits...)
	permission := slices.Index(clean.security.writes(), "events:PutPermission")
	done := clean.security.account()
	clean.member.cloud.ResetCalls()
	sends := central("apply", "--quiet")
	clean.member.want(exit.Failed, sends...) // what becomes of the events is not known here
	writes, sent := len(clean.member.writes()), clean.member.account()
	if permission < 0 || writes < 6 {
		t.Fatalf("the statement is write %d, and the member makes %d", permission, writes)
	}
	try := func(l *cmdLab, n int, late bool, args []string, code int, want, before string) {
		t.Helper()
		journal := filepath.Join(t.TempDir(), "journal")
		args = append(slices.Clone(args), "--journal", journal)
		l.killCommand(args, n, late)
		l.want(code, args...)
		if d := cmp.Diff(want, l.account()); d != "" {
			t.Errorf("write %d, done %v: account (-undisturbed +killed):\n%s", n, late, d)
		}
		if !late {
			return // as after the other kill
		}
		l.want(exit.Done, "undo", "--yes", journal)
		if d := cmp.Diff(before, l.account()); d != "" {
			t.Errorf("write %d, done %v: account (-before +undone):\n%s", n, late, d)
		}
	}
	for _, late := range []bool{false, true} {
		try(newCentralLab(t).security, permission, late, admits, exit.Done, done, security)
		for n := range writes {
			try(newCentralLab(t).member, n, late, sends, exit.Failed, sent, member)
		}
	}
}

// TestCentralBusPermissions carries both sides out, and takes them back, with just the
// policies that are printed for each account.
func TestCentralBusPermissions(t *testing.T) {
	l := newCentralLab(t)
	for _, x := range []struct {
		*cmdLab
		id     string
		args   []string
		code   int
		has    string
		hasNot []string
	}{
		{l.security, securityAccount, []string{"--subscribe", "sms:" + phone}, exit.Done, "events:PutPermission", nil},
		{l.member, demoAccount, nil, exit.Failed, "events:PutTargets", []string{"events:PutPermission", "sns:CreateTopic", "sns:SetTopicAttributes"}},
	} {
		before, journal := x.account(), filepath.Join(t.TempDir(), "journal")
		applies := x.permissionsFor(append([]string{"apply", "--scoped", "security-group-changes", "--transport", "eventbridge", "--central-bus", centralBus}, x.args...)...)
		undoes := x.permissionsFor("undo", "security-group-changes", "--transport", "eventbridge")
		for _, a := range x.hasNot {
			if slices.Contains(applies.actions(), a) {
				t.Errorf("the policy for account %s allows %s", x.id, a)
			}
		}
		if !slices.Contains(applies.actions(), x.has) {
			t.Errorf("the policy for account %s lacks %s", x.id, x.has)
		}
		x.limit(x.id, applies)
		x.want(x.code, append(central("apply", "--journal", journal), x.args...)...)
		x.limit(x.id, undoes)
		x.want(exit.Done, "undo", "--yes", journal)
		if d := cmp.Diff(before, x.account()); d != "" {
			t.Errorf("account %s (-before +undone):\n%s", x.id, d)
		}
	}
}

// limit lets an account do what a policy allows, and nothing else.
func (l *cmdLab) limit(id string, g grant) {
	l.t.Helper()
	text, err := json.Marshal(g)
	l.must(err)
	l.cloud.AllowAll()
	l.must(l.cloud.AllowPolicy(id, string(text)))
}

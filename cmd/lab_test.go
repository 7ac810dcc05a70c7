package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/console"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/run"
)

// A cmdLab is an account with a trail, and the command line pointed at it, in
// this process.
type cmdLab struct {
	t      *testing.T
	cloud  *awstest.Cloud
	region *awstest.Region
	env    *env
}

func newCmdLab(t *testing.T) *cmdLab {
	t.Helper()
	cloud := awstest.New(awstest.Options{Start: demoStart})
	acct := cloud.Account(demoAccount, awstest.AccountOptions{Alias: demoAlias, Regions: []string{demoRegion, "us-east-1"}})
	cloud.Organization(acct)
	url, stop, err := cloud.Server()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	l := &cmdLab{t: t, cloud: cloud, region: acct.Region(demoRegion), env: testEnv(io.Discard, io.Discard)}
	l.env.run.Now = cloud.Now
	l.env.run.Pause = func(context.Context, time.Duration) error { return nil }
	l.env.run.Embedded = &run.Embedded{URL: url}
	l.env.run.Embedded.KeyID, l.env.run.Embedded.Secret = acct.Credentials()
	_, err = l.region.Trail("org-trail", demoGroup)
	l.must(err)
	return l
}

// testEnv is the world of a command that nobody types at.
func testEnv(out, errs io.Writer) *env {
	return newEnv(console.New(context.Background(), strings.NewReader(""), out, errs, nil))
}

// at returns the same world with other outputs.
func (e *env) at(out, errs io.Writer) *env {
	c := console.New(context.Background(), strings.NewReader(""), out, errs, nil)
	r := *e.run
	r.Console = c
	return &env{c, &r}
}

func (l *cmdLab) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// A ran is what came of a command line.
type ran struct {
	code     int
	out, err string
}

// all is everything that the command said.
func (r ran) all() string { return r.out + r.err }

// run runs a command line as Main does.
func (l *cmdLab) run(args ...string) ran {
	l.t.Helper()
	var out, errs bytes.Buffer
	root := newRoot(l.env.at(&out, &errs))
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&errs)
	err := root.ExecuteContext(context.Background())
	if err != nil {
		fmt.Fprintf(&errs, "monitorctl: %v\n", err)
	}
	return ran{exit.Code(err), out.String(), errs.String()}
}

// want is run, and demands an exit code.
func (l *cmdLab) want(code int, args ...string) ran {
	l.t.Helper()
	r := l.run(args...)
	if r.code != code {
		l.t.Fatalf("monitorctl %s exited with %d, want %d:\n%s", strings.Join(args, " "), r.code, code, r.all())
	}
	return r
}

// A verdict is what a JSON report says of a control.
type verdict struct {
	Control, Status string
	Reasons         []struct{ Code, Status, Message string }
}

// verdicts reads the findings of a JSON report.
func verdicts(t *testing.T, r ran) []verdict {
	t.Helper()
	var report struct{ Findings []verdict }
	if err := json.Unmarshal([]byte(r.out), &report); err != nil {
		t.Fatalf("reading report: %v\n%s", err, r.all())
	}
	return report.Findings
}

// A grant is an IAM policy that the program printed.
type grant struct {
	Version   string
	Statement []grantStatement
}

type grantStatement struct {
	Sid, Effect      string
	Action, Resource []string
	Condition        map[string]map[string][]string `json:",omitempty"`
}

// permissionsFor asks the program itself what a command needs.
func (l *cmdLab) permissionsFor(args ...string) grant {
	l.t.Helper()
	var g grant
	l.must(json.Unmarshal([]byte(l.want(exit.Done, append([]string{"permissions"}, args...)...).out), &g))
	return g
}

// actions are what the policy allows, sorted, each once.
func (g grant) actions() []string {
	var list []string
	for _, s := range g.Statement {
		list = append(list, s.Action...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// allow limits the credentials to the policy, less one action, and forgets the
// calls made.
func (l *cmdLab) allow(g grant, less string) {
	l.t.Helper()
	rest := grant{Version: g.Version}
	for _, s := range g.Statement {
		s.Action = slices.DeleteFunc(slices.Clone(s.Action), func(a string) bool { return a == less })
		if len(s.Action) > 0 {
			rest.Statement = append(rest.Statement, s)
		}
	}
	text, err := json.Marshal(rest)
	l.must(err)
	l.cloud.AllowAll()
	l.must(l.cloud.AllowPolicy(demoAccount, string(text)))
	l.cloud.ResetCalls()
}

// judged are two controls for which every read that this version knows is made.
var judged = []string{"security-group-changes", "organizations-changes"}

// healthy repairs the account for the judged controls, encrypts its topic and mutes
// an alarm that nobody needs.
func (l *cmdLab) healthy() {
	l.t.Helper()
	l.want(exit.Done, append([]string{"apply", "--subscribe", "sms:+4915112345678", "--yes"}, judged...)...)
	_, key := l.region.CreateKey(awstest.KeyOptions{Policy: fmt.Sprintf(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":"*"},`+
			`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"kms:*","Resource":"*"}]}`, demoAccount)})
	l.must(l.region.SetTopicAttribute("arn:aws:sns:eu-central-1:"+demoAccount+":monitorctl-alerts", "KmsMasterKeyId", key))
	one := 1.0
	l.must(l.region.PutMetricAlarm(awstest.PutMetricAlarmInput{
		AlarmName: "cpu", MetricName: "CPUUtilization", Namespace: "AWS/EC2", Statistic: "Average",
		Period: 300, EvaluationPeriods: 1, Threshold: &one, ComparisonOperator: "GreaterThanThreshold",
	}))
	l.must(l.region.PutAlarmMuteRule(awstest.PutAlarmMuteRuleInput{
		Name: "nights", MuteTargets: &awstest.MuteTargets{AlarmNames: []string{"cpu"}},
		Rule: &awstest.MuteRule{Schedule: awstest.MuteSchedule{Expression: "cron(0 * * * *)", Duration: "PT1H", Timezone: "Europe/Berlin"}},
	}))
}

// writes are the operations that tried to change the account.
func (l *cmdLab) writes() []string {
	var list []string
	for _, c := range l.cloud.Calls() {
		if !c.Read && c.Error == "" {
			list = append(list, c.Operation)
		}
	}
	return list
}

// account is what the account holds, as a saved snapshot without what differs
// between two accounts that came to the same in different ways: times,
// reasons of states, ids.
func (l *cmdLab) account() string {
	l.t.Helper()
	l.cloud.AllowAll()
	file := filepath.Join(l.t.TempDir(), "account.json")
	l.want(exit.Done, "snapshot", "--file", file)
	snap, err := collect.Load(context.Background(), file, nil)
	l.must(err)
	snap.TakenAt, snap.Salt = time.Time{}, ""
	for i := range snap.Accounts {
		for _, r := range snap.Accounts[i].Regions {
			plainAlarms(r)
			for _, topic := range r.Topics {
				subs, _ := topic.Subscriptions.Got()
				for i := range subs {
					subs[i].ARN, subs[i].EndpointHash = "", ""
				}
			}
			for _, read := range r.APIDestinations {
				if d, _ := read.Got(); d != nil {
					d.EndpointHash = ""
				}
			}
		}
	}
	for i := range snap.Accounts {
		for k := range snap.Accounts[i].Regions {
			snap.Accounts[i].Regions[k].ActionHistory = nil
		}
	}
	text, err := json.MarshalIndent(snap, "", " ")
	l.must(err)
	return givenIDs.ReplaceAllString(string(text), "$1/ID")
}

// givenIDs are the identifiers that EventBridge gives to API destinations and connections.
var givenIDs = regexp.MustCompile(`((?:api-destination|connection)/[A-Za-z0-9._-]+)/[0-9a-f-]{36}`)

func plainAlarms(r account.Region) {
	list, _ := r.Alarms.Got()
	for i := range list.Metric {
		a := &list.Metric[i]
		a.TransitionAt, a.UpdatedAt, a.StateReason = nil, nil, ""
	}
}

package cmd

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/patterns"
)

var update = flag.Bool("update", false, "rewrite the golden texts in the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"monitorctl": func() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ())) },
		"measured":   measuredMain,
	})
}

// TestScripts runs the stories of testdata/script. Each has an AWS of its own
// behind AWS_ENDPOINT_URL; the command "cloud" acts on it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup:               setupScript,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    exits,
			"cloud":    cloudCommand,
			"azure":    azureCommand,
			"findings": sameFindings,
			"renumber": renumber,
			"hold":     hold,
		},
	})
}

// A scriptCloud is what the command "cloud" works on.
type scriptCloud struct {
	cloud  *awstest.Cloud
	region *awstest.Region
	keys   map[string]string // ids, by alias
}

type cloudKey struct{}

// setupScript starts an empty account and points the script's environment at
// it.
func setupScript(env *testscript.Env) error {
	cloud := awstest.New(awstest.Options{Start: demoStart, PageSize: 2})
	acct := cloud.Account(demoAccount, awstest.AccountOptions{Alias: demoAlias, Regions: []string{demoRegion, "eu-west-1", "us-east-1"}})
	url, stop, err := cloud.Server()
	if err != nil {
		return err
	}
	env.Defer(stop)
	id, secret := acct.Credentials()
	env.Values[cloudKey{}] = &scriptCloud{cloud, acct.Region(demoRegion), map[string]string{}}
	env.Values[azureKey{}] = newScriptAzure()
	env.Setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential") // no other credential is ever asked
	env.Setenv("AWS_ENDPOINT_URL", url)
	env.Setenv("AWS_ACCESS_KEY_ID", id)
	env.Setenv("AWS_SECRET_ACCESS_KEY", secret)
	env.Setenv("AWS_REGION", demoRegion)
	env.Setenv("AWS_CONFIG_FILE", filepath.Join(env.WorkDir, "no-config"))
	env.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(env.WorkDir, "no-credentials"))
	env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	return nil
}

// exits runs a command and demands its exit code: exits 3 monitorctl audit.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("%s exited with %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

// sameFindings demands that two JSON reports hold byte for byte the same
// findings: findings A B.
func sameFindings(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: findings FILE FILE")
	}
	var texts []string
	for _, name := range args {
		var r struct{ Findings json.RawMessage }
		ts.Check(json.Unmarshal([]byte(ts.ReadFile(name)), &r))
		texts = append(texts, string(r.Findings))
	}
	if len(texts[0]) < 100 || texts[0] != texts[1] {
		ts.Fatalf("the findings differ:\n%s\n%s", texts[0], texts[1])
	}
}

// hold waits until somebody reads a FIFO, half a minute at most, and then writes nothing
// to it: hold FIFO.
func hold(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: hold FIFO")
	}
	opened := make(chan *os.File, 1)
	go func() {
		f, _ := os.OpenFile(ts.MkAbs(args[0]), os.O_WRONLY, 0) // nil is reported below
		opened <- f
	}()
	select {
	case f := <-opened:
		if f == nil {
			ts.Fatalf("%s cannot be opened", args[0])
		}
		ts.Defer(func() { _ = f.Close() }) // nothing was written
	case <-time.After(30 * time.Second):
		ts.Fatalf("nobody reads %s", args[0])
	}
}

// renumber writes a snapshot as that of another account: renumber IN OUT ACCOUNT.
func renumber(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: renumber IN OUT ACCOUNT")
	}
	text := strings.ReplaceAll(ts.ReadFile(args[0]), demoAccount, args[2])
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}

// cloudCommand acts on the script's account.
func cloudCommand(ts *testscript.TestScript, neg bool, args []string) {
	s := ts.Value(cloudKey{}).(*scriptCloud)
	if neg || len(args) == 0 {
		ts.Fatalf("usage: cloud VERB [ARG...]")
	}
	verbs := map[string]func([]string) error{
		"demo":   func([]string) error { return seedDemo(s.region) },
		"trail":  func([]string) error { _, err := s.region.Trail("org-trail", demoGroup); return err },
		"stop":   func(a []string) error { return s.region.StopLogging(a[0]) },
		"start":  func(a []string) error { return s.region.StartLogging(a[0]) },
		"mute":   func(a []string) error { return s.mute(a[0]) },
		"hub":    func([]string) error { s.region.EnableSecurityHub(); return nil },
		"remove": func(a []string) error { return s.remove(a[0], a[1]) },
		"scp": func(a []string) error {
			for _, service := range []string{"cloudtrail", "logs", "cloudwatch", "sns", "kms"} { // who calls, STS says all the same
				s.cloud.Fault(awstest.Fault{Operation: service + ":*", Region: a[0], Kind: awstest.Denied})
			}
			return nil
		},
		"policy":       func(a []string) error { return s.policy(a[0], a[1]) },
		"key":          func(a []string) error { return s.key(a[0], "") },
		"keystatement": func(a []string) error { return s.key(a[0], ts.ReadFile(a[1])) },
		"retune":       func(a []string) error { return s.retune(a[1]) },
		"edit":         func(a []string) error { return s.edit(a[1]) },
		"writes":       func(a []string) error { return s.writes(a[0]) },
		"deny":         func(a []string) error { s.cloud.Deny(a...); return nil },
		"allow":        func([]string) error { s.cloud.AllowAll(); return nil },
		"confirm":      func(a []string) error { return s.cloud.ConfirmEmail(a[0]) },
		"advance":      func(a []string) error { return s.advance(a[0]) },
		"delete": func([]string) error {
			_, err := s.cloud.Emit(demoAccount, demoRegion, deletion(s.cloud.Now()))
			return err
		},
		"narrow":  func(a []string) error { return s.narrow(a) },
		"silence": func([]string) error { return s.silence() },
		"filters": func(a []string) error { return s.filters(a[0]) },
		"foreign": func(a []string) error { return s.foreign(a[0]) },
		"kept":    func(a []string) error { return s.kept(a[0]) },
		"told":    func(a []string) error { return s.told(a[0]) },
		"calls":   func(a []string) error { return s.calls(a) },
		"reset":   func([]string) error { s.cloud.ResetCalls(); return nil },
		"fail":    func(a []string) error { return s.fail(a) },
		"delay":   func(a []string) error { return s.delay(a) },
		"await":   func(a []string) error { return s.await(a[0]) },
	}
	verb, ok := verbs[args[0]]
	if !ok {
		ts.Fatalf("unknown verb %s", args[0])
	}
	ts.Check(verb(args[1:]))
}

func (s *scriptCloud) advance(text string) error {
	d, err := time.ParseDuration(text)
	if err == nil {
		s.cloud.Advance(d)
	}
	return err
}

// narrow makes our filter for network ACLs leave out the calls of these user agents:
// narrow AGENT...
func (s *scriptCloud) narrow(agents []string) error {
	texts, err := demoTexts()
	if err != nil {
		return err
	}
	text := strings.TrimSuffix(strings.TrimPrefix(texts["nacl-changes"], "{"), "}")
	text = "(" + text + ")"
	for _, agent := range agents {
		text += fmt.Sprintf(" && ($.userAgent != %q)", agent)
	}
	zero := 0.0
	return s.region.PutMetricFilter(awstest.PutMetricFilterInput{
		LogGroupName: demoGroup, FilterName: "NetworkAclConfigChanges", FilterPattern: "{ " + text + " }",
		MetricTransformations: []awstest.MetricTransformation{{MetricName: "NetworkAclEventCount", MetricNamespace: "CloudTrailMetrics", MetricValue: "1", DefaultValue: &zero}},
	})
}

// silence switches the actions of our alarm for network ACLs off.
func (s *scriptCloud) silence() error {
	one, off := 1.0, false
	return s.region.PutMetricAlarm(awstest.PutMetricAlarmInput{
		AlarmName: "NetworkAclConfigChangesAlarm", ActionsEnabled: &off, MetricName: "NetworkAclEventCount", Namespace: "CloudTrailMetrics", Statistic: "Sum",
		Period: 300, EvaluationPeriods: 1, Threshold: &one, ComparisonOperator: "GreaterThanOrEqualToThreshold", TreatMissingData: "notBreaching",
		AlarmActions: []string{"arn:aws:sns:eu-central-1:111122223333:monitorctl-alerts"},
	})
}

// filters fills the log group with N foreign metric filters.
func (s *scriptCloud) filters(n string) error {
	count, err := strconv.Atoi(n)
	for i := 0; i < count && err == nil; i++ {
		err = s.region.PutMetricFilter(awstest.PutMetricFilterInput{
			LogGroupName: demoGroup, FilterName: fmt.Sprintf("foreign-%03d", i), FilterPattern: "ERROR",
			MetricTransformations: []awstest.MetricTransformation{{MetricName: "errors", MetricNamespace: "App", MetricValue: "1"}},
		})
	}
	return err
}

// foreign puts someone else's object under one of our names.
func (s *scriptCloud) foreign(kind string) error {
	one := 1.0
	switch kind {
	case "alarm":
		return s.region.PutMetricAlarm(awstest.PutMetricAlarmInput{
			AlarmName: "SecurityGroupConfigChangesAlarm", MetricName: "CPUUtilization", Namespace: "AWS/EC2", Statistic: "Average",
			Period: 300, EvaluationPeriods: 1, Threshold: &one, ComparisonOperator: "GreaterThanThreshold",
		})
	case "filter":
		return s.region.PutMetricFilter(awstest.PutMetricFilterInput{
			LogGroupName: demoGroup, FilterName: "SecurityGroupConfigChanges", FilterPattern: "{ $.eventName = Nothing }",
			MetricTransformations: []awstest.MetricTransformation{{MetricName: "theirs", MetricNamespace: "Theirs", MetricValue: "1"}},
		})
	case "everything":
		return s.foreignEverywhere()
	case "hostile":
		return s.region.PutMetricFilter(awstest.PutMetricFilterInput{
			LogGroupName: demoGroup, FilterName: hostileName, FilterPattern: "ERROR",
			MetricTransformations: []awstest.MetricTransformation{{MetricName: "SecurityGroupEventCount", MetricNamespace: "CloudTrailMetrics", MetricValue: "1"}},
		})
	case "topic":
		_, err := s.region.CreateTopic(awstest.CreateTopicInput{Name: "monitorctl-alerts"})
		return err
	}
	return fmt.Errorf("unknown kind %s", kind)
}

// kept puts the chain of security-group-changes there as monitorctl makes it, but
// with another keeper in the tags, or without them for "nobody": kept KEEPER.
func (s *scriptCloud) kept(keeper string) error {
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		return err
	}
	controls, err := cat.Select([]string{"security-group-changes"}, "core", catalog.DefaultBenchmark)
	if err != nil {
		return err
	}
	tags := []awstest.Tag{{Key: "monitorctl:managed", Value: keeper}}
	if keeper == "nobody" {
		tags = nil
	}
	arn, err := s.region.CreateTopic(awstest.CreateTopicInput{Name: "monitorctl-alerts", Tags: tags})
	if err != nil {
		return err
	}
	n, home := desired.Names{}, desired.Home{Partition: "aws", Account: demoAccount, Region: demoRegion}
	f := n.Filter(controls[0], catalog.DefaultBenchmark, demoGroup)
	a := n.Alarm(controls[0], home, f.Namespace, f.Metric, arn)
	_, subscribed := s.region.Subscribe(awstest.SubscribeInput{TopicARN: arn, Protocol: "sms", Endpoint: "+491701234567"})
	return errors.Join(subscribed,
		s.region.SetTopicAttribute(arn, "Policy", n.TopicPolicy(home, policy.Alarms)),
		s.region.PutMetricFilter(awstest.PutMetricFilterInput{
			LogGroupName: f.LogGroup, FilterName: f.Name, FilterPattern: f.Pattern,
			MetricTransformations: []awstest.MetricTransformation{{MetricName: f.Metric, MetricNamespace: f.Namespace, MetricValue: f.Value, DefaultValue: f.Default, Unit: f.Unit}},
		}),
		s.region.PutMetricAlarm(awstest.PutMetricAlarmInput{
			AlarmName: a.Name, AlarmDescription: a.Description, Namespace: a.Namespace, MetricName: a.Metric, Statistic: a.Statistic, Period: a.Period,
			EvaluationPeriods: a.EvaluationPeriods, DatapointsToAlarm: a.DatapointsToAlarm, Threshold: a.Threshold, ComparisonOperator: a.Comparison,
			TreatMissingData: a.MissingData, AlarmActions: a.AlarmActions, Tags: tags,
		}))
}

// hostileName is a filter's name that AWS takes.
const hostileName = "x\x1b[2J\x07\"';$(touch pwned)`touch pwned`${HOME}\r\n--replace\u202e"

// foreignEverywhere puts someone else's objects under every one of our names.
func (s *scriptCloud) foreignEverywhere() error {
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		return err
	}
	one := 1.0
	for _, c := range catalog.Repairable(cat.Controls) {
		err = errors.Join(err,
			s.region.PutMetricFilter(awstest.PutMetricFilterInput{
				LogGroupName: demoGroup, FilterName: c.Names.Filter, FilterPattern: "ERROR",
				MetricTransformations: []awstest.MetricTransformation{{MetricName: "theirs", MetricNamespace: "Theirs", MetricValue: "1"}},
			}),
			s.region.PutMetricAlarm(awstest.PutMetricAlarmInput{
				AlarmName: c.Names.Alarm, MetricName: "theirs", Namespace: "Theirs", Statistic: "Sum", Period: 300, EvaluationPeriods: 1, Threshold: &one,
				ComparisonOperator: "GreaterThanThreshold",
			}))
	}
	_, failed := s.region.CreateTopic(awstest.CreateTopicInput{Name: "monitorctl-alerts"})
	return errors.Join(err, failed)
}

// remove deletes an object: remove alarm NAME, remove filter NAME, remove topic
// ARN.
func (s *scriptCloud) remove(kind, name string) error {
	switch kind {
	case "alarm":
		return s.region.DeleteAlarms(name)
	case "filter":
		return s.region.DeleteMetricFilter(demoGroup, name)
	case "topic":
		return s.region.DeleteTopic(name)
	}
	return fmt.Errorf("unknown kind %s", kind)
}

// mute mutes an alarm at all hours: mute NAME.
func (s *scriptCloud) mute(alarm string) error {
	return s.region.PutAlarmMuteRule(awstest.PutAlarmMuteRuleInput{
		Name: "quiet", MuteTargets: &awstest.MuteTargets{AlarmNames: []string{alarm}},
		Rule: &awstest.MuteRule{Schedule: awstest.MuteSchedule{Expression: "cron(0 * * * *)", Duration: "PT1H"}},
	})
}

// policy gives a topic a policy of someone's: policy NAME allow|deny.
func (s *scriptCloud) policy(topic, kind string) error {
	arn := "arn:aws:sns:" + demoRegion + ":" + demoAccount + ":" + topic
	more := ""
	if kind == "deny" {
		more = `{"Sid":"no","Effect":"Deny","Principal":"*","Action":"SNS:Publish","Resource":"` + arn + `"},`
	}
	return s.region.SetTopicAttribute(arn, "Policy", `{"Version":"2012-10-17","Id":"theirs","Statement":[`+more+
		`{"Sid":"own","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::`+demoAccount+`:root"},"Action":"SNS:Publish","Resource":"`+arn+`"}]}`)
}

// key makes a KMS key whose policy is for the account only: key ALIAS. With
// keystatement ALIAS FILE its policy gets a statement.
func (s *scriptCloud) key(alias, statement string) error {
	root := `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + demoAccount + `:root"},"Action":"kms:*","Resource":"*"}`
	if statement != "" {
		return s.region.SetKey(s.keys[alias], "", `{"Version":"2012-10-17","Statement":[`+root+`,`+statement+`]}`)
	}
	s.keys[alias], _ = s.region.CreateKey(awstest.KeyOptions{Alias: "alias/" + alias, Policy: `{"Version":"2012-10-17","Statement":[` + root + `]}`})
	return nil
}

// retune gives an alarm of ours a threshold that one event does not pass.
func (s *scriptCloud) retune(name string) error {
	fifty := 50.0
	return s.region.PutMetricAlarm(awstest.PutMetricAlarmInput{
		AlarmName: name, MetricName: "SecurityGroupEventCount", Namespace: "CloudTrailMetrics", Statistic: "Sum", Period: 300, EvaluationPeriods: 1,
		Threshold: &fifty, ComparisonOperator: "GreaterThanOrEqualToThreshold", TreatMissingData: "notBreaching",
		AlarmActions: []string{"arn:aws:sns:eu-central-1:111122223333:monitorctl-alerts"},
	})
}

// edit gives an alarm another period, as someone with a console would: edit
// alarm NAME.
func (s *scriptCloud) edit(name string) error {
	one := 1.0
	return s.region.PutMetricAlarm(awstest.PutMetricAlarmInput{
		AlarmName: name, MetricName: "m", Namespace: "n", Statistic: "Sum", Period: 60, EvaluationPeriods: 1, Threshold: &one,
		ComparisonOperator: "GreaterThanThreshold", AlarmActions: []string{"arn:aws:sns:eu-central-1:111122223333:monitorctl-alerts"},
	})
}

// writes demands how many calls since the last reset were meant to change the
// account.
func (s *scriptCloud) writes(n string) error {
	var ops []string
	for _, c := range s.cloud.Calls() {
		if !c.Read {
			ops = append(ops, c.Operation)
		}
	}
	if fmt.Sprint(len(ops)) != n {
		return fmt.Errorf("%d writes, want %s: %v", len(ops), n, ops)
	}
	return nil
}

// told demands that an address has been told of something.
func (s *scriptCloud) told(endpoint string) error {
	if len(s.cloud.Inbox(endpoint)) == 0 {
		return fmt.Errorf("%s was sent nothing; story: %v", endpoint, s.cloud.Story())
	}
	return nil
}

// calls demands how often an operation was called: calls OPERATION N, or calls
// total N.
func (s *scriptCloud) calls(a []string) error {
	counts := s.cloud.CallCounts()
	got := counts[a[0]]
	if a[0] == "total" {
		for _, n := range counts {
			got += n
		}
	}
	if fmt.Sprint(got) != a[1] {
		ops := []string{}
		for op, n := range counts {
			ops = append(ops, fmt.Sprintf("%d %s", n, op))
		}
		slices.Sort(ops)
		return fmt.Errorf("%s: %d calls, want %s\n%s", a[0], got, a[1], strings.Join(ops, "\n"))
	}
	return nil
}

// fail arms a fault: fail OPERATION CODE.
func (s *scriptCloud) fail(a []string) error {
	s.cloud.Fault(awstest.Fault{Operation: a[0], Kind: awstest.ErrorCode, Code: a[1], Times: 1})
	return nil
}

// delay makes an operation slow: delay OPERATION DURATION.
func (s *scriptCloud) delay(a []string) error {
	d, err := time.ParseDuration(a[1])
	s.cloud.Fault(awstest.Fault{Operation: a[0], Kind: awstest.Delay, Delay: d})
	return err
}

// await waits until an operation was called, half a minute at most.
func (s *scriptCloud) await(operation string) error {
	for range 3000 {
		if s.cloud.CallCounts()[operation] > 0 {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("%s was not called", operation)
}

package export_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export/shell"
)

// fakeVariable makes this program the AWS CLI of an empty account: it appends its
// arguments to the file of that name, and answers looks.
const fakeVariable = "MONITORCTL_TEST_AWS_LOG"

func TestMain(m *testing.M) {
	if log := os.Getenv(fakeVariable); log != "" {
		os.Exit(fakeCLI(log, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// answerVariable replaces answers: OPERATION=ANSWER, one a line; after ! it is an error.
const answerVariable = "MONITORCTL_TEST_AWS_ANSWER"

func fakeCLI(log string, args []string) int {
	f, err := os.OpenFile(log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 1
	}
	defer f.Close()
	i := slices.IndexFunc(args, func(s string) bool { return s == "--cli-input-json" })
	if i >= 0 && strings.HasPrefix(args[i+1], "file://") {
		data, err := os.ReadFile(strings.TrimPrefix(args[i+1], "file://"))
		if err != nil {
			return 1
		}
		args[i+1] = string(data)
	}
	data, _ := json.Marshal(args)
	fmt.Fprintf(f, "%s\n", data)
	operation := args[5] // aws --region R --output json SERVICE OPERATION
	query := args[len(args)-1]
	for line := range strings.SplitSeq(os.Getenv(answerVariable), "\n") {
		name, answer, ok := strings.Cut(line, "=")
		if !ok || name != operation {
			continue
		}
		if answer == "" {
			return 255
		}
		if text, refused := strings.CutPrefix(answer, "!"); refused {
			fmt.Fprintln(os.Stderr, text)
			return 254
		}
		fmt.Println(answer)
		return 0
	}
	switch operation {
	case "get-caller-identity":
		fmt.Printf("%q\n", accountID)
	case "list-topics":
		fmt.Println(0)
	case "list-subscriptions-by-topic":
		fmt.Println("[]")
	case "get-role", "get-role-policy":
		fmt.Fprintln(os.Stderr, "An error occurred (NoSuchEntity) when calling the operation")
		return 254
	case "describe-log-groups":
		fmt.Println(`"new null"`)
	case "get-bucket-policy":
		fmt.Fprintln(os.Stderr, "An error occurred (NoSuchBucketPolicy) when calling the operation")
		return 254
	case "head-bucket":
		fmt.Fprintln(os.Stderr, "An error occurred (404) when calling the HeadBucket operation: Not Found")
		return 254
	case "list-connections", "list-api-destinations":
		fmt.Println("null")
	case "create-connection", "create-api-destination":
		var in struct{ Name string }
		_ = json.Unmarshal([]byte(args[i+1]), &in)
		arn := desired.ConnectionARN
		if operation == "create-api-destination" {
			arn = desired.DestinationARN
		}
		fmt.Printf("%q\n", arn(in.Name, desired.Home{Partition: "aws", Account: accountID, Region: args[1]}))
	case "put-targets":
		fmt.Println(0)
	case "describe-metric-filters", "describe-alarms", "list-rules", "describe-trails":
		words := make([]string, strings.Count(query, "\n    ("))
		for i := range words {
			words[i] = "new"
		}
		fmt.Printf("%q\n", strings.Join(words, " "))
	}
	return 0
}

// A shellRun is what became of a script.
type shellRun struct {
	code   int
	output string
	calls  [][]string // arguments, without those for all calls
	pwned  bool       // the script ran what was data
}

// runScript runs the script of a list with a shell and the CLI of this program.
func runScript(t *testing.T, sh string, l desired.List, answer string) shellRun {
	t.Helper()
	files, err := shell.Files(l)
	if err != nil {
		t.Fatal(err)
	}
	return runText(t, sh, string(files[0].Data), l, answer)
}

// runText runs a text as a script.
func runText(t *testing.T, sh, text string, l desired.List, answer string) shellRun {
	t.Helper()
	path, err := exec.LookPath(sh)
	if err != nil {
		t.Skipf("%s is not in the PATH", sh)
	}
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{"script": text, "aws": "#!/bin/sh\nexec '" + self + "' \"$@\"\n", "sleep": "#!/bin/sh\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	log := filepath.Join(dir, "log")
	var out bytes.Buffer
	c := exec.Command(path, "script")
	c.Dir, c.Stdout, c.Stderr = dir, &out, &out
	c.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), fakeVariable+"="+log, answerVariable+"="+answer, "LC_ALL=C")
	for name, s := range secretsOf(l) {
		c.Env = append(c.Env, strings.ToUpper(name)+"="+s)
	}
	r := shellRun{}
	var exit *exec.ExitError
	if err := c.Run(); errors.As(err, &exit) {
		r.code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	r.output = out.String()
	data, _ := os.ReadFile(log)
	dec := json.NewDecoder(bytes.NewReader(data))
	for {
		var args []string
		if err := dec.Decode(&args); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		r.calls = append(r.calls, append(args[4:], args[1]))
	}
	_, err = os.Stat(filepath.Join(dir, "pwned"))
	r.pwned = err == nil
	return r
}

// writes are the calls of a run that write, and whether a look came after one.
func (r shellRun) writes() (writes [][]string, late bool) {
	for _, c := range r.calls {
		switch {
		case strings.HasPrefix(c[1], "put-") || strings.HasPrefix(c[1], "create-") || strings.HasPrefix(c[1], "set-") || c[1] == "subscribe" || c[1] == "start-logging":
			writes = append(writes, c)
		default:
			late = late || len(writes) > 0
		}
	}
	return writes, late
}

// A cliInput is the JSON of any call that writes.
type cliInput struct {
	Name, TopicArn, AttributeValue, Protocol, Endpoint string
	Attributes                                         map[string]string
	Tags                                               cfnTags
	LogGroupName, FilterName, FilterPattern            string
	MetricTransformations                              []account.Transformation
	account.MetricAlarm
	AlarmName, AlarmDescription, MetricName, ComparisonOperator, TreatMissingData string
	InsufficientDataActions                                                       []string
	Dimensions                                                                    []struct{ Name, Value string }

	RoleName, AssumeRolePolicyDocument, Description, PolicyName, PolicyDocument string
	Rule, EventPattern, State                                                   string
	Targets                                                                     []struct {
		ID, Arn, RoleArn string
		InputTransformer *struct {
			InputPathsMap map[string]string
			InputTemplate string
		}
	}
	AuthorizationType, ConnectionArn, InvocationEndpoint, HTTPMethod string
	AuthParameters                                                   struct {
		BasicAuthParameters      struct{ Username, Password string }
		InvocationHTTPParameters struct{ BodyParameters []struct{ Key, Value string } }
	}
}

// result is what the writes of a run would make.
func (r shellRun) result(t *testing.T) result {
	t.Helper()
	var out result
	roles, connections := map[string]desired.Role{}, map[string]called{}
	writes, _ := r.writes()
	for _, c := range writes {
		if c[1] == "create-log-group" { // whose tags are an object: it is read with the rest of a trail
			continue
		}
		var in cliInput
		if err := json.Unmarshal([]byte(c[3]), &in); err != nil {
			t.Fatalf("%v: %v", c, err)
		}
		region := c[len(c)-1]
		switch c[1] {
		case "create-topic":
			out.topic(region, desired.Topic{Name: in.Name, KeyID: in.Attributes["KmsMasterKeyId"], Tags: in.Tags.tags(), Policy: "{}"})
		case "set-topic-attributes":
			for i, x := range out.Topics {
				if strings.HasPrefix(x, fmt.Sprintf("%s %q ", region, in.TopicArn[strings.LastIndexByte(in.TopicArn, ':')+1:])) {
					out.Topics[i] = strings.TrimSuffix(x, "{}") + canonical(in.AttributeValue)
				}
			}
		case "subscribe":
			out.subscription(desired.Subscription{TopicARN: in.TopicArn, Protocol: in.Protocol, Endpoint: in.Endpoint})
		case "put-metric-filter":
			out.filter(filterOfCLI(t, c[3]))
		case "put-metric-alarm":
			a := in.MetricAlarm
			a.Name, a.Description, a.Metric, a.Comparison, a.MissingData, a.NoDataActions = in.AlarmName, in.AlarmDescription, in.MetricName, in.ComparisonOperator, in.TreatMissingData, in.InsufficientDataActions
			a.Dimensions = map[string]string{}
			for _, d := range in.Dimensions {
				a.Dimensions[d.Name] = d.Value
			}
			out.alarm(a, in.Tags.tags())
		case "create-role":
			roles[in.RoleName] = desired.Role{Name: in.RoleName, Description: in.Description, Trust: in.AssumeRolePolicyDocument, Tags: in.Tags.tags()}
		case "put-role-policy":
			x := roles[in.RoleName]
			x.Inline, x.Policy = in.PolicyName, in.PolicyDocument
			out.role(x)
		case "create-connection":
			connections[desired.ConnectionARN(in.Name, desired.Home{Partition: "aws", Account: accountID, Region: region})] = in.connection()
		case "create-api-destination":
			x := connections[in.ConnectionArn]
			x.description, x.url = in.Description, in.InvocationEndpoint
			out.endpoint(region, x)
		case "put-rule":
			out.rule(region, account.Rule{Name: in.Name, Description: in.Description, State: in.State, Pattern: in.EventPattern}, in.Tags.tags())
		case "put-targets":
			for _, x := range in.Targets {
				target := account.WholeTarget{ID: x.ID, ARN: x.Arn, RoleARN: x.RoleArn}
				if i := x.InputTransformer; i != nil {
					target.Transformer = &account.Transformed{Paths: i.InputPathsMap, Template: i.InputTemplate}
				}
				out.target(region, in.Rule, target)
			}
		}
	}
	r.trail(t, &out)
	out.sort()
	return out
}

// connection is what create-connection makes.
func (in cliInput) connection() called {
	x := called{name: in.Name, connection: in.Description, auth: in.AuthorizationType, user: in.AuthParameters.BasicAuthParameters.Username, password: in.AuthParameters.BasicAuthParameters.Password}
	for _, b := range in.AuthParameters.InvocationHTTPParameters.BodyParameters {
		x.key = b.Value
	}
	return x
}

func filterOfCLI(t *testing.T, text string) account.MetricFilter {
	t.Helper()
	var in struct {
		LogGroupName, FilterName, FilterPattern string
		MetricTransformations                   []struct {
			MetricNamespace, MetricName, MetricValue, Unit string
			DefaultValue                                   *float64
		}
	}
	if err := json.Unmarshal([]byte(text), &in); err != nil || len(in.MetricTransformations) != 1 {
		t.Fatalf("%s: %v", text, err)
	}
	m := in.MetricTransformations[0]
	return account.MetricFilter{
		LogGroup: in.LogGroupName, Name: in.FilterName, Pattern: in.FilterPattern, Namespace: m.MetricNamespace, Metric: m.MetricName,
		Value: m.MetricValue, Default: m.DefaultValue, Unit: m.Unit,
	}
}

// The script would make the objects of the list in an empty account, field by field, after
// all looks, in every shell that is here; secrets are on no command line.
func TestShell(t *testing.T) {
	for _, s := range situations(t) {
		shells := []string{"sh"}
		if s.name == "hostile" {
			shells = []string{"sh", "dash", "bash"}
		} else if s.name != "cis complete prefix" && s.name != "routes" && s.name != "core key" && s.name != "core topic-arn" && s.name != "heartbeat" && s.name != "trail of an organization" && s.name != "rules per region" && s.name != "hostile rules" {
			continue // each call starts a process
		}
		for _, sh := range shells {
			t.Run(s.name+" "+sh, func(t *testing.T) {
				r := runScript(t, sh, s.list, "")
				if r.code != 0 || r.pwned {
					t.Fatalf("exit %d, data was run: %t\n%s", r.code, r.pwned, r.output)
				}
				if d := cmp.Diff(of(s.list, desired.Monitorctl), r.result(t)); d != "" {
					t.Errorf("-list +script:\n%s", d)
				}
				if _, late := r.writes(); late {
					t.Error("a look comes after a write")
				}
			})
		}
	}
}

// The writes alone make the same objects, and nothing in another account. A line of them that
// begins with # would be a command to an interactive zsh.
func TestShellCommands(t *testing.T) {
	for _, s := range situations(t) {
		if s.name != "hostile" && s.name != "routes" && s.name != "heartbeat" && s.name != "hostile rules" {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			text, err := shell.Commands(s.list)
			if err != nil {
				t.Fatal(err)
			}
			r := runText(t, "sh", text, s.list, "")
			if r.code != 0 || r.pwned {
				t.Fatalf("exit %d, data was run: %t\n%s\n%s", r.code, r.pwned, r.output, text)
			}
			if d := cmp.Diff(of(s.list, desired.Monitorctl), r.result(t)); d != "" {
				t.Errorf("-list +commands:\n%s", d)
			}
			if strings.Contains(text, "\n#") || strings.Contains(text, pagerKey) {
				t.Errorf("a comment or a secret is in\n%s", text)
			}
			r = runText(t, "sh", text, s.list, `get-caller-identity="999988887777"`)
			if writes, _ := r.writes(); r.code == 0 || len(writes) > 0 || !strings.Contains(r.output, "not "+accountID) {
				t.Errorf("another account: exit %d, %d writes:\n%s", r.code, len(writes), r.output)
			}
		})
	}
}

// Of what is there the commands write nothing, and they replace nothing.
func TestShellCommandsOfWhatIsMissing(t *testing.T) {
	l := whole(t, bare(t), controls(t, "core", "nacl-changes"), optionsFor(person))
	l.Topics[0].State, l.Subscriptions[0].State, l.Filters[0].State = desired.Ours, desired.Kept, desired.Ours
	text, err := shell.Commands(l)
	if err != nil || strings.Count(text, "--cli-input-json") != 1 || !strings.Contains(text, "put-metric-alarm") {
		t.Errorf("%v: want the alarm alone:\n%s", err, text)
	}
	l.Alarms[0].State = desired.Changed
	var change *shell.ChangeError
	if _, err := shell.Commands(l); !errors.As(err, &change) {
		t.Errorf("an alarm that would be replaced: %v", err)
	}
	if text, err := shell.Commands(withTrail(t, "")); err == nil || text != "" {
		t.Errorf("a trail: %v\n%s", err, text)
	}
}

// Nothing is written where an answer is not the one that lets the script go on.
func TestShellRefuses(t *testing.T) {
	l := whole(t, bare(t), controls(t, "core", "nacl-changes"), optionsFor(person))
	for _, tt := range []struct{ name, answer, want string }{
		{"another account", `get-caller-identity="999988887777"`, "not " + accountID},
		{"no credentials", "get-caller-identity=", ""},
		{"a foreign topic", "list-topics=1", "topic monitorctl-alerts exists and was not created by monitorctl"},
		{"two topics of one ARN", "list-topics=2", "unexpected answer: 2"},
		{"topics that cannot be listed", "list-topics=", ""},
		{"a foreign filter", `describe-metric-filters="other"`, "metric filter NetworkAclConfigChanges exists with other settings"},
		{"filters that cannot be read", "describe-metric-filters=", ""},
		{"an answer cut short", `describe-metric-filters=""`, "unexpected answer"},
		{"an edited alarm", `describe-alarms="other"`, "alarm NetworkAclConfigChangesAlarm exists with other settings"},
		{"a twin of an alarm", `describe-alarms="same"`, "alarm NetworkAclConfigChangesAlarm exists and was not created by monitorctl"},
		{"alarms that cannot be read", "describe-alarms=", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := runScript(t, "sh", l, tt.answer)
			writes, _ := r.writes()
			if r.code == 0 || len(writes) > 0 || !strings.Contains(r.output, tt.want) {
				t.Errorf("exit %d, %d writes:\n%s", r.code, len(writes), r.output)
			}
		})
	}
	r := runScript(t, "sh", l, `describe-metric-filters="same"`)
	if writes, _ := r.writes(); r.code != 0 || len(writes) != 4 {
		t.Errorf("with the filter there: exit %d, %d writes, want topic, policy, subscriber and alarm", r.code, len(writes))
	}
}

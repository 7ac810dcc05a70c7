package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/yamlfile"
	"github.com/monitorctl/monitorctl/patterns"
)

const schemaFile = "../../docs/schema/config-v1.schema.json"

func controls(t testing.TB) *catalog.Catalog {
	t.Helper()
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

const whole = `benchmark: cis-5.0.0
controls: [security-group-changes, root-usage]
regions: [eu-central-1, us-gov-west-1]
names:
  namespace: Acme/Security
  prefix: acme-
  topic: acme-alerts
  controls:
    security-group-changes: {filter: SGWatch, alarm: sg watch}
tags: {team: security, cost: "42"}
notify:
  topic: arn:aws:sns:eu-central-1:111122223333:alerts
  subscribe: ["email:security@example.com", "https://example.com/hook"]
  routes:
    - {severity: [high, critical], topic: acme-pager, subscribe: ["pagerduty:env:PAGER_KEY"]}
    - {controls: [root-usage], topicArn: "arn:aws:sns:eu-central-1:111122223333:root"}
subscribers:
  - endpoint: arn:aws:lambda:eu-central-1:111122223333:function:to-slack
    reaches: "#sec on Slack"
    reason: posts alarms to the channel
    owner: platform
    checked: 2026-11-01
    expires: 2027-05-01
azure:
  resourceGroup: monitoring
  subscribe: ["sms:+4915112345678", "role:Owner"]
waivers:
  - control: config-changes
    account: "111122223333"
    reason: Config is not in use
    owner: cloud-platform
    expires: 2026-12-31
  - {control: nacl-changes, reason: moving, expires: "2026-02-28"}
accept:
  - control: security-group-changes
    account: "111122223333"
    code: filter-narrowed
    where: 'userAgent = "terraform-ci"'
    resource: arn:aws:logs:*:metric-filter:SGWatch
    reason: reviewed in Git
    owner: platform
    expires: 2027-03-31
  - {control: nacl-changes, code: alarm-threshold, reason: seldom, expires: "2026-02-28"}
  - {control: nacl-changes, ou: /Sandbox, code: filter-noisy, reason: in the sandbox, expires: "2026-02-28"}
  - {control: nacl-changes, tag: stage=dev, code: filter-noisy, reason: in development, expires: "2026-02-28"}
central: [security.json, /var/lib/log.json]
`

func TestParse(t *testing.T) {
	got, err := Parse("ci/monitorctl.yaml", []byte(whole), controls(t))
	if err != nil {
		t.Fatal(err)
	}
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	want := &File{
		Path: "ci/monitorctl.yaml", SHA256: got.SHA256, Benchmark: "cis-5.0.0",
		Controls: []string{"security-group-changes", "root-usage"}, Regions: []string{"eu-central-1", "us-gov-west-1"},
		Names: Names{Namespace: "Acme/Security", Prefix: "acme-", Topic: "acme-alerts", Controls: map[string]catalog.Names{
			"security-group-changes": {Filter: "SGWatch", Metric: "SecurityGroupEventCount", Alarm: "sg watch", Description: "Triggered by security group changes."},
		}},
		Tags: map[string]string{"team": "security", "cost": "42"},
		Notify: Notify{TopicARN: "arn:aws:sns:eu-central-1:111122223333:alerts", Subscribe: []string{"email:security@example.com", "https://example.com/hook"},
			Routes: []Route{
				{Severities: []catalog.Severity{catalog.High, catalog.Critical}, TopicName: "acme-pager", Subscribe: []string{"pagerduty:env:PAGER_KEY"}},
				{Controls: []string{"root-usage"}, TopicARN: "arn:aws:sns:eu-central-1:111122223333:root"},
			}},
		Azure: Azure{ResourceGroup: "monitoring", Subscribe: []string{"sms:+4915112345678", "role:Owner"}},
		Declared: []finding.Declared{{
			Endpoint: "arn:aws:lambda:eu-central-1:111122223333:function:to-slack", Reaches: "#sec on Slack", Reason: "posts alarms to the channel", Owner: "platform",
			Checked: day(2026, 11, 1), Expires: day(2027, 5, 1),
		}},
		Waivers: []finding.Waiver{
			{Control: "config-changes", Account: "111122223333", Reason: "Config is not in use", Owner: "cloud-platform", Expires: day(2026, 12, 31)},
			{Control: "nacl-changes", Reason: "moving", Expires: day(2026, 2, 28)},
		},
		Accepts: []finding.Accept{
			{Control: "security-group-changes", Account: "111122223333", Code: "filter-narrowed", Where: `userAgent = "terraform-ci"`,
				Resource: "arn:aws:logs:*:metric-filter:SGWatch", Reason: "reviewed in Git", Owner: "platform", Expires: day(2027, 3, 31)},
			{Control: "nacl-changes", Code: "alarm-threshold", Reason: "seldom", Expires: day(2026, 2, 28)},
			{Control: "nacl-changes", Unit: "/Sandbox", Code: "filter-noisy", Reason: "in the sandbox", Expires: day(2026, 2, 28)},
			{Control: "nacl-changes", Tag: "stage=dev", Code: "filter-noisy", Reason: "in development", Expires: day(2026, 2, 28)},
		},
		Central: []string{filepath.Join("ci", "security.json"), "/var/lib/log.json"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Parse (-want +got):\n%s", diff)
	}
	if len(got.SHA256) != 64 {
		t.Errorf("digest %q", got.SHA256)
	}
}

// faults are configurations that are not accepted; schema says that the JSON
// Schema for editors sees it too.
var faults = []struct {
	name, text string
	want, hint string
	schema     bool
}{
	{name: "unknown key", text: "waiver: []", want: `1:1: unknown key "waiver" of the configuration`, hint: "did you mean waivers?", schema: true},
	{name: "unknown key deep inside", text: "names:\n  controls:\n    root-usage: {filtre: x}", want: `3:18: unknown key "filtre" of the names of a control`, hint: "did you mean filter?", schema: true},
	{name: "no mapping", text: "- a", want: "1:1: the configuration must be a mapping of keys and values", schema: true},
	{name: "benchmark", text: "benchmark: cis-9", want: `1:12: unknown benchmark "cis-9"`, schema: true},
	{name: "set", text: "set: cor", want: `1:6: unknown set "cor"`, hint: "did you mean core?", schema: true},
	{name: "set and controls", text: "set: cis\ncontrols: [root-usage]", want: "2:11: set and controls cannot be combined", hint: "leave one of them out", schema: true},
	{name: "unknown control", text: "controls: [root-use]", want: `1:12: unknown control "root-use"`, hint: "did you mean root-usage?"},
	{name: "region", text: "regions: [Frankfurt]", want: `1:11: "Frankfurt" is not a region name`, hint: "a region looks like eu-central-1", schema: true},
	{name: "namespace", text: "names: {namespace: 'a:b'}", want: `1:20: namespace "a:b" contains one of : * $`, schema: true},
	{name: "prefix", text: "names: {prefix: 'a b'}", want: `1:17: name prefix "a b"`, schema: true},
	{name: "topic name", text: "names: {topic: 'x.fifo'}", want: `1:16: topic name "x.fifo"`, schema: true},
	{name: "metric", text: "names: {controls: {root-usage: {metric: 'a$'}}}", want: `1:41: metric "a$" contains one of : * $`, schema: true},
	{name: "names of no control", text: "names: {controls: {root: {metric: a}}}", want: `1:20: unknown control "root"`, hint: "did you mean root-usage?"},
	{name: "two controls with one metric", text: "names: {controls: {root-usage: {metric: VPCEventCount}}}", want: "1:20: root-usage would have a name of vpc-changes"},
	{name: "reserved tag", text: "tags: {'aws:x': y}", want: `1:8: tag "aws:x" is reserved`, schema: true},
	{name: "tag that is a number", text: "tags: {cost: 42}", want: "1:14: tag cost must be text", hint: "write it in quotes", schema: true},
	{name: "topic that is no ARN", text: "notify: {topic: 'arn:aws:sqs:eu-central-1:111122223333:q'}", want: `1:17: "arn:aws:sqs:eu-central-1:111122223333:q" is not the ARN of an SNS topic`, schema: true},
	{name: "topic that is no name", text: "notify: {topic: 'a b'}", want: `1:17: topic name "a b"`, schema: true},
	{name: "two names of the topic", text: "names: {topic: a}\nnotify: {topic: b}", want: "2:17: notify.topic and names.topic name two topics"},
	{name: "route of nothing", text: "notify: {routes: [{topic: a}]}", want: "1:19: a route has either controls or severity", schema: true},
	{name: "route of both", text: "notify: {routes: [{controls: [root-usage], severity: high, topic: a}]}", want: "1:19: a route has either controls or severity", schema: true},
	{name: "route to nowhere", text: "notify: {routes: [{severity: [high]}]}", want: "1:19: a route has either topic or topicArn", schema: true},
	{name: "route of no control", text: "notify: {routes: [{controls: [root], topic: a}]}", want: `1:31: unknown control "root"`, hint: "did you mean root-usage?"},
	{name: "route of no severity", text: "notify: {routes: [{severity: [hi], topic: a}]}", want: `1:30: unknown severity "hi"`, schema: true},
	{name: "route to a name as ARN", text: "notify: {routes: [{severity: [high], topicArn: a}]}", want: `1:48: "a" is not the ARN of an SNS topic`, hint: "topic names a topic that apply creates", schema: true},
	{name: "topic with two lists", text: "notify: {routes: [{severity: [high], topic: a}, {controls: [root-usage], topic: a, subscribe: ['sms:+4915112345678']}]}",
		want: "1:49: topic a has two different lists of subscribers"},
	{name: "routes to six topics", text: "notify: {routes: [{severity: [high], topic: a}, {severity: [high], topic: b}, {severity: [high], topic: c}, {severity: [high], topic: d}, {severity: [high], topic: e}, {severity: [high], topic: f}]}",
		want: "1:18: 6 routes are for severity high, and an alarm notifies 5 topics"},
	{name: "webhook of a chat", text: "notify: {subscribe: ['https://hooks.slack.com/services/x']}", want: "1:22: the subscriber at hooks.slack.com is a webhook of Slack"},
	{name: "subscriber", text: "notify: {subscribe: ['pigeon:a']}", want: `1:22: `},
	{name: "declaration of no ARN", text: "subscribers: [{endpoint: to-slack, reaches: sec, reason: x, expires: 2026-12-31}]", want: `1:26: "to-slack" is not the ARN of a machine`, schema: true},
	{name: "declaration without end", text: "subscribers: [{endpoint: 'arn:aws:lambda:r:1:function:f', reaches: sec, reason: x}]", want: `1:15: a declared subscriber lacks "expires"`, schema: true},
	{name: "declaration of nobody", text: "subscribers: [{endpoint: 'arn:aws:lambda:r:1:function:f', reason: x, expires: 2026-12-31}]", want: `1:15: a declared subscriber lacks "reaches"`, schema: true},
	{name: "checked on no day", text: "subscribers: [{endpoint: 'arn:aws:lambda:r:1:function:f', reaches: sec, reason: x, checked: soon, expires: 2026-12-31}]", want: `1:93: "soon" is not a day`},
	{name: "waiver without reason", text: "waivers: [{control: root-usage, expires: 2026-12-31}]", want: `1:11: a waiver lacks "reason"`, schema: true},
	{name: "waiver without end", text: "waivers: [{control: root-usage, reason: x}]", want: `1:11: a waiver lacks "expires"`, schema: true},
	{name: "waiver without control", text: "waivers: [{reason: x, expires: 2026-12-31}]", want: `1:11: a waiver lacks "control"`, schema: true},
	{name: "waiver with an empty reason", text: "waivers: [{control: root-usage, reason: '', expires: 2026-12-31}]", want: "1:41: reason is empty", schema: true},
	{name: "no such day", text: "waivers: [{control: root-usage, reason: x, expires: 2026-02-30}]", want: `1:53: "2026-02-30" is not a day`, schema: true},
	{name: "unreadable without reason", text: "unreadable: [{account: '111122223333', expires: 2026-12-31}]", want: `1:14: an entry of unreadable lacks "reason"`, schema: true},
	{name: "unreadable without end", text: "unreadable: [{account: '111122223333', reason: x}]", want: `1:14: an entry of unreadable lacks "expires"`, schema: true},
	{name: "unreadable without account", text: "unreadable: [{reason: x, expires: 2026-12-31}]", want: `1:14: an entry of unreadable lacks "account"`, schema: true},
	{name: "unreadable subscription", text: "unreadable: [{account: '8d3c0d9e-0000-4000-8000-000000000001', reason: x, expires: 2026-12-31}]", want: `1:24: "8d3c0d9e-0000-4000-8000-000000000001" is not a 12-digit account id`, schema: true},
	{name: "unreadable twice", text: "unreadable: [{account: '111122223333', reason: x, expires: 2026-12-31}, {account: '111122223333', reason: y, expires: 2026-12-31}]", want: "1:83: account 111122223333 is named twice"},
	{name: "account that lost its zero", text: "waivers: [{control: root-usage, account: 11122223333, reason: x, expires: 2026-12-31}]", want: "1:42: account must be text", hint: "write it in quotes", schema: true},
	{name: "account", text: "waivers: [{control: root-usage, account: '11122223333', reason: x, expires: 2026-12-31}]", want: `1:42: "11122223333" is not a 12-digit account id`, schema: true},
	{name: "waiver of a unit and a tag", text: "waivers: [{control: root-usage, ou: ou-ab12-x, tag: a, reason: x, expires: 2026-12-31}]", want: "1:53: ou and tag cannot be combined", hint: "write a waiver for each", schema: true},
	{name: "waiver of no unit", text: "waivers: [{control: root-usage, ou: Sandbox, reason: x, expires: 2026-12-31}]", want: `1:37: "Sandbox" is not an organizational unit`, hint: "an id begins with ou- or r-, a path of names with /", schema: true},
	{name: "waiver of no tag", text: "waivers: [{control: root-usage, tag: =x, reason: x, expires: 2026-12-31}]", want: `1:38: "=x" is not KEY or KEY=VALUE`, schema: true},
	{name: "scope of nothing", text: "scopes: [{match: {ou: /Sandbox}}]", want: "1:10: a scope has a set, regions, or both", schema: true},
	{name: "scope for nobody", text: "scopes: [{set: cis}]", want: `1:10: a scope lacks "match"`, schema: true},
	{name: "scope of another match", text: "scopes: [{match: {account: '1'}, set: cis}]", want: `1:19: unknown key "account" of match`, schema: true},
	{name: "accept without code", text: "accept: [{control: root-usage, reason: x, expires: 2026-12-31}]", want: `1:10: an accept entry lacks "code"`, schema: true},
	{name: "accept without reason", text: "accept: [{control: root-usage, code: filter-narrowed, expires: 2026-12-31}]", want: `1:10: an accept entry lacks "reason"`, schema: true},
	{name: "accept without end", text: "accept: [{control: root-usage, code: filter-narrowed, reason: x}]", want: `1:10: an accept entry lacks "expires"`, schema: true},
	{name: "accept of a control that is not there", text: "accept: [{control: root-use, code: filter-narrowed, reason: x, expires: 2026-12-31}]", want: `1:20: unknown control "root-use"`, hint: "did you mean root-usage?"},
	{name: "accept of a mistyped code", text: "accept: [{control: root-usage, code: filter-narrow, reason: x, expires: 2026-12-31}]", want: `1:38: unknown reason code "filter-narrow"`, hint: "did you mean filter-narrowed?", schema: true},
	{name: "accept of what leaves nobody alerted", text: "accept: [{control: root-usage, code: no-alarm, reason: x, expires: 2026-12-31}]", want: "1:38: no-alarm cannot be accepted", hint: "waive the control, or repair it", schema: true},
	{name: "accept in no account", text: "accept: [{control: root-usage, code: filter-narrowed, account: '1', reason: x, expires: 2026-12-31}]", want: `1:64: "1" is not a 12-digit account id`, schema: true},
	{name: "accept of an account and a unit", text: "accept: [{control: root-usage, code: filter-narrowed, account: '111122223333', ou: ou-ab12-x, reason: x, expires: 2026-12-31}]", want: "1:84: account and ou cannot be combined", hint: "write an entry for each", schema: true},
	{name: "accept of no tag", text: "accept: [{control: root-usage, code: filter-narrowed, tag: =x, reason: x, expires: 2026-12-31}]", want: `1:60: "=x" is not KEY or KEY=VALUE`, schema: true},
	{name: "accept of no unit", text: "accept: [{control: root-usage, code: filter-narrowed, ou: Sandbox, reason: x, expires: 2026-12-31}]", want: `1:59: "Sandbox" is not an organizational unit`, schema: true},
	{name: "Azure's receiver", text: "azure: {subscribe: ['https://hooks.slack.com/x']}", want: "1:21: hooks.slack.com: Slack does not understand"},
	{name: "resource group", text: "azure: {resourceGroup: a/b}", want: `1:8: resource group "a/b"`},
	{name: "not YAML", text: "set: [", want: "1:"},
	{name: "empty", text: "# nothing\n", want: "1:1: the file is empty"},
}

func TestParseFaults(t *testing.T) {
	for _, tt := range faults {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("monitorctl.yaml", []byte(tt.text), controls(t))
			var e *yamlfile.Error
			if !errors.As(err, &e) || !strings.HasPrefix(e.Error(), "monitorctl.yaml:"+tt.want) {
				t.Fatalf("error %v, want monitorctl.yaml:%s", err, tt.want)
			}
			if tt.hint != "" && e.Hint() != tt.hint {
				t.Errorf("hint %q, want %q", e.Hint(), tt.hint)
			}
		})
	}
}

// TestSchema checks that the schema that editors use accepts what Parse accepts
// and sees the faults that a schema can see.
func TestSchema(t *testing.T) {
	schema := compile(t)
	if err := schema.Validate(asJSON(t, whole)); err != nil {
		t.Errorf("the schema does not accept the whole configuration: %v", err)
	}
	for _, tt := range faults {
		if tt.schema && schema.Validate(asJSON(t, tt.text)) == nil {
			t.Errorf("%s: the schema accepts %q", tt.name, tt.text)
		}
	}
}

// TestExamples checks that every configuration in the documentation is
// accepted, by the schema too.
func TestExamples(t *testing.T) {
	schema := compile(t)
	doc, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := strings.Split(string(doc), "```yaml\n")[1:]
	if len(examples) == 0 {
		t.Fatal("docs/configuration.md has no example")
	}
	for _, text := range examples {
		text, _, _ = strings.Cut(text, "```")
		if _, err := Parse("example", []byte(text), controls(t)); err != nil {
			t.Errorf("%v in\n%s", err, text)
		}
		if err := schema.Validate(asJSON(t, text)); err != nil {
			t.Errorf("schema: %v in\n%s", err, text)
		}
	}
	for _, key := range []string{"benchmark", "set", "controls", "regions", "names", "tags", "notify", "heartbeat", "azure", "subscribers", "waivers", "accept", "unreadable", "central", "scopes"} {
		if !bytes.Contains(doc, []byte("`"+key+"`")) {
			t.Errorf("docs/configuration.md does not describe %s", key)
		}
	}
}

func compile(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schema, err := c.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// asJSON returns a YAML text as the values that the validator reads.
func asJSON(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// FuzzParse demands an error with a place inside the file, or a configuration,
// and never a panic.
func FuzzParse(f *testing.F) {
	f.Add(whole)
	for _, tt := range faults {
		f.Add(tt.text)
	}
	cat := controls(f)
	f.Fuzz(func(t *testing.T, text string) {
		_, err := Parse("f", []byte(text), cat)
		var e *yamlfile.Error
		if err == nil {
			return
		}
		if !errors.As(err, &e) || e.Msg == "" {
			t.Fatalf("error %v", err)
		}
		if lines := strings.Count(text, "\n") + strings.Count(text, "\r") + 2; e.Line > lines {
			t.Errorf("line %d of %d", e.Line, lines)
		}
	})
}

// TestAcceptableCodes holds the schema and the documentation to the table of codes.
func TestAcceptableCodes(t *testing.T) {
	schema, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range finding.AllCodes() {
		want := info.Accept != finding.AcceptNever
		if got := bytes.Contains(schema, []byte(`"`+string(info.Code)+`"`)); got != want {
			t.Errorf("%s: in the schema %t, can be accepted %t", info.Code, got, want)
		}
		if want && !bytes.Contains(doc, []byte("`"+string(info.Code)+"`")) {
			t.Errorf("docs/configuration.md does not say that %s can be accepted", info.Code)
		}
	}
}

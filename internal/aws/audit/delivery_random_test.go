package audit_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/patterns"
)

var randomCases = flag.Int("random", 20, "number of random situations of each kind to play, three times as many of some")

// kmsPattern matches what the control of the random situations requires.
const kmsPattern = "($.eventSource = kms.amazonaws.com) && ($.eventName = DisableKey || $.eventName = ScheduleKeyDeletion)"

// TestRandomVerdictAgainstDelivery does with random situations what
// TestVerdictAgainstDelivery does with the judged ones. The situations of a
// number are always the same.
func TestRandomVerdictAgainstDelivery(t *testing.T) {
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	base := (&judgingCase{}).snapshot(t)
	var mu sync.Mutex
	counts := map[string]map[finding.Status]int{}
	count := func(kind string, s finding.Status) {
		mu.Lock()
		defer mu.Unlock()
		if counts[kind] == nil {
			counts[kind] = map[finding.Status]int{}
		}
		counts[kind][s]++
	}
	t.Cleanup(func() { t.Logf("verdicts: %v", counts) })
	for name, vary := range map[string]func(*random, *judgingCase){
		"alarm": (*random).alarm, "composite": (*random).composite, "filter": (*random).filters, "policy": (*random).policy,
		"selectors": (*random).selectors, "dimensions": (*random).dimensions,
		"states": (*random).states, "feeders": (*random).feeders, "math": (*random).math, "topics": (*random).topics, "worlds": (*random).worlds,
		"mutes": (*random).mutes, "suppressors": (*random).suppressors, "keys": (*random).keys, "organizations": (*random).organizations,
		"accounts": (*random).accounts, "rules": (*random).rules,
	} {
		cases := *randomCases
		if slices.Contains([]string{"feeders", "math", "states", "worlds"}, name) {
			cases *= 3 // few of them pass
		}
		for n := range cases {
			t.Run(fmt.Sprintf("%s-%d", name, n), func(t *testing.T) {
				t.Parallel()
				c := judgingCase{Control: "kms-cmk-disable-or-delete", Benchmark: string(catalog.DefaultBenchmark), Set: map[string]any{
					"account.scope": []any{"eu-central-1"}, "filter.pattern": "{ " + kmsPattern + " }",
				}}
				vary(&random{rand.New(rand.NewPCG(uint64(n), 4))}, &c)
				v := judgeCase(t, cat, c)
				count(name, v.finding.Status)
				if !v.claims() {
					return
				}
				s, err := newStage(t, v.world(), &base.Accounts[0], cat)
				if err != nil {
					t.Fatalf("%v\nset: %v\ndelete: %v", err, c.Set, c.Delete)
				}
				for _, text := range append(v.compare(s), v.compareElsewhere(s)...) {
					t.Errorf("%s\nset: %v\nadd: %v %v\ndelete: %v", text, c.Set, c.Add, c.extra, c.Delete)
				}
			})
		}
	}
}

// A random makes situations.
type random struct{ *rand.Rand }

func pick[T any](r *random, list ...T) T { return list[r.IntN(len(list))] }

// alarm varies everything that decides the state of a metric alarm.
func (r *random) alarm(c *judgingCase) {
	datapoints := pick(r, [2]int{1, 1}, [2]int{1, 1}, [2]int{1, 3}, [2]int{2, 2}, [2]int{2, 3}, [2]int{3, 3})
	for path, value := range map[string]any{
		"alarm.comparison":        pick(r, "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"),
		"alarm.threshold":         pick(r, 0, 0.5, 1, 1, 2),
		"alarm.missingData":       pick(r, "missing", "ignore", "breaching", "notBreaching"),
		"alarm.period":            pick(r, 60, 300, 300, 900),
		"alarm.datapointsToAlarm": datapoints[0],
		"alarm.evaluationPeriods": datapoints[1],
		"alarm.state":             pick(r, "OK", "INSUFFICIENT_DATA", "ALARM"),
		"alarm.transitionAt":      "2026-11-20T11:59:00Z", // no state lasts so long that something must hold it
		"filter.value":            pick(r, "1", "1", "2", "0"),
	} {
		c.Set[path] = value
	}
	c.Set["alarm.statistic"] = pick(r, "Sum", "Sum", "Average", "Minimum", "Maximum", "SampleCount", "")
	if c.Set["alarm.statistic"] == "" {
		c.Set["alarm.extendedStatistic"] = pick(r, "p10", "p50", "p90", "p99")
		c.Set["alarm.lowSample"] = pick(r, "", "", "evaluate", "ignore")
	}
	if c.Set["filter.default"] = pick(r, 0, 0, 1, -1); r.IntN(2) == 0 {
		delete(c.Set, "filter.default")
		c.Delete = []string{"filter.default"}
	}
}

// composite hangs a composite alarm over another one over the metric alarms. The
// events may trip two of them.
func (r *random) composite(c *judgingCase) {
	arn := "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:"
	composite := func(name, rule string, actions ...any) any {
		return map[string]any{"arn": arn + name, "name": name, "rule": rule, "actionsEnabled": true, "alarmActions": actions, "state": "OK"}
	}
	c.Set["alarm.alarmActions"] = []any{}
	c.Set["home.alarms.value.composite"] = []any{
		composite("inner", r.rule(1, "security-group", "nacl", "gateway")),
		composite("outer", r.rule(2, "security-group", "nacl", "inner"), "arn:aws:sns:eu-central-1:111122223333:security"),
	}
	if r.IntN(2) == 0 {
		c.Set["filters.name=nacl.pattern"] = "{ $.eventName = DisableKey }"
		c.Set["alarms.name=nacl.alarmActions"] = []any{}
	}
}

func (r *random) rule(depth int, names ...string) string {
	if depth == 0 || r.IntN(3) == 0 {
		state := pick(r, "ALARM", "ALARM", "ALARM", "OK", "INSUFFICIENT_DATA", "NOT ALARM")
		return fmt.Sprintf("%s(%q)", state, pick(r, names...))
	}
	if r.IntN(5) == 0 {
		return fmt.Sprintf("AT_LEAST(%d, ALARM, (%q, %q))", 1+r.IntN(2), names[0], names[1])
	}
	return "(" + r.rule(depth-1, names...) + pick(r, " AND ", " OR ") + r.rule(depth-1, names...) + ")"
}

// filters narrows the filter by random conditions, and may add a second one.
func (r *random) filters(c *judgingCase) {
	c.Set["filter.pattern"] = "{ " + kmsPattern + " && " + r.condition(2) + " }"
	if r.IntN(2) == 0 {
		c.Add = map[string]any{"filters": map[string]any{
			"logGroup": "/aws/cloudtrail/org", "name": "second", "pattern": "{ " + kmsPattern + " && " + r.condition(1) + " }",
			"namespace": "Security", "metric": "security-group-events", "value": "1", "default": 0,
		}}
	}
}

// condition speaks of what distinguishes the variations of a record.
func (r *random) condition(depth int) string {
	if depth > 0 && r.IntN(3) > 0 {
		return "(" + r.condition(depth-1) + pick(r, " && ", " || ") + r.condition(depth-1) + ")"
	}
	path, values, _ := strings.Cut(pick(r,
		"userIdentity.type AWSService AssumedRole Root", "userIdentity.arn arn:aws:iam::111122223333:user/ops/jane *:assumed-role/admin/*",
		"userIdentity.userName jane", "userIdentity.accountId 111122223333 444455556666", "userIdentity.invokedBy cloudformation.amazonaws.com",
		"userIdentity.sessionContext.sessionIssuer.userName admin", "userIdentity.sessionContext.attributes.mfaAuthenticated true",
		"sourceIPAddress 10.0.0.7 10.* cloudformation.amazonaws.com", "userAgent *terraform*", "errorCode AccessDenied", "eventName DisableKey Schedule*",
		"recipientAccountId 111122223333", "eventType AwsApiCall AwsServiceEvent", "vpcEndpointId vpce-0123456789abcdef0",
		"sessionCredentialFromConsole true", "requestParameters.items[0].cidrIp 0.0.0.0/0", "detail x",
	), " ")
	if r.IntN(3) == 0 {
		return "($." + path + " NOT EXISTS)"
	}
	return fmt.Sprintf("($.%s %s %q)", path, pick(r, "=", "!="), pick(r, strings.Fields(values)...))
}

// selectors gives the trail up to three advanced selectors.
func (r *random) selectors(c *judgingCase) {
	var list []any
	for range 1 + r.IntN(3) {
		fields := []any{map[string]any{"field": "eventCategory", "equals": []any{"Management"}}}
		for range r.IntN(3) {
			fields = append(fields, r.fieldSelector())
		}
		list = append(list, map[string]any{"fields": fields})
	}
	c.Set["trail.selectors.value"] = map[string]any{"advanced": list}
}

func (r *random) fieldSelector() any {
	field, values, _ := strings.Cut(pick(r,
		"eventSource kms.amazonaws.com ec2.amazonaws.com", "eventName DisableKey ScheduleKeyDeletion Schedule", "readOnly false true",
		"userIdentity.arn arn:aws:iam::111122223333:user/ops/jane arn:aws:sts::111122223333:assumed-role/admin/ arn:aws:iam",
		"sessionCredentialFromConsole true", "eventType AwsApiCall AwsServiceEvent",
	), " ")
	operators := []string{"equals", "notEquals", "startsWith", "notStartsWith", "endsWith", "notEndsWith"}
	if field == "readOnly" || field == "sessionCredentialFromConsole" { // the only one that CloudTrail takes for them
		operators = operators[:1]
	}
	out := map[string]any{"field": field}
	for range 1 + r.IntN(2) {
		var list []any
		for range 1 + r.IntN(2) {
			list = append(list, pick(r, strings.Fields(values)...))
		}
		out[pick(r, operators...)] = list
	}
	return out
}

// dimensions gives the filter a dimension, and a few alarms on values of it.
func (r *random) dimensions(c *judgingCase) {
	ref, values, _ := strings.Cut(pick(r,
		"$.eventName DisableKey ScheduleKeyDeletion EnableKey", "$.eventSource kms.amazonaws.com ec2.amazonaws.com", "$.awsRegion eu-central-1 us-east-1",
		"$.userIdentity.type IAMUser AssumedRole Root", "$.recipientAccountId 111122223333 444455556666", "$.readOnly true false",
	), " ")
	c.Delete = []string{"filter.default"}
	c.Set["filter.dimensions"] = map[string]any{"D": ref}
	c.Set["alarm.dimensions"] = map[string]any{"D": pick(r, strings.Fields(values)...)}
	if r.IntN(6) == 0 {
		c.Set["alarm.dimensions"] = map[string]any{pick(r, "D", "E"): "x", "F": "y"}
	}
	if r.IntN(3) > 0 {
		c.Add = map[string]any{"alarms": map[string]any{
			"arn": "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:second", "name": "second", "actionsEnabled": true,
			"alarmActions": []any{"arn:aws:sns:eu-central-1:111122223333:security"}, "namespace": "Security", "metric": "security-group-events",
			"dimensions": map[string]any{"D": pick(r, strings.Fields(values)...)}, "statistic": "Sum", "period": 300, "evaluationPeriods": 1,
			"threshold": 1, "comparison": "GreaterThanOrEqualToThreshold", "missingData": "notBreaching", "state": "OK",
		}}
	}
}

// policy gives the topic up to three statements.
func (r *random) policy(c *judgingCase) {
	alarms := map[string]any{"Service": "cloudwatch.amazonaws.com"}
	var statements []any
	for range 1 + r.IntN(3) {
		s := map[string]any{
			"Effect":   pick(r, "Allow", "Allow", "Deny"),
			"Resource": pick(r, "*", "arn:aws:sns:eu-central-1:111122223333:security", "arn:aws:sns:*:111122223333:*"),
		}
		s[pick(r, "Principal", "Principal", "NotPrincipal")] = pick[any](r, alarms, alarms, "*", map[string]any{"AWS": "*"},
			map[string]any{"AWS": "arn:aws:iam::111122223333:root"}, map[string]any{"Service": []any{"events.amazonaws.com", "cloudwatch.amazonaws.com"}})
		s[pick(r, "Action", "Action", "NotAction")] = pick[any](r, "sns:Publish", "SNS:*", "sns:Subscribe", []any{"sns:GetTopicAttributes", "sns:P*"})
		if r.IntN(2) == 0 {
			key := pick(r, "aws:SourceAccount", "AWS:SourceOwner", "aws:SourceArn", "aws:SecureTransport", "aws:PrincipalOrgID")
			operator := pick(r, "StringEquals", "StringNotEquals", "StringLike", "ArnLike", "Bool", "StringEqualsIfExists", "ForAnyValue:StringEquals")
			s["Condition"] = map[string]any{operator: map[string]any{key: pick[any](r, "111122223333", []any{"444455556666", "111122223333"}, "444455556666",
				"arn:aws:cloudwatch:eu-central-1:111122223333:alarm:*", "arn:aws:cloudwatch:us-east-1:111122223333:alarm:*", "true", "false")}}
		}
		statements = append(statements, s)
	}
	text, _ := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements}) // plain values
	c.Set["topic.attributes.value.policy"] = string(text)
}

package audit_test

import (
	"encoding/json"
	"fmt"
	"slices"
)

const (
	homeARN    = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:"
	topicARN   = "arn:aws:sns:eu-central-1:111122223333:"
	idleMetric = "idle" // nothing writes it
)

// metricAlarm returns an alarm that watches one metric of the filters.
func metricAlarm(name, metric string, actions ...any) map[string]any {
	return map[string]any{
		"arn": homeARN + name, "name": name, "actionsEnabled": true, "alarmActions": append([]any{}, actions...),
		"namespace": "Security", "metric": metric, "statistic": "Sum", "period": 300, "evaluationPeriods": 1, "datapointsToAlarm": 1,
		"threshold": 1, "comparison": "GreaterThanOrEqualToThreshold", "missingData": "notBreaching", "state": "OK", "transitionAt": "2026-06-01T00:00:00Z",
	}
}

// extend appends entries to a list of the baseline.
func (c *judgingCase) extend(list string, entries ...any) {
	if c.extra == nil {
		c.extra = map[string][]any{}
	}
	c.extra[list] = append(c.extra[list], entries...)
}

// states puts alarms beside the control's into random states of random ages, and
// composite alarms over all of them. What nothing writes to stays as it is.
func (r *random) states(c *judgingCase) {
	for _, name := range []string{"idle-1", "idle-2"} {
		a := metricAlarm(name, idleMetric)
		a["missingData"] = "ignore"
		a["state"] = pick(r, "OK", "ALARM", "ALARM", "INSUFFICIENT_DATA")
		a["transitionAt"] = r.age()
		c.extend("alarms", a)
	}
	if r.IntN(3) == 0 { // someone makes its event again and again
		c.Set["alarms.name=nacl.state"], c.Set["alarms.name=nacl.transitionAt"] = "ALARM", "2026-11-18T00:00:00Z"
	}
	if r.IntN(4) == 0 {
		c.Set["alarm.state"], c.Set["alarm.transitionAt"] = pick(r, "OK", "INSUFFICIENT_DATA"), r.age()
	}
	names := []string{"security-group", "idle-1", "idle-2", "nacl"}
	composite := func(name, rule string, actions ...any) any {
		return map[string]any{"arn": homeARN + name, "name": name, "rule": rule, "actionsEnabled": true, "alarmActions": actions,
			"state": pick(r, "OK", "OK", "OK", "ALARM"), "transitionAt": r.age()}
	}
	list := []any{composite("outer", r.rule(2, append(slices.Clone(names), "inner")...), topicARN+"security")}
	if r.IntN(2) == 0 {
		list[0] = composite("outer", r.rule(1, names...), topicARN+"security")
	}
	c.Set["home.alarms.value.composite"] = append(list, composite("inner", r.rule(1, names...)))
	if r.IntN(4) > 0 {
		c.Set["alarm.alarmActions"] = []any{}
	}
}

// age is a time before the snapshot was taken.
func (r *random) age() string {
	return pick(r, "2026-11-20T11:59:00Z", "2026-11-20T09:00:00Z", "2026-11-10T00:00:00Z", "2026-05-01T00:00:00Z")
}

// feeders lets several filters write to the control's metric: random values,
// defaults and units, for all, some or other events, from the trail's log group or
// from one that nobody feeds.
func (r *random) feeders(c *judgingCase) {
	c.Set["alarm.statistic"] = pick(r, "Sum", "Sum", "Sum", "Sum", "Maximum", "Maximum", "Minimum", "Average")
	c.Set["alarm.threshold"] = pick(r, 0.5, 0.5, 1, 1, 2, 3)
	c.Set["alarm.comparison"] = pick(r, "GreaterThanOrEqualToThreshold", "GreaterThanOrEqualToThreshold", "GreaterThanThreshold")
	c.Set["alarm.missingData"] = pick(r, "notBreaching", "missing", "ignore")
	c.Set["alarm.unit"] = pick(r, "", "", "Count", "None")
	c.Set["filter.value"], c.Set["filter.unit"] = r.value(), r.unit()
	if r.IntN(2) == 0 {
		c.Delete = append(c.Delete, "filter.default")
	}
	for i := range 1 + r.IntN(3) {
		c.extend("filters", r.feeder(fmt.Sprintf("feeder-%d", i), "security-group-events"))
	}
}

func (r *random) value() string { return pick(r, "1", "1", "1", "1", "1", "2", "2", "0.5", "0", "-1") }
func (r *random) unit() string {
	return pick(r, "", "", "", "", "", "", "None", "None", "Count", "Bytes")
}

// feeder returns a filter that writes to a metric.
func (r *random) feeder(name, metric string) map[string]any {
	f := map[string]any{
		"logGroup": pick(r, "/aws/cloudtrail/org", "/aws/cloudtrail/org", "/aws/cloudtrail/org", "/not/fed"), "name": name,
		"pattern": pick(r, "{ "+kmsPattern+" }", "{ "+kmsPattern+" }", "{ $.eventName = DisableKey }", "{ $.userIdentity.type = Root }",
			"{ $.eventName = CreateVpc }", "{ "+kmsPattern+" && ($.userAgent != \"*terraform*\") }"),
		"namespace": "Security", "metric": metric, "value": r.value(), "unit": r.unit(),
	}
	if r.IntN(2) == 0 {
		f["default"] = pick(r, 0, 0, 0, 0, 0, 0, 1, -1, 0.5)
	}
	return f
}

// math replaces the control's alarm by one over expressions, which a composite alarm
// may stand on.
func (r *random) math(c *judgingCase) {
	c.Set["filter.value"] = r.value()
	if r.IntN(3) == 0 {
		c.Delete = append(c.Delete, "filter.default")
	}
	second := r.feeder("math-second", "second-events")
	if r.IntN(3) == 0 {
		second["metric"] = "security-group-events"
	}
	delete(second, "unit")
	c.extend("filters", second)
	query := func(id, metric string) any {
		return map[string]any{"id": id, "namespace": "Security", "metric": metric, "statistic": pick(r, "Sum", "Sum", "Maximum"), "period": 300, "returnData": false}
	}
	for path, value := range map[string]any{
		"alarm.metric": "", "alarm.namespace": "", "alarm.statistic": "", "alarm.period": 0,
		"alarm.threshold": pick(r, 0.5, 1, 1, 1, 2), "alarm.comparison": pick(r, "GreaterThanOrEqualToThreshold", "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold"),
		"alarm.missingData": pick(r, "notBreaching", "notBreaching", "missing", "ignore", "breaching"), "alarm.transitionAt": "2026-11-20T11:59:00Z",
		"alarm.queries": []any{query("m1", "security-group-events"), query("m2", pick(r, "second-events", "second-events", "nacl-events")),
			map[string]any{"id": "e1", "expression": r.expression(1 + r.IntN(2)), "returnData": true}},
	} {
		c.Set[path] = value
	}
	if r.IntN(2) == 0 {
		c.Set["alarm.alarmActions"] = []any{}
		c.Set["home.alarms.value.composite"] = []any{map[string]any{
			"arn": homeARN + "over-math", "name": "over-math", "rule": r.rule(1, "security-group", "nacl"), "actionsEnabled": true,
			"alarmActions": []any{topicARN + "security"}, "state": "OK",
		}}
	}
}

// expression is one that gives a series.
func (r *random) expression(depth int) string {
	if depth == 0 {
		return pick(r, "m1", "m1", "m1", "m2", "FILL(m1, 0)", "FILL(m1, 0)", "FILL(m2, 0)", "FILL(m1, 1)")
	}
	a, b := r.expression(depth-1), r.expression(depth-1)
	return pick(r,
		a+" + "+b, a+" - "+b, a+" * 2", "-"+a, "("+a+") / 2", "("+a+") > 0", "("+a+") >= ("+b+")", "SUM(METRICS())", "MAX(["+a+", "+b+"])",
		"SUM(["+a+", "+b+"])", "FILL("+a+", 0)", "IF("+a+" > 0, 1, 0)", "IF("+a+", "+b+", 0)", "IF("+a+" >= 1, "+a+", "+b+")",
	)
}

// topics gives the alarm up to three topics. Each may fail in its own way.
func (r *random) topics(c *judgingCase) {
	topics, actions := map[string]any{}, []any{}
	for i := range 1 + r.IntN(3) { // the first good one suffices
		name := fmt.Sprintf("topic-%d", i)
		actions = append(actions, topicARN+name)
		topics[topicARN+name] = r.topic(topicARN + name)
	}
	c.Set["home.topics"], c.Set["alarm.alarmActions"] = topics, actions
	if r.IntN(5) == 0 {
		c.Set["alarm.actionsEnabled"] = false
	}
	for _, name := range []string{"nacl", "gateway", "guardduty"} { // their topic is gone
		c.Set["alarms.name="+name+".alarmActions"] = []any{}
	}
}

func (r *random) topic(arn string) any {
	if r.IntN(6) == 0 {
		return map[string]any{"arn": arn, "attributes": map[string]any{}} // it does not exist
	}
	statement := map[string]any{"Effect": "Allow", "Principal": map[string]any{"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish", "Resource": arn}
	switch r.IntN(5) {
	case 0:
		statement["Principal"] = map[string]any{"AWS": "arn:aws:iam::111122223333:root"}
	case 1:
		statement["Condition"] = map[string]any{"StringEquals": map[string]any{pick(r, "aws:SourceAccount", "aws:PrincipalOrgID"): "111122223333"}}
	}
	policy, _ := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{statement}}) // plain values
	subs := []any{}
	for i := range r.IntN(4) {
		s := map[string]any{
			"arn": fmt.Sprintf("%s:5f9f6d5c-0000-4000-8000-00000000000%d", arn, i), "state": "confirmed", "protocol": pick(r, "email", "email", "sms", "sqs"),
			"endpoint": fmt.Sprintf("***%d", i), "endpointHash": fmt.Sprintf("%02d", i), "details": map[string]any{"value": map[string]any{}},
		}
		switch r.IntN(3) {
		case 0:
			s["details"] = map[string]any{"value": map[string]any{"filterPolicy": pick(r, `{"kind":["alarm"]}`, `{"NewStateValue":["ALARM"]}`, `{"NewStateValue":["OK"]}`),
				"filterPolicyScope": pick(r, "MessageBody", "MessageBody", "MessageAttributes")}}
		case 1:
			if s["protocol"] == "email" {
				s["state"] = "pending"
				delete(s, "arn")
				delete(s, "details")
			}
		}
		subs = append(subs, s)
	}
	return map[string]any{
		"arn":           arn,
		"attributes":    map[string]any{"value": map[string]any{"owner": "111122223333", "policy": string(policy)}},
		"subscriptions": map[string]any{"value": subs},
	}
}

// worlds takes several of these together.
func (r *random) worlds(c *judgingCase) {
	kinds := []func(*judgingCase){r.states, pick(r, r.feeders, r.math), r.filters, r.selectors}
	r.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
	for _, vary := range kinds[:2+r.IntN(2)] {
		vary(c)
	}
	if r.IntN(2) == 0 {
		r.topics(c)
	}
	if c.Set["trail.selectors.value"] != nil { // which may keep from the alarm what would hold it
		delete(c.Set, "alarms.name=nacl.state")
		delete(c.Set, "alarms.name=nacl.transitionAt")
	}
}

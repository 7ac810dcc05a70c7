package audit_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// jsonText writes a document of plain values.
func jsonText(document any) string {
	text, _ := json.Marshal(document)
	return string(text)
}

// schedules of mute rules: expression, duration and time zone, what else the rule
// says, and its status when the snapshot is taken (a Friday, 12:00). Windows that
// end do so before the first event, and do not come back while events are played.
var schedules = []struct {
	expression, duration, zone string
	start, expire, status      string
}{
	{"at(2026-11-20T11:30)", "PT45M", "", "", "", "ACTIVE"},
	{"at(2026-11-20T12:30)", "PT45M", "Europe/Berlin", "", "", "ACTIVE"},
	{"at(2026-11-20T09:00)", "PT1H", "", "", "", "EXPIRED"},
	{"cron(0 11 * * FRI)", "PT1H20M", "", "", "", "ACTIVE"},
	{"cron(0 9 * * FRI)", "PT1H", "", "", "", "SCHEDULED"},
	{"cron(0 0 * * *)", "P1D", "", "", "", "ACTIVE"},
	{"cron(0 * * * *)", "PT1H", "Asia/Tokyo", "", "", "ACTIVE"},
	{"cron(0 0 * * *)", "P1D", "", "", "2026-11-20T12:20:00Z", "ACTIVE"},
	{"cron(0 0 * * *)", "P1D", "", "", "2026-11-20T11:00:00Z", "EXPIRED"},
	{"cron(0 0 * * *)", "P1D", "", "2027-06-01T00:00:00Z", "", "SCHEDULED"},
}

// halves are two rules that together leave no hour out.
var halves = []string{"cron(0 0 * * *)", "cron(0 12 * * *)"}

// mutes gives the alarms mute rules, and may put a composite alarm over them.
func (r *random) mutes(c *judgingCase) {
	names := []string{"security-group", "nacl"}
	if r.IntN(2) == 0 {
		c.Set["home.alarms.value.composite"] = []any{r.acting("outer", `ALARM("security-group")`)}
		names = append(names, "outer")
		if r.IntN(2) == 0 {
			c.Set["alarm.alarmActions"] = []any{}
		}
	}
	var list []any
	add := func(expression, duration, zone, start, expire, status string) {
		details := map[string]any{"alarms": names[r.IntN(len(names)):][:1], "expression": expression, "duration": duration}
		rule := map[string]any{"arn": fmt.Sprintf("arn:aws:cloudwatch:eu-central-1:111122223333:alarm-mute-rule:rule-%d", len(list)),
			"name": fmt.Sprintf("rule-%d", len(list)), "status": status, "details": map[string]any{"value": details}}
		for key, value := range map[string]string{"timezone": zone, "start": start} {
			if value != "" {
				details[key] = value
			}
		}
		if expire != "" {
			rule["expire"] = expire
		}
		list = append(list, rule)
	}
	if r.IntN(4) == 0 {
		names = names[:1]
		for i, expression := range halves {
			add(expression, "PT12H", "", "", "", []string{"SCHEDULED", "ACTIVE"}[i])
		}
	}
	for range 1 + r.IntN(2) {
		s := pick(r, schedules...)
		add(s.expression, s.duration, s.zone, s.start, s.expire, s.status)
	}
	c.Set["home.muteRules.value"] = list
}

// acting is a composite alarm that notifies.
func (r *random) acting(name, rule string) map[string]any {
	return map[string]any{"arn": homeARN + name, "name": name, "rule": rule, "actionsEnabled": true, "alarmActions": []any{topicARN + "security"}, "state": "OK"}
}

// suppressors gives a composite alarm an alarm that keeps it from acting: one that
// the event trips or not, a composite alarm, or one of any state.
func (r *random) suppressors(c *judgingCase) {
	c.Set["alarm.alarmActions"] = []any{}
	idle := metricAlarm("idle", idleMetric)
	idle["missingData"], idle["state"], idle["transitionAt"] = "ignore", pick(r, "OK", "ALARM", "INSUFFICIENT_DATA"), r.age()
	c.extend("alarms", idle)
	if r.IntN(3) == 0 {
		c.Set["filters.name=nacl.pattern"] = "{ $.eventName = DisableKey }" // an alarm that one of the events trips, too
		c.Set["alarms.name=nacl.alarmActions"] = []any{}
	}
	inner := r.acting("inner", r.rule(1, "security-group", "nacl", "idle"))
	inner["alarmActions"] = []any{}
	outer := r.acting("outer", pick(r, `ALARM("security-group")`, `ALARM("security-group") OR ALARM("nacl")`))
	outer["suppressor"] = pick(r, "nacl", "idle", "idle", "inner", "security-group", homeARN+"nacl", homeARN+"idle")
	c.Set["home.alarms.value.composite"] = []any{outer, inner}
	if r.IntN(3) == 0 {
		second := r.acting("second", `ALARM("security-group")`)
		second["suppressor"] = pick(r, "nacl", "idle", "gateway")
		c.Set["home.alarms.value.composite"] = []any{outer, inner, second}
	}
}

const keyARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-0000-4000-8000-000000000001"

// keys encrypts the topic with keys of all sorts.
func (r *random) keys(c *judgingCase) {
	name := pick(r, keyARN, keyARN, keyARN, "alias/alerts", "alias/aws/sns")
	c.Set["topic.attributes.value.keyId"] = name
	if name == "alias/aws/sns" {
		return // whose key needs no look
	}
	metadata := map[string]any{"value": map[string]any{"arn": keyARN, "manager": pick(r, "CUSTOMER", "CUSTOMER", "CUSTOMER", "CUSTOMER", "AWS"),
		"state": pick(r, "Enabled", "Enabled", "Enabled", "Enabled", "Disabled", "PendingDeletion")}}
	c.Set["home.keys"] = map[string]any{name: map[string]any{"metadata": metadata, "policy": map[string]any{"value": r.keyPolicy()}}}
}

func (r *random) keyPolicy() string {
	var statements []any
	for range 1 + r.IntN(3) {
		s := map[string]any{"Effect": pick(r, "Allow", "Allow", "Allow", "Deny"), "Resource": "*"}
		s["Principal"] = pick[any](r, map[string]any{"Service": "cloudwatch.amazonaws.com"}, map[string]any{"Service": "cloudwatch.amazonaws.com"},
			map[string]any{"Service": []any{"sns.amazonaws.com", "cloudwatch.amazonaws.com"}}, map[string]any{"AWS": "arn:aws:iam::111122223333:root"}, "*")
		s["Action"] = pick[any](r, []any{"kms:Decrypt", "kms:GenerateDataKey*"}, []any{"kms:GenerateDataKey", "kms:Decrypt"}, "kms:*", "kms:Decrypt", "kms:Generate*", []any{"kms:Encrypt"})
		if r.IntN(3) == 0 {
			key := pick(r, "aws:SourceAccount", "aws:SourceArn", "kms:EncryptionContext:aws:sns:topicArn", "kms:ViaService", "kms:CallerAccount")
			operator := pick(r, "StringEquals", "StringLike", "ArnLike", "StringNotEquals", "StringEqualsIfExists")
			s["Condition"] = map[string]any{operator: map[string]any{key: pick[any](r, "111122223333", "444455556666", homeARN+"*", topicARN+"security", topicARN+"other",
				"sns.eu-central-1.amazonaws.com")}}
		}
		statements = append(statements, s)
	}
	return jsonText(map[string]any{"Version": "2012-10-17", "Statement": statements})
}

// organizations conditions the topic's policy on where the account stands in an
// organization, known or not.
func (r *random) organizations(c *judgingCase) {
	if r.IntN(4) > 0 {
		c.Set["account.organization"] = map[string]any{"value": map[string]any{"id": pick(r, "o-a1b2c3d4e5", "o-a1b2c3d4e5", "o-z9y8x7w6v5"), "managementAccount": pick(r, "111122223333", "777788889999")}}
	}
	var statements []any
	for range 1 + r.IntN(2) {
		s := map[string]any{"Effect": pick(r, "Allow", "Allow", "Deny"), "Principal": map[string]any{"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish", "Resource": topicARN + "security"}
		if r.IntN(4) > 0 {
			key := pick(r, "aws:SourceOrgID", "aws:SourceOrgID", "aws:SourceOrgPaths", "aws:PrincipalOrgID", "aws:SourceAccount")
			operator := pick(r, "StringEquals", "StringEquals", "StringLike", "StringNotEquals", "StringEqualsIfExists", "ForAnyValue:StringLike")
			s["Condition"] = map[string]any{operator: map[string]any{key: pick[any](r, "o-a1b2c3d4e5", "o-a1b2c3d4e5", "o-*", "o-a1b2c3d4e5/*", "111122223333")}}
		}
		statements = append(statements, s)
	}
	c.Set["topic.attributes.value.policy"] = jsonText(map[string]any{"Version": "2012-10-17", "Statement": statements})
}

// accounts lets a second account's organization trail carry the events, or its topic
// take the messages. What is on the way there is random.
func (r *random) accounts(c *judgingCase) {
	if r.IntN(4) == 0 {
		r.foreignTopic(c)
		return
	}
	c.Central = pick(r, "run", "consulted")
	group := "arn:aws:logs:eu-central-1:444455556666:log-group:/aws/cloudtrail/org:*"
	for path, value := range map[string]any{
		"trail.arn": "arn:aws:cloudtrail:eu-central-1:444455556666:trail/org", "trail.organization": true, "trail.logGroupArn": group,
		"home.trails.value":             []any{"arn:aws:cloudtrail:eu-central-1:444455556666:trail/org"},
		"central.trails.0.organization": true,
	} {
		c.Set[path] = value
	}
	c.Set["centralHome.metricFilters.value.name=security-group.pattern"] = "{ " + pick(r, kmsPattern, kmsPattern+" && "+r.condition(1), kmsPattern+" && "+r.ofAccount(),
		"($.eventSource = kms.amazonaws.com) && ($.eventName = DisableKey)") + " }"
	switch r.IntN(6) {
	case 0:
		c.Set["centralHome.alarms.value.metric.name=security-group.actionsEnabled"] = false
	case 1:
		c.Set["centralHome.alarms.value.metric.name=security-group.alarmActions"] = []any{}
		c.Set["centralHome.alarms.value.composite"] = []any{map[string]any{"arn": "arn:aws:cloudwatch:eu-central-1:444455556666:alarm:outer", "name": "outer",
			"rule": r.rule(1, "security-group", "nacl"), "actionsEnabled": true, "alarmActions": []any{"arn:aws:sns:eu-central-1:444455556666:security"}, "state": "OK"}}
	case 2:
		c.Set["central.trails.0.selectors.value"] = map[string]any{"advanced": []any{map[string]any{"fields": []any{
			map[string]any{"field": "eventCategory", "equals": []any{"Management"}}, r.fieldSelector()}}}}
		c.Set["trail.selectors.value"] = c.Set["central.trails.0.selectors.value"]
	case 3:
		c.Set["centralHome.metricFilters.value.name=security-group.fieldSelection"] = pick(r, `@aws.account = "111122223333"`, `@aws.account = "444455556666"`, `@aws.account IN ["111122223333", "777788889999"]`)
	}
}

// ofAccount is a condition on the account that an event is from.
func (r *random) ofAccount() string {
	return fmt.Sprintf("($.%s %s %q)", pick(r, "recipientAccountId", "userIdentity.accountId"), pick(r, "=", "!="), pick(r, "111122223333", "444455556666"))
}

// foreignTopic lets the alarm act on a topic of the second account.
func (r *random) foreignTopic(c *judgingCase) {
	const arn = "arn:aws:sns:eu-central-1:444455556666:security"
	c.Set["alarm.alarmActions"] = []any{arn}
	statement := map[string]any{"Effect": pick(r, "Allow", "Allow", "Allow", "Deny"), "Principal": map[string]any{"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish", "Resource": arn}
	if r.IntN(3) > 0 {
		statement["Condition"] = map[string]any{pick(r, "StringEquals", "ArnLike", "StringLike"): map[string]any{pick(r, "aws:SourceAccount", "aws:SourceArn"): pick[any](r,
			"111122223333", "444455556666", homeARN+"*", "arn:aws:cloudwatch:*:444455556666:alarm:*")}}
	}
	topic := r.topic(arn)
	if attributes, ok := topic.(map[string]any)["attributes"].(map[string]any); ok && attributes["value"] != nil {
		attributes["value"] = map[string]any{"owner": "444455556666", "policy": jsonText(map[string]any{"Version": "2012-10-17", "Statement": []any{statement}})}
	}
	c.Set["home.topics"] = map[string]any{topicARN + "security": r.topic(topicARN + "security"), arn: topic}
	for _, name := range []string{"nacl", "gateway", "guardduty"} { // their topic is another
		c.Set["alarms.name="+name+".alarmActions"] = []any{}
	}
}

const busARN = "arn:aws:events:eu-central-1:111122223333:event-bus/"

// rules lets EventBridge carry the events, alone or beside the filter: rules of the
// default bus and of one that it forwards to.
func (r *random) rules(c *judgingCase) {
	switch r.IntN(3) {
	case 0:
		c.Set["filters"] = []any{}
	case 1:
		c.Set["filter.pattern"] = "{ " + kmsPattern + " && " + r.condition(1) + " }"
	default:
		c.Set["filter.pattern"] = "{ $.eventName = DisableKey }"
	}
	service := pick[any](r, "events.amazonaws.com", "events.amazonaws.com", "events.amazonaws.com", []any{"events.amazonaws.com", "cloudwatch.amazonaws.com"})
	statement := map[string]any{"Effect": "Allow", "Principal": map[string]any{"Service": service}, "Action": "sns:Publish", "Resource": topicARN + "security"}
	if r.IntN(4) == 0 {
		statement["Condition"] = map[string]any{"ArnLike": map[string]any{"aws:SourceArn": pick(r, "arn:aws:events:eu-central-1:111122223333:rule/*", homeARN+"*")}}
	}
	alarms := map[string]any{"Effect": "Allow", "Principal": map[string]any{"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish", "Resource": topicARN + "security"}
	c.Set["topic.attributes.value.policy"] = jsonText(map[string]any{"Version": "2012-10-17", "Statement": []any{statement, alarms}})
	var list []any
	for i := range 1 + r.IntN(2) {
		list = append(list, r.eventRule(fmt.Sprintf("kms-%d", i), "", r.target()))
	}
	if r.IntN(3) == 0 {
		list = append(list, r.eventRule("forward", "", map[string]any{"id": "bus", "arn": busARN + "custom", "message": map[string]any{"form": "event"}}))
		description := map[string]any{"value": map[string]any{}}
		bus := map[string]any{"arn": busARN + "custom", "description": description}
		if r.IntN(4) == 0 {
			bus["description"] = map[string]any{} // it is gone
		} else {
			bus["rules"] = map[string]any{"value": []any{r.eventRule("beyond", "custom/", r.target())}}
		}
		c.Set["home.buses"] = map[string]any{busARN + "custom": bus}
	}
	c.Set["home.rules"] = map[string]any{"value": list}
}

func (r *random) target() map[string]any {
	message := pick(r, map[string]any{"form": "event"}, map[string]any{"form": "event"}, map[string]any{"form": "constant"},
		map[string]any{"form": "template", "paths": map[string]any{"what": "$.detail.eventName"}, "placeholders": []any{"what"}})
	return map[string]any{"id": "topic", "arn": pick(r, topicARN+"security", topicARN+"security", topicARN+"security", topicARN+"gone"), "message": message}
}

// eventRule is a rule of a bus with one target.
func (r *random) eventRule(name, bus string, target map[string]any) map[string]any {
	detail := map[string]any{"eventSource": []any{"kms.amazonaws.com"}, "eventName": []any{"DisableKey", "ScheduleKeyDeletion"}}
	switch r.IntN(4) {
	case 0:
		detail["eventName"] = []any{pick(r, "DisableKey", "ScheduleKeyDeletion", "EnableKey")}
	case 1:
		detail["eventName"] = []any{map[string]any{"prefix": pick(r, "Disable", "Schedule", "D")}, map[string]any{"suffix": "KeyDeletion"}}
	}
	for range r.IntN(2) {
		maps.Copy(detail, r.detail())
	}
	pattern := map[string]any{"source": []any{"aws.kms"}, "detail-type": []any{"AWS API Call via CloudTrail"}, "detail": detail}
	switch r.IntN(6) {
	case 0:
		delete(pattern, "source")
	case 1:
		pattern["region"] = []any{pick(r, "eu-central-1", "us-east-1")}
	case 2:
		pattern["account"] = []any{pick(r, "111122223333", "444455556666")}
	}
	rule := map[string]any{"name": name, "arn": "arn:aws:events:eu-central-1:111122223333:rule/" + bus + name, "pattern": jsonText(pattern),
		"state": pick(r, slices.Concat([]string{"DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}, slices.Repeat([]string{"ENABLED"}, 6))...)}
	if rule["state"] != "DISABLED" {
		rule["targets"] = map[string]any{"value": []any{target}}
	}
	return rule
}

// detail is a condition of an event pattern beside the names.
func (r *random) detail() map[string]any {
	return pick(r,
		map[string]any{"errorCode": []any{map[string]any{"exists": r.IntN(2) == 0}}},
		map[string]any{"userIdentity": map[string]any{"type": []any{map[string]any{"anything-but": pick(r, "AWSService", "AssumedRole", "Nobody")}}}},
		map[string]any{"userIdentity": map[string]any{"arn": []any{map[string]any{"anything-but": "arn:aws:iam::111122223333:user/ops/jane"}}}},
		map[string]any{"sourceIPAddress": []any{map[string]any{"cidr": "10.0.0.0/8"}}},
		map[string]any{"userAgent": []any{map[string]any{"anything-but": map[string]any{"prefix": "terraform"}}}},
		map[string]any{"readOnly": []any{r.IntN(2) == 0}},
		map[string]any{"awsRegion": []any{"eu-central-1"}},
		map[string]any{"userIdentity": map[string]any{"invokedBy": []any{map[string]any{"exists": false}}}},
	)
}

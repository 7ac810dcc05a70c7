package audit

import (
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/alarm"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// remediation says in one sentence what to do about the first reason, by hand. It
// names no change that apply could make: package plan adds those, because it knows
// whether one helps.
func remediation(f *finding.Finding) string {
	if f.Status == finding.Pass || len(f.Reasons) == 0 {
		return ""
	}
	text := nextStep(f.Reasons[0])
	if owner := f.Elsewhere(); owner != "" && text != "" && f.Reasons[0].Status != finding.Unknown {
		return "in account " + owner + ": " + text
	}
	return text
}

// nextStep is what to do by hand about a reason; "" for a code that the table lacks.
func nextStep(r finding.Reason) string {
	if r.Status == finding.Unknown && r.Call != nil && r.Code != CodeAccountUnreadable {
		return unanswered(r)
	}
	if step := unknownSteps[r.Code]; step != nil && r.Status == finding.Unknown {
		return step(r)
	}
	if step := nextSteps[r.Code]; step != nil {
		return step(r)
	}
	return ""
}

// say is a next step that does not depend on the reason.
func say(text string) func(finding.Reason) string {
	return func(finding.Reason) string { return text }
}

// inTrail is a next step that names the trail.
func inTrail(format string) func(finding.Reason) string {
	return func(r finding.Reason) string { return fmt.Sprintf(format, nameIn(r.Resource, "the trail")) }
}

// naming is a next step that names the resource, or what stands for it.
func naming(format, otherwise string) func(finding.Reason) string {
	return func(r finding.Reason) string { return fmt.Sprintf(format, nameIn(r.Resource, otherwise)) }
}

// nameIn is the name of a resource by its ARN.
func nameIn(arn, otherwise string) string {
	parsed, ok := account.ParseARN(arn)
	if !ok {
		return otherwise
	}
	switch name := parsed.Resource[strings.LastIndexAny(parsed.Resource, ":/")+1:]; parsed.Service {
	case "cloudtrail":
		return "trail " + name
	case "cloudwatch":
		return "alarm " + name
	case "sns":
		return "topic " + parsed.Resource
	case "logs":
		if group, ok := parsed.LogGroupName(); ok {
			return "log group " + group
		}
	}
	return otherwise
}

// senders are the services that publish to topics.
const senders = "cloudwatch.amazonaws.com for alarms, events.amazonaws.com for rules"

// nextSteps is what to do by hand about each code.
var nextSteps = map[finding.Code]func(finding.Reason) string{
	CodeNotInScope:                     say("use --region to name regions in which the control's events can occur"),
	CodeNotReadable:                    unanswered,
	CodeEvidence:                       unanswered,
	CodeAccountUnreadable:              entering,
	CodeSecurityHubDisabled:            say("enable Security Hub in every region in scope"),
	CodeNoHeartbeat:                    say("put an alarm on IncomingLogEvents of the log group in AWS/Logs: Sum < 1 for some hours, missing data breaching, with a topic that reaches someone"),
	CodeHeartbeatBlind:                 say("let the alarm treat missing data as breaching: a log group without events has no datapoints"),
	CodeHeartbeatSlow:                  say("let the alarm look back 24 hours at most"),
	finding.CodeWaiverExpired:          say("delete the entry from the configuration, or give it a new end"),
	finding.CodeWaiverBroad:            say("replace the waiver by an accept entry for each reason"),
	finding.CodeWaiverUnused:           say("delete the waiver from the configuration"),
	finding.CodeAcceptUnused:           say("delete the accept entry from the configuration"),
	CodeNoTrail:                        say("create a multi-region trail that logs all management events to a CloudWatch Logs log group of this account, as 'apply --create-trail' does: filters and alarms need one"),
	CodeTrailNotLogging:                inTrail("start %s: aws cloudtrail start-logging"),
	CodeTrailSingleRegion:              inTrail("make %s a multi-region trail, or add a trail with a log group in the other regions"),
	CodeTrailExcludes:                  inTrail("change the event selectors of %s so that it records these management events"),
	CodeTrailNoLogGroup:                inTrail("let %s deliver to a CloudWatch Logs log group of this account: filters and alarms need one"),
	CodeDeliveryError:                  inTrail("fix the delivery of %s: its role must be allowed to create log streams in the log group and to put events into them"),
	CodeDeliveryStale:                  inTrail("find out why %s no longer delivers: check its role, and the log group's key and quota"),
	CodeGroupMissing:                   naming("create %s again, or let the trail deliver to another log group", "the log group"),
	CodeGroupClass:                     naming("let the trail deliver to a log group of the class STANDARD: the class of %s cannot be changed", "this one"),
	CodeGroupKey:                       naming("enable the key of %s, or cancel its deletion", "the log group"),
	CodeJudgedElsewhere:                otherAccount("log group"),
	CodeDuplicateDelivery:              naming("let only one trail deliver to %s, or accept duplicate-delivery", "the log group"),
	CodeTelemetrySource:                say("create a trail, or check by hand the log group that the telemetry rule delivers to: monitorctl does not follow it"),
	CodeNoFilter:                       say("add a metric filter for the events to the log group of the trail, with an alarm on its metric"),
	CodeFilterMissesEvent:              say("add the missed events to the metric filter, or a second filter on the same metric"),
	CodeFilterNarrowed:                 say("remove the condition from the metric filter, or accept it: accept filter-narrowed"),
	CodeFilterExcludes:                 say("remove what the filter leaves out, or accept it: accept filter-excludes"),
	CodeFilterNotUnderstood:            say("rewrite the pattern so that it has only one meaning: 'monitorctl pattern explain' shows what it can mean"),
	CodeFilterNoisy:                    say("leave everyday events out of the filters that write to the metric: people ignore an alarm that always rings"),
	CodeFilterByText:                   say("write the filter as a JSON pattern on the record's fields: { $.eventName = ... }"),
	CodeFilterTransformed:              say("turn off applyOnTransformedLogs for the filter, or remove the transformer of the log group"),
	CodeCentralizedElsewhere:           otherAccount("destination of the log centralization"),
	CodeMetricValue:                    say("let the filter write the value 1 for each match"),
	CodeNoAlarm:                        say("put an alarm on the metric of the filter: Sum >= 1 in one period"),
	CodeAlarmOtherNamespace:            naming("let %s watch the namespace that the filter writes to", "the alarm"),
	CodeAlarmOtherRegion:               say("create the alarm in the region of the log group"),
	CodeAlarmDimensions:                naming("give %s the dimensions that the filter writes, or none", "the alarm"),
	CodeAlarmUnit:                      naming("remove the unit of %s, or let every filter of the metric write the same one", "the alarm"),
	CodeAlarmStuck:                     naming("let %s return to OK: missing data as notBreaching, and a threshold that the default value does not reach", "the alarm"),
	CodeAlarmNoData:                    naming("find out why %s gets no data: check the filter, its log group and the metric's name", "the alarm"),
	CodeAlarmKind:                      naming("check %s by hand, or add an alarm with a threshold on the metric of the filter", "the alarm"),
	CodeAlarmMath:                      naming("check the expression of %s by hand, or add an alarm on the metric of the filter", "the alarm"),
	CodeAlarmActionsDisabled:           naming("turn on the actions of %s: aws cloudwatch enable-alarm-actions", "the alarm"),
	CodeAlarmNoAction:                  naming("give %s an SNS topic as an action for ALARM", "the alarm"),
	CodeCompositeNotTrue:               naming("change the rule of %s so that the alarm of the control makes it true", "the composite alarm"),
	CodeAlarmSuppressed:                naming("remove the suppressor of %s, or the other alarms from its rule", "the composite alarm"),
	CodeAlarmSharedBusy:                naming("let %s return to OK sooner, or match fewer events: while it is in ALARM, changes in other accounts alert nobody", "the alarm"),
	CodeAlarmMuted:                     say("delete the mute rule, or give it an end"),
	CodeActionFailed:                   say("fix the error that the alarm's history shows, and let the alarm act again: its latest entry counts"),
	CodeActionNotNotifying:             say("add an SNS topic as an action for ALARM"),
	CodeActionNotTopic:                 say("check by hand who is notified, or add an SNS topic as an action for ALARM"),
	CodeTopicMissing:                   naming("create %s again, or give the alarm another topic", "the topic"),
	CodeTopicOtherRegion:               say("give the alarm a topic in its own region: it cannot use one elsewhere"),
	CodeTopicUnreadable:                otherAccount("topic"),
	CodeTopicKey:                       naming("give %s a customer managed key whose policy lets the sender ("+senders+") call kms:Decrypt and kms:GenerateDataKey*", "the topic"),
	CodeTopicPolicy:                    naming("let the sender ("+senders+") call sns:Publish in the policy of %s", "the topic"),
	CodeNoSubscriber:                   naming("subscribe someone to %s", "the topic"),
	CodeSubscriptionPending:            say("confirm the subscription from the message that SNS sent; it can be confirmed for two days"),
	CodeSubscriptionFilter:             say("remove the filter policy of a subscriber, or let it pass the messages of alarms"),
	CodeSubscriberMachine:              naming("subscribe a person to %s, or check by hand who gets the message in the end", "the topic"),
	CodeChatNotConfigured:              say("connect the topic to a channel: 'monitorctl channels slack' has the steps"),
	CodeChatDisabled:                   say("let the organization's policy allow the chat, or subscribe someone in another way"),
	CodeUnsubscribeOpen:                say("let the subscriber confirm again with the token: aws sns confirm-subscription --authenticate-on-unsubscribe true"),
	CodeDeclared:                       say("test the machine again before the declaration ends"),
	CodeDeclarationExpired:             say("test the machine and declare it again in the configuration, or subscribe a person"),
	CodeDeclarationUnused:              say("subscribe the declared machine to the topic, or remove the declaration"),
	CodeFilterSuspicious:               say("fix the pattern: 'monitorctl pattern lint' shows what else looks wrong"),
	CodeOrphanFilter:                   say("let a trail deliver to the log group, or move the filters to a log group that a trail delivers to"),
	CodeOrphanAlarm:                    naming("let %s watch exactly the metric that the filter writes: spelling and case matter", "the alarm"),
	CodeByRules:                        say("add the metric filter and alarm of the benchmark's text, if an auditor asks for them"),
	CodeNoRule:                         say("add a rule on the default bus for the events, with a topic as its target"),
	CodeRuleMissesEvent:                say("add the missed events to the rule's event pattern"),
	CodeRuleNarrowed:                   say("remove the condition from the rule's event pattern, or accept it: accept rule-narrowed"),
	CodeRuleExcludes:                   say("remove what the rule leaves out, or accept it: accept rule-excludes"),
	CodeRuleNotUnderstood:              say("rewrite the event pattern so that it has only one meaning"),
	CodeRuleOtherRegion:                say("add a rule, or one that forwards to it, in each of these regions"),
	CodeRuleOtherBus:                   say("put the rule on the default bus: CloudTrail's events arrive on no other"),
	CodeRuleDisabled:                   say("enable the rule: aws events enable-rule"),
	CodeRuleWritesOnly:                 say("put the rule into state " + account.RuleReadsToo),
	CodeRuleNoisy:                      say("leave everyday events out of the rule: people ignore messages that never stop"),
	CodeRuleForgeable:                  say("ask for the source in the event pattern: anyone who may put events can trigger the rule"),
	CodeRuleManaged:                    say("add your own rule: a service manages this one and may change it"),
	CodeRuleNoTarget:                   say("give the rule a topic with a subscriber as a target"),
	CodeRuleTargetMachine:              say("add a target topic that reaches a person, or check by hand who gets the event in the end"),
	CodeRuleTargetOther:                say("check by hand who gets the event in the end"),
	CodeRuleTargetUnread:               say("check the target by hand: monitorctl could not follow it"),
	CodeRuleTargetFIFO:                 say("use a standard topic: rules cannot publish to FIFO topics"),
	CodeRuleTargetRole:                 say("let events.amazonaws.com assume the target's role, and let the role do what the target needs"),
	CodeRuleInputConstant:              say("let the target's input name the event, so that the message says what happened"),
	CodeRuleInputRaw:                   say("give the target an input transformer, so that a person can read the message"),
	CodeRuleInputEmpty:                 say("use only paths in the input that exist in the event"),
	CodeRuleNoDeadLetter:               say("give the target a standard SQS queue of its region as dead-letter queue, and let events.amazonaws.com send to it"),
	CodeBusKey:                         say("enable the key of the bus, or cancel its deletion"),
	CodeBusMissing:                     say("create the bus again, or forward to another one"),
	CodeBusPolicy:                      say("let the sender call events:PutEvents in the policy of the receiving bus"),
	CodeBusForwardRole:                 say("give the forwarding target a role that events.amazonaws.com may assume and that may call events:PutEvents"),
	CodeBusForwardChain:                say("forward to the last bus directly: EventBridge forwards an event only once"),
	CodeDestinationInactive:            say("reconnect the API destination"),
	CodeConnection:                     say("authorize the connection of the API destination again"),
	CodeTopicPolicyConditions:          say("let events.amazonaws.com publish without conditions in the topic's policy: AWS does not support them there"),
	CodeChannelFormat:                  say("give the target an input transformer in the form that the chat channel shows"),
	finding.Code(alarm.CodeThreshold):  naming("let %s go to ALARM for one event: Sum >= 1", "the alarm"),
	finding.Code(alarm.CodeDatapoints): naming("let %s need only one datapoint", "the alarm"),
	finding.Code(alarm.CodeAccident):   naming("let %s need only one datapoint", "the alarm"),
	finding.Code(alarm.CodeSlowReset):  naming("let %s return to OK sooner: missing data as notBreaching", "the alarm"),
	finding.Code(alarm.CodeLate):       naming("give %s a period of five minutes", "the alarm"),
	finding.Code(alarm.CodeDiluted):    naming("let %s use the statistic Sum", "the alarm"),
}

// unknownSteps is what to do about a code where nothing is known to be wrong.
var unknownSteps = map[finding.Code]func(finding.Reason) string{
	CodeTopicPolicy:        naming("check by hand whether the policy of %s lets the sender ("+senders+") call sns:Publish", "the topic"),
	CodeTopicKey:           naming("check by hand whether the policy of the key of %s lets the sender ("+senders+") call kms:Decrypt and kms:GenerateDataKey*", "the topic"),
	CodeCompositeNotTrue:   naming("check %s by hand, or give the control's alarm its own action", "the composite alarm"),
	CodeAlarmStuck:         naming("find out why %s is in ALARM, or give the control's alarm its own action", "the alarm"),
	CodeActionNotNotifying: say("use a standard topic: whether alarms can publish to a FIFO topic is not documented"),
}

// otherAccount is a next step for evidence that another account holds.
func otherAccount(what string) func(finding.Reason) string {
	return func(r finding.Reason) string {
		id := "the account that holds the " + what
		if arn, ok := account.ParseARN(r.Resource); ok && arn.Account != "" {
			id = "account " + arn.Account
		}
		return fmt.Sprintf("save %s with 'monitorctl snapshot' and name the file under central: in the configuration; to change something there, run plan with its credentials", id)
	}
}

// entering is the next step for an account that nobody could look into.
func entering(r finding.Reason) string {
	if r.Call != nil && r.Call.Code == NoRole {
		return "name the role with --account-role, or in the list of accounts"
	}
	if r.Call != nil && r.Call.Operation == "sts:AssumeRole" && r.Call.Denial() == finding.DenialPermission {
		return "create the role in the account: 'monitorctl permissions org' prints it with its trust policy"
	}
	return unanswered(r)
}

// unanswered is the next step for a call without answer.
func unanswered(r finding.Reason) string {
	if r.Call != nil && r.Code == CodeAccountUnreadable && r.Call.Code == "NoRegionReadable" {
		return "allow cloudtrail:DescribeTrails in at least one region: 'monitorctl permissions audit' prints the policy that is needed"
	}
	if r.Call == nil {
		return "run it again: part of the account was not read"
	}
	return CallStep(*r.Call, "audit")
}

// CallStep says what to do about a call without answer that a command of monitorctl
// made: "audit", "plan", "apply".
func CallStep(c finding.Call, command string) string {
	call := c.Operation
	switch c.Denial() {
	case finding.DenialPermission:
		return fmt.Sprintf("allow %s: 'monitorctl permissions %s' prints the policy that is needed", call, command)
	case finding.DenialExplicit:
		return fmt.Sprintf("lift the explicit deny of %s: no other permission helps", call)
	case finding.DenialSCP:
		return fmt.Sprintf("a service control policy forbids %s here: ask the organization's management account, since no permission in this account helps", call)
	case finding.DenialExpired:
		return "renew the credentials, with SSO by 'aws sso login', and run it again"
	case finding.DenialCredentials:
		return "enable the region for the account, or leave it out with --region; check that the credentials are valid there"
	case finding.DenialThrottled:
		return fmt.Sprintf("run it again later: AWS throttles %s because of too many calls in this account", call)
	case finding.DenialUnreachable:
		return fmt.Sprintf("run it again: %s got no readable answer; check the network and the proxy (HTTPS_PROXY)", call)
	case finding.DenialNotAsked:
		return fmt.Sprintf("take the snapshot again: this one does not contain the answer to %s", call)
	default:
		return fmt.Sprintf("find out why %s fails: %s", call, c.Code)
	}
}

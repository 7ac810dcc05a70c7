package report

import (
	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// repair is a plan with every kind of action, for one account.
func repair() change.Plan {
	zero, one := 0.0, 1.0
	meta := func(why string, closes ...string) change.Meta {
		return change.Meta{Account: "111122223333", Region: "eu-central-1", Why: why, Closes: closes}
	}
	filter := account.MetricFilter{
		LogGroup: "/aws/cloudtrail/org", Name: "GuardDutyConfigChanges",
		Pattern:   "{ ($.eventSource = guardduty.amazonaws.com) && (($.eventName = CreateDetector) || ($.eventName = DeleteDetector)) }",
		Namespace: "CloudTrailMetrics", Metric: "GuardDutyEventCount", Value: "1", Default: &zero,
	}
	alarm := account.MetricAlarm{
		Name: "GuardDutyConfigChangesAlarm", Description: "Triggered by GuardDuty configuration changes.",
		Namespace: "CloudTrailMetrics", Metric: "GuardDutyEventCount", Statistic: "Sum",
		Comparison: "GreaterThanOrEqualToThreshold", Threshold: &one, Period: 300, EvaluationPeriods: 1,
		MissingData: "notBreaching", ActionsEnabled: true,
		AlarmActions: []string{"arn:aws:sns:eu-central-1:111122223333:monitorctl-alerts"},
	}
	shorter, quiet := filter, alarm
	shorter.Name, shorter.Pattern = "SecurityGroupConfigChanges", "{ ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }"
	before := shorter
	before.Pattern, before.Default = "{ $.eventName = CreateSecurityGroup }", nil
	quiet.Name = "SecurityGroupConfigChangesAlarm"
	muted := quiet
	muted.ActionsEnabled, muted.Threshold, muted.MissingData = false, nil, ""

	after := fourControls()
	after.Findings[1].Status, after.Findings[1].Reasons = finding.Pass, nil
	after.Findings[3].Status = finding.Fail
	after.Findings[3].Reasons = []finding.Reason{{
		Code: "subscription-pending", Status: finding.Fail, Link: finding.LinkTopic, Message: "topic monitorctl-alerts: its only subscription is pending confirmation",
	}}
	return change.Plan{
		Chosen: []change.Choice{{
			Account: "111122223333", TrailARN: arnTrail, Region: "eu-central-1", LogGroup: "/aws/cloudtrail/org", Why: "carries all 4 controls; multi-region",
		}},
		Actions: []change.Action{
			action.CreateTopic{
				Meta: meta("there is no topic of ours", "guardduty-changes"), Topic: "monitorctl-alerts",
				ARN:    "arn:aws:sns:eu-central-1:111122223333:monitorctl-alerts",
				Policy: `{"Version":"2012-10-17","Statement":[]}`, Tags: map[string]string{"team": "sec", "monitorctl:managed": "true"},
			},
			action.Subscribe{
				Meta: meta("asked for with --subscribe"), TopicARN: "arn:aws:sns:eu-central-1:111122223333:monitorctl-alerts",
				Protocol: "email", Endpoint: "sec@example.com",
			},
			action.Subscribe{
				Meta: meta("asked for with --subscribe"), TopicARN: "arn:aws:sns:eu-central-1:111122223333:monitorctl-alerts",
				Protocol: "https", Endpoint: "https://hooks.example.com/services/T0/B1/SECRET",
			},
			action.PutFilter{Meta: meta("no filter covers it", "guardduty-changes"), Filter: filter},
			action.PutFilter{Meta: meta("its text lacks an event", "security-group-changes"), Filter: shorter, Before: &before},
			action.PutAlarm{Meta: meta("nothing alarms on the metric", "guardduty-changes"), Alarm: alarm, Tags: map[string]string{"monitorctl:managed": "true"}},
			action.PutAlarm{Meta: meta("its actions are disabled", "security-group-changes"), Alarm: quiet, Before: &muted},
		},
		Manual: []change.Manual{{
			Account: "111122223333", Control: "network-gateway-changes",
			Text: "confirm the subscription of s***@example.com to topic cis-alerts",
		}},
		Before: fourControls(), After: after,
	}
}

// blocked is a plan that must not be carried out.
func blocked() change.Plan {
	return change.Plan{
		Chosen: repair().Chosen,
		Conflicts: []change.Conflict{{
			Account: "111122223333", Region: "eu-central-1", Name: "GuardDutyConfigChanges", Resource: arnFilter + "GuardDutyConfigChanges",
			Reason: "the metric filter was not created by monitorctl: its pattern is none that was ever shipped",
			Have:   "{ $.eventName = Nothing } -> Custom/Metric", Want: "{ ... } -> CloudTrailMetrics/GuardDutyEventCount",
			Replaceable: true,
			Avoid:       "--name-prefix PREFIX writes under your own names",
			Fields: change.Differences(
				action.FilterSettings(account.MetricFilter{LogGroup: "g", Name: "GuardDutyConfigChanges", Pattern: "{ $.eventName = Nothing }", Namespace: "Custom", Metric: "Metric", Value: "1"}),
				action.FilterSettings(account.MetricFilter{LogGroup: "g", Name: "GuardDutyConfigChanges", Pattern: "{ ... }", Namespace: "CloudTrailMetrics", Metric: "GuardDutyEventCount", Value: "1"})),
		}},
		Drifts: []change.Drift{{
			Account: "111122223333", Region: "eu-central-1", Name: "NetworkAclConfigChangesAlarm", Control: "nacl-changes",
			Resource: "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:NetworkAclConfigChangesAlarm",
			Fields: change.Differences(
				action.AlarmSettings(account.MetricAlarm{Name: "NetworkAclConfigChangesAlarm", Namespace: "n", Metric: "m", Period: 60}),
				action.AlarmSettings(account.MetricAlarm{Name: "NetworkAclConfigChangesAlarm", Namespace: "n", Metric: "m", Period: 300})),
		}},
		Before: fourControls(), After: fourControls(),
	}
}

// nothing is the plan for an account in which all is well.
func nothing() change.Plan {
	r := fourControls()
	r.Findings, r.Controls = []finding.Finding{plainPass()}, []string{"nacl-changes"}
	return change.Plan{Before: r, After: r}
}

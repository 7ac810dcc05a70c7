package report

import (
	_ "embed" // the repair of a finding
	"time"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

const (
	arnTrail  = "arn:aws:cloudtrail:eu-central-1:111122223333:trail/org-trail"
	arnGroup  = "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/cloudtrail/org"
	arnFilter = arnGroup + ":metric-filter:"
	arnAlarm  = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:"
	arnTopic  = "arn:aws:sns:eu-central-1:111122223333:cis-alerts"
)

var scope = []string{"eu-central-1", "eu-west-1", "us-east-1", "us-west-2"}

// link is a Link in fewer words.
func link(depth int, kind finding.LinkKind, state finding.LinkState, resource, detail string) finding.Link {
	return finding.Link{Kind: kind, Depth: depth, Resource: resource, State: state, Detail: detail}
}

// stages are the four columns of the table.
func stages(trail, filter, alarm, notify finding.LinkState) finding.Stages {
	return finding.Stages{Trail: trail, Filter: filter, Alarm: alarm, Notify: notify}
}

// trailAndGroup are the first two links of a chain that carries its events.
func trailAndGroup() []finding.Link {
	return []finding.Link{
		link(0, finding.LinkTrail, finding.StateOK, arnTrail, "multi-region, logging"),
		link(1, finding.LinkLogGroup, finding.StateOK, arnGroup, ""),
	}
}

// fourControls is the report that the documents show as a table.
func fourControls() finding.Report {
	return finding.Report{
		Benchmark:   "cis-3.0.0",
		GeneratedAt: time.Date(2026, 3, 1, 13, 30, 0, 0, time.FixedZone("CET", 3600)),
		Accounts: []finding.AccountRef{{
			ID: "111122223333", Alias: "acme", Home: "eu-central-1", Trail: "org-trail (multi-region, logging)",
		}},
		Regions:  scope,
		Controls: []string{"network-gateway-changes", "security-group-changes", "nacl-changes", "guardduty-changes"},
		Checked:  catalog.Checked{Set: "core", Benchmark: "cis-3.0.0", Numbered: 3, Total: 15, Others: []string{"guardduty-changes"}},
		Findings: []finding.Finding{pendingSubscriber(), gapInFilter(), plainPass(), noFilter()},
	}
}

func pendingSubscriber() finding.Finding {
	return finding.Finding{
		ID: "5f1c0a", Control: "network-gateway-changes", Number: "4.12", Severity: catalog.Medium, Account: "111122223333",
		Title:  "Changes to network gateways reach a person",
		Status: finding.Fail,
		Stages: stages(finding.StateOK, finding.StateOK, finding.StateOK, finding.StateNone),
		Reasons: []finding.Reason{{
			Code: "subscription-pending", Status: finding.Fail, Link: finding.LinkTopic, Resource: arnTopic,
			Message: "topic cis-alerts: its only subscription is pending confirmation",
		}},
		Missed: []finding.MissedEvent{
			{Source: "ec2.amazonaws.com", Event: "AttachInternetGateway", Regions: scope},
			{Source: "ec2.amazonaws.com", Event: "CreateCustomerGateway", Regions: scope},
		},
		Chain: append(trailAndGroup(),
			link(2, finding.LinkFilter, finding.StateOK, arnFilter+"gateway-changes", "covers 6 of 6 events"),
			link(3, finding.LinkMetric, finding.StateOK, "eu-central-1/CISBenchmark/GatewayChanges", ""),
			link(4, finding.LinkAlarm, finding.StateOK, arnAlarm+"gateway-changes", "Sum >= 1, 1 of 1 periods of 300 s"),
			link(5, finding.LinkAction, finding.StateOK, arnTopic, ""),
			link(6, finding.LinkTopic, finding.StateNone, arnTopic, "no confirmed subscription"),
			link(7, finding.LinkSubscription, finding.StateNone, arnTopic+" email s***@example.com", "pending confirmation"),
		),
		Literal:     true,
		BlindSpots:  []finding.BlindSpot{{Source: "ec2.amazonaws.com", Event: "AttachVpnGateway", Risk: "high"}},
		Remediation: "confirm the subscription of s***@example.com, or subscribe someone else",
	}
}

func gapInFilter() finding.Finding {
	f := arnFilter + "sg-changes"
	return finding.Finding{
		ID: "0b77de", Control: "security-group-changes", Number: "4.10", Severity: catalog.High, Account: "111122223333",
		Title:  "Changes to security groups reach a person",
		Status: finding.Fail,
		Stages: stages(finding.StateOK, finding.StateGap, finding.StateOK, finding.StateOK),
		Reasons: []finding.Reason{
			{Code: "filter-misses-event", Status: finding.Fail, Link: finding.LinkFilter, Resource: f, Message: "DeleteSecurityGroup would go unseen"},
			{Code: "filter-narrowed", Status: finding.Pass, Link: finding.LinkFilter, Resource: f, Message: "failed calls are not reported"},
		},
		Missed: []finding.MissedEvent{{Source: "ec2.amazonaws.com", Event: "DeleteSecurityGroup", Regions: []string{"eu-west-1", "us-east-1"}}},
		Narrowed: []finding.Narrowing{{
			By: "outcome", Text: "lost when errorCode is present", Filter: f,
			Example: `{"eventName":"CreateSecurityGroup","errorCode":"Client.UnauthorizedOperation"}`,
		}},
		Chain: append(trailAndGroup(),
			link(2, finding.LinkFilter, finding.StateNone, arnFilter+"vpc-changes", "matches none of its events"),
			link(2, finding.LinkFilter, finding.StateGap, f, "covers 5 of 6 events; misses DeleteSecurityGroup"),
			link(3, finding.LinkMetric, finding.StateOK, "eu-central-1/CISBenchmark/SecurityGroupChanges", ""),
			link(4, finding.LinkAlarm, finding.StateNone, arnAlarm+"sg-changes-old", "its actions are disabled"),
			link(4, finding.LinkAlarm, finding.StateOK, arnAlarm+"sg-changes", "Sum >= 1, 1 of 1 periods of 300 s"),
			link(5, finding.LinkAction, finding.StateOK, arnTopic, ""),
			link(6, finding.LinkTopic, finding.StateOK, arnTopic, ""),
			link(7, finding.LinkSubscription, finding.StateNone, arnTopic+" email o***@example.com", "pending confirmation"),
			link(7, finding.LinkSubscription, finding.StateOK, arnTopic+":2f1e email s***@example.com", "confirmed"),
		),
		BlindSpots: []finding.BlindSpot{
			{Source: "ec2.amazonaws.com", Event: "AssociateSecurityGroupVpc", Risk: "medium"},
			{Source: "ec2.amazonaws.com", Event: "ModifySecurityGroupRules", Risk: "high"},
		},
		Remediation: "run 'monitorctl apply': it adds a chain of its own beside the filter",
		Command:     "monitorctl plan security-group-changes",
		Repair:      &finding.Repair{Shell: repairShell, Terraform: repairTerraform},
	}
}

// What export writes for security-group-changes in the account of the fixtures.
var (
	//go:embed testdata/repair.sh
	repairShell string

	//go:embed testdata/repair.tf
	repairTerraform string
)

func plainPass() finding.Finding {
	return finding.Finding{
		ID: "9912aa", Control: "nacl-changes", Number: "4.11", Severity: catalog.High, Account: "111122223333",
		Title:  "Changes to network ACLs reach a person",
		Status: finding.Pass,
		Stages: stages(finding.StateOK, finding.StateOK, finding.StateOK, finding.StateOK),
		Chain: append(trailAndGroup(),
			link(2, finding.LinkFilter, finding.StateGap, arnFilter+"nacl-a", "covers 3 of 6 events"),
			link(3, finding.LinkMetric, finding.StateOK, "eu-central-1/CISBenchmark/NaclChanges", ""),
			link(4, finding.LinkAlarm, finding.StateOK, arnAlarm+"nacl", ""),
			link(5, finding.LinkAction, finding.StateOK, arnTopic, ""),
			link(6, finding.LinkTopic, finding.StateOK, arnTopic, ""),
			link(7, finding.LinkSubscription, finding.StateOK, arnTopic+":2f1e email s***@example.com", "confirmed"),
			link(2, finding.LinkFilter, finding.StateGap, arnFilter+"nacl-b", "covers the other 3 events"),
			link(3, finding.LinkMetric, finding.StateOK, "eu-central-1/CISBenchmark/NaclChanges", ""),
		),
	}
}

func noFilter() finding.Finding {
	return finding.Finding{
		ID: "c3d4e5", Control: "guardduty-changes", Severity: catalog.Low, Account: "111122223333",
		Title:  "Changes to GuardDuty reach a person",
		Status: finding.Fail,
		Stages: stages(finding.StateOK, finding.StateNone, "", ""),
		Reasons: []finding.Reason{{
			Code: "no-filter", Status: finding.Fail, Link: finding.LinkFilter, Message: "no metric filter matches any of its 23 events",
		}},
		Missed:      []finding.MissedEvent{{Source: "guardduty.amazonaws.com", Event: "DeleteDetector", Regions: scope}},
		Chain:       append(trailAndGroup(), link(2, finding.LinkFilter, finding.StateNone, "", "no metric filter matches any of its events")),
		Remediation: "run 'monitorctl apply'",
		Command:     "monitorctl plan guardduty-changes",
		Repair:      &finding.Repair{Why: "it cannot be written as code: the policy of topic cis-alerts; 'monitorctl apply' carries it out"},
	}
}

// everyStatus adds the statuses that fourControls lacks, and an account
// without a trail.
func everyStatus() finding.Report {
	r := fourControls()
	r.Accounts = append(r.Accounts, finding.AccountRef{ID: "444455556666"})
	r.Controls = append(r.Controls, "kms-cmk-disable-or-delete", "root-usage", "config-changes", "organizations-changes")
	r.Findings = append(r.Findings,
		finding.Finding{
			ID: "aa01", Control: "kms-cmk-disable-or-delete", Number: "4.7", Severity: catalog.High, Account: "111122223333",
			Title: "Disabling or deleting customer keys reaches a person", Status: finding.Warn,
			Stages: stages(finding.StateOK, finding.StateOK, finding.StateOK, finding.StateOK),
			Reasons: []finding.Reason{
				{Code: "subscriber-machine", Status: finding.Warn, Link: finding.LinkSubscription, Resource: arnTopic, Message: "only machines subscribe: sqs"},
				{Code: "filter-noisy", Status: finding.Warn, Link: finding.LinkFilter, Resource: arnFilter + "kms", Message: "the metric counts DescribeInstances too"},
			},
			Chain: append(trailAndGroup(),
				link(2, finding.LinkFilter, finding.StateOK, arnFilter+"kms", ""),
				link(3, finding.LinkMetric, finding.StateOK, "eu-central-1/CISBenchmark/Kms", ""),
				link(4, finding.LinkAlarm, finding.StateOK, arnAlarm+"kms", ""),
				link(5, finding.LinkAction, finding.StateOK, arnTopic, ""),
				link(6, finding.LinkTopic, finding.StateOK, arnTopic, ""),
				link(7, finding.LinkSubscription, finding.StateGap, arnTopic+":77aa sqs", "confirmed, a machine"),
			),
			Remediation: "subscribe a person",
		},
		finding.Finding{
			ID: "aa02", Control: "root-usage", Number: "4.3", Severity: catalog.High, Account: "111122223333",
			Title: "Use of the root user reaches a person", Status: finding.Unknown,
			Stages: stages(finding.StateOK, finding.StateOK, finding.StateUnknown, ""),
			Reasons: []finding.Reason{{
				Code: "not-readable", Status: finding.Unknown, Link: finding.LinkAlarm,
				Message: "cloudwatch:DescribeAlarms was denied in eu-central-1 (AccessDenied)",
			}},
			Chain: append(trailAndGroup(),
				link(2, finding.LinkFilter, finding.StateOK, arnFilter+"root", ""),
				link(3, finding.LinkMetric, finding.StateOK, "eu-central-1/CISBenchmark/Root", ""),
				link(4, finding.LinkAlarm, finding.StateUnknown, "", "not readable"),
			),
			Remediation: "allow cloudwatch:DescribeAlarms",
		},
		finding.Finding{
			ID: "aa03", Control: "config-changes", Number: "4.9", Severity: catalog.Medium, Account: "111122223333",
			Title: "Changes to AWS Config reach a person", Status: finding.Waived,
			Stages:  stages(finding.StateOK, finding.StateNone, "", ""),
			Reasons: []finding.Reason{{Code: "no-filter", Status: finding.Fail, Link: finding.LinkFilter, Message: "no metric filter matches any of its events"}},
			Chain:   append(trailAndGroup(), link(2, finding.LinkFilter, finding.StateNone, "", "")),
			Waiver: &finding.Waiver{
				Control: "config-changes", Account: "111122223333", Was: finding.Fail,
				Reason: "Config is not in use until the move to the new landing zone", Owner: "cloud-platform",
				Expires: time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC),
			},
		},
		finding.Finding{
			ID: "aa04", Control: "organizations-changes", Number: "4.15", Severity: catalog.High, Account: "111122223333",
			Title: "Changes to the organization reach a person", Status: finding.NotApplicable,
			Reasons: []finding.Reason{{Code: "not-in-scope", Status: finding.Pass, Link: finding.LinkTrail, Message: "the account does not belong to an organization"}},
		},
		finding.Finding{
			ID: "bb01", Control: "security-group-changes", Number: "4.10", Severity: catalog.High, Account: "444455556666",
			Title: "Changes to security groups reach a person", Status: finding.Fail,
			Stages:      stages(finding.StateNone, "", "", ""),
			Reasons:     []finding.Reason{{Code: "no-trail", Status: finding.Fail, Link: finding.LinkTrail, Message: "no trail records this account"}},
			Missed:      []finding.MissedEvent{{Source: "ec2.amazonaws.com", Event: "CreateSecurityGroup", Regions: scope}},
			Chain:       []finding.Link{link(0, finding.LinkTrail, finding.StateNone, "", "no trail in any region")},
			Remediation: "create a multi-region trail that delivers to a log group",
		},
	)
	return r
}

// mapped returns a report that is labelled by a framework.
func mapped() finding.Report {
	r := fourControls()
	r.Framework = catalog.Framework{ID: "nist-800-53-r5", Title: "NIST SP 800-53 Rev. 5"}
	r.Findings = r.Findings[1:3]
	for i := range r.Findings {
		r.Findings[i].Mapped = []string{"AU-6(1)", "AU-14a", "SI-4(12)"}
	}
	return r
}

// hostile returns a report in which every name was chosen by an attacker.
func hostile() finding.Report {
	evil := "x\x1b[2J\x1b]0;owned\x07\n\u202Egnp\u2066<b>&\u009b31m\xff|`=cmd()"
	r := fourControls()
	r.Accounts[0].Alias, r.Accounts[0].Trail, r.Accounts[0].Home = evil, evil, evil
	f := &r.Findings[1]
	f.Control, f.Title, f.Remediation, f.Number = evil, evil, evil, evil
	for i := range f.Reasons {
		f.Reasons[i].Message, f.Reasons[i].Resource = evil, evil
	}
	for i := range f.Chain {
		f.Chain[i].Resource, f.Chain[i].Detail = evil, evil
	}
	f.Missed[0].Event, f.Missed[0].Source, f.Missed[0].Regions[0] = evil, evil, evil
	f.Narrowed[0].Text, f.Narrowed[0].Example, f.Narrowed[0].Filter, f.Narrowed[0].By = evil, evil, evil, evil
	f.BlindSpots[0].Event, f.BlindSpots[0].Risk = evil, evil
	return r
}

package audit

import (
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// TestNextSteps demands a next step for every code that a reason can have, and none
// that sends its reader back to where he is, or to a plan that may do nothing.
func TestNextSteps(t *testing.T) {
	known := map[finding.Code]bool{}
	for _, info := range finding.Codes() {
		known[info.Code] = true
		r := finding.Reason{Code: info.Code, Resource: "arn:aws:sns:eu-central-1:111122223333:alerts", Call: &finding.Call{Operation: "sns:GetTopicAttributes", Code: "AccessDenied"}}
		step := nextStep(r)
		if step == "" || strings.Contains(step, "%!") || strings.HasSuffix(step, ".") {
			t.Errorf("%s: %q", info.Code, step)
		}
		for _, circle := range []string{"monitorctl explain", "monitorctl apply", "'monitorctl plan"} {
			if strings.Contains(step, circle) {
				t.Errorf("%s: %q sends to %s", info.Code, step, circle)
			}
		}
	}
	for code := range nextSteps {
		if !known[code] {
			t.Errorf("%s has a next step and is not in the table of codes", code)
		}
	}
}

func TestUnanswered(t *testing.T) {
	tests := []struct {
		name string
		call *finding.Call
		want string // a part of the next step
	}{
		{"nothing allows it", &finding.Call{Operation: "sns:GetTopicAttributes", Code: "AuthorizationError", Message: "User: arn is not authorized to perform: SNS:GetTopicAttributes because no identity-based policy allows the action"}, "allow sns:GetTopicAttributes: 'monitorctl permissions audit'"},
		{"a policy of the organization", &finding.Call{Operation: "cloudwatch:DescribeAlarms", Code: "AccessDenied", Message: "User: arn is not authorized to perform: cloudwatch:DescribeAlarms with an explicit deny in a service control policy"}, "ask the organization's management account"},
		{"an explicit deny", &finding.Call{Operation: "cloudwatch:DescribeAlarms", Code: "AccessDenied", Message: "with an explicit deny in an identity-based policy"}, "lift the explicit deny of cloudwatch:DescribeAlarms"},
		{"credentials that are over", &finding.Call{Operation: "logs:DescribeLogGroups", Code: "ExpiredTokenException"}, "aws sso login"},
		{"a region that is not enabled", &finding.Call{Operation: "logs:DescribeLogGroups", Code: "UnrecognizedClientException"}, "enable the region"},
		{"too many calls", &finding.Call{Operation: "logs:DescribeLogGroups", Code: "ThrottlingException"}, "later"},
		{"no answer", &finding.Call{Operation: "logs:DescribeLogGroups", Code: "ConnectionError"}, "check the network"},
		{"an old snapshot", &finding.Call{Operation: "logs:GetTransformer", Code: finding.CallNotAsked}, "take the snapshot again"},
		{"something else", &finding.Call{Operation: "logs:DescribeLogGroups", Code: "InternalFailure"}, "find out why logs:DescribeLogGroups fails: InternalFailure"},
		{"nobody knows which call", nil, "run it again"},
	}
	for _, tt := range tests {
		if got := nextStep(finding.Reason{Code: CodeNotReadable, Call: tt.call}); !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q in it", tt.name, got, tt.want)
		}
	}
	for code := range unknownSteps {
		step := nextStep(finding.Reason{Code: code, Status: finding.Unknown})
		if step == "" || strings.Contains(step, "%!") || step == nextStep(finding.Reason{Code: code, Status: finding.Fail}) {
			t.Errorf("%s, where nothing is known to be wrong: %q", code, step)
		}
	}
	if got := nextStep(finding.Reason{Code: CodeTopicPolicy, Status: finding.Unknown, Call: notAsked(describeOrganization)}); !strings.Contains(got, "take the snapshot again: this one does not contain the answer to organizations:DescribeOrganization") {
		t.Errorf("a policy that needs an answer: %q", got)
	}
	got := nextStep(finding.Reason{Code: CodeJudgedElsewhere, Resource: "arn:aws:logs:eu-central-1:999988887777:log-group:g"})
	for _, part := range []string{"save account 999988887777 with 'monitorctl snapshot'", "central:", "run plan with its credentials"} {
		if !strings.Contains(got, part) {
			t.Errorf("another account: %q, want %q in it", got, part)
		}
	}
}

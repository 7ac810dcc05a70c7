package cloudtrail

import (
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/record"
)

// Every axiom that ties fields together or is soft is in the table, once, with a
// source.
func TestAxiomTable(t *testing.T) {
	seen := map[string]bool{}
	for _, a := range axiomTable {
		if seen[a.Text] || a.Source == "" {
			t.Errorf("%q: listed twice, or without a source", a.Text)
		}
		seen[a.Text] = true
		if got := AxiomNamed(a.Text); got != a {
			t.Errorf("AxiomNamed(%q) = %v", a.Text, got)
		}
	}
	for _, text := range []string{axiomRootARN, axiomRootID, axiomUserNoSAML, axiomUserARN, axiomUserName, axiomRoleARN, axiomIdentityTypes,
		axiomEventTypes, axiomIssuerTypes, axiomSessionMFA, axiomOwner, axiomHeadBucket, axiomLogDelivery, axiomSignInResult, axiomSignInSuccess, axiomSignInFailure} {
		if !seen[text] {
			t.Errorf("%q is not in the table", text)
		}
	}
	if got := AxiomNamed("eventName is the required one"); got.Soft || !strings.Contains(got.Source, requirement) {
		t.Errorf("an axiom of the requirement: %v", got)
	}
}

// The example records of every kind of identity obey the laws.
func TestExamplesObeyTheLaws(t *testing.T) {
	for _, kind := range []string{"Root", "IAMUser", "AssumedRole", "AWSService"} {
		p := Probe{Source: "ec2.amazonaws.com", Event: "CreateVpc", Region: "cn-north-1", Account: "444455556666"}
		text := p.base(kind, false)
		typed := text.Member(record.Step{Name: "userIdentity"}).Member(record.Step{Name: "type"})
		if typed == nil || typed.Text != kind {
			t.Errorf("%s: the example is of another type", kind)
		}
		arn := text.Member(record.Step{Name: "userIdentity"}).Member(record.Step{Name: "arn"})
		if kind != "AWSService" && (arn == nil || !strings.HasPrefix(arn.Text, "arn:aws-cn:")) {
			t.Errorf("%s: the ARN is of another partition", kind)
		}
	}
	if !slices.Contains(softAxioms, axiomUserName) || slices.Contains(softAxioms, axiomRootID) {
		t.Errorf("soft axioms: %q", softAxioms)
	}
}

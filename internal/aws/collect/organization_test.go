package collect

import (
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// TestOrganizationOfPolicies asks for the organization where the policy of a topic
// does, and only there.
func TestOrganizationOfPolicies(t *testing.T) {
	for key, want := range map[string]bool{"aws:SourceOrgID": true, "AWS:sourceorgpaths": true, "aws:SourceAccount": false} {
		t.Run(key, func(t *testing.T) {
			l := newLab(t, awstest.Options{})
			l.cloud.NamedOrganization("o-abcdefghij", l.acct)
			topic := l.topic(l.home, "alerts")
			l.must(l.home.SetTopicAttribute(topic, "Policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sns:Publish","Resource":"*","Condition":{"StringEquals":{"`+key+`":"o-abcdefghij"}}}]}`))
			got, ok := l.collect(Options{Topics: []string{topic}}).Accounts[0].Organization.Got()
			if ok != want || ok && (got == nil || got.ID != "o-abcdefghij") {
				t.Errorf("organization %+v, asked %v, want %v", got, ok, want)
			}
		})
	}
}

// TestOrganization asks for the organization only where a control needs it, and
// takes "none" for an answer.
func TestOrganization(t *testing.T) {
	controls := []catalog.Control{{Sources: []string{organizationsSource}}}
	tests := []struct {
		name     string
		prepare  func(*lab)
		controls []catalog.Control
		want     *account.Read[*account.Organization]
	}{
		{"not asked", func(*lab) {}, nil, nil},
		{"none", func(*lab) {}, controls, &account.Read[*account.Organization]{}},
		{"denied", func(l *lab) { l.cloud.Deny("organizations:DescribeOrganization") }, controls,
			&account.Read[*account.Organization]{Failure: &account.Failure{Operation: "organizations:DescribeOrganization", Code: "AccessDeniedException"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t, awstest.Options{})
			tt.prepare(l)
			got := l.collect(Options{Regions: []string{"us-east-1"}, Controls: tt.controls}).Accounts[0].Organization
			if f := got.Failed(); f != nil {
				f.Message = "" // the code is what counts
			}
			diff(t, "organization", got, tt.want)
		})
	}
}

package collect

import (
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

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

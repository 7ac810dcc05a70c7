package collect

import (
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// TestSecurityHub asks every region in scope, and only where a control needs it.
func TestSecurityHub(t *testing.T) {
	controls := []catalog.Control{{ID: "hub", Type: catalog.State, State: catalog.SecurityHub}}
	enabled := &account.Read[*account.Hub]{Value: &account.Hub{ARN: "arn:aws:securityhub:eu-central-1:111122223333:hub/default"}}
	tests := []struct {
		name     string
		build    func(l *lab)
		controls []catalog.Control
		home     *account.Read[*account.Hub]
		other    *account.Read[*account.Hub]
	}{
		{"enabled in one region", func(l *lab) { l.home.EnableSecurityHub() }, controls, enabled, &account.Read[*account.Hub]{}},
		{"enabled nowhere", func(*lab) {}, controls, &account.Read[*account.Hub]{}, &account.Read[*account.Hub]{}},
		{"not asked for", func(l *lab) { l.home.EnableSecurityHub() }, nil, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t, awstest.Options{})
			tt.build(l)
			got := l.collect(Options{Controls: tt.controls})
			diff(t, "home", l.region(got, homeRegion).SecurityHub, tt.home)
			diff(t, "other region", l.region(got, "us-east-1").SecurityHub, tt.other)
			diff(t, "snapshot from its file", decoded(t, encoded(t, got)), got)
		})
	}
}

func TestSecurityHubDenied(t *testing.T) {
	l := newLab(t, awstest.Options{})
	l.cloud.Deny("securityhub:DescribeHub")
	got := l.collect(Options{Controls: []catalog.Control{{Type: catalog.State, State: catalog.SecurityHub}}})
	diff(t, "hub", l.region(got, homeRegion).SecurityHub, &account.Read[*account.Hub]{Failure: &account.Failure{
		Operation: "securityhub:DescribeHub", Code: "AccessDeniedException", Message: deniedMessage("securityhub:DescribeHub"),
	}})
}

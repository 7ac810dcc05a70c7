package run

import (
	"errors"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// What many accounts do not have is refused with the command to run instead.
func TestFleetRefusals(t *testing.T) {
	for _, tt := range []struct {
		name string
		o    plan.Options
		want string // in the hint; "" for wishes that are met
	}{
		{"a trail", plan.Options{Bootstrap: &plan.Bootstrap{}}, "'monitorctl apply --create-trail --organization' in the management account"},
		{"rules", plan.Options{Transport: "eventbridge"}, "'monitorctl apply --transport eventbridge --role-arn ARN'"},
		{"rules beside filters", plan.Options{Transport: plan.BothTransports}, "'monitorctl apply --transport both --role-arn ARN'"},
		{"filters", plan.Options{Transport: "metric"}, ""},
		{"an object of the owner", plan.Options{Replace: []string{"VPCConfigChanges"}}, ""},
	} {
		err := (&FleetPlanRequest{Options: tt.o}).CheckWishes()
		var e *exit.Error
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.want != "" && (!errors.As(err, &e) || e.Code != exit.WrongUsage || !strings.Contains(e.Hint, tt.want)):
			t.Errorf("%s: %v, %+v", tt.name, err, e)
		}
	}
}

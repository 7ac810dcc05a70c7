package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/change"
)

func TestPlanTextGolden(t *testing.T) {
	tests := []struct {
		name string
		p    change.Plan
		o    Options
	}{
		{name: "plan.txt", p: repair()},
		{name: "plan-80.txt", p: repair(), o: Options{Width: 80}},
		{name: "plan-brief.txt", p: repair(), o: Options{Brief: true}},
		{name: "plan-brief-conflict.txt", p: blocked(), o: Options{Brief: true, CanReplace: true}},
		{name: "plan-brief-color.txt", p: repair(), o: Options{Brief: true, Color: true}},
		{name: "plan-conflict.txt", p: blocked(), o: Options{CanReplace: true}},
		{name: "plan-nothing.txt", p: nothing()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := PlanText(&b, tt.p, tt.o); err != nil {
				t.Fatal(err)
			}
			golden(t, tt.name, b.Bytes())
		})
	}
}

// TestPlanHidesSecrets looks for the path of a webhook in both forms.
func TestPlanHidesSecrets(t *testing.T) {
	var text, json bytes.Buffer
	if err := PlanText(&text, repair(), Options{}); err != nil {
		t.Fatal(err)
	}
	if err := PlanJSON(&json, repair(), Options{}); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{text.String(), json.String()} {
		if strings.Contains(out, "SECRET") {
			t.Errorf("the webhook's path is printed:\n%s", out)
		}
		if !strings.Contains(out, "https://hooks.example.com/***") || !strings.Contains(out, "sec@example.com") {
			t.Errorf("the subscribers cannot be recognized:\n%s", out)
		}
	}
}

func TestPlanHintsOnlyAtFlagsThatExist(t *testing.T) {
	for _, can := range []bool{false, true} {
		var b bytes.Buffer
		if err := PlanText(&b, blocked(), Options{CanReplace: can}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), "--replace GuardDutyConfigChanges"); got != can {
			t.Errorf("CanReplace %t: --replace in the hint is %t", can, got)
		}
	}
}

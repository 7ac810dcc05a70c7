package audit_test

import (
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
)

func TestShown(t *testing.T) {
	for name, want := range map[string]string{
		"security-group-events":  "security-group-events",
		"Security/CIS_4.10":      "Security/CIS_4.10",
		"$.requestParameters.x":  "$.requestParameters.x",
		"":                       `""`,
		"ends with a blank ":     `"ends with a blank "`,
		"two words":              `"two words"`,
		"line\nbreak":            `"line\nbreak"`,
		`quo"te`:                 `"quo\"te"`,
		"ends-with-a-full-stop.": `"ends-with-a-full-stop."`,
	} {
		if got := audit.Shown(name); got != want {
			t.Errorf("shown(%q) = %s, want %s", name, got, want)
		}
	}
}

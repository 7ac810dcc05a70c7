package audit_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/patterns"
)

// The most bytes that a cell of a table is to hold.
const longestCell = 1100

// TestTextsAreBounded judges every situation, and an account whose filters see
// many long values only: no message or condition is longer than can be read.
func TestTextsAreBounded(t *testing.T) {
	check := func(t *testing.T, f finding.Finding) {
		for _, r := range f.Reasons {
			if len(r.Message) > longestCell || r.Message == "" {
				t.Errorf("a message of %d bytes: %.200s...", len(r.Message), r.Message)
			}
		}
		for _, n := range f.Narrowed {
			if len(n.Text) > longestCell || n.Text == "" {
				t.Errorf("a condition of %d bytes: %.200s...", len(n.Text), n.Text)
			}
		}
	}
	eachCase(t, func(t *testing.T, _ judgingCase, v verdict) { check(t, v.finding) })
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	for control, subject := range map[string]string{
		"root-usage": `$.userIdentity.type = "Root"`, "unauthorized-api-calls": `$.errorCode = "AccessDenied*"`,
		"console-auth-failures": `$.eventName = ConsoleLogin && $.errorMessage = "Failed authentication"`, "security-group-changes": `$.eventName = "*SecurityGroup*"`,
	} {
		t.Run("many filters/"+control, func(t *testing.T) {
			c := judgingCase{Control: control, Benchmark: string(catalog.DefaultBenchmark), Set: map[string]any{}}
			for n, name := range []string{"security-group", "nacl", "gateway", "guardduty"} {
				var sees []string
				for i := range 12 {
					sees = append(sees, fmt.Sprintf(`$.userAgent = "agent-%d-%02d-%s"`, n, i, strings.Repeat("x", 40)))
				}
				c.Set["filters.name="+name+".pattern"] = "{ (" + subject + ") && (" + strings.Join(sees, " || ") + ") }"
			}
			f := judgeCase(t, cat, c).finding
			if f.Status != finding.Fail || len(f.Reasons) == 0 {
				t.Fatalf("got %s with %d reasons, want a failure", f.Status, len(f.Reasons))
			}
			check(t, f)
		})
	}
}

// TestLossIsWordedByItsFilters breaks the filter of one condition beside those of
// the others: the reason speaks of no field that only the others look at.
func TestLossIsWordedByItsFilters(t *testing.T) {
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{
		"root-usage":                 `$.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent"`,
		"unauthorized-api-calls":     `($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*")`,
		"console-auth-failures":      `($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication")`,
		"console-signin-without-mfa": `($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes")`,
	}
	names := []string{"security-group", "nacl", "gateway", "guardduty"}
	for broken := range texts {
		t.Run(broken, func(t *testing.T) {
			c := judgingCase{Control: broken, Benchmark: string(catalog.DefaultBenchmark), Set: map[string]any{}}
			for i, control := range sortedKeys(map[string]any{"console-auth-failures": 0, "console-signin-without-mfa": 0, "root-usage": 0, "unauthorized-api-calls": 0}) {
				text := "(" + texts[control] + ")"
				if control == broken {
					text += ` && ($.userAgent != "*Terraform*")`
				}
				c.Set["filters.name="+names[i]+".pattern"] = "{ " + text + " }"
			}
			f := judgeCase(t, cat, c).finding
			if f.Status != finding.Fail {
				t.Fatalf("got %s, want a failure: %+v", f.Status, f.Reasons)
			}
			for _, n := range f.Narrowed {
				if n.By != "outcome" && n.Text != `userAgent = "*Terraform*"` {
					t.Errorf("the loss is worded as %q", n.Text)
				}
			}
			if len(f.Narrowed) == 0 || !strings.Contains(f.Why(), "userAgent") {
				t.Errorf("the reason is %q, with %d conditions", f.Why(), len(f.Narrowed))
			}
		})
	}
}

// TestFoldedReasons counts: what holds everywhere is one reason.
func TestFoldedReasons(t *testing.T) {
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"fold-no-trail": 1, "fold-no-trail-two": 1, "fold-denied": 1, "fold-not-the-same": 2} {
		v := judgedFile(t, cat, judgingDir+"/"+name+".yaml")
		if got := len(v.finding.Reasons); got != want {
			t.Errorf("%s: %d reasons, want %d: %+v", name, got, want, v.finding.Reasons)
		}
	}
}

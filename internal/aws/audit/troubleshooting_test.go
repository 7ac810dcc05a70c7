package audit

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// TestTroubleshootingHasEveryCode demands a row for each reason code of AWS, with the step
// that a finding with it has, and that the page names each code of Azure.
func TestTroubleshootingHasEveryCode(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "troubleshooting.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range finding.Codes() {
		r := finding.Reason{Code: c.Code, Status: finding.Fail}
		if c.Code == CodeNotReadable || c.Code == CodeAccountUnreadable || c.Code == CodeEvidence { // which depend on the answer
			r.Call = &finding.Call{Operation: "the operation that the message names", Code: "AccessDenied"}
		}
		step := nextStep(r)
		if row := fmt.Sprintf("\n| `%s` | %s |\n", c.Code, step); step == "" || !strings.Contains(string(page), row) {
			t.Errorf("docs/troubleshooting.md lacks the row%s", row)
		}
	}
	for _, c := range finding.AllCodes() {
		if !strings.Contains(string(page), "`"+string(c.Code)+"`") {
			t.Errorf("docs/troubleshooting.md does not name %s", c.Code)
		}
	}
}

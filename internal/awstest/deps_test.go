package awstest_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	// The test cache does not see what a subprocess reads; this import makes it
	// notice changes.
	_ "github.com/monitorctl/monitorctl/internal/awstest"
)

// TestDependencies keeps awstest a second opinion: it may know the pattern
// languages, how EventBridge fills templates and how many calls a second AWS allows, but nothing that judges, plans or changes accounts, and not the SDK
// whose clients it answers.
func TestDependencies(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "github.com/monitorctl/monitorctl/internal/awstest").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	const module = "github.com/monitorctl/monitorctl/"
	allowed := []string{module + "internal/awstest", module + "internal/pattern", module + "internal/pattern/match", module + "internal/pattern/syntax", module + "internal/eventpattern", module + "internal/aws/transformer", module + "internal/aws/operation", "github.com/fxamacker/cbor/v2", "github.com/x448/float16",
		module + "internal/cover", module + "internal/cloudtrail", module + "internal/cloudtrail/eventnames", module + "internal/cloudtrail/vocabulary", module + "internal/record"} // the languages stand on them
	for _, path := range strings.Fields(string(out)) {
		domain, _, _ := strings.Cut(path, "/")
		if strings.Contains(domain, ".") && !slices.Contains(allowed, path) {
			t.Errorf("awstest must not depend on %s", path)
		}
	}
}

package cmd

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/exit"
)

func TestUnknownVariables(t *testing.T) {
	tests := []struct {
		environ   []string
		code      int
		text, not string
	}{
		{[]string{"MONITORCTL_REGION=", "MONITORCTL_OUTPUT=json", "PATH=/bin", "MONITORCTL_TEST_X=1", "MONITORCTL_REQUIRE_MOTO=1", "MONITORCTL_CLOUDWATCH_PROTOCOL=cbor"}, exit.Done, "", "unknown"},
		{[]string{"MONITORCTL_TIMEOUT=5s"}, exit.Done, "", "unknown"}, // of another command
		{[]string{"MONITORCTL_REGOIN=eu-central-1"}, exit.WrongUsage, "hint: did you mean MONITORCTL_REGION?", ""},
		{[]string{"MONITORCTL_XYZZY=1"}, exit.WrongUsage, "unknown environment variable MONITORCTL_XYZZY", "did you mean"},
		{[]string{"MONITORCTL_YES=true"}, exit.WrongUsage, "--yes", "unknown"},
		{[]string{"MONITORCTL_REGOIN="}, exit.Done, "", "unknown"}, // unset in effect
	}
	for _, tt := range tests {
		var stderr strings.Builder
		code := Main([]string{"controls", "list"}, strings.NewReader(""), io.Discard, &stderr, tt.environ)
		if code != tt.code || !strings.Contains(stderr.String(), tt.text) || tt.not != "" && strings.Contains(stderr.String(), tt.not) {
			t.Errorf("%v: exit %d, %q", tt.environ, code, stderr.String())
		}
	}
	if list := variables(newRoot(testEnv(io.Discard, io.Discard))); !slices.Contains(list, "MONITORCTL_EXPECT_ACCOUNT") || slices.Contains(list, "MONITORCTL_YES") {
		t.Errorf("known are %v", list)
	}
}

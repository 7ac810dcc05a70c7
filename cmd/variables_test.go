package cmd

import (
	"io"
	"slices"
	"strings"
	"testing"
)

func TestUnknownVariables(t *testing.T) {
	tests := []struct {
		environ   []string
		code      int
		text, not string
	}{
		{[]string{"MONITORCTL_REGION=", "MONITORCTL_OUTPUT=json", "PATH=/bin", "MONITORCTL_TEST_X=1", "MONITORCTL_REQUIRE_MOTO=1", "MONITORCTL_CLOUDWATCH_PROTOCOL=cbor"}, exitDone, "", "unknown"},
		{[]string{"MONITORCTL_TIMEOUT=5s"}, exitDone, "", "unknown"}, // of another command
		{[]string{"MONITORCTL_REGOIN=eu-central-1"}, exitUsage, "hint: did you mean MONITORCTL_REGION?", ""},
		{[]string{"MONITORCTL_XYZZY=1"}, exitUsage, "unknown environment variable MONITORCTL_XYZZY", "did you mean"},
		{[]string{"MONITORCTL_YES=true"}, exitUsage, "--yes", "unknown"},
		{[]string{"MONITORCTL_REGOIN="}, exitDone, "", "unknown"}, // unset in effect
	}
	for _, tt := range tests {
		var stderr strings.Builder
		code := Main([]string{"controls", "list"}, strings.NewReader(""), io.Discard, &stderr, tt.environ)
		if code != tt.code || !strings.Contains(stderr.String(), tt.text) || tt.not != "" && strings.Contains(stderr.String(), tt.not) {
			t.Errorf("%v: exit %d, %q", tt.environ, code, stderr.String())
		}
	}
	if list := variables(newRoot(newEnv(nil, nil, nil, nil))); !slices.Contains(list, "MONITORCTL_EXPECT_ACCOUNT") || slices.Contains(list, "MONITORCTL_YES") {
		t.Errorf("known are %v", list)
	}
}

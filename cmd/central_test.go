package cmd

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/exit"
)

// TestCentralSnapshot audits a member whose trail delivers to the log group of
// another account: alone it cannot be told, with that account's snapshot in the
// configuration it can.
func TestCentralSnapshot(t *testing.T) {
	baseline, err := os.ReadFile("../testdata/judging/baseline.json")
	if err != nil {
		t.Fatal(err)
	}
	const member, security = "111122223333", "444455556666"
	t.Chdir(t.TempDir())
	if err := os.Mkdir("ci", 0o755); err != nil {
		t.Fatal(err)
	}
	group := ":log-group:/aws/cloudtrail/org"
	write(t, "member.json", strings.ReplaceAll(string(baseline), "eu-central-1:"+member+group, "eu-central-1:"+security+group))
	central := strings.ReplaceAll(string(baseline), member, security)
	write(t, "ci/security.json", central)
	write(t, "ci/monitorctl.yaml", "central: security.json\n")
	write(t, "ci/broken.yaml", "central: [missing.json]\n")

	for _, tt := range []struct {
		name  string
		args  []string
		code  int
		shown string
	}{
		{"alone", nil, exit.Failed, security},
		{"with the central account", []string{"--config", "ci/monitorctl.yaml"}, exit.Done, "1 passed"},
		{"without a snapshot that is named", []string{"--config", "ci/broken.yaml"}, exit.Failed, "ci/missing.json"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			args := append([]string{"audit", "security-group-changes", "--snapshot", "member.json"}, tt.args...)
			code := Main(args, strings.NewReader(""), &out, &out, nil)
			if code != tt.code || !strings.Contains(out.String(), tt.shown) {
				t.Errorf("exit code %d, want %d with %q:\n%s", code, tt.code, tt.shown, out.String())
			}
			if strings.Contains(out.String(), "Account "+security) {
				t.Errorf("the central account is judged:\n%s", out.String())
			}
		})
	}
}

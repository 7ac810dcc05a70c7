package report

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/patterns"
)

// TestRealAudit reports what audit and plan really say of an account, for
// every control: the reports built by hand in the other tests may be kinder.
func TestRealAudit(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "judging", "baseline.json"))
	if err != nil {
		t.Fatal(err)
	}
	// One event of two controls is lost by a typing error.
	broken := strings.NewReplacer("DeleteSecurityGroup", "DeleteSecurityGrp", "DeleteDetector", "DeleteDetectr").Replace(string(text))
	var snap account.Snapshot
	if err := json.Unmarshal([]byte(broken), &snap); err != nil {
		t.Fatal(err)
	}
	for i := range snap.Accounts[0].Regions {
		snap.Accounts[0].Regions[i].SecurityHub = &account.Read[*account.Hub]{} // enabled nowhere
	}
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	schemas := compileSchemas(t, true)
	o := audit.Options{Benchmark: catalog.DefaultBenchmark, Now: snap.TakenAt}
	r, err := audit.Run(context.Background(), snap, cat.Controls, o)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := JSON(&out, r, Options{Version: "1.2.3"}); err != nil {
		t.Fatal(err)
	}
	validate(t, schemas["audit"], out.Bytes())

	p, err := plan.For(context.Background(), snap, cat.Controls, plan.Options{Audit: o, Subscribers: []plan.Subscriber{{Protocol: "email", Endpoint: "s@example.com"}}})
	if err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := PlanJSON(&out, p, Options{Version: "1.2.3"}); err != nil {
		t.Fatal(err)
	}
	validate(t, schemas["plan"], out.Bytes())

	rows := map[string]string{
		"security-group-changes": "FAIL    ok     gap     ok     ok      DeleteSecurityGroup would go unseen",
		"guardduty-changes":      "FAIL    ok     gap     ok     ok      DeleteDetector would go unseen",
		"nacl-changes":           "PASS    ok     ok      ok     ok\n",
		"vpc-changes":            "FAIL    ok     none    -      -       no metric filter matches",
	}
	out.Reset()
	if err := Table(&out, r, Options{}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		control, _, _ := strings.Cut(line, " ")
		if want, ok := rows[control]; ok {
			delete(rows, control)
			if !strings.Contains(line, want) {
				t.Errorf("got %q, want %q", line, want)
			}
		}
	}
	if len(rows) > 0 {
		t.Errorf("rows are missing: %v", rows)
	}
}

func validate(t *testing.T, schema *jsonschema.Schema, text []byte) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(v); err != nil {
		t.Error(err)
	}
}

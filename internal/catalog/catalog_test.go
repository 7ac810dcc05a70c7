package catalog_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/patterns"
)

var builtIn = sync.OnceValues(func() (*catalog.Catalog, error) { return catalog.Load(patterns.FS) })

// load returns the catalog that is built in.
func load(t testing.TB) *catalog.Catalog {
	t.Helper()
	c, err := builtIn()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestOrder demands the order of the default benchmark, and that of ids behind it.
func TestOrder(t *testing.T) {
	want := []string{
		"unauthorized-api-calls", "console-signin-without-mfa", "root-usage", "iam-policy-changes",
		"cloudtrail-config-changes", "console-auth-failures", "kms-cmk-disable-or-delete",
		"s3-bucket-policy-changes", "config-changes", "security-group-changes", "nacl-changes",
		"network-gateway-changes", "route-table-changes", "vpc-changes", "organizations-changes", "security-hub-enabled",
	}
	var got []string
	for _, c := range load(t).Controls {
		got = append(got, c.ID)
	}
	if diff := cmp.Diff(want, got[:len(want)]); diff != "" {
		t.Errorf("controls (-want +got):\n%s", diff)
	}
	if rest := got[len(want):]; len(rest) == 0 || !slices.IsSorted(rest) {
		t.Errorf("behind them %q", rest)
	}
}

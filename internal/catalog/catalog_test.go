package catalog_test

import (
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

func TestOrder(t *testing.T) {
	want := []string{
		"unauthorized-api-calls", "console-signin-without-mfa", "root-usage", "iam-policy-changes",
		"cloudtrail-config-changes", "console-auth-failures", "kms-cmk-disable-or-delete",
		"s3-bucket-policy-changes", "config-changes", "security-group-changes", "nacl-changes",
		"network-gateway-changes", "route-table-changes", "vpc-changes", "organizations-changes", "security-hub-enabled",
		"customer-gateway-changes", "elastic-ip-changes", "guardduty-changes", "internet-gateway-changes",
		"nat-gateway-changes", "network-interface-changes", "vpc-endpoint-changes", "vpc-peering-changes",
	}
	var got []string
	for _, c := range load(t).Controls {
		got = append(got, c.ID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("controls (-want +got):\n%s", diff)
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := catalog.Load(patterns.FS); err != nil {
			b.Fatal(err)
		}
	}
}

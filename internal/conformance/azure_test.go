package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/azure/arm"
	azureaudit "github.com/monitorctl/monitorctl/internal/azure/audit"
	azurecollect "github.com/monitorctl/monitorctl/internal/azure/collect"
	"github.com/monitorctl/monitorctl/internal/azuretest"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/patterns/azure"
)

const (
	// azurePython names a Python interpreter that has azure-mgmt-monitor and
	// azure-identity; requireAzure makes the test fail without one. .ci/run sets both.
	azurePython  = "MONITORCTL_TEST_AZURE_PYTHON"
	requireAzure = "MONITORCTL_REQUIRE_AZURE"

	azureSubscription = "11111111-2222-3333-4444-555555555555"
	azureTenant       = "99999999-8888-7777-6666-555555555555"
)

// TestAzureClient lets Microsoft's own client write to the Azure that behaves and list
// what is there, and then reads and judges the same objects: a second opinion on the
// wire format from outside of Go.
func TestAzureClient(t *testing.T) {
	python := os.Getenv(azurePython)
	if python == "" {
		if os.Getenv(requireAzure) != "" {
			t.Fatalf("%s is not set, and %s is", azurePython, requireAzure)
		}
		t.Skip(azurePython + " names no Python with azure-mgmt-monitor")
	}
	cloud := azuretest.New(time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC))
	cloud.AddSubscription(azureSubscription, "acme-prod", azureTenant, "Enabled")
	cloud.PageSize = 3
	server := httptest.NewTLSServer(cloud)
	defer server.Close()
	cat, err := catalog.Load(azure.FS)
	if err != nil {
		t.Fatal(err)
	}
	control, err := cat.Find("nsg-changes", catalog.DefaultAzureBenchmark)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, o := range control.RequiredOperations() {
		names = append(names, o.Spelling)
	}
	checkClientSees(t, runClient(t, python, server, names), names)

	for name, value := range map[string]string{
		"AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential", "AZURE_AUTHORITY_HOST": server.URL, "AZURE_TENANT_ID": azureTenant,
		"AZURE_CLIENT_ID": "11111111-0000-0000-0000-000000000000", "AZURE_CLIENT_SECRET": "secret",
	} {
		t.Setenv(name, value)
	}
	client, err := arm.Connect(arm.Config{Endpoint: server.URL, Transport: server.Client().Transport})
	if err != nil {
		t.Fatal(err)
	}
	status := func() finding.Finding {
		snap, err := azurecollect.Run(context.Background(), client, azurecollect.Options{Subscriptions: []string{"acme-prod"}, Salt: "00", Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		r, err := azureaudit.Run(context.Background(), snap, []catalog.Control{control}, azureaudit.Options{Benchmark: catalog.DefaultAzureBenchmark, Now: snap.TakenAt})
		if err != nil {
			t.Fatal(err)
		}
		return r.Findings[0]
	}
	if f := status(); f.Status != finding.Warn || f.Reasons[0].Code != azureaudit.CodeReceiverUnverified || !f.Literal {
		t.Errorf("before the address is verified: %s %v", f.Status, f.Reasons)
	}
	group := "/subscriptions/" + azureSubscription + "/resourceGroups/monitoring/providers/Microsoft.Insights/actionGroups/ops"
	if err := cloud.SetStatus(group, "security", "Enabled"); err != nil {
		t.Fatal(err)
	}
	if f := status(); f.Status != finding.Pass {
		t.Errorf("afterwards: %s %v", f.Status, f.Reasons)
	}
}

// A clientView is what Microsoft's client understood.
type clientView struct {
	Rules []struct {
		Name    string
		Enabled bool
		Scopes  []string
		Leaves  map[string]string
		Groups  []string
	}
	Groups []struct {
		Name    string
		Enabled bool
		Emails  map[string]string
	}
}

// runClient writes and lists with Microsoft's client.
func runClient(t *testing.T, python string, server *httptest.Server, names []string) clientView {
	t.Helper()
	certificate := filepath.Join(t.TempDir(), "azure.pem")
	if err := os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), runTimeout)
	defer cancel()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, python, filepath.Join("testdata", "azure_monitor.py"), server.URL, azureSubscription, azureTenant)
	cmd.Env = append(os.Environ(), "REQUESTS_CA_BUNDLE="+certificate, "NO_PROXY=127.0.0.1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(strings.Join(names, "\n")), &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("Microsoft's client: %v\n%s", err, errs.String())
	}
	var view clientView
	if err := json.Unmarshal(out.Bytes(), &view); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	return view
}

// checkClientSees compares what the client understood with what was written.
func checkClientSees(t *testing.T, view clientView, names []string) {
	t.Helper()
	var got []string
	for _, r := range view.Rules {
		got = append(got, r.Leaves["operationName"])
		if !r.Enabled || len(r.Scopes) != 1 || r.Leaves["category"] != "Administrative" || len(r.Groups) != 1 {
			t.Errorf("the client sees the rule %+v", r)
		}
	}
	if !slices.Equal(got, names) {
		t.Errorf("the client sees rules on %q, want %q", got, names)
	}
	if len(view.Groups) != 1 || !view.Groups[0].Enabled || view.Groups[0].Emails["security"] != "NotSpecified" {
		t.Errorf("the client sees the groups %+v", view.Groups)
	}
}

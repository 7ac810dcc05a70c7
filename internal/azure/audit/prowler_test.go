package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/azure/audit"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/azuretest"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

const (
	// prowlerPython names a Python interpreter that has Prowler, azure-mgmt-monitor and
	// azure-identity; requireAzure makes the test fail without one. .ci/run sets both.
	prowlerPython = "MONITORCTL_TEST_PROWLER_PYTHON"
	requireAzure  = "MONITORCTL_REQUIRE_AZURE"
)

// prowlerChecks are the checks of Prowler, by the operation that each is about.
var prowlerChecks = map[string]string{
	network + "/write":  "monitor_alert_create_update_nsg",
	network + "/delete": "monitor_alert_delete_nsg",
	"Microsoft.Authorization/policyAssignments/write":  "monitor_alert_create_policy_assignment",
	"Microsoft.Authorization/policyAssignments/delete": "monitor_alert_delete_policy_assignment",
	"Microsoft.Security/securitySolutions/write":       "monitor_alert_create_update_security_solution",
	"Microsoft.Security/securitySolutions/delete":      "monitor_alert_delete_security_solution",
	"Microsoft.Sql/servers/firewallRules/write":        "monitor_alert_create_update_sqlserver_fr",
	"Microsoft.Sql/servers/firewallRules/delete":       "monitor_alert_delete_sqlserver_fr",
	"Microsoft.Network/publicIPAddresses/write":        "monitor_alert_create_update_public_ip_address_rule",
	"Microsoft.Network/publicIPAddresses/delete":       "monitor_alert_delete_public_ip_address_rule",
	"Service Health: Incident":                         "monitor_alert_service_health_exists",
}

// TestProwler lets Prowler's own checks judge the objects of every situation, each in a
// subscription of its own, as Prowler reads them with Microsoft's client, and those of
// subscriptions before and after a plan for all controls was applied. What they say must
// be what package peers says of the same objects; where that differs from whether someone
// is alerted, the difference is listed.
func TestProwler(t *testing.T) {
	python := os.Getenv(prowlerPython)
	if python == "" {
		if os.Getenv(requireAzure) != "" {
			t.Fatalf("%s is not set, and %s is", prowlerPython, requireAzure)
		}
		t.Skip(prowlerPython + " names no Python with Prowler")
	}
	cat := loadCatalog(t)
	cloud := azuretest.New(judgedAt)
	cloud.PageSize = 2
	all := map[string]captured{}
	for i, file := range situationFiles(t) {
		s := readSituation(t, file)
		if s.Unread != nil {
			continue
		}
		c := moveTo(t, strings.TrimSuffix(filepath.Base(file), ".yaml"), s.snapshot(t).Subscriptions[0], i)
		if c.put(cloud) == nil { // what Azure refuses nobody can read
			all[c.sub.ID] = c
		}
	}
	server := httptest.NewTLSServer(cloud)
	defer server.Close()
	repairs := repaired(t, cat, cloud, server)
	for _, r := range repairs {
		for _, c := range []captured{r.before, r.after} {
			all[c.sub.ID] = c
		}
	}
	said := runProwler(t, python, server, all)
	compared := 0
	var lines []string
	for id, c := range all {
		lines = append(lines, c.compare(t, cat, said.Verdicts[id], &compared)...)
		if rules, _ := c.sub.AlertRules.Got(); said.Rules[id] != len(rules) {
			t.Errorf("%s: Prowler reads %d rules, there are %d", c.name, said.Rules[id], len(rules))
		}
	}
	for _, r := range repairs {
		r.check(t, said.Verdicts)
	}
	slices.Sort(lines)
	t.Logf("%d of %d verdicts differ from whether someone is alerted:\n%s", len(lines), compared, strings.Join(lines, "\n"))
	if compared < 500 || len(lines) < 20 {
		t.Errorf("only %d verdicts were compared, and %d differ", compared, len(lines))
	}
}

// captured is what a situation puts into a subscription of its own.
type captured struct {
	name string
	sub  subscription.Subscription
}

// moveTo moves a situation into the subscription of that number.
func moveTo(t *testing.T, name string, sub subscription.Subscription, number int) captured {
	t.Helper()
	text, err := json.Marshal(sub)
	if err != nil {
		t.Fatal(err)
	}
	id := fmt.Sprintf("11111111-2222-3333-4444-%012d", number)
	moved := subscription.Subscription{}
	if err := json.Unmarshal(bytes.ReplaceAll(text, []byte(ownID), []byte(id)), &moved); err != nil {
		t.Fatal(err)
	}
	moved.State = "Enabled"
	return captured{name, moved}
}

// put makes the subscription with its objects. The error is Azure's.
func (c captured) put(cloud *azuretest.Cloud) error {
	cloud.AddSubscription(c.sub.ID, c.name, otherID, "Enabled")
	for _, list := range []*subscription.Read[[]json.RawMessage]{c.sub.ActionGroups, c.sub.AlertRules, c.sub.ProcessingRules} {
		objects, _ := list.Got()
		for _, raw := range objects {
			if err := cloud.Put(raw); err != nil {
				return err
			}
		}
	}
	return nil
}

// prowlerSaid is what Prowler says: by subscription, the status of each check and how
// many rules it read.
type prowlerSaid struct {
	Verdicts map[string]map[string]string
	Rules    map[string]int
}

func runProwler(t *testing.T, python string, server *httptest.Server, all map[string]captured) prowlerSaid {
	t.Helper()
	certificate := filepath.Join(t.TempDir(), "azure.pem")
	if err := os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for id := range all {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, python, filepath.Join("testdata", "prowler_checks.py"), server.URL, otherID)
	cmd.Env = append(os.Environ(), "REQUESTS_CA_BUNDLE="+certificate, "NO_PROXY=127.0.0.1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(strings.Join(ids, "\n")), &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("Prowler: %v\n%s", err, errs.String())
	}
	var said prowlerSaid
	if err := json.Unmarshal(out.Bytes(), &said); err != nil {
		t.Fatalf("%v: %s\n%s", err, out.String(), errs.String())
	}
	return said
}

// compare holds what Prowler says of a subscription against what package peers says of
// it, and returns where that differs from whether someone is alerted.
func (c captured) compare(t *testing.T, cat *catalog.Catalog, verdicts map[string]string, compared *int) []string {
	t.Helper()
	r, err := audit.Run(context.Background(), subscription.Snapshot{Subscriptions: []subscription.Subscription{c.sub}}, cat.Controls, audit.Options{Benchmark: catalog.DefaultAzureBenchmark, Now: judgedAt})
	if err != nil {
		t.Fatal(err)
	}
	var differ []string
	for _, f := range r.Findings {
		missed := map[string]bool{}
		for _, m := range f.Missed {
			missed[m.Event] = true
			missed["Service Health: "+m.Event] = true
		}
		i := slices.IndexFunc(f.Peers, func(o finding.Opinion) bool { return o.Peer == "Prowler" })
		if i < 0 {
			continue
		}
		for _, side := range []struct {
			names []string
			want  string
		}{{f.Peers[i].Passes, "PASS"}, {f.Peers[i].Fails, "FAIL"}} {
			for _, name := range side.names {
				*compared++
				if got := verdicts[prowlerChecks[name]]; got != side.want {
					t.Errorf("%s: of %s Prowler says %q, package peers %s", c.name, name, got, side.want)
				}
				if f.Status != finding.Unknown && missed[name] == (side.want == "PASS") {
					differ = append(differ, fmt.Sprintf("%s: Prowler says %s of %s, and it is %s", c.name, side.want, name, map[bool]string{true: "missed", false: "alerted on"}[missed[name]]))
				}
			}
		}
	}
	return differ
}

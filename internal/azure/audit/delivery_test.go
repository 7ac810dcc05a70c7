package audit_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/azuretest"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// allLevels are those that a provider can choose.
var allLevels = []string{"Informational", "Warning", "Error", "Critical"}

// world puts what was read into an Azure that behaves. The error is that of an object
// which Azure would refuse, or whose meaning nobody documents.
func world(t *testing.T, s *situation) (*azuretest.Cloud, error) {
	t.Helper()
	c := azuretest.New(judgedAt)
	c.AddSubscription(ownID, "acme-prod", otherID, "Enabled")
	sub := s.snapshot(t).Subscriptions[0]
	for _, list := range []*subscription.Read[[]json.RawMessage]{sub.ActionGroups, sub.AlertRules, sub.ProcessingRules} {
		objects, _ := list.Got()
		for _, raw := range objects {
			if err := c.Put(raw); err != nil {
				return nil, fmt.Errorf("%s: %w", raw, err)
			}
		}
	}
	return c, nil
}

// told reports whether someone was alerted of every one of the calls, and names the
// first that nobody was alerted of.
func told(c *azuretest.Cloud, calls []azuretest.Call) (bool, string) {
	for _, call := range calls {
		c.Advance(6 * time.Minute) // telephones take one message in 5 minutes
		if len(c.Do(ownID, call)) == 0 {
			return false, fmt.Sprintf("%+v", call)
		}
	}
	return true, ""
}

// calls are calls of an operation by several callers in several groups, one of them made
// tomorrow.
func calls(operation string, levels []string) []azuretest.Call {
	var out []azuretest.Call
	for _, caller := range []string{"alice@example.com", "bob@example.com", "5a5e6b1f-0000-4000-8000-000000000000"} {
		for _, group := range []string{"prod", "monitoring", "created-tomorrow"} {
			out = append(out, azuretest.Call{Operation: operation, Caller: caller, ResourceGroup: group, Name: "web"})
		}
	}
	out = append(out, azuretest.Call{Operation: operation, Caller: "dave@example.com", ResourceGroup: "created-tomorrow", Name: "web", Outcome: "Created"})
	for _, start := range levels {
		for _, end := range levels {
			out = append(out, azuretest.Call{Operation: operation, Caller: "carol@example.com", ResourceGroup: "created-tomorrow", Name: "db", StartLevel: start, EndLevel: end})
		}
	}
	return out
}

// usualOnly reports whether a finding says that unusual levels are lost.
func usualOnly(f *finding.Finding) bool {
	return slices.ContainsFunc(f.Narrowed, func(n finding.Narrowing) bool { return n.By == "level" && strings.HasPrefix(n.Text, "level is ") })
}

// compare holds a verdict against what happens, operation by operation, each in an
// Azure of its own. It returns how many operations could be compared.
func compare(t *testing.T, f *finding.Finding, s *situation) (compared int, faults []string) {
	t.Helper()
	fresh := func() *azuretest.Cloud {
		c, err := world(t, s)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	missed := map[string]bool{}
	for _, m := range f.Missed {
		missed[m.Event] = true
	}
	levels := allLevels
	if usualOnly(f) {
		levels = levels[:1]
	}
	for _, name := range operationNames {
		operation := operations[name]
		if f.Status == finding.Unknown && !missed[operation] {
			continue
		}
		compared++
		switch ok, first := told(fresh(), calls(operation, levels)); {
		case missed[operation] && ok:
			faults = append(faults, operation+" is said to be missed, and someone is alerted of every call")
		case !missed[operation] && !ok:
			faults = append(faults, operation+" is said to be alerted on, and nobody is of "+first)
		}
	}
	if usualOnly(f) {
		var lost []azuretest.Call
		for _, name := range operationNames {
			lost = append(lost, calls(operations[name], allLevels)...)
		}
		if ok, _ := told(fresh(), lost); ok && f.Status == finding.Warn {
			faults = append(faults, "levels are said to be lost, and someone is alerted at every level")
		}
	}
	return compared, faults
}

// TestDelivery holds the verdict on every situation against what happens in an Azure
// that behaves.
func TestDelivery(t *testing.T) {
	cat := loadCatalog(t)
	shown := 0
	for _, file := range situationFiles(t) {
		s := readSituation(t, file)
		if s.Deliver != "" {
			continue
		}
		shown++
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			f := s.judge(t, cat)
			if s.Control == "service-health" {
				c, err := world(t, &s)
				if err != nil {
					t.Fatal(err)
				}
				ok := true
				for _, service := range []string{"Storage", "Networking", "a service of tomorrow"} {
					ok = ok && len(c.Happen(ownID, azuretest.Incident{Type: "Incident", Service: service, Level: "Warning"})) > 0
				}
				if want := f.Status == finding.Pass || f.Status == finding.Warn; ok != want {
					t.Errorf("the verdict is %s, and someone is alerted: %t", f.Status, ok)
				}
				return
			}
			if n, faults := compare(t, &f, &s); n == 0 || len(faults) > 0 {
				t.Errorf("%s: %d operations compared:\n%s", f.Status, n, strings.Join(faults, "\n"))
			}
		})
	}
	if shown < 100 {
		t.Errorf("only %d situations were shown", shown)
	}
}

// TestDeliveryRandom does the same for random situations.
func TestDeliveryRandom(t *testing.T) {
	cat := loadCatalog(t)
	statuses := map[finding.Status]int{}
	for seed := range uint64(500) {
		s := randomSituation(rand.New(rand.NewPCG(seed, 7)))
		f := s.judge(t, cat)
		statuses[f.Status]++
		if _, faults := compare(t, &f, &s); len(faults) > 0 {
			text, _ := json.MarshalIndent(s, "", " ")
			t.Fatalf("seed %d: %s\n%s\n%+v\n%s", seed, f.Status, strings.Join(faults, "\n"), f.Reasons, text)
		}
	}
	for _, status := range []finding.Status{finding.Pass, finding.Warn, finding.Fail} {
		if statuses[status] < 20 {
			t.Errorf("only %d random situations are %s", statuses[status], status)
		}
	}
}

func randomSituation(r *rand.Rand) situation {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	often := func(n int) bool { return r.IntN(n) > 0 }
	s := situation{Control: "nsg-changes", Benchmark: "cis-azure-6.0.0", State: "Enabled"}
	operation := func() string {
		return pick("operationName in @write | @delete | @ruleWrite | @ruleDelete", "operationName = @write", "operationName in @delete | @ruleDelete", "operationName in @ruleWrite | @write",
			"resourceType = Microsoft.Network/networkSecurityGroups", "resourceType in Microsoft.Network/networksecuritygroups | Microsoft.Network/networkSecurityGroups/securityRules",
			"resourceProvider = microsoft.network", "operationName = Microsoft.Sql/servers/firewallRules/write")
	}
	leaf := func() string {
		return pick("status = Succeeded", "status = Started", "status in succeeded | failed", "status = Failed", "level = Informational", "level in Warning | Error | Critical",
			"level in informational | warning | error | critical", "level = Verbose", "caller = alice@example.com", "resourceGroup in prod | monitoring", "properties.statusCode = OK", "category = Policy")
	}
	for i := range 1 + r.IntN(4) {
		rule := ruleText{Name: fmt.Sprintf("r%d", i), AllOf: []any{"category = " + pick("Administrative", "administrative")}}
		if often(8) {
			if often(5) {
				rule.AllOf = append(rule.AllOf, operation())
			} else {
				rule.AllOf = append(rule.AllOf, []any{operation(), leaf()})
			}
		}
		for range r.IntN(3) / 2 * (1 + r.IntN(2)) {
			rule.AllOf = append(rule.AllOf, leaf())
		}
		if !often(6) {
			scopes := []string{pick("@sub/resourceGroups/prod", "/subscriptions/"+otherID, "subscriptions/"+ownID, "@sub/")}
			rule.Scopes = &scopes
		}
		groups := []string{pick("a", "b", "a", "b", "gone")}
		if !often(5) {
			groups = []string{}
		}
		rule.Groups = &groups
		if enabled := often(8); !enabled {
			rule.Enabled = &enabled
		}
		s.Rules = append(s.Rules, rule)
	}
	s.Groups = []map[string]any{randomGroup("a", pick, often), randomGroup("b", pick, often)}
	for i := range r.IntN(3) / 2 * (1 + r.IntN(2)) {
		s.Processing = append(s.Processing, randomProcessing(fmt.Sprintf("p%d", i), pick, often))
	}
	return s
}

func randomGroup(name string, pick func(...string) string, often func(int) bool) map[string]any {
	g := map[string]any{"name": name, "groupShortName": name, "enabled": often(8)}
	if often(3) {
		g["emailReceivers"] = []any{map[string]any{"name": "e", "emailAddress": name + "@example.com", "status": pick("Enabled", "Enabled", "Disabled")}}
	}
	if !often(3) {
		g["smsReceivers"] = []any{map[string]any{"name": "s", "countryCode": "49", "phoneNumber": "1701234567" + name, "status": pick("NotSpecified", "Disabled")}}
	}
	if !often(3) {
		g["webhookReceivers"] = []any{map[string]any{"name": "w", "serviceUri": pick("https://hooks.slack.com/***", "https://hooks.example.com/***")}}
	}
	return g
}

func randomProcessing(name string, pick func(...string) string, often func(int) bool) map[string]any {
	p := map[string]any{"name": name, "enabled": often(5), "scopes": []string{pick("@sub", "@sub", "@sub/resourceGroups/prod", "/subscriptions/"+otherID)}}
	if often(3) {
		p["actions"] = []any{map[string]any{"actionType": "AddActionGroups", "actionGroupIds": []string{objectID(groupKind, pick("a", "b", "gone"))}}}
	} else {
		p["actions"] = []any{map[string]any{"actionType": "RemoveAllActionGroups"}}
	}
	if !often(2) {
		c := strings.Split(pick("Severity Equals Sev4", "Severity NotEquals Sev4", "AlertRuleName Contains r", "AlertRuleName Equals r1", "AlertRuleName DoesNotContain 0", "TargetResourceGroup Equals prod", "Description Contains alerts"), " ")
		p["conditions"] = []any{map[string]any{"field": c[0], "operator": c[1], "values": []string{c[2]}}}
	}
	if !often(6) {
		p["schedule"] = map[string]any{"timeZone": pick("UTC", "Pacific Standard Time", "W. Europe Standard Time", "Line Islands Standard Time", "Dateline Standard Time"), pick("effectiveUntil", "effectiveFrom"): pick("2026-06-14T00:00:00", "2027-06-17T00:00:00")}
	}
	return p
}

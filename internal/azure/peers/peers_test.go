package peers_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/azure/peers"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

const (
	write  = "Microsoft.Network/networkSecurityGroups/write"
	remove = "Microsoft.Network/networkSecurityGroups/delete"
)

// rule is an alert rule of these leaves, "field=value"; one without a value is a list
// anyOf.
func rule(enabled string, leaves ...string) json.RawMessage {
	var all []string
	for _, l := range leaves {
		field, value, ok := strings.Cut(l, "=")
		if ok {
			all = append(all, fmt.Sprintf(`{"field":%q,"equals":%q}`, field, value))
		} else {
			all = append(all, `{"field":null,"equals":null,"anyOf":[{"field":"operationName","equals":"`+write+`"}]}`)
		}
	}
	return json.RawMessage(`{"location":"global","properties":{"enabled":` + enabled + `,"scopes":["/subscriptions/s"],"actions":{},"condition":{"allOf":[` + strings.Join(all, ",") + `]}}}`)
}

// TestOpinions has the odd corners of what others ask, beside the judged situations of
// package audit: PF is a pass for writes and a failure for deletes.
func TestOpinions(t *testing.T) {
	const category = "category=Administrative"
	tests := []struct {
		name  string
		rules []json.RawMessage
		peer  string
		want  string
	}{
		{"disabled", []json.RawMessage{rule("false", category, "operationName="+write)}, "Prowler", "FF"},
		{"enabled is null", []json.RawMessage{rule("null", category, "operationName="+write)}, "Prowler", "FF"},
		{"the classic twin of a deletion", []json.RawMessage{rule("true", "operationName=Microsoft.ClassicNetwork/networkSecurityGroups/delete")}, "Prowler", "FP"},
		{"the type alone", []json.RawMessage{rule("true", category, "resourceType=microsoft.network/networksecuritygroups")}, "CloudSploit", "PP"},
		{"the type, and a rule on writes", []json.RawMessage{rule("true", category, "resourceType=Microsoft.Network/networkSecurityGroups"), rule("true", "operationName="+write)}, "CloudSploit", "PF"},
		{"the operation in another field", []json.RawMessage{rule("true", "caller="+write)}, "CloudSploit", "PF"},
		{"a leaf without equals beside the operation", []json.RawMessage{rule("true", "operationName="+write, "anyOf")}, "CloudSploit", "FF"},
		{"a leaf without equals in another rule", []json.RawMessage{rule("true", "operationName="+write), rule("true", category, "anyOf")}, "CloudSploit", "PF"},
		{"the type with a third leaf", []json.RawMessage{rule("true", category, "resourceType=microsoft.network/networksecuritygroups", "level=Error")}, "Powerpipe", "FF"},
		{"the category twice", []json.RawMessage{rule("true", category, category, "operationName="+write)}, "cloudbeat", "FF"},
		{"two of the counted leaves are categories", []json.RawMessage{rule("true", category, category, "level=Error")}, "Azure Policy", "PP"},
		{"nothing but categories", []json.RawMessage{rule("true", category, category)}, "Azure Policy", "FF"},
		{"no object", []json.RawMessage{json.RawMessage(`[]`), rule("true", category, "operationName="+remove)}, "Azure Policy", "FP"},
	}
	operations := []catalog.Operation{{Name: write, Required: true}, {Name: remove, Required: true}}
	for _, tt := range tests {
		got := ""
		for _, o := range peers.Opinions("s", tt.rules, operations) {
			if o.Peer != tt.peer {
				continue
			}
			for _, operation := range operations {
				if strings.Contains(strings.Join(o.Passes, " "), operation.Name) {
					got += "P"
				} else {
					got += "F"
				}
			}
		}
		if got != tt.want {
			t.Errorf("%s: %s says %s, want %s", tt.name, tt.peer, got, tt.want)
		}
	}
	if got := peers.Opinions("s", nil, []catalog.Operation{{Name: "Microsoft.Web/sites/write"}}); got != nil {
		t.Errorf("of what nobody asks: %+v", got)
	}
}

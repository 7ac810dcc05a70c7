package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// TestMatches has one filter on each side of each match.
func TestMatches(t *testing.T) {
	const names = `{ ($.eventSource = ec2.amazonaws.com) && (($.eventName = CreateRoute) || ($.eventName = "CreateRouteTable")) }`
	tests := []struct {
		name, match, text, filter string
		want                      bool
	}{
		{"to the character", "literal", `{ $.a = "b" }`, `{ $.a = "b" }`, true},
		{"a blank less", "literal", `{ $.a = "b" }`, `{ $.a="b" }`, false},
		{"white space and parentheses aside", "exact", `{ ($.a = "b") || ($.c = d) }`, `{$.a="b"||$.c=d}`, true},
		{"another order", "exact", `{ ($.a = b) || ($.c = d) }`, `{ ($.c = d) || ($.a = b) }`, false},
		{"no pattern at all", "exact", `{ $.a = b }`, `{ $.a = `, false},
		{"white space and case aside", "spaceless", `{ $.a = Bc }`, "{\t$.A=bC}", true},
		{"quotation marks count", "spaceless", `{ $.a = "b" }`, `{ $.a = b }`, false},
		{"without quotation marks", "unquoted", `{ $.a = "b" }`, `{ $.a = b }`, true},
		{"with them", "unquoted", `{ $.a = "b" }`, `{ $.a = "b" }`, false},
		{"any order", "lookahead", names, `{($.eventName="CreateRouteTable"||$.eventName=CreateRoute)&&$.eventSource="ec2.amazonaws.com"}`, true},
		{"a name that only begins so", "lookahead", names, `{($.eventName=CreateRouteTable)&&($.eventSource=ec2.amazonaws.com)}`, false},
		{"one comparison less", "lookahead", names, `{($.eventName=CreateRouteTable)||($.eventName=CreateRoute)}`, false},
		{"another operator", "lookahead", `{ $.x.y != "Yes" }`, `{ $.x.y = "Yes" }`, false},
		{"in order, unquoted", "ordered", `{ $.u.type = "Root" && $.i NOT EXISTS }`, `{$.u.type=Root&&$.i NOT EXISTS}`, true},
		{"in another order", "ordered", `{ $.u.type = "Root" && $.i NOT EXISTS }`, `{$.i NOT EXISTS&&$.u.type=Root}`, false},
		{"in order, quoted as there", "sequence", `{ $.a = "B" && $.c = D }`, `{ $.z = 1 && $.a = "B" && $.c = Dx }`, true},
		{"unquoted where the text is quoted", "sequence", `{ $.a = "B" && $.c = D }`, `{ $.a = B && $.c = D }`, false},
	}
	for _, tt := range tests {
		c := catalog.Control{ID: "x", Patterns: []catalog.Text{{
			ID: "text", Text: tt.text, Writes: []catalog.Benchmark{""}, Peers: map[catalog.Peer]catalog.Match{catalog.ProwlerPeer: catalog.Match(tt.match)},
		}}}
		wants := c.Wants(catalog.ProwlerPeer, catalog.DefaultBenchmark)
		if len(wants) != 1 {
			t.Fatalf("%s: %d texts", tt.name, len(wants))
		}
		if got := wants[0].Satisfied(tt.filter); got != tt.want {
			t.Errorf("%s: %s against %s is %v (it lacks %q)", tt.name, tt.filter, tt.text, got, wants[0].Lacks(tt.filter))
		}
	}
}

// TestWants counts the controls of each peer and shows the order of the texts.
func TestWants(t *testing.T) {
	c := load(t)
	counts := map[catalog.Peer]int{}
	for _, control := range c.Controls {
		for _, p := range catalog.AllPeers() {
			if len(control.Wants(p, "cis-3.0.0")) > 0 {
				counts[p]++
			}
		}
	}
	for p, want := range map[catalog.Peer]int{"prowler": 15, "security-hub": 14, "powerpipe": 15, "cloudsploit": 15, "custodian": 15} {
		if counts[p] != want {
			t.Errorf("%s has checks for %d controls, want %d", p, counts[p], want)
		}
	}
	ids := func(id string, p catalog.Peer, b catalog.Benchmark) string {
		control, err := c.Find(id, catalog.DefaultBenchmark)
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, w := range control.Wants(p, b) {
			text := w.ID
			switch {
			case w.Never != "":
				text += " never"
			case w.Noise != "":
				text += " noisy"
			}
			list = append(list, text)
		}
		return strings.Join(list, ", ")
	}
	for _, tt := range []struct {
		id   string
		p    catalog.Peer
		b    catalog.Benchmark
		want string
	}{
		{"route-table-changes", catalog.CustodianPeer, "cis-3.0.0", "cis noisy, cis-3.0-audit noisy"},
		{"route-table-changes", catalog.CustodianPeer, "cis-1.4.0", "cis"},
		{"route-table-changes", catalog.ProwlerPeer, "cis-1.4.0", "security-hub, cis-3.0-audit noisy"},
		{"unauthorized-api-calls", catalog.CustodianPeer, "cis-1.4.0", "cis-1.3-or never"},
		{"unauthorized-api-calls", catalog.SecurityHubPeer, "cis-5.0.0", "cis-1.2 noisy"},
		{"unauthorized-api-calls", catalog.SecurityHubPeer, "cis-1.2.0", "cis-1.2"},
		{"security-group-changes", catalog.ProwlerPeer, "cis-5.0.0", "cis-7-events, cis-6-events"},
		{"organizations-changes", catalog.SecurityHubPeer, "cis-5.0.0", ""},
	} {
		if got := ids(tt.id, tt.p, tt.b); got != tt.want {
			t.Errorf("%s for %s in %s: %s, want %s", tt.id, tt.p, tt.b, got, tt.want)
		}
	}
}

// TestPeerTexts holds what may be written for peers to the language, and Prowler's text
// of 4.15 to the names that its check lists.
func TestPeerTexts(t *testing.T) {
	for _, control := range load(t).Controls {
		for i, text := range control.PeerTexts() {
			if text.Number != i+1 || len(text.Text) > catalog.PatternLimit {
				t.Errorf("%s: text %d has %d characters", control.ID, text.Number, len(text.Text))
			}
			if _, err := pattern.Parse(text.Text); err != nil {
				t.Errorf("%s: %v", control.ID, err)
			}
			if !slices.Contains(control.Shipped(), text.Text) {
				t.Errorf("%s: %s is not known as monitorctl's", control.ID, text.Text)
			}
		}
		for _, text := range control.Patterns {
			if text.Never != "" && slices.ContainsFunc(control.PeerTexts(), func(p catalog.PeerText) bool { return p.Text == text.Text }) {
				t.Errorf("%s: %s may be written", control.ID, text.ID)
			}
		}
	}
	names := "AcceptHandshake AttachPolicy CancelHandshake CreateAccount CreateOrganization CreateOrganizationalUnit CreatePolicy DeclineHandshake DeleteOrganization " +
		"DeleteOrganizationalUnit DeletePolicy EnableAllFeatures EnablePolicyType InviteAccountToOrganization LeaveOrganization DetachPolicy DisablePolicyType MoveAccount " +
		"RemoveAccountFromOrganization UpdateOrganizationalUnit UpdatePolicy"
	c, err := load(t).Find("organizations-changes", catalog.DefaultBenchmark)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(c.Patterns, func(x catalog.Text) bool { return x.ID == "prowler" })
	for _, name := range strings.Fields(names) {
		if !strings.Contains(c.Patterns[i].Text, `"`+name+`"`) {
			t.Errorf("it lacks %s", name)
		}
	}
	if n := strings.Count(c.Patterns[i].Text, "$.eventName"); n != 21 {
		t.Errorf("it has %d names", n)
	}
}

// With --complete alone 4.10 satisfies Powerpipe, which wants a name more than versions
// before 5.0.0. The supplement of 4.15 has no room for the 18 required names, so that
// Prowler needs a filter of its own.
func TestComplementsSatisfy(t *testing.T) {
	c := load(t)
	for _, tt := range []struct {
		id   string
		p    catalog.Peer
		want bool
	}{{"security-group-changes", catalog.PowerpipePeer, true}, {"organizations-changes", catalog.ProwlerPeer, false}} {
		control, err := c.Find(tt.id, catalog.DefaultBenchmark)
		if err != nil {
			t.Fatal(err)
		}
		satisfied := func(text string) bool {
			return slices.ContainsFunc(control.Wants(tt.p, "cis-3.0.0"), func(w catalog.Want) bool { return w.Satisfied(text) })
		}
		if satisfied(control.Writes("cis-3.0.0").Text) {
			t.Errorf("%s: nothing is missing", tt.id)
		}
		if got := slices.ContainsFunc(control.Complements("cis-3.0.0", catalog.PatternLimit), satisfied); got != tt.want {
			t.Errorf("%s: the supplements satisfy %s: %v", tt.id, tt.p, got)
		}
	}
}

package desired

import (
	"fmt"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/patterns"
)

func controls(t *testing.T) map[string]catalog.Control {
	t.Helper()
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]catalog.Control{}
	for _, c := range cat.Controls {
		out[c.ID] = c
	}
	return out
}

var frankfurt = Home{Partition: "aws", Account: "111122223333", Region: "eu-central-1"}

// Sizes of the patterns in characters, counted by hand from the lists of names.
func TestRulePatterns(t *testing.T) {
	all := controls(t)
	tests := []struct {
		id       string
		complete bool
		sizes    []int
	}{
		{"network-gateway-changes", false, []int{273}},
		{"security-group-changes", false, []int{320}},
		{"nacl-changes", false, []int{271}},
		{"guardduty-changes", false, []int{600}},
		{"route-table-changes", false, []int{266}},
		{"vpc-changes", false, []int{383}},
		{"organizations-changes", false, []int{514}},
		{"iam-policy-changes", false, []int{426}},
		{"cloudtrail-config-changes", false, []int{214}},
		{"kms-cmk-disable-or-delete", false, []int{164}},
		{"s3-bucket-policy-changes", false, []int{310}},
		{"config-changes", false, []int{235}},
		{"network-gateway-changes", true, []int{1165}},
		{"guardduty-changes", true, []int{1226}},
		{"organizations-changes", true, []int{914}},
		{"vpc-changes", true, []int{835}},
	}
	for _, tt := range tests {
		rules := Names{}.Rules(all[tt.id], frankfurt, nil, Wanted(all[tt.id], "cis-5.0.0", tt.complete))
		if len(rules) != len(tt.sizes) {
			t.Errorf("%s: %d rules, want %d", tt.id, len(rules), len(tt.sizes))
			continue
		}
		for i, r := range rules {
			if len(r.Pattern) != tt.sizes[i] {
				t.Errorf("%s: %d characters, want %d: %s", r.Name, len(r.Pattern), tt.sizes[i], r.Pattern)
			}
		}
	}
	s3 := Names{}.Rules(all["s3-bucket-policy-changes"], frankfurt, nil, Wanted(all["s3-bucket-policy-changes"], "cis-5.0.0", true))
	if len(s3) != 2 || s3[1].Name != "monitorctl-s3-bucket-policy-changes-2" || !strings.Contains(s3[1].Pattern, `"aws.s3express"`) {
		t.Errorf("directory buckets are a source of their own: %+v", s3)
	}
}

// TestEveryPatternParses holds what is written for every control and region to the
// language and its limit, in every partition.
func TestEveryPatternParses(t *testing.T) {
	for _, partition := range []string{"aws", "aws-cn", "aws-us-gov"} {
		there := map[string]account.Rule{}
		home := Home{Partition: partition, Account: "111122223333", Region: "r"}
		for id, c := range controls(t) {
			if c.Type == catalog.State {
				continue
			}
			wanted := Wanted(c, "cis-5.0.0", true)
			rules := Names{}.Rules(c, home, nil, wanted)
			if len(rules) == 0 {
				t.Errorf("%s: no rule", id)
			}
			forwarders := Names{}.Forwarders(c, home, there, wanted)
			for _, f := range forwarders {
				there[f.Name] = f
			}
			for _, r := range append(rules, forwarders...) {
				if _, err := eventpattern.Parse(r.Pattern); err != nil || len(r.Pattern) > PatternLimit {
					t.Errorf("%s: %d characters: %v", r.Name, len(r.Pattern), err)
				}
				if china := strings.Contains(r.Pattern, "Amazon API Call"); china != (partition == "aws-cn") && c.Type == catalog.Events {
					t.Errorf("%s in %s: %s", r.Name, partition, r.Pattern)
				}
			}
			if reads := rules[0].State == account.RuleReadsToo; reads != c.Reads {
				t.Errorf("%s: state %s", id, rules[0].State)
			}
		}
		for name, r := range there {
			if strings.HasSuffix(name, "-1") && len(r.Pattern) < PatternLimit/2 {
				t.Errorf("%s is not filled: %d characters", name, len(r.Pattern))
			}
		}
	}
}

// Many names make several rules. No rule is too long, and every name is in one.
func TestLongPatterns(t *testing.T) {
	c := catalog.Control{ID: "long", Type: catalog.Events, Sources: []string{"ec2.amazonaws.com"}, EventTypes: []string{"AwsApiCall"}}
	for i := range 150 {
		c.Events = append(c.Events, catalog.Event{Source: "ec2.amazonaws.com", Name: fmt.Sprintf("SomethingLongAbout%03d", i), Core: true, Always: true})
	}
	wanted := Wanted(c, "cis-5.0.0", false)
	rules := Names{Prefix: "x-"}.Rules(c, frankfurt, nil, wanted)
	if len(rules) != 2 || rules[0].Name != "x-monitorctl-long" || rules[1].Name != "x-monitorctl-long-2" {
		t.Fatalf("%d rules", len(rules))
	}
	for _, e := range wanted {
		n := 0
		for _, r := range rules {
			n += strings.Count(r.Pattern, `"`+e.Name+`"`)
		}
		if n != 1 {
			t.Errorf("%s stands in %d rules", e.Name, n)
		}
	}
	for _, r := range rules {
		if len(r.Pattern) > PatternLimit {
			t.Errorf("%s: %d characters", r.Name, len(r.Pattern))
		}
		if !(Names{Prefix: "x-"}).IsRuleOf(r.Name, c) || (Names{}).IsRuleOf(r.Name, c) {
			t.Errorf("%s is not known by its name", r.Name)
		}
	}
	there := map[string]account.Rule{rules[0].Name: rules[0], rules[1].Name: rules[1]}
	again := Names{Prefix: "x-"}.Rules(c, frankfurt, there, wanted)
	if len(again) != 2 || !again[0].Same(rules[0]) || !again[1].Same(rules[1]) {
		t.Error("what is there is written again in another way")
	}
}

// Rules that are there are extended, never narrowed; an edited one is filled anew.
func TestExtends(t *testing.T) {
	all := controls(t)
	sg, iam := all["security-group-changes"], all["iam-policy-changes"]
	first := Names{}.Forwarders(sg, frankfurt, nil, Wanted(sg, "cis-5.0.0", false))
	there := map[string]account.Rule{first[0].Name: first[0]}
	both := Names{}.Forwarders(iam, frankfurt, there, Wanted(iam, "cis-5.0.0", false))
	if len(both) != 1 || both[0].Name != first[0].Name || !Extends(both[0], first[0]) {
		t.Fatalf("a second control: %+v", both)
	}
	there[both[0].Name] = both[0]
	if again := (Names{}).Forwarders(sg, frankfurt, there, Wanted(sg, "cis-5.0.0", false)); len(again) != 1 || !again[0].Same(both[0]) {
		t.Errorf("the first control again: %+v", again)
	}
	edited := both[0]
	edited.Pattern = `{"source":["aws.ec2"]}`
	there[edited.Name] = edited
	if anew := (Names{}).Forwarders(sg, frankfurt, there, Wanted(sg, "cis-5.0.0", false)); len(anew) != 1 || !anew[0].Same(first[0]) || Extends(anew[0], edited) {
		t.Errorf("over an edited one: %+v", anew)
	}
	off := both[0]
	off.State = account.RuleDisabled
	if Extends(both[0], off) {
		t.Error("a rule that someone switched off is not extended")
	}
}

// The message names who, what and where, and nothing that a caller chooses freely.
func TestMessage(t *testing.T) {
	c := controls(t)["security-group-changes"]
	c.Title = `a "title" <x>`
	m := Message(c, "aws-cn")
	for _, text := range []string{`"monitorctl: a \"title\" (x)"`, "<who>", "<what>", "<where>", "console.amazonaws.cn"} {
		if !strings.Contains(m.Template, text) {
			t.Errorf("the message lacks %s:\n%s", text, m.Template)
		}
	}
	for name, path := range m.Paths {
		if !strings.Contains(m.Template, "<"+name+">") {
			t.Errorf("%s is not used", name)
		}
		for _, chosen := range []string{"userAgent", "requestParameters", "errorMessage", "responseElements"} {
			if strings.Contains(path, chosen) {
				t.Errorf("%s: the caller chooses %s", name, path)
			}
		}
	}
	for _, line := range strings.Split(m.Template, "\n") {
		if !strings.HasPrefix(line, `"`) || !strings.HasSuffix(line, `"`) {
			t.Errorf("a line is not a JSON string: %s", line)
		}
	}
}

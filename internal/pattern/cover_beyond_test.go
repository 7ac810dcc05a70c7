package pattern

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
)

func TestBeyond(t *testing.T) {
	events := func(names ...string) cloudtrail.Requirement {
		var want cloudtrail.Requirement
		for _, name := range names {
			p := createVpc
			p.Event = name
			want.Probes = append(want.Probes, p)
		}
		return want
	}
	tests := []struct {
		name       string
		filters    []string
		want       cloudtrail.Requirement
		everything bool
		beyond     string // lines
		more       bool
		rules      string
	}{
		{name: "no filter", want: events("CreateVpc")},
		{name: "just that", filters: []string{`{ $.eventSource = "ec2.amazonaws.com" && $.eventName = CreateVpc }`}, want: events("CreateVpc")},
		{name: "less than that", filters: []string{`{ $.eventSource = "ec2.amazonaws.com" && $.eventName = CreateVpc && $.userAgent = "x" }`}, want: events("CreateVpc")},
		{name: "failed calls are not beyond", filters: []string{`{ $.eventSource = "ec2.amazonaws.com" && $.eventName = CreateVpc && $.errorCode = "*" }`}, want: events("CreateVpc")},
		{name: "another region is not beyond", filters: []string{`{ $.eventSource = "ec2.amazonaws.com" && $.eventName = CreateVpc && $.awsRegion = "eu-west-9" }`}, want: events("CreateVpc")},
		{
			name: "other sources", filters: []string{`{ $.eventName = CreateVpc }`}, want: events("CreateVpc"),
			beyond: `eventName = "CreateVpc" and eventSource is anything but "ec2.amazonaws.com"`,
		},
		{
			name: "two filters, one asked for", want: events("CreateVpc"),
			filters: []string{`{ $.eventSource = "ec2.amazonaws.com" && $.eventName = CreateVpc }`, `{ $.eventSource = "ec2.amazonaws.com" && $.eventName = DeleteVpc }`},
			beyond:  `eventSource = "ec2.amazonaws.com" and eventName = "DeleteVpc"`,
		},
		{
			name: "a whole service", filters: []string{`{ $.eventSource = "ec2.amazonaws.com" }`}, want: events("CreateVpc", "DeleteVpc"),
			beyond: `eventSource = "ec2.amazonaws.com" and eventName is anything but "CreateVpc" and "DeleteVpc"`,
		},
		{
			name: "a wildcard", filters: []string{`{ $.eventSource = "ec2.amazonaws.com" && $.eventName = "*Vpc" }`}, want: events("CreateVpc", "DeleteVpc"),
			beyond: `eventSource = "ec2.amazonaws.com" and eventName = "*Vpc" and eventName is anything but "CreateVpc" and "DeleteVpc"`,
		},
		{
			name: "failed calls of others", filters: []string{`{ $.eventSource = "ec2.amazonaws.com" && $.errorCode = "AccessDenied" }`}, want: events("CreateVpc"),
			beyond: `eventSource = "ec2.amazonaws.com" and errorCode = "AccessDenied" and eventName is anything but "CreateVpc"`,
		},
		{name: "everything", filters: []string{`{ $.eventName = "*" }`}, want: events("CreateVpc"), everything: true},
		{name: "everything by two", filters: []string{`{ $.eventName = "C*" }`, `{ $.eventName != "C*" }`}, want: events("CreateVpc"), everything: true},
		{
			name: "nearly everything", filters: []string{`{ $.eventName != "DescribeVpcs" }`}, want: events("CreateVpc"),
			beyond: `eventName is anything but "DescribeVpcs" and "CreateVpc"
			         eventName is anything but "DescribeVpcs" and eventSource is anything but "ec2.amazonaws.com"`,
		},
		{
			name: "a condition", filters: []string{`{ $.userIdentity.type = "Root" }`}, want: cloudtrail.Requirement{Probes: []cloudtrail.Probe{rootUsage(t)}},
			beyond: `userIdentity.type = "Root" and userIdentity.invokedBy exists
			         userIdentity.type = "Root" and eventType = "AwsServiceEvent"`,
		},
		{
			name: "not understood", filters: []string{"", `{ $.eventSource = "ec2.amazonaws.com" && $.eventName = DeleteVpc }`}, want: events("CreateVpc"),
			beyond: `eventSource = "ec2.amazonaws.com" and eventName = "DeleteVpc"`, more: true, rules: cover.RuleNotUnderstood,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var filters []*Pattern
			for _, text := range tt.filters {
				if text == "" {
					filters = append(filters, nil)
					continue
				}
				filters = append(filters, mustParse(t, text))
			}
			got := beyondOf(filters, tt.want)
			if got.Everything != tt.everything || got.More != tt.more || strings.Join(got.Rules, "\n") != tt.rules {
				t.Errorf("everything %v, more %v, rules %q; want %v, %v, %q", got.Everything, got.More, got.Rules, tt.everything, tt.more, tt.rules)
			}
			if lines, want := factTexts(got.Beyond), trimLines(tt.beyond); lines != want {
				t.Errorf("beyond:\n%s\nwant:\n%s", lines, want)
			}
			for _, c := range got.Beyond {
				checkBeyond(t, filters, tt.want, c)
			}
		})
	}
}

// requiredPatterns returns patterns that match what a requirement is about.
func requiredPatterns(t *testing.T, want cloudtrail.Requirement) []*Pattern {
	t.Helper()
	var list []*Pattern
	for _, p := range want.Probes {
		if p.Condition != nil {
			list = append(list, p.Condition.(*Pattern))
		} else {
			list = append(list, mustParse(t, fmt.Sprintf("{ $.eventSource = %q && $.eventName = %q }", cmp.Or(p.Source, "*"), cmp.Or(p.Event, "*"))))
		}
	}
	return list
}

// checkBeyond checks the example of a case with the matcher.
func checkBeyond(t *testing.T, filters []*Pattern, want cloudtrail.Requirement, c cover.Case) {
	t.Helper()
	matched := false
	for _, f := range filters {
		matched = matched || f != nil && f.Match(c.Example) == match.Match
	}
	if !matched {
		t.Errorf("no filter matches the example %s", c.Example)
	}
	for _, q := range requiredPatterns(t, want) {
		if q.Match(c.Example) == match.Match {
			t.Errorf("the requirement is about the example %s", c.Example)
		}
	}
}

// eventWorld has events of several sources over a small alphabet.
func eventWorld() world {
	fields := []string{"eventSource", "eventName", "userAgent"}
	return world{
		name:    "events",
		records: records(product(fields, []any{"a", "b", "c", "ab", "ac", "cc"}, wordsOver("abc", 5)[1:], []any{"a", "c"})),
		gamble: func(r *rand.Rand) string {
			switch r.IntN(4) {
			case 0:
				return "$.eventSource" + pick(r, `="ab"`, `!="ab"`, `="b"`, `="a*"`, `!="a*"`)
			case 1:
				return "$.userAgent" + pick(r, `="a"`, `!="a"`)
			}
			return "$.eventName" + pick(r, "=", "=", "!=") + strconv.Quote(pick(r, "", "*")+pick(r, "a", "b", "ab", "ba")+pick(r, "", "", "*"))
		},
	}
}

// checkBeyondWorld compares Beyond with the enumeration of a world.
func checkBeyondWorld(t *testing.T, w world, seed uint64) cover.Breadth {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 2))
	want := cloudtrail.Requirement{Probes: []cloudtrail.Probe{{Source: "ab", Event: "a"}, {Source: "ab", Event: "ba"}, {Source: "b", Event: "a"}}}
	if r.IntN(3) == 0 {
		want.Probes[0] = cloudtrail.Probe{Condition: mustParse(t, gamblePattern(r, w))}
	}
	texts := gambleFilters(seed, w)
	var filters []*Pattern
	for _, text := range texts {
		filters = append(filters, mustParse(t, text))
	}
	got := beyondOf(filters, want)
	var cases []func(*match.Message) bool
	for _, c := range got.Beyond {
		cases = append(cases, caseTest(t, c))
		checkBeyond(t, filters, want, c)
	}
	everything := true
	for _, m := range w.records {
		matches := func(p *Pattern) bool { return p.MatchDecoded(m) == match.Match }
		some := slices.ContainsFunc(filters, matches)
		everything = everything && some
		outside := some && !slices.ContainsFunc(requiredPatterns(t, want), matches)
		listed := slices.ContainsFunc(cases, func(holds func(*match.Message) bool) bool { return holds(m) })
		if listed && !outside {
			t.Fatalf("%q: the record %v is listed, but not beyond:\n%s", texts, m.Object, factTexts(got.Beyond))
		}
		if outside && !listed && !got.More && !got.Everything {
			t.Fatalf("%q: the record %v is beyond, but not listed:\n%s", texts, m.Object, factTexts(got.Beyond))
		}
	}
	if got.Everything != everything {
		t.Fatalf("%q: everything = %v, enumeration says %v", texts, got.Everything, everything)
	}
	return got
}

func TestBeyondAgainstEnumeration(t *testing.T) {
	w := eventWorld()
	open := 0
	const seeds = 150
	for seed := range uint64(seeds) {
		if checkBeyondWorld(t, w, seed).More {
			open++
		}
	}
	if open > seeds/5 {
		t.Errorf("%d of %d are not complete", open, seeds)
	}
}

// FuzzBeyond compares Beyond with an enumeration; the input chooses the
// patterns.
func FuzzBeyond(f *testing.F) {
	w := eventWorld()
	for seed := range uint64(3) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { checkBeyondWorld(t, w, seed) })
}

package pattern

import (
	"fmt"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

// worst are the largest sets of filters that could be made up: every pattern is
// as long as AWS allows, and most sets have as many as fit into a log group.
func worst(tb testing.TB) map[string][]*Pattern {
	sets := map[string][]string{}
	fill := func(name string, filters int, condition func(i int) string, op string) {
		n := 0
		for range filters {
			var b strings.Builder
			b.WriteString("{")
			for {
				next := condition(n)
				if b.Len() > 1 {
					next = op + next
				}
				if b.Len()+len(next) >= syntax.MaxLength {
					break
				}
				b.WriteString(next)
				n++
			}
			sets[name] = append(sets[name], b.String()+"}")
		}
	}
	fill("constants of one field", 100, func(i int) string { return fmt.Sprintf("$.userAgent=a%d", i) }, "||")
	fill("exclusions of one field", 40, func(i int) string { return fmt.Sprintf("$.userAgent!=a%d", i) }, "&&")
	fill("fields", 40, func(i int) string { return fmt.Sprintf("$.requestParameters.a%d=a%d", i, i) }, "||")
	fill("conjunctions of fields", 100, func(i int) string { return fmt.Sprintf("$.requestParameters.a%d=a%d", i*7919%301, i%3) }, "&&")
	fill("contained texts", 100, func(i int) string { return fmt.Sprintf("$.userAgent=*%c%c%c*", 'a'+i%26, 'a'+i/26%26, 'a'+i/7%26) }, "||")
	fill("texts that are not contained", 100, func(i int) string { return fmt.Sprintf("$.userAgent!=*%c%c%c*", 'a'+i%26, 'a'+i/26%26, 'a'+i/7%26) }, "&&")
	fill("prefixes", 100, func(i int) string { return fmt.Sprintf("$.requestParameters.x=%x*", i*2654435761) }, "||")
	fill("suffixes", 100, func(i int) string { return fmt.Sprintf("$.requestParameters.x=*%x", i*2654435761) }, "||")
	fill("numbers", 100, func(i int) string { return fmt.Sprintf("$.requestParameters.n>%d.%d", i*31%1000, i) }, "||")
	fill("numbers and texts", 20, func(i int) string {
		return fmt.Sprintf("$.requestParameters.n>%d&&$.requestParameters.n!=*%d*", i*31%1000, i)
	}, "||")
	fill("asterisks in the middle", 40, func(i int) string { return fmt.Sprintf("$.userAgent=a*%d*b", i) }, "||")
	fill("deep paths", 100, func(i int) string { return "$.requestParameters" + strings.Repeat(".a", i%40) + "!=x" }, "&&")
	fill("indexes", 40, func(i int) string { return fmt.Sprintf("$.resources[%d]=a", i*7919%100000) }, "||")
	for i := range 100 {
		sets["wildcards"] = append(sets["wildcards"], fmt.Sprintf("{$.requestParameters.a%d[*].b!=x&&$.requestParameters.*=y%d||$.requestParameters.a%d.*.c NOT EXISTS}", i%5, i, i%7))
		sets["regular expressions"] = append(sets["regular expressions"], fmt.Sprintf("{$.userAgent=%%a.{%d}b%%||$.userAgent!=%%[a-f]{%d}x*y%%}", i, i%13+1))
		sets["parity"] = append(sets["parity"], parity(i))
		sets["terms"] = append(sets["terms"], strings.Repeat(fmt.Sprintf("word%d -other%d ", i, i), 30))
		sets["regular expressions on the text"] = append(sets["regular expressions on the text"], fmt.Sprintf("%%x.{%d}y.*z{%d}%%", i, i))
		sets["fields of the text"] = append(sets["fields of the text"], fmt.Sprintf("[a, b=*%d*, ..., c=%%x%d%%]", i, i))
	}
	sets["one long constant"] = []string{`{$.userAgent="` + strings.Repeat("x", 1000) + `"}`, `{$.userAgent="` + strings.Repeat("x", 990) + `*"}`}
	sets["one long pattern of asterisks"] = []string{`{$.userAgent="` + strings.Repeat("*a", 500) + `"}`}
	sets["parentheses"] = []string{"{" + strings.Repeat("(", 500) + "$.a=1" + strings.Repeat(")", 500) + "}"}
	sets["huge numbers"] = []string{"{$.requestParameters.n>" + strings.Repeat("9", 900) + "}", "{$.requestParameters.n<1e999999999}", "{$.requestParameters.n=1e-999999999}"}
	sets["repetitions"] = []string{"{$.userAgent=%(a){1}%}", "{$.userAgent=%[ab]*a[ab]{900}%}", "{$.userAgent=%a{1000}%}"}
	parsed := map[string][]*Pattern{}
	for name, texts := range sets {
		for _, text := range texts {
			if p, err := Parse(text); err == nil {
				parsed[name] = append(parsed[name], p)
			}
		}
		if len(parsed[name]) == 0 {
			tb.Fatalf("%s: no pattern is accepted: %s", name, texts[0])
		}
	}
	return parsed
}

// parity says that an odd number of some fields has a value; nothing shorter
// says the same.
func parity(i int) string {
	var terms []string
	for mask := range 8 {
		var b strings.Builder
		for bit := range 3 {
			op := "!="
			if mask>>bit&1 == 1 {
				op = "="
			}
			fmt.Fprintf(&b, "&&$.requestParameters.p%d%sx", (i*3+bit*5)%40, op)
		}
		if mask%3 != 0 {
			terms = append(terms, "("+b.String()[2:]+")")
		}
	}
	return "{" + strings.Join(terms, "||") + "}"
}

// The work on every probe is bounded, whatever the filters are. The verdicts
// are not checked here: only that there is one.
func TestCoverOfTheWorstFilters(t *testing.T) {
	for name, filters := range worst(t) {
		t.Run(name, func(t *testing.T) {
			got := coverOf(filters, cloudtrail.Requirement{Probes: []cloudtrail.Probe{createVpc}})
			for _, p := range got.Probes {
				if p.Verdict == cover.Unresolved && len(p.Rules) == 0 {
					t.Errorf("undetermined without a rule")
				}
				if len(p.Lost) > cover.MaxCases {
					t.Errorf("%d cases", len(p.Lost))
				}
				for _, rule := range p.Rules {
					if rule == cover.RuleInternal {
						t.Errorf("the matcher disagrees")
					}
				}
				t.Logf("%v %v, %d cases, more: %v", p.Verdict, p.Rules, len(p.Lost), p.MoreLost)
			}
		})
	}
}

// Beyond searches as Cover does, so that those sets are enough that are hardest
// for each kind of search.
func TestBeyondOfTheWorstFilters(t *testing.T) {
	sets := worst(t)
	for _, name := range []string{"conjunctions of fields", "exclusions of one field", "parity", "wildcards", "terms"} {
		t.Run(name, func(t *testing.T) {
			got := beyondOf(sets[name], cloudtrail.Requirement{Probes: []cloudtrail.Probe{createVpc}})
			if len(got.Beyond) > cover.MaxCases {
				t.Errorf("%d cases", len(got.Beyond))
			}
			if len(got.Beyond) == 0 && !got.Everything && !got.More {
				t.Errorf("nothing is beyond, though every filter is about other events")
			}
			t.Logf("everything: %v, %d cases, more: %v %v", got.Everything, len(got.Beyond), got.More, got.Rules)
		})
	}
}

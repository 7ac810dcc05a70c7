package pattern

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
)

// The faults of testdata/faults are changes of one line that a test must catch.
// scripts/faults.sh plants each and runs the tests, which takes minutes; here
// it is checked that they can still be planted.

// leastFaults is the number of faults below which some were lost.
const leastFaults = 20

// A fault is a patch of one place.
type fault struct {
	why        string // its first line
	file       string // in this package
	old        string // the lines that it wants to find
	gone, come int    // lines
}

// readFault reads a unified diff with a description in front.
func readFault(t *testing.T, path string) fault {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var f fault
	var old strings.Builder
	why, diff, _ := strings.Cut(string(text), "\n\n")
	f.why = why
	_, diff, _ = strings.Cut(diff, "\n--- a/internal/")
	f.file, diff, _ = strings.Cut(diff, "\n")
	_, hunk, _ := strings.Cut(diff, "\n@@ ")
	_, hunk, _ = strings.Cut(hunk, "\n")
	for line := range strings.Lines(hunk) {
		switch line[0] {
		case ' ':
			old.WriteString(line[1:])
		case '-':
			f.gone++
			old.WriteString(line[1:])
		case '+':
			f.come++
		default:
			t.Fatalf("%s: more than one hunk, or not a diff: %q", path, line)
		}
	}
	f.old = old.String()
	return f
}

func TestFaultsApply(t *testing.T) {
	paths, err := filepath.Glob("testdata/faults/*.patch")
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) < leastFaults {
		t.Errorf("%d faults, want at least %d", len(paths), leastFaults)
	}
	for _, path := range paths {
		f := readFault(t, path)
		if !strings.HasSuffix(f.why, ".") || strings.Contains(f.why, "\n") {
			t.Errorf("%s: described as %q, want one sentence", path, f.why)
		}
		if f.gone != 1 || f.come > 1 {
			t.Errorf("%s: %d lines become %d, want one line", path, f.gone, f.come)
		}
		if strings.HasSuffix(f.file, "_test.go") {
			t.Errorf("%s: a fault of the tests themselves", path)
		}
		source, err := os.ReadFile(filepath.Join("..", f.file))
		if err != nil {
			t.Errorf("%s: %v", path, err)
		} else if n := strings.Count(string(source), f.old); n != 1 {
			t.Errorf("%s: found at %d places of %s, want one: make the patch anew", path, n, f.file)
		}
	}
}

// What follows are cases that a fault showed to be missing elsewhere.

// TestAsteriskReachesTheEnd: what follows the last asterisk ends the text.
func TestAsteriskReachesTheEnd(t *testing.T) {
	wildcard := match.Reading{MidAsterisk: true}
	for text, want := range map[string]bool{"axb": true, "axbx": false, "abb": true, "ab\n": false} {
		if got := equalsText("a*b", text, wildcard); got != want {
			t.Errorf("a*b on %q: %t, want %t", text, got, want)
		}
	}
	checkVerdicts(t, `{ $.a = Put*Policy }`, match.NoMatch, `{"a":"PutRolePolicyVersion"}`)
}

// TestIndexOfObject: an index leads on from arrays only, even if a property has
// no name.
func TestIndexOfObject(t *testing.T) {
	checkVerdicts(t, `{ $.a[0] = 1 }`, match.NoMatch, `{"a":{"":1}}`, `{"a":{"0":1}}`)
	checkVerdicts(t, `{ $.a[0] NOT EXISTS }`, match.Match, `{"a":{"":1}}`)
	checkVerdicts(t, `{ $.a.[''] = 1 }`, match.Match, `{"a":{"":1}}`)
}

// TestFieldBeyondRange: a literal beyond the range of doubles equals no field,
// not even an integer of its value.
func TestFieldBeyondRange(t *testing.T) {
	integer := "1" + strings.Repeat("0", 309)
	checkVerdicts(t, `[a=1e309]`, match.NoMatch, integer, "1e309", "1")
	checkVerdicts(t, `[a!=1e309]`, match.Match, integer, "1e309", "1")
	checkVerdicts(t, `[a>=1e309]`, match.Match, integer)
}

// TestParseLimits spells out the limits of AWS, which other tests take from the
// code.
func TestParseLimits(t *testing.T) {
	for _, c := range []struct {
		text string
		ok   bool
	}{
		{strings.Repeat("a", 1024), true},
		{strings.Repeat("a", 1025), false},
		{`{$.a=%a%||$.b=%b%}`, true},
		{`{$.a=%a%||$.b=%b%||$.c=%c%}`, false},
		{`{$.a[*]=1||$.*=1||$.c.*=1}`, true},
		{`{$.a[*]=1||$.*=1||$.c.*=1||$.d.*=1}`, false},
		{`{$.a[*].b=1}`, true},
		{`{$.a[*].*=1}`, false},
	} {
		if _, err := Parse(c.text); (err == nil) != c.ok {
			t.Errorf("Parse(%.40q): %v", c.text, err)
		}
	}
}

// TestUpperCaseExponent: a number is a double with either spelling of its
// exponent.
func TestUpperCaseExponent(t *testing.T) {
	checkVerdicts(t, `{ $.a = 9007199254740992 }`, match.Match, `{"a":9007199254740993E0}`, `{"a":9007199254740993e0}`)
	checkVerdicts(t, `{ $.a != 1 }`, match.NoMatch, `{"a":1E309}`, `{"a":1e309}`)
	checkVerdicts(t, `{ $.a > 1 }`, match.NoMatch, `{"a":1E309}`, `{"a":1e309}`)
}

// TestVerdictsOfCover has one row for each thing that a verdict depends on
// beside the values that conditions compare.
func TestVerdictsOfCover(t *testing.T) {
	const unknown = "not understood"
	createVpc := requiredProbes(t)[0]
	anything := cloudtrail.Probe{Region: createVpc.Region, Account: createVpc.Account}
	for _, c := range []struct {
		what    string
		probe   cloudtrail.Probe
		filters []string
		want    cover.Verdict
		lost    string // one line for each case
		rule    string
	}{
		{"names are not empty", anything, []string{`{ $.eventName != "" }`}, cover.Covered, "", ""},
		{"successful calls have no error", createVpc, []string{`{ $.errorCode NOT EXISTS }`}, cover.Covered, "", ""},
		{"parameters can be null", createVpc, []string{`{ $.requestParameters IS NULL }`}, cover.Conditional, "requestParameters is an object", ""},
		{"fields of the identity can be missing", createVpc, []string{`{ $.userIdentity.arn = * }`}, cover.Conditional, "userIdentity.arn is missing", ""},
		{"one case", createVpc, []string{`{ $.userIdentity.invokedBy NOT EXISTS }`}, cover.Conditional, "userIdentity.invokedBy exists", ""},
		{"two cases", createVpc, []string{`{ $.userIdentity.arn != "x" }`}, cover.Conditional, "userIdentity.arn is missing\nuserIdentity.arn = \"x\"", ""},
		{"two readings", createVpc, []string{`{ $.eventName = Cr*Vpc }`}, cover.Unresolved, "", RuleMidAsterisk},
		{"two readings of a sign", createVpc, []string{`CreateVpc - ec2`}, cover.Unresolved, "", RuleDetachedMinus},
		{"not understood", createVpc, []string{unknown}, cover.Unresolved, "", cover.RuleNotUnderstood},
		{"not understood, beside one that covers", createVpc, []string{unknown, `{ $.eventName = CreateVpc }`}, cover.Covered, "", ""},
		{"not understood, beside one that does not", createVpc, []string{`{ $.eventName = x }`, unknown}, cover.Unresolved, "", cover.RuleNotUnderstood},
		{"depends on the form", createVpc, []string{`[a = "{x*"]`}, cover.Unresolved, "", cover.RuleTextPattern},
		{"the opposite depends on it too", createVpc, []string{`[a != "{x*"]`}, cover.Unresolved, "", cover.RuleTextPattern},
	} {
		var filters []*Pattern
		for _, text := range c.filters {
			if text == unknown {
				filters = append(filters, nil)
			} else {
				filters = append(filters, mustParse(t, text))
			}
		}
		got := coverOf(filters, cloudtrail.Requirement{Probes: []cloudtrail.Probe{c.probe}}).Probes[0]
		if got.Verdict != c.want || factTexts(got.Lost) != c.lost || strings.Join(got.Rules, ", ") != c.rule {
			t.Errorf("%s: %v, lost %q, rules %q, want %v, %q, %q", c.what, got.Verdict, factTexts(got.Lost), got.Rules, c.want, c.lost, c.rule)
		}
	}
}

// TestOptionalTermsInCover: next to another term they do not count.
func TestOptionalTermsInCover(t *testing.T) {
	probe := requiredProbes(t)[0]
	for text, want := range map[string]bool{`?CreateVpc ?zzz`: true, `?CreateVpc zzz`: false, `?CreateVpc eventName`: true, `?zzz CreateVpc`: true} {
		got := coverOf([]*Pattern{mustParse(t, text)}, cloudtrail.Requirement{Probes: []cloudtrail.Probe{probe}}).Verdict()
		if (got == cover.Covered) != want {
			t.Errorf("%s: %v, want covered %t", text, got, want)
		}
	}
}

// TestLostCasesAreLost: the example of every case is a record that no filter
// matches.
func TestLostCasesAreLost(t *testing.T) {
	probe := requiredProbes(t)[0]
	for _, text := range []string{
		`{ $.userIdentity.arn != "x" && $.sourceIPAddress != "203.0.113.*" }`,
		`{ $.requestParameters.a[*].b = 1 || $.requestParameters.a[0].b IS NULL }`,
		`{ $.requestParameters.* != "x" && $.userIdentity.type = %^IAM% }`,
		`{ $.requestParameters.n > 5 || $.requestParameters.n = "*0" }`,
	} {
		p := mustParse(t, text)
		got := coverOf([]*Pattern{p}, cloudtrail.Requirement{Probes: []cloudtrail.Probe{probe}}).Probes[0]
		if got.Verdict != cover.Conditional || len(got.Lost) == 0 {
			t.Errorf("%s: %v, lost %q", text, got.Verdict, factTexts(got.Lost))
		}
		for _, c := range got.Lost {
			if p.Match(c.Example) != match.NoMatch {
				t.Errorf("%s matches the example of %q: %s", text, factTexts([]cover.Case{c}), c.Example)
			}
		}
	}
}

// TestAxiomsOfVerdicts: a verdict names the facts about records on which it
// stands.
func TestAxiomsOfVerdicts(t *testing.T) {
	probe := requiredProbes(t)[0]
	for text, want := range map[string]string{
		``:                            "",
		`{ $.eventName = CreateVpc }`: "eventName is the required one",
		`{ $.readOnly IS FALSE }`:     "readOnly is false",
		`{ $.readOnly = "false" }`:    "readOnly is false",
		`{ $.userAgent = * }`:         "userAgent is a string",
	} {
		filters := []*Pattern{mustParse(t, text)}
		got := coverOf(filters, cloudtrail.Requirement{Probes: []cloudtrail.Probe{probe}}).Probes[0]
		if axioms := strings.Join(axiomsOf(filters, got), ", "); axioms != want {
			t.Errorf("%q: %v stands on %q, want %q", text, got.Verdict, axioms, want)
		}
	}
}

package pattern

import (
	"go/ast"
	goparser "go/parser"
	gotoken "go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/pattern/patterntest"
)

// A docRule is one numbered rule of docs/patterns.md.
type docRule struct {
	number string
	marks  []string // how sure it is
	pages  []string // names of links
	cases  []string // ids of vectors and names of test functions
}

// A docExample is one row of its tables of examples.
type docExample struct{ rule, pattern, message, result string }

var (
	docRuleStart = regexp.MustCompile(`^\*\*(.*?)\*\* `)
	docRuleEnd   = regexp.MustCompile(`(?m)^\*([a-z, ]+) · ((?:\[[A-Za-z]+\](?:, )?)+) · (.+)\*$`)
	docNumber    = regexp.MustCompile(`^\d+\.\d+$`)
	docCode      = regexp.MustCompile("`([^`]+)`")
	docLink      = regexp.MustCompile(`\[([A-Za-z]+)\]`)
	docLinkGoal  = regexp.MustCompile(`(?m)^\[([A-Za-z]+)\]: https://docs\.aws\.amazon\.com/\S+\.html "[^"]+"$`)
	docTestName  = regexp.MustCompile(`^(Test|Fuzz)[A-Z]`)
)

func readDocument(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/patterns.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// documentRules returns the rules of the document. Every paragraph that begins
// in bold type is one.
func documentRules(t *testing.T, text string) []docRule {
	t.Helper()
	var rules []docRule
	paragraphs := strings.Split(text, "\n\n")
	for i, p := range paragraphs {
		start := docRuleStart.FindStringSubmatch(p)
		if start == nil {
			continue
		}
		r := docRule{number: strings.TrimSuffix(start[1], ".")}
		if end := docRuleEnd.FindStringSubmatch(paragraphs[i+1]); end != nil {
			r.marks = strings.Split(end[1], ", ")
			r.pages = submatches(docLink, end[2])
			r.cases = submatches(docCode, end[3])
		}
		rules = append(rules, r)
	}
	return rules
}

// submatches returns the first group of every match.
func submatches(re *regexp.Regexp, text string) []string {
	var list []string
	for _, m := range re.FindAllStringSubmatch(text, -1) {
		list = append(list, m[1])
	}
	return list
}

// testFunctions returns the names of the test and fuzz functions of the package
// and of those below it.
func testFunctions(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	below, err := filepath.Glob("*/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, below...)
	names := map[string]bool{}
	for _, file := range files {
		tree, err := goparser.ParseFile(gotoken.NewFileSet(), file, nil, goparser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && docTestName.MatchString(f.Name.Name) {
				names[f.Name.Name] = true
			}
		}
	}
	return names
}

// TestRulesOfTheDocument: every rule is numbered in order, says how sure it is
// and where it comes from, and points to cases that exist and count.
func TestRulesOfTheDocument(t *testing.T) {
	text := readDocument(t)
	rules := documentRules(t, text)
	if len(rules) < 50 {
		t.Fatalf("only %d rules were found", len(rules))
	}
	pages := submatches(docLinkGoal, text)
	seen := map[string]bool{}
	for _, r := range rules {
		if !docNumber.MatchString(r.number) || seen[r.number] {
			t.Errorf("rule %q: not a number, or not the only one", r.number)
		}
		seen[r.number] = true
		for _, m := range r.marks {
			if !slices.Contains([]string{"documented", "observed", "inferred", "uncertain", "defined"}, m) {
				t.Errorf("rule %s is %q", r.number, m)
			}
		}
		for _, p := range r.pages {
			if !slices.Contains(pages, p) {
				t.Errorf("rule %s: the page [%s] has no address", r.number, p)
			}
		}
		if len(r.marks) == 0 || len(r.pages) == 0 || len(r.cases) == 0 {
			t.Errorf("rule %s lacks its marks, pages or cases: %v", r.number, r)
		}
	}
}

func TestCasesOfTheDocument(t *testing.T) {
	confidence := map[string]string{}
	for _, v := range patterntest.Vectors(t) {
		confidence[v.ID] = v.Confidence
	}
	functions := testFunctions(t)
	for _, r := range documentRules(t, readDocument(t)) {
		for _, name := range r.cases {
			switch known := confidence[name]; {
			case docTestName.MatchString(name):
				if !functions[name] {
					t.Errorf("rule %s: there is no test %s", r.number, name)
				}
			case known == "":
				t.Errorf("rule %s: there is no vector %s", r.number, name)
			case known == "uncertain" && !slices.Contains(r.marks, "uncertain"):
				t.Errorf("rule %s rests on the uncertain vector %s", r.number, name)
			case known != "observed-aws" && slices.Equal(r.marks, []string{"observed"}) && !r.hasCase(confidence, "observed-aws"):
				t.Errorf("rule %s: none of its vectors was observed", r.number)
			}
		}
	}
}

// hasCase reports whether one of the vectors of the rule has this confidence.
func (r docRule) hasCase(confidence map[string]string, want string) bool {
	return slices.ContainsFunc(r.cases, func(name string) bool { return confidence[name] == want })
}

// documentExamples returns the rows of tables whose first cell is the number of
// a rule, and which have four cells.
func documentExamples(text string) []docExample {
	var list []docExample
	for line := range strings.Lines(text) {
		line = strings.ReplaceAll(strings.TrimSpace(line), `\|`, "\x00")
		cells := strings.Split(line, "|")
		if len(cells) != 6 || !docNumber.MatchString(strings.TrimSpace(cells[1])) {
			continue
		}
		list = append(list, docExample{strings.TrimSpace(cells[1]), docCell(cells[2]), docCell(cells[3]), strings.TrimSpace(cells[4])})
	}
	return list
}

// docCell returns the text between backticks, or nothing.
func docCell(cell string) string {
	cell = strings.TrimSpace(cell)
	cell = strings.TrimSuffix(strings.TrimPrefix(cell, "`"), "`")
	return strings.ReplaceAll(cell, "\x00", "|")
}

// TestExamplesOfTheDocument runs every example of docs/patterns.md, and checks
// that rules about matching have one.
func TestExamplesOfTheDocument(t *testing.T) {
	text := readDocument(t)
	examples := documentExamples(text)
	with := map[string]bool{}
	for _, e := range examples {
		with[e.rule] = true
		if got := exampleResult(e); got != e.result {
			t.Errorf("rule %s: %s on %s: %s, the document says %s", e.rule, e.pattern, e.message, got, e.result)
		}
	}
	for _, r := range documentRules(t, text) {
		section, _, _ := strings.Cut(r.number, ".")
		aboutTexts := section != "9" && section != "12"
		if exempt := []string{"1.4", "7.5", "8.6"}; aboutTexts && !with[r.number] && !slices.Contains(exempt, r.number) {
			t.Errorf("rule %s has no example", r.number)
		}
	}
	if rows := strings.Count(text, "| match |") + strings.Count(text, "| no match |"); len(examples) < rows {
		t.Errorf("%d examples were read, of at least %d", len(examples), rows)
	}
}

func exampleResult(e docExample) string {
	p, err := Parse(e.pattern)
	if err != nil {
		return "error"
	}
	return p.Match([]byte(e.message)).String()
}

// TestUncertainRulesOfTheDocument: the uncertain rules are those of the code,
// and the places that the document names exist.
func TestUncertainRulesOfTheDocument(t *testing.T) {
	text := readDocument(t)
	for _, rule := range []string{RuleMidAsterisk, RuleDetachedMinus, RuleRegexBlank, RuleFieldHyphen} {
		at := strings.Index(text, "| "+rule+" |")
		if at < 0 {
			t.Errorf("the document does not name the uncertain rule %q", rule)
			continue
		}
		row, _, _ := strings.Cut(text[at:], "\n")
		checkPlaces(t, rule, submatches(docCode, row))
	}
}

// checkPlaces looks for each name in the file that follows it.
func checkPlaces(t *testing.T, rule string, places []string) {
	t.Helper()
	if len(places) == 0 || len(places)%2 != 0 {
		t.Errorf("%s: places %q", rule, places)
		return
	}
	for pair := range slices.Chunk(places, 2) {
		source, err := os.ReadFile(pair[1])
		if err != nil {
			t.Error(err)
		} else if !strings.Contains(string(source), pair[0]) {
			t.Errorf("%s: there is no %s in %s", rule, pair[0], pair[1])
		}
	}
}

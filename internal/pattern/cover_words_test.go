package pattern

import (
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
	"github.com/monitorctl/monitorctl/internal/record"
)

// caseTest compiles the words of a case into a test of records, independently
// of the classes from which they were made.
func caseTest(t *testing.T, c cover.Case) func(*match.Message) bool {
	var all []func(*match.Message) bool
	for _, f := range c.Facts {
		all = append(all, factTest(t, f))
	}
	return func(m *match.Message) bool {
		for _, holds := range all {
			if !holds(m) {
				return false
			}
		}
		return true
	}
}

func factTest(t *testing.T, f cover.Fact) func(*match.Message) bool {
	t.Helper()
	if rest, ok := strings.CutPrefix(f.Text, "some "+f.Path+" "); ok {
		return memberTest(t, f.Path, rest)
	}
	if rest, ok := strings.CutPrefix(f.Text, "no "+f.Path+" "); ok {
		some := memberTest(t, f.Path, rest)
		return func(m *match.Message) bool { return !some(m) }
	}
	words, ok := strings.CutPrefix(f.Text, f.Path+" ")
	if !ok {
		t.Fatalf("fact %q does not begin with its path %q", f.Text, f.Path)
	}
	words, exists := strings.CutPrefix(words, "exists and ")
	words, negative := strings.CutPrefix(words, "is anything but ")
	some := listTest(t, "$."+f.Path, strings.TrimPrefix(words, "is "))
	missing := itemTest(t, "$."+f.Path, "missing")
	return func(m *match.Message) bool {
		return !(exists && missing(m)) && some(m) != negative
	}
}

// memberTest compiles what follows "some a.* ".
func memberTest(t *testing.T, path, words string) func(*match.Message) bool {
	switch words {
	case "exists":
		missing := conditionTest(t, "$."+path+" NOT EXISTS")
		return func(m *match.Message) bool { return !missing(m) }
	case "is null", "is true", "is false":
		return conditionTest(t, "$."+path+" "+strings.ToUpper(words))
	default:
		return conditionTest(t, "$."+path+" "+words)
	}
}

// listTest compiles `"a", < 5 and null`: one of them is true.
func listTest(t *testing.T, selector, list string) func(*match.Message) bool {
	var tests []func(*match.Message) bool
	for _, item := range strings.Split(strings.NewReplacer(" and ", ", ", " or ", ", ").Replace(list), ", ") {
		tests = append(tests, itemTest(t, selector, item))
	}
	return func(m *match.Message) bool {
		for _, holds := range tests {
			if holds(m) {
				return true
			}
		}
		return false
	}
}

func itemTest(t *testing.T, selector, item string) func(*match.Message) bool {
	if test, ok := nodeTests[item]; ok {
		p := mustParse(t, "{"+selector+" NOT EXISTS}")
		path := syntax.Conditions(p.root)[0].Sel
		return func(m *match.Message) bool { return test(match.At(m.Object, path)) }
	}
	if text, ok := strings.CutPrefix(item, "the string "); ok {
		equal, isString := conditionTest(t, selector+" = "+text), itemTest(t, selector, "a string")
		return func(m *match.Message) bool { return equal(m) && isString(m) }
	}
	if strings.ContainsAny(item[:1], "<>=!") {
		return conditionTest(t, selector+" "+item)
	}
	return conditionTest(t, selector+" = "+item)
}

func conditionTest(t *testing.T, condition string) func(*match.Message) bool {
	p := mustParse(t, "{"+condition+"}")
	return func(m *match.Message) bool { return p.MatchDecoded(m) == match.Match }
}

var nodeTests = map[string]func(record.Value) bool{
	"missing":   func(n record.Value) bool { return n.Kind == record.Missing },
	"exists":    func(n record.Value) bool { return n.Kind != record.Missing },
	"a string":  func(n record.Value) bool { return n.Kind == record.String },
	"a number":  func(n record.Value) bool { return n.Kind == record.Number },
	"true":      func(n record.Value) bool { return n.Kind == record.True },
	"false":     func(n record.Value) bool { return n.Kind == record.False },
	"null":      func(n record.Value) bool { return n.Kind == record.Null },
	"an object": func(n record.Value) bool { return n.Kind == record.Object },
	"an array":  func(n record.Value) bool { return n.Kind == record.Array },

	"an array with a null":  func(n record.Value) bool { return n.Kind == record.Array && n.NullMember },
	"an array without null": func(n record.Value) bool { return n.Kind == record.Array && !n.NullMember },
	"a number beyond the range of doubles": func(n record.Value) bool {
		_, finite := record.JavaValue(n.Text)
		return n.Kind == record.Number && !finite
	},
}

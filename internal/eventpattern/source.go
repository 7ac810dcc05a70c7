package eventpattern

import (
	"regexp"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/record"
)

// A sourceTest is a test on the event's source, as a test of the record's
// eventSource.
type sourceTest struct {
	test StringTest
	expr string
}

// Key implements cover.Test.
func (t sourceTest) Key() string { return "source " + t.expr }

// Holds implements cover.Test.
func (t sourceTest) Holds(v record.Value) bool { return v.Kind == record.String && t.matches(v.Text) }

func (t sourceTest) matches(eventSource string) bool {
	service, _, _ := strings.Cut(eventSource, ".")
	return t.test.holds("aws." + service)
}

// String implements cover.Test.
func (t sourceTest) String() string {
	if service, ok := strings.CutPrefix(t.test.Text, "aws."); ok && !strings.Contains(service, "*") {
		switch t.test.Op {
		case Equals, Exactly:
			return "= " + quote(service+".*")
		case Prefix:
			return "= " + quote(service+"*")
		}
	}
	return "= what makes a source that " + t.test.Op.verb() + " " + quote(t.test.Text)
}

// Asks implements cover.Test.
func (t sourceTest) Asks() cover.Asks {
	service := strings.TrimPrefix(t.test.Text, "aws.")
	return cover.Asks{Positive: true, Text: &cover.Text{
		Key: t.Key(), Expr: t.expr, Match: t.matches, Try: []string{service + ".amazonaws.com", service},
	}}
}

// Words implements cover.Test.
func (t sourceTest) Words() []cover.Test { return []cover.Test{t} }

// What sourceExpression returns for tests that decide without looking.
const (
	nothing  = "" // no source passes
	anything = `\A`
)

// sourceExpression finds a match in exactly those eventSources whose source, "aws." and
// what stands before the first dot, passes a test.
func sourceExpression(t StringTest) string {
	list := []glob{globOf(t)}
	for _, char := range "aws." {
		var next []glob
		for _, g := range list {
			next = append(next, g.behind(string(char))...)
		}
		list = next
	}
	var services []string
	for _, g := range list {
		if len(g) == 1 && g[0] == nil {
			return anything
		}
		if expr, ok := g.service(); ok && !slices.Contains(services, expr) {
			services = append(services, expr)
		}
	}
	if len(services) == 0 {
		return nothing
	}
	return `\A(?:` + strings.Join(services, "|") + `)(?:\.(?s:.*))?\z`
}

// A glob is the text of a test: for each place the ways in which it may be spelled, nil
// for anything.
type glob [][]string

func globOf(t StringTest) glob {
	var g glob
	literal := func(text string) {
		for _, char := range text {
			g = append(g, []string{string(char)})
		}
	}
	if t.Op == Suffix || t.Op == SuffixFold {
		g = append(g, nil)
	}
	switch t.Op {
	case EqualsFold, PrefixFold, SuffixFold:
		g = append(g, t.folded...)
	case MatchesWildcard:
		for i, part := range t.parts {
			if i > 0 {
				g = append(g, nil)
			}
			literal(part)
		}
	default:
		literal(t.Text)
	}
	if t.Op == Prefix || t.Op == PrefixFold {
		g = append(g, nil)
	}
	return g
}

// behind returns what may stand behind a character at the beginning.
func (g glob) behind(char string) []glob {
	switch {
	case len(g) == 0:
		return nil
	case g[0] == nil:
		return append(g[1:].behind(char), g)
	}
	var list []glob
	for _, form := range g[0] {
		switch rest, ok := strings.CutPrefix(form, char); {
		case !ok:
		case rest == "":
			list = append(list, g[1:])
		default:
			list = append(list, append(glob{{rest}}, g[1:]...))
		}
	}
	return list
}

// service is a regular expression of the texts without a dot; false for none.
func (g glob) service() (string, bool) {
	var b strings.Builder
	for _, forms := range g {
		if forms == nil {
			b.WriteString(`[^.]*`)
			continue
		}
		var quoted []string
		for _, form := range forms {
			if !strings.Contains(form, ".") {
				quoted = append(quoted, regexp.QuoteMeta(form))
			}
		}
		if len(quoted) == 0 {
			return "", false
		}
		b.WriteString("(?:" + strings.Join(quoted, "|") + ")")
	}
	return b.String(), true
}

package audit

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// selects reports whether a trail's event selectors record an event. AWS returns
// basic or advanced selectors, never both.
func selects(t *account.Trail, s account.Selectors, e event) chain.Verdict {
	if len(s.Advanced) > 0 {
		return selectsAdvanced(t, s.Advanced, e)
	}
	return selectsBasic(t, s.Basic, e)
}

// selectsBasic unites the basic selectors: an event is recorded if one of them
// includes management events of its kind and does not exclude its source.
func selectsBasic(t *account.Trail, list []account.EventSelector, e event) chain.Verdict {
	recorded := false
	var excluded []string // by every selector that would record it; for "any source"
	for _, s := range list {
		otherKind := e.readOnly == "true" && s.ReadWriteType == "WriteOnly" || e.readOnly != "true" && s.ReadWriteType == "ReadOnly"
		if !s.ManagementEvents || otherKind || e.source != "" && slices.Contains(s.ExcludeSources, e.source) {
			continue
		}
		excluded = intersect(excluded, s.ExcludeSources, !recorded)
		recorded = true
	}
	l := chain.Fine()
	if !recorded {
		return l.With(excludes(t, finding.Fail, whatIsLost(e)))
	}
	if e.source != "" {
		return l
	}
	busy, others := split(excluded)
	if len(busy) > 0 {
		l = l.With(excludes(t, finding.Warn, "events of "+strings.Join(busy, " and ")))
	}
	l.Only = onlyIf(noneLike("eventSource", others, "", ""))
	return l
}

// split parts event sources into those that are excluded for their volume, which is
// worth a warning, and the others, whose events are simply lost. Source: CloudTrail's
// ExcludeManagementEventSources takes the former only.
func split(sources []string) (busy, others []string) {
	for _, s := range sources {
		if s == "kms.amazonaws.com" || s == "rdsdata.amazonaws.com" {
			busy = append(busy, s)
		} else {
			others = append(others, s)
		}
	}
	return busy, others
}

// intersect returns the sources that both lists exclude; the first list counts
// as everything when first is set.
func intersect(have, next []string, first bool) []string {
	if first {
		return slices.Sorted(slices.Values(next))
	}
	return slices.DeleteFunc(have, func(s string) bool { return !slices.Contains(next, s) })
}

func whatIsLost(e event) string {
	switch {
	case e.source != "":
		return "management events of " + e.source
	case e.readOnly == "true":
		return "read events"
	default:
		return "write events"
	}
}

func excludes(t *account.Trail, s finding.Status, what string) finding.Reason {
	return finding.Reason{Code: CodeTrailExcludes, Status: s, Link: finding.LinkTrail, Resource: t.ARN,
		Message: fmt.Sprintf("trail %s does not record %s", t.Name, what)}
}

// selectsAdvanced unites the advanced selectors. A condition on a field that the
// event leaves open narrows what is recorded.
func selectsAdvanced(t *account.Trail, list []account.AdvancedSelector, e event) chain.Verdict {
	best := selection{Truth: chain.Bad}
	for _, s := range list {
		best = either(best, selectedBy(s, e))
	}
	l := chain.Fine()
	switch {
	case best.Truth == chain.Unread:
		l = l.With(finding.Reason{Code: CodeTrailExcludes, Status: finding.Unknown, Link: finding.LinkTrail, Resource: t.ARN,
			Message: fmt.Sprintf("trail %s selects events by %s, which this version does not evaluate", t.Name, best.field)})
	case best.Truth == chain.Bad:
		l = l.With(excludes(t, finding.Fail, whatIsLost(e)))
	case len(best.excluded) > 0:
		l = l.With(excludes(t, finding.Warn, "events of "+strings.Join(best.excluded, " and ")))
	}
	if best.Truth == chain.Good {
		l.Only = onlyIf(best.only)
	}
	return l
}

// onlyIf returns the matcher of alternative conditions; nil for none.
func onlyIf(alternatives []string) []chain.Matcher {
	if len(alternatives) == 0 {
		return nil
	}
	return []chain.Matcher{condition{strings.Join(alternatives, " || ")}}
}

// A selection is what one advanced selector, or several, do to an event.
type selection struct {
	chain.Truth
	field    string   // unread: the field that decides
	excluded []string // good: the sources left out of "any source"
	only     []string // good: alternative conditions on the record; none: all of it
}

// either returns what two selections record together.
func either(a, b selection) selection {
	switch {
	case a.Truth != b.Truth:
		if b.Truth > a.Truth {
			return b
		}
		return a
	case a.Truth != chain.Good:
		return a
	case len(a.only) == 0 && len(b.only) == 0:
		if len(b.excluded) < len(a.excluded) {
			return b
		}
		return a
	case len(a.only) == 0:
		return a
	case len(b.only) == 0:
		return b
	}
	return selection{Truth: chain.Good, only: append(slices.Clone(a.only), b.only...), excluded: intersect(slices.Clone(a.excluded), b.excluded, false)}
}

// selectedBy evaluates one advanced selector: all its fields must hold.
func selectedBy(s account.AdvancedSelector, e event) selection {
	out := selection{Truth: chain.Good}
	category := false
	var only []string
	for _, f := range s.Fields {
		category = category || f.Field == "eventCategory"
		if f.Field == "eventSource" && e.source == "" && onlyNotEquals(f) {
			busy, others := split(f.NotEquals)
			out.excluded = append(out.excluded, busy...)
			only = append(only, noneLike(f.Field, others, "", "")...)
			continue
		}
		g := fieldHolds(f, e)
		if text, ok := asPattern(f); g == chain.Unread && ok {
			only = append(only, text)
			continue
		}
		if g == chain.Unread && out.Truth == chain.Good {
			out.field = f.Field
		}
		out.Truth = min(out.Truth, g)
	}
	if !category {
		out.Truth = chain.Bad // AWS demands eventCategory; without it nothing is known to be recorded
	}
	if len(only) > 0 {
		out.only = []string{"(" + strings.Join(only, " && ") + ")"}
	}
	slices.Sort(out.excluded)
	return out
}

// asPattern writes a field condition in the language of filter patterns, false
// where it has no words for it. A field that the record lacks satisfies negated
// operators only, which is not documented; one that is no text satisfies none,
// which is the safe side.
func asPattern(f account.FieldSelector) (string, bool) {
	if f.Field == "readOnly" || strings.HasPrefix(f.Field, "resources.") || !plainPath.MatchString(f.Field) {
		return "", false // readOnly is a boolean or a text, and no data event is asked for
	}
	for _, v := range slices.Concat(f.Equals, f.StartsWith, f.EndsWith, f.NotEquals, f.NotStartsWith, f.NotEndsWith) {
		if strings.Contains(v, "*") { // which a pattern would take for a wildcard
			return "", false
		}
	}
	tests := slices.Concat(
		anyLike(f.Field, f.Equals, "", ""), anyLike(f.Field, f.StartsWith, "", "*"), anyLike(f.Field, f.EndsWith, "*", ""),
		noneLike(f.Field, f.NotEquals, "", ""), noneLike(f.Field, f.NotStartsWith, "", "*"), noneLike(f.Field, f.NotEndsWith, "*", ""),
	)
	return strings.Join(tests, " && "), len(tests) > 0
}

// anyLike is the test that a field is one of the values, with wildcards before
// or after them; none for no values.
func anyLike(field string, list []string, before, after string) []string {
	if len(list) == 0 {
		return nil
	}
	return []string{"(" + comparisons(field, "=", list, before, after, " || ") + ")"}
}

// noneLike is the test that a field is none of the values, or absent.
func noneLike(field string, list []string, before, after string) []string {
	if len(list) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("($.%s NOT EXISTS || (%s))", field, comparisons(field, "!=", list, before, after, " && "))}
}

func comparisons(field, operator string, list []string, before, after, glue string) string {
	tests := make([]string, len(list))
	for i, v := range list {
		tests[i] = fmt.Sprintf("$.%s %s %s", field, operator, quoted(before+v+after))
	}
	return strings.Join(tests, glue)
}

// plainPath matches the fields that a selector of a pattern can name as they
// are.
var plainPath = regexp.MustCompile(`^[A-Za-z]+(\.[A-Za-z]+)*$`)

func onlyNotEquals(f account.FieldSelector) bool {
	return len(f.NotEquals) > 0 && len(f.Equals)+len(f.StartsWith)+len(f.EndsWith)+len(f.NotStartsWith)+len(f.NotEndsWith) == 0
}

// fieldHolds evaluates one field condition: several values of one operator are
// alternatives (for the negated operators none may match), several operators
// must all hold.
func fieldHolds(f account.FieldSelector, e event) chain.Truth {
	value := map[string]string{
		"eventCategory": "Management",
		"eventSource":   e.source,
		"eventName":     e.name,
		"readOnly":      e.readOnly,
	}[f.Field]
	if value == "" {
		return chain.Unread
	}
	eq := func(have, want string) bool { return have == want }
	ok := anyOf(f.Equals, value, eq) && anyOf(f.StartsWith, value, strings.HasPrefix) && anyOf(f.EndsWith, value, strings.HasSuffix) &&
		!someOf(f.NotEquals, value, eq) && !someOf(f.NotStartsWith, value, strings.HasPrefix) && !someOf(f.NotEndsWith, value, strings.HasSuffix)
	if ok {
		return chain.Good
	}
	return chain.Bad
}

// anyOf reports whether one of the values holds; an empty list demands nothing.
func anyOf(list []string, value string, holds func(have, want string) bool) bool {
	return len(list) == 0 || someOf(list, value, holds)
}

func someOf(list []string, value string, holds func(have, want string) bool) bool {
	return slices.ContainsFunc(list, func(want string) bool { return holds(value, want) })
}

package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/account"
)

// selects says whether a trail's event selectors record an event. AWS returns
// basic or advanced selectors, never both.
func selects(t *account.Trail, s account.Selectors, e event) link {
	if len(s.Advanced) > 0 {
		return selectsAdvanced(t, s.Advanced, e)
	}
	return selectsBasic(t, s.Basic, e)
}

// selectsBasic unites the basic selectors: an event is recorded if one of them
// includes management events of its kind and does not exclude its source.
func selectsBasic(t *account.Trail, list []account.EventSelector, e event) link {
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
	l := link{grade: good}
	switch {
	case !recorded:
		return l.add(excludes(t, Fail, whatIsLost(e)))
	case e.source == "" && len(excluded) > 0:
		return l.add(excludes(t, Warn, "events of "+strings.Join(excluded, " and ")))
	}
	return l
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

func excludes(t *account.Trail, s Status, what string) Reason {
	return Reason{Code: CodeTrailExcludes, Status: s, Link: LinkTrail, Resource: t.ARN,
		Message: fmt.Sprintf("trail %s does not record %s", t.Name, what)}
}

// selectsAdvanced unites the advanced selectors in three-valued logic: a
// condition on a field that the event leaves open is not decided here.
func selectsAdvanced(t *account.Trail, list []account.AdvancedSelector, e event) link {
	best := selection{grade: bad}
	for _, s := range list {
		best = better(best, selectedBy(s, e))
	}
	l := link{grade: good}
	switch {
	case best.grade == unread:
		l = l.add(Reason{Code: CodeTrailExcludes, Status: Unknown, Link: LinkTrail, Resource: t.ARN,
			Message: fmt.Sprintf("trail %s selects events by %s, which this build does not judge", t.Name, best.field)})
	case best.grade == bad:
		l = l.add(excludes(t, Fail, whatIsLost(e)))
	case len(best.excluded) > 0:
		l = l.add(excludes(t, Warn, "events of "+strings.Join(best.excluded, " and ")))
	}
	return l
}

// A selection is what one advanced selector does to an event.
type selection struct {
	grade    grade
	field    string   // unread: the field that decides
	excluded []string // good: the sources left out of "any source"
}

func better(a, b selection) selection {
	if b.grade > a.grade || b.grade == good && a.grade == good && len(b.excluded) < len(a.excluded) {
		return b
	}
	return a
}

// selectedBy evaluates one advanced selector: all its fields must hold.
func selectedBy(s account.AdvancedSelector, e event) selection {
	out := selection{grade: good}
	category := false
	for _, f := range s.Fields {
		category = category || f.Field == "eventCategory"
		if f.Field == "eventSource" && e.source == "" && onlyNotEquals(f) {
			out.excluded = append(out.excluded, f.NotEquals...)
			continue
		}
		g := fieldHolds(f, e)
		if g == unread && out.grade == good {
			out.field = f.Field
		}
		out.grade = min(out.grade, g)
	}
	if !category {
		out.grade = bad // AWS demands eventCategory; without it nothing is known to be recorded
	}
	slices.Sort(out.excluded)
	return out
}

func onlyNotEquals(f account.FieldSelector) bool {
	return len(f.NotEquals) > 0 && len(f.Equals)+len(f.StartsWith)+len(f.EndsWith)+len(f.NotStartsWith)+len(f.NotEndsWith) == 0
}

// fieldHolds evaluates one field condition: several values of one operator are
// alternatives (for the negated operators none may match), several operators
// must all hold.
func fieldHolds(f account.FieldSelector, e event) grade {
	value := map[string]string{
		"eventCategory": "Management",
		"eventSource":   e.source,
		"eventName":     e.name,
		"readOnly":      e.readOnly,
	}[f.Field]
	if value == "" {
		return unread
	}
	eq := func(have, want string) bool { return have == want }
	ok := anyOf(f.Equals, value, eq) && anyOf(f.StartsWith, value, strings.HasPrefix) && anyOf(f.EndsWith, value, strings.HasSuffix) &&
		!someOf(f.NotEquals, value, eq) && !someOf(f.NotStartsWith, value, strings.HasPrefix) && !someOf(f.NotEndsWith, value, strings.HasSuffix)
	if ok {
		return good
	}
	return bad
}

// anyOf says whether one of the values holds; an empty list demands nothing.
func anyOf(list []string, value string, holds func(have, want string) bool) bool {
	return len(list) == 0 || someOf(list, value, holds)
}

func someOf(list []string, value string, holds func(have, want string) bool) bool {
	return slices.ContainsFunc(list, func(want string) bool { return holds(value, want) })
}

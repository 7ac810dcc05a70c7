// Package translate says in EventBridge's language what a metric filter says in
// that of CloudWatch Logs, where that is possible, and what is lost where not.
//
// The two languages differ most about arrays: a filter's selector does not look
// into them, and a path of an event pattern does. A translation is exact for
// records whose fields have the types of CloudTrail's documentation, which
// package translate knows for the fields that are plain strings.
package translate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// maxBranches bounds the alternatives of a filter pattern multiplied out.
const maxBranches = 200

// FromFilterPattern returns an event pattern whose detail is what p selects. It
// is exact, and ok, when nothing is lost. Otherwise lost tells in words where
// the two differ on a CloudTrail record, and text is empty when there is no
// event pattern near enough to be of use. Source and detail-type are not
// tested, as p does not know them.
func FromFilterPattern(p *pattern.Pattern) (text string, lost []string, ok bool) {
	e, isJSON := p.Expression()
	if !isJSON {
		return "", []string{"the filter pattern looks at the text of the record, and an event pattern at its fields"}, false
	}
	t := &translator{}
	branches := t.expression(e)
	if !t.impossible {
		text = render(merge(branches))
		if parsed, err := eventpattern.Parse(text); err != nil {
			t.lose(true, "EventBridge would refuse the translation: %v", err)
			text = ""
		} else {
			text = parsed.String()
		}
	}
	if t.impossible {
		text = ""
	}
	return text, t.lost, text != "" && len(t.lost) == 0
}

// A branch holds when all of its tests do.
type branch map[string]test // by path

type translator struct {
	lost       []string
	impossible bool
}

// lose notes a difference; none is left of the translation when it is fatal.
func (t *translator) lose(fatal bool, format string, args ...any) {
	t.impossible = t.impossible || fatal
	if why := fmt.Sprintf(format, args...); !slices.Contains(t.lost, why) {
		t.lost = append(t.lost, why)
	}
}

// expression returns the branches. One of them must hold.
func (t *translator) expression(e pattern.Expression) []branch {
	switch {
	case t.impossible:
		return nil
	case e.Compare != nil:
		one := t.comparison(e.Compare)
		return []branch{{"detail." + strings.Join(e.Compare.Names, "."): one}}
	case e.Any != nil:
		var all []branch
		for _, operand := range e.Any {
			all = append(all, t.expression(operand)...)
		}
		return merge(all)
	}
	all := []branch{{}}
	for _, operand := range e.All {
		all = t.product(all, t.expression(operand))
	}
	return merge(all)
}

// product joins each branch of a with each of b.
func (t *translator) product(a, b []branch) []branch {
	if len(a)*len(b) > maxBranches {
		t.lose(true, "the alternatives make more than %d combinations", maxBranches)
		return nil
	}
	var all []branch
	for _, x := range a {
		for _, y := range b {
			if both, possible := t.join(x, y); possible {
				all = append(all, both)
			}
		}
	}
	if len(all) == 0 && !t.impossible {
		t.lose(true, "the filter pattern never matches, and an event pattern cannot say so")
	}
	return all
}

// join returns the tests of both branches, unless no record can pass them.
func (t *translator) join(x, y branch) (branch, bool) {
	both := make(branch, len(x)+len(y))
	for path, one := range x {
		both[path] = one
	}
	for path, one := range y {
		have, twice := both[path]
		if !twice {
			both[path] = one
			continue
		}
		joined, possible, known := have.and(one)
		if !known {
			t.lose(true, "two tests on %s must both hold, and an event pattern can have one only", strings.TrimPrefix(path, "detail."))
		}
		if !possible {
			return nil, false
		}
		both[path] = joined
	}
	return both, true
}

// merge unites branches that differ in one path only.
func merge(list []branch) []branch {
	var merged []branch
	for _, b := range list {
		if !slices.ContainsFunc(merged, func(have branch) bool { return have.absorb(b) }) {
			merged = append(merged, b)
		}
	}
	return merged
}

// absorb adds the alternatives of other to b if the two differ in one path.
func (b branch) absorb(other branch) bool {
	if len(b) != len(other) {
		return false
	}
	var differs []string
	for path, one := range b {
		o, ok := other[path]
		switch {
		case !ok:
			return false
		case o.key() != one.key():
			differs = append(differs, path)
		}
	}
	switch len(differs) {
	case 0:
		return true
	case 1:
		b[differs[0]] = b[differs[0]].or(other[differs[0]])
		return true
	}
	return false
}

// render prints one branch, or what all have in common beside a $or of the rest.
// No path stands on both sides, so that $or replaces nothing.
func render(list []branch) string {
	if len(list) == 1 {
		return list[0].object(nil, "")
	}
	common := branch{}
	for path, one := range list[0] {
		if !slices.ContainsFunc(list, func(b branch) bool { o, ok := b[path]; return !ok || o.key() != one.key() }) {
			common[path] = one
		}
	}
	var alternatives []string
	for _, b := range list {
		alternative := b.object(common, "")
		if alternative == "{}" {
			return common.object(nil, "") // the others only narrow it
		}
		alternatives = append(alternatives, alternative)
	}
	return common.object(nil, `"$or":[`+strings.Join(alternatives, ",")+"]")
}

// object prints the tests of b that common lacks, and more behind them.
func (b branch) object(common branch, more string) string {
	var members []string
	for path, one := range b {
		if _, outside := common[path]; !outside {
			members = append(members, quote(path)+":"+one.array())
		}
	}
	slices.SortFunc(members, cmp.Compare[string])
	if more != "" {
		members = append(members, more)
	}
	return "{" + strings.Join(members, ",") + "}"
}

package suspicion

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

// lawless looks for conditions that must hold together and that no CloudTrail
// record satisfies, because of an axiom that ties fields to each other or lists
// what a field can be. It names as few of them as are needed.
func (s *suspector) lawless(list []*syntax.Condition) {
	if slices.ContainsFunc(s.list, func(have Suspicion) bool {
		return have.Code == Never && slices.ContainsFunc(list, func(c *syntax.Condition) bool { return c.Pos == have.Offset })
	}) || broken(list) == nil {
		return
	}
	few := slices.Clone(list)
	for i := len(few) - 1; i >= 0; i-- {
		if less := slices.Delete(slices.Clone(few), i, i+1); broken(less) != nil {
			few = less
		}
	}
	last := few[len(few)-1]
	axioms := broken(few)
	sure := "never true"
	for i, text := range axioms {
		if cloudtrail.AxiomNamed(text).Soft {
			axioms[i] += " (AWS does not promise it)"
			sure = "probably never true"
		}
	}
	why := strings.Join(axioms, "; ")
	switch near := meantBy(last); {
	case near != "" && strings.EqualFold(near, last.Val.Text):
		sure, why = "never true", fmt.Sprintf("case counts, the value is %q", near)
	case near != "":
		why += "; the nearest is " + near
	}
	if len(few) == 1 {
		s.addOfRecords(Never, last.Pos, "%s of a CloudTrail record: %s", sure, why)
		return
	}
	var others []string
	for _, c := range few[:len(few)-1] {
		others = append(others, s.print(c))
	}
	s.addOfRecords(Never, last.Pos, "%s of a CloudTrail record together with %s: %s", sure, strings.Join(others, " and "), why)
}

// broken returns the axioms for which no record satisfies all of the conditions;
// nil when some record may.
func broken(list []*syntax.Condition) []string {
	var operands []syntax.Expr
	var paths []string
	for _, c := range list {
		if c.Sel.HasWildcard() || len(c.Sel) == 0 {
			continue // a condition less is no mistake: more records satisfy the rest
		}
		operands, paths = append(operands, c), append(paths, c.Sel.Field())
	}
	if len(operands) == 0 {
		return nil
	}
	return cloudtrail.Never(context.Background(), pattern.Of(&syntax.And{List: operands}), paths)
}

// meantBy returns the value of a closed vocabulary that was probably meant by a
// condition with =, "" when none was.
func meantBy(c *syntax.Condition) string {
	if c.Op != syntax.OpEqual || c.Val.Kind != syntax.ValueText {
		return ""
	}
	return cloudtrail.NearestValue(c.Sel.Field(), c.Val.Text)
}

package pattern

import (
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
	"github.com/monitorctl/monitorctl/internal/record"
)

// dump writes the tree of a pattern without positions, in a notation of its
// own: (and (= .a text:x) (null .b[0])).
func dump(root syntax.Node) string {
	switch n := root.(type) {
	case *syntax.Terms:
		var list []string
		for _, t := range n.List {
			sign := strings.Trim(string(t.Sign), "\x00")
			if t.Detached {
				sign += "~"
			}
			list = append(list, fmt.Sprintf("%s%q", sign, t.Text))
		}
		return "(terms " + strings.Join(list, " ") + ")"
	case *syntax.FullRegex:
		return fmt.Sprintf("(regex %q)", n.Regex.Text)
	case *syntax.JSON:
		return dumpExpr(n.Expr)
	case *syntax.Delimited:
		list := []string{"fields"}
		for _, f := range n.Fields {
			list = append(list, dumpField(f))
		}
		return "(" + strings.Join(list, " ") + ")"
	default:
		return "all"
	}
}

func dumpField(f syntax.Field) string {
	switch {
	case f.Ellipsis:
		return "..."
	case f.Cond != nil:
		return f.Name + ":" + dumpExpr(f.Cond)
	case f.Name == "":
		return "_"
	default:
		return f.Name
	}
}

func dumpExpr(e syntax.Expr) string {
	switch e := e.(type) {
	case *syntax.And:
		return "(and" + dumpAll(e.List) + ")"
	case *syntax.Or:
		return "(or" + dumpAll(e.List) + ")"
	}
	c := e.(*syntax.Condition)
	op := strings.ToLower(strings.TrimSpace(c.Op.String()))
	parts := []string{op}
	if len(c.Sel) > 0 {
		parts = append(parts, dumpSelector(c.Sel))
	}
	if c.Op <= syntax.OpGreaterEqual {
		parts = append(parts, dumpValue(c.Val))
	}
	return "(" + strings.Join(parts, " ") + ")"
}

func dumpAll(list []syntax.Expr) string {
	var b strings.Builder
	for _, e := range list {
		b.WriteString(" " + dumpExpr(e))
	}
	return b.String()
}

func dumpSelector(s record.Path) string {
	var b strings.Builder
	for _, st := range s {
		switch st.Kind {
		case record.Name:
			fmt.Fprintf(&b, ".%q", st.Name)
		case record.Index:
			fmt.Fprintf(&b, "[%d]", st.Index)
		default:
			b.WriteString("[*]")
		}
	}
	return b.String()
}

func dumpValue(v syntax.Value) string {
	switch v.Kind {
	case syntax.ValueText:
		return fmt.Sprintf("%q", v.Text)
	case syntax.ValueNumber:
		return v.Num.Text
	default:
		return "%" + v.Regex.Text + "%"
	}
}

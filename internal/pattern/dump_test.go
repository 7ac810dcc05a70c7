package pattern

import (
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/record"
)

// dump writes the tree of a pattern without positions, in a notation of its
// own: (and (= .a text:x) (null .b[0])).
func dump(p *Pattern) string {
	switch n := p.root.(type) {
	case *terms:
		var list []string
		for _, t := range n.list {
			sign := strings.Trim(string(t.sign), "\x00")
			if t.detached {
				sign += "~"
			}
			list = append(list, fmt.Sprintf("%s%q", sign, t.text))
		}
		return "(terms " + strings.Join(list, " ") + ")"
	case *fullRegex:
		return fmt.Sprintf("(regex %q)", n.re.text)
	case *jsonPattern:
		return dumpExpr(n.expr)
	case *delimited:
		list := []string{"fields"}
		for _, f := range n.fields {
			list = append(list, dumpField(f))
		}
		return "(" + strings.Join(list, " ") + ")"
	default:
		return "all"
	}
}

func dumpField(f field) string {
	switch {
	case f.ellipsis:
		return "..."
	case f.cond != nil:
		return f.name + ":" + dumpExpr(f.cond)
	case f.name == "":
		return "_"
	default:
		return f.name
	}
}

func dumpExpr(e expr) string {
	switch e := e.(type) {
	case *and:
		return "(and" + dumpAll(e.list) + ")"
	case *or:
		return "(or" + dumpAll(e.list) + ")"
	}
	c := e.(*condition)
	op := strings.ToLower(strings.TrimSpace(c.op.String()))
	parts := []string{op}
	if len(c.sel) > 0 {
		parts = append(parts, dumpSelector(c.sel))
	}
	if c.op <= opGreaterEqual {
		parts = append(parts, dumpValue(c.val))
	}
	return "(" + strings.Join(parts, " ") + ")"
}

func dumpAll(list []expr) string {
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

func dumpValue(v value) string {
	switch v.kind {
	case valueText:
		return fmt.Sprintf("%q", v.text)
	case valueNumber:
		return v.num.text
	default:
		return "%" + v.re.text + "%"
	}
}

package cloudformation

import (
	"encoding/json"
	"strings"

	"github.com/monitorctl/monitorctl/internal/iac"
	"github.com/monitorctl/monitorctl/internal/iac/tree"
)

// Compact writes a value as JSON, as CloudFormation hands a property of type
// Json on; false when it is too large. Every text remembers where it stands.
func Compact(n *tree.Node, t *Template) (iac.Text, bool) {
	c := &compactor{t: t, budget: maxCompact}
	if n.IsScalar() && n.Tag == "" { // JSON in a text
		return n.Text(), true
	}
	ok := c.value(n, 0)
	return c.b.Text(), ok
}

// maxCompact bounds the values that are written, aliases written out.
const maxCompact = 20_000

type compactor struct {
	t      *Template
	b      iac.Builder
	budget int
}

func (c *compactor) mark(s string, n *tree.Node) { c.b.Add(iac.Fixed(nil, s, n.Pos)) }

func (c *compactor) value(n *tree.Node, depth int) bool {
	if c.budget--; c.budget < 0 || depth > iac.MaxNesting {
		return false
	}
	if name, _ := Intrinsic(n); name != "" {
		texts := c.t.Texts(n)
		if len(texts) == 0 {
			c.mark("null", n)
			return true
		}
		c.text(texts[0], n)
		return true
	}
	switch n.Kind {
	case tree.Scalar:
		if !n.Quoted && json.Valid([]byte(n.Value)) && !strings.HasPrefix(n.Value, `"`) {
			c.b.Add(n.Text())
			return true
		}
		c.text(n.Text(), n)
	case tree.Sequence:
		c.mark("[", n)
		for i, item := range n.Items {
			if i > 0 {
				c.mark(",", item)
			}
			if !c.value(item, depth+1) {
				return false
			}
		}
		c.mark("]", n)
	case tree.Mapping:
		c.mark("{", n)
		for i, f := range n.Fields {
			if i > 0 {
				c.mark(",", f.Value)
			}
			c.mark(quote(f.Key)+":", f.Value)
			if !c.value(f.Value, depth+1) {
				return false
			}
		}
		c.mark("}", n)
	default:
		c.mark("null", n)
	}
	return true
}

// text writes a text in quotes. Where it needs no escapes its bytes keep their
// places.
func (c *compactor) text(t iac.Text, n *tree.Node) {
	quoted := quote(t.Value)
	if quoted == `"`+t.Value+`"` {
		src, pos := t.At(0)
		c.b.Add(iac.Fixed(src, `"`, pos))
		c.b.Add(t)
		c.b.Add(iac.Fixed(src, `"`, pos))
		return
	}
	c.mark(quoted, n)
}

func quote(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a text can be written
	return strings.TrimSuffix(b.String(), "\n")
}

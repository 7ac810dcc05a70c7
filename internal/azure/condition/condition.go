package condition

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/azure/armjson"
)

// A Condition is what a rule demands of a record: all of its clauses.
type Condition struct {
	Clauses []Clause
}

// A Clause is one entry of allOf: one leaf, or several. At least one must hold.
type Clause struct {
	Leaves []Leaf
	Any    bool // it is an anyOf

	// Unclear is what was not understood about the clause as a whole, with its path;
	// "" when it was understood. Then it may hold or not, whatever its leaves say.
	Unclear string
}

// A Leaf compares a field with values.
type Leaf struct {
	Field   string   // as written
	Values  []string // as written; one for equals
	Any     bool     // containsAny
	Unclear string   // as in Clause

	field  string // the same in lower case
	values []string
}

// Parse reads the condition of a rule. It never fails: what it does not understand is
// a clause or a leaf that may hold or not. A condition that is absent or empty is such
// a clause, too: what Azure makes of it is not documented.
func Parse(raw json.RawMessage) Condition {
	const path = "condition"
	var c Condition
	unclear := func(p *armjson.Problems) {
		for _, text := range p.List() {
			c.Clauses = append(c.Clauses, Clause{Unclear: text})
		}
	}
	var p armjson.Problems
	if len(raw) == 0 {
		p.Add(path, "is absent")
		unclear(&p)
		return c
	}
	o := armjson.Read(raw, path, &p)
	entries := list(o, "allOf", &p)
	if len(entries) == 0 && len(p.List()) == 0 {
		p.Add(o.Path("allOf"), "is empty")
	}
	o.End()
	for i, e := range entries {
		c.Clauses = append(c.Clauses, parseClause(e, fmt.Sprintf("%s[%d]", o.Path("allOf"), i)))
	}
	unclear(&p)
	return c
}

// list returns the entries of a list as they are written.
func list(o *armjson.Object, key string, p *armjson.Problems) []json.RawMessage {
	raw := o.Raw(key)
	if raw == nil {
		return nil
	}
	var out []json.RawMessage
	if json.Unmarshal(raw, &out) != nil {
		p.Add(o.Path(key), "is not a list")
	}
	return out
}

func parseClause(raw json.RawMessage, path string) Clause {
	var p armjson.Problems
	o := armjson.Read(raw, path, &p)
	if o.Raw("anyOf") == nil {
		return Clause{Leaves: []Leaf{parseLeaf(raw, path)}}
	}
	c := Clause{Any: true}
	entries := list(o, "anyOf", &p)
	if len(entries) == 0 {
		p.Add(o.Path("anyOf"), "is empty")
	}
	for _, key := range []string{"field", "equals", "containsAny"} {
		if o.Raw(key) != nil {
			p.Add(path, "%s is next to anyOf", key)
		}
	}
	o.End()
	for i, e := range entries {
		c.Leaves = append(c.Leaves, parseLeaf(e, fmt.Sprintf("%s[%d]", o.Path("anyOf"), i)))
	}
	c.Unclear = strings.Join(p.List(), "; ")
	return c
}

func parseLeaf(raw json.RawMessage, path string) Leaf {
	var p armjson.Problems
	o := armjson.Read(raw, path, &p)
	l := Leaf{Field: o.Text("field")}
	equals, several := o.OptionalText("equals"), o.Raw("containsAny") != nil
	switch {
	case equals != nil && several:
		p.Add(path, "has both equals and containsAny")
	case equals != nil:
		l.Values = []string{*equals}
	case several:
		l.Any, l.Values = true, o.Texts("containsAny")
		if len(l.Values) == 0 && len(p.List()) == 0 {
			p.Add(o.Path("containsAny"), "is empty")
		}
	}
	o.End()
	switch {
	case len(p.List()) > 0:
	case l.Field == "":
		p.Add(path, "has no field")
	case l.Values == nil:
		p.Add(path, "has no value")
	case !knownField(l.Field):
		p.Add(path, "the field %s is not known", l.Field)
	}
	l.Unclear = strings.Join(p.List(), "; ")
	l.field = fold(l.Field)
	for _, v := range l.Values {
		l.values = append(l.values, fold(v))
	}
	return l
}

// String returns the condition in words: "category = Administrative and operationName
// in (a, b)".
func (c Condition) String() string {
	var parts []string
	for _, cl := range c.Clauses {
		parts = append(parts, cl.String())
	}
	return strings.Join(parts, " and ")
}

// String returns the clause in words.
func (c Clause) String() string {
	switch {
	case c.Unclear != "" && len(c.Leaves) == 0:
		return "(not understood)"
	case !c.Any:
		return c.Leaves[0].String()
	}
	var parts []string
	for _, l := range c.Leaves {
		parts = append(parts, l.String())
	}
	return "(" + strings.Join(parts, " or ") + ")"
}

// String returns the leaf in words.
func (l Leaf) String() string {
	switch {
	case l.Unclear != "" && (l.Field == "" || l.Values == nil):
		return "(not understood)"
	case len(l.Values) == 1:
		return l.Field + " = " + l.Values[0]
	}
	return l.Field + " in (" + strings.Join(l.Values, ", ") + ")"
}

// Unclear returns what was not understood, in the order of the condition.
func (c Condition) Unclear() []string {
	var out []string
	for _, cl := range c.Clauses {
		if cl.Unclear != "" {
			out = append(out, cl.Unclear)
		}
		for _, l := range cl.Leaves {
			if l.Unclear != "" {
				out = append(out, l.Unclear)
			}
		}
	}
	return out
}

package trinosql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/record"
)

// A Table is a table that has a column for each field of a record in place of its JSON, as
// AWS's pages define one for CloudTrail (CloudTrailInputFormat with Hive's JsonSerDe). Texts
// are columns, userIdentity is a row, and of what is below requestParameters and its like the
// column has the JSON text. What of a value is no text shows as one, and null as missing.
type Table struct {
	columns map[string]columnType // by name, in lower case

	// Text reports whether records have a text or nothing at a path. What a condition
	// says of other values cannot be seen in the table.
	Text func(record.Path) bool
}

// A columnType is what a column or a field of one holds.
type columnType struct {
	text   bool
	fields map[string]columnType // of a row, by name in lower case
}

// jsonColumns are the columns with the JSON text of an object.
var jsonColumns = []string{"requestparameters", "responseelements", "additionaleventdata", "serviceeventdetails"}

// NewTable takes the types of a table's columns as information_schema has them, by name.
func NewTable(types map[string]string, text func(record.Path) bool) *Table {
	t := &Table{columns: map[string]columnType{}, Text: text}
	for name, of := range types {
		p := typeParser{strings.ToLower(of)}
		t.columns[strings.ToLower(name)] = p.next()
	}
	return t
}

// A typeParser reads types such as row(type varchar, "user" row(name varchar(20))).
type typeParser struct{ rest string }

// next reads one type. Of those that are neither text nor row it reads nothing but the end.
func (p *typeParser) next() columnType {
	p.rest = strings.TrimLeft(p.rest, " ")
	word := p.rest[:wordEnd(p.rest)]
	p.rest = p.rest[len(word):]
	if word != "row" || !strings.HasPrefix(p.rest, "(") {
		p.skip()
		return columnType{text: word == "varchar"}
	}
	out := columnType{fields: map[string]columnType{}}
	for p.rest != "" && p.rest[0] != ')' {
		p.rest = strings.TrimLeft(p.rest[1:], " ") // behind ( or ,
		name, behind, _ := strings.Cut(p.rest, " ")
		p.rest = behind
		out.fields[strings.Trim(name, `"`)] = p.next()
	}
	p.rest = strings.TrimPrefix(p.rest, ")")
	return out
}

func wordEnd(text string) int {
	if i := strings.IndexAny(text, "(), "); i >= 0 {
		return i
	}
	return len(text)
}

// skip steps over the rest of a type.
func (p *typeParser) skip() {
	depth := 0
	for i, c := range p.rest {
		switch {
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth == 0 && (c == ')' || c == ','):
			p.rest = p.rest[i:]
			return
		}
	}
	p.rest = ""
}

// Has reports whether the table has the text of a path in a column of its own.
func (t *Table) Has(p record.Path) bool { return t.column(p) != "" }

// column is the column of a path's text, "" where there is none.
func (t *Table) column(p record.Path) string {
	at := columnType{fields: t.columns}
	var names []string
	for _, st := range p {
		name := strings.ToLower(st.Name)
		next, ok := at.fields[name]
		if !ok || st.Kind != record.Name {
			return ""
		}
		at, names = next, append(names, `"`+strings.ReplaceAll(name, `"`, `""`)+`"`)
	}
	if !at.text || len(p) > 1 && slices.Contains(jsonColumns, strings.ToLower(p[0].Name)) {
		return ""
	}
	return strings.Join(names, ".")
}

// json is the column in whose JSON text a path goes on, "" for none.
func (t *Table) json(p record.Path) string {
	if len(p) < 2 || p[0].Kind != record.Name {
		return ""
	}
	name := strings.ToLower(p[0].Name)
	if !slices.Contains(jsonColumns, name) || !t.columns[name].text {
		return ""
	}
	return `"` + name + `"`
}

// Size is about how many bytes of a record the table shows: those of its JSON texts.
func (t *Table) Size() string {
	list := []string{"0"}
	for _, name := range jsonColumns {
		if t.columns[name].text {
			list = append(list, fmt.Sprintf(`coalesce(length(to_utf8("%s")), 0)`, name))
		}
	}
	return strings.Join(list, " + ")
}

// value is a path's value as a column of type json.
func (t *Table) value(p record.Path) string {
	if c := t.column(p); c != "" {
		return "CAST(" + c + " AS json)"
	}
	if c := t.json(p); c != "" {
		return extract("try(json_parse("+c+"))", p[1:])
	}
	return "CAST(NULL AS json)"
}

// nothing are the bounds of a condition that the table shows nothing about.
var nothing = Bounds{May: "true", Must: "false"}

// inTable is a condition on a record of a table with columns. It is exact where a text is
// compared with what is always a text.
func (t *translator) inTable(c *pattern.Comparison) Bounds {
	table := t.columns.Table
	if c.Steps.HasWildcard() {
		return nothing
	}
	switch {
	case table.column(c.Steps) != "":
		return t.textColumn(c, t.column(c.Steps), table.Text(c.Steps))
	case table.json(c.Steps) != "":
		column, b := table.json(c.Steps), t.jsonText(c, t.column(c.Steps))
		return Bounds{fmt.Sprintf("(%s IS NOT NULL AND try(json_parse(%s)) IS NULL OR coalesce(%s, false))", column, column, b), "false"}
	}
	return nothing
}

// textColumn is a condition on a column with a text.
func (t *translator) textColumn(c *pattern.Comparison, n node, always bool) Bounds {
	text := always && !c.Number && !c.Regex
	switch {
	case c.Operator == "=" && text:
		return t.equal(c, n)
	case c.Operator == "!=" && text:
		return t.unequal(c, n)
	case c.Operator == "NOT EXISTS" && always:
		return exactly(n.x + " IS NULL")
	case c.Operator == "NOT EXISTS", c.Operator == "IS NULL":
		return Bounds{n.x + " IS NULL", "false"}
	case c.Operator == "IS TRUE":
		return Bounds{n.r + " = 'true'", "false"}
	case c.Operator == "IS FALSE":
		return Bounds{n.r + " = 'false'", "false"}
	}
	return Bounds{n.r + " IS NOT NULL", "false"}
}

// jsonText is what a record may fulfil whose condition is on a value in a JSON text.
func (t *translator) jsonText(c *pattern.Comparison, n node) string {
	switch {
	case c.Operator == "=" && !c.Number && !c.Regex:
		return t.equal(c, n).May
	case c.Operator == "NOT EXISTS", c.Operator == "IS NULL":
		return "true"
	}
	return n.x + " IS NOT NULL"
}

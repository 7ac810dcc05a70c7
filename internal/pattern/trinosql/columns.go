package trinosql

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/monitorctl/monitorctl/internal/record"
)

// Literal writes a text as SQL. Trino knows no escapes between quotes but the
// doubled quote.
func Literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// Columns are the paths of patterns, each with its columns x, f and r and its number.
type Columns struct {
	// Table is the table in which records have a column for each field; nil where they
	// are values d.
	Table *Table

	paths  []record.Path
	places map[string]int
}

// Place returns the number of a path without wildcard, which is added unless it is
// there.
func (c *Columns) Place(p record.Path) int {
	key := jsonPath(p)
	if i, ok := c.places[key]; ok {
		return i
	}
	if c.places == nil {
		c.places = map[string]int{}
	}
	c.paths = append(c.paths, p)
	c.places[key] = len(c.paths) - 1
	return len(c.paths) - 1
}

// Values lists the definitions of the columns x, from d or the table.
func (c *Columns) Values() []string {
	return c.each(func(i int, p record.Path) string {
		if c.Table != nil {
			return fmt.Sprintf("%s AS x%d", c.Table.value(p), i)
		}
		return fmt.Sprintf("%s AS x%d", extract("d", p), i)
	})
}

// Texts lists the definitions of the columns f, from x.
func (c *Columns) Texts() []string {
	return c.each(func(i int, _ record.Path) string { return fmt.Sprintf("json_format(x%d) AS f%d", i, i) })
}

// Comparables lists the definitions of the columns r, from x and f.
func (c *Columns) Comparables() []string {
	return c.each(func(i int, _ record.Path) string {
		return fmt.Sprintf("%s AS r%d", compared(fmt.Sprintf("x%d", i), fmt.Sprintf("f%d", i)), i)
	})
}

func (c *Columns) each(define func(int, record.Path) string) []string {
	var list []string
	for i, p := range c.paths {
		list = append(list, define(i, p))
	}
	return list
}

// kinds of a JSON text, by its first character.
const (
	isNumber = "IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9')"
	isString = `= '"'`
	isArray  = "= '['"
	isObject = "= '{'"
)

func kind(f string) string { return "substr(" + f + ", 1, 1)" }

// compared is the text of a value that = and != see, NULL for others.
func compared(x, f string) string {
	return fmt.Sprintf("CASE WHEN %s %s THEN json_extract_scalar(%s, '$') WHEN %s %s THEN %s END", kind(f), isString, x, kind(f), isNumber, f)
}

// extract is what a path finds in a value, NULL where there is nothing. A name leads
// on from objects only, and an index from arrays.
func extract(from string, p record.Path) string {
	if len(p) == 0 {
		return from
	}
	var guards []string
	for i, st := range p {
		want := ""
		switch {
		case st.Kind == record.Index:
			want = isArray
		case !strings.ContainsFunc(st.Name, unicode.IsLetter): // it may look like an index
			want = isObject
		}
		if want == "" {
			continue
		}
		parent := from
		if i > 0 {
			parent = "json_extract(" + from + ", " + Literal(jsonPath(p[:i])) + ")"
		}
		guards = append(guards, kind("json_format("+parent+")")+" "+want)
	}
	found := "json_extract(" + from + ", " + Literal(jsonPath(p)) + ")"
	if len(guards) == 0 {
		return found
	}
	return "CASE WHEN " + strings.Join(guards, " AND ") + " THEN " + found + " END"
}

// jsonPath writes a path as json_extract reads it.
func jsonPath(p record.Path) string {
	var b strings.Builder
	b.WriteByte('$')
	for _, st := range p {
		if st.Kind == record.Index {
			b.WriteString("[" + strconv.Itoa(st.Index) + "]")
			continue
		}
		b.WriteString(`["` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(st.Name) + `"]`)
	}
	return b.String()
}

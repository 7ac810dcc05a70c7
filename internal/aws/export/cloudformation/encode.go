package cloudformation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/export"
)

// blocks is how many levels of a template are written in lines of their own: down to the
// properties of a resource. What is below stands in one line, so that the largest
// templates stay below the 51,200 bytes that a call takes.
const blocks = 4

// toJSON writes a value, by key.
func toJSON(v any) []byte {
	var b bytes.Buffer
	lines(&b, v, 0)
	b.WriteByte('\n')
	return b.Bytes()
}

func lines(b *bytes.Buffer, v any, depth int) {
	indent := strings.Repeat("  ", depth)
	switch v := v.(type) {
	case dict:
		if depth >= blocks || len(v) == 0 {
			break
		}
		for i, key := range slices.Sorted(maps.Keys(v)) {
			fmt.Fprintf(b, "%s%s  %s: ", opening(i, "{"), indent, inline(key))
			lines(b, v[key], depth+1)
		}
		b.WriteString("\n" + indent + "}")
		return
	case []any:
		if depth > 0 {
			break
		}
		for i, x := range v {
			b.WriteString(opening(i, "[") + indent + "  ")
			lines(b, x, depth+1)
		}
		b.WriteString("\n" + indent + "]")
		return
	}
	b.WriteString(inline(v))
}

// opening is what stands before the i-th line of a block.
func opening(i int, bracket string) string {
	if i == 0 {
		return bracket + "\n"
	}
	return ",\n"
}

// inline is a value as JSON in one line.
func inline(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // patterns are full of && and <
	_ = enc.Encode(v)        // plain data: it cannot fail
	return strings.TrimSuffix(b.String(), "\n")
}

// toYAML writes a value in blocks, and what is small in one line. Every text is in double
// quotes: nothing in it can be read as a date, a number or a tag, as version 1.1 of the
// language, which CloudFormation reads, would.
func toYAML(v any) []byte {
	var b bytes.Buffer
	b.WriteString("# " + export.Mark + "\n")
	block(&b, v, 0)
	return b.Bytes()
}

// block writes an object that begins at a line's start.
func block(b *bytes.Buffer, v any, depth int) {
	for _, key := range slices.Sorted(maps.Keys(v.(dict))) { //nolint:forcetypeassert // its callers see to it
		b.WriteString(strings.Repeat("  ", depth) + quoted(key) + ":")
		child := v.(dict)[key] //nolint:forcetypeassert // as above
		if x, ok := child.(dict); ok && len(x) > 0 && depth+1 < blocks {
			b.WriteByte('\n')
			block(b, child, depth+1)
			continue
		}
		b.WriteString(" " + flow(child) + "\n")
	}
}

// flow is a value of YAML in one line.
func flow(v any) string {
	switch v := v.(type) {
	case dict:
		var parts []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, quoted(key)+": "+flow(v[key]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		var parts []string
		for _, x := range v {
			parts = append(parts, flow(x))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case string:
		return quoted(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// quoted is a text in double quotes, in ASCII.
func quoted(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r >= 0x10000:
			fmt.Fprintf(&b, `\U%08x`, r)
		case r < ' ' || r > '~':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

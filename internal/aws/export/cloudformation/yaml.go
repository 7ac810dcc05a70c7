package cloudformation

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/export"
)

// toYAML writes a value in blocks. Every text is in double quotes with the escapes that
// YAML and JSON share: nothing in it can be read as a date, a number or a tag, as version
// 1.1 of the language, which CloudFormation reads, would.
func toYAML(v any) []byte {
	var b bytes.Buffer
	b.WriteString("# " + export.Mark + "\n")
	block(&b, v, 0)
	return b.Bytes()
}

// block writes a value that begins at a line's start; lists and objects that are empty or
// hold nothing are not written by templates.
func block(b *bytes.Buffer, v any, depth int) {
	indent := strings.Repeat("  ", depth)
	switch v := v.(type) {
	case dict:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			b.WriteString(indent + quoted(key) + ":")
			child(b, v[key], depth)
		}
	case []any:
		for _, x := range v {
			b.WriteString(indent + "-")
			child(b, x, depth)
		}
	}
}

// child writes what stands behind a key or the dash of a list.
func child(b *bytes.Buffer, v any, depth int) {
	switch v := v.(type) {
	case dict, []any:
		b.WriteString("\n")
		block(b, v, depth+1)
	case string:
		b.WriteString(" " + quoted(v) + "\n")
	case float64:
		b.WriteString(" " + strconv.FormatFloat(v, 'f', -1, 64) + "\n")
	default:
		fmt.Fprintf(b, " %v\n", v)
	}
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

package sqlengine

import (
	"regexp"
	"strings"
)

// unreadable is how Trino's Hive connector names a file that ends a statement. A line
// that is too long comes with the line, which is cut off.
var unreadable = regexp.MustCompile(`(?s)Failed to read file at (\S+?)(?:[:,;]?\s|$)`)

// FileIn returns the file that an error of Trino or Athena names; "" for none.
func FileIn(text string) string {
	m := unreadable.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1]
}

// maxWords bounds what is repeated of an engine's error, in bytes.
const maxWords = 500

// Words returns an engine's error on one line, not longer than a person reads.
func Words(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " ")
	if len(text) > maxWords {
		text = strings.ToValidUTF8(text[:maxWords], "") + "..."
	}
	return text
}

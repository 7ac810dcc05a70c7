package sqlengine

import (
	"regexp"
	"strings"
)

// unreadable is how Trino's Hive connector names a log file that ends a statement. More
// text may follow.
var unreadable = regexp.MustCompile(`(?s)(?:Failed to read file at|Error opening Hive split) (.+?\.json(?:\.gz)?)(?:[\s:,;)]|\.?$)`)

// FileIn returns the log file that an error of Trino or Athena names; "" for none.
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

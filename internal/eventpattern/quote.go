package eventpattern

import "strconv"

// quote puts a text into double quotes for a reader, control characters
// escaped.
func quote(text string) string { return strconv.Quote(text) }

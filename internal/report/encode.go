package report

import "io"

// EncodeJSON writes v as the JSON reports are written: indented, ended by a line
// break, and with \u escapes for what a terminal would obey.
func EncodeJSON(w io.Writer, v any) error { return encodeJSON(w, v) }

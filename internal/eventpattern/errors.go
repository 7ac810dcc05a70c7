package eventpattern

import "fmt"

// A SyntaxError says where an event pattern stops making sense.
type SyntaxError struct {
	Pattern string
	Offset  int    // bytes from the start of Pattern, 0-based, at most its length
	Msg     string // lower case, no full stop: what was expected
}

// Error returns offset and message.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("parsing event pattern at byte %d: %s", e.Offset, e.Msg)
}

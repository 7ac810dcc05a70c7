package audit

import (
	"regexp"
	"strconv"
)

// plainName matches names that read as one word in a message.
var plainName = regexp.MustCompile(`^[A-Za-z0-9$](?:[A-Za-z0-9_./:$@*#+-]*[A-Za-z0-9_*])?$`)

// shown returns a name or value as messages show it: in quotes unless it is plainly
// a word, so that blanks at its ends can be seen.
func shown(name string) string {
	if plainName.MatchString(name) {
		return name
	}
	return strconv.Quote(name)
}

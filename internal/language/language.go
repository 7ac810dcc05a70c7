// Package language reads a pattern in the language that its form shows: a filter
// pattern of CloudWatch Logs or an event pattern of EventBridge. It says what one is in
// the other language.
package language

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// Names of languages. Auto means the one that the form of a pattern shows.
const (
	Auto   = "auto"
	Filter = "filter" // CloudWatch Logs
	Event  = "event"  // EventBridge
)

// Names returns them all, the default first.
func Names() []string { return []string{Auto, Filter, Event} }

// A Pattern is a pattern of one of the languages.
type Pattern struct {
	Filter *pattern.Pattern      // nil for an event pattern
	Event  *eventpattern.Pattern // nil for a filter pattern
}

// Parse reads a pattern in a language. The error is one of the language's own
// (*pattern.SyntaxError, *eventpattern.SyntaxError, or a limit), or a *NameError.
func Parse(text, name string) (Pattern, error) {
	event, err := isEvent(text, name)
	if err != nil {
		return Pattern{}, err
	}
	var p Pattern
	if event {
		p.Event, err = eventpattern.Parse(text)
	} else {
		p.Filter, err = pattern.Parse(text)
	}
	return p, err
}

// A NameError says that there is no such language.
type NameError struct{ Name string }

func (e *NameError) Error() string {
	return fmt.Sprintf("--language %q: expected auto, filter or event", e.Name)
}

// isEvent reports whether a pattern is to be read as one of EventBridge.
func isEvent(text, name string) (bool, error) {
	if !slices.Contains(Names(), name) {
		return false, &NameError{name}
	}
	return name == Event || name == Auto && LooksLikeEvent(text), nil
}

// LooksLikeEvent reports whether a text has the form of an event pattern: a JSON
// object, which no filter pattern is, or one whose names lack their quotes.
func LooksLikeEvent(text string) bool {
	inner, ok := strings.CutPrefix(strings.TrimSpace(text), "{")
	inner = strings.TrimSpace(inner)
	return ok && (strings.HasPrefix(inner, `"`) || strings.HasPrefix(inner, "}") || unquoted.MatchString(inner))
}

var unquoted = regexp.MustCompile(`\A'?[A-Za-z][\w-]*'?\s*:`)

// Matcher returns the pattern for the exact decision on coverage.
func (p Pattern) Matcher() cover.Matcher {
	if p.Event != nil {
		return p.Event
	}
	return p.Filter
}

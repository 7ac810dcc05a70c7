// Package transformer is EventBridge's InputTransformer: what a target gets of an event
// that a rule took. A Transformer has JSON paths by name, and a template in which <name>
// stands for the value of a path.
//
// EventBridge puts values between quotation marks as they are: one with a quotation mark
// in it ends the text. What AWS leaves open: a path that the event lacks is taken to leave
// nothing in its place. The user guide says that the variable "isn't created and won't
// appear in the output".
//
// Sources: EventBridge user guide, "Amazon EventBridge input transformation"; EventBridge
// API reference, InputTransformer.
package transformer

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// The limits of a transformer (EventBridge API reference, InputTransformer).
const (
	MaxTemplate = 8192 // characters
	MaxPaths    = 100
	MaxPath     = 256 // characters
)

// A Transformer makes what a target gets of an event.
type Transformer struct {
	Paths    map[string]string // JSON paths by name
	Template string            // a JSON object, or quoted text, one JSON string a line
}

// A Rule is the rule that took an event, for the predefined variables.
type Rule struct {
	ARN, Name string
	Ingestion string // when EventBridge got the event, ISO 8601
}

// The predefined variables; no name of Paths may be one of them.
const (
	ruleARN   = "aws.events.rule-arn"
	ruleName  = "aws.events.rule-name"
	ingestion = "aws.events.event.ingestion-time"
	event     = "aws.events.event"      // without detail
	eventJSON = "aws.events.event.json" // as it is
)

// Compiled when they are first needed: the repetitions take longer than all else at the
// start of the program.
var (
	nameForm    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`) })
	placeholder = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`<([A-Za-z0-9_.-]{1,256})>`) })
)

// Placeholders returns the names between < and > in a template, sorted, each once.
func Placeholders(template string) []string {
	var names []string
	for _, m := range placeholder().FindAllStringSubmatch(template, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Check returns why EventBridge would refuse a transformer, or what would be wrong with
// what it sends, nil for a good one.
func (t Transformer) Check() error {
	if n := utf8.RuneCountInString(t.Template); n == 0 || n > MaxTemplate {
		return fmt.Errorf("the template has %d characters: EventBridge takes 1 to %d", n, MaxTemplate)
	}
	if n := len(t.Paths); n > MaxPaths {
		return fmt.Errorf("the template has %d paths: EventBridge takes %d", n, MaxPaths)
	}
	for _, name := range slices.Sorted(maps.Keys(t.Paths)) {
		path := t.Paths[name]
		switch {
		case !nameForm().MatchString(name) || strings.HasPrefix(strings.ToLower(name), "aws."):
			return fmt.Errorf("%q is not the name of a path", name)
		case utf8.RuneCountInString(path) > MaxPath:
			return fmt.Errorf("path %s has more than %d characters", name, MaxPath)
		case !isPath(path):
			return fmt.Errorf("path %s: %q is not a path such as $.detail.eventName", name, path)
		}
	}
	for _, name := range Placeholders(t.Template) {
		if _, ok := t.Paths[name]; !ok && !isPredefined(name) {
			return fmt.Errorf("the template has <%s>, and no path of that name", name)
		}
	}
	return t.checkForm()
}

// checkForm demands a JSON object, or one JSON string a line.
func (t Transformer) checkForm() error {
	filled := t.fill(func(string) (string, bool) { return "x", true })
	if isObject(t.Template) {
		if !json.Valid([]byte(filled)) {
			return errors.New("the template is not a JSON object once the values are filled in")
		}
		return nil
	}
	for line := range strings.SplitSeq(filled, "\n") {
		var text string
		if json.Unmarshal([]byte(line), &text) != nil {
			return fmt.Errorf("the template's line %.60q is not a JSON string", line)
		}
	}
	return nil
}

func isObject(template string) bool { return strings.HasPrefix(strings.TrimSpace(template), "{") }

func isPredefined(name string) bool {
	return slices.Contains([]string{ruleARN, ruleName, ingestion, event, eventJSON}, name)
}

// Render returns what a target gets of an event, a JSON object as it stands on a bus.
// A value inside of quotation marks goes in as it is, unescaped; a text outside of them,
// in a JSON object, gets quotation marks. A value that the event lacks leaves nothing.
func (t Transformer) Render(on []byte, by Rule) string {
	e := decode(on)
	return t.fill(func(name string) (string, bool) {
		switch name {
		case ruleARN:
			return by.ARN, true
		case ruleName:
			return by.Name, true
		case ingestion:
			return by.Ingestion, true
		case event:
			return withoutDetail(on), false
		case eventJSON:
			return string(on), false
		}
		value, ok := e.lookUp(t.Paths[name])
		if !ok {
			return "", false
		}
		var text string
		if json.Unmarshal(value, &text) == nil && value[0] == '"' {
			return text, true
		}
		return string(value), false
	})
}

// fill puts values in the place of placeholders, in one pass: what looks like a
// placeholder in a value is text. value reports whether it is a text.
func (t Transformer) fill(value func(name string) (string, bool)) string {
	var b strings.Builder
	quoted, object := false, isObject(t.Template)
	for rest := t.Template; rest != ""; {
		m := placeholder().FindStringSubmatch(rest)
		if rest[0] == '<' && m != nil && strings.HasPrefix(rest, m[0]) {
			got, isText := value(m[1])
			if isText && object && !quoted {
				got = `"` + got + `"`
			}
			b.WriteString(got)
			rest = rest[len(m[0]):]
			continue
		}
		n := 1
		if rest[0] == '\\' && quoted && len(rest) > 1 {
			n = 2
		} else if rest[0] == '"' {
			quoted = !quoted
		}
		b.WriteString(rest[:n])
		rest = rest[n:]
	}
	return b.String()
}

// withoutDetail returns an event without its detail.
func withoutDetail(on []byte) string {
	var members map[string]json.RawMessage
	if json.Unmarshal(on, &members) != nil {
		return ""
	}
	delete(members, "detail")
	out, err := json.Marshal(members)
	if err != nil {
		return ""
	}
	return string(out)
}

// Plain returns the text of a message that is quoted text, one string a line, as a
// mailbox shows it. What is no quoted text stays as it is.
func Plain(sent string) string {
	var lines []string
	for line := range strings.SplitSeq(sent, "\n") {
		line = strings.TrimSpace(line)
		if len(line) < 2 || line[0] != '"' || line[len(line)-1] != '"' {
			return sent
		}
		inner := line[1 : len(line)-1]
		var text string
		if json.Unmarshal([]byte(line), &text) == nil {
			inner = text
		}
		lines = append(lines, inner)
	}
	return strings.Join(lines, "\n")
}

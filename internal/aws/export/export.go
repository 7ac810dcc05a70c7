// Package export writes the list of objects that a scope asks for as code that other
// tools carry out. It builds no field of an object: what is written is what package
// desired lists, and each format only says it in its own words.
//
// This package holds what the formats share: the files that they return, what a string
// must be to be carried, secrets that become inputs, and the JSON of policies. The
// formats are the packages below it. All of it is pure: a list in, files out, and the
// same list gives the same bytes.
package export

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
)

// Mark is in the first line of every file that an export writes, by which the next one
// knows it. It has no version of the tool: the same input gives the same bytes.
const Mark = "monitorctl export v1"

// A File is one of the files of an export.
type File struct {
	Name string // without a directory
	Data []byte
}

// CodeUnsafe is the code of an UnsafeError.
const CodeUnsafe = "export-unsafe"

// An UnsafeError names a string that a format cannot carry unchanged.
type UnsafeError struct {
	Object string // "alarm \"X\""
	Field  string // "description"
	Why    string // a clause: "holds a NUL character"
}

func (e *UnsafeError) Error() string {
	return fmt.Sprintf("%s: the %s of %s %s", CodeUnsafe, e.Field, e.Object, e.Why)
}

// Usage returns true: another name or description is the way out.
func (*UnsafeError) Usage() bool { return true }

// Check refuses a list with a string that a format cannot carry. refuses says why it
// cannot carry a text, in a clause; "" when it can.
func Check(l desired.List, refuses func(text string) string) error {
	for _, t := range texts(l) {
		why := refuses(t.text)
		switch {
		case strings.ContainsRune(t.text, 0):
			why = "holds a NUL character"
		case !utf8.ValidString(t.text):
			why = "is not valid UTF-8"
		}
		if why != "" {
			return &UnsafeError{Object: t.object, Field: t.field, Why: why}
		}
	}
	return nil
}

// A text is a string of an object.
type text struct{ object, field, text string }

// texts are all strings of a list that files may hold.
func texts(l desired.List) []text {
	out := []text{{"the trail", "log group", l.LogGroup}, {"the plan", "name prefix", l.Names.Prefix}}
	add := func(object string, fields ...string) {
		for i := 0; i < len(fields); i += 2 {
			out = append(out, text{object, fields[i], fields[i+1]})
		}
	}
	tags := func(object string, tags map[string]string) {
		for _, key := range slices.Sorted(maps.Keys(tags)) {
			add(object, "tag key", key, "tag "+key, tags[key])
		}
	}
	for _, t := range l.Topics {
		object := fmt.Sprintf("topic %q", t.Name)
		add(object, "name", t.Name, "policy", t.Policy, "key", t.KeyID)
		tags(object, t.Tags)
	}
	for _, s := range l.Subscriptions {
		object := "a subscriber by " + s.Protocol
		add(object, "topic", s.TopicARN, "protocol", s.Protocol)
		if !s.IsSecret() {
			add(object, "endpoint", s.Endpoint)
		}
	}
	for _, f := range l.Filters {
		add(fmt.Sprintf("metric filter %q", f.Filter.Name), "name", f.Filter.Name, "log group", f.Filter.LogGroup, "pattern", f.Filter.Pattern,
			"namespace", f.Filter.Namespace, "metric", f.Filter.Metric, "value", f.Filter.Value, "control", f.Key)
	}
	for _, a := range l.Alarms {
		object := fmt.Sprintf("alarm %q", a.Alarm.Name)
		add(object, "name", a.Alarm.Name, "description", a.Alarm.Description, "namespace", a.Alarm.Namespace, "metric", a.Alarm.Metric, "control", a.Key)
		for _, arn := range slices.Concat(a.Alarm.AlarmActions, a.Alarm.OKActions, a.Alarm.NoDataActions) {
			add(object, "action", arn)
		}
		tags(object, a.Tags)
	}
	return out
}

// Inputs returns the subscriptions whose endpoints are secrets, in order: the n-th is
// asked for as subscriber n, counted from 1. A subscriber of several topics is one input.
func Inputs(l desired.List) []desired.Subscription {
	var out []desired.Subscription
	for _, s := range l.Subscriptions {
		if s.IsSecret() && Input(out, s) == 0 {
			out = append(out, s)
		}
	}
	return out
}

// Input returns the number of the input that has a subscription's endpoint; 0 for none.
func Input(inputs []desired.Subscription, s desired.Subscription) int {
	return 1 + slices.IndexFunc(inputs, func(x desired.Subscription) bool { return x.Protocol == s.Protocol && x.Endpoint == s.Endpoint })
}

// Masked is a subscription's endpoint as it may be shown.
func Masked(s desired.Subscription) string { return account.MaskEndpoint(s.Protocol, s.Endpoint) }

// Comment returns a text that fits in a comment of one line in any of the formats.
func Comment(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, text))
}

// Title names a control: "4.10 Ensure ...", or its id where the benchmark has none.
func Title(c desired.Control) string {
	if c.Number == "" {
		return Comment(c.ID + ": " + c.Title)
	}
	return Comment(c.Number + " " + c.Title)
}

// Notified names whom an alarm notifies: the names of its topics.
func Notified(a account.MetricAlarm) string {
	var names []string
	for _, arn := range a.AlarmActions {
		names = append(names, arn[strings.LastIndexByte(arn, ':')+1:])
	}
	return Comment(strings.Join(names, ", "))
}

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

// texts are all strings of a list, and of those of other regions, that files may hold.
func texts(l desired.List) []text {
	out := []text{{"the trail", "log group", l.LogGroup}, {"the plan", "name prefix", l.Names.Prefix}}
	for _, r := range l.Regions() {
		out = append(out, textsOf(r)...)
		out = append(out, ruleTexts(r)...)
		out = append(out, trailTexts(r.Trail)...)
	}
	return out
}

// fields are texts of an object: names of fields and what is in them, by turns.
func fields(object string, list ...string) []text {
	var out []text
	for i := 1; i < len(list); i += 2 {
		out = append(out, text{object, list[i-1], list[i]})
	}
	return out
}

func tagTexts(object string, tags map[string]string) []text {
	var out []text
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, fields(object, "tag key", key, "tag "+key, tags[key])...)
	}
	return out
}

// textsOf are the strings of topics, subscribers, filters and alarms.
func textsOf(l desired.List) []text {
	var out []text
	for _, t := range l.Topics {
		object := fmt.Sprintf("topic %q", t.Name)
		out = append(out, fields(object, "name", t.Name, "policy", t.Policy, "key", t.KeyID)...)
		out = append(out, tagTexts(object, t.Tags)...)
	}
	for _, s := range l.Subscriptions {
		object := "a subscriber by " + s.Protocol
		out = append(out, fields(object, "topic", s.TopicARN, "protocol", s.Protocol)...)
		if !s.IsSecret() {
			out = append(out, fields(object, "endpoint", s.Endpoint)...)
		}
	}
	for _, f := range l.Filters {
		out = append(out, fields(fmt.Sprintf("metric filter %q", f.Filter.Name), "name", f.Filter.Name, "log group", f.Filter.LogGroup, "pattern", f.Filter.Pattern,
			"namespace", f.Filter.Namespace, "metric", f.Filter.Metric, "value", f.Filter.Value, "control", f.Key)...)
	}
	for _, a := range l.Alarms {
		object := fmt.Sprintf("alarm %q", a.Alarm.Name)
		out = append(out, fields(object, "name", a.Alarm.Name, "description", a.Alarm.Description, "namespace", a.Alarm.Namespace, "metric", a.Alarm.Metric, "control", a.Key)...)
		for _, arn := range slices.Concat(a.Alarm.AlarmActions, a.Alarm.OKActions, a.Alarm.NoDataActions) {
			out = append(out, fields(object, "action", arn)...)
		}
		for _, name := range slices.Sorted(maps.Keys(a.Alarm.Dimensions)) {
			out = append(out, fields(object, "dimension", name, "dimension "+name, a.Alarm.Dimensions[name])...)
		}
		out = append(out, tagTexts(object, a.Tags)...)
	}
	return out
}

// ruleTexts are the strings of roles, API destinations, rules and their targets.
func ruleTexts(l desired.List) []text {
	var out []text
	for _, r := range l.Roles {
		out = append(out, roleTexts(r)...)
	}
	for _, e := range l.Endpoints {
		object := fmt.Sprintf("API destination %q", e.Destination.Name)
		out = append(out, fields(object, "name", e.Destination.Name, "description", e.Description)...)
		if !e.HidesURL() {
			out = append(out, fields(object, "URL", e.Destination.Call.URL)...)
		}
	}
	for _, r := range l.Rules {
		object := fmt.Sprintf("rule %q", r.Rule.Name)
		out = append(out, fields(object, "name", r.Rule.Name, "description", r.Rule.Description, "event pattern", r.Rule.Pattern, "state", r.Rule.State, "control", r.Key)...)
		out = append(out, tagTexts(object, r.Tags)...)
		for _, t := range r.Targets {
			target := fmt.Sprintf("target %q of %s", t.Target.ID, object)
			out = append(out, fields(target, "id", t.Target.ID, "ARN", t.Target.ARN, "role", t.Target.RoleARN)...)
			if x := t.Target.Transformer; x != nil {
				out = append(out, fields(target, "message", x.Template)...)
				for _, name := range slices.Sorted(maps.Keys(x.Paths)) {
					out = append(out, fields(target, "path", name, "path "+name, x.Paths[name])...)
				}
			}
		}
	}
	return out
}

func roleTexts(r desired.Role) []text {
	object := fmt.Sprintf("role %q", r.Name)
	out := fields(object, "name", r.Name, "description", r.Description, "trust policy", r.Trust, "policy", r.Policy, "policy name", r.Inline)
	return append(out, tagTexts(object, r.Tags)...)
}

// trailTexts are the strings of a trail and what it needs.
func trailTexts(t desired.TrailSet) []text {
	var out []text
	add := func(object string, tags map[string]string, list ...string) {
		out = append(out, fields(object, list...)...)
		out = append(out, tagTexts(object, tags)...)
	}
	if x := t.Group; x != nil {
		add(fmt.Sprintf("log group %q", x.Group.Name), x.Group.Tags, "name", x.Group.Name, "key", x.Group.KeyID)
	}
	if t.Role != nil {
		out = append(out, roleTexts(*t.Role)...)
	}
	if x := t.Bucket; x != nil {
		add(fmt.Sprintf("bucket %q", x.Bucket.Name), x.Bucket.Tags, "name", x.Bucket.Name, "policy", x.Bucket.Settings.Policy)
	}
	if x := t.Trail; x != nil {
		add(fmt.Sprintf("trail %q", x.Trail.Name), x.Trail.Tags, "name", x.Trail.Name, "bucket", x.Trail.Bucket, "key", x.Trail.KeyID,
			"log group", x.Trail.Delivery.LogGroupARN, "role", x.Trail.Delivery.RoleARN)
	}
	return out
}

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

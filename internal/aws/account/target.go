package account

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// A WholeTarget is a target of a rule with the text of what it sends, which
// snapshots do not keep. At most one of Input, InputPath and Transformer is set.
type WholeTarget struct {
	ID      string `json:"id"`
	ARN     string `json:"arn"`
	RoleARN string `json:"roleArn,omitempty"`

	Input       string       `json:"input,omitempty"`
	InputPath   string       `json:"inputPath,omitempty"`
	Transformer *Transformed `json:"transformer,omitempty"`

	DeadLetterARN string `json:"deadLetterArn,omitempty"`
	RetryAttempts *int32 `json:"retryAttempts,omitempty"`
	RetryAge      *int32 `json:"retryAge,omitempty"` // seconds

	// Unknown names settings that AWS returned and this version does not write.
	Unknown []string `json:"unknown,omitempty"`
}

// A Transformed is an input transformer: a template, and the JSON paths that its
// placeholders stand for, by name.
type Transformed struct {
	Paths    map[string]string `json:"paths,omitempty"`
	Template string            `json:"template"`
}

// Same reports whether two targets have the same settings.
func (t WholeTarget) Same(o WholeTarget) bool {
	return reflect.DeepEqual(t.plain(), o.plain())
}

// plain returns the target without the difference between empty and missing, and
// without what this version does not write.
func (t WholeTarget) plain() WholeTarget {
	t.Unknown = nil
	if t.Transformer != nil {
		x := *t.Transformer
		if len(x.Paths) == 0 {
			x.Paths = nil
		}
		t.Transformer = &x
	}
	return t
}

// Target returns the target as snapshots hold it, with the digest of its text.
func (t WholeTarget) Target() Target {
	m := t.message()
	if m.Form != WholeEvent {
		data, _ := json.Marshal([]any{t.Input, t.InputPath, t.plain().Transformer}) // plain data: it cannot fail
		sum := sha256.Sum256(data)
		m.Digest = hex.EncodeToString(sum[:])
	}
	return Target{ID: t.ID, ARN: t.ARN, RoleARN: t.RoleARN, Message: m, DeadLetter: &t.DeadLetterARN}
}

// message says what the target gets of an event. The texts themselves may hold
// secrets, such as a routing key, and are looked at here and not kept.
func (t *WholeTarget) message() Message {
	switch {
	case t.Transformer != nil:
		text := t.Transformer.Template
		m := Message{Form: Template, Placeholders: placeholders(text), Schema: schemaOf(text)}
		if len(t.Transformer.Paths) > 0 {
			m.Paths = t.Transformer.Paths
		}
		return m
	case t.Input != "":
		return Message{Form: Constant, Schema: schemaOf(t.Input)}
	case t.InputPath != "":
		return Message{Form: PartOfEvent, Paths: map[string]string{"": t.InputPath}}
	}
	return Message{Form: WholeEvent}
}

// Same reports whether two targets send the same to the same place, as far as both
// are known: a digest that was not taken fits any.
func (t Target) Same(o Target) bool {
	digests := t.Message.Digest == "" || o.Message.Digest == "" || t.Message.Digest == o.Message.Digest
	return digests && t.ID == o.ID && t.ARN == o.ARN && t.RoleARN == o.RoleARN && t.Message.Form == o.Message.Form &&
		maps.Equal(t.Message.Paths, o.Message.Paths) && slices.Equal(t.Message.Placeholders, o.Message.Placeholders)
}

// Settings returns the rule without its targets.
func (r Rule) Settings() Rule {
	r.Targets = nil
	return r
}

// Same reports whether two rules have the same settings, targets aside. Patterns
// are compared as JSON.
func (r Rule) Same(o Rule) bool {
	patterns := r.Pattern == o.Pattern || SameJSON(r.Pattern, o.Pattern)
	return patterns && r.Name == o.Name && r.Schedule == o.Schedule && r.State == o.State &&
		r.ManagedBy == o.ManagedBy && r.Description == o.Description && r.RoleARN == o.RoleARN
}

// SameJSON reports whether two texts are the same JSON document; false when one is no
// JSON.
func SameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

var placeholder = regexp.MustCompile(`<([A-Za-z0-9_.-]{1,256})>`)

// placeholders returns the names between < and > in a template, sorted, each once.
func placeholders(template string) []string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(template, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// schemaOf tells which receiver a text is made for. Where a placeholder stands
// between quotes any text may stand, elsewhere a number or an object.
func schemaOf(template string) string {
	var m struct {
		Version, Source string
		Content         struct{ Description string }
		NewStateValue   string
	}
	if json.Unmarshal([]byte(filledIn(template)), &m) != nil {
		return ""
	}
	switch {
	case m.Version == "1.0" && m.Source == "custom" && m.Content.Description != "":
		return SchemaChat
	case m.NewStateValue != "":
		return SchemaAlarm
	}
	return ""
}

// filledIn puts something in the place of each placeholder.
func filledIn(template string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(template); i++ {
		c := template[i]
		if m := placeholder.FindStringIndex(template[i:]); c == '<' && m != nil && m[0] == 0 {
			if quoted {
				b.WriteString("x")
			} else {
				b.WriteString(`"x"`)
			}
			i += m[1] - 1
			continue
		}
		if c == '\\' && quoted && i+1 < len(template) {
			b.WriteByte(c)
			i++
			c = template[i]
		} else if c == '"' {
			quoted = !quoted
		}
		b.WriteByte(c)
	}
	return b.String()
}

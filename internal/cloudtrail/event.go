package cloudtrail

import (
	"encoding/json"
	"strconv"

	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/record"
)

// An event matches the records of one event; "" is any text.
type event struct{ source, name string }

// Formula implements cover.Matcher.
func (e event) Formula(b *cover.Builder) *cover.Formula {
	return cover.And(
		b.At(record.Path{{Name: "eventSource"}}, is(e.source)),
		b.At(record.Path{{Name: "eventName"}}, is(e.name)))
}

// Matches implements cover.Matcher.
func (e event) Matches(r *cover.Record, _ cover.Reading) bool {
	have := r.Decoded("event", func(text []byte) any {
		var fields struct{ EventSource, EventName *string }
		if json.Unmarshal(text, &fields) != nil || fields.EventSource == nil || fields.EventName == nil {
			return nil
		}
		return event{*fields.EventSource, *fields.EventName}
	})
	got, ok := have.(event)
	return ok && (e.source == "" || got.source == e.source) && (e.name == "" || got.name == e.name)
}

// Doubts implements cover.Matcher.
func (event) Doubts() []string { return nil }

// is is the test for one text; "" is any.
type is string

// Key implements cover.Test.
func (t is) Key() string { return "is " + string(t) }

// Holds implements cover.Test.
func (t is) Holds(v record.Value) bool {
	return v.Kind == record.String && (t == "" || v.Text == string(t))
}

// String implements cover.Test.
func (t is) String() string {
	if t == "" {
		return "is a string"
	}
	return "= " + strconv.Quote(string(t))
}

// Asks implements cover.Test.
func (t is) Asks() cover.Asks {
	if t == "" {
		return cover.Asks{}
	}
	return cover.Asks{Positive: true, Text: &cover.Text{Key: "=" + string(t), Single: true, Literal: string(t)}}
}

// Words implements cover.Test.
func (t is) Words() []cover.Test {
	if t == "" {
		return nil
	}
	return []cover.Test{t}
}

package language

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/scan"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct{ text, name, want string }{
		{`{ $.eventName = DeleteTrail }`, Auto, Filter},
		{`{"source":["aws.ec2"]}`, Auto, Event},
		{" {\n \"source\" : [\"aws.ec2\"]}", Auto, Event},
		{`"a text"`, Auto, Filter},
		{`ERROR`, Auto, Filter},
		{`{ ($.a = 1) }`, Auto, Filter},
		{`{"source":["aws.ec2"]}`, Event, Event},
	} {
		p, err := Parse(tt.text, tt.name)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		if got := p.Event != nil; got != (tt.want == Event) || got == (p.Filter != nil) {
			t.Errorf("%s as %s: got %+v, want %s", tt.text, tt.name, p, tt.want)
		}
	}
	for _, text := range []string{`{}`, `{source:["aws.ec2"]}`, `{ 'detail-type' : ["x"]}`} {
		var event *eventpattern.SyntaxError
		if _, err := Parse(text, Auto); !errors.As(err, &event) {
			t.Errorf("%s: %v", text, err)
		}
	}
	var filter *syntax.Error
	if _, err := Parse(`{"source":["aws.ec2"]}`, Filter); !errors.As(err, &filter) {
		t.Errorf("an event pattern as a filter: %v", err)
	}
	var name *NameError
	if _, err := Parse(`x`, "sql"); !errors.As(err, &name) {
		t.Errorf("sql: %v", err)
	}
}

func TestTranslate(t *testing.T) {
	for _, tt := range []struct{ text, want, lost string }{
		{`{ $.eventSource = "ec2.amazonaws.com" && $.eventName = "CreateVpc" }`, `{"detail":{"eventName":["CreateVpc"],"eventSource":["ec2.amazonaws.com"]}}`, ""},
		{`{ $.eventName = %Vpc% }`, "", "eventName: event patterns have no regular expressions"},
		{`{"detail":{"eventName":["CreateVpc"]}}`, `{$.eventName=CreateVpc}`, ""},
		{`{"detail":{"eventName":["CreateVpc"]},"replay-name":["x"]}`, "", "no event of CloudTrail matches, and a filter pattern cannot say so"},
		{`{"detail":{"requestParameters":{"a":["x"]}}}`, `{$.requestParameters.a=x}`, "where a field whose type CloudTrail does not document is an array, an object or a number, the languages differ"},
		{`{"detail":{"eventName":["` + strings.Repeat("a", 600) + `","` + strings.Repeat("b", 600) + `"]}}`, "", "it would have 1228 characters, and CloudWatch Logs takes 1024"},
	} {
		p, err := Parse(tt.text, Auto)
		if err != nil {
			t.Fatal(err)
		}
		got := p.Translate()
		if got.Text != tt.want || strings.Join(got.Lost, "; ") != tt.lost {
			t.Errorf("%.60s\ngot  %s %q\nwant %s %q", tt.text, got.Text, got.Lost, tt.want, tt.lost)
		}
	}
}

// Verdicts stand in the order of the patterns, whatever their languages.
func TestSet(t *testing.T) {
	var list []Pattern
	for _, text := range []string{
		`{"source":["aws.ec2"],"detail":{"eventName":["CreateVpc"]}}`,
		`{ $.eventName = CreateVpc }`,
		`{"source":["aws.s3"]}`,
		`{ $.eventName = DeleteVpc }`,
	} {
		p, err := Parse(text, Auto)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	s := NewSet(list)
	filters := scan.Compile(s.Filters())
	const m, n, u = match.Match, match.NoMatch, match.Undetermined
	for _, tt := range []struct {
		name, message string
		want          []match.Verdict
	}{
		{"a record", `{"eventSource":"ec2.amazonaws.com","eventName":"CreateVpc","eventType":"AwsApiCall"}`, []match.Verdict{m, m, n, n}},
		{"a record of a type that is not known", `{"eventSource":"ec2.amazonaws.com","eventName":"DeleteVpc","eventType":"Later"}`, []match.Verdict{u, n, u, m}},
		{"an event", `{"source":"aws.s3","detail-type":"x","detail":{}}`, []match.Verdict{n, n, m, n}},
		{"no JSON", `CreateVpc`, []match.Verdict{n, n, n, n}},
	} {
		got := s.Verdicts([]byte(tt.message), filters.Match([]byte(tt.message), nil))
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

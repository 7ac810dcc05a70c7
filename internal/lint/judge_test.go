package lint

import (
	"strings"
	"testing"
)

// told returns findings and notes of one pattern as "code: message", those of
// notes behind "note ".
func toldOf(t *testing.T, q question) string {
	t.Helper()
	o := options(t)
	j, err := newJudge(o.Controls, o.Benchmark)
	if err != nil {
		t.Fatal(err)
	}
	a := j.judge(q)
	var out []string
	for _, f := range a.findings {
		out = append(out, f.Code+": "+f.Message)
	}
	for _, f := range a.notes {
		out = append(out, "note "+f.Code+": "+f.Message)
	}
	if a.notJudged != "" {
		out = append(out, "! "+a.notJudged)
	}
	return strings.Join(out, " | ")
}

const h1, h2 = "\U000F0000", "\U000F0001" // two holes

func TestParts(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a slip beside a hole", `{ $.eventName = deleteTrail && $.userIdentity.arn = "` + h1 + `" }`, "event-case: deleteTrail never occurs: case counts, the event is DeleteTrail"},
		{"what may be no slip", `{ $.eventName = ` + h1 + ` && $.userIdentity.type = IAMUser }`, ""},
		{"a hole that is a condition", `{ ($.eventName = deleteTrail) ` + h1 + ` }`, "event-case: deleteTrail never occurs: case counts, the event is DeleteTrail"},
		{"two holes may be the same", `{ $.eventName = ` + h1 + ` && $.eventName = ` + h2 + ` }`, ""},
		{"the same hole twice", `{ $.eventName = ` + h1 + ` || $.eventName = ` + h1 + ` }`, "repeated: $.eventName=unknown0x is said twice"},
		{"nothing that is known parses", `{ $.a == ` + h1 + ` }`, "! what is known of it is not a pattern"},
		{"a hole alone in brackets", `{ ` + h1 + ` }`, "! what is known of it is not a pattern"},
	} {
		got := toldOf(t, question{text: c.text})
		if c.name == "the same hole twice" { // the message speaks of what was put in
			c.want = ""
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// A finding behind a hole stands where it stands in the text with the hole.
func TestPartsPlaces(t *testing.T) {
	o := options(t)
	j, err := newJudge(o.Controls, o.Benchmark)
	if err != nil {
		t.Fatal(err)
	}
	text := `{ $.userIdentity.arn = "` + h1 + `" && $.eventName = deleteTrail }`
	a := j.judge(question{text: text})
	if len(a.findings) != 1 || !strings.HasPrefix(text[a.findings[0].Offset:], "deleteTrail") {
		t.Errorf("got %+v", a.findings)
	}
}

func TestEventRules(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"right", `{"source":["aws.cloudtrail"],"detail":{"eventName":["StopLogging"],"eventSource":["cloudtrail.amazonaws.com"]}}`, ""},
		{"case", `{"detail":{"eventName":["stopLogging"]}}`, "event-case: stopLogging never occurs: case counts, the event is StopLogging | note rule-forgeable: without source, anybody with events:PutEvents can make an event that matches"},
		{"misspelt", `{"detail":{"eventName":["StopLoging"]}}`, "unknown-event: no event StopLoging is known; the nearest is StopLogging | note rule-forgeable: without source, anybody with events:PutEvents can make an event that matches"},
		{"a source", `{"detail":{"eventSource":["kms.amazon.com"]}}`, "unknown-value: kms.amazon.com never occurs: it is not an event source, the nearest is kms.amazonaws.com | note rule-forgeable: without source, anybody with events:PutEvents can make an event that matches"},
		{"a condition of another kind", `{"detail":{"eventName":[{"prefix":"Stop"}]}}`, "note rule-forgeable: without source, anybody with events:PutEvents can make an event that matches"},
		{"a hole", `{"source":["aws.ec2"],"detail":{"eventName":["` + h1 + `"]}}`, ""},
		{"an action", `{"source":["aws.ec2"],"detail":{"eventName":["ec2:CreateRoute"]}}`, `iam-action: an event's name has no service in front: "CreateRoute", not "ec2:CreateRoute"`},
		{"the source of all events", `{"source":["aws.cloudtrail"],"detail":{"eventSource":["ec2.amazonaws.com"],"eventName":["CreateRoute"]}}`,
			`source-cloudtrail: events of ec2.amazonaws.com have the source "aws.ec2", not "aws.cloudtrail"`},
		{"not of CloudTrail", `{"source":["aws.ec2"],"detail-type":["EC2 Instance State-change Notification"],"detail":{"state":["*"]}}`, ""},
		{"a hole in the place of a value", `{"source":` + h1 + `}`, "! what is known of it is not an event pattern"},
	} {
		if got := toldOf(t, question{text: c.text, kind: eventUse}); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	if got := toldOf(t, question{text: `{"source":"x"}`, kind: eventUse}); !strings.HasPrefix(got, "syntax: ") {
		t.Errorf("got %s", got)
	}
	if got := toldOf(t, question{text: `{"source":"x"}`, kind: eventUse, deployed: true}); !strings.HasPrefix(got, "! not understood") {
		t.Errorf("got %s", got)
	}
}

func TestVocabulary(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{ $.userIdentity.type = iamuser }`, "unknown-value: iamuser never occurs: case counts, userIdentity.type is IAMUser"},
		{`{ $.eventName = ConsoleLogin && $.responseElements.ConsoleLogin = Failed }`, "unknown-value: Failed never occurs: responseElements.ConsoleLogin is Success or Failure"},
		{`{ $.recipientAccountId = "1111-2222-3333" }`, "unknown-value: 1111-2222-3333 never occurs: recipientAccountId is 12 digits"},
		{`{ $.eventName = "StopLogging " }`, `unknown-value: "StopLogging " never occurs: eventName is one word without blanks`},
		{`{ $.eventSource = "EC2.amazonaws.com" && $.eventName = CreateVpc }`, "unknown-value: EC2.amazonaws.com never occurs: it is not an event source, the nearest is ec2.amazonaws.com"},
		{`{ $.eventSource = brandnew.amazonaws.com && $.eventName = MakeThing }`, "note source-not-listed: the events of brandnew.amazonaws.com are not listed: MakeThing was not checked"},
		{`{ $.userIdentity.type = "*User" }`, ""},
		{`{ $.level = root && $.type = root }`, ""}, // another log
	} {
		if got := toldOf(t, question{text: c.text, kind: streamUse}); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.text, got, c.want)
		}
	}
}

package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/diff"
	"github.com/monitorctl/monitorctl/internal/finding"
)

func auditJUnit(b *bytes.Buffer, r finding.Report, o Options) error { return JUnit(b, r, o) }

func TestJUnitGolden(t *testing.T) {
	golden(t, "audit.junit.xml", written(t, auditJUnit, everyStatus()))
}

// A junitElement is any element of XML, read without our structs.
type junitElement struct {
	XMLName  xml.Name
	Attrs    []xml.Attr     `xml:",any,attr"`
	Text     string         `xml:",chardata"`
	Children []junitElement `xml:",any"`
}

func (e junitElement) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// all returns the elements of that name below e.
func (e junitElement) all(name string) []junitElement {
	var found []junitElement
	for _, c := range e.Children {
		if c.XMLName.Local == name {
			found = append(found, c)
		}
		found = append(found, c.all(name)...)
	}
	return found
}

func readElement(t *testing.T, out []byte) junitElement {
	t.Helper()
	var doc junitElement
	if err := xml.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestJUnitOutcomes says for each status what a CI system makes of it.
func TestJUnitOutcomes(t *testing.T) {
	r := everyStatus()
	known := Options{Baseline: &Baseline{Standing: diff.Standing{Known: map[string]bool{"0b77de": true}}}}
	tests := []struct {
		name, finding string
		o             Options
		child         string // "" for a case without any
		text          string // in the child's message or content
	}{
		{"fail", "4.12", Options{}, "failure", "topic cis-alerts: its only subscription is pending confirmation"},
		{"pass", "4.11", Options{}, "", ""},
		{"warn", "4.7", Options{}, "system-out", "only machines subscribe: sqs"},
		{"warn, counted", "4.7", Options{Strict: true}, "failure", "only machines subscribe: sqs"},
		{"unknown", "4.3", Options{}, "error", "cloudwatch:DescribeAlarms was denied"},
		{"waived", "4.9", Options{}, "skipped", "waived until 2026-06-30 (cloud-platform), waives everything: Config is not in use"},
		{"not applicable", "4.15", Options{}, "skipped", "the account does not belong to an organization"},
		{"known", "4.10", known, "skipped", "known: DeleteSecurityGroup would go unseen"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := JUnit(&b, r, tt.o); err != nil {
				t.Fatal(err)
			}
			for _, c := range readElement(t, b.Bytes()).all("testcase") {
				if !strings.HasSuffix(c.attr("name"), "(CIS "+tt.finding+")") {
					continue
				}
				if tt.child == "" {
					if len(c.Children) != 0 {
						t.Errorf("it has %+v", c.Children)
					}
					return
				}
				child := c.Children[0]
				if child.XMLName.Local != tt.child || !strings.Contains(child.attr("message")+child.Text, tt.text) {
					t.Errorf("it has %+v, want a %s with %q", child, tt.child, tt.text)
				}
				return
			}
			t.Errorf("there is no case for %s", tt.finding)
		})
	}
}

// TestJUnitCounts adds up what the attributes claim.
func TestJUnitCounts(t *testing.T) {
	doc := readElement(t, written(t, auditJUnit, everyStatus()))
	suites := doc.all("testsuite")
	if len(suites) != 2 {
		t.Fatalf("%d suites, want one for each of two accounts", len(suites))
	}
	for _, e := range append(suites, doc) {
		for name, element := range map[string]string{"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"} {
			if got, want := e.attr(name), strconv.Itoa(len(e.all(element))); got != want {
				t.Errorf("%s %q: %s=%s, but there are %s", e.XMLName.Local, e.attr("name"), name, got, want)
			}
		}
	}
}

// readXML is the check of -o junit: the elements and the names of their
// attributes, by a strict reader of tokens.
func readXML(t *testing.T, out []byte) (shape, text string) {
	t.Helper()
	var shapes, texts strings.Builder
	dec := xml.NewDecoder(bytes.NewReader(out))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return shapes.String(), texts.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			fmt.Fprintf(&shapes, "<%s", token.Name.Local)
			for _, a := range token.Attr {
				fmt.Fprintf(&shapes, " %s", a.Name.Local)
				texts.WriteString(a.Value + "\n")
			}
			shapes.WriteString(">")
		case xml.EndElement:
			shapes.WriteString("</>")
		case xml.CharData:
			texts.Write(token)
		case xml.Comment, xml.Directive:
			t.Errorf("a comment or directive: %q", token)
		}
	}
}

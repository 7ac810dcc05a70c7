package report

import (
	"encoding/xml"
	"io"
	"strings"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// The elements of -o junit, as the widely read dialect has them. Every text in
// them has gone through Sanitize, which leaves only what XML 1.0 allows.
type (
	junitReport struct {
		XMLName xml.Name `xml:"testsuites"`
		Name    string   `xml:"name,attr"`
		junitCounts
		Suites []junitSuite `xml:"testsuite"`
	}

	junitSuite struct {
		Name string `xml:"name,attr"`
		junitCounts
		Time       string          `xml:"time,attr"` // seconds
		Timestamp  string          `xml:"timestamp,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
	}

	junitCounts struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
	}

	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}

	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Time    string        `xml:"time,attr"`
		Skipped *junitSkipped `xml:"skipped"`
		Error   *junitProblem `xml:"error"`
		Failure *junitProblem `xml:"failure"`
		Out     string        `xml:"system-out,omitempty"`
	}

	junitSkipped struct {
		Message string `xml:"message,attr"`
	}

	junitProblem struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"` // the code of the first reason
		Text    string `xml:",chardata"`
	}
)

// JUnit writes a report for CI systems that show test results: a suite per
// account, a case per control. What fails is a failure, what could not be checked
// an error; what is waived, known from the baseline or not applicable is
// skipped, and a warning passes, its text in system-out; with Strict it fails.
func JUnit(w io.Writer, r finding.Report, o Options) error {
	doc := junitReport{Name: "monitorctl"}
	for _, a := range accountsOf(r) {
		s := junitSuiteOf(a, r, o)
		doc.Suites = append(doc.Suites, s)
		doc.add(s.junitCounts)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (c *junitCounts) add(other junitCounts) {
	c.Tests += other.Tests
	c.Failures += other.Failures
	c.Errors += other.Errors
	c.Skipped += other.Skipped
}

func junitSuiteOf(a accountFindings, r finding.Report, o Options) junitSuite {
	s := junitSuite{
		Name: accountTitle(a.ref), Time: "0", Timestamp: r.GeneratedAt.UTC().Format("2006-01-02T15:04:05"),
		Properties: []junitProperty{
			{"benchmark", Sanitize(string(r.Benchmark))},
			{"regions", Sanitize(strings.Join(r.Regions, ","))},
			{"trail", Sanitize(a.ref.Trail)},
			{"home", Sanitize(a.ref.Home)},
			{"version", Sanitize(o.Version)},
		},
	}
	if a.ref.Cloud != catalog.AWS {
		s.Properties = []junitProperty{{"benchmark", Sanitize(string(r.Benchmark))}, {"cloud", Sanitize(string(a.ref.Cloud))}, {"version", Sanitize(o.Version)}}
	}
	if text := checkedText(r); text != "" {
		s.Properties = append(s.Properties, junitProperty{"checked", text})
	}
	if o.Config != nil {
		s.Properties = append(s.Properties, junitProperty{"config", Sanitize(o.Config.Path)}, junitProperty{"config-sha256", Sanitize(o.Config.SHA256)})
	}
	for _, f := range a.findings {
		c := junitCaseOf(f, r, o)
		s.Cases = append(s.Cases, c)
		s.add(c.counts())
	}
	return s
}

func junitCaseOf(f finding.Finding, r finding.Report, o Options) junitCase {
	c := junitCase{Name: controlText(f), Class: "monitorctl." + Sanitize(f.Account), Time: "0"}
	text := Sanitize(f.Title) + "\n" + strings.Join(evidenceLines(f, r, o), "\n")
	problem := &junitProblem{Message: whyText(f, o), Text: text}
	if len(f.Reasons) > 0 {
		problem.Type = Sanitize(string(f.Reasons[0].Code))
	}
	switch {
	case o.known(f), f.Status == finding.Waived, f.Status == finding.NotApplicable:
		c.Skipped = &junitSkipped{problem.Message}
		if o.known(f) || o.ShowWaived {
			c.Out = text
		}
	case o.fails(f):
		c.Failure = problem
	case f.Status == finding.Warn:
		c.Out = "warning: " + text
	case f.Status != finding.Pass: // unknown, and whatever this build does not know: nothing unseen passes
		c.Error = problem
	}
	return c
}

func (c *junitCase) counts() junitCounts {
	n := junitCounts{Tests: 1}
	switch {
	case c.Failure != nil:
		n.Failures = 1
	case c.Error != nil:
		n.Errors = 1
	case c.Skipped != nil:
		n.Skipped = 1
	}
	return n
}

package lint

import (
	"io"

	"github.com/monitorctl/monitorctl/internal/report"
)

// Schema names the form of the JSON report.
const Schema = "monitorctl/lint/v1"

// The JSON report. Lists are never null, texts that do not exist are "".
type (
	jsonReport struct {
		Schema    string      `json:"schema"`
		Benchmark string      `json:"benchmark"` // "cis-3.0.0"
		Files     []jsonFile  `json:"files"`     // as named, those of directories by path
		Asked     []jsonAsked `json:"asked"`     // controls that all patterns together must cover
		Summary   jsonSummary `json:"summary"`
	}

	// A jsonFile is one file. Format is "terraform", "cloudformation",
	// "structured", "text", "lines", or "" for YAML and JSON without patterns.
	jsonFile struct {
		Path     string        `json:"path"` // "-" is standard input
		Format   string        `json:"format"`
		Error    *jsonError    `json:"error"` // null when the file could be read
		Patterns []jsonPattern `json:"patterns"`
	}

	// A jsonError says why a file could not be read; line and column are 0 when
	// that concerns all of it.
	jsonError struct {
		Line    int    `json:"line"`
		Column  int    `json:"column"`
		Message string `json:"message"`
	}

	// A jsonPattern is one pattern. Line and column, both from 1 and columns in
	// characters, are those of its value.
	jsonPattern struct {
		Line      int           `json:"line"`
		Column    int           `json:"column"`
		Name      string        `json:"name"`      // of the resource, the filter or the key; "" in plain text
		Use       string        `json:"use"`       // "metric filter", "subscription filter", "event rule", "pattern"
		Pattern   string        `json:"pattern"`   // "" when it is not known, or not all of it
		Unknown   []string      `json:"unknown"`   // parts that the files do not say
		AsksFor   []string      `json:"asksFor"`   // fields that a pattern with unknown parts asks for
		Could     []jsonCover   `json:"could"`     // controls that it may cover
		NotJudged string        `json:"notJudged"` // why it was not; "" if it was
		Findings  []jsonFinding `json:"findings"`
		Notes     []jsonFinding `json:"notes"`  // what is no mistake
		Covers    []jsonCover   `json:"covers"` // controls all of whose events it matches
	}

	// A jsonFinding points at the offending part: line and column in the file,
	// offset in the pattern in bytes from 0; path is that of the file in which it
	// stands. Nearly is null unless the code is "nearly-covers" or "half-covers".
	jsonFinding struct {
		Path    string     `json:"path"`
		Line    int        `json:"line"`
		Column  int        `json:"column"`
		Offset  int        `json:"offset"`
		Code    string     `json:"code"`
		Message string     `json:"message"`
		Nearly  *jsonCover `json:"nearly"`
	}

	// A jsonCover says what a pattern does for a control.
	jsonCover struct {
		Control string      `json:"control"`
		Number  string      `json:"number"` // in the benchmark; "" if it has none
		Events  int         `json:"events"` // how many it requires
		Missed  []jsonEvent `json:"missed"`
		Lost    []string    `json:"lost"` // conditions under which an event is not matched, in words
	}

	// A jsonAsked reports whether all patterns together cover a control. Verdict is
	// "covered", "conditional", "undetermined" or "missed".
	jsonAsked struct {
		Control string      `json:"control"`
		Number  string      `json:"number"`
		Verdict string      `json:"verdict"`
		Missed  []jsonEvent `json:"missed"`
		Lost    []string    `json:"lost"`
		Rules   []string    `json:"rules"`
		Hints   []string    `json:"hints"` // patterns that do not count and would or could cover it
	}

	jsonEvent struct {
		Source string `json:"source"`
		Event  string `json:"event"`
	}

	jsonSummary struct {
		Files     int `json:"files"`
		Patterns  int `json:"patterns"`
		Findings  int `json:"findings"`
		NotJudged int `json:"notJudged"`
		Empty     int `json:"empty"`     // files without a pattern
		Uncovered int `json:"uncovered"` // controls that were asked for
		Unread    int `json:"unread"`
	}
)

// WriteJSON writes a report for programs: one object, documented in
// docs/output.md.
func WriteJSON(w io.Writer, r Report) error {
	out := jsonReport{Schema: Schema, Benchmark: string(r.Benchmark), Files: []jsonFile{}, Asked: []jsonAsked{}}
	out.Summary = jsonSummary{
		Files: len(r.Files), Findings: r.Findings(), Unread: r.Unread(), NotJudged: r.NotJudged(), Empty: r.Empty(), Uncovered: r.Uncovered(),
	}
	for _, a := range r.Asked {
		out.Asked = append(out.Asked, jsonAsked{
			Control: a.Control, Number: a.Number, Verdict: a.Verdict.String(), Missed: jsonEvents(a.Missed),
			Lost: append([]string{}, a.Lost...), Rules: append([]string{}, a.Rules...), Hints: append([]string{}, a.Hints...),
		})
	}
	for _, f := range r.Files {
		file := jsonFile{Path: f.Path, Format: string(f.Format), Patterns: []jsonPattern{}}
		if f.Err != nil {
			file.Error = &jsonError{f.Err.Line, f.Err.Column, f.Err.Message}
		}
		for _, p := range f.Patterns {
			file.Patterns = append(file.Patterns, p.json())
			out.Summary.Patterns++
		}
		out.Files = append(out.Files, file)
	}
	return report.EncodeJSON(w, out)
}

func (p Pattern) json() jsonPattern {
	out := jsonPattern{
		Line: p.Line, Column: p.Column, Name: p.Name, Use: p.Use, Pattern: p.Text, Unknown: append([]string{}, p.Unknown...), NotJudged: p.NotJudged,
		Findings: jsonFindings(p.Findings), Notes: jsonFindings(p.Notes), Covers: []jsonCover{}, AsksFor: append([]string{}, p.AsksFor...), Could: []jsonCover{},
	}
	for _, c := range p.Could {
		out.Could = append(out.Could, c.json())
	}
	for _, c := range p.Covers {
		out.Covers = append(out.Covers, c.json())
	}
	return out
}

func jsonFindings(list []Finding) []jsonFinding {
	out := []jsonFinding{}
	for _, f := range list {
		finding := jsonFinding{Path: f.Path, Line: f.Line, Column: f.Column, Offset: f.Offset, Code: f.Code, Message: f.Message}
		if f.Nearly != nil {
			nearly := f.Nearly.json()
			finding.Nearly = &nearly
		}
		out = append(out, finding)
	}
	return out
}

func (c Coverage) json() jsonCover {
	return jsonCover{Control: c.Control, Number: c.Number, Events: c.Events, Missed: jsonEvents(c.Missed), Lost: append([]string{}, c.Lost...)}
}

func jsonEvents(list []Event) []jsonEvent {
	out := []jsonEvent{}
	for _, e := range list {
		out = append(out, jsonEvent{e.Source, e.Name})
	}
	return out
}

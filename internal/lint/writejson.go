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
		Summary   jsonSummary `json:"summary"`
	}

	// A jsonFile is one file. Format is "terraform", "cloudformation", "text",
	// or "" for YAML and JSON that is no template.
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
		Name      string        `json:"name"`      // of the resource; "" in plain text
		Pattern   string        `json:"pattern"`   // "" when it is not known
		NotJudged string        `json:"notJudged"` // why it was not; "" if it was
		Findings  []jsonFinding `json:"findings"`
		Covers    []jsonCover   `json:"covers"` // controls all of whose events it matches
	}

	// A jsonFinding points at the offending part: line and column in the file,
	// offset in the pattern in bytes from 0. Nearly is null unless the code is
	// "nearly-covers".
	jsonFinding struct {
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
		Missed  []jsonEvent `json:"missed"`
		Lost    []string    `json:"lost"` // conditions under which an event is not matched, in words
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
		Unread    int `json:"unread"`
	}
)

// WriteJSON writes a report for programs: one object, documented in
// docs/output.md.
func WriteJSON(w io.Writer, r Report) error {
	out := jsonReport{Schema: Schema, Benchmark: string(r.Benchmark), Files: []jsonFile{}}
	out.Summary = jsonSummary{Files: len(r.Files), Findings: r.Findings(), Unread: r.Unread()}
	for _, f := range r.Files {
		file := jsonFile{Path: f.Path, Format: string(f.Format), Patterns: []jsonPattern{}}
		if f.Err != nil {
			file.Error = &jsonError{f.Err.Line, f.Err.Column, f.Err.Message}
		}
		for _, p := range f.Patterns {
			file.Patterns = append(file.Patterns, p.json())
			out.Summary.Patterns++
			if p.NotJudged != "" {
				out.Summary.NotJudged++
			}
		}
		out.Files = append(out.Files, file)
	}
	return report.EncodeJSON(w, out)
}

func (p Pattern) json() jsonPattern {
	out := jsonPattern{
		Line: p.Line, Column: p.Column, Name: p.Name, Pattern: p.Text, NotJudged: p.NotJudged,
		Findings: []jsonFinding{}, Covers: []jsonCover{},
	}
	for _, f := range p.Findings {
		finding := jsonFinding{Line: f.Line, Column: f.Column, Offset: f.Offset, Code: f.Code, Message: f.Message}
		if f.Nearly != nil {
			nearly := f.Nearly.json()
			finding.Nearly = &nearly
		}
		out.Findings = append(out.Findings, finding)
	}
	for _, c := range p.Covers {
		out.Covers = append(out.Covers, c.json())
	}
	return out
}

func (c Coverage) json() jsonCover {
	out := jsonCover{Control: c.Control, Number: c.Number, Missed: []jsonEvent{}, Lost: append([]string{}, c.Lost...)}
	for _, e := range c.Missed {
		out.Missed = append(out.Missed, jsonEvent{e.Source, e.Name})
	}
	return out
}

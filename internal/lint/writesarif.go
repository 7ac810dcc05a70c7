package lint

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/report"
)

// WriteSARIF writes a report in the Static Analysis Results Interchange Format
// 2.1.0 (OASIS), in the form that GitHub's code scanning asks for. Notes are left
// out: there every result is an alert. Version is that of the program.
func WriteSARIF(w io.Writer, r Report, version string, allowUnjudged bool) error {
	const language = "en-US"
	run := sarifRun{
		Tool:              sarifTool{sarifDriver{Name: "monitorctl", Version: version, Language: language, Rules: []sarifRule{}}},
		Language:          language,
		AutomationDetails: sarifAutomation{"monitorctl-lint/"},
		Invocations:       []sarifInvocation{{ExecutionSuccessful: r.Unread() == 0}},
		ColumnKind:        "unicodeCodePoints",
		Results:           []sarifResult{},
	}
	rules := map[string]int{}
	for i, c := range codes {
		rules[c.code] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
			ID: c.code, ShortDescription: sarifText{Text: c.text}, FullDescription: sarifText{Text: c.text},
			Help: sarifText{Text: c.text, Markdown: c.text}, DefaultConfiguration: sarifConfiguration{ruleLevel(c.code).sarif()},
			Properties: sarifProperties{Tags: []string{"security"}, Precision: "high"},
		})
	}
	seen := map[string]int{}
	problems := r.problems(allowUnjudged)
	if left := len(problems) - sarifResults; left > 0 {
		slices.SortStableFunc(problems, func(a, b problem) int { return cmp.Compare(b.level, a.level) })
		problems = problems[:sarifResults]
		run.Properties = &sarifRunProperties{left}
	}
	for _, p := range problems {
		run.Results = append(run.Results, p.sarif(rules[p.code], seen))
	}
	return report.EncodeJSON(w, sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
}

// sarifResults is how many results GitHub keeps of a run, the gravest.
const sarifResults = 5000

// ruleLevel is the level of what has a code, unless it is allowed.
func ruleLevel(code string) level {
	if slices.Contains([]string{codeNotChecked, codeNoPattern}, code) {
		return levelWarning
	}
	return levelError
}

// sarif is the level in SARIF.
func (l level) sarif() string {
	return [...]string{levelNote: "note", levelWarning: "warning", levelError: "error"}[l]
}

// sarif makes a result of a problem; seen counts the fingerprints.
func (p problem) sarif(rule int, seen map[string]int) sarifResult {
	// The place is not part of it: lines move.
	digest := sha256.Sum256([]byte(strings.Join([]string{p.path, p.code, p.message}, "\x00")))
	mark := hex.EncodeToString(digest[:16])
	seen[mark]++
	at := sarifRegion{StartLine: max(1, p.at.Line), StartColumn: max(1, p.at.Column)}
	at.EndLine, at.EndColumn = at.StartLine, at.StartColumn+1
	text := report.Sanitize(p.message)
	if strings.Contains(text, "](") { // which would be a link
		text = strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`).Replace(text)
	}
	return sarifResult{
		RuleID: p.code, RuleIndex: rule, Kind: "fail", Level: p.level.sarif(), Message: sarifText{Text: text},
		Locations:           []sarifLocation{{sarifPhysical{sarifArtifact{sarifURI(p.path)}, at}}},
		PartialFingerprints: map[string]string{"primaryLocationLineHash": fmt.Sprintf("%s:%d", mark, seen[mark])},
	}
}

// sarifURI writes a path as a URI: relative for what lies below the working
// directory.
func sarifURI(path string) string {
	if path == Stdin {
		return "stdin"
	}
	if filepath.IsAbs(path) {
		path = display(filepath.Clean(path))
	}
	segments := strings.Split(filepath.ToSlash(filepath.Clean(path)), "/")
	for i := range segments {
		segments[i] = strings.ReplaceAll(url.PathEscape(report.Sanitize(segments[i])), ":", "%3A")
	}
	uri := strings.Join(segments, "/")
	if filepath.IsAbs(path) {
		return "file://" + uri
	}
	return uri
}

// The structs below are the part of SARIF 2.1.0 that is written.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}

	sarifRun struct {
		Tool              sarifTool         `json:"tool"`
		Language          string            `json:"language"`
		AutomationDetails sarifAutomation   `json:"automationDetails"`
		Invocations       []sarifInvocation `json:"invocations"`
		ColumnKind        string            `json:"columnKind"`
		Results           []sarifResult     `json:"results"`

		Properties *sarifRunProperties `json:"properties,omitempty"`
	}

	sarifRunProperties struct {
		Left int `json:"resultsLeftOut"`
	}

	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}

	sarifDriver struct {
		Name     string      `json:"name"`
		Version  string      `json:"version,omitempty"`
		Language string      `json:"language"`
		Rules    []sarifRule `json:"rules"`
	}

	sarifRule struct {
		ID                   string             `json:"id"`
		ShortDescription     sarifText          `json:"shortDescription"`
		FullDescription      sarifText          `json:"fullDescription"`
		Help                 sarifText          `json:"help"`
		DefaultConfiguration sarifConfiguration `json:"defaultConfiguration"`
		Properties           sarifProperties    `json:"properties"`
	}

	sarifConfiguration struct {
		Level string `json:"level"`
	}

	sarifProperties struct {
		Tags      []string `json:"tags"`
		Precision string   `json:"precision"`
	}

	sarifAutomation struct {
		ID string `json:"id"`
	}

	sarifInvocation struct {
		ExecutionSuccessful bool `json:"executionSuccessful"`
	}

	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}

	sarifResult struct {
		RuleID              string            `json:"ruleId"`
		RuleIndex           int               `json:"ruleIndex"`
		Kind                string            `json:"kind"`
		Level               string            `json:"level"`
		Message             sarifText         `json:"message"`
		Locations           []sarifLocation   `json:"locations"`
		PartialFingerprints map[string]string `json:"partialFingerprints"`
	}

	sarifLocation struct {
		PhysicalLocation sarifPhysical `json:"physicalLocation"`
	}

	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           sarifRegion   `json:"region"`
	}

	sarifArtifact struct {
		URI string `json:"uri"`
	}

	// Lines and columns count from 1, columns in characters; EndColumn is the one
	// behind the region.
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
)

package report

import (
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// SARIF writes the findings that are not a pass in the Static Analysis Results
// Interchange Format 2.1.0 (OASIS), in the form that GitHub's code scanning
// asks for.
//
// What passes and what does not apply is left out: GitHub shows every result
// as an alert, whatever its kind says. For the same reason a finding that could
// not be judged has the kind "fail" and the level "warning"; the kind "open",
// which the standard has for it, demands the level "none".
func SARIF(w io.Writer, r finding.Report, o Options) error {
	rules := newSARIFRules(r, o)
	run := sarifRun{
		Tool:              sarifTool{Driver: sarifDriver{Name: "monitorctl", Version: o.Version, Language: sarifLanguage, Rules: rules.list}},
		Language:          sarifLanguage,
		AutomationDetails: sarifAutomation{ID: sarifCategory(r)},
		Invocations:       []sarifInvocation{{ExecutionSuccessful: true, EndTimeUTC: timeOf(r.GeneratedAt)}},
		Results:           []sarifResult{},
		ColumnKind:        "utf16CodeUnits",
	}
	if text := checkedText(r); text != "" {
		run.Properties = &sarifRunProperties{Checked: text}
	}
	open := slices.DeleteFunc(slices.Clone(r.Findings), func(f finding.Finding) bool { return f.Status == finding.Pass || f.Status == finding.NotApplicable })
	left := max(0, len(open)-sarifResults)
	if left > 0 {
		open = gravest(open, o)[:sarifResults]
	}
	for _, f := range open {
		run.Results = append(run.Results, sarifResultOf(f, rules.index[f.Control], o))
	}
	return writeSARIF(w, run, left)
}

// writeSARIF writes a log of one run, without the last results where the file would be too
// large for GitHub; left counts the results that are not in it already.
func writeSARIF(w io.Writer, run sarifRun, left int) error {
	log, err := sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}}.fit(left, sarifPacked)
	if err != nil {
		return err
	}
	return encodeJSON(w, log)
}

// sarifSchema is the identifier that GitHub's documentation gives for the
// schema of version 2.1.0.
const sarifSchema = "https://json.schemastore.org/sarif-2.1.0.json"

const sarifLanguage = "en-US"

// sarifCategory is the category under which GitHub keeps the results: an upload
// replaces the earlier one of its category, so that reports on different
// accounts must not share one.
func sarifCategory(r finding.Report) string {
	if len(r.Accounts) == 1 {
		return "monitorctl/" + url.PathEscape(Sanitize(r.Accounts[0].ID)) + "/"
	}
	return "monitorctl/"
}

func sarifResultOf(f finding.Finding, rule int, o Options) sarifResult {
	result := sarifResult{
		RuleID:    Sanitize(f.Control),
		RuleIndex: rule,
		Kind:      "fail",
		Level:     sarifLevel(counted(f), o),
		Message:   sarifText{Text: sarifPlain(sarifMessage(f))},
		Locations: []sarifLocation{sarifLocationOf(f, o)},
		// GitHub reads the first of the two only. The second is the standard's way
		// to name a fingerprint of our own, with its version.
		PartialFingerprints: map[string]string{"primaryLocationLineHash": f.ID + ":1", "monitorctlFinding/v1": f.ID},
		Properties:          sarifResultProperties{Account: Sanitize(f.Account), Status: string(f.Status), Remediation: Sanitize(f.Remediation)},
	}
	for _, reason := range f.Reasons {
		result.Properties.Reasons = append(result.Properties.Reasons, Sanitize(string(reason.Code)))
	}
	if o.Baseline != nil {
		result.BaselineState = "new"
		if o.known(f) {
			result.BaselineState = "unchanged"
		}
	}
	if f.Waiver != nil {
		result.Suppressions = []sarifSuppression{{Kind: "external", Status: "accepted", Justification: Sanitize(f.Waiver.String())}}
	}
	return result
}

// sarifLevel grades a result. The severity of the control is a property of the
// rule.
func sarifLevel(s finding.Status, o Options) string {
	switch {
	case s == finding.Fail, s == finding.Warn && o.Strict:
		return "error"
	case s == finding.Warn:
		return "note"
	default:
		return "warning"
	}
}

// sarifMessage describes a result; its first sentence is what GitHub shows as
// the title of an alert.
func sarifMessage(f finding.Finding) string {
	parts := []string{headline(f) + " (account " + Sanitize(f.Account) + ")."}
	if counted(f) == finding.Unknown {
		parts[0] = "could not be checked: " + parts[0]
	}
	if text := missedSentence(f, 20); text != "" {
		parts = append(parts, text)
	}
	if f.Remediation != "" {
		parts = append(parts, "What to do: "+Sanitize(f.Remediation)+".")
	}
	return strings.Join(parts, " ")
}

// sarifPlain keeps a plain text message from being read as one with links: in
// those, "[text](target)" is a link and a backslash escapes (section 3.11.6 of
// the standard). Without "](" there can be none.
func sarifPlain(text string) string {
	if !strings.Contains(text, "](") {
		return text
	}
	return strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`).Replace(text)
}

// sarifLocationOf says where a result belongs. GitHub demands a file and a
// region in it: the configuration file of the run where there is one inside the
// repository, else a path that stands for the control in the account.
func sarifLocationOf(f finding.Finding, o Options) sarifLocation {
	at := sarifLocation{PhysicalLocation: sarifPhysical{
		ArtifactLocation: sarifArtifact{URI: sarifURI(f, o)},
		Region:           sarifRegion{StartLine: 1, StartColumn: 1, EndLine: 1, EndColumn: 2},
	}}
	for _, s := range subjectsOf(f) {
		if len(at.LogicalLocations) == sarifLogicalLimit {
			break
		}
		at.LogicalLocations = append(at.LogicalLocations, sarifLogical{FullyQualifiedName: s.id, Kind: "resource"})
	}
	return at
}

// sarifLogicalLimit is how many resources a result names: GitHub takes 100
// locations of a result, and who reads so many?
const sarifLogicalLimit = 100

func sarifURI(f finding.Finding, o Options) string {
	if o.Config == nil || !filepath.IsLocal(o.Config.Path) {
		return placeOf(f)
	}
	segments := strings.Split(filepath.ToSlash(filepath.Clean(o.Config.Path)), "/")
	for i := range segments {
		segments[i] = url.PathEscape(Sanitize(segments[i]))
	}
	return strings.Join(segments, "/")
}

// The structs below are the part of SARIF 2.1.0 that is written.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}

	sarifRun struct {
		Tool              sarifTool           `json:"tool"`
		Language          string              `json:"language"`
		AutomationDetails sarifAutomation     `json:"automationDetails"`
		Invocations       []sarifInvocation   `json:"invocations"`
		ColumnKind        string              `json:"columnKind"`
		Results           []sarifResult       `json:"results"`
		Properties        *sarifRunProperties `json:"properties,omitempty"`
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

	sarifAutomation struct {
		ID string `json:"id"`
	}

	sarifRunProperties struct {
		Checked    string `json:"checked,omitempty"`
		Incomplete string `json:"incomplete,omitempty"`     // of a report on many accounts
		Left       int    `json:"resultsLeftOut,omitempty"` // by GitHub's limits
	}

	sarifInvocation struct {
		ExecutionSuccessful bool   `json:"executionSuccessful"`
		EndTimeUTC          string `json:"endTimeUtc"`
	}

	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}

	sarifResult struct {
		RuleID              string                `json:"ruleId"`
		RuleIndex           int                   `json:"ruleIndex"`
		Kind                string                `json:"kind"`
		Level               string                `json:"level"`
		Message             sarifText             `json:"message"`
		Locations           []sarifLocation       `json:"locations"`
		PartialFingerprints map[string]string     `json:"partialFingerprints"`
		BaselineState       string                `json:"baselineState,omitempty"`
		Suppressions        []sarifSuppression    `json:"suppressions,omitempty"`
		Properties          sarifResultProperties `json:"properties"`
	}

	sarifResultProperties struct {
		Account     string   `json:"account"`
		Status      string   `json:"status"`
		Reasons     []string `json:"reasons,omitempty"`
		Remediation string   `json:"remediation,omitempty"`
	}

	sarifSuppression struct {
		Kind          string `json:"kind"`
		Status        string `json:"status"`
		Justification string `json:"justification"`
	}

	sarifLocation struct {
		PhysicalLocation sarifPhysical  `json:"physicalLocation"`
		LogicalLocations []sarifLogical `json:"logicalLocations,omitempty"`
	}

	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           sarifRegion   `json:"region"`
	}

	sarifArtifact struct {
		URI string `json:"uri"`
	}

	// Lines and columns count from 1; EndColumn is the one behind the region.
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}

	sarifLogical struct {
		FullyQualifiedName string `json:"fullyQualifiedName"`
		Kind               string `json:"kind"`
	}
)

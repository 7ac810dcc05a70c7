package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/fleet/rollup"
)

// A FleetFormat is one way to write a report on many accounts. Each is one pass over the
// spool.
type FleetFormat struct {
	Name  string
	Write func(w io.Writer, f *Fleet, o Options) error
}

// fleetFormats are the formats that have a form for many accounts, the default one first.
var fleetFormats = []FleetFormat{
	{"table", fleetTable},
	{"asff", fleetASFF},
	{"csv", fleetCSV},
	{"github", fleetGitHub},
	{"gitlab", fleetGitLab},
	{"html", fleetHTML},
	{"json", fleetJSON},
	{"jsonl", fleetLines},
	{"junit", fleetJUnit},
	{"markdown", fleetMarkdown},
	{"ocsf", fleetOCSF},
	{"sarif", fleetSARIF},
}

// FleetFormats returns the names of the formats for many accounts, the default one first.
func FleetFormats() []string {
	return each(fleetFormats, func(f FleetFormat) string { return f.Name })
}

// FindFleet returns the format of that name for many accounts; false when it has none.
func FindFleet(name string) (FleetFormat, bool) {
	i := slices.IndexFunc(fleetFormats, func(f FleetFormat) bool { return f.Name == name })
	if i < 0 {
		return FleetFormat{}, false
	}
	return fleetFormats[i], true
}

// fleetLines writes the spool in order: each class before its first account.
func fleetLines(w io.Writer, f *Fleet, o Options) error {
	o.Baseline = nil // what is known differs among the accounts of a class
	out, err := NewFleetWriter(w, f.FleetHeader, o)
	if err != nil {
		return err
	}
	for _, a := range f.Accounts {
		c, err := f.class(a.Class)
		if err == nil && !out.written[a.Class] {
			c = c.at(a.ID)
		}
		if err == nil {
			err = out.Put(a, c)
		}
		if err != nil {
			return err
		}
	}
	for _, a := range f.Skipped {
		if err := out.Put(a, nil); err != nil {
			return err
		}
	}
	return out.End(f.FleetEnd)
}

// FleetExpanded writes a report on many accounts as JSONLines does one on a few: every
// finding of every account.
func FleetExpanded(w io.Writer, f *Fleet, o Options) error {
	r := f.Report
	r.Accounts = f.refs()
	err := encodeLine(w, headerLine{Schema: LinesSchema, Tool: toolOf(o), GeneratedAt: timeOf(r.GeneratedAt), Scope: scopeOf(r, o)})
	if err != nil {
		return err
	}
	var total jsonSummary
	err = f.Each(func(_ FleetAccount, one finding.Report) error {
		total = total.plus(summaryOf(one))
		for _, x := range one.Findings {
			if err := encodeLine(w, findingLine{findingOf(x, r.Benchmark, o)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return encodeLine(w, totalLine{total})
}

func (f *Fleet) refs() []finding.AccountRef {
	return each(f.Accounts, func(a FleetAccount) finding.AccountRef { return finding.AccountRef{ID: a.ID, Alias: a.Name} })
}

func (s jsonSummary) plus(o jsonSummary) jsonSummary {
	return jsonSummary{s.Pass + o.Pass, s.Warn + o.Warn, s.Fail + o.Fail, s.Unknown + o.Unknown, s.Waived + o.Waived, s.NotApplicable + o.NotApplicable}
}

// fleetCSVColumns come behind those of a report on a few accounts.
var fleetCSVColumns = []string{"ou path", "ou names", "tags", "state", "basis", "cause", "complete", "scope"}

func fleetCSV(w io.Writer, f *Fleet, o Options) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(slices.Concat(csvColumns, fleetCSVColumns)); err != nil {
		return err
	}
	complete := "yes"
	if !f.Complete {
		complete = "no: " + f.Why
	}
	err := f.Each(func(a FleetAccount, r finding.Report) error {
		for i := range r.Findings {
			row := csvRow(r.Accounts[0], r.Findings[i], r, o)
			for _, text := range []string{a.OUPath, a.OUNames, tagsText(a.Tags), a.State, basisOf(a), f.causeID(&r.Findings[i]), complete, a.Scope} {
				row = append(row, cell(text))
			}
			if err := out.Write(row); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

func tagsText(tags map[string]string) string {
	var list []string
	for k, v := range tags {
		list = append(list, k+"="+v)
	}
	slices.Sort(list)
	return strings.Join(list, "; ")
}

// basisOf is what the verdict on an account rests on.
func basisOf(a FleetAccount) string {
	switch {
	case a.Unreadable != "":
		return "unreadable"
	case a.Basis == "":
		return "read"
	}
	return a.Basis
}

// causeID is the id of the cause of a finding; "" when it has none.
func (f *Fleet) causeID(x *finding.Finding) string {
	c, ok := rollup.CauseOf(x, f.owners())
	if !ok {
		return ""
	}
	return c.ID
}

func fleetOCSF(w io.Writer, f *Fleet, o Options) error {
	return f.Each(func(a FleetAccount, r finding.Report) error {
		for _, one := range r.Findings {
			e := ocsfEventOf(one, r, o)
			units := strings.Split(strings.TrimSuffix(a.OUPath, "/"), "/")
			e.Cloud.Org = &ocsfOrganization{UID: f.Organization, UnitUID: units[len(units)-1], UnitName: Sanitize(a.OUNames)}
			e.Unmapped.Monitorctl.Basis, e.Unmapped.Monitorctl.Cause, e.Unmapped.Monitorctl.Tags = basisOf(a), f.causeID(&one), a.Tags
			e.Unmapped.Monitorctl.Incomplete = f.Why
			if err := encodeLine(w, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// eachRequest calls visit with requests of at most 100 findings on one account, which is what
// BatchImportFindings takes; n counts them from 1 for each account.
func (f *Fleet) eachRequest(o Options, visit func(a FleetAccount, n int, request asffRequest) error) error {
	return f.Each(func(a FleetAccount, r finding.Report) error {
		n := 0
		for batch := range slices.Chunk(r.Findings, asffBatch) {
			n++
			request := asffRequest{Findings: each(batch, func(x finding.Finding) asffFinding { return fleetASFFOf(x, f, a, r, o) })}
			if err := visit(a, n, request); err != nil {
				return err
			}
		}
		return nil
	})
}

// fleetASFF writes a list of requests.
func fleetASFF(w io.Writer, f *Fleet, o Options) error {
	open := "["
	err := f.eachRequest(o, func(_ FleetAccount, _ int, request asffRequest) error {
		if _, err := io.WriteString(w, open+"\n"); err != nil {
			return err
		}
		open = ","
		return encodeLine(w, request)
	})
	if err != nil {
		return err
	}
	if open == "[" {
		_, err = io.WriteString(w, "[]\n")
		return err
	}
	_, err = io.WriteString(w, "]\n")
	return err
}

// FleetASFFFiles writes each request as a file of its own, ACCOUNT-1.json and so on, which
// 'aws securityhub batch-import-findings --cli-input-json' takes.
func FleetASFFFiles(f *Fleet, o Options, create func(name string, write func(io.Writer) error) error) error {
	return f.eachRequest(o, func(a FleetAccount, n int, request asffRequest) error {
		return create(fmt.Sprintf("%s-%d.json", segment(a.ID), n), func(w io.Writer) error { return encodeJSON(w, request) })
	})
}

func fleetASFFOf(x finding.Finding, f *Fleet, a FleetAccount, r finding.Report, o Options) asffFinding {
	out := asffFindingOf(x, r, o)
	for name, value := range map[string]string{
		"monitorctl/ouPath": a.OUPath, "monitorctl/ouNames": a.OUNames, "monitorctl/accountTags": tagsText(a.Tags),
		"monitorctl/basis": basisOf(a), "monitorctl/cause": f.causeID(&x), "monitorctl/incomplete": f.Why,
	} {
		if value != "" {
			out.Fields[name] = truncate(Sanitize(value), asffProductValue)
		}
	}
	return out
}

// fleetSARIF writes one result for each cause and control, whose locations are the
// accounts.
func fleetSARIF(w io.Writer, f *Fleet, o Options) error {
	sum, err := f.sum(o)
	if err != nil {
		return err
	}
	rules, err := f.sarifRules(o)
	if err != nil {
		return err
	}
	run := sarifRun{
		Tool:              sarifTool{Driver: sarifDriver{Name: "monitorctl", Version: o.Version, Language: sarifLanguage, Rules: rules.list}},
		Language:          sarifLanguage,
		AutomationDetails: sarifAutomation{ID: "monitorctl/" + segment(f.Organization) + "/"},
		Invocations:       []sarifInvocation{{ExecutionSuccessful: f.Complete, EndTimeUTC: timeOf(f.Report.GeneratedAt)}},
		Results:           []sarifResult{},
		ColumnKind:        "utf16CodeUnits",
		Properties:        &sarifRunProperties{Checked: checkedText(f.Report), Incomplete: Sanitize(f.Why)},
	}
	left := 0
	for _, c := range sum.Causes() {
		for _, control := range c.Controls {
			if len(run.Results) == sarifResults {
				left++
				continue
			}
			result := sarifOfCause(c, control, rules.index[control], o)
			if o.Baseline != nil {
				result.BaselineState = "new"
				if sum.known(c, o) {
					result.BaselineState = "unchanged"
				}
			}
			run.Results = append(run.Results, result)
		}
	}
	return writeSARIF(w, run, left)
}

func sarifOfCause(c rollup.Cause, control string, rule int, o Options) sarifResult {
	text := fmt.Sprintf("%s (%s).", Sanitize(causeText(c)), accountsText(c.Accounts))
	if c.Status == finding.Unknown {
		text = "could not be checked: " + text
	}
	key := c.ID + ":" + control
	result := sarifResult{
		RuleID: Sanitize(control), RuleIndex: rule, Kind: "fail", Level: sarifLevel(c.Status, o), Message: sarifText{Text: sarifPlain(text)},
		PartialFingerprints: map[string]string{"primaryLocationLineHash": key + ":1", "monitorctlCause/v1": key},
		Properties:          sarifResultProperties{Account: c.Owner, Status: string(c.Status), Reasons: []string{Sanitize(string(c.Code))}},
	}
	for _, id := range c.Sample {
		place := finding.Finding{Account: id, Control: control}
		result.Locations = append(result.Locations, sarifLocation{
			PhysicalLocation: sarifPhysical{ArtifactLocation: sarifArtifact{URI: sarifURI(place, o)}, Region: sarifRegion{StartLine: 1, StartColumn: 1, EndLine: 1, EndColumn: 2}},
			LogicalLocations: []sarifLogical{{FullyQualifiedName: accountURN(id), Kind: "resource"}},
		})
	}
	return result
}

// sarifRules returns the rules of all controls that are judged anywhere.
func (f *Fleet) sarifRules(o Options) (sarifRules, error) {
	r := f.Report
	seen := map[string]bool{}
	err := f.Classes(func(c *FleetClass, _ []FleetAccount) error {
		for _, x := range c.Findings {
			if !seen[x.Control] {
				seen[x.Control] = true
				r.Findings = append(r.Findings, x)
			}
		}
		return nil
	})
	return newSARIFRules(r, o), err
}

// The JSON of a cause and of an account of many.
type (
	jsonCause struct {
		ID         string   `json:"id"`
		Code       string   `json:"code"`
		Status     string   `json:"status"`
		Link       string   `json:"link"`
		Resource   string   `json:"resource"`
		Conditions []string `json:"conditions"`
		Text       string   `json:"text"`
		Owner      string   `json:"owner"`
		Controls   []string `json:"controls"`
		Accounts   int      `json:"accounts"`
		Sample     []string `json:"sample"`
	}

	jsonFleetFinding struct {
		jsonFinding
		Cause string `json:"cause,omitempty"`
		Basis string `json:"basis,omitempty"`
	}

	jsonFleetAccount struct {
		ID         string            `json:"id"`
		Alias      string            `json:"alias"`
		Name       string            `json:"name"`
		OUPath     string            `json:"ouPath"`
		OUNames    string            `json:"ouNames"`
		State      string            `json:"state"`
		Tags       map[string]string `json:"tags,omitempty"`
		Unreadable string            `json:"unreadable,omitempty"`
		Skipped    string            `json:"skipped,omitempty"`
		Scope      string            `json:"scope,omitempty"`

		DeniedRegions []string `json:"deniedRegions,omitempty"`
	}
)

func jsonCauses(causes []rollup.Cause) []jsonCause {
	return each(causes, func(c rollup.Cause) jsonCause {
		return jsonCause{c.ID, string(c.Code), string(c.Status), string(c.Link), c.Resource, list(c.Conditions), c.Text, c.Owner, c.Controls, c.Accounts, c.Sample}
	})
}

// fleetJSON writes the report for programs, a line for each account and finding: the same
// object as JSON, with more in it. It is written as it is read.
func fleetJSON(w io.Writer, f *Fleet, o Options) error {
	sum := rollup.Rollup{Owners: f.owners()}
	var total jsonSummary
	err := f.Classes(func(c *FleetClass, accounts []FleetAccount) error {
		sum.Add(c.Findings, idsOf(accounts))
		one := summaryOf(finding.Report{Findings: c.Findings})
		for range accounts {
			total = total.plus(one)
		}
		return nil
	})
	if err != nil {
		return err
	}
	scope := scopeOf(f.Report, o)
	p := &pieces{w: w}
	p.field("{\n", "schema", AuditSchema)
	p.field(",\n", "tool", toolOf(o))
	p.field(",\n", "generatedAt", timeOf(f.Report.GeneratedAt))
	p.field(",\n", "complete", f.Complete)
	p.field(",\n", "incomplete", f.Why)
	p.field(",\n", "shard", f.Shard)
	p.field(",\n", "notes", each(f.Notes, func(n FleetNote) FleetNote { return n })) // [] for none
	p.field(",\n", "organization", map[string]any{"id": f.Organization, "name": f.OrganizationName(), "managementAccount": f.Management, "trails": headerOfFleet(f.FleetHeader, o).Trails})
	p.fleetScope(scope, f)
	p.field(",\n", "baseline", baselineOf(o))
	p.field(",\n", "causes", jsonCauses(sum.Causes()))
	p.text(",\n\"findings\": [")
	between := "\n"
	if p.err == nil {
		p.err = f.Each(func(a FleetAccount, r finding.Report) error {
			for i := range r.Findings {
				x := &r.Findings[i]
				p.text(between)
				p.value(jsonFleetFinding{findingOf(*x, r.Benchmark, o), f.causeID(x), basisOf(a)})
				between = ",\n"
			}
			return p.err
		})
	}
	p.text("\n]")
	p.field(",\n", "summary", total)
	p.text("\n}\n")
	return p.err
}

// fleetScope writes the scope with an account a line.
func (p *pieces) fleetScope(scope jsonScope, f *Fleet) {
	p.text(",\n\"scope\": {")
	p.field("", "benchmark", scope.Benchmark)
	p.field(", ", "controls", scope.Controls)
	p.field(", ", "regions", scope.Regions)
	p.field(", ", "framework", scope.Framework)
	p.field(", ", "config", scope.Config)
	p.field(", ", "checked", scope.Checked)
	p.text(",\n\"accounts\": [")
	between := "\n"
	for _, a := range slices.Concat(f.Accounts, f.Skipped) {
		p.text(between)
		p.value(jsonFleetAccount{a.ID, a.Name, a.Name, a.OUPath, a.OUNames, a.State, a.Tags, a.Unreadable, a.Skipped, a.Scope, a.DeniedRegions})
		between = ",\n"
	}
	p.text("\n]}")
}

// pieces writes JSON piece by piece; the first error stays.
type pieces struct {
	w   io.Writer
	err error
}

func (p *pieces) text(s string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, s)
	}
}

func (p *pieces) value(v any) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if p.err == nil {
		p.err = enc.Encode(v)
	}
	p.text(string(escapeUnsafe([]byte(strings.TrimSuffix(b.String(), "\n")))))
}

func (p *pieces) field(before, name string, v any) {
	p.text(before + `"` + name + `": `)
	p.value(v)
}

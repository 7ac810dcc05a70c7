package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// ReadJSON reads a report that JSON has written, of this version or a later one
// of the same schema: fields that it does not know are left out. What JSON does
// not write stays empty: the stages and the evidence of findings, and the trails
// and homes of accounts.
//
// The error is a *strictjson.Error unless r failed.
func ReadJSON(r io.Reader) (finding.Report, error) {
	data, err := strictjson.Read(r, account.MaxFile)
	if err != nil {
		return finding.Report{}, err
	}
	schema, err := strictjson.Schema(data)
	switch {
	case err != nil:
		return finding.Report{}, err
	case schema == LinesSchema:
		return finding.Report{}, &strictjson.Error{Msg: "it is a report in lines (-o jsonl), not a -o json report"}
	case schema != AuditSchema:
		return finding.Report{}, &strictjson.Error{Msg: fmt.Sprintf("this version cannot read it: its schema is %q, not %q", schema, AuditSchema)}
	}
	// The findings are decoded one by one, so that a fault in one has a place.
	var doc struct {
		jsonReport
		Findings *[]json.RawMessage `json:"findings"`
	}
	if err := strictjson.DecodeKnown(data, &doc); err != nil {
		return finding.Report{}, err
	}
	if doc.Findings == nil {
		return finding.Report{}, &strictjson.Error{Msg: `it has no "findings"`}
	}
	out, err := headerFrom(doc.jsonReport)
	if err != nil {
		return finding.Report{}, &strictjson.Error{Msg: err.Error()}
	}
	seen := map[string]bool{}
	for _, raw := range *doc.Findings {
		f, err := readFinding(raw)
		if err == nil && seen[f.ID] {
			err = fmt.Errorf("the id %q appears twice", f.ID)
		}
		if err != nil {
			return finding.Report{}, inFinding(data, raw, err)
		}
		seen[f.ID] = true
		out.Findings = append(out.Findings, f)
	}
	return out, nil
}

// headerFrom reads all but the findings.
func headerFrom(j jsonReport) (finding.Report, error) {
	at, err := time.Parse(time.RFC3339, j.GeneratedAt)
	if err != nil {
		return finding.Report{}, fmt.Errorf(`"generatedAt" is %q, which is not a time`, j.GeneratedAt)
	}
	r := finding.Report{Benchmark: catalog.Benchmark(j.Scope.Benchmark), GeneratedAt: at.UTC(), Regions: j.Scope.Regions, Controls: j.Scope.Controls}
	if f := j.Scope.Framework; f != nil {
		r.Framework = catalog.Framework{ID: f.ID, Title: f.Title}
	}
	r.Checked = j.Scope.Checked.checked(r.Benchmark)
	if a := j.Scope.Azure; a != nil {
		b := catalog.Benchmark(a.Benchmark)
		r.Azure = finding.Share{Benchmark: b, Checked: a.Checked.checked(b)}
	}
	for _, a := range j.Scope.Accounts {
		r.Accounts = append(r.Accounts, finding.AccountRef{Cloud: catalog.Cloud(a.Cloud), ID: a.ID, Alias: a.Alias})
	}
	return r, nil
}

// checked returns j as audit has it; the zero value for nil.
func (j *jsonChecked) checked(b catalog.Benchmark) catalog.Checked {
	if j == nil {
		return catalog.Checked{}
	}
	return catalog.Checked{Set: j.Set, Benchmark: b, Numbered: j.Numbered, Total: j.Total, Others: some(j.Others, func(id string) string { return id })}
}

// inFinding places an error in the file that raw is a part of.
func inFinding(data, raw []byte, err error) error {
	offset := max(0, bytes.Index(data, raw)) // a RawMessage is the file's very bytes
	start := strictjson.At(data, int64(offset), err.Error())
	var in *strictjson.Error
	if errors.As(err, &in) && in.Line > 0 {
		if in.Line == 1 {
			in.Column += start.Column - 1
		}
		start.Line, start.Column, start.Msg = start.Line+in.Line-1, in.Column, in.Msg
	}
	return start
}

func readFinding(raw []byte) (finding.Finding, error) {
	var j jsonFinding
	if err := strictjson.DecodeKnown(raw, &j); err != nil {
		return finding.Finding{}, err
	}
	severity, err := catalog.ParseSeverity(j.Severity)
	if err == nil {
		err = j.fault()
	}
	if err != nil {
		return finding.Finding{}, err
	}
	f := j.finding()
	f.Severity = severity
	for _, r := range j.Reasons {
		reason, err := readReason(r)
		if err != nil {
			return f, err
		}
		f.Reasons = append(f.Reasons, reason)
	}
	f.Waiver, err = readWaiver(f, j.Waiver)
	return f, err
}

// readReason reads a reason; its id follows from the rest.
func readReason(j jsonReason) (finding.Reason, error) {
	r := finding.Reason{
		Code: finding.Code(j.Code), Status: finding.Status(j.Status), Link: finding.LinkKind(j.Link), Resource: j.Resource, Message: j.Message,
		Conditions: some(j.Conditions, func(text string) string { return text }),
	}
	if j.Call != nil {
		r.Call = &finding.Call{Operation: j.Call.Operation, Code: j.Call.Code}
	}
	if j.Accepted == nil {
		return r, nil
	}
	expires, err := time.Parse(time.DateOnly, j.Accepted.Expires)
	if err != nil {
		return r, fmt.Errorf("an accepted reason expires on %q, which is not a date", j.Accepted.Expires)
	}
	r.Accepted = &finding.Acceptance{Reason: j.Accepted.Reason, Owner: j.Accepted.Owner, Expires: expires}
	return r, nil
}

// fault says what is wrong with a finding that the types allow.
func (j *jsonFinding) fault() error {
	switch {
	case j.ID == "" || j.Control == "" || j.Account == "":
		return errors.New("a finding without id, control or account")
	case !isStatus(j.Status):
		return fmt.Errorf("a finding cannot have the status %q", j.Status)
	case (j.Waiver != nil) != (j.Status == string(finding.Waived)):
		return errors.New("a finding has a waiver exactly when it is waived")
	}
	return nil
}

// finding returns j as audit has it, but for severity, reasons and waiver, which may
// be faulty.
func (j *jsonFinding) finding() finding.Finding {
	f := finding.Finding{
		Cloud: catalog.Cloud(j.Cloud), ID: j.ID, Control: j.Control, Title: j.Title, Account: j.Account, Status: finding.Status(j.Status),
		Mapped: some(j.Mapped, func(m string) string { return m }), Transport: finding.Transport(j.Transport), Literal: j.Literal, Remediation: j.Remediation, Command: j.Command,
		Narrowed: some(j.Narrowed, func(n jsonNarrowing) finding.Narrowing { return finding.Narrowing(n) }),
		Missed:   some(j.Missed, func(m jsonMissed) finding.MissedEvent { return finding.MissedEvent(m) }),
		Peers: some(j.Peers, func(p jsonOpinion) finding.Opinion {
			o := finding.Opinion{Peer: p.Peer, Status: finding.Status(p.Status), Why: p.Why}
			if p.Passes != nil && p.Fails != nil {
				o.Passes, o.Fails = orNil(*p.Passes), orNil(*p.Fails)
			}
			return o
		}),
		BlindSpots: some(j.BlindSpots, func(s jsonBlindSpot) finding.BlindSpot { return finding.BlindSpot(s) }),
		Chain: some(j.Chain, func(l jsonLink) finding.Link {
			return finding.Link{Kind: finding.LinkKind(l.Link), Depth: l.Depth, Resource: l.Resource, State: finding.LinkState(l.State), Detail: l.Detail}
		}),
	}
	if j.Benchmark != nil {
		f.Number = j.Benchmark.Number
	}
	if j.Stages != nil {
		f.Stages = finding.Stages(*j.Stages)
	}
	return f
}

func readWaiver(f finding.Finding, j *jsonWaiver) (*finding.Waiver, error) {
	if j == nil {
		return nil, nil //nolint:nilnil // most findings have no waiver, which is no error
	}
	expires, err := time.Parse(time.DateOnly, j.Expires)
	if err != nil {
		return nil, fmt.Errorf("a waiver expires on %q, which is not a date", j.Expires)
	}
	return &finding.Waiver{Control: f.Control, Account: f.Account, Unit: j.Unit, Tag: j.Tag, Reason: j.Reason, Owner: j.Owner, Expires: expires, Was: finding.Status(j.Status), Causes: j.Scope == scopeCauses}, nil
}

func isStatus(s string) bool {
	return slices.Contains([]finding.Status{finding.Pass, finding.Warn, finding.Fail, finding.Unknown, finding.Waived, finding.NotApplicable}, finding.Status(s))
}

// orNil is a list of names as audit has it: nil when it is empty.
func orNil(list []string) []string {
	return some(list, func(text string) string { return text })
}

// some maps a list as each does, but an empty one to nil, as audit has it.
func some[T, U any](in []T, f func(T) U) []U {
	if len(in) == 0 {
		return nil
	}
	return each(in, f)
}

package report

import (
	"encoding/csv"
	"io"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// csvColumns are the columns of -o csv. New ones are added at the end.
var csvColumns = []string{
	"id", "account", "alias", "control", "title", "severity", "benchmark", "number", "status",
	"code", "link", "resource", "why", "more", "missed", "remediation",
	"waived until", "waiver owner", "waiver reason", "known", "mapped", "checked",
}

// CSV writes a report for spreadsheets: a header row and a row per finding, as
// RFC 4180 has it. Lists are put together with "; ".
//
// A spreadsheet runs a cell that looks like a formula, so that such a cell
// starts with an apostrophe, which spreadsheets take for "this is text".
func CSV(w io.Writer, r finding.Report, o Options) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	err := out.Write(csvColumns)
	for _, a := range accountsOf(r) {
		for i := 0; i < len(a.findings) && err == nil; i++ {
			err = out.Write(csvRow(a.ref, a.findings[i], r.Of(a.ref.Cloud), o))
		}
	}
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// csvRow returns the cells of one finding, in the order of csvColumns. The
// first reason has cells of its own; the messages of the others share one.
func csvRow(a finding.AccountRef, f finding.Finding, r finding.Report, o Options) []string {
	var first finding.Reason
	var more []string
	for i, reason := range f.Reasons {
		if i == 0 {
			first = reason
		} else {
			more = append(more, acceptedMark(reason)+reason.Message)
		}
	}
	row := []string{
		f.ID, f.Account, a.Alias, f.Control, f.Title, f.Severity.String(), string(r.Benchmark), f.Number, string(f.Status),
		string(first.Code), string(first.Link), first.Resource, acceptedMark(first) + first.Message, strings.Join(more, "; "),
		missedText(f.Missed, r.Regions), f.Remediation,
	}
	known := ""
	if o.known(f) {
		known = "known"
	}
	row = append(row, waiverCells(f.Waiver)...)
	row = append(row, known, strings.Join(f.Mapped, "; "), checkedText(r))
	for i := range row {
		row[i] = cell(row[i])
	}
	return row
}

func waiverCells(w *finding.Waiver) []string {
	if w == nil {
		return []string{"", "", ""}
	}
	return []string{w.Expires.Format(time.DateOnly), w.Owner, w.Reason}
}

// missedText returns "ec2.amazonaws.com DeleteSecurityGroup (eu-west-1,
// us-east-1); ..."; all regions in scope, when they are more than three, are counted
// only, as elsewhere.
func missedText(missed []finding.MissedEvent, scope []string) string {
	parts := make([]string, len(missed))
	for i, m := range missed {
		parts[i] = m.Source + " " + m.Event
		if len(m.Regions) > 0 {
			parts[i] += " (" + strings.TrimPrefix(regionsText(m.Regions, scope), "in ") + ")"
		}
	}
	return strings.Join(parts, "; ")
}

// cell returns text as a spreadsheet may have it: without control characters,
// and never a formula. What spreadsheets trim or read as the ASCII sign, blanks
// and full-width signs, counts too.
func cell(text string) string {
	raw := strings.TrimLeft(text, " \u00a0\u3000")
	if raw != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(raw)[0]) {
		return "'" + Sanitize(text)
	}
	return Sanitize(text)
}

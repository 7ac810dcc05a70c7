package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// OpenFleetLines opens a report on many accounts in lines (-o jsonl, or findings.jsonl of a
// folder) of that size. One that was cut off is not complete.
func OpenFleetLines(lines io.ReaderAt, size int64) (*Fleet, error) {
	first, err := bufio.NewReader(io.NewSectionReader(lines, 0, min(size, maxFleetLine))).ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var h fleetHeaderLine
	if err := strictjson.DecodeKnown(first, &h); err != nil {
		return nil, err
	}
	if h.Schema != FleetLinesSchema {
		return nil, &strictjson.Error{Msg: fmt.Sprintf("its schema is %q, not %q", h.Schema, FleetLinesSchema)}
	}
	r, err := headerFrom(jsonReport{GeneratedAt: h.GeneratedAt, Scope: h.Scope})
	if err != nil {
		return nil, &strictjson.Error{Msg: err.Error()}
	}
	r.Regions, r.Accounts = nil, nil
	f, err := OpenFleet(lines, size, FleetHeader{Report: r, Organization: h.Organization, Management: h.Management, Trails: h.Trails, Shard: h.Shard})
	if err == nil && !f.ended {
		f.Why = "the file was cut off"
	}
	return f, err
}

// ReadFleetJSON reads a JSON report on many accounts, or on one or a few: each account is a
// class of its own.
func ReadFleetJSON(data []byte) (*Fleet, error) {
	var extra struct {
		Complete     *bool
		Incomplete   string
		Shard        string
		Organization struct {
			ID                string
			ManagementAccount string
			Trails            []FleetTrail
		}
		Scope struct{ Accounts []FleetAccount }
	}
	r, err := ReadJSON(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &extra); err != nil {
		return nil, err
	}
	by := map[string][]finding.Finding{}
	for _, f := range r.Findings {
		by[f.Account] = append(by[f.Account], f)
	}
	h := FleetHeader{Report: r, Organization: extra.Organization.ID, Management: extra.Organization.ManagementAccount, Trails: extra.Organization.Trails, Shard: extra.Shard}
	h.Report.Findings, h.Report.Accounts, h.Report.Regions = nil, nil, nil
	var b bytes.Buffer
	w, err := NewFleetWriter(&b, h, Options{})
	for i, a := range extra.Scope.Accounts {
		var class *FleetClass
		if a.Skipped == "" {
			class = &FleetClass{Number: i + 1, Account: finding.AccountRef{ID: a.ID}, Findings: by[a.ID], Regions: r.Regions}
		}
		if err == nil {
			a.Class = 0
			err = w.Put(a, class)
		}
	}
	if err == nil {
		err = w.End(FleetEnd{Complete: extra.Complete == nil || *extra.Complete, Why: extra.Incomplete, Listed: len(extra.Scope.Accounts)})
	}
	if err != nil {
		return nil, err
	}
	return OpenFleet(bytes.NewReader(b.Bytes()), int64(b.Len()), h)
}

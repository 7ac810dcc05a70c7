package run

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/diff"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// headOfReport is how much of a file tells what it is.
const headOfReport = 16 << 10

// IsFleet reports whether a path is a folder of many accounts, or a report on them. Standard
// input is taken for one on a few.
func IsFleet(name string) bool {
	if name == "" || name == "-" {
		return false
	}
	if isFleetDir(name) {
		return true
	}
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return false // what can be read only once is for those who read it
	}
	f, err := os.Open(name)
	if err != nil {
		return false // whoever reads it says why
	}
	defer f.Close() //nolint:errcheck // only read from
	head, err := io.ReadAll(io.LimitReader(f, headOfReport))
	if err != nil {
		return false
	}
	line, _, _ := bytes.Cut(head, []byte("\n"))
	if schema, err := strictjson.Schema(line); err == nil && schema == report.FleetLinesSchema {
		return true
	}
	before, _, _ := bytes.Cut(head, []byte(`"findings":`))
	return bytes.Contains(before, []byte(`"schema": "`+report.AuditSchema+`"`)) && bytes.Contains(before, []byte(`"complete":`))
}

// A FleetFile is a report on many accounts that was written before. Close it.
type FleetFile struct {
	report.FleetSide
	file io.Closer
}

// Close gives the file back.
func (f *FleetFile) Close() {
	if f.file != nil {
		f.file.Close() //nolint:errcheck // only read from
	}
}

// OpenFleetReport opens a report on many accounts, or on a few: in JSON, in lines, or the
// lines in a folder.
func OpenFleetReport(ctx context.Context, name string) (*FleetFile, error) {
	f, err := openFleetReport(ctx, name)
	if err == nil {
		return f, nil
	}
	return nil, exit.Hinted(fmt.Errorf("reading %s: %w", name, bareError(err)), "'monitorctl audit --org -o json=FILE', -o jsonl=FILE or --dir DIR writes one")
}

func openFleetReport(ctx context.Context, name string) (*FleetFile, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, err
	case !info.IsDir() && !info.Mode().IsRegular():
		data, err := files.Read(ctx, name, account.MaxFile)
		if err != nil {
			return nil, err
		}
		return fleetFileOf(name, bytes.NewReader(data), int64(len(data)))
	}
	in, err := openSpool(name)
	if err != nil {
		return nil, err
	}
	var out *FleetFile
	if info, err = in.Stat(); err == nil {
		out, err = fleetFileOf(name, in, info.Size())
	}
	if err != nil {
		in.Close() //nolint:errcheck // only read from
		return nil, err
	}
	out.file = in
	return out, nil
}

// fleetFileOf reads a report in lines, or a whole one.
func fleetFileOf(name string, in io.ReaderAt, size int64) (*FleetFile, error) {
	first, err := io.ReadAll(io.NewSectionReader(in, 0, headOfReport))
	if err != nil {
		return nil, err
	}
	out := &FleetFile{FleetSide: report.FleetSide{Path: name, Schema: report.AuditSchema}}
	line, _, _ := bytes.Cut(first, []byte("\n"))
	if schema, bad := strictjson.Schema(line); bad == nil && schema == report.FleetLinesSchema {
		out.Schema = report.FleetLinesSchema
		out.Fleet, err = report.OpenFleetLines(in, size)
	} else {
		out.Fleet, err = wholeReport(in, size)
	}
	return out, err
}

// openSpool opens a file, or that of the findings in a folder.
func openSpool(name string) (*os.File, error) {
	if !isFleetDir(name) {
		return os.Open(name)
	}
	d, err := openFleetDir(name)
	if err != nil {
		return nil, err
	}
	defer d.close()
	if info, err := d.root.Lstat(findingsFile); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is missing or is not a regular file", path.Join(name, findingsFile))
	}
	return d.root.Open(findingsFile)
}

func wholeReport(in io.ReaderAt, size int64) (*report.Fleet, error) {
	data, err := strictjson.Read(io.NewSectionReader(in, 0, size), account.MaxFile)
	if err != nil {
		return nil, err
	}
	return report.ReadFleetJSON(data)
}

// CompareFleets compares two reports on many accounts. Folders are judged by the scope, each
// as of the time of its run; without controls by those that the first was read for.
func (r *Runner) CompareFleets(ctx context.Context, s Scope, oldPath, newPath string) (*report.FleetComparison, func(), error) {
	var sides []report.FleetSide
	var opened []func()
	done := func() {
		for _, closeIt := range opened {
			closeIt()
		}
	}
	for _, name := range []string{oldPath, newPath} {
		side, closeIt, err := r.fleetSide(ctx, &s, name)
		if err != nil {
			done()
			return nil, nil, err
		}
		sides, opened = append(sides, side), append(opened, closeIt)
	}
	c, err := report.CompareFleets(sides[0], sides[1])
	if err != nil {
		done()
		return nil, nil, fmt.Errorf("comparing %s with %s: %w", oldPath, newPath, err)
	}
	return c, done, nil
}

func (r *Runner) fleetSide(ctx context.Context, s *Scope, name string) (report.FleetSide, func(), error) {
	if !isFleetDir(name) {
		f, err := OpenFleetReport(ctx, name)
		if err != nil {
			return report.FleetSide{}, nil, err
		}
		return f.FleetSide, f.Close, nil
	}
	if err := s.OfFolders([]string{name}, false); err != nil {
		return report.FleetSide{}, nil, err
	}
	q := Request{Scope: *s}
	var err error
	if q.Selection, err = s.Select(catalog.AWS); err != nil {
		return report.FleetSide{}, nil, err
	}
	run, err := r.SavedFleetOf(ctx, q, []string{name}, "")
	if err != nil {
		return report.FleetSide{}, nil, err
	}
	return report.FleetSide{Path: name, Schema: FleetSchema, Fleet: run.Report}, run.Close, nil
}

// FleetAgainst holds a report on many accounts against an earlier one: the gate that knows
// which failures are old, and what a report shows of it. Without an earlier one it returns
// the gate as it is, and nil.
func (r *Runner) FleetAgainst(old *FleetFile, now *report.Fleet, g Gate) (Gate, *report.Baseline, error) {
	if old == nil {
		return g, nil, nil
	}
	then, by := old.Fleet.Report, now.Report
	then.Accounts, by.Accounts = nil, nil
	for _, note := range diff.Notes(then, by, "the baseline", "this run") {
		r.Console.Say("monitorctl: baseline %s: %s", old.Path, note)
	}
	if !old.Fleet.Complete {
		r.Console.Say("monitorctl: baseline %s: it is not complete: %s", old.Path, old.Fleet.Why)
	}
	standing, err := report.FleetAgainst(old.Fleet, now, g.Strict)
	if err != nil {
		return g, nil, fmt.Errorf("comparing the report with the baseline %s: %w", old.Path, err)
	}
	g.known = standing.Known
	return g, &report.Baseline{Path: old.Path, Standing: standing}, nil
}

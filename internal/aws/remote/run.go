package remote

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/replay"
	"github.com/monitorctl/monitorctl/internal/logs"
	"github.com/monitorctl/monitorctl/internal/sqlengine"
)

// Limits of a run.
const (
	maxBroken     = 5      // files at which the engine's statement may end, one after the other
	maxPartitions = 50_000 // of one statement: each is a listing of the engine's
	sliceDays     = 7      // of one statement, beyond that
	maxPaths      = 400    // in one statement
	maxStatement  = 262_144
)

// A Run is one question to an engine.
type Run struct {
	Engine    sqlengine.Engine
	Table     Table
	Own       bool // the table is created by the run
	Drop      bool // and removed again
	Statement *replay.Statement
	Counters  *replay.Counters
	Listing   logs.Listing
	Layout    Layout
	Slice     int // days of one statement; 0: all, or few where there are very many partitions

	// NewTableStatement prepares the statement for a table with a column for each field,
	// by their types. The error says what it lacks.
	NewTableStatement func(types map[string]string) (*replay.Statement, error)

	// NewReader and NewCounters are for what is read here.
	NewReader   func(*replay.Counters) *logs.Reader
	NewCounters func() *replay.Counters

	Progress func(format string, args ...any)

	day                   string // the table's partition of days; "" for day
	anyAccount, anyRegion bool   // it has no partition for these

	outcome Outcome
	objects map[string]logs.Object // by the engine's name
	names   map[string]string      // of the objects, by the engine's name
	broken  []string               // files at which a statement ended, as the engine names them
	lines   int64
	doubt   []string // likewise
}

// An Outcome is what a run took, and what is missing.
type Outcome struct {
	Read       logs.Totals // with the files that the engine read
	Statements []string    // the engine's ids
	Scanned    int64       // bytes, by the engine
	Here       int         // files that were read here, too
	Confirmed  []string    // likewise: those with the events that are shown
	Unread     []string    // of those, what could not be read
}

// Do asks the engine and counts. The outcome and what was counted before are there with
// an error, too.
func (r *Run) Do(ctx context.Context) (Outcome, error) {
	r.objects, r.names = map[string]logs.Object{}, map[string]string{}
	for _, o := range r.Listing.Objects {
		path := r.Table.Location + strings.TrimPrefix(o.Name, r.Layout.Trail)
		r.objects[path], r.names[path] = o, o.Name
	}
	r.outcome.Read.Objects, r.outcome.Read.Packed = r.Layout.Objects, r.Layout.Bytes
	for _, s := range r.slices() {
		r.Progress("asking %s: days %s to %s", r.Engine.Name(), s.From.Format(time.DateOnly), s.To.Format(time.DateOnly))
		if err := r.count(ctx, s); err != nil {
			return r.outcome, err
		}
	}
	lost, err := r.lost(ctx)
	if err != nil {
		return r.outcome, err
	}
	if err := r.readHere(ctx, lost); err != nil {
		return r.outcome, err
	}
	if r.Own && r.Drop {
		return r.outcome, r.ask(ctx, r.Table.Drop(r.Engine.Name()), nil)
	}
	return r.outcome, nil
}

// SQL is the statement over everything that was listed.
func (r *Run) SQL() string {
	s := r.whole()
	return r.Statement.SQL(s)
}

// Prepare creates the table, or looks at the columns of the one that is there.
func (r *Run) Prepare(ctx context.Context) error {
	if r.Own {
		r.Progress("creating table %s at %s if it does not exist", r.Table.Qualified(), r.Engine.Name())
		if err := r.ask(ctx, r.Table.Create(r.Engine.Name()), nil); err != nil {
			return fmt.Errorf("creating table %s: %w", r.Table.Qualified(), err)
		}
		return nil
	}
	types := map[string]string{}
	err := r.ask(ctx, r.Table.Columns(), func(row []string) error {
		if len(row) != 2 {
			return fmt.Errorf("reading the engine's answer: %d columns", len(row))
		}
		types[strings.ToLower(row[0])] = row[1]
		return nil
	})
	switch {
	case err != nil:
		return fmt.Errorf("reading the columns of %s: %w", r.Table.Qualified(), err)
	case len(types) == 0:
		return &sqlengine.MissingError{Text: "table " + r.Table.Qualified() + " does not exist"}
	}
	if err := r.take(types); err != nil {
		return fmt.Errorf("table %s cannot be read: %w; it has the columns %s. A table as --sql prints it can be, and one as AWS's pages define it with the partition timestamp; without --table one is created",
			r.Table.Qualified(), err, strings.Join(slices.Sorted(maps.Keys(types)), ", "))
	}
	return nil
}

// take makes the run ask a table with these columns: one of lines, or one with a column for
// each field.
func (r *Run) take(types map[string]string) error {
	lacks := func(names ...string) error {
		for _, name := range names {
			if types[name] == "" {
				return errors.New("it has no column " + name)
			}
		}
		return nil
	}
	if types["eventname"] == "" {
		return lacks("line", "account", "region", "day")
	}
	if err := lacks("timestamp"); err != nil {
		return fmt.Errorf("%w, so that every statement would read all of it", err)
	}
	statement, err := r.NewTableStatement(types)
	if err != nil {
		return err
	}
	r.Statement, r.day = statement, `"timestamp"`
	r.anyAccount, r.anyRegion = types["account"] == "", types["region"] == ""
	return nil
}

// ask runs one statement.
func (r *Run) ask(ctx context.Context, statement string, row func([]string) error) error {
	if len(statement) > maxStatement {
		return fmt.Errorf("the statement has %d bytes, and an engine takes %d: replay fewer controls at a time", len(statement), maxStatement)
	}
	if row == nil {
		row = func([]string) error { return nil }
	}
	stats, err := r.Engine.Query(ctx, statement, row)
	if stats.ID != "" {
		r.outcome.Statements = append(r.outcome.Statements, stats.ID)
	}
	r.outcome.Scanned += stats.Scanned
	return err
}

// whole is the scan that reads everything.
func (r *Run) whole() replay.Scan {
	s := replay.Scan{Table: r.Table.Qualified(), Day: r.day, Accounts: r.Layout.Accounts, Regions: r.Layout.Regions, From: r.Layout.From, To: r.Layout.To}
	if r.anyAccount {
		s.Accounts = nil
	}
	if r.anyRegion {
		s.Regions = nil
	}
	return s
}

// slices are the scans that together read everything.
func (r *Run) slices() []replay.Scan {
	whole := r.whole()
	days := r.Slice
	if days == 0 && r.Layout.Partitions() > maxPartitions {
		days = sliceDays
	}
	if days == 0 {
		return []replay.Scan{whole}
	}
	var list []replay.Scan
	for from := whole.From; !from.After(whole.To); from = from.AddDate(0, 0, days) {
		one := whole
		one.From, one.To = from, from.AddDate(0, 0, days-1)
		if one.To.After(whole.To) {
			one.To = whole.To
		}
		list = append(list, one)
	}
	return list
}

// count asks about a scan until no file ends the statement.
func (r *Run) count(ctx context.Context, s replay.Scan) error {
	for {
		s.Without = r.broken
		result := r.Counters.Result(r.Statement, false, r.name)
		err := r.ask(ctx, r.Statement.SQL(s), result.Row)
		var broken *sqlengine.FileError
		switch {
		case err == nil:
			result.Keep()
			r.lines += result.Lines
			r.doubt = append(r.doubt, result.Doubtful...)
			return nil
		case !errors.As(err, &broken):
			return err
		case len(r.broken) == maxBroken:
			return fmt.Errorf("%d files ended the engine's statement, the last: %w", maxBroken+1, err)
		case r.names[broken.Path] == "" || slices.Contains(r.broken, broken.Path):
			return err
		}
		r.Progress("the engine cannot read %s; asking again without it", broken.Path)
		r.broken = append(r.broken, broken.Path)
	}
}

// name is the name of an object that the engine names; its own where it was not listed.
func (r *Run) name(path string) string {
	if name := r.names[path]; name != "" {
		return name
	}
	return path
}

// lost finds the files that were listed and that the engine did not see, and takes away
// those that it saw and that were not listed.
func (r *Run) lost(ctx context.Context) ([]string, error) {
	if r.lines == int64(len(r.objects)-len(r.broken)) && !slices.ContainsFunc(r.doubt, func(p string) bool { return r.names[p] == "" }) {
		return nil, nil
	}
	r.Progress("the engine saw %d lines in %d files; asking which files", r.lines, len(r.objects)-len(r.broken))
	seen := map[string]bool{}
	for _, s := range r.slices() {
		s.Without = r.broken
		if err := r.ask(ctx, r.Statement.Files(s), func(row []string) error { seen[row[0]] = true; return nil }); err != nil {
			return nil, fmt.Errorf("listing the files that the engine saw: %w", err)
		}
	}
	var lost, more []string
	for path := range r.objects {
		if !seen[path] && !slices.Contains(r.broken, path) {
			lost = append(lost, path)
		}
	}
	for path := range seen {
		if r.names[path] == "" {
			more = append(more, path)
		}
	}
	slices.Sort(lost)
	slices.Sort(more)
	if len(lost) > 10 && len(lost) > len(r.objects)/2 {
		return nil, fmt.Errorf("the engine saw %d of %d files: the table is not at the location that was listed, or cannot be read there", len(r.objects)-len(lost), len(r.objects))
	}
	r.doubt = slices.DeleteFunc(r.doubt, func(p string) bool { return slices.Contains(more, p) })
	return lost, r.takeAway(ctx, more)
}

// takeAway counts files once more and takes that away.
func (r *Run) takeAway(ctx context.Context, paths []string) error {
	whole := r.whole()
	for from := 0; from < len(paths); from += maxPaths {
		whole.Only = paths[from:min(from+maxPaths, len(paths))]
		result := r.Counters.Result(r.Statement, true, r.name)
		if err := r.ask(ctx, r.Statement.SQL(whole), result.Row); err != nil {
			return err
		}
		result.Keep()
	}
	return nil
}

// readHere reads the files that the engine did not: with records in doubt, at which it
// ended, and those that it lost.
func (r *Run) readHere(ctx context.Context, lost []string) error {
	slices.Sort(r.doubt)
	r.doubt = slices.Compact(r.doubt)
	if err := r.takeAway(ctx, r.doubt); err != nil {
		return err
	}
	var here []logs.Object
	for _, path := range slices.Concat(r.doubt, r.broken, lost) {
		here = append(here, r.objects[path])
	}
	if len(here) == 0 {
		return nil
	}
	r.Progress("reading %d files here", len(here))
	own := r.NewCounters()
	total, err := r.read(ctx, own, here)
	r.Counters.Include(own)
	r.outcome.Here = len(here)
	r.outcome.Read.Stats, r.outcome.Read.Unreadable = total.Stats, total.Unreadable
	return err
}

func (r *Run) read(ctx context.Context, c *replay.Counters, objects []logs.Object) (logs.Totals, error) {
	return logs.Each(ctx, objects, func() *logs.Reader { return r.NewReader(c) }, c.Sinks(), func(n int, _ logs.Totals) {
		r.Progress("reading %d of %d files here", n, len(objects))
	})
}

// Confirm reads the events that a report shows and makes sure that they match. The
// report is answered again afterwards.
func (r *Run) Confirm(ctx context.Context, report *replay.Report) (Outcome, error) {
	shown := r.Counters.Shown(report)
	var objects []logs.Object
	for _, o := range r.Listing.Objects {
		if _, found := slices.BinarySearch(shown, o.Name); found {
			objects = append(objects, o)
		}
	}
	own := r.NewCounters()
	total, err := r.read(ctx, own, objects)
	r.outcome.Confirmed = shown
	for _, u := range total.Unreadable {
		r.outcome.Unread = append(r.outcome.Unread, u.Name)
		if !slices.ContainsFunc(r.outcome.Read.Unreadable, func(have logs.Unreadable) bool { return have.Name == u.Name }) {
			r.outcome.Read.Unreadable = append(r.outcome.Read.Unreadable, u)
		}
	}
	if err != nil {
		return r.outcome, err
	}
	r.Counters.Confirm(report, own, r.outcome.Unread)
	return r.outcome, nil
}

package report

import (
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/replay"
	"github.com/monitorctl/monitorctl/internal/logs"
)

// A Replay is what a replay found, with what it read.
type Replay struct {
	replay.Report

	Source  Source
	Engine  string // local, trino or athena
	Query   Query
	Took    time.Duration
	Read    logs.Totals
	Skipped logs.Skipped

	// Unreadable are the files that were not read in full, by name; those of
	// Read are among them.
	Unreadable []logs.Unreadable

	Stopped string // why it ended before everything was read; "" when it did not

	// Days is whether the window was asked for; else it is that of the records.
	Days bool

	// Text says that a pattern searches the text of records.
	Text bool

	Noise          float64 // alarm actions a day above which a control is noisy
	Suggested      bool    // what would make noisy controls quieter was looked for
	Details        bool    // of each control, for a person
	ShowUnreadable bool    // each file, for a person
}

// A Source is where the records come from: what was found there for the window, read or
// not.
type Source struct {
	Locations []string // as they were given, or where the trails of the account deliver
	Files     int
	Bytes     int64 // as stored
}

// A Query is what a SQL engine was asked, the zero value where none was.
type Query struct {
	Exact     []string // the controls that the engine could answer by itself, sorted
	Statement string   // the SQL that counts, over all days
	IDs       []string // the engine's, of all statements
	Scanned   int64    // bytes that the engine read, as stored
	Here      int      // files that were read here, because the engine could not judge them
}

// Athena's price: for each TB scanned, at least 10 MB of it for each statement. It is
// that of most regions, in US dollars.
const (
	athenaPrice   = 5.0
	athenaMinimum = 10 << 20
)

// AthenaPrice returns about what so many statements cost that scan so many bytes
// together, in US dollars.
func AthenaPrice(statements int, bytes int64) float64 {
	return athenaPrice * float64(max(bytes, int64(statements)*athenaMinimum)) / (1 << 40)
}

// Price returns about what the statements cost, in US dollars; 0 for an engine that does
// not bill.
func (r *Replay) Price() float64 {
	if r.Engine != "athena" {
		return 0
	}
	return AthenaPrice(len(r.Query.IDs), r.Query.Scanned)
}

// Incomplete reports whether something was not read, or counts for less than it
// should.
func (r *Replay) Incomplete() bool {
	return r.Stopped != "" || len(r.Unreadable) > 0 || r.Read.Oversize > 0 || r.Events == 0 || r.Report.Incomplete()
}

// Notes are the codes of what was assumed.
func (r *Replay) Notes() []string {
	var notes []string
	if !r.Delivered {
		notes = append(notes, "clock-assumed")
	}
	if slices.ContainsFunc(r.Controls, func(a replay.Answer) bool { return a.Echoes() > 0 }) {
		notes = append(notes, "evaluation-range-assumed")
	}
	if r.Text {
		notes = append(notes, "raw-text-assumed")
	}
	if hasRules(r) {
		notes = append(notes, "events-delivered-once")
	}
	return notes
}

// hasRules reports whether rules were replayed.
func hasRules(r *Replay) bool {
	return slices.ContainsFunc(r.Controls, func(a replay.Answer) bool { return len(a.Control.Rules) > 0 })
}

// shownLines bounds the lists that a person gets to see.
const shownLines = 10

// Package report writes audit reports and plans for their readers: tables and
// trees for people at a terminal, JSON for programs.
//
// A report is a function of its value and of Options: no format looks at the
// environment, the terminal or the clock, and none changes the verdict. Names
// that come from an account are data from strangers and are shown escaped; see
// Sanitize.
package report

import (
	"fmt"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

// Options are what a format has to know beside the report.
type Options struct {
	// Color says that w understands ANSI colors. They repeat what the words
	// say, never more.
	Color bool

	// Width is the number of columns of the terminal; 0 means that nothing is
	// to be wrapped, because w is not a terminal.
	Width int

	// ASCII avoids the few other characters that tables and trees are drawn
	// with.
	ASCII bool

	Quiet   bool // only what is not a pass, no header
	Brief   bool // of a plan only the signs, the count and conflicts
	Verbose bool // every reason and note, not only the first reason

	// Of a report on many accounts: how many causes and accounts a table names (0: ten at
	// a terminal, all elsewhere), and what it sums up by, one of FleetGroups; "" is all.
	Worst int
	By    string

	ShowWaived bool // what is wrong with waived findings, beside their waiver

	// Next is the command for the shell that carries out a plan, or that shows the repair of
	// many accounts; "" where none is to be shown.
	Next string

	// CanReplace says that the command has a flag --replace, so that a hint may
	// name it.
	CanReplace bool

	// Strict says that warnings count as failures: formats in which a reader
	// gates on what he sees show them so.
	Strict bool

	Baseline *Baseline // nil when the run is held against none

	Version string      // of monitorctl
	Config  *ConfigFile // nil when none was read

	// Controls are the catalog's entries of the controls in the report: formats
	// that explain a control take its texts from here. Where one is missing they
	// make do with what its finding says.
	Controls []catalog.Control
}

// A ConfigFile names the configuration that a run was made with.
type ConfigFile struct {
	Path   string
	SHA256 string // of its content, hexadecimal
}

// text names the file where there is room for a few words: it may have waived
// controls, so that every report says which one it was.
func (c *ConfigFile) text() string {
	return fmt.Sprintf("config %s (sha256 %.12s)", Sanitize(c.Path), c.SHA256)
}

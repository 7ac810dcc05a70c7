// Package run carries out what a command is asked for: it opens an account, takes its
// snapshot, judges it, plans, applies and verifies.
//
// A command line becomes one Request, which nobody changes. A Runner carries it out at
// a console: it reads and writes the account through collect and apply, asks audit,
// plan and undo, which compute, and shows on standard error what goes on. Reports are
// values; writing them is for whoever asked.
//
// In order of a repair: scope.go and config.go say what is checked, source.go opens the
// account and reads it, audit.go judges, plan.go and planfile.go plan, apply.go carries
// out, settle.go verifies, remove.go takes back. gate.go is the one way from findings
// to an exit code.
package run

import (
	"context"
	"net/http"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/console"
)

// A Request is what a run is asked for: flags, environment and configuration file
// together. It is checked.
type Request struct {
	Source    Source
	Limit     Limit
	Scope     Scope
	Selection Selection // what the scope is of the source's cloud

	// Azure is what the scope is of Azure in a run over both clouds, in which Selection
	// is about AWS; nil in a run over one cloud.
	Azure *Selection

	// salt is that of the hashes of a snapshot of both clouds; "" for one of its own.
	salt string

	Transport string // what may carry events, as audit.Options has it

	// Peers are the other auditors whose opinion is asked for, in the order of reports.
	Peers []catalog.Peer

	// Origin asks for who read the accounts, and for the digest of what was read: some
	// formats show them.
	Origin bool

	// Repairs asks for the repair of each finding as code, beside its command.
	Repairs bool

	Strict  bool // warn also of evidence that could not be read
	Quiet   bool // no progress
	Verbose bool // show the calls made
}

// A Runner carries out requests at a console.
type Runner struct {
	Console *console.Console
	Version string // of monitorctl
	Now     func() time.Time
	Pause   func(context.Context, time.Duration) error // waits; the error is why it ended before

	// Embedded and EmbeddedAzure are accounts inside this process; nil for those of the
	// world.
	Embedded      *Embedded
	EmbeddedAzure *EmbeddedAzure
}

// EmbeddedAzure is an Azure inside this process.
type EmbeddedAzure struct {
	Transport http.RoundTripper
	Token     string
}

// Embedded is an account inside this process.
type Embedded struct {
	URL, KeyID, Secret string

	// The zero values are the usual ones; tests wait less.
	Retries collect.Retries
	Timeout time.Duration // of one attempt
}

// New returns a runner of the real clock.
func New(c *console.Console, version string) *Runner {
	return &Runner{Console: c, Version: version, Now: time.Now, Pause: pause}
}

// pause waits; the error is the cause of ctx, when that ended before.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// progress shows what a run does, unless that is not wanted.
func (r *Runner) progress(q *Request, format string, args ...any) {
	if !q.Quiet {
		r.Console.Progress(format, args...)
	}
}

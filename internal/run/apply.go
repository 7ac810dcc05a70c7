package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/apply"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/journal"
)

// Apply carries a plan out. What is done is shown by tell, line by line, and recorded in
// the journal of that path; "" for none. It returns the e-mail subscribers that have to
// confirm. The error of an apply that began is an exit.Error that tells how far it came.
func (r *Runner) Apply(ctx context.Context, p *Planning, journalPath string, tell func(format string, args ...any)) ([]action.Subscribe, error) {
	w, err := r.openJournal(journalPath, p.snap)
	if err != nil {
		return nil, err
	}
	ctx, cancel := p.Limit.Anew().Context(ctx)
	defer cancel()
	var pending []action.Subscribe
	done := 0
	options := apply.Options{
		Pause: r.Pause,
		OnDone: func(o action.Outcome) {
			done++
			tell("%d/%d %s", done, len(p.Plan.Actions), o.Action)
			if s, ok := o.Action.(action.Subscribe); ok && o.Pending && s.Protocol == "email" {
				pending = append(pending, s)
			}
		},
	}
	if w != nil {
		defer w.Close() //nolint:errcheck // every record is on the disk already
		options.Journal = w
	}
	result, err := apply.Run(ctx, p.session, p.Plan, options)
	for i := range result.Skipped {
		tell("left out: %v", &result.Skipped[i])
	}
	if err != nil {
		return nil, r.partial(err, "apply", journalPath)
	}
	return pending, nil
}

// openJournal begins a run in a journal; nil when none is asked for.
func (r *Runner) openJournal(path string, snap account.Snapshot) (*journal.Writer[action.State], error) {
	if path == "" {
		return nil, nil //nolint:nilnil // no journal is no error
	}
	a := &snap.Accounts[0]
	return beginRun[action.State](r, path, journal.Header{Account: a.ID, Partition: a.Partition, Salt: snap.Salt})
}

func beginRun[S change.State[S]](r *Runner, path string, h journal.Header) (*journal.Writer[S], error) {
	h.Tool = "monitorctl " + r.Version
	return journal.Open[S](path, h, r.Now)
}

// partial shows how far a command came that writes; journal is the file that undoes it,
// "" for none.
func (r *Runner) partial(err error, command, journal string) error {
	var stopped *change.StoppedError
	if !errors.As(err, &stopped) { // also nil
		return err
	}
	return r.stopped(err, stopped.Done, stopped.Left, command, journal, func(a change.Action) string { return a.String() })
}

// stopped shows what was done and what was not, in words, and returns the error with what
// helps.
func (r *Runner) stopped(err error, done, left []change.Action, command, journal string, words func(change.Action) string) error {
	r.Console.Say("%s done, %d not done:", Plural(len(done), "change"), len(left))
	for _, a := range done {
		r.Console.Say("  done      %s", words(a))
	}
	for _, a := range left {
		r.Console.Say("  not done  %s", words(a))
	}
	code := exit.Failed
	if errors.Is(err, context.Canceled) {
		code = exit.Interrupted
	}
	again := ""
	if len(done) > 0 {
		again = "run " + command + " again: it continues where this one stopped"
		if journal != "" {
			again += "; 'monitorctl undo " + journal + "' takes it back"
		}
	}
	return &exit.Error{Code: code, Err: err, Hint: cmp.Or(DeniedHint(err, command), hintOf(err)), Then: again}
}

// hintOf returns what an error that knows what helps says about it; "" for others.
func hintOf(err error) string {
	var hinting interface{ Hint() string }
	if errors.As(err, &hinting) {
		return hinting.Hint()
	}
	return ""
}

// DeniedHint says what to do about a call that AWS refused to a command; "" for any
// other error.
func DeniedHint(err error, command string) string {
	var call *collect.CallError
	if !errors.As(err, &call) {
		return ""
	}
	c := finding.Call{Operation: call.Operation, Code: call.Code, Message: call.Message}
	switch c.Denial() {
	case finding.DenialSCP:
		return audit.CallStep(c, command) + " (denied-by-scp)"
	case finding.DenialPermission, finding.DenialExplicit, finding.DenialThrottled:
		return audit.CallStep(c, command)
	}
	return ""
}

// Plural is a number with its noun: "1 change", "2 changes".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

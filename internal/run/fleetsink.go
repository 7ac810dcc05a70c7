package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/monitorctl/monitorctl/internal/aws/fleet"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/fleet/targets"
	"github.com/monitorctl/monitorctl/internal/report"
)

// A fleetSink writes outcomes to the spool, and what was read to the folder.
type fleetSink struct {
	w      *report.FleetWriter
	dir    *fleetDir // nil: nothing is kept
	scopes *fleetScopes
	unused *unusedEntries

	also fleet.Sink // is told, too; nil for nobody
}

// Put implements fleet.Sink.
func (s *fleetSink) Put(out fleet.Outcome) error {
	t := out.Target
	a := report.FleetAccount{
		ID: t.ID, Name: t.Name, OUPath: t.Path, OUNames: t.Names, State: t.State, Tags: t.Tags, Basis: string(out.Basis), Skipped: out.Skipped,
		Scope: s.scopes.words(&t),
	}
	if !t.Joined.IsZero() {
		a.Joined = t.Joined.UTC().Format(time.RFC3339)
	}
	if out.Snapshot != nil {
		a.DeniedRegions = out.Snapshot.Accounts[0].DeniedRegions
	}
	if err := s.keep(out); err != nil {
		return err
	}
	if s.also != nil {
		if err := s.also.Put(out); err != nil {
			return err
		}
	}
	if out.Verdict == nil {
		return s.w.Put(a, nil)
	}
	if out.Failure != nil {
		a.Unreadable = out.Failure.Operation + ": " + out.Failure.Code
	}
	v := out.Verdict
	s.unused.see(v.Findings)
	return s.w.Put(a, &report.FleetClass{Number: v.Number, Account: v.Account, Findings: v.Findings, Regions: v.Regions})
}

func (s *fleetSink) keep(out fleet.Outcome) error {
	if s.dir == nil || s.dir.failures == nil {
		return nil
	}
	switch {
	case out.Failure != nil:
		return s.dir.line(s.dir.failures, failureLine{out.Target.ID, *out.Failure})
	case out.Snapshot != nil && out.Basis != fleet.Assumed:
		return s.dir.keep(accountsDir, out.Target.ID, *out.Snapshot)
	}
	return nil
}

// counting counts the targets of a stream.
type counting struct {
	mu    sync.Mutex
	count int
	ended bool
}

func (c *counting) n() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count
}

// total returns how many targets came, and whether that is all.
func (c *counting) total() (int, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count, c.ended
}

// stream counts what passes, and notes it in the folder. Targets that wait for a worker do
// not hold the list up: pages go on arriving.
func (c *counting) stream(source targets.Stream, dir *fleetDir) targets.Stream {
	return func(yield func(targets.Target, error) bool) {
		type next struct {
			target targets.Target
			err    error
		}
		ahead := make(chan *next, 1<<16) // more than an organization may have
		stop := make(chan struct{})
		var reader sync.WaitGroup
		defer reader.Wait()
		defer close(stop)
		reader.Go(func() {
			defer close(ahead)
			for t, err := range source {
				if err == nil && dir != nil && dir.targets != nil {
					err = dir.list(t)
				}
				c.mu.Lock()
				if err == nil {
					c.count++
				}
				c.mu.Unlock()
				select {
				case ahead <- &next{t, err}:
				case <-stop:
					return
				}
				if err != nil {
					return
				}
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			c.ended = true
		})
		for n := range ahead {
			if !yield(n.target, n.err) {
				return
			}
		}
	}
}

// interval is how often progress is shown.
const interval = 200 * time.Millisecond

// quietInterval is how often it is off a terminal, with --verbose.
const quietInterval = 30 * time.Second

// watch shows how far the run is until stop is called.
func (r *Runner) watch(q *FleetRequest, f *fleet.Fleet, c *counting) (stop func()) {
	over, done := make(chan struct{}), make(chan struct{})
	started, said := time.Now(), time.Now()
	go func() {
		defer close(done)
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for {
			select {
			case <-over:
				return
			case <-tick.C:
			}
			p := progressOf(f, c, time.Since(started))
			columns := r.Console.ProgressWidth()
			r.progress(&q.Request, "%s", p.line(columns))
			if q.Verbose && columns == 0 && time.Since(said) > quietInterval {
				said = time.Now()
				r.Console.Say("monitorctl: %s", p.line(0))
			}
		}
	}()
	return func() {
		close(over)
		<-done
		r.Console.ClearProgress()
	}
}

// A fleetProgress is how far a run over many accounts is.
type fleetProgress struct {
	fleet.Progress
	total            int  // accounts
	listed           bool // total is all of them
	calls, throttled int
	elapsed          time.Duration
}

func progressOf(f *fleet.Fleet, c *counting, elapsed time.Duration) fleetProgress {
	p, stats := fleetProgress{Progress: f.Progress(), elapsed: elapsed}, f.Stats()
	p.total, p.listed = c.total()
	p.calls, p.throttled = stats.Total(), stats.Throttled
	return p
}

// line is the line of progress, without what does not fit into so many columns; 0 is any
// number. What is left is told once the list has ended.
func (p fleetProgress) line(columns int) string {
	done := p.Judged + p.Skipped
	accounts := fmt.Sprintf("accounts %s/%s", report.Thousands(done), report.Thousands(p.total))
	if !p.listed {
		accounts += "+"
	}
	unreadable := ""
	if p.Unreadable > 0 {
		unreadable = fmt.Sprintf(" (%s unreadable)", report.Thousands(p.Unreadable))
	}
	calls := fmt.Sprintf(" · %s calls, %s throttled", report.Thousands(p.calls), report.Thousands(p.throttled))
	left := " · " + clock(p.elapsed)
	if p.listed && done > 0 && done < p.total {
		left += ", about " + clock(time.Duration(float64(p.elapsed)*float64(p.total-done)/float64(done))) + " left"
	}
	for _, line := range []string{accounts + unreadable + calls + left, accounts + unreadable + left, accounts + left} {
		if columns == 0 || utf8.RuneCountInString(line) <= columns {
			return line
		}
	}
	return accounts
}

// clock writes a duration as 0:14.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// readInput reads a file, or standard input for "-".
func (r *Runner) readInput(ctx context.Context, name string) ([]byte, error) {
	if name == "-" {
		return files.ReadAll(ctx, r.Console.In, maxTargets)
	}
	return files.Read(ctx, name, maxTargets)
}

// FleetVerdict is the way from a report on many accounts to an exit code. allowed is how
// many accounts may be unreadable.
func (g Gate) FleetVerdict(run *FleetRun, allowed int) error {
	f := run.Report
	unreadable := run.unreadable()
	failed, unknown := false, false
	err := f.Classes(func(c *report.FleetClass, accounts []report.FleetAccount) error {
		for i := range c.Findings {
			x := c.Findings[i]
			if x.Severity < g.FailOn {
				continue
			}
			failed = failed || g.fails(x) && slices.ContainsFunc(accounts, func(a report.FleetAccount) bool { return !g.known[finding.HashID(a.ID, x.Control)] })
			unknown = unknown || x.Status == finding.Unknown && (accounts[0].Unreadable == "" || unreadable > allowed)
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case run.stopped() != nil:
		return run.stopped()
	case failed:
		return &exit.Error{Code: exit.ControlsFailed}
	case run.Err != nil:
		return run.incomplete()
	case unknown && unreadable > allowed:
		return &exit.Error{Code: exit.Failed, Err: fmt.Errorf("nothing failed, but %d accounts could not be read", unreadable), Hint: "--allow-unreadable says how many may"}
	case unknown:
		return &exit.Error{Code: exit.Failed, Err: errors.New("nothing failed, but something could not be checked")}
	case len(f.Accounts) == 0:
		return errNoAccount
	}
	return nil
}

var errNoAccount = &exit.Error{Code: exit.Failed, Err: errors.New("no account was checked")}

// unreadable counts the accounts that could not be read.
func (f *FleetRun) unreadable() int {
	n := 0
	for _, a := range f.Report.Accounts {
		if a.Unreadable != "" && !f.excused[a.ID] {
			n++
		}
	}
	return n
}

// stopped is why the run was ended on purpose; nil when it was not.
func (f *FleetRun) stopped() error {
	var refused *fleet.RefusedError
	switch {
	case f.Err != nil && errors.Is(f.Err, context.Canceled):
		return &exit.Error{Code: exit.Interrupted, Err: errors.New("interrupted: the report is not complete")}
	case errors.As(f.Err, &refused):
		return &exit.Error{Code: exit.Failed, Err: errors.New(f.Report.Why), Hint: "check --account-role and --external-id; --keep-going tries every account anyway"}
	}
	return nil
}

func (f *FleetRun) incomplete() error {
	return &exit.Error{Code: exit.Failed, Err: fmt.Errorf("the report is not complete: %s", f.Report.Why)}
}

// ReadVerdict is the exit code of a run that only reads. allowed is how many accounts may be
// unreadable.
func (f *FleetRun) ReadVerdict(allowed int) error {
	switch n := f.unreadable(); {
	case f.stopped() != nil:
		return f.stopped()
	case f.Err != nil:
		return f.incomplete()
	case n > allowed:
		return &exit.Error{Code: exit.Failed, Err: fmt.Errorf("%s could not be read", Plural(n, "account")), Hint: "--allow-unreadable says how many may"}
	case len(f.Report.Accounts) == 0:
		return errNoAccount
	}
	return nil
}

// Summary counts the accounts of a run, in words.
func (f *FleetRun) Summary() string {
	n := f.unreadable()
	text := fmt.Sprintf("%s read", Plural(len(f.Report.Accounts)-n, "account"))
	if n > 0 {
		text += fmt.Sprintf(", %d unreadable", n)
	}
	if skipped := len(f.Report.Skipped); skipped > 0 {
		text += fmt.Sprintf(", %d skipped", skipped)
	}
	return text
}

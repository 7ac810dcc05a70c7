package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"syscall"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/apply"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/aws/undo"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/journal"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// A Removal is what undo or destroy is to take back, looked up but not yet carried out.
type Removal struct {
	Report report.Removal

	request Request
	session *collect.Session // nil for Azure
	started time.Time
	command string // undo, destroy

	kept  func(text string) // is told what stays although it was to go
	pause func(context.Context, time.Duration) error

	// carry carries the actions out and tells done of each.
	carry func(ctx context.Context, done func(change.Action)) error
}

// RemovalCalls shows the calls made so far, if that is wanted.
func (r *Runner) RemovalCalls(m *Removal) { r.calls(&m.request, m.session, m.started) }

// ReadJournal reads the file of apply --journal.
func ReadJournal[S change.State[S]](ctx context.Context, path string) (journal.Journal[S], error) {
	in, err := files.Open(ctx, path)
	if err != nil {
		return journal.Journal[S]{}, fmt.Errorf("reading the journal: %w", err)
	}
	defer in.Close() //nolint:errcheck // only read from
	j, err := journal.Read[S](in)
	var bad *strictjson.Error
	switch {
	case errors.As(err, &bad):
		return j, exit.Hinted(fmt.Errorf("reading the journal %s: %w", path, err), "'monitorctl apply --journal FILE' writes one")
	case err != nil:
		return j, fmt.Errorf("reading the journal %s: %w", path, err)
	}
	return j, nil
}

// Undo looks up what a journal records, and what of it is still so.
func (r *Runner) Undo(ctx context.Context, q Request, path string) (*Removal, error) {
	j, err := ReadJournal[action.State](ctx, path)
	if err != nil {
		return nil, err
	}
	if err := expect(q.Source.ExpectAccount, j.Header.Account); err != nil {
		return nil, err
	}
	q.Source.ExpectAccount = j.Header.Account
	m := &Removal{request: q, started: r.Now(), command: "undo"}
	ctx, cancel := q.Limit.Context(ctx)
	defer cancel()
	if m.session, err = r.Connect(ctx, &q.Source); err != nil {
		return nil, err
	}
	now, err := apply.Look(ctx, m.session, j)
	if err != nil {
		return m, fmt.Errorf("reading the account: %w", err)
	}
	u := undo.For(j, now, q.Selection.Controls)
	m.Report = report.Removal{Accounts: []finding.AccountRef{{ID: j.Header.Account}}, Actions: u.Actions, Left: u.Left, Done: u.Gone}
	m.carry = func(ctx context.Context, done func(change.Action)) error {
		w, err := continueJournal[action.State](r, path, j.Header)
		if err != nil {
			return err
		}
		if w == nil {
			return carryAWS(ctx, m, nil, done)
		}
		defer w.Close() //nolint:errcheck // every record is on the disk already
		return carryAWS(ctx, m, w, done)
	}
	return m, nil
}

// Destroy looks up what apply has created under the names of the options, and what the
// audit would say without it.
func (r *Runner) Destroy(ctx context.Context, q Request, o plan.Options) (*Removal, error) {
	m := &Removal{request: q, started: r.Now(), command: "destroy"}
	ctx, cancel := q.Limit.Context(ctx)
	defer cancel()
	own := withTrail(withOthers(Names(o, q.Selection), o, q.Selection), o, true)
	own.Notified = true
	snap, session, err := r.snapshot(ctx, &q, Needs{Own: own})
	if err != nil {
		return nil, err
	}
	m.session = session
	d := plan.Destroy(snap, q.Selection.Controls, o)
	a := &snap.Accounts[0]
	m.Report = report.Removal{Accounts: []finding.AccountRef{{ID: a.ID, Alias: a.Alias}}, Actions: d.Actions, Left: d.Left}
	m.carry = func(ctx context.Context, done func(change.Action)) error { return carryAWS(ctx, m, nil, done) }
	if len(d.Actions) > 0 {
		m.Report.Before, m.Report.After, err = r.predict(ctx, &q, snap, d.Actions)
	}
	return m, err
}

// predict audits the account as it is and as it would be without what is removed.
func (r *Runner) predict(ctx context.Context, q *Request, snap account.Snapshot, actions []change.Action) (before, after *finding.Report, err error) {
	o := q.auditOptions(snap)
	now, err := r.audit(ctx, snap, q.Selection.Controls, o)
	if err != nil {
		return nil, nil, err
	}
	rest, err := plan.Simulate(snap, actions, false)
	if err != nil {
		return nil, nil, err
	}
	then, err := r.audit(ctx, rest, q.Selection.Controls, o)
	return &now, &then, err
}

// Remove carries a removal out. What is done is shown by tell, line by line. The error
// of one that began is an exit.Error that tells how far it came, or what is left.
func (r *Runner) Remove(ctx context.Context, m *Removal, tell func(format string, args ...any)) error {
	ctx, cancel := m.request.Limit.Anew().Context(ctx)
	defer cancel()
	done := 0
	where := inSubscription(m.Report.Actions)
	m.pause = r.Pause
	m.kept = func(text string) { tell("%s", text) }
	err := m.carry(ctx, func(a change.Action) {
		done++
		tell("%d/%d %s", done, len(m.Report.Actions), where(a))
	})
	if err != nil {
		return r.partialAzure(err, m.command, "")
	}
	return LeftVerdict(m.Report)
}

// carryAWS carries a removal from an account of AWS out; the journal may be nil.
func carryAWS(ctx context.Context, m *Removal, j change.Journal[action.State], done func(change.Action)) error {
	o := apply.Options{Journal: j, Pause: m.pause, OnDone: func(o action.Outcome) {
		done(o.Action)
		if o.Kept != "" {
			m.kept(fmt.Sprintf("%s is kept: %s", o.Action.Name(), o.Kept))
		}
	}}
	_, err := apply.Run(ctx, m.session, change.Plan{Actions: m.Report.Actions}, o)
	return err
}

// continueJournal begins the run of an undo in the journal that it takes back. A
// file that cannot be written is no reason to leave the account as it is: then
// nil, and it is said. One that another run is writing is.
func continueJournal[S change.State[S]](r *Runner, path string, h journal.Header) (*journal.Writer[S], error) {
	w, err := beginRun[S](r, path, h)
	if err != nil && (errors.Is(err, journal.ErrNotRegular) || errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)) {
		r.Console.Say("monitorctl: this undo is not recorded: %v", err)
		return nil, nil //nolint:nilnil // said above
	}
	return w, err
}

// LeftVerdict is the error of a removal that leaves something of ours.
func LeftVerdict(r report.Removal) error {
	left := slices.DeleteFunc(slices.Clone(r.Left), func(l change.Left) bool { return l.Foreign || l.Kept })
	switch len(left) {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("%s is left: %s", left[0].Object, left[0].Why)
	}
	return fmt.Errorf("%d objects are left; the first is %s: %s", len(left), left[0].Object, left[0].Why)
}

// Names lists the names that apply gives for a selection, whose owner plan must know.
func Names(o plan.Options, s Selection) *collect.Own {
	own := &collect.Own{}
	_, own.Topics = o.Topics()
	for _, c := range catalog.Repairable(s.Controls) {
		own.Alarms = append(own.Alarms, o.NamePrefix+c.Names.Alarm)
		own.Filters = append(own.Filters, o.NamePrefix+c.Names.Filter)
	}
	if slices.ContainsFunc(s.Controls, func(c catalog.Control) bool { return c.State == catalog.TrailDelivery }) {
		own.Alarms = append(own.Alarms, desired.Names{Prefix: o.NamePrefix}.HeartbeatName())
	}
	return own
}

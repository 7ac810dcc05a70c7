package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"syscall"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/apply"
	"github.com/monitorctl/monitorctl/internal/aws/undo"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/journal"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// removeFlags are what undo and destroy share.
type removeFlags struct {
	source
	azureFlags
	outputFlags
	catalog     controlFlags
	yes, dryRun bool
}

func (f *removeFlags) add(c *cobra.Command, verb string) {
	f.accountFlags.add(c)
	f.azureFlags.add(c)
	f.outputFlags.add(c, planFormats)
	f.catalog.addCatalog(c)
	f.catalog.config.add(c)
	f.catalog.set, f.catalog.benchmark = "all", string(catalog.DefaultBenchmark)
	c.Flags().BoolVar(&f.yes, "yes", false, verb+" without asking")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "only show what would be done")
}

// check finds wrong usage before the first call.
func (f *removeFlags) check(e *env) error {
	if _, err := f.sinks(planFormats); err != nil {
		return err
	}
	if _, ok := terminal(e.in); !ok && !f.yes && !f.dryRun {
		return &codeError{code: exitUsage, err: errors.New("there is no terminal to ask at"),
			hint: "--yes goes ahead without asking, --dry-run only shows what would be done"}
	}
	return f.source.check()
}

// newUndo builds "monitorctl undo".
func newUndo(e *env) *cobra.Command {
	var f removeFlags
	c := &cobra.Command{
		Use:   "undo FILE",
		Short: "Take back what a journal of apply records",
		Long: `undo removes what an apply made, and restores what it replaced, as its journal
(apply --journal FILE) records it: exactly the objects that nobody has changed
since. It shows what it will do, asks, and says what it leaves and why. A
subscription that is still pending cannot be deleted; SNS drops it by itself.

A journal knows its cloud: one about a subscription of Azure needs no other flag.
There, receivers that were added to an action group go again; what was registered
stays so.

The journal may hold several runs, some of them cut off or undone: what was before
the first comes back. What undo does is recorded there too.

It exits with 0 when everything is as it was before the runs, and with 1 when
something was left.`,
		Example: `  monitorctl apply --journal journal.jsonl --subscribe email:security@example.com
  monitorctl undo journal.jsonl`,
		Args:    oneArg("journal"),
		PreRunE: e.configured(&f.catalog, &f.source),
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.check(e); err != nil {
				return err
			}
			if id := accountOf(c.Context(), args[0]); subscription.IsGUID(id) {
				return e.undoAzure(c, &f, args[0], id)
			}
			if err := e.settleAWS(c, &f); err != nil {
				return err
			}
			cat, err := f.catalog.load()
			if err != nil {
				return err
			}
			j, err := readJournal[action.State](c.Context(), args[0])
			if err != nil {
				return err
			}
			if err := expect(f.expectAccount, j.Header.Account); err != nil {
				return err
			}
			f.expectAccount = j.Header.Account
			return e.undo(c.Context(), &f, args[0], j, cat.Controls)
		},
	}
	f.add(c, "undo")
	return c
}

// settleAWS refuses flags of Azure.
func (e *env) settleAWS(c *cobra.Command, f *removeFlags) error {
	if len(f.subscriptions) > 0 {
		return usage(errors.New("the journal is about an account of AWS, and --subscription names one of Azure"))
	}
	return e.settle(c.Context(), c, &f.azureFlags, &f.source, &f.catalog)
}

// readJournal reads the file of apply --journal.
func readJournal[S change.State[S]](ctx context.Context, path string) (journal.Journal[S], error) {
	in, err := files.Open(ctx, path)
	if err != nil {
		return journal.Journal[S]{}, fmt.Errorf("reading the journal: %w", err)
	}
	defer in.Close() //nolint:errcheck // only read from
	j, err := journal.Read[S](in)
	var bad *strictjson.Error
	switch {
	case errors.As(err, &bad):
		return j, hinted(fmt.Errorf("reading the journal %s: %w", path, err), "'monitorctl apply --journal FILE' writes one")
	case err != nil:
		return j, fmt.Errorf("reading the journal %s: %w", path, err)
	}
	return j, nil
}

// openJournal begins a run in a journal; nil when none is asked for.
func (e *env) openJournal(path string, snap account.Snapshot) (*journal.Writer[action.State], error) {
	if path == "" {
		return nil, nil //nolint:nilnil // no journal is no error
	}
	a := &snap.Accounts[0]
	return beginRun[action.State](e, path, journal.Header{Account: a.ID, Partition: a.Partition, Salt: snap.Salt})
}

func beginRun[S change.State[S]](e *env, path string, h journal.Header) (*journal.Writer[S], error) {
	h.Tool = "monitorctl " + versionText()
	return journal.Open[S](path, h, e.now)
}

// continueJournal begins the run of an undo in the journal that it takes back. A
// file that cannot be written is no reason to leave the account as it is: then
// nil, and it is said. One that another run is writing is.
func continueJournal[S change.State[S]](e *env, path string, h journal.Header) (*journal.Writer[S], error) {
	w, err := beginRun[S](e, path, h)
	if err != nil && (errors.Is(err, journal.ErrNotRegular) || errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)) {
		fmt.Fprintln(e.err, "monitorctl: this undo is not recorded: "+report.Sanitize(err.Error()))
		return nil, nil //nolint:nilnil // said above
	}
	return w, err
}

// undo looks at the account, shows what is to be taken back, asks and does it.
func (e *env) undo(ctx context.Context, f *removeFlags, path string, j journal.Journal[action.State], controls []catalog.Control) error {
	ctx, cancel := f.deadline(ctx)
	defer cancel()
	started := e.now()
	session, err := e.connect(ctx, &f.source)
	if err != nil {
		return err
	}
	if f.verbose {
		defer e.calls(session, started)
	}
	now, err := apply.Look(ctx, session, j)
	if err != nil {
		return fmt.Errorf("reading the account: %w", err)
	}
	u := undo.For(j, now, controls)
	r := report.Removal{Account: finding.AccountRef{ID: j.Header.Account}, Actions: u.Actions, Left: u.Left, Done: u.Gone}
	return e.remove(ctx, f, r, func(done func(change.Action)) error {
		o := apply.Options{OnDone: func(o action.Outcome) { done(o.Action) }}
		w, err := continueJournal[action.State](e, path, j.Header)
		if err != nil {
			return err
		}
		if w != nil {
			defer w.Close() //nolint:errcheck // every record is on the disk already
			o.Journal = w
		}
		_, err = apply.Run(ctx, session, change.Plan{Actions: r.Actions}, o)
		return e.partial(err, "undo", "")
	})
}

// remove shows a removal, asks and carries it out with carry, which tells done of each
// action that is done.
func (e *env) remove(ctx context.Context, f *removeFlags, r report.Removal, carry func(done func(change.Action)) error) error {
	e.clearProgress()
	if !f.quiet || !f.yes {
		if err := e.showRemoval(ctx, &f.outputFlags, r); err != nil {
			return err
		}
	}
	if f.dryRun || len(r.Actions) == 0 {
		return leftVerdict(r)
	}
	if !f.yes {
		ok, err := e.confirm("Make", len(r.Actions), r.Account)
		if err != nil || !ok {
			return cancelled(err)
		}
	}
	done := 0
	err := carry(func(a change.Action) {
		done++
		e.note(&f.outputFlags, "%d/%d %s", done, len(r.Actions), a)
	})
	if err != nil {
		return err
	}
	return leftVerdict(r)
}

// showRemoval writes a removal in every format asked for.
func (e *env) showRemoval(ctx context.Context, f *outputFlags, r report.Removal) error {
	sinks, err := f.sinks(planFormats)
	if err != nil {
		return err
	}
	for _, s := range sinks {
		writer := report.RemovalText
		if s.format == "json" {
			writer = report.RemovalJSON
		}
		if err := e.write(ctx, s, func(w io.Writer) error { return writer(w, r, e.options(f, s)) }); err != nil {
			return err
		}
	}
	return nil
}

// leftVerdict is the error of a removal that leaves something of ours.
func leftVerdict(r report.Removal) error {
	left := slices.DeleteFunc(slices.Clone(r.Left), func(l change.Left) bool { return l.Foreign })
	switch len(left) {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("%s is left: %s", left[0].Object, left[0].Why)
	}
	return fmt.Errorf("%d objects are left, the first of them %s: %s", len(left), left[0].Object, left[0].Why)
}

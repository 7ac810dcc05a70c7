package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/bucket"
	"github.com/monitorctl/monitorctl/internal/aws/replay"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/language"
	"github.com/monitorctl/monitorctl/internal/logs"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// replayFlags are those of replay.
type replayFlags struct {
	scopeFlags
	engine run.EngineRequest
	out    outputFlags

	days                  int
	from, to, clock       string
	controls              []string
	patterns              []string // NAME=TEXT
	instead               []string // CONTROL=TEXT
	patternsOnly, suggest bool
	noise, failOver       float64
	evidence, workers     int
	maxRecord             int
	maxUnpacked           int64
	showUnreadable        bool
	requestPayer          bool
}

// replayFormats are the formats of replay.
var replayFormats = []string{"table", "json", "csv", "html"}

// newReplay builds "monitorctl replay".
func newReplay(e *env) *cobra.Command {
	var f replayFlags
	c := &cobra.Command{
		Use:   "replay [LOCATION...]",
		Short: "What would have fired, and who would have been notified",
		Long: `replay reads CloudTrail logs that exist already and tells for each control which
events its alarms would have seen, which alarm actions they would have led to, on
the alarm's own settings, which messages EventBridge rules would have sent, who would
have been notified, and who caused them. The chain of filters, alarms, rules and
subscribers comes from the account, from --snapshot, or, with --patterns-only, is the
one that apply would create.

A LOCATION is a file, a directory with everything below it, or s3://BUCKET/PREFIX; without
one it is the bucket to which the account's trail delivers. Of
a directory and a bucket only files with the names that CloudTrail gives are read. The
rights s3:ListBucket and s3:GetObject are needed, and kms:Decrypt for encrypted files.

It exits with 0 when everything was read, 1 when something was not, or could not be
checked, or when there was nothing at all, and 3 when a control has more alarm actions
and messages a day than --fail-over.`,
		Example: `  monitorctl replay trail/ --snapshot account.json --days 30
  monitorctl replay s3://acme-trail --days 30
  monitorctl replay trail/ --patterns-only --set cis -o table -o json=replay.json
  monitorctl replay trail/ --control root-usage --control 4.1 --suggest
  monitorctl replay trail/ --patterns-only --pattern 'mine={ $.eventName = DeleteTrail }'`,
		PreRunE: e.fromEnvironment,
		RunE: func(c *cobra.Command, args []string) error {
			return e.replay(c, &f, args)
		},
	}
	f.add(c)
	return c
}

func (f *replayFlags) add(c *cobra.Command) {
	f.addAccount(c)
	fl := c.Flags()
	f.addSnapshot(c, "take the chain from a saved snapshot instead of an account; - is standard input")
	fl.BoolVar(&f.patternsOnly, "patterns-only", false, "ask no account: the chain that apply would create")
	f.addControls(c)
	f.addConfig(c)
	f.out.add(c, replayFormats)
	fl.IntVar(&f.days, "days", 0, "the last days only, by the time of the events")
	fl.StringVar(&f.from, "from", "", "begin of the window, such as 2026-11-01 or 2026-11-01T08:00:00Z")
	fl.StringVar(&f.to, "to", "", "end of the window, likewise, excluded")
	fl.StringArrayVar(&f.controls, "control", nil, "only this control, with details; an id or a number of the benchmark; repeatable")
	fl.StringArrayVar(&f.patterns, "pattern", nil, "NAME=PATTERN, a filter pattern of your own with an alarm as apply creates it, or an event pattern; repeatable; without --control or --set nothing else")
	fl.StringArrayVar(&f.instead, "instead", nil, "CONTROL=PATTERN, what this pattern would change in place of the control's own; repeatable")
	fl.StringVar(&f.clock, "clock", "event", "the time of a record: event (eventTime) or delivery (of its file)")
	f.addTransport(c)
	fl.BoolVar(&f.suggest, "suggest", false, "tell which exclusions would make noisy controls quiet")
	fl.Float64Var(&f.noise, "noise", 1, "alarm actions a day above which a control is noisy")
	fl.Float64Var(&f.failOver, "fail-over", -1, "exit with 3 when a control has more alarm actions a day; negative: never")
	fl.IntVar(&f.evidence, "evidence", 3, "how many of the latest records of each control to show, with details and in JSON")
	fl.IntVar(&f.workers, "workers", 0, "how many files are read at once; 0: one for each core, four with a bucket")
	fl.IntVar(&f.maxRecord, "max-record", logs.MaxRecord, "bytes of a record above which it is left out")
	fl.Int64Var(&f.maxUnpacked, "max-unpacked", logs.MaxUnpacked, "bytes that a file may unpack to")
	fl.BoolVar(&f.requestPayer, "request-payer", false, "pay for the requests to a bucket that demands it")
	addEngine(fl, &f.engine)
	fl.BoolVar(&f.showUnreadable, "show-unreadable", false, "name every file that could not be read")
	complete(c, "clock", func() []string { return []string{"event", "delivery"} })
	complete(c, "engine", func() []string { return run.Engines })
}

// check finds wrong usage before anything is read.
func (f *replayFlags) check(args []string) error {
	switch {
	case len(args) == 0 && f.patternsOnly:
		return exit.Hinted(exit.Usage(errors.New("replay --patterns-only takes a file, directory or bucket with logs: no account is asked where they are")), "see 'monitorctl replay --help'")
	case len(f.source.Files) > 0 && f.patternsOnly:
		return exit.Usage(errors.New("--snapshot and --patterns-only exclude each other"))
	case f.days > 0 && f.from+f.to != "":
		return exit.Usage(errors.New("--days excludes --from and --to"))
	case f.transport == audit.RuleTransport && len(f.instead) > 0:
		return exit.Hinted(exit.Usage(errors.New("--instead is about metric filters, and --transport eventbridge leaves them out")), "try an event pattern with --pattern 'NAME={\"detail\":{...}}'")
	case f.clock != "event" && f.clock != "delivery":
		return exit.Usage(fmt.Errorf("--clock %q is neither event nor delivery", f.clock))
	case f.workers < 0 || f.workers > 256:
		return exit.Usage(fmt.Errorf("--workers %d is not between 0 and 256", f.workers))
	case f.evidence < 0 || f.evidence > 100:
		return exit.Usage(fmt.Errorf("--evidence %d is not between 0 and 100", f.evidence))
	case f.days < 0 || f.maxRecord < 1 || f.maxUnpacked < 1:
		return exit.Usage(errors.New("--days, --max-record and --max-unpacked are not negative"))
	}
	if err := f.engine.Check(args); err != nil {
		return err
	}
	return f.source.Check()
}

// window returns the bounds of the time asked for, zero where there are none.
func (f *replayFlags) window(now time.Time) (from, to time.Time, err error) {
	if f.days > 0 {
		to = now.UTC().Truncate(time.Minute)
		return to.AddDate(0, 0, -f.days), to, nil
	}
	if from, err = moment("from", f.from); err == nil {
		to, err = moment("to", f.to)
	}
	if err == nil && !to.IsZero() && !to.After(from) {
		err = exit.Usage(fmt.Errorf("--to %s is not after --from %s", f.to, f.from))
	}
	return from, to, err
}

// moment reads a time; the zero time for "".
func moment(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC().Truncate(time.Minute), nil
		}
	}
	return time.Time{}, exit.Hinted(exit.Usage(fmt.Errorf("--%s %q is no time", flag, text)), "a time looks like 2026-11-01 or 2026-11-01T08:00:00Z")
}

// replay is one run of the command.
func (e *env) replay(c *cobra.Command, f *replayFlags, args []string) error {
	if err := f.check(args); err != nil {
		return err
	}
	sinks, err := f.out.sinks(replayFormats)
	if err != nil {
		return err
	}
	q, err := f.request(e, c, f.controls, &f.out)
	if err != nil {
		return err
	}
	ctx, cancel := q.Limit.Context(c.Context())
	defer cancel()
	question, places, err := e.question(ctx, f, &q, c.Flags().Changed("set"))
	if err != nil {
		return err
	}
	if err := f.engine.Refuse(question); err != nil {
		return err
	}
	if len(args) == 0 {
		if len(places) == 0 {
			return exit.Hinted(exit.Usage(errors.New("replay takes a file, directory or bucket with logs: no trail of the account says where they are")), "name it, as in 'monitorctl replay s3://BUCKET'")
		}
		if !f.out.quiet {
			e.Say("monitorctl: the trail's log files are in %s", strings.Join(places, ", "))
		}
		args = places
	}
	l, err := e.listLogs(ctx, f, args, logs.DaysOf(question.From, question.To))
	if err != nil {
		return err
	}
	answer, done, err := e.run.OnEngine(ctx, &f.engine, f.replayRequest(question, l, args))
	if err != nil || done {
		return err
	}
	if answer == nil {
		answer = func(ctx context.Context, b catalog.Benchmark) (*report.Replay, error) {
			return e.readLogs(ctx, f, question, l, b)
		}
	}
	r, stopped := answer(ctx, q.Selection.Benchmark)
	if r == nil {
		return stopped
	}
	// What was read before an interruption is reported all the same.
	o := report.Options{Config: q.Scope.Config.Identity()}
	err = e.each(context.WithoutCancel(ctx), &f.out, sinks, o, func(w io.Writer, format string, o report.Options) error {
		return writeReplay(w, format, *r, o)
	})
	if err != nil {
		return err
	}
	if stopped != nil {
		return fmt.Errorf("reading logs: %w", stopped)
	}
	return f.verdict(r)
}

// listLogs finds the files of all places.
func (e *env) listLogs(ctx context.Context, f *replayFlags, places []string, days logs.Days) (logs.Listing, error) {
	var l logs.Listing
	var remote *bucket.Bucket
	for _, place := range places {
		if !strings.HasPrefix(place, bucket.Scheme) {
			if err := l.List(ctx, place, days); err != nil {
				return l, err
			}
			continue
		}
		if remote == nil {
			session, err := e.run.Connect(ctx, &f.source)
			if err != nil {
				return l, err
			}
			remote = bucket.New(session.Streaming(), f.requestPayer)
		}
		e.progress(&f.out, "listing %s", place)
		if err := remote.List(ctx, place, days, &l); err != nil {
			return l, exit.Hinted(err, "the rights s3:ListBucket and s3:GetObject are needed: 'monitorctl permissions replay "+place+"' prints the policy")
		}
	}
	l.Once()
	return l, nil
}

func writeReplay(w io.Writer, format string, r report.Replay, o report.Options) error {
	switch format {
	case "json":
		return report.ReplayJSON(w, r, o)
	case "csv":
		return report.ReplayCSV(w, r, o)
	case "html":
		return report.ReplayHTML(w, r, o)
	default:
		return report.ReplayText(w, r, o)
	}
}

// verdict is the error that means what the report has said.
func (f *replayFlags) verdict(r *report.Replay) error {
	over := func(a replay.Answer) bool { return r.PerDay(a.Notifications()) > f.failOver }
	switch {
	case f.failOver >= 0 && slices.ContainsFunc(r.Controls, over):
		return &exit.Error{Code: exit.ControlsFailed}
	case r.Incomplete():
		return &exit.Error{Code: exit.Failed}
	}
	return nil
}

// question prepares what is asked of the records. Places are where the trails of the
// account deliver them.
func (e *env) question(ctx context.Context, f *replayFlags, r *run.Request, set bool) (q *replay.Question, places []string, err error) {
	from, to, err := f.window(e.run.Now())
	if err != nil {
		return nil, nil, err
	}
	q = &replay.Question{From: from, To: to, ByDelivery: f.clock == "delivery", Evidence: f.evidence}
	own, err := ownPatterns(f.patterns)
	if err != nil {
		return nil, nil, err
	}
	if len(own) == 0 || len(f.controls) > 0 || set {
		if places, err = e.run.Chains(ctx, r, q, f.patternsOnly); err != nil {
			return nil, nil, err
		}
	}
	for _, p := range own {
		p.add(q)
	}
	if err := f.putInstead(q, r.Selection.Controls); err != nil {
		return nil, nil, err
	}
	if len(q.Controls) == 0 {
		return nil, nil, exit.Usage(errors.New("none of the controls is about events"))
	}
	return q, places, nil
}

// An ownPattern is a pattern of the user's: a filter pattern, or an event pattern.
type ownPattern struct {
	name    string
	pattern *pattern.Pattern
	event   *eventpattern.Pattern // in place of pattern, unless nil
}

func (p ownPattern) add(q *replay.Question) {
	if p.event != nil {
		q.AddRule(p.name, p.event)
	} else {
		q.AddPattern(p.name, p.pattern)
	}
}

// putInstead adds the controls of --instead.
func (f *replayFlags) putInstead(q *replay.Question, controls []catalog.Control) error {
	list, err := ownPatterns(f.instead)
	if err != nil {
		return err
	}
	for _, p := range list {
		if p.event != nil {
			return exit.Usage(fmt.Errorf("--instead %s: an event pattern cannot take the place of a filter pattern", p.name))
		}
		if !q.Instead(p.name, p.pattern) {
			var ids []string
			for _, c := range controls {
				ids = append(ids, c.ID)
			}
			return exit.Hinted(exit.Usage(fmt.Errorf("--instead names %s, which is not replayed", p.name)), "it takes the id of one of "+strings.Join(ids, ", "))
		}
	}
	return nil
}

// ownPatterns reads NAME=PATTERN.
func ownPatterns(texts []string) ([]ownPattern, error) {
	var list []ownPattern
	for _, text := range texts {
		name, body, ok := strings.Cut(text, "=")
		if name = strings.TrimSpace(name); !ok || name == "" || strings.ContainsAny(name, "{[\"$ ") {
			return nil, exit.Hinted(exit.Usage(fmt.Errorf("%q is not NAME=PATTERN", text)), "give it a name, as in 'mine="+text+"'")
		}
		patterns, err := parsePatterns([]string{body}, language.Auto)
		if err != nil {
			return nil, fmt.Errorf("--pattern %s: %w", name, err)
		}
		list = append(list, ownPattern{name: name, event: patterns[0].Event, pattern: patterns[0].Filter})
	}
	return list, nil
}

// readLogs reads the logs and answers. The error is why it ended early; the report is nil
// when there is none.
func (e *env) readLogs(ctx context.Context, f *replayFlags, q *replay.Question, l logs.Listing, b catalog.Benchmark) (*report.Replay, error) {
	started := e.run.Now()
	counters := replay.NewCounters(q, f.readers(l))
	total, stopped := logs.Each(ctx, l.Objects, func() *logs.Reader {
		return counters.NewReader(logs.Options{MaxRecord: f.maxRecord, MaxUnpacked: f.maxUnpacked})
	}, counters.Sinks(), func(n int, t logs.Totals) {
		e.progress(&f.out, "reading logs: %d of %d files, %d MB unpacked", n, len(l.Objects), t.Unpacked>>20)
	})
	r := &report.Replay{
		Report: counters.Answer(), Engine: "local", Read: total, Skipped: l.Skipped, Unreadable: slices.Concat(l.Unreadable, total.Unreadable),
		Days: !q.From.IsZero() || !q.To.IsZero(), Noise: f.noise, Details: len(f.controls) > 0, ShowUnreadable: f.showUnreadable, Text: searchesText(q),
		Suggested: f.suggest,
	}
	if stopped != nil {
		r.Stopped = stopped.Error()
	}
	if f.suggest && stopped == nil {
		if err := counters.Suggest(ctx, &r.Report, b, f.noise); err != nil {
			return nil, err
		}
	}
	r.Took = e.run.Now().Sub(started)
	return r, stopped
}

// readers is how many files are read at once: those of a bucket are waited for.
func (f *replayFlags) readers(l logs.Listing) int {
	switch {
	case f.workers > 0:
		return f.workers
	case slices.ContainsFunc(l.Objects, func(o logs.Object) bool { return strings.HasPrefix(o.Name, bucket.Scheme) }):
		return 4 * runtime.GOMAXPROCS(0)
	}
	return runtime.GOMAXPROCS(0)
}

// searchesText reports whether a pattern searches the text of records.
func searchesText(q *replay.Question) bool {
	return slices.ContainsFunc(q.Patterns, func(p *pattern.Pattern) bool { return p.Kind() != pattern.KindJSON && p.Kind() != pattern.KindAll })
}

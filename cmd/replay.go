package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/language"
	"github.com/monitorctl/monitorctl/internal/logs"
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
		Long: `replay reads existing CloudTrail logs and reports, for each control, the events that
its alarms would have seen, the alarm actions that these would have caused with each
alarm's own settings, the messages that EventBridge rules would have sent, who would
have been notified, and who caused the events. The chain of filters, alarms, rules and
subscribers comes from the account or from --snapshot; with --patterns-only it is the
one that apply would create.

A LOCATION is a file, a directory with everything below it, or s3://BUCKET/PREFIX; without
one, the bucket to which the account's trail delivers. In directories and buckets, only
files named as CloudTrail names them are read. A bucket needs the permissions
s3:ListBucket and s3:GetObject, and kms:Decrypt for encrypted files.

The exit code is 0 when everything was read, 1 when something was not read or could not
be checked, or when there were no events at all, and 3 when a control has more alarm
actions and messages a day than --fail-over.`,
		Example: `  monitorctl replay trail/ --snapshot account.json --days 30
  monitorctl replay s3://acme-trail --days 30
  monitorctl replay trail/ --patterns-only --set cis -o table -o json=replay.json
  monitorctl replay trail/ --control root-usage --control 4.1 --suggest
  monitorctl replay trail/ --patterns-only --pattern 'mine={ $.eventName = DeleteTrail }'`,
		PreRunE: e.fromEnvironment,
		RunE: func(c *cobra.Command, args []string) error {
			sinks, q, err := f.replayRequest(e, c, args)
			if err != nil {
				return err
			}
			ctx, cancel := q.Limit.Context(c.Context())
			defer cancel()
			r, stopped := e.run.Replay(ctx, &q)
			if r == nil {
				return stopped
			}
			// What was read before an interruption is reported all the same.
			o := report.Options{Config: q.Scope.Config.Identity()}
			err = e.each(context.WithoutCancel(ctx), &f.out, sinks, o, func(w io.Writer, format string, o report.Options) error {
				return writeReplay(w, format, *r, o)
			})
			switch {
			case err != nil:
				return err
			case stopped != nil:
				return fmt.Errorf("reading logs: %w", stopped)
			}
			return q.Verdict(r)
		},
	}
	f.add(c)
	return c
}

func (f *replayFlags) add(c *cobra.Command) {
	f.addAccount(c)
	fl := c.Flags()
	f.addSnapshot(c, "take the chain from a saved snapshot instead of the account; - is standard input")
	fl.BoolVar(&f.patternsOnly, "patterns-only", false, "read no account: assume the chain that apply would create")
	f.addControls(c)
	f.addConfig(c)
	f.out.add(c, replayFormats)
	fl.IntVar(&f.days, "days", 0, "only the last N days, by event time")
	fl.StringVar(&f.from, "from", "", "start of the window, such as 2026-11-01 or 2026-11-01T08:00:00Z")
	fl.StringVar(&f.to, "to", "", "end of the window (exclusive), in the same form")
	fl.StringArrayVar(&f.controls, "control", nil, "show only this control, with details: an id or a benchmark number (repeatable)")
	fl.StringArrayVar(&f.patterns, "pattern", nil, "NAME=PATTERN: replay your own filter pattern, with the alarm that apply would create, or event pattern; without --control or --set, only these (repeatable)")
	fl.StringArrayVar(&f.instead, "instead", nil, "CONTROL=PATTERN: show what would change with this pattern in place of the control's own (repeatable)")
	fl.StringVar(&f.clock, "clock", "event", "which time counts for a record: event (eventTime) or delivery (of its file)")
	f.addTransport(c)
	fl.BoolVar(&f.suggest, "suggest", false, "suggest exclusions that would quiet noisy controls")
	fl.Float64Var(&f.noise, "noise", 1, "alarm actions a day above which a control is noisy")
	fl.Float64Var(&f.failOver, "fail-over", -1, "exit with 3 if a control has more alarm actions a day than this; negative: never")
	fl.IntVar(&f.evidence, "evidence", 3, "how many of each control's latest records to show, in details and in JSON")
	fl.IntVar(&f.workers, "workers", 0, "how many files to read at once; 0: one per core, or four per core for a bucket")
	fl.IntVar(&f.maxRecord, "max-record", logs.MaxRecord, "skip records larger than this many bytes")
	fl.Int64Var(&f.maxUnpacked, "max-unpacked", logs.MaxUnpacked, "stop reading a file after this many uncompressed bytes")
	fl.BoolVar(&f.requestPayer, "request-payer", false, "pay for requests to a requester-pays bucket")
	addEngine(fl, &f.engine)
	fl.BoolVar(&f.showUnreadable, "show-unreadable", false, "list every file that could not be read")
	complete(c, "clock", func() []string { return []string{"event", "delivery"} })
	complete(c, "engine", func() []string { return run.Engines })
}

// check finds wrong usage before anything is read.
func (f *replayFlags) check(args []string) error {
	switch {
	case len(args) == 0 && f.patternsOnly:
		return exit.Hinted(exit.Usage(errors.New("replay --patterns-only needs a file, directory or bucket with logs: it does not ask an account where they are")), "see 'monitorctl replay --help'")
	case len(f.source.Files) > 0 && f.patternsOnly:
		return exit.Usage(errors.New("--snapshot and --patterns-only cannot be combined"))
	case f.days > 0 && f.from+f.to != "":
		return exit.Usage(errors.New("--days cannot be combined with --from and --to"))
	case f.transport == audit.RuleTransport && len(f.instead) > 0:
		return exit.Hinted(exit.Usage(errors.New("--instead is for metric filters, and --transport eventbridge leaves them out")), "try an event pattern with --pattern 'NAME={\"detail\":{...}}'")
	case f.clock != "event" && f.clock != "delivery":
		return exit.Usage(fmt.Errorf("--clock %q is neither event nor delivery", f.clock))
	case f.workers < 0 || f.workers > 256:
		return exit.Usage(fmt.Errorf("--workers %d is not between 0 and 256", f.workers))
	case f.evidence < 0 || f.evidence > 100:
		return exit.Usage(fmt.Errorf("--evidence %d is not between 0 and 100", f.evidence))
	case f.noise < 0:
		return exit.Usage(errors.New("--noise must not be negative"))
	case f.days < 0 || f.maxRecord < 1 || f.maxUnpacked < 1:
		return exit.Usage(errors.New("--days must not be negative, and --max-record and --max-unpacked must be positive"))
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
	return time.Time{}, exit.Hinted(exit.Usage(fmt.Errorf("--%s %q is not a time", flag, text)), "a time looks like 2026-11-01 or 2026-11-01T08:00:00Z")
}

// replayRequest makes of the flags what the run is asked for, and where its reports go.
func (f *replayFlags) replayRequest(e *env, c *cobra.Command, args []string) ([]sink, run.ReplayRequest, error) {
	q := run.ReplayRequest{
		Engine: f.engine, Places: args, ByDelivery: f.clock == "delivery", PatternsOnly: f.patternsOnly,
		Reader: logs.Options{MaxRecord: f.maxRecord, MaxUnpacked: f.maxUnpacked}, Workers: f.workers, RequestPayer: f.requestPayer,
		Evidence: f.evidence, Noise: f.noise, FailOver: f.failOver, Suggest: f.suggest, Details: len(f.controls) > 0, ShowUnreadable: f.showUnreadable,
	}
	if err := f.check(args); err != nil {
		return nil, q, err
	}
	sinks, err := f.out.sinks(replayFormats)
	if err != nil {
		return nil, q, err
	}
	if q.Request, err = f.request(e, c, f.controls, &f.out); err != nil {
		return nil, q, err
	}
	if q.From, q.To, err = f.window(e.run.Now()); err != nil {
		return nil, q, err
	}
	if q.Patterns, err = ownPatterns(f.patterns); err != nil {
		return nil, q, err
	}
	q.NoControls = len(q.Patterns) > 0 && len(f.controls) == 0 && !c.Flags().Changed("set")
	q.Instead, err = ownPatterns(f.instead)
	return sinks, q, err
}

// ownPatterns reads NAME=PATTERN.
func ownPatterns(texts []string) ([]run.NamedPattern, error) {
	var list []run.NamedPattern
	for _, text := range texts {
		name, body, ok := strings.Cut(text, "=")
		if name = strings.TrimSpace(name); !ok || name == "" || strings.ContainsAny(name, "{[\"$ ") {
			return nil, exit.Hinted(exit.Usage(fmt.Errorf("%q is not NAME=PATTERN", text)), "give it a name, as in 'mine="+text+"'")
		}
		patterns, err := parsePatterns([]string{body}, language.Auto)
		if err != nil {
			return nil, fmt.Errorf("--pattern %s: %w", name, err)
		}
		list = append(list, run.NamedPattern{Name: name, Pattern: patterns[0]})
	}
	return list, nil
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

package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/athena"
	"github.com/monitorctl/monitorctl/internal/aws/bucket"
	"github.com/monitorctl/monitorctl/internal/aws/remote"
	"github.com/monitorctl/monitorctl/internal/aws/replay"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/logs"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/sqlengine"
	"github.com/monitorctl/monitorctl/internal/trino"
)

// An EngineRequest says who reads the files of a replay, and how.
type EngineRequest struct {
	Engine                              string // one of Engines
	Workgroup, Database, Output, KMSKey string // of Athena
	TrinoURL, TrinoCatalog, TrinoSchema string
	Table                               string // "" for one of its own
	Location                            string // where the engine finds the files; "" where they are
	SQL, DryRun                         bool   // print the statements, with what they would read
	DropTable                           bool
	MaxBytes                            int64 // packed, that an engine may read
	LocalLimit                          int64 // GB, packed, up to which auto reads the files here
	Slice                               int   // days of one statement; 0: all
}

// The engines of replay.
const (
	engineAuto   = "auto"
	engineLocal  = "local"
	engineTrino  = "trino"
	engineAthena = "athena"
)

// Engines are the names of who can read the files.
var Engines = []string{engineAuto, engineLocal, engineAthena, engineTrino}

// Check finds wrong usage.
func (f *EngineRequest) Check(places []string) error {
	switch {
	case !slices.Contains(Engines, f.Engine):
		return exit.Hinted(exit.Usage(fmt.Errorf("unknown --engine %q", f.Engine)), "engines are "+strings.Join(Engines, ", "))
	case f.MaxBytes < 1 || f.LocalLimit < 0 || f.Slice < 0:
		return exit.Usage(errors.New("--max-bytes must be positive, and --local-limit and --slice must not be negative"))
	case f.TrinoURL != "" && f.Database+f.Workgroup+f.Output+f.KMSKey != "":
		return exit.Usage(errors.New("--trino cannot be combined with --workgroup, --database, --output-location and --output-kms-key"))
	case f.KMSKey != "" && f.Output == "":
		return exit.Hinted(exit.Usage(errors.New("--output-kms-key needs --output-location: the workgroup's own location has its own encryption")), "name the place for results with --output-location s3://BUCKET/PREFIX")
	case f.Engine == engineTrino && f.TrinoURL == "" && !f.SQL && !f.DryRun:
		return exit.Hinted(exit.Usage(errors.New("--engine trino needs the server")), "name it with --trino https://HOST:PORT")
	case f.Engine == engineTrino && f.TrinoSchema == "":
		return exit.Usage(errors.New("--engine trino needs --trino-schema, for the table"))
	case f.Engine == engineAthena && f.Database == "":
		return exit.Usage(errors.New("--engine athena needs --database, for the table"))
	case (f.SQL || f.DryRun) && f.named() == engineLocal:
		return exit.Hinted(exit.Usage(errors.New("--sql and --dry-run need an engine")), "name it with --engine athena or --engine trino")
	case f.Engine != engineLocal && f.Engine != engineAuto && len(places) != 1:
		return exit.Hinted(exit.Usage(fmt.Errorf("an engine reads one location, not %d", len(places))), "replay them one by one, or use --engine local")
	case f.Engine == engineAthena && !strings.HasPrefix(places[0], bucket.Scheme):
		return exit.Usage(fmt.Errorf("Athena reads s3://BUCKET/PREFIX, not %s", places[0])) //nolint:staticcheck // a name
	case f.Engine == engineTrino && !strings.HasPrefix(places[0], bucket.Scheme) && f.Location == "":
		return exit.Hinted(exit.Usage(fmt.Errorf("--engine trino needs the server's own name for %s", places[0])), "give it with --engine-location")
	}
	return nil
}

// named is the engine that is asked for, or that auto can use; local for none.
func (f *EngineRequest) named() string {
	switch {
	case f.Engine != engineAuto:
		return f.Engine
	case f.TrinoURL != "" && f.TrinoSchema != "":
		return engineTrino
	case f.Database != "":
		return engineAthena
	}
	return engineLocal
}

// refuse finds the patterns that no engine can match, before anything is listed.
func (f *EngineRequest) refuse(q *replay.Question) error {
	if f.Engine == engineLocal || f.Engine == engineAuto {
		return nil
	}
	_, err := replay.NewStatement(q, false)
	return textRefused(err)
}

func textRefused(err error) error {
	var text *replay.TextError
	if errors.As(err, &text) {
		return exit.Hinted(exit.Usage(err), "use --engine local")
	}
	return err
}

// choose returns the engine that answers, and says why where that was left open.
func (r *Runner) choose(q *reading) string {
	f := &q.Engine
	named := f.named()
	switch {
	case f.Engine != engineAuto || named == engineLocal:
		return f.Engine
	case f.SQL || f.DryRun:
		return named
	}
	packed := int64(0)
	for _, o := range q.listing.Objects {
		packed += o.Size
	}
	_, err := replay.NewStatement(q.question, false)
	switch {
	case len(q.places) != 1, f.Location == "" && !strings.HasPrefix(q.places[0], bucket.Scheme):
		r.Console.Say("monitorctl: note: reading the files here: they are not in one place that %s can read", named)
	case packed <= f.LocalLimit*1e9:
		r.Console.Say("monitorctl: note: reading the files here: they have %d GB, not more than --local-limit", packed/1e9)
	case err != nil:
		r.Console.Say("monitorctl: note: reading the files here: %v", err)
	default:
		r.Console.Say("monitorctl: note: asking %s: the files have %d GB, more than --local-limit", named, packed/1e9)
		return named
	}
	return engineLocal
}

// An answer answers a replay. The error is why it ended early; the report is nil when there
// is none.
type answer func(context.Context) (*report.Replay, error)

// onEngine prepares an engine's answer. It is nil where the files are to be read here;
// done says that the statements were printed, and that is all.
func (r *Runner) onEngine(ctx context.Context, q *reading) (_ answer, done bool, err error) {
	f, name := &q.Engine, r.choose(q)
	if len(q.listing.Objects) == 0 && (f.SQL || f.DryRun) {
		return nil, false, fmt.Errorf("no log files were found in %s%s: there is nothing to ask", q.places[0], report.Between(q.From, q.To))
	}
	if name == engineLocal || name == engineAuto || len(q.listing.Objects) == 0 {
		return nil, false, nil
	}
	layout, err := remote.LayoutOf(q.listing)
	if err != nil {
		return nil, false, exit.Hinted(exit.Usage(err), "use --engine local")
	}
	run, err := r.remote(q, name, layout)
	if err != nil {
		return nil, false, err
	}
	if f.SQL || f.DryRun {
		return nil, true, r.printStatements(f, name, run)
	}
	if n := run.Layout.Bytes; n > f.MaxBytes {
		return nil, false, exit.Hinted(fmt.Errorf("the engine would read %d bytes, and --max-bytes allows %d", n, f.MaxBytes), "choose fewer days, or raise --max-bytes")
	}
	if run.Engine, err = r.engine(ctx, q, name, run.Layout.Bytes); err != nil {
		return nil, false, err
	}
	return func(ctx context.Context) (*report.Replay, error) { return r.ask(ctx, q, run) }, false, nil
}

// unlisted reports whether statements are to be printed for a bucket that nobody is asked
// about.
func (q *reading) unlisted() bool {
	return q.Engine.SQL && !q.Engine.DryRun && q.PatternsOnly && len(q.places) == 1 && strings.HasPrefix(q.places[0], bucket.Scheme)
}

// printUnlisted prints the statements for a bucket without listing it.
func (r *Runner) printUnlisted(q *reading) error {
	name := q.Engine.named()
	run, err := r.remote(q, name, remote.Unlisted(q.places[0], logs.DaysOf(q.From, q.To), r.Now()))
	if err != nil {
		return err
	}
	if missing := run.Layout.Missing(); len(missing) > 0 {
		fmt.Fprintf(r.Console.Out, "-- The bucket was not listed: put your value for %s.\n", strings.Join(missing, " and "))
	}
	return r.printStatements(&q.Engine, name, run)
}

// remote is the question to an engine.
func (r *Runner) remote(q *reading, name string, layout remote.Layout) (*remote.Run, error) {
	f := &q.Engine
	statement, err := replay.NewStatement(q.question, q.Suggest)
	if err != nil {
		return nil, textRefused(err)
	}
	run := &remote.Run{
		Table: remote.Table{Schema: f.Database, Name: f.Table, Location: layout.Trail, Accounts: layout.Accounts, Regions: layout.Regions},
		Own:   f.Table == "", Drop: f.DropTable, Statement: statement, Listing: q.listing, Layout: layout, Slice: f.Slice,
		NewTableStatement: func(types map[string]string) (*replay.Statement, error) {
			return replay.NewTableStatement(q.question, q.Suggest, types)
		},
		NewCounters: func() *replay.Counters { return replay.NewCounters(q.question, q.readers()) },
		NewReader:   func(c *replay.Counters) *logs.Reader { return c.NewReader(q.Reader) },
		Progress:    func(format string, args ...any) { r.progress(&q.Request, format, args...) },
	}
	if name == engineTrino {
		run.Table.Catalog, run.Table.Schema = f.TrinoCatalog, f.TrinoSchema
	}
	if f.Location != "" {
		below, ok := strings.CutPrefix(layout.Trail, strings.TrimSuffix(q.places[0], "/")+"/")
		if !ok {
			return nil, exit.Usage(fmt.Errorf("the trail's folder %s is not below %s, which --engine-location stands for", layout.Trail, q.places[0]))
		}
		run.Table.Location = strings.TrimSuffix(f.Location, "/") + "/" + below
	}
	if err := run.Table.Check(); err != nil {
		return nil, exit.Usage(err)
	}
	return run, nil
}

// engine connects to an engine that is to read so many bytes.
func (r *Runner) engine(ctx context.Context, q *reading, name string, bytes int64) (sqlengine.Engine, error) {
	f := &q.Engine
	if name == engineTrino {
		vars := r.Console.Vars
		server, err := trino.Open(trino.Config{
			URL: f.TrinoURL, Catalog: f.TrinoCatalog, Schema: f.TrinoSchema, User: cmp.Or(vars["TRINO_USER"], "monitorctl"),
			Password: vars["TRINO_PASSWORD"], Token: vars["TRINO_TOKEN"], MaxBytes: f.MaxBytes,
		})
		if err != nil {
			return nil, exit.Usage(err)
		}
		return server, nil
	}
	session, err := r.Connect(ctx, &q.Source)
	if err != nil {
		return nil, err
	}
	group, err := athena.Open(ctx, session.Streaming(), athena.Config{Workgroup: f.Workgroup, Database: f.Database, Output: f.Output, KMSKey: f.KMSKey})
	if err != nil {
		return nil, err
	}
	if c := group.Cutoff(); c > 0 && bytes > c {
		return nil, exit.Hinted(fmt.Errorf("the engine would read %d bytes, and the workgroup allows %d for each statement", bytes, c), "choose fewer days, or another --workgroup")
	}
	r.Console.Say("monitorctl: note: Athena's results stay in %s", group.Output())
	return group, nil
}

// printStatements prints what would be asked.
func (r *Runner) printStatements(f *EngineRequest, name string, run *remote.Run) error {
	l, text := run.Layout, ""
	if f.DryRun {
		text = fmt.Sprintf("-- %d files, %d bytes, %d partitions", l.Objects, l.Bytes, l.Partitions())
		if name == engineAthena {
			text += fmt.Sprintf(", about %.2f USD", report.AthenaPrice(1, l.Bytes))
		}
		text += "\n"
	}
	if run.Own {
		text += run.Table.Create(name) + ";\n\n"
	}
	_, err := fmt.Fprint(r.Console.Out, text+run.SQL()+";\n")
	return err
}

// ask answers with an engine.
func (r *Runner) ask(ctx context.Context, q *reading, run *remote.Run) (*report.Replay, error) {
	started := r.Now()
	defer r.Console.ClearProgress()
	if run.Own {
		r.Console.Say("monitorctl: note: creating table %s if it does not exist", run.Table.Qualified())
	}
	if err := run.Prepare(ctx); err != nil {
		return nil, engineFailed(err)
	}
	run.Counters = replay.NewCounters(q.question, 1)
	out, stopped := run.Do(ctx)
	answer := run.Counters.Answer()
	if stopped == nil {
		if out, stopped = run.Confirm(ctx, &answer); stopped == nil {
			answer = run.Counters.Answer()
		}
	}
	found := q.report(answer, out.Read)
	found.Engine, found.Query = run.Engine.Name(), report.Query{Exact: run.Statement.Exact(), Statement: run.SQL(), IDs: out.Statements, Scanned: out.Scanned, Here: out.Here}
	return r.finish(ctx, q, found, run.Counters, started, engineFailed(stopped))
}

// engineFailed says what to do about an engine's error.
func engineFailed(err error) error {
	var limit *sqlengine.LimitError
	var missing *sqlengine.MissingError
	switch {
	case errors.As(err, &limit):
		return exit.Hinted(err, "choose fewer days, or raise --max-bytes or the workgroup's limit")
	case errors.As(err, &missing):
		return exit.Hinted(err, "the catalog, schema or database must exist: replay creates nothing but its table")
	}
	return err
}

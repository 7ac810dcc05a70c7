package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/monitorctl/monitorctl/internal/aws/athena"
	"github.com/monitorctl/monitorctl/internal/aws/bucket"
	"github.com/monitorctl/monitorctl/internal/aws/remote"
	"github.com/monitorctl/monitorctl/internal/aws/replay"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/logs"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/sqlengine"
	"github.com/monitorctl/monitorctl/internal/trino"
)

// engineFlags say which engine answers a replay.
type engineFlags struct {
	engine                              string
	workgroup, database, output, kmsKey string // of Athena
	trinoURL, trinoCatalog, trinoSchema string
	table, engineLocation               string
	sql, dryRun, dropTable              bool
	maxBytes, localLimit                int64
	slice                               int
}

// The engines of replay.
const (
	engineAuto   = "auto"
	engineLocal  = "local"
	engineTrino  = "trino"
	engineAthena = "athena"
)

var engines = []string{engineAuto, engineLocal, engineAthena, engineTrino}

func (f *engineFlags) add(fl *pflag.FlagSet) {
	fl.StringVar(&f.engine, "engine", engineAuto, "who reads the files: local, athena, trino; auto: local, and the engine that is named beyond --local-limit")
	fl.StringVar(&f.workgroup, "workgroup", "", "of Athena; by default primary")
	fl.StringVar(&f.database, "database", "", "of Athena, where the table is")
	fl.StringVar(&f.output, "output-location", "", "s3://BUCKET/PREFIX for Athena's results; by default the workgroup's")
	fl.StringVar(&f.kmsKey, "output-kms-key", "", "KMS key for Athena's results")
	fl.StringVar(&f.trinoURL, "trino", "", "https://HOST:PORT of a Trino server; the user and credentials come from TRINO_USER, TRINO_PASSWORD, TRINO_TOKEN")
	fl.StringVar(&f.trinoCatalog, "trino-catalog", "hive", "of Trino, with the Hive connector")
	fl.StringVar(&f.trinoSchema, "trino-schema", "", "of Trino, where the table is")
	fl.StringVar(&f.table, "table", "", "an existing table, as --sql prints it, in place of one of its own")
	fl.StringVar(&f.engineLocation, "engine-location", "", "where the engine finds LOCATION, if it has another name for it")
	fl.BoolVar(&f.sql, "sql", false, "print the statements for the engine and ask it nothing")
	fl.BoolVar(&f.dryRun, "dry-run", false, "like --sql, with what the statement would read and cost")
	fl.BoolVar(&f.dropTable, "drop-table", false, "remove the table again that was created")
	fl.Int64Var(&f.maxBytes, "max-bytes", 100<<30, "bytes, packed, that an engine may read")
	fl.Int64Var(&f.localLimit, "local-limit", 200, "GB, packed, up to which auto reads the files itself")
	fl.IntVar(&f.slice, "slice", 0, "days of one statement; 0: all, or 7 where there are very many partitions")
}

// check finds wrong usage.
func (f *engineFlags) check(places []string) error {
	switch {
	case !slices.Contains(engines, f.engine):
		return exit.Hinted(exit.Usage(fmt.Errorf("--engine %q is no engine", f.engine)), "engines are "+strings.Join(engines, ", "))
	case f.maxBytes < 1 || f.localLimit < 0 || f.slice < 0:
		return exit.Usage(errors.New("--max-bytes, --local-limit and --slice are not negative"))
	case f.trinoURL != "" && f.database+f.workgroup+f.output != "":
		return exit.Usage(errors.New("--trino excludes --workgroup, --database and --output-location"))
	case f.engine == engineTrino && f.trinoURL == "" && !f.sql && !f.dryRun:
		return exit.Hinted(exit.Usage(errors.New("--engine trino needs the server")), "name it with --trino https://HOST:PORT")
	case f.engine == engineTrino && f.trinoSchema == "":
		return exit.Usage(errors.New("--engine trino needs --trino-schema, for the table"))
	case f.engine == engineAthena && f.database == "":
		return exit.Usage(errors.New("--engine athena needs --database, for the table"))
	case (f.sql || f.dryRun) && f.named() == engineLocal:
		return exit.Hinted(exit.Usage(errors.New("--sql and --dry-run are about an engine")), "name it with --engine athena or --engine trino")
	case f.engine != engineLocal && f.engine != engineAuto && len(places) != 1:
		return exit.Hinted(exit.Usage(fmt.Errorf("an engine reads one location, not %d", len(places))), "replay them one by one, or use --engine local")
	case f.engine == engineAthena && !strings.HasPrefix(places[0], bucket.Scheme):
		return exit.Usage(fmt.Errorf("Athena reads s3://BUCKET/PREFIX, not %s", places[0])) //nolint:staticcheck // a name
	case f.engine == engineTrino && !strings.HasPrefix(places[0], bucket.Scheme) && f.engineLocation == "":
		return exit.Hinted(exit.Usage(fmt.Errorf("where does Trino find %s?", places[0])), "say so with --engine-location")
	}
	return nil
}

// named is the engine that is asked for, or that auto can use; local for none.
func (f *engineFlags) named() string {
	switch {
	case f.engine != engineAuto:
		return f.engine
	case f.trinoURL != "" && f.trinoSchema != "":
		return engineTrino
	case f.database != "":
		return engineAthena
	}
	return engineLocal
}

// refuse finds the patterns that no engine can match, before anything is listed.
func (f *engineFlags) refuse(q *replay.Question) error {
	if f.engine == engineLocal || f.engine == engineAuto {
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
func (e *env) choose(f *replayFlags, q *replay.Question, l logs.Listing) string {
	if f.engine != engineAuto || f.named() == engineLocal {
		return f.engine
	}
	if f.sql || f.dryRun {
		return f.named()
	}
	packed := int64(0)
	for _, o := range l.Objects {
		packed += o.Size
	}
	why := ""
	switch {
	case packed <= f.localLimit*1e9:
		why = fmt.Sprintf("there are %d GB, not more than --local-limit", packed/1e9)
	case textRefused(func() error { _, err := replay.NewStatement(q, false); return err }()) != nil:
		why = "a pattern searches the text of records, which no engine has"
	}
	if why != "" {
		fmt.Fprintf(e.Err, "monitorctl: note: reading the files here: %s\n", why)
		return engineLocal
	}
	fmt.Fprintf(e.Err, "monitorctl: note: asking %s: there are %d GB, more than --local-limit\n", f.named(), packed/1e9)
	return f.named()
}

// An answerer answers a replay. The error is why it ended early; the report is nil when
// there is none.
type answerer func(context.Context, catalog.Benchmark) (*report.Replay, error)

// answerer chooses who reads the files; nil when the statements are printed.
func (e *env) answerer(ctx context.Context, f *replayFlags, q *replay.Question, l logs.Listing, places []string) (answerer, error) {
	run, err := e.onEngine(ctx, f, q, l, places)
	switch {
	case err != nil:
		return nil, err
	case run == nil:
		return func(ctx context.Context, b catalog.Benchmark) (*report.Replay, error) {
			return e.readLogs(ctx, f, q, l, b)
		}, nil
	case run.Engine == nil:
		return nil, nil //nolint:nilnil // nobody is asked
	}
	return func(ctx context.Context, b catalog.Benchmark) (*report.Replay, error) {
		return e.ask(ctx, f, q, run, b)
	}, nil
}

// onEngine prepares what an engine is asked; nil when the files are read here.
func (e *env) onEngine(ctx context.Context, f *replayFlags, q *replay.Question, l logs.Listing, places []string) (*remote.Run, error) {
	name := e.choose(f, q, l)
	if name == engineLocal || name == engineAuto || len(l.Objects) == 0 {
		return nil, nil //nolint:nilnil // no engine is an answer
	}
	statement, err := replay.NewStatement(q, f.suggest)
	if err != nil {
		return nil, textRefused(err)
	}
	layout, err := remote.LayoutOf(l)
	if err != nil {
		return nil, exit.Hinted(exit.Usage(err), "use --engine local")
	}
	run := &remote.Run{
		Table: remote.Table{Schema: f.database, Name: f.table, Location: layout.Trail, Accounts: layout.Accounts, Regions: layout.Regions},
		Own:   f.table == "", Drop: f.dropTable, Statement: statement, Listing: l, Layout: layout, Slice: f.slice,
		NewCounters: func() *replay.Counters { return replay.NewCounters(q, f.readers(l)) },
		NewReader: func(c *replay.Counters) *logs.Reader {
			return c.NewReader(logs.Options{MaxRecord: f.maxRecord, MaxUnpacked: f.maxUnpacked})
		},
		Progress: func(format string, args ...any) { e.progress(&f.out, format, args...) },
	}
	if name == engineTrino {
		run.Table.Catalog, run.Table.Schema = f.trinoCatalog, f.trinoSchema
	}
	if f.engineLocation != "" {
		rest, below := strings.CutPrefix(layout.Trail, strings.TrimSuffix(places[0], "/")+"/")
		if !below {
			return nil, exit.Usage(fmt.Errorf("the trail's folder %s is not below %s, which --engine-location stands for", layout.Trail, places[0]))
		}
		run.Table.Location = strings.TrimSuffix(f.engineLocation, "/") + "/" + rest
	}
	if err := run.Table.Check(); err != nil {
		return nil, exit.Usage(err)
	}
	if f.sql || f.dryRun {
		return run, e.printStatements(f, name, run)
	}
	if layout.Bytes > f.maxBytes {
		return nil, exit.Hinted(fmt.Errorf("the engine would read %d bytes, and --max-bytes allows %d", layout.Bytes, f.maxBytes), "choose fewer days, or raise --max-bytes")
	}
	run.Engine, err = e.engine(ctx, f, name, layout)
	return run, err
}

// engine connects to an engine.
func (e *env) engine(ctx context.Context, f *replayFlags, name string, layout remote.Layout) (sqlengine.Engine, error) {
	if name == engineTrino {
		server, err := trino.Open(trino.Config{
			URL: f.trinoURL, Catalog: f.trinoCatalog, Schema: f.trinoSchema, User: cmp.Or(e.Vars["TRINO_USER"], "monitorctl"),
			Password: e.Vars["TRINO_PASSWORD"], Token: e.Vars["TRINO_TOKEN"], MaxBytes: f.maxBytes,
		})
		if err != nil {
			return nil, exit.Usage(err)
		}
		return server, nil
	}
	session, err := e.run.Connect(ctx, &f.source)
	if err != nil {
		return nil, err
	}
	group, err := athena.Open(ctx, session.Streaming(), athena.Config{Workgroup: f.workgroup, Database: f.database, Output: f.output, KMSKey: f.kmsKey})
	if err != nil {
		return nil, err
	}
	if c := group.Cutoff(); c > 0 && layout.Bytes > c {
		return nil, exit.Hinted(fmt.Errorf("the engine would read %d bytes, and the workgroup allows %d for each statement", layout.Bytes, c), "choose fewer days, --slice, or another --workgroup")
	}
	fmt.Fprintf(e.Err, "monitorctl: note: Athena's results stay in %s\n", report.Sanitize(group.Output()))
	return group, nil
}

// printStatements prints what would be asked.
func (e *env) printStatements(f *replayFlags, name string, run *remote.Run) error {
	l, text := run.Layout, ""
	if f.dryRun {
		text = fmt.Sprintf("-- %d files, %d bytes, %d partitions", l.Objects, l.Bytes, l.Partitions())
		if name == engineAthena {
			text += fmt.Sprintf(", about %.2f USD", report.AthenaPrice(1, l.Bytes))
		}
		text += "\n"
	}
	if run.Own {
		text += run.Table.Create(name) + ";\n\n"
	}
	_, err := fmt.Fprint(e.Out, text+run.SQL()+";\n")
	return err
}

// ask answers with an engine. The error is why it ended early; the report is nil when
// nothing was asked.
func (e *env) ask(ctx context.Context, f *replayFlags, q *replay.Question, run *remote.Run, b catalog.Benchmark) (*report.Replay, error) {
	started := e.run.Now()
	defer e.ClearProgress()
	if run.Own {
		fmt.Fprintf(e.Err, "monitorctl: note: creating table %s, if it is not there\n", run.Table.Qualified())
	}
	if err := run.Prepare(ctx); err != nil {
		return nil, engineFailed(err)
	}
	run.Counters = replay.NewCounters(q, 1)
	out, stopped := run.Do(ctx)
	answer := run.Counters.Answer()
	if stopped == nil {
		if out, stopped = run.Confirm(ctx, &answer); stopped == nil {
			answer = run.Counters.Answer()
		}
	}
	r := &report.Replay{
		Report: answer, Engine: run.Engine.Name(), Query: report.Query{Statements: out.Statements, Scanned: out.Scanned, Here: out.Here},
		Read: out.Read, Skipped: run.Listing.Skipped, Unreadable: slices.Concat(run.Listing.Unreadable, out.Read.Unreadable),
		Days: !q.From.IsZero() || !q.To.IsZero(), Noise: f.noise, Details: len(f.controls) > 0, ShowUnreadable: f.showUnreadable,
	}
	if stopped != nil {
		r.Stopped = stopped.Error()
		return r, engineFailed(stopped)
	}
	if f.suggest {
		if err := run.Counters.Suggest(ctx, &r.Report, b, f.noise); err != nil {
			return nil, err
		}
	}
	r.Took = e.run.Now().Sub(started)
	return r, nil
}

// engineFailed says what to do about an engine's error.
func engineFailed(err error) error {
	var limit *sqlengine.LimitError
	var missing *sqlengine.MissingError
	switch {
	case errors.As(err, &limit):
		return exit.Hinted(err, "choose fewer days, or raise --max-bytes or the workgroup's limit")
	case errors.As(err, &missing):
		return exit.Hinted(err, "the catalog, schema or database must be there; replay creates nothing but its table")
	}
	return err
}

// Package athena runs statements on Amazon Athena.
//
// A statement is started, asked about until it has ended, and its result is fetched page
// by page. When the caller gives up, the statement is stopped; what it has scanned is
// billed all the same. Results stay where Athena puts them: in the output location.
package athena

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/smithy-go"

	"github.com/monitorctl/monitorctl/internal/sqlengine"
)

// API is the part of Athena that this package calls.
type API interface {
	StartQueryExecution(context.Context, *athena.StartQueryExecutionInput, ...func(*athena.Options)) (*athena.StartQueryExecutionOutput, error)
	GetQueryExecution(context.Context, *athena.GetQueryExecutionInput, ...func(*athena.Options)) (*athena.GetQueryExecutionOutput, error)
	GetQueryResults(context.Context, *athena.GetQueryResultsInput, ...func(*athena.Options)) (*athena.GetQueryResultsOutput, error)
	StopQueryExecution(context.Context, *athena.StopQueryExecutionInput, ...func(*athena.Options)) (*athena.StopQueryExecutionOutput, error)
	GetWorkGroup(context.Context, *athena.GetWorkGroupInput, ...func(*athena.Options)) (*athena.GetWorkGroupOutput, error)
}

var _ API = (*athena.Client)(nil)

// Times of asking whether a statement has ended, of stopping it, and of starting it.
const (
	firstPoll   = 200 * time.Millisecond
	slowestPoll = 5 * time.Second
	stopTimeout = 5 * time.Second

	startTimeout = 20 * time.Second
)

// maxTries is how often a statement is started that failed in a way that Athena calls
// retryable.
const maxTries = 3

// pageSize is the most rows that Athena gives at once.
const pageSize = 1000

// A Workgroup runs statements in a workgroup.
type Workgroup struct {
	client           API
	name, database   string
	output           string
	kmsKey           string
	enforced         bool  // the workgroup's own settings are used
	cutoff           int64 // bytes that a statement may scan; 0: no bound
	workgroupsOutput string
}

var _ sqlengine.Engine = (*Workgroup)(nil)

// A Config says where statements run.
type Config struct {
	Workgroup string // "" for primary
	Database  string
	Output    string // s3://BUCKET/PREFIX; "" for the workgroup's own
	KMSKey    string // for the results; "" for the bucket's default
}

// Open reads the workgroup.
func Open(ctx context.Context, cfg aws.Config, c Config) (*Workgroup, error) {
	return open(ctx, athena.NewFromConfig(cfg), c)
}

func open(ctx context.Context, client API, c Config) (*Workgroup, error) {
	w := &Workgroup{client: client, name: c.Workgroup, database: c.Database, output: c.Output, kmsKey: c.KMSKey}
	if w.name == "" {
		w.name = "primary"
	}
	out, err := client.GetWorkGroup(ctx, &athena.GetWorkGroupInput{WorkGroup: &w.name})
	if err != nil {
		return nil, fmt.Errorf("reading workgroup %s: %w", w.name, explain(ctx, "athena:GetWorkGroup", err))
	}
	if out.WorkGroup == nil {
		return nil, fmt.Errorf("reading workgroup %s: the answer has none", w.name)
	}
	if out.WorkGroup.State == types.WorkGroupStateDisabled {
		return nil, fmt.Errorf("workgroup %s is disabled", w.name)
	}
	if conf := out.WorkGroup.Configuration; conf != nil {
		w.enforced = aws.ToBool(conf.EnforceWorkGroupConfiguration)
		w.cutoff = aws.ToInt64(conf.BytesScannedCutoffPerQuery)
		if conf.ResultConfiguration != nil {
			w.workgroupsOutput = aws.ToString(conf.ResultConfiguration.OutputLocation)
		}
	}
	if w.output == "" && w.workgroupsOutput == "" {
		return nil, fmt.Errorf("workgroup %s has no output location: say where results go with --output-location", w.name)
	}
	return w, nil
}

// Name returns "athena".
func (w *Workgroup) Name() string { return "athena" }

// Cutoff returns how many bytes a statement may scan in the workgroup; 0: no bound.
func (w *Workgroup) Cutoff() int64 { return w.cutoff }

// Output returns where results are put.
func (w *Workgroup) Output() string {
	if w.output == "" || w.enforced && w.workgroupsOutput != "" {
		return w.workgroupsOutput
	}
	return w.output
}

// Query runs a statement.
func (w *Workgroup) Query(ctx context.Context, statement string, row func([]string) error) (sqlengine.Stats, error) {
	var total sqlengine.Stats
	for try := 1; ; try++ {
		stats, again, err := w.try(ctx, statement, row)
		total.ID = stats.ID
		total.Scanned += stats.Scanned
		if !again || try == maxTries {
			return total, err
		}
		if err := pause(ctx, slowestPoll); err != nil {
			return total, err
		}
	}
}

// try runs a statement once; again reports whether to try it once more.
func (w *Workgroup) try(ctx context.Context, statement string, row func([]string) error) (stats sqlengine.Stats, again bool, err error) {
	in := &athena.StartQueryExecutionInput{
		QueryString: &statement, WorkGroup: &w.name, ClientRequestToken: new(rand.Text() + rand.Text()),
		QueryExecutionContext: &types.QueryExecutionContext{Database: &w.database},
	}
	if w.output != "" && !w.enforced {
		in.ResultConfiguration = &types.ResultConfiguration{OutputLocation: &w.output}
		if w.kmsKey != "" {
			in.ResultConfiguration.EncryptionConfiguration = &types.EncryptionConfiguration{EncryptionOption: types.EncryptionOptionSseKms, KmsKey: &w.kmsKey}
		}
	}
	if ctx.Err() != nil {
		return stats, false, context.Cause(ctx)
	}
	// Without its id a statement that was started could not be stopped, so that this call
	// goes on when the caller gives up.
	starting, cancel := context.WithTimeout(context.WithoutCancel(ctx), startTimeout)
	defer cancel()
	started, err := w.client.StartQueryExecution(starting, in)
	if err != nil {
		return stats, false, explain(ctx, "athena:StartQueryExecution", err)
	}
	stats.ID = aws.ToString(started.QueryExecutionId)
	if stats.ID == "" {
		return stats, false, errors.New("athena:StartQueryExecution: the answer has no id")
	}
	ended, err := w.wait(ctx, &stats)
	if err != nil {
		return stats, false, w.stop(ctx, stats.ID, err)
	}
	if ended.Status.State != types.QueryExecutionStateSucceeded {
		err := failure(ended)
		var plain *plainError
		return stats, errors.As(err, &plain) && ended.Status.AthenaError != nil && ended.Status.AthenaError.Retryable, err
	}
	return stats, false, w.results(ctx, stats.ID, selects(statement), row)
}

// selects reports whether a statement has a result with a header.
func selects(statement string) bool {
	return strings.HasPrefix(statement, "WITH ") || strings.HasPrefix(statement, "SELECT ")
}

// wait asks about a statement until it has ended.
func (w *Workgroup) wait(ctx context.Context, stats *sqlengine.Stats) (*types.QueryExecution, error) {
	for delay := firstPoll; ; delay = min(2*delay, slowestPoll) {
		if err := pause(ctx, delay+mrand.N(delay/4)); err != nil { //nolint:gosec // no secret
			return nil, err
		}
		out, err := w.client.GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: &stats.ID})
		if err != nil {
			return nil, explain(ctx, "athena:GetQueryExecution", err)
		}
		q := out.QueryExecution
		if q == nil || q.Status == nil {
			return nil, errors.New("athena:GetQueryExecution: the answer has no state")
		}
		if q.Statistics != nil {
			stats.Scanned = aws.ToInt64(q.Statistics.DataScannedInBytes)
		}
		switch q.Status.State {
		case types.QueryExecutionStateQueued, types.QueryExecutionStateRunning:
		default:
			return q, nil
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx) //nolint:wrapcheck // the reason that the caller gave
	case <-t.C:
		return nil
	}
}

// stop stops a statement that nobody waits for any more.
func (w *Workgroup) stop(ctx context.Context, id string, why error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if _, err := w.client.StopQueryExecution(ctx, &athena.StopQueryExecutionInput{QueryExecutionId: &id}); err != nil {
		return fmt.Errorf("%w; statement %s could not be stopped and may still run: %w", why, id, explain(ctx, "athena:StopQueryExecution", err))
	}
	return why
}

// A plainError is the failure of a statement that nothing else is known of.
type plainError struct{ text string }

func (e *plainError) Error() string { return e.text }

// failure is the error of a statement that did not succeed.
func failure(q *types.QueryExecution) error {
	reason := aws.ToString(q.Status.StateChangeReason)
	text := sqlengine.Words(fmt.Sprintf("Athena's statement %s is %s: %s", aws.ToString(q.QueryExecutionId), q.Status.State, reason))
	low := strings.ToLower(reason)
	switch {
	case strings.Contains(low, "bytes scanned limit"):
		return &sqlengine.LimitError{Text: text}
	case sqlengine.FileIn(reason) != "":
		return &sqlengine.FileError{Path: sqlengine.FileIn(reason), Text: text}
	case strings.Contains(low, "table_not_found"), strings.Contains(low, "schema_not_found"), strings.Contains(low, "database") && strings.Contains(low, "not found"):
		return &sqlengine.MissingError{Text: text}
	}
	return &plainError{text}
}

// results fetches the rows of a result. The first row of a query is its header.
func (w *Workgroup) results(ctx context.Context, id string, header bool, row func([]string) error) error {
	in := &athena.GetQueryResultsInput{QueryExecutionId: &id, MaxResults: aws.Int32(pageSize)}
	var cells []string
	for {
		out, err := w.client.GetQueryResults(ctx, in)
		if err != nil {
			return explain(ctx, "athena:GetQueryResults", err)
		}
		if out.ResultSet == nil {
			return errors.New("athena:GetQueryResults: the answer has no rows")
		}
		rows := out.ResultSet.Rows
		if header {
			if len(rows) == 0 {
				return errors.New("athena:GetQueryResults: the answer has no header")
			}
			rows, header = rows[1:], false
		}
		for _, r := range rows {
			cells = cells[:0]
			for _, c := range r.Data {
				cells = append(cells, aws.ToString(c.VarCharValue))
			}
			if err := row(cells); err != nil {
				return err
			}
		}
		next := aws.ToString(out.NextToken)
		if next == "" {
			return nil
		}
		if next == aws.ToString(in.NextToken) {
			return errors.New("athena:GetQueryResults: the result does not end")
		}
		in.NextToken = &next
	}
}

// explain says in one line what kept a call from an answer.
func explain(ctx context.Context, action string, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx) //nolint:wrapcheck // the reason that the caller gave
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return fmt.Errorf("%s: %w", action, err)
	}
	return &callError{sqlengine.Words(fmt.Sprintf("%s: %s: %s", action, api.ErrorCode(), api.ErrorMessage())), err}
}

// A callError is the error of a call on one line.
type callError struct {
	text string
	err  error
}

func (e *callError) Error() string { return e.text }
func (e *callError) Unwrap() error { return e.err }

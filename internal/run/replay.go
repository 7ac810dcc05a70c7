package run

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/bucket"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/aws/replay"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/language"
	"github.com/monitorctl/monitorctl/internal/logs"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/report"
)

// A ReplayRequest is what a replay is asked for.
type ReplayRequest struct {
	Request
	Engine EngineRequest

	// Places are files, directories and s3://BUCKET/PREFIX; none: where the account's
	// trails deliver.
	Places []string

	// From and To bound the events, To excluded; zero times are no bounds.
	From, To   time.Time
	ByDelivery bool // by the time of their files

	Patterns     []NamedPattern // of the user's, each as a control of its own
	Instead      []NamedPattern // in place of the filters of the control that each names
	NoControls   bool           // nothing but Patterns
	PatternsOnly bool           // the chain that apply would create; no account is asked

	Reader       logs.Options
	Workers      int  // files that are read at once; 0: as many as suit
	RequestPayer bool // the caller pays for the bucket's requests

	Evidence                         int     // records of each control that are shown
	Noise                            float64 // alarm actions a day above which a control is noisy
	FailOver                         float64 // and above which the run fails; negative: never
	Suggest, Details, ShowUnreadable bool
}

// A NamedPattern is a filter pattern or an event pattern of the user's.
type NamedPattern struct {
	Name string
	language.Pattern
}

// A reading is a replay on its way: the questions, and the files.
type reading struct {
	*ReplayRequest
	question *replay.Question
	listing  logs.Listing
	places   []string
}

// Replay carries a replay out. An error may come with a report: it is why the report does
// not hold everything. Without either, statements were printed, which is all.
func (r *Runner) Replay(ctx context.Context, q *ReplayRequest) (*report.Replay, error) {
	question, trails, err := r.question(ctx, q)
	if err != nil {
		return nil, err
	}
	if err := q.Engine.refuse(question); err != nil {
		return nil, err
	}
	on := &reading{ReplayRequest: q, question: question, places: q.Places}
	if len(on.places) == 0 {
		if len(trails) == 0 {
			return nil, exit.Hinted(exit.Usage(errors.New("replay needs a file, directory or bucket with logs: no trail of the account shows where they are")), "name it, as in 'monitorctl replay s3://BUCKET'")
		}
		if !q.Quiet {
			r.Console.Say("monitorctl: the trail's log files are in %s", strings.Join(trails, ", "))
		}
		on.places = trails
	}
	if on.unlisted() {
		return nil, r.printUnlisted(on)
	}
	if on.listing, err = r.listLogs(ctx, on); err != nil {
		return nil, err
	}
	answer, done, err := r.onEngine(ctx, on)
	switch {
	case err != nil || done:
		return nil, err
	case answer == nil:
		return r.readLogs(ctx, on)
	}
	return answer(ctx)
}

// Verdict is the error that means what the report has said.
func (q *ReplayRequest) Verdict(r *report.Replay) error {
	over := func(a replay.Answer) bool { return r.PerDay(a.Notifications()) > q.FailOver }
	switch {
	case q.FailOver >= 0 && slices.ContainsFunc(r.Controls, over):
		return &exit.Error{Code: exit.ControlsFailed}
	case r.Incomplete():
		return &exit.Error{Code: exit.Failed}
	}
	return nil
}

// question prepares what is asked of the records. Trails are where those of the account
// deliver them.
func (r *Runner) question(ctx context.Context, q *ReplayRequest) (question *replay.Question, trails []string, err error) {
	question = &replay.Question{From: q.From, To: q.To, ByDelivery: q.ByDelivery, Evidence: q.Evidence}
	if !q.NoControls {
		if trails, err = r.chains(ctx, q, question); err != nil {
			return nil, nil, err
		}
	}
	for _, p := range q.Patterns {
		if p.Event != nil {
			question.AddRule(p.Name, p.Event)
		} else {
			question.AddPattern(p.Name, p.Filter)
		}
	}
	if err := q.putInstead(question); err != nil {
		return nil, nil, err
	}
	if len(question.Controls) == 0 {
		return nil, nil, exit.Usage(errors.New("none of the controls is based on events"))
	}
	return question, trails, nil
}

// chains adds the controls to what is asked of records, with the chains of the account or
// of the snapshot, or those that apply would create. Trails are where those of the account
// deliver their log files, as s3://BUCKET/PREFIX.
func (r *Runner) chains(ctx context.Context, q *ReplayRequest, question *replay.Question) (trails []string, err error) {
	var snap account.Snapshot
	if !q.PatternsOnly {
		if snap, _, err = r.snapshot(ctx, &q.Request, Needs{NoRules: q.Transport == audit.MetricTransport}); err != nil {
			return nil, err
		}
	}
	o := plan.Options{Audit: q.auditOptions(snap)}
	o.Audit.Transport = q.Transport
	_, err = Await(ctx, func() (struct{}, error) {
		return struct{}{}, question.Ask(ctx, snap, q.Selection.Controls, o)
	})
	return replay.Locations(snap), err
}

// putInstead adds what other patterns would change.
func (q *ReplayRequest) putInstead(question *replay.Question) error {
	for _, p := range q.Instead {
		if p.Event != nil {
			return exit.Usage(fmt.Errorf("--instead %s: an event pattern cannot take the place of a filter pattern", p.Name))
		}
		if !question.Instead(p.Name, p.Filter) {
			var ids []string
			for _, c := range q.Selection.Controls {
				ids = append(ids, c.ID)
			}
			return exit.Hinted(exit.Usage(fmt.Errorf("--instead names %s, which this replay does not include", p.Name)), "it takes the id of one of "+strings.Join(ids, ", "))
		}
	}
	return nil
}

// listLogs finds the files of all places.
func (r *Runner) listLogs(ctx context.Context, q *reading) (logs.Listing, error) {
	var l logs.Listing
	var remote *bucket.Bucket
	days := logs.DaysOf(q.From, q.To)
	for _, place := range q.places {
		if !strings.HasPrefix(place, bucket.Scheme) {
			if err := l.List(ctx, place, days); err != nil {
				return l, err
			}
			continue
		}
		if remote == nil {
			session, err := r.Connect(ctx, &q.Source)
			if err != nil {
				return l, err
			}
			remote = bucket.New(session.Streaming(), q.RequestPayer)
		}
		r.progress(&q.Request, "listing %s", place)
		if err := remote.List(ctx, place, days, &l); err != nil {
			return l, listingFailed(err, place)
		}
	}
	l.Once()
	return l, nil
}

// listingFailed says what to do where a bucket cannot be listed.
func listingFailed(err error, place string) error {
	switch code := collect.Code(err); {
	case code == "AccessDenied" || code == "AllAccessDisabled" || code == "Forbidden":
		return exit.Hinted(err, "s3:ListBucket and s3:GetObject are needed: 'monitorctl permissions replay "+place+"' prints the policy")
	case code == "NoSuchBucket":
		return exit.Hinted(err, "'aws s3 ls' lists the buckets of the account; without a LOCATION, replay reads the one to which its trail delivers")
	}
	return err
}

// readLogs reads the files here and answers.
func (r *Runner) readLogs(ctx context.Context, q *reading) (*report.Replay, error) {
	started := r.Now()
	counters := replay.NewCounters(q.question, q.readers())
	total, stopped := logs.Each(ctx, q.listing.Objects, func() *logs.Reader { return counters.NewReader(q.Reader) }, counters.Sinks(), func(n int, t logs.Totals) {
		r.progress(&q.Request, "reading logs: %d of %d files, %d MB unpacked", n, len(q.listing.Objects), t.Unpacked>>20)
	})
	found := q.report(counters.Answer(), total)
	found.Engine, found.Text = engineLocal, searchesText(q.question)
	return r.finish(ctx, q, found, counters, started, stopped)
}

// report is what was found, but for who found it.
func (q *reading) report(answer replay.Report, total logs.Totals) *report.Replay {
	source := report.Source{Locations: q.places, Files: len(q.listing.Objects)}
	for _, o := range q.listing.Objects {
		source.Bytes += o.Size
	}
	return &report.Replay{
		Source: source,
		Report: answer, Read: total, Skipped: q.listing.Skipped, Unreadable: slices.Concat(q.listing.Unreadable, total.Unreadable),
		Days: !q.From.IsZero() || !q.To.IsZero(), Noise: q.Noise, Details: q.Details, ShowUnreadable: q.ShowUnreadable, Suggested: q.Suggest,
	}
}

// finish adds suggestions, unless the replay was stopped.
func (r *Runner) finish(ctx context.Context, q *reading, found *report.Replay, counters *replay.Counters, started time.Time, stopped error) (*report.Replay, error) {
	if stopped != nil {
		found.Stopped = stopped.Error()
	} else if q.Suggest {
		if err := counters.Suggest(ctx, &found.Report, q.Selection.Benchmark, q.Noise); err != nil {
			return nil, err
		}
	}
	found.Took = r.Now().Sub(started)
	return found, stopped
}

// readers is how many files are read at once: those of a bucket are waited for.
func (q *reading) readers() int {
	switch {
	case q.Workers > 0:
		return q.Workers
	case slices.ContainsFunc(q.listing.Objects, func(o logs.Object) bool { return strings.HasPrefix(o.Name, bucket.Scheme) }):
		return 4 * runtime.GOMAXPROCS(0)
	}
	return runtime.GOMAXPROCS(0)
}

// searchesText reports whether a pattern searches the text of records.
func searchesText(q *replay.Question) bool {
	return slices.ContainsFunc(q.Patterns, func(p *pattern.Pattern) bool { return p.Kind() != pattern.KindJSON && p.Kind() != pattern.KindAll })
}

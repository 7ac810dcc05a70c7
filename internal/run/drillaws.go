package run

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/apply"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/drill"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/logs"
	"github.com/monitorctl/monitorctl/internal/pattern/scan"
)

// A DrillRequest is what a drill of AWS is asked for.
type DrillRequest struct {
	Request
	Notify  bool          // ring alarms
	Ack     bool          // ask for the codes of the messages
	Wait    time.Duration // for the metrics of SNS; 0 does not ask for them
	Pattern string        // try this one, and no control; "" for the controls
	File    string        // records of the user's own; "" for none, "-" for standard input
	Command []string      // the command line, without secrets
}

// An AWSDrill is a drill of AWS that was prepared.
type AWSDrill struct {
	DrillRequest
	Account finding.AccountRef
	Plan    drill.Plan
	Receipt drill.Receipt

	calls   drill.Calls
	session *collect.Session
	started time.Time
}

// PrepareDrill reads the account, asks AWS about the filters, and picks the alarms to
// ring. It changes nothing in the account. When ctx ends in between there is no drill.
func (r *Runner) PrepareDrill(ctx context.Context, q DrillRequest) (*AWSDrill, error) {
	ctx, cancel := q.Limit.Context(ctx)
	defer cancel()
	d := &AWSDrill{DrillRequest: q, started: r.Now(), Receipt: drill.Receipt{
		Schema: drill.Schema, Tool: drill.Tool{Name: "monitorctl", Version: r.Version}, ID: drill.NewID(), Cloud: drill.Cloud,
		Started: r.Now().UTC().Truncate(time.Second), Command: q.Command, Notify: q.Notify, AckAsked: q.Ack,
		Regions: []string{}, Controls: []drill.Control{}, Filters: []drill.Answer{}, Alarms: []drill.Rung{}, Counts: []drill.Count{},
	}}
	own, err := r.ownRecords(ctx, d)
	if err != nil {
		return nil, err
	}
	if d.session, err = r.Connect(ctx, &q.Source); err != nil {
		return nil, err
	}
	d.calls = apply.DrillCalls(d.session)
	caller, err := d.session.Caller(ctx)
	if err != nil {
		return nil, q.Source.unreachable(err)
	}
	d.Receipt.Account, d.Receipt.Caller = caller.Account, caller.ARN
	questions := []drill.Question{{Pattern: q.Pattern, Region: d.session.Region(), Samples: own}}
	if q.Pattern == "" {
		if questions, err = r.drillQuestions(ctx, d, own); err != nil {
			return nil, err
		}
	}
	for i, question := range questions {
		r.progress(&q.Request, "asking AWS about filters: %d of %d", i+1, len(questions))
		answer, err := drill.Ask(ctx, d.calls, question)
		if err != nil {
			return nil, fmt.Errorf("asking AWS about filters: %w", err)
		}
		d.Receipt.Filters = append(d.Receipt.Filters, answer)
	}
	r.Console.ClearProgress()
	return d, nil
}

// maxOwnRecords is how many records of the user's own are sent: twenty calls for a filter.
const maxOwnRecords = 1000

// ownRecords reads the records of the user's own.
func (r *Runner) ownRecords(ctx context.Context, d *AWSDrill) ([]audit.Sample, error) {
	if d.File == "" {
		return nil, nil
	}
	in := files.NewReader(ctx, r.Console.In)
	if d.File != "-" {
		f, err := files.Open(ctx, d.File)
		if err != nil {
			return nil, fmt.Errorf("reading records: %w", files.Named(d.File, err))
		}
		defer f.Close() //nolint:errcheck // only read from
		in = f
	}
	records := &drill.Records{File: d.File}
	samples, err := readSamples(in, records)
	if err != nil {
		return nil, fmt.Errorf("reading records of %s: %w", d.File, err)
	}
	if len(samples) == 0 {
		return nil, fmt.Errorf("reading records of %s: there are none", d.File)
	}
	d.Receipt.Records = records
	return samples, nil
}

func readSamples(in io.Reader, count *drill.Records) ([]audit.Sample, error) {
	var out []audit.Sample
	_, err := logs.NewReader(scan.Compile(nil), logs.Options{}).Read(in, func(m *logs.Message) error {
		count.Read++
		if len(m.Text) > 0 && len(out) < maxOwnRecords {
			out = append(out, audit.Sample{Event: fmt.Sprintf("record %d", m.Number), Required: true, Record: slices.Clone(m.Text)})
		}
		return nil
	})
	count.Sent = len(out)
	return out, err
}

// drillQuestions reads and judges the account, and says what AWS is asked and which alarms
// are rung.
func (r *Runner) drillQuestions(ctx context.Context, d *AWSDrill, own []audit.Sample) ([]drill.Question, error) {
	snap, err := r.read(ctx, &d.Request, d.session, Needs{EverySubscriber: d.Notify})
	r.notes(snap)
	if err != nil {
		return nil, err
	}
	hash := sha256.New()
	if err := account.Encode(hash, snap); err != nil {
		return nil, err
	}
	found, err := r.audit(ctx, snap, d.Selection.Controls, d.auditOptions(snap))
	if err != nil {
		return nil, err
	}
	a := &snap.Accounts[0]
	d.Receipt.Snapshot, d.Receipt.Regions, d.Account = hex.EncodeToString(hash.Sum(nil)), found.Regions, found.Accounts[0]
	home := d.Account.Home
	if home == "" {
		home = d.session.Region()
	}
	var questions []drill.Question
	for _, c := range d.Selection.Controls {
		i := slices.IndexFunc(found.Findings, func(f finding.Finding) bool { return f.Control == c.ID })
		if i < 0 || found.Findings[i].Status == finding.NotApplicable {
			continue
		}
		list, err := drill.Questions(a, &found.Findings[i], c, found.Benchmark, home, own)
		if err != nil {
			return nil, err
		}
		questions = append(questions, list...)
	}
	d.Plan = drill.Aim(a, found.Findings, d.Selection.Controls, found.Benchmark)
	for _, c := range d.Plan.Controls {
		d.Receipt.Controls = append(d.Receipt.Controls, drill.Control{ID: c.Control, Number: c.Number, Title: c.Title,
			Alarms: append([]string{}, c.Alarms...), Refused: append([]drill.Remark{}, c.Refused...), Notes: append([]drill.Remark{}, c.Notes...)})
	}
	return questions, nil
}

// Ring rings the alarms of a drill and waits for what comes of it. The receipt has what
// was done with an error too.
func (r *Runner) Ring(ctx context.Context, d *AWSDrill) error {
	ctx, cancel := d.Limit.Anew().Context(ctx)
	defer cancel()
	o := drill.Options{
		ID: d.Receipt.ID, Caller: d.Receipt.Caller, Now: r.Now, Pause: r.Pause,
		OnRing: func(place, total int, alarm string) {
			r.progress(&d.Request, "ringing alarm %d of %d: %s", place, total, alarm)
		},
		OnWait: func(alarms int) {
			r.progress(&d.Request, "waiting for the outcome of %s", Plural(alarms, "alarm"))
		},
	}
	rung, err := drill.Ring(ctx, d.calls, d.Plan.Targets, o)
	d.Receipt.Alarms = rung
	if err == nil && d.Wait > 0 {
		r.progress(&d.Request, "waiting up to %s for the metrics of SNS", d.Wait)
		err = r.deliveries(ctx, d, o)
	}
	r.Console.ClearProgress()
	if err != nil {
		d.Receipt.Failure, d.Receipt.Interrupted = err.Error(), errors.Is(err, context.Canceled)
	}
	return err
}

// deliveries adds what SNS counted.
func (r *Runner) deliveries(ctx context.Context, d *AWSDrill, o drill.Options) error {
	sums, err := drill.Deliveries(ctx, d.calls, d.Receipt.Alarms, d.Wait, o)
	for topic, sum := range sums {
		d.Receipt.Counts = append(d.Receipt.Counts, drill.Count{Topic: topic, Delivery: sum})
	}
	slices.SortFunc(d.Receipt.Counts, func(a, b drill.Count) int { return strings.Compare(a.Topic, b.Topic) })
	return err
}

// Finish says when the drill ended and what came of it.
func (r *Runner) Finish(d *AWSDrill) {
	d.Receipt.Ended = r.Now().UTC().Truncate(time.Second)
	d.Receipt.Conclude()
	r.calls(&d.Request, d.session, d.started)
}

// Acknowledge notes in a receipt that someone at this terminal typed the code of a
// message. It returns the ARNs of the alarms with that code.
func (r *Runner) Acknowledge(receipt *drill.Receipt, code, by string) []string {
	how := "typed at the terminal of " + by
	if by == "" {
		how = "typed at the terminal of someone without AWS credentials"
	}
	return receipt.Acknowledge(code, drill.Ack{At: r.Now().UTC().Truncate(time.Second), By: by, How: how})
}

// WhoIs returns the ARN of the caller; "" when there are no credentials.
func (r *Runner) WhoIs(ctx context.Context, s *Source) string {
	session, err := r.Connect(ctx, s)
	if err != nil {
		return ""
	}
	caller, err := session.Caller(ctx)
	if err != nil {
		return ""
	}
	return caller.ARN
}

// DrillVerdict is the error of a drill by its receipt: nil when AWS agrees about every
// filter and, where alarms were to be rung, every control was delivered or, if that was
// asked for, acknowledged.
func DrillVerdict(receipt *drill.Receipt) error {
	switch receipt.Engine() {
	case drill.OursOnly, drill.AWSOnly:
		return exit.Hinted(&exit.Error{Code: exit.Failed, Err: errors.New("engine-differs: AWS and monitorctl disagree about a filter")},
			"this is a bug in monitorctl: please report it with the pattern and the record above")
	}
	var failed, open []string
	for _, c := range receipt.Controls {
		switch c.Outcome {
		case "", drill.Delivered, drill.Acknowledged:
		case drill.ActionFailed, drill.NotAcknowledged, drill.NoAlarm:
			failed = append(failed, c.ID)
		default:
			open = append(open, c.ID)
		}
	}
	switch {
	case len(failed) > 0:
		return &exit.Error{Code: exit.ControlsFailed}
	case len(open) > 0:
		return &exit.Error{Code: exit.Failed, Err: fmt.Errorf("%s could not be drilled; the first is %s", Plural(len(open), "control"), open[0])}
	case receipt.Engine() == drill.NotVerified:
		i := slices.IndexFunc(receipt.Filters, func(a drill.Answer) bool { return a.Verdict == drill.NotVerified })
		return exit.Hinted(&exit.Error{Code: exit.Failed, Err: fmt.Errorf("not-verified: %s", receipt.Filters[i].Why)}, "logs:TestMetricFilter is needed: 'monitorctl permissions drill' prints the policy")
	}
	return nil
}

package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/azure/arm"
	azureaudit "github.com/monitorctl/monitorctl/internal/azure/audit"
	azurecollect "github.com/monitorctl/monitorctl/internal/azure/collect"
	azureplan "github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// sniffed is how much of a snapshot is looked at to tell what it holds: that stands
// near its beginning.
const sniffed = 4096

// holdsSubscriptions reports whether a snapshot holds subscriptions, and whether it holds
// accounts besides. A file that is none, such as a pipe, is not looked at and taken for
// one of AWS.
func (r *Runner) holdsSubscriptions(ctx context.Context, path string) (azure, both bool, err error) {
	if path == "-" {
		head, err := Await(ctx, func() ([]byte, error) { return r.Console.Peek(sniffed) })
		if ctx.Err() != nil {
			return false, false, fmt.Errorf("reading the snapshot: %w", err)
		}
		azure, both = holds(head) // what is wrong with the input is for its reader to say
		return azure, both, nil
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false, false, nil
	}
	file, err := files.OpenWithin(ctx, path, subscription.MaxFile)
	if err != nil {
		return false, false, nil
	}
	defer file.Close() //nolint:errcheck // only read from
	head, err := io.ReadAll(io.LimitReader(file, sniffed))
	if err != nil {
		return false, false, nil
	}
	azure, both = holds(head)
	return azure, both, nil
}

// holds reports whether the beginning of a snapshot comes to subscriptions before it
// comes to accounts, and whether it says that it holds both.
func holds(head []byte) (azure, both bool) {
	d := json.NewDecoder(bytes.NewReader(head))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return false, false
	}
	for {
		key, err := d.Token()
		if err != nil || key == "accounts" {
			return false, false
		}
		if key == "subscriptions" {
			return true, false
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return false, false
		}
		if key == "clouds" {
			return true, true
		}
	}
}

// textField returns a text of the object that data begins with; "" for none.
func textField(data []byte, name string) string {
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return ""
	}
	for {
		key, err := d.Token()
		if err != nil {
			return ""
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return ""
		}
		var text string
		if key == name && json.Unmarshal(value, &text) == nil {
			return text
		}
	}
}

// auditAzure reads the subscriptions or the snapshot and judges them.
func (r *Runner) auditAzure(ctx context.Context, q *Request) (finding.Report, error) {
	snap, err := r.subscriptions(ctx, q)
	if err != nil {
		return finding.Report{}, err
	}
	selection := &q.Selection
	if q.Azure != nil {
		selection = q.Azure
	}
	o := azureplan.Options{Audit: azureAuditOptions(snap, selection, &q.Scope.Config, q.Strict)}
	if q.Repairs {
		o.Repair = azureRepairOf
	}
	out, err := judgeSubscriptions(ctx, snap, selection, o)
	if err != nil {
		return out, err
	}
	for i := range out.Accounts {
		if q.Azure == nil {
			out.Accounts[i].Header = append(out.Accounts[i].Header, "AWS was not checked")
		}
	}
	out.GeneratedAt = r.Now().UTC().Truncate(time.Second)
	if q.Origin { // Azure does not say whose token it is without a further permission
		err = markOrigin(&out, finding.Origin{Saved: q.Source.AzureFile != "", At: snap.TakenAt}, func(w io.Writer) error { return subscription.Encode(w, snap) })
	}
	return out, err
}

// judgeSubscriptions judges a snapshot as of the time it was taken, unless ctx ends
// before.
func judgeSubscriptions(ctx context.Context, snap subscription.Snapshot, s *Selection, o azureplan.Options) (finding.Report, error) {
	out, err := Await(ctx, func() (finding.Report, error) {
		return azureplan.Audit(ctx, snap, s.Controls, o)
	})
	if err != nil {
		return out, fmt.Errorf("checking: %w", err)
	}
	out.Checked = s.Checked
	return out, nil
}

// azureAuditOptions are those of an audit of a snapshot, as of the time it was taken.
func azureAuditOptions(snap subscription.Snapshot, s *Selection, conf *Config, strict bool) azureaudit.Options {
	return azureaudit.Options{
		Benchmark: s.Benchmark, Strict: strict, Framework: s.Framework, Now: snap.TakenAt,
		Waivers: conf.File.Waivers, Accepts: conf.File.Accepts,
	}
}

// subscriptions reads the subscriptions, or a saved snapshot of some.
func (r *Runner) subscriptions(ctx context.Context, q *Request) (subscription.Snapshot, error) {
	s := &q.Source
	if len(s.Subscriptions) == 0 && s.BothFile != "" {
		return r.subscriptionsOfBoth(ctx, s)
	}
	if len(s.Subscriptions) == 0 {
		data, err := r.input(ctx, s.AzureFile)
		if err != nil {
			return subscription.Snapshot{}, fmt.Errorf("reading snapshot: %w", files.Named(s.AzureFile, err))
		}
		snap, err := azurecollect.Decode(data)
		if err != nil {
			return snap, exit.Hinted(err, "'monitorctl snapshot --subscription NAME --file F' saves one")
		}
		return snap, nil
	}
	client, err := r.connectAzure(q)
	if err != nil {
		return subscription.Snapshot{}, err
	}
	return r.collectAzure(ctx, client, q, nil)
}

// connectAzure prepares calls.
func (r *Runner) connectAzure(q *Request) (*arm.Client, error) {
	s := &q.Source
	conf := arm.Config{Tenant: s.Tenant, Cloud: s.AzureCloud, Endpoint: s.EndpointURL}
	if s.Debug {
		conf.Trace = func(a arm.Attempt) { r.Console.Say("debug: %s", a.String()) }
	}
	if e := r.EmbeddedAzure; e != nil {
		conf.Endpoint, conf.Transport, conf.Token = "https://azure.invalid", e.Transport, e.Token
	}
	client, err := arm.Connect(conf)
	if err != nil {
		return nil, r.signIn(err, q.Verbose)
	}
	return client, nil
}

// collectAzure reads the subscriptions; more, which may be nil, asks for more than an
// audit needs.
func (r *Runner) collectAzure(ctx context.Context, client *arm.Client, q *Request, more func(*azurecollect.Options)) (subscription.Snapshot, error) {
	s := &q.Source
	started := r.Now()
	salt, err := q.saltOf()
	if err != nil {
		return subscription.Snapshot{}, err
	}
	options := azurecollect.Options{
		Subscriptions: s.Subscriptions, ExpectTenant: s.ExpectTenant, Salt: salt, Now: r.Now,
		OnSubscription: func(read, total int) {
			r.progress(q, "reading subscriptions: %d of %d, %s", read, total, r.Now().Sub(started).Round(time.Second))
		},
	}
	if more != nil {
		more(&options)
	}
	snap, err := azurecollect.Run(ctx, client, options)
	r.Console.ClearProgress()
	if q.Verbose {
		r.azureCalls(client)
	}
	if err != nil {
		return snap, r.signIn(fmt.Errorf("reading Azure: %w", err), q.Verbose)
	}
	return snap, nil
}

// signIn adds to an error of the credentials what each of them said, where that is asked
// for.
func (r *Runner) signIn(err error, verbose bool) error {
	var credential *arm.CredentialError
	if !errors.As(err, &credential) {
		return err
	}
	if verbose {
		for line := range strings.Lines(credential.Detail()) {
			r.Console.Say("%s", strings.TrimRight(line, "\r\n"))
		}
		return err
	}
	return exit.Hinted(err, "--verbose shows the answer to every credential")
}

// azureCalls prints the calls made, for --verbose, by the permission that each needs.
func (r *Runner) azureCalls(client *arm.Client) {
	calls := client.Calls()
	for _, operation := range slices.Sorted(maps.Keys(calls)) {
		fmt.Fprintf(r.Console.Err, "%6d %s\n", calls[operation], operation)
	}
}

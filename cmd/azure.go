package cmd

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/azure/arm"
	azureaudit "github.com/monitorctl/monitorctl/internal/azure/audit"
	azurecollect "github.com/monitorctl/monitorctl/internal/azure/collect"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/report"
)

// azureFlags say which subscriptions of Azure are read, and as whom. The flag that
// names whose account is read selects the cloud.
type azureFlags struct {
	subscriptions        []string
	tenant, expectTenant string
	azureCloud           string
}

func (f *azureFlags) add(c *cobra.Command) {
	fl := c.Flags()
	fl.StringArrayVar(&f.subscriptions, "subscription", nil, "subscription of Azure, by id or name, repeatable; all is every enabled one")
	fl.StringVar(&f.tenant, "tenant", "", "GUID of the Entra tenant to sign in to")
	fl.StringVar(&f.expectTenant, "expect-tenant", "", "GUID of a tenant; stop before anything if a subscription is another tenant's")
	fl.StringVar(&f.azureCloud, "azure-cloud", "public", "which Azure: "+strings.Join(arm.Clouds(), ", "))
	complete(c, "azure-cloud", arm.Clouds)
}

// flagsOf are the flags that are about one cloud only, but for those that name whose
// account is read.
var flagsOf = map[catalog.Cloud][]string{
	catalog.AWS:   {"profile", "role-arn", "external-id", "expect-account", "region", "home-region", "topic-arn", "topic-name", "extend-topic-policy", "kms-key"},
	catalog.Azure: {"tenant", "expect-tenant", "azure-cloud", "resource-group", "create-resource-group", "action-group", "once", "one-rule", "register-provider"},
}

// settle decides which cloud a run is about: Azure with --subscription, or with a
// snapshot of subscriptions. Flags of the other cloud are wrong usage.
func (e *env) settle(ctx context.Context, c *cobra.Command, f *azureFlags, s *source, k *controlFlags) error {
	if len(f.subscriptions) > 0 && len(s.files) > 0 && c.Name() != "snapshot" {
		return usage(errors.New("--subscription reads Azure and --snapshot a file: give one of them"))
	}
	k.cloud = catalog.AWS
	if len(f.subscriptions) > 0 {
		k.cloud = catalog.Azure
	} else if c.Name() != "snapshot" {
		for _, path := range s.files {
			holds, err := e.holdsSubscriptions(ctx, path)
			if err != nil {
				return err
			}
			if holds && len(s.files) > 1 {
				return usage(fmt.Errorf("--snapshot %s holds subscriptions of Azure, which are checked from one file", path))
			}
			if holds {
				k.cloud = catalog.Azure
			}
		}
	}
	for cloud, names := range flagsOf {
		for _, name := range names {
			flag := c.Flags().Lookup(name)
			if cloud == k.cloud || flag == nil || !flag.Changed {
				continue
			}
			if k.cloud == catalog.Azure {
				return hinted(usage(fmt.Errorf("--%s is about AWS, and this run is about Azure", name)), "run once for each cloud")
			}
			return hinted(usage(fmt.Errorf("--%s is about Azure, and no subscription is named", name)), "name one with --subscription")
		}
	}
	for _, id := range []struct{ flag, value string }{{"tenant", f.tenant}, {"expect-tenant", f.expectTenant}} {
		if id.value != "" && !subscription.IsGUID(id.value) {
			return usage(fmt.Errorf("--%s %q is no GUID", id.flag, id.value))
		}
	}
	if slices.Contains(f.subscriptions, "") {
		return hinted(usage(errors.New("--subscription is empty")), "give an id, a name, or all")
	}
	return nil
}

// sniffed is how much of a snapshot is looked at to tell what it holds: that stands
// near its beginning.
const sniffed = 4096

// holdsSubscriptions reports whether a snapshot holds subscriptions. Standard input is
// looked at without being read; a file that is none, such as a pipe, is not looked at
// and taken for one of AWS.
func (e *env) holdsSubscriptions(ctx context.Context, path string) (bool, error) {
	if path == "-" {
		buffered := bufio.NewReaderSize(e.in, sniffed)
		e.in = buffered
		head, err := await(ctx, func() ([]byte, error) {
			head, err := buffered.Peek(sniffed)
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return head, err
		})
		if ctx.Err() != nil {
			return false, fmt.Errorf("reading the snapshot: %w", err)
		}
		return holds(head), nil // what is wrong with the input is for its reader to say
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false, nil
	}
	file, err := files.OpenWithin(ctx, path, subscription.MaxFile)
	if err != nil {
		return false, nil
	}
	defer file.Close() //nolint:errcheck // only read from
	head, err := io.ReadAll(io.LimitReader(file, sniffed))
	return err == nil && holds(head), nil
}

// holds reports whether the beginning of a snapshot comes to subscriptions before it
// comes to accounts.
func holds(head []byte) bool {
	d := json.NewDecoder(bytes.NewReader(head))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return false
	}
	for {
		key, err := d.Token()
		if err != nil || key == "accounts" {
			return false
		}
		if key == "subscriptions" {
			return true
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return false
		}
	}
}

// judgeAzure reads the subscriptions or the snapshot and audits them.
func (e *env) judgeAzure(ctx context.Context, f *judgeFlags, names []string) (finding.Report, error) {
	controls, benchmark, err := f.selection(names)
	if err != nil {
		return finding.Report{}, err
	}
	snap, err := e.subscriptions(ctx, &f.azureFlags, &f.source, f.quiet, f.verbose)
	if err != nil {
		return finding.Report{}, err
	}
	r, err := f.auditAzure(ctx, snap, controls, azureaudit.Options{Benchmark: benchmark, Strict: f.strict})
	if err != nil {
		return r, err
	}
	for i := range r.Accounts {
		r.Accounts[i].Header = append(r.Accounts[i].Header, "AWS was not checked")
	}
	r.GeneratedAt = e.now().UTC().Truncate(time.Second)
	return r, nil
}

// subscriptions reads the subscriptions, or a saved snapshot of some.
func (e *env) subscriptions(ctx context.Context, f *azureFlags, s *source, quiet, verbose bool) (subscription.Snapshot, error) {
	if len(f.subscriptions) == 0 {
		data, err := e.readInput(ctx, s.files[0])
		if err != nil {
			return subscription.Snapshot{}, fmt.Errorf("reading snapshot: %w", files.Named(s.files[0], err))
		}
		snap, err := azurecollect.Decode(data)
		if err != nil {
			return snap, hinted(err, "'monitorctl snapshot --subscription NAME --file F' saves one")
		}
		return snap, nil
	}
	client, err := e.connectAzure(f, s, verbose)
	if err != nil {
		return subscription.Snapshot{}, err
	}
	return e.collectAzure(ctx, client, f, quiet, verbose, nil)
}

// connectAzure prepares calls.
func (e *env) connectAzure(f *azureFlags, s *source, verbose bool) (*arm.Client, error) {
	conf := arm.Config{Tenant: f.tenant, Cloud: f.azureCloud, Endpoint: s.endpointURL}
	if s.debug {
		var one sync.Mutex // subscriptions are read in parallel
		conf.Trace = func(a arm.Attempt) {
			one.Lock()
			defer one.Unlock()
			e.clearProgress()
			fmt.Fprintf(e.err, "debug: %s\n", report.Sanitize(a.String()))
		}
	}
	if e.azure != nil {
		conf.Endpoint, conf.Transport, conf.Token = "https://azure.invalid", e.azure.cloud, e.azure.token
	}
	client, err := arm.Connect(conf)
	if err != nil {
		return nil, e.signIn(err, verbose)
	}
	return client, nil
}

// collectAzure reads the subscriptions; more, which may be nil, asks for more than an
// audit needs.
func (e *env) collectAzure(ctx context.Context, client *arm.Client, f *azureFlags, quiet, verbose bool, more func(*azurecollect.Options)) (subscription.Snapshot, error) {
	started := e.now()
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return subscription.Snapshot{}, fmt.Errorf("making a salt: %w", err)
	}
	options := azurecollect.Options{
		Subscriptions: f.subscriptions, ExpectTenant: f.expectTenant, Salt: hex.EncodeToString(salt), Now: e.now,
		OnSubscription: func(read, total int) {
			e.progress(quiet, "reading subscriptions: %d of %d, %s", read, total, e.now().Sub(started).Round(time.Second))
		},
	}
	if more != nil {
		more(&options)
	}
	snap, err := azurecollect.Run(ctx, client, options)
	e.clearProgress()
	if verbose {
		e.azureCalls(client)
	}
	if err != nil {
		return snap, e.signIn(fmt.Errorf("reading Azure: %w", err), verbose)
	}
	return snap, nil
}

// signIn adds to an error of the credentials what each of them said, where that is asked
// for.
func (e *env) signIn(err error, verbose bool) error {
	var credential *arm.CredentialError
	if !errors.As(err, &credential) {
		return err
	}
	if verbose {
		for line := range strings.Lines(credential.Detail()) {
			fmt.Fprintln(e.err, report.Sanitize(strings.TrimRight(line, "\r\n")))
		}
		return err
	}
	return hinted(err, "--verbose shows what every credential said")
}

// azureCalls prints the calls made, for --verbose, by the permission that each needs.
func (e *env) azureCalls(client *arm.Client) {
	calls := client.Calls()
	for _, operation := range slices.Sorted(maps.Keys(calls)) {
		fmt.Fprintf(e.err, "%6d %s\n", calls[operation], operation)
	}
}

// auditSubscriptions judges a saved snapshot of subscriptions as of the time it was
// taken, by the controls that the flags select of Azure.
func auditSubscriptions(ctx context.Context, k controlFlags, data []byte) (finding.Report, error) {
	snap, err := azurecollect.Decode(data)
	if err != nil {
		return finding.Report{}, err
	}
	k.cloud = catalog.Azure
	controls, benchmark, err := k.selection(nil)
	if err != nil {
		return finding.Report{}, err
	}
	return k.auditAzure(ctx, snap, controls, azureaudit.Options{Benchmark: benchmark})
}

// auditAzure audits a snapshot as of the time it was taken, with what the flags say of
// framework and waivers, unless ctx ends before.
func (f *controlFlags) auditAzure(ctx context.Context, snap subscription.Snapshot, controls []catalog.Control, o azureaudit.Options) (finding.Report, error) {
	o.Framework, _ = f.framework() // the selection of the controls would have failed
	o.Now, o.Waivers, o.Accepts = snap.TakenAt, f.config.conf.Waivers, f.config.conf.Accepts
	r, err := await(ctx, func() (finding.Report, error) { return azureaudit.Run(ctx, snap, controls, o) })
	if err != nil {
		return r, fmt.Errorf("judging: %w", err)
	}
	return r, nil
}

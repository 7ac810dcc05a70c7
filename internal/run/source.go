package run

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/spelling"
)

// A Source is where the evidence of a run comes from: an account, subscriptions, or
// files.
type Source struct {
	Profile, RoleARN, ExternalID string
	ExpectAccount                string // 12 digits; "" expects nothing
	EndpointURL                  string // "" is the cloud's own
	Regions                      []string
	Debug                        bool     // show every request
	Files                        []string // saved snapshots of accounts; none: the account
	AzureFile                    string   // saved snapshot of subscriptions; "": Subscriptions
	BothFile                     string   // the one of Files that is AzureFile, too; "" for none
	bothData                     []byte   // its contents, once it is read

	Subscriptions                    []string // of Azure, ids or names, or "all"; none: AWS
	Tenant, ExpectTenant, AzureCloud string
}

// Needs are what a run must know of an account beside what judging its controls needs.
type Needs struct {
	Own             *collect.Own // whose owner plan must know
	Topics, Keys    []string     // ARNs
	NoRules         bool         // leave EventBridge alone
	EverySubscriber bool         // show what filter policies all subscribers have
}

var (
	accountID  = regexp.MustCompile(`^[0-9]{12}$`)
	regionName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]+$`)
)

// Check finds wrong usage before the first call.
func (s *Source) Check() error {
	if s.ExpectAccount != "" && !accountID.MatchString(s.ExpectAccount) {
		return exit.Usage(fmt.Errorf("--expect-account %q is not a 12-digit account id", s.ExpectAccount))
	}
	for _, r := range s.Regions {
		if err := CheckRegion("--region", r); err != nil {
			return err
		}
	}
	return nil
}

// CheckRegion refuses what is no name of a region; flag is where it was given.
func CheckRegion(flag, name string) error {
	if regionName.MatchString(name) {
		return nil
	}
	var known []string
	for _, p := range account.Partitions() {
		known = append(known, collect.KnownRegions(p)...)
	}
	err := exit.Usage(fmt.Errorf("%s %q is not a region name", flag, name))
	if name == "all" {
		return exit.Hinted(err, "without "+flag+" it is every enabled region")
	}
	if near := spelling.Nearest(name, known); near != "" {
		return exit.Hinted(err, "did you mean "+near+"?")
	}
	return exit.Hinted(err, "a region looks like eu-central-1")
}

// snapshot reads the account or the one file. The session is nil for a file.
func (r *Runner) snapshot(ctx context.Context, q *Request, n Needs) (account.Snapshot, *collect.Session, error) {
	if len(q.Source.Files) > 1 {
		return account.Snapshot{}, nil, exit.Usage(fmt.Errorf("this command takes one --snapshot, got %d", len(q.Source.Files)))
	}
	snaps, session, err := r.snapshots(ctx, q, n)
	if err != nil {
		return account.Snapshot{}, nil, err
	}
	return snaps[0], session, nil
}

// snapshots reads the account, or the files in their order. The session is nil for
// files. Without an error there is at least one snapshot, and no account is in two.
func (r *Runner) snapshots(ctx context.Context, q *Request, n Needs) ([]account.Snapshot, *collect.Session, error) {
	if len(q.Source.Files) > 0 {
		snaps, err := r.loadAll(ctx, &q.Source)
		return snaps, nil, err
	}
	session, err := r.Connect(ctx, &q.Source)
	if err != nil {
		return nil, nil, err
	}
	snap, err := r.read(ctx, q, session, n)
	r.notes(snap)
	return []account.Snapshot{snap.Dated()}, session, err
}

// loadAll reads the saved snapshots.
func (r *Runner) loadAll(ctx context.Context, s *Source) ([]account.Snapshot, error) {
	var snaps []account.Snapshot
	in := map[string]string{} // the file of each account
	for i, path := range s.Files {
		if path == "-" && slices.Contains(s.Files[:i], "-") {
			return nil, exit.Usage(errors.New("standard input cannot be two snapshots"))
		}
		snap, err := r.load(ctx, s, path)
		r.notes(snap)
		if err != nil {
			return nil, err
		}
		for _, a := range snap.Accounts {
			if first, twice := in[a.ID]; twice {
				return nil, exit.Usage(fmt.Errorf("account %s is in the snapshots %s and %s", a.ID, first, path))
			}
			in[a.ID] = path
		}
		snaps = append(snaps, snap.Dated())
	}
	return snaps, nil
}

// others are the accounts of all snapshots but one, which are evidence for it.
func others(snaps []account.Snapshot, but int) []account.Account {
	var out []account.Account
	for i, s := range snaps {
		if i != but {
			out = append(out, s.Accounts...)
		}
	}
	return out
}

// notes shows which reads failed that decide no verdict by themselves.
func (r *Runner) notes(snap account.Snapshot) {
	for _, a := range snap.Accounts {
		for _, n := range a.Notes {
			text := fmt.Sprintf("account %s: %s: %s", a.ID, n.Operation, n.Code)
			if n.Operation == "ec2:DescribeRegions" {
				text += "; only the regions that are enabled by default were read: name others with --region"
			}
			r.Console.Say("monitorctl: note: %s", text)
		}
	}
}

// Connect prepares the calls and makes sure that they go to the account that was
// asked for.
func (r *Runner) Connect(ctx context.Context, s *Source) (*collect.Session, error) {
	return r.connect(ctx, s, func(*collect.Config) {})
}

// connect is Connect with what more is to be set.
func (r *Runner) connect(ctx context.Context, s *Source, set func(*collect.Config)) (*collect.Session, error) {
	conf := collect.Config{
		Profile: s.Profile, RoleARN: s.RoleARN, ExternalID: s.ExternalID, EndpointURL: s.EndpointURL,
		MFAToken: r.askMFA,
	}
	if s.Debug {
		conf.Trace = func(a collect.Attempt) { r.Console.Say("debug: %s", a.String()) }
	}
	if len(s.Regions) > 0 {
		conf.Region = s.Regions[0]
	}
	if e := r.Embedded; e != nil {
		conf = collect.Config{
			EndpointURL: e.URL, Protocol: collect.CBOR, Keys: &collect.Keys{ID: e.KeyID, Secret: e.Secret},
			Retries: e.Retries, Timeout: e.Timeout,
		}
	}
	conf.Product, conf.Version = "monitorctl", r.Version
	set(&conf)
	// The SDK's files may be something that blocks, and its reading knows no context.
	session, err := Await(ctx, func() (*collect.Session, error) { return collect.Connect(ctx, conf) })
	if err != nil {
		return nil, err
	}
	if s.ExpectAccount == "" {
		return session, nil
	}
	caller, err := session.Caller(ctx)
	if err != nil {
		return nil, s.unreachable(err)
	}
	return session, expect(s.ExpectAccount, caller.Account)
}

// expect compares the account that was asked for with the one that answers.
func expect(want, have string) error {
	if want == "" || want == have {
		return nil
	}
	return exit.Hinted(fmt.Errorf("checking the account: the credentials are for %s, not %s", have, want), "check --profile and --role-arn")
}

// read collects the snapshot, with progress.
func (r *Runner) read(ctx context.Context, q *Request, session *collect.Session, n Needs) (account.Snapshot, error) {
	salt, err := q.saltOf()
	if err != nil {
		return account.Snapshot{}, err
	}
	started := r.Now()
	snap, err := collect.Run(ctx, session, collect.Options{
		Regions: q.Source.Regions, Controls: q.Selection.Controls, Own: n.Own, Topics: n.Topics, Keys: n.Keys,
		NoRules: n.NoRules, EverySubscriber: n.EverySubscriber, Salt: salt, Now: r.Now,
		OnRegion: func(read, total int) {
			r.progress(q, "reading trails: %d of %d regions, %d calls, %s", read, total, session.Stats().Total(), r.Now().Sub(started).Round(time.Second))
		},
	})
	r.Console.ClearProgress()
	if err != nil && ctx.Err() != nil {
		return snap, fmt.Errorf("reading the account: %w", context.Cause(ctx))
	}
	if err != nil {
		return snap, q.Source.unreachable(fmt.Errorf("reading the account: %w", err))
	}
	return snap, nil
}

// saltOf is the salt of the run, where it is one of both clouds, or a new one.
func (q *Request) saltOf() (string, error) {
	if q.salt != "" {
		return q.salt, nil
	}
	return newSalt()
}

// newSalt returns the salt of a snapshot's hashes.
func newSalt() (string, error) {
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("making a salt: %w", err)
	}
	return hex.EncodeToString(salt), nil
}

// unreachable names the endpoint when nobody answers there.
func (s *Source) unreachable(err error) error {
	var call *collect.CallError
	if !errors.As(err, &call) || collect.Code(err) != collect.CodeConnection {
		return err
	}
	if s.EndpointURL != "" {
		return exit.Hinted(err, "no answer from --endpoint-url "+s.EndpointURL)
	}
	return exit.Hinted(err, "check the network, the proxy (HTTPS_PROXY) and AWS_ENDPOINT_URL")
}

// load reads a saved snapshot; "-" is standard input.
func (r *Runner) load(ctx context.Context, s *Source, path string) (account.Snapshot, error) {
	var snap account.Snapshot
	var err error
	if path == s.BothFile {
		snap, err = r.accountsOfBoth(ctx, s)
	} else {
		snap, err = collect.Load(ctx, path, r.Console.In)
	}
	if err != nil && ctx.Err() != nil {
		return snap, fmt.Errorf("reading the snapshot: %w", context.Cause(ctx))
	}
	if err != nil {
		return snap, exit.Hinted(err, "'monitorctl snapshot --file F' saves one")
	}
	for i := range snap.Accounts {
		a := &snap.Accounts[i]
		if err := expect(s.ExpectAccount, a.ID); err != nil {
			return snap, err
		}
		if err := narrow(a, s.Regions); err != nil {
			return snap, err
		}
	}
	return snap, nil
}

// narrow limits a saved snapshot to the regions asked for.
func narrow(a *account.Account, regions []string) error {
	if len(regions) == 0 {
		return nil
	}
	for _, r := range regions {
		if !slices.Contains(a.Scope, r) {
			return exit.Hinted(exit.Usage(fmt.Errorf("region %s is not in the snapshot of account %s", r, a.ID)), "it holds "+strings.Join(a.Scope, ", "))
		}
	}
	a.Scope = slices.DeleteFunc(a.Scope, func(r string) bool { return !slices.Contains(regions, r) })
	return nil
}

// askMFA asks for the code of an MFA device on the terminal.
func (r *Runner) askMFA() (string, error) {
	if !r.Console.Interactive() {
		return "", errors.New("the profile needs an MFA code, but there is no terminal to ask on")
	}
	return r.Console.Ask("MFA code: ")
}

func retries(n int) string {
	if n == 1 {
		return "1 retry"
	}
	return fmt.Sprintf("%d retries", n)
}

// calls shows the calls made, for --verbose: by service, then by operation.
func (r *Runner) calls(q *Request, session *collect.Session, started time.Time) {
	if session == nil || !q.Verbose {
		return
	}
	stats := session.Stats()
	services := map[string]int{}
	var ops []string
	for op, n := range stats.Calls {
		service, _, _ := strings.Cut(op, ":")
		services[service] += n + stats.Retries[op]
		text := fmt.Sprintf("%6d %s", n, op)
		if again := stats.Retries[op]; again > 0 {
			text += " (" + retries(again) + ")"
		}
		ops = append(ops, text)
	}
	slices.SortFunc(ops, func(a, b string) int { return strings.Compare(a[7:], b[7:]) })
	var sums []string
	for _, service := range slices.Sorted(maps.Keys(services)) {
		sums = append(sums, fmt.Sprintf("%s %d", service, services[service]))
	}
	r.Console.ClearProgress()
	fmt.Fprintf(r.Console.Err, "%d calls in %s (%s):\n%s\n", stats.Total(), r.Now().Sub(started).Round(time.Millisecond), strings.Join(sums, ", "), strings.Join(ops, "\n"))
}

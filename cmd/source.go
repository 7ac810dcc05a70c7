package cmd

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/spelling"
)

// A source is where a snapshot comes from: an account, or files.
type source struct {
	accountFlags
	files []string // --snapshot

	until time.Time // the end of --timeout; zero before begin
}

// A request is what a command wants to know of the account.
type request struct {
	controls []catalog.Control
	own      *collect.Own
	topics   []string
	keys     []string
	noRules  bool // leave EventBridge alone
	quiet    bool

	everySubscriber bool // show what filter policies all subscribers have
}

var (
	accountID  = regexp.MustCompile(`^[0-9]{12}$`)
	regionName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]+$`)
)

// check finds wrong usage before the first call.
func (s *source) check() error {
	if s.expectAccount != "" && !accountID.MatchString(s.expectAccount) {
		return usage(fmt.Errorf("--expect-account %q is not a 12-digit account id", s.expectAccount))
	}
	for _, r := range s.regions {
		if err := checkRegion("--region", r); err != nil {
			return err
		}
	}
	return nil
}

// checkRegion refuses what is no name of a region.
func checkRegion(flag, name string) error {
	if regionName.MatchString(name) {
		return nil
	}
	var known []string
	for _, p := range []string{"aws", "aws-cn", "aws-us-gov"} {
		known = append(known, collect.KnownRegions(p)...)
	}
	err := usage(fmt.Errorf("%s %q is not a region name", flag, name))
	if near := spelling.Nearest(name, known); near != "" {
		return hinted(err, "did you mean "+near+"?")
	}
	return hinted(err, "a region looks like eu-central-1")
}

// snapshot reads the account or the one file. The session is nil for a file.
func (e *env) snapshot(ctx context.Context, s *source, r request) (account.Snapshot, *collect.Session, error) {
	if len(s.files) > 1 {
		return account.Snapshot{}, nil, usage(fmt.Errorf("this command takes one --snapshot, got %d", len(s.files)))
	}
	snaps, session, err := e.snapshots(ctx, s, r)
	if err != nil {
		return account.Snapshot{}, nil, err
	}
	return snaps[0], session, nil
}

// snapshots reads the account, or the files in their order. The session is nil for
// files. Without an error there is at least one snapshot, and no account is in two.
func (e *env) snapshots(ctx context.Context, s *source, r request) ([]account.Snapshot, *collect.Session, error) {
	if len(s.files) > 0 {
		snaps, err := e.loadAll(ctx, s)
		return snaps, nil, err
	}
	session, err := e.connect(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	snap, err := e.read(ctx, s, session, r)
	e.notes(snap)
	return []account.Snapshot{snap}, session, err
}

// loadAll reads the saved snapshots.
func (e *env) loadAll(ctx context.Context, s *source) ([]account.Snapshot, error) {
	var snaps []account.Snapshot
	in := map[string]string{} // the file of each account
	for i, path := range s.files {
		if path == "-" && slices.Contains(s.files[:i], "-") {
			return nil, usage(errors.New("standard input cannot be two snapshots"))
		}
		snap, err := e.load(ctx, s, path)
		e.notes(snap)
		if err != nil {
			return nil, err
		}
		for _, a := range snap.Accounts {
			if first, twice := in[a.ID]; twice {
				return nil, usage(fmt.Errorf("account %s is in the snapshots %s and %s", a.ID, first, path))
			}
			in[a.ID] = path
		}
		snaps = append(snaps, snap)
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

// notes says on stderr which reads failed that decide no verdict by themselves.
func (e *env) notes(snap account.Snapshot) {
	for _, a := range snap.Accounts {
		for _, n := range a.Notes {
			text := fmt.Sprintf("account %s: %s: %s", a.ID, n.Operation, n.Code)
			if n.Operation == "ec2:DescribeRegions" {
				text += "; read were the regions that are enabled by default, name others with --region"
			}
			fmt.Fprintf(e.err, "monitorctl: note: %s\n", report.Sanitize(text))
		}
	}
}

// connect prepares the calls and makes sure that they go to the right account.
func (e *env) connect(ctx context.Context, s *source) (*collect.Session, error) {
	conf := collect.Config{
		Profile: s.profile, RoleARN: s.roleARN, ExternalID: s.externalID, EndpointURL: s.endpointURL,
		MFAToken: e.askMFA,
	}
	if s.debug {
		conf.Trace = e.trace
	}
	if len(s.regions) > 0 {
		conf.Region = s.regions[0]
	}
	if e.embedded != nil {
		conf = collect.Config{
			EndpointURL: e.embedded.url, Protocol: collect.CBOR, Keys: &collect.Keys{ID: e.embedded.keyID, Secret: e.embedded.secret},
			Retries: e.embedded.retries, Timeout: e.embedded.timeout,
		}
	}
	// The SDK's files may be something that blocks, and its reading knows no context.
	session, err := await(ctx, func() (*collect.Session, error) { return collect.Connect(ctx, conf) })
	if err != nil {
		return nil, err
	}
	if s.expectAccount == "" {
		return session, nil
	}
	caller, err := session.Caller(ctx)
	if err != nil {
		return nil, s.unreachable(err)
	}
	return session, expect(s.expectAccount, caller.Account)
}

// trace shows a request for --debug.
func (e *env) trace(a collect.Attempt) {
	e.clearProgress()
	fmt.Fprintf(e.err, "debug: %s\n", report.Sanitize(a.String()))
}

// expect compares the account that was asked for with the one that answers.
func expect(want, have string) error {
	if want == "" || want == have {
		return nil
	}
	return hinted(fmt.Errorf("checking the account: the credentials are those of %s, not of %s", have, want), "check --profile and --role-arn")
}

// read collects the snapshot, with progress.
func (e *env) read(ctx context.Context, s *source, session *collect.Session, r request) (account.Snapshot, error) {
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return account.Snapshot{}, fmt.Errorf("making a salt: %w", err)
	}
	started := e.now()
	snap, err := collect.Run(ctx, session, collect.Options{
		Regions: s.regions, Controls: r.controls, Own: r.own, Topics: r.topics, Keys: r.keys, NoRules: r.noRules, EverySubscriber: r.everySubscriber, Salt: hex.EncodeToString(salt), Now: e.now,
		OnRegion: func(read, total int) {
			e.progress(r.quiet, "reading trails: %d of %d regions, %d calls, %s", read, total, session.Stats().Total(), e.now().Sub(started).Round(time.Second))
		},
	})
	e.clearProgress()
	if err != nil && ctx.Err() != nil {
		return snap, fmt.Errorf("reading the account: %w", context.Cause(ctx))
	}
	if err != nil {
		return snap, s.unreachable(fmt.Errorf("reading the account: %w", err))
	}
	return snap, nil
}

// unreachable names the endpoint when nobody answers there.
func (s *source) unreachable(err error) error {
	var call *collect.CallError
	if !errors.As(err, &call) || collect.Code(err) != collect.CodeConnection {
		return err
	}
	if s.endpointURL != "" {
		return hinted(err, "nobody answers at --endpoint-url "+s.endpointURL)
	}
	return hinted(err, "check the network, the proxy (HTTPS_PROXY) and AWS_ENDPOINT_URL")
}

// load reads a saved snapshot; "-" is standard input.
func (e *env) load(ctx context.Context, s *source, path string) (account.Snapshot, error) {
	snap, err := collect.Load(ctx, path, e.in)
	if err != nil && ctx.Err() != nil {
		return snap, fmt.Errorf("reading the snapshot: %w", context.Cause(ctx))
	}
	if err != nil {
		return snap, hinted(err, "'monitorctl snapshot --file F' saves one")
	}
	for i := range snap.Accounts {
		a := &snap.Accounts[i]
		if err := expect(s.expectAccount, a.ID); err != nil {
			return snap, err
		}
		if err := narrow(a, s.regions); err != nil {
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
			return hinted(usage(fmt.Errorf("region %s is not in the snapshot of account %s", r, a.ID)), "it holds "+strings.Join(a.Scope, ", "))
		}
	}
	a.Scope = slices.DeleteFunc(a.Scope, func(r string) bool { return !slices.Contains(regions, r) })
	return nil
}

// askMFA asks for the code of an MFA device on the terminal.
func (e *env) askMFA() (string, error) {
	if _, ok := terminal(e.in); !ok {
		return "", errors.New("the profile wants an MFA code, and there is no terminal to ask at")
	}
	fmt.Fprint(e.err, "MFA code: ")
	return e.line()
}

// line reads one line of standard input, without its end.
func (e *env) line() (string, error) {
	var text strings.Builder
	buf := make([]byte, 1)
	for text.Len() < 1024 {
		n, err := e.typed.Read(buf)
		if n == 1 && buf[0] == '\n' {
			break
		}
		text.Write(buf[:n])
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", err
		}
	}
	return strings.TrimSpace(text.String()), nil
}

// begin starts the time of --timeout anew.
func (s *source) begin() { s.until = time.Now().Add(s.timeout) }

// deadline applies --timeout, counted from the last begin.
func (s *source) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.timeout <= 0 {
		return context.WithCancel(ctx)
	}
	if s.until.IsZero() {
		s.begin()
	}
	return context.WithDeadlineCause(ctx, s.until, &lateError{s.timeout})
}

func retries(n int) string {
	if n == 1 {
		return "1 retry"
	}
	return fmt.Sprintf("%d retries", n)
}

// calls prints the calls made, for --verbose: by service, then by operation.
func (e *env) calls(session *collect.Session, started time.Time) {
	if session == nil {
		return
	}
	stats := session.Stats()
	services := map[string]int{}
	var ops []string
	for op, n := range stats.Calls {
		service, _, _ := strings.Cut(op, ":")
		services[service] += n + stats.Retries[op]
		text := fmt.Sprintf("%6d %s", n, op)
		if r := stats.Retries[op]; r > 0 {
			text += " (" + retries(r) + ")"
		}
		ops = append(ops, text)
	}
	slices.SortFunc(ops, func(a, b string) int { return strings.Compare(a[7:], b[7:]) })
	var sums []string
	for _, service := range slices.Sorted(maps.Keys(services)) {
		sums = append(sums, fmt.Sprintf("%s %d", service, services[service]))
	}
	e.clearProgress()
	fmt.Fprintf(e.err, "%d calls in %s (%s):\n%s\n", stats.Total(), e.now().Sub(started).Round(time.Millisecond), strings.Join(sums, ", "), strings.Join(ops, "\n"))
}

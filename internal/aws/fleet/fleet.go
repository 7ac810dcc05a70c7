package fleet

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/fleet/targets"
)

// Options say how accounts are entered, read and judged.
type Options struct {
	Controls []catalog.Control
	Audit    audit.Options // Now is the time of the run: all accounts are judged as of it
	Regions  []string      // nil: those of each account

	Role       string // that members are entered by, unless their target says otherwise: a name, a path, an ARN with {Id}
	ExternalID string
	Policy     string // session policy; "" for none

	// Terms returns what is asked of an account; nil asks the same of all. The controls and
	// waivers of the run have to be all of them.
	Terms func(*targets.Target) Terms

	TrustOrg  bool // believe the list: covered members are not entered at all
	Thorough  bool // read every account in full
	KeepGoing bool // also when every account refuses alike
	Parallel  int  // accounts at once

	NoRules bool // leave EventBridge alone
	// What else a full reading has, for a plan: whose the objects with these names are, and
	// topics and keys by ARN.
	Own          *collect.Own
	Topics, Keys []string

	// SkipDenied leaves regions out that a service control policy denies and no
	// multi-region trail records.
	SkipDenied bool

	Salt string // of all snapshots: the same subscriber is the same in every account
	Now  func() time.Time

	// Full and Glance bound the reading of one account; zero is two minutes and 20 s.
	Full, Glance time.Duration
}

const (
	fullTime   = 2 * time.Minute
	glanceTime = 20 * time.Second
)

// DefaultParallel is how many accounts are read at once.
const DefaultParallel = 64

// A Basis is what a verdict rests on.
type Basis string

// Bases.
const (
	Read    Basis = ""        // the account was read in full, or it owns what the others use
	Covered Basis = "covered" // the account shows the organization's trail
	Assumed Basis = "assumed" // the list and the owner of the trail say so; nobody looked
)

// An Outcome is what came of one target.
type Outcome struct {
	Target   targets.Target
	Skipped  string // why nobody looked; "" when somebody did
	Failure  *account.Failure
	Basis    Basis
	Verdict  *Verdict          // nil when skipped
	Snapshot *account.Snapshot // what was read; nil when nothing was, or another run did
}

// A Verdict is the findings of a class of accounts, those of the first that was judged.
// Finding.At makes those of the others.
type Verdict struct {
	Number   int // from 1, in the order of judging
	Account  finding.AccountRef
	Findings []finding.Finding // by control, as asked for
	Regions  []string          // in scope
}

// A Sink takes outcomes, one at a time, in no order.
type Sink interface {
	Put(Outcome) error
}

// A Store has what an earlier run has read, and keeps what this one reads.
type Store interface {
	// Account returns the snapshot of an account that is young enough; nil for none.
	Account(id string) *account.Snapshot

	// Central does so for the accounts that the world is made of.
	Central(id string) *account.Snapshot

	// Failure returns why an account could not be read; nil when it is to be tried again.
	Failure(id string) *account.Failure

	// KeepCentral keeps an account of the world. Others go through the Sink.
	KeepCentral(id string, s account.Snapshot) error
}

// A Fleet is one run.
type Fleet struct {
	o     Options
	fleet *collect.Fleet
	base  *collect.Session
	who   collect.Caller

	management *collect.Session   // who lists accounts; nil: nobody does
	directory  *collect.Directory // nil: accounts are not listed by an organization
	org        *account.Organization

	store Store

	world   *world
	judge   *judge
	breaker *breaker

	known    map[string]targets.Target // how to enter accounts, where a list says so
	furthers furthers

	mu       sync.Mutex
	profiles map[string]*collect.Session
	progress Progress
}

// Progress is how far a run is.
type Progress struct{ Judged, Unreadable, Skipped int }

// New returns a run with the credentials of base. management lists the accounts of the
// organization; nil leaves them to the caller. store may be nil.
func New(ctx context.Context, base, management *collect.Session, connections int, o Options, store Store) (*Fleet, error) {
	f := &Fleet{o: o, fleet: collect.NewFleet(base, connections), store: store, profiles: map[string]*collect.Session{}, breaker: newBreaker(o.KeepGoing)}
	var err error
	if f.base, err = f.fleet.Base(ctx); err != nil {
		return nil, err
	}
	if f.who, err = f.base.Caller(ctx); err != nil {
		return nil, err
	}
	if management == nil {
		return f, nil
	}
	if f.management, err = f.fleet.Of(ctx, management); err != nil {
		return nil, err
	}
	if f.directory, err = collect.OpenDirectory(ctx, f.management); err != nil {
		return nil, fmt.Errorf("asking for the organization: %w", err)
	}
	f.org = f.directory.Organization()
	return f, nil
}

// Saved returns a run that judges what a store has, and calls nobody. org may be nil.
func Saved(who collect.Caller, org *account.Organization, o Options, store Store) *Fleet {
	return &Fleet{o: o, who: who, org: org, store: store, breaker: newBreaker(true)}
}

// Organization returns which organization the accounts are of; nil when nobody said.
func (f *Fleet) Organization() *account.Organization { return f.org }

// Directory returns the list of accounts; nil when no organization lists them.
func (f *Fleet) Directory() *collect.Directory { return f.directory }

// Caller is whose credentials the run has.
func (f *Fleet) Caller() collect.Caller { return f.who }

// Stats returns how many calls were made so far.
func (f *Fleet) Stats() collect.Stats {
	if f.fleet == nil {
		return collect.Stats{} // a saved run calls nobody
	}
	return f.fleet.Stats()
}

// Know tells how accounts are entered, before ReadWorld: owners of the chain may be among
// them.
func (f *Fleet) Know(list []targets.Target) {
	f.known = map[string]targets.Target{}
	for _, t := range list {
		f.known[t.ID] = t
	}
}

// Close gives the idle connections back.
func (f *Fleet) Close() {
	if f.fleet != nil {
		f.fleet.Close()
	}
}

// Progress returns how far the run is.
func (f *Fleet) Progress() Progress {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.progress
}

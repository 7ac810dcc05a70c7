package collect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// Options say what to read.
type Options struct {
	// Regions are those whose events are asked about; nil is every region that
	// is enabled for the account, which costs one call to find out.
	Regions []string

	// Controls are what the snapshot will be judged by. For controls of global
	// services and sign-ins the partition's global regions are read too.
	Controls []catalog.Control

	// Own is what plan and apply need to know of objects under our names; nil
	// for an audit.
	Own *Own

	// NoRules leaves EventBridge alone, whatever the controls ask.
	NoRules bool

	// Topics are ARNs of topics to read even if no alarm names them.
	Topics []string

	// SkipDenied leaves regions out that a service control policy closes to the caller and
	// that no multi-region trail records; the account names them.
	SkipDenied bool

	// Links asks which accounts monitor this one, where log groups of trails are. Monitors
	// are the regions in which this account may have alarms on metrics of others.
	Links    bool
	Monitors []string

	// Keys are ARNs of KMS keys to read with their policies, even if no topic
	// names them.
	Keys []string

	// EverySubscriber reads the filter policies of all confirmed subscriptions of a
	// topic, for whoever shows them; else as many as it takes to find a person who
	// gets every message, which is all that a verdict needs.
	EverySubscriber bool

	// Organization is the account's organization, where it is known already; nil asks
	// for it where it matters.
	Organization *account.Organization

	// NoAlias leaves the account's alias alone: who lists accounts has names.
	NoAlias bool

	// Salt goes into Snapshot.Salt: hexadecimal, from a source of randomness.
	Salt string

	// Now is the clock for Snapshot.TakenAt.
	Now func() time.Time

	// OnRegion is told how many regions of how many have been asked for their
	// trails; one call at a time; may be nil.
	OnRegion func(read, total int)
}

// Own are the names under which plan would create objects. What stands there
// already is read with its tags, because tags tell whose it is.
type Own struct {
	Alarms  []string // alarm names
	Filters []string // names of metric filters, or what they begin with
	Topics  []string // topic names, in each region that holds a trail's log group

	// Notified reads the tags of every topic of the account that alarms or rules notify:
	// routes may have made some, under any name.
	Notified bool

	// Rules are the names of rules on the default bus, or what they begin with; none
	// leaves out all that concerns rules of ours. Roles are the names of the roles that
	// our rules use. PerRegion means that rules and topics may come to stand in every
	// region, not only in the home regions of trails and in Homes.
	Rules     []string
	Roles     []string
	PerRegion bool
	Homes     []string

	// Organization asks which organization the account belongs to.
	Organization bool

	// Chats reads the chat configurations, and Workspaces what they may use.
	Chats      bool
	Workspaces bool

	// Destinations is what the names of our API destinations and their connections begin
	// with; "" leaves them out.
	Destinations string

	// Trail is what plan needs to know to create a trail; nil where none is asked for.
	Trail *OwnTrail
}

// A PartitionError says that a region belongs to another partition than the
// credentials: each has accounts and credentials of its own.
type PartitionError struct {
	Region string
	Has    string // the partition of the credentials
}

func (e *PartitionError) Error() string {
	return fmt.Sprintf("region %s is in partition %s, and the credentials are of %s", e.Region, account.PartitionOf(e.Region), e.Has)
}

// inPartition finds a region of another partition. Of one that this version does
// not know nothing can be said.
func inPartition(regions []string, partition string) error {
	if !slices.Contains(account.Partitions(), partition) {
		return nil
	}
	for _, region := range regions {
		if account.PartitionOf(region) != partition {
			return &PartitionError{region, partition}
		}
	}
	return nil
}

// Run reads the account whose credentials s has.
//
// Two runs on an unchanged account give the same snapshot, but for TakenAt and
// what depends on Salt. The error is not nil when there are no credentials
// (*CredentialsError), when no region in scope answers, or when ctx ended;
// whatever else cannot be read is recorded in the snapshot.
func Run(ctx context.Context, s *Session, o Options) (account.Snapshot, error) {
	ctx = withClosed(s.Bind(ctx))
	caller, err := s.Caller(ctx)
	if err != nil {
		return account.Snapshot{}, cmp.Or(ended(ctx), err)
	}
	if err := inPartition(o.Regions, caller.Partition); err != nil {
		return account.Snapshot{}, err
	}
	r := &run{s: s, o: o, caller: caller}
	if err := r.read(ctx); err != nil {
		return account.Snapshot{}, cmp.Or(ended(ctx), err)
	}
	if err := ended(ctx); err != nil {
		return account.Snapshot{}, err
	}
	return account.Snapshot{
		Schema:   account.SchemaV1,
		TakenAt:  o.Now().UTC().Truncate(time.Second),
		Salt:     o.Salt,
		Accounts: []account.Account{r.account},
	}, nil
}

// ended returns why ctx ended, nil while it has not. A call that was cut off by
// it looks like a failure of the account, and must not be taken for one.
func ended(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return context.Cause(ctx)
}

// A run is one reading of an account.
type run struct {
	s       *Session
	o       Options
	caller  Caller
	account account.Account
}

func (r *run) read(ctx context.Context) error {
	r.account = account.Account{ID: r.caller.Account, Partition: r.caller.Partition, Trails: []account.Trail{}}
	if r.o.Organization != nil {
		r.account.Organization = &account.Read[*account.Organization]{Value: r.o.Organization}
	}
	if err := r.readScope(ctx); err != nil {
		return err
	}
	regions, err := r.readTrails(ctx)
	if err != nil {
		return err
	}
	r.skipDenied(regions)
	groups := r.logGroups()
	r.makeRoomForTrail(groups)
	for _, name := range slices.Concat(slices.Collect(maps.Keys(groups)), r.topicRegions(), r.o.Monitors) {
		if regions[name] == nil {
			regions[name] = &account.Region{Name: name}
		}
	}
	r.readHubs(ctx, regions)
	both(
		func() { r.readTrailDetails(ctx, func(t *account.Trail) bool { return t.LogGroupARN != "" }) },
		func() {
			both(
				func() { r.readRules(ctx, regions, groups) },
				func() { r.readChains(ctx, regions, groups) },
			)
		},
	)
	if r.account.Organization == nil && policiesAskForOrganization(regions) {
		r.account.Organization = describeOrganization(ctx, r.s.organizationsClient(r.caller))
	}
	follow := r.followRules(ctx, regions)
	if r.account.Organization == nil && (r.o.Own != nil && r.o.Own.Organization || r.forwardsAway(regions)) {
		r.account.Organization = describeOrganization(ctx, r.s.organizationsClient(r.caller))
	}
	r.readOwnRules(ctx, regions)
	r.readTrailParts(ctx, regions)
	if follow || r.ownTrail() != nil || r.o.Own != nil && len(r.o.Own.Rules) > 0 { // rules get what trails record even without a log group
		r.readTrailDetails(ctx, func(t *account.Trail) bool { return t.LogGroupARN == "" })
	}
	for _, name := range slices.Sorted(maps.Keys(regions)) {
		r.account.Regions = append(r.account.Regions, *regions[name])
	}
	r.noteLinks()
	r.readChats(ctx)
	return nil
}

// readScope finds out which regions are asked about, and the account's alias on
// the way.
func (r *run) readScope(ctx context.Context) error {
	var (
		aliasErr error
		notes    []account.Failure
		regions  = r.o.Regions
	)
	both(
		func() {
			if !r.o.NoAlias {
				r.account.Alias, aliasErr = r.s.accountAlias(ctx, r.caller)
			}
		},
		func() {
			if regions == nil {
				regions, notes = r.s.enabledRegions(ctx, r.caller)
			}
			if r.o.Organization == nil && asksForOrganization(r.o.Controls) {
				r.account.Organization = describeOrganization(ctx, r.s.organizationsClient(r.caller))
			}
		},
	)
	if aliasErr != nil {
		notes = append(notes, *failure("iam:ListAccountAliases", aliasErr))
	}
	slices.SortFunc(notes, func(a, b account.Failure) int { return cmp.Compare(a.Operation, b.Operation) })
	r.account.Notes = notes
	if len(regions) == 0 {
		return errors.New("listing regions: none is enabled for the account")
	}
	r.account.Scope = distinct(regions)
	return nil
}

// globalRegions are the regions that the controls need whatever was asked for:
// those in which CloudTrail records global services and root's sign-ins.
func (r *run) globalRegions() []string {
	if _, known := defaultRegions[r.caller.Partition]; !known {
		return nil
	}
	for _, c := range r.o.Controls {
		if c.Scope == catalog.Global || c.Scope == catalog.SignIn {
			return account.GlobalRegions(r.caller.Partition)
		}
	}
	return nil
}

// distinct returns the names sorted, each once.
func distinct(names []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(names)))
}

// readTrails asks every region in scope, and those of global services, for the
// trails that it shows, and keeps each trail once. It fails when no region
// answers.
func (r *run) readTrails(ctx context.Context) (map[string]*account.Region, error) {
	scope := distinct(slices.Concat(r.account.Scope, r.globalRegions()))
	reads := make([]*account.Read[[]account.Trail], len(scope))
	var progress progress
	each(ctx, len(scope), func(i int) {
		reads[i] = describeTrails(ctx, r.s.in(scope[i]).trails)
		progress.step(r.o.OnRegion, len(scope))
	})
	if err := ended(ctx); err != nil {
		return nil, err
	}
	regions := map[string]*account.Region{}
	trails := map[string]account.Trail{}
	readable := false
	for i, name := range scope {
		list, ok := reads[i].Got()
		readable = readable || ok
		arns := &account.Read[[]string]{Failure: reads[i].Failed()}
		for _, t := range list {
			arns.Value = append(arns.Value, t.ARN)
			trails[t.ARN] = t
		}
		regions[name] = &account.Region{Name: name, Trails: arns}
	}
	if !readable {
		f := reads[0].Failed()
		return nil, fmt.Errorf("no region is readable: %s in %s: %s: %s", f.Operation, scope[0], f.Code, f.Message)
	}
	for _, arn := range slices.Sorted(maps.Keys(trails)) {
		r.account.Trails = append(r.account.Trails, trails[arn])
	}
	return regions, nil
}

// readTrailDetails asks the home region of each of some trails how it is doing and
// what it records. A trail without log group carries nothing, whatever the answers
// would be, unless rules wait for its events.
func (r *run) readTrailDetails(ctx context.Context, some func(*account.Trail) bool) {
	var trails []*account.Trail
	for i := range r.account.Trails {
		if t := &r.account.Trails[i]; some(t) {
			trails = append(trails, t)
		}
	}
	each(ctx, len(trails), func(i int) {
		t := trails[i]
		api := r.s.in(t.HomeRegion).trails
		both(
			func() { t.Status = trailStatus(ctx, api, t.ARN) },
			func() { t.Selectors = trailSelectors(ctx, api, t.ARN) },
		)
	})
}

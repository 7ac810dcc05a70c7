package awstest

import "maps"

// A Region is one region of one account.
type Region struct {
	account *Account
	cloud   *Cloud
	name    string
	state
	metrics map[string]*series // by metricKey; grows with events, never by an operation
	written []pastEvent        // calls that wrote, oldest first; for LookupEvents
	history []state            // before each of the last writes, oldest first; for stale reads
}

// state is what operations change. The objects in the maps are never changed in
// place but replaced, so that a shallow copy is a picture of a moment.
type state struct {
	groups map[string]*logGroup     // by name
	trails map[string]*trail        // by name; trails whose home is here
	alarms map[string]*alarm        // by name, metric and composite
	mutes  map[string]*muteRule     // by name
	topics map[string]*topic        // by name
	subs   map[string]*subscription // by ARN; of the region's topics
	keys   map[string]*key          // by key id
	alias  map[string]string        // KMS alias ("alias/x") to key id
	buses  map[string]*bus          // custom event buses by name, and the default one where it was changed
	rules  map[string]*eventRule    // by busName + "/" + name

	destinations map[string]*apiDestination // by name
	connections  map[string]*connection     // by name

	links []link // accounts that monitor this one; never changed in place

	hub string // since when Security Hub is enabled, "" when it is not
}

// historyDepth is how many writes back a stale read can look.
const historyDepth = 64

func newRegion(a *Account, name string) *Region {
	return &Region{
		account: a, cloud: a.cloud, name: name,
		state: state{
			groups: map[string]*logGroup{}, trails: map[string]*trail{}, alarms: map[string]*alarm{}, mutes: map[string]*muteRule{},
			topics: map[string]*topic{}, subs: map[string]*subscription{}, keys: map[string]*key{}, alias: map[string]string{},
			buses: map[string]*bus{}, rules: map[string]*eventRule{}, destinations: map[string]*apiDestination{}, connections: map[string]*connection{},
		},
		metrics: map[string]*series{},
	}
}

func (s state) clone() state {
	return state{
		groups: maps.Clone(s.groups), trails: maps.Clone(s.trails), alarms: maps.Clone(s.alarms), mutes: maps.Clone(s.mutes),
		topics: maps.Clone(s.topics), subs: maps.Clone(s.subs), keys: maps.Clone(s.keys), alias: maps.Clone(s.alias), hub: s.hub, links: s.links,
		buses: maps.Clone(s.buses), rules: maps.Clone(s.rules), destinations: maps.Clone(s.destinations), connections: maps.Clone(s.connections),
	}
}

// remember keeps the state from before a write.
func (r *Region) remember(before state) {
	r.history = append(r.history, before)
	if len(r.history) > historyDepth {
		r.history = r.history[1:]
	}
}

// before returns a view of the region that lacks its last writes: what an
// eventually consistent read may show.
func (r *Region) before(writes int) *Region {
	if writes <= 0 || len(r.history) == 0 {
		return r
	}
	view := *r
	view.state = r.history[max(0, len(r.history)-writes)]
	return &view
}

// Name returns the region's name.
func (r *Region) Name() string { return r.name }

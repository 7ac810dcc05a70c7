package action

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// A Moment is what of a snapshot concerns all of its accounts.
type Moment struct {
	TakenAt time.Time
	Salt    string // of the hashes of endpoints
}

// Simulate returns one account as it would be after actions that are all its own.
// With confirm, subscribers that must still answer are taken as confirmed. The
// account that is given stays as it is; what no action touches is shared with the
// result.
func Simulate(a *account.Account, m Moment, actions []Action, confirm bool) (*account.Account, error) {
	d := draft{account: *a, moment: m, copied: map[string]bool{}}
	d.account.Regions = slices.Clone(a.Regions)
	for _, action := range actions {
		if d.of(action) == nil {
			return nil, Unread(action)
		}
		action.simulate(&d)
	}
	if confirm {
		d.confirmPending()
	}
	return &d.account, nil
}

// Unread is the error of an action in a region that was not read.
func Unread(a Action) error {
	return fmt.Errorf("planning %s: region %s of account %s was not read", a, a.Common().Region, a.Common().Account)
}

// A draft is an account in the making. Regions are copied when they are first
// touched.
type draft struct {
	account account.Account
	moment  Moment
	copied  map[string]bool // by name

	ownRoles  bool // the account's roles are the draft's own
	ownTrails bool // likewise
}

// roles returns the account's roles, which may be changed.
func (d *draft) roles() map[string]*account.Role {
	if !d.ownRoles {
		d.ownRoles = true
		roles := maps.Clone(d.account.Roles)
		if roles == nil {
			roles = map[string]*account.Role{}
		}
		d.account.Roles = roles
	}
	return d.account.Roles
}

// of returns the region of an action, which may be changed.
func (d *draft) of(a Action) *account.Region { return d.region(a.Common().Region) }

// region returns a region that may be changed: its lists and maps are its own, what
// stands in them is not. Nil when it was not read.
func (d *draft) region(name string) *account.Region {
	r := d.account.Region(name)
	if r == nil || d.copied[name] {
		return r
	}
	d.copied[name] = true
	r.Topics = maps.Clone(r.Topics)
	r.AlarmTags = maps.Clone(r.AlarmTags)
	r.RuleTags = maps.Clone(r.RuleTags)
	r.APIDestinations = maps.Clone(r.APIDestinations)
	r.Connections = maps.Clone(r.Connections)
	r.Buses = maps.Clone(r.Buses)
	r.LogGroups = maps.Clone(r.LogGroups)
	r.Trails = ownList(r.Trails)
	r.Rules = ownList(r.Rules)
	r.MetricFilters = ownList(r.MetricFilters)
	if r.Alarms != nil {
		alarms := *r.Alarms
		alarms.Value.Metric = slices.Clone(alarms.Value.Metric)
		r.Alarms = &alarms
	}
	return r
}

// ownList returns a reading whose list may be changed; nil for none.
func ownList[T any](r *account.Read[[]T]) *account.Read[[]T] {
	if r == nil {
		return nil
	}
	out := *r
	out.Value = slices.Clone(r.Value)
	return &out
}

// topicOf returns a topic of a region that may be changed, nil when there is
// none.
func topicOf(region *account.Region, arn string) *account.Topic {
	have := region.Topics[arn]
	if have == nil {
		return nil
	}
	t := *have
	t.Subscriptions = ownList(have.Subscriptions)
	region.Topics[arn] = &t
	return &t
}

// attributesOf returns the attributes of a topic that may be changed; nil for a
// topic without.
func attributesOf(region *account.Region, arn string) *account.TopicAttributes {
	t := topicOf(region, arn)
	if t == nil || t.Attributes == nil || t.Attributes.Value == nil {
		return nil
	}
	attributes, read := *t.Attributes.Value, *t.Attributes
	read.Value = &attributes
	t.Attributes = &read
	return &attributes
}

// confirmPending answers for every subscriber that must still answer.
func (d *draft) confirmPending() {
	for _, r := range d.account.Regions {
		for arn, t := range r.Topics {
			subs, _ := t.Subscriptions.Got()
			if !slices.ContainsFunc(subs, func(s account.Subscription) bool { return s.State == account.Pending }) {
				continue
			}
			own := topicOf(d.region(r.Name), arn)
			for n := range own.Subscriptions.Value {
				if s := &own.Subscriptions.Value[n]; s.State == account.Pending {
					s.State, s.ARN = account.Confirmed, t.ARN+":confirmed"
				}
			}
		}
	}
}

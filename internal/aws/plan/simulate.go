package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// Simulate returns the accounts as they would be after the actions. With confirm,
// subscribers that must still answer are taken as confirmed: the question is then
// whether the chain would be whole, not whether it is yet. The snapshot that is
// given stays as it is; what no action touches is shared with the result.
func Simulate(snap account.Snapshot, actions []Action, confirm bool) (account.Snapshot, error) {
	after := snap
	after.Accounts = slices.Clone(snap.Accounts)
	for i := range after.Accounts {
		own := slices.DeleteFunc(slices.Clone(actions), func(a Action) bool { return a.Common().Account != after.Accounts[i].ID })
		a, err := simulate(&after.Accounts[i], moment{snap.TakenAt, snap.Salt}, own, confirm)
		if err != nil {
			return account.Snapshot{}, err
		}
		after.Accounts[i] = *a
	}
	for _, a := range actions {
		if !slices.ContainsFunc(snap.Accounts, func(have account.Account) bool { return have.ID == a.Common().Account }) {
			return account.Snapshot{}, unreadRegion(a)
		}
	}
	return after, nil
}

// A moment is what of a snapshot concerns all of its accounts.
type moment struct {
	takenAt time.Time
	salt    string
}

// simulate returns one account as it would be after actions that are all its own.
func simulate(a *account.Account, m moment, actions []Action, confirm bool) (*account.Account, error) {
	d := draft{account: *a, copied: map[string]bool{}}
	d.account.Regions = slices.Clone(a.Regions)
	for _, action := range actions {
		region := d.region(action.Common().Region)
		if region == nil {
			return nil, unreadRegion(action)
		}
		switch action := action.(type) {
		case CreateTopic:
			simulateTopic(region, action)
		case Subscribe:
			simulateSubscribe(region, action, m.salt)
		case SetTopicPolicy:
			if attributes := attributesOf(region, action.TopicARN); attributes != nil {
				attributes.Policy = action.Policy
			}
		case PutFilter:
			simulateFilter(region, action)
		case PutAlarm:
			simulateAlarm(region, action, m.takenAt)
		}
	}
	if confirm {
		d.confirmPending()
	}
	return &d.account, nil
}

func unreadRegion(a Action) error {
	return fmt.Errorf("planning %s: region %s of account %s was not read", a, a.Common().Region, a.Common().Account)
}

// A draft is an account in the making. Regions are copied when they are first
// touched.
type draft struct {
	account account.Account
	copied  map[string]bool // by name
}

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

func simulateTopic(region *account.Region, a CreateTopic) {
	if region.Topics == nil {
		region.Topics = map[string]*account.Topic{}
	}
	if attributes := attributesOf(region, a.ARN); attributes != nil { // it is finished
		attributes.Policy = a.Policy
		return
	}
	arn, _ := account.ParseARN(a.ARN)
	region.Topics[a.ARN] = &account.Topic{
		ARN:           a.ARN,
		Attributes:    &account.Read[*account.TopicAttributes]{Value: &account.TopicAttributes{Owner: arn.Account, Policy: a.Policy, KeyID: a.KeyID}},
		Subscriptions: &account.Read[[]account.Subscription]{},
		Tags:          &account.Read[map[string]string]{Value: a.Tags},
	}
}

func simulateSubscribe(region *account.Region, a Subscribe, salt string) {
	t := topicOf(region, a.TopicARN)
	if t == nil || t.Subscriptions == nil {
		return
	}
	s := Subscriber{a.Protocol, a.Endpoint}
	sub := account.Subscription{
		State: account.Pending, Protocol: a.Protocol,
		Endpoint:     account.MaskEndpoint(a.Protocol, a.Endpoint),
		EndpointHash: account.HashEndpoint(salt, a.Protocol, a.Endpoint),
	}
	if s.confirmedAtOnce() {
		sub.State, sub.ARN = account.Confirmed, a.TopicARN+":new"
	}
	t.Subscriptions.Value = append(t.Subscriptions.Value, sub)
}

func simulateFilter(region *account.Region, a PutFilter) {
	if region.MetricFilters == nil {
		region.MetricFilters = &account.Read[[]account.MetricFilter]{}
	}
	list := slices.DeleteFunc(region.MetricFilters.Value, func(f account.MetricFilter) bool {
		return f.LogGroup == a.Filter.LogGroup && f.Name == a.Filter.Name
	})
	list = append(list, a.Filter)
	slices.SortFunc(list, func(a, b account.MetricFilter) int {
		return cmp.Or(cmp.Compare(a.LogGroup, b.LogGroup), cmp.Compare(a.Name, b.Name))
	})
	region.MetricFilters.Value = list
}

func simulateAlarm(region *account.Region, a PutAlarm, at time.Time) {
	if region.Alarms == nil {
		region.Alarms = &account.Read[account.Alarms]{}
	}
	made := a.Alarm
	made.State = "INSUFFICIENT_DATA" // a new alarm's first state; an update keeps the old one
	made.TransitionAt = &at
	list := region.Alarms.Value.Metric
	for _, have := range list {
		if have.Name == made.Name {
			made.State, made.TransitionAt = have.State, have.TransitionAt
		}
	}
	list = slices.DeleteFunc(list, func(have account.MetricAlarm) bool { return have.Name == made.Name })
	list = append(list, made)
	slices.SortFunc(list, func(a, b account.MetricAlarm) int { return cmp.Compare(a.Name, b.Name) })
	region.Alarms.Value.Metric = list
	if region.AlarmTags == nil {
		region.AlarmTags = map[string]*account.Read[map[string]string]{}
	}
	region.AlarmTags[made.Name] = &account.Read[map[string]string]{Value: a.Tags}
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

// regionOf returns the region that an action is about, nil when it was not read.
func regionOf(snap *account.Snapshot, m Meta) *account.Region {
	for i := range snap.Accounts {
		if snap.Accounts[i].ID == m.Account {
			return snap.Accounts[i].Region(m.Region)
		}
	}
	return nil
}

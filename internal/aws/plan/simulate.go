package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// Simulate returns the account as it would be after the actions. With confirm,
// subscribers that must still answer are taken as confirmed: the question is
// then whether the chain would be whole, not whether it is yet.
func Simulate(snap account.Snapshot, actions []Action, confirm bool) (account.Snapshot, error) {
	after, err := clone(snap)
	if err != nil {
		return account.Snapshot{}, err
	}
	for _, a := range actions {
		region := regionOf(&after, a.Common())
		if region == nil {
			return account.Snapshot{}, fmt.Errorf("planning %s: region %s of account %s was not read", a, a.Common().Region, a.Common().Account)
		}
		switch a := a.(type) {
		case CreateTopic:
			simulateTopic(region, a)
		case Subscribe:
			simulateSubscribe(region, a, after.Salt)
		case SetTopicPolicy:
			if t := region.Topics[a.TopicARN]; t != nil && t.Attributes != nil && t.Attributes.Value != nil {
				t.Attributes.Value.Policy = a.Policy
			}
		case PutFilter:
			simulateFilter(region, a)
		case PutAlarm:
			simulateAlarm(region, a, after)
		}
	}
	if confirm {
		confirmPending(&after)
	}
	return after, nil
}

// clone copies a snapshot deeply, through the form in which it is saved.
func clone(snap account.Snapshot) (account.Snapshot, error) {
	var out account.Snapshot
	data, err := json.Marshal(snap)
	if err == nil {
		err = json.Unmarshal(data, &out)
	}
	if err != nil {
		return out, fmt.Errorf("copying the snapshot: %w", err)
	}
	return out, nil
}

func regionOf(snap *account.Snapshot, m Meta) *account.Region {
	for i := range snap.Accounts {
		if snap.Accounts[i].ID == m.Account {
			return snap.Accounts[i].Region(m.Region)
		}
	}
	return nil
}

func simulateTopic(region *account.Region, a CreateTopic) {
	if region.Topics == nil {
		region.Topics = map[string]*account.Topic{}
	}
	if have := region.Topics[a.ARN]; have != nil {
		if attributes, _ := have.Attributes.Got(); attributes != nil { // it is finished
			attributes.Policy = a.Policy
			return
		}
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
	t := region.Topics[a.TopicARN]
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

func simulateAlarm(region *account.Region, a PutAlarm, snap account.Snapshot) {
	if region.Alarms == nil {
		region.Alarms = &account.Read[account.Alarms]{}
	}
	made := a.Alarm
	made.State = "INSUFFICIENT_DATA" // a new alarm's first state; an update keeps the old one
	at := snap.TakenAt
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

func confirmPending(snap *account.Snapshot) {
	for i := range snap.Accounts {
		for k := range snap.Accounts[i].Regions {
			for _, t := range snap.Accounts[i].Regions[k].Topics {
				subs, _ := t.Subscriptions.Got()
				for n := range subs {
					if subs[n].State == account.Pending {
						subs[n].State, subs[n].ARN = account.Confirmed, t.ARN+":confirmed"
					}
				}
			}
		}
	}
}

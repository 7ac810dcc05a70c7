package action

import (
	"github.com/monitorctl/monitorctl/internal/change"
)

// policyRecord records a new policy of a topic; before "" stands for the one that
// SNS gives.
func policyRecord(region, arn, before, policy string) change.Record[State] {
	return change.Record[State]{Object: TopicObject(region, arn), Before: &State{Policy: &before}, After: &State{Policy: &policy}}
}

// RestoreTopic is the action that brings a topic from what it is to what it was
// before a journal's runs; target is nil for one that was not there, and
// subscriptions are the ARNs of the confirmed subscribers that may go with it.
func RestoreTopic(m change.Meta, arn string, now State, target *State, subscriptions []string) Action {
	if target == nil {
		m.Why = whyMade
		return DeleteTopic{
			Meta: m, Topic: lastPart(arn), ARN: arn, Policy: *now.Policy, KeyID: now.Topic.KeyID, Tags: *now.Tags, Subscriptions: subscriptions,
		}
	}
	m.Why = "the run extended it"
	return SetTopicPolicy{Meta: m, TopicARN: arn, Policy: *target.Policy, Before: *now.Policy}
}

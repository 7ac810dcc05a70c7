package apply

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
)

// Deletions are kept out of the journal: undo takes back what was made, not what
// was removed.

// A deletion looks at an object and, if it is still what the plan saw, removes
// it.
type deletion struct {
	operation string

	// look says whether the object is there; an error when it has changed.
	look func(ctx context.Context) (there bool, err error)

	remove func(ctx context.Context) error
}

// delete carries a deletion out. What is gone already, or goes in between, is as
// wanted.
func (r *runner) delete(ctx context.Context, d deletion) (Outcome, error) {
	there, err := d.look(ctx)
	if err != nil || !there {
		return Outcome{}, err
	}
	ctx, cancel := writing(ctx)
	defer cancel()
	if err := d.remove(ctx); err != nil && !collect.NotFound(err) {
		return Outcome{}, failedWrite(d.operation, err)
	}
	return Outcome{Written: true}, nil
}

// checkDeletions looks at everything that is to be removed before the first
// write.
func (r *runner) checkDeletions(ctx context.Context, list []plan.Action) error {
	for _, a := range list {
		var d deletion
		switch a := a.(type) {
		case plan.DeleteFilter:
			d = r.filterDeletion(a)
		case plan.DeleteAlarm:
			d = r.alarmDeletion(a)
		case plan.Unsubscribe:
			d = r.unsubscription(a)
		case plan.DeleteTopic:
			d = r.topicDeletion(a)
		case plan.SetTopicPolicy:
			d.look = func(ctx context.Context) (bool, error) { return r.policyNow(ctx, a) }
		default:
			continue
		}
		if _, err := d.look(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) deleteFilter(ctx context.Context, a plan.DeleteFilter) (Outcome, error) {
	return r.delete(ctx, r.filterDeletion(a))
}

func (r *runner) filterDeletion(a plan.DeleteFilter) deletion {
	api := r.clients.logs(a.Region)
	return deletion{
		operation: "logs:DeleteMetricFilter",
		look: func(ctx context.Context) (bool, error) {
			have, err := collect.Filters(ctx, api, a.Filter.LogGroup, a.Filter.Name)
			if collect.NotFound(err) {
				return false, nil // the log group is gone, and its filters with it
			}
			if err != nil {
				return false, collect.Explain("logs:DescribeMetricFilters", err)
			}
			i := slices.IndexFunc(have, func(f account.MetricFilter) bool { return f.Name == a.Filter.Name })
			if i >= 0 && !have[i].Same(a.Filter) {
				return false, &ChangedError{fmt.Sprintf("metric filter %q of log group %s", a.Filter.Name, a.Filter.LogGroup), "was changed"}
			}
			return i >= 0, nil
		},
		remove: func(ctx context.Context) error {
			_, err := api.DeleteMetricFilter(ctx, &cloudwatchlogs.DeleteMetricFilterInput{
				LogGroupName: aws.String(a.Filter.LogGroup), FilterName: aws.String(a.Filter.Name),
			})
			return err
		},
	}
}

func (r *runner) deleteAlarm(ctx context.Context, a plan.DeleteAlarm) (Outcome, error) {
	return r.delete(ctx, r.alarmDeletion(a))
}

func (r *runner) alarmDeletion(a plan.DeleteAlarm) deletion {
	return deletion{
		operation: "cloudwatch:DeleteAlarms",
		look: func(ctx context.Context) (bool, error) {
			have, err := r.alarmsNow(ctx, a.Region, a.Alarm.Name)
			if err != nil || len(have.Metric)+len(have.Composite)+len(have.Log) == 0 {
				return false, err
			}
			changed := &ChangedError{fmt.Sprintf("alarm %q", a.Alarm.Name), "was changed"}
			if len(have.Metric) != 1 || !have.Metric[0].Same(a.Alarm) {
				return false, changed
			}
			tags, err := r.alarmTags(ctx, a.Region, have.Metric[0].ARN)
			if collect.NotFound(err) {
				return false, nil // somebody was faster
			}
			if err == nil && !maps.Equal(tags, a.Tags) {
				err = changed
			}
			return err == nil, err
		},
		remove: func(ctx context.Context) error {
			_, err := r.clients.alarms(a.Region).DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{a.Alarm.Name}})
			return err
		},
	}
}

func (r *runner) unsubscribe(ctx context.Context, a plan.Unsubscribe) (Outcome, error) {
	return r.delete(ctx, r.unsubscription(a))
}

func (r *runner) unsubscription(a plan.Unsubscribe) deletion {
	api := r.clients.topics(a.Region)
	return deletion{
		operation: "sns:Unsubscribe",
		look: func(ctx context.Context) (bool, error) {
			list, err := collect.Subscribers(ctx, api, a.TopicARN, "")
			if collect.NotFound(err) {
				return false, nil
			}
			if err != nil {
				return false, collect.Explain("sns:ListSubscriptionsByTopic", err)
			}
			return slices.ContainsFunc(list, func(s account.Subscription) bool { return s.ARN == a.ARN }), nil
		},
		remove: func(ctx context.Context) error {
			_, err := api.Unsubscribe(ctx, &sns.UnsubscribeInput{SubscriptionArn: aws.String(a.ARN)})
			return err
		},
	}
}

func (r *runner) deleteTopic(ctx context.Context, a plan.DeleteTopic) (Outcome, error) {
	return r.delete(ctx, r.topicDeletion(a))
}

func (r *runner) topicDeletion(a plan.DeleteTopic) deletion {
	api := r.clients.topics(a.Region)
	return deletion{
		operation: "sns:DeleteTopic",
		look:      func(ctx context.Context) (bool, error) { return r.topicUnchanged(ctx, a) },
		remove: func(ctx context.Context) error {
			_, err := api.DeleteTopic(ctx, &sns.DeleteTopicInput{TopicArn: aws.String(a.ARN)})
			return err
		},
	}
}

// topicUnchanged says whether a topic is there; an error when it is not as the
// plan saw it, or has a subscriber that the plan did not see.
func (r *runner) topicUnchanged(ctx context.Context, a plan.DeleteTopic) (bool, error) {
	api := r.clients.topics(a.Region)
	changed := func(what string) error { return &ChangedError{fmt.Sprintf("topic %q", a.Name), what} }
	out, err := api.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: aws.String(a.ARN)})
	if collect.NotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, collect.Explain("sns:GetTopicAttributes", err)
	}
	if out.Attributes["Policy"] != a.Policy {
		return false, changed("was given another policy")
	}
	tags, err := collect.TopicTags(ctx, api, a.ARN)
	if collect.NotFound(err) {
		return false, nil // somebody was faster
	}
	if err != nil {
		return false, collect.Explain("sns:ListTagsForResource", err)
	}
	if !maps.Equal(tags, a.Tags) {
		return false, changed("was given other tags")
	}
	list, err := collect.Subscribers(ctx, api, a.ARN, "")
	if collect.NotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, collect.Explain("sns:ListSubscriptionsByTopic", err)
	}
	for _, s := range list {
		if s.State == account.Confirmed && !slices.Contains(a.Subscriptions, s.ARN) {
			return false, changed("has gained a subscriber")
		}
	}
	return true, nil
}

// setTopicPolicy replaces a policy that is still the one that the plan saw.
func (r *runner) setTopicPolicy(ctx context.Context, a plan.SetTopicPolicy) (Outcome, error) {
	there, err := r.policyNow(ctx, a)
	out := Outcome{ARN: a.TopicARN}
	if err != nil || there {
		return out, err
	}
	ctx, cancel := writing(ctx)
	defer cancel()
	err = r.setPolicy(ctx, a.Region, a.TopicARN, a.Before, a.Policy)
	out.Written = err == nil
	return out, err
}

// policyNow says whether a topic has the planned policy already; an error when it
// has neither that nor the one that the plan saw.
func (r *runner) policyNow(ctx context.Context, a plan.SetTopicPolicy) (bool, error) {
	out, err := r.clients.topics(a.Region).GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: aws.String(a.TopicARN)})
	if err != nil {
		return false, collect.Explain("sns:GetTopicAttributes", err)
	}
	switch have := out.Attributes["Policy"]; {
	case sameJSON(have, a.Policy):
		return true, nil
	case have != a.Before:
		return false, &ChangedError{fmt.Sprintf("topic %q", a.TopicARN), "was given another policy"}
	}
	return false, nil
}

package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
)

// check makes sure, without writing, that the plan can be carried out whole:
// right account, no conflict, every name free or as the plan saw it, room in
// the log groups, patterns that AWS takes.
func (r *runner) check(ctx context.Context, account string, p plan.Plan) error {
	if len(p.Conflicts) > 0 {
		return fmt.Errorf("it has %d unresolved conflicts, the first about %s", len(p.Conflicts), p.Conflicts[0].Resource)
	}
	for _, a := range p.Actions {
		if own := a.Common().Account; own != account {
			return fmt.Errorf("it is for account %s, the credentials are for %s", own, account)
		}
	}
	if err := checkLimits(p.Actions); err != nil {
		return err
	}
	if err := r.checkTopics(ctx, p.Actions); err != nil {
		return err
	}
	if err := r.checkDeletions(ctx, p.Actions); err != nil {
		return err
	}
	if err := r.checkGroups(ctx, actions[plan.PutFilter](p)); err != nil {
		return err
	}
	if err := r.checkAlarms(ctx, actions[plan.PutAlarm](p)); err != nil {
		return err
	}
	return r.checkPatterns(ctx, actions[plan.PutFilter](p))
}

// actions picks the plan's actions of one kind.
func actions[A plan.Action](p plan.Plan) []A {
	var list []A
	for _, a := range p.Actions {
		if a, ok := a.(A); ok {
			list = append(list, a)
		}
	}
	return list
}

func (r *runner) checkTopics(ctx context.Context, list []plan.Action) error {
	for _, a := range list {
		if t, ok := a.(plan.CreateTopic); ok {
			if _, err := r.topicNow(ctx, t); err != nil {
				return err
			}
		}
	}
	return nil
}

// A place is a log group of a region.
type place struct{ region, group string }

// checkGroups lists each log group's filters once: the names must be as planned
// and the new ones must fit under the quota.
func (r *runner) checkGroups(ctx context.Context, puts []plan.PutFilter) error {
	var places []place
	byPlace := map[place][]plan.PutFilter{}
	for _, a := range puts {
		p := place{a.Region, a.Filter.LogGroup}
		if byPlace[p] == nil {
			places = append(places, p)
		}
		byPlace[p] = append(byPlace[p], a)
	}
	for _, p := range places {
		have, err := collect.Filters(ctx, r.clients.logs(p.region), p.group, "")
		if err != nil {
			return fmt.Errorf("listing metric filters of %s: %w", p.group, collect.Explain("logs:DescribeMetricFilters", err))
		}
		added := 0
		for _, a := range byPlace[p] {
			there, err := compareFilter(have, a)
			if err != nil {
				return err
			}
			if !there && a.Before == nil {
				added++
			}
		}
		if n := len(have) + added; n > plan.FilterQuota {
			return &QuotaError{LogGroup: p.group, Have: len(have), Add: added}
		}
	}
	return nil
}

// A QuotaError says that a log group has no room for the plan's filters.
type QuotaError struct {
	LogGroup  string
	Have, Add int // metric filters
}

func (e *QuotaError) Error() string {
	return fmt.Sprintf("log group %s has %d metric filters and the plan adds %d, but AWS allows %d",
		e.LogGroup, e.Have, e.Add, plan.FilterQuota)
}

// alarmNames is the number of names that DescribeAlarms takes at once.
const alarmNames = 100

func (r *runner) checkAlarms(ctx context.Context, puts []plan.PutAlarm) error {
	byRegion := map[string][]plan.PutAlarm{}
	for _, a := range puts {
		if err := writable(a.Alarm); err != nil {
			return err
		}
		byRegion[a.Region] = append(byRegion[a.Region], a)
	}
	for _, region := range sortedKeys(byRegion) {
		for chunk := range slices.Chunk(byRegion[region], alarmNames) {
			have, err := r.alarmsNow(ctx, region, alarmNamesOf(chunk)...)
			if err != nil {
				return err
			}
			for _, a := range chunk {
				if _, err := r.compareAlarm(ctx, have, a); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func alarmNamesOf(puts []plan.PutAlarm) []string {
	var names []string
	for _, a := range puts {
		names = append(names, a.Alarm.Name)
	}
	return names
}

func (r *runner) alarmsNow(ctx context.Context, region string, names ...string) (account.Alarms, error) {
	have, err := collect.Alarms(ctx, r.clients.alarms(region), names)
	if err != nil {
		return have, fmt.Errorf("looking for alarms of the plan's names: %w", collect.Explain("cloudwatch:DescribeAlarms", err))
	}
	return have, nil
}

// sample is what the patterns are tried on. Whether it matches is of no
// interest, only whether AWS takes the pattern.
const sample = `{"eventVersion":"1.08","eventSource":"ec2.amazonaws.com","eventName":"DescribeInstances"}`

// checkPatterns lets AWS parse the patterns. Only AWS's refusal counts: the
// managed auditor policies do not allow the call, emulators lack it, and the
// write says the same, only later.
func (r *runner) checkPatterns(ctx context.Context, puts []plan.PutFilter) error {
	for _, a := range puts {
		_, err := r.clients.logs(a.Region).TestMetricFilter(ctx, &cloudwatchlogs.TestMetricFilterInput{
			FilterPattern:    aws.String(a.Filter.Pattern),
			LogEventMessages: []string{sample},
		})
		if err == nil {
			continue
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		failed := collect.Explain("logs:TestMetricFilter", err)
		if strings.HasPrefix(collect.Code(err), "InvalidParameter") {
			return fmt.Errorf("testing the pattern of metric filter %s: %w", a.Filter.Name, failed)
		}
		if call := (*collect.CallError)(nil); errors.As(failed, &call) {
			r.result.Skipped = append(r.result.Skipped, *call)
		}
		return nil // the others would fail the same way
	}
	return nil
}

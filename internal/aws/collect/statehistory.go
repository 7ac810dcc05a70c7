package collect

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// stateDay is how far back changes of state are asked for.
const stateDay = 24 * time.Hour

// forSeveral reports whether alarms of a region watch for several accounts: an
// organization's trail delivers there, or a relevant alarm reads metrics of several.
func (r *run) forSeveral(region *account.Region, relevant []string) bool {
	for i := range r.account.Trails {
		t := &r.account.Trails[i] // what else there is of it may be written meanwhile
		arn, ok := account.ParseARN(t.LogGroupARN)
		if ok && t.Organization && arn.Account == r.caller.Account && arn.Region == region.Name {
			return true
		}
	}
	list, _ := region.Alarms.Got()
	return slices.ContainsFunc(list.Metric, func(a account.MetricAlarm) bool {
		return slices.Contains(relevant, a.Name) && len(a.Accounts(r.caller.Account)) > 1
	})
}

// stateHistory reads how the states of alarms changed in the day before now, newest
// first and for at most maxHistory pages.
func stateHistory(ctx context.Context, api AlarmsAPI, alarms []string, now time.Time) *account.Read[account.StateHistory] {
	const operation = "cloudwatch:DescribeAlarmHistory"
	h := account.StateHistory{}
	in := cloudwatch.DescribeAlarmHistoryInput{HistoryItemType: types.HistoryItemTypeStateUpdate, StartDate: aws.Time(now.Add(-stateDay))}
	more, err := alarmHistory(ctx, api, in, func(item types.AlarmHistoryItem) {
		if c, ok := changeFrom(item); ok && slices.Contains(alarms, c.Alarm) {
			h.Changes = append(h.Changes, c)
		}
	}, func() bool { return false })
	if err != nil {
		return answer(operation, account.StateHistory{}, err)
	}
	h.Truncated = more
	slices.SortStableFunc(h.Changes, func(a, b account.StateChange) int {
		return cmp.Or(cmp.Compare(a.Alarm, b.Alarm), a.At.Compare(b.At))
	})
	return answer(operation, h, nil)
}

// changeFrom reads an entry: its data is JSON with both states, and the summary says the
// same in words ("Alarm updated from OK to ALARM"). false for an entry that says neither.
func changeFrom(item types.AlarmHistoryItem) (account.StateChange, bool) {
	type state struct {
		Value string `json:"stateValue"`
	}
	var data struct {
		Old state `json:"oldState"`
		New state `json:"newState"`
	}
	c := account.StateChange{Alarm: aws.ToString(item.AlarmName)}
	if json.Unmarshal([]byte(aws.ToString(item.HistoryData)), &data) == nil {
		c.From, c.To = data.Old.Value, data.New.Value
	}
	if words := strings.Fields(aws.ToString(item.HistorySummary)); c.To == "" && len(words) == 6 && words[2] == "from" && words[4] == "to" {
		c.From, c.To = words[3], words[5]
	}
	t := utc(item.Timestamp)
	if t == nil || c.Alarm == "" || c.To == "" {
		return account.StateChange{}, false
	}
	c.At = *t
	return c, true
}

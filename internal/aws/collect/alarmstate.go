package collect

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// maxHistory bounds the pages of an action history: at 100 entries each, and as
// CloudWatch keeps a month, a region with more has alarms that act all the time.
const maxHistory = 10

// muteRules lists the active mute rules of a region with what they mute. Other
// rules keep no alarm from acting now.
func muteRules(ctx context.Context, api AlarmsAPI) *account.Read[[]account.MuteRule] {
	const operation = "cloudwatch:ListAlarmMuteRules"
	in := &cloudwatch.ListAlarmMuteRulesInput{Statuses: []types.AlarmMuteRuleStatus{types.AlarmMuteRuleStatusActive}}
	var rules []account.MuteRule
	err := pages(ctx, func(ctx context.Context, token *string) (*string, bool, error) {
		in.NextToken = token
		page, err := api.ListAlarmMuteRules(ctx, in)
		if err != nil {
			return nil, false, err
		}
		for _, s := range page.AlarmMuteRuleSummaries {
			rules = append(rules, muteRuleFrom(s))
		}
		return page.NextToken, false, nil
	})
	if err != nil {
		return answer[[]account.MuteRule](operation, nil, err)
	}
	slices.SortFunc(rules, func(a, b account.MuteRule) int { return cmp.Compare(a.ARN, b.ARN) })
	each(ctx, len(rules), func(i int) { rules[i].Details = muteDetails(ctx, api, rules[i].Name) })
	return answer(operation, rules, nil)
}

func muteRuleFrom(s types.AlarmMuteRuleSummary) account.MuteRule {
	arn := aws.ToString(s.AlarmMuteRuleArn)
	_, name, _ := strings.Cut(arn, ":alarm-mute-rule:")
	return account.MuteRule{ARN: arn, Name: name, Status: string(s.Status), Expire: utc(s.ExpireDate)}
}

func muteDetails(ctx context.Context, api AlarmsAPI, name string) *account.Read[account.MuteDetails] {
	out, err := api.GetAlarmMuteRule(ctx, &cloudwatch.GetAlarmMuteRuleInput{AlarmMuteRuleName: aws.String(name)})
	d := account.MuteDetails{Alarms: []string{}}
	if err == nil {
		d.Start = utc(out.StartDate)
		if out.MuteTargets != nil {
			d.Alarms = slices.Sorted(slices.Values(out.MuteTargets.AlarmNames))
		}
		if out.Rule != nil && out.Rule.Schedule != nil {
			s := out.Rule.Schedule
			d.Expression, d.Duration, d.Timezone = aws.ToString(s.Expression), aws.ToString(s.Duration), aws.ToString(s.Timezone)
		}
	}
	return answer("cloudwatch:GetAlarmMuteRule", d, err)
}

// actionHistory reads what became of the newest actions of the alarms in a
// region, until each of the alarms asked about has shown up.
func actionHistory(ctx context.Context, api AlarmsAPI, alarms []string) *account.Read[account.ActionHistory] {
	const operation = "cloudwatch:DescribeAlarmHistory"
	h := account.ActionHistory{}
	in := cloudwatch.DescribeAlarmHistoryInput{HistoryItemType: types.HistoryItemTypeAction}
	more, err := alarmHistory(ctx, api, in, func(item types.AlarmHistoryItem) { note(&h, item, alarms) }, func() bool { return knows(h, alarms) })
	if err != nil {
		return answer(operation, account.ActionHistory{}, err)
	}
	h.Truncated = more
	slices.SortFunc(h.Actions, func(a, b account.AlarmAction) int {
		return cmp.Or(cmp.Compare(a.Alarm, b.Alarm), cmp.Compare(a.Resource, b.Resource))
	})
	return answer(operation, h, nil)
}

// alarmHistory reads the history of a region's alarms, newest first and for at most
// maxHistory pages, until enough is known. It reports whether there is more.
func alarmHistory(ctx context.Context, api AlarmsAPI, in cloudwatch.DescribeAlarmHistoryInput, item func(types.AlarmHistoryItem), enough func() bool) (more bool, err error) {
	in.AlarmTypes = []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm, types.AlarmTypeLogAlarm}
	in.ScanBy = types.ScanByTimestampDescending
	n := 0
	err = pages(ctx, func(ctx context.Context, token *string) (*string, bool, error) {
		in.NextToken = token
		page, err := api.DescribeAlarmHistory(ctx, &in)
		if err != nil {
			return nil, false, err
		}
		for _, entry := range page.AlarmHistoryItems {
			item(entry)
		}
		n++
		more = aws.ToString(page.NextToken) != "" && (n == maxHistory || enough())
		return page.NextToken, more, nil
	})
	return more, err
}

func knows(h account.ActionHistory, alarms []string) bool {
	return !slices.ContainsFunc(alarms, func(name string) bool {
		return !slices.ContainsFunc(h.Actions, func(a account.AlarmAction) bool { return a.Alarm == name })
	})
}

// note keeps an entry that is the newest of its action. Entries come newest
// first.
func note(h *account.ActionHistory, item types.AlarmHistoryItem, alarms []string) {
	a := ActionFrom(item)
	known := slices.ContainsFunc(h.Actions, func(b account.AlarmAction) bool { return b.Alarm == a.Alarm && b.Resource == a.Resource })
	if item.Timestamp != nil && !known && slices.Contains(alarms, a.Alarm) {
		h.Actions = append(h.Actions, a)
	}
}

// failedPrefix begins the summary of an action that failed ("Failed to execute
// action ARN. Received error: ...").
const failedPrefix = "Failed to execute action"

// ActionFrom reads an entry. Its data is JSON whose members AWS does not
// document; the summary says the same in words.
func ActionFrom(item types.AlarmHistoryItem) account.AlarmAction {
	var data struct {
		ActionState          string `json:"actionState"`
		NotificationResource string `json:"notificationResource"`
		Error                any    `json:"error"`
	}
	summary := aws.ToString(item.HistorySummary)
	if json.Unmarshal([]byte(aws.ToString(item.HistoryData)), &data) != nil {
		data.NotificationResource = ""
	}
	a := account.AlarmAction{
		Alarm: aws.ToString(item.AlarmName), Resource: cmp.Or(data.NotificationResource, actionIn(summary)),
		Failed: data.ActionState == "Failed" || strings.HasPrefix(summary, failedPrefix),
	}
	if t := utc(item.Timestamp); t != nil {
		a.At = *t
	}
	if text, _ := data.Error.(string); a.Failed {
		a.Message = clean(cmp.Or(text, summary))
	}
	return a
}

// actionIn returns the ARN of the action that a summary names, "" if it names
// none.
func actionIn(summary string) string {
	_, rest, _ := strings.Cut(summary, " action ")
	arn, _, _ := strings.Cut(rest, " ")
	if arn = strings.TrimRight(arn, ".,"); strings.HasPrefix(arn, "arn:") {
		return arn
	}
	return ""
}

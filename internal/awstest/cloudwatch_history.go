package awstest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// A historyItem is an entry of an alarm's history.
type historyItem struct {
	AlarmName       string    `json:"AlarmName"`
	AlarmType       string    `json:"AlarmType"`
	Timestamp       timestamp `json:"Timestamp"`
	HistoryItemType string    `json:"HistoryItemType"` // ConfigurationUpdate, StateUpdate, Action
	HistorySummary  string    `json:"HistorySummary"`
	HistoryData     string    `json:"HistoryData"` // JSON
}

// record adds an entry to the alarm's history. The alarm must not be shared yet.
func (a *alarm) record(item historyItem) {
	item.AlarmName, item.AlarmType = a.name, a.kind()
	a.history = append(a.history[:len(a.history):len(a.history)], item)
}

type describeAlarmHistoryInput struct {
	AlarmName       string     `json:"AlarmName,omitempty" length:"1-255"`
	AlarmTypes      []string   `json:"AlarmTypes,omitempty" enum:"CompositeAlarm|MetricAlarm|LogAlarm"`
	HistoryItemType string     `json:"HistoryItemType,omitempty" enum:"ConfigurationUpdate|StateUpdate|Action|AlarmContributorStateUpdate|AlarmContributorAction"`
	StartDate       *timestamp `json:"StartDate,omitempty"`
	EndDate         *timestamp `json:"EndDate,omitempty"`
	MaxRecords      int32      `json:"MaxRecords,omitempty" range:"1-100"`
	NextToken       string     `json:"NextToken,omitempty"`
	ScanBy          string     `json:"ScanBy,omitempty" enum:"TimestampDescending|TimestampAscending"`
}

type describeAlarmHistoryOutput struct {
	AlarmHistoryItems []historyItem `json:"AlarmHistoryItems"`
	NextToken         string        `json:"NextToken,omitempty"`
}

func describeAlarmHistory(c *call, in *describeAlarmHistoryInput) (*describeAlarmHistoryOutput, error) {
	after, ok := readToken("DescribeAlarmHistory", in.NextToken)
	if !ok {
		return nil, apiError("InvalidNextToken", "The next token is not valid")
	}
	type numbered struct {
		historyItem
		key string
	}
	var list []numbered
	for i, item := range in.items(c.region) {
		list = append(list, numbered{item, fmt.Sprintf("%09d", i)})
	}
	cut, next := page(c.Cloud, list, func(n numbered) string { return n.key }, after, cmp.Or(int(in.MaxRecords), 100))
	out := &describeAlarmHistoryOutput{AlarmHistoryItems: []historyItem{}, NextToken: newToken("DescribeAlarmHistory", next)}
	for _, n := range cut {
		out.AlarmHistoryItems = append(out.AlarmHistoryItems, n.historyItem)
	}
	return out, nil
}

// items returns the entries asked for, newest first unless asked otherwise.
func (in *describeAlarmHistoryInput) items(r *Region) []historyItem {
	var list []historyItem
	for _, name := range slices.Sorted(maps.Keys(r.alarms)) {
		a := r.alarms[name]
		if in.AlarmName != "" && in.AlarmName != name || len(in.AlarmTypes) > 0 && !slices.Contains(in.AlarmTypes, a.kind()) ||
			len(in.AlarmTypes) == 0 && a.metric == nil {
			continue
		}
		for _, item := range a.history {
			if in.selects(item) {
				list = append(list, item)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b historyItem) int { return a.Timestamp.Compare(b.Timestamp.Time) })
	if in.ScanBy != "TimestampAscending" {
		slices.Reverse(list)
	}
	return list
}

func (in *describeAlarmHistoryInput) selects(item historyItem) bool {
	return (in.HistoryItemType == "" || in.HistoryItemType == item.HistoryItemType) &&
		(in.StartDate == nil || !item.Timestamp.Before(in.StartDate.Time)) &&
		(in.EndDate == nil || !item.Timestamp.After(in.EndDate.Time))
}

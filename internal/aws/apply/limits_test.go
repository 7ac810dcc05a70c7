package apply

import (
	"fmt"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/change"
)

// TestLimits exceeds each limit by one, behind an action that could be carried
// out: nothing at all is written.
func TestLimits(t *testing.T) {
	many := func(n int) map[string]string {
		m := map[string]string{}
		for i := range n {
			m[fmt.Sprint(i)] = "x"
		}
		return m
	}
	topics := func(n int) []string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf("%s%d", topicARN, i))
		}
		return list
	}
	filter := func(change func(*action.PutFilter)) change.Action { f := filterOf("A"); change(&f); return f }
	alarm := func(change func(*action.PutAlarm)) change.Action { a := alarmOf("A"); change(&a); return a }
	tests := []struct {
		name   string
		action change.Action
		text   string
	}{
		{"pattern", filter(func(a *action.PutFilter) { a.Filter.Pattern = strings.Repeat("ä", 1025) }), "1025 characters in the pattern, but AWS allows 1024"},
		{"filter name", filter(func(a *action.PutFilter) { a.Filter.Name = strings.Repeat("n", 513) }), "513 characters in the name, but AWS allows 512"},
		{"metric name", filter(func(a *action.PutFilter) { a.Filter.Metric = strings.Repeat("n", 256) }), "256 characters in the metric's name, but AWS allows 255"},
		{"namespace", filter(func(a *action.PutFilter) { a.Filter.Namespace = strings.Repeat("n", 256) }), "256 characters in the namespace, but AWS allows 255"},
		{"alarm actions", alarm(func(a *action.PutAlarm) { a.Alarm.AlarmActions = topics(6) }), "6 actions for the state ALARM, but AWS allows 5"},
		{"OK actions", alarm(func(a *action.PutAlarm) { a.Alarm.OKActions = topics(6) }), "6 actions for the state OK, but AWS allows 5"},
		{"no-data actions", alarm(func(a *action.PutAlarm) { a.Alarm.NoDataActions = topics(6) }), "6 actions for the state INSUFFICIENT_DATA, but AWS allows 5"},
		{"alarm name", alarm(func(a *action.PutAlarm) { a.Alarm.Name = strings.Repeat("n", 256) }), "256 characters in the name, but AWS allows 255"},
		{"description", alarm(func(a *action.PutAlarm) { a.Alarm.Description = strings.Repeat("n", 1025) }), "1025 characters in the description, but AWS allows 1024"},
		{"alarm tags", alarm(func(a *action.PutAlarm) { a.Tags = many(51) }), "51 tags, but AWS allows 50"},
		{"topic tags", action.CreateTopic{Meta: meta(), Topic: "x", Tags: many(51)}, "51 tags, but AWS allows 50"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t)
			_, err := l.run(change.Plan{Actions: []change.Action{theTopic(), tt.action}}, Options{})
			if err == nil || !strings.Contains(err.Error(), tt.text) || !strings.Contains(err.Error(), "nothing was written") {
				t.Errorf("got %v, want %q", err, tt.text)
			}
			if w := l.writes(); len(w) > 0 {
				t.Errorf("written: %v", w)
			}
		})
	}
	if _, err := newLab(t).run(thePlan(), Options{}); err != nil {
		t.Errorf("an ordinary plan: %v", err)
	}
}

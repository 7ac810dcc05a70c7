package account

import "testing"

func TestSearches(t *testing.T) {
	const arn = "arn:aws:logs:eu-central-1:111122223333:log-group:/trail"
	for _, tt := range []struct {
		groups []string
		want   bool
	}{
		{nil, true},
		{[]string{"/trail"}, true},
		{[]string{"/other", arn}, true},
		{[]string{arn + ":*"}, true},
		{[]string{"/other"}, false},
		{[]string{arn + "s"}, false},
	} {
		if got := (&LogAlarm{LogGroups: tt.groups}).Searches([]string{"/trail", "/second"}); got != tt.want {
			t.Errorf("%v: got %v, want %v", tt.groups, got, tt.want)
		}
	}
}

func TestMentions(t *testing.T) {
	for name, tt := range map[string]struct {
		alarm MetricAlarm
		want  bool
	}{
		"plain":            {MetricAlarm{Metric: "changes"}, false},
		"math":             {MetricAlarm{Queries: []MetricQuery{{Expression: "SUM(METRICS(\"changes\"))"}}}, false},
		"insights":         {MetricAlarm{Queries: []MetricQuery{{Expression: "select SUM(changes) FROM \"Security\""}}}, true},
		"insights, other":  {MetricAlarm{Queries: []MetricQuery{{Expression: "SELECT AVG(CPUUtilization) FROM \"AWS/EC2\""}}}, false},
		"PromQL":           {MetricAlarm{PromQL: "sum(changes) > 0", Unknown: []string{"EvaluationCriteria"}}, true},
		"PromQL, other":    {MetricAlarm{PromQL: "up == 0", Unknown: []string{"EvaluationCriteria"}}, false},
		"criteria unknown": {MetricAlarm{Unknown: []string{"EvaluationCriteria"}}, true},
	} {
		if got := tt.alarm.Mentions("changes"); got != tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}

package collect

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/awstest"
)

// The states of alarms are asked for, once, where an organization's trail delivers to their
// log group, and nowhere else.
func TestStateHistory(t *testing.T) {
	for _, organization := range []bool{true, false} {
		t.Run(fmt.Sprint(organization), func(t *testing.T) {
			l := newLab(t, awstest.Options{Start: noon().Add(-3 * 24 * time.Hour)})
			l.common()
			if organization {
				l.cloud.NamedOrganization("o-fleet00001", l.acct)
				l.must(l.home.UpdateTrail(awstest.UpdateTrailInput{Name: "org", IsOrganizationTrail: aws.Bool(true)}))
			}
			l.must(l.home.SetAlarmState("A2", awstest.StateAlarm, "drill")) // three days ago
			for l.cloud.Now().Before(noon()) {
				l.cloud.Advance(time.Hour)
				if l.cloud.Now().Equal(noon().Add(-5 * time.Hour)) {
					l.must(l.home.SetAlarmState("A1", awstest.StateAlarm, "drill"))
				}
			}
			l.cloud.ResetCalls()
			r := l.region(l.collect(Options{}), homeRegion)
			h, ok := r.StateHistory.Got()
			if n := l.cloud.CallCounts()["cloudwatch:DescribeAlarmHistory"]; ok != organization || n != map[bool]int{true: 2, false: 1}[organization] {
				t.Fatalf("read: %t with %d calls", ok, n)
			}
			if !organization {
				return
			}
			want := account.StateChange{Alarm: "A1", At: noon().Add(-5 * time.Hour), To: awstest.StateAlarm}
			i := slices.IndexFunc(h.Changes, func(c account.StateChange) bool { return c.Alarm == "A1" && c.To == awstest.StateAlarm })
			if i < 0 || h.Truncated {
				t.Fatalf("history: %+v", h)
			}
			if got := h.Changes[i]; got.At != want.At || got.From == "" || i+1 >= len(h.Changes) || h.Changes[i+1].From != awstest.StateAlarm {
				t.Errorf("history: %+v", h)
			}
			if slices.ContainsFunc(h.Changes, func(c account.StateChange) bool { return c.Alarm == "A2" }) {
				t.Errorf("A2 changed three days ago: %+v", h)
			}
		})
	}
}

// An entry says its states in JSON or in words; one that says neither is none.
func TestChangeFrom(t *testing.T) {
	at := noon()
	for _, tt := range []struct{ data, summary, want string }{
		{`{"oldState":{"stateValue":"OK"},"newState":{"stateValue":"ALARM"}}`, "", "OK ALARM true"},
		{"", "Alarm updated from ALARM to INSUFFICIENT_DATA", "ALARM INSUFFICIENT_DATA true"},
		{"{", "Alarm updated from OK to ALARM", "OK ALARM true"},
		{"{}", "Alarm updated", "  false"},
	} {
		c, ok := changeFrom(types.AlarmHistoryItem{AlarmName: aws.String("a"), Timestamp: &at, HistoryData: aws.String(tt.data), HistorySummary: aws.String(tt.summary)})
		if got := fmt.Sprint(c.From, " ", c.To, " ", ok); got != tt.want {
			t.Errorf("%q, %q: %q, want %q", tt.data, tt.summary, got, tt.want)
		}
	}
}

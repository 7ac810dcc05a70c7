package alarm

import (
	"testing"
	"time"
)

func TestJudgeState(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	since := func(ago time.Duration) *time.Time { at := now.Add(-ago); return &at }
	day := 24 * time.Hour
	tests := []struct {
		name     string
		settings Settings
		in       Series
		state    State
		want     string
	}{
		{"OK", usual(nil), sparse(1), State{Name: OK, Since: since(300 * day)}, ""},
		{"no data", usual(nil), sparse(1), State{Name: InsufficientData, Since: since(300 * day)}, ""},
		{"not known", usual(nil), sparse(1), State{}, ""},
		{"an event just now", usual(nil), sparse(1), State{Name: InAlarm, Since: since(10 * time.Minute)}, ""},
		{"20 minutes, sparse", usual(nil), sparse(1), State{Name: InAlarm, Since: since(20 * time.Minute)}, ""},
		{"21 minutes, sparse", usual(nil), sparse(1), State{Name: InAlarm, Since: since(21 * time.Minute)}, stuckBad},
		{"20 minutes, default value on a quiet day", usual(nil), busy(1, 0), State{Name: InAlarm, Since: since(20 * time.Minute)}, ""},
		{"21 minutes, default value", usual(nil), busy(1, 0), State{Name: InAlarm, Since: since(21 * time.Minute)}, stuckBad},
		{"in ALARM, time not known", usual(nil), sparse(1), State{Name: InAlarm}, ""},
		{"clock behind", usual(nil), sparse(1), State{Name: InAlarm, Since: since(-day)}, ""},
		{"OK, missing data ignored", usual(of(300, 1, 1, Ignore)), sparse(1), State{Name: OK}, "warn alarm-stuck"},
		{"in ALARM, missing data ignored", usual(of(300, 1, 1, Ignore)), sparse(1), State{Name: InAlarm, Since: since(time.Minute)}, stuckBad},
		{"in ALARM, ignored but with default value", usual(of(300, 1, 1, Ignore)), busy(1, 0), State{Name: InAlarm, Since: since(time.Minute)}, ""},
		{"by accident, 20 minutes", usual(of(300, 2, 2, Missing)), sparse(1), State{Name: InAlarm, Since: since(20 * time.Minute)}, byChance},
		{"by accident, 21 minutes", usual(of(300, 2, 2, Missing)), sparse(1), State{Name: InAlarm, Since: since(21 * time.Minute)}, stuckBad + ", " + byChance},
		{"settings are bad anyway", with(at("Sum >= 5")), sparse(1), State{Name: InAlarm, Since: since(9 * day)}, threshold},
		{"settings are not understood", usual(func(s *Settings) { s.Threshold = nil }), sparse(1), State{Name: InAlarm, Since: since(9 * day)}, notKnown},
		{"evaluation error", usual(nil), sparse(1), State{Name: OK, Evaluation: "EVALUATION_ERROR"}, stuckBad},
		{"evaluation failure", usual(nil), sparse(1), State{Name: OK, Evaluation: "EVALUATION_FAILURE"}, notKnown},
		{"warm-up", usual(nil), sparse(1), State{Name: InsufficientData, Evaluation: "IN_WARM_UP"}, notKnown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.state.Now = now
			if got := summary(JudgeState(tt.settings, tt.in, tt.state)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	got := JudgeState(usual(nil), sparse(1), State{Name: InAlarm, Since: since(41 * day), Now: now})
	if want := "the alarm is in ALARM for 41 days, one event keeps it there for 15m: nobody is alerted to the next one"; len(got) != 1 || got[0].Message != want {
		t.Errorf("got %v, want %q", got, want)
	}
}

package alarm

import (
	"testing"
	"time"
)

func TestMuteUntil(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) // a Friday
	at := func(text string) time.Time {
		v, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	later, past := at("2026-11-22T00:00:00Z"), at("2026-11-20T11:00:00Z")
	tests := []struct {
		name    string
		mute    Mute
		want    string // "" is now: nothing is muted
		forever bool
	}{
		{"one window", Mute{Expression: "at(2026-11-20T11:30)", Duration: "PT2H"}, "2026-11-20T13:30:00Z", false},
		{"one window, over", Mute{Expression: "at(2026-11-20T09:00)", Duration: "PT2H"}, "", false},
		{"one window, to come", Mute{Expression: "at(2026-11-20T12:01)", Duration: "PT2H"}, "", false},
		{"begins now", Mute{Expression: "at(2026-11-20T12:00)", Duration: "PT1M"}, "2026-11-20T12:01:00Z", false},
		{"time zone", Mute{Expression: "at(2026-11-20T12:30)", Duration: "PT1H", Timezone: "Europe/Berlin"}, "2026-11-20T12:30:00Z", false},
		{"every night", Mute{Expression: "cron(0 2 * * *)", Duration: "PT4H"}, "", false},
		{"every noon", Mute{Expression: "cron(30 11 * * *)", Duration: "PT1H"}, "2026-11-20T12:30:00Z", false},
		{"all hours", Mute{Expression: "cron(0 0 * * *)", Duration: "P1D"}, "", true},
		{"all hours by the hour", Mute{Expression: "cron(0 * * * *)", Duration: "PT1H"}, "", true},
		{"all hours but the last minute", Mute{Expression: "cron(0 * * * *)", Duration: "PT59M"}, "2026-11-20T12:59:00Z", false},
		{"all hours until it expires", Mute{Expression: "cron(0 0 * * *)", Duration: "P1D", Expire: &later}, "2026-11-22T00:00:00Z", false},
		{"working days", Mute{Expression: "cron(0 0 * * MON-FRI)", Duration: "P1D"}, "2026-11-21T00:00:00Z", false},
		{"every day by names", Mute{Expression: "cron(0 0 * JAN-DEC SUN-SAT)", Duration: "P1D"}, "", true},
		{"Sunday as seven", Mute{Expression: "cron(0 0 * * 1-7)", Duration: "P1D"}, "", true},
		{"weekly, for a week", Mute{Expression: "cron(0 18 * * FRI)", Duration: "P1W"}, "", true},
		{"monthly, for fifteen days", Mute{Expression: "cron(0 0 10 * *)", Duration: "P15D"}, "2026-11-25T00:00:00Z", false},
		{"all hours, in a zone that is not known", Mute{Expression: "cron(0 0 * * *)", Duration: "P1D", Timezone: "Europe/Nowhere"}, "", true},
		{"started a minute ago", Mute{Expression: "cron(* * * * *)", Duration: "PT1M", Start: &past}, "", true},
		{"windows before the start do not count", Mute{Expression: "cron(0 10 * * *)", Duration: "PT4H", Start: &past}, "", false},
		{"days and hours", Mute{Expression: "at(2026-11-20T11:00)", Duration: "P2DT12H"}, "2026-11-22T23:00:00Z", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			end, forever, err := tt.mute.Until(now)
			if err != nil || forever != tt.forever {
				t.Fatalf("got %v, forever %v, %v; want forever %v", end, forever, err, tt.forever)
			}
			want := now
			if tt.want != "" {
				want = at(tt.want)
			}
			if !forever && !end.Equal(want) {
				t.Errorf("got %v, want %v", end, want)
			}
		})
	}
}

func TestMuteNotUnderstood(t *testing.T) {
	for _, m := range []Mute{
		{Expression: "rate(1 day)", Duration: "PT1H"},
		{Expression: "cron(0 2 * *)", Duration: "PT1H"},
		{Expression: "cron(0 25 * * *)", Duration: "PT1H"},
		{Expression: "cron(0 2-1 * * *)", Duration: "PT1H"},
		{Expression: "cron(*/5 * * * *)", Duration: "PT1H"},
		{Expression: "cron(0 2 * * SUNDAY)", Duration: "PT1H"},
		{Expression: "at(tomorrow)", Duration: "PT1H"},
		{Expression: "cron(0 2 * * *)", Duration: "1h"},
		{Expression: "cron(0 2 * * *)", Duration: "P"},
		{Expression: "cron(0 2 * * *)", Duration: "P1DT"},
		{Expression: "cron(0 2 * * *)", Duration: "PT1D"},
		{Expression: "cron(0 2 * * *)", Duration: "P16D"},
		{Expression: "cron(0 2 * * *)", Duration: "PT30S"},
		{Expression: "cron(0 2 * * *)", Duration: "PT1H", Timezone: "Europe/Nowhere"},
	} {
		if end, _, err := m.Until(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)); err == nil {
			t.Errorf("%+v: got %v, want an error", m, end)
		}
	}
}

// Whatever the schedule, Until returns, and no mute ends before it is asked
// about.
func FuzzMuteUntil(f *testing.F) {
	f.Add("cron(0 2 * * SUN-SAT)", "P15D")
	f.Add("cron(* * * * *)", "PT1M")
	f.Add("at(2026-11-20T11:30)", "PT1H")
	f.Fuzz(func(t *testing.T, expression, duration string) {
		now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
		end, forever, err := Mute{Expression: expression, Duration: duration}.Until(now)
		if end.Before(now) || forever && err != nil {
			t.Errorf("%q for %q: %v, %v, %v", expression, duration, end, forever, err)
		}
	})
}

func TestMutesTogether(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	morning, afternoon := Mute{Expression: "cron(0 0 * * *)", Duration: "PT12H"}, Mute{Expression: "cron(0 12 * * *)", Duration: "PT12H"}
	evening := Mute{Expression: "cron(0 18 * * *)", Duration: "PT4H"}
	tomorrow := now.AddDate(0, 0, 1)
	ending := morning
	ending.Expire = &tomorrow
	for _, c := range []struct {
		name    string
		mutes   []Mute
		want    time.Duration // from now
		forever bool
	}{
		{"none", nil, 0, false},
		{"halves of the day", []Mute{morning, afternoon}, 0, true},
		{"halves of the day, in the other order", []Mute{afternoon, morning}, 0, true},
		{"a gap", []Mute{morning, evening}, 0, false},
		{"one after the other", []Mute{{Expression: "at(2026-11-20T11:30)", Duration: "PT1H"}, {Expression: "at(2026-11-20T12:30)", Duration: "PT2H"}}, 150 * time.Minute, false},
		{"one of the halves expires", []Mute{ending, afternoon}, 36 * time.Hour, false},
		{"one is not understood", []Mute{{Expression: "soon"}, afternoon}, 12 * time.Hour, false},
	} {
		end, forever := Together(now, c.mutes)
		if forever != c.forever || !forever && end.Sub(now) != c.want {
			t.Errorf("%s: ends after %v, forever %v; want %v, %v", c.name, end.Sub(now), forever, c.want, c.forever)
		}
	}
}

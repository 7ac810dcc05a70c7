package alarm

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Mute is the schedule of an alarm mute rule: while one of its windows lasts,
// the alarms that it targets change state without acting (PutAlarmMuteRule,
// Schedule).
type Mute struct {
	Expression string // "cron(0 2 * * SUN)" or "at(2026-05-10T14:00)"
	Duration   string // of each window, ISO 8601: "PT4H", "P2DT12H"
	Timezone   string // of the expression; "" is UTC

	Start  *time.Time // no window begins before; nil: no bound
	Expire *time.Time // nothing is muted from then on; nil: never
}

// horizon is how far ahead windows are followed. What is muted for that long
// without a gap is taken to be muted at all hours.
const horizon = 366 * 24 * time.Hour

// maxDuration is AWS's limit on the length of a window.
const maxDuration = 15 * 24 * time.Hour

// Until returns when the mute that lasts at now ends, windows that follow each
// other without a gap taken as one; now itself when none lasts. Forever says
// that no end is in sight: the windows leave no hour out and the rule does not
// expire. The error says what of the schedule is not understood; a time zone that
// this machine does not know leaves only the answer that there is no end.
func (m Mute) Until(now time.Time) (end time.Time, forever bool, err error) {
	length, err := parseDuration(m.Duration)
	if err != nil {
		return now, false, err
	}
	zone, unknown := time.LoadLocation(m.Timezone)
	if unknown != nil {
		zone = time.UTC
	}
	begins, err := m.begins(zone)
	if err != nil {
		return now, false, err
	}
	end = m.follow(now, length, begins)
	endless := m.Expire == nil && end.Sub(now) >= horizon // in any zone
	switch {
	case unknown != nil && !endless:
		return now, false, fmt.Errorf("time zone %q is not known", m.Timezone)
	case m.Expire != nil && end.After(*m.Expire):
		return *m.Expire, false, nil
	case end.Sub(now) >= horizon:
		return end, true, nil
	}
	return end, false, nil
}

// Together returns when mutes that last at now, or follow without a gap, end: one
// may begin where another ends. Forever is as for Mute.Until. What is not
// understood counts as no mute.
func Together(now time.Time, mutes []Mute) (end time.Time, forever bool) {
	end = now
	for longer := true; longer && end.Sub(now) < horizon; {
		longer = false
		for _, m := range mutes {
			until, endless, err := m.Until(end)
			switch {
			case err != nil:
			case endless:
				return until, true
			case until.After(end):
				end, longer = until, true
			}
		}
	}
	return end, end.Sub(now) >= horizon
}

// follow returns the end of the windows that cover now and what follows now
// without a gap.
func (m Mute) follow(now time.Time, length time.Duration, begins func(day time.Time) []time.Time) time.Time {
	end := now
	for day := now.Add(-length - 24*time.Hour); !day.After(end.Add(24*time.Hour)) && end.Sub(now) < horizon; day = day.Add(24 * time.Hour) {
		for _, at := range begins(day) {
			if m.Start != nil && at.Before(*m.Start) || at.After(end) {
				continue
			}
			if stop := at.Add(length); stop.After(end) {
				end = stop
			}
		}
	}
	return end
}

// begins returns the function that gives the beginnings of windows on a day of
// the time zone, in order.
func (m Mute) begins(zone *time.Location) (func(day time.Time) []time.Time, error) {
	text := strings.TrimSpace(m.Expression)
	if body, ok := within(text, "at("); ok {
		for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
			if at, err := time.ParseInLocation(layout, body, zone); err == nil {
				return func(day time.Time) []time.Time { return onDay(at, day.In(zone)) }, nil
			}
		}
	}
	if body, ok := within(text, "cron("); ok {
		if c, ok := parseCron(body); ok {
			return func(day time.Time) []time.Time { return c.on(day.In(zone)) }, nil
		}
	}
	return nil, fmt.Errorf("schedule %q is not understood", m.Expression)
}

func within(text, opening string) (string, bool) {
	body, ok := strings.CutPrefix(text, opening)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(body, ")")
}

func onDay(at, day time.Time) []time.Time {
	if at.Year() == day.Year() && at.YearDay() == day.YearDay() {
		return []time.Time{at}
	}
	return nil
}

// A cron is a cron expression of five fields, each a set of numbers.
type cron struct{ minutes, hours, days, months, weekdays []int }

var (
	monthNames = []string{"", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	dayNames   = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
)

// parseCron reads the five fields that AWS documents: minutes, hours, day of
// month, month, day of week, with lists, ranges and names. Sunday is taken to be
// 0 or 7, as in cron; AWS documents the names only.
func parseCron(text string) (cron, bool) {
	fields := strings.Fields(text)
	if len(fields) != 5 {
		return cron{}, false
	}
	c, ok := cron{}, true
	read := func(i, from, to int, names []string) []int {
		set, fine := cronField(fields[i], from, to, names)
		ok = ok && fine
		return set
	}
	c.minutes, c.hours = read(0, 0, 59, nil), read(1, 0, 23, nil)
	c.days, c.months = read(2, 1, 31, nil), read(3, 1, 12, monthNames)
	c.weekdays = read(4, 0, 7, dayNames)
	return c, ok
}

func cronField(text string, from, to int, names []string) ([]int, bool) {
	var set []int
	for part := range strings.SplitSeq(text, ",") {
		low, high, ranged := strings.Cut(part, "-")
		if !ranged {
			high = low
		}
		a, ok := cronNumber(low, from, names)
		b, ok2 := cronNumber(high, to, names)
		if !ok || !ok2 || a < from || b > to || a > b || ranged && part[0] == '*' {
			return nil, false
		}
		for n := a; n <= b; n++ {
			set = append(set, n)
		}
	}
	return set, true
}

// cronNumber reads a number or a name; an asterisk is the field's bound.
func cronNumber(text string, bound int, names []string) (int, bool) {
	if text == "*" {
		return bound, true
	}
	if i := slices.Index(names, strings.ToUpper(text)); i >= 0 && text != "" {
		return i, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0
}

// on returns the beginnings of windows on a day. Day of month and day of week
// must both match: AWS says that either may be an asterisk, not what two
// restrictions mean together.
func (c cron) on(day time.Time) []time.Time {
	weekday := int(day.Weekday())
	sunday := weekday == 0 && slices.Contains(c.weekdays, 7)
	if !slices.Contains(c.days, day.Day()) || !slices.Contains(c.months, int(day.Month())) || !sunday && !slices.Contains(c.weekdays, weekday) {
		return nil
	}
	var list []time.Time
	for _, h := range c.hours {
		for _, m := range c.minutes {
			list = append(list, time.Date(day.Year(), day.Month(), day.Day(), h, m, 0, 0, day.Location()))
		}
	}
	return list
}

// parseDuration reads an ISO 8601 duration of days, hours and minutes, from a
// minute to 15 days.
func parseDuration(text string) (time.Duration, error) {
	fail := fmt.Errorf("duration %q is not understood", text)
	rest, ok := strings.CutPrefix(text, "P")
	if !ok {
		return 0, fail
	}
	date, clock, timed := strings.Cut(rest, "T")
	if timed && clock == "" {
		return 0, fail
	}
	days, ok := units(date, map[byte]time.Duration{'W': 7 * 24 * time.Hour, 'D': 24 * time.Hour})
	hours, ok2 := units(clock, map[byte]time.Duration{'H': time.Hour, 'M': time.Minute, 'S': time.Second})
	if total := days + hours; ok && ok2 && total >= time.Minute && total <= maxDuration {
		return total, nil
	}
	return 0, fail
}

// units adds up numbers that are each followed by the letter of a unit.
func units(text string, unit map[byte]time.Duration) (time.Duration, bool) {
	total := time.Duration(0)
	for text != "" {
		i := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
		if i <= 0 || i > 6 || unit[text[i]] == 0 {
			return 0, false
		}
		n, _ := strconv.Atoi(text[:i]) // at most six digits
		total += time.Duration(n) * unit[text[i]]
		text = text[i+1:]
	}
	return total, true
}

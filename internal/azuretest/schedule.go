package azuretest

import (
	"slices"
	"strings"
	"time"
)

// clock is how a schedule writes a time: on the wall, in its time zone.
const clock = "2006-01-02T15:04:05"

// zones are the time zones that are known here: the names are those of Windows.
var zones = map[string]string{
	"utc": "UTC", "gmt standard time": "Europe/London", "w. europe standard time": "Europe/Berlin", "eastern standard time": "America/New_York",
	"pacific standard time": "America/Los_Angeles", "tokyo standard time": "Asia/Tokyo", "india standard time": "Asia/Kolkata",
	"dateline standard time": "Etc/GMT+12", "line islands standard time": "Pacific/Kiritimati",
}

// zoneOf returns the time zone of a schedule; false for a name that is not known here.
func zoneOf(schedule map[string]any) (*time.Location, bool) {
	name := text(schedule["timeZone"])
	if name == "" {
		return time.UTC, true
	}
	zone, err := time.LoadLocation(zones[strings.ToLower(name)])
	return zone, err == nil && zones[strings.ToLower(name)] != ""
}

// checkSchedule refuses what the clock of this Azure does not know.
func checkSchedule(properties map[string]any) error {
	s, _ := properties["schedule"].(map[string]any)
	if _, ok := zoneOf(s); !ok {
		return refuse(400, "BadRequest", "the time zone %q is not known here", text(s["timeZone"]))
	}
	for _, key := range []string{"effectiveFrom", "effectiveUntil"} {
		if at := text(s[key]); at != "" {
			if _, err := time.Parse(clock, at); err != nil {
				return refuse(400, "BadRequest", "%s: %v", key, err)
			}
		}
	}
	for _, r := range objectsOf(s["recurrences"]) {
		kind := strings.ToLower(text(r["recurrenceType"]))
		if !slices.Contains([]string{"daily", "weekly", "monthly"}, kind) || kind == "weekly" && len(texts(r["daysOfWeek"])) == 0 || kind == "monthly" && len(numbers(r["daysOfMonth"])) == 0 {
			return refuse(400, "BadRequest", "a recurrence is daily, weekly on some days, or monthly on some")
		}
	}
	return nil
}

// holdsNow reports whether a schedule holds at a time; none always does.
func holdsNow(schedule any, now time.Time) bool {
	s, ok := schedule.(map[string]any)
	if !ok {
		return true
	}
	zone, ok := zoneOf(s)
	if !ok {
		return false // it was refused
	}
	there := now.In(zone)
	wall := time.Date(there.Year(), there.Month(), there.Day(), there.Hour(), there.Minute(), there.Second(), 0, time.UTC)
	if from, err := time.Parse(clock, text(s["effectiveFrom"])); err == nil && wall.Before(from) {
		return false
	}
	if until, err := time.Parse(clock, text(s["effectiveUntil"])); err == nil && !wall.Before(until) {
		return false
	}
	recurrences := objectsOf(s["recurrences"])
	return len(recurrences) == 0 || slices.ContainsFunc(recurrences, func(r map[string]any) bool { return recurs(r, wall) })
}

// recurs reports whether a recurrence holds at a time on the wall. A window that goes
// over midnight belongs to the day on which it begins.
func recurs(r map[string]any, wall time.Time) bool {
	at, start, end := wall.Format(time.TimeOnly), text(r["startTime"]), text(r["endTime"])
	if start == "" && end == "" {
		return on(r, wall)
	}
	if start <= end {
		return on(r, wall) && start <= at && at < end
	}
	return on(r, wall) && at >= start || on(r, wall.AddDate(0, 0, -1)) && at < end
}

// on reports whether a recurrence has a day.
func on(r map[string]any, day time.Time) bool {
	switch strings.ToLower(text(r["recurrenceType"])) {
	case "weekly":
		return slices.ContainsFunc(texts(r["daysOfWeek"]), func(name string) bool { return strings.EqualFold(name, day.Weekday().String()) })
	case "monthly":
		return slices.Contains(numbers(r["daysOfMonth"]), float64(day.Day()))
	}
	return true
}

func numbers(v any) []float64 {
	list, _ := v.([]any)
	var out []float64
	for _, e := range list {
		if n, ok := e.(float64); ok {
			out = append(out, n)
		}
	}
	return out
}

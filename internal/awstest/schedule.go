package awstest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	// durationPattern is the part of ISO 8601 that mute windows use.
	durationPattern = regexp.MustCompile(`^P(?:(\d{1,2})D)?(?:T(?:(\d{1,3})H)?(?:(\d{1,5})M)?)?$`)
	cronPattern     = regexp.MustCompile(`^cron\((\S+) (\S+) (\S+) (\S+) (\S+)\)$`)
	atPattern       = regexp.MustCompile(`^at\((\d{4}-\d\d-\d\dT\d\d:\d\d)\)$`)
)

// parseSchedule reads the schedule of a mute rule. Source: Schedule in the
// CloudWatch API reference.
func parseSchedule(in MuteSchedule) (schedule, error) {
	s := schedule{}
	m := durationPattern.FindStringSubmatch(in.Duration)
	if m != nil {
		minutes := (24*count(m[1])+count(m[2]))*60 + count(m[3])
		s.length = time.Duration(minutes) * time.Minute
	}
	if s.length < time.Minute || s.length > 15*24*time.Hour {
		return s, fmt.Errorf("the duration %s is not between PT1M and P15D", in.Duration)
	}
	var err error
	if s.zone, err = time.LoadLocation(in.Timezone); err != nil {
		return s, fmt.Errorf("the time zone %s is not valid", in.Timezone)
	}
	if m := atPattern.FindStringSubmatch(in.Expression); m != nil {
		s.once, err = time.ParseInLocation("2006-01-02T15:04", m[1], s.zone)
		return s, err
	}
	m = cronPattern.FindStringSubmatch(in.Expression)
	if m == nil {
		return s, fmt.Errorf("the expression %s is neither at(...) nor cron(...)", in.Expression)
	}
	for i := range s.fields {
		s.fields[i] = strings.ToUpper(m[i+1])
		if !cronValid(s.fields[i], i) {
			return s, fmt.Errorf("the field %s of the expression is not valid", m[i+1])
		}
	}
	return s, nil
}

func count(digits string) int {
	n, _ := strconv.Atoi("0" + digits) // digits only, and few
	return n
}

// cronLimits are the values of the five fields.
var cronLimits = [5][2]int{{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 7}}

func cronValid(field string, position int) bool {
	for part := range strings.SplitSeq(field, ",") {
		from, to, ranged := strings.Cut(part, "-")
		if !ranged {
			to = from
		}
		low, high := cronValue(from, position), cronValue(to, position)
		if part != "*" && (low < cronLimits[position][0] || high > cronLimits[position][1] || low > high) {
			return false
		}
	}
	return true
}

// cronValue reads a number or an English name; -1 for anything else.
func cronValue(text string, position int) int {
	names := map[int]string{3: "---JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC", 4: "SUNMONTUEWEDTHUFRISAT"}[position]
	if i := strings.Index(names, text); len(text) == 3 && i >= 0 && i%3 == 0 {
		return i / 3
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}

package awstest

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// The statuses of a mute rule.
const (
	muteScheduled = "SCHEDULED"
	muteActive    = "ACTIVE"
	muteExpired   = "EXPIRED"
)

// A muteRule keeps alarms from acting while one of its windows is open.
type muteRule struct {
	PutAlarmMuteRuleInput
	schedule schedule
	arn      string
	updated  time.Time
}

// PutAlarmMuteRuleInput is the input of cloudwatch:PutAlarmMuteRule.
type PutAlarmMuteRuleInput struct {
	Name        string       `json:"Name,omitempty" required:"" length:"1-255"`
	Description string       `json:"Description,omitempty" length:"0-1024"`
	Rule        *MuteRule    `json:"Rule,omitempty" required:""`
	MuteTargets *MuteTargets `json:"MuteTargets,omitempty"`
	StartDate   *timestamp   `json:"StartDate,omitempty"`
	ExpireDate  *timestamp   `json:"ExpireDate,omitempty"`
	Tags        []Tag        `json:"Tags,omitempty" length:"0-50"`
}

// A MuteRule holds the schedule of a mute rule.
type MuteRule struct {
	Schedule MuteSchedule `json:"Schedule"`
}

// A MuteSchedule says when the windows of a mute rule open and how long they
// stay open.
type MuteSchedule struct {
	Expression string `json:"Expression" required:"" length:"1-256"`
	Duration   string `json:"Duration" required:"" length:"1-50"`
	Timezone   string `json:"Timezone,omitempty" length:"1-50"`
}

// MuteTargets are the alarms that a mute rule is about.
type MuteTargets struct {
	AlarmNames []string `json:"AlarmNames" length:"0-100"`
}

// Between sets the bounds of the rule; zero times leave it unbounded.
func (in PutAlarmMuteRuleInput) Between(start, expire time.Time) PutAlarmMuteRuleInput {
	in.StartDate, in.ExpireDate = at(start), at(expire)
	return in
}

// PutAlarmMuteRule creates a mute rule or replaces the one of that name.
func (r *Region) PutAlarmMuteRule(in PutAlarmMuteRuleInput) error {
	return seedOnly[none](r, cloudwatchService, "PutAlarmMuteRule", &in)
}

func putAlarmMuteRule(c *call, in *PutAlarmMuteRuleInput) (*none, error) {
	s, err := parseSchedule(in.Rule.Schedule)
	if err != nil {
		return nil, errAlarm("%v", err)
	}
	if in.MuteTargets != nil {
		for _, name := range in.MuteTargets.AlarmNames {
			if c.region.alarms[name] == nil {
				return nil, errNoAlarm(name)
			}
		}
	}
	c.region.mutes[in.Name] = &muteRule{*in, s, c.region.arn("cloudwatch", "alarm-mute-rule:"+in.Name), c.now}
	return &none{}, nil
}

type muteRuleName struct {
	AlarmMuteRuleName string `json:"AlarmMuteRuleName,omitempty" required:"" length:"1-255"`
}

// deleteAlarmMuteRule succeeds also when there is no such rule. Source:
// DeleteAlarmMuteRule.
func deleteAlarmMuteRule(c *call, in *muteRuleName) (*none, error) {
	delete(c.region.mutes, in.AlarmMuteRuleName)
	return &none{}, nil
}

type getAlarmMuteRuleOutput struct {
	AlarmMuteRuleArn     string       `json:"AlarmMuteRuleArn"`
	Name                 string       `json:"Name"`
	Description          string       `json:"Description,omitempty"`
	Rule                 *MuteRule    `json:"Rule"`
	MuteTargets          *MuteTargets `json:"MuteTargets,omitempty"`
	StartDate            *timestamp   `json:"StartDate,omitempty"`
	ExpireDate           *timestamp   `json:"ExpireDate,omitempty"`
	Status               string       `json:"Status"`
	MuteType             string       `json:"MuteType"`
	LastUpdatedTimestamp timestamp    `json:"LastUpdatedTimestamp"`
}

func getAlarmMuteRule(c *call, in *muteRuleName) (*getAlarmMuteRuleOutput, error) {
	m := c.region.mutes[in.AlarmMuteRuleName]
	if m == nil {
		return nil, errorWithStatus(404, "ResourceNotFoundException", "The alarm mute rule %s does not exist", in.AlarmMuteRuleName)
	}
	return &getAlarmMuteRuleOutput{
		AlarmMuteRuleArn: m.arn, Name: m.Name, Description: m.Description, Rule: m.Rule, MuteTargets: m.MuteTargets,
		StartDate: m.StartDate, ExpireDate: m.ExpireDate, Status: m.status(c.now), MuteType: m.schedule.kind(),
		LastUpdatedTimestamp: timestamp{m.updated},
	}, nil
}

type listAlarmMuteRulesInput struct {
	AlarmName  string   `json:"AlarmName,omitempty" length:"1-255"`
	Statuses   []string `json:"Statuses,omitempty" enum:"SCHEDULED|ACTIVE|EXPIRED"`
	MaxRecords int32    `json:"MaxRecords,omitempty" range:"1-100"`
	NextToken  string   `json:"NextToken,omitempty"`
}

type listAlarmMuteRulesOutput struct {
	AlarmMuteRuleSummaries []muteRuleSummary `json:"AlarmMuteRuleSummaries"`
	NextToken              string            `json:"NextToken,omitempty"`
}

type muteRuleSummary struct {
	AlarmMuteRuleArn     string     `json:"AlarmMuteRuleArn"`
	ExpireDate           *timestamp `json:"ExpireDate,omitempty"`
	Status               string     `json:"Status"`
	MuteType             string     `json:"MuteType"`
	LastUpdatedTimestamp timestamp  `json:"LastUpdatedTimestamp"`
}

func listAlarmMuteRules(c *call, in *listAlarmMuteRulesInput) (*listAlarmMuteRulesOutput, error) {
	after, ok := readToken("ListAlarmMuteRules", in.NextToken)
	if !ok {
		return nil, apiError("InvalidNextToken", "The next token is not valid")
	}
	var list []*muteRule
	for _, name := range slices.Sorted(maps.Keys(c.region.mutes)) {
		m := c.region.mutes[name]
		if (in.AlarmName == "" || m.targets(in.AlarmName)) && (len(in.Statuses) == 0 || slices.Contains(in.Statuses, m.status(c.now))) {
			list = append(list, m)
		}
	}
	cut, next := page(c.Cloud, list, func(m *muteRule) string { return m.Name }, after, cmp.Or(int(in.MaxRecords), 50))
	out := &listAlarmMuteRulesOutput{AlarmMuteRuleSummaries: []muteRuleSummary{}, NextToken: newToken("ListAlarmMuteRules", next)}
	for _, m := range cut {
		out.AlarmMuteRuleSummaries = append(out.AlarmMuteRuleSummaries, muteRuleSummary{m.arn, m.ExpireDate, m.status(c.now), m.schedule.kind(), timestamp{m.updated}})
	}
	return out, nil
}

func (m *muteRule) targets(alarm string) bool {
	return m.MuteTargets != nil && slices.Contains(m.MuteTargets.AlarmNames, alarm)
}

// status says where the rule stands. A one-time rule is taken to expire with its
// window, which is undocumented.
func (m *muteRule) status(now time.Time) string {
	switch {
	case m.ExpireDate != nil && !now.Before(m.ExpireDate.Time):
		return muteExpired
	case m.schedule.open(now, m.StartDate):
		return muteActive
	case !m.schedule.once.IsZero() && !now.Before(m.schedule.once.Add(m.schedule.length)):
		return muteExpired
	default:
		return muteScheduled
	}
}

// mutedBy returns the name of an active mute rule on an alarm, "" when none is.
func (r *Region) mutedBy(alarm string) string {
	for _, name := range slices.Sorted(maps.Keys(r.mutes)) {
		if m := r.mutes[name]; m.targets(alarm) && m.status(r.cloud.now) == muteActive {
			return name
		}
	}
	return ""
}

// A schedule is a parsed MuteSchedule: a single point in time, or a set of
// minutes.
type schedule struct {
	length time.Duration
	zone   *time.Location
	once   time.Time // zero for recurring windows
	fields [5]string // of a cron expression: minute, hour, day, month, weekday
}

func (s schedule) kind() string {
	if s.once.IsZero() {
		return "RECURRING"
	}
	return "ONE_TIME"
}

// open reports whether a window is open, by looking back minute by minute for one
// that opened.
func (s schedule) open(now time.Time, start *timestamp) bool {
	if !s.once.IsZero() {
		return !now.Before(s.once) && now.Before(s.once.Add(s.length)) && (start == nil || !s.once.Before(start.Time))
	}
	for t := now.Truncate(time.Minute); now.Sub(t) < s.length; t = t.Add(-time.Minute) {
		if start != nil && t.Before(start.Time) {
			return false
		}
		if s.opens(t.In(s.zone)) {
			return true
		}
	}
	return false
}

// opens reports whether a window opens in a minute.
func (s schedule) opens(t time.Time) bool {
	values := [5]int{t.Minute(), t.Hour(), t.Day(), int(t.Month()), int(t.Weekday())}
	for i, field := range s.fields {
		if !cronAdmits(field, values[i], i) {
			return false
		}
	}
	return true
}

// cronAdmits reports whether a field of a cron expression admits a value.
func cronAdmits(field string, value, position int) bool {
	for part := range strings.SplitSeq(field, ",") {
		from, to, ranged := strings.Cut(part, "-")
		if !ranged {
			to = from
		}
		low, high := cronValue(from, position), cronValue(to, position)
		if part == "*" || low <= value && value <= high || position == 4 && value == 0 && high == 7 {
			return true
		}
	}
	return false
}

package awstest

import (
	"slices"
	"time"
)

// cloudwatchService is CloudWatch, API 2010-08-01.
var cloudwatchService = &service{
	name: "monitoring", iam: "cloudwatch", target: "GraniteServiceVersion20100801", types: "com.amazonaws.cloudwatch#",
	version: "2010-08-01", xmlns: "http://monitoring.amazonaws.com/doc/2010-08-01/",
	// The shapes of the common errors are undocumented; the codes are those of
	// Query, which all protocols tell.
	errors: queryFamily.with(family{
		denied:           {Code: "AccessDenied", Shape: "AccessDeniedException"},
		throttled:        {Code: "Throttling", Shape: "ThrottlingException"},
		expired:          {Code: "ExpiredToken", Shape: "ExpiredTokenException"},
		unknownKey:       {Code: "InvalidClientTokenId", Shape: "UnrecognizedClientException"},
		missingToken:     {Code: "MissingAuthenticationToken", Shape: "MissingAuthenticationTokenException"},
		wrongScope:       {Code: "SignatureDoesNotMatch", Shape: "InvalidSignatureException"},
		unknownOperation: {Code: "InvalidAction", Shape: "UnknownOperationException"},
		badInput:         {Code: "MalformedInput", Shape: "SerializationException"},
		invalid:          {Code: "ValidationError", Shape: "ValidationException"},
		unavailable:      {Code: "ServiceUnavailable", Shape: "ServiceUnavailableException"},
	}),
	ops: map[string]handler{
		"PutMetricAlarm":          writes(putMetricAlarm),
		"PutCompositeAlarm":       writes(putCompositeAlarm),
		"PutLogAlarm":             writes(putLogAlarm),
		"DeleteAlarms":            writes(deleteAlarms),
		"SetAlarmState":           writes(setAlarmState),
		"EnableAlarmActions":      writes(enableAlarmActions),
		"DisableAlarmActions":     writes(disableAlarmActions),
		"DescribeAlarms":          reads(describeAlarms),
		"DescribeAlarmsForMetric": reads(describeAlarmsForMetric),
		"DescribeAlarmHistory":    reads(describeAlarmHistory),
		"GetMetricData":           reads(getMetricData),
		"ListTagsForResource":     reads(listAlarmTags),
		"TagResource":             writes(tagAlarm),
		"UntagResource":           writes(untagAlarm),
		"PutAlarmMuteRule":        writes(putAlarmMuteRule),
		"DeleteAlarmMuteRule":     writes(deleteAlarmMuteRule),
		"GetAlarmMuteRule":        reads(getAlarmMuteRule),
		"ListAlarmMuteRules":      reads(listAlarmMuteRules),
	},
}

// States of alarms.
const (
	StateOK               = "OK"
	StateAlarm            = "ALARM"
	StateInsufficientData = "INSUFFICIENT_DATA"
)

// An alarm is a metric alarm, a composite alarm or a log alarm; exactly one of
// metric, composite and log is set.
type alarm struct {
	name           string
	arn            string
	region         *Region
	description    string
	actionsEnabled bool
	actions        map[string][]string // by state
	tags           map[string]string

	metric    *PutMetricAlarmInput
	composite *compositeAlarm
	log       *PutLogAlarmInput

	state        string
	reason       string
	reasonData   string
	updated      time.Time // StateUpdatedTimestamp
	transitioned time.Time
	configured   time.Time
	history      []historyItem // oldest first
	withheld     bool          // a suppressor or a mute rule holds its actions back
}

func (a *alarm) kind() string {
	switch {
	case a.composite != nil:
		return "CompositeAlarm"
	case a.log != nil:
		return "LogAlarm"
	}
	return "MetricAlarm"
}

// alarmBase are the members that both kinds of alarm share on input.
type alarmBase struct {
	name, description       string
	actionsEnabled          *bool
	ok, alarm, insufficient []string
	tags                    []Tag
}

// place puts a new or changed alarm into the region. A new alarm has no data
// yet; a changed one keeps its state and its tags, but everything else is
// replaced. Source: PutMetricAlarm.
func (c *call) place(base alarmBase, configure func(*alarm)) error {
	old := c.region.alarms[base.name]
	if len(base.tags) > 0 && old == nil && !c.allows("cloudwatch:TagResource") {
		return &APIError{Code: "AccessDenied", Shape: "AccessDeniedException", Status: 403,
			Message: "User: " + c.by.arn + " is not authorized to perform: cloudwatch:TagResource"}
	}
	a := &alarm{
		name: base.name, arn: c.region.arn("cloudwatch", "alarm:"+base.name), region: c.region, description: base.description,
		actionsEnabled: base.actionsEnabled == nil || *base.actionsEnabled,
		actions:        map[string][]string{StateOK: base.ok, StateAlarm: base.alarm, StateInsufficientData: base.insufficient},
		tags:           tagMap(base.tags), configured: c.now,
		state: StateInsufficientData, reason: "Unchecked: Initial alarm creation", updated: c.now, transitioned: c.now,
	}
	summary := `Alarm "` + a.name + `" created`
	if old != nil {
		a.tags, a.state, a.reason, a.reasonData = old.tags, old.state, old.reason, old.reasonData
		a.updated, a.transitioned, a.history = old.updated, old.transitioned, old.history
		summary = `Alarm "` + a.name + `" updated`
	}
	configure(a)
	a.record(historyItem{Timestamp: timestamp{c.now}, HistoryItemType: "ConfigurationUpdate", HistorySummary: summary, HistoryData: `{"type":"Update","version":"1.0"}`})
	c.region.alarms[a.name] = a
	return nil
}

// change replaces alarms by changed copies.
func (r *Region) change(name string, edit func(*alarm)) {
	a := *r.alarms[name]
	edit(&a)
	r.alarms[name] = &a
}

type alarmNames struct {
	AlarmNames []string `json:"AlarmNames" required:"" length:"0-100"`
}

// DeleteAlarms deletes alarms.
func (r *Region) DeleteAlarms(names ...string) error {
	return seedOnly[none](r, cloudwatchService, "DeleteAlarms", &alarmNames{names})
}

// deleteAlarms deletes nothing when one of several alarms does not exist, and
// accepts a single unknown name. Source: DeleteAlarms.
func deleteAlarms(c *call, in *alarmNames) (*none, error) {
	for _, name := range in.AlarmNames {
		if c.region.alarms[name] == nil && len(in.AlarmNames) > 1 {
			return nil, errNoAlarm(name)
		}
	}
	for _, name := range in.AlarmNames {
		for _, a := range c.region.alarms {
			if a.composite != nil && !slices.Contains(in.AlarmNames, a.name) && a.composite.mentions(c.region, name) {
				return nil, errAlarm("Cannot delete %s as there are composite alarm(s) depending on it.", name)
			}
		}
	}
	for _, name := range in.AlarmNames {
		delete(c.region.alarms, name)
	}
	return &none{}, nil
}

func errNoAlarm(name string) error {
	return errorWithStatus(404, "ResourceNotFound", "Unknown alarm %s", name)
}

// errAlarm is CloudWatch's error for input that breaks a rule.
func errAlarm(format string, args ...any) error {
	e := apiError("ValidationError", format, args...)
	e.Shape = "ValidationException"
	return e
}

// EnableAlarmActions lets alarms run their actions again.
func (r *Region) EnableAlarmActions(names ...string) error {
	return seedOnly[none](r, cloudwatchService, "EnableAlarmActions", &alarmNames{names})
}

// DisableAlarmActions keeps alarms from running their actions.
func (r *Region) DisableAlarmActions(names ...string) error {
	return seedOnly[none](r, cloudwatchService, "DisableAlarmActions", &alarmNames{names})
}

func enableAlarmActions(c *call, in *alarmNames) (*none, error) { return c.switchActions(in, true) }

func disableAlarmActions(c *call, in *alarmNames) (*none, error) { return c.switchActions(in, false) }

// switchActions leaves out names of no alarm.
func (c *call) switchActions(in *alarmNames, on bool) (*none, error) {
	for _, name := range in.AlarmNames {
		if c.region.alarms[name] != nil {
			c.region.change(name, func(a *alarm) { a.actionsEnabled, a.configured = on, c.now })
		}
	}
	return &none{}, nil
}

type setAlarmStateInput struct {
	AlarmName       string `json:"AlarmName" required:"" length:"1-255"`
	StateValue      string `json:"StateValue" required:"" enum:"OK|ALARM|INSUFFICIENT_DATA"`
	StateReason     string `json:"StateReason" length:"0-1023"`
	StateReasonData string `json:"StateReasonData,omitempty" length:"0-4000"`
}

// SetAlarmState puts an alarm into a state until its next evaluation. A change
// runs the actions.
func (r *Region) SetAlarmState(name, state, reason string) error {
	return seedOnly[none](r, cloudwatchService, "SetAlarmState", &setAlarmStateInput{AlarmName: name, StateValue: state, StateReason: reason})
}

func setAlarmState(c *call, in *setAlarmStateInput) (*none, error) {
	if c.region.alarms[in.AlarmName] == nil {
		return nil, errNoAlarm(in.AlarmName)
	}
	c.region.transition(in.AlarmName, in.StateValue, in.StateReason, in.StateReasonData)
	if c.region.alarms[in.AlarmName].composite == nil { // one that was set stays so for a while
		c.later(time.Second, c.region.evaluateComposites)
	}
	return &none{}, nil
}

// AlarmState returns the state of an alarm, "" if there is no such alarm.
func (r *Region) AlarmState(name string) string {
	r.cloud.mu.Lock()
	defer r.cloud.mu.Unlock()
	if a := r.alarms[name]; a != nil {
		return a.state
	}
	return ""
}

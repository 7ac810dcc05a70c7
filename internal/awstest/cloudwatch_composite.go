package awstest

import (
	"maps"
	"slices"
	"strings"
)

// A compositeAlarm is what only composite alarms have.
type compositeAlarm struct {
	PutCompositeAlarmInput
	rule rule
}

// PutCompositeAlarmInput is the input of cloudwatch:PutCompositeAlarm.
type PutCompositeAlarmInput struct {
	AlarmName                        string   `json:"AlarmName,omitempty" required:"" length:"1-255"`
	AlarmRule                        string   `json:"AlarmRule,omitempty" required:"" length:"1-10240"`
	AlarmDescription                 string   `json:"AlarmDescription,omitempty" length:"0-1024"`
	ActionsEnabled                   *bool    `json:"ActionsEnabled,omitempty"` // default true
	OKActions                        []string `json:"OKActions,omitempty" length:"0-5"`
	AlarmActions                     []string `json:"AlarmActions,omitempty" length:"0-5"`
	InsufficientDataActions          []string `json:"InsufficientDataActions,omitempty" length:"0-5"`
	Tags                             []Tag    `json:"Tags,omitempty" length:"0-50"`
	ActionsSuppressor                string   `json:"ActionsSuppressor,omitempty" length:"1-1600"`
	ActionsSuppressorWaitPeriod      *int32   `json:"ActionsSuppressorWaitPeriod,omitempty"`      // seconds
	ActionsSuppressorExtensionPeriod *int32   `json:"ActionsSuppressorExtensionPeriod,omitempty"` // seconds
}

// PutCompositeAlarm creates a composite alarm or replaces the one of that name.
func (r *Region) PutCompositeAlarm(in PutCompositeAlarmInput) error {
	return seedOnly[none](r, cloudwatchService, "PutCompositeAlarm", &in)
}

func putCompositeAlarm(c *call, in *PutCompositeAlarmInput) (*none, error) {
	parsed, err := parseRule(in.AlarmRule)
	if err != nil {
		return nil, errAlarm("AlarmRule: %v", err)
	}
	for name := range parsed.names() {
		if c.region.alarmNamed(name) == nil {
			return nil, errAlarm("Could not create or update the alarm as the rule refers to alarm %s, which does not exist", name)
		}
	}
	if err := c.checkActions(in.OKActions, in.AlarmActions, in.InsufficientDataActions); err != nil {
		return nil, err
	}
	if old := c.region.alarms[in.AlarmName]; old != nil && old.kind() != "CompositeAlarm" {
		return nil, errAlarm("An alarm of another type with the name %s exists", in.AlarmName)
	}
	base := alarmBase{in.AlarmName, in.AlarmDescription, in.ActionsEnabled, in.OKActions, in.AlarmActions, in.InsufficientDataActions, in.Tags}
	return &none{}, c.place(base, func(a *alarm) { a.composite = &compositeAlarm{*in, parsed} })
}

// alarmNamed returns the alarm of that name or ARN, nil if there is none.
func (r *Region) alarmNamed(name string) *alarm {
	if p, ok := splitARN(name); ok && p.service == "cloudwatch" {
		return r.alarms[strings.TrimPrefix(p.resource, "alarm:")]
	}
	return r.alarms[name]
}

// mentions reports whether the rule speaks of the alarm.
func (k *compositeAlarm) mentions(r *Region, name string) bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(k.rule.names())), func(n string) bool {
		a := r.alarmNamed(n)
		return a != nil && a.name == name
	})
}

package subscription

import (
	"encoding/json"
	"time"

	"github.com/monitorctl/monitorctl/internal/azure/armjson"
)

// A ProcessingRule is an alert processing rule (Microsoft.AlertsManagement/actionRules).
type ProcessingRule struct {
	Common
	Description string
	Enabled     bool // true where the answer does not say
	Scopes      []string
	Conditions  []AlertCondition // all must hold; none: every alert in scope
	Schedule    *Schedule        // nil: always
	Removes     bool             // it removes all action groups
	Adds        []string         // ids of the action groups that it adds
}

// An AlertCondition is one condition on an alert.
type AlertCondition struct {
	Field    string   // Severity, MonitorService, AlertRuleId, ...
	Operator string   // Equals, NotEquals, Contains, DoesNotContain
	Values   []string // one must do; at most 5
}

// A Schedule says when a processing rule holds.
type Schedule struct {
	// From and Until bound it, the zero time where there is no bound. They are
	// wall-clock times in TimeZone, kept here as if that were UTC.
	From, Until time.Time
	TimeZone    string // a name of Windows: "UTC", "W. Europe Standard Time"; "" for UTC
	Recurs      bool   // it holds in recurring windows only; false where these are all of the time
}

// ReadProcessingRule decodes an answer. It never fails: what it does not
// understand are the rule's problems.
func ReadProcessingRule(raw json.RawMessage) ProcessingRule {
	var p armjson.Problems
	common, o := readCommon(raw, &p)
	r := ProcessingRule{Common: common, Description: o.Text("description"), Enabled: o.Flag("enabled", true), Scopes: o.Texts("scopes")}
	for _, c := range o.Objects("conditions") {
		r.Conditions = append(r.Conditions, AlertCondition{Field: c.Text("field"), Operator: c.Text("operator"), Values: c.Texts("values")})
		c.End()
	}
	if s := o.Object("schedule"); s != nil {
		r.Schedule = readSchedule(s, &p)
	}
	for _, a := range o.Objects("actions") {
		switch kind := a.Text("actionType"); Fold(kind) {
		case "removeallactiongroups":
			r.Removes = true
		case "addactiongroups":
			r.Adds = append(r.Adds, a.Texts("actionGroupIds")...)
		default:
			p.Add("properties.actions", "the action %q is not known", kind)
		}
		a.End()
	}
	o.End("provisioningState")
	r.Problems = p.List()
	return r
}

// wallClock is how Azure writes the times of a schedule.
const wallClock = "2006-01-02T15:04:05"

func readSchedule(o *armjson.Object, p *armjson.Problems) *Schedule {
	s := &Schedule{TimeZone: o.Text("timeZone")}
	for _, bound := range []struct {
		key string
		at  *time.Time
	}{{"effectiveFrom", &s.From}, {"effectiveUntil", &s.Until}} {
		text := o.Text(bound.key)
		if text == "" {
			continue
		}
		t, err := time.Parse(wallClock, text)
		if err != nil {
			p.Add(o.Path(bound.key), "%q is not a time", text)
		}
		*bound.at = t
	}
	always := false
	for _, r := range o.Objects("recurrences") {
		s.Recurs = true
		always = always || isAlways(r)
		r.End("daysOfMonth")
	}
	s.Recurs = s.Recurs && !always
	o.End()
	return s
}

// isAlways reports whether a recurrence leaves no time out: all of every day.
func isAlways(r *armjson.Object) bool {
	kind, days := Fold(r.Text("recurrenceType")), r.Texts("daysOfWeek")
	start, end := r.Text("startTime"), r.Text("endTime")
	wholeDay := start == "" && end == "" || start == "00:00:00" && (end == "00:00:00" || end >= "23:59:00")
	return wholeDay && (kind == "daily" || kind == "weekly" && len(days) == 7)
}

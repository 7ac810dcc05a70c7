package awstest

import (
	"encoding/json"
	"fmt"
)

// transition puts an alarm into a state. Only a change of state runs actions,
// and only if they are enabled.
func (r *Region) transition(name, state, reason, data string) {
	from := r.alarms[name].state
	now := r.cloud.now
	r.change(name, func(a *alarm) {
		a.state, a.reason, a.reasonData, a.updated = state, reason, data, now
		if state == from {
			return
		}
		a.transitioned, a.withheld = now, false
		a.record(historyItem{
			Timestamp: timestamp{now}, HistoryItemType: "StateUpdate",
			HistorySummary: fmt.Sprintf("Alarm updated from %s to %s", from, state),
			HistoryData:    stateHistory(from, state, reason),
		})
	})
	if state == from {
		return
	}
	a := r.alarms[name]
	r.tell(0, LinkAlarm, a.arn, state == StateAlarm, "alarm %s goes from %s to %s: %s", name, from, state, reason)
	r.alarmChanged(a, from)
	switch {
	case !a.actionsEnabled:
		r.tell(0, LinkAction, a.arn, false, "the actions of alarm %s are disabled", name)
	case a.suppressed(r):
		r.tell(0, LinkAction, a.arn, false, "the actions of alarm %s are suppressed by %s", name, a.composite.ActionsSuppressor)
		r.change(name, func(a *alarm) { a.withheld = true })
	case r.mutedBy(name) != "":
		r.tell(0, LinkAction, a.arn, false, "the actions of alarm %s are muted by rule %s", name, r.mutedBy(name))
		r.change(name, func(a *alarm) { a.withheld = true })
	default:
		r.act(a, from)
	}
}

func stateHistory(from, to, reason string) string {
	type half struct {
		Value  string `json:"stateValue"`
		Reason string `json:"stateReason,omitempty"`
	}
	data, _ := json.Marshal(struct { // plain strings
		Version string `json:"version"`
		Old     half   `json:"oldState"`
		New     half   `json:"newState"`
	}{"1.0", half{Value: from}, half{to, reason}})
	return string(data)
}

// releaseWithheld runs the actions that a suppressor or a mute rule held back,
// when it lets go while the state still lasts.
func (r *Region) releaseWithheld(a *alarm) {
	if a.withheld && !a.suppressed(r) && r.mutedBy(a.name) == "" {
		r.change(a.name, func(a *alarm) { a.withheld = false })
		r.act(r.alarms[a.name], StateOK)
	}
}

// act runs the actions of the alarm's state and notes their outcome in its
// history.
func (r *Region) act(a *alarm, from string) {
	actions := a.actions[a.state]
	if len(actions) == 0 && a.state == StateAlarm {
		r.tell(0, LinkAction, a.arn, false, "alarm %s has no action", a.name)
	}
	for _, action := range actions {
		failure := r.runAction(a, from, action)
		item := historyItem{Timestamp: timestamp{r.cloud.now}, HistoryItemType: "Action"}
		outcome := map[string]string{"actionState": "Succeeded", "notificationResource": action}
		item.HistorySummary = "Successfully executed action " + action
		if failure != "" {
			item.HistorySummary = "Failed to execute action " + action
			outcome["actionState"], outcome["error"] = "Failed", failure
		}
		data, _ := json.Marshal(outcome) // a map of strings
		item.HistorySummary = item.HistorySummary[:min(len(item.HistorySummary), 255)]
		item.HistoryData = string(data)
		r.change(a.name, func(a *alarm) { a.record(item) })
	}
}

// runAction runs one action and returns why it failed, "" if it did not.
func (r *Region) runAction(a *alarm, from, action string) (failure string) {
	p, ok := splitARN(action)
	if !ok || p.service != "sns" {
		r.tell(0, LinkAction, action, false, "alarm %s runs %s, which is no topic: nobody reads it", a.name, action)
		return ""
	}
	failure = r.notify(a, from, action)
	if failure != "" {
		r.tell(0, LinkAction, action, false, "alarm %s cannot publish to %s: %s", a.name, action, failure)
	}
	return failure
}

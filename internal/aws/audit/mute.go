package audit

import (
	"fmt"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/alarm"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// muted judges the mute rules that are active on an alarm: it changes state and
// notifies nobody. What could not be read is a note.
func (j *judge) muted(at *site, name, arn string) chain.Verdict {
	l := chain.Fine()
	rules := at.read().MuteRules
	if f := rules.Failed(); f != nil {
		return l.With(j.evidenceMissing(finding.LinkAction, arn, "whether alarm "+name+" is muted", f))
	}
	list, _ := rules.Got()
	var mutes []alarm.Mute
	var active []string
	for _, r := range list {
		details, ok := r.Details.Got()
		if r.Status == account.MuteActive && r.Details.Failed() != nil {
			l = l.With(j.evidenceMissing(finding.LinkAction, arn, "which alarms rule "+r.Name+" mutes", r.Details.Failed()))
		}
		if !ok || !slices.Contains(details.Alarms, name) {
			continue
		}
		mutes = append(mutes, muteOf(r, details))
		if r.Status == account.MuteActive {
			active = append(active, r.Name)
			l = l.With(j.mutedBy(r, details, name, arn))
		}
	}
	if _, forever := alarm.Together(j.now, mutes); forever && len(active) > 0 && l.Truth != chain.Bad {
		l = l.With(finding.Reason{Code: CodeAlarmMuted, Status: finding.Fail, Link: finding.LinkAction, Resource: arn,
			Message: fmt.Sprintf("alarm %s is muted at all hours, without end, by rule %s together with others", shown(name), shown(active[0]))})
	}
	return l
}

func muteOf(r account.MuteRule, d account.MuteDetails) alarm.Mute {
	return alarm.Mute{Expression: d.Expression, Duration: d.Duration, Timezone: d.Timezone, Start: d.Start, Expire: r.Expire}
}

// mutedBy words an active mute. One that ends is a warning; one that leaves no
// hour out and has no end is the end of all news.
func (j *judge) mutedBy(r account.MuteRule, d account.MuteDetails, name, arn string) finding.Reason {
	end, forever, err := muteOf(r, d).Until(j.now)
	reason := finding.Reason{Code: CodeAlarmMuted, Status: finding.Warn, Link: finding.LinkAction, Resource: arn}
	switch {
	case err != nil:
		reason.Message = fmt.Sprintf("alarm %s is muted by rule %s until an unknown time: %v", shown(name), shown(r.Name), err)
	case forever:
		reason.Status = finding.Fail
		reason.Message = fmt.Sprintf("alarm %s is muted by rule %s at all hours and without end", shown(name), shown(r.Name))
	case !end.After(j.now):
		reason.Message = fmt.Sprintf("alarm %s is muted by rule %s", shown(name), shown(r.Name))
	default:
		reason.Message = fmt.Sprintf("alarm %s is muted by rule %s until %s", shown(name), shown(r.Name), end.UTC().Format(time.RFC3339))
	}
	return reason
}

// history says that what became of an alarm's actions could not be read, or not
// so far back.
func (j *judge) history(at *site, name, arn string) chain.Verdict {
	l := chain.Fine()
	if f := at.read().ActionHistory.Failed(); f != nil {
		return l.With(j.evidenceMissing(finding.LinkAction, arn, "whether the actions of alarm "+name+" succeeded", f))
	}
	h, _ := at.read().ActionHistory.Got()
	if h.Truncated && !slices.ContainsFunc(h.Actions, func(a account.AlarmAction) bool { return a.Alarm == name }) {
		return l.With(j.missing(finding.LinkAction, arn, "whether the actions of alarm "+name+" succeeded is not known: its history was not read that far back"))
	}
	return l
}

// failedBefore judges the newest entry of an action in the alarm's history: what
// failed the last time fails the next time, unless someone mended it since, and
// that only the next time shows.
func failedBefore(at *site, name, arn, action string) chain.Verdict {
	l := chain.Fine()
	h, _ := at.read().ActionHistory.Got()
	var newest *account.AlarmAction
	for i := range h.Actions {
		a := &h.Actions[i]
		if a.Alarm == name && (a.Resource == action || a.Resource == "") && (newest == nil || a.At.After(newest.At)) {
			newest = a
		}
	}
	if newest == nil || !newest.Failed {
		return l
	}
	return l.With(finding.Reason{Code: CodeActionFailed, Status: finding.Fail, Link: finding.LinkAction, Resource: arn,
		Message: fmt.Sprintf("alarm %s could not run its action on %s: %s", shown(name), newest.At.UTC().Format(time.RFC3339), newest.Message)})
}

package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/replay"
)

// replayWords says what matters most about a control.
func replayWords(b *strings.Builder, r *Replay, a *replay.Answer, o Options) {
	for _, text := range replaySentences(r, a) {
		paragraph(b, "", "  ", Sanitize(a.Control.ID+": "+text), o.Width)
	}
	if n := len(a.Suggestions); n > 0 {
		b.WriteString("  " + Sanitize(a.Suggestions[n-1].Pattern) + "\n")
	}
}

// replaySentences are what matters most about a control, the most important first.
func replaySentences(r *Replay, a *replay.Answer) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if nobodyAlerted(a) {
		alarms := plural(a.Alarms(), "alarm")
		switch {
		case len(a.Unknown) > 0:
			alarms = "alarms unknown"
		case len(a.Control.Alarms) == 0:
			alarms = "no alarm"
		}
		say("%s, %s, nobody alerted: %s.", plural(int(a.Events), "event"), alarms, a.Control.Nobody)
	}
	if a.Missed > 0 {
		say("%s that no filter of the account matches, the latest %s by %s at %s: nobody alerted.", plural(int(a.Missed), "event"), a.Lost.Name, principal(a.Lost.Principal), a.Lost.Time)
	}
	for _, why := range a.Unknown {
		say("could not be checked: %s.", why)
	}
	if a.Doubt > 0 {
		say("%s may or may not match: AWS does not document it.", plural(int(a.Doubt), "more event"))
	}
	if n := a.Echoes(); n > 0 {
		say("%s without a new event: caused by how far back CloudWatch is assumed to look.", plural(n, "further alarm"))
	}
	if r.noisy(a) {
		say("%s", noiseSentence(r, a))
	}
	return out
}

// nobodyAlerted reports whether there were events of a chain that alerts nobody, as far
// as the chain is known.
func nobodyAlerted(a *replay.Answer) bool {
	return a.Events > 0 && len(a.Alerted) == 0 && len(a.Control.Unknown) == 0 && a.Control.Account != ""
}

// noisy reports whether a control notifies more often a day than --noise.
func (r *Replay) noisy(a *replay.Answer) bool { return r.PerDay(a.Notifications()) > r.Noise }

// suggestible reports whether --suggest would have had something to look for.
func (r *Replay) suggestible() bool {
	return !r.Suggested && r.Stopped == "" && slices.ContainsFunc(r.Controls, func(a replay.Answer) bool { return r.noisy(&a) && a.Messages() == 0 })
}

// noiseSentence says how noisy a control is, and what would make it quieter.
func noiseSentence(r *Replay, a *replay.Answer) string {
	if messages := a.Messages(); messages > 0 {
		text := fmt.Sprintf("%.1f messages of rules a day", r.PerDay(int(messages)))
		if alarms := a.Alarms(); alarms > 0 {
			text = fmt.Sprintf("%.1f alarms and ", r.PerDay(alarms)) + text
		}
		return text + "."
	}
	text := fmt.Sprintf("%.1f alarms a day.", r.PerDay(a.Alarms()))
	switch n := len(a.Suggestions); {
	case n > 0:
		s := a.Suggestions[n-1]
		text += fmt.Sprintf(" Without %s: %.1f a day, %s silenced; the control is then %s.", excluded(s.Exclude), r.PerDay(s.Alarms), plural(int(s.Silenced), "event"), verdictWord(s.Verdict))
	case r.Suggested:
		text += " No exclusion that the control allows would make it quieter."
	}
	return text
}

func verdictWord(verdict string) string {
	if verdict == "conditional" {
		return "narrowed on purpose, which an audit warns about"
	}
	return verdict
}

func excluded(list []replay.Exclusion) string {
	var parts []string
	for _, e := range list {
		parts = append(parts, exclusion(e))
	}
	return strings.Join(parts, " and ")
}

func exclusion(e replay.Exclusion) string {
	switch e.Path {
	case "userIdentity.invokedBy":
		return "service " + e.Value
	case "errorCode":
		return "error " + e.Value
	case "eventName":
		return "event " + e.Value
	}
	return principal(e.Value)
}

// replayGaps says what is missing.
func replayGaps(b *strings.Builder, r *Replay, o Options) {
	for _, text := range replayMissing(r) {
		paragraph(b, "", "  ", Sanitize(text), o.Width)
		if !strings.HasSuffix(text, ":") {
			continue
		}
		for _, u := range r.Unreadable {
			paragraph(b, "", "  ", Sanitize(fmt.Sprintf("  %s: %s", u.Name, u.Cause)), o.Width)
		}
	}
	if o.Quiet {
		return
	}
	for _, text := range replayLeftOut(r) {
		paragraph(b, "", "  ", Sanitize(text), o.Width)
	}
}

// replayMissing says what keeps a replay from being complete. A sentence that ends in a
// colon is followed by the unreadable files.
func replayMissing(r *Replay) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if r.Stopped != "" {
		say("INCOMPLETE: %s; this is what was read before.", r.Stopped)
	}
	switch {
	case r.Read.Objects == 0:
		others := ""
		if n := r.Skipped.Days; n > 0 {
			others = fmt.Sprintf(" (%s of other days)", plural(n, "log file"))
		}
		say("No log files were found%s%s: this does not show that nothing happened.", between(r), others)
	case r.Events == 0:
		say("No events were found%s: this does not show that nothing happened.", between(r))
	}
	if n := len(r.Unreadable); n > 0 {
		say("INCOMPLETE: %s could not be read completely%s", plural(n, "file"), map[bool]string{false: " (--show-unreadable).", true: ":"}[r.ShowUnreadable])
	}
	if r.Untimed > 0 {
		say("INCOMPLETE: %s without eventTime: not CloudTrail records.", plural(int(r.Untimed), "message"))
	}
	if r.Read.Oversize > 0 {
		say("INCOMPLETE: %s larger than --max-record, not read.", plural(r.Read.Oversize, "record"))
	}
	return out
}

// replayLeftOut says what was left out on purpose.
func replayLeftOut(r *Replay) []string {
	var out []string
	for _, x := range []struct {
		n         int64
		one, many string
	}{
		{r.Copies, "copy of a matching event", "copies of matching events"},
		{r.Oversize, "record too large for CloudTrail to send to CloudWatch Logs, which would not have fired", "records too large for CloudTrail to send to CloudWatch Logs, which would not have fired"},
		{r.Outside, "event outside the window", "events outside the window"},
		{int64(r.Skipped.Digest + r.Skipped.Insight), "file that is not a log file", "files that are not log files"},
		{int64(r.Skipped.Other), "file skipped because its name is not one of CloudTrail's: name it to read it", "files skipped because their names are not CloudTrail's: name them to read them"},
	} {
		switch {
		case x.n == 1:
			out = append(out, "Left out: 1 "+x.one+".")
		case x.n > 1:
			out = append(out, "Left out: "+Thousands(x.n)+" "+x.many+".")
		}
	}
	if slices.ContainsFunc(r.Controls, func(a replay.Answer) bool { return a.Control.Account == "" }) {
		out = append(out, "No account was read: this is the chain that apply would create, which alerts nobody yet.")
	}
	return out
}

// between names the window, where one was asked for.
func between(r *Replay) string {
	if !r.Days {
		return ""
	}
	return Between(r.From, r.To)
}

// Between is a window in words, with a blank before them; "" without bounds.
func Between(from, to time.Time) string {
	if from.IsZero() || to.IsZero() {
		return ""
	}
	return fmt.Sprintf(" between %s and %s", from.Format("2006-01-02 15:04"), to.Format("2006-01-02 15:04"))
}

// replayDetails says all about a control.
func replayDetails(b *strings.Builder, a *replay.Answer, o Options) {
	fmt.Fprintf(b, "\n%s\n", Sanitize(a.Control.ID))
	for _, top := range []struct {
		title string
		list  []replay.Count
	}{{"principals", a.Principals}, {"addresses", a.Addresses}, {"tools", a.Tools}, {"events", a.Names}} {
		if len(top.list) > 0 {
			fmt.Fprintf(b, "  %s\n", top.title)
		}
		for _, c := range top.list[:min(len(top.list), shownLines)] {
			paragraph(b, fmt.Sprintf("%10s  ", Thousands(c.Count)), strings.Repeat(" ", 12), cmp.Or(Sanitize(c.Name), "(none)"), o.Width)
		}
	}
	if len(a.Actions) > 0 {
		b.WriteString("  alarms\n")
	}
	for _, x := range a.Actions {
		paragraph(b, "    ", "      ", Sanitize(actionLine(x)), o.Width)
	}
	if len(a.Sent) > 0 {
		b.WriteString("  rules\n")
	}
	for _, m := range a.Sent {
		paragraph(b, "    ", "      ", Sanitize(messageLine(m)), o.Width)
	}
	for _, s := range a.Suggestions {
		fmt.Fprintf(b, "  without %s: %s, %s silenced (%s)\n    %s\n", Sanitize(excluded(s.Exclude)), plural(s.Alarms, "alarm"), plural(int(s.Silenced), "event"), s.Verdict, Sanitize(s.Pattern))
		for _, n := range s.Narrowed {
			fmt.Fprintf(b, "    lost when %s\n", Sanitize(n))
		}
	}
	for i, e := range a.Evidence {
		if i == 0 {
			b.WriteString("  latest events\n")
		}
		fmt.Fprintf(b, "    %s %s\n      %s\n", Sanitize(e.Object), Sanitize(e.ID), Sanitize(string(masked(e.Record))))
	}
}

// messageLine is what one rule sent, and to whom.
func messageLine(m replay.Messages) string {
	text := m.Rule.Name
	if m.Rule.Region != "" {
		text += " in " + m.Rule.Region
	}
	return fmt.Sprintf("%s: %s to %s", text, plural(int(m.Sent), "message"), receivers(m.Rule))
}

// receivers are who gets the messages of a rule, or why nobody does.
func receivers(r *replay.Rule) string {
	switch {
	case len(r.Alerts) > 0:
		return strings.Join(r.Alerts, ", ")
	case r.Broken != "":
		return "nobody: " + r.Broken
	}
	return "unknown receivers"
}

// actionLine is one alarm action: when, what, who, from where.
func actionLine(x replay.Action) string {
	text := x.At.Format("2006-01-02 15:04") + " " + x.Alarm + ": "
	switch {
	case x.Echo:
		return text + "echo"
	case x.Event.Name == "":
		text += "an event outside the window, or of another filter on the metric"
	default:
		text += x.Event.Name + " by " + principal(x.Event.Principal) + " from " + x.Event.Address
	}
	if x.Swallowed > 0 {
		text += ", " + plural(int(x.Swallowed), "event") + " while in ALARM"
	}
	if x.Silent != "" {
		text += " (" + x.Silent + ")"
	}
	return text
}

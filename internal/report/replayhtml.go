package report

import (
	"bytes"
	"cmp"
	_ "embed" // the page's style
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/replay"
)

//go:embed page/replay.css
var replayStyleFile string

// replayStyle is the style of an audit's page with what a replay has beside it.
var replayStyle = pageStyle + strings.ReplaceAll(replayStyleFile, "\r\n", "\n")

// htmlRows bounds the rows of one table of alarm actions or files on the page. JSON has
// all of them.
const htmlRows = 1000

// ReplayHTML writes a replay as one page that needs nothing else and has no script: its
// style is in it, and its content security policy allows nothing but this style, by its
// hash.
func ReplayHTML(w io.Writer, r Replay, o Options) error {
	p := &htmlWriter{}
	p.raw("<!DOCTYPE html>\n")
	p.start("html", "lang", "en")
	p.line()
	title := replayTitle(&r)
	writeHTMLHead(p, title, replayStyle, "")
	p.start("body")
	p.line()
	p.element("a", "Skip to the controls", "class", "skip", "href", "#controls")
	p.line()
	p.start("header")
	p.line()
	p.element("h1", title)
	p.line()
	p.element("p", replayVerdict(&r), "class", "verdict")
	p.line()
	writeReplayFacts(p, &r, o)
	p.end()
	p.line()
	p.start("main", "id", "controls")
	p.line()
	writeReplayGaps(p, &r)
	writeReplayOverview(p, &r)
	writeReplayControls(p, &r)
	p.end()
	p.line()
	p.start("footer")
	p.line()
	p.element("p", strings.TrimSuffix("monitorctl "+o.Version, " ")+", read-only. docs/replay.md says what is counted and what is assumed.")
	p.line()
	p.end()
	p.line()
	p.end()
	p.end()
	p.line()
	_, err := io.WriteString(w, p.b.String())
	return err
}

// replayTitle names the page by its window.
func replayTitle(r *Replay) string {
	if r.From.IsZero() || !r.To.After(r.From) {
		return "CloudTrail replay"
	}
	return fmt.Sprintf("CloudTrail replay: %s, %s to %s", plural(r.wholeDays(), "day"), r.From.Format("2006-01-02 15:04"), r.To.Format("2006-01-02 15:04"))
}

// replayVerdict is the outcome in one sentence: first what nobody was alerted of, then
// what could not be followed, then what is noisy.
func replayVerdict(r *Replay) string {
	var unseen, events, unknown, noisy, chains int
	for i := range r.Controls {
		a := &r.Controls[i]
		if a.Control.Account != "" {
			chains++
		}
		if nobodyAlerted(a) || a.Missed > 0 {
			unseen++
			events += int(a.Missed)
			if nobodyAlerted(a) {
				events += int(a.Events)
			}
		}
		if len(a.Unknown) > 0 {
			unknown++
		}
		if r.noisy(a) {
			noisy++
		}
	}
	switch {
	case r.Events == 0:
		return "There were no events, so this shows nothing."
	case unseen > 0:
		return fmt.Sprintf("Nobody was alerted to %s of %s.", plural(events, "event"), plural(unseen, "control"))
	case unknown > 0:
		return fmt.Sprintf("The alarms of %s could not be followed.", plural(unknown, "control"))
	case noisy > 0:
		return fmt.Sprintf("%s more than %s alarms or messages a day.", plural(noisy, "control")+map[bool]string{true: " has", false: " have"}[noisy == 1], strconv.FormatFloat(r.Noise, 'f', -1, 64))
	case chains == 0:
		return "This is what the alarms that apply would create would have done."
	}
	return "Every control with events would have alerted someone."
}

func writeReplayFacts(p *htmlWriter, r *Replay, o Options) {
	clock := "the events' own times"
	if r.Delivered {
		clock = "the times at which their files were delivered"
	}
	facts := [][2]string{
		{"Events", fmt.Sprintf("%s in %s and %s", Thousands(r.Events), plural(len(r.Accounts), "account"), plural(len(r.Regions), "region"))},
		{"Read", fmt.Sprintf("%s, %s, %s unpacked, engine %s", plural(r.Read.Objects, "file"), size(r.Read.Packed), size(r.Read.Unpacked), r.Engine)},
		{"Clock", clock},
	}
	if o.Config != nil {
		facts = append(facts, [2]string{"Configuration", o.Config.Path + ", SHA-256 " + o.Config.SHA256})
	}
	for i, note := range r.Notes() {
		name := ""
		if i == 0 {
			name = "Assumed"
		}
		facts = append(facts, [2]string{name, assumption(note)})
	}
	p.facts(facts)
}

// assumption is a note of a replay in words.
func assumption(note string) string {
	switch note {
	case "clock-assumed":
		return "a record reaches its log group within the minute of its event"
	case "evaluation-range-assumed":
		return "CloudWatch looks back two periods beyond the evaluation periods"
	case "raw-text-assumed":
		return "the text of a record in a file is that of its log event"
	case "events-delivered-once":
		return "CloudTrail put each event on its bus once"
	}
	return note
}

// writeReplayGaps writes what is missing and what was left out.
func writeReplayGaps(p *htmlWriter, r *Replay) {
	shown := *r
	shown.ShowUnreadable = true // they are below
	for _, text := range replayMissing(&shown) {
		p.element("p", strings.TrimSuffix(text, ":")+map[bool]string{true: ".", false: ""}[strings.HasSuffix(text, ":")], "class", "note missing")
		p.line()
	}
	if len(r.Unreadable) > 0 {
		fold(p, "Files that could not be read completely", func() {
			more := len(r.Unreadable) - htmlRows
			htmlTable(p, "Files that could not be read completely", []string{"File", "Why"}, func() {
				for _, u := range r.Unreadable[:min(len(r.Unreadable), htmlRows)] {
					replayRow(p, u.Name, u.Cause)
				}
			})
			moreRows(p, more, "file")
		})
	}
	for _, text := range replayLeftOut(r) {
		p.element("p", text, "class", "soft")
		p.line()
	}
}

// moreRows says how many rows a table has not; nothing for none.
func moreRows(p *htmlWriter, n int, what string) {
	if n > 0 {
		p.element("p", plural(n, "more "+what)+": -o json has all.", "class", "soft")
		p.line()
	}
}

// replayRow writes a row whose first cell is its name.
func replayRow(p *htmlWriter, first string, cells ...string) {
	p.start("tr")
	p.element("th", first, "scope", "row")
	for _, c := range cells {
		p.element("td", c)
	}
	p.end()
	p.line()
}

// writeReplayOverview writes a row for each control, as the table at a terminal has.
func writeReplayOverview(p *htmlWriter, r *Replay) {
	if len(r.Controls) == 0 {
		return
	}
	p.start("section", "class", "overview", "aria-labelledby", "overview")
	p.line()
	p.element("h2", "At a glance", "id", "overview")
	p.line()
	ids, several := newHTMLIDs(), severalAccounts(r)
	htmlTable(p, "Events and alarms of each control", []string{"Control", "Events", "Alarms", "Messages", "Alerted", "Most by"}, func() {
		for i := range r.Controls {
			a := &r.Controls[i]
			p.start("tr")
			p.start("th", "scope", "row")
			p.element("a", replayName(a, several), "href", "#"+replayID(ids, a))
			p.end()
			p.element("td", Thousands(a.Events), "data-name", "Events")
			p.element("td", replayAlarms(a), "data-name", "Alarms")
			p.element("td", messagesCell(a), "data-name", "Messages")
			p.element("td", alertedText(a), "data-name", "Alerted")
			p.element("td", cmp.Or(most(a), "-"), "data-name", "Most by")
			p.end()
			p.line()
		}
	})
	p.end()
	p.line()
}

// replayName is a control's id, with its account where there are several.
func replayName(a *replay.Answer, several bool) string {
	if several && a.Control.Account != "" {
		return a.Control.ID + " " + a.Control.Account
	}
	return a.Control.ID
}

// replayID is the id of a control's element. The controls are asked in one order.
func replayID(ids *htmlIDs, a *replay.Answer) string {
	return ids.of("replay-" + a.Control.ID + "-" + a.Control.Account)
}

func replayAlarms(a *replay.Answer) string {
	if len(a.Unknown) > 0 {
		return "unknown"
	}
	return Thousands(int64(a.Alarms()))
}

// alertedText is the cell ALERTED without colors.
func alertedText(a *replay.Answer) string { return alertedCell(a, painter{}) }

func writeReplayControls(p *htmlWriter, r *Replay) {
	if len(r.Controls) == 0 {
		return
	}
	ids, several := newHTMLIDs(), severalAccounts(r)
	p.start("section", "aria-labelledby", "each")
	p.line()
	p.element("h2", "Control by control", "id", "each")
	p.line()
	for i := range r.Controls {
		a := &r.Controls[i]
		writeReplayControl(p, r, a, replayID(ids, a), several)
	}
	p.end()
	p.line()
}

// replayBadge is what became of a control's events, as a class and in a word.
func replayBadge(r *Replay, a *replay.Answer) (class, word string) {
	switch {
	case nobodyAlerted(a), a.Missed > 0:
		return "fail", "Not alerted"
	case len(a.Unknown) > 0, a.Doubt > 0:
		return "unknown", "Unknown"
	case r.noisy(a):
		return "warn", "Noisy"
	case a.Events == 0:
		return "na", "No events"
	case a.Control.Account == "":
		return "na", "No chain"
	}
	return "pass", "Alerted"
}

func writeReplayControl(p *htmlWriter, r *Replay, a *replay.Answer, id string, several bool) {
	class, word := replayBadge(r, a)
	p.start("article", "id", id, "aria-labelledby", id+".h")
	p.line()
	p.start("div", "class", "side")
	p.element("span", word, "class", "badge "+class)
	p.element("span", plural(int(a.Events), "event"))
	if len(a.Unknown) > 0 {
		p.element("span", "alarms unknown")
	} else {
		p.element("span", plural(a.Alarms(), "alarm"))
	}
	if len(a.Sent) > 0 {
		p.element("span", plural(int(a.Messages()), "message"))
	}
	p.end()
	p.line()
	p.start("div")
	p.start("h3", "id", id+".h")
	p.element("a", cmp.Or(a.Control.Title, a.Control.ID), "href", "#"+id)
	p.text(" ")
	p.element("span", replayName(a, several), "class", "id")
	p.end()
	p.line()
	writeReplayBars(p, r, a)
	writeReplayWords(p, r, a)
	writeReplayTops(p, a)
	writeReplayActions(p, a)
	writeReplayRules(p, a)
	writeReplaySuggestions(p, r, a)
	writeReplayEvidence(p, a)
	p.end()
	p.end()
	p.line()
}

// writeReplayWords writes the sentences about a control and who was alerted.
func writeReplayWords(p *htmlWriter, r *Replay, a *replay.Answer) {
	for _, text := range replaySentences(r, a) {
		p.element("p", capital(text), "class", "why")
		p.line()
	}
	if n := len(a.Suggestions); n > 0 {
		p.start("p", "class", "why")
		p.element("code", a.Suggestions[n-1].Pattern)
		p.end()
		p.line()
	}
	if len(a.Alerted) > 0 {
		p.element("p", "Alerted: "+strings.Join(a.Alerted, ", "), "class", "why")
		p.line()
	}
}

// The size of the drawing of a control's days, in its own units.
const (
	barWidth  = 600
	barHeight = 60
)

// writeReplayBars draws the events of each day, those with alarm actions in another
// color, and says the same in words.
func writeReplayBars(p *htmlWriter, r *Replay, a *replay.Answer) {
	days := r.days()
	if a.Events == 0 || len(days) < 2 || len(a.Days) != len(days) {
		return
	}
	alarms := alarmsPerDay(a)
	top := slices.Max(a.Days)
	busiest := days[slices.Index(a.Days, top)].Format(time.DateOnly)
	p.start("svg", "class", "bars", "viewBox", fmt.Sprintf("0 0 %d %d", barWidth, barHeight), "preserveAspectRatio", "none", "role", "img",
		"aria-label", fmt.Sprintf("Events of each day: at most %s, on %s; alarms on %s", Thousands(top), busiest, plural(len(alarms), "day")))
	width := float64(barWidth) / float64(len(days))
	for i, day := range days {
		if a.Days[i] == 0 {
			continue
		}
		height := max(2, float64(barHeight)*float64(a.Days[i])/float64(max(top, 1)))
		attrs := []string{"x", decimal(float64(i)*width + width/10), "y", decimal(barHeight - height), "width", decimal(width * 0.8), "height", decimal(height)}
		if alarms[day.Format(time.DateOnly)] > 0 {
			attrs = append(attrs, "class", "rang")
		}
		p.start("rect", attrs...)
		p.element("title", fmt.Sprintf("%s: %s, %s", day.Format(time.DateOnly), plural(int(a.Days[i]), "event"), plural(alarms[day.Format(time.DateOnly)], "alarm")))
		p.end()
	}
	p.start("line", "x1", "0", "y1", strconv.Itoa(barHeight), "x2", strconv.Itoa(barWidth), "y2", strconv.Itoa(barHeight))
	p.end()
	p.end()
	p.line()
	p.start("div", "class", "axis", "aria-hidden", "true")
	p.element("span", days[0].Format(time.DateOnly))
	p.element("span", "at most "+plural(int(top), "event")+" a day; red: with alarms")
	p.element("span", days[len(days)-1].Format(time.DateOnly))
	p.end()
	p.line()
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }

// writeReplayTops writes who and what caused the events most often.
func writeReplayTops(p *htmlWriter, a *replay.Answer) {
	if a.Events == 0 {
		return
	}
	fold(p, "Who, from where, with what", func() {
		for _, top := range []struct {
			title, what string
			list        []replay.Count
		}{
			{"Principal", "The principals with the most events", a.Principals}, {"Address", "The addresses with the most events", a.Addresses},
			{"Tool", "The tools with the most events", a.Tools}, {"Event", "The most frequent events", a.Names},
		} {
			htmlTable(p, top.what, []string{top.title, "Events"}, func() {
				for _, c := range top.list[:min(len(top.list), topCounts)] {
					replayRow(p, cmp.Or(c.Name, "(none)"), Thousands(c.Count))
				}
			})
		}
		if a.MoreNames {
			p.element("p", "There were too many different names to count all of them.", "class", "soft")
			p.line()
		}
	})
}

// writeReplayActions writes a row for each transition into ALARM.
func writeReplayActions(p *htmlWriter, a *replay.Answer) {
	if len(a.Actions) == 0 {
		return
	}
	fold(p, plural(len(a.Actions), "transition")+" into ALARM", func() {
		htmlTable(p, "Each transition into ALARM", []string{"Time", "Alarm", "Event", "Principal", "Address", "What became of it"}, func() {
			for _, x := range a.Actions[:min(len(a.Actions), htmlRows)] {
				replayRow(p, x.At.Format("2006-01-02 15:04"), x.Alarm, cmp.Or(x.Event.Name, "-"), cmp.Or(principal(x.Event.Principal), "-"), cmp.Or(x.Event.Address, "-"), became(x))
			}
		})
		moreRows(p, len(a.Actions)-htmlRows, "transition")
	})
}

// writeReplayRules writes what each rule sent.
func writeReplayRules(p *htmlWriter, a *replay.Answer) {
	if len(a.Sent) == 0 {
		return
	}
	fold(p, plural(len(a.Sent), "rule"), func() {
		htmlTable(p, "What each rule sent", []string{"Rule", "Region", "Messages", "To"}, func() {
			for _, m := range a.Sent {
				replayRow(p, m.Rule.Name, cmp.Or(m.Rule.Region, "any"), Thousands(m.Sent), receivers(m.Rule))
			}
		})
	})
}

// became says what an alarm's transition into ALARM led to.
func became(x replay.Action) string {
	text := "acted"
	switch {
	case x.Echo:
		text = "echo: no new event"
	case x.Silent != "":
		text = x.Silent
	}
	if x.Swallowed > 0 {
		text += ", " + plural(int(x.Swallowed), "event") + " while in ALARM"
	}
	return text
}

// writeReplaySuggestions writes what would make a control quieter.
func writeReplaySuggestions(p *htmlWriter, r *Replay, a *replay.Answer) {
	if len(a.Suggestions) == 0 {
		return
	}
	fold(p, plural(len(a.Suggestions), "suggestion"), func() {
		htmlTable(p, "What would make the control quieter", []string{"Without", "Alarms a day", "Silenced", "The control is", "Pattern and what it loses"}, func() {
			for _, s := range a.Suggestions {
				p.start("tr")
				p.element("th", excluded(s.Exclude), "scope", "row")
				p.element("td", strconv.FormatFloat(r.PerDay(s.Alarms), 'f', 1, 64))
				p.element("td", plural(int(s.Silenced), "event"))
				p.element("td", s.Verdict)
				p.start("td")
				p.element("code", s.Pattern)
				for _, n := range s.Narrowed {
					p.element("code", "lost when "+n)
				}
				p.end()
				p.end()
				p.line()
			}
		})
	})
}

// writeReplayEvidence writes the latest records without their secrets.
func writeReplayEvidence(p *htmlWriter, a *replay.Answer) {
	if len(a.Evidence) == 0 {
		return
	}
	fold(p, "Evidence: the latest "+plural(len(a.Evidence), "event"), func() {
		for _, e := range a.Evidence {
			p.element("p", strings.TrimSpace(e.Time+" "+e.Object+" "+e.ID), "class", "soft")
			p.line()
			p.start("pre", "tabindex", "0")
			for i, line := range strings.Split(indented(masked(e.Record)), "\n") {
				if i > 0 {
					p.line()
				}
				p.text(line)
			}
			p.end()
			p.line()
		}
	})
}

// indented is JSON on several lines.
func indented(record json.RawMessage) string {
	var b bytes.Buffer
	if json.Indent(&b, record, "", "  ") != nil {
		return string(record)
	}
	return b.String()
}

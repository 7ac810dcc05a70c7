package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fatih/color"

	"github.com/monitorctl/monitorctl/internal/aws/replay"
	"github.com/monitorctl/monitorctl/internal/logs"
)

// A Replay is what a replay found, with what it read.
type Replay struct {
	replay.Report

	Source  Source
	Engine  string // local, trino or athena
	Query   Query
	Took    time.Duration
	Read    logs.Totals
	Skipped logs.Skipped

	// Unreadable are the files that were not read in full, by name; those of
	// Read are among them.
	Unreadable []logs.Unreadable

	Stopped string // why it ended before everything was read; "" when it did not

	// Days is whether the window was asked for; else it is that of the records.
	Days bool

	// Text says that a pattern searches the text of records.
	Text bool

	Noise          float64 // alarm actions a day above which a control is noisy
	Suggested      bool    // what would make noisy controls quieter was looked for
	Details        bool    // of each control, for a person
	ShowUnreadable bool    // each file, for a person
}

// A Source is where the records come from: what was found there for the window, read or
// not.
type Source struct {
	Locations []string // as they were given, or where the trails of the account deliver
	Files     int
	Bytes     int64 // as stored
}

// A Query is what a SQL engine was asked, the zero value where none was.
type Query struct {
	Exact     []string // the controls that the engine could answer by itself, sorted
	Statement string   // the SQL that counts, over all days
	IDs       []string // the engine's, of all statements
	Scanned   int64    // bytes that the engine read, as stored
	Here      int      // files that were read here, because the engine could not judge them
}

// Athena's price: for each TB scanned, at least 10 MB of it for each statement. It is
// that of most regions, in US dollars.
const (
	athenaPrice   = 5.0
	athenaMinimum = 10 << 20
)

// AthenaPrice returns about what so many statements cost that scan so many bytes
// together, in US dollars.
func AthenaPrice(statements int, bytes int64) float64 {
	return athenaPrice * float64(max(bytes, int64(statements)*athenaMinimum)) / (1 << 40)
}

// Price returns about what the statements cost, in US dollars; 0 for an engine that does
// not bill.
func (r *Replay) Price() float64 {
	if r.Engine != "athena" {
		return 0
	}
	return AthenaPrice(len(r.Query.IDs), r.Query.Scanned)
}

// Incomplete reports whether something was not read, or counts for less than it
// should.
func (r *Replay) Incomplete() bool {
	return r.Stopped != "" || len(r.Unreadable) > 0 || r.Read.Oversize > 0 || r.Events == 0 || r.Report.Incomplete()
}

// Notes are the codes of what was assumed.
func (r *Replay) Notes() []string {
	var notes []string
	if !r.Delivered {
		notes = append(notes, "clock-assumed")
	}
	if slices.ContainsFunc(r.Controls, func(a replay.Answer) bool { return a.Echoes() > 0 }) {
		notes = append(notes, "evaluation-range-assumed")
	}
	if r.Text {
		notes = append(notes, "raw-text-assumed")
	}
	if hasRules(r) {
		notes = append(notes, "events-delivered-once")
	}
	return notes
}

// hasRules reports whether rules were replayed.
func hasRules(r *Replay) bool {
	return slices.ContainsFunc(r.Controls, func(a replay.Answer) bool { return len(a.Control.Rules) > 0 })
}

// shownLines bounds the lists that a person gets to see.
const shownLines = 10

// ReplayText writes a replay for a person at a terminal: a row for each control, then
// what matters most in words.
func ReplayText(w io.Writer, r Replay, o Options) error {
	var b strings.Builder
	if !o.Quiet {
		paragraph(&b, "", "", replayHead(&r), o.Width)
		b.WriteByte('\n')
	}
	if err := replayTable(&b, &r, o); err != nil {
		return err
	}
	b.WriteByte('\n')
	for i := range r.Controls {
		replayWords(&b, &r, &r.Controls[i], o)
	}
	if !o.Quiet && r.suggestible() {
		paragraph(&b, "", "  ", "Run with --suggest to see what would make noisy controls quieter.", o.Width)
	}
	replayGaps(&b, &r, o)
	for i := range r.Controls {
		if r.Details {
			replayDetails(&b, &r.Controls[i], o)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// replayHead says what was read.
func replayHead(r *Replay) string {
	var parts []string
	if !r.From.IsZero() && r.To.After(r.From) {
		days := r.wholeDays()
		parts = append(parts, fmt.Sprintf("%s (%s to %s)", plural(days, "day"), r.From.Format("2006-01-02 15:04"), r.To.Format("2006-01-02 15:04")))
	}
	parts = append(parts, plural(len(r.Accounts), "account"), plural(len(r.Regions), "region"), numbered(int64(r.Read.Objects), "file"),
		size(r.Read.Packed)+", "+size(r.Read.Unpacked)+" unpacked", numbered(r.Events, "event"), r.engine(), r.Took.Round(time.Millisecond).String())
	return Sanitize(strings.Join(parts, ", "))
}

// engine says who read the files, and what it took.
func (r *Replay) engine() string {
	if len(r.Query.IDs) == 0 {
		return r.Engine
	}
	text := r.Engine + " scanned " + size(r.Query.Scanned)
	if p := r.Price(); p > 0 {
		text += fmt.Sprintf(" (about %.2f USD)", p)
	}
	if r.Query.Here > 0 {
		text += ", " + plural(r.Query.Here, "file") + " read here"
	}
	return text
}

// wholeDays is how long the window is, in days that have begun. Three days from noon to
// noon have four dates.
func (r *Replay) wholeDays() int {
	return int((r.To.Sub(r.From) + 24*time.Hour - 1) / (24 * time.Hour))
}

// days are the beginnings of the days of the window.
func (r *Replay) days() []time.Time {
	var list []time.Time
	if r.From.IsZero() {
		return nil
	}
	for day := r.From.Truncate(24 * time.Hour); day.Before(r.To); day = day.Add(24 * time.Hour) {
		list = append(list, day)
	}
	return list
}

// size is a number of bytes in words.
func size(n int64) string {
	units := []string{"B", "KB", "MB", "GB", "TB", "PB"}
	v := float64(n)
	i := 0
	for v >= 1000 && i < len(units)-1 {
		v /= 1000
		i++
	}
	if i == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", v, units[i])
}

// numbered is a number with its noun, as plural, with commas.
func numbered(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}

// grouped writes a number with commas.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func replayTable(b *strings.Builder, r *Replay, o Options) error {
	p := painter{o.Color}
	g := grid{head: []string{"CONTROL", "EVENTS", "ALARMS"}, notesHead: "MOST BY", width: o.Width}
	several, rules := severalAccounts(r), hasRules(r)
	narrow := o.Width > 0 && o.Width < 80 // who was alerted is below the row, too
	for i := range r.Controls {
		a := &r.Controls[i]
		name := Sanitize(a.Control.ID)
		if several {
			name += " " + Sanitize(a.Control.Account)
		}
		alarms := grouped(int64(a.Alarms()))
		if len(a.Unknown) > 0 {
			alarms = p.paint("unknown", color.FgMagenta)
		}
		row := []string{name, grouped(a.Events), alarms}
		if rules {
			row = append(row, messagesCell(a))
		}
		out := gridRow{cells: append(row, spark(a.Days, o.ASCII, bars(o.Width)))}
		who, alerted := most(a), alertedCell(a, p)
		switch {
		case !narrow:
			out.cells = append(out.cells, alerted)
		case alerted != "-":
			out.notes = append(out.notes, "alerted: "+alerted)
		}
		if who != "" {
			out.notes = append(out.notes, map[bool]string{true: "most by: "}[narrow]+who)
		}
		g.rows = append(g.rows, out)
	}
	if rules {
		g.head = append(g.head, "MESSAGES")
	}
	g.head = append(g.head, "PER DAY")
	if !narrow {
		g.head = append(g.head, "ALERTED")
	}
	return g.write(b)
}

// bars is how many bars a row has room for at a terminal of some width; 0: of any.
func bars(width int) int {
	const few, roomy = 10, 120
	if width == 0 || width >= roomy {
		return maxSpark
	}
	return few
}

// messagesCell is how many messages rules sent to someone, "-" without rules.
func messagesCell(a *replay.Answer) string {
	if len(a.Control.Rules) == 0 {
		return "-"
	}
	return grouped(a.Messages())
}

func severalAccounts(r *Replay) bool {
	return slices.ContainsFunc(r.Controls, func(a replay.Answer) bool { return a.Control.Account != r.Controls[0].Control.Account })
}

// maxSpark is how many bars a row has at most: days are put together beyond it.
const maxSpark = 31

// spark draws counts as at most so many bars, or as digits.
func spark(days []int64, ascii bool, most int) string {
	per := (len(days) + most - 1) / most
	var sums []int64
	for i, n := range days {
		if i%max(per, 1) == 0 {
			sums = append(sums, 0)
		}
		sums[len(sums)-1] += n
	}
	top := int64(0)
	for _, n := range sums {
		top = max(top, n)
	}
	if top == 0 {
		return ""
	}
	levels := []rune("▁▂▃▄▅▆▇█")
	if ascii {
		levels = []rune("0123456789")
	}
	var b strings.Builder
	for _, n := range sums {
		level := 0
		if n > 0 { // what happened at all is higher than nothing
			level = 1 + int(int64(len(levels)-2)*n/top)
		}
		b.WriteRune(levels[min(level, len(levels)-1)])
	}
	return b.String()
}

func alertedCell(a *replay.Answer, p painter) string {
	switch {
	case a.Events == 0 && len(a.Actions) == 0:
		return "-"
	case len(a.Alerted) > 0:
		return fmt.Sprintf("%s (%d)", Sanitize(a.Alerted[0]), len(a.Alerted))
	case len(a.Control.Unknown) > 0:
		return p.paint("unknown", color.FgMagenta)
	case a.Control.Account == "":
		return "no chain"
	}
	return p.paint("nobody", color.FgRed, color.Bold)
}

// most names who caused most of the events, with the share where there are others.
func most(a *replay.Answer) string {
	if len(a.Principals) == 0 {
		return ""
	}
	name := principal(a.Principals[0].Name)
	if share := 100 * a.Principals[0].Count / max(a.Events, 1); len(a.Principals) > 1 {
		name = fmt.Sprintf("%d%% %s", share, name)
	}
	return name
}

// principal is an identity in short: role NAME, user NAME, root ACCOUNT, or what it is.
func principal(name string) string {
	parts := strings.SplitN(name, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		return Sanitize(name)
	}
	if parts[5] == "root" {
		return Sanitize("root " + parts[4])
	}
	kind, rest, _ := strings.Cut(parts[5], "/")
	if kind == "assumed-role" {
		kind = "role"
		rest, _, _ = strings.Cut(rest, "/")
	}
	return Sanitize(kind + " " + rest[strings.LastIndexByte(rest, '/')+1:])
}

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
		say("%s without a new event: caused by how far CloudWatch is assumed to look back.", plural(n, "further alarm"))
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
		say("INCOMPLETE: %s without eventTime: no CloudTrail records.", plural(int(r.Untimed), "message"))
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
		{r.Outside, "event outside of the window", "events outside of the window"},
		{int64(r.Skipped.Digest + r.Skipped.Insight), "file of another kind than log files", "files of other kinds than log files"},
		{int64(r.Skipped.Other), "file with a name that CloudTrail does not give, not read: name it to have it read", "files with names that CloudTrail does not give, not read: name them to have them read"},
	} {
		switch {
		case x.n == 1:
			out = append(out, "Left out: 1 "+x.one+".")
		case x.n > 1:
			out = append(out, "Left out: "+grouped(x.n)+" "+x.many+".")
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
			paragraph(b, fmt.Sprintf("%10s  ", grouped(c.Count)), strings.Repeat(" ", 12), cmp.Or(Sanitize(c.Name), "(none)"), o.Width)
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
		text += "an event outside of the window, or of another filter on the metric"
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

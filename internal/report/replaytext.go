package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fatih/color"

	"github.com/monitorctl/monitorctl/internal/aws/replay"
)

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
	return Thousands(n) + " " + noun + "s"
}

// Thousands writes a number as people read it: 4,974.
func Thousands[N int | int64](n N) string {
	text := strconv.FormatInt(int64(n), 10)
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
		alarms := Thousands(int64(a.Alarms()))
		if len(a.Unknown) > 0 {
			alarms = p.paint("unknown", color.FgMagenta)
		}
		row := []string{name, Thousands(a.Events), alarms}
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
	return Thousands(a.Messages())
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

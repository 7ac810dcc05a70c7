package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/drill"
)

// Receipt writes the receipt of a drill of AWS as JSON, with its own SHA-256.
func Receipt(w io.Writer, r drill.Receipt, _ Options) error {
	data, err := r.Encode()
	if err == nil {
		_, err = w.Write(data)
	}
	return err
}

// ReceiptTable writes the receipt of a drill of AWS for a person.
func ReceiptTable(w io.Writer, r drill.Receipt, o Options) error {
	var b strings.Builder
	paragraph(&b, "", "  ", Sanitize(fmt.Sprintf("Drill %s of account %s, by %s", r.ID, r.Account, r.Caller)), o.Width)
	b.WriteByte('\n')
	g := &grid{head: receiptHead[:3], notesHead: receiptHead[3], width: o.Width}
	for _, row := range filterRows(r) {
		g.rows = append(g.rows, gridRow{cells: sanitized(row[:3]), notes: []string{Sanitize(row[3])}})
	}
	if err := g.write(&b); err != nil {
		return err
	}
	if r.Notify {
		b.WriteByte('\n')
		g := &grid{head: ringHead[:3], notesHead: ringHead[3], width: o.Width}
		for _, row := range ringRows(r) {
			g.rows = append(g.rows, gridRow{cells: sanitized(row[:3]), notes: []string{Sanitize(row[3])}})
		}
		if err := g.write(&b); err != nil {
			return err
		}
	}
	b.WriteByte('\n')
	for _, line := range receiptLines(r) {
		paragraph(&b, "", "  ", Sanitize(line), o.Width)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// ReceiptMarkdown writes the receipt of a drill of AWS as a page of Markdown.
func ReceiptMarkdown(w io.Writer, r drill.Receipt, _ Options) error {
	data, err := r.Encode()
	if err != nil {
		return err
	}
	sealed, err := drill.ReadReceipt(data)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("# Receipt of a drill\n\n")
	for _, f := range [][2]string{
		{"Drill", r.ID}, {"Account", r.Account}, {"By", r.Caller}, {"Regions", strings.Join(r.Regions, ", ")},
		{"Started", timeOf(r.Started)}, {"Ended", timeOf(r.Ended)}, {"Tool", r.Tool.Name + " " + r.Tool.Version},
		{"Command", strings.Join(r.Command, " ")}, {"SHA-256 of the snapshot", dash(r.Snapshot)}, {"SHA-256 of the receipt in JSON", sealed.SHA256},
	} {
		fmt.Fprintf(&b, "- %s: %s\n", f[0], markdown(f[1]))
	}
	filters := filterRows(r)
	for i := range filters {
		filters[i] = append(filters[i], r.Filters[i].Pattern)
	}
	markdownTable(&b, "Filters, as AWS answers", append(slices.Clone(receiptHead), "PATTERN"), filters)
	if r.Notify {
		markdownTable(&b, "Alarms", ringHead, ringRows(r))
		markdownTable(&b, "History", []string{"Time", "Alarm", "Entry", "Action"}, historyRows(r))
	}
	b.WriteByte('\n')
	for _, line := range receiptLines(r) {
		fmt.Fprintf(&b, "- %s\n", markdown(line))
	}
	_, err = io.WriteString(w, b.String())
	return err
}

func markdownTable(b *strings.Builder, title string, head []string, rows [][]string) {
	fmt.Fprintf(b, "\n## %s\n\n| %s |\n|%s\n", title, strings.Join(head, " | "), strings.Repeat(" --- |", len(head)))
	for _, row := range rows {
		cells := make([]string, len(row))
		for i := range row {
			cells[i] = markdownCell(row[i])
		}
		fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
	}
}

func sanitized(cells []string) []string {
	out := make([]string, len(cells))
	for i := range cells {
		out[i] = Sanitize(cells[i])
	}
	return out
}

var receiptHead = []string{"CONTROL", "FILTER", "ANSWER", "RECORDS"}

// filterRows has a row for each filter that AWS was asked about.
func filterRows(r drill.Receipt) [][]string {
	var rows [][]string
	for _, a := range r.Filters {
		name := "(not in the account)"
		if _, n, ok := strings.Cut(a.Filter, ":metric-filter:"); ok {
			name = n
		} else if a.Control == "" {
			name = "(the pattern given)"
		}
		rows = append(rows, []string{dash(a.Control), name, string(a.Verdict), answerText(a)})
	}
	return rows
}

// answerText counts what AWS says, and says why it does not.
func answerText(a drill.Answer) string {
	if a.Why != "" {
		return a.Why
	}
	text := fmt.Sprintf("%d of %d match", a.Matched, a.Sent)
	if a.Everyday > 0 {
		text += fmt.Sprintf(", %d of %s", a.Noise, plural(a.Everyday, "everyday event"))
	}
	if a.Unsure > 0 {
		text += fmt.Sprintf("; %d by a rule that AWS does not document", a.Unsure)
	}
	return text
}

var ringHead = []string{"CONTROL", "ALARM", "OUTCOME", "DETAIL"}

// ringRows has a row for each control and alarm, and for what was left out.
func ringRows(r drill.Receipt) [][]string {
	var rows [][]string
	for _, c := range r.Controls {
		for _, a := range r.Alarms {
			if slices.Contains(c.Alarms, a.Alarm) {
				rows = append(rows, []string{c.ID, alarmName(a.Alarm), ringOutcome(r, a), rungText(a)})
			}
		}
		for _, x := range slices.Concat(c.Refused, c.Notes) {
			rows = append(rows, []string{c.ID, dash(alarmName(x.Alarm)), string(x.Code), x.Text})
		}
	}
	return rows
}

func alarmName(arn string) string {
	_, name, _ := strings.Cut(arn, ":alarm:")
	return name
}

// ringOutcome is what came of an alarm, its acknowledgement included.
func ringOutcome(r drill.Receipt, a drill.Rung) string {
	switch {
	case a.Outcome == drill.Delivered && a.Ack != nil:
		return string(drill.Acknowledged)
	case a.Outcome == drill.Delivered && r.AckAsked:
		return string(drill.NotAcknowledged)
	}
	return string(a.Outcome)
}

// rungText says who gets the message of an alarm, or why it was not delivered.
func rungText(a drill.Rung) string {
	if a.Detail != "" {
		return a.Detail
	}
	var people []string
	for _, x := range a.Recipients {
		if x.State == "confirmed" {
			people = append(people, x.Protocol+" "+x.Endpoint)
		}
	}
	text := "to " + strings.Join(people, ", ")
	if len(people) == 0 {
		text = "nobody has confirmed a subscription"
	}
	if a.Ack != nil {
		text += "; " + a.Ack.How + " at " + timeOf(a.Ack.At)
	}
	return text
}

// historyRows has the history of all alarms.
func historyRows(r drill.Receipt) [][]string {
	var rows [][]string
	for _, a := range r.Alarms {
		for _, e := range a.History {
			rows = append(rows, []string{e.At.UTC().Format(time.RFC3339), e.Alarm, e.Summary, dash(e.ActionState)})
		}
	}
	return rows
}

// receiptLines say what differs, what was counted, and what is not proven.
func receiptLines(r drill.Receipt) []string {
	var lines []string
	if x := r.Records; x != nil && x.Sent < x.Read {
		lines = append(lines, fmt.Sprintf("%s: of %s the first %d were sent.", x.File, plural(x.Read, "message"), x.Sent))
	}
	for _, a := range r.Filters {
		for _, d := range a.Differences {
			lines = append(lines, fmt.Sprintf("engine-differs (%s): pattern %s on %s: %s", d.Verdict, a.Pattern, d.Event, d.Record))
		}
	}
	for _, c := range r.Counts {
		lines = append(lines, fmt.Sprintf("SNS counts %g accepted for delivery and %g failed at topic %s, from any sender.", c.Delivered, c.Failed, c.Topic))
	}
	if r.Failure != "" {
		lines = append(lines, "The drill ended early: "+r.Failure)
	}
	for _, text := range r.NotProven {
		lines = append(lines, "Not proven: "+text+".")
	}
	return lines
}

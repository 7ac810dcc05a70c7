package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/monitorctl/monitorctl/internal/change"
)

// PlanText writes a plan for a person who has to agree to it: for each account
// the trail, every change with the values it writes, what stands in the way,
// what needs manual action, the expected results, and last the sum with the command that
// carries it out. Brief leaves all of it out but the changes, one line each, what stands
// in the way, and the sum.
func PlanText(w io.Writer, p change.Plan, o Options) error {
	var b strings.Builder
	for _, a := range accountsOf(p.Before) {
		writePlanned(&b, p, a.ref, o)
	}
	if !o.Brief {
		if err := writePredicted(&b, p, o); err != nil {
			return err
		}
		if len(p.Actions) > 0 {
			b.WriteByte('\n')
		}
	}
	next := o.Next
	if len(p.Conflicts) > 0 && !p.Separate {
		next = "" // apply would refuse
	}
	writeSum(&b, p.Actions, next, o)
	_, err := io.WriteString(w, b.String())
	return err
}

// ExpectedText writes the end of PlanText: what else someone has to do or to know, and the
// verdicts to come. It is for a plan that something else carries out.
func ExpectedText(w io.Writer, p change.Plan, o Options) error {
	var b strings.Builder
	b.WriteByte('\n')
	for _, a := range accountsOf(p.Before) {
		writeManual(&b, "Needs manual action:", p.Manual, a.ref.ID, o)
		writeManual(&b, "To know:", p.Notes, a.ref.ID, o)
	}
	if err := writePredicted(&b, p, o); err != nil {
		return err
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writePlanned writes what is planned in one account.
func writePlanned(b *strings.Builder, p change.Plan, a finding.AccountRef, o Options) {
	paragraph(b, "", "  ", accountTitle(a), o.Width)
	for _, c := range p.Chosen {
		if c.Account == a.ID && !o.Brief {
			text := fmt.Sprintf("Trail %s in %s, log group %s: %s", nameOf(c.TrailARN), c.Region, c.LogGroup, c.Why)
			if c.LogGroup == "" {
				text = fmt.Sprintf("Rules in %s, trail %s: %s", c.Region, nameOf(c.TrailARN), c.Why)
			}
			paragraph(b, "", "  ", Sanitize(text), o.Width)
		}
	}
	b.WriteByte('\n')
	writeActions(b, p, a.ID, o)
	writeAlone(b, p, a.ID, o)
	writeConflicts(b, p, a.ID, o)
	if o.Brief {
		return
	}
	writeDrifts(b, p, a.ID, o)
	writeManual(b, "Needs manual action:", p.Manual, a.ID, o)
	writeManual(b, "To know:", p.Notes, a.ID, o)
}

// writeActions lists the changes to one account, in the order of the plan.
func writeActions(b *strings.Builder, p change.Plan, id string, o Options) {
	var mine []change.Action
	for _, a := range p.Actions {
		if a.Common().Account == id {
			mine = append(mine, a)
		}
	}
	if len(mine) > 0 {
		writeActionList(b, mine, o)
		if len(mine) < len(p.Actions) { // several accounts: a sum for each
			writeSum(b, mine, "", o)
			b.WriteByte('\n')
		}
		if !o.Brief {
			writeCost(b, costWords(p, id), o)
		}
		return
	}
	// With a conflict there may be much to do; what was planned is not said to be
	// nothing.
	needs := func(m change.Manual) bool { return m.Account == id }
	switch {
	case slices.ContainsFunc(p.Conflicts, func(c change.Conflict) bool { return c.Account == id || !p.Separate }):
	case slices.ContainsFunc(p.Manual, needs):
		if owners := elsewhere(p.Manual, id); owners != "" {
			paragraph(b, "", "", fmt.Sprintf("Nothing can be planned in this account: the chain is fixed in account %s.", owners), o.Width)
			b.WriteByte('\n')
			break
		}
		b.WriteString("Nothing to do for apply.\n\n")
	default:
		b.WriteString("Nothing to do.\n\n")
	}
}

// elsewhere names the accounts in which all that is left of an account is to be done; ""
// where something is to be done in the account itself.
func elsewhere(list []change.Manual, id string) string {
	var owners []string
	for _, m := range list {
		switch {
		case m.Account != id || m.Control == "":
		case m.Elsewhere == "":
			return ""
		case !slices.Contains(owners, m.Elsewhere):
			owners = append(owners, m.Elsewhere)
		}
	}
	return strings.Join(owners, " and ")
}

// writeCost says what the changes add to the bill; "" for what costs nothing to say.
func writeCost(b *strings.Builder, text string, o Options) {
	if text != "" {
		paragraph(b, "", "", "Costs: "+text+".", o.Width)
		b.WriteByte('\n')
	}
}

// shortValues is how many characters an old and a new value may have together to stand on
// one line.
const shortValues = 40

// writeFields writes fields, and returns what writes more lines of that form.
func writeFields(b *strings.Builder, indent string, fields []change.Field, o Options) func(name, text string) {
	width := len("because")
	for _, f := range fields {
		width = max(width, len(f.Name))
	}
	line := func(name, text string) {
		first := fmt.Sprintf("%s%-*s  ", indent, width, name)
		paragraph(b, first, strings.Repeat(" ", twwidth.Width(first)), Sanitize(text), o.Width)
	}
	for _, f := range fields {
		switch f.Effect {
		case change.Removed:
			line(f.Name, f.Old)
		case change.Set:
			line(f.Name, f.New)
		case change.Replaced:
			if len(f.Old)+len(f.New) <= shortValues {
				line(f.Name, dash(f.Old)+" -> "+dash(f.New))
				continue
			}
			line(f.Name, "now   "+dash(f.Old))
			line("", "then  "+dash(f.New))
		}
	}
	return line
}

// writeAlone counts what stays as it is, although the scope asks for something else.
func writeAlone(b *strings.Builder, p change.Plan, id string, o Options) {
	kept, edited := map[string]int{}, 0
	for _, m := range p.Manual {
		if m.Account == id && m.Code == change.CodeKept {
			kept[m.Keeper]++
		}
	}
	for _, d := range p.Drifts {
		if d.Account == id {
			edited++
		}
	}
	var parts []string
	for _, keeper := range slices.Sorted(maps.Keys(kept)) {
		parts = append(parts, fmt.Sprintf("%s kept by %s ('monitorctl export %[2]s' writes the repair)", plural(kept[keeper], "object"), keeper))
	}
	if edited > 0 {
		parts = append(parts, plural(edited, "edited object")+" left alone")
	}
	if len(parts) > 0 {
		paragraph(b, "= ", "  ", strings.Join(parts, ", "), o.Width)
		b.WriteByte('\n')
	}
}

// writeConflicts shows both sides of what stands in the way.
func writeConflicts(b *strings.Builder, p change.Plan, id string, o Options) {
	var mine []change.Conflict
	for _, c := range p.Conflicts {
		if c.Account == id {
			mine = append(mine, c)
		}
	}
	if len(mine) == 0 {
		return
	}
	lasts := ". Nothing is written until this is resolved:"
	if p.Separate {
		lasts = ". Nothing is written to this subscription until this is resolved:"
	}
	paragraph(b, "", "", plural(len(mine), "conflict")+lasts, o.Width)
	b.WriteByte('\n')
	for _, c := range mine {
		paragraph(b, "  ! ", "    ", Sanitize(inRegion(c.Name, c.Region)+": "+c.Reason), o.Width)
		if o.Brief {
			continue
		}
		fmt.Fprintf(b, "    %s\n", Sanitize(c.Resource))
		if len(c.Fields) > 0 {
			writeFields(b, "    ", c.Fields, o)("hint", c.WayOut(o.CanReplace))
		} else {
			paragraph(b, "    is      ", "            ", Sanitize(dash(c.Have)), o.Width)
			paragraph(b, "    wanted  ", "            ", Sanitize(dash(c.Want)), o.Width)
			paragraph(b, "    hint    ", "            ", Sanitize(c.WayOut(o.CanReplace)), o.Width)
		}
		b.WriteByte('\n')
	}
	if o.Brief {
		b.WriteByte('\n')
	}
}

// writeDrifts shows what of ours was edited, and stays so.
func writeDrifts(b *strings.Builder, p change.Plan, id string, o Options) {
	wrote := false
	for _, d := range p.Drifts {
		if d.Account != id {
			continue
		}
		if !wrote {
			paragraph(b, "", "", "Edited since monitorctl wrote it, so left alone:", o.Width)
			b.WriteByte('\n')
			wrote = true
		}
		text := inRegion(d.Name, d.Region)
		if d.Control != "" {
			text += ", for " + d.Control
		}
		paragraph(b, "  ~ ", "    ", Sanitize(text), o.Width)
		fmt.Fprintf(b, "    %s\n", Sanitize(d.Resource))
		line := writeFields(b, "    ", d.Fields, o)
		switch {
		case d.Why != "":
			line("hint", "it cannot be replaced: "+d.Why)
		case o.CanReplace:
			line("hint", "--replace "+d.Name+" restores it")
		}
		b.WriteByte('\n')
	}
}

// writeManual lists what a person must mend, or has to know, below a title.
func writeManual(b *strings.Builder, title string, list []change.Manual, id string, o Options) {
	wrote := false
	for _, m := range list {
		if m.Account != id {
			continue
		}
		if !wrote {
			paragraph(b, "", "", title, o.Width)
			b.WriteByte('\n')
			wrote = true
		}
		text := m.Text
		if m.Control != "" {
			text = m.Control + ": " + text
		}
		paragraph(b, "  - ", "    ", Sanitize(text), o.Width)
	}
	if wrote {
		b.WriteByte('\n')
	}
}

// writePredicted writes the verdict on each control now and afterwards.
func writePredicted(b *strings.Builder, p change.Plan, o Options) error {
	accounts := accountsOf(p.Before)
	g := &grid{head: []string{"CONTROL", "CIS", "NOW", "AFTER"}, notesHead: "WHY", width: o.Width}
	if len(accounts) > 1 {
		g.head = append([]string{"ACCOUNT"}, g.head...)
		g.nameCol++
	}
	for _, v := range sorted(predictions(p)) {
		row := predictedRow(v, o)
		if len(accounts) > 1 {
			row.cells = append([]string{Sanitize(v.now.Account)}, row.cells...)
		}
		g.rows = append(g.rows, row)
	}
	if len(g.rows) == 0 {
		return nil
	}
	paragraph(b, "", "", "Expected results:", o.Width)
	b.WriteByte('\n')
	if err := g.write(b); err != nil {
		return err
	}
	b.WriteByte('\n')
	text := fmt.Sprintf("Now: %s Afterwards: %s", counts(p.Before.Summary()), counts(p.After.Summary()))
	if p.Confirmed != nil {
		text += " Once every new subscriber has confirmed: " + counts(p.Confirmed.Summary())
	}
	paragraph(b, "", "", text, o.Width)
	if text := peersPassing(p.After); text != "" {
		paragraph(b, "", "", "Other tools afterwards, from the text of metric filters only: "+text+".", o.Width)
	}
	return nil
}

func predictedRow(v prediction, o Options) gridRow {
	p := painter{o.Color}
	return gridRow{
		cells: []string{Sanitize(v.now.Control), dash(Sanitize(v.now.Number)), p.status(v.now.Status), p.status(v.after.Status)},
		notes: why(v.after, o),
	}
}

// A prediction is the verdict on a control before and after.
type prediction struct{ now, after finding.Finding }

// sorted returns predictions by account, in the order of the report, and number.
func sorted(list []prediction) []prediction {
	place := map[string]int{}
	for _, v := range list {
		if _, ok := place[v.now.Account]; !ok {
			place[v.now.Account] = len(place)
		}
	}
	return slices.SortedStableFunc(slices.Values(list), func(a, b prediction) int {
		return cmp.Or(cmp.Compare(place[a.now.Account], place[b.now.Account]), compareNumbers(a.now.Number, b.now.Number))
	})
}

// predictions pairs the findings of a plan's two audits by account and
// control. A finding that the second audit lacks stays as it is.
func predictions(p change.Plan) []prediction {
	type key struct{ account, control string }
	after := make(map[key]finding.Finding, len(p.After.Findings))
	for _, f := range p.After.Findings {
		after[key{f.Account, f.Control}] = f
	}
	list := make([]prediction, 0, len(p.Before.Findings))
	for _, f := range p.Before.Findings {
		v := prediction{now: f, after: f}
		if g, ok := after[key{f.Account, f.Control}]; ok {
			v.after = g
		}
		list = append(list, v)
	}
	return list
}

// nameOf returns the last part of an ARN, behind the last slash or colon.
func nameOf(arn string) string {
	return arn[strings.LastIndexAny(arn, "/:")+1:]
}

// plural returns "1 change", "2 changes".
func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// A FleetPlan is a plan for many accounts.
type FleetPlan struct {
	Header                        FleetHeader
	Name                          string // of the organization's management account; "" where the accounts do not have it
	Accounts, Unreadable, Skipped int    // accounts that were judged; unreadable ones are among them, skipped ones are not

	Owners  []FleetPlanned // the accounts that own the chain which all share, with changes or without
	Fixed   int            // accounts that fail something less once the owners' plans are carried out
	Members []FleetPlanned // other accounts with changes or conflicts; identical plans once
	Left    []FleetLeft    // what fails afterwards all the same
	Failing []string       // ids of the accounts that fail something once all is carried out and confirmed, sorted

	Rows  []FleetPredicted // by control, as asked for
	Mails FleetMails
}

// A FleetRef names an account.
type FleetRef struct {
	ID      string `json:"id"`
	Name    string `json:"name,omitempty"`
	OUPath  string `json:"ouPath,omitempty"`
	OUNames string `json:"ouNames,omitempty"`
}

// String is the id with the name.
func (r FleetRef) String() string {
	if r.Name == "" || r.Name == r.ID {
		return r.ID
	}
	return r.ID + " " + r.Name
}

// A FleetPlanned is the plan of accounts that differ in nothing else, as it is for the first.
type FleetPlanned struct {
	Accounts []FleetRef // sorted by id
	Plan     change.Plan
}

// A FleetLeft is something that no change helps, with its accounts; {account} stands for
// the id in the text.
type FleetLeft struct {
	Text     string
	Accounts []FleetRef
}

// A FleetPredicted is how a control stands in how many accounts: now, once the owners are
// written to and confirmed, after all of the plan, and once every new subscriber has
// confirmed.
type FleetPredicted struct {
	Control, Number               string
	Now, Owners, After, Confirmed map[finding.Status]int
}

// FleetMails counts the confirmations that e-mail subscribers have to make.
type FleetMails struct{ Accounts, Addresses, Confirmations int }

// ManyMembers is from how many accounts on a template is offered before writing.
const ManyMembers = 11

// ToWrite is how many accounts beside the owners the plan changes.
func (p *FleetPlan) ToWrite() int {
	n := 0
	for _, g := range p.Members {
		if len(g.Plan.Conflicts) == 0 {
			n += len(g.Accounts)
		}
	}
	return n
}

// Blocked is how many accounts have a conflict.
func (p *FleetPlan) Blocked() int {
	n := 0
	for _, g := range slices.Concat(p.Owners, p.Members) {
		if len(g.Plan.Conflicts) > 0 {
			n += len(g.Accounts)
		}
	}
	return n
}

// FleetPlanText writes a plan for many accounts for a person who has to agree to it.
func FleetPlanText(w io.Writer, p FleetPlan, o Options) error {
	var b strings.Builder
	title := fmt.Sprintf("%s: %s checked", fleetName(p), plural(p.Accounts, "account"))
	if p.Unreadable > 0 {
		title += fmt.Sprintf(", %d of them unreadable", p.Unreadable)
	}
	if p.Skipped > 0 {
		title += fmt.Sprintf("; %d skipped", p.Skipped)
	}
	paragraph(&b, "", "  ", title, o.Width)
	b.WriteByte('\n')
	owners := o
	owners.CanReplace = true
	for _, g := range p.Owners {
		about := "Owner of the log group, " + g.Accounts[0].String()
		if len(g.Plan.Actions) > 0 && len(g.Plan.Conflicts) == 0 {
			about += ": fixes " + plural(p.Fixed, "account")
		}
		writeFleetPlanned(&b, about, g, owners)
	}
	for _, g := range p.Members {
		about := "Account " + g.Accounts[0].String()
		if n := len(g.Accounts); n > 1 {
			about = fmt.Sprintf("%d accounts with the same plan, as in %s", n, g.Accounts[0])
		}
		writeFleetPlanned(&b, about, g, o)
		if len(g.Accounts) > 1 {
			paragraph(&b, "  in ", "     ", fleetRefs(g.Accounts, o), o.Width)
			b.WriteByte('\n')
		}
	}
	if len(p.Owners)+len(p.Members) == 0 {
		b.WriteString("Nothing to do.\n\n")
	}
	writeFleetLeft(&b, p, o)
	if !o.Brief {
		if err := writeFleetPredicted(&b, p, o); err != nil {
			return err
		}
	}
	writeFleetNext(&b, p, o)
	_, err := io.WriteString(w, b.String())
	return err
}

func fleetName(p FleetPlan) string {
	if p.Header.Organization == "" {
		return "Accounts"
	}
	return "Organization " + organizationText(p.Header.Organization, p.Name)
}

// writeFleetPlanned writes a plan that is for all of its accounts.
func writeFleetPlanned(b *strings.Builder, about string, g FleetPlanned, o Options) {
	id := g.Accounts[0].ID
	paragraph(b, "", "  ", Sanitize(about), o.Width)
	b.WriteByte('\n')
	writeActions(b, g.Plan, id, o)
	writeAlone(b, g.Plan, id, o)
	writeConflicts(b, g.Plan, id, o)
	if o.Brief {
		return
	}
	writeDrifts(b, g.Plan, id, o)
	writeManual(b, "Needs manual action:", g.Plan.Manual, id, o)
	writeManual(b, "To know:", g.Plan.Notes, id, o)
}

// fleetRefs names accounts, a few unless more are asked for.
func fleetRefs(list []FleetRef, o Options) string {
	const few = 20
	n := len(list)
	if !o.Verbose {
		n = min(n, few)
	}
	var names []string
	for _, r := range list[:n] {
		names = append(names, Sanitize(r.String()))
	}
	text := strings.Join(names, ", ")
	if more := len(list) - n; more > 0 {
		text += fmt.Sprintf(" and %d more (--verbose lists all)", more)
	}
	return text
}

func writeFleetLeft(b *strings.Builder, p FleetPlan, o Options) {
	if len(p.Left) == 0 {
		return
	}
	b.WriteString("What apply cannot fix:\n\n")
	for _, l := range p.Left {
		paragraph(b, "  - ", "    ", Sanitize(fmt.Sprintf("%s (%s: %s)", l.Text, plural(len(l.Accounts), "account"), fleetRefs(l.Accounts, o))), o.Width)
	}
	b.WriteByte('\n')
}

// writeFleetPredicted counts the accounts that fail each control, now and afterwards.
func writeFleetPredicted(b *strings.Builder, p FleetPlan, o Options) error {
	g := &grid{head: []string{"CONTROL", "CIS", "FAIL NOW", "OWNER DONE", "ALL DONE", "CONFIRMED"}, width: o.Width}
	for _, r := range p.Rows {
		cell := func(m map[finding.Status]int) string { return fmt.Sprint(m[finding.Fail]) }
		g.rows = append(g.rows, gridRow{cells: []string{Sanitize(r.Control), dash(Sanitize(r.Number)), cell(r.Now), cell(r.Owners), cell(r.After), cell(r.Confirmed)}})
	}
	if len(g.rows) == 0 {
		return nil
	}
	paragraph(b, "", "", "Expected results, in accounts that fail:", o.Width)
	b.WriteByte('\n')
	if err := g.write(b); err != nil {
		return err
	}
	b.WriteByte('\n')
	return nil
}

// writeFleetNext says what comes next, the template first where many accounts would be
// written to.
func writeFleetNext(b *strings.Builder, p FleetPlan, o Options) {
	for _, text := range FleetNext(p) {
		paragraph(b, "", "  ", Sanitize(text), o.Width)
	}
}

// FleetNext says what comes next, a sentence each.
func FleetNext(p FleetPlan) []string {
	var list []string
	if m := p.Mails; m.Confirmations > 0 {
		text := fmt.Sprintf("E-mail: %s to make (%s, %s).", plural(m.Confirmations, "confirmation"), plural(m.Accounts, "account"), addresses(m.Addresses))
		if m.Accounts > 1 {
			text += " One central topic whose policy lets CloudWatch publish for the organization (aws:SourceOrgID " + dash(p.Header.Organization) +
				") needs " + fmt.Sprint(m.Addresses) + ": name it with --topic-arn. A subscriber by https or sqs needs none."
		}
		list = append(list, text)
	}
	n := p.ToWrite()
	if n >= ManyMembers {
		list = append(list, fmt.Sprintf("%d accounts would be written to. A stack set does that without credentials in each: 'monitorctl export cloudformation --stackset --org --dir DIR'.", n))
	}
	if n > 0 {
		list = append(list, fmt.Sprintf("%s --write-accounts: 'monitorctl plan --org --save DIR', then 'monitorctl apply --plan DIR --write-accounts all'.", needs(n)))
	}
	if k := p.Blocked(); k > 0 {
		list = append(list, fmt.Sprintf("%s a conflict: nothing is written there.", has(k)))
	}
	return list
}

func addresses(n int) string {
	if n == 1 {
		return "1 address"
	}
	return fmt.Sprintf("%d addresses", n)
}

func needs(n int) string {
	if n == 1 {
		return "1 account needs"
	}
	return fmt.Sprintf("%d accounts need", n)
}

func has(n int) string {
	if n == 1 {
		return "1 account has"
	}
	return fmt.Sprintf("%d accounts have", n)
}

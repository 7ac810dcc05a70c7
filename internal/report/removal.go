package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/change"
)

// A Removal is what undo and destroy are about to do.
type Removal struct {
	Accounts []finding.AccountRef // one, or several subscriptions; not empty
	Actions  []change.Action
	Left     []change.Left // what stays, with the reason
	Done     int           // objects that need nothing

	// Before and After are the audit of the account as it is and as it would be;
	// nil where none was made.
	Before, After *finding.Report
}

// RemovalText writes what will be removed or restored for a person who has to
// agree to it, what stays as it is, and last the sum.
func RemovalText(w io.Writer, r Removal, o Options) error {
	var b strings.Builder
	if len(r.Accounts) > 1 {
		writeUnchanged(&b, r, o)
	}
	for _, a := range r.Accounts {
		paragraph(&b, "", "  ", accountTitle(a), o.Width)
		b.WriteByte('\n')
		if len(r.Accounts) == 1 {
			writeUnchanged(&b, r, o)
		}
		writeRemoved(&b, r, a, o)
	}
	writeLost(&b, r, o)
	if r.After != nil && len(r.Actions) > 0 {
		b.WriteByte('\n')
	}
	writeSum(&b, r.Actions, "", o)
	_, err := io.WriteString(w, b.String())
	return err
}

func writeUnchanged(b *strings.Builder, r Removal, o Options) {
	if r.Done > 0 {
		paragraph(b, "", "", "As before already: "+plural(r.Done, "object")+".", o.Width)
		b.WriteByte('\n')
	}
}

// writeRemoved writes what is removed and what stays in one account.
func writeRemoved(b *strings.Builder, r Removal, in finding.AccountRef, o Options) {
	theirs := func(account string) bool { return len(r.Accounts) == 1 || account == in.ID }
	var mine []change.Action
	for _, a := range r.Actions {
		if theirs(a.Common().Account) {
			mine = append(mine, a)
		}
	}
	if len(mine) == 0 {
		b.WriteString("Nothing to do.\n\n")
	} else {
		writeActionList(b, mine, o)
		if len(mine) < len(r.Actions) { // several accounts: a sum for each
			writeSum(b, mine, "", o)
			b.WriteByte('\n')
		}
	}
	wrote := false
	for _, l := range r.Left {
		if !theirs(l.Account) {
			continue
		}
		if !wrote {
			paragraph(b, "", "", "Left as it is:", o.Width)
			b.WriteByte('\n')
			wrote = true
		}
		paragraph(b, "  - ", "    ", Sanitize(fmt.Sprintf("%s: %s", l.Object, l.Why)), o.Width)
	}
	if wrote {
		b.WriteByte('\n')
	}
}

// writeLost names the controls whose status the removal changes.
func writeLost(b *strings.Builder, r Removal, o Options) {
	if r.After == nil {
		return
	}
	paint := painter{o.Color}
	paragraph(b, "", "", "Expected results:", o.Width)
	b.WriteByte('\n')
	changed := 0
	for _, v := range sorted(r.predictions()) {
		if v.now.Status != v.after.Status {
			changed++
			name := v.now.Control
			if len(r.Accounts) > 1 {
				name += " in " + v.now.Account
			}
			text := fmt.Sprintf("%s: now %s, afterwards %s", Sanitize(name), paint.status(v.now.Status), paint.status(v.after.Status))
			paragraph(b, "  - ", "    ", text, o.Width)
		}
	}
	if changed == 0 {
		paragraph(b, "  ", "  ", "No control changes its status.", o.Width)
	}
	b.WriteByte('\n')
	paragraph(b, "", "", fmt.Sprintf("Now: %s Afterwards: %s", counts(r.Before.Summary()), counts(r.After.Summary())), o.Width)
}

// predictions pairs the findings of both audits; none without them.
func (r *Removal) predictions() []prediction {
	if r.After == nil {
		return nil
	}
	return predictions(change.Plan{Before: *r.Before, After: *r.After})
}

// RemovalSchema is the value of "schema" in JSON removals; the promise of
// AuditSchema holds for it too.
const RemovalSchema = "monitorctl/removal/v1"

// The structs below are the published form of a removal: docs/output.md,
// docs/schema/removal-v1.schema.json.
type (
	jsonRemoval struct {
		Schema string   `json:"schema"`
		Tool   jsonTool `json:"tool"`

		// Account is that of a removal from one, without id for several subscriptions.
		Account  jsonAccount   `json:"account"`
		Accounts []jsonAccount `json:"accounts"`

		Actions   []jsonAction `json:"actions"`
		Summary   jsonTally    `json:"summary"`
		Left      []jsonLeft   `json:"left"`
		Unchanged int          `json:"unchanged"`

		// Predicted is empty, Before and After null, where no audit was made.
		Predicted []jsonPrediction `json:"predicted"`
		Before    *jsonSummary     `json:"before"`
		After     *jsonSummary     `json:"after"`
	}

	jsonLeft struct {
		Account string `json:"account"`
		Object  string `json:"object"`
		Why     string `json:"why"`
		Foreign bool   `json:"foreign"`
		Kept    bool   `json:"kept,omitempty"`
	}
)

// RemovalJSON writes a removal for programs: one object, indented, with a line
// break at its end.
func RemovalJSON(w io.Writer, r Removal, o Options) error {
	accounts := each(r.Accounts, func(a finding.AccountRef) jsonAccount { return jsonAccount{string(a.Cloud), a.ID, a.Alias} })
	one := jsonAccount{Cloud: accounts[0].Cloud}
	if len(accounts) == 1 {
		one = accounts[0]
	}
	return encodeJSON(w, jsonRemoval{
		Schema:    RemovalSchema,
		Tool:      toolOf(o),
		Account:   one,
		Accounts:  accounts,
		Actions:   each(r.Actions, actionOf),
		Summary:   tallyOf(r.Actions),
		Left:      each(r.Left, func(l change.Left) jsonLeft { return leftOf(l, one.ID) }),
		Unchanged: r.Done,
		Predicted: each(r.predictions(), predictionOf),
		Before:    summaryOrNull(r.Before),
		After:     summaryOrNull(r.After),
	})
}

// leftOf returns what stays; account is the one of a removal from one account.
func leftOf(l change.Left, account string) jsonLeft {
	if l.Account == "" {
		l.Account = account
	}
	return jsonLeft(l)
}

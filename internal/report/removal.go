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
	Account finding.AccountRef
	Actions []change.Action
	Left    []change.Left // what stays, with the reason
	Done    int           // objects that need nothing

	// Before and After are the audit of the account as it is and as it would be;
	// nil where none was made.
	Before, After *finding.Report
}

// RemovalText writes what will be removed or restored for a person who has to
// agree to it, and what stays as it is.
func RemovalText(w io.Writer, r Removal, o Options) error {
	var b strings.Builder
	paragraph(&b, "", "  ", accountTitle(r.Account), o.Width)
	b.WriteByte('\n')
	if r.Done > 0 {
		paragraph(&b, "", "", "As before already: "+plural(r.Done, "object")+".", o.Width)
		b.WriteByte('\n')
	}
	if len(r.Actions) == 0 {
		b.WriteString("Nothing to do.\n\n")
	} else {
		paragraph(&b, "", "", plural(len(r.Actions), "change")+":", o.Width)
		b.WriteByte('\n')
	}
	for i, a := range r.Actions {
		writeAction(&b, i+1, a, o)
		b.WriteByte('\n')
	}
	if len(r.Left) > 0 {
		paragraph(&b, "", "", "Left as it is:", o.Width)
		b.WriteByte('\n')
		for _, l := range r.Left {
			paragraph(&b, "  - ", "    ", Sanitize(fmt.Sprintf("%s: %s", l.Object, l.Why)), o.Width)
		}
		b.WriteByte('\n')
	}
	writeLost(&b, r, o)
	_, err := io.WriteString(w, b.String())
	return err
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
	for _, v := range r.predictions() {
		if v.now.Status != v.after.Status {
			changed++
			text := fmt.Sprintf("%s: now %s, afterwards %s", Sanitize(v.now.Control), paint.status(v.now.Status), paint.status(v.after.Status))
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
		Schema    string       `json:"schema"`
		Tool      jsonTool     `json:"tool"`
		Account   jsonAccount  `json:"account"`
		Actions   []jsonAction `json:"actions"`
		Left      []jsonLeft   `json:"left"`
		Unchanged int          `json:"unchanged"`

		// Predicted is empty, Before and After null, where no audit was made.
		Predicted []jsonPrediction `json:"predicted"`
		Before    *jsonSummary     `json:"before"`
		After     *jsonSummary     `json:"after"`
	}

	jsonLeft struct {
		Object  string `json:"object"`
		Why     string `json:"why"`
		Foreign bool   `json:"foreign"`
		Kept    bool   `json:"kept,omitempty"`
	}
)

// RemovalJSON writes a removal for programs: one object, indented, with a line
// break at its end.
func RemovalJSON(w io.Writer, r Removal, o Options) error {
	return encodeJSON(w, jsonRemoval{
		Schema:    RemovalSchema,
		Tool:      toolOf(o),
		Account:   jsonAccount{string(r.Account.Cloud), r.Account.ID, r.Account.Alias},
		Actions:   each(r.Actions, actionOf),
		Left:      each(r.Left, func(l change.Left) jsonLeft { return jsonLeft(l) }),
		Unchanged: r.Done,
		Predicted: each(r.predictions(), predictionOf),
		Before:    summaryOrNull(r.Before),
		After:     summaryOrNull(r.After),
	})
}

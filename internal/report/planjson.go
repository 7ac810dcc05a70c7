package report

import (
	"io"
	"math"

	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// PlanSchema is the value of "schema" in JSON plans; the promise of
// AuditSchema holds for it too.
const PlanSchema = "monitorctl/plan/v1"

// The structs below are the published form of a plan: docs/output.md,
// docs/schema/plan-v1.schema.json.
type (
	jsonPlan struct {
		Schema      string           `json:"schema"`
		Tool        jsonTool         `json:"tool"`
		GeneratedAt string           `json:"generatedAt"`
		Scope       jsonScope        `json:"scope"`
		Chosen      []jsonChoice     `json:"chosen"`
		Actions     []jsonAction     `json:"actions"`
		Summary     jsonTally        `json:"summary"`
		Cost        jsonCost         `json:"cost"`
		Conflicts   []jsonConflict   `json:"conflicts"`
		Drifts      []jsonDrift      `json:"drifts"`
		Manual      []jsonManual     `json:"manual"`
		Notes       []jsonManual     `json:"notes"`
		Predicted   []jsonPrediction `json:"predicted"`
		Before      jsonSummary      `json:"before"`
		After       jsonSummary      `json:"after"`
		Confirmed   *jsonSummary     `json:"confirmed"`
	}

	jsonChoice struct {
		Account  string `json:"account"`
		Trail    string `json:"trail"`
		Region   string `json:"region"`
		LogGroup string `json:"logGroup"`
		Why      string `json:"why"`
	}

	jsonAction struct {
		Kind    string       `json:"kind"`
		Account string       `json:"account"`
		Region  string       `json:"region"`
		Name    string       `json:"name"`
		New     bool         `json:"new"`
		Summary string       `json:"summary"`
		Changes []jsonChange `json:"changes"`
		Why     string       `json:"why"`
		Closes  []string     `json:"closes"`
	}

	jsonChange struct {
		Field string  `json:"field"`
		Old   *string `json:"old"`
		New   *string `json:"new"`
	}

	jsonCost struct {
		Alarms      int     `json:"alarms"`
		Metrics     int     `json:"metrics"`
		USDPerMonth float64 `json:"usdPerMonth"`
		Source      string  `json:"source"`
		Forwarders  int     `json:"forwarders,omitempty"`

		Usage []string `json:"usage,omitempty"`
	}

	jsonConflict struct {
		Account  string `json:"account"`
		Region   string `json:"region"`
		Resource string `json:"resource"`
		Name     string `json:"name"`
		Code     string `json:"code,omitempty"`
		Reason   string `json:"reason"`
		Have     string `json:"have"`
		Want     string `json:"want"`

		Replaceable bool         `json:"replaceable"`
		Changes     []jsonChange `json:"changes"`
	}

	jsonDrift struct {
		Account  string       `json:"account"`
		Region   string       `json:"region"`
		Resource string       `json:"resource"`
		Name     string       `json:"name"`
		Control  string       `json:"control"`
		Why      string       `json:"why"`
		Changes  []jsonChange `json:"changes"`
	}

	jsonManual struct {
		Account string `json:"account"`
		Control string `json:"control"`
		Code    string `json:"code"`
		Text    string `json:"text"`
		Keeper  string `json:"keeper,omitempty"`
	}

	jsonPrediction struct {
		Account string       `json:"account"`
		Control string       `json:"control"`
		Now     string       `json:"now"`
		After   string       `json:"after"`
		Reasons []jsonReason `json:"reasons"`
	}
)

// PlanJSON writes a plan for programs: one object, indented, with a line break
// at its end.
func PlanJSON(w io.Writer, p change.Plan, o Options) error {
	return encodeJSON(w, jsonPlan{
		Schema:      PlanSchema,
		Tool:        toolOf(o),
		GeneratedAt: timeOf(p.Before.GeneratedAt),
		Scope:       scopeOf(p.Before, o),
		Chosen: each(p.Chosen, func(c change.Choice) jsonChoice {
			return jsonChoice{c.Account, c.TrailARN, c.Region, c.LogGroup, c.Why}
		}),
		Actions:   each(p.Actions, actionOf),
		Summary:   tallyOf(p.Actions),
		Cost:      costOf(p),
		Conflicts: each(p.Conflicts, conflictOf),
		Drifts:    each(p.Drifts, driftOf),
		Manual:    each(p.Manual, manualOf),
		Notes:     each(p.Notes, manualOf),
		Predicted: each(predictions(p), predictionOf),
		Before:    summaryOf(p.Before),
		After:     summaryOf(p.After),
		Confirmed: summaryOrNull(p.Confirmed),
	})
}

func costOf(p change.Plan) jsonCost {
	c := change.CostOf(p.Actions, "")
	// Cents: the sum of tenths is not a round number in binary.
	return jsonCost{c.Alarms, len(c.Metrics), math.Round(c.USD*100) / 100, costSource(p), c.Forwarders, c.Usage}
}

func conflictOf(c change.Conflict) jsonConflict {
	return jsonConflict{
		c.Account, c.Region, c.Resource, c.Name, c.Code, c.Reason, c.Have, c.Want, c.Replaceable, each(c.Fields, changeOf),
	}
}

func driftOf(d change.Drift) jsonDrift {
	return jsonDrift{d.Account, d.Region, d.Resource, d.Name, d.Control, d.Why, each(d.Fields, changeOf)}
}

// summaryOrNull is the summary of a report, null without one.
func summaryOrNull(r *finding.Report) *jsonSummary {
	if r == nil {
		return nil
	}
	s := summaryOf(*r)
	return &s
}

func actionOf(a change.Action) jsonAction {
	m := a.Common()
	return jsonAction{
		Kind: a.Kind(), Account: m.Account, Region: m.Region, Name: a.Name(), New: a.New(), Summary: a.String(),
		Changes: each(a.Fields(true), changeOf), Why: m.Why, Closes: list(m.Closes),
	}
}

// changeOf has null for a side on which the setting does not exist.
func changeOf(f change.Field) jsonChange {
	return jsonChange{Field: f.Name, Old: orNull(f.Old), New: orNull(f.New)}
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func predictionOf(v prediction) jsonPrediction {
	return jsonPrediction{
		Account: v.now.Account,
		Control: v.now.Control,
		Now:     string(v.now.Status),
		After:   string(v.after.Status),
		Reasons: reasonsOf(&v.after, v.after.Reasons),
	}
}

func manualOf(m change.Manual) jsonManual {
	return jsonManual{m.Account, m.Control, m.Code, m.Text, m.Keeper}
}

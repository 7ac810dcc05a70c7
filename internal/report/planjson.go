package report

import (
	"io"
	"math"

	"github.com/monitorctl/monitorctl/internal/aws/plan"
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
	}

	jsonConflict struct {
		Account  string `json:"account"`
		Region   string `json:"region"`
		Resource string `json:"resource"`
		Name     string `json:"name"`
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
		Text    string `json:"text"`
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
func PlanJSON(w io.Writer, p plan.Plan, o Options) error {
	return encodeJSON(w, jsonPlan{
		Schema:      PlanSchema,
		Tool:        toolOf(o),
		GeneratedAt: timeOf(p.Before.GeneratedAt),
		Scope:       scopeOf(p.Before, o),
		Chosen: each(p.Chosen, func(c plan.Choice) jsonChoice {
			return jsonChoice{c.Account, c.TrailARN, c.Region, c.LogGroup, c.Why}
		}),
		Actions:   each(p.Actions, actionOf),
		Cost:      costOf(p),
		Conflicts: each(p.Conflicts, conflictOf),
		Drifts: each(p.Drifts, func(d plan.Drift) jsonDrift {
			return jsonDrift{d.Account, d.Region, d.Resource, d.Name, d.Control, d.Why, each(objectChanges(d.Have, d.Want), changeOf)}
		}),
		Manual:    each(p.Manual, func(m plan.Manual) jsonManual { return jsonManual(m) }),
		Notes:     each(p.Notes, func(m plan.Manual) jsonManual { return jsonManual(m) }),
		Predicted: each(predictions(p), predictionOf),
		Before:    summaryOf(p.Before),
		After:     summaryOf(p.After),
		Confirmed: confirmed(p),
	})
}

func costOf(p plan.Plan) jsonCost {
	c := plan.CostOf(p.Actions, "")
	// Cents: the sum of tenths is not a round number in binary.
	return jsonCost{c.Alarms, c.Metrics, math.Round(c.USD*100) / 100, costSource}
}

// costSource says what a price is of, for programs.
const costSource = "Amazon CloudWatch pricing, standard-resolution alarms in US East, without the free tier"

func conflictOf(c plan.Conflict) jsonConflict {
	return jsonConflict{
		c.Account, c.Region, c.Resource, c.Name, c.Reason, c.Have, c.Want, c.Replaceable, each(objectChanges(c.Is, c.Wanted), changeOf),
	}
}

// confirmed is the summary once every new subscriber has answered, nil when
// that changes nothing.
func confirmed(p plan.Plan) *jsonSummary {
	if p.Confirmed == nil {
		return nil
	}
	s := summaryOf(*p.Confirmed)
	return &s
}

func actionOf(a plan.Action) jsonAction {
	meta := a.Common()
	j := jsonAction{
		Account: meta.Account,
		Region:  meta.Region,
		New:     true,
		Summary: a.String(),
		Changes: each(changesOf(a, true), changeOf),
		Why:     meta.Why,
		Closes:  list(meta.Closes),
	}
	switch a := a.(type) {
	case plan.CreateTopic:
		j.Kind, j.Name = "create-topic", a.Name
	case plan.Subscribe:
		j.Kind, j.Name = "subscribe", a.TopicName()
	case plan.PutFilter:
		j.Kind, j.Name, j.New = "put-metric-filter", a.Filter.Name, a.Before == nil
	case plan.PutAlarm:
		j.Kind, j.Name, j.New = "put-metric-alarm", a.Alarm.Name, a.Before == nil
	case plan.DeleteFilter:
		j.Kind, j.Name, j.New = "delete-metric-filter", a.Filter.Name, false
	case plan.DeleteAlarm:
		j.Kind, j.Name, j.New = "delete-alarm", a.Alarm.Name, false
	case plan.Unsubscribe:
		j.Kind, j.Name, j.New = "unsubscribe", nameOf(a.TopicARN), false
	case plan.DeleteTopic:
		j.Kind, j.Name, j.New = "delete-topic", a.Name, false
	case plan.SetTopicPolicy:
		j.Kind, j.Name, j.New = "set-topic-policy", nameOf(a.TopicARN), false
	}
	return j
}

// changeOf has null for a side on which the setting does not exist.
func changeOf(c change) jsonChange {
	return jsonChange{Field: c.name, Old: orNull(c.old), New: orNull(c.new)}
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

package report

import (
	"io"

	"github.com/monitorctl/monitorctl/internal/plan"
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
		Conflicts   []jsonConflict   `json:"conflicts"`
		Manual      []jsonManual     `json:"manual"`
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

	jsonConflict struct {
		Account  string `json:"account"`
		Region   string `json:"region"`
		Resource string `json:"resource"`
		Name     string `json:"name"`
		Reason   string `json:"reason"`
		Have     string `json:"have"`
		Want     string `json:"want"`
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
		Conflicts: each(p.Conflicts, func(c plan.Conflict) jsonConflict { return jsonConflict(c) }),
		Manual:    each(p.Manual, func(m plan.Manual) jsonManual { return jsonManual(m) }),
		Predicted: each(predictions(p), predictionOf),
		Before:    summaryOf(p.Before),
		After:     summaryOf(p.After),
		Confirmed: confirmed(p),
	})
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
		Reasons: each(v.after.Reasons, reasonOf),
	}
}

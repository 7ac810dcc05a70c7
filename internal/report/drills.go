package report

import (
	"io"
)

// DrillsText writes drills of several subscriptions for a person, one after the other.
func DrillsText(w io.Writer, list []Drill, o Options) error {
	for i, d := range list {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		if err := drillText(w, d, o); err != nil {
			return err
		}
	}
	return nil
}

// The structs below are the published form of a drill: docs/output.md,
// docs/schema/drill-v1.schema.json.
type (
	jsonDrill struct {
		Schema string   `json:"schema"`
		Tool   jsonTool `json:"tool"`
		At     string   `json:"at"`
		Cloud  string   `json:"cloud"`

		// Account and ActionGroup are those of a drill in one subscription, and empty for
		// several.
		Account     string             `json:"account"`
		ActionGroup string             `json:"actionGroup"`
		Messages    []jsonDrillMessage `json:"messages"`
		Failed      []jsonDrillFailure `json:"failed"`
		Real        *jsonRealDrill     `json:"real"` // null: test messages were sent
	}

	jsonRealDrill struct {
		Resource      string `json:"resource"`
		Arrived       bool   `json:"arrived"`
		WaitedSeconds int    `json:"waitedSeconds"`
	}

	jsonDrillMessage struct {
		Account     string `json:"account"`
		ActionGroup string `json:"actionGroup"`
		DrillMessage
	}

	jsonDrillFailure struct {
		Account string `json:"account"`
		Why     string `json:"why"`
	}
)

// DrillsJSON writes drills for programs: one object. The list is not empty.
func DrillsJSON(w io.Writer, list []Drill, o Options) error {
	out := jsonDrill{
		Schema: DrillSchema, Tool: toolOf(o), At: timeOf(list[0].At), Cloud: string(list[0].Account.Cloud),
		Messages: []jsonDrillMessage{}, Failed: []jsonDrillFailure{},
	}
	if len(list) == 1 {
		out.Account, out.ActionGroup = list[0].Account.ID, list[0].Group
	}
	for _, d := range list {
		for _, m := range d.Messages {
			out.Messages = append(out.Messages, jsonDrillMessage{d.Account.ID, d.Group, m})
		}
		if d.Failed != "" {
			out.Failed = append(out.Failed, jsonDrillFailure{d.Account.ID, d.Failed})
		}
	}
	return encodeJSON(w, out)
}

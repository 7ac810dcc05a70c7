package report

import (
	"io"
	"slices"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// FleetPlanSchema is the value of "schema" in JSON plans for many accounts; the promise of
// AuditSchema holds for it too.
const FleetPlanSchema = "monitorctl/fleet-plan/v1"

// The structs below are the published form of a plan for many accounts: docs/output.md,
// docs/schema/fleet-plan-v1.schema.json.
type (
	jsonFleetPlan struct {
		Schema       string               `json:"schema"`
		Tool         jsonTool             `json:"tool"`
		GeneratedAt  string               `json:"generatedAt"`
		Scope        jsonScope            `json:"scope"`
		Organization string               `json:"organization"`
		Name         string               `json:"organizationName,omitempty"`
		Trails       []FleetTrail         `json:"trails"`
		Accounts     int                  `json:"accounts"`
		Unreadable   int                  `json:"unreadable"`
		Skipped      int                  `json:"skipped"`
		Owners       []jsonFleetPlanned   `json:"owners"`
		Fixed        int                  `json:"fixedByOwners"`
		Members      []jsonFleetPlanned   `json:"members"`
		ToWrite      int                  `json:"needWriteAccounts"`
		Left         []jsonFleetLeft      `json:"left"`
		Failing      []string             `json:"failingAfter"`
		Predicted    []jsonFleetPredicted `json:"predicted"`
		Mails        jsonFleetMails       `json:"mails"`
		Next         []string             `json:"next"`
	}

	jsonFleetPlanned struct {
		Accounts  []FleetRef     `json:"accounts"`
		Actions   []jsonAction   `json:"actions"` // in the first of accounts
		Summary   jsonTally      `json:"summary"`
		Conflicts []jsonConflict `json:"conflicts"`
		Drifts    []jsonDrift    `json:"drifts"`
		Manual    []jsonManual   `json:"manual"`
		Notes     []jsonManual   `json:"notes"`
	}

	jsonFleetLeft struct {
		Text     string     `json:"text"`
		Accounts []FleetRef `json:"accounts"`
	}

	jsonFleetPredicted struct {
		Control   string         `json:"control"`
		Now       map[string]int `json:"now"`
		Owners    map[string]int `json:"ownersDone"`
		After     map[string]int `json:"after"`
		Confirmed map[string]int `json:"confirmed"`
	}

	jsonFleetMails struct {
		Accounts      int `json:"accounts"`
		Addresses     int `json:"addresses"`
		Confirmations int `json:"confirmations"`
	}
)

// FleetPlanJSON writes a plan for many accounts for programs.
func FleetPlanJSON(w io.Writer, p FleetPlan, o Options) error {
	return encodeJSON(w, jsonFleetPlan{
		Schema: FleetPlanSchema, Tool: toolOf(o), GeneratedAt: timeOf(p.Header.Report.GeneratedAt), Scope: scopeOf(p.Header.Report, o),
		Organization: p.Header.Organization, Name: p.Name, Trails: slices.Concat([]FleetTrail{}, p.Header.Trails), Accounts: p.Accounts, Unreadable: p.Unreadable, Skipped: p.Skipped,
		Owners: each(p.Owners, fleetPlannedOf), Fixed: p.Fixed, Members: each(p.Members, fleetPlannedOf), ToWrite: p.ToWrite(),
		Left:      each(p.Left, func(l FleetLeft) jsonFleetLeft { return jsonFleetLeft(l) }),
		Failing:   list(p.Failing),
		Predicted: each(p.Rows, fleetPredictedOf),
		Mails:     jsonFleetMails(p.Mails),
		Next:      list(FleetNext(p)),
	})
}

func fleetPlannedOf(g FleetPlanned) jsonFleetPlanned {
	p := g.Plan
	return jsonFleetPlanned{
		Accounts: g.Accounts, Actions: each(p.Actions, actionOf), Summary: tallyOf(p.Actions), Conflicts: each(p.Conflicts, conflictOf),
		Drifts: each(p.Drifts, driftOf), Manual: each(p.Manual, manualOf), Notes: each(p.Notes, manualOf),
	}
}

func fleetPredictedOf(r FleetPredicted) jsonFleetPredicted {
	counts := func(m map[finding.Status]int) map[string]int {
		out := map[string]int{}
		for s, n := range m {
			out[string(s)] = n
		}
		return out
	}
	return jsonFleetPredicted{r.Control, counts(r.Now), counts(r.Owners), counts(r.After), counts(r.Confirmed)}
}

package report

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/fleet/rollup"
)

// An htmlIndex is what the script has to know of the findings to choose and to order them: for each of
// them, in the order of the page, a row of numbers into the lists.
type htmlIndex struct {
	Statuses   []string `json:"status"`
	Severities []string `json:"severity"`
	Controls   []string `json:"control"` // in the order of their numbers
	Accounts   []string `json:"account"`
	Causes     []string `json:"cause"` // those of most findings first
	Rows       [][5]int `json:"rows"`  // in the order of the lists; the cause -1 for none
}

// indexOf returns the index of findings.
func indexOf(accounts []accountFindings) htmlIndex {
	x := htmlIndex{Severities: severityNames(), Controls: []string{}, Accounts: []string{}, Causes: []string{}, Rows: [][5]int{}}
	for _, s := range htmlStatuses {
		x.Statuses = append(x.Statuses, string(s.status))
	}
	controls, causes := controlNames(accounts), causesOf(accounts)
	for _, c := range controls {
		x.Controls = append(x.Controls, c.text)
	}
	for _, c := range causes {
		x.Causes = append(x.Causes, Sanitize(capital(c.Text)))
	}
	control, cause := positions(controls, func(c controlName) string { return c.id }), positions(causes, func(c rollup.Cause) string { return c.ID })
	for i, a := range accounts {
		name := a.ref.ID
		if a.ref.Alias != "" {
			name += " " + a.ref.Alias
		}
		x.Accounts = append(x.Accounts, Sanitize(name))
		for j := range a.findings {
			f := &a.findings[j]
			row := [5]int{htmlRank(f.Status), slices.Index(x.Severities, f.Severity.String()), control[f.Control], i, -1}
			if c, ok := rollup.CauseOf(f, nil); ok {
				row[4] = cause[c.ID]
			}
			x.Rows = append(x.Rows, row)
		}
	}
	return x
}

// positions are the places of the elements of a list, by their keys.
func positions[T any](list []T, key func(T) string) map[string]int {
	at := make(map[string]int, len(list))
	for i, v := range list {
		at[key(v)] = i
	}
	return at
}

// A controlName is a control of the page.
type controlName struct{ id, number, text string }

// controlNames are the controls of findings, in the order of their numbers; those without one last.
func controlNames(accounts []accountFindings) []controlName {
	var list []controlName
	seen := map[string]bool{}
	for _, a := range accounts {
		for _, f := range a.findings {
			if seen[f.Control] {
				continue
			}
			seen[f.Control] = true
			text := Sanitize(f.Control)
			if f.Number != "" {
				text = Sanitize(shortNumber(f.Number)) + " " + text
			}
			list = append(list, controlName{f.Control, f.Number, text})
		}
	}
	slices.SortStableFunc(list, func(a, b controlName) int {
		if (a.number == "") != (b.number == "") {
			return cmp.Compare(len(b.number), len(a.number))
		}
		return cmp.Or(slices.Compare(placeIn(a.number), placeIn(b.number)), cmp.Compare(a.id, b.id))
	})
	return list
}

// placeIn is a number of a benchmark as integers, so that 4.9 comes before 4.10. Of several it is the first.
func placeIn(number string) []int {
	first, _, _ := strings.Cut(number, ",")
	var place []int
	for part := range strings.SplitSeq(first, ".") {
		n, _ := strconv.Atoi(part) // what is no number stands first
		place = append(place, n)
	}
	return place
}

// severityNames are the severities, the gravest first.
func severityNames() []string {
	var list []string
	for s := catalog.Critical; s >= catalog.Low; s-- {
		list = append(list, s.String())
	}
	return list
}

// causesOf are the causes of findings, those of most findings first.
func causesOf(accounts []accountFindings) []rollup.Cause {
	count, causes := map[string]int{}, []rollup.Cause{}
	for _, a := range accounts {
		for j := range a.findings {
			c, ok := rollup.CauseOf(&a.findings[j], nil)
			if !ok {
				continue
			}
			if count[c.ID]++; count[c.ID] == 1 {
				c.Text = placed(c.Text)
				causes = append(causes, c)
			}
		}
	}
	slices.SortStableFunc(causes, func(a, b rollup.Cause) int { return cmp.Compare(count[b.ID], count[a.ID]) })
	return causes
}

// writeHTMLIndex writes data for the script. JSON in which no < stands cannot end the element.
func writeHTMLIndex(p *htmlWriter, data any) {
	text, err := json.Marshal(data) // writes <, > and & as \u003c, \u003e and \u0026
	if err != nil {
		panic(err) // numbers, strings, lists and structs of them: a bug
	}
	p.start("script", "type", "application/json", "id", "index")
	p.raw(string(escapeUnsafe(text)))
	p.end()
	p.line()
}

package run

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/fleet"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/config"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/fleet/targets"
	"github.com/monitorctl/monitorctl/internal/report"
)

// fleetScopes are what the configuration asks of parts of an organization.
type fleetScopes struct {
	base    []catalog.Control            // of accounts in no scope
	sets    map[string][]catalog.Control // by set
	scopes  []config.Scope
	waivers []finding.Waiver
}

// scoped reads the scopes of the configuration, and makes the selection that of all of
// them together. What the command line names wins over them.
func (q *FleetRequest) scoped() error {
	s := &fleetScopes{base: q.Selection.Controls, sets: map[string][]catalog.Control{}, waivers: q.Scope.Config.File.Waivers}
	q.scopes = s
	for _, scope := range q.Scope.Config.File.Scopes {
		if q.Scope.FixedControls {
			scope.Set = ""
		}
		if q.Scope.FixedRegions {
			scope.Regions = nil
		}
		s.scopes = append(s.scopes, scope)
		if scope.Set == "" || s.sets[scope.Set] != nil {
			continue
		}
		of := q.Scope
		of.Names, of.Set, of.Config.Controls = nil, scope.Set, nil
		part, err := of.Select(catalog.AWS)
		if err != nil {
			return fmt.Errorf("the scope of %s: %w", scope.Unit, err)
		}
		s.sets[scope.Set] = part.Controls
		for _, c := range part.Controls {
			if !slices.ContainsFunc(q.Selection.Controls, func(have catalog.Control) bool { return have.ID == c.ID }) {
				q.Selection.Controls = append(slices.Clone(q.Selection.Controls), c)
			}
		}
	}
	if len(s.sets) > 0 {
		cat, err := q.Scope.named(catalog.AWS)
		if err != nil {
			return err
		}
		q.Selection.Checked = cat.Checked(q.Selection.Controls, q.Selection.Benchmark)
	}
	return nil
}

// nearest returns the deepest unit that an account is in, of the scopes that count; false
// when it is in none.
func (s *fleetScopes) nearest(t *targets.Target, counts func(config.Scope) bool) (config.Scope, bool) {
	best, depth := config.Scope{}, 0
	for _, scope := range s.scopes {
		if d := t.Depth(scope.Unit); counts(scope) && d > depth {
			best, depth = scope, d
		}
	}
	return best, depth > 0
}

// terms returns what is asked of an account.
func (s *fleetScopes) terms(t *targets.Target) fleet.Terms {
	out := fleet.Terms{Controls: s.base}
	var key []string
	if set, ok := s.nearest(t, func(c config.Scope) bool { return c.Set != "" }); ok {
		out.Controls = s.sets[set.Set]
		key = append(key, "set "+set.Set)
	}
	if at, ok := s.nearest(t, func(c config.Scope) bool { return len(c.Regions) > 0 }); ok {
		out.Regions = at.Regions
	}
	for _, w := range s.waivers {
		switch {
		case w.Unit != "":
			w.Depth = t.Depth(w.Unit)
		case w.Tag != "" && t.HasTag(w.Tag):
			w.Depth = 1
		}
		key = append(key, fmt.Sprint(w.Depth))
		out.Waivers = append(out.Waivers, w)
	}
	out.Key = strings.Join(key, " ")
	return out
}

// words says what is asked of an account by scopes; "" for one that is in none.
func (s *fleetScopes) words(t *targets.Target) string {
	var parts []string
	if set, ok := s.nearest(t, func(c config.Scope) bool { return c.Set != "" }); ok {
		parts = append(parts, "set "+set.Set+" of "+set.Unit)
	}
	if at, ok := s.nearest(t, func(c config.Scope) bool { return len(c.Regions) > 0 }); ok {
		parts = append(parts, strings.Join(at.Regions, ", ")+" of "+at.Unit)
	}
	return strings.Join(parts, "; ")
}

// asks reports what of a target has to be known: where it stands by ids, by names, and its
// tags.
func (s *fleetScopes) asks() (units, names, tags bool) {
	at := func(unit string) {
		units = units || unit != ""
		names = names || strings.HasPrefix(unit, "/")
	}
	for _, scope := range s.scopes {
		at(scope.Unit)
	}
	for _, w := range s.waivers {
		at(w.Unit)
		tags = tags || w.Tag != ""
	}
	return units, names, tags
}

// An unusedWaivers notes which waivers set something aside.
type unusedWaivers struct {
	list []finding.Waiver
	used []bool
}

// newUnusedWaivers follows those that hold and are about a control of the run.
func newUnusedWaivers(waivers []finding.Waiver, controls []catalog.Control, now time.Time) *unusedWaivers {
	u := &unusedWaivers{}
	for _, w := range waivers {
		if !w.Expired(now) && slices.ContainsFunc(controls, func(c catalog.Control) bool { return c.ID == w.Control }) {
			u.list = append(u.list, w)
		}
	}
	u.used = make([]bool, len(u.list))
	return u
}

// see notes the waivers of findings.
func (u *unusedWaivers) see(findings []finding.Finding) {
	for i := range findings {
		w := findings[i].Waiver
		if w == nil || w.Causes {
			continue
		}
		for k := range u.list {
			u.used[k] = u.used[k] || u.list[k].Same(w)
		}
	}
}

// notes says which waivers set nothing aside in any account.
func (u *unusedWaivers) notes() []report.FleetNote {
	var out []report.FleetNote
	for i, w := range u.list {
		if u.used[i] {
			continue
		}
		where := w.Where()
		if w.Account != "" {
			where = " in account " + w.Account
		}
		out = append(out, report.FleetNote{Code: string(finding.CodeWaiverUnused), Message: fmt.Sprintf("the waiver of %s%s until %s matches nothing", w.Control, where, w.Expires.Format(time.DateOnly))})
	}
	return out
}

package run

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
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
	accepts []finding.Accept
}

// scoped reads the scopes of the configuration, and makes the selection that of all of
// them together. What the command line names wins over them.
func (q *FleetRequest) scoped() error {
	s := &fleetScopes{base: q.Selection.Controls, sets: map[string][]catalog.Control{}, waivers: q.Scope.Config.File.Waivers, accepts: q.Scope.Config.File.Accepts}
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
		w.Depth = depth(t, w.Unit, w.Tag)
		key = append(key, fmt.Sprint(w.Depth))
		out.Waivers = append(out.Waivers, w)
	}
	for _, a := range s.accepts {
		a.Depth = depth(t, a.Unit, a.Tag)
		key = append(key, fmt.Sprint(a.Depth))
		out.Accepts = append(out.Accepts, a)
	}
	out.Key = strings.Join(key, " ")
	return out
}

// depth is how deep the unit or the tag of an entry stands for an account; 0 where the
// account has neither.
func depth(t *targets.Target, unit, tag string) int {
	switch {
	case unit != "":
		return t.Depth(unit)
	case tag != "" && t.HasTag(tag):
		return 1
	}
	return 0
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
	for _, a := range s.accepts {
		at(a.Unit)
		tags = tags || a.Tag != ""
	}
	return units, names, tags
}

// An unusedEntries notes which waivers and accept entries set something aside.
type unusedEntries struct {
	waivers []finding.Waiver
	accepts []finding.Accept // as the configuration has them
	counts  []bool           // of accepts: those that hold and are about a control of the run
	used    []bool           // of waivers, and then of accepts
}

// newUnusedEntries follows those that hold and are about a control of the run.
func newUnusedEntries(o *audit.Options, controls []catalog.Control) *unusedEntries {
	asked := func(control string) bool {
		return slices.ContainsFunc(controls, func(c catalog.Control) bool { return c.ID == control })
	}
	u := &unusedEntries{accepts: o.Accepts}
	for _, w := range o.Waivers {
		if !w.Expired(o.Now) && asked(w.Control) {
			u.waivers = append(u.waivers, w)
		}
	}
	for _, a := range o.Accepts {
		u.counts = append(u.counts, !a.Expired(o.Now) && asked(a.Control))
	}
	u.used = make([]bool, len(u.waivers)+len(u.accepts))
	return u
}

// see notes what sets findings aside.
func (u *unusedEntries) see(findings []finding.Finding) {
	for i := range findings {
		for _, r := range findings[i].Reasons {
			if r.Accepted == nil {
				continue
			}
			for _, n := range r.Accepted.Entries {
				u.used[len(u.waivers)+n] = true
			}
		}
		w := findings[i].Waiver
		if w == nil || w.Causes {
			continue
		}
		for k := range u.waivers {
			u.used[k] = u.used[k] || u.waivers[k].Same(w)
		}
	}
}

// notes says which entries set nothing aside in any account.
func (u *unusedEntries) notes() []report.FleetNote {
	var out []report.FleetNote
	note := func(code finding.Code, what, account, place string, until time.Time) {
		if account != "" {
			place = " in account " + account
		}
		out = append(out, report.FleetNote{Code: string(code), Message: fmt.Sprintf("the %s%s until %s matches nothing", what, place, until.Format(time.DateOnly))})
	}
	for i, w := range u.waivers {
		if !u.used[i] {
			note(finding.CodeWaiverUnused, "waiver of "+w.Control, w.Account, w.Where(), w.Expires)
		}
	}
	for i, a := range u.accepts {
		if u.counts[i] && !u.used[len(u.waivers)+i] {
			note(finding.CodeAcceptUnused, fmt.Sprintf("accept entry of %s for %s", a.Control, a.About()), a.Account, a.Place(), a.Expires)
		}
	}
	return out
}

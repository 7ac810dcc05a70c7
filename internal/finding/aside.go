package finding

import (
	"fmt"
	"slices"
	"time"
)

// A Policy is what an organization sets aside.
type Policy struct {
	Waivers []Waiver
	Accepts []Accept

	// Strict warns of waivers that set a whole control aside where accepting its
	// causes would do.
	Strict bool
}

// Apply returns f without what p sets aside on that day: with the status of the
// worst reason that is not accepted, or waived. Reasons stay; the accepted ones
// come last and are marked. A finding that passes or does not apply needs nothing
// set aside; entries that are over, or that nothing of the control is about, say so.
func (p *Policy) Apply(f Finding, now time.Time) Finding {
	if f.Status == NotApplicable {
		return f
	}
	was := f.Status
	f.Reasons = slices.Clone(f.Reasons)
	p.accept(&f, now)
	p.waive(&f, was, now)
	return f
}

// accept marks the reasons that accept entries cover.
func (p *Policy) accept(f *Finding, now time.Time) {
	valid, over := p.accepts(f, now)
	if len(valid)+len(over) == 0 {
		return
	}
	narrowest := slices.SortedStableFunc(slices.Values(valid), func(a, b *Accept) int { return b.rank() - a.rank() })
	used := map[*Accept]bool{}
	var open, aside []Reason
	for _, r := range f.Reasons {
		entries := accepted(r, narrowest)
		if entries == nil {
			open = append(open, r)
			continue
		}
		list := make([]Acceptance, len(entries))
		for i, a := range entries {
			used[a], list[i] = true, Acceptance{a.Reason, a.Owner, a.Expires, []int{p.place(a)}}
		}
		all := joined(list)
		r.Accepted = &all
		aside = append(aside, r)
	}
	was := f.Status
	if len(aside) > 0 {
		f.Status = statusWithout(was, open, aside)
	}
	for _, a := range over {
		open = beforeNotes(open, Reason{Code: CodeWaiverExpired, Status: Warn,
			Message: fmt.Sprintf("its accept entry for %s ended on %s", a.Code, a.Expires.Format(time.DateOnly))})
		if f.Status == Pass || f.Status == Waived {
			f.Status = Warn
		}
	}
	for _, a := range valid {
		if !used[a] && a.isNoted(used) {
			open = append(open, Reason{Code: CodeAcceptUnused, Status: Pass, Message: "an accept entry for " + a.About() + " matches nothing that is wrong"})
		}
	}
	f.Reasons = slices.Concat(open, aside)
	if f.Status == Waived {
		f.Waiver = p.causesWaiver(f, aside, was)
	}
}

// accepts returns the entries that hold for the finding, and those that are over.
func (p *Policy) accepts(f *Finding, now time.Time) (valid, over []*Accept) {
	for i := range p.Accepts {
		switch a := &p.Accepts[i]; {
		case !a.Fits(f):
		case a.Expired(now):
			over = append(over, a)
		default:
			valid = append(valid, a)
		}
	}
	return valid, over
}

// place returns where an entry of p stands in it.
func (p *Policy) place(a *Accept) int {
	return slices.IndexFunc(p.Accepts, func(b Accept) bool { return b == *a })
}

// isNoted reports whether an entry that sets nothing of a finding aside is noted there: not
// one by unit or tag, which is for other accounts as well, nor one in whose place a narrower
// entry for the code is used.
func (a *Accept) isNoted(used map[*Accept]bool) bool {
	for b := range used {
		if b.Code == a.Code && b.rank() > a.rank() {
			return false
		}
	}
	return a.Unit == "" && a.Tag == ""
}

// About names the code, and the condition or resource, that an entry accepts.
func (a *Accept) About() string {
	text := string(a.Code)
	if a.Where != "" {
		text += fmt.Sprintf(" where %q", a.Where)
	}
	if a.Resource != "" {
		text += " of " + a.Resource
	}
	return text
}

// statusWithout is the status once the reasons in aside do not count. It is never
// better than the reasons that are left, and a status that no accepted reason
// explains stays.
func statusWithout(was Status, open, aside []Reason) Status {
	left := Waived
	for _, s := range []Status{Warn, Unknown, Fail} {
		if slices.ContainsFunc(open, func(r Reason) bool { return r.Status == s }) {
			left = s
		}
	}
	explained := slices.ContainsFunc(aside, func(r Reason) bool { return r.Status == was })
	order := []Status{Waived, Warn, Unknown, Fail}
	if !explained || slices.Index(order, left) > slices.Index(order, was) {
		return was
	}
	return left
}

// causesWaiver sums up the acceptances that set the whole finding aside. Where it holds is
// said of one entry alone.
func (p *Policy) causesWaiver(f *Finding, aside []Reason, was Status) *Waiver {
	list := make([]Acceptance, len(aside))
	for i, r := range aside {
		list[i] = *r.Accepted
	}
	all := joined(list)
	w := &Waiver{Control: f.Control, Account: f.Account, Reason: all.Reason, Owner: all.Owner, Expires: all.Expires, Was: was, Causes: true}
	if len(all.Entries) == 1 {
		a := p.Accepts[all.Entries[0]]
		w.Unit, w.Tag = a.Unit, a.Tag
	}
	return w
}

// waive sets the finding aside when a waiver holds for it: the narrowest that does.
func (p *Policy) waive(f *Finding, was Status, now time.Time) {
	if f.Status == Waived {
		return
	}
	best, over := p.waivers(f, now)
	switch {
	case best != nil && f.Status == Pass:
		if best.Account != "" {
			f.Reasons = append(f.Reasons, Reason{Code: CodeWaiverUnused, Status: Pass, Message: "its waiver matches nothing that is wrong"})
		}
	case best != nil:
		w := *best
		w.Was, f.Status = was, Waived
		f.Waiver = &w
		if p.Strict && narrow(f.Reasons) {
			f.Reasons = append(f.Reasons, Reason{Code: CodeWaiverBroad, Status: Warn,
				Message: "its waiver covers whatever breaks next: an accept entry for what is wrong now would be enough"})
		}
	case over != nil:
		f.Add(Reason{Code: CodeWaiverExpired, Status: Warn, Message: "its waiver ended on " + over.Expires.Format(time.DateOnly)})
		if f.Status == Pass {
			f.Status = Warn
		}
	}
}

// waivers returns the narrowest waiver that holds for the finding, the first of several,
// and the last that is over; nil for none.
func (p *Policy) waivers(f *Finding, now time.Time) (best, over *Waiver) {
	for i := range p.Waivers {
		switch w := &p.Waivers[i]; {
		case !w.Fits(f):
		case w.Expired(now):
			over = w
		case best == nil || w.narrower(best):
			best = w
		}
	}
	return best, over
}

// Add puts a reason that is no note behind the others, and before notes and what is
// accepted.
func (f *Finding) Add(r Reason) { f.Reasons = beforeNotes(f.Reasons, r) }

func beforeNotes(list []Reason, r Reason) []Reason {
	i := slices.IndexFunc(list, func(have Reason) bool { return have.Status == Pass || have.Accepted != nil })
	if i < 0 {
		i = len(list)
	}
	return slices.Insert(slices.Clone(list), i, r)
}

// narrow reports whether accept entries could set all of the reasons aside.
func narrow(reasons []Reason) bool {
	for _, r := range reasons {
		if r.Status == Pass || r.Accepted != nil {
			continue
		}
		if a := r.Code.Info().Accept; a == AcceptNever || a == AcceptWarnings && r.Status != Warn {
			return false
		}
	}
	return true
}

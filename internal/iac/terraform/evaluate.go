package terraform

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/monitorctl/monitorctl/internal/iac"
)

// Read returns the patterns of files of modules and of other files in HCL, in
// the order of the files given, and in each by place: those that a file uses, and
// those whose text stands in it. A file of a module is read
// with its directory. Files with an error (see Err) have none.
func (p *Project) Read(paths []string) []iac.Found {
	var found []iac.Found
	for _, in := range p.roots(paths) {
		found = append(found, p.instance(in)...)
	}
	known := map[string]int{}
	var texts []iac.Found
	for i, name := range paths {
		f := p.file(name)
		if f.src == nil {
			continue
		}
		known[f.src.Path] = i
		if f.err == nil {
			texts = append(texts, p.loose(f)...)
		}
	}
	found = append(withoutJudged(found, texts), texts...)
	found = within(found, known)
	slices.SortStableFunc(found, func(a, b iac.Found) int {
		return cmp.Or(cmp.Compare(known[a.Source.Path], known[b.Source.Path]), cmp.Compare(a.Pos, b.Pos))
	})
	return distinct(found)
}

// within keeps what the files use, and what stands in them though another file of
// the module uses it.
func within(found []iac.Found, files map[string]int) []iac.Found {
	var kept []iac.Found
	for _, f := range found {
		_, ok := files[f.Source.Path]
		for i := range f.Text.Value {
			if ok {
				break
			}
			src, pos := f.Text.At(i)
			if src == nil {
				continue
			}
			if _, ok = files[src.Path]; ok {
				f.Source, f.Pos, f.End = src, pos, 0
			}
		}
		if ok {
			kept = append(kept, f)
		}
	}
	return kept
}

// withoutJudged drops the patterns that nothing is known about where the texts
// that stand in their expression were found by their shape.
func withoutJudged(found, texts []iac.Found) []iac.Found {
	return slices.DeleteFunc(found, func(f iac.Found) bool {
		return f.Gap != "" && slices.ContainsFunc(texts, func(t iac.Found) bool {
			return t.Source == f.Source && t.Pos >= f.Pos && t.Pos < f.End
		})
	})
}

// distinct drops what was found twice, because a module is called twice.
func distinct(found []iac.Found) []iac.Found {
	type key struct {
		src             *iac.Source
		pos             int
		name, text, gap string
	}
	seen := map[key]bool{}
	gone := func(f iac.Found) bool {
		k := key{f.Source, f.Pos, f.Name, f.Text.Value, f.Gap}
		was := seen[k]
		seen[k] = true
		return was
	}
	return slices.DeleteFunc(found, gone)
}

// roots returns the root modules of the files: those that no other module among
// them calls.
func (p *Project) roots(paths []string) []*instance {
	var dirs []string
	for _, name := range paths {
		if dir := path.Dir(name); IsModuleFile(name) && !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	called := map[string]bool{}
	for _, dir := range dirs {
		for _, c := range p.module(dir).calls {
			if to := path.Join(dir, c.source); isLocal(c.source) && to != dir {
				called[to] = true
			}
		}
	}
	var list []*instance
	for _, dir := range dirs {
		if !called[dir] {
			list = append(list, &instance{module: p.module(dir), root: dir})
		}
	}
	if len(list) == 0 { // they call each other in a circle
		for _, dir := range dirs {
			list = append(list, &instance{module: p.module(dir), root: dir})
		}
	}
	return list
}

// instance returns the patterns of a module and of those that it calls.
func (p *Project) instance(in *instance) []iac.Found {
	var found []iac.Found
	for _, r := range in.resources {
		found = append(found, p.resource(in, r)...)
	}
	for _, c := range in.calls {
		for _, child := range in.childrenOf(p.base, c) {
			found = append(found, p.instance(child)...)
		}
	}
	return found
}

// sessions calls visit in the session of what the files say, and in those in
// which one or more of the decisions that came up are turned, until visit
// returns false.
func (p *Project) sessions(visit func(*session) bool) {
	queue := [][]decision{nil}
	for n := 0; n < len(queue) && n < maxSessions; n++ {
		s := p.base
		if n > 0 {
			s = newSession(p, queue[n])
		}
		outer, seen := s.log, s.seen
		s.log, s.seen = nil, map[string]bool{}
		more := visit(s)
		log := s.log
		s.log, s.seen = outer, seen
		if !more {
			return
		}
		from := 0
		if n > 0 {
			last := queue[n][len(queue[n])-1].key
			from = 1 + slices.IndexFunc(log, func(d decision) bool { return d.key == last })
		}
		for _, d := range log[from:] {
			if !slices.ContainsFunc(queue[n], func(have decision) bool { return have.key == d.key }) {
				queue = append(queue, append(slices.Clone(queue[n]), d))
			}
		}
	}
}

// resource returns the patterns of a resource: one for each member and outcome.
func (p *Project) resource(in *instance, r *resource) []iac.Found {
	var found []iac.Found
	first := true
	visit := func(s *session, members []member) {
		for _, m := range members {
			f, used, ok := p.evaluate(in, s, r.pattern, m)
			if !ok {
				continue
			}
			p.use(used)
			f.Kind, f.Name = r.kind, r.name+m.suffix
			if len(members) == 1 && !r.pattern.each {
				f.Name = r.name
			}
			// Another outcome is worth telling for its text, whichever member has it.
			same := func(have iac.Found) bool {
				return (have.Name == f.Name || !first) && have.Text.Value == f.Text.Value || have.Name == f.Name && f.Gap != ""
			}
			if slices.ContainsFunc(found, same) {
				continue
			}
			if f.Gap != "" && !first {
				continue // what the other outcome of a condition is, the files do not say
			}
			f.Perhaps = !first
			found = append(found, f)
		}
		first = false
	}
	open := false
	p.sessions(func(s *session) bool {
		visit(s, in.members(s, r.forEach, r.count, r.pattern.each, r.pattern.count))
		open = open || s == p.base && slices.ContainsFunc(s.log, func(d decision) bool { return !d.known })
		return true
	})
	if len(found) == 0 {
		visit(p.base, []member{{}})
	}
	if open || p.undecided(in, r) {
		for i := range found {
			found[i].Perhaps = true
		}
	}
	return withoutUnknown(found)
}

// undecided reports whether the files leave open, or decide against it, that a
// resource or the module around it is there.
func (p *Project) undecided(in *instance, r *resource) bool {
	none := func(in *instance, e *expr) bool {
		if e == nil {
			return false
		}
		var v cty.Value
		var diags hcl.Diagnostics
		if !p.bounded(func() { v, diags = e.Value(in.context(p.base, nil)) }) {
			return true
		}
		bare, marks := v.Unmark()
		if _, unknown := marks[unknownMark{}]; diags.HasErrors() || unknown || !bare.IsKnown() || bare.IsNull() {
			return true
		}
		if bare.Type() == cty.Number {
			return bare.AsBigFloat().Sign() <= 0
		}
		return bare.CanIterateElements() && bare.LengthInt() == 0
	}
	if none(in, r.count) || none(in, r.forEach) {
		return true
	}
	for ; in.call != nil; in = in.parent {
		if none(in.parent, in.call.count) || none(in.parent, in.call.forEach) {
			return true
		}
	}
	return false
}

// withoutUnknown drops patterns that nothing is known about where another outcome
// is known, or some member of the same block.
func withoutUnknown(found []iac.Found) []iac.Found {
	return slices.DeleteFunc(found, func(f iac.Found) bool {
		return f.Gap != "" && slices.ContainsFunc(found, func(other iac.Found) bool { return other.Gap == "" && other.Name == f.Name })
	})
}

// use notes that literals are part of a pattern.
func (p *Project) use(list []*origin) {
	for _, o := range list {
		p.used[o] = true
	}
}

// evaluate evaluates the expression of a pattern, and returns the literals that
// it is made of; false when it is null.
func (p *Project) evaluate(in *instance, s *session, e expr, m member) (iac.Found, []*origin, bool) {
	f := iac.Found{Source: e.src, Pos: e.pos, End: e.pos + len(e.spelling), Holes: p.holes}
	gap := strings.Join(strings.Fields(e.spelling), " ")
	var v cty.Value
	var diags hcl.Diagnostics
	if !p.bounded(func() { v, diags = e.Value(in.context(s, m.names)) }) || !diags.HasErrors() && weight(v, maxWeight) > maxWeight {
		f.Gap = tooMuch
		return f, nil, true
	}
	bare, marks := v.UnmarkDeep()
	if !diags.HasErrors() && bare.IsNull() {
		return f, nil, false
	}
	known, err := convert.Convert(bare, cty.String)
	if diags.HasErrors() || err != nil || !known.IsKnown() || known.IsNull() {
		f.Gap = iac.Interpolation(gap)
		return f, nil, true
	}
	text, used := locate(known.AsString(), originsOf(marks), iac.Fixed(e.src, "", e.pos))
	f.Text = text
	return f.Settle(), used, true
}

// loose returns the texts of a file that look like patterns and that are part of
// none of a resource.
func (p *Project) loose(f *file) []iac.Found {
	var found []iac.Found
	in := p.module(path.Dir(f.path))
	if !IsModuleFile(f.path) {
		in = &module{dir: path.Dir(f.path), decls: f.decls}
	}
	at := &instance{module: in, root: in.dir}
	for _, literal := range []bool{false, true} {
		for _, t := range f.texts {
			if t.literal == literal {
				found = append(found, p.text(at, t)...)
			}
		}
	}
	return found
}

// text returns what a text of a file is, in each outcome, if it is a pattern by
// its shape.
func (p *Project) text(in *instance, t *loose) []iac.Found {
	if slices.ContainsFunc(t.origins, func(o *origin) bool { return p.used[o] }) {
		return nil
	}
	var found []iac.Found
	var made []*origin
	p.sessions(func(s *session) bool {
		f, used, ok := p.evaluate(in, s, t.expr, member{})
		f.Kind, f.Name = iac.Other, t.key
		if f.Gap == "" { // ${...} is of a template that is filled in later
			f.Text = iac.FillVariables(f.Text, f.Holes)
			f = f.Settle()
		}
		fresh := t.literal || slices.ContainsFunc(used, func(o *origin) bool { return !p.used[o] })
		if ok && f.Gap == "" && fresh && t.accepts(f.Text.Value) &&
			!slices.ContainsFunc(found, func(have iac.Found) bool { return have.Text.Value == f.Text.Value }) {
			found = append(found, f)
			made = append(made, used...)
		}
		return true
	})
	p.use(made)
	return found
}

// accepts reports whether a text is a pattern, by its form or its key.
func (t *loose) accepts(text string) bool {
	switch iac.KindOfKey(t.key) {
	case iac.StrongKey:
		return text != ""
	case iac.MaybeKey:
		return iac.LooksLikePattern(text) || t.aboutLogs && text != ""
	}
	return iac.LooksLikePattern(text)
}

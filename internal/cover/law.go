package cover

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/record"
)

// A Law is an axiom that ties two fields of a record to each other: where one
// claim is true, another is.
type Law struct {
	axiom      string
	when, then Claim
	key        string
}

// NewLaw returns the law that then is true where when is.
func NewLaw(axiom string, when, then Claim) Law {
	return Law{axiom, when, then, axiom + "\x00" + when.key() + "\x00" + then.key()}
}

// Axiom returns the sentence that states the law.
func (l Law) Axiom() string { return l.axiom }

// Paths returns the two fields that the law is about; they may be the same.
func (l Law) Paths() (when, then record.Path) { return l.when.Path, l.then.Path }

// TextLaws are laws about what a field's text is.
type TextLaws struct {
	Path record.Path                   // of the field
	Of   func(text string) (Law, bool) // the law for one text; false when there is none
}

// A Claim says that the value at a path without wildcards passes a test, or that
// it does not.
type Claim struct {
	Path record.Path
	Test Test
	Not  bool
}

func (c Claim) key() string {
	key := c.Path.String() + " " + c.Test.Key()
	if c.Not {
		key += " not"
	}
	return key
}

// addLaws builds the formulas of those laws of the sets whose two fields matchers
// or conditions mention. The others rule nothing out that is asked about.
func (p *problem) addLaws(sets []Records) {
	mentioned := map[*variable]bool{}
	for _, v := range p.vars {
		if len(v.tests) > 0 {
			mentioned[v] = true
		}
	}
	for _, set := range sets {
		for _, l := range p.lawsOf(set.Schema) {
			if _, known := p.laws[l.key]; known || !mentioned[p.at(l.when.Path)] || !mentioned[p.at(l.then.Path)] {
				continue
			}
			p.laws[l.key] = Or(Not(p.claim(l.when)), p.claim(l.then))
		}
	}
}

// lawsOf returns the laws of a schema, and of the text laws those about texts that
// matchers or conditions name.
func (p *problem) lawsOf(s *Schema) []Law {
	if list, ok := p.schemaLaws[s]; ok {
		return list
	}
	list := slices.Clip(s.Laws)
	for _, laws := range s.TextLaws {
		v := p.at(laws.Path)
		if v == nil {
			continue
		}
		for _, t := range v.tests {
			text := t.Asks().Text
			if text == nil || !text.Single {
				continue
			}
			if l, ok := laws.Of(text.Literal); ok {
				list = append(list, l)
			}
		}
	}
	p.schemaLaws[s] = list
	return list
}

func (p *problem) claim(c Claim) *Formula {
	f := p.literal(c.Path, c.Test)
	if c.Not {
		return Not(f)
	}
	return f
}

// at returns the variable of a path without wildcards, nil when there is none.
func (p *problem) at(path record.Path) *variable {
	v := p.root
	for _, s := range path {
		if v = v.find(s); v == nil {
			return nil
		}
	}
	return v
}

// lawful returns what the laws of a schema demand that are not set aside.
func (p *problem) lawful(v view) *Formula {
	f := True
	for _, l := range p.lawsOf(v.schema) {
		if rule := p.laws[l.key]; rule != nil && !slices.Contains(v.relaxed, l.axiom) {
			f = And(f, rule)
		}
	}
	return f
}

// doubtful returns the parts of a set that are lost once the soft axioms are set
// aside, where without that nothing is.
func (p *problem) doubtful(set Records) []lostCase {
	soft := p.softAxioms(set.Schema)
	if len(soft) == 0 {
		return nil
	}
	j := p.newJudgementIn(set, view{schema: set.Schema, relaxed: soft})
	within, union := j.within(), Or(p.union...)
	cases, _, _ := j.cases(region{And(within, Not(union)), And(within, union)})
	return cases
}

// softAxioms returns the soft axioms that speak of what is asked.
func (p *problem) softAxioms(s *Schema) []string {
	var list []string
	for _, axiom := range s.Soft {
		law := slices.ContainsFunc(p.lawsOf(s), func(l Law) bool { return l.axiom == axiom && p.laws[l.key] != nil })
		if law || p.limitedBy(p.root, s, s.root(), axiom) {
			list = append(list, axiom)
		}
	}
	return list
}

// limitedBy reports whether the axiom limits some variable below v, whose domain
// is d.
func (p *problem) limitedBy(v *variable, s *Schema, d Domain, axiom string) bool {
	return slices.ContainsFunc(v.kids, func(k *variable) bool {
		below := s.Below(d, k.step)
		return below.Axiom == axiom || p.limitedBy(k, s, below, axiom)
	})
}

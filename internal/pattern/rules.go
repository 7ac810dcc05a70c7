package pattern

import "strings"

// The uncertain rules of the language: AWS neither documents them nor were they
// observed. Match is Undetermined where a verdict depends on one of the first
// two; the others only decide whether AWS accepts a pattern.
const (
	// RuleMidAsterisk: in Put*Policy the asterisk is either a plain character
	// or stands for any run of characters, as it does at both ends of a value.
	RuleMidAsterisk = "asterisk in the middle of a value"

	// RuleDetachedMinus: a minus sign apart from its term either excludes the
	// term or is without effect.
	RuleDetachedMinus = "minus sign apart from its term"

	// RuleRegexBlank: a blank in a regular expression may be refused.
	RuleRegexBlank = "blank in a regular expression"

	// RuleFieldHyphen: a hyphen in the name of a field may be refused.
	RuleFieldHyphen = "hyphen in the name of a field"
)

// A reading settles the uncertain rules on which a match may depend.
type reading struct {
	midAsterisk    bool // an asterisk in the middle stands for any characters
	detachedIgnore bool // a minus sign apart from its term is without effect
}

// readings returns all readings that may make a difference to the pattern. The
// first is the literal one.
func (p *Pattern) readings() []reading {
	switch {
	case p.midAsterisk:
		return []reading{{}, {midAsterisk: true}}
	case p.detached:
		return []reading{{}, {detachedIgnore: true}}
	default:
		return []reading{{}}
	}
}

// Rules names the uncertain rules that the pattern involves, none for most.
func (p *Pattern) Rules() []string {
	var list []string
	for _, rule := range []struct {
		name     string
		involved bool
	}{
		{RuleMidAsterisk, p.midAsterisk},
		{RuleDetachedMinus, p.detached},
		{RuleRegexBlank, p.hasRegexBlank()},
		{RuleFieldHyphen, p.hasFieldHyphen()},
	} {
		if rule.involved {
			list = append(list, rule.name)
		}
	}
	return list
}

// conditions returns the conditions of a JSON or space-delimited pattern, from
// left to right.
func (p *Pattern) conditions() []*condition {
	switch n := p.root.(type) {
	case *jsonPattern:
		return conditionsOf(n.expr, nil)
	case *delimited:
		var list []*condition
		for _, f := range n.fields {
			list = conditionsOf(f.cond, list)
		}
		return list
	default:
		return nil
	}
}

// conditionsOf appends the conditions of e, which may be nil, to list.
func conditionsOf(e expr, list []*condition) []*condition {
	switch e := e.(type) {
	case *and:
		for _, operand := range e.list {
			list = conditionsOf(operand, list)
		}
	case *or:
		for _, operand := range e.list {
			list = conditionsOf(operand, list)
		}
	case *condition:
		list = append(list, e)
	}
	return list
}

func (p *Pattern) hasMidAsterisk() bool {
	for _, c := range p.conditions() {
		if c.val.hasMidAsterisk() {
			return true
		}
	}
	return false
}

// hasMidAsterisk reports whether an asterisk stands anywhere but at an end of the
// value.
func (v value) hasMidAsterisk() bool {
	if v.kind != valueText || len(v.text) < 3 {
		return false
	}
	return strings.Contains(v.text[1:len(v.text)-1], "*")
}

func (p *Pattern) hasDetachedSign() bool {
	if n, ok := p.root.(*terms); ok {
		for _, t := range n.list {
			if t.detached {
				return true
			}
		}
	}
	return false
}

func (p *Pattern) hasRegexBlank() bool {
	if n, ok := p.root.(*fullRegex); ok {
		return n.re.hasBlank()
	}
	for _, c := range p.conditions() {
		if c.val.kind == valueRegex && c.val.re.hasBlank() {
			return true
		}
	}
	return false
}

func (p *Pattern) hasFieldHyphen() bool {
	if n, ok := p.root.(*delimited); ok {
		for _, f := range n.fields {
			if strings.Contains(f.name, "-") {
				return true
			}
		}
	}
	return false
}

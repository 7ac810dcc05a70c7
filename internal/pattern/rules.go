package pattern

import (
	"strings"

	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

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

// Readings returns all readings that may make a difference to the pattern. The
// first is the literal one.
func (p *Pattern) Readings() []match.Reading {
	switch {
	case p.midAsterisk:
		return []match.Reading{{}, {MidAsterisk: true}}
	case p.detached:
		return []match.Reading{{}, {DetachedIgnore: true}}
	default:
		return []match.Reading{{}}
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

func hasDetachedSign(root syntax.Node) bool {
	if n, ok := root.(*syntax.Terms); ok {
		for _, t := range n.List {
			if t.Detached {
				return true
			}
		}
	}
	return false
}

func (p *Pattern) hasRegexBlank() bool {
	if n, ok := p.root.(*syntax.FullRegex); ok {
		return n.Regex.HasBlank()
	}
	for _, c := range syntax.Conditions(p.root) {
		if c.Val.Kind == syntax.ValueRegex && c.Val.Regex.HasBlank() {
			return true
		}
	}
	return false
}

func (p *Pattern) hasFieldHyphen() bool {
	if n, ok := p.root.(*syntax.Delimited); ok {
		for _, f := range n.Fields {
			if strings.Contains(f.Name, "-") {
				return true
			}
		}
	}
	return false
}

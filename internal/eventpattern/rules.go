package eventpattern

import (
	"slices"
	"unicode/utf8"
)

// The uncertain rules: what AWS neither documents clearly nor was observed.
const (
	// RuleSignInDetailType: AWS's pages spell the detail-type of sign-in events
	// in two ways, and the pattern takes only one of them.
	RuleSignInDetailType = "signin-detail-type"

	// RuleCNDetailType: AWS's pages for China print "Amazon API Call via
	// CloudTrail", and the pattern takes only that.
	RuleCNDetailType = "cn-detail-type"

	// RuleLength: more than DefaultLength characters need a raised quota.
	RuleLength = "pattern-length"

	// RuleWildcardComplexity: the service refuses wildcards that are too complex.
	RuleWildcardComplexity = "wildcard-complexity"

	// RuleOrCombinations: the service may refuse so many combinations of $or.
	RuleOrCombinations = "or-combinations"

	// RuleNumberAsAddress: where branches of $or compare numbers by value and ask
	// for IP addresses on one path, whether a number's digits are still looked at as
	// at an address depends on how the engine merges the branches.
	RuleNumberAsAddress = "number-as-address"

	// RuleTrailingText: the engine ignores text behind the closing brace.
	RuleTrailingText = "trailing-text"
)

// IsRule reports whether a name is that of an uncertain rule of this language, or of
// what its formulas leave open.
func IsRule(name string) bool {
	return slices.Contains([]string{RuleSignInDetailType, RuleCNDetailType, RuleLength, RuleWildcardComplexity, RuleOrCombinations, RuleNumberAsAddress, RuleTrailingText,
		RuleArray, RuleAddress, RuleNumber, RuleEnvelope}, name)
}

// Rules names the uncertain rules that the pattern involves, none for most.
func (p *Pattern) Rules() []string {
	var list []string
	for _, rule := range []struct {
		name     string
		involved bool
	}{
		{RuleSignInDetailType, p.takesOneOf(signIn, signInOther)},
		{RuleCNDetailType, p.takesOneOf(apiCall, apiCallChina)},
		{RuleLength, utf8.RuneCountInString(p.text) > DefaultLength},
		{RuleWildcardComplexity, p.hasComplexWildcard()},
		{RuleOrCombinations, len(p.branches) > sureBranches},
		{RuleNumberAsAddress, len(p.mixed) > 0},
		{RuleTrailingText, p.trailing > 0},
	} {
		if rule.involved {
			list = append(list, rule.name)
		}
	}
	return list
}

// takesOneOf reports whether some test on detail-type accepts the second
// spelling and the path does not accept the first.
func (p *Pattern) takesOneOf(first, other string) bool {
	return p.anyField(func(f *Field) bool {
		return f.Path == detailType && f.accepts(&leaf{text: other}) && !f.accepts(&leaf{text: first})
	})
}

func (p *Pattern) hasComplexWildcard() bool {
	tooComplex := func(s StringTest) bool { return s.Op == MatchesWildcard && len(s.parts)-1 > sureWildcards }
	return p.anyField(func(f *Field) bool {
		return slices.ContainsFunc(f.Tests, func(t Test) bool {
			switch t := t.(type) {
			case *Text:
				return tooComplex(t.StringTest)
			case *AnythingBut:
				return slices.ContainsFunc(t.Texts, tooComplex)
			default:
				return false
			}
		})
	})
}

// anyField reports whether holds is true of a field.
func (p *Pattern) anyField(holds func(*Field) bool) bool {
	for _, b := range p.branches {
		for i := range b {
			if holds(&b[i]) {
				return true
			}
		}
	}
	return false
}

// leavesOpen reports whether some branch has no test on path.
func (p *Pattern) leavesOpen(path string) bool {
	return slices.ContainsFunc(p.branches, func(b Branch) bool {
		return !slices.ContainsFunc(b, func(f Field) bool { return f.Path == path })
	})
}

package cover

import (
	"cmp"

	"github.com/monitorctl/monitorctl/internal/record"
)

// A Question asks how much of some sets of records a union of matchers matches.
type Question struct {
	// Base is what is known of the records of all sets. Their own schemas may
	// know more.
	Base *Schema

	// Matchers are the union. Nil stands for a pattern that was not understood.
	Matchers []Matcher

	Sets []Records

	// Steps bounds the work on all sets together. Each set has a fixed share of it;
	// 0 stands for DefaultSteps.
	Steps int
}

// DefaultSteps is the bound on the work on one question, in formulas looked at.
// The hardest of the judged situations takes some 30,000 for a set.
const DefaultSteps = 1 << 23

// What one set has at least and at most.
const (
	leastSteps = 1 << 16
	mostSteps  = 1 << 22
)

// share returns the bound on the work on one set.
func (q Question) share() int {
	return min(max(cmp.Or(q.Steps, DefaultSteps)/max(len(q.Sets), 1), leastSteps), mostSteps)
}

// Records describes a set of records.
type Records struct {
	Schema *Schema

	// Condition narrows the set to the records that it matches; nil for none. It
	// has no doubts.
	Condition Matcher

	// Failures says how the records of failed calls differ, where the set is
	// about successful ones only; nil otherwise.
	Failures *Failures

	// Example returns a realistic record of the set, apart from its condition.
	// text returns what was decided of the string at a path, "" for nothing. A
	// lean record has no text that it can do without.
	Example func(text func(record.Path) string, lean bool) *record.Node
}

// Failures are the records of failed calls beside those of a set.
type Failures struct {
	Records func() Records // of successful and failed calls
	Success []record.Step  // fields that are absent in records of successful calls
}

// A Verdict says how much of a requirement a union of filters matches.
type Verdict int8

// In the order from good to bad, in which the worst of several is the verdict
// of all.
const (
	Covered     Verdict = iota // every record
	Conditional                // some records; Lost says which not
	Unresolved                 // depends on an uncertain rule, a pattern not understood, or too large to decide
	Missed                     // no record
)

// String returns the word that JSON output has: "covered", "conditional",
// "undetermined" or "missed".
func (v Verdict) String() string {
	return [...]string{"covered", "conditional", "undetermined", "missed"}[v]
}

// What Coverage.Rules can name, besides the uncertain rules of the languages.
const (
	RuleNotUnderstood = "pattern not understood"      // a nil matcher
	RuleTextPattern   = "text pattern"                // a pattern on the form of a record's text
	RuleStringClasses = "too many string classes"     // the limit on the automata for texts
	RuleNumberClasses = "too many number classes"     // more constants than are looked at
	RuleNumberText    = "texts of numbers"            // text with asterisks or a regular expression against numbers
	RuleTooManyCases  = "too many cases"              // the limit on the search
	RuleNoExample     = "no example record was found" // a class of records that may be empty
	RuleNoRecord      = "no record meets the probe"   // the condition contradicts the schema
	RuleInternal      = "internal error"              // the matcher disagrees; a bug
	RuleInterrupted   = "interrupted"                 // the context ended
)

// A Coverage is the answer on one set.
type Coverage struct {
	Verdict Verdict

	// Lost are the parts of the set that no matcher matches, as
	// minimal cases, in stable order; filled when Verdict is Conditional.
	Lost []Case

	// Doubtful are the parts of the set that are lost if soft axioms do not hold;
	// filled when Verdict is Covered.
	Doubtful []Case

	// MoreLost means that records outside of Lost are lost too, or may be: then
	// Rules says why that is not known.
	MoreLost bool

	// LostFailures are the cases in which only failed calls are lost. They
	// never change the verdict.
	LostFailures []Case

	// Rules names the uncertain rules, patterns not understood or limits on
	// which an Unresolved verdict or MoreLost rests (the Rule constants).
	Rules []string
}

// A Case is a conjunction of simple facts about fields. Every record of the
// probe for which they hold is lost.
type Case struct {
	Facts   []Fact
	Example []byte // one such record, compact JSON
}

// A Fact says what one field of a record is.
type Fact struct {
	Path string // "userIdentity.arn"; "" for the text of the record
	Kind FactKind

	// Value is the constant (FactEquals) or the pattern value with its
	// asterisks (FactLike).
	Value string

	// Text is the fact in words: `userIdentity.invokedBy is missing`.
	Text string
}

// A FactKind is the form of a Fact.
type FactKind int8

// Forms of facts.
const (
	FactEquals  FactKind = iota // exactly one string
	FactLike                    // strings that match a value with asterisks
	FactMissing                 // the field is absent
	FactOther                   // anything else: any other value, null, a number, true, ...
)

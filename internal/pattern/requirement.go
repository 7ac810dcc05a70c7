package pattern

// A Requirement is a set of CloudTrail records that must be matched: one Probe
// for each required event and region, or for a condition on events.
type Requirement struct {
	Probes []Probe
}

// A Probe describes CloudTrail records by what is known of them. What it
// leaves open is free within the CloudTrail record schema and the axioms of
// the package (see schema.go).
type Probe struct {
	Source  string // eventSource; "" is any non-empty string
	Event   string // eventName; "" is any non-empty string
	Region  string // awsRegion; "" is any non-empty string
	Account string // recipientAccountId; "" is any string

	// ReadOnly is "true", "false" or "" (either).
	ReadOnly string

	// EventTypes are the values that eventType can have; none means any string.
	EventTypes []string

	// Failures says that the requirement is about failed calls too: errorCode
	// and errorMessage are free. Otherwise they are absent.
	Failures bool

	// Condition narrows the records to those it matches; nil for none. It must
	// be a JSON pattern without uncertain rules.
	Condition *Pattern
}

// A CoverVerdict says how much of a requirement a union of filters matches.
type CoverVerdict int8

// In the order from good to bad, in which the worst of several is the verdict
// of all.
const (
	Covered     CoverVerdict = iota // every record
	Conditional                     // some records; Lost says which not
	Unresolved                      // depends on an uncertain rule, a pattern not understood, or too large to decide
	Missed                          // no record
)

// String returns the word used in JSON output: "covered", "conditional",
// "undetermined" or "missed".
func (v CoverVerdict) String() string {
	return [...]string{"covered", "conditional", "undetermined", "missed"}[v]
}

// What ProbeCoverage.Rules can name, besides the uncertain rules of the
// language (RuleMidAsterisk, RuleDetachedMinus).
const (
	RuleNotUnderstood = "pattern not understood"      // a nil filter
	RuleTextPattern   = "text pattern"                // a pattern on the text of a record that depends on its form
	RuleStringClasses = "too many string classes"     // the limit on the automata for texts
	RuleNumberClasses = "too many number classes"     // more constants than are looked at
	RuleNumberText    = "texts of numbers"            // text with asterisks or a regular expression against numbers
	RuleTooManyCases  = "too many cases"              // the limit on the search
	RuleNoExample     = "no example record was found" // a class of records that may be empty
	RuleNoRecord      = "no record meets the probe"   // its condition contradicts it
	RuleInternal      = "internal error"              // the matcher disagrees; a bug in this package
)

// A Coverage is the answer of Cover, one entry for each probe, in order.
type Coverage struct {
	Probes []ProbeCoverage
}

// Verdict is the worst verdict of the probes; Covered when there are none.
func (c Coverage) Verdict() CoverVerdict {
	worst := Covered
	for _, p := range c.Probes {
		worst = max(worst, p.Verdict)
	}
	return worst
}

// A ProbeCoverage is the verdict on one probe.
type ProbeCoverage struct {
	Probe   Probe
	Verdict CoverVerdict

	// Lost are the parts of the probe's records that no filter matches, as
	// minimal cases, in stable order; filled when Verdict is Conditional.
	Lost []Case

	// MoreLost says that records outside of Lost are lost too, or may be: then
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

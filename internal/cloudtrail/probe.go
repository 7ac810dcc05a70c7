package cloudtrail

import (
	"context"

	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/record"
)

// A Requirement is a set of CloudTrail records that must be matched: one Probe
// for each required event and region, or for a condition on events.
type Requirement struct {
	Probes []Probe

	// Steps bounds the work on all probes together; 0 is cover.DefaultSteps.
	Steps int
}

// A Probe describes CloudTrail records by what is known of them. What it leaves
// open is free within the schema and the axioms of the package.
type Probe struct {
	Source  string // eventSource; "" is any non-empty string
	Event   string // eventName; "" is any non-empty string
	Region  string // awsRegion; "" is any non-empty string
	Account string // recipientAccountId; "" is any string

	// ReadOnly is "true", "false" or "" (either).
	ReadOnly string

	// EventTypes are the values that eventType can have; none means any string.
	EventTypes []string

	// Failures means that the requirement is about failed calls too: errorCode
	// and errorMessage are free. Otherwise they are absent.
	Failures bool

	// Condition narrows the records to those that it matches; nil for none.
	Condition Condition
}

// A Condition narrows the records of a probe. It has no doubts.
type Condition interface {
	cover.Matcher

	// Texts returns the possible texts of the field at path ("eventName") in the
	// records that the condition matches; only is false when it can be anything.
	Texts(path string) (texts []string, only bool)
}

// records returns the probe in the terms of package cover.
func (p Probe) records() cover.Records {
	r := cover.Records{Schema: p.Schema(), Example: p.example}
	if p.Condition != nil {
		r.Condition = p.Condition
	}
	if !p.Failures {
		failed := p
		failed.Failures = true
		r.Failures = &cover.Failures{Records: failed.records, Success: outcome}
	}
	return r
}

// outcome are the fields that only records of failed calls have.
var outcome = []record.Step{{Name: "errorCode"}, {Name: "errorMessage"}}

// anything is what is known of every record.
var anything = Probe{Failures: true}.Schema()

// AnySchema returns what is known of every record of a management event,
// successful or not.
func AnySchema() *cover.Schema { return anything }

func question(filters []cover.Matcher, probes ...Probe) cover.Question {
	q := cover.Question{Base: anything, Matchers: filters}
	for _, p := range probes {
		q.Sets = append(q.Sets, p.records())
	}
	return q
}

// A Coverage is the answer of Cover, one entry for each probe, in order.
type Coverage struct {
	Probes []ProbeCoverage
}

// A ProbeCoverage is the answer on one probe.
type ProbeCoverage struct {
	Probe Probe
	cover.Coverage
}

// Verdict is the worst verdict of the probes; Covered when there are none.
func (c Coverage) Verdict() cover.Verdict {
	worst := cover.Covered
	for _, p := range c.Probes {
		worst = max(worst, p.Verdict)
	}
	return worst
}

// Cover decides, for each probe of a requirement, whether the union of the
// filters matches every record that the probe describes. A nil filter stands
// for a pattern that was not understood. See cover.Decide.
func Cover(ctx context.Context, filters []cover.Matcher, want Requirement) Coverage {
	q := question(filters, want.Probes...)
	q.Steps = want.Steps
	var c Coverage
	for i, answer := range cover.Decide(ctx, q) {
		c.Probes = append(c.Probes, ProbeCoverage{want.Probes[i], answer})
	}
	return c
}

// Touches reports for each probe of a requirement, in order, whether the union of
// the filters may match some of its records: whether Cover would not say Missed.
func Touches(ctx context.Context, filters []cover.Matcher, want Requirement) []bool {
	q := question(filters, want.Probes...)
	q.Steps = want.Steps
	return cover.Touches(ctx, q)
}

// Axioms names the axioms on which a verdict of Cover on these filters leans,
// sorted. It costs about as much as Cover itself.
func Axioms(ctx context.Context, filters []cover.Matcher, c ProbeCoverage) []string {
	return cover.Axioms(ctx, question(filters, c.Probe), c.Verdict)
}

// Beyond says what the union of the filters matches beside the requirement. A
// nil filter stands for a pattern that was not understood. Regions make no
// difference: a required event is required everywhere. A failed call of a
// required event is not beyond it. An event that another service names alike is,
// also if no such service is known.
func Beyond(ctx context.Context, filters []cover.Matcher, want Requirement) cover.Breadth {
	q := question(filters, Probe{Account: accountOf(want), Failures: true})
	q.Sets[0].Schema.TextLaws = nil
	return cover.Beyond(ctx, q, required(want))
}

// required returns matchers of the records of a requirement and of those of
// failed calls, in every region.
func required(want Requirement) []cover.Matcher {
	var list []cover.Matcher
	seen := map[event]bool{}
	for _, probe := range want.Probes {
		if probe.Condition != nil {
			list = append(list, probe.Condition)
			continue
		}
		e := event{probe.Source, probe.Event}
		if !seen[e] {
			seen[e] = true
			list = append(list, e)
		}
	}
	return list
}

// accountOf returns the account of the probes, "" when they have none or
// several.
func accountOf(want Requirement) string {
	account := ""
	for i, p := range want.Probes {
		if i > 0 && p.Account != account {
			return ""
		}
		account = p.Account
	}
	return account
}

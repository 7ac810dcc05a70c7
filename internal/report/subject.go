package report

import (
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// A subject is a thing in an account that a finding is about.
type subject struct {
	id        string // as Link.Resource has it
	kind      finding.LinkKind
	service   string // of an ARN: sns
	partition string
	region    string // "" where the id names none
}

// subjectsOf returns what f is about, each thing once: first what its reasons
// name, then the links that do not carry, then the others.
func subjectsOf(f finding.Finding) []subject {
	var list []subject
	seen := map[string]bool{"": true}
	add := func(id string, kind finding.LinkKind) {
		if !seen[id] {
			seen[id] = true
			list = append(list, newSubject(id, kind))
		}
	}
	for _, r := range f.Reasons {
		add(r.Resource, r.Link)
	}
	for _, broken := range []bool{true, false} {
		for _, l := range f.Chain {
			if (l.State != finding.StateOK) == broken {
				add(l.Resource, l.Kind)
			}
		}
	}
	return list
}

func newSubject(id string, kind finding.LinkKind) subject {
	s := subject{id: Sanitize(id), kind: kind}
	if arn, ok := account.ParseARN(id); ok {
		s.service, s.partition, s.region = arn.Service, Sanitize(arn.Partition), Sanitize(arn.Region)
	} else if region, _, ok := strings.Cut(id, "/"); ok && kind == finding.LinkMetric {
		s.region = Sanitize(region)
		s.partition = account.PartitionOf(region)
	}
	return s
}

// homeOf returns the region that stands for an account in formats that want
// one: where its chain lives, else the first region of the scope.
func homeOf(r finding.Report, id string) string {
	for _, a := range r.Accounts {
		if a.ID == id && a.Home != "" {
			return Sanitize(a.Home)
		}
	}
	if len(r.Regions) > 0 {
		return Sanitize(r.Regions[0])
	}
	return account.GlobalRegions("aws")[0]
}

// aliasOf returns the alias of an account, "" when it has none.
func aliasOf(r finding.Report, id string) string {
	for _, a := range r.Accounts {
		if a.ID == id {
			return Sanitize(a.Alias)
		}
	}
	return ""
}

// headline says in one clause what a finding comes to.
func headline(f finding.Finding) string {
	for _, reason := range f.Reasons {
		if reason.Status != finding.Pass || f.Status == finding.NotApplicable {
			return acceptedMark(reason) + Sanitize(reason.Message)
		}
	}
	switch {
	case f.Status != finding.Pass:
		return string(f.Status)
	case hasChain(f):
		return "someone would be alerted of every event that the control requires"
	default:
		return "all is as it should be"
	}
}

// hasChain reports whether a chain was followed for f: not for a control that asks
// for a state of the account, nor where none of its events can occur.
func hasChain(f finding.Finding) bool { return f.Stages != finding.Stages{} || f.Columns != nil }

// A requirement is one that a finding's control stands for.
type requirement struct{ standard, number string }

// String returns "CIS AWS Foundations 3.0.0/4.10".
func (r requirement) String() string { return r.standard + "/" + r.number }

// requirementsOf returns what a finding's control stands for: its number in the
// benchmark, then the requirements of the framework that labels the report, then
// those of the other frameworks.
func requirementsOf(f finding.Finding, r finding.Report, o Options) []requirement {
	var list []requirement
	add := func(standard string, numbers ...string) {
		for _, number := range numbers {
			list = append(list, requirement{Sanitize(standard), Sanitize(number)})
		}
	}
	if f.Number != "" {
		add(r.Benchmark.Title(), f.Number)
	}
	add(r.Framework.Title, f.Mapped...)
	if c, ok := controlOf(f.Control, nil, o); ok {
		for _, framework := range catalog.Frameworks() {
			if framework.ID != r.Framework.ID {
				add(framework.Title, c.Mappings[framework.ID]...)
			}
		}
	}
	return list
}

// counted is the status that f has, or would have without its waiver.
func counted(f finding.Finding) finding.Status {
	if f.Waiver != nil {
		return f.Waiver.Was
	}
	return f.Status
}

// controlOf returns what is known of a control: the catalog's entry, or what a
// finding says of it where o has none; false when there is neither.
func controlOf(id string, findings map[string]finding.Finding, o Options) (catalog.Control, bool) {
	for _, c := range o.Controls {
		if c.ID == id {
			return c, true
		}
	}
	f, ok := findings[id]
	return catalog.Control{ID: id, Title: f.Title, Severity: f.Severity}, ok
}

// missedSentence names the missed events in one sentence, "" when there are none.
// With limit > 0 it names that many and counts the rest.
func missedSentence(f finding.Finding, limit int) string {
	if len(f.Missed) == 0 {
		return ""
	}
	var names []string
	seen := map[string]bool{}
	for _, m := range f.Missed {
		if name := anyName(m.Event, "every event that meets the condition"); !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	more := ""
	if limit > 0 && len(names) > limit {
		more = fmt.Sprintf(" and %d more", len(names)-limit)
		names = names[:limit]
	}
	return "Nobody would be alerted to " + strings.Join(names, ", ") + more + "."
}

package audit

import (
	"encoding/json"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/azure/condition"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// A judge holds what is the same for every control of a subscription.
type judge struct {
	world      *World
	sub        *subscription.Subscription
	o          Options
	rules      []*rule // in the order of the answer
	processing []subscription.ProcessingRule
	groups     map[string]*group // that were looked at, by Fold of their ids
}

// newJudge decodes the objects of a subscription.
func newJudge(w *World, s *subscription.Subscription, o Options) *judge {
	j := &judge{world: w, sub: s, o: o, groups: map[string]*group{}}
	list, _ := s.AlertRules.Got()
	for _, raw := range list {
		r := subscription.ReadAlertRule(raw)
		j.rules = append(j.rules, &rule{AlertRule: r, cond: condition.Parse(r.Condition)})
	}
	list, _ = s.ProcessingRules.Got()
	for _, raw := range list {
		j.processing = append(j.processing, subscription.ReadProcessingRule(raw))
	}
	return j
}

// What the lists of a subscription need, for reasons about those that were not read.
const (
	readRules      = "Microsoft.Insights/activityLogAlerts/read"
	readGroups     = "Microsoft.Insights/actionGroups/read"
	readProcessing = "Microsoft.AlertsManagement/actionRules/read"
)

// unread returns why a list has no answer; "" when it has one.
func unread(list *subscription.Read[[]json.RawMessage], operation string) string {
	switch f := list.Failed(); {
	case f != nil:
		return failed(f)
	case list == nil:
		return operation + " was not asked for"
	}
	return ""
}

// callOf returns the read without answer that a reason is about, nil when there is an
// answer.
func callOf[T any](read *subscription.Read[T], operation string) *finding.Call {
	switch f := read.Failed(); {
	case f != nil:
		return &finding.Call{Operation: f.Operation, Code: f.Code, Message: f.Message}
	case read == nil:
		return &finding.Call{Operation: operation, Code: finding.CallNotAsked}
	}
	return nil
}

func failed(f *subscription.Failure) string {
	text := fmt.Sprintf("%s failed: %s", f.Operation, f.Code)
	if (f.Code == "Timeout" || f.Code == "ConnectionError") && f.Message != "" {
		text += " (" + f.Message + ")"
	}
	return text
}

// A controlJudge judges one control in one subscription.
type controlJudge struct {
	*judge
	control catalog.Control

	// probes are what the control requires, beyond its blind spots. The graph numbers
	// them in this order.
	probes, beyond []probe

	graph    *chain.Graph
	nodes    map[*rule]*chain.Node
	relevant map[*rule]bool // what Relevant said before
}

// A probe is an operation with what is known of its records.
type probe struct {
	catalog.Operation
	event condition.Event
}

func newControlJudge(j *judge, c catalog.Control) *controlJudge {
	out := &controlJudge{judge: j, control: c, nodes: map[*rule]*chain.Node{}, relevant: map[*rule]bool{}}
	for _, o := range c.RequiredOperations() {
		out.probes = append(out.probes, j.probe(o))
	}
	for _, o := range c.OtherOperations() {
		out.beyond = append(out.beyond, j.probe(o))
	}
	out.graph = chain.NewGraph([]*chain.Node{out.root()}, out)
	return out
}

func (j *judge) probe(o catalog.Operation) probe {
	if o.Incident != "" {
		return probe{o, condition.ServiceHealth(o.Incident)}
	}
	return probe{o, condition.Administrative(o.Name, j.sub.ID)}
}

// probe returns the probe of that number.
func (c *controlJudge) probe(p chain.Probe) probe {
	if int(p) < len(c.probes) {
		return c.probes[p]
	}
	return c.beyond[int(p)-len(c.probes)]
}

// health reports whether the control is about Service Health, whose alerts keep rules
// of their own.
func (c *controlJudge) health() bool { return c.probes[0].Incident != "" }

// reason returns a reason about an object.
func reason(code finding.Code, status finding.Status, link finding.LinkKind, resource, format string, args ...any) finding.Reason {
	return finding.Reason{Code: code, Status: status, Link: link, Resource: resource, Message: fmt.Sprintf(format, args...)}
}

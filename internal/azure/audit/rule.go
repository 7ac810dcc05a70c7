package audit

import (
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/azure/condition"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// A rule is an alert rule with its condition. It is a matcher of the graph.
type rule struct {
	subscription.AlertRule
	cond condition.Condition
}

// Key implements chain.Matcher.
func (r *rule) Key() string { return subscription.Fold(r.ID) }

// judgeRule judges a rule by itself: what it is not understood for, its scope, its
// location, whether it is enabled, and what is odd about its condition.
func (c *controlJudge) judgeRule(r *rule, p chain.Probe) chain.Verdict {
	v := chain.Fine()
	with := func(code finding.Code, s finding.Status, format string, args ...any) {
		v = v.With(reason(code, s, finding.LinkAlertRule, r.ID, "alert rule "+r.Name+" "+format, args...))
	}
	for _, text := range r.Problems {
		with(CodeRuleNotUnderstood, finding.Unknown, "is not understood: %s", text)
	}
	if status, text := c.scopeOf(r); status != finding.Pass {
		with(CodeRuleScope, status, "%s", text)
	}
	if c.health() && !subscription.Same(r.Location, "Global") {
		with(CodeRuleLocation, finding.Fail, "is in %s: Service Health alerts work in Global only", orNowhere(r.Location))
	}
	if !r.Enabled {
		with(CodeRuleDisabled, finding.Fail, "is disabled")
	}
	if c.health() {
		return v
	}
	if r.cond.Of(condition.Foreign(), condition.Succeeded, condition.Informational) == condition.Yes {
		with(CodeRuleNoisy, finding.Warn, "matches every write of the subscription: e-mail pauses after 100 messages an hour, text messages are dropped after 1 in 5 minutes")
	}
	e := c.probe(p).event
	at := func(status string) condition.Value { return r.cond.Of(e, status, condition.Informational) }
	switch {
	case at(condition.Succeeded) == condition.No && at(condition.Started) == condition.Yes:
		with(CodeRuleOutcome, finding.Pass, "alerts at the start of a call, also of one that then fails")
	case at(condition.Succeeded) == condition.Yes && at(condition.Failed) == condition.No:
		with(CodeRuleOutcome, finding.Pass, "alerts on calls that succeed: failed attempts go unseen, and a change gives one message")
	}
	return v
}

func orNowhere(location string) string {
	if location == "" {
		return "no location"
	}
	return location
}

// scopeOf reports whether a rule sees all of its subscription: Pass, or what is wrong
// with its scopes. A rule sees events of the subscription that it is in, whatever its
// scopes say.
func (c *controlJudge) scopeOf(r *rule) (finding.Status, string) {
	if r.TenantScope != "" {
		return finding.Fail, fmt.Sprintf("has the tenant scope %s: it does not see the operations of its subscription", r.TenantScope)
	}
	if c.health() && len(r.Scopes) > 1 {
		return finding.Fail, fmt.Sprintf("has %d scopes: Service Health accepts one subscription", len(r.Scopes))
	}
	unknown, text := "", "has no scope"
	for _, scope := range r.Scopes {
		id, ok := subscription.ParseID(scope)
		switch {
		case ok && !subscription.Same(id.Subscription, c.sub.ID):
			text = fmt.Sprintf("has the scope %s: a rule sees its own subscription only", scope)
		case ok && id.Group == "" && id.Rest == "":
			return finding.Pass, ""
		case ok && id.Rest == "":
			text = fmt.Sprintf("sees the resource group %s only: a change in another one, or in one created tomorrow, goes unseen", id.Group)
		case ok:
			text = fmt.Sprintf("sees %s only", scope)
		case subscription.IsManagementGroup(scope):
			unknown = fmt.Sprintf("has the scope %s: whether Azure accepts management groups there is not documented", scope)
		case strings.HasPrefix(subscription.Fold(scope), "subscriptions/"):
			text = fmt.Sprintf("has the scope %s, without the leading slash: Azure accepts it, and it never alerts", scope)
		default:
			text = fmt.Sprintf("has the scope %s, which is not a resource id", scope)
		}
	}
	if unknown != "" {
		return finding.Unknown, unknown
	}
	return finding.Fail, text
}

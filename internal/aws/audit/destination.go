package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// peopleHosts are hosts, or what they end in, of services that page, ticket or chat.
var peopleHosts = []string{
	"events.pagerduty.com", "events.eu.pagerduty.com", ".service-now.com", ".zendesk.com", "api.opsgenie.com", "api.eu.opsgenie.com", "alert.victorops.com",
	"api.squadcast.com", "api.incident.io", "hooks.slack.com", "slack.com", ".webhook.office.com", ".logic.azure.com", "discord.com", "discordapp.com", "chat.googleapis.com",
}

// callDestination judges an API destination as the target of a rule.
func (j *judge) callDestination(r *rule, t *account.Target) chain.Verdict {
	v := j.roleMay(r, t, "events:InvokeApiDestination", CodeRuleTargetRole)
	fail := func(code finding.Code, format string, args ...any) chain.Verdict {
		return v.With(finding.Reason{Code: code, Status: finding.Fail, Link: finding.LinkTarget, Resource: t.ARN, Message: fmt.Sprintf(format, args...)})
	}
	read := r.site.read().APIDestinations[t.ARN]
	d, ok := read.Got()
	switch {
	case read.Failed() != nil:
		return v.With(unreadable(finding.LinkTarget, t.ARN, read.Failed()))
	case !ok:
		return v.With(notRead(finding.LinkTarget, t.ARN, "events:DescribeApiDestination"))
	case d == nil:
		return fail(CodeDestinationInactive, "the API destination of rule %s does not exist", r.Name)
	case d.State != "ACTIVE":
		v = fail(CodeDestinationInactive, "API destination %s is %s", d.Name, d.State)
	}
	connection := r.site.read().Connections[d.ConnectionARN]
	x, ok := connection.Got()
	switch {
	case connection.Failed() != nil:
		v = v.With(unreadable(finding.LinkTarget, d.ConnectionARN, connection.Failed()))
	case !ok:
		v = v.With(notRead(finding.LinkTarget, d.ConnectionARN, "events:DescribeConnection"))
	case x == nil:
		v = fail(CodeConnection, "the connection of API destination %s does not exist", d.Name)
	case x.State != "AUTHORIZED":
		v = fail(CodeConnection, "the connection of API destination %s is %s", d.Name, x.State)
	}
	if host := hostOf(d.Endpoint); !slices.ContainsFunc(peopleHosts, func(h string) bool { return host == h || strings.HasPrefix(h, ".") && strings.HasSuffix(host, h) }) {
		v = v.With(j.machine(t.ARN, finding.Reason{Code: CodeSubscriberMachine, Status: finding.Warn, Link: finding.LinkTarget, Resource: t.ARN,
			Message: fmt.Sprintf("API destination %s calls %s, which is not a known pager, ticket or chat service: check by hand who it alerts", d.Name, host)}))
	}
	return v
}

// hostOf returns the host of a masked URL.
func hostOf(endpoint string) string {
	host, _, _ := strings.Cut(strings.TrimPrefix(endpoint, "https://"), "/")
	return host
}

// roleMay judges the role that a rule uses to reach a bus or an API destination.
// What could not be read of it is a note, and unknown with Options.Strict. code is
// that of a role that may not.
func (j *judge) roleMay(r *rule, t *account.Target, action string, code finding.Code) chain.Verdict {
	v := chain.Fine()
	if t.RoleARN == "" {
		if action == "events:PutEvents" {
			return v // a bus of the same region needs none
		}
		return v.With(finding.Reason{Code: code, Status: finding.Fail, Link: finding.LinkTarget, Resource: t.ARN, Message: fmt.Sprintf("rule %s: target %s has no role", r.Name, t.ID)})
	}
	fail := func(format string, args ...any) chain.Verdict {
		return v.With(finding.Reason{Code: code, Status: finding.Fail, Link: finding.LinkTarget, Resource: t.RoleARN, Message: fmt.Sprintf("rule %s: its role ", r.Name) + fmt.Sprintf(format, args...)})
	}
	unread := func(what string) chain.Verdict {
		reason := j.missing(finding.LinkTarget, t.RoleARN, fmt.Sprintf("could not find out whether the role of rule %s may use %s: %s", r.Name, action, what))
		if j.o.Strict {
			reason.Status = finding.Unknown
		}
		return v.With(reason)
	}
	role := r.site.account.Roles[t.RoleARN]
	if role == nil {
		return unread("nobody asked")
	}
	trust, ok := role.Trust.Got()
	switch {
	case ok && trust == nil:
		return fail("does not exist")
	case ok:
		if d, _, err := policy.TrustsRules(*trust); err == nil && (d == policy.Denied || d == policy.ExplicitDeny) {
			return fail("does not trust %s", policy.EventBridge)
		}
	}
	allowed, whole := false, true
	for _, name := range sortedPolicies(role.Inline) {
		doc, ok := role.Inline[name].Got()
		d, _, err := policy.RoleAllows(doc, action, t.ARN)
		switch {
		case !ok || err != nil || d == policy.Unknown:
			whole = false
		case d == policy.ExplicitDeny:
			return fail("is denied %s by its policy %s", action, name)
		case d == policy.Allowed:
			allowed = true
		}
	}
	names, ok := role.Policies.Got()
	attached, ok2 := role.Attached.Got()
	whole = whole && ok && ok2 && len(attached) == 0 && len(names) == len(role.Inline)
	switch {
	case allowed:
		return v
	case whole:
		return fail("may not use %s", action)
	}
	return unread("it has policies with unknown text")
}

func sortedPolicies(m map[string]*account.Read[string]) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// admitted asks the policy of another account's bus.
func (j *judge) admitted(r *rule, t *account.Target, bus *account.Bus, home *site) chain.Verdict {
	v := chain.Fine()
	with := func(s finding.Status, why string) chain.Verdict {
		return v.With(finding.Reason{Code: CodeBusPolicy, Status: s, Link: finding.LinkForwarder, Resource: t.ARN,
			Message: fmt.Sprintf("rule %s: the bus in account %s: %s", r.Name, home.account.ID, why)})
	}
	if bus == nil || bus.Description == nil {
		return with(finding.Unknown, "its policy was not read")
	}
	d, ok := bus.Description.Got()
	switch {
	case !ok:
		return v.With(unreadable(finding.LinkForwarder, t.ARN, bus.Description.Failed()))
	case d.Policy == "":
		return with(finding.Fail, "no policy admits account "+r.site.account.ID)
	}
	organization := ""
	if o, _ := r.site.account.Organization.Got(); o != nil {
		organization = o.ID
	}
	decision, why, err := policy.Admits(d.Policy, r.site.account.ID, organization, r.site.account.Partition, t.ARN)
	switch {
	case err != nil:
		return with(finding.Unknown, err.Error())
	case decision == policy.Allowed:
		return v
	case decision == policy.Unknown:
		return with(finding.Unknown, "its policy is not understood: "+why)
	}
	return with(finding.Fail, "its policy does not admit account "+r.site.account.ID+": "+why)
}

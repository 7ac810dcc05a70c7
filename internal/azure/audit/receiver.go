package audit

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// roles are the roles whose members an action group can notify, by their ids.
var roles = map[string]string{
	"8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
	"b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
	"acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
	"749f88d5-cbae-40b8-bcfc-e573ddc772fa": "Monitoring Contributor",
	"43d0d8ad-25c7-4714-9337-8ba259a9fe05": "Monitoring Reader",
}

// chats are the hosts that want messages in a form of their own, with how the host is
// called; a dot in front stands for any name below.
var chats = []struct{ host, name string }{
	{"hooks.slack.com", "Slack"},
	{".webhook.office.com", "Microsoft Teams"},
	{"outlook.office.com", "Microsoft Teams"},
	{"discord.com", "Discord"},
	{"discordapp.com", "Discord"},
	{"chat.googleapis.com", "Google Chat"},
}

// Roles returns the roles whose members an action group can notify, by their ids.
func Roles() map[string]string { return maps.Clone(roles) }

// Chat returns the name of a service that does not understand Azure's messages; "" for
// any other address.
func Chat(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	host := strings.ToLower(u.Hostname())
	for _, c := range chats {
		if host == c.host || c.host[0] == '.' && strings.HasSuffix(host, c.host) {
			return c.name
		}
	}
	if first, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/"); host == "events.pagerduty.com" && first == "v2" {
		return "PagerDuty's Events API v2"
	}
	return ""
}

// machines are the receivers that run something, with their names.
var machines = map[subscription.ReceiverKind]string{
	subscription.LogicApp: "a logic app", subscription.Function: "a function", subscription.Runbook: "a runbook", subscription.EventHub: "an event hub",
}

// judgeReceiver judges a receiver of a group.
func judgeReceiver(g *group, r subscription.Receiver) chain.Verdict {
	v := chain.Fine()
	with := func(code finding.Code, s finding.Status, format string, args ...any) {
		v = v.With(reason(code, s, finding.LinkReceiver, receiverID(g, r), "receiver "+r.Name+" "+format, args...))
	}
	if len(r.Problems) > 0 {
		with(CodeReceiverNotUnderstood, finding.Unknown, "is not understood: %s", r.Problems[0])
		return v
	}
	switch r.Kind {
	case subscription.Email, subscription.SMS:
		judgeStatus(r, with)
	case subscription.Webhook:
		if u, err := url.Parse(r.Address); err != nil || u.Host == "" {
			with(CodeReceiverNotUnderstood, finding.Unknown, "is a webhook whose address is not a URL")
		} else if name := Chat(r.Address); name != "" {
			with(CodeReceiverFormat, finding.Fail, "is a webhook of %s, which does not understand Azure's messages: a logic app can translate them", name)
		}
	case subscription.Role:
		if name, ok := roles[subscription.Fold(subscription.Name(r.RoleID))]; ok {
			with(CodeReceiverRoleMembers, finding.Warn, "is the role %s: its members at the subscription were not read", name)
		} else {
			with(CodeReceiverRole, finding.Fail, "is a role whose members Azure does not notify: %s", r.RoleID)
		}
	case subscription.ITSM:
		with(CodeReceiverRetiring, finding.Warn, "is an ITSM connection, which is being retired")
	case subscription.LogicApp, subscription.Function, subscription.Runbook, subscription.EventHub:
		with(CodeReceiverMachine, finding.Warn, "is %s: who it notifies was not read", machines[r.Kind])
	}
	return v
}

// judgeStatus judges the status of an e-mail address or a telephone.
func judgeStatus(r subscription.Receiver, with func(finding.Code, finding.Status, string, ...any)) {
	status := subscription.Fold(r.Status)
	switch {
	case status == "enabled":
	case status == "disabled":
		with(CodeReceiverDisabled, finding.Fail, "is disabled: its owner unsubscribed")
	case !slices.Contains([]string{"", "notspecified"}, status):
		with(CodeReceiverNotUnderstood, finding.Unknown, "has the status %s, which is not known", r.Status)
	case r.Kind == subscription.Email:
		with(CodeReceiverUnverified, finding.Warn, "is an e-mail address that may not be verified: its status is not Enabled")
	}
}

// receiverID names a receiver: the group's id and its own name.
func receiverID(g *group, r subscription.Receiver) string { return g.found.ID + "#" + r.Name }

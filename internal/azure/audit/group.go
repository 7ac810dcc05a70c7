package audit

import (
	"encoding/json"

	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// A group is an action group as it was found, or why it was not.
type group struct {
	id     string // as the rule writes it
	found  *subscription.ActionGroup
	lost   finding.Code // when it was not found
	detail string       // why it could not be read; "" otherwise
	call   *finding.Call
}

func (g *group) name() string { return subscription.Name(g.id) }

// groupOf returns the action group with an id, each looked for once.
func (j *judge) groupOf(id string) *group {
	key := subscription.Fold(id)
	if g, ok := j.groups[key]; ok {
		return g
	}
	g := j.find(id)
	j.groups[key] = g
	return g
}

// find looks for an action group in its subscription, or among those that were read
// one by one.
func (j *judge) find(id string) *group {
	parts, ok := subscription.ParseID(id)
	if !ok || parts.Group == "" {
		return &group{id: id, lost: CodeGroupMissing}
	}
	home := j.world.subscriptions[subscription.Fold(parts.Subscription)]
	if subscription.Same(parts.Subscription, j.sub.ID) {
		home = j.sub
	}
	if home != nil && !home.Works() {
		return &group{id: id, lost: CodeGroupUnreadable, detail: "its subscription is " + home.State}
	}
	if home != nil {
		if list, ok := home.ActionGroups.Got(); ok {
			return inList(id, list)
		}
	}
	if home == j.sub {
		return &group{id: id, lost: CodeNotReadable, detail: unread(j.sub.ActionGroups, readGroups), call: callOf(j.sub.ActionGroups, readGroups)}
	}
	read := j.sub.Elsewhere[subscription.Fold(id)]
	switch f := read.Failed(); {
	case f != nil:
		return &group{id: id, lost: CodeGroupUnreadable, detail: failed(f), call: callOf(read, readGroups)}
	case read == nil:
		return &group{id: id, lost: CodeGroupUnreadable, detail: readGroups + " was not asked for", call: callOf(read, readGroups)}
	case read.Value == nil:
		return &group{id: id, lost: CodeGroupMissing}
	}
	found := subscription.ReadActionGroup(read.Value)
	return &group{id: id, found: &found}
}

func inList(id string, list []json.RawMessage) *group {
	for _, raw := range list {
		if g := subscription.ReadActionGroup(raw); subscription.Same(g.ID, id) {
			return &group{id: id, found: &g}
		}
	}
	return &group{id: id, lost: CodeGroupMissing}
}

// judgeGroup judges an action group by itself.
func (c *controlJudge) judgeGroup(g *group) chain.Verdict {
	v := chain.Fine()
	with := func(code finding.Code, s finding.Status, format string, args ...any) {
		v = v.With(reason(code, s, finding.LinkActionGroup, g.id, "action group "+g.name()+" "+format, args...))
	}
	switch g.lost {
	case "":
	case CodeGroupMissing:
		with(CodeGroupMissing, finding.Fail, "does not exist")
		return v
	default:
		r := reason(g.lost, finding.Unknown, finding.LinkActionGroup, g.id, "action group %s could not be read: %s", g.name(), g.detail)
		r.Call = g.call
		return v.With(r)
	}
	for _, text := range g.found.Problems {
		with(CodeGroupNotUnderstood, finding.Unknown, "is not understood: %s", text)
	}
	if !g.found.Enabled {
		with(CodeGroupDisabled, finding.Fail, "is disabled")
	}
	if c.health() && !subscription.Same(g.found.Location, "Global") {
		with(CodeGroupLocation, finding.Fail, "is in %s: Service Health uses Global action groups only", orNowhere(g.found.Location))
	}
	return v
}

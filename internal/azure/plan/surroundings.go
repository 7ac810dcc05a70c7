package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/azure/action"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/change"
)

// surroundings adds what the actions need around them: the resource group, the provider,
// room for the rules, and no lock.
func (b *builder) surroundings() error {
	group := b.sub.ResourceGroups[subscription.Fold(b.home.ResourceGroup)]
	raw, read := group.Got()
	switch {
	case read && raw == nil && b.o.CreateIn != "":
		b.actions = append(b.actions, action.CreateResourceGroup{
			Meta: change.Meta{Account: b.sub.ID, Why: "it does not exist, and --create-resource-group asks for it"}, ID: b.home.ID(), Location: b.o.CreateIn, Tags: b.o.Tags,
		})
	case read && raw == nil:
		b.blocked(b.home.ID(), "resource group "+b.home.ResourceGroup+" does not exist", "name another one with --resource-group, or create it with --create-resource-group LOCATION")
	case !read && group.Failed() != nil:
		b.note(fmt.Sprintf("could not find out whether resource group %s exists: %s", b.home.ResourceGroup, group.Failed().Code))
	}
	if registered, ok := b.sub.Registered.Got(); ok && !registered {
		if !b.o.Register {
			b.blocked(b.sub.Scope(), "the subscription is not registered for Microsoft.Insights, so that Azure refuses alert rules", "--register-provider registers it")
		} else {
			b.actions = append(b.actions, action.RegisterProvider{Meta: change.Meta{Account: b.sub.ID, Why: "the subscription never used it, and --register-provider asks for it"}})
		}
	}
	b.locks()
	rules, _ := b.sub.AlertRules.Got()
	added := 0
	for _, a := range b.actions {
		if p, ok := a.(action.PutRule); ok && p.New() {
			added++
		}
		if p, ok := a.(action.PutGroup); ok && p.New() && len(p.Add) == 0 {
			b.note("action group " + p.Name() + " will have no receiver: --subscribe email:ADDRESS adds one")
		}
	}
	if room := action.Room(rules); added > room {
		b.conflicts = append(b.conflicts, change.Conflict{
			Account: b.sub.ID, Resource: b.sub.Scope(), Name: cmp.Or(b.sub.Name, b.sub.ID), NoRoom: true,
			Reason: "a subscription has at most 100 enabled alert rules, and Azure does not raise that limit",
			Have:   fmt.Sprintf("%d enabled alert rules", action.Enabled(rules)), Want: fmt.Sprintf("%d more", added),
			Avoid: "--one-rule writes one rule for all operations of a control (other tools then fail it), or delete alert rules that nobody needs",
		})
	}
	return nil
}

// locks finds what keeps the actions from being carried out, or from being undone.
func (b *builder) locks() {
	list, _ := b.sub.Locks.Got()
	for _, raw := range list {
		var l struct {
			ID         string `json:"id"`
			Properties struct {
				Level string `json:"level"`
			} `json:"properties"`
		}
		_ = json.Unmarshal(raw, &l) // what is no lock locks nothing
		scope, _, ok := cutFold(l.ID, "/providers/Microsoft.Authorization/locks/")
		inside := subscription.Fold(b.home.ID()) + "/"
		if !ok || !strings.HasPrefix(inside, subscription.Fold(scope)+"/") {
			continue
		}
		if subscription.Same(l.Properties.Level, "ReadOnly") {
			b.blocked(scope, "it is locked (ReadOnly), so that Azure refuses every write in it", "remove the lock, or name another resource group with --resource-group")
		} else {
			b.note("a lock (" + l.Properties.Level + ") on " + scope + " will keep undo and destroy from removing what is created")
		}
	}
}

// cutFold is strings.Cut without case.
func cutFold(s, sep string) (before, after string, ok bool) {
	i := strings.Index(strings.ToLower(s), strings.ToLower(sep))
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// blocked adds a conflict that no other name resolves.
func (b *builder) blocked(resource, reason, answer string) {
	b.conflict([]change.Conflict{{Account: b.sub.ID, Resource: resource, Name: subscription.Name(resource), Reason: reason, Unread: true, Answer: answer}})
}

package plan

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/azure/action"
	"github.com/monitorctl/monitorctl/internal/azure/audit"
	"github.com/monitorctl/monitorctl/internal/azure/desired"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// What stands in a printed command for what only its reader knows.
const (
	AddressPlaceholder = "ADDRESS"
	GroupPlaceholder   = "NAME" // of a resource group
)

// Audit judges a snapshot as audit.Run does, and says of each finding what to do next:
// the command whose plan repairs it, in addition to the wishes of o, or that nothing that
// apply adds can help. It fails only when ctx ends.
func Audit(ctx context.Context, snap subscription.Snapshot, controls []catalog.Control, o Options) (finding.Report, error) {
	world := audit.NewWorld(snap.Subscriptions)
	r := audit.NewReport(controls, o.Audit)
	for i := range snap.Subscriptions {
		s := &snap.Subscriptions[i]
		result, err := world.Judge(ctx, s, controls, o.Audit)
		if err != nil {
			return finding.Report{}, err
		}
		for k := range result.Findings {
			f := &result.Findings[k]
			if !s.Works() || f.Status != finding.Fail && f.Status != finding.Warn {
				continue
			}
			b := builder{ctx: ctx, snap: &snap, world: world, sub: s, controls: controls, o: o}
			a, err := b.adviceOn(controls[k], *f)
			if err != nil {
				return finding.Report{}, err
			}
			f.Command, f.Remediation = a.command, a.sentence(*f)
			if o.Repair != nil && a.command != "" {
				f.Repair = o.written(a.actions)
			}
		}
		r.Add(result.Account, nil, result.Findings)
	}
	return r, nil
}

// An advice is what a plan could do about a finding.
type advice struct {
	command  string           // "" when no plan helps
	blocked  string           // the command whose plan has the conflict
	conflict *change.Conflict // what stands in the way of every plan that would
	actions  []action.Action  // of the plan of the command
}

// sentence says what to do about f in one sentence.
func (a advice) sentence(f finding.Finding) string {
	switch {
	case a.command != "":
		return "run '" + a.command + "' to see the repair"
	case a.conflict != nil:
		return fmt.Sprintf("'%s' shows what blocks the repair: %s: %s", a.blocked, a.conflict.Name, a.conflict.Reason)
	case f.Status == finding.Fail && f.Remediation != "":
		return f.Remediation + " (apply cannot fix this)"
	}
	return f.Remediation
}

// written writes actions as code, or says why that cannot be.
func (o *Options) written(actions []action.Action) *finding.Repair {
	code, err := o.Repair(actions)
	if err != nil {
		return &finding.Repair{Why: err.Error()}
	}
	return &code
}

// adviceOn finds a wish that lets a plan repair f: the first after which someone is
// alerted, else the one that brings it furthest.
func (b *builder) adviceOn(c catalog.Control, f finding.Finding) (advice, error) {
	var out advice
	best := -1
	for _, w := range b.wishes() {
		t := builder{ctx: b.ctx, snap: b.snap, world: b.world, sub: b.sub, controls: b.controls, o: w.o, home: homeOf(b.sub, w.o)}
		if w.o.ActionGroup != "" && t.usable(w.o.ActionGroup) != nil {
			continue
		}
		err := t.repair(c, f)
		var homeless *NoHomeError
		command := "monitorctl plan " + c.ID + " --subscription " + b.sub.ID + w.flags
		switch {
		case errors.As(err, &homeless):
			continue
		case err != nil:
			return out, err
		case len(t.conflicts) > 0:
			if out.conflict == nil {
				out.conflict, out.blocked = &t.conflicts[0], command
			}
			continue
		case len(t.actions) == 0:
			continue
		}
		if value := worth(t.outcome); value > best {
			out.command, out.actions, best = command, t.actions, value
		}
		if best >= worth(finding.Finding{Status: finding.Warn}) {
			break
		}
	}
	return out, nil
}

// A wish is what a user could ask for beside what he has asked for.
type wish struct {
	flags string // " --action-group ID", "" for nothing
	o     Options
}

// maxGroups is how many action groups of others are tried.
const maxGroups = 5

// wishes lists what could be asked for, the least first: nothing, an action group that is
// there, an address.
func (b *builder) wishes() []wish {
	place, o := "", b.o
	if homeOf(b.sub, o).ResourceGroup == "" {
		o.ResourceGroup = cmp.Or(b.usedGroup(), GroupPlaceholder)
		place = " --resource-group " + quoted(o.ResourceGroup)
	}
	list := []wish{{place, o}}
	if o.ActionGroup != "" || len(o.Receivers) > 0 {
		return list
	}
	for _, id := range b.groupsOfOthers() {
		w := wish{place + " --action-group " + quoted(id), o}
		w.o.ActionGroup = id
		list = append(list, w)
	}
	w := wish{place + " --subscribe email:" + AddressPlaceholder, o}
	w.o.Receivers = []desired.Receiver{{Kind: subscription.Email, Address: AddressPlaceholder}}
	return append(list, w)
}

// usedGroup returns the resource group in which the subscription's alert rules and action
// groups stand: the first by the ids of the objects; "" for none.
func (b *builder) usedGroup() string {
	for _, list := range []*subscription.Read[[]json.RawMessage]{b.sub.ActionGroups, b.sub.AlertRules} {
		objects, _ := list.Got()
		ids := sortedIDs(objects)
		for _, id := range ids {
			if parts, ok := subscription.ParseID(id); ok && parts.Group != "" {
				return parts.Group
			}
		}
	}
	return ""
}

// groupsOfOthers returns the ids of the first enabled action groups with receivers that
// monitorctl did not create.
func (b *builder) groupsOfOthers() []string {
	objects, _ := b.sub.ActionGroups.Got()
	var out []string
	for _, id := range sortedIDs(objects) {
		raw := inList(objects, id)
		g := subscription.ReadActionGroup(raw)
		if g.Enabled && len(g.Receivers) > 0 && !action.OwnerOf(raw).Ours && actionGroupForm.MatchString(id) && !strings.ContainsAny(id, shellSigns) && len(out) < maxGroups {
			out = append(out, id)
		}
	}
	return out
}

func sortedIDs(objects []json.RawMessage) []string {
	var ids []string
	for _, raw := range objects {
		ids = append(ids, action.IDOf(raw))
	}
	slices.SortFunc(ids, func(a, b string) int { return strings.Compare(subscription.Fold(a), subscription.Fold(b)) })
	return ids
}

// shellSigns are those that a shell reads between double quotes.
const shellSigns = "$`\"\\!"

// plain are words that no shell reads anything into.
var plain = regexp.MustCompile(`^[A-Za-z0-9_./:@-]+$`)

// quoted returns a word as a shell takes it.
func quoted(word string) string {
	if plain.MatchString(word) {
		return word
	}
	return `"` + word + `"`
}

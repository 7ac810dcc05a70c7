package action

import (
	"encoding/json"
	"strings"

	"github.com/monitorctl/monitorctl/internal/azure/desired"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/change"
)

// Kinds of objects in a journal.
const (
	RuleKind          = "alert-rule"
	GroupKind         = "action-group"
	ResourceGroupKind = "resource-group"
)

// A State is an object at one time in a journal, as Azure answers it or as it is
// written. Of an action group addresses and keys are masked, with the journal's salt.
// The published form: docs/output.md, docs/schema/journal-v1.schema.json.
type State struct {
	Rule          json.RawMessage `json:"rule,omitempty"`
	Group         json.RawMessage `json:"group,omitempty"`
	ResourceGroup json.RawMessage `json:"resourceGroup,omitempty"`
}

// Raw returns the object itself.
func (s State) Raw() json.RawMessage {
	switch {
	case s.Rule != nil:
		return s.Rule
	case s.Group != nil:
		return s.Group
	}
	return s.ResourceGroup
}

// Same reports whether two states are the same object.
func (s State) Same(t State) bool { return Equal(s.Raw(), t.Raw()) }

// Over returns s: a state is a whole object.
func (s State) Over(State) State { return s }

// Only returns s: a state has no parts.
func (s State) Only(State) State { return s }

// types are the parts of an id behind the resource group, in lower case, by kind.
var types = map[string]string{
	RuleKind: "/providers/microsoft.insights/activitylogalerts/", GroupKind: "/providers/microsoft.insights/actiongroups/", ResourceGroupKind: "",
}

// Of reports whether the state can be one of the object.
func (s State) Of(o change.Object) bool {
	id, ok := subscription.ParseID(o.Name)
	kind, known := types[o.Kind]
	if !ok || !known || id.Group == "" || !strings.HasPrefix(subscription.Fold(id.Rest), kind) || (kind == "") != (id.Rest == "") {
		return false
	}
	own := StateOf(o.Kind, s.Raw())
	if (own.Rule == nil) != (s.Rule == nil) || (own.Group == nil) != (s.Group == nil) || (own.ResourceGroup == nil) != (s.ResourceGroup == nil) {
		return false
	}
	written := IDOf(s.Raw())
	return s.Raw() != nil && (written == "" || subscription.Same(written, o.Name))
}

// StateOf returns an answer as a state of an object of a kind; the zero State for an
// unknown kind.
func StateOf(kind string, raw json.RawMessage) State {
	switch kind {
	case RuleKind:
		return State{Rule: raw}
	case GroupKind:
		return State{Group: raw}
	case ResourceGroupKind:
		return State{ResourceGroup: raw}
	}
	return State{}
}

// record is a write to an object; before and after are answers or bodies, nil where there
// is none, and are masked where they hold secrets.
func (r *Run) record(o change.Object, before, after json.RawMessage) change.Record[State] {
	state := func(raw json.RawMessage) *State {
		if raw == nil {
			return nil
		}
		if o.Kind == GroupKind {
			raw = subscription.Mask(raw, r.salt())
		}
		s := StateOf(o.Kind, raw)
		return &s
	}
	return change.Record[State]{Object: o, Before: state(before), After: state(after)}
}

// RuleObject is an alert rule as a journal names it, by its id.
func RuleObject(id string) change.Object { return change.Object{Kind: RuleKind, Name: id} }

// GroupObject is an action group as a journal names it, by its id.
func GroupObject(id string) change.Object { return change.Object{Kind: GroupKind, Name: id} }

// ResourceGroupObject is a resource group as a journal names it, by its id.
func ResourceGroupObject(id string) change.Object {
	return change.Object{Kind: ResourceGroupKind, Name: id}
}

// tagsOf returns the tags of an answer.
func tagsOf(raw json.RawMessage) map[string]string {
	out := map[string]string{}
	for k, v := range child(object(raw), "tags") {
		if text, ok := v.(string); ok {
			out[k] = text
		}
	}
	return out
}

// OwnerOf returns who keeps the object of an answer.
func OwnerOf(raw json.RawMessage) desired.Owner { return desired.OwnerOf(tagsOf(raw)) }

// Package permissions knows the operations of Azure that each command needs, and prints
// them as the least custom role. It asks nobody.
package permissions

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/monitorctl/monitorctl/internal/azure/action"
	"github.com/monitorctl/monitorctl/internal/azure/collect"
	"github.com/monitorctl/monitorctl/internal/azure/desired"
	"github.com/monitorctl/monitorctl/internal/azure/drill"
	"github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
)

// A Command is what a role is for.
type Command string

// Commands. Drill sends a test notification, RealDrill makes a change of its own.
const (
	Audit Command = "audit"
	Plan  Command = "plan"
	Apply Command = "apply"
	Undo  Command = "undo"
	Drill Command = "drill"

	RealDrill Command = "drill --real"
)

// A Role is a custom role in the form that 'az role definition create' takes.
type Role struct {
	Name             string
	IsCustom         bool
	Description      string
	Actions          []string // sorted
	NotActions       []string
	AssignableScopes []string
}

var descriptions = map[Command]string{
	Audit: "Read what monitorctl audits.", Plan: "Read what monitorctl plans with.", Apply: "Carry out plans of monitorctl.",
	Undo: "Take back what monitorctl wrote.", Drill: "Send test notifications.", RealDrill: "Create an empty network security group and delete it again.",
}

// For returns the least role for a command with some wishes, in subscriptions by their
// ids.
func For(c Command, o plan.Options, subscriptions []string) (Role, error) {
	r := Role{Name: "monitorctl " + string(c), IsCustom: true, Description: descriptions[c], NotActions: []string{}, Actions: collect.Permissions()}
	if c == Plan || c == Apply {
		r.Actions = append(r.Actions, collect.PlanPermissions()...)
	}
	for _, a := range writes(c, o) {
		r.Actions = append(r.Actions, a.Permissions()...)
	}
	switch c {
	case Drill:
		r.Actions = append(r.Actions, drill.Permissions()...)
	case RealDrill:
		r.Name = "monitorctl drill real"
		r.Actions = append(r.Actions, drill.RealPermissions()...)
	case Audit, Plan, Apply, Undo:
	}
	slices.Sort(r.Actions)
	r.Actions = slices.Compact(r.Actions)
	for _, id := range subscriptions {
		if !subscription.IsGUID(id) {
			return r, fmt.Errorf("--subscription %q is not a GUID, and permissions asks nobody for names", id)
		}
		r.AssignableScopes = append(r.AssignableScopes, "/subscriptions/"+id)
	}
	return r, nil
}

// writes are actions of every kind that the command may carry out.
func writes(c Command, o plan.Options) []action.Action {
	var out []action.Action
	switch c {
	case Apply:
		out = append(out, action.PutRule{})
		if o.ActionGroup == "" {
			out = append(out, action.PutGroup{Add: desired.Name(o.Receivers, nil)})
		}
		if o.CreateIn != "" {
			out = append(out, action.CreateResourceGroup{})
		}
		if o.Register {
			out = append(out, action.RegisterProvider{})
		}
	case Undo:
		out = append(out, action.PutRule{}, action.PutGroup{}, action.DeleteRule{}, action.DeleteGroup{})
		if o.CreateIn != "" {
			out = append(out, action.DeleteResourceGroup{})
		}
	case Audit, Plan, Drill, RealDrill:
	}
	return out
}

// Write writes a role as indented JSON.
func Write(w io.Writer, r Role) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", text)
	return err
}

package action

import (
	"context"
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/change"
)

// An Action is one change to an AWS account. The set is closed: only this package
// can add one.
//
//sumtype:decl
type Action interface {
	change.Action
	sealed()

	// Place is where the action stands in the order of a plan: nothing points to
	// what is not there yet, and what depends on something goes before it.
	Place() Place

	// Object is what the action is about. Two actions of one kind and account on
	// the same object are the same action.
	Object() change.Object

	// Closing returns the action as one that helps these controls.
	Closing(controls []string) Action

	// Calls names the operations of its writes, as the table of permissions has
	// them.
	Calls() []string

	// simulate changes a draft to what the account is after the action.
	simulate(*draft)

	// rests adds what a plan with the action rests on.
	rests(*basis)

	// limits refuses what AWS would refuse at the write, when half of a plan may
	// be done already.
	limits() error

	// check looks before the first write of a plan whether the action can be
	// carried out on what is there now.
	check(context.Context, *sight) error

	// apply looks at the object again and writes it.
	apply(context.Context, *Run) (Outcome, error)
}

// A Place is the place of an action in the order of a plan.
type Place int

// Places, in order.
const (
	createsGroup Place = iota
	createsTrailRole
	createsBucket
	createsTrail
	createsTopic
	setsPolicy
	subscribes
	putsFilter
	putsAlarm
	createsRole
	createsConnection
	createsDestination
	putsChat
	putsRule
	putsTarget
	putsPermission
	putsForwarder
	putsForwardTarget
	deletesAlarm
	deletesFilter
	deletesTrail
	removesPermission
	removesForwardTarget
	deletesRole
	deletesForwarder
	removesTarget
	deletesRule
	deletesDestination
	deletesConnection
	deletesChat
	deletesDestinationRole
	unsubscribes
	deletesTopic
	deletesBucket
	deletesGroup
)

// Same reports whether two actions write the same thing. Their reasons may
// differ.
func Same(a, b Action) bool { return a.Kind() == b.Kind() && SameObject(a, b) }

// SameObject reports whether two actions are about the same object.
func SameObject(a, b Action) bool {
	return a.Common().Account == b.Common().Account && a.Object() == b.Object()
}

// Of returns the actions of a plan that is for an account of AWS.
func Of(list []change.Action) ([]Action, error) {
	out := make([]Action, 0, len(list))
	for _, x := range list {
		a, ok := x.(Action)
		if !ok {
			return nil, fmt.Errorf("%s is not a change to an AWS account", x)
		}
		out = append(out, a)
	}
	return out, nil
}

// List returns the actions as those of a plan.
func List(actions []Action) []change.Action {
	out := make([]change.Action, 0, len(actions))
	for _, a := range actions {
		out = append(out, a)
	}
	return out
}

// lastPart returns what stands behind the last colon.
func lastPart(arn string) string { return arn[strings.LastIndexByte(arn, ':')+1:] }

// verb is what is done to an object.
func verb(isNew bool) string {
	if isNew {
		return "create"
	}
	return "update"
}

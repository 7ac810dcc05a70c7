package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/azure/arm"
	"github.com/monitorctl/monitorctl/internal/change"
)

// A Failure is a subscription whose part of a plan was not finished.
type Failure struct {
	Subscription string // id
	Err          *change.StoppedError
}

// An UnfinishedError says which subscriptions of a plan for several are not finished.
type UnfinishedError struct {
	Failed []Failure       // in the order of the plan
	Total  int             // subscriptions that the plan writes to
	Done   []change.Action // of all subscriptions
	Left   []change.Action // of all subscriptions, those included that were not begun
}

func (e *UnfinishedError) Error() string {
	var parts []string
	for _, f := range e.Failed {
		parts = append(parts, fmt.Sprintf("subscription %s: %v", f.Subscription, f.Err))
	}
	return fmt.Sprintf("%d of %d subscriptions not finished: %s", len(e.Failed), e.Total, strings.Join(parts, "; "))
}

// Unwrap returns the causes.
func (e *UnfinishedError) Unwrap() []error {
	var out []error
	for _, f := range e.Failed {
		out = append(out, f.Err)
	}
	return out
}

// RunEach carries out the actions of p, one subscription after the other. What stops one
// does not keep the next from its turn, unless ctx ends, nobody can sign in, or
// OnSubscription fails. The error is that of Run for a plan about one subscription, and an
// *UnfinishedError otherwise.
func RunEach(ctx context.Context, client *arm.Client, p change.Plan, o Options) error {
	parts := byAccount(p.Actions)
	e := &UnfinishedError{Total: len(parts)}
	over := false
	for _, part := range parts {
		if over {
			e.Left = append(e.Left, part...)
			e.Failed = append(e.Failed, Failure{part[0].Common().Account, &change.StoppedError{Left: part, Err: errNotBegun}})
			continue
		}
		err := runPart(ctx, client, part, o)
		var stopped *change.StoppedError
		if !errors.As(err, &stopped) {
			e.Done = append(e.Done, part...)
			continue
		}
		if len(parts) == 1 {
			return stopped
		}
		var signIn *arm.CredentialError
		over = ctx.Err() != nil || errors.As(err, &signIn) || errors.Is(err, errSubscription)
		e.Done, e.Left = append(e.Done, stopped.Done...), append(e.Left, stopped.Left...)
		e.Failed = append(e.Failed, Failure{part[0].Common().Account, stopped})
	}
	if len(e.Failed) == 0 {
		return nil
	}
	return e
}

var (
	errNotBegun     = errors.New("not started")
	errSubscription = errors.New("beginning the subscription")
)

// runPart carries out what a plan writes to one subscription.
func runPart(ctx context.Context, client *arm.Client, part []change.Action, o Options) error {
	if o.OnSubscription != nil {
		if err := o.OnSubscription(part[0].Common().Account); err != nil {
			return &change.StoppedError{Left: part, Err: fmt.Errorf("%w: %w", errSubscription, err)}
		}
	}
	return Run(ctx, client, change.Plan{Actions: part}, o)
}

// byAccount splits actions by their subscription, in the order of the first of each.
func byAccount(actions []change.Action) [][]change.Action {
	var out [][]change.Action
	at := map[string]int{}
	for _, a := range actions {
		id := a.Common().Account
		i, known := at[id]
		if !known {
			i, at[id] = len(out), len(out)
			out = append(out, nil)
		}
		out[i] = append(out[i], a)
	}
	return out
}

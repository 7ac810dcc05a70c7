package apply_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/monitorctl/monitorctl/internal/azure/action"
	"github.com/monitorctl/monitorctl/internal/azure/apply"
	"github.com/monitorctl/monitorctl/internal/azuretest"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// TestRunEach carries a plan for three subscriptions out: what stops one keeps no other
// from its turn, but an interruption ends all, and so does what cannot be begun.
func TestRunEach(t *testing.T) {
	const second, third = "22222222-2222-3333-4444-555555555555", "33333333-2222-3333-4444-555555555555"
	all := []string{sub, second, third}
	broken := errors.New("the journal is full")
	tests := []struct {
		name     string
		prepare  func(*lab)
		stopAt   int    // an interruption after so many actions; 0 for none
		refuseAt string // the subscription that cannot be begun
		done     int
		failed   []string // subscriptions that are not finished
		begun    []string
		cause    error
	}{
		{"all go well", func(*lab) {}, 0, "", 15, nil, all, nil},
		{"a policy in the second", func(l *lab) { l.cloud.Deny(second, azuretest.AlertRules, "no") }, 0, "", 11, []string{second}, all, nil},
		{"a lock on the first", func(l *lab) { l.cloud.LockScope("/subscriptions/"+sub, "ReadOnly") }, 0, "", 10, []string{sub}, all, nil},
		{"an interruption in the second", func(*lab) {}, 7, "", 7, []string{second, third}, []string{sub, second}, context.Canceled},
		{"the second cannot be begun", func(*lab) {}, 0, second, 5, []string{second, third}, []string{sub, second}, broken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t)
			l.cloud.AddSubscription(second, "acme-2", tenant, "Enabled")
			l.cloud.AddSubscription(third, "acme-3", tenant, "Enabled")
			p := l.plan(l.options())
			if len(p.Actions) != 15 || !p.Separate || p.After.Summary().Warn != 3 {
				t.Fatalf("the plan: %d actions, %+v", len(p.Actions), p.After.Summary())
			}
			tt.prepare(l)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			done := 0
			var begun []string
			err := apply.RunEach(ctx, l.client, p, apply.Options{
				OnDone: func(action.Outcome) {
					if done++; done == tt.stopAt {
						cancel()
					}
				},
				OnSubscription: func(id string) error {
					begun = append(begun, id)
					if id == tt.refuseAt {
						return broken
					}
					return nil
				},
			})
			var several *apply.UnfinishedError
			if errors.As(err, &several) != (tt.failed != nil) {
				t.Fatalf("got %v", err)
			}
			if done != tt.done || !slices.Equal(begun, tt.begun) || tt.cause != nil && !errors.Is(err, tt.cause) {
				t.Errorf("%d done in %v, want %d in %v: %v", done, begun, tt.done, tt.begun, err)
			}
			if several == nil {
				return
			}
			var failed []string
			for _, f := range several.Failed {
				failed = append(failed, f.Subscription)
			}
			if !slices.Equal(failed, tt.failed) || len(several.Done) != tt.done || len(several.Done)+len(several.Left) != 15 || several.Total != 3 {
				t.Errorf("failed %v, %d done and %d left of %d: %v", failed, len(several.Done), len(several.Left), several.Total, several)
			}
		})
	}
}

// TestRunEachOfOne is Run for a plan about one subscription.
func TestRunEachOfOne(t *testing.T) {
	l := newLab(t)
	p := l.plan(l.options())
	l.cloud.Deny(sub, azuretest.AlertRules, "no")
	var stopped *change.StoppedError
	var several *apply.UnfinishedError
	if err := apply.RunEach(context.Background(), l.client, p, apply.Options{}); !errors.As(err, &stopped) || errors.As(err, &several) || len(stopped.Done) != 1 {
		t.Errorf("got %v", err)
	}
}

// TestPlanOfMany plans each of 60 subscriptions by itself: the actions of each follow each
// other, and each comes to the verdict that it would alone.
func TestPlanOfMany(t *testing.T) {
	l := newLab(t)
	for i := range 59 {
		l.cloud.AddSubscription(fmt.Sprintf("%08d-2222-3333-4444-555555555555", i), fmt.Sprintf("s%d", i), tenant, "Enabled")
	}
	p := l.plan(l.options())
	if len(p.Actions) != 300 || len(p.Before.Findings) != 60 {
		t.Fatalf("%d actions for %d findings", len(p.Actions), len(p.Before.Findings))
	}
	for i, f := range p.Confirmed.Findings {
		if f.Status != finding.Pass || p.After.Findings[i].Status != finding.Warn {
			t.Errorf("%s: %s, once verified %s", f.Account, p.After.Findings[i].Status, f.Status)
		}
	}
	for i, a := range p.Actions {
		if want := p.Before.Findings[i/5].Account; a.Common().Account != want {
			t.Errorf("action %d is about %s, want %s", i+1, a.Common().Account, want)
		}
	}
}

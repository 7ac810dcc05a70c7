package drill_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/azure/drill"
	"github.com/monitorctl/monitorctl/internal/azuretest"
)

const (
	place = "/subscriptions/" + sub + "/resourceGroups/monitoring"
	rule  = `{"id":"` + place + `/providers/Microsoft.Insights/activityLogAlerts/r","location":"Global","properties":{"scopes":["/subscriptions/` + sub + `"],
		"condition":{"allOf":[{"field":"category","equals":"Administrative"},{"field":"operationName","containsAny":["Microsoft.Network/networkSecurityGroups/write","Microsoft.Network/networkSecurityGroups/delete"]}]},
		"actions":{"actionGroups":[{"actionGroupId":"` + group + `"}]}}}`
)

// TestRealChange makes the change: someone is alerted of both writes, and the subscription
// is as it was.
func TestRealChange(t *testing.T) {
	c, client := start(t)
	if err := c.Put(json.RawMessage(rule)); err != nil {
		t.Fatal(err)
	}
	before := string(c.Objects(sub))
	change, err := drill.PlanChange(context.Background(), client, place, "monitorctl-drill-1")
	if err != nil || change.Location != "westeurope" || change.Unknown != "" {
		t.Fatalf("%+v, %v", change, err)
	}
	for _, r := range c.Requests() {
		if r.Method != http.MethodGet {
			t.Errorf("planning makes a request that is no read: %+v", r)
		}
	}
	pauses := 0
	err = change.Make(context.Background(), client, drill.Options{Pause: func(context.Context, time.Duration) error { pauses++; return nil }})
	if err != nil || pauses == 0 {
		t.Errorf("%v after %d pauses", err, pauses)
	}
	if d := cmp.Diff(before, string(c.Objects(sub))); d != "" {
		t.Errorf("the subscription is not as it was:\n%s", d)
	}
	got := map[string]bool{}
	for _, m := range c.Inbox("a@example.com") {
		got[m.Operation] = true
	}
	want := map[string]bool{"Microsoft.Network/networkSecurityGroups/write": true, "Microsoft.Network/networkSecurityGroups/delete": true}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("alerted of (-want +got):\n%s", d)
	}
}

// TestRealChangeRefused writes nothing where the change could not be taken back, or the
// name is taken.
func TestRealChangeRefused(t *testing.T) {
	tests := []struct {
		name    string
		prepare func(*azuretest.Cloud)
		group   string
		want    string
	}{
		{"a lock on the resource group", func(c *azuretest.Cloud) { c.LockScope(place, "CanNotDelete") }, place, "a lock on"},
		{"a lock on the subscription", func(c *azuretest.Cloud) { c.LockScope("/subscriptions/"+sub, "CanNotDelete") }, place, "a lock on"},
		{"no such resource group", func(*azuretest.Cloud) {}, place + "-gone", "ResourceGroupNotFound"},
		{"the name is taken", func(c *azuretest.Cloud) {
			if err := c.Put(json.RawMessage(`{"id":"` + place + `/providers/Microsoft.Network/networkSecurityGroups/N","location":"westeurope","properties":{}}`)); err != nil {
				panic(err)
			}
		}, place, "already exists"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, client := start(t)
			tt.prepare(c)
			if _, err := drill.PlanChange(context.Background(), client, tt.group, "n"); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	c, client := start(t)
	c.Fail(azuretest.Fault{Path: "/locks", Answer: azuretest.Error{Status: 403, Code: "AuthorizationFailed", Message: "no"}})
	if change, err := drill.PlanChange(context.Background(), client, place, "n"); err != nil || !strings.Contains(change.Unknown, "AuthorizationFailed") {
		t.Errorf("locks that cannot be read: %+v, %v", change, err)
	}
}

// TestRealChangeIsTakenBack deletes the network security group when the run is interrupted
// in between, when its creation is not answered, and says so when it cannot.
func TestRealChangeIsTakenBack(t *testing.T) {
	tests := []struct {
		name  string
		fault azuretest.Fault
		stop  bool // the run is interrupted while the group is made
		want  string
		left  bool
	}{
		{"interrupted", azuretest.Fault{Method: "NONE"}, true, "", false},
		{"an answer that is lost", azuretest.Fault{Method: "PUT", Applied: true, Answer: azuretest.Error{Status: 500, Code: "InternalServerError", Message: "?"}}, false, "creating network security group", false},
		{"a policy", azuretest.Fault{Method: "PUT", Answer: azuretest.Error{Status: 403, Code: "RequestDisallowedByPolicy", Message: "no"}}, false, "RequestDisallowedByPolicy", false},
		{"it cannot be deleted", azuretest.Fault{Method: "DELETE", Answer: azuretest.Error{Status: 403, Code: "AuthorizationFailed", Message: "no"}}, false, "is left", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, client := start(t)
			before := string(c.Objects(sub))
			change, err := drill.PlanChange(context.Background(), client, place, "n")
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			c.Fail(tt.fault)
			err = change.Make(ctx, client, drill.Options{Pause: func(ctx context.Context, _ time.Duration) error {
				if tt.stop {
					cancel()
				}
				return ctx.Err()
			}})
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			var left *drill.LeftError
			if errors.As(err, &left) != tt.left || tt.left && !strings.Contains(left.Hint(), "az network nsg delete --ids "+change.ID) {
				t.Errorf("got %v", err)
			}
			if same := string(c.Objects(sub)) == before; same == tt.left {
				t.Errorf("the subscription is as it was: %v", same)
			}
		})
	}
}

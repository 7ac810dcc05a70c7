package permissions_test

import (
	"context"
	"maps"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/azure/action"
	"github.com/monitorctl/monitorctl/internal/azure/apply"
	"github.com/monitorctl/monitorctl/internal/azure/arm"
	"github.com/monitorctl/monitorctl/internal/azure/audit"
	"github.com/monitorctl/monitorctl/internal/azure/collect"
	"github.com/monitorctl/monitorctl/internal/azure/desired"
	"github.com/monitorctl/monitorctl/internal/azure/drill"
	"github.com/monitorctl/monitorctl/internal/azure/permissions"
	"github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/azure/undo"
	"github.com/monitorctl/monitorctl/internal/azuretest"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/journal"
	"github.com/monitorctl/monitorctl/patterns/azure"
)

const (
	sub    = "11111111-2222-3333-4444-555555555555"
	tenant = "99999999-8888-7777-6666-555555555555"
)

var now = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

// A recorder is a journal in memory.
type recorder struct{ journal.Journal[action.State] }

func (r *recorder) Begin(e change.Record[action.State]) (int, error) {
	r.Records = append(r.Records, e)
	return len(r.Records), nil
}

func (r *recorder) End(n int, result change.Result, _, _ string) error {
	r.Records[n-1].Result = result
	return nil
}

func (r *recorder) Salt() string { return "00ff" }

// TestRoles carries out what each command does, with every wish, and demands of its role
// just the permissions of the calls that were made.
func TestRoles(t *testing.T) {
	c := azuretest.New(now)
	c.AddSubscription(sub, "acme", tenant, "Enabled")
	c.Unregister(sub)
	server := httptest.NewTLSServer(c)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential", "AZURE_AUTHORITY_HOST": server.URL, "AZURE_TENANT_ID": tenant,
		"AZURE_CLIENT_ID": "11111111-0000-0000-0000-000000000000", "AZURE_CLIENT_SECRET": "secret",
	} {
		t.Setenv(name, value)
	}
	connect := func() *arm.Client {
		client, err := arm.Connect(arm.Config{Endpoint: server.URL, Transport: server.Client().Transport, RetryDelay: time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		return client
	}
	cat, err := catalog.Load(azure.FS)
	if err != nil {
		t.Fatal(err)
	}
	app := "/subscriptions/" + sub + "/resourceGroups/monitoring/providers/Microsoft.Logic/workflows/chat"
	c.AddLogicApp(app, "https://callback.example.com/x")
	o := plan.Options{
		Audit: audit.Options{Benchmark: catalog.DefaultAzureBenchmark, Now: now}, ResourceGroup: "alerts", CreateIn: "westeurope", Register: true, Complete: true,
		Receivers: []desired.Receiver{{Kind: subscription.Email, Address: "security@example.com"}, {Kind: subscription.LogicApp, Address: app}},
	}
	read := func(client *arm.Client, planning bool) subscription.Snapshot {
		t.Helper()
		snap, err := collect.Run(context.Background(), client, collect.Options{
			Subscriptions: []string{"all"}, Salt: "00ff", Now: func() time.Time { return now }, Plan: planning, ResourceGroups: []string{"alerts"},
		})
		if err != nil {
			t.Fatal(err)
		}
		return snap
	}
	pause := func(_ context.Context, d time.Duration) error { c.Advance(d); return nil }
	demand := func(command permissions.Command, client *arm.Client) {
		t.Helper()
		role, err := permissions.For(command, o, []string{sub})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(slices.Sorted(maps.Keys(client.Calls())), role.Actions); d != "" {
			t.Errorf("%s (-calls +role):\n%s", command, d)
		}
	}

	client := connect()
	read(client, false)
	demand(permissions.Audit, client)

	client = connect()
	read(client, true)
	demand(permissions.Plan, client)

	client = connect()
	p, err := plan.For(context.Background(), read(client, true), cat.Controls, o)
	if err != nil || len(p.Conflicts) > 0 {
		t.Fatal(err, p.Conflicts)
	}
	r := &recorder{}
	r.Header.Account, r.Header.Salt = sub, "00ff"
	if err := apply.Run(context.Background(), client, p, apply.Options{Journal: r, Pause: pause}); err != nil {
		t.Fatal(err)
	}
	demand(permissions.Apply, client)

	client = connect()
	snap := read(client, false)
	group, err := plan.Receivers(snap, &snap.Subscriptions[0], plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := drill.Run(context.Background(), client, group.ID, drill.Options{Pause: pause}); err != nil {
		t.Fatal(err)
	}
	demand(permissions.Drill, client)

	client = connect()
	read(client, false)
	made, err := drill.PlanChange(context.Background(), client, snap.Subscriptions[0].Scope()+"/resourceGroups/alerts", "drill")
	if err == nil {
		err = made.Make(context.Background(), client, drill.Options{Pause: pause})
	}
	if err != nil {
		t.Fatal(err)
	}
	demand(permissions.RealDrill, client)

	client = connect()
	read(client, false) // destroy and --expect-tenant do
	found, err := apply.Look(context.Background(), client, r.Journal)
	if err != nil {
		t.Fatal(err)
	}
	u := undo.For(r.Journal, found)
	if err := apply.Run(context.Background(), client, change.Plan{Actions: u.Actions}, apply.Options{}); err != nil || len(u.Left) > 0 {
		t.Fatal(err, u.Left)
	}
	role, err := permissions.For(permissions.Undo, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	for operation := range client.Calls() {
		if !slices.Contains(role.Actions, operation) {
			t.Errorf("the role of undo lacks %s", operation)
		}
	}
	if _, err := permissions.For(permissions.Audit, o, []string{"acme"}); err == nil {
		t.Error("a name is taken for an id")
	}
}

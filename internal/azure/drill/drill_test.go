package drill_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"reflect"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/azure/arm"
	"github.com/monitorctl/monitorctl/internal/azure/drill"
	"github.com/monitorctl/monitorctl/internal/azuretest"
)

const (
	sub    = "11111111-2222-3333-4444-555555555555"
	tenant = "99999999-8888-7777-6666-555555555555"
	group  = "/subscriptions/" + sub + "/resourceGroups/monitoring/providers/Microsoft.Insights/actionGroups/ops"
)

func start(t *testing.T) (*azuretest.Cloud, *arm.Client) {
	t.Helper()
	c := azuretest.New(time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC))
	c.AddSubscription(sub, "acme", tenant, "Enabled")
	err := c.Put(json.RawMessage(`{"id":"` + group + `","location":"Global","properties":{"groupShortName":"ops",
		"emailReceivers":[{"name":"a","emailAddress":"a@example.com","status":"Enabled"},{"name":"b","emailAddress":"b@example.com","status":"NotSpecified"},{"name":"c","emailAddress":"c@example.com","status":"Enabled"}],
		"webhookReceivers":[{"name":"chat","serviceUri":"https://hooks.slack.com/SECRET"},{"name":"hook","serviceUri":"https://alerts.example.com/SECRET"}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewTLSServer(c)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential", "AZURE_AUTHORITY_HOST": server.URL, "AZURE_TENANT_ID": tenant,
		"AZURE_CLIENT_ID": "11111111-0000-0000-0000-000000000000", "AZURE_CLIENT_SECRET": "secret",
	} {
		t.Setenv(name, value)
	}
	client, err := arm.Connect(arm.Config{Endpoint: server.URL, Transport: server.Client().Transport, RetryDelay: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return c, client
}

// TestRun sends as many messages a minute as Azure takes, and tells of each what came of
// it: what is said to be sent is in its inbox, and nothing else is.
func TestRun(t *testing.T) {
	c, client := start(t)
	var batches [][2]int
	results, err := drill.Run(context.Background(), client, group, drill.Options{
		Pause:   func(_ context.Context, d time.Duration) error { c.Advance(d); return nil },
		OnBatch: func(sent, total int) { batches = append(batches, [2]int{sent, total}) },
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []drill.Result{
		{Kind: "email", Name: "a", Sent: true},
		{Kind: "email", Name: "b", Detail: "the address is not verified, or its owner unsubscribed"},
		{Kind: "webhook", Name: "chat", Detail: "HTTP 400"},
		{Kind: "webhook", Name: "hook", Sent: true},
		{Kind: "email", Name: "c", Sent: true},
	}
	if !reflect.DeepEqual(results, want) {
		t.Errorf("got %+v, want %+v", results, want)
	}
	if want := [][2]int{{0, 5}, {4, 5}}; !reflect.DeepEqual(batches, want) {
		t.Errorf("batches %v, want %v", batches, want)
	}
	for address, n := range map[string]int{"a@example.com": 1, "b@example.com": 0, "c@example.com": 1, "https://alerts.example.com/SECRET": 1} {
		if got := len(c.Inbox(address)); got != n {
			t.Errorf("%s has %d messages, want %d", address, got, n)
		}
	}
}

// TestStopped tells of what was sent before the run was told to stop.
func TestStopped(t *testing.T) {
	c, client := start(t)
	stop := errors.New("stopped")
	results, err := drill.Run(context.Background(), client, group, drill.Options{Pause: func(_ context.Context, d time.Duration) error {
		if d == time.Minute {
			return stop
		}
		c.Advance(d)
		return nil
	}})
	if !errors.Is(err, stop) || len(results) != 4 {
		t.Errorf("%d results, %v", len(results), err)
	}
	c.Fail(azuretest.Fault{Path: "createNotifications", Answer: azuretest.Error{Status: 403, Code: "AuthorizationFailed", Message: "no"}})
	if results, err := drill.Run(context.Background(), client, group, drill.Options{}); err == nil || len(results) != 0 {
		t.Errorf("denied: %v, %v", results, err)
	}
}

package collect_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/azure/arm"
	"github.com/monitorctl/monitorctl/internal/azure/collect"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/azuretest"
)

const (
	prod   = "11111111-2222-3333-4444-555555555555"
	dev    = "22222222-2222-3333-4444-555555555555"
	old    = "33333333-2222-3333-4444-555555555555"
	tenant = "99999999-8888-7777-6666-555555555555"
)

var at = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

func connect(t *testing.T, handler http.Handler) *arm.Client {
	t.Helper()
	server := httptest.NewTLSServer(handler)
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
	return client
}

func cloud(t *testing.T) *azuretest.Cloud {
	t.Helper()
	c := azuretest.New(at)
	c.AddSubscription(prod, "acme-prod", tenant, "Enabled")
	c.AddSubscription(dev, "acme-dev", tenant, "Warned")
	c.AddSubscription(old, "acme-old", tenant, "Disabled")
	put := func(format string, args ...any) {
		t.Helper()
		if err := c.Put(json.RawMessage(fmt.Sprintf(format, args...))); err != nil {
			t.Fatal(err)
		}
	}
	group := func(sub, name string) string {
		return "/subscriptions/" + sub + "/resourceGroups/monitoring/providers/Microsoft.Insights/actionGroups/" + name
	}
	for _, id := range []string{group(prod, "ops"), group(dev, "central")} {
		put(`{"id":%q,"location":"Global","properties":{"groupShortName":"g","emailReceivers":[{"name":"e","emailAddress":"security@example.com","status":"Enabled"}],
			"webhookReceivers":[{"name":"w","serviceUri":"https://hooks.example.com/SECRET"}]}}`, id)
	}
	rule := `{"id":"/subscriptions/%s/resourceGroups/monitoring/providers/Microsoft.Insights/activityLogAlerts/%s","location":"global","properties":{"scopes":["/subscriptions/%s"],"futureField":{"kept":true},
		"condition":{"allOf":[{"field":"category","equals":"Administrative"}]},"actions":{"actionGroups":[{"actionGroupId":%q}]}}}`
	put(rule, prod, "b", prod, group(prod, "ops"))
	put(rule, prod, "a", prod, group(dev, "central"))
	put(rule, prod, "c", prod, group(dev, "gone"))
	return c
}

func run(t *testing.T, c *azuretest.Cloud, o collect.Options) (subscription.Snapshot, error) {
	t.Helper()
	o.Now, o.Salt = func() time.Time { return at }, "00ff"
	return collect.Run(context.Background(), connect(t, c), o)
}

func TestRun(t *testing.T) {
	c := cloud(t)
	s, err := run(t, c, collect.Options{Subscriptions: []string{"ACME-PROD"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Subscriptions) != 1 || s.Subscriptions[0].ID != prod || s.Subscriptions[0].Tenant != tenant || !s.TakenAt.Equal(at) {
		t.Fatalf("got %+v", s)
	}
	sub := &s.Subscriptions[0]
	rules, _ := sub.AlertRules.Got()
	var names []string
	for _, raw := range rules {
		names = append(names, subscription.ReadAlertRule(raw).Name)
	}
	if strings.Join(names, " ") != "a b c" || !strings.Contains(string(rules[0]), `"futureField":{"kept":true}`) {
		t.Errorf("rules sorted, as they are written: %v %s", names, rules[0])
	}
	elsewhere := "/subscriptions/" + dev + "/resourcegroups/monitoring/providers/microsoft.insights/actiongroups/"
	if got := sub.Elsewhere[elsewhere+"central"]; got == nil || got.Value == nil || got.Failure != nil {
		t.Errorf("the group of another subscription: %+v", got)
	}
	if got := sub.Elsewhere[elsewhere+"gone"]; got == nil || got.Value != nil || got.Failure != nil {
		t.Errorf("the group that is gone: %+v", got)
	}
	// One list of subscriptions, three of the subscription, two groups elsewhere.
	if want := collect.Permissions(); !slices.IsSorted(want) || len(want) != 4 {
		t.Errorf("permissions: %v", want)
	}
	if got := c.Requests(); len(got) != 6 {
		t.Errorf("%d requests: %+v", len(got), got)
	}
	var file bytes.Buffer
	if err := subscription.Encode(&file, s); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"SECRET", "security@example.com"} {
		if strings.Contains(file.String(), secret) {
			t.Errorf("the snapshot holds %s", secret)
		}
	}
	if again, err := collect.Decode(file.Bytes()); err != nil || len(again.Subscriptions[0].Elsewhere) != 2 {
		t.Errorf("read again: %v", err)
	}
	if _, err := collect.Decode(bytes.Replace(file.Bytes(), []byte(`"takenAt"`), []byte(`"TakenAt"`), 1)); err == nil {
		t.Error("a key in another case was read")
	}
}

// TestAll reads what works, and a group elsewhere from the list of its subscription.
func TestAll(t *testing.T) {
	c := cloud(t)
	var progress []int
	s, err := run(t, c, collect.Options{Subscriptions: []string{collect.All, prod}, ExpectTenant: strings.ToUpper(tenant), OnSubscription: func(n, total int) { progress = append(progress, n*10+total) }})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Subscriptions) != 2 || s.Subscriptions[0].Elsewhere != nil || fmt.Sprint(progress) != "[12 22]" {
		t.Errorf("got %d subscriptions, elsewhere %v, progress %v", len(s.Subscriptions), s.Subscriptions[0].Elsewhere, progress)
	}
	if got := c.Requests(); len(got) != 7 {
		t.Errorf("%d requests, want 1 and 3 for each subscription", len(got))
	}
}

func TestChoose(t *testing.T) {
	for _, tt := range []struct {
		names  []string
		tenant string
		want   string
	}{
		{[]string{"acme-prd"}, "", "did you mean acme-prod?"},
		{[]string{"44444444-2222-3333-4444-555555555555"}, "", "the credential does not see it"},
		{[]string{"acme-prod"}, dev, "belongs to tenant " + tenant},
	} {
		if _, err := run(t, cloud(t), collect.Options{Subscriptions: tt.names, ExpectTenant: tt.tenant}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: got %v, want %s", tt.names, err, tt.want)
		}
	}
	c := cloud(t)
	c.AddSubscription("55555555-2222-3333-4444-555555555555", "acme-prod", tenant, "Enabled")
	if _, err := run(t, c, collect.Options{Subscriptions: []string{"acme-prod"}}); err == nil || !strings.Contains(err.Error(), "2 subscriptions have that name") {
		t.Errorf("a name twice: %v", err)
	}
	if s, err := run(t, cloud(t), collect.Options{Subscriptions: []string{old}}); err != nil || s.Subscriptions[0].State != "Disabled" {
		t.Errorf("a disabled one that is named is read, too: %v", err)
	}
}

// TestStrangeGroups asks for nothing but action groups, whatever a rule names.
func TestStrangeGroups(t *testing.T) {
	c := cloud(t)
	good := "/subscriptions/" + dev + "/resourceGroups/monitoring/providers/Microsoft.Insights/actionGroups/"
	for i, id := range []string{
		good + "../../../providers/x", good + "a/../../b", good + "a?x=y", good + "a#b", good + "%2e%2e", good + "..", good,
		"/subscriptions/" + dev + "/resourceGroups/../../x/providers/Microsoft.Insights/actionGroups/a",
		"/subscriptions/" + dev + "/resourceGroups/m/providers/Microsoft.KeyVault/vaults/v", "/subscriptions/../x/y", "https://example.com/" + good,
	} {
		rule := fmt.Sprintf(`{"id":"/subscriptions/%s/resourceGroups/monitoring/providers/Microsoft.Insights/activityLogAlerts/s%d","location":"global","properties":{"scopes":["/subscriptions/%s"],
			"condition":{"allOf":[{"field":"category","equals":"Administrative"}]},"actions":{"actionGroups":[{"actionGroupId":%q}]}}}`, prod, i, prod, id)
		if err := c.Put(json.RawMessage(rule)); err != nil {
			t.Fatal(err)
		}
	}
	s, err := run(t, c, collect.Options{Subscriptions: []string{prod}})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(s.Subscriptions[0].Elsewhere); n != 2 {
		t.Errorf("%d groups elsewhere, want the two of the story", n)
	}
	for _, r := range c.Requests() {
		if strings.Contains(r.Path, "..") || strings.Contains(r.Path, "KeyVault") {
			t.Errorf("asked for %s", r.Path)
		}
	}
	if got := len(c.Requests()); got != 6 {
		t.Errorf("%d requests: %+v", got, c.Requests())
	}
}

// TestFailures keeps each failure in its place, and takes two of them for answers.
func TestFailures(t *testing.T) {
	tests := []struct {
		path string
		e    azuretest.Error
		want string // rules, groups and processing rules: read or a code
	}{
		{"activityLogAlerts", azuretest.Error{Status: 403, Code: "AuthorizationFailed"}, "AuthorizationFailed read read"},
		{"providers/Microsoft.Insights/actionGroups", azuretest.Error{Status: 403, Code: "AuthorizationFailed"}, "read AuthorizationFailed read"},
		{"actionRules", azuretest.Error{Status: 409, Code: "MissingSubscriptionRegistration"}, "read read read"},
		{"actionRules", azuretest.Error{Status: 404, Code: "ResourceNotFound"}, "read read read"},
		{"actionRules", azuretest.Error{Status: 404, Code: "NotFound"}, "read read NotFound"},
		{"actionRules", azuretest.Error{Status: 429, Code: "TooManyRequests"}, "read read TooManyRequests"},
		{"activityLogAlerts", azuretest.Error{Status: 404, Code: "SubscriptionNotFound"}, "SubscriptionNotFound read read"},
	}
	for _, tt := range tests {
		c := cloud(t)
		c.Fail(azuretest.Fault{Path: tt.path, Answer: tt.e})
		s, err := run(t, c, collect.Options{Subscriptions: []string{prod}})
		if err != nil {
			t.Errorf("%s %s: %v", tt.path, tt.e.Code, err)
			continue
		}
		var got []string
		sub := s.Subscriptions[0]
		for _, l := range []*subscription.Read[[]json.RawMessage]{sub.AlertRules, sub.ActionGroups, sub.ProcessingRules} {
			if f := l.Failed(); f != nil {
				got = append(got, f.Code)
			} else {
				got = append(got, "read")
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s %s: got %s, want %s", tt.path, tt.e.Code, got, tt.want)
		}
	}
	c := cloud(t)
	c.Unregister(prod)
	s, err := run(t, c, collect.Options{Subscriptions: []string{prod}})
	if list, ok := s.Subscriptions[0].AlertRules.Got(); err != nil || !ok || len(list) != 0 {
		t.Errorf("a provider that was never used is an empty list: %v", err)
	}
	c = cloud(t)
	c.Fail(azuretest.Fault{Path: "/subscriptions", Answer: azuretest.Error{Status: 403, Code: "AuthorizationFailed"}})
	var e *arm.Error
	if _, err := run(t, c, collect.Options{Subscriptions: []string{prod}}); !errors.As(err, &e) || e.Code != "AuthorizationFailed" {
		t.Errorf("no list of subscriptions: %v", err)
	}
}

// TestGroupElsewhereOnce reads an action group once that several subscriptions name.
func TestGroupElsewhereOnce(t *testing.T) {
	c := azuretest.New(at)
	const central = "99999999-0000-3333-4444-555555555555"
	c.AddSubscription(central, "central", tenant, "Enabled")
	group := "/subscriptions/" + central + "/resourceGroups/monitoring/providers/Microsoft.Insights/actionGroups/ops"
	objects := []string{`{"id":"` + group + `","location":"Global","properties":{"groupShortName":"ops"}}`}
	var names []string
	for i := range 3 {
		id := fmt.Sprintf("%08d-2222-3333-4444-555555555555", i)
		c.AddSubscription(id, fmt.Sprintf("s%d", i), tenant, "Enabled")
		names = append(names, id)
		objects = append(objects, `{"id":"/subscriptions/`+id+`/resourceGroups/monitoring/providers/Microsoft.Insights/activityLogAlerts/r","location":"Global","properties":{"scopes":["/subscriptions/`+id+`"],
			"condition":{"allOf":[{"field":"category","equals":"Administrative"}]},"actions":{"actionGroups":[{"actionGroupId":"`+group+`"}]}}}`)
	}
	for _, o := range objects {
		if err := c.Put(json.RawMessage(o)); err != nil {
			t.Fatal(err)
		}
	}
	s, err := run(t, c, collect.Options{Subscriptions: names})
	if err != nil {
		t.Fatal(err)
	}
	for _, sub := range s.Subscriptions {
		if got, ok := sub.Elsewhere[strings.ToLower(group)].Got(); !ok || got == nil {
			t.Errorf("%s lacks the action group", sub.Name)
		}
	}
	if got := c.Requests(); len(got) != 1+3*3+1 {
		t.Errorf("%d requests, want one for the list, three for each subscription and one for the action group", len(got))
	}
}

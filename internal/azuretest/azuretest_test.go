package azuretest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/azuretest"
)

const (
	sub    = "11111111-2222-3333-4444-555555555555"
	tenant = "99999999-8888-7777-6666-555555555555"
	root   = "/subscriptions/" + sub
	write  = "Microsoft.Network/networkSecurityGroups/write"
)

var noon = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

// An endpoint is an Azure behind a server, with a token.
type endpoint struct {
	*azuretest.Cloud
	server *httptest.Server
	token  string
}

func start(t *testing.T) *endpoint {
	t.Helper()
	c := azuretest.New(noon)
	c.AddSubscription(sub, "acme", tenant, "Enabled")
	e := &endpoint{Cloud: c, server: httptest.NewTLSServer(c)}
	t.Cleanup(e.server.Close)
	response, err := e.server.Client().PostForm(e.server.URL+"/"+tenant+"/oauth2/v2.0/token", url.Values{"client_secret": {"s"}})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var body struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil || body.Token == "" {
		t.Fatalf("no token: %v", err)
	}
	e.token = body.Token
	return e
}

// do makes a request and returns status and body.
func (e *endpoint) do(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, e.server.URL+path+"?api-version=2020-10-01", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+e.token)
	response, err := e.server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func object(kind, name string) string {
	return root + "/resourceGroups/monitoring/providers/" + kind + "/" + name
}

func ruleBody(condition string) string {
	return fmt.Sprintf(`{"location":"global","properties":{"scopes":[%q],"condition":{"allOf":[%s]},"actions":{"actionGroups":[{"actionGroupId":%q}]}}}`, root, condition, object(azuretest.ActionGroups, "ops"))
}

const (
	category  = `{"field":"category","equals":"Administrative"}`
	operation = `{"field":"operationName","equals":"` + write + `"}`
	group     = `{"location":"Global","properties":{"groupShortName":"ops","emailReceivers":[{"name":"sec","emailAddress":"security@example.com","status":"Enabled"}]}}`
)

// TestStory writes a group and a rule as a client would, and sees who is told.
func TestStory(t *testing.T) {
	e := start(t)
	if status, text := e.do(t, "PUT", object(azuretest.ActionGroups, "ops"), group); status != 201 || !strings.Contains(text, `"status":"NotSpecified"`) {
		t.Fatalf("a new address is not verified, whatever the client says: %d %s", status, text)
	}
	if status, text := e.do(t, "PUT", object("microsoft.insights/ACTIVITYLOGALERTS", "r"), ruleBody(category+","+operation)); status != 201 || !strings.Contains(text, `"type":"Microsoft.Insights/activityLogAlerts"`) {
		t.Fatalf("%d %s", status, text)
	}
	call := azuretest.Call{Operation: write, Caller: "alice@example.com", ResourceGroup: "prod", Name: "web"}
	if got := e.Do(sub, call); len(got) != 0 {
		t.Errorf("an address that is not verified got %v", got)
	}
	if err := e.SetStatus(object(azuretest.ActionGroups, "OPS"), "sec", "Enabled"); err != nil {
		t.Fatal(err)
	}
	// Once for the start and once for the end.
	if got := e.Do(sub, call); len(got) != 2 || got[0].Caller != "alice@example.com" || len(e.Inbox("security@example.com")) != 2 {
		t.Errorf("got %+v", got)
	}
	if status, text := e.do(t, "PATCH", object(azuretest.AlertRules, "r"), `{"tags":{"a":"b"},"properties":{"enabled":false,"scopes":[]}}`); status != 200 || !strings.Contains(text, `"scopes":["`+root) {
		t.Errorf("PATCH takes enabled and tags only: %d %s", status, text)
	}
	if got := e.Do(sub, call); len(got) != 0 {
		t.Errorf("a disabled rule told %v", got)
	}
	if status, _ := e.do(t, "DELETE", object(azuretest.AlertRules, "R"), ""); status != 200 {
		t.Errorf("DELETE: %d", status)
	}
	if status, _ := e.do(t, "GET", object(azuretest.AlertRules, "r"), ""); status != 404 {
		t.Errorf("GET of what is gone: %d", status)
	}
}

// TestRefusals holds what Azure refuses.
func TestRefusals(t *testing.T) {
	e := start(t)
	rule := object(azuretest.AlertRules, "r")
	tests := []struct {
		name, method, path, body string
		status                   int
		code                     string
	}{
		{"no category", "PUT", rule, ruleBody(operation), 400, "BadRequest"},
		{"no location", "PUT", rule, strings.Replace(ruleBody(category), `"location":"global",`, "", 1), 400, "LocationRequired"},
		{"no condition", "PUT", rule, ruleBody(""), 400, "BadRequest"},
		{"an unknown operator", "PUT", rule, ruleBody(category + `,{"field":"caller","notEquals":"x"}`), 400, "BadRequest"},
		{"Service Health with two scopes", "PUT", rule, strings.Replace(ruleBody(`{"field":"category","equals":"ServiceHealth"}`), `["`+root+`"]`, `["`+root+`","/subscriptions/x"]`, 1), 400, "ScopeIsInvalid"},
		{"a resource group that is not there", "PUT", strings.Replace(rule, "monitoring", "gone", 1), ruleBody(category), 404, "ResourceGroupNotFound"},
		{"a subscription that is not there", "GET", strings.Replace(rule, "1111", "2222", 1), "", 404, "SubscriptionNotFound"},
		{"a type that is not there", "GET", root + "/providers/Microsoft.Insights/alertrules", "", 404, "InvalidResourceType"},
		{"a long short name", "PUT", object(azuretest.ActionGroups, "g"), strings.Replace(group, `"ops"`, `"more than twelve"`, 1), 400, "BadRequest"},
		{"no JSON", "PUT", rule, "{", 400, "InvalidRequestContent"},
	}
	for _, tt := range tests {
		if status, text := e.do(t, tt.method, tt.path, tt.body); status != tt.status || !strings.Contains(text, `"code":"`+tt.code+`"`) {
			t.Errorf("%s: %d %s, want %d %s", tt.name, status, text, tt.status, tt.code)
		}
	}
	e.Lock(sub, true)
	if status, text := e.do(t, "PUT", rule, ruleBody(category)); status != 409 || !strings.Contains(text, "ScopeLocked") {
		t.Errorf("a lock: %d %s", status, text)
	}
	e.Lock(sub, false)
	if status, _ := e.do(t, "PUT", rule, ruleBody(category)); status != 201 {
		t.Errorf("without the lock: %d", status)
	}
	e.LockScope(root+"/resourceGroups/monitoring", "CanNotDelete")
	if status, _ := e.do(t, "PUT", rule, ruleBody(category)); status != 200 {
		t.Errorf("a lock against removal keeps nothing from being written: %d", status)
	}
	if status, text := e.do(t, "DELETE", rule, ""); status != 409 || !strings.Contains(text, "ScopeLocked") {
		t.Errorf("... but from being removed: %d %s", status, text)
	}
	if status, text := e.do(t, "GET", root+"/providers/Microsoft.Authorization/locks", ""); status != 200 || !strings.Contains(text, `"level":"CanNotDelete"`) {
		t.Errorf("locks: %d %s", status, text)
	}
	e.Deny(sub, azuretest.ActionGroups, "no groups here")
	if status, text := e.do(t, "PUT", object(azuretest.ActionGroups, "g"), group); status != 403 || !strings.Contains(text, "RequestDisallowedByPolicy") {
		t.Errorf("a policy: %d %s", status, text)
	}
	e.token = "stolen"
	if status, _ := e.do(t, "GET", rule, ""); status != 401 {
		t.Errorf("a token of nobody: %d", status)
	}
}

// TestResourceGroups makes a resource group and removes it with what is in it.
func TestResourceGroups(t *testing.T) {
	e := start(t)
	path := root + "/resourceGroups/Alerts"
	for _, step := range []struct {
		method, path, body string
		status             int
		part               string
	}{
		{"GET", path, "", 404, "ResourceGroupNotFound"},
		{"PUT", path, `{}`, 400, "LocationRequired"},
		{"PUT", path, `{"location":"westeurope"}`, 201, `"name":"Alerts"`},
		{"PUT", path, `{"location":"northeurope"}`, 409, "InvalidResourceGroupLocation"},
		{"PUT", strings.Replace(object(azuretest.ActionGroups, "g"), "monitoring", "alerts", 1), group, 201, ""},
		{"GET", path + "/resources", "", 200, "actionGroups/g"},
		{"DELETE", path, "", 202, ""},
		{"GET", strings.Replace(object(azuretest.ActionGroups, "g"), "monitoring", "alerts", 1), "", 404, "ResourceNotFound"},
	} {
		if status, text := e.do(t, step.method, step.path, step.body); status != step.status || !strings.Contains(text, step.part) {
			t.Errorf("%s %s: %d %s, want %d %s", step.method, step.path, status, text, step.status, step.part)
		}
	}
}

// TestRegistration takes a provider into use, which takes a moment.
func TestRegistration(t *testing.T) {
	e := start(t)
	e.Unregister(sub)
	provider := root + "/providers/Microsoft.Insights"
	for _, step := range []struct{ method, path, body, part string }{
		{"PUT", object(azuretest.AlertRules, "r"), ruleBody(category), "MissingSubscriptionRegistration"},
		{"GET", provider, "", `"registrationState":"NotRegistered"`},
		{"POST", provider + "/register", "", `"registrationState":"Registering"`},
		{"PUT", object(azuretest.AlertRules, "r"), ruleBody(category), "MissingSubscriptionRegistration"},
		{"GET", provider, "", `"registrationState":"Registering"`},
		{"GET", provider, "", `"registrationState":"Registered"`},
		{"PUT", object(azuretest.AlertRules, "r"), ruleBody(category), `"name":"r"`},
	} {
		if _, text := e.do(t, step.method, step.path, step.body); !strings.Contains(text, step.part) {
			t.Errorf("%s %s: %s, want %s", step.method, step.path, text, step.part)
		}
	}
}

// TestTestNotification sends to those who verified their address, and says of the others
// that it did not.
func TestTestNotification(t *testing.T) {
	e := start(t)
	id := object(azuretest.ActionGroups, "ops")
	e.do(t, "PUT", id, group)
	body := `{"alertType":"activitylog","emailReceivers":[{"name":"sec","emailAddress":"security@example.com"}]}`
	send := func(want int) string {
		t.Helper()
		if status, text := e.do(t, "POST", id+"/createNotifications", body); status != want {
			t.Fatalf("%d %s, want %d", status, text, want)
		}
		e.do(t, "GET", id+"/notificationStatus/00000000001", "")
		e.do(t, "GET", id+"/notificationStatus/00000000002", "")
		_, text := e.do(t, "GET", id+"/notificationStatus/00000000002", "")
		return text
	}
	send(202)
	if err := e.SetStatus(id, "sec", "Enabled"); err != nil {
		t.Fatal(err)
	}
	if text := send(202); !strings.Contains(text, `"Status":"Completed"`) || len(e.Inbox("security@example.com")) != 1 {
		t.Errorf("a verified address: %s", text)
	}
	send(429) // 2 a minute
	if status, text := e.do(t, "PUT", id, group); status != 200 || !strings.Contains(text, `"status":"Enabled"`) {
		t.Errorf("an address that was verified once stays so: %d %s", status, text)
	}
}

// TestTenant refuses a token of another tenant, and a disabled subscription.
func TestTenant(t *testing.T) {
	e := start(t)
	other := "22222222-2222-3333-4444-555555555555"
	e.AddSubscription(other, "other", "88888888-8888-7777-6666-555555555555", "Enabled")
	if status, text := e.do(t, "GET", "/subscriptions/"+other, ""); status != 401 || !strings.Contains(text, "InvalidAuthenticationTokenTenant") {
		t.Errorf("%d %s", status, text)
	}
	if _, text := e.do(t, "GET", "/subscriptions", ""); strings.Contains(text, other) {
		t.Errorf("another tenant's subscription is listed: %s", text)
	}
	e.AddSubscription(sub, "acme", tenant, "Disabled")
	for _, method := range []string{"PUT", "DELETE"} {
		if status, text := e.do(t, method, object(azuretest.AlertRules, "r"), ruleBody(category)); status != 409 || !strings.Contains(text, "ReadOnlyDisabledSubscription") {
			t.Errorf("%s: %d %s", method, status, text)
		}
	}
}

// TestQuota refuses the rule after the hundredth.
func TestQuota(t *testing.T) {
	c := azuretest.New(noon)
	c.AddSubscription(sub, "acme", tenant, "Enabled")
	put := func(i int, more string) error {
		body := strings.Replace(ruleBody(category), `{"location"`, fmt.Sprintf(`{"id":%q,"location"`, object(azuretest.AlertRules, fmt.Sprintf("r%d", i))), 1)
		return c.Put(json.RawMessage(strings.Replace(body, `"properties":{`, `"properties":{`+more, 1)))
	}
	for i := range 100 {
		if err := put(i, ""); err != nil {
			t.Fatal(err)
		}
	}
	var e *azuretest.Error
	if err := put(100, ""); !errors.As(err, &e) || e.Status != 400 {
		t.Errorf("the 101st: %v", err)
	}
	if err := put(50, ""); err != nil {
		t.Errorf("one of the hundred is replaced: %v", err)
	}
	if err := put(100, `"enabled":false,`); err != nil {
		t.Errorf("a disabled one does not count: %v", err)
	}
}

// TestLimits drops what Azure drops.
func TestLimits(t *testing.T) {
	c := azuretest.New(noon)
	c.AddSubscription(sub, "acme", tenant, "Enabled")
	for id, body := range map[string]string{
		object(azuretest.ActionGroups, "ops"): `{"id":%q,"location":"Global","properties":{"groupShortName":"ops","smsReceivers":[{"name":"t","countryCode":"49","phoneNumber":"170"}],"webhookReceivers":[{"name":"w","serviceUri":"https://hooks.slack.com/x"}]}}`,
		object(azuretest.AlertRules, "r"):     strings.Replace(ruleBody(category), `{"location"`, `{"id":%q,"location"`, 1),
	} {
		if err := c.Put(json.RawMessage(fmt.Sprintf(body, id))); err != nil {
			t.Fatal(err)
		}
	}
	call := azuretest.Call{Operation: write, Caller: "a", ResourceGroup: "prod", Name: "web"}
	if got := c.Do(sub, call); len(got) != 1 {
		t.Errorf("one text message in 5 minutes: %+v", got)
	}
	c.Advance(5 * time.Minute)
	if got := c.Do(sub, call); len(got) != 1 {
		t.Errorf("another one 5 minutes later: %+v", got)
	}
	if chat := c.Inbox("https://hooks.slack.com/x"); len(chat) != 4 || chat[0].Read {
		t.Errorf("a chat gets all and understands nothing: %+v", chat)
	}
}

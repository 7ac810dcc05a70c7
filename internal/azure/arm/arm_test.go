package arm_test

import (
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
	"github.com/monitorctl/monitorctl/internal/azuretest"
)

const (
	sub    = "11111111-2222-3333-4444-555555555555"
	tenant = "99999999-8888-7777-6666-555555555555"
)

// connect returns a client of an endpoint on this machine. The credential is the one of
// the environment and no other: nothing else is asked for tokens.
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

func cloud() *azuretest.Cloud {
	c := azuretest.New(time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC))
	c.AddSubscription(sub, "acme-prod", tenant, "Enabled")
	for i := range 7 {
		raw := fmt.Sprintf(`{"id":"/subscriptions/%s/resourceGroups/monitoring/providers/microsoft.insights/ActionGroups/g%d","location":"Global","futureKey":1,"properties":{"groupShortName":"g"}}`, sub, i)
		if err := c.Put(json.RawMessage(raw)); err != nil {
			panic(err)
		}
	}
	return c
}

var groups = arm.Request{Operation: "Microsoft.Insights/actionGroups/read", Path: "/subscriptions/" + sub + "/providers/Microsoft.Insights/actionGroups", Version: "2023-01-01"}

func TestList(t *testing.T) {
	c := cloud()
	c.PageSize = 3
	client := connect(t, c)
	list, err := client.List(context.Background(), groups)
	if err != nil || len(list) != 7 {
		t.Fatalf("%d objects, %v", len(list), err)
	}
	if !strings.Contains(string(list[6]), `"futureKey":1`) {
		t.Errorf("what a model would drop is gone: %s", list[6])
	}
	var pages int
	for _, r := range c.Requests() {
		if r.Method != http.MethodGet || !r.Token {
			t.Errorf("%+v: only reads with a token are expected", r)
		}
		pages++
	}
	if pages != 3 || client.Calls()[groups.Operation] != 3 {
		t.Errorf("%d pages, counted %v", pages, client.Calls())
	}
	raw, err := client.Get(context.Background(), arm.Request{Operation: groups.Operation, Path: "/subscriptions/" + strings.ToUpper(sub) + "/resourcegroups/MONITORING/providers/Microsoft.Insights/actionGroups/G1", Version: groups.Version})
	if err != nil || !strings.Contains(string(raw), `"name":"g1"`) {
		t.Errorf("%s, %v", raw, err)
	}
}

// TestForeignLink keeps the token from a host that an answer names.
func TestForeignLink(t *testing.T) {
	c := cloud()
	c.PageSize = 3
	c.NextLinkHost = "management.azure.example"
	_, err := connect(t, c).List(context.Background(), groups)
	if code(err) != arm.CodeForeignLink {
		t.Errorf("got %v", err)
	}
}

func code(err error) string {
	var e *arm.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// TestFaults holds how often is asked, and what is said in the end.
func TestFaults(t *testing.T) {
	tests := []struct {
		name     string
		fault    azuretest.Fault
		want     string // code; "" for an answer
		requests int
	}{
		{"denied", azuretest.Fault{Answer: azuretest.Error{Status: 403, Code: "AuthorizationFailed"}}, "AuthorizationFailed", 1},
		{"not registered", azuretest.Fault{Answer: azuretest.Error{Status: 409, Code: "MissingSubscriptionRegistration"}}, "MissingSubscriptionRegistration", 1},
		{"throttled for a while", azuretest.Fault{Times: 2, Answer: azuretest.Error{Status: 429, Code: "TooManyRequests"}}, "", 3},
		{"throttled for ever", azuretest.Fault{Answer: azuretest.Error{Status: 429, Code: "TooManyRequests"}}, "TooManyRequests", 4},
		{"out of order for a while", azuretest.Fault{Times: 1, Answer: azuretest.Error{Status: 503, Code: "ServiceUnavailable"}}, "", 2},
		{"not found", azuretest.Fault{Answer: azuretest.Error{Status: 404, Code: "SubscriptionNotFound"}}, "SubscriptionNotFound", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := cloud()
			c.Fail(tt.fault)
			_, err := connect(t, c).List(context.Background(), groups)
			if code(err) != tt.want || (err == nil) != (tt.want == "") {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if got := c.Requests(); len(got) != tt.requests || slices.ContainsFunc(got, func(r azuretest.Request) bool { return r.Method != http.MethodGet }) {
				t.Errorf("requests %+v, want %d reads", got, tt.requests)
			}
		})
	}
}

// TestRetryAfter waits as long as it is told to.
func TestRetryAfter(t *testing.T) {
	c := cloud()
	c.Fail(azuretest.Fault{Times: 1, Answer: azuretest.Error{Status: 429, Code: "TooManyRequests", RetryAfter: 1}})
	started := time.Now()
	if _, err := connect(t, c).List(context.Background(), groups); err != nil || time.Since(started) < time.Second {
		t.Errorf("after %s: %v", time.Since(started), err)
	}
}

// TestStrangeAnswers refuses what ARM does not send.
func TestStrangeAnswers(t *testing.T) {
	tests := []struct {
		name string
		do   func(http.ResponseWriter, *http.Request)
		want string
	}{
		{"no list", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"values":[]}`) }, arm.CodeNoList},
		{"a list that is none", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"value":{}}`) }, arm.CodeNoList},
		{"no JSON", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `<html>`) }, arm.CodeNoJSON},
		{"an error without JSON", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `<html>`)
		}, "HTTP 400"},
		{"elsewhere", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://127.0.0.1:1/elsewhere", http.StatusFound)
		}, arm.CodeRedirect},
		{"no content", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, "HTTP 204"},
		{"the same page again", func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"value":[],"nextLink":"https://%s/again"}`, r.Host)
		}, arm.CodeEndlessList},
		{"without end", func(w http.ResponseWriter, _ *http.Request) {
			chunk := strings.Repeat(" ", 1<<20)
			for range 70 {
				if _, err := fmt.Fprint(w, chunk); err != nil {
					return
				}
			}
		}, arm.CodeTooLarge},
		{"a connection that breaks", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, arm.CodeConnection},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			entra := cloud()
			client := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.Contains(r.URL.Path, "/oauth2/") || strings.Contains(r.URL.Path, "/.well-known/") {
					entra.ServeHTTP(w, r)
					return
				}
				tt.do(w, r)
			}))
			if _, err := client.List(context.Background(), groups); code(err) != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestCredentials(t *testing.T) {
	c := cloud()
	client := connect(t, c)
	t.Setenv("AZURE_CLIENT_SECRET", "wrong")
	server := httptest.NewTLSServer(c)
	defer server.Close()
	t.Setenv("AZURE_AUTHORITY_HOST", server.URL)
	wrong, err := arm.Connect(arm.Config{Endpoint: server.URL, Transport: server.Client().Transport, RetryDelay: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	_, err = wrong.List(context.Background(), groups)
	var credential *arm.CredentialError
	if !errors.As(err, &credential) || err.Error() != "signing in to Azure failed: Entra ID says AADSTS7000215" || !strings.Contains(credential.Detail(), "Invalid client secret") {
		t.Errorf("a wrong secret: %v", err)
	}
	for _, name := range []string{"AZURE_CLIENT_SECRET", "AZURE_CLIENT_ID", "AZURE_TENANT_ID"} {
		t.Setenv(name, "")
	}
	none, err := arm.Connect(arm.Config{Endpoint: server.URL, Transport: server.Client().Transport})
	if err == nil {
		_, err = none.List(context.Background(), groups)
	}
	if !errors.As(err, &credential) || strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "no Azure credentials: run 'az login'") {
		t.Errorf("no credentials: %v", err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("enough"))
	if _, err := client.List(ctx, groups); err == nil || err.Error() != "enough" {
		t.Errorf("a context that ended: %v", err)
	}
}

func TestConfig(t *testing.T) {
	t.Setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
	for _, c := range []arm.Config{{Cloud: "germany"}, {Endpoint: "http://127.0.0.1:1"}, {Endpoint: "127.0.0.1"}} {
		var config *arm.ConfigError
		if _, err := arm.Connect(c); !errors.As(err, &config) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

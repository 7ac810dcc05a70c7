package cmd

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/monitorctl/monitorctl/internal/azuretest"
)

const (
	azureSubscription = "11111111-2222-3333-4444-555555555555"
	azureTenant       = "99999999-8888-7777-6666-555555555555"
)

type azureKey struct{}

// azureCommand acts on an Azure of the script's own. The first verb is start: it points
// the environment at it, and no credential but the environment's is ever tried.
func azureCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: azure VERB [ARG...]")
	}
	c := ts.Value(azureKey{}).(*azuretest.Cloud)
	rest := args[1:]
	switch args[0] {
	case "start":
		startAzure(ts, c)
	case "proxy":
		proxyAzure(ts, c)
	case "group": // NAME STATUS
		putAzure(ts, c, azuretest.ActionGroups, rest[0], map[string]any{"groupShortName": rest[0], "emailReceivers": []any{map[string]any{"name": "security", "emailAddress": "security@example.com", "status": rest[1]}}})
	case "rule": // NAME OPERATION...
		putAzure(ts, c, azuretest.AlertRules, rest[0], map[string]any{
			"scopes":    []string{"/subscriptions/" + azureSubscription},
			"condition": map[string]any{"allOf": []any{map[string]any{"field": "category", "equals": "Administrative"}, map[string]any{"field": "operationName", "containsAny": rest[1:]}}},
			"actions":   map[string]any{"actionGroups": []any{map[string]any{"actionGroupId": azureObject(azuretest.ActionGroups, "ops")}}},
		})
	case "deny": // PART OF A PATH
		c.Fail(azuretest.Fault{Path: rest[0], Answer: azuretest.Error{Status: 403, Code: "AuthorizationFailed", Message: "no authorization"}})
	case "refuse": // METHOD, PART OF A PATH, STATUS, CODE
		status, err := strconv.Atoi(rest[2])
		ts.Check(err)
		c.Fail(azuretest.Fault{Method: rest[0], Path: rest[1], Answer: azuretest.Error{Status: status, Code: rest[3], Message: "refused"}})
	case "allow": // everything again
		c.ClearFaults()
	case "lock": // SCOPE LEVEL
		c.LockScope("/subscriptions/"+azureSubscription+rest[0], rest[1])
	case "policy": // KIND NAME [SUBSCRIPTION]
		c.Deny(optional(rest, 2, azureSubscription), rest[0], rest[1])
	case "subscription": // ID NAME [TENANT]: another one
		c.AddSubscription(rest[0], rest[1], optional(rest, 2, azureTenant), "Enabled")
	case "unregister":
		c.Unregister(azureSubscription)
	case "state": // STATE
		c.AddSubscription(azureSubscription, "acme-prod", azureTenant, rest[0])
	case "rules": // N rules of someone else
		n, err := strconv.Atoi(rest[0])
		ts.Check(err)
		for i := range n {
			azureCommand(ts, false, []string{"rule", fmt.Sprintf("other-%d", i), "Microsoft.Compute/virtualMachines/write"})
		}
	case "put": // FILE: a raw object
		ts.Check(c.Put(json.RawMessage(ts.ReadFile(rest[0]))))
	case "remove": // FILE: the object of that id
		var o struct{ ID string }
		ts.Check(json.Unmarshal([]byte(ts.ReadFile(rest[0])), &o))
		c.Remove(o.ID)
	case "verify": // GROUP RECEIVER STATUS
		ts.Check(c.SetStatus(azureObject(azuretest.ActionGroups, rest[0]), rest[1], rest[2]))
	case "told": // ADDRESS OPERATION N: how many messages arrive of a change
		call := azuretest.Call{Operation: rest[1], Caller: "alice@example.com", ResourceGroup: "prod", Name: "web"}
		c.Advance(6 * time.Minute) // telephones take one message in 5 minutes
		before := len(c.Inbox(rest[0]))
		c.Do(azureSubscription, call)
		if got := strconv.Itoa(len(c.Inbox(rest[0])) - before); got != rest[2] {
			ts.Fatalf("%s got %s messages of %s, want %s", rest[0], got, rest[1], rest[2])
		}
	case "objects": // FILE [SUBSCRIPTION]: what is there, as raw JSON
		ts.Check(os.WriteFile(ts.MkAbs(rest[0]), c.Objects(optional(rest, 1, azureSubscription)), 0o600))
	case "reads": // only reads were made
		for _, r := range c.Requests() {
			if r.Method != http.MethodGet {
				ts.Fatalf("a request that is no read: %+v", r)
			}
		}
	default:
		ts.Fatalf("unknown verb %s", args[0])
	}
}

// optional returns an argument, or what stands for one that is not given.
func optional(args []string, i int, otherwise string) string {
	if i < len(args) {
		return args[i]
	}
	return otherwise
}

func azureObject(kind, name string) string {
	return "/subscriptions/" + azureSubscription + "/resourceGroups/monitoring/providers/" + kind + "/" + name
}

func putAzure(ts *testscript.TestScript, c *azuretest.Cloud, kind, name string, properties map[string]any) {
	raw, err := json.Marshal(map[string]any{"id": azureObject(kind, name), "location": "Global", "properties": properties})
	ts.Check(err)
	ts.Check(c.Put(raw))
}

// newScriptAzure returns the Azure of a script: one subscription, which nobody can reach
// before "azure start".
func newScriptAzure() *azuretest.Cloud {
	c := azuretest.New(time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC))
	c.AddSubscription(azureSubscription, "acme-prod", azureTenant, "Enabled")
	c.PageSize = 2
	return c
}

// startAzure serves the script's Azure over TLS and points the environment at it.
func startAzure(ts *testscript.TestScript, c *azuretest.Cloud) {
	server := httptest.NewTLSServer(c)
	ts.Defer(server.Close)
	certificate := filepath.Join(ts.Getenv("WORK"), "azure.pem")
	ts.Check(os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600))
	for name, value := range map[string]string{
		"SSL_CERT_FILE": certificate, "AZURE_AUTHORITY_HOST": server.URL, "AZURE_URL": server.URL, "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential",
		"AZURE_TENANT_ID": azureTenant, "AZURE_CLIENT_ID": "11111111-0000-0000-0000-000000000000", "AZURE_CLIENT_SECRET": "secret",
	} {
		ts.Setenv(name, value)
	}
}

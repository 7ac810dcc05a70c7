package collect_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/azure/arm"
	"github.com/monitorctl/monitorctl/internal/azure/collect"
	"github.com/monitorctl/monitorctl/internal/azuretest"
)

// BenchmarkRun reads 500 subscriptions of an Azure that takes 80 ms for each answer. The
// floor is 1,500 lists, four at a time: 30 seconds.
func BenchmarkRun(b *testing.B) {
	c := azuretest.New(at)
	for i := range 500 {
		c.AddSubscription(fmt.Sprintf("%08d-2222-3333-4444-555555555555", i), fmt.Sprintf("s%d", i), tenant, "Enabled")
	}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/providers/") {
			time.Sleep(80 * time.Millisecond)
		}
		c.ServeHTTP(w, r)
	}))
	defer server.Close()
	for name, value := range map[string]string{
		"AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential", "AZURE_AUTHORITY_HOST": server.URL, "AZURE_TENANT_ID": tenant,
		"AZURE_CLIENT_ID": "11111111-0000-0000-0000-000000000000", "AZURE_CLIENT_SECRET": "secret",
	} {
		b.Setenv(name, value)
	}
	client, err := arm.Connect(arm.Config{Endpoint: server.URL, Transport: server.Client().Transport})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s, err := collect.Run(context.Background(), client, collect.Options{Subscriptions: []string{collect.All}, Salt: "00", Now: time.Now})
		if err != nil || len(s.Subscriptions) != 500 {
			b.Fatalf("%d subscriptions, %v", len(s.Subscriptions), err)
		}
	}
}

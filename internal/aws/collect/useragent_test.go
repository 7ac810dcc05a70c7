package collect

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Every call says which program makes it, those of the SDK's clients and those that are
// written by hand: CloudTrail records it.
func TestUserAgent(t *testing.T) {
	var mu sync.Mutex
	var agents []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		agents = append(agents, r.UserAgent())
		w.WriteHeader(http.StatusForbidden)
	}))
	defer server.Close()
	s, err := Connect(context.Background(), Config{
		EndpointURL: server.URL, Keys: &Keys{"AKIDTESTTESTTESTTEST", "any"}, Region: "eu-central-1", Product: "monitorctl", Version: "1.2.3",
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Caller(context.Background()); err == nil {
		t.Error("the server refuses everything")
	}
	if _, err := s.accountAlias(context.Background(), Caller{Partition: "aws"}); err == nil {
		t.Error("the server refuses everything")
	}
	mu.Lock()
	defer mu.Unlock()
	if len(agents) != 2 {
		t.Fatalf("%d calls, want 2", len(agents))
	}
	for _, agent := range agents {
		if !slices.Contains(strings.Fields(agent), "monitorctl/1.2.3") {
			t.Errorf("user agent %q", agent)
		}
	}
}

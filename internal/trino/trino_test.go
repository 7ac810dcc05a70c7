package trino

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/monitorctl/monitorctl/internal/sqlengine"
)

// TestOpen: what is wrong is said before anything is sent, and credentials never go
// over http.
func TestOpen(t *testing.T) {
	for _, test := range []struct {
		name string
		c    Config
		want string // of the error; "" for none
	}{
		{"https", Config{URL: "https://trino.example.com:8443", User: "a", Password: "p"}, ""},
		{"token", Config{URL: "https://trino.example.com", User: "a", Token: "t"}, ""},
		{"http without credentials", Config{URL: "http://127.0.0.1:8080", User: "a"}, ""},
		{"password over http", Config{URL: "http://127.0.0.1:8080", User: "a", Password: "p"}, "over https only"},
		{"token over http", Config{URL: "http://127.0.0.1:8080", User: "a", Token: "t"}, "over https only"},
		{"both", Config{URL: "https://trino.example.com", Password: "p", Token: "t"}, "cannot be combined"},
		{"password in the address", Config{URL: "https://a:p@trino.example.com"}, "TRINO_PASSWORD"},
		{"path", Config{URL: "https://trino.example.com/x"}, "more than scheme"},
		{"no address", Config{URL: "trino.example.com"}, "is not the address"},
	} {
		s, err := Open(test.c)
		if test.want == "" {
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
				continue
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "a:p@") {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// reply is an answer of a server.
func reply(w http.ResponseWriter, v map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// TestOtherHosts: an answer that lies at another host is not fetched, and nothing is
// sent there.
func TestOtherHosts(t *testing.T) {
	var asked atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer other.Close()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			t.Errorf("%s %s without credentials", r.Method, r.URL)
		}
		reply(w, map[string]any{"id": "q1", "nextUri": other.URL + "/v1/statement/q1/1", "stats": map[string]any{"state": "QUEUED"}})
	}))
	defer server.Close()
	s, err := Open(Config{URL: server.URL, User: "a", Password: "p", Transport: server.Client().Transport})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, err = s.Query(t.Context(), "SELECT 1", func([]string) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "not its own address") || asked.Load() != 0 {
		t.Errorf("%d requests to the other host: %v", asked.Load(), err)
	}
}

// TestFailures: what ends a statement is told apart.
func TestFailures(t *testing.T) {
	var (
		file    *sqlengine.FileError
		limit   *sqlengine.LimitError
		missing *sqlengine.MissingError
	)
	for _, test := range []struct {
		name, message string
		as            any
		want          string
	}{
		{"HIVE_CURSOR_ERROR", "Failed to read file at s3://trail/pre/a.json.gz", &file, "s3://trail/pre/a.json.gz"},
		{"EXCEEDED_SCAN_LIMIT", "Exceeded scan limit of 10B", &limit, "10B"},
		{"SCHEMA_NOT_FOUND", "line 1:1: Schema 'x' does not exist", &missing, "does not exist"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				reply(w, map[string]any{"id": "q1", "nextUri": "http://" + r.Host + "/v1/statement/q1/1", "stats": map[string]any{"state": "QUEUED"}})
				return
			}
			reply(w, map[string]any{"id": "q1", "stats": map[string]any{"state": "FAILED"}, "error": map[string]any{"errorName": test.name, "message": test.message, "errorType": "EXTERNAL"}})
		}))
		s, err := Open(Config{URL: server.URL, User: "a"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Query(t.Context(), "SELECT 1", func([]string) error { return nil })
		if !errors.As(err, test.as) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	}
	if file.Path != "s3://trail/pre/a.json.gz" {
		t.Errorf("the file is %s", file.Path)
	}
}

// TestRefusedCredentials: the hint names the variables, and not their values.
func TestRefusedCredentials(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, "no")
	}))
	defer server.Close()
	s, err := Open(Config{URL: server.URL, User: "a", Password: "hidden", Transport: server.Client().Transport})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, err = s.Query(t.Context(), "SELECT 1", func([]string) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "TRINO_PASSWORD") || strings.Contains(err.Error(), "hidden") {
		t.Error(err)
	}
}

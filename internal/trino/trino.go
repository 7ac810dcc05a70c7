// Package trino runs statements on a Trino server, with Trino's own Go client.
//
// The server's answers name the address of the next one. The client would follow it
// anywhere and take the credentials along, so that the transport here refuses every
// address but the server's own; answers that lie elsewhere (spooled ones) are refused
// with them. Credentials are sent over https only.
package trino

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	client "github.com/trinodb/trino-go-client/trino"

	"github.com/monitorctl/monitorctl/internal/sqlengine"
)

// A Config says which server is asked, and as whom.
type Config struct {
	URL             string // http(s)://HOST[:PORT], without path, user and password
	Catalog, Schema string
	User            string
	Password        string // Basic; "" for none
	Token           string // Bearer; "" for none
	MaxBytes        int64  // that one statement may read; 0: no bound

	Transport http.RoundTripper // nil: http.DefaultTransport
}

// retryTimeout is how long a request is sent again that nobody answers, or that is
// answered with 429, 502, 503 or 504.
const retryTimeout = 30 * time.Second

// A Server is a Trino server.
type Server struct {
	db *sql.DB
}

var _ sqlengine.Engine = (*Server)(nil)

// Open prepares a server; nothing is sent yet.
func Open(c Config) (*Server, error) {
	at, err := url.Parse(c.URL)
	switch {
	case err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https":
		return nil, fmt.Errorf("%q is not the address of a Trino server: expected https://HOST:PORT", c.URL)
	case at.User != nil:
		return nil, errors.New("the address of a Trino server has no user or password in it: set TRINO_USER and TRINO_PASSWORD")
	case strings.Trim(at.Path, "/") != "" || at.RawQuery != "" || at.Fragment != "":
		return nil, fmt.Errorf("%q has more than scheme, host and port", c.URL)
	case at.Scheme == "http" && c.Password+c.Token != "":
		return nil, errors.New("credentials for Trino are sent over https only")
	case c.Password != "" && c.Token != "":
		return nil, errors.New("TRINO_PASSWORD and TRINO_TOKEN cannot be combined")
	}
	server := &url.URL{Scheme: at.Scheme, Host: at.Host, User: url.User(c.User)}
	if c.Password != "" {
		server.User = url.UserPassword(c.User, c.Password)
	}
	session := map[string]string{c.Catalog + ".ignore_absent_partitions": "true"}
	if c.MaxBytes > 0 {
		session["query_max_scan_physical_bytes"] = strconv.FormatInt(c.MaxBytes, 10) + "B"
	}
	transport := c.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	connector, err := client.NewConnector(&client.Config{
		ServerURI: server.String(), Source: "monitorctl", Catalog: c.Catalog, Schema: c.Schema, SessionProperties: session, AccessToken: c.Token, TimeZone: "UTC",
		RequestRetryTimeout: new(retryTimeout),
		HTTPClient:          &http.Client{Transport: pinned{scheme: at.Scheme, host: at.Host, to: transport}},
	})
	if err != nil {
		return nil, fmt.Errorf("preparing Trino at %s: %w", c.URL, err)
	}
	return &Server{db: sql.OpenDB(connector)}, nil
}

// pinned is a transport to one server and no other.
type pinned struct {
	scheme, host string
	to           http.RoundTripper
}

// RoundTrip sends a request to the one server.
func (p pinned) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != p.scheme || r.URL.Host != p.host {
		return nil, fmt.Errorf("the server sends us to %s://%s, which is not its own address: not followed", r.URL.Scheme, r.URL.Host)
	}
	return p.to.RoundTrip(r) //nolint:wrapcheck // it is the client's
}

// Close ends all connections.
func (s *Server) Close() error { return s.db.Close() }

// Name returns "trino".
func (s *Server) Name() string { return "trino" }

// progress keeps the last that the server said of a statement.
type progress struct {
	mu   sync.Mutex
	last sqlengine.Stats
}

// Update is called by the client.
func (p *progress) Update(i client.QueryProgressInfo) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last.ID = i.QueryId
	p.last.Scanned = max(p.last.Scanned, i.QueryStats.PhysicalInputBytes)
}

// Query runs a statement.
func (s *Server) Query(ctx context.Context, statement string, row func([]string) error) (sqlengine.Stats, error) {
	var p progress
	err := s.query(ctx, statement, &p, row)
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last, err
}

func (s *Server) query(ctx context.Context, statement string, p *progress, row func([]string) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rows, err := s.db.QueryContext(ctx, statement,
		sql.Named("X-Trino-Progress-Callback", p), sql.Named("X-Trino-Progress-Callback-Period", time.Nanosecond))
	if err != nil {
		return explain(ctx, err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says what there is to say
	columns, err := rows.Columns()
	if err != nil {
		return explain(ctx, err)
	}
	cells, texts, to := make([]sql.NullString, len(columns)), make([]string, len(columns)), make([]any, len(columns))
	for i := range cells {
		to[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return fmt.Errorf("reading an answer of Trino: %w", err)
		}
		for i := range cells {
			texts[i] = cells[i].String
		}
		if err := row(texts); err != nil {
			return err
		}
	}
	return explain(ctx, rows.Err())
}

// explain tells the errors apart that something follows from.
func explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx) //nolint:wrapcheck // the reason that the caller gave
	}
	var failed *client.ErrQueryFailed
	if errors.As(err, &failed) && (failed.StatusCode == http.StatusUnauthorized || failed.StatusCode == http.StatusForbidden) {
		return fmt.Errorf("the Trino server refuses the credentials (%d): set TRINO_USER and TRINO_PASSWORD or TRINO_TOKEN, or renew them", failed.StatusCode)
	}
	var said *client.ErrTrino
	if !errors.As(err, &said) {
		var value client.ErrTrino
		if !errors.As(err, &value) {
			return fmt.Errorf("asking Trino: %w", err)
		}
		said = &value
	}
	text := sqlengine.Words(said.ErrorName + ": " + said.Message)
	switch said.ErrorName {
	case "EXCEEDED_SCAN_LIMIT":
		return &sqlengine.LimitError{Text: text}
	case "NOT_FOUND", "CATALOG_NOT_FOUND", "SCHEMA_NOT_FOUND", "TABLE_NOT_FOUND", "MISSING_CATALOG_NAME", "MISSING_SCHEMA_NAME":
		return &sqlengine.MissingError{Text: text}
	}
	if path := sqlengine.FileIn(said.Message); path != "" {
		return &sqlengine.FileError{Path: path, Text: text}
	}
	return errors.New(text)
}

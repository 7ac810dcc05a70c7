// Package athena answers as Amazon Athena does, in front of an engine that runs the
// statements: tests give it a Trino, which Athena's engine is built from. What Athena
// adds to it is here: statements that are started and asked about, results in pages of
// texts, workgroups, and tables that are created in Hive's language.
package athena

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// An Engine runs a statement with a bound on the bytes that it scans (0: none), and
// returns its columns and rows; NULL is a nil cell.
type Engine func(ctx context.Context, database, statement string, maxBytes int64) (Answer, error)

// An Answer is what an engine answers.
type Answer struct {
	Columns []string
	Rows    [][]*string
	Scanned int64
}

// The limits of Athena.
const (
	maxStatement = 262_144 // bytes
	maxResults   = 1000
)

// A Server is Athena in one region. Its fields are set before it is used.
type Server struct {
	Run Engine

	Cutoff   int64 // of the workgroup; 0: none
	Enforced bool  // the workgroup's settings count, not the caller's
	Output   string

	// Faults.
	Expired  bool // the credentials
	Throttle int  // so many calls are refused first
	Hang     bool // statements never end
	Flaky    int  // so many statements fail first, and may be tried again

	mu         sync.Mutex
	statements map[string]*statement
	tokens     map[string]string
	OnStart    func()   // called when a statement is started; may be nil
	Stopped    []string // ids of statements that were stopped
	Started    []string // texts of statements that were started
	Asked      []any    // of each, what StartQueryExecution was given beside the text
}

type statement struct {
	text, database string
	state, reason  string
	retryable      bool
	answer         Answer
	cancel         context.CancelFunc
	output         string
}

const target = "AmazonAthena."

// Is reports whether a request is for Athena.
func Is(r *http.Request) bool { return strings.HasPrefix(r.Header.Get("X-Amz-Target"), target) }

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var in map[string]any
	if err := json.Unmarshal(body, &in); err != nil {
		fail(w, "SerializationException", err.Error())
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.Expired:
		fail(w, "ExpiredTokenException", "The security token included in the request is expired")
		return
	case s.Throttle > 0:
		s.Throttle--
		fail(w, "TooManyRequestsException", "Rate exceeded")
		return
	}
	switch strings.TrimPrefix(r.Header.Get("X-Amz-Target"), target) {
	case "GetWorkGroup":
		s.getWorkGroup(w, in)
	case "StartQueryExecution":
		s.start(w, in)
	case "GetQueryExecution":
		s.withStatement(w, in, s.get)
	case "GetQueryResults":
		s.withStatement(w, in, s.results)
	case "StopQueryExecution":
		s.withStatement(w, in, s.stop)
	default:
		fail(w, "UnknownOperationException", r.Header.Get("X-Amz-Target"))
	}
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(v) // the client has gone
}

func fail(w http.ResponseWriter, code, message string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": code, "message": message}) // likewise
}

func text(in map[string]any, name string) string {
	s, _ := in[name].(string)
	return s
}

func (s *Server) getWorkGroup(w http.ResponseWriter, in map[string]any) {
	conf := map[string]any{"EnforceWorkGroupConfiguration": s.Enforced, "ResultConfiguration": map[string]any{"OutputLocation": s.Output}}
	if s.Cutoff > 0 {
		conf["BytesScannedCutoffPerQuery"] = s.Cutoff
	}
	reply(w, map[string]any{"WorkGroup": map[string]any{"Name": text(in, "WorkGroup"), "State": "ENABLED", "Configuration": conf}})
}

// start starts a statement; the same token is the same statement.
func (s *Server) start(w http.ResponseWriter, in map[string]any) {
	sql, token := text(in, "QueryString"), text(in, "ClientRequestToken")
	output := s.Output
	if c, ok := in["ResultConfiguration"].(map[string]any); ok && !s.Enforced {
		output = text(c, "OutputLocation")
	}
	database := ""
	if c, ok := in["QueryExecutionContext"].(map[string]any); ok {
		database = text(c, "Database")
	}
	switch {
	case len(token) < 32 || len(token) > 128:
		fail(w, "InvalidRequestException", "ClientRequestToken has 32 to 128 characters")
		return
	case sql == "" || len(sql) > maxStatement:
		fail(w, "InvalidRequestException", "The query string has more than 262144 bytes")
		return
	case output == "":
		fail(w, "InvalidRequestException", "No output location provided")
		return
	}
	if s.statements == nil {
		s.statements, s.tokens = map[string]*statement{}, map[string]string{}
	}
	id, again := s.tokens[token]
	if !again {
		id = fmt.Sprintf("00000000-0000-4000-8000-%012d", len(s.statements)+1)
		ctx, cancel := context.WithCancel(context.Background())
		q := &statement{text: sql, database: database, state: "QUEUED", cancel: cancel, output: output}
		s.tokens[token], s.statements[id] = id, q
		s.Started = append(s.Started, sql)
		s.Asked = append(s.Asked, map[string]any{"workgroup": in["WorkGroup"], "results": in["ResultConfiguration"]})
		go s.carry(ctx, q)
		if s.OnStart != nil {
			s.OnStart()
		}
	}
	reply(w, map[string]any{"QueryExecutionId": id})
}

// carry runs a statement to its end.
func (s *Server) carry(ctx context.Context, q *statement) {
	s.mu.Lock()
	q.state = "RUNNING"
	hang, flaky, cutoff := s.Hang, s.Flaky > 0, s.Cutoff
	if flaky {
		s.Flaky--
	}
	s.mu.Unlock()
	var answer Answer
	var err error
	switch {
	case hang:
		<-ctx.Done()
		err = ctx.Err()
	case flaky:
		err = errors.New("query exhausted resources at this scale factor")
	default:
		sql := q.text
		if strings.HasPrefix(sql, "CREATE EXTERNAL TABLE") || strings.HasPrefix(sql, "DROP TABLE") {
			sql, err = Rewrite(sql)
		}
		if err == nil {
			answer, err = s.Run(ctx, q.database, sql, cutoff)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q.answer = answer
	switch {
	case q.state == "CANCELLED":
	case err == nil:
		q.state = "SUCCEEDED"
	case strings.Contains(err.Error(), "EXCEEDED_SCAN_LIMIT"):
		q.state, q.reason = "CANCELLED", "Query cancelled! : Bytes scanned limit was exceeded"
	default:
		q.state, q.reason, q.retryable = "FAILED", err.Error(), flaky
	}
}

func (s *Server) withStatement(w http.ResponseWriter, in map[string]any, do func(http.ResponseWriter, map[string]any, string, *statement)) {
	id := text(in, "QueryExecutionId")
	q := s.statements[id]
	if q == nil {
		fail(w, "InvalidRequestException", "QueryExecution "+id+" was not found")
		return
	}
	do(w, in, id, q)
}

func (s *Server) get(w http.ResponseWriter, _ map[string]any, id string, q *statement) {
	status := map[string]any{"State": q.state}
	if q.reason != "" {
		status["StateChangeReason"] = q.reason
		status["AthenaError"] = map[string]any{"Retryable": q.retryable, "ErrorMessage": q.reason}
	}
	reply(w, map[string]any{"QueryExecution": map[string]any{
		"QueryExecutionId": id, "Query": q.text, "Status": status, "Statistics": map[string]any{"DataScannedInBytes": q.answer.Scanned},
		"ResultConfiguration": map[string]any{"OutputLocation": q.output + "/" + id + ".csv"},
	}})
}

// stop stops a statement.
func (s *Server) stop(w http.ResponseWriter, _ map[string]any, id string, q *statement) {
	if q.state == "RUNNING" || q.state == "QUEUED" {
		q.state, q.reason = "CANCELLED", "Query cancelled by user"
	}
	q.cancel()
	s.Stopped = append(s.Stopped, id)
	reply(w, map[string]any{})
}

// results gives a page of a result. The first row of the first page is the header.
func (s *Server) results(w http.ResponseWriter, in map[string]any, _ string, q *statement) {
	if q.state != "SUCCEEDED" {
		fail(w, "InvalidRequestException", "Query has not yet finished. Current state: "+q.state)
		return
	}
	most := maxResults
	if n, ok := in["MaxResults"].(float64); ok && int(n) < most {
		most = int(n)
	}
	rows := make([][]*string, 0, len(q.answer.Rows)+1)
	if strings.HasPrefix(q.text, "SELECT") || strings.HasPrefix(q.text, "WITH") {
		var header []*string
		for i := range q.answer.Columns {
			header = append(header, &q.answer.Columns[i])
		}
		rows = append(append(rows, header), q.answer.Rows...)
	}
	from := 0
	if t := text(in, "NextToken"); t != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(t, "page-"))
		if err != nil || n > len(rows) {
			fail(w, "InvalidRequestException", "Invalid NextToken")
			return
		}
		from = n
	}
	to := min(from+most, len(rows))
	var page []map[string]any
	for _, row := range rows[from:to] {
		var data []map[string]any
		for _, cell := range row {
			one := map[string]any{}
			if cell != nil {
				one["VarCharValue"] = *cell
			}
			data = append(data, one)
		}
		page = append(page, map[string]any{"Data": data})
	}
	out := map[string]any{"ResultSet": map[string]any{"Rows": page}}
	if to < len(rows) {
		out["NextToken"] = "page-" + strconv.Itoa(to)
	}
	reply(w, out)
}

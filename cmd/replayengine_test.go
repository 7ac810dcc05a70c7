package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/monitorctl/monitorctl/internal/awstest/athena"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// An athenaLab is a bucket with log files of three days and an Athena that sees none of
// them, unless a test says what it answers: then all files are read here. That the
// statements mean what they should is for TestTrino of package conformance.
type athenaLab struct {
	*cmdLab
	server *athena.Server

	hangs  bool // what counts records never ends
	mu     sync.Mutex
	answer func(statement string) ([][]*string, error) // to what counts records
}

func newAthenaLab(t *testing.T) *athenaLab {
	t.Helper()
	l := &athenaLab{cmdLab: newCmdLab(t)}
	objects := map[string][]byte{}
	for day := 28; day <= 30; day++ {
		for n := range 2 {
			record := fmt.Sprintf(`{"eventTime":"2026-11-%dT09:00:10Z","eventID":"%d-%d","eventName":"DeleteTrail","eventSource":"cloudtrail.amazonaws.com","awsRegion":"eu-central-1","recipientAccountId":%q}`, day, day, n, demoAccount)
			objects[fmt.Sprintf("AWSLogs/%s/CloudTrail/eu-central-1/2026/11/%d/%s_CloudTrail_eu-central-1_202611%dT090%dZ_%016d.json", demoAccount, day, demoAccount, day, n, n)] = []byte(`{"Records":[` + record + `]}`)
		}
	}
	objects["member/AWSLogs/444455556666/CloudTrail/eu-central-1/2026/11/30/444455556666_CloudTrail_eu-central-1_20261130T0900Z_0000000000000000.json"] = []byte(`{"Records":[]}`)
	l.region.Bucket("trail", "", objects)
	l.server = &athena.Server{Output: "s3://results/", Run: func(ctx context.Context, _, statement string, _ int64) (athena.Answer, error) {
		if l.hangs && strings.HasPrefix(statement, "WITH") {
			<-ctx.Done()
			return athena.Answer{}, ctx.Err()
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		out := athena.Answer{Columns: []string{"_col0"}, Scanned: 100}
		if l.answer == nil {
			return out, nil
		}
		var err error
		out.Rows, err = l.answer(statement)
		return out, err
	}}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if athena.Is(r) {
			l.server.ServeHTTP(w, r)
		} else {
			l.cloud.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(front.Close)
	l.env.run.Embedded.URL = front.URL
	return l
}

// replay replays the bucket on Athena.
func (l *athenaLab) replay(code int, args ...string) ran {
	l.t.Helper()
	return l.want(code, append([]string{"replay", "s3://trail/AWSLogs", "--patterns-only", "--control", "cloudtrail-config-changes", "--engine", "athena", "--database", "logs"}, args...)...)
}

// started are the statements that were started since the last call.
func (l *athenaLab) started() []string {
	list := l.server.Started
	l.server.Started = nil
	return list
}

// An engineReport is what of a report is about who read the files.
type engineReport struct {
	Engine struct {
		Name           string
		Statement      string
		Exact, Queries []string
		FilesReadHere  int
		Cost           float64
	}
	Incomplete bool
	Stopped    string
	Events     int
	Controls   []struct{ Events int }
}

func reportOf(t *testing.T, text string) engineReport {
	t.Helper()
	var r engineReport
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return r
}

// TestReplayEngineFlags: what each flag makes of what Athena is asked.
func TestReplayEngineFlags(t *testing.T) {
	l := newAthenaLab(t)
	r := l.replay(exit.Done, "--workgroup", "audits", "--output-location", "s3://mine/replay", "--output-kms-key", "alias/results", "--drop-table", "-o", "json")
	report := reportOf(t, r.out)
	statements := l.started()
	first, last := statements[0], statements[len(statements)-1]
	if !strings.HasPrefix(first, "CREATE EXTERNAL TABLE IF NOT EXISTS `logs`.`monitorctl_trail_") || !strings.HasPrefix(last, "DROP TABLE IF EXISTS `logs`.`monitorctl_trail_") || len(statements) != 4 {
		t.Errorf("%q", statements)
	}
	asked, err := json.Marshal(l.server.Asked[0])
	l.must(err)
	if want := `{"results":{"EncryptionConfiguration":{"EncryptionOption":"SSE_KMS","KmsKey":"alias/results"},"OutputLocation":"s3://mine/replay"},"workgroup":"audits"}`; string(asked) != want {
		t.Errorf("%s, want %s", asked, want)
	}
	if e := report.Engine; e.Name != "athena" || e.FilesReadHere != 6 || len(e.Queries) != 4 || e.Cost <= 0 || !strings.Contains(e.Statement, "WITH c AS (SELECT") || !slices.Equal(e.Exact, []string{"cloudtrail-config-changes"}) || report.Controls[0].Events != 6 {
		t.Errorf("%+v", report)
	}
	for _, want := range []string{"note: creating table", "note: Athena's results stay in s3://mine/replay"} {
		if !strings.Contains(r.err, want) {
			t.Errorf("no %q in %s", want, r.err)
		}
	}
	// Slices add up to the same.
	if sliced := reportOf(t, l.replay(exit.Done, "--slice", "1", "-o", "json").out); sliced.Controls[0].Events != 6 || len(l.started()) != 1+3+3 {
		t.Errorf("%+v", sliced)
	}
	// Printed, and not asked.
	for flag, want := range map[string]string{"--sql": "-- The bucket was not listed: put your value for ACCOUNT and REGION.\nCREATE EXTERNAL TABLE IF NOT EXISTS `logs`", "--dry-run": "-- 6 files, "} {
		before := len(l.cloud.Calls())
		r := l.replay(exit.Done, flag)
		if asked := len(l.cloud.Calls()) > before; asked != (flag == "--dry-run") {
			t.Errorf("%s: AWS was asked: %t", flag, asked)
		}
		if !strings.HasPrefix(r.out, want) || !strings.Contains(r.out, "WITH c AS (SELECT") || flag == "--dry-run" && !strings.Contains(r.out, "3 partitions, about 0.00 USD") {
			t.Errorf("%s: %s", flag, r.out)
		}
	}
	if list := l.started(); len(list) > 0 {
		t.Errorf("statements were printed, and %q was asked", list)
	}
	says := func(code int, want string, args ...string) {
		t.Helper()
		if r := l.replay(code, args...); !strings.Contains(r.all(), want) {
			t.Errorf("%v does not say %q: %s", args, want, r.all())
		}
	}
	says(exit.Failed, "no log files were found in s3://trail/AWSLogs between 2025-01-01 00:00 and 2025-01-02 00:00: there is nothing to ask", "--dry-run", "--from", "2025-01-01", "--to", "2025-01-02")
	// A table that is there is asked, and neither created nor removed.
	l.answer = func(statement string) ([][]*string, error) {
		var rows [][]*string
		for _, name := range []string{"line", "account", "region", "day"} {
			if strings.Contains(statement, "information_schema") {
				rows = append(rows, []*string{&name, new("varchar")})
			}
		}
		return rows, nil
	}
	l.replay(exit.Done, "--table", "mine", "--drop-table")
	if list := l.started(); len(list) != 3 || strings.Contains(strings.Join(list, "\n"), " TABLE ") || !strings.Contains(list[1], `FROM "logs"."mine" WHERE`) {
		t.Errorf("%q", list)
	}
}

// TestReplayEngineChoice: auto asks the engine that is named where there is more than
// --local-limit, and says which it is and why.
func TestReplayEngineChoice(t *testing.T) {
	l := newAthenaLab(t)
	for _, tt := range []struct {
		args []string
		note string
		asks bool
	}{
		{[]string{"--local-limit", "0"}, "note: asking athena: the files have", true},
		{nil, "note: reading the files here: they have", false},
		{[]string{"--local-limit", "0", "--pattern", "text=AccessDenied"}, "note: reading the files here: the pattern AccessDenied searches the text of records", false},
		{[]string{"--local-limit", "0", "s3://trail/member"}, "note: reading the files here: they are not in one place that athena can read", false},
		{[]string{"--engine", "local", "--local-limit", "0"}, "", false},
	} {
		r := l.replay(exit.Done, append([]string{"--engine", "auto"}, tt.args...)...)
		if asked := len(l.started()) > 0; asked != tt.asks || !strings.Contains(r.err, tt.note) || tt.note == "" && strings.Contains(r.err, "note:") {
			t.Errorf("%v: asked %t, %s", tt.args, asked, r.err)
		}
	}
}

// TestReplayEngineFails: what an engine does not do is said, and what was counted before is
// reported, marked.
func TestReplayEngineFails(t *testing.T) {
	l := newAthenaLab(t)
	says := func(code int, want string, args ...string) ran {
		t.Helper()
		r := l.replay(code, args...)
		if !strings.Contains(r.all(), want) {
			t.Errorf("%v does not say %q: %s", args, want, r.all())
		}
		l.started()
		return r
	}
	// It dies behind the first of three days.
	n := 0
	row := func(cells ...string) []*string {
		var list []*string
		for i := range cells {
			list = append(list, &cells[i])
		}
		return list
	}
	l.answer = func(statement string) ([][]*string, error) {
		if !strings.HasPrefix(statement, "WITH") {
			return nil, nil
		}
		if n++; n > 1 {
			return nil, errors.New("Connection reset by peer")
		}
		blank := slices.Repeat([]string{""}, 8)
		return [][]*string{
			row(slices.Concat([]string{"511", "0", ""}, blank, []string{"2", "2", "2", "", ""})...),
			row(slices.Concat([]string{"255", "0", "2026-11-28T09:00"}, blank, []string{"2", "2", "2", "", ""})...),
		}, nil
	}
	r := says(exit.Failed, "Connection reset by peer", "--slice", "1", "-o", "json")
	if report := reportOf(t, r.out); !report.Incomplete || !strings.Contains(report.Stopped, "Connection reset") || report.Events != 2 {
		t.Errorf("%+v", report)
	}
	l.answer = func(statement string) ([][]*string, error) {
		if strings.HasPrefix(statement, "WITH") {
			return nil, errors.New("EXCEEDED_SCAN_LIMIT")
		}
		return nil, nil
	}
	says(exit.Failed, "Bytes scanned limit was exceeded")
	l.answer = nil
	says(exit.Failed, "--max-bytes allows 100", "--max-bytes", "100")
	says(exit.Failed, "table \"logs\".\"nowhere\" does not exist", "--table", "nowhere")
	says(exit.Failed, "No log files were found between 2025-01-01 00:00 and 2025-01-02 00:00", "--from", "2025-01-01", "--to", "2025-01-02")
	says(exit.WrongUsage, "an engine reads one location, not 2", "s3://trail/member")
	says(exit.WrongUsage, "searches the text of records", "--pattern", "text=AccessDenied")
	for _, place := range []string{"s3://trail", "s3://trail/"} { // the account's trail and a member's
		r := l.want(exit.WrongUsage, "replay", place, "--patterns-only", "--engine", "athena", "--database", "logs")
		if !strings.Contains(r.err, "there are two trails, s3://trail/AWSLogs/ and s3://trail/member/AWSLogs/; an engine reads one: name one of these folders") {
			t.Error(r.err)
		}
	}
	l.server.Cutoff = 50
	says(exit.Failed, "the workgroup allows 50 for each statement")
	l.server.Cutoff, l.server.Expired = 0, true
	says(exit.Failed, "ExpiredTokenException: The security token included in the request is expired")
	l.server.Expired, l.hangs = false, true
	r = says(exit.Failed, `"incomplete": true`, "--timeout", "1s", "-o", "json")
	if report := reportOf(t, r.out); report.Stopped == "" || len(l.server.Stopped) != 1 {
		t.Errorf("%+v; stopped %v", report, l.server.Stopped)
	}
}

// TestReplayEngineUsage: what cannot work is found before anything is asked.
func TestReplayEngineUsage(t *testing.T) {
	l := newAthenaLab(t)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"s3://trail", "--engine", "spark"}, `unknown --engine "spark"`},
		{[]string{"s3://trail", "--engine", "athena"}, "--engine athena needs --database"},
		{[]string{"s3://trail", "--engine", "trino", "--trino-schema", "logs"}, "--engine trino needs the server"},
		{[]string{"s3://trail", "--engine", "trino", "--trino", "https://trino.example.com"}, "--engine trino needs --trino-schema"},
		{[]string{"s3://trail", "--trino", "https://trino.example.com", "--database", "logs"}, "--trino cannot be combined"},
		{[]string{"s3://trail", "--engine", "athena", "--database", "logs", "--output-kms-key", "alias/x"}, "--output-kms-key needs --output-location"},
		{[]string{"s3://trail", "--sql"}, "--sql and --dry-run need an engine"},
		{[]string{"s3://trail", "--max-bytes", "0"}, "must "},
		{[]string{"s3://trail", "--slice", "-1"}, "must "},
		{[]string{"trail/", "--engine", "athena", "--database", "logs"}, "Athena reads s3://BUCKET/PREFIX, not trail/"},
		{[]string{"trail/", "--engine", "trino", "--trino", "https://trino.example.com", "--trino-schema", "logs"}, "--engine trino needs the server's own name for trail/"},
		{[]string{"s3://trail/AWSLogs", "--engine", "athena", "--database", "logs; DROP TABLE x"}, "is not a name for a catalog"},
		{[]string{"s3://trail/AWSLogs", "--engine", "athena", "--database", "logs", "--table", "a.b"}, "is not a name for a catalog"},
	} {
		r := l.want(exit.WrongUsage, append([]string{"replay", "--patterns-only"}, tt.args...)...)
		if !strings.Contains(r.err, tt.want) {
			t.Errorf("%v: %s", tt.args, r.err)
		}
	}
	if list := l.started(); len(list) > 0 {
		t.Errorf("%q was asked", list)
	}
}

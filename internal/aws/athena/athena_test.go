package athena

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	fake "github.com/monitorctl/monitorctl/internal/awstest/athena"
	"github.com/monitorctl/monitorctl/internal/sqlengine"
)

// connect opens a workgroup at a server.
func connect(t *testing.T, s *fake.Server, c Config) (*Workgroup, error) {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return Open(t.Context(), aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(server.URL), Credentials: credentials.NewStaticCredentialsProvider("AKIDTEST", "any", ""), RetryMaxAttempts: 2,
	}, c)
}

// numbers answers every statement with so many rows.
func numbers(n int) fake.Engine {
	return func(_ context.Context, database, _ string, _ int64) (fake.Answer, error) {
		a := fake.Answer{Columns: []string{"n", "database", "none"}, Scanned: 42}
		for i := range n {
			a.Rows = append(a.Rows, []*string{aws.String(fmt.Sprint(i)), &database, nil})
		}
		return a, nil
	}
}

// TestPages: a result of several pages is read whole, its header left out once.
func TestPages(t *testing.T) {
	s := &fake.Server{Output: "s3://results/", Run: numbers(2500)}
	w, err := connect(t, s, Config{Database: "logs"})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	stats, err := w.Query(t.Context(), "SELECT 1", func(row []string) error {
		if len(row) != 3 || row[0] != fmt.Sprint(n) || row[1] != "logs" || row[2] != "" {
			t.Fatalf("row %d is %q", n, row)
		}
		n++
		return nil
	})
	if err != nil || n != 2500 || stats.Scanned != 42 || stats.ID == "" {
		t.Errorf("%d rows, %+v, %v", n, stats, err)
	}
	if w.Output() != "s3://results/" || w.Name() != "athena" {
		t.Errorf("results go to %s", w.Output())
	}
}

// TestOutput: results go where the caller says, unless the workgroup decides.
func TestOutput(t *testing.T) {
	for _, test := range []struct {
		workgroup, caller string
		enforced          bool
		want              string
	}{
		{"s3://group/", "", false, "s3://group/"},
		{"s3://group/", "s3://mine/", false, "s3://mine/"},
		{"s3://group/", "s3://mine/", true, "s3://group/"},
		{"", "s3://mine/", false, "s3://mine/"},
		{"", "", false, ""},
	} {
		w, err := connect(t, &fake.Server{Output: test.workgroup, Enforced: test.enforced, Run: numbers(0)}, Config{Database: "logs", Output: test.caller})
		if test.want == "" {
			if err == nil || !strings.Contains(err.Error(), "--output-location") {
				t.Errorf("%+v: %v", test, err)
			}
			continue
		}
		if err != nil || w.Output() != test.want {
			t.Errorf("%+v: %v, %v", test, w, err)
			continue
		}
		if _, err := w.Query(t.Context(), "SELECT 1", func([]string) error { return nil }); err != nil {
			t.Errorf("%+v: %v", test, err)
		}
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
		name, reason string
		as           any
		want         string
	}{
		{"file", "HIVE_CURSOR_ERROR: Failed to read file at s3://trail/a.json.gz", &file, "s3://trail/a.json.gz"},
		{"limit", "EXCEEDED_SCAN_LIMIT", &limit, "Bytes scanned limit"},
		{"table", "TABLE_NOT_FOUND: line 1:15: Table 'x' does not exist", &missing, "does not exist"},
	} {
		w, err := connect(t, &fake.Server{Output: "s3://results/", Run: func(context.Context, string, string, int64) (fake.Answer, error) {
			return fake.Answer{}, errors.New(test.reason)
		}}, Config{Database: "logs"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.Query(t.Context(), "SELECT 1", func([]string) error { return nil })
		if !errors.As(err, test.as) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if file.Path != "s3://trail/a.json.gz" {
		t.Errorf("the file is %s", file.Path)
	}
}

// TestRetry: a failure that may pass is tried again, and calls that are throttled are, too.
func TestRetry(t *testing.T) {
	s := &fake.Server{Output: "s3://results/", Run: numbers(3), Flaky: 1, Throttle: 1}
	w, err := connect(t, s, Config{Database: "logs"})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	if _, err := w.Query(t.Context(), "SELECT 1", func([]string) error { n++; return nil }); err != nil || n != 3 || len(s.Started) != 2 {
		t.Errorf("%d rows, %d statements, %v", n, len(s.Started), err)
	}
}

// TestGivenUp: a statement that nobody waits for any more is stopped.
func TestGivenUp(t *testing.T) {
	s := &fake.Server{Output: "s3://results/", Run: numbers(3), Hang: true}
	w, err := connect(t, s, Config{Database: "logs"})
	if err != nil {
		t.Fatal(err)
	}
	why := errors.New("Ctrl-C")
	ctx, cancel := context.WithCancelCause(t.Context())
	s.OnStart = func() { cancel(why) }
	stats, err := w.Query(ctx, "SELECT 1", func([]string) error { return nil })
	if !errors.Is(err, why) || len(s.Stopped) != 1 || s.Stopped[0] != stats.ID {
		t.Errorf("%+v, stopped %v: %v", stats, s.Stopped, err)
	}
}

// TestExpired: the code of AWS's answer is still there for who looks for it.
func TestExpired(t *testing.T) {
	_, err := connect(t, &fake.Server{Expired: true}, Config{Database: "logs"})
	var code interface{ ErrorCode() string }
	if !errors.As(err, &code) || code.ErrorCode() != "ExpiredTokenException" || !strings.Contains(err.Error(), "reading workgroup primary: athena:GetWorkGroup: ") {
		t.Error(err)
	}
}

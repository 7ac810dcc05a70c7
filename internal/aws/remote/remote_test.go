package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/replay"
	"github.com/monitorctl/monitorctl/internal/logs"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/sqlengine"
)

const root = "s3://trail/AWSLogs/"

// file is a log file with events of one name.
func file(n int, name string, ids ...string) logs.Object {
	var list []string
	for _, id := range ids {
		list = append(list, fmt.Sprintf(`{"eventTime":"2026-11-01T10:00:00Z","eventName":%q,"eventID":%q,"recipientAccountId":"111122223333","awsRegion":"us-east-1"}`, name, id))
	}
	o := logs.Object{
		Name: fmt.Sprintf("%s111122223333/CloudTrail/us-east-1/2026/11/01/111122223333_CloudTrail_us-east-1_20261101T10%02dZ_%016d.json", root, n, n), Size: 100,
		Open: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(`{"Records":[` + strings.Join(list, ",") + `]}`)), nil
		},
	}
	o.Key, o.Named = logs.ParseKey(o.Name)
	return o
}

// A script is an engine that answers as it is told.
type script struct {
	asked  []string
	answer func(statement string, row func([]string) error) error
}

func (*script) Name() string { return "trino" }

func (s *script) Query(_ context.Context, statement string, row func([]string) error) (sqlengine.Stats, error) {
	s.asked = append(s.asked, statement)
	return sqlengine.Stats{ID: strconv.Itoa(len(s.asked)), Scanned: 10}, s.answer(statement, row)
}

func question(t *testing.T) *replay.Question {
	t.Helper()
	p, err := pattern.Parse(`{ $.eventName = CreateVpc }`)
	if err != nil {
		t.Fatal(err)
	}
	q := &replay.Question{From: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC), Evidence: 2}
	q.AddPattern("vpc", p)
	return q
}

// run asks an engine about objects.
func run(t *testing.T, s *script, own bool, objects ...logs.Object) (*Run, Outcome, replay.Report, error) {
	t.Helper()
	q := question(t)
	statement, err := replay.NewStatement(q, false)
	if err != nil {
		t.Fatal(err)
	}
	l := logs.Listing{Objects: objects}
	layout, err := LayoutOf(l)
	if err != nil {
		t.Fatal(err)
	}
	r := &Run{
		Engine: s, Table: Table{Catalog: "hive", Schema: "logs", Location: layout.Trail, Accounts: layout.Accounts, Regions: layout.Regions}, Own: own,
		Statement: statement, Counters: replay.NewCounters(q, 1), Listing: l, Layout: layout,
		NewTableStatement: func(types map[string]string) (*replay.Statement, error) {
			return replay.NewTableStatement(q, false, types)
		},
		NewCounters: func() *replay.Counters { return replay.NewCounters(q, 1) },
		NewReader:   func(c *replay.Counters) *logs.Reader { return c.NewReader(logs.Options{}) },
		Progress:    func(string, ...any) {},
	}
	if !own {
		r.Table.Name = "mine"
	}
	if err := r.Prepare(t.Context()); err != nil {
		return r, Outcome{}, replay.Report{}, err
	}
	out, err := r.Do(t.Context())
	return r, out, r.Counters.Answer(), err
}

// TestLost: files that the engine does not see are read here, so that nothing is lost.
func TestLost(t *testing.T) {
	blind := &script{answer: func(string, func([]string) error) error { return nil }}
	_, out, report, err := run(t, blind, true, file(1, "CreateVpc", "a", "b"), file(2, "DeleteVpc", "c"))
	if err != nil || report.Controls[0].Events != 2 || report.Events != 3 || out.Here != 2 || out.Scanned != 30 {
		t.Errorf("%+v: %d events of %d, %v", out, report.Controls[0].Events, report.Events, err)
	}
	var many []logs.Object
	for i := range 30 {
		many = append(many, file(i, "CreateVpc", fmt.Sprint(i)))
	}
	if _, _, _, err := run(t, blind, true, many...); err == nil || !strings.Contains(err.Error(), "saw 0 of 30 files") {
		t.Errorf("a table at another place: %v", err)
	}
}

// TestBrokenFile: a file that ends the statement is left out of the next one, and read
// here.
func TestBrokenFile(t *testing.T) {
	bad, good := file(1, "CreateVpc", "a"), file(2, "CreateVpc", "b")
	s := &script{}
	s.answer = func(statement string, _ func([]string) error) error {
		if strings.HasPrefix(statement, "WITH") && !strings.Contains(statement, `"$path" NOT IN ('`+bad.Name) {
			return &sqlengine.FileError{Path: bad.Name, Text: "Failed to read file"}
		}
		return nil
	}
	_, out, report, err := run(t, s, true, bad, good)
	if err != nil || report.Controls[0].Events != 2 || out.Here != 2 {
		t.Errorf("%+v: %d events, %v", out, report.Controls[0].Events, err)
	}
	foreign := &script{answer: func(statement string, _ func([]string) error) error {
		if strings.HasPrefix(statement, "WITH") {
			return &sqlengine.FileError{Path: "s3://elsewhere/x.json", Text: "Failed to read file"}
		}
		return nil
	}}
	if _, _, _, err := run(t, foreign, true, bad, good); err == nil {
		t.Error("a file that was not listed ended the statement, and nobody was alerted")
	}
	var many []logs.Object
	for i := range 10 {
		many = append(many, file(i, "CreateVpc", fmt.Sprint(i)))
	}
	next := 0
	worse := &script{answer: func(statement string, _ func([]string) error) error {
		if strings.HasPrefix(statement, "WITH") {
			next++
			return &sqlengine.FileError{Path: many[next-1].Name, Text: "Failed to read file"}
		}
		return nil
	}}
	if _, _, _, err := run(t, worse, true, many...); err == nil || !strings.Contains(err.Error(), "6 files") || next != maxBroken+1 {
		t.Errorf("%d statements: %v", next, err)
	}
}

// TestGone: an engine that fails half-way leaves what was counted, and its error.
func TestGone(t *testing.T) {
	gone := errors.New("connection refused")
	s := &script{answer: func(statement string, _ func([]string) error) error {
		if strings.HasPrefix(statement, "WITH") {
			return gone
		}
		return nil
	}}
	_, out, _, err := run(t, s, true, file(1, "CreateVpc", "a"))
	if !errors.Is(err, gone) || len(out.Statements) != 2 || out.Read.Objects != 1 {
		t.Errorf("%+v, %v", out, err)
	}
}

// TestStrangeAnswers: rows that were not asked for are errors, never counts.
func TestStrangeAnswers(t *testing.T) {
	for _, row := range [][]string{
		{"1"}, slices.Repeat([]string{"7"}, 16), slices.Repeat([]string{""}, 16),
		append(append([]string{"511", "999"}, slices.Repeat([]string{""}, 9)...), "1", "1", "1", "", ""),
		append(append([]string{"511", "4"}, slices.Repeat([]string{""}, 9)...), "1", "1", "1", "", "two\nlines"),
	} {
		s := &script{answer: func(statement string, take func([]string) error) error {
			if strings.HasPrefix(statement, "WITH") {
				return take(row)
			}
			return nil
		}}
		if _, _, _, err := run(t, s, true, file(1, "CreateVpc", "a")); err == nil || !strings.Contains(err.Error(), "the engine's answer") {
			t.Errorf("%q: %v", row, err)
		}
	}
}

// documented are the columns of the table that AWS's pages define for CloudTrail, as far as
// they are needed.
func documented() map[string]string {
	types := map[string]string{"useridentity": "row(type varchar, arn varchar, invokedby varchar, sessioncontext row(sessionissuer row(arn varchar)))"}
	for _, name := range []string{"eventtime", "awsregion", "recipientaccountid", "eventid", "eventsource", "eventname", "errorcode", "sourceipaddress", "useragent", "requestparameters", "timestamp"} {
		types[name] = "varchar"
	}
	return types
}

// TestOtherTable: a table of lines and one as AWS's pages define it are read, another one is
// not.
func TestOtherTable(t *testing.T) {
	without := func(name string) map[string]string {
		types := documented()
		delete(types, name)
		return types
	}
	partitioned := documented()
	partitioned["account"], partitioned["region"] = "varchar", "varchar"
	lines := map[string]string{"line": "varchar", "account": "varchar", "region": "varchar", "day": "varchar"}
	older := documented()
	older["useridentity"] = "row(type varchar, arn varchar, sessioncontext row(sessionissuer row(arn varchar)))"
	for _, test := range []struct {
		types map[string]string
		want  string // of the error, or of the statement
		fails bool
	}{
		{nil, "does not exist", true},
		{map[string]string{"line": "varchar", "other": "varchar"}, "it has no column account; it has the columns line, other", true},
		{without("timestamp"), "it has no column timestamp, so that every statement would read all of it", true},
		{without("eventid"), "it has no column with the text of eventID", true},
		{older, "it has no column with the text of userIdentity.invokedBy", true},
		{lines, "account IN ('111122223333') AND region IN ('us-east-1') AND day BETWEEN '2026/11/01' AND '2026/11/01'", false},
		{documented(), `WHERE "timestamp" BETWEEN '2026/11/01' AND '2026/11/01' AND regexp_like(`, false},
		{partitioned, `WHERE account IN ('111122223333') AND region IN ('us-east-1') AND "timestamp" BETWEEN`, false},
	} {
		s := &script{answer: func(statement string, row func([]string) error) error {
			if strings.Contains(statement, "information_schema") {
				for name, of := range test.types {
					if err := row([]string{name, of}); err != nil {
						return err
					}
				}
			}
			return nil
		}}
		_, out, _, err := run(t, s, false, file(1, "CreateVpc", "a"))
		switch {
		case test.fails && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%v: %v", test.types, err)
		case !test.fails && (err != nil || !strings.Contains(s.asked[1], test.want) || out.Here != 1):
			t.Errorf("%v: %v, %s", test.types, err, s.asked)
		}
	}
}

// TestLayout: one trail, in CloudTrail's folders.
func TestLayout(t *testing.T) {
	other := file(1, "CreateVpc", "a")
	other.Name = strings.Replace(other.Name, "AWSLogs/", "AWSLogs/o-abcdefghij/", 1)
	other.Key, other.Named = logs.ParseKey(other.Name)
	flat := file(2, "CreateVpc", "a")
	flat.Key.Trail = ""
	for _, test := range []struct {
		objects []logs.Object
		want    string
	}{
		{[]logs.Object{file(1, "CreateVpc", "a"), other}, "two trails"},
		{[]logs.Object{flat}, "not in a folder as CloudTrail makes it"},
	} {
		if _, err := LayoutOf(logs.Listing{Objects: test.objects}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v", err)
		}
	}
	l, err := LayoutOf(logs.Listing{Objects: []logs.Object{other}})
	if err != nil || l.Trail != root+"o-abcdefghij/" || l.Partitions() != 1 || l.Bytes != 100 {
		t.Errorf("%+v, %v", l, err)
	}
}

// TestTable: what a table holds is its name, and nothing strange gets into a statement.
func TestTable(t *testing.T) {
	good := Table{Catalog: "hive", Schema: "logs", Location: root, Accounts: []string{"111122223333"}, Regions: []string{"us-east-1"}}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	more := good
	more.Accounts = []string{"111122223333", "444455556666"}
	if good.Qualified() == more.Qualified() || !strings.HasPrefix(good.Qualified(), `"hive"."logs"."monitorctl_trail_`) {
		t.Errorf("%s, %s", good.Qualified(), more.Qualified())
	}
	for _, statement := range []string{good.Trino(), good.Athena()} {
		for _, want := range []string{root, "111122223333", "us-east-1", "${account}/CloudTrail/${region}/${day}/", "2013/11/01", "TEXTFILE"} {
			if !strings.Contains(statement, want) {
				t.Errorf("no %s in\n%s", want, statement)
			}
		}
	}
	for _, change := range []func(*Table){
		func(x *Table) { x.Schema = `logs"; DROP TABLE t; --` }, func(x *Table) { x.Schema = "" }, func(x *Table) { x.Name = "a b" },
		func(x *Table) { x.Location = "s3://trail/it's/" }, func(x *Table) { x.Location = `s3://trail/\x/` }, func(x *Table) { x.Location = "s3://trail/${day}/" },
		func(x *Table) { x.Location = "s3://trail" }, func(x *Table) { x.Accounts = []string{"1' OR '1"} }, func(x *Table) { x.Regions = []string{"x'y"} },
	} {
		bad := good
		change(&bad)
		if err := bad.Check(); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
}

// TestUnlisted: the statements for a bucket that nobody listed name what the place names.
func TestUnlisted(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	days := logs.DaysOf(now.AddDate(0, 0, -2), now)
	for _, test := range []struct {
		place, trail, accounts, regions, missing string
	}{
		{"s3://b", "s3://b/AWSLogs/", "ACCOUNT", "REGION", "ACCOUNT REGION"},
		{"s3://b/logs/", "s3://b/logs/AWSLogs/", "ACCOUNT", "REGION", "ACCOUNT REGION"},
		{"s3://b/AWSLogs/AWSLogs/o-abcdefghij", "s3://b/AWSLogs/AWSLogs/o-abcdefghij/", "ACCOUNT", "REGION", "ACCOUNT REGION"},
		{"s3://b/AWSLogs/111122223333", "s3://b/AWSLogs/", "111122223333", "REGION", "REGION"},
		{"s3://b/AWSLogs/111122223333/CloudTrail/us-east-1/", "s3://b/AWSLogs/", "111122223333", "us-east-1", ""},
	} {
		l := Unlisted(test.place, days, now)
		if l.Trail != test.trail || strings.Join(l.Accounts, " ") != test.accounts || strings.Join(l.Regions, " ") != test.regions || strings.Join(l.Missing(), " ") != test.missing {
			t.Errorf("%s: %+v, missing %q", test.place, l, l.Missing())
		}
		if from, to := l.From.Format(time.DateOnly), l.To.Format(time.DateOnly); from != "2026-11-28" || to != "2026-12-01" {
			t.Errorf("days %s to %s", from, to)
		}
		table := Table{Schema: "logs", Location: l.Trail, Accounts: l.Accounts, Regions: l.Regions}
		if err := table.Check(); err != nil || strings.Contains(table.Athena(), "'projection.region.type'='injected'") != (test.regions == Region) {
			t.Errorf("%v, %s", err, table.Athena())
		}
	}
	if l := Unlisted("s3://b", logs.Days{}, now); l.From.Format(time.DateOnly) != "2013-11-01" || l.To.Format(time.DateOnly) != "2026-12-01" {
		t.Errorf("%+v", l)
	}
}

// TestManyAccounts: Athena's table stays the same when an account joins, once there are too
// many to list; Trino's lists them all.
func TestManyAccounts(t *testing.T) {
	var accounts []string
	for i := range maxEnum {
		accounts = append(accounts, fmt.Sprintf("%012d", i))
	}
	few := Table{Schema: "logs", Location: root, Accounts: accounts, Regions: []string{"us-east-1"}}
	many, more := few, few
	many.Accounts = append(slices.Clip(accounts), "111122223333")
	more.Accounts = append(slices.Clip(many.Accounts), "444455556666")
	if !strings.Contains(few.Athena(), "'projection.account.type'='enum'") || !strings.Contains(many.Athena(), "'projection.account.type'='injected',") || strings.Contains(many.Athena(), "projection.account.values") {
		t.Error(many.Athena())
	}
	if few.Qualified() == many.Qualified() || many.Qualified() != more.Qualified() {
		t.Error(few.Qualified(), many.Qualified(), more.Qualified())
	}
	many.Catalog, more.Catalog = "hive", "hive"
	if many.Qualified() == more.Qualified() || !strings.Contains(more.Trino(), "'444455556666'") {
		t.Error(many.Qualified(), more.Qualified())
	}
}

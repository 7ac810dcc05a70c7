package conformance

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/awstest/athena"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/sqlengine"
	"github.com/monitorctl/monitorctl/internal/trino"
)

// A trail is a folder of log files in every place that is replayed from.
type trail struct {
	lab     *lab
	trino   *trinoCluster
	athena  *athena.Server
	address string // of athena
	name    string // of the folder and of the bucket
	dir     string // of the folder
	below   string // the folder that is replayed, in a bucket; "" for all of it
}

// newTrails prepares the engines: a Trino, and an Athena in front of it.
func newTrails(t *testing.T) (*lab, *trinoCluster, func(name string) *trail) {
	t.Helper()
	if os.Getenv(trinoHome) == "" {
		newTrino(t, "") // skips, before anything is built
	}
	l := newLab(t)
	c := newTrino(t, l.url)
	if err := os.MkdirAll(filepath.Join(c.store, "schema"), 0o700); err != nil {
		t.Fatal(err)
	}
	c.rows(t, "CREATE SCHEMA hive.monitorctl WITH (location = 'local:///schema')")
	server := &athena.Server{Output: "s3://results/", Run: c.asAthena}
	front := httptest.NewServer(server)
	t.Cleanup(front.Close)
	return l, c, func(name string) *trail {
		return &trail{lab: l, trino: c, athena: server, address: front.URL, name: name, dir: filepath.Join(c.store, name)}
	}
}

// asAthena runs Athena's statements.
func (c *trinoCluster) asAthena(ctx context.Context, database, statement string, maxBytes int64) (athena.Answer, error) {
	s, err := trino.Open(trino.Config{URL: c.url, User: "athena", Catalog: "s3", Schema: database, MaxBytes: maxBytes})
	if err != nil {
		return athena.Answer{}, err
	}
	defer s.Close()
	var a athena.Answer
	stats, err := s.Query(ctx, statement, func(row []string) error {
		var cells []*string
		for i := range row {
			cells = append(cells, new(row[i]))
		}
		a.Rows = append(a.Rows, cells)
		return nil
	})
	if len(a.Rows) > 0 {
		for i := range a.Rows[0] {
			a.Columns = append(a.Columns, fmt.Sprintf("_col%d", i))
		}
	} else {
		a.Columns = []string{"_col0"}
	}
	a.Scanned = stats.Scanned
	return a, err
}

// put puts a file into the folder and the bucket.
func (tr *trail) put(t *testing.T, key string, data []byte) {
	t.Helper()
	file := filepath.Join(tr.dir, filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	tr.upload(t, key, data)
}

// upload makes the bucket, with an empty key, or an object of it.
func (tr *trail) upload(t *testing.T, key string, data []byte) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPut, tr.lab.url+"/"+path.Join(tr.name, key), bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+keyID+"/20261130/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("putting %s into the emulator: %s", key, resp.Status)
	}
}

// The places and engines that a trail is replayed from.
const (
	fromFolder      = "folder, here"
	fromBucket      = "bucket, here"
	trinoFromFolder = "folder, on Trino"
	trinoFromBucket = "bucket, on Trino"
	athenaOnBucket  = "bucket, on Athena"
)

var everywhere = []string{fromFolder, fromBucket, trinoFromFolder, trinoFromBucket, athenaOnBucket}

// command is a replay.
func (tr *trail) command(how string, args ...string) command {
	onTrino := []string{"--engine", "trino", "--trino", tr.trino.url, "--trino-schema", "monitorctl"}
	bucket := "s3://" + tr.name + tr.below
	var list []string
	switch how {
	case fromFolder:
		list = []string{tr.dir, "--engine", "local"}
	case fromBucket:
		list = []string{bucket, "--engine", "local"}
	case trinoFromFolder:
		list = slices.Concat([]string{tr.dir, "--engine-location", "local:///" + tr.name}, onTrino)
	case trinoFromBucket:
		list = slices.Concat([]string{bucket, "--trino-catalog", "s3"}, onTrino)
	case athenaOnBucket:
		list = []string{bucket, "--engine", "athena", "--database", "monitorctl"}
	}
	return monitorctl(slices.Concat([]string{"replay"}, list, []string{"-o", "json", "--quiet", "--show-unreadable"}, args)...).
		with("AWS_REGION=us-east-1", endpoint+tr.lab.url, "AWS_ENDPOINT_URL_ATHENA="+tr.address)
}

// An enginePart is what of a report depends on who read the files.
type enginePart struct {
	Name      string
	Files     int `json:"filesRead"`
	Bytes     int64
	Exact     []string
	Statement string
	Queries   []string
	Here      int `json:"filesReadHere"`
}

// report replays, and returns the report without what depends on the engine, and names
// of files as they are in the folder.
func (tr *trail) report(t *testing.T, want int, how string, args ...string) (string, enginePart) {
	t.Helper()
	out := tr.lab.exits(t, want, tr.command(how, args...)).stdout
	var tree map[string]any
	if err := json.Unmarshal([]byte(out), &tree); err != nil {
		t.Fatalf("%s: %v\n%s", how, err, out)
	}
	data, err := json.Marshal(tree["engine"])
	if err != nil {
		t.Fatal(err)
	}
	var e enginePart
	if err := json.Unmarshal(data, &e); err != nil {
		t.Fatal(err)
	}
	from, rest, ok := strings.Cut(out, `"engine": {`)
	_, behind, closed := strings.Cut(rest, "  },\n")
	if !ok || !closed {
		t.Fatalf("no engine in %s", out)
	}
	return strings.ReplaceAll(from+behind, "s3://"+tr.name, filepath.ToSlash(tr.dir)), e
}

// same replays everywhere and demands one report, to the byte.
func (tr *trail) same(t *testing.T, want int, args ...string) (string, map[string]enginePart) {
	t.Helper()
	parts := map[string]enginePart{}
	first := ""
	for _, how := range everywhere {
		got, e := tr.report(t, want, how, args...)
		parts[how] = e
		switch {
		case first == "":
			first = got
		case got != first:
			t.Errorf("%s differs from %s (-%[2]s +%[1]s):\n%.6000[3]s", how, fromFolder, cmp.Diff(strings.Split(first, "\n"), strings.Split(got, "\n")))
		}
		if e.Files != parts[fromFolder].Files {
			t.Errorf("%s: %d files, %d in the folder", how, e.Files, parts[fromFolder].Files)
		}
	}
	return first, parts
}

// TestTrino asks the real engine, and Athena in front of it.
func TestTrino(t *testing.T) {
	l, c, trails := newTrails(t)
	t.Run("vectors", func(t *testing.T) { testSQLVectors(t, c) })
	t.Run("bounds", func(t *testing.T) { testBounds(t, c) })
	samples := trails("samples")
	fillSamples(t, samples)
	catalogPatterns := everyPattern(t, l)
	alone := ""
	t.Run("samples", func(t *testing.T) { alone = testSamples(t, samples, catalogPatterns) })
	t.Run("documented table", func(t *testing.T) { testDocumentedTable(t, samples) })
	t.Run("bad files", func(t *testing.T) { testBadFiles(t, trails("bad")) })
	t.Run("pruning", func(t *testing.T) { testPruning(t, trails("days")) })
	t.Run("refusals", func(t *testing.T) { testRefusals(t, samples) })
	t.Run("interruption", func(t *testing.T) { testEngineInterrupted(t, c) })
	t.Run("worker", func(t *testing.T) {
		if alone == "" { // samples was not run
			alone, _ = samples.report(t, 1, trinoFromFolder, catalogPatterns...)
		}
		c.worker(t)
		both, _ := samples.report(t, 1, trinoFromFolder, catalogPatterns...)
		if alone != both {
			t.Errorf("one node and two (-one +two):\n%.3000s", cmp.Diff(strings.Split(alone, "\n"), strings.Split(both, "\n")))
		}
	})
}

// fillSamples puts the sample logs into folders as CloudTrail makes them.
func fillSamples(t *testing.T, tr *trail) {
	t.Helper()
	tr.upload(t, "", nil)
	files, err := filepath.Glob("../../testdata/cloudtrail/*_CloudTrail_*")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d samples: %v", len(files), err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		tr.put(t, "AWSLogs/218007301253/CloudTrail/us-east-1/2023/07/10/"+filepath.Base(f), data)
	}
}

// everyPattern is a flag for each pattern of the catalog, of all versions, that an
// engine can match.
func everyPattern(t *testing.T, l *lab) []string {
	t.Helper()
	var flags []string
	seen := map[string]bool{}
	for _, control := range l.catalog.Of(catalog.AWS).Controls {
		texts := control.Patterns
		for _, b := range catalog.Benchmarks() {
			texts = append(slices.Clip(texts), append(control.Texts(b), control.Writes(b))...)
		}
		for _, text := range texts {
			if text.Text == "" || seen[text.Text] {
				continue
			}
			seen[text.Text] = true
			p, err := pattern.Parse(text.Text)
			if err != nil {
				t.Fatal(err)
			}
			if p.Kind() == pattern.KindJSON {
				flags = append(flags, "--pattern", fmt.Sprintf("%s-%d=%s", control.ID, len(flags), text.Text))
			}
		}
	}
	if len(flags) < 2*25 {
		t.Fatalf("%d patterns", len(flags)/2)
	}
	return append(flags, "--patterns-only", "--evidence", "5", "--pattern", `asterisk={ $.eventName = "L*ts" || $.userAgent != "*a*b*" }`, "--pattern", `order={ $.additionalEventData.bytesTransferredOut > 1e3 }`)
}

// testSamples returns the report of all patterns.
func testSamples(t *testing.T, tr *trail, patterns []string) string {
	t.Helper()
	all, parts := tr.same(t, 1, patterns...) // the asterisk leaves events undetermined
	if strings.Count(all, `"record": {`) < 20 || !strings.Contains(all, `"events": 2900`) {
		t.Errorf("the report says too little: %.1000s", all)
	}
	for how, e := range parts {
		if here := how == fromFolder || how == fromBucket; !here && (len(e.Queries) < 2 || e.Statement == "" || e.Bytes == 0) {
			t.Errorf("%s: %+v", how, e)
		}
	}
	snapshot := "../../testdata/judging/baseline.json"
	for _, args := range [][]string{
		{"--patterns-only", "--set", "cis", "--suggest", "--noise", "0", "--from", "2023-07-10T11:50:00Z", "--to", "2023-07-10T12:20:00Z"},
		{"--patterns-only", "--set", "cis", "--clock", "delivery", "--from", "2023-07-10T12:00:00Z", "--instead", `root-usage={ $.userIdentity.type != "Root" }`},
		{"--snapshot", snapshot, "--set", "cis", "--evidence", "0"},
	} {
		first, _ := tr.report(t, 0, fromFolder, args...)
		for _, how := range []string{trinoFromFolder, athenaOnBucket} {
			if got, _ := tr.report(t, 0, how, args...); got != first {
				t.Errorf("%v: %s differs:\n%.4000s", args, how, cmp.Diff(strings.Split(first, "\n"), strings.Split(got, "\n")))
			}
		}
	}
	return all
}

// badRecord is a record, with fields changed.
func badRecord(id, at, name string, fields ...string) string {
	r := map[string]any{
		"eventVersion": "1.11", "eventTime": at, "eventName": name, "eventSource": "ec2.amazonaws.com", "awsRegion": "us-east-1", "recipientAccountId": "111122223333",
		"eventID": id, "userIdentity": map[string]any{"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ann"}, "sourceIPAddress": "192.0.2.1", "userAgent": "aws-cli/2",
	}
	for i := 0; i < len(fields); i += 2 {
		if fields[i+1] == "" {
			delete(r, fields[i])
			continue
		}
		r[fields[i]] = json.RawMessage(fields[i+1])
	}
	data, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	return string(data)
}

func records(list ...string) string { return `{"Records":[` + strings.Join(list, ",") + `]}` }

func packed(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// testBadFiles: what an engine reads in another way, or not at all, is in every report,
// and every report is the same.
func testBadFiles(t *testing.T, tr *trail) {
	tr.upload(t, "", nil)
	const folder = "pre fix/AWSLogs/o-abcdefghij/111122223333/CloudTrail/"
	n := 0
	put := func(data []byte) {
		n++
		tr.put(t, fmt.Sprintf("%sus-east-1/2026/11/01/111122223333_CloudTrail_us-east-1_20261101T10%02dZ_%016d.json.gz", folder, n%60, n), data)
	}
	const at = "2026-11-01T10:00:00Z"
	one := func(id string, fields ...string) string { return badRecord(id, at, "CreateVpc", fields...) }
	long := strings.Repeat("x", 300_000)
	for i := range 20 {
		put(packed(t, records(one(fmt.Sprintf("id%d", i)), badRecord(fmt.Sprintf("d%d", i), fmt.Sprintf("2026-11-01T10:%02d:05Z", i), "DeleteVpc"))))
	}
	for _, text := range []string{
		records(one("id1")), // a copy
		records(one("", "eventID", ""), one("", "eventID", "")), // without an id
		records(one("behind")) + "x",
		records(one("first")) + records(one("second")),
		strings.ReplaceAll(records(one("pretty")), ",", ",\n"),
		"no JSON", `{"Records":[{"eventName":"CreateVpc"`, "", records(), `{"foo":1}`, "[" + one("bare") + "]",
		records(one("untimed", "eventTime", "")), records(one("zone", "eventTime", `"2026-11-01T10:00:00+01:00"`)), records(one("day", "eventTime", `"2026-02-31T10:00:00Z"`)),
		records(one("large", "big", `"`+long+`"`)), records(one("wide", "big", `"`+strings.Repeat("é", 150_000)+`"`)),
		records(one("kinds"), "7", "null", `"x"`, "[1]"),
		records(badRecord("early", "2026-10-01T00:00:00Z", "CreateVpc"), badRecord("late", "2026-11-03T00:00:00Z", "CreateVpc")),
		records(one("returns")) + "\r\n", "\ufeff" + records(one("mark")),
		records(one("quote", "eventName", `"x'; DROP TABLE t; --"`), one("strange", "eventName", `"Cré😀te"`, "userIdentity", "", "sourceIPAddress", "5")),
		`{"Records":[` + one("twice") + `],"Records":[` + one("again") + `]}`,
		records(one("huge", "count", "1e309"), one("small", "count", "1")),
	} {
		put(packed(t, text))
	}
	put(nil)
	cut := packed(t, records(one("cut")))
	put(cut[:len(cut)-9])
	put(cut[:len(cut)-20])
	tr.put(t, folder+"us-east-1/2026/11/01/other.json.gz", packed(t, records(one("other"))))
	tr.put(t, folder+"us-east-1/2026/11/01/111122223333_CloudTrail-Digest_us-east-1_x_us-east-1_20261101T100000Z.json.gz", packed(t, "{}"))
	tr.put(t, folder+"eu-west-1/2026/11/02/111122223333_CloudTrail_eu-west-1_20261102T1000Z_0000000000000001.json", []byte(records(one("plain"))))
	tr.put(t, folder+"eu-west-1/2026/12/24/111122223333_CloudTrail_eu-west-1_20261224T1000Z_0000000000000001.json.gz", packed(t, records(one("december"))))
	got, parts := tr.same(t, 1, "--patterns-only", "--pattern", "vpc={ $.eventName = *Vpc }", "--pattern", "no={ $.requestParameters NOT EXISTS }", "--pattern", "doubt={ $.count != 2 }",
		"--from", "2026-11-01", "--to", "2026-11-03")
	for _, want := range []string{`"copies": 1`, `"oversize": 2`, `"late": 3`, `"noRecords": 5`, `"digest": 1`, `"other": 1`, `"incomplete": true`, "the file is cut off", "not a CloudTrail log file"} {
		if !strings.Contains(got, want) {
			t.Errorf("the report does not say %s", want)
		}
	}
	if here := parts[athenaOnBucket].Here; here < 15 || here > 25 {
		t.Errorf("%d files were read here", here)
	}
}

// testPruning: a day, a region and an account are all that is read of them, and slices add
// up.
func testPruning(t *testing.T, tr *trail) {
	tr.upload(t, "", nil)
	for _, day := range []string{"01", "02", "03", "04"} {
		for _, place := range []string{"111122223333 eu-west-1", "111122223333 us-east-1", "444455556666 eu-west-1", "444455556666 us-east-1"} {
			account, region, _ := strings.Cut(place, " ")
			noise := make([]string, 100)
			for i := range noise {
				noise[i] = badRecord(fmt.Sprintf("%s%s%d", day, place, i), "2026-11-"+day+"T10:00:00Z", "CreateVpc", "noise", fmt.Sprintf(`"%x"`, time.Duration(i*7919*7919)))
			}
			tr.put(t, fmt.Sprintf("AWSLogs/%s/CloudTrail/%s/2026/11/%s/%[1]s_CloudTrail_%[2]s_202611%[3]sT1000Z_0000000000000001.json.gz", account, region, day), packed(t, records(noise...)))
		}
	}
	vpc := []string{"--patterns-only", "--pattern", "vpc={ $.eventName = CreateVpc }"}
	day := slices.Concat(vpc, []string{"--from", "2026-11-01", "--to", "2026-11-02"}) // and the day behind it, twice: records come late
	for _, how := range []string{trinoFromFolder, trinoFromBucket, athenaOnBucket} {
		whole, all := tr.report(t, 0, how, vpc...)
		_, three := tr.report(t, 0, how, day...)
		if all.Files != 16 || three.Files != 12 || three.Bytes*10 > all.Bytes*8 || three.Bytes*10 < all.Bytes*7 {
			t.Errorf("%s: all days %+v, three of four %+v", how, all, three)
		}
		report, slices := tr.report(t, 0, how, append(vpc, "--slice", "1")...)
		if len(slices.Queries) != 1+4 || report != whole {
			t.Errorf("%s: %d statements for four days", how, len(slices.Queries))
		}
		if how == trinoFromFolder {
			continue
		}
		region := *tr
		region.below = "/AWSLogs/444455556666/CloudTrail/us-east-1"
		if _, one := region.report(t, 0, how, day...); one.Files != 3 || one.Bytes*100 > all.Bytes*23 || one.Bytes*100 < all.Bytes*15 {
			t.Errorf("%s: all %+v, one region of one account on three days %+v", how, all, one)
		}
	}
}

// testRefusals: what cannot be answered is said, with the right exit code.
func testRefusals(t *testing.T, tr *trail) {
	mine := []string{"--patterns-only", "--pattern", "mine={ $.eventName = CreateVpc }"}
	says := func(code int, how, want string, args ...string) {
		t.Helper()
		r := tr.lab.exits(t, code, tr.command(how, args...))
		if !strings.Contains(r.stderr+r.stdout, want) {
			t.Errorf("%s %v does not say %q:\n%s%s", how, args, want, r.stdout, r.stderr)
		}
	}
	for _, how := range []string{trinoFromFolder, athenaOnBucket} {
		says(2, how, "searches the text of records", "--patterns-only", "--pattern", "text=AccessDenied")
		says(1, how, "--max-bytes allows 1000", append(mine, "--max-bytes", "1000")...)
		says(1, how, "does not exist", append(mine, "--table", "nowhere")...)
		says(2, how, "an engine reads one location", append(mine, t.TempDir())...)
	}
	tr.trino.rows(t, "CREATE TABLE hive.monitorctl.other (eventname varchar, line varchar)")
	says(1, trinoFromFolder, "it has no column timestamp", append(mine, "--table", "other")...)
	says(1, trinoFromFolder, "replay creates nothing but its table", append(mine, "--trino-schema", "nowhere")...)
	says(1, trinoFromFolder, `"incomplete": true`, append(mine, "--from", "2026-01-01", "--to", "2026-01-02")...)
	says(0, trinoFromFolder, `"name": "trino"`, mine...)
	limited(t, tr.trino)
	a := tr.athena
	defer func() { a.Expired, a.Cutoff, a.Flaky, a.Enforced, a.Hang = false, 0, 0, false, false }()
	a.Expired = true
	says(1, athenaOnBucket, "the credentials have expired", mine...)
	a.Expired, a.Cutoff = false, 1000
	says(1, athenaOnBucket, "the workgroup allows 1000", mine...)
	a.Cutoff, a.Flaky, a.Enforced = 0, 1, true
	says(0, athenaOnBucket, `"complete": true`, mine...)
	// The engine dies half-way.
	dying := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "gone", http.StatusInternalServerError)
	}))
	defer dying.Close()
	says(1, trinoFromFolder, "500", append(mine, "--trino", dying.URL)...)
}

// testEngineInterrupted: a statement that nobody waits for any more ends on the server.
func testEngineInterrupted(t *testing.T, c *trinoCluster) {
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("Ctrl-C")
	time.AfterFunc(2*time.Second, func() { cancel(why) })
	engine := c.open(t, trino.Config{Catalog: "hive"})
	stats, err := engine.Query(ctx, "SELECT count(*) FROM UNNEST(sequence(1, 10000)) CROSS JOIN UNNEST(sequence(1, 10000)) CROSS JOIN UNNEST(sequence(1, 10000))", func([]string) error { return nil })
	if !errors.Is(err, why) {
		t.Fatalf("%+v: %v", stats, err)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		var list []struct {
			State     string
			Query     string
			ErrorCode struct{ Name string }
		}
		if err := get(c.url+"/v1/query", &list); err != nil {
			t.Fatal(err)
		}
		for _, q := range list {
			if strings.Contains(q.Query, "sequence(1, 10000)") && q.ErrorCode.Name == "USER_CANCELED" {
				return
			}
		}
		if time.Now().After(end) {
			t.Fatalf("the statement was not cancelled: %+v", list)
		}
	}
}

// limited: the server keeps the limit, too. It looks once a second, so that the statement
// must take longer.
func limited(t *testing.T, c *trinoCluster) {
	t.Helper()
	table := ""
	for _, row := range c.rows(t, "SELECT table_name FROM hive.information_schema.tables WHERE table_schema = 'monitorctl' AND table_name LIKE 'monitorctl_trail%'") {
		if definition := c.rows(t, "SHOW CREATE TABLE hive.monitorctl."+row[0]); strings.Contains(definition[0][0], "local:///samples/") {
			table = row[0]
		}
	}
	if table == "" {
		t.Fatal("no table was created")
	}
	var limit *sqlengine.LimitError
	_, err := c.open(t, trino.Config{Catalog: "hive", Schema: "monitorctl", MaxBytes: 10}).Query(t.Context(), "SELECT count(line) FROM "+table+" CROSS JOIN UNNEST(sequence(1, 10000)) CROSS JOIN UNNEST(sequence(1, 10000)) WHERE day = '2023/07/10'", func([]string) error { return nil })
	if !errors.As(err, &limit) {
		t.Errorf("no limit: %v", err)
	}
}

package cmd

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// A trailBucket is a bucket with the files of a directory, as S3 shows it.
type trailBucket struct {
	dir   string
	names []string
	asked []string
}

func (b *trailBucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.asked = append(b.asked, r.URL.String())
	if name := strings.TrimPrefix(r.URL.Path, "/trail/copies/"); name != r.URL.Path {
		data, err := os.ReadFile(filepath.Join(b.dir, filepath.Base(name)))
		if err != nil {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = w.Write(data)
		return
	}
	if r.URL.Query().Get("delimiter") != "" {
		fmt.Fprint(w, `<ListBucketResult><Name>trail</Name></ListBucketResult>`)
		return
	}
	fmt.Fprint(w, `<ListBucketResult><Name>trail</Name>`)
	for _, name := range b.names {
		info, err := os.Stat(filepath.Join(b.dir, name))
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		fmt.Fprintf(w, `<Contents><Key>copies/%s</Key><Size>%d</Size></Contents>`, name, info.Size())
	}
	fmt.Fprint(w, `</ListBucketResult>`)
}

// TestReplayBucket: files in a bucket give the same as the same files in a directory, to
// the byte but for the names of the files.
func TestReplayBucket(t *testing.T) {
	dir := filepath.Join("..", "testdata", "cloudtrail")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	b := &trailBucket{dir: dir}
	for _, e := range entries {
		b.names = append(b.names, e.Name())
	}
	server := httptest.NewServer(b)
	defer server.Close()
	run := func(place string) string {
		var out, errs bytes.Buffer
		args := []string{"replay", place, "--patterns-only", "--set", "cis", "--workers", "1", "-o", "json", "--endpoint-url", server.URL}
		vars := []string{"AWS_ACCESS_KEY_ID=AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true", "HOME=" + t.TempDir()}
		for _, v := range vars {
			name, value, _ := strings.Cut(v, "=")
			t.Setenv(name, value)
		}
		if code := Main(args, strings.NewReader(""), &out, &errs, vars); code != exit.Done {
			t.Fatalf("%s: exit code %d: %s", place, code, errs.String())
		}
		return out.String()
	}
	local := run(dir)
	remote := strings.ReplaceAll(run("s3://trail/copies"), "s3://trail/copies", dir)
	if local != remote {
		t.Errorf("local:\n%.3000s\nremote:\n%.3000s", local, remote)
	}
	if !strings.Contains(local, `"control": "vpc-changes"`) || len(b.asked) < len(b.names) {
		t.Error("the test compares nothing")
	}
}

// TestReplayListingHints: what to do about a bucket that cannot be listed follows the cause.
func TestReplayListingHints(t *testing.T) {
	for _, tt := range []struct {
		status     int
		code, hint string
		keys       []string
	}{
		{http.StatusForbidden, "AccessDenied", "'monitorctl permissions replay s3://trail' prints the policy", []string{"AWS_ACCESS_KEY_ID=AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret"}},
		{http.StatusNotFound, "NoSuchBucket", "without a LOCATION, replay reads the one to which its trail delivers", []string{"AWS_ACCESS_KEY_ID=AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret"}},
		{http.StatusBadRequest, "ExpiredToken", "the credentials have expired: renew them", []string{"AWS_ACCESS_KEY_ID=AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret"}},
		{0, "finding credentials", "set --profile or AWS_PROFILE", nil},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(tt.status)
			fmt.Fprintf(w, `<Error><Code>%s</Code><Message>as the test says</Message></Error>`, tt.code)
		}))
		vars := append([]string{"AWS_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true", "HOME=" + t.TempDir()}, tt.keys...)
		t.Setenv("AWS_ACCESS_KEY_ID", "")
		t.Setenv("AWS_SECRET_ACCESS_KEY", "")
		for _, v := range vars {
			name, value, _ := strings.Cut(v, "=")
			t.Setenv(name, value)
		}
		var out, errs bytes.Buffer
		code := Main([]string{"replay", "s3://trail", "--patterns-only", "--endpoint-url", server.URL}, strings.NewReader(""), &out, &errs, vars)
		server.Close()
		if code != exit.Failed || out.Len() > 0 || !strings.Contains(errs.String(), tt.code) || !strings.Contains(errs.String(), "hint: ") || !strings.Contains(errs.String(), tt.hint) {
			t.Errorf("%s: exit code %d, %s%s", tt.code, code, out.String(), errs.String())
		}
	}
}

// TestReplayBadFiles: what cannot be read is named with its cause, whether it lies in a
// directory or in a bucket, and the rest counts.
func TestReplayBadFiles(t *testing.T) {
	zip := func(text string) []byte {
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
	record := func(id string) string {
		return `{"eventTime":"2026-11-30T09:00:10Z","eventID":"` + id + `","eventName":"DeleteTrail","eventSource":"cloudtrail.amazonaws.com","awsRegion":"eu-central-1","recipientAccountId":"` + demoAccount + `"}`
	}
	log := func(ids ...string) string {
		var list []string
		for _, id := range ids {
			list = append(list, record(id))
		}
		return `{"Records":[` + strings.Join(list, ",") + `]}`
	}
	good := zip(log("1", "2"))
	sum := bytes.Clone(good)
	sum[len(sum)-8] ^= 1
	bad := map[string]struct {
		data  []byte
		cause string
	}{
		"cut":     {zip(log("3", "4") + strings.Repeat(" ", 5000))[:120], "the file is cut off, or still being written"},
		"sum":     {sum, "invalid checksum"},
		"behind":  {append(bytes.Clone(good), "something else"...), "invalid header"},
		"text":    {[]byte("hello"), "not a CloudTrail log file"},
		"other":   {[]byte(`{"Resources":[]}`), "not a CloudTrail log file"},
		"broken":  {[]byte(`{"Records":[{"eventTime":}]}`), "it is not JSON"},
		"nothing": {nil, "not a CloudTrail log file"},
		"bomb":    {zip(`{"Records":[` + strings.Repeat(" ", 3<<20) + record("5") + `]}`), "it is larger than 2 MB"},
	}
	objects := map[string][]byte{}
	add := func(name string, data []byte) {
		const day = "AWSLogs/" + demoAccount + "/CloudTrail/eu-central-1/2026/11/30/" + demoAccount + "_CloudTrail_eu-central-1_20261130T0905Z_"
		objects[day+name+".json.gz"] = data
	}
	add("good", good)
	for name, b := range bad {
		add(name, b.data)
	}
	// A second trail has the same events, under a prefix that looks like something else.
	objects["o-abcdef1234/AWSLogs/o-abcdef1234/"+demoAccount+"/CloudTrail/eu-central-1/2026/11/30/"+demoAccount+"_CloudTrail_eu-central-1_20261130T0906Z_same.json.gz"] = good
	l := newCmdLab(t)
	l.region.Bucket("trail", "", objects)
	dir := t.TempDir()
	for name, data := range objects {
		file := filepath.Join(dir, filepath.FromSlash(name))
		l.must(os.MkdirAll(filepath.Dir(file), 0o700))
		l.must(os.WriteFile(file, data, 0o600))
	}
	for _, places := range [][]string{{dir}, {"s3://trail/AWSLogs", "s3://trail/o-abcdef1234"}} {
		args := append([]string{"replay", "--patterns-only", "--control", "cloudtrail-config-changes", "--max-unpacked", "2097152", "-o", "json"}, places...)
		r := l.want(exit.Failed, args...)
		var report struct {
			Incomplete bool
			Controls   []struct{ Events int }
			Skipped    struct{ Copies int }
			Unreadable []struct{ File, Cause string }
		}
		l.must(json.Unmarshal([]byte(r.out), &report))
		if !report.Incomplete || len(report.Unreadable) != len(bad) {
			t.Errorf("%s: %d files are unreadable, want %d: %+v", places, len(report.Unreadable), len(bad), report.Unreadable)
		}
		for _, u := range report.Unreadable {
			name := strings.TrimSuffix(u.File[strings.LastIndexByte(u.File, '_')+1:], ".json.gz")
			if want := bad[name].cause; want == "" || !strings.Contains(u.Cause, want) {
				t.Errorf("%s: %s: %q, want %q", places, name, u.Cause, want)
			}
		}
		// What was read of a file before it breaks counts: of "cut", "sum" and "behind", too.
		if events := report.Controls[0].Events; events < 2 || events > 4 || report.Skipped.Copies < 2 {
			t.Errorf("%s: %d events, %d copies", places, events, report.Skipped.Copies)
		}
	}
	r := l.want(exit.Failed, "replay", "s3://trail/AWSLogs", "--patterns-only", "--from", "2025-01-01", "--to", "2025-01-02")
	if !strings.Contains(r.out, "No log files were found between 2025-01-01 00:00 and 2025-01-02 00:00") {
		t.Error(r.out)
	}
}

// TestReplayTrailBucket: without a LOCATION the log files are those of the account's trail,
// live and from a snapshot.
func TestReplayTrailBucket(t *testing.T) {
	l := newCmdLab(t)
	file := filepath.Join(t.TempDir(), "account.json")
	l.want(exit.Done, "snapshot", "--file", file)
	snap, err := collect.Load(context.Background(), file, nil)
	l.must(err)
	trail := snap.Accounts[0].Trails[0]
	if trail.Bucket == "" || trail.LogGroupARN == "" {
		t.Fatalf("the snapshot does not say where the trail delivers: %+v", trail)
	}
	folder := "AWSLogs/" + demoAccount
	if trail.Organization {
		folder = "AWSLogs/o-abcdef1234/" + demoAccount
	}
	if trail.BucketPrefix != "" {
		folder = trail.BucketPrefix + "/" + folder
	}
	record := `{"Records":[{"eventTime":"2026-11-30T09:00:10Z","eventID":"1","eventName":"DeleteTrail","eventSource":"cloudtrail.amazonaws.com","awsRegion":"eu-central-1","recipientAccountId":"` + demoAccount + `"}]}`
	l.region.Bucket(trail.Bucket, "", map[string][]byte{folder + "/CloudTrail/eu-central-1/2026/11/30/" + demoAccount + "_CloudTrail_eu-central-1_20261130T0905Z_a.json": []byte(record)})
	for _, more := range [][]string{nil, {"--snapshot", file}} {
		r := l.want(exit.Done, append([]string{"replay", "--control", "cloudtrail-config-changes", "-o", "json"}, more...)...)
		if !strings.Contains(r.out, `"events": 1,`) || !strings.Contains(r.err, "the trail's log files are in s3://"+trail.Bucket+"/") {
			t.Errorf("%v: %s", more, r.all())
		}
	}
	if r := l.want(exit.WrongUsage, "replay", "--patterns-only"); !strings.Contains(r.err, "it does not ask an account where they are") {
		t.Error(r.err)
	}
}

package cmd

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
		fmt.Fprintf(w, `<Contents><Key>copies/%s</Key><Size>1</Size></Contents>`, name)
	}
	fmt.Fprint(w, `</ListBucketResult>`)
}

// TestReplayBucket: files in a bucket give the same as the same files in a directory, to
// the byte but for the names and sizes of the files.
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
	cut := func(text string) string {
		head, rest, _ := strings.Cut(text, `"packedBytes"`)
		_, rest, _ = strings.Cut(rest, "\n")
		return head + rest
	}
	if cut(local) != cut(remote) {
		t.Errorf("local:\n%.3000s\nremote:\n%.3000s", local, remote)
	}
	if !strings.Contains(local, `"control": "vpc-changes"`) || len(b.asked) < len(b.names) {
		t.Error("the test compares nothing")
	}
}

// Package patterntest reads what the tests of the filter pattern language share: the
// answers of AWS and the sample of CloudTrail records, both below testdata/.
package patterntest

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A Vector is one case of testdata/filter-pattern-vectors.json; most are answers of AWS.
type Vector struct {
	ID         string
	Pattern    string
	Event      string
	Match      bool
	Error      bool   // AWS refuses the pattern
	Confidence string // "uncertain" for those that do not count
	AWSError   string `json:"aws_error"`
}

// Vectors returns all of them, in the order of the file.
func Vectors(tb testing.TB) []Vector {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(root(tb), "testdata", "filter-pattern-vectors.json"))
	if err != nil {
		tb.Fatal(err)
	}
	var list []Vector
	if err := json.Unmarshal(data, &list); err != nil {
		tb.Fatal(err)
	}
	return list
}

// recordCount is the number of records of the sample.
const recordCount = 2900

// Records returns the records of the CloudTrail sample, one message each.
func Records(tb testing.TB) [][]byte {
	tb.Helper()
	paths, err := filepath.Glob(filepath.Join(root(tb), "testdata", "cloudtrail", "*.json*"))
	if err != nil {
		tb.Fatal(err)
	}
	var records [][]byte
	for _, path := range paths {
		var file struct{ Records []json.RawMessage }
		if err := json.Unmarshal(readSample(tb, path), &file); err != nil {
			tb.Fatalf("%s: %v", path, err)
		}
		for _, r := range file.Records {
			records = append(records, r)
		}
	}
	if len(records) != recordCount {
		tb.Fatalf("%d records, want %d", len(records), recordCount)
	}
	return records
}

func readSample(tb testing.TB, path string) []byte {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = f.Close() }() // it was only read from
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			tb.Fatal(err)
		}
	}
	data, err := io.ReadAll(r)
	if err != nil {
		tb.Fatalf("%s: %v", path, err)
	}
	return data
}

// root returns the folder of the module, above the folder that a test runs in.
func root(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		above := filepath.Dir(dir)
		if above == dir {
			tb.Fatal("no go.mod above the folder of the test")
		}
		dir = above
	}
}

package sqlengine

import (
	"strings"
	"testing"
)

// TestFileIn: the texts are Trino's.
func TestFileIn(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"HIVE_CURSOR_ERROR: Failed to read file at s3://trail/AWSLogs/a.json.gz", "s3://trail/AWSLogs/a.json.gz"},
		{"Failed to read file at s3://trail/with blank/a.json: and more", "s3://trail/with blank/a.json"},
		{"Error opening Hive split local:///bad/pre fix/a.json.gz (offset=0, length=245): Unexpected end of ZLIB input stream", "local:///bad/pre fix/a.json.gz"},
		{"Query exhausted resources at this scale factor", ""},
		{"Failed to read file at s3://trail/other.parquet", ""},
	} {
		if got := FileIn(test.text); got != test.want {
			t.Errorf("%s: %q, want %q", test.text, got, test.want)
		}
	}
}

// TestWords: an error is one line of a length that a person reads.
func TestWords(t *testing.T) {
	if got := Words("one\n\ttwo\xff " + strings.Repeat("é", 400)); strings.Contains(got, "\n") || !strings.HasPrefix(got, "one two? é") || len(got) > maxWords+3 || strings.ToValidUTF8(got, "") != got {
		t.Errorf("%q", got)
	}
}

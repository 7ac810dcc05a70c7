package cmd

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/files"
)

func TestEachRecord(t *testing.T) {
	tests := []struct{ name, log, want, err string }{
		{"two", `{"Records":[{"a":1}, {"b":[2]}]}`, `{"a":1} {"b":[2]}`, ""},
		{"none", `{"Records":[]}`, "", ""},
		{"among others", ` {"v":{"Records":[1]},"Records":["x"],"w":null} `, `"x"`, ""},
		{"other case", `{"records":[1]}`, "", `it has no "Records": not a CloudTrail log file`},
		{"null", `{"Records":null}`, "", `it has no "Records": not a CloudTrail log file`},
		{"a list", `[1]`, "", `it has no "Records": not a CloudTrail log file`},
		{"empty", ``, "", `it has no "Records": not a CloudTrail log file`},
		{"twice", `{"Records":[1],"Records":[2]}`, "1", `it has two "Records"`},
		{"no list", `{"Records":{"a":1}}`, "", `its "Records" is no list`},
		{"cut off", `{"Records":[1,`, "1", "EOF"},
		{"cut off behind", `{"Records":[1]`, "1", "EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			err := eachRecord(strings.NewReader(tt.log), func(r []byte) error {
				got = append(got, string(r))
				return nil
			})
			if strings.Join(got, " ") != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.HasSuffix(err.Error(), tt.err) {
				t.Errorf("records %q, error %v; want %q, %q", got, err, tt.want, tt.err)
			}
		})
	}
}

// endless repeats a text for ever.
type endless struct{ text string }

func (e endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		n += copy(p[n:], e.text)
	}
	return n - n%len(e.text), nil
}

// A record without end, and a log without end of small ones, cost bounded memory.
func TestRecordsAreBounded(t *testing.T) {
	err := eachRecord(io.MultiReader(strings.NewReader(`{"Records":["`), endless{"x"}), func([]byte) error { return nil })
	if err == nil || err.Error() != "one of its values is larger than 8 MB" {
		t.Errorf("an endless record: %v", err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := io.WriteString(z, `{"Records":[0`+strings.Repeat(`,{"eventName":"DeleteTrail"}`, 2_000_000)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	unpacked, err := gzip.NewReader(&packed)
	if err != nil {
		t.Fatal(err)
	}
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	n, peak := 0, uint64(0)
	err = eachRecord(unpacked, func([]byte) error {
		if n++; n%200_000 == 0 {
			runtime.ReadMemStats(&now)
			peak = max(peak, now.HeapInuse)
		}
		return nil
	})
	if !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) || n != 2_000_001 {
		t.Errorf("%d records, %v", n, err)
	}
	if used := int64(peak) - int64(before.HeapInuse); used > 32<<20 {
		t.Errorf("56 MB of records took %d MB of memory", used>>20)
	}
}

func TestLogIsBounded(t *testing.T) {
	b := &bounded{in: endless{" "}, value: maxRecord, log: 3}
	data, err := io.ReadAll(b)
	if len(data) != 3 || !errors.As(err, new(*files.LimitError)) || err.Error() != "it is larger than 1024 MB" {
		t.Errorf("%d bytes, %v", len(data), err)
	}
}

package logs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"

	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/scan"
)

func set(tb testing.TB, texts ...string) *scan.Set {
	tb.Helper()
	var list []*pattern.Pattern
	for _, text := range texts {
		p, err := pattern.Parse(text)
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, p)
	}
	return scan.CompileFields(list, []scan.Field{{"eventTime"}})
}

// read returns the messages of a file, each with its number.
func read(r *Reader, in io.Reader) (string, Stats, error) {
	var list []string
	stats, err := r.Read(in, func(m *Message) error {
		list = append(list, fmt.Sprintf("%d:%s", m.Number, m.Text))
		return nil
	})
	return strings.Join(list, "|"), stats, err
}

func pack(tb testing.TB, members ...string) []byte {
	tb.Helper()
	var out bytes.Buffer
	for _, m := range members {
		z := gzip.NewWriter(&out)
		if _, err := io.WriteString(z, m); err != nil {
			tb.Fatal(err)
		}
		if err := z.Close(); err != nil {
			tb.Fatal(err)
		}
	}
	return out.Bytes()
}

func TestRead(t *testing.T) {
	tests := []struct{ name, log, want, err string }{
		{"a log file", `{"Records":[{"a":1}, {"b":[2]}]}`, `1:{"a":1}|2:{"b":[2]}`, ""},
		{"no records", `{"Records":[]}`, "", ""},
		{"among others", ` {"v":{"Records":[1]},"Records":["x"],"w":null} `, `1:"x"`, ""},
		{"several log files", `{"Records":[{"a":1}]}{"Records":[{"a":2}]}` + "\n" + `{"Records":[{"a":3}]}`, `1:{"a":1}|2:{"a":2}|3:{"a":3}`, ""},
		{"a log file over several lines", "{\n \"Records\": [\n  {\n   \"a\": 1\n  }\n ]\n}\n", "1:{\n   \"a\": 1\n  }", ""},
		{"escaped key", `{"\u0052ecords":[{"a":1}]}`, `1:{"a":1}`, ""},
		{"two lists", `{"Records":[1],"Records":[2]}`, "1:1", `it has two "Records"`},
		{"cut off", `{"Records":[{"a":1},`, `1:{"a":1}`, "at byte 20: unexpected EOF: the file is cut off, or still being written"},
		{"cut off in a record", `{"Records":[{"a":1},{"a`, `1:{"a":1}`, "at byte 23: unexpected EOF: the file is cut off, or still being written"},
		{"cut off behind", `{"Records":[{"a":1}]`, `1:{"a":1}`, "at byte 20: unexpected EOF: the file is cut off, or still being written"},
		{"no JSON in it", `{"Records":[{"a":1},{"a":x},{"a":2}]}`, `1:{"a":1}`, "at byte 25: it is not JSON"},
		{"comma at the end", `{"Records":[{"a":1},]}`, `1:{"a":1}`, "at byte 20: it is not JSON"},
		{"no comma", `{"Records":[{"a":1}{"a":2}]}`, `1:{"a":1}`, "at byte 19: it is not JSON"},

		{"lines", "{\"a\":1}\n\n  {\"a\":2}\r\n{\"a\":3}", `1:{"a":1}|3:{"a":2}|4:{"a":3}`, ""},
		{"objects without lines", `{"a":1}{"a":2} {"a":3}`, `1:{"a":1}|1:{"a":2}|1:{"a":3}`, ""},
		{"an object over lines", "{\n\"a\":1}\n{\"a\":2}\n", "1:{\n\"a\":1}|3:{\"a\":2}", ""},
		{"text", "one\r\n  two\n\n[x] {\"a\":1}\n{no} JSON\n{\"a\":1} x\n", `1:one|2:  two|4:[x] {"a":1}|5:{no} JSON|6:{"a":1} x`, ""},
		{"an object cut off", "x\n{\"a\":", "1:x", "at byte 7: unexpected EOF: the file is cut off, or still being written"},
		{"byte order mark", "\ufeff{\"Records\":[{\"a\":1}]}", `1:{"a":1}`, ""},
		{"empty", "", "", ""},

		{"filter-log-events", `{"events":[{"logStreamName":"s","timestamp":1,"message":"{\"a\":\"\\u00e9\"}"},{"message":"text"}],"searchedLogStreams":[]}`, `1:{"a":"\u00e9"}|2:text`, ""},
		{"filter-log-events, sorted", `{"searchedLogStreams":[],"events":[{"message":"x"}]}`, "1:x", ""},
		{"filter-log-events without events", `{"events":[],"searchedLogStreams":[]}`, "", ""},
		{"filter-log-events, an event without message", `{"events":[{"message":"x"},{"m":1}]}`, "1:x", `entry 2 has no "message"`},
		{"an object with events", `{"events":[1,2]}`, `1:{"events":[1,2]}`, ""},
		{"an object with no events", `{"events":[],"level":"info"}`, `1:{"events":[],"level":"info"}`, ""},
		{"subscription", `{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","timestamp":1,"message":"x"}]}`, "1:x", ""},
		{"lookup-events", `{"Events":[{"EventId":"1","CloudTrailEvent":"{\"a\":1}"}]}`, `1:{"a":1}`, ""},
		{"Insights", `{"results":[[{"field":"@timestamp","value":"t"},{"field":"@message","value":"{\"a\":1}"},{"field":"@ptr","value":"p"}]],"status":"Complete"}`, `1:{"a":1}`, ""},
		{"Insights without message", `{"queryLanguage":"CWLI","results":[[{"field":"eventName","value":"x"}]],"status":"Complete"}`, "", "row 1 has no @message: add it to the query: fields @message"},
		{"Insights as CSV", "@timestamp,@message\n2026-01-02 03:04:05.000,\"{\"\"a\"\":1}\"\n\nt,\"two\nlines\"\r\nt,x", `1:{"a":1}|3:two
lines|4:x`, ""},
		{"Insights as CSV, a row cut off", "@message,@ptr\n\"{\"\"a\"\":1}", "", "at byte 24: unexpected EOF: the file is cut off, or still being written"},
		{"Insights as CSV, a short row", "@ptr,@message\np\n", "", "row 1 has no @message"},
		{"text about @message", "the field @message, quoted\nx", "1:the field @message, quoted|2:x", ""},
		{"a list", ` [{"a":1},"x\ny",{"CloudTrailEvent":"r"},{"message":"m","timestamp":1,"eventId":"e"},{"message":"m","timestamp":1}]`,
			"1:{\"a\":1}|2:x\ny|3:r|4:m|5:{\"message\":\"m\",\"timestamp\":1}", ""},
		{"a list of nothing", `[]`, `1:[]`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range []int{windowSize, 1} {
				r := NewReader(set(t, "{$.a=1}"), Options{})
				r.size = size
				for how, in := range map[string]io.Reader{
					"at once": strings.NewReader(tt.log), "byte by byte": iotest.OneByteReader(strings.NewReader(tt.log)),
					"packed": bytes.NewReader(pack(t, tt.log)), "in two members": bytes.NewReader(pack(t, tt.log[:len(tt.log)/2], tt.log[len(tt.log)/2:])),
				} {
					got, stats, err := read(r, in)
					if got != tt.want || textOf(err) != tt.err {
						t.Errorf("%s, window of %d: messages %s, error %v; want %s, %q", how, size, got, err, tt.want, tt.err)
					}
					if want := strings.Count(tt.want, "|") + min(len(tt.want), 1); stats.Messages != want {
						t.Errorf("%s: %d messages, want %d", how, stats.Messages, want)
					}
				}
			}
		})
	}
}

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestReadCloudTrail(t *testing.T) {
	noLog := `it has no "Records": not a CloudTrail log file`
	tests := []struct{ name, log, want, err string }{
		{"a log file", `{"Records":[{"a":1}]}`, `1:{"a":1}`, ""},
		{"other case", `{"records":[1]}`, "", noLog},
		{"null", `{"Records":null}`, "", noLog},
		{"a list", `[1]`, "", noLog},
		{"empty", ``, "", noLog},
		{"no list", `{"Records":{"a":1}}`, "", `its "Records" is not a list`},
		{"one record", `{"eventName":"x"}`, "", noLog},
		{"text behind", `{"Records":[{"a":1}]} text`, `1:{"a":1}`, "at byte 22: it is not JSON"},
		{"text", "x", "", noLog},
	}
	for _, tt := range tests {
		got, _, err := read(NewReader(set(t, "{$.a=1}"), Options{Format: CloudTrail}), strings.NewReader(tt.log))
		if got != tt.want || textOf(err) != tt.err {
			t.Errorf("%s: messages %s, error %v; want %s, %q", tt.name, got, err, tt.want, tt.err)
		}
	}
}

func TestReadQuoted(t *testing.T) {
	got, _, err := read(NewReader(set(t, "{$.a=1}"), Options{Format: Quoted}), strings.NewReader("\"a\\nb\"\n\n \"{}\" \nx\n"))
	if got != "1:a\nb|3:{}" || textOf(err) != "line 4 is not a JSON string" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestVerdicts: what is matched is the message, wherever it came from.
func TestVerdicts(t *testing.T) {
	r := NewReader(set(t, `{ $.a = "x" }`, `"two words"`), Options{})
	var got []string
	_, err := r.Read(strings.NewReader(`{"events":[{"message":"{\"a\":\"x\",\"eventTime\":\"t\"}"},{"message":"two words"}]}`+"\n"+`{"a":"x","eventTime":"u"}`+"\ntwo words\n"), func(m *Message) error {
		got = append(got, fmt.Sprintf("%v %s", m.Verdicts, m.Fields[0]))
		return nil
	})
	if want := "[match no match] t, [no match match] , [match no match] u, [no match match] "; err != nil || strings.Join(got, ", ") != want {
		t.Errorf("got %s, %v; want %s", strings.Join(got, ", "), err, want)
	}
}

// TestOversize: a record that is larger than a record may be is stepped over and
// counted, wherever it is, and the rest is read.
func TestOversize(t *testing.T) {
	long := strings.Repeat(`\"}]`, 100)
	for _, log := range []string{
		`{"Records":[{"a":1},{"a":"` + long + `","b":[{}]},{"a":2}]}`,
		`{"other":"` + long + `","Records":[{"a":1},"` + long + `",{"a":2}]}`,
		"{\"a\":1}\n{\"a\":\"" + long + "\"}\n{\"a\":2}\n",
		"{\"a\":1}\n{\"a\":\n\"" + long + "\"}\n{\"a\":2}\n",
		"{\"a\":1}\n" + long + "\n{\"a\":2}\n",
	} {
		r := NewReader(set(t, "{$.a=1}"), Options{MaxRecord: 64})
		r.size = 32
		got, stats, err := read(r, strings.NewReader(log))
		if strings.HasPrefix(got, "1:{\"a\":1}|") && strings.HasSuffix(got, `:{"a":2}`) && stats.Messages == 2 && stats.Oversize == 1 && err == nil {
			continue
		}
		if strings.HasPrefix(log, `{"other"`) && got == "" { // what it is can only be seen behind what is too long to look past
			if stats.Oversize == 1 && err == nil {
				continue
			}
		}
		t.Errorf("%.40s...: %s, %+v, %v", log, got, stats, err)
	}
	// The limit is the same when the window is larger.
	got, stats, err := read(NewReader(set(t, "{$.a=1}"), Options{MaxRecord: 64}), strings.NewReader(`{"Records":[{"a":1},{"a":"`+long+`"},{"a":2}]}`))
	if got != `1:{"a":1}|3:{"a":2}` || stats.Messages != 2 || stats.Oversize != 1 || err != nil {
		t.Errorf("within the window: %s, %+v, %v", got, stats, err)
	}
	r := NewReader(set(t, "{$.a=1}"), Options{MaxRecord: 64, Format: CloudTrail})
	r.size = 32
	got, stats, err = read(r, strings.NewReader(`{"other":"`+long+`","Records":[{"a":1},"`+long+`",{"a":2}]}`))
	if got != `1:{"a":1}|3:{"a":2}` || stats.Oversize != 1 || err != nil {
		t.Errorf("a long property: %s, %+v, %v", got, stats, err)
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

// TestMemory: neither a record without end nor a file without end of small ones
// takes more memory than the window.
func TestMemory(t *testing.T) {
	for name, tt := range map[string]struct {
		in       io.Reader
		most     int64
		oversize int
	}{
		"an endless record": {io.MultiReader(strings.NewReader(`{"Records":[{"a":"`), endless{"x"}), 40 << 20, 1},
		"endless records":   {io.MultiReader(strings.NewReader(`{"Records":[0`), endless{`,{"eventName":"DeleteTrail"}`}), 8 << 20, 0},
	} {
		var before, now runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		n, peak := 0, uint64(0)
		r := NewReader(set(t, "{$.eventName=DeleteTrail}"), Options{MaxUnpacked: 64 << 20})
		stats, err := r.Read(tt.in, func(*Message) error {
			if n++; n%100_000 == 0 {
				runtime.ReadMemStats(&now)
				peak = max(peak, now.HeapInuse)
			}
			return nil
		})
		runtime.ReadMemStats(&now)
		peak = max(peak, now.HeapInuse)
		if limit := new(files.LimitError); !errors.As(err, &limit) || limit.Limit != 64<<20 {
			t.Errorf("%s: %v", name, err)
		}
		if stats.Oversize != tt.oversize || stats.Messages != n {
			t.Errorf("%s: %+v, %d messages", name, stats, n)
		}
		if used := int64(peak) - int64(before.HeapInuse); used > tt.most {
			t.Errorf("%s took %d MB of memory", name, used>>20)
		}
	}
}

// TestBomb: 10 MB that unpack to 10 GB cost what the limit allows.
func TestBomb(t *testing.T) {
	packed := pack(t, `{"Records":[`+strings.Repeat(" ", 16<<20))
	_, stats, err := read(NewReader(set(t, "{$.a=1}"), Options{MaxUnpacked: 1 << 20}), bytes.NewReader(packed))
	if !errors.As(err, new(*files.LimitError)) || stats.Unpacked > 3<<20 {
		t.Errorf("%+v, %v", stats, err)
	}
}

func TestUnreadable(t *testing.T) {
	packed := pack(t, `{"Records":[{"a":1}]}`+strings.Repeat(" ", 1000))
	wrong := slices.Clone(packed)
	wrong[len(wrong)-8] ^= 1
	for name, data := range map[string][]byte{
		"truncated": packed[:len(packed)-9], "head only": packed[:5], "garbage behind": append(slices.Clone(packed), "junk"...),
		"a wrong checksum": wrong,
	} {
		if got, _, err := read(NewReader(set(t, "{$.a=1}"), Options{}), bytes.NewReader(data)); err == nil || !strings.HasPrefix(err.Error(), "unpacking: ") {
			t.Errorf("%s: %s, error %v", name, got, err)
		}
	}
	broken := errors.New("the disk is broken")
	for _, text := range []string{`{"Records":[`, "te", "", "{", `{"a":1}`} {
		if _, _, err := read(NewReader(set(t, "{$.a=1}"), Options{}), io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken))); !errors.Is(err, broken) {
			t.Errorf("%s: error %v", text, err)
		}
	}
	enough := errors.New("enough")
	for _, text := range []string{`{"Records":[{},{}]}`, "a\nb\n", "{}{}", `{"events":[{"message":"x"}]}`} {
		if _, err := NewReader(set(t, "{$.a=1}"), Options{}).Read(strings.NewReader(text), func(*Message) error { return enough }); !errors.Is(err, enough) {
			t.Errorf("%s: error %v", text, err)
		}
	}
}

// TestSample reads the public sample and compares with encoding/json.
func TestSample(t *testing.T) {
	names, err := filepath.Glob("../../testdata/cloudtrail/*.json*")
	if err != nil || len(names) < 50 {
		t.Fatal(len(names), err)
	}
	r := NewReader(set(t, "{$.a=1}"), Options{})
	r.size = 8 << 10
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		_, err = r.Read(bytes.NewReader(data), func(m *Message) error {
			got = append(got, string(m.Text))
			var record struct{ EventTime string }
			if json.Unmarshal(m.Text, &record) != nil || record.EventTime != string(m.Fields[0]) {
				t.Errorf("%s %d: eventTime %s, want %s", name, m.Number, m.Fields[0], record.EventTime)
			}
			return nil
		})
		if err != nil {
			t.Fatal(name, err)
		}
		if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
			z, err := gzip.NewReader(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			if data, err = io.ReadAll(z); err != nil {
				t.Fatal(err)
			}
		}
		if want := recordsOf(data); !slices.Equal(got, want) {
			t.Errorf("%s: %d records, want %d", name, len(got), len(want))
		}
	}
}

// recordsOf finds the records with encoding/json, up to where it stops.
func recordsOf(data []byte) []string {
	list, _ := decode(json.NewDecoder(bytes.NewReader(data)))
	return list
}

func decode(dec *json.Decoder) (list []string, err error) {
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.Join(err, errNoLog)
	}
	seen := false
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return list, err
		}
		if key != "Records" {
			var other json.RawMessage
			if err := dec.Decode(&other); err != nil {
				return list, err
			}
			continue
		}
		if t, err := dec.Token(); err != nil || t != json.Delim('[') || seen {
			return list, errors.Join(err, errNoLog)
		}
		for seen = true; dec.More(); {
			var record json.RawMessage
			if err := dec.Decode(&record); err != nil {
				return list, err
			}
			list = append(list, string(record))
		}
		if _, err := dec.Token(); err != nil {
			return list, err
		}
	}
	if _, err := dec.Token(); err != nil || !seen {
		return list, errors.Join(err, errNoLog)
	}
	return list, nil
}

// FuzzRecords: a log file has the records that encoding/json finds in it, and is in
// order when encoding/json says so, whatever the size of the window.
func FuzzRecords(f *testing.F) {
	for _, text := range []string{
		`{"Records":[{"a":1},{"eventTime":"x"}]}`, `{"a":{"Records":[]},"Records":[1,"x",null]}`, `{"Records":[]} {"Records":[{}]}`, `{"Records":[{}`, `{"Records":[1 2]}`,
		`{"Records":[{"a":"\ud800"}],"b":1,}`, `{"Records":[01]}`, `{"Records":[1]}x`,
	} {
		f.Add([]byte(text), uint8(7))
	}
	s := set(f, "{$.a=1}")
	f.Fuzz(func(t *testing.T, data []byte, size uint8) {
		if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
			return
		}
		r := NewReader(s, Options{Format: CloudTrail})
		r.size = int(size) + 1
		var got []string
		stats, err := r.Read(bytes.NewReader(data), func(m *Message) error {
			got = append(got, string(m.Text))
			return nil
		})
		var want []string
		var wantErr error
		for rest := bytes.TrimPrefix(data, []byte("\ufeff")); ; {
			dec := json.NewDecoder(bytes.NewReader(rest))
			var list []string
			list, wantErr = decode(dec)
			want = append(want, list...)
			if rest = bytes.Trim(rest[dec.InputOffset():], " \t\r\n"); wantErr != nil || len(rest) == 0 {
				break
			}
		}
		if n := len(want); err != nil && n == len(got)+1 && strings.Trim(want[n-1], "-0123456789.eE+") == "" {
			want = want[:n-1] // of 01 encoding/json sees the 0 first, and then that there is no comma
		}
		if !slices.Equal(got, want) || (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: %q, %v; want %q, %v", data, got, err, want, wantErr)
		}
		if stats.Messages != len(got) || stats.Oversize != 0 {
			t.Fatalf("%q: %+v", data, stats)
		}
	})
}

// FuzzAuto: anything may be in a file. Whatever the size of the window, the same
// messages are found, their verdicts are those of each by itself, and no line
// disappears without an error.
func FuzzAuto(f *testing.F) {
	for _, text := range []string{
		"{\"a\":1}\n{\"a\":\n2}\ntext\n[x]\n", `[{"a":1},"x",{"message":"m","timestamp":1,"id":"e"}]`, `{"events":[{"message":"x"}]}`, `{"results":[[{"field":"@message","value":"x"}]]}`,
		`{"Events":[{"CloudTrailEvent":"{}"}],"NextToken":"x"}{"a":1}`, `{"Records":[{"a":1}]}` + "\nx", "{\"a\":1} {\"a\":2} x\n",
	} {
		f.Add([]byte(text), uint8(3))
	}
	s := set(f, "{$.a=1}", "x")
	f.Fuzz(func(t *testing.T, data []byte, size uint8) {
		list := func(size int) (out []string, err error) {
			r := NewReader(s, Options{})
			r.size = size
			_, err = r.Read(bytes.NewReader(data), func(m *Message) error {
				if v := s.Match(m.Text, nil); !slices.Equal(v, m.Verdicts) {
					t.Fatalf("%q: %v, want %v", m.Text, m.Verdicts, v)
				}
				out = append(out, fmt.Sprintf("%d:%s", m.Number, m.Text))
				return nil
			})
			return out, err
		}
		got, err := list(int(size) + 1)
		want, wantErr := list(windowSize)
		if !slices.Equal(got, want) || textOf(err) != textOf(wantErr) {
			t.Fatalf("%q: %q, %v with a window of %d; want %q, %v", data, got, err, size+1, want, wantErr)
		}
		if text := bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff"))); err == nil && len(got) == 0 && len(text) > 0 && text[0] != '{' {
			t.Fatalf("%q: no message", data)
		}
	})
}

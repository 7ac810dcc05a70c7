package gunzip_test

import (
	"bytes"
	"compress/flate"
	stdgzip "compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/monitorctl/monitorctl/internal/gunzip"
)

const maxMatch = 258

// unpack unpacks with the package.
func unpack(in io.Reader) ([]byte, error) {
	var r gunzip.Reader
	r.Reset(in)
	return io.ReadAll(&r)
}

// library unpacks with compress/gzip.
func library(in io.Reader) ([]byte, error) {
	z, err := stdgzip.NewReader(in)
	if err != nil {
		if errors.Is(err, io.EOF) { // an empty file
			err = nil
		}
		return nil, err
	}
	return io.ReadAll(z)
}

func pack(tb testing.TB, level int, members ...[]byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	for _, m := range members {
		z, err := stdgzip.NewWriterLevel(&b, level)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := z.Write(m); err != nil {
			tb.Fatal(err)
		}
		if err := z.Close(); err != nil {
			tb.Fatal(err)
		}
	}
	return b.Bytes()
}

// same holds the package against the library on one file, however it is read.
func same(t *testing.T, name string, file []byte) {
	t.Helper()
	want, wantErr := library(bytes.NewReader(file))
	for kind, in := range map[string]io.Reader{"whole": bytes.NewReader(file), "bytes": iotest.OneByteReader(bytes.NewReader(file)), "halves": iotest.HalfReader(bytes.NewReader(file)), "with the end": iotest.DataErrReader(bytes.NewReader(file))} {
		if kind == "bytes" && len(file) > 1<<20 {
			continue
		}
		got, err := unpack(in)
		cut := errors.Is(err, io.ErrUnexpectedEOF)
		if (err == nil) != (wantErr == nil) || errors.Is(wantErr, io.ErrUnexpectedEOF) && !cut {
			t.Errorf("%s, %s: error %v, the library has %v", name, kind, err, wantErr)
		}
		// At the end of a file that is cut off the library wants more bits than the code has
		// that comes next, or the next few.
		if !bytes.Equal(got, want) && !(cut && bytes.HasPrefix(got, want) && len(got) <= len(want)+16*maxMatch) {
			t.Errorf("%s, %s: %d bytes, the library has %d", name, kind, len(got), len(want))
		}
	}
}

// texts are contents of many kinds.
func texts(tb testing.TB) map[string][]byte {
	tb.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 300_000)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	few := make([]byte, 200_000)
	for i := range few {
		few[i] = "abcd"[random.IntN(4)]
	}
	list := map[string][]byte{
		"nothing": nil, "one": []byte("x"), "zeros": make([]byte, 700_000), "noise": noise, "few letters": few,
		"periods": bytes.Repeat([]byte("ab1"), 100_000), "far": append(append([]byte("begin"), noise[:32760]...), []byte("begin of the end")...),
	}
	names, err := filepath.Glob("../../testdata/cloudtrail/*.json*")
	if err != nil || len(names) < 5 {
		tb.Fatal(len(names), err)
	}
	var all []byte
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
			if data, err = library(bytes.NewReader(data)); err != nil {
				tb.Fatal(err)
			}
		}
		all = append(all, data...)
	}
	list["logs"] = all
	return list
}

func TestUnpack(t *testing.T) {
	for name, text := range texts(t) {
		for _, level := range []int{flate.HuffmanOnly, flate.NoCompression, 1, 6, 9} {
			file := pack(t, level, text)
			got, err := unpack(bytes.NewReader(file))
			if err != nil || !bytes.Equal(got, text) {
				t.Errorf("%s, level %d: %d bytes of %d, %v", name, level, len(got), len(text), err)
			}
			same(t, fmt.Sprintf("%s, level %d", name, level), file)
		}
		same(t, name+", three members", pack(t, 6, text, nil, text))
	}
}

// TestReset: a reader reads one file after another, whatever became of the one before.
func TestReset(t *testing.T) {
	var r gunzip.Reader
	for name, text := range texts(t) {
		file := pack(t, 6, text)
		r.Reset(bytes.NewReader(file[:len(file)/2]))
		if _, err := io.Copy(io.Discard, &r); err == nil {
			t.Errorf("%s: half a file has no error", name)
		}
		r.Reset(bytes.NewReader(file))
		if got, err := io.ReadAll(&r); err != nil || !bytes.Equal(got, text) {
			t.Errorf("%s: %d bytes of %d, %v", name, len(got), len(text), err)
		}
	}
}

// TestBroken cuts off and changes files everywhere near their ends and here and there
// between: what the library makes of it, the package does.
func TestBroken(t *testing.T) {
	text := texts(t)["logs"][:3000]
	file := pack(t, 6, text, text[:100])
	for i := range file {
		same(t, fmt.Sprintf("cut off at %d", i), file[:i])
		changed := bytes.Clone(file)
		changed[i] ^= []byte{1, 0x80, 0xff}[i%3]
		same(t, fmt.Sprintf("byte %d changed", i), changed)
	}
	same(t, "something behind it", append(bytes.Clone(file), "trailing"...))
	same(t, "zeros behind it", append(bytes.Clone(file), make([]byte, 100)...))
}

// TestHeader: fields that nobody needs are stepped over, and checked as the library does.
func TestHeader(t *testing.T) {
	for _, h := range []stdgzip.Header{{Name: "a", Comment: "b", Extra: []byte("extra")}, {Name: string(bytes.Repeat([]byte("n"), 511))}, {Comment: string(bytes.Repeat([]byte("n"), 512))}} {
		var b bytes.Buffer
		z := stdgzip.NewWriter(&b)
		z.Header = h
		_, _ = z.Write([]byte("text"))
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprint(len(h.Name), len(h.Comment)), b.Bytes())
		same(t, "cut off", b.Bytes()[:14])
	}
	for _, flags := range []byte{2, 6, 0xff} {
		file := pack(t, 6, []byte("text"))
		file[3] = flags
		same(t, fmt.Sprint("flags ", flags), file)
	}
}

// TestSlow: what a slow source has written so far is handed out before more is waited for.
func TestSlow(t *testing.T) {
	var b bytes.Buffer
	z := stdgzip.NewWriter(&b)
	_, _ = z.Write([]byte("first line\n"))
	if err := z.Flush(); err != nil {
		t.Fatal(err)
	}
	in, out := io.Pipe()
	go func() { _, _ = out.Write(b.Bytes()) }()
	var r gunzip.Reader
	r.Reset(in)
	p := make([]byte, 100)
	if n, err := io.ReadAtLeast(&r, p, 11); err != nil || string(p[:n]) != "first line\n" {
		t.Errorf("%q, %v", p[:n], err)
	}
}

// TestSourceFails: the error of the source is told as it is.
func TestSourceFails(t *testing.T) {
	broken := errors.New("the line is dead")
	file := pack(t, 6, texts(t)["logs"])
	for _, n := range []int{0, 5, 100, len(file) - 3, len(file)} {
		_, err := unpack(io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(broken)))
		if !errors.Is(err, broken) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

// FuzzUnpack holds the package against the library: on files, and on the data of a block
// with a header before it.
func FuzzUnpack(f *testing.F) {
	for _, text := range texts(f) {
		text = text[:min(len(text), 3000)]
		for _, level := range []int{flate.HuffmanOnly, 1, 9} {
			f.Add(pack(f, level, text), false)
			f.Add(pack(f, level, text)[10:], true)
		}
	}
	f.Add([]byte{5, 0xe0, 0x81, 0x08, 0, 0, 0, 0}, true)
	f.Fuzz(func(t *testing.T, file []byte, bare bool) {
		if bare {
			file = append([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}, file...)
		}
		same(t, "fuzzed", file)
	})
}

// BenchmarkUnpack compares with the library that is usual for this, in turn, by processor
// time.
func BenchmarkUnpack(b *testing.B) {
	text := bytes.Repeat(texts(b)["logs"], 4)
	file := pack(b, 6, text)
	var r gunzip.Reader
	z, buf := new(gzip.Reader), make([]byte, 1<<18)
	drain := func(in io.Reader, err error) {
		if err != nil {
			b.Fatal(err)
		}
		if n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{in}, buf); err != nil || n != int64(len(text)) {
			b.Fatal(n, err)
		}
	}
	var here, there time.Duration
	for b.Loop() {
		began := cpuTime(b)
		r.Reset(bytes.NewReader(file))
		drain(&r, nil)
		turn := cpuTime(b)
		drain(z, z.Reset(bytes.NewReader(file)))
		here, there = here+turn-began, there+cpuTime(b)-turn
	}
	mb := float64(b.N) * float64(len(text)) / 1e6
	b.ReportMetric(mb/here.Seconds(), "MB/cpu-s")
	b.ReportMetric(mb/there.Seconds(), "klauspost-MB/cpu-s")
	b.ReportMetric(there.Seconds()/here.Seconds(), "times")
	b.ReportMetric(0, "ns/op")
}

package logs

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/scan"
	"github.com/monitorctl/monitorctl/patterns"
)

// cis is the set of the 15 controls of CIS, with the fields that replay asks for.
func cis(tb testing.TB) *scan.Set {
	tb.Helper()
	c, err := catalog.Load(patterns.FS)
	if err != nil {
		tb.Fatal(err)
	}
	controls, err := c.Select(nil, "cis", catalog.DefaultBenchmark)
	if err != nil {
		tb.Fatal(err)
	}
	var list []*pattern.Pattern
	for _, control := range controls {
		if text := control.Writes(catalog.DefaultBenchmark).Text; text != "" {
			p, err := pattern.Parse(text)
			if err != nil {
				tb.Fatal(err)
			}
			list = append(list, p)
		}
	}
	return scan.CompileFields(list, []scan.Field{{"eventTime"}, {"awsRegion"}, {"recipientAccountId"}})
}

var changing = regexp.MustCompile(`"(eventTime|eventID|requestID|accessKeyId)": ?"[^"]*"`)

// generate writes log files of the sample's records with other times, ids and keys:
// count files of so many unpacked bytes each.
func generate(tb testing.TB, dir string, count, size int) (unpacked int64) {
	tb.Helper()
	names, err := filepath.Glob("../../testdata/cloudtrail/*.json*")
	if err != nil || len(names) == 0 {
		tb.Fatal(len(names), err)
	}
	var records [][]byte
	r := NewReader(scan.CompileFields(nil, nil), Options{})
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			tb.Fatal(err)
		}
		_, err = r.Read(f, func(m *Message) error { records = append(records, bytes.Clone(m.Text)); return nil })
		if err != nil {
			tb.Fatal(err)
		}
		if err := f.Close(); err != nil {
			tb.Fatal(err)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for i := range count {
		at = at.Add(time.Minute)
		name := fmt.Sprintf("111122223333_CloudTrail_us-east-1_%s_%016d.json.gz", at.Format("20060102T1504Z"), i)
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			tb.Fatal(err)
		}
		z, _ := gzip.NewWriterLevel(f, 6)
		written, comma := 0, `{"Records":[`
		for written < size {
			record := changing.ReplaceAllFunc(records[random.IntN(len(records))], func(field []byte) []byte {
				key, _, _ := bytes.Cut(field[1:], []byte{'"'})
				switch string(key) {
				case "eventTime":
					return fmt.Appendf(nil, `"eventTime":"%s"`, at.Add(-time.Duration(random.IntN(600))*time.Second).Format(time.RFC3339))
				case "accessKeyId":
					return fmt.Appendf(nil, `"accessKeyId":"ASIA%016X"`, random.Uint64())
				}
				return fmt.Appendf(nil, `"%s":"%08x-%04x-%04x-%04x-%012x"`, key, random.Uint32(), random.Uint32()&0xffff, random.Uint32()&0xffff, random.Uint32()&0xffff, random.Uint64()&0xffffffffffff)
			})
			for _, part := range [][]byte{[]byte(comma), record} {
				n, err := z.Write(part)
				if err != nil {
					tb.Fatal(err)
				}
				written += n
			}
			comma = ","
		}
		n, err := io.WriteString(z, "]}")
		if err != nil {
			tb.Fatal(err)
		}
		if err := z.Close(); err != nil {
			tb.Fatal(err)
		}
		if err := f.Close(); err != nil {
			tb.Fatal(err)
		}
		unpacked += int64(written + n)
	}
	return unpacked
}

type counter struct{ records, matches int }

func (c *counter) Begin(*Object) {}

func (c *counter) Message(m *Message) error {
	c.records++
	for _, v := range m.Verdicts {
		if v == match.Match {
			c.matches++
		}
	}
	return nil
}

// BenchmarkRead compares reading 200 MB of logs with 15 controls with unpacking them and
// doing nothing else: megabytes of unpacked JSON for each second of processor time, and
// the ratio of both. The turns alternate, so that both meet the same machine. With
// MONITORCTL_BENCH_LOGS the logs are made in that directory and stay there.
func BenchmarkRead(b *testing.B) {
	dir := os.Getenv("MONITORCTL_BENCH_LOGS")
	if dir == "" {
		dir = b.TempDir()
	}
	unpacked := generate(b, dir, 40, 5<<20)
	var l Listing
	if err := l.List(b.Context(), dir, Days{}); err != nil || len(l.Objects) != 40 {
		b.Fatal(len(l.Objects), err)
	}
	s := cis(b)
	for _, workers := range []int{1, runtime.GOMAXPROCS(0)} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			var alone, whole, clock time.Duration
			for b.Loop() {
				began := cpuTime(b)
				unpackOnly(b, l.Objects)
				turn, began2 := cpuTime(b), time.Now()
				sinks := make([]Sink, workers)
				for i := range sinks {
					sinks[i] = &counter{}
				}
				total, err := Each(context.Background(), l.Objects, func() *Reader { return NewReader(s, Options{}) }, sinks, nil)
				if err != nil || len(total.Unreadable) > 0 || total.Unpacked != unpacked || sinks[0].(*counter).matches == 0 {
					b.Fatalf("%+v, %v", total, err)
				}
				alone, whole, clock = alone+turn-began, whole+cpuTime(b)-turn, clock+time.Since(began2)
			}
			mb := float64(b.N) * float64(unpacked) / 1e6
			b.ReportMetric(mb/alone.Seconds(), "gunzip-MB/cpu-s")
			b.ReportMetric(mb/whole.Seconds(), "MB/cpu-s")
			b.ReportMetric(mb/clock.Seconds(), "MB/s")
			b.ReportMetric(alone.Seconds()/whole.Seconds(), "of-gunzip")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// unpackOnly unpacks all files with the library that is usual for it.
func unpackOnly(b *testing.B, objects []Object) {
	b.Helper()
	z, buf := new(gzip.Reader), make([]byte, windowSize)
	for _, o := range objects {
		in, err := o.Open(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		if err := z.Reset(in); err != nil {
			b.Fatal(err)
		}
		if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{z}, buf); err != nil {
			b.Fatal(err)
		}
		if err := in.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

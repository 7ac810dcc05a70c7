package scan_test

import (
	"encoding/json"
	"sync"
	"testing"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/patterntest"
	"github.com/monitorctl/monitorctl/internal/pattern/scan"
	"github.com/monitorctl/monitorctl/patterns"
)

// newestBenchmark is the version whose texts are matched here.
const newestBenchmark = catalog.Benchmark("cis-7.0.0")

// catalogPatterns returns what apply writes for the 15 controls of CIS, and for
// GuardDuty.
func catalogPatterns(tb testing.TB) []*pattern.Pattern {
	tb.Helper()
	c, err := catalog.Load(patterns.FS)
	if err != nil {
		tb.Fatal(err)
	}
	controls, err := c.Select(nil, "cis", newestBenchmark)
	if err != nil {
		tb.Fatal(err)
	}
	if len(controls) != 15 {
		tb.Fatalf("%d controls of CIS, want 15", len(controls))
	}
	guardDuty, err := c.Find("guardduty-changes", newestBenchmark)
	if err != nil {
		tb.Fatal(err)
	}
	var list []*pattern.Pattern
	for _, control := range append(controls, guardDuty) {
		p, err := pattern.Parse(control.Writes(newestBenchmark).Text)
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

// allTexts returns every text of the catalog, those of older versions included.
func allTexts(tb testing.TB) []*pattern.Pattern {
	tb.Helper()
	c, err := catalog.Load(patterns.FS)
	if err != nil {
		tb.Fatal(err)
	}
	var list []*pattern.Pattern
	for _, control := range c.Controls {
		for _, text := range control.Patterns {
			p, err := pattern.Parse(text.Text)
			if err != nil {
				tb.Fatal(err)
			}
			list = append(list, p)
		}
	}
	return list
}

// TestSetRecords matches the sample with every text of the catalog, and with
// wildcards and texts for which there are no controls.
func TestSetRecords(t *testing.T) {
	list := allTexts(t)
	for _, text := range []string{
		`{$.resources[*].type="AWS::S3::Bucket"}`, `{$.userIdentity.* = Root}`, `{$.requestParameters.*=*a*}`, `{$.* IS NULL}`,
		`{$.requestParameters.filterSet.items[0].name=%vpc%}`, `{$.userIdentity.sessionContext.attributes.mfaAuthenticated!="true"}`,
		`{$.responseElements IS NULL && $.readOnly IS TRUE}`, `{$.eventVersion>=1 || $.eventVersion="1.0*8"}`, `{$.eventName=De*cribe*}`,
		`ConsoleLogin`, `%Access(Denied)?%`, `-eventName`, `[a, ..., z]`,
	} {
		if p, err := pattern.Parse(text); err == nil {
			list = append(list, p)
		}
	}
	s := scan.Compile(list)
	counts := map[match.Verdict]int{}
	for _, record := range patterntest.Records(t) {
		decoded := match.Decode(record)
		for i, got := range s.Match(record, nil) {
			counts[got]++
			if want := list[i].MatchDecoded(decoded); got != want {
				t.Fatalf("%s on %s: %v, want %v", list[i].Text(), record, got, want)
			}
		}
	}
	for _, v := range []match.Verdict{match.NoMatch, match.Match, match.Undetermined} {
		if counts[v] == 0 {
			t.Errorf("never %v", v)
		}
	}
}

// TestSetAllocations: the patterns of the catalog and terms take no memory for a
// record.
func TestSetAllocations(t *testing.T) {
	if poolForgets() {
		t.Skip("a sync.Pool forgets on purpose under the race detector")
	}
	terms, err := pattern.Parse(`ConsoleLogin "a term that is longer than any buffer on a stack" -x ?y`)
	if err != nil {
		t.Fatal(err)
	}
	records := patterntest.Records(t)
	for _, list := range [][]*pattern.Pattern{catalogPatterns(t), allTexts(t), {terms}, append(allTexts(t), terms)} {
		s := scan.Compile(list)
		verdicts := make([]match.Verdict, 0, len(list))
		allocations := testing.AllocsPerRun(10, func() {
			for _, record := range records {
				verdicts = s.Match(record, verdicts[:0])
			}
		})
		if allocations != 0 {
			t.Errorf("%d patterns: %v allocations for %d records", len(list), allocations, len(records))
		}
	}
}

// poolForgets reports whether a sync.Pool often drops what it was just given; a
// goroutine that moves to another processor makes it do so once.
func poolForgets() bool {
	var pool sync.Pool
	x, forgotten := new(int), 0
	for range 1000 {
		pool.Put(x)
		if pool.Get() == nil {
			forgotten++
		}
	}
	return forgotten > 100
}

// benchmarkRecords runs match on every record of the sample.
func benchmarkRecords(b *testing.B, match func(record []byte)) {
	b.Helper()
	records := patterntest.Records(b)
	size := 0
	for _, r := range records {
		size += len(r)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, r := range records {
			match(r)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(records)), "ns/record")
}

// BenchmarkMatchSet matches the records with the 15 CIS patterns and GuardDuty's
// in one pass.
func BenchmarkMatchSet(b *testing.B) {
	list := catalogPatterns(b)
	s := scan.Compile(list)
	verdicts := make([]match.Verdict, 0, len(list))
	benchmarkRecords(b, func(record []byte) { verdicts = s.Match(record, verdicts[:0]) })
}

// BenchmarkMatchSetReference does the same with encoding/json and the reference
// matcher.
func BenchmarkMatchSetReference(b *testing.B) {
	list := catalogPatterns(b)
	benchmarkRecords(b, func(record []byte) {
		m := match.Decode(record)
		for _, p := range list {
			p.MatchDecoded(m)
		}
	})
}

// BenchmarkJSONTwoFields is what the other two are compared with: encoding/json
// into a struct of two fields, without any matching.
func BenchmarkJSONTwoFields(b *testing.B) {
	benchmarkRecords(b, func(record []byte) {
		var fields struct{ EventName, EventSource string }
		if err := json.Unmarshal(record, &fields); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkCompile(b *testing.B) {
	list := catalogPatterns(b)
	b.ReportAllocs()
	for b.Loop() {
		scan.Compile(list)
	}
}

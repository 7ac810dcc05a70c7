package lint

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkLint checks 10,000 different patterns in one file. Each nearly
// covers a control; one in ten has a condition beside the names.
func BenchmarkLint(b *testing.B) {
	var s strings.Builder
	names := strings.Fields("CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging")
	for i := range 10_000 {
		alternatives := make([]string, len(names))
		for k, n := range names {
			if k == i%len(names) {
				n = fmt.Sprintf("%s%c%c%c", n[:len(n)-1], 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26)
			}
			alternatives[k] = "($.eventName = " + n + ")"
		}
		if i%10 == 0 {
			fmt.Fprintf(&s, "{ (%s) && ($.requestID != r%d) }\n", strings.Join(alternatives, " || "), i)
			continue
		}
		fmt.Fprintf(&s, "{ %s }\n", strings.Join(alternatives, " || "))
	}
	path := filepath.Join(b.TempDir(), "x.txt")
	if err := os.WriteFile(path, []byte(s.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	o := options(b)
	began, used := time.Now(), cpuTime(b)
	for b.Loop() {
		r, err := Run(context.Background(), []string{path}, strings.NewReader(""), o)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(r.Findings()), "findings")
	}
	used = cpuTime(b) - used
	b.ReportMetric(used.Seconds()/float64(b.N), "cpu-s/op")
	b.ReportMetric(used.Seconds()/time.Since(began).Seconds(), "cores") // in use, on average
}

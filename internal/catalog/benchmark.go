package catalog

import (
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/spelling"
)

// A Benchmark names a version of the CIS AWS Foundations Benchmark:
// "cis-3.0.0".
type Benchmark string

// DefaultBenchmark is the version that commands use unless told otherwise.
const DefaultBenchmark Benchmark = "cis-3.0.0"

const benchmarkPrefix = "cis-"

// benchmarks are the versions that the catalog knows, oldest first.
var benchmarks = []Benchmark{
	"cis-1.2.0", "cis-1.3.0", "cis-1.4.0", "cis-1.5.0", "cis-2.0.0",
	"cis-3.0.0", "cis-4.0.1", "cis-5.0.0", "cis-6.0.0", "cis-7.0.0",
}

// Benchmarks returns the known versions, oldest first.
func Benchmarks() []Benchmark { return slices.Clone(benchmarks) }

// Version returns the bare version: "3.0.0".
func (b Benchmark) Version() string { return strings.TrimPrefix(string(b), benchmarkPrefix) }

// Title returns the name for people: "CIS AWS Foundations 3.0.0".
func (b Benchmark) Title() string { return "CIS AWS Foundations " + b.Version() }

// ParseBenchmark returns the version named by text, "cis-3.0.0" or "3.0.0".
// The error is an *spelling.UnknownError.
func ParseBenchmark(text string) (Benchmark, error) {
	b, err := parseBenchmark(text)
	if err != nil {
		return "", err
	}
	return b, nil
}

func parseBenchmark(text string) (Benchmark, *spelling.UnknownError) {
	if b := Benchmark(benchmarkPrefix + strings.TrimPrefix(text, benchmarkPrefix)); slices.Contains(benchmarks, b) {
		return b, nil
	}
	known := make([]string, len(benchmarks))
	for i, b := range benchmarks {
		known[i] = string(b)
	}
	return "", &spelling.UnknownError{Kind: "benchmark", Name: text, Nearest: nearestBenchmark(text, known), Known: known}
}

// nearestBenchmark finds the version meant by what people write: "3.0",
// "CIS v4.0.0", "cis_5". A version that does not begin alike is no suggestion.
func nearestBenchmark(text string, known []string) string {
	version := strings.TrimLeft(strings.ToLower(text), "cis-_v. ")
	if version == "" {
		return spelling.Nearest(text, known)
	}
	nearest := spelling.Nearest(benchmarkPrefix+version, known)
	if nearest == "" || Benchmark(nearest).Version()[0] != version[0] {
		return ""
	}
	return nearest
}

// nearestTo returns the version closest to b in the order of Benchmarks for
// which has is true, the newer one of two, or "" if there is none.
func nearestTo(b Benchmark, has func(Benchmark) bool) Benchmark {
	at := slices.Index(benchmarks, b)
	best, distance := Benchmark(""), len(benchmarks)+1
	for i, candidate := range benchmarks {
		if d := max(i-at, at-i); has(candidate) && d <= distance {
			best, distance = candidate, d
		}
	}
	return best
}

package catalog

import (
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/spelling"
)

// A Benchmark names a version of the CIS AWS Foundations Benchmark, "cis-3.0.0", or
// of the CIS Microsoft Azure Foundations Benchmark, "cis-azure-6.0.0".
type Benchmark string

// DefaultBenchmark is the version that commands use unless told otherwise.
const DefaultBenchmark Benchmark = "cis-3.0.0"

// DefaultAzureBenchmark is the version for Azure that commands use unless told
// otherwise.
const DefaultAzureBenchmark Benchmark = "cis-azure-6.0.0"

const (
	benchmarkPrefix = "cis-"
	awsPrefix       = "cis-aws-" // an alias of benchmarkPrefix
	azurePrefix     = "cis-azure-"
)

// benchmarks are the versions that the catalog knows, oldest first.
var benchmarks = []Benchmark{
	"cis-1.2.0", "cis-1.3.0", "cis-1.4.0", "cis-1.5.0", "cis-2.0.0",
	"cis-3.0.0", "cis-4.0.1", "cis-5.0.0", "cis-6.0.0", "cis-7.0.0",
}

// azureBenchmarks are those for Azure, oldest first.
var azureBenchmarks = []Benchmark{
	"cis-azure-1.3.0", "cis-azure-1.4.0", "cis-azure-1.5.0", "cis-azure-2.0.0", "cis-azure-2.1.0",
	"cis-azure-3.0.0", "cis-azure-4.0.0", "cis-azure-5.0.0", "cis-azure-6.0.0",
}

// Benchmarks returns the known versions for AWS, oldest first.
func Benchmarks() []Benchmark { return slices.Clone(benchmarks) }

// BenchmarksOf returns the known versions for a cloud, oldest first.
func BenchmarksOf(c Cloud) []Benchmark {
	if c == Azure {
		return slices.Clone(azureBenchmarks)
	}
	return Benchmarks()
}

// DefaultBenchmarkOf returns the version that commands use for a cloud unless told
// otherwise.
func DefaultBenchmarkOf(c Cloud) Benchmark {
	if c == Azure {
		return DefaultAzureBenchmark
	}
	return DefaultBenchmark
}

// Cloud returns the cloud that the benchmark is about.
func (b Benchmark) Cloud() Cloud {
	if strings.HasPrefix(string(b), azurePrefix) {
		return Azure
	}
	return AWS
}

// Version returns the bare version: "3.0.0".
func (b Benchmark) Version() string {
	return strings.TrimPrefix(strings.TrimPrefix(string(b), azurePrefix), benchmarkPrefix)
}

// Title returns the name for people: "CIS AWS Foundations 3.0.0".
func (b Benchmark) Title() string {
	if b.Cloud() == Azure {
		return "CIS Azure Foundations " + b.Version()
	}
	return "CIS AWS Foundations " + b.Version()
}

// ParseBenchmark returns the version named by text: "cis-3.0.0", "3.0.0" or
// "cis-aws-3.0.0" for AWS, "cis-azure-6.0.0" for Azure. The error is an
// *spelling.UnknownError.
func ParseBenchmark(text string) (Benchmark, error) {
	b, err := parseBenchmark(text)
	if err != nil {
		return "", err
	}
	return b, nil
}

func parseBenchmark(text string) (Benchmark, *spelling.UnknownError) {
	list, version := benchmarks, strings.TrimPrefix(strings.TrimPrefix(text, awsPrefix), benchmarkPrefix)
	if strings.HasPrefix(text, azurePrefix) {
		list = azureBenchmarks
	}
	if b := Benchmark(benchmarkPrefix + version); slices.Contains(list, b) {
		return b, nil
	}
	known := make([]string, len(list))
	for i, b := range list {
		known[i] = string(b)
	}
	if strings.HasPrefix(text, azurePrefix) {
		return "", &spelling.UnknownError{Kind: "benchmark", Name: text, Nearest: spelling.Nearest(text, known), Known: known}
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
	list := BenchmarksOf(b.Cloud())
	at := slices.Index(list, b)
	best, distance := Benchmark(""), len(list)+1
	for i, candidate := range list {
		if d := max(i-at, at-i); has(candidate) && d <= distance {
			best, distance = candidate, d
		}
	}
	return best
}

package catalog

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/monitorctl/monitorctl/internal/yamlfile"
)

// always is what stands for every version of the benchmark, and for none.
const always = "always"

// versions reads the versions of a key: "3.0.0", "1.2.0..4.0.1", a list of
// such, or "always". Without the key there are none.
func (m mapping) versions(key string) (list []Benchmark, every bool) {
	if !m.Has(key) {
		return nil, false
	}
	items := []ast.Node{m.Values[key]}
	if s, ok := m.Values[key].(*ast.SequenceNode); ok {
		items = s.Values
	}
	for _, n := range items {
		text := m.Line(n, key)
		if !m.OK() {
			return nil, false
		}
		if text == always {
			every = true
			continue
		}
		for _, b := range m.span(n, text) {
			if slices.Contains(list, b) {
				m.Fail(yamlfile.PlaceOf(n), "", "%s names %s twice", key, b.Version())
			}
			list = append(list, b)
		}
	}
	if every && len(list) > 0 {
		m.Fail(m.PlaceOfKey(key), "", "%s names versions beside %q", key, always)
	}
	return list, every
}

// span returns the versions of "3.0.0" or "1.2.0..4.0.1", both ends included.
func (r reader) span(n ast.Node, text string) []Benchmark { return r.spanOf(AWS, n, text) }

// spanOf returns the versions for a cloud.
func (r reader) spanOf(cloud Cloud, n ast.Node, text string) []Benchmark {
	first, last, ok := strings.Cut(text, "..")
	if !ok {
		last = first
	}
	from, to := r.benchmark(cloud, n, first), r.benchmark(cloud, n, last)
	if !r.OK() {
		return nil
	}
	list := BenchmarksOf(cloud)
	i, j := slices.Index(list, from), slices.Index(list, to)
	if i > j {
		r.Fail(yamlfile.PlaceOf(n), "", "the versions %s run backwards", text)
		return nil
	}
	return list[i : j+1]
}

// benchmark returns the version with the given bare number.
func (r reader) benchmark(cloud Cloud, n ast.Node, text string) Benchmark {
	name := text
	if cloud == Azure {
		name = azurePrefix + text
	}
	b, err := parseBenchmark(name)
	if err != nil {
		r.Fail(yamlfile.PlaceOf(n), err.Hint(), "unknown benchmark version %q", text)
	}
	return b
}

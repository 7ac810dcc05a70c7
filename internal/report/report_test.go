package report

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/spelling"
)

func TestFind(t *testing.T) {
	for _, name := range Formats() {
		format, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := format(&b, everyStatus(), Options{}); err != nil || b.Len() == 0 {
			t.Errorf("%s: %d bytes, error %v", name, b.Len(), err)
		}
	}
	if !slices.IsSorted(Formats()) || !slices.Contains(Formats(), "table") || !slices.Contains(Formats(), "json") {
		t.Errorf("Formats() = %q", Formats())
	}
}

func TestFindUnknown(t *testing.T) {
	known := "known are " + strings.Join(Formats(), ", ")
	tests := []struct{ name, hint string }{
		{"jsn", "did you mean json?"},
		{"Tabel", "did you mean table?"},
		{"postscript", known},
		{"", known},
	}
	for _, tt := range tests {
		_, err := Find(tt.name)
		var unknown *spelling.UnknownError
		if !errors.As(err, &unknown) {
			t.Fatalf("Find(%q): error %v, want an UnknownError", tt.name, err)
		}
		if unknown.Hint() != tt.hint || unknown.Kind != "output format" {
			t.Errorf("Find(%q): %s; hint %q, want %q", tt.name, unknown, unknown.Hint(), tt.hint)
		}
	}
}

func BenchmarkTable(b *testing.B) { benchmark(b, Table, Options{Width: 120, Color: true}) }
func BenchmarkJSON(b *testing.B)  { benchmark(b, JSON, Options{}) }

// benchmark writes a report of 10,000 findings.
func benchmark(b *testing.B, format Format, o Options) {
	r := fourControls()
	four := r.Findings
	for len(r.Findings) < 10000 {
		r.Findings = append(r.Findings, four...)
	}
	var out bytes.Buffer
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		if err := format(&out, r, o); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(out.Len()), "bytes")
}

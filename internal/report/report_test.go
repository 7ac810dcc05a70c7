package report

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/spelling"
)

func TestFind(t *testing.T) {
	for _, name := range Formats() {
		format, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := format.Write(&b, everyStatus(), Options{}); err != nil || b.Len() == 0 {
			t.Errorf("%s: %d bytes, error %v", name, b.Len(), err)
		}
	}
	if names := Formats(); names[0] != "table" || !slices.IsSorted(names[1:]) || !slices.Contains(names, "json") {
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

// TestPurposes demands that each format is explained, in the shell's completion
// and in the document alike.
func TestPurposes(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "output.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Formats() {
		purpose := Purpose(name)
		if purpose == "" {
			t.Errorf("there is no purpose of the format %s", name)
		}
		row := fmt.Sprintf("| `%s` | %s |", name, purpose)
		if !strings.Contains(string(doc), row) {
			t.Errorf("the table of formats in docs/output.md has no row %s", row)
		}
	}
	if Purpose("postscript") != "" {
		t.Error("an unknown format has a purpose")
	}
}

// BenchmarkFormats writes a report of 10,000 findings, 625 accounts with sixteen
// each, in every format.
func BenchmarkFormats(b *testing.B) {
	r := large()
	for _, format := range formats {
		b.Run(format.Name, func(b *testing.B) {
			var size counter
			b.ReportAllocs()
			for b.Loop() {
				size = 0
				if err := format.Write(&size, r, Options{Version: "1.2.3", Controls: someControls()}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(size)/1e6, "MB")
		})
	}
}

// large is a report of 10,000 findings.
func large() finding.Report {
	some := everyStatus().Findings[:8]
	r := everyStatus()
	r.Accounts, r.Findings = nil, nil
	for i := range 625 {
		account := fmt.Sprintf("%012d", i)
		r.Accounts = append(r.Accounts, finding.AccountRef{ID: account, Home: "eu-central-1"})
		for j := range 16 {
			f := some[j%len(some)]
			f.ID, f.Account = fmt.Sprintf("%08x", len(r.Findings)), account
			if f.Repair != nil {
				in := func(text string) string { return strings.ReplaceAll(text, "111122223333", account) }
				f.Repair = &finding.Repair{Shell: in(f.Repair.Shell), Terraform: in(f.Repair.Terraform), Why: f.Repair.Why}
			}
			r.Findings = append(r.Findings, f)
		}
	}
	return r
}

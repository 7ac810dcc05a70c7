package catalog_test

import (
	"io/fs"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/patterns"
	"github.com/monitorctl/monitorctl/patterns/azure"
)

// TestGenerated holds the catalog that a run decodes to the files of the controls.
func TestGenerated(t *testing.T) {
	for _, tt := range []struct {
		file string
		fsys fs.FS
		json string
	}{
		{"../../patterns/catalog.json", patterns.FS, patterns.JSON},
		{"../../patterns/azure/catalog.json", azure.FS, azure.JSON},
	} {
		read, err := catalog.Load(tt.fsys)
		if err != nil {
			t.Fatal(err)
		}
		text, err := catalog.Encode(read)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(tt.file, text, 0o600); err != nil {
				t.Fatal(err)
			}
			continue // the next build embeds it
		}
		if string(text) != tt.json {
			t.Errorf("%s is out of date; 'make generate' writes it", tt.file)
		}
		decoded, err := catalog.Decode(tt.json)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(read, decoded); d != "" {
			t.Errorf("%s (-read +decoded):\n%s", tt.file, d)
		}
	}
	if _, err := catalog.Decode("{"); err == nil {
		t.Error("half a catalog is decoded")
	}
}

// BenchmarkLoad compares reading the files of the controls with decoding the catalog.
func BenchmarkLoad(b *testing.B) {
	b.Run("files", func(b *testing.B) {
		for b.Loop() {
			if _, err := catalog.Load(patterns.FS); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode", func(b *testing.B) {
		for b.Loop() {
			if _, err := catalog.Decode(patterns.JSON); err != nil {
				b.Fatal(err)
			}
		}
	})
}

package lint

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// writeTree writes files below a new directory and returns it.
func writeTree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// paths returns the paths of a report relative to root, with slashes.
func paths(t *testing.T, r Report, root string) []string {
	t.Helper()
	var list []string
	for _, f := range r.Files {
		rel, err := filepath.Rel(root, f.Path)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, filepath.ToSlash(rel))
	}
	return list
}

func run(t *testing.T, args ...string) Report {
	t.Helper()
	r, err := Run(context.Background(), args, strings.NewReader(""), options(t))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestDirectories(t *testing.T) {
	root := writeTree(t, map[string]string{
		"b/main.tf":                   filterOf(`"A"`),
		"a.tf":                        filterOf(`"A"`),
		"a.tf.json":                   "{}",
		"x.tofu":                      "",
		"t.yaml":                      templateOf("A"),
		"t.json":                      `{"Resources": {"F": {"Type": "AWS::Logs::MetricFilter", "Properties": {"FilterPattern": "A"}}}}`,
		"t.template":                  templateOf("A"),
		"bucket.yaml":                 "Resources:\n  B:\n    Type: AWS::S3::Bucket\n", // a template without patterns
		"values.yaml":                 "a: b\n",
		"broken.yaml":                 "a: [\n",
		"notes.txt":                   "{ $.a == 1 }\n",
		"README.md":                   "# x\n",
		".terraform/modules/m/m.tf":   filterOf(`"A"`),
		"node_modules/x/template.yml": templateOf("A"),
		".github/workflows/w.yml":     "run: aws logs put-metric-filter --filter-pattern '{ $.a = 1 }'\n",
		".cache/x.yml":                "filterPattern: A\n",
		"mentions.yaml":               "about: AWS::Logs::MetricFilter\n",
		"torn.yaml":                   "# AWS::Logs::MetricFilter\na: [\n",
	})
	r := run(t, root)
	want := []string{".github/workflows/w.yml", "a.tf", "b/main.tf", "notes.txt", "t.json", "t.template", "t.yaml", "torn.yaml"}
	if got := paths(t, r, root); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if r.Unread() != 1 || r.Findings() != 1 {
		t.Errorf("%d unread, %d findings", r.Unread(), r.Findings())
	}
	// What is met twice is looked at once; what is named is looked at anyway.
	r = run(t, root, filepath.Join(root, "b", "..", "a.tf"), filepath.Join(root, "values.yaml"), filepath.Join(root, "notes.txt"))
	if got := paths(t, r, root); !slices.Equal(got, append(want, "values.yaml")) || !slices.IsSorted(got) {
		t.Errorf("got %q", got)
	}
	if r.Findings() != 1 {
		t.Errorf("%d findings", r.Findings())
	}
	// A hidden directory that is named is meant.
	if got := paths(t, run(t, filepath.Join(root, ".terraform")), root); !slices.Equal(got, []string{".terraform/modules/m/m.tf"}) {
		t.Errorf("got %q", got)
	}
}

func TestUnreadable(t *testing.T) {
	root := writeTree(t, map[string]string{
		"image.tf":   "\x89PNG\r\n\x1a\n\x00\x00",
		"image.txt":  "a\x00b",
		"image.json": "AWS::\x00",
		"utf16.yaml": "\xff\xfeA\x00W\x00S\x00:\x00:\x00",
		"huge.txt":   strings.Repeat("a\n", maxFile/2+1),
		"huge.tf":    strings.Repeat("#\n", maxFile/2+1),
		"huge.json":  strings.Repeat(" ", maxFile+1),
		"huge.yaml":  strings.Repeat(" ", maxFile) + "filterPattern: ERROR\n",
		"holds.bin":  "\x00\x01{ $.eventName = StopLoging }",
		"full.txt":   strings.Repeat("#\n", maxFile/2),
	})
	for _, c := range []struct{ name, want string }{
		{"image.tf", "it is a binary file"},
		{"image.txt", "it is a binary file"},
		{"image.json", "it is a binary file"},
		{"utf16.yaml", ""},
		{"huge.txt", "the file is larger than 10 MB"},
		{"huge.tf", "the file is larger than 10 MB"},
		{"huge.json", "the file is larger than 10 MB"},
		{"huge.yaml", "the file is larger than 10 MB"},
		{"holds.bin", "it is a binary file"},
		{"full.txt", ""},
		{"missing.tf", "no such file or directory"},
		{"image.tf/x.tf", "not a directory"},
	} {
		r := run(t, filepath.Join(root, c.name))
		message := ""
		if err := r.Files[0].Err; err != nil {
			message = err.Message
			if err.Place != (Place{}) {
				t.Errorf("%s: an error of the whole file has the place %v", c.name, err.Place)
			}
		}
		if message != c.want {
			t.Errorf("%s: got %q, want %q", c.name, message, c.want)
		}
	}
	// In a directory, what has no sign of a pattern is passed over.
	if got, want := paths(t, run(t, root), root), []string{"holds.bin", "huge.tf", "huge.yaml", "image.tf"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// PowerShell writes UTF-16: places are those that an editor shows.
func TestUTF16(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		content := order.AppendUint16(nil, 0xfeff)
		for _, unit := range utf16.Encode([]rune("# \U0001F600\r\nfilterPattern: '{ $.eventName = deleteTrail }'\r\n")) {
			content = order.AppendUint16(content, unit)
		}
		root := writeTree(t, map[string]string{"x.yaml": string(content)})
		for _, path := range []string{root, filepath.Join(root, "x.yaml")} {
			r := run(t, path)
			if len(r.Files) != 1 || len(findings(r.Files[0])) != 1 || findings(r.Files[0])[0] != "2:33 event-case" {
				t.Errorf("got %+v", r.Files)
			}
		}
	}
}

func TestDirectoryWithoutPermission(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	root := writeTree(t, map[string]string{"a/x.tf": "", "b.tf": ""})
	if err := os.Chmod(filepath.Join(root, "a"), 0); err != nil {
		t.Fatal(err)
	}
	r := run(t, root)
	if got, want := paths(t, r, root), []string{"a", "b.tf"}; !slices.Equal(got, want) || r.Unread() != 1 {
		t.Errorf("got %q, %d unread", got, r.Unread())
	}
}

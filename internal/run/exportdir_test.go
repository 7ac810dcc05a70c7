package run

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/export"
)

func marked(name, text string) export.File {
	return export.File{Name: name, Data: []byte("# " + export.Mark + "\n" + text)}
}

// contentsOf are the files of a directory, by name.
func contentsOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Type().IsRegular() {
			data, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			out[e.Name()] = string(data)
		}
	}
	return out
}

// A directory that holds anything but an earlier export is left as it is.
func TestExportDir(t *testing.T) {
	list := []export.File{marked("main.tf", "new\n"), marked("versions.tf", "new\n")}
	put := func(name, text string) func(string) error {
		return func(dir string) error { return os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600) }
	}
	for _, tt := range []struct {
		name   string
		there  func(dir string) error
		force  bool
		refuse string // part of the error; "" for none
	}{
		{"empty", nil, false, ""},
		{"an earlier export", put("main.tf", string(marked("", "old").Data)), false, ""},
		{"what a tool keeps", put("terraform.tfstate", "{}"), false, ""},
		{"a hidden file", put(".gitignore", "x"), false, ""},
		{"another file", put("notes.txt", "x"), false, "holds notes.txt, which was not written by an export"},
		{"another file, forced", put("notes.txt", "x"), true, ""},
		{"a file with one of the names", put("main.tf", "mine"), false, "holds main.tf, which was not written by an export"},
		{"a file with one of the names, forced", put("main.tf", "mine"), true, ""},
		{"a file with the mark elsewhere", put("main.tf", "a\nb\nc\n# "+export.Mark), false, "holds main.tf"},
		{"a marked file under another name", put("other.tf", string(marked("", "x").Data)), false, "holds other.tf"},
		{"a link with one of the names", func(dir string) error { return os.Symlink("../victim", filepath.Join(dir, "main.tf")) }, false, "holds main.tf, a symbolic link"},
		{"such a link, forced", func(dir string) error { return os.Symlink("../victim", filepath.Join(dir, "main.tf")) }, true, "holds main.tf, a symbolic link"},
		{"a link elsewhere", func(dir string) error { return os.Symlink("../victim", filepath.Join(dir, "x")) }, false, "holds x, which was not written by an export"},
		{"a link in the way of the part", func(dir string) error { return os.Symlink("../victim", filepath.Join(dir, ".monitorctl-main.tf")) }, false, ""},
		{"a directory with one of the names", func(dir string) error { return os.Mkdir(filepath.Join(dir, "main.tf"), 0o700) }, true, "holds main.tf, a directory"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "a", "out")
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			victim := filepath.Join(dir, "..", "victim")
			if err := os.WriteFile(victim, []byte("theirs"), 0o600); err != nil {
				t.Fatal(err)
			}
			if tt.there != nil {
				if err := tt.there(dir); err != nil {
					t.Fatal(err)
				}
			}
			before := contentsOf(t, dir)
			err := writeDir(dir, list, tt.force)
			var refused *DirError
			if errors.As(err, &refused) != (tt.refuse != "") || err != nil && !strings.Contains(err.Error(), tt.refuse) {
				t.Fatalf("error %v, want %q", err, tt.refuse)
			}
			after := contentsOf(t, dir)
			if err != nil {
				for name, text := range before {
					if after[name] != text || len(after) != len(before) {
						t.Errorf("%s was changed, or a file was added", name)
					}
				}
			} else if after["main.tf"] != string(list[0].Data) || after["versions.tf"] != string(list[1].Data) {
				t.Errorf("files: %v", after)
			}
			if data, err := os.ReadFile(victim); err != nil || string(data) != "theirs" {
				t.Errorf("the file behind the link: %s, %v", data, err)
			}
		})
	}
}

// Files of an earlier export that are not written again are removed, whatever their form;
// a new directory is made with files that others may read.
func TestExportDirStale(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "out")
	template := `{
  "AWSTemplateFormatVersion": "2010-09-09",
  "Description": "` + export.Mark + `"
}`
	first := []export.File{
		marked("main.tf", "x"), marked("imports.tf", "x"), {Name: "template.json", Data: []byte(template)},
		{Name: "import.json", Data: []byte("[\n  {\n    \"LogicalResourceId\": \"X\"\n  }\n]\n")},
		{Name: "monitorctl-apply.sh", Data: []byte("#!/bin/sh\n# " + export.Mark + "\n")},
	}
	if err := writeDir(dir, first, false); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "main.tf"))
	if err != nil || info.Mode().Perm()&0o077 != 0o044 {
		t.Errorf("main.tf: %v, %v", info.Mode(), err)
	}
	if err := writeDir(dir, first[:1], false); err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range contentsOf(t, dir) {
		names = append(names, name)
	}
	if !slices.Equal(names, []string{"main.tf"}) {
		t.Errorf("left: %v", names)
	}
	file := filepath.Join(dir, "main.tf")
	if err := writeDir(file, first[:1], true); err == nil || !strings.HasPrefix(err.Error(), CodeExportDir+": ") {
		t.Errorf("a file in place of the directory: %v", err)
	}
}

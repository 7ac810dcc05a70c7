package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Banned are phrases with what to say instead.
type banned struct {
	better map[string]string // by phrase
	any    *regexp.Regexp
}

// readGlossary reads the table "Not this, but that" of docs/glossary.md.
func readGlossary(t *testing.T) banned {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "glossary.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(text), "| not | but |")
	if !ok {
		t.Fatal("docs/glossary.md has no table of phrases")
	}
	list := banned{better: map[string]string{}}
	var phrases []string
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) != 4 || strings.Contains(cells[1], "---") {
			continue
		}
		phrase := strings.TrimSpace(cells[1])
		list.better[phrase] = strings.TrimSpace(cells[2])
		if phrase == list.better[phrase] {
			t.Fatalf("docs/glossary.md has %q instead of itself", phrase)
		}
		phrases = append(phrases, strings.ReplaceAll(regexp.QuoteMeta(phrase), " ", `\s+`)) // the end of a line may break it
	}
	if len(phrases) < 20 {
		t.Fatalf("docs/glossary.md bans %d phrases: the table was not read", len(phrases))
	}
	list.any = regexp.MustCompile(`(?i)\b(?:` + strings.Join(phrases, "|") + `)\b`)
	return list
}

// codes are texts that programs read, and that are not English.
var codes = strings.NewReplacer("ours-only", "")

// find returns the first banned phrase of a text, "" for none.
func (b banned) find(text string) string {
	text = codes.Replace(text)
	return strings.Join(strings.Fields(strings.ToLower(b.any.FindString(text))), " ")
}

// TestEnglish looks for banned phrases in every string of the program and in every page
// for people.
func TestEnglish(t *testing.T) {
	list := readGlossary(t)
	root := filepath.Join("..", "..")
	texts := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel := filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))
		switch {
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "decisions" || strings.HasPrefix(d.Name(), ".") && path != root):
			return filepath.SkipDir
		case d.IsDir(), rel == "docs/glossary.md", rel == "CHANGELOG.md":
			return nil
		case strings.HasSuffix(rel, ".go") && !strings.HasSuffix(rel, "_test.go"):
			texts += checkStrings(t, list, path, rel)
		case strings.HasSuffix(rel, ".md"), strings.HasSuffix(rel, ".yaml"), strings.HasSuffix(rel, ".yml"):
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			texts++
			for i, line := range strings.Split(string(text), "\n") {
				if phrase := list.find(line); phrase != "" {
					t.Errorf("%s:%d: %q: say %s", rel, i+1, phrase, list.better[phrase])
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if texts < 5000 {
		t.Errorf("only %d texts were looked at: the test does not see the tree", texts)
	}
}

// checkStrings looks at the string literals of a file, and returns how many it has.
func checkStrings(t *testing.T, list banned, path, rel string) int {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	ast.Inspect(file, func(node ast.Node) bool {
		lit, ok := node.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return true
		}
		n++
		text, err := strconv.Unquote(lit.Value)
		if err != nil {
			t.Fatal(err)
		}
		if phrase := list.find(text); phrase != "" {
			t.Errorf("%s:%d: %q: say %s", rel, files.Position(lit.Pos()).Line, phrase, list.better[phrase])
		}
		return true
	})
	return n
}

// TestEnglishBites demands that phrases are found across lines and at the edges of a
// text, and nowhere within longer words.
func TestEnglishBites(t *testing.T) {
	list := readGlossary(t)
	for text, want := range map[string]string{
		"nobody is\n   told of it": "is told",
		"Ours":                     "ours",
		"mend the trail":           "mend",
		"24 hours, recommended":    "",
		"an untold story":          "",
		"the letters":              "",
	} {
		if got := list.find(text); got != want {
			t.Errorf("%q: found %q, want %q", text, got, want)
		}
	}
}

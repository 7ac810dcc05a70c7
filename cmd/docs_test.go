package cmd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/spf13/pflag"
)

var (
	codeSpan    = regexp.MustCompile("`([^`\n]+)`")
	codeLine    = regexp.MustCompile(`(?m)^(?: {4,}|\$ |\s*- (?:run: )?)(monitorctl .+)$`)
	alternative = regexp.MustCompile(`([a-z]+)(\\?\|[a-z]+)+`) // as in terraform|shell
	placeholder = regexp.MustCompile(`\s*\[[^\]]*\]`)          // as in [CONTROL...]
)

// commandsOf returns the commands of monitorctl in a page: lines of code, and spans.
func commandsOf(page string) []string {
	var out []string
	for _, m := range codeLine.FindAllStringSubmatch(page, -1) {
		out = append(out, strings.TrimSuffix(m[1], `\`))
	}
	for _, m := range codeSpan.FindAllStringSubmatch(page, -1) {
		if strings.HasPrefix(m[1], "monitorctl ") {
			out = append(out, m[1])
		}
	}
	return out
}

// TestPagesCallCommandsThatExist parses each command of the pages for users.
func TestPagesCallCommandsThatExist(t *testing.T) {
	pages := []string{"../README.md", "../SECURITY.md"}
	for _, pattern := range []string{"../docs/*.md", "../docs/ci/*"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	n := 0
	for _, name := range pages {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, command := range commandsOf(string(text)) {
			if strings.Contains(command, "COMMAND") || strings.HasSuffix(command, "--help") || strings.Contains(command, "...") && !strings.Contains(command, "[") {
				continue
			}
			n++
			line := alternative.ReplaceAllString(placeholder.ReplaceAllString(command, ""), "$1")
			checkExample(t, newRoot(testEnv(io.Discard, io.Discard)), line)
			if t.Failed() {
				t.Fatalf("%s: %s", name, command)
			}
		}
	}
	if n < 150 {
		t.Errorf("only %d commands were found: the test does not see them", n)
	}
}

// TestTroubleshootingCommands runs each command of the page on the demo's account: none is
// wrong usage, and none fails.
func TestTroubleshootingCommands(t *testing.T) {
	text, err := os.ReadFile("../docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir()) // for the files that they write
	var out bytes.Buffer
	d, err := newDemoRun(testEnv(&out, &out), true)
	if err != nil {
		t.Fatal(err)
	}
	defer d.stop()
	commands := commandsOf(string(text))
	for _, command := range commands {
		command, _, _ = strings.Cut(command, "  #")
		var args []string
		for _, word := range shellWords.FindAllString(command, -1)[1:] {
			args = append(args, strings.Trim(word, `'"`))
		}
		var out bytes.Buffer
		root := newRoot(d.env.at(&out, &out))
		root.SetArgs(args)
		err := root.ExecuteContext(context.Background())
		if code := exit.Code(err); args[0] != "demo" && code != exit.Done && code != exit.ControlsFailed {
			t.Errorf("%s: exit code %d: %v\n%s", command, code, err, &out)
		}
	}
	if len(commands) < 25 {
		t.Errorf("only %d commands were found", len(commands))
	}
}

// TestTroubleshootingSymptoms looks for each error text of the page in the program: what
// nobody sees needs no row.
func TestTroubleshootingSymptoms(t *testing.T) {
	var source strings.Builder
	for _, dir := range []string{".", "../internal", "../scripts/action"} {
		err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || strings.HasSuffix(path, "_test.go") || !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".sh") {
				return err
			}
			text, err := os.ReadFile(path)
			source.Write(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	fmt.Fprintln(&source, pflag.NewFlagSet("", pflag.ContinueOnError).Parse([]string{"--x"})) // the library's own text
	page, err := os.ReadFile("../docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, section := range strings.Split(string(page), "\n## ") {
		if strings.Contains(section, "| code |") || !strings.Contains(section, "| symptom |") {
			continue
		}
		for line := range strings.Lines(section) {
			cells := strings.Split(line, "|")
			if len(cells) < 3 {
				continue
			}
			for _, m := range codeSpan.FindAllStringSubmatch(cells[1], -1) {
				for _, part := range strings.Split(m[1], "...") {
					n++
					part = strings.TrimSpace(part)
					kind, ok := strings.CutPrefix(part, "unknown ")
					if ok = ok && regexp.MustCompile(`Unknown(Error\{Kind: |\()"`+kind+`",`).MatchString(source.String()); !ok && !strings.Contains(source.String(), part) {
						t.Errorf("no error says %q", part)
					}
				}
			}
		}
	}
	if n < 30 {
		t.Errorf("only %d symptoms were found", n)
	}
}

// TestNoOrganization: whoever asks for an organization that there is none of is told what
// names accounts instead.
func TestNoOrganization(t *testing.T) {
	d, err := newDemoRun(testEnv(io.Discard, io.Discard), true)
	if err != nil {
		t.Fatal(err)
	}
	defer d.stop()
	root := newRoot(d.env.at(io.Discard, io.Discard))
	root.SetArgs([]string{"audit", "--org", "--account-role", "audit"})
	err = root.ExecuteContext(context.Background())
	if exit.Code(err) != exit.Failed || !strings.Contains(hintFor(err), "leave --org out") {
		t.Errorf("%v, hint %q", err, hintFor(err))
	}
}

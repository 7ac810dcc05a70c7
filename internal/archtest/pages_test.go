package archtest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// pagePath is a path of the repository in a page: in a link, or in code.
var (
	pageLink = regexp.MustCompile(`\]\(([^)#:]*)(?:#([^)]*))?\)`)
	pageCode = regexp.MustCompile("`((?:internal|cmd|patterns|testdata|docs|scripts)/[A-Za-z0-9_./-]+)`")
)

// TestPagesNameWhatExists follows the paths and links of the pages.
func TestPagesNameWhatExists(t *testing.T) {
	root := filepath.Join("..", "..")
	pages := []string{"README.md", "CONTRIBUTING.md", "SECURITY.md"}
	for _, pattern := range []string{"docs/*.md", "docs/decisions/*.md", "docs/commands/*.md", "testdata/judging/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			pages = append(pages, filepath.ToSlash(strings.TrimPrefix(f, root+string(filepath.Separator))))
		}
	}
	checked := 0
	for _, page := range pages {
		text, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range pageLink.FindAllSubmatch(text, -1) {
			checked++
			target := filepath.Join(root, filepath.Dir(page), string(m[1]))
			if len(m[1]) == 0 {
				target = filepath.Join(root, page)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
			} else if anchor := string(m[2]); anchor != "" && !slices.Contains(anchorsOf(t, target), anchor) {
				t.Errorf("%s links to %s#%s, and no heading is called so", page, m[1], anchor)
			}
		}
		if strings.HasPrefix(page, "docs/decisions/") {
			continue // a decision speaks of its day
		}
		for _, m := range pageCode.FindAllSubmatch(text, -1) {
			path := string(m[1])
			if strings.Contains(path, "ID.yaml") || strings.Contains(path, "NAME.") || strings.HasSuffix(path, "...") {
				continue // a file that is yet to be written
			}
			checked++
			if _, err := os.Stat(filepath.Join(root, path)); err != nil {
				t.Errorf("%s names %s, which is not there", page, path)
			}
		}
	}
	if checked < 50 {
		t.Errorf("only %d paths were found: the test does not see them", checked)
	}
}

// anchorsOf are the anchors that GitHub gives the headings of a page: lower case, blanks as
// hyphens, no punctuation, a number behind one that there is already.
func anchorsOf(t *testing.T, page string) []string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	seen := map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^#+ +(.+?) *$`).FindAllStringSubmatch(string(text), -1) {
		anchor := strings.ReplaceAll(regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")
		if n := seen[anchor]; n > 0 {
			out = append(out, fmt.Sprintf("%s-%d", anchor, n))
		} else {
			out = append(out, anchor)
		}
		seen[anchor]++
	}
	return out
}

// TestEveryPageIsListed demands that docs/README.md has every page, and that decisions
// are numbered without holes, as their titles say.
func TestEveryPageIsListed(t *testing.T) {
	docs := filepath.Join("..", "..", "docs")
	index, err := os.ReadFile(filepath.Join(docs, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(docs)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if name := e.Name(); name != "README.md" && !strings.Contains(string(index), "("+name+")") {
			t.Errorf("docs/README.md does not list %s", name)
		}
	}
	decisions, err := filepath.Glob(filepath.Join(docs, "decisions", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(decisions)
	for i, path := range decisions {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if name := filepath.Base(path); !strings.HasPrefix(name, fmt.Sprintf("%04d-", i+1)) || !strings.HasPrefix(string(text), fmt.Sprintf("# %d. ", i+1)) {
			t.Errorf("decision %d is %s, which begins with %q", i+1, name, strings.SplitN(string(text), "\n", 2)[0])
		}
	}
}

// TestComparison holds the figures of docs/compare.md together: what the beginning says is
// what the tables have, and no tool or link is left out.
func TestComparison(t *testing.T) {
	page := readFile(t, "docs/compare.md")
	row := func(name string) []string {
		t.Helper()
		for line := range strings.Lines(page) {
			cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			if cells[0] == name {
				return cells
			}
		}
		t.Fatalf("the page has no row %q", name)
		return nil
	}
	if got := row("link"); !slices.Equal(got, []string{"link", "monitorctl", "Prowler", "Security Hub", "Powerpipe", "CloudSploit", "Cloud Custodian"}) {
		t.Errorf("auditors %v", got)
	}
	for _, link := range []string{"trail", "log group", "filter", "metric", "alarm", "actions", "topic", "subscriber", "EventBridge rules"} {
		if slices.Contains(row(link), "") {
			t.Errorf("the row %q has an empty cell", link)
		}
	}
	confirmed := row("nobody has confirmed, 15 controls (measured)")
	ours, prowler := row("monitorctl, 15 controls, to the subscriber"), row("Prowler, its 15 checks by its command line")
	var cpu [2]float64
	for i, text := range []string{ours[4], prowler[4]} {
		var err error
		if cpu[i], err = strconv.ParseFloat(text, 64); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{
		"**Prowler passes " + strings.TrimSuffix(confirmed[2], " pass") + " of 15, monitorctl " + strings.TrimSuffix(confirmed[1], " pass") + " of 15**",
		"**" + ours[2] + " requests, Prowler " + prowler[2] + "**",
		fmt.Sprintf("1/%.0f of Prowler's processor time", cpu[1]/cpu[0]),
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not begin with %q", want)
		}
	}
	for _, name := range []string{"automated response (its runbook for these controls)", "Terraform module `cis-alarms`"} {
		if !strings.Contains(page, "| "+name+" |") {
			t.Errorf("%s has no column", name)
		}
	}
}

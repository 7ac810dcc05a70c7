package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/exit"
)

// pageTexts are the texts of code that a page has, with the account that it is about.
func pageTexts(t *testing.T, page, account string) []string {
	t.Helper()
	_, data, _ := strings.Cut(page, `type="application/json" id="index">`)
	data, _, found := strings.Cut(data, "</script>")
	var index struct {
		Line []string
		Code [][]int
	}
	if err := json.Unmarshal([]byte(data), &index); err != nil || !found {
		t.Fatalf("%v: %.200s", err, data)
	}
	var texts []string
	for _, lines := range index.Code {
		var text []string
		for _, i := range lines {
			text = append(text, index.Line[i])
		}
		texts = append(texts, strings.ReplaceAll(strings.Join(text, "\n"), "\x01", account))
	}
	return texts
}

// TestAzureCode: the page of a subscription has the fix as code. The Terraform is what the
// linter takes for rules that cover the control, and the commands write the same bodies.
func TestAzureCode(t *testing.T) {
	l := newAzureLab(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "page.html")
	p := l.process("audit", "nsg-changes", "--subscription", azureSubscription, "-o", "html="+file)
	if out, err := p.CombinedOutput(); p.ProcessState.ExitCode() != exit.ControlsFailed {
		t.Fatalf("%v: %s", err, out)
	}
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	texts := pageTexts(t, string(page), azureSubscription)
	if len(texts) != 2 {
		t.Fatalf("%d texts", len(texts))
	}
	commands, hcl := texts[0], texts[1]
	main := filepath.Join(dir, "main.tf")
	if err := os.WriteFile(main, []byte(hcl), 0o600); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	if code := Main([]string{"pattern", "lint", "--control", "nsg-changes", main}, strings.NewReader(""), &said, &said, nil); code != exit.Done || !strings.Contains(said.String(), "covers nsg-changes") {
		t.Errorf("exit %d: %s\n%s", code, said.String(), hcl)
	}
	puts := regexp.MustCompile(`(?m)^az rest --method put --url '/subscriptions/`+azureSubscription+`/[^']+\?api-version=[0-9-]+' --output none --body '\{.*\}'$`).FindAllString(commands, -1)
	if want := strings.Count(hcl, `resource "azapi_resource"`); len(puts) != want || want < 2 {
		t.Errorf("%d commands, %d resources:\n%s\n%s", len(puts), want, commands, hcl)
	}
}

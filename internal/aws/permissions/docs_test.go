package permissions

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/permissions.md")

const docsFile = "../../../docs/permissions.md"

// docs/permissions.md is the table for readers; it must not lag behind.
func TestDocs(t *testing.T) {
	hold(t, docsFile, func(string) string { return renderDocs() })
}

// TestReadme holds the list of docs/credentials.md equal to the table.
func TestReadme(t *testing.T) {
	const begin, end = " -update -->\n", "<!-- permissions: end -->"
	hold(t, "../../../docs/credentials.md", func(text string) string {
		head, rest, ok := strings.Cut(text, "<!-- permissions: written by go test ./internal/aws/permissions"+begin)
		_, tail, closed := strings.Cut(rest, end)
		if !ok || !closed {
			t.Fatal("docs/credentials.md has no place for the list")
		}
		return head + "<!-- permissions: written by go test ./internal/aws/permissions" + begin + renderList() + end + tail
	})
}

// hold compares a file with what it must be, made of its present text; with
// -update it writes the file.
func hold(t *testing.T, file string, render func(string) string) {
	t.Helper()
	have, err := os.ReadFile(file)
	if err != nil && !*update {
		t.Fatal(err)
	}
	want := render(string(have))
	if *update && want != string(have) {
		if err := os.WriteFile(file, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := gocmp.Diff(want, string(have)); d != "" {
		t.Errorf("%s is out of date, 'go test ./internal/aws/permissions -update' writes it (-table +file):\n%s", file, d)
	}
}

// renderList lists the actions by command, those that may be left out apart.
func renderList() string {
	var b strings.Builder
	b.WriteString("\n| for | needed | optional |\n| --- | --- | --- |\n")
	seen := map[string]bool{}
	for i, title := range []string{"`audit`, `explain`", "`plan`, `snapshot` also", "`apply` also", "`undo`, `destroy` also", "`drill`, beside `audit` and `logs:TestMetricFilter`"} {
		cells := map[bool][]string{}
		for _, o := range joined(needs) {
			for _, a := range o.Actions {
				if o.From == Command(i) && !seen[a] && o.When != ManyAccounts && o.When != EachAccount { // the last row has those
					seen[a] = true
					cells[o.Optional()] = append(cells[o.Optional()], "`"+a+"`")
				}
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", title, strings.Join(cells[false], ", "), strings.Join(cells[true], ", "))
	}
	var trail []string
	for _, o := range joined(trailNeeds) {
		for _, a := range o.Actions {
			if !seen[a] {
				seen[a] = true
				trail = append(trail, "`"+a+"`")
			}
		}
	}
	fmt.Fprintf(&b, "| any of them with `--create-trail` also | %s |  |\n", strings.Join(trail, ", "))
	cells := map[bool][]string{}
	for _, o := range Table() {
		for _, a := range o.Actions {
			if o.When == ManyAccounts || o.When == EachAccount {
				cells[o.Optional()] = append(cells[o.Optional()], "`"+a+"`")
			}
		}
	}
	fmt.Fprintf(&b, "| `audit --org` also, for who runs it | %s | %s |\n\n", strings.Join(cells[false], ", "), strings.Join(cells[true], ", "))
	return b.String()
}

const docsHead = `# Permissions

Generated from the table in ` + "`internal/aws/permissions`" + `; ` + "`monitorctl permissions audit | plan | apply | undo | drill | replay`" + ` prints it as an IAM policy, for the
controls, topics and subscribers that are named, and with ` + "`--scoped`" + ` narrowed to what stands in the account.

An audit makes the calls marked audit, a plan or snapshot those marked audit and plan, apply those of all three, undo and destroy also those marked undo;
a drill makes those marked audit, ` + "`logs:TestMetricFilter`" + ` and those marked drill. Source of actions,
resource types and condition keys: the section of AWS's Service Authorization Reference that the last column names.
`

func renderDocs() string {
	var b strings.Builder
	b.WriteString(docsHead)
	b.WriteString("\n## Needed\n\n| call | IAM actions | on | from | when | reference |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, o := range Table() {
		if !o.Optional() {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", o.Name, actionsText(o), on(o), o.From, when(o), o.Source)
		}
	}
	b.WriteString("\n## Optional\n\nTheir statements have names that begin with \"Optional\": without --strict no verdict depends on them.\n\n" +
		"| call | statement | from | when | without it | reference |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, o := range Table() {
		if o.Optional() {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", o.Name, o.Sid, o.From, when(o), o.Without, o.Source)
		}
	}
	b.WriteString("\n## Replay on Athena\n\n`monitorctl permissions replay-athena` prints these; the chain needs what an audit needs. Athena makes the calls to Glue and S3 with the caller's rights.\n\n" +
		"| call | statement | IAM actions | on | without it | reference |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, o := range AthenaTable() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", o.Name, o.Sid, actionsText(o), on(o), o.Without, o.Source)
	}
	b.WriteString("\n## Replay\n\n`monitorctl permissions replay s3://BUCKET/PREFIX` prints those of an audit, for the chain, and these for the log files; with --patterns-only these alone.\n\n" +
		"| call | IAM actions | on | without it | reference |\n| --- | --- | --- | --- | --- |\n")
	for _, o := range LogTable() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", o.Name, actionsText(o), on(o), cmp.Or(o.Without, "no log file is read"), o.Source)
	}
	return b.String()
}

func actionsText(o Operation) string {
	if len(o.Actions) == 0 {
		return "none"
	}
	return "`" + strings.Join(o.Actions, "`, `") + "`"
}

func on(o Operation) string {
	text := string(o.On)
	if o.On == Everything {
		text = "everything"
	}
	if o.If != NoCondition {
		text += "; " + string(o.If)
	}
	return text
}

func when(o Operation) string {
	if o.When == Always {
		return "always"
	}
	return string(o.When)
}

package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// annotationsOfAKind is how many errors, warnings and notices of a step GitHub shows each;
// the others are dropped in silence. Source: GitHub's documentation, "Workflow commands",
// and the runner's issue tracker.
const annotationsOfAKind = 10

// namedAtMost bounds the names in one annotation, whose message GitHub cuts at 64 KB.
const namedAtMost = 200

// GitHub writes a report as workflow commands, which GitHub's runner turns into
// annotations: an error for what fails, a warning for what is unknown or has a
// warning, a notice for what the baseline knows and for the summary. With
// ShowWaived what is waived is a notice, too, and with Strict a warning is an
// error. GitHub shows ten of a kind, so the most severe come first, and the last names
// those that have no annotation of their own.
func GitHub(w io.Writer, r finding.Report, o Options) error {
	of := map[string][]finding.Finding{}
	for _, f := range r.Findings {
		command := githubCommand(f, o)
		of[command] = append(of[command], f)
	}
	for command, own := range map[string]int{"error": annotationsOfAKind, "warning": annotationsOfAKind, "notice": annotationsOfAKind - 1} {
		slices.SortStableFunc(of[command], func(a, b finding.Finding) int { return cmp.Compare(b.Severity, a.Severity) })
		if len(of[command]) > own {
			of[command+" without"] = of[command][own-1:]
			of[command] = of[command][:own-1]
		}
	}
	for _, command := range []string{"error", "warning", "notice"} {
		for _, f := range of[command] {
			if err := writeCommand(w, command, githubTitle(f), strings.Join(evidenceLines(f, r, o), "\n")); err != nil {
				return err
			}
		}
		if rest := of[command+" without"]; len(rest) > 0 {
			if err := writeCommand(w, command, fmt.Sprintf("monitorctl: %d more", len(rest)), githubRest(rest)); err != nil {
				return err
			}
		}
	}
	lines := slices.Concat([]string{summaryLine(r)}, checkedLines(r), o.baselineLines())
	if o.Config != nil {
		lines = append(lines, o.Config.text())
	}
	return writeCommand(w, "notice", "monitorctl", strings.Join(lines, "\n"))
}

// githubTitle is the title of an annotation.
func githubTitle(f finding.Finding) string {
	return fmt.Sprintf("%s: %s in %s %s", painter{}.status(f.Status), controlText(f), accountWord(f.Cloud), Sanitize(f.Account))
}

// githubRest names findings that have no annotation of their own.
func githubRest(rest []finding.Finding) string {
	lines := []string{fmt.Sprintf("GitHub shows %d annotations of a kind. These have none of their own:", annotationsOfAKind)}
	for i, f := range rest {
		if i == namedAtMost {
			lines = append(lines, fmt.Sprintf("and %d more", len(rest)-i))
			break
		}
		lines = append(lines, githubTitle(f))
	}
	return strings.Join(lines, "\n")
}

// githubCommand returns the command for a finding; "" for none.
func githubCommand(f finding.Finding, o Options) string {
	switch {
	case o.known(f), f.Status == finding.Waived && o.ShowWaived:
		return "notice"
	case f.Status == finding.Pass, f.Status == finding.NotApplicable, f.Status == finding.Waived:
		return ""
	case o.fails(f):
		return "error"
	default:
		return "warning"
	}
}

// The characters that end a command's message or a property of it, escaped as
// the runner takes them back.
var (
	commandData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func writeCommand(w io.Writer, command, title, message string) error {
	return WriteCommand(w, command, message, "title", title)
}

// WriteCommand writes a workflow command of GitHub's runner; properties are names
// and values in turn: "file", "main.tf", "line", "3".
func WriteCommand(w io.Writer, command, message string, properties ...string) error {
	var b strings.Builder
	b.WriteString("::" + command)
	for i := 0; i+1 < len(properties); i += 2 {
		b.WriteString(map[bool]string{true: " ", false: ","}[i == 0] + properties[i] + "=" + commandProperty.Replace(properties[i+1]))
	}
	b.WriteString("::" + commandData.Replace(message) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

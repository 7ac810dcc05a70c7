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

// namedAtMost and namedLength, in characters, bound the names in one annotation, whose
// message GitHub cuts at 64 KB.
const (
	namedAtMost = 200
	namedLength = 300
)

// GitHub writes a report as workflow commands, which GitHub's runner turns into
// annotations: an error for what fails, a warning for what is unknown or has a
// warning, a notice for what the baseline knows and for the summary. With
// ShowWaived what is waived is a notice, too, and with Strict a warning is an
// error. GitHub shows ten of a kind, so the most severe come first, and the last names
// those that have no annotation of their own.
func GitHub(w io.Writer, r finding.Report, o Options) error {
	var list []Annotation
	for _, f := range slices.SortedStableFunc(slices.Values(r.Findings), func(a, b finding.Finding) int { return cmp.Compare(b.Severity, a.Severity) }) {
		list = append(list, Annotation{Command: githubCommand(f, o), Title: githubTitle(f), Message: func() string { return strings.Join(evidenceLines(f, r, o), "\n") }})
	}
	lines := slices.Concat([]string{summaryLine(r)}, checkedLines(r), o.baselineLines())
	if o.Config != nil {
		lines = append(lines, o.Config.text())
	}
	return WriteAnnotations(w, list, lines)
}

// An Annotation is a workflow command for something that GitHub is to show.
type Annotation struct {
	Command string   // error, warning or notice; another one is not written
	Title   string   // of the annotation, and its name where it is only named
	Place   []string // properties and values in turn, as WriteCommand takes them: the file and the line; nil for none
	Name    string   // where it is only named; "" for the title
	Message func() string
}

// WriteAnnotations writes at most ten annotations of a kind, those that come first; the
// tenth names the others. A notice with the lines of the summary ends them.
func WriteAnnotations(w io.Writer, list []Annotation, summary []string) error {
	for _, command := range []string{"error", "warning", "notice"} {
		own := slices.DeleteFunc(slices.Clone(list), func(a Annotation) bool { return a.Command != command })
		room := annotationsOfAKind
		if command == "notice" {
			room-- // for the summary
		}
		if len(own) > room {
			rest := own[room-1:]
			own = append(own[:room-1:room-1], Annotation{Title: fmt.Sprintf("monitorctl: %s more", Thousands(len(rest))), Message: func() string { return annotationsLeft(rest) }})
		}
		for _, a := range own {
			if err := WriteCommand(w, command, a.Message(), append(slices.Clip(a.Place), "title", a.Title)...); err != nil {
				return err
			}
		}
	}
	return WriteCommand(w, "notice", strings.Join(summary, "\n"), "title", "monitorctl")
}

// githubTitle is the title of an annotation.
func githubTitle(f finding.Finding) string {
	return fmt.Sprintf("%s: %s in %s %s", painter{}.status(f.Status), controlText(f), accountWord(f.Cloud), Sanitize(f.Account))
}

// annotationsLeft names what has no annotation of its own.
func annotationsLeft(rest []Annotation) string {
	lines := []string{fmt.Sprintf("GitHub shows only %d annotations of each kind. These have none:", annotationsOfAKind)}
	for i, a := range rest {
		if i == namedAtMost {
			lines = append(lines, fmt.Sprintf("and %s more", Thousands(len(rest)-i)))
			break
		}
		lines = append(lines, truncate(cmp.Or(a.Name, a.Title), namedLength))
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

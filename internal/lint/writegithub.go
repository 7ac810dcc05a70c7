package lint

import (
	"fmt"
	"io"
	"strconv"

	"github.com/monitorctl/monitorctl/internal/report"
)

// WriteGitHub writes a report as workflow commands, which GitHub's runner turns
// into annotations at their lines: errors for findings, for files that could not
// be read and for controls that are not covered, warnings for what was not checked
// (notices when that is allowed), and a notice that sums up. Of what GitHub would not
// show the last of a kind names the places.
func WriteGitHub(w io.Writer, r Report, allowUnjudged bool) error {
	var list []report.Annotation
	for _, p := range r.problems(allowUnjudged) {
		name := report.Sanitize(shown(p.path))
		place := []string{"file", name}
		if p.at.Line > 0 {
			place = append(place, "line", strconv.Itoa(p.at.Line), "col", strconv.Itoa(p.at.Column))
			name += fmt.Sprintf(":%d:%d", p.at.Line, p.at.Column)
		}
		message := report.Sanitize(p.message)
		list = append(list, report.Annotation{
			Command: p.level.command(), Title: "monitorctl: " + p.code, Place: place, Name: name + ": " + message, Message: func() string { return message },
		})
	}
	return report.WriteAnnotations(w, list, []string{report.Sanitize(r.summary())})
}

// command is the command for a problem.
func (l level) command() string {
	switch l {
	case levelError:
		return "error"
	case levelWarning:
		return "warning"
	default:
		return "notice"
	}
}

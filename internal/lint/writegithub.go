package lint

import (
	"io"
	"strconv"

	"github.com/monitorctl/monitorctl/internal/report"
)

// WriteGitHub writes a report as workflow commands, which GitHub's runner turns
// into annotations at their lines: errors for findings, for files that could not
// be read and for controls that are not covered, warnings for what was not checked
// (notices when that is allowed), and a notice that sums up.
func WriteGitHub(w io.Writer, r Report, allowUnjudged bool) error {
	for _, p := range r.problems(allowUnjudged) {
		properties := []string{"file", report.Sanitize(shown(p.path))}
		if p.at.Line > 0 {
			properties = append(properties, "line", strconv.Itoa(p.at.Line), "col", strconv.Itoa(p.at.Column))
		}
		properties = append(properties, "title", "monitorctl: "+p.code)
		if err := report.WriteCommand(w, p.level.command(), report.Sanitize(p.message), properties...); err != nil {
			return err
		}
	}
	return report.WriteCommand(w, "notice", report.Sanitize(r.summary()), "title", "monitorctl")
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

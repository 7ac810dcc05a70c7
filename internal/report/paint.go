package report

import (
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/fatih/color"
)

// A painter colors words when on. The color library's own switch is global and
// is left alone: each value is told what to do.
type painter struct{ on bool }

func (p painter) paint(text string, attributes ...color.Attribute) string {
	c := color.New(attributes...)
	if p.on {
		c.EnableColor()
	} else {
		c.DisableColor()
	}
	return c.Sprint(text)
}

// status returns the word that tables show for a status.
func (p painter) status(s finding.Status) string {
	switch s {
	case finding.Pass:
		return p.paint("PASS", color.FgGreen)
	case finding.Warn:
		return p.paint("WARN", color.FgYellow)
	case finding.Fail:
		return p.paint("FAIL", color.FgRed, color.Bold)
	case finding.Unknown:
		return p.paint("UNKNOWN", color.FgMagenta)
	case finding.Waived:
		return p.paint("WAIVED", color.FgCyan)
	case finding.NotApplicable:
		return p.paint("N/A", color.FgCyan)
	default:
		return Sanitize(strings.ToUpper(string(s)))
	}
}

// state returns the word for a link's state, "-" when there is no link.
func (p painter) state(s finding.LinkState) string {
	switch s {
	case finding.StateOK:
		return p.paint("ok", color.FgGreen)
	case finding.StateGap:
		return p.paint("gap", color.FgYellow)
	case finding.StateNone:
		return p.paint("none", color.FgRed)
	case finding.StateUnknown:
		return p.paint("unknown", color.FgMagenta)
	case "":
		return "-"
	default:
		return Sanitize(string(s))
	}
}

package report

import (
	"strings"

	"github.com/fatih/color"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
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
func (p painter) status(s audit.Status) string {
	switch s {
	case audit.Pass:
		return p.paint("PASS", color.FgGreen)
	case audit.Warn:
		return p.paint("WARN", color.FgYellow)
	case audit.Fail:
		return p.paint("FAIL", color.FgRed, color.Bold)
	case audit.Unknown:
		return p.paint("UNKNOWN", color.FgMagenta)
	case audit.Waived:
		return p.paint("WAIVED", color.FgCyan)
	case audit.NotApplicable:
		return p.paint("N/A", color.FgCyan)
	default:
		return Sanitize(strings.ToUpper(string(s)))
	}
}

// state returns the word for a link's state, "-" when there is no link.
func (p painter) state(s audit.LinkState) string {
	switch s {
	case audit.StateOK:
		return p.paint("ok", color.FgGreen)
	case audit.StateGap:
		return p.paint("gap", color.FgYellow)
	case audit.StateNone:
		return p.paint("none", color.FgRed)
	case audit.StateUnknown:
		return p.paint("unknown", color.FgMagenta)
	case "":
		return "-"
	default:
		return Sanitize(string(s))
	}
}

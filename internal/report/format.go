package report

import (
	"io"
	"slices"

	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/spelling"
)

// A Format is one way to write the report of an audit.
type Format struct {
	Name    string // as -o takes it
	Purpose string // what it is for, in the words of docs/output.md
	AWSOnly bool   // it has no place for other clouds

	// Write writes a report to w, all of it or, after an error of w, a part.
	Write func(w io.Writer, r finding.Report, o Options) error
}

// formats holds every output format, the default one first, the others by name.
var formats = []Format{
	{Name: "table", Purpose: "people at a terminal", Write: Table},
	{Name: "asff", Purpose: "AWS Security Hub", AWSOnly: true, Write: ASFF},
	{Name: "csv", Purpose: "spreadsheets", Write: CSV},
	{Name: "github", Purpose: "annotations in GitHub Actions", Write: GitHub},
	{Name: "gitlab", Purpose: "GitLab's code quality widget", Write: GitLab},
	{Name: "html", Purpose: "reading, searching and printing in a browser: one page that needs nothing else", Write: HTML},
	{Name: "json", Purpose: "programs: the whole report", Write: JSON},
	{Name: "jsonl", Purpose: "programs: the report line by line, as it is written", Write: JSONLines},
	{Name: "junit", Purpose: "CI systems that show test results", Write: JUnit},
	{Name: "markdown", Purpose: "pull request comments, step summaries", Write: Markdown},
	{Name: "ocsf", Purpose: "security data lakes", Write: OCSF},
	{Name: "sarif", Purpose: "GitHub code scanning, and everything else that reads SARIF", Write: SARIF},
}

// Formats returns the names of the formats, the default one first, the others sorted.
func Formats() []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.Name)
	}
	return names
}

// Find returns the format of that name. The error is a *spelling.UnknownError,
// whose hint says which one was probably meant.
func Find(name string) (Format, error) {
	i := slices.IndexFunc(formats, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, spelling.Unknown("output format", name, Formats())
	}
	return formats[i], nil
}

// Purpose returns what a format is for; "" for one that this package lacks.
func Purpose(name string) string {
	f, _ := Find(name) // the zero one has no purpose
	return f.Purpose
}

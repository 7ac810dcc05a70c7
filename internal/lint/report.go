package lint

import "github.com/monitorctl/monitorctl/internal/catalog"

// A Report is what a run found.
type Report struct {
	Benchmark catalog.Benchmark // decides which events a control requires
	Files     []File            // in the order in which they were named, directories by path
}

// A File is one file that was looked at.
type File struct {
	Path   string // as named; "-" is standard input
	Format Format

	// Err says why the file could not be read; nil if it could. Then there are
	// no patterns.
	Err *Problem

	Patterns []Pattern // in the order of the file
}

// A Format is a kind of file.
type Format string

// The formats; NoFormat is that of a file in YAML or JSON that is no template.
const (
	Terraform      Format = "terraform"
	CloudFormation Format = "cloudformation"
	Text           Format = "text"
	NoFormat       Format = ""
)

// A Problem says why a file could not be read.
type Problem struct {
	Place   // zero when it concerns all of the file
	Message string
}

// A Pattern is one pattern of a file.
type Pattern struct {
	Place        // of its value
	Name  string // of the resource: "aws_cloudwatch_log_metric_filter.x", "LogicalId"; "" in plain text
	Text  string // "" when it is not known

	// NotJudged says why the pattern was not judged; "" if it was.
	NotJudged string

	Findings []Finding  // by place in the pattern
	Covers   []Coverage // the controls all of whose events it matches
}

// A Finding is something wrong with a pattern, or what looks like it.
type Finding struct {
	Place          // of the offending part
	Offset  int    // of that part in the pattern: bytes from 0
	Code    string // a sort of suspicion, or one of the codes below
	Message string // lower case, one sentence without full stop

	// Nearly is not nil in findings of the code CodeNearly.
	Nearly *Coverage
}

// The codes of findings beside those of package pattern and package events.
const (
	CodeSyntax  = "syntax"        // it is no pattern
	CodeTooLong = "too-long"      // CloudWatch Logs refuses it for its length
	CodeNearly  = "nearly-covers" // it matches most of what a control requires
)

// A Coverage says what a pattern does for a control.
type Coverage struct {
	Control string // its id
	Number  string // in the benchmark; "" if it has none

	Missed []Event  // required events that the pattern does not match
	Lost   []string // conditions under which a required event is not matched, in words
}

// An Event is one event that a control requires.
type Event struct{ Source, Name string }

// Findings counts the findings of all files.
func (r Report) Findings() int {
	n := 0
	for _, f := range r.Files {
		for _, p := range f.Patterns {
			n += len(p.Findings)
		}
	}
	return n
}

// Unread counts the files that could not be read.
func (r Report) Unread() int {
	n := 0
	for _, f := range r.Files {
		if f.Err != nil {
			n++
		}
	}
	return n
}

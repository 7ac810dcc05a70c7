package lint

import (
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/cover"
)

// A Report is what a run found.
type Report struct {
	Benchmark catalog.Benchmark // decides which events a control requires
	Files     []File            // in the order in which they were named, directories by path
	Asked     []Asked           // the controls that all patterns together must cover; none unless asked
}

// A File is one file that was looked at.
type File struct {
	Path   string // as named; "-" is standard input
	Format Format

	// Err says why the file could not be read; nil if it could. Then there are
	// no patterns.
	Err *Problem

	// Empty says that a file that was named could be read and has no pattern.
	Empty bool

	Patterns []Pattern // in the order of the file
}

// A Format is a kind of file.
type Format string

// The formats; NoFormat is that of a file in YAML or JSON without patterns.
const (
	Terraform      Format = "terraform"      // HCL of any kind, plans and states
	CloudFormation Format = "cloudformation" // templates
	Structured     Format = "structured"     // YAML and JSON of other tools
	Text           Format = "text"           // scripts, code, prose
	Lines          Format = "lines"          // a pattern a line
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
	Name  string // of the resource, the filter or the key; "" in plain text
	Use   string // "metric filter", "subscription filter", "event rule", "pattern"
	Text  string // "" when it is not known, or not all of it

	// Unknown says which parts of the text the files do not say; the rest was
	// judged.
	Unknown []string

	// NotJudged says why the pattern was not checked; "" if it was.
	NotJudged string

	Findings []Finding  // by place in the pattern, what it does for controls last
	Notes    []Finding  // what is no mistake, and worth a word; sorted likewise
	Covers   []Coverage // the controls all of whose events it matches
}

// A Finding is something wrong with a pattern, or what looks like it.
type Finding struct {
	Path    string // of the file in which the offending part stands
	Place          // of the offending part
	Offset  int    // of that part in the pattern: bytes from 0
	Code    string // a sort of suspicion, or one of the codes below
	Message string // lower case, one sentence without full stop

	// Nearly is not nil in findings of the codes CodeNearly and CodeHalf.
	Nearly *Coverage
}

// The codes of findings beside those of package pattern and package events.
const (
	CodeSyntax  = "syntax"        // it is no pattern
	CodeTooLong = "too-long"      // CloudWatch Logs refuses it for its length
	CodeNearly  = "nearly-covers" // it matches most of what a control requires
	CodeHalf    = "half-covers"   // it matches at least half of what a control requires
	CodeValue   = "unknown-value" // the field never has this text
)

// The codes of notes beside those of findings.
const (
	CodeBroad    = "matches-nearly-everything" // so many controls are covered that it is about none
	CodeUnlisted = "source-not-listed"         // the events of a source are not known
)

// A Coverage says what a pattern does for a control.
type Coverage struct {
	Control string // its id
	Number  string // in the benchmark; "" if it has none
	Events  int    // how many events it requires; 1 or 2 for a condition

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

// NotJudged counts the patterns that were not checked.
func (r Report) NotJudged() int {
	n := 0
	for _, f := range r.Files {
		for _, p := range f.Patterns {
			if p.NotJudged != "" {
				n++
			}
		}
	}
	return n
}

// Empty counts the files that were named and have no pattern.
func (r Report) Empty() int {
	n := 0
	for _, f := range r.Files {
		if f.Empty {
			n++
		}
	}
	return n
}

// Uncovered counts the controls that were asked for and that the patterns do not
// cover.
func (r Report) Uncovered() int {
	n := 0
	for _, a := range r.Asked {
		if a.Verdict != cover.Covered {
			n++
		}
	}
	return n
}

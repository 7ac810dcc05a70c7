package lint

import "github.com/monitorctl/monitorctl/internal/cover"

// The codes of problems that are no findings.
const (
	codeNotChecked = "not-checked"
	codeNotRead    = "not-read"
	codeNoPattern  = "no-pattern"
	codeNotCovered = "not-covered"
)

// A problem is what keeps a run from passing, as formats for other programs show
// it.
type problem struct {
	path    string
	at      Place // zero when it concerns all of the file
	code    string
	message string
	level   level
}

// A level says how much a problem weighs.
type level byte

const (
	levelNote    level = iota // allowed
	levelWarning              // exit code 1
	levelError                // exit code 3, or a file that could not be read
)

// problems lists what is wrong, by file and place. Patterns that were not checked
// and files without one are notes when that is allowed.
func (r Report) problems(allowUnjudged bool) []problem {
	unseen := levelWarning
	if allowUnjudged {
		unseen = levelNote
	}
	var list []problem
	for _, f := range r.Files {
		switch {
		case f.Err != nil:
			list = append(list, problem{f.Path, f.Err.Place, codeNotRead, "not read: " + f.Err.Message, levelError})
		case f.Empty:
			list = append(list, problem{f.Path, Place{}, codeNoPattern, "no pattern was found" + f.hint(), unseen})
		}
		for _, p := range f.Patterns {
			for _, x := range p.Findings {
				list = append(list, problem{x.Path, x.Place, x.Code, x.Message, levelError})
			}
			if p.NotJudged != "" {
				list = append(list, problem{f.Path, p.Place, codeNotChecked, "not checked: " + p.NotJudged, unseen})
			}
		}
	}
	return append(list, r.uncovered()...)
}

// uncovered lists the controls that are not covered, at the first file: they are
// in none.
func (r Report) uncovered() []problem {
	path := "."
	if len(r.Files) > 0 {
		path = r.Files[0].Path
	}
	var list []problem
	for _, a := range r.Asked {
		if a.Verdict != cover.Covered {
			list = append(list, problem{path, Place{}, codeNotCovered, a.String(), levelError})
		}
	}
	return list
}

// codes says what each code means, in the order of docs/output.md.
var codes = []struct{ code, text string }{
	{CodeSyntax, "it is not a pattern: CloudWatch Logs would refuse it"},
	{CodeTooLong, "it has more than 1024 characters"},
	{CodeNearly, "it covers a control except for a few events, or for records that lack a field"},
	{CodeHalf, "it matches at least half of the events of a control and misses the others"},
	{CodeValue, "the field never has this text: its vocabulary is closed, and this is not part of it"},
	{"unknown-event", "no event has this name, or none of that event source"},
	{"event-case", "upper and lower case of an event's name are mixed up"},
	{"event-source", "the event is one of another event source than the pattern asks for"},
	{"matches-everything", "the pattern tells nothing apart"},
	{"never-true", "a part cannot be true"},
	{"always-true", "a part is true of every record"},
	{"precedence", "`A && B || C` without parentheses"},
	{"broad-alternative", "`!=` as an alternative of the whole pattern"},
	{"excludes-missing", "`!=` is false where the field is missing"},
	{"no-such-field", "CloudTrail's records have no such field"},
	{"repeated", "the same operand twice"},
	{"ignored-term", "`?` next to other terms"},
	{"split-word", "`-` or `?` inside a word"},
	{"uncertain-rule", "AWS leaves the meaning open"},
	{codeNotChecked, "a pattern was found and not checked: something in it is not known"},
	{codeNotRead, "the file could not be read"},
	{codeNoPattern, "a file that was named has no pattern"},
	{codeNotCovered, "all patterns together do not cover a control that was asked for"},
}

package eventpattern

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// A Suspicion is something about a pattern that looks like a mistake in a rule
// on CloudTrail's events.
type Suspicion struct {
	Code   SuspicionCode
	Offset int // bytes from the start of the pattern's text, 0-based
	Text   string
}

// A SuspicionCode names a sort of suspicion.
type SuspicionCode string

// The sorts of suspicion.
const (
	SuspectForgeable    SuspicionCode = "rule-forgeable"      // anybody with events:PutEvents can trigger it
	SuspectSource       SuspicionCode = "source-cloudtrail"   // aws.cloudtrail for another service's events
	SuspectActionName   SuspicionCode = "iam-action"          // ec2:CreateRoute instead of CreateRoute
	SuspectAsterisk     SuspicionCode = "literal-asterisk"    // "*" is no wildcard in a plain string
	SuspectTopLevel     SuspicionCode = "outside-detail"      // a field of the record beside detail
	SuspectName         SuspicionCode = "no-such-name"        // detail_type and the like
	SuspectCase         SuspicionCode = "lower-case-event"    // names of events begin with a capital
	SuspectDetailType   SuspicionCode = "unknown-detail-type" // CloudTrail's events have no such type
	SuspectReadOnly     SuspicionCode = "read-only-events"    // need a state of the rule of their own
	SuspectAlways       SuspicionCode = "always-true"         // excludes nothing
	SuspectUncertain    SuspicionCode = "uncertain-rule"      // AWS leaves the meaning open
	SuspectContradicted SuspicionCode = "source-mismatch"     // source and eventSource name different services
)

// envelopeNames are the names at the top of an event; replay-name is there in
// replays only.
var envelopeNames = []string{"version", "id", detailType, "source", "account", "time", "region", "resources", "detail", "replay-name"}

// Suspicions lists what looks like a mistake, by offset, each once. They hold
// of rules on CloudTrail's events only.
func (p *Pattern) Suspicions() []Suspicion {
	s := &suspector{}
	if p.leavesOpen("source") && p.leavesOpen("account") {
		s.add(SuspectForgeable, 0, "without source, anybody with events:PutEvents can make an event that matches")
	}
	for _, rule := range p.Rules() {
		s.add(SuspectUncertain, 0, "AWS leaves open how the service reads this: %s", rule)
	}
	for _, b := range p.branches {
		s.sources(b)
		for i := range b {
			s.field(&b[i])
		}
	}
	slices.SortStableFunc(s.list, func(a, b Suspicion) int { return cmp.Compare(a.Offset, b.Offset) })
	return s.list
}

type suspector struct{ list []Suspicion }

func (s *suspector) add(code SuspicionCode, offset int, format string, args ...any) {
	one := Suspicion{code, offset, fmt.Sprintf(format, args...)}
	if !slices.Contains(s.list, one) {
		s.list = append(s.list, one)
	}
}

// sources compares source with eventSource.
func (s *suspector) sources(b Branch) {
	sources, events := b.equalTo("source"), b.equalTo("detail.eventSource")
	for _, t := range sources {
		if service, ok := strings.CutSuffix(t.Text, ".amazonaws.com"); ok {
			s.add(SuspectContradicted, t.At(), "%s is an eventSource; the source of these events is %s", quote(t.Text), quote("aws."+service))
		}
	}
	if len(sources) == 0 {
		return
	}
	if len(events) == 0 {
		s.onlyTrail(b, sources[0])
		return
	}
	for _, e := range events {
		service, _, _ := strings.Cut(e.Text, ".")
		want := "aws." + service
		if slices.ContainsFunc(sources, func(t *Text) bool { return t.Text == want }) {
			continue
		}
		code := SuspectContradicted
		if sources[0].Text == "aws.cloudtrail" {
			code = SuspectSource
		}
		s.add(code, sources[0].At(), "events of %s have the source %s, not %s", e.Text, quote(want), quote(sources[0].Text))
	}
}

// onlyTrail looks for a rule on any event that asks for the source of CloudTrail's own
// calls, which other services' events do not have.
func (s *suspector) onlyTrail(b Branch, source *Text) {
	f := b.Field("source")
	if source.Text == "aws.cloudtrail" && len(f.Tests) == 1 && len(b.equalTo("detail.eventName")) == 0 && b.Field("detail.eventSource") == nil {
		s.add(SuspectSource, source.At(), "only CloudTrail's own calls (StopLogging, ...) have the source %s; an event of another service has its own", quote(source.Text))
	}
}

// equalTo returns the plain strings of a path.
func (b Branch) equalTo(path string) []*Text {
	var list []*Text
	for _, f := range b {
		for _, t := range f.Tests {
			if text, ok := t.(*Text); ok && f.Path == path && text.Op == Equals {
				list = append(list, text)
			}
		}
	}
	return list
}

func (s *suspector) field(f *Field) {
	top, _, _ := strings.Cut(f.Path, ".")
	switch {
	case strings.EqualFold(strings.NewReplacer("_", "", "-", "").Replace(top), "detailtype") && top != detailType:
		s.add(SuspectName, f.Offset, "the name is detail-type, not %s", top)
	case !slices.Contains(envelopeNames, top):
		s.add(SuspectTopLevel, f.Offset, "events have no %s at the top; fields of the record stand below detail", quote(top))
	}
	var excludes []*AnythingBut
	for _, t := range f.Tests {
		switch t := t.(type) {
		case *Text:
			s.text(f.Path, t)
		case *Constant:
			if f.Path == "detail.readOnly" && t.Word == "true" {
				s.add(SuspectReadOnly, t.At(), "read-only management events reach only rules in the state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
			}
		case *AnythingBut:
			excludes = append(excludes, t)
		}
	}
	if len(excludes) > 1 {
		s.add(SuspectAlways, excludes[1].At(), "values of an array are alternatives: what one anything-but excludes, the other accepts")
	}
}

// text looks at one string.
func (s *suspector) text(path string, t *Text) {
	if t.Op != Equals {
		return
	}
	switch {
	case strings.Contains(t.Text, "*"):
		s.add(SuspectAsterisk, t.At(), "%s is compared literally; write {\"wildcard\":...} or {\"exists\":true}", quote(t.Text))
	case path == detailType && strings.Contains(strings.ToLower(t.Text), "cloudtrail") && !knownDetailType(t.Text):
		s.add(SuspectDetailType, t.At(), "CloudTrail's events have no detail-type %s", quote(t.Text))
	case path != "detail.eventName" || t.Text == "":
	case strings.Contains(t.Text, ":"):
		_, name, _ := strings.Cut(t.Text, ":")
		s.add(SuspectActionName, t.At(), "an event's name has no service in front: %s, not %s", quote(name), quote(t.Text))
	case unicode.IsLower(rune(t.Text[0])):
		s.add(SuspectCase, t.At(), "names are case-sensitive, and those of events begin with a capital: %s", quote(t.Text))
	case IsReadName(t.Text):
		s.add(SuspectReadOnly, t.At(), "%s is read-only: it reaches only rules in the state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", t.Text)
	}
}

// knownDetailType reports whether an event may have the type. What only AWS's
// pages print is an uncertain rule instead.
func knownDetailType(text string) bool {
	for _, types := range detailTypes {
		if slices.Contains(types, text) {
			return true
		}
	}
	return text == apiCallChina
}

// IsReadName reports whether rules in the state ENABLED certainly miss read events of
// this name; of other reads AWS's pages say both. The page "Creating a rule for AWS API calls via CloudTrail"
// names the beginnings.
func IsReadName(name string) bool {
	return strings.HasPrefix(name, "List") || strings.HasPrefix(name, "Get") && name != "GetFederationToken" && name != "GetSessionToken" ||
		strings.HasPrefix(name, "Describe")
}

package translate

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// Options say what is known where a rule stands.
type Options struct {
	// China says that the rule stands in the partition aws-cn, for which AWS's pages
	// spell the detail-type of API calls in another way.
	China bool

	// Documented leaves out what fields say whose type CloudTrail does not document. No
	// bound is loose then, and Upper matches all that the event pattern matches,
	// whatever a record has there.
	Documented bool
}

// Bounds are filter patterns around an event pattern, on CloudTrail's records.
type Bounds struct {
	// Lower matches only what the event pattern matches, Upper everything that it
	// matches. Nil matches nothing. They are equal where Open is empty.
	Lower, Upper *pattern.Pattern

	// Open names in words what keeps the two apart.
	Open []string

	// Loose says that both look at fields whose type CloudTrail does not document.
	// Where such a field is an array, an object or a number, the languages differ.
	Loose bool
}

// Exact reports whether the event pattern matches what Lower matches.
func (b Bounds) Exact() bool { return len(b.Open) == 0 && !b.Loose }

// FromEventPattern returns the filter patterns around an event pattern. The
// constants of the envelope are those that EventBridge gives the events of
// CloudTrail: source by eventSource, detail-type by eventType, account, region.
func FromEventPattern(p *eventpattern.Pattern, o Options) Bounds {
	t := &bounder{options: o}
	sum := both(never)
	for _, b := range p.Branches() {
		all := both(always)
		for i := range b {
			if b[i].Path == "source" && followsFromEventSource(b) {
				continue
			}
			all = all.and(t.field(&b[i]))
		}
		sum = sum.or(all)
	}
	for _, rule := range p.Rules() {
		if rule == eventpattern.RuleTrailingText || rule == eventpattern.RuleNumberAsAddress {
			t.leaveOpen("%s", rule)
			sum.low = never
		}
	}
	return Bounds{sum.low.pattern(), sum.high.pattern(), t.open, t.loose}
}

// followsFromEventSource reports whether every eventSource that a branch accepts has a
// source that it accepts.
func followsFromEventSource(b eventpattern.Branch) bool {
	f, source := b.Field("detail.eventSource"), b.Field("source")
	return f != nil && !slices.ContainsFunc(f.Tests, func(t eventpattern.Test) bool {
		text, ok := t.(*eventpattern.Text)
		if !ok || text.Op != eventpattern.Equals && text.Op != eventpattern.Exactly {
			return true
		}
		service, _, _ := strings.Cut(text.Text, ".")
		return !source.AcceptsText("aws." + service)
	})
}

// A form is a filter pattern, or one of the constants below.
type form struct{ p *pattern.Pattern }

var (
	never  = form{}
	always = parsed(`{ $.eventName = * }`) // every record has one
)

// parsed reads a pattern that this package wrote; one that is no pattern would
// match nothing.
func parsed(text string) form {
	p, err := pattern.Parse(text)
	if err != nil {
		return never
	}
	return form{p}
}

func (f form) isAlways() bool { return f.p != nil && f.p.String() == always.p.String() }

func (f form) pattern() *pattern.Pattern { return f.p }

func (f form) and(g form) form {
	switch {
	case f.p == nil || g.isAlways():
		return f
	case g.p == nil || f.isAlways():
		return g
	}
	both, _ := pattern.And(f.p, g.p) // two JSON patterns
	return form{both}
}

func (f form) or(g form) form {
	switch {
	case g.p == nil || f.isAlways():
		return f
	case f.p == nil || g.isAlways():
		return g
	case f.p.String() == g.p.String():
		return f
	}
	either, _ := pattern.Or(f.p, g.p) // two JSON patterns
	return form{either}
}

// An interval holds what is looked for: at least low, at most high.
type interval struct{ low, high form }

func both(f form) interval { return interval{f, f} }

func (x interval) and(y interval) interval { return interval{x.low.and(y.low), x.high.and(y.high)} }
func (x interval) or(y interval) interval  { return interval{x.low.or(y.low), x.high.or(y.high)} }

func constant(holds bool) interval {
	if holds {
		return both(always)
	}
	return both(never)
}

// undecided is what nothing is known of.
var undecided = interval{never, always}

type bounder struct {
	options Options
	open    []string
	loose   bool
}

func (t *bounder) leaveOpen(format string, args ...any) {
	if why := fmt.Sprintf(format, args...); !slices.Contains(t.open, why) {
		t.open = append(t.open, why)
	}
}

// field bounds one field of a branch.
func (t *bounder) field(f *eventpattern.Field) interval {
	path, isDetail := strings.CutPrefix(f.Path, "detail.")
	if !isDetail {
		return t.envelope(f)
	}
	switch {
	case slices.Contains(objectFields, path):
		return constant(f.AcceptsAbsence()) // an object is no leaf
	case path == "readOnly" || path == "managementEvent":
		return t.boolean(f, path)
	case slices.Contains(stringFields, path):
		return t.text(f, path)
	case path == "requestParameters" || path == "responseElements" || path == "additionalEventData" || path == "resources":
		t.leaveOpen("%s may be null or an object", f.Path)
		return undecided
	}
	if t.options.Documented {
		t.leaveOpen("%s has no documented type", f.Path)
		return undecided
	}
	t.loose = true
	return t.text(f, path)
}

// isLoose reports whether CloudTrail does not document the type of a field.
func isLoose(path string) bool { return !slices.Contains(stringFields, path) }

// objectFields are the fields that are objects or absent.
var objectFields = []string{
	"userIdentity", "userIdentity.sessionContext", "userIdentity.sessionContext.attributes", "userIdentity.sessionContext.sessionIssuer", "tlsDetails",
}

// envelope bounds a field beside the record.
func (t *bounder) envelope(f *eventpattern.Field) interval {
	switch f.Path {
	case "source":
		return t.source(f)
	case "detail-type":
		return t.detailType(f)
	case "account":
		return t.text(f, "recipientAccountId")
	case "region":
		return t.text(f, "awsRegion")
	case "version":
		return constant(f.AcceptsText("0"))
	case "id", "time":
		return t.text(f, map[string]string{"id": "eventID", "time": "eventTime"}[f.Path])
	case "resources":
		t.leaveOpen("resources is empty in all samples of AWS's, and not documented")
		return undecided
	}
	return constant(f.AcceptsAbsence()) // the envelope has no such member
}

// detailType bounds by the eventType of records. An eventType whose detail-type AWS
// spells in two ways is open where only one passes.
func (t *bounder) detailType(f *eventpattern.Field) interval {
	sum, all := both(never), true
	for _, kind := range []string{"AwsApiCall", "AwsServiceEvent", "AwsConsoleAction", "AwsConsoleSignIn", "AwsCloudTrailInsight", "AwsVpceEvent"} {
		spellings := eventpattern.DetailTypes(kind)
		if kind == "AwsApiCall" && !t.options.China {
			spellings = spellings[:1]
		}
		n := 0
		for _, s := range spellings {
			if f.AcceptsText(s) {
				n++
			}
		}
		is := compare("eventType", "=", kind)
		switch n {
		case 0:
			all = false
		case len(spellings):
			sum = sum.or(both(is))
		default:
			all = false
			if !f.AcceptsText(spellings[0]) {
				t.leaveOpen("%s", map[string]string{"AwsConsoleSignIn": eventpattern.RuleSignInDetailType, "AwsApiCall": eventpattern.RuleCNDetailType}[kind])
				sum = sum.or(interval{never, is})
				continue
			}
			sum = sum.or(both(is)) // the spelling of AWS's sample events
		}
	}
	if all {
		return both(always)
	}
	return sum
}

// source bounds by eventSource, whose part before the first dot follows "aws.".
func (t *bounder) source(f *eventpattern.Field) interval {
	sum := both(never)
	for _, test := range f.Tests {
		sum = sum.or(t.sourceTest(f, test))
	}
	return sum
}

func (t *bounder) sourceTest(f *eventpattern.Field, test eventpattern.Test) interval {
	switch test := test.(type) {
	case *eventpattern.Text:
		if got, ok := sourceText(test.StringTest, "="); ok {
			return both(got)
		}
	case *eventpattern.AnythingBut:
		all, ok := always, true
		for _, s := range test.Texts {
			got, fits := sourceText(s, "!=")
			all, ok = all.and(got), ok && fits
		}
		if ok {
			return both(all)
		}
	case *eventpattern.Exists:
		return constant(test.Present)
	case *eventpattern.Number, *eventpattern.Numeric, *eventpattern.Constant:
		return both(never)
	}
	return t.unsaid(f, "eventSource")
}

// sourceText compares eventSource with what a test on source means for it.
func sourceText(s eventpattern.StringTest, op string) (form, bool) {
	const prefix = "aws."
	service, ok := strings.CutPrefix(s.Text, prefix)
	not := op == "!="
	switch {
	case strings.ContainsAny(service, `*\`):
		return never, false
	case (s.Op == eventpattern.Equals || s.Op == eventpattern.Exactly) && (!ok || service == "" || strings.Contains(service, ".")),
		s.Op == eventpattern.Prefix && ok && strings.Contains(service, "."):
		return constant(not).low, true // nothing of CloudTrail has it
	case s.Op == eventpattern.Equals || s.Op == eventpattern.Exactly:
		return compare("eventSource", op, service+".*"), true
	case s.Op == eventpattern.Prefix && strings.HasPrefix(prefix, s.Text):
		return constant(!not).low, true
	case s.Op == eventpattern.Prefix && ok:
		return compare("eventSource", op, service+"*"), true
	case s.Op == eventpattern.Prefix:
		return constant(not).low, true
	}
	return never, false
}

// boolean bounds a field that is true or false.
func (t *bounder) boolean(f *eventpattern.Field, path string) interval {
	isTrue, isFalse := parsed("{ $."+path+" IS TRUE }"), parsed("{ $."+path+" IS FALSE }")
	sum := both(never)
	for _, test := range f.Tests {
		switch test := test.(type) {
		case *eventpattern.Constant:
			if test.Word != "null" {
				sum = sum.or(both(map[string]form{"true": isTrue, "false": isFalse}[test.Word]))
			}
		case *eventpattern.AnythingBut:
			sum = sum.or(both(isTrue.or(isFalse)))
		case *eventpattern.Exists:
			if test.Present {
				sum = sum.or(both(isTrue.or(isFalse)))
			} else {
				sum = sum.or(both(absent(path)))
			}
		}
	}
	return sum
}

// text bounds a field that is a string or absent.
func (t *bounder) text(f *eventpattern.Field, path string) interval {
	sum := both(never)
	for _, test := range f.Tests {
		sum = sum.or(t.textTest(f, path, test))
	}
	return sum
}

func (t *bounder) textTest(f *eventpattern.Field, path string, test eventpattern.Test) interval {
	switch test := test.(type) {
	case *eventpattern.Text:
		if got, ok := plainText(path, test.StringTest, "="); ok {
			return both(got)
		}
	case *eventpattern.AnythingBut:
		all, ok := present(path), true
		for _, s := range test.Texts {
			got, fits := plainText(path, s, "!=")
			all, ok = all.and(got), ok && fits
		}
		if ok {
			return both(all)
		}
	case *eventpattern.Exists:
		if test.Present {
			return both(present(path))
		}
		return both(absent(path))
	case *eventpattern.Constant:
		if isLoose(path) || test.Word == "null" {
			return both(parsed("{ $." + path + " IS " + strings.ToUpper(test.Word) + " }"))
		}
		return both(never)
	case *eventpattern.Number, *eventpattern.Numeric:
		if isLoose(path) {
			t.leaveOpen("numbers are not compared alike: %s", f.Path)
			return undecided
		}
		return both(never)
	}
	return t.unsaid(f, path)
}

// plainText compares a field with the text of a test, as far as filter patterns
// can.
func plainText(path string, s eventpattern.StringTest, op string) (form, bool) {
	if strings.Contains(s.Text, "*") && s.Op != eventpattern.MatchesWildcard || strings.ContainsFunc(s.Text, notPlain) {
		return never, false
	}
	switch s.Op {
	case eventpattern.Equals:
		if addr, err := netip.ParseAddr(s.Text); isAddress(s.Text) && (err != nil || addr.String() != s.Text) {
			return never, false // CloudTrail writes another spelling of it
		}
		return compare(path, op, s.Text), true
	case eventpattern.Exactly:
		return compare(path, op, s.Text), true
	case eventpattern.Prefix:
		return compare(path, op, s.Text+"*"), true
	case eventpattern.Suffix:
		return compare(path, op, "*"+s.Text), true
	case eventpattern.MatchesWildcard:
		inner := strings.TrimSuffix(strings.TrimPrefix(s.Text, "*"), "*")
		if !strings.Contains(inner, "*") {
			return compare(path, op, s.Text), true
		}
	}
	return never, false
}

// notPlain reports whether a character is written in another way in one of the
// languages.
func notPlain(r rune) bool { return r == '\\' || r == utf8.RuneError || !unicode.IsPrint(r) }

// unsaid bounds a test that no filter pattern can express.
func (t *bounder) unsaid(f *eventpattern.Field, path string) interval {
	t.leaveOpen("no filter pattern can say what %s is asked for", f.Path)
	return interval{never, present(path)}
}

func present(path string) form { return compare(path, "=", "*") }
func absent(path string) form  { return parsed("{ $." + path + " NOT EXISTS }") }

// compare writes a comparison with a text.
func compare(path, op, text string) form {
	var selector strings.Builder
	for step := range strings.SplitSeq(path, ".") {
		if strings.Trim(step, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" || step == "" {
			return never
		}
		selector.WriteString("." + step)
	}
	return parsed("{ $" + selector.String() + " " + op + " " + strconv.Quote(text) + " }")
}

package pattern

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/patterntest"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
	"github.com/monitorctl/monitorctl/internal/record"
)

// The tests of this file write one pattern in several ways that mean the same.
// Every way must match the same messages and get the same verdict of Cover.

// An atom is one condition.
type atom struct {
	path, op string
	value    string // as written, without quotes if it is text
	text     bool   // the value is text, and needs quotes unless it is a word
}

// A shape is a condition or a boolean combination of shapes.
type shape struct {
	atom
	join string // "&&", "||" or, for a condition, ""
	list []*shape
}

// A style decides how a shape is written down. Each function is asked again and
// again, and may answer at random.
type style struct {
	blank   func() string                // between two tokens that need none
	gap     func() string                // between two words
	parens  func() int                   // superfluous pairs of them
	quoted  func() bool                  // whether to quote a value that can do without
	keyword func(word string) string     // IS NULL TRUE FALSE NOT EXISTS
	order   func(list []*shape) []*shape // of operands
}

func plainStyle() style {
	return style{
		blank:   func() string { return " " },
		gap:     func() string { return " " },
		parens:  func() int { return 0 },
		quoted:  func() bool { return false },
		keyword: func(word string) string { return word },
		order:   func(list []*shape) []*shape { return list },
	}
}

// text writes a shape as a JSON pattern.
func (s *shape) text(st style) string {
	return "{" + st.blank() + s.write(st) + st.blank() + "}"
}

func (s *shape) write(st style) string {
	var text string
	if s.join == "" {
		text = s.atom.write(st)
	} else {
		var parts []string
		for _, operand := range st.order(s.list) {
			part := operand.write(st)
			if s.join == "&&" && operand.join == "||" {
				part = "(" + st.blank() + part + st.blank() + ")"
			}
			parts = append(parts, part)
		}
		text = strings.Join(parts, st.blank()+s.join+st.blank())
	}
	for range st.parens() {
		text = "(" + st.blank() + text + st.blank() + ")"
	}
	return text
}

func (a atom) write(st style) string {
	if first, second, ok := strings.Cut(a.op, " "); ok {
		return a.path + st.gap() + st.keyword(first) + st.gap() + st.keyword(second)
	}
	value := a.value
	if a.text && (st.quoted() || !isBareWord(value)) {
		value = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
	}
	return a.path + st.blank() + a.op + st.blank() + value
}

// isBareWord reports whether text is the same with and without quotes.
func isBareWord(text string) bool {
	_, number := syntax.ParseNumber(text)
	special := strings.ContainsFunc(text, func(c rune) bool {
		return c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("_.*-", c)
	})
	return text != "" && text != "null" && !number && !special
}

// A generator makes shapes from the sample records, so that their conditions
// are true of some.
type generator struct {
	*rand.Rand
	records []*match.Message
	// simple leaves out what the language allows only a few times in a pattern,
	// and what depends on the reading.
	simple bool
}

// The atoms that say something about the events below.
var auditAtoms = []atom{
	{"$.eventName", "=", "CreateVpc", true},
	{"$.eventName", "=", "Create*", true},
	{"$.eventName", "=", "*Key*", true},
	{"$.eventName", "!=", "DeleteTrail", true},
	{"$.eventName", "!=", "ConsoleLogin", true},
	{"$.eventSource", "=", "ec2.amazonaws.com", true},
	{"$.eventSource", "=", "*.amazonaws.com", true},
	{"$.eventType", "!=", "AwsServiceEvent", true},
	{"$.readOnly", "IS FALSE", "", false},
	{"$.errorCode", "NOT EXISTS", "", false},
	{"$.errorCode", "=", "AccessDenied*", true},
	{"$.userIdentity.type", "=", "Root", true},
	{"$.userIdentity.invokedBy", "NOT EXISTS", "", false},
	{"$.userIdentity.invokedBy", "=", "*", true},
	{"$.userIdentity.arn", "!=", "arn:aws:iam::111122223333:user/deploy", true},
	{"$.sourceIPAddress", "!=", "203.0.113.*", true},
	{"$.requestParameters", "IS NULL", "", false},
	{"$.awsRegion", "=", "us-east-1", true},
}

// rareAtoms are those that simple shapes do without.
var rareAtoms = []atom{
	{"$.eventName", "=", "Put*Policy", true},
	{"$.eventName", "=", "%^Delete[A-Z]%", false},
	{"$.userAgent", "!=", "%[0-9]$%", false},
	{"$.userIdentity.*", "=", "Root", true},
	{"$.requestParameters.*", "!=", "x", true},
	{"$.resources[*].type", "NOT EXISTS", "", false},
}

func (g *generator) atom() atom {
	switch n := g.IntN(8); {
	case n == 0 && !g.simple:
		return rareAtoms[g.IntN(len(rareAtoms))]
	case n < 4:
		return auditAtoms[g.IntN(len(auditAtoms))]
	}
	return g.atomOf("$", g.records[g.IntN(len(g.records))].Object)
}

// atomOf returns a condition on something in a decoded value.
func (g *generator) atomOf(path string, v any) atom {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			return atom{path: path + ".more", op: "NOT EXISTS"}
		}
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		name := names[g.IntN(len(names))]
		if record.NameLength(name) == len(name) {
			return g.atomOf(path+"."+name, v[name])
		}
		return g.atomOf(path+".['"+name+"']", v[name])
	case []any:
		if len(v) == 0 {
			return atom{path: path + "[0]", op: "NOT EXISTS"}
		}
		i := g.IntN(len(v))
		return g.atomOf(path+"["+strconv.Itoa(i)+"]", v[i])
	case string:
		return g.textAtom(path, v)
	case nil:
		return atom{path: path, op: pick(g.Rand, "IS NULL", "NOT EXISTS")}
	case bool:
		return atom{path: path, op: pick(g.Rand, "IS TRUE", "IS FALSE")}
	default:
		return atom{path: path, op: pick(g.Rand, "=", "!=", "<", "<=", ">", ">="), value: fmt.Sprint(v)}
	}
}

func (g *generator) textAtom(path, text string) atom {
	if len(text) > 12 || strings.Contains(text, "*") || g.IntN(3) == 0 {
		before, _, _ := strings.Cut(text, "*")
		text = strings.ToValidUTF8(before[:min(len(before), 12)], "") + "*"
	}
	return atom{path: path, op: pick(g.Rand, "=", "=", "!="), value: text, text: true}
}

func (g *generator) shape(depth int) *shape {
	if depth == 0 || g.IntN(4) == 0 {
		return &shape{atom: g.atom()}
	}
	s := &shape{join: pick(g.Rand, "&&", "||")}
	for range 2 + g.IntN(2) {
		s.list = append(s.list, g.shape(depth-1))
	}
	return s
}

// sampleMessages returns every tenth of the sample records.
func sampleMessages(tb testing.TB) []*match.Message {
	tb.Helper()
	var list []*match.Message
	for i, record := range patterntest.Records(tb) {
		if i%10 == 0 {
			list = append(list, match.Decode(record))
		}
	}
	return list
}

// An equivalence compares ways to write the same.
type equivalence struct {
	*testing.T
	messages []*match.Message
	matched  map[match.Verdict]int
	covered  map[cover.Verdict]int
	pairs    int // that differ in their texts
}

// newEquivalence compares on sample records and on what the vectors have.
func newEquivalence(t *testing.T) *equivalence {
	t.Helper()
	messages := sampleMessages(t)
	seen := map[string]bool{}
	for _, v := range patterntest.Vectors(t) {
		if !seen[v.Event] {
			seen[v.Event] = true
			messages = append(messages, match.Decode([]byte(v.Event)))
		}
	}
	return &equivalence{T: t, messages: messages, matched: map[match.Verdict]int{}, covered: map[cover.Verdict]int{}}
}

// requiredProbes are some of what the controls ask for.
func requiredProbes(t *testing.T) []cloudtrail.Probe {
	t.Helper()
	event := func(source, name, kind string) cloudtrail.Probe {
		return cloudtrail.Probe{Source: source, Event: name, Region: "us-east-1", Account: "111122223333", ReadOnly: "false", EventTypes: []string{kind}}
	}
	return []cloudtrail.Probe{
		event("ec2.amazonaws.com", "CreateVpc", "AwsApiCall"),
		event("ec2.amazonaws.com", "AuthorizeSecurityGroupIngress", "AwsApiCall"),
		event("cloudtrail.amazonaws.com", "DeleteTrail", "AwsApiCall"),
		event("iam.amazonaws.com", "PutRolePolicy", "AwsApiCall"),
		event("kms.amazonaws.com", "DisableKey", "AwsApiCall"),
		event("signin.amazonaws.com", "ConsoleLogin", "AwsConsoleSignIn"),
		{Region: "us-east-1", Account: "111122223333",
			Condition: mustParse(t, `{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }`)},
		{Region: "us-east-1", Account: "111122223333", Failures: true,
			Condition: mustParse(t, `{ $.errorCode = "*UnauthorizedOperation" || $.errorCode = "AccessDenied*" }`)},
	}
}

// compare compares two sets of filters. The second is left out if it breaks a
// limit of the language.
func (q *equivalence) compare(first, second []string) {
	q.Helper()
	var a, b []*Pattern
	for _, text := range first {
		a = append(a, mustParse(q, text))
	}
	for _, text := range second {
		p, err := Parse(text)
		if err != nil && breaksLimit(text) {
			return
		}
		if err != nil {
			q.Fatalf("Parse(%q): %v", text, err)
		}
		b = append(b, p)
	}
	if !slices.Equal(first, second) {
		q.pairs++
	}
	for _, m := range q.messages {
		x, y := unionVerdict(a, m), unionVerdict(b, m)
		q.matched[x]++
		if x != y {
			q.Fatalf("%q: %v, but %q: %v, on %s", first, x, second, y, m.Text)
		}
	}
}

// compareCover compares the verdicts on one probe.
func (q *equivalence) compareCover(first, second []string, p cloudtrail.Probe) {
	q.Helper()
	verdict := func(texts []string) cover.Verdict {
		var filters []*Pattern
		for _, text := range texts {
			f, err := Parse(text)
			if err != nil {
				return -1
			}
			filters = append(filters, f)
		}
		return coverOf(filters, cloudtrail.Requirement{Probes: []cloudtrail.Probe{p}}).Verdict()
	}
	x, y := verdict(first), verdict(second)
	if y < 0 {
		return // see compare
	}
	q.covered[x]++
	if x != y {
		q.Fatalf("%q: %v, but %q: %v, of %s %s", first, x, second, y, p.Source, p.Event)
	}
}

// breaksLimit reports whether a pattern may be refused for its size alone.
func breaksLimit(text string) bool {
	return len(text) > syntax.MaxLength || strings.Count(text, "%") > 2*syntax.MaxRegexes ||
		strings.Count(text, "[*]")+strings.Count(text, ".*") > syntax.MaxWildcards
}

// unionVerdict is Match if one pattern matches, and else the uncertain verdict
// if there is one.
func unionVerdict(patterns []*Pattern, m *match.Message) match.Verdict {
	worst := match.NoMatch
	for _, p := range patterns {
		switch p.MatchDecoded(m) {
		case match.Match:
			return match.Match
		case match.Undetermined:
			worst = match.Undetermined
		}
	}
	return worst
}

// check fails when the comparisons were too few to say anything.
func (q *equivalence) check(pairs int) {
	q.Helper()
	if q.pairs < pairs {
		q.Errorf("%d pairs, want %d", q.pairs, pairs)
	}
	if q.matched[match.Match] < 1000 || q.matched[match.NoMatch] < 1000 {
		q.Errorf("verdicts on messages: %v", q.matched)
	}
	for _, v := range []cover.Verdict{cover.Covered, cover.Conditional, cover.Missed} {
		if q.covered[v] < 3 {
			q.Errorf("verdicts of Cover: %v", q.covered)
		}
	}
	q.Logf("%d pairs, messages: %v, cover: %v", q.pairs, q.matched, q.covered)
}

// equivalencePatterns is the number of random patterns of each test.
const equivalencePatterns = 60

// compareShapes compares random shapes, written plainly, with what rewrite
// makes of them.
func compareShapes(t *testing.T, seed uint64, simple bool, rewrite func(*rand.Rand, *shape) []string) {
	t.Helper()
	q := newEquivalence(t)
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 3)), records: sampleMessages(t), simple: simple}
	probes := requiredProbes(t)
	for i := range equivalencePatterns {
		s := g.shape(1 + i%3)
		plain := s.text(plainStyle())
		if _, err := Parse(plain); err != nil {
			if !breaksLimit(plain) {
				t.Fatalf("Parse(%q): %v", plain, err)
			}
			continue
		}
		other := rewrite(g.Rand, s)
		q.compare([]string{plain}, other)
		q.compareCover([]string{plain}, other, probes[i%len(probes)])
		q.compareCover([]string{plain}, other, probes[(i+3)%len(probes)])
	}
	q.check(equivalencePatterns / 3)
}

func TestOperandsInAnyOrder(t *testing.T) {
	compareShapes(t, 1, false, func(r *rand.Rand, s *shape) []string {
		st := plainStyle()
		st.order = func(list []*shape) []*shape {
			list = slices.Clone(list)
			r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			return list
		}
		return []string{s.text(st)}
	})
	q := newEquivalence(t)
	for _, pair := range [][2]string{
		{`AccessDenied us-east-1 -Root`, `-Root us-east-1 AccessDenied`},
		{`?Root ?AssumedRole ?"us west"`, `?"us west" ?AssumedRole ?Root`},
		{`?Root ec2 -iam`, `-iam ?Root ec2`},
		{`[a=x || a!=1, b]`, `[a!=1 || a=x, b]`},
		{`[a!=x && a!="{*", b]`, `[a!="{*" && a!=x, b]`},
	} {
		q.compare(pair[:1], pair[1:])
	}
}

// TestDistribution: a pattern is the same as its disjunctive and conjunctive
// normal forms, and repetition and absorption change nothing.
func TestDistribution(t *testing.T) {
	forms := []func(*shape) *shape{
		func(s *shape) *shape { return s.normal("||", "&&") },
		func(s *shape) *shape { return s.normal("&&", "||") },
		func(s *shape) *shape { return &shape{join: "||", list: []*shape{s, s}} },
		func(s *shape) *shape {
			more := &shape{atom: auditAtoms[0]}
			return &shape{join: "&&", list: []*shape{s, {join: "||", list: []*shape{s, more}}}}
		},
		func(s *shape) *shape {
			more := &shape{atom: auditAtoms[0]}
			return &shape{join: "||", list: []*shape{{join: "&&", list: []*shape{s, more}}, s}}
		},
	}
	n := 0
	compareShapes(t, 2, true, func(_ *rand.Rand, s *shape) []string {
		n++
		return []string{forms[n%len(forms)](s).text(plainStyle())}
	})
}

// normal distributes inner over outer until the shape is an outer combination
// of inner combinations of conditions.
func (s *shape) normal(outer, inner string) *shape {
	result := &shape{join: outer}
	for _, clause := range s.clauses(outer) {
		if len(clause) == 1 {
			result.list = append(result.list, clause[0])
		} else {
			result.list = append(result.list, &shape{join: inner, list: clause})
		}
	}
	if len(result.list) == 1 {
		return result.list[0]
	}
	return result
}

func (s *shape) clauses(outer string) [][]*shape {
	if s.join == "" {
		return [][]*shape{{s}}
	}
	if s.join == outer {
		var all [][]*shape
		for _, operand := range s.list {
			all = append(all, operand.clauses(outer)...)
		}
		return all
	}
	all := [][]*shape{nil}
	for _, operand := range s.list {
		var longer [][]*shape
		for _, clause := range all {
			for _, more := range operand.clauses(outer) {
				longer = append(longer, slices.Concat(clause, more))
			}
		}
		all = longer
	}
	return all
}

func TestRedundantParentheses(t *testing.T) {
	compareShapes(t, 3, false, func(r *rand.Rand, s *shape) []string {
		st := plainStyle()
		st.parens = func() int { return max(0, r.IntN(5)-2) }
		return []string{s.text(st)}
	})
}

// TestEquivalentTexts: quotes that are not needed, blanks and the case of
// keywords change nothing.
func TestEquivalentTexts(t *testing.T) {
	compareShapes(t, 4, false, func(r *rand.Rand, s *shape) []string {
		st := plainStyle()
		blanks := []string{"", "", " ", "  ", "\t", "\n", "\r\n    "}
		st.blank = func() string { return blanks[r.IntN(len(blanks))] }
		st.gap = func() string { return blanks[2+r.IntN(len(blanks)-2)] }
		st.quoted = func() bool { return r.IntN(2) == 0 }
		st.keyword = func(word string) string {
			letters := []byte(word)
			for i := range letters {
				letters[i] |= byte(r.IntN(2)) << 5
			}
			return string(letters)
		}
		text := s.text(st)
		if len(text) > syntax.MaxLength {
			text = s.text(plainStyle())
		}
		return []string{"\n " + text + "\t"}
	})
	q := newEquivalence(t)
	for _, pair := range [][2]string{
		{`AccessDenied -Root`, " \n\"AccessDenied\"\t-\"Root\" "},
		{`?Root ?AssumedRole`, `?"Root"?"AssumedRole"`},
		{`a-b`, `"a" -"b"`},
		{`[a, b=x, ...]`, "[\n\ta,\r\nb = \"x\" , ... ]"},
		{`[a = x || (a!= y&&a!=z), b]`, `[(a="x")||a!="y" && ((a != "z")),b]`},
		{` `, ``},
	} {
		q.compare(pair[:1], pair[1:])
	}
}

// TestSplitOverTwoFilters: the operands of || may be spread over filters.
func TestSplitOverTwoFilters(t *testing.T) {
	compareShapes(t, 5, true, func(r *rand.Rand, s *shape) []string {
		whole := s.normal("||", "&&")
		if whole.join != "||" {
			return []string{whole.text(plainStyle())}
		}
		at := 1 + r.IntN(len(whole.list)-1)
		halves := []*shape{{join: "||", list: whole.list[at:]}, {join: "||", list: whole.list[:at]}}
		return []string{halves[0].text(plainStyle()), halves[1].text(plainStyle())}
	})
	q := newEquivalence(t)
	q.compare([]string{`?Root ?AssumedRole`}, []string{`Root`, `AssumedRole`})
	q.compare([]string{`[a=x || a!=1, b]`}, []string{`[a!=1, b]`, `[a=x, b]`})
	q.compare([]string{`%Root|Denied%`}, []string{`%Denied%`, `Root`})
	q.compareCover([]string{`?CreateVpc ?x`}, []string{`x`, `CreateVpc`}, requiredProbes(t)[0])
}

package pattern

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
)

// A world is a small set of records that has a record of every kind which the
// conditions of the world can tell apart: enumerating it decides coverage.
type world struct {
	name    string
	gamble  func(r *rand.Rand) string // a random condition
	records []*match.Message

	// tolerates is a limit that Cover may name instead of deciding.
	tolerates string
}

// bruteProbe is a probe in which the fields of the worlds are free.
var bruteProbe = cloudtrail.Probe{Source: "ec2.amazonaws.com", Event: "CreateVpc", Region: "eu-west-1", Account: "111122223333", ReadOnly: "false"}

// absent stands for a field that is not there.
var absent any = new(int)

// product returns the objects with every combination of values of some fields,
// given by dotted names.
func product(fields []string, values ...[]any) []any {
	objects := []any{map[string]any{}}
	for i, name := range fields {
		var more []any
		for _, o := range objects {
			for _, v := range values[i] {
				o := copyObject(o.(map[string]any))
				if v != absent {
					put(o, strings.Split(name, "."), v)
				}
				more = append(more, o)
			}
		}
		objects = more
	}
	return objects
}

func copyObject(o map[string]any) map[string]any {
	c := map[string]any{}
	for k, v := range o {
		if inner, ok := v.(map[string]any); ok {
			v = copyObject(inner)
		}
		c[k] = v
	}
	return c
}

func put(object map[string]any, path []string, v any) {
	if len(path) == 1 {
		object[path[0]] = v
		return
	}
	inner, ok := object[path[0]].(map[string]any)
	if !ok {
		inner = map[string]any{}
		object[path[0]] = inner
	}
	put(inner, path[1:], v)
}

// records puts objects into records that are otherwise alike.
func records(objects []any) []*match.Message {
	var list []*match.Message
	for _, o := range objects {
		root := o.(map[string]any)
		if root["userIdentity"] == nil {
			root["userIdentity"] = map[string]any{}
		}
		list = append(list, &match.Message{Object: root})
	}
	return list
}

// lists returns the arrays of up to a number of values.
func lists(values []any, length int) []any {
	all := []any{[]any{}}
	last := all
	for range length {
		var longer []any
		for _, l := range last {
			for _, v := range values {
				longer = append(longer, append(slices.Clone(l.([]any)), v))
			}
		}
		all = append(all, longer...)
		last = longer
	}
	return all
}

// wordsOver returns the words over an alphabet up to a length.
func wordsOver(letters string, length int) []any {
	words := []any{""}
	last := words
	for range length {
		var longer []any
		for _, w := range last {
			for _, l := range letters {
				longer = append(longer, w.(string)+string(l))
			}
		}
		words = append(words, longer...)
		last = longer
	}
	return words
}

func pick(r *rand.Rand, list ...string) string { return list[r.IntN(len(list))] }

// gamblePattern returns a random JSON pattern.
func gamblePattern(r *rand.Rand, w world) string {
	var expr func(depth int) string
	expr = func(depth int) string {
		if depth == 0 || r.IntN(3) == 0 {
			return w.gamble(r)
		}
		op := pick(r, " && ", " || ")
		return "(" + expr(depth-1) + op + expr(depth-1) + ")"
	}
	for {
		text := "{" + expr(1+r.IntN(3)) + "}"
		if _, err := Parse(text); err == nil {
			return text // without too many regular expressions or wildcards
		}
	}
}

// checkWorld compares Cover with the enumeration of a world. It returns the
// verdict.
func checkWorld(t *testing.T, w world, texts []string) cover.Verdict {
	t.Helper()
	var filters []*Pattern
	for _, text := range texts {
		filters = append(filters, mustParse(t, text))
	}
	got := coverOf(filters, cloudtrail.Requirement{Probes: []cloudtrail.Probe{bruteProbe}}).Probes[0]
	var cases []func(*match.Message) bool
	for _, c := range got.Lost {
		cases = append(cases, caseTest(t, c))
	}
	lost, matched := false, false
	for _, m := range w.records {
		found := slices.ContainsFunc(filters, func(f *Pattern) bool { return f.MatchDecoded(m) == match.Match })
		lost, matched = lost || !found, matched || found
		listed := slices.ContainsFunc(cases, func(holds func(*match.Message) bool) bool { return holds(m) })
		if found && listed {
			t.Fatalf("%s: %q: the record %v is listed as lost, but matched:\n%s", w.name, texts, m.Object, factTexts(got.Lost))
		}
		if got.Verdict == cover.Conditional && !got.MoreLost && !found && !listed {
			t.Fatalf("%s: %q: the record %v is lost, but not listed:\n%s", w.name, texts, m.Object, factTexts(got.Lost))
		}
	}
	want := cover.Conditional
	switch {
	case !lost:
		want = cover.Covered
	case !matched:
		want = cover.Missed
	}
	undecided := got.Verdict == cover.Unresolved || got.MoreLost
	if got.Verdict != want && !(undecided && slices.Equal(got.Rules, []string{w.tolerates})) {
		t.Fatalf("%s: %q: got %v %v, enumeration says %v", w.name, texts, got.Verdict, got.Rules, want)
	}
	if got.MoreLost {
		return cover.Unresolved
	}
	return got.Verdict
}

func factTexts(cases []cover.Case) string {
	var lines []string
	for _, c := range cases {
		var facts []string
		for _, f := range c.Facts {
			facts = append(facts, f.Text)
		}
		lines = append(lines, strings.Join(facts, " and "))
	}
	return strings.Join(lines, "\n")
}

// textWorld has two fields that are compared with constants, asterisks and
// regular expressions over a small alphabet.
func textWorld() world {
	words := wordsOver("abc", 5) // c stands for all letters that no condition mentions
	for _, w := range wordsOver("abc", 4) {
		words = append(words, w.(string)+"\n") // $ stands before it
	}
	fields := []string{"userAgent", "userIdentity.userName"}
	return world{
		name: "text",
		records: records(append(product(fields, words, []any{absent, "a", "c"}),
			product(fields, []any{"a", "b", "c", ""}, append(slices.Clone(words), absent))...)),
		gamble: func(r *rand.Rand) string {
			path := pick(r, "$.userAgent", "$.userAgent", "$.userIdentity.userName")
			if path != "$.userAgent" {
				return path + pick(r, ` = "a"`, ` != "a"`, " NOT EXISTS", ` = "*"`, ` = "c"`, " IS NULL")
			}
			if r.IntN(4) == 0 {
				return path + pick(r, "=", "!=") + "%" + pick(r, "^a", "b$", "ab", "a+b", "^[ab]*$", "^.b", "a{2}", "^$", "b.a", "[^a]") + "%"
			}
			value := pick(r, "", "*") + pick(r, "a", "b", "ab", "ba", "aa", "") + pick(r, "", "*")
			return path + pick(r, "=", "!=") + strconv.Quote(value)
		},
	}
}

// numberWorld has one field of any kind that is compared with numbers by value
// and by text.
func numberWorld() world {
	values := []any{absent, nil, true, false, map[string]any{}, []any{}, []any{nil}}
	for _, s := range []string{"", "x", "1", "01", "1.0", "1.5", "0", "0.5", "-1", "10", "1x", "x0", "15", "-0", "100", "1e1", "1e309", "Infinity"} {
		values = append(values, s)
	}
	for _, n := range []string{"-1e309", "-1000000", "-20", "-11", "-10", "-9.5", "-2", "-1.5", "-1", "-1.0", "-0.5", "-0.15", "-0.0", "0", "0.0",
		"0.1", "0.15", "0.25", "0.5", "0.75", "1", "1.0", "1.1", "1.25", "1.5", "1.55", "1.75", "2", "2.5", "5", "5.5", "7", "9.5", "10", "10.0", "10.5",
		"11", "11.5", "15", "15.5", "20", "20.5", "25", "51", "55", "95", "99", "100", "100.5", "101", "105", "115", "1000", "1001", "1005", "5000", "5555",
		"10000.5", "12345678", "5e10", "1e10", "1.5e10", "1e-5", "5e-5", "2e20", "1e309",
		huge + "0", huge + "1", huge + "5", "-" + huge + "0"} {
		values = append(values, jsonNumber(n))
	}
	return world{
		name:      "numbers",
		records:   records(product([]string{"requestParameters.n"}, values)),
		tolerates: cover.RuleNumberText,
		gamble: func(r *rand.Rand) string {
			n := pick(r, "0", "1", "1.0", "1.5", "10", "-1", "0.5", "1e1", "1e309")
			switch r.IntN(6) {
			case 0:
				return "$.requestParameters.n" + pick(r, "=", "!=") + n
			case 1:
				return "$.requestParameters.n" + pick(r, "<", "<=", ">", ">=") + n
			case 2:
				return "$.requestParameters.n" + pick(r, "=", "!=") + strconv.Quote(pick(r, n, "*", "1*", "*0", "*5*", "x", ""))
			case 3:
				return "$.requestParameters.n" + pick(r, "=", "!=") + "%" + pick(r, "^1", "5$", "^[0-9]+$", "^-", "E", "Inf") + "%"
			case 4:
				return pick(r, `$.requestParameters.n!="*"`, `$.requestParameters.n="*"`, "$.requestParameters.n>=0", "$.requestParameters.n<1")
			default:
				return "$.requestParameters.n" + pick(r, " IS NULL", " IS TRUE", " IS FALSE", " NOT EXISTS")
			}
		},
	}
}

// treeWorld has objects, arrays and wildcards over them.
func treeWorld() world {
	scalars := []any{nil, true, "a", "b", jsonNumber("1")}
	deep := product([]string{"y"}, scalars)
	members := append(append([]any{absent}, scalars...), deep...)
	values := append([]any{absent}, scalars...)
	values = append(values, product([]string{"y", "m", "n"}, append([]any{absent}, scalars...), members, members)...)
	values = append(values, lists(append(slices.Clone(scalars), deep...), 3)...)
	inside := product([]string{"x", "z"}, values, append([]any{absent, map[string]any{"y": "b"}}, scalars...))
	return world{
		name:      "tree",
		records:   records(product([]string{"requestParameters"}, append([]any{nil}, inside...))),
		tolerates: cover.RuleNoExample,
		gamble: func(r *rand.Rand) string {
			path := "$.requestParameters" + pick(r, "", ".x", ".x", ".x.y", ".x.y", ".x[0]", ".x[1]", ".x.*", ".x[*].y", ".*", ".x[0].y")
			return path + pick(r, `="a"`, `!="a"`, `="b"`, `!="b"`, " IS NULL", " NOT EXISTS", " NOT EXISTS", " IS TRUE", "=1", `="*"`, ">0")
		},
	}
}

// huge is an integer beyond the range of doubles, where others overflow.
var huge = "1" + strings.Repeat("0", 309)

func jsonNumber(s string) any { return json.Number(s) }

func worlds() []world { return []world{textWorld(), numberWorld(), treeWorld()} }

// gambleFilters returns random patterns.
func gambleFilters(seed uint64, w world) []string {
	r := rand.New(rand.NewPCG(seed, 1))
	texts := make([]string, 1+r.IntN(6))
	for i := range texts {
		texts[i] = gamblePattern(r, w)
	}
	return texts
}

func TestCoverAgainstEnumeration(t *testing.T) {
	seeds := map[string]uint64{"text": 200, "numbers": 300, "tree": 60}
	for _, w := range worlds() {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			verdicts := map[cover.Verdict]int{}
			for seed := range seeds[w.name] {
				verdicts[checkWorld(t, w, gambleFilters(seed, w))]++
			}
			if n := verdicts[cover.Unresolved]; n > int(seeds[w.name])/5 {
				t.Errorf("%d verdicts are undetermined", n)
			}
			t.Logf("verdicts: %v", verdicts)
		})
	}
}

// FuzzCover compares Cover with an enumeration; the input chooses the world and
// the patterns.
func FuzzCover(f *testing.F) {
	all := worlds()
	for i := range all {
		f.Add(byte(i), uint64(i))
	}
	f.Fuzz(func(t *testing.T, which byte, seed uint64) {
		w := all[int(which)%len(all)]
		checkWorld(t, w, gambleFilters(seed, w))
	})
}

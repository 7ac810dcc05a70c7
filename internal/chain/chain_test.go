package chain_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// A set is a matcher of a toy language: it passes the records whose letters it
// holds. Another language, rule, says the same in capitals; a union may mix them.
type set string

func (s set) Key() string { return string(s) }

type rule string

func (r rule) Key() string { return string(r) }

// A toy solves sets and rules. Each probe is about the records of its word.
type toy struct {
	probes    []string
	tolerated string // records that may be left out on purpose
	asked     int
}

func (s *toy) passes(m chain.Matcher, record rune) bool {
	switch m := m.(type) {
	case set:
		return strings.ContainsRune(string(m), record)
	case rule:
		return strings.ContainsRune(strings.ToLower(string(m)), record)
	}
	return false
}

func (s *toy) all(list []chain.Matcher, record rune) bool {
	return !slices.ContainsFunc(list, func(m chain.Matcher) bool { return !s.passes(m, record) })
}

func (s *toy) Cover(p chain.Probe, union [][]chain.Matcher) chain.Coverage {
	s.asked++
	lost, passed := "", 0
	for _, r := range s.probes[p] {
		if slices.ContainsFunc(union, func(all []chain.Matcher) bool { return s.all(all, r) }) {
			passed++
		} else {
			lost += string(r)
		}
	}
	c := chain.Coverage{Lost: len(lost), Detail: lost}
	switch {
	case lost == "":
		c.Fit = chain.Covered
	case strings.Trim(lost, s.tolerated) == "" && passed > 0:
		c.Fit = chain.Tolerated
	case passed > 0:
		c.Fit = chain.Partly
	default:
		c.Fit = chain.Nothing
	}
	return c
}

func (s *toy) Touches(p chain.Probe, all []chain.Matcher) bool {
	return strings.ContainsFunc(s.probes[p], func(r rune) bool { return s.all(all, r) })
}

func (s *toy) Incidental(chain.Probe, []chain.Matcher) bool { return false }

func (s *toy) Relevant(m chain.Matcher) bool {
	for p := range s.probes {
		if s.Touches(chain.Probe(p), []chain.Matcher{m}) {
			return true
		}
	}
	return false
}

// node builds a node whose verdict has the reasons: "ok", or a status and a name.
func node(kind finding.LinkKind, verdict string, next ...*chain.Node) *chain.Node {
	v := chain.Fine()
	if verdict != "ok" {
		status, name, _ := strings.Cut(verdict, " ")
		v = v.With(finding.Reason{Status: finding.Status(status), Link: kind, Message: name})
	}
	return &chain.Node{Kind: kind, Judge: func(chain.Probe) chain.Verdict { return v }, Next: next}
}

func person(verdict string) *chain.Node {
	n := node(finding.LinkSubscription, verdict)
	n.End = true
	return n
}

func matcher(m chain.Matcher, next ...*chain.Node) *chain.Node {
	n := node(finding.LinkFilter, "ok", next...)
	n.Match = m
	return n
}

func fork(next ...*chain.Node) *chain.Node {
	n := node(finding.LinkLogGroup, "ok", next...)
	n.Fork, n.Cost = true, 3
	return n
}

func trail(verdict string, next ...*chain.Node) *chain.Node {
	return node(finding.LinkTrail, verdict, next...)
}

func messages(o chain.Outcome) string {
	var out []string
	for _, r := range o.Reasons {
		out = append(out, r.Message)
	}
	return strings.Join(out, ", ")
}

func TestJudge(t *testing.T) {
	unsure := matcher(set("abc"), person("ok"))
	unsure.Unsure = true
	unsure.Judge = func(chain.Probe) chain.Verdict {
		return chain.Fine().With(finding.Reason{Status: finding.Unknown, Link: finding.LinkFilter, Message: "not understood"})
	}
	blind := node(finding.LinkLogGroup, "unknown elsewhere")
	blind.End = true
	narrow := trail("ok", fork(matcher(set("abc"), person("ok"))))
	narrow.Judge = func(chain.Probe) chain.Verdict {
		return chain.Verdict{Truth: chain.Good, Only: []chain.Matcher{set("ab")}}
	}
	alternatives := trail("ok", fork(matcher(set("abc"), person("ok"))))
	alternatives.Judge = func(chain.Probe) chain.Verdict {
		return chain.Verdict{Truth: chain.Good, Only: []chain.Matcher{set("ab"), set("c")}}
	}
	tests := []struct {
		name  string
		roots []*chain.Node
		truth chain.Truth
		want  string // messages
		cost  int
		gap   string // what the gap loses; "" for no gap
	}{
		{name: "one way", roots: []*chain.Node{trail("ok", fork(matcher(set("abc"), person("ok"))))}, truth: chain.Good},
		{name: "a union, of two languages", roots: []*chain.Node{trail("ok", fork(matcher(set("ab"), person("ok")), matcher(rule("C"), person("ok"))))}, truth: chain.Good},
		{name: "a union over two roots", roots: []*chain.Node{trail("ok", fork(matcher(set("ab"), person("ok")))), trail("ok", fork(matcher(rule("C"), person("ok"))))}, truth: chain.Good},
		{name: "a gap", roots: []*chain.Node{trail("ok", fork(matcher(set("ab"), person("ok"))))}, truth: chain.Bad, cost: 1, gap: "c"},
		{name: "the gap and the break behind it", roots: []*chain.Node{trail("ok", fork(matcher(set("ab"), person("fail gone"))))}, truth: chain.Bad, want: "gone", cost: 2, gap: "c"},
		{name: "nothing matches", roots: []*chain.Node{trail("ok", fork(matcher(set("xyz"), person("ok"))))}, truth: chain.Bad, cost: 4, gap: "abc"},
		{name: "an empty fork is no person", roots: []*chain.Node{trail("ok", fork())}, truth: chain.Bad, cost: 4, gap: "abc"},
		{name: "a dead end is no person", roots: []*chain.Node{trail("ok", fork(matcher(set("abc"), node(finding.LinkAlarm, "ok"))))}, truth: chain.Bad},
		{name: "the rest must be repaired", roots: []*chain.Node{trail("ok", fork(matcher(set("ab"), person("ok")), matcher(set("c"), person("fail gone"))))}, truth: chain.Bad, want: "gone", cost: 1},
		{name: "the closest tail", roots: []*chain.Node{trail("ok", fork(matcher(set("abc"), node(finding.LinkAlarm, "fail stuck"), node(finding.LinkAlarm, "ok", person("fail gone")))))}, truth: chain.Bad, want: "gone", cost: 1},
		{name: "the closest root", roots: []*chain.Node{trail("fail stopped", fork(matcher(set("abc"), person("fail gone")))), trail("fail late", fork(matcher(set("abc"), person("ok"))))}, truth: chain.Bad, want: "late", cost: 1},
		{name: "what gets through by another root is not lost", roots: []*chain.Node{trail("ok", fork(matcher(set("a"), person("ok")))), trail("ok", fork(matcher(rule("B"), person("ok"))))}, truth: chain.Bad, cost: 1, gap: "c"},
		{name: "a part by another root, nothing by the first", roots: []*chain.Node{trail("ok", fork(matcher(set("xyz"), person("ok")))), trail("ok", fork(matcher(rule("AB"), person("ok"))))}, truth: chain.Bad, cost: 1, gap: "c"},
		{name: "a part by another root that breaks", roots: []*chain.Node{trail("ok", fork(matcher(set("a"), person("ok")))), trail("ok", fork(matcher(rule("B"), person("fail gone"))))}, truth: chain.Bad, cost: 1, gap: "bc"},
		{name: "a warning is good, and said", roots: []*chain.Node{trail("ok", fork(matcher(set("abc"), person("warn odd"))))}, truth: chain.Good, want: "odd"},
		{name: "a clean way counts", roots: []*chain.Node{trail("ok", fork(matcher(set("abc"), person("warn odd")), matcher(set("abcd"), person("ok"))))}, truth: chain.Good},
		{name: "an unread way that would cover", roots: []*chain.Node{trail("ok", fork(matcher(set("ab"), person("ok")), matcher(set("c"), person("unknown denied"))))}, truth: chain.Unread, want: "denied"},
		{name: "an unread way that would not", roots: []*chain.Node{trail("ok", fork(matcher(set("a"), person("ok")), matcher(set("b"), person("unknown denied"))))}, truth: chain.Bad, cost: 1, gap: "c"},
		{name: "a guess counts by itself", roots: []*chain.Node{trail("ok", fork(unsure))}, truth: chain.Unread, want: "not understood"},
		{name: "nobody can look behind", roots: []*chain.Node{trail("ok", blind)}, truth: chain.Unread, want: "elsewhere"},
		{name: "a verdict that narrows", roots: []*chain.Node{narrow}, truth: chain.Bad, cost: 1, gap: "c"},
		{name: "alternatives that make up for each other", roots: []*chain.Node{alternatives}, truth: chain.Good},
		{name: "forwarded by a rule", roots: []*chain.Node{trail("ok", fork(matcher(rule("ABC"), fork(matcher(set("abcd"), person("ok"))))))}, truth: chain.Good},
		{name: "forwarded in part", roots: []*chain.Node{trail("ok", fork(matcher(rule("AB"), fork(matcher(set("abcd"), person("ok"))))))}, truth: chain.Bad, cost: 1, gap: "c"},
		{name: "forwarded to nobody", roots: []*chain.Node{trail("ok", fork(matcher(rule("ABC"), fork(matcher(set("abcd"), person("fail gone"))))))}, truth: chain.Bad, want: "gone", cost: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := chain.NewGraph(tt.roots, &toy{probes: []string{"abc"}})
			o := g.Judge(0)
			gap := ""
			if o.Gap != nil {
				gap = fmt.Sprint(o.Gap.Coverage.Detail)
			}
			if o.Truth != tt.truth || messages(o) != tt.want || o.Cost != tt.cost || gap != tt.gap {
				t.Errorf("got truth %d, reasons %q, cost %d, gap %q; want %d, %q, %d, %q", o.Truth, messages(o), o.Cost, gap, tt.truth, tt.want, tt.cost, tt.gap)
			}
			if got := g.Passes(0); got != (tt.truth == chain.Good) {
				t.Errorf("Passes says %v", got)
			}
		})
	}
}

func TestTolerated(t *testing.T) {
	g := chain.NewGraph([]*chain.Node{trail("ok", fork(matcher(set("ab"), person("ok"))))}, &toy{probes: []string{"abc"}, tolerated: "c"})
	if o := g.Judge(0); o.Truth != chain.Good || o.Coverage.Fit != chain.Tolerated || o.By != nil {
		t.Errorf("got %+v", o)
	}
}

// TestDoubts asks doubts in their order, and only where the graph is of no help.
func TestDoubts(t *testing.T) {
	say := func(text string) chain.Doubt {
		return func(chain.Probe) []finding.Reason {
			if text == "" {
				return nil
			}
			return []finding.Reason{{Status: finding.Unknown, Message: text}}
		}
	}
	roots := []*chain.Node{trail("fail stopped", fork())}
	if o := chain.NewGraph(roots, &toy{probes: []string{"a"}}, say(""), say("second"), say("third")).Judge(0); o.Truth != chain.Unread || messages(o) != "second" {
		t.Errorf("got %+v", o)
	}
	good := []*chain.Node{trail("ok", fork(matcher(set("a"), person("ok"))))}
	if o := chain.NewGraph(good, &toy{probes: []string{"a"}}, say("first")).Judge(0); o.Truth != chain.Good {
		t.Errorf("got %+v", o)
	}
}

// TestMatchFirst judges nothing behind a filter that does not match, and nothing
// twice that does not depend on the probe.
func TestMatchFirst(t *testing.T) {
	judged := map[string]int{}
	count := func(name string, n *chain.Node) *chain.Node {
		judge := n.Judge
		n.Judge = func(p chain.Probe) chain.Verdict { judged[name]++; return judge(p) }
		return n
	}
	varying := count("varying", node(finding.LinkAlarm, "ok", person("ok")))
	varying.Varies = true
	root := trail("ok", fork(
		matcher(set("ab"), count("fixed", node(finding.LinkAlarm, "ok", count("person", person("ok")))), varying),
		matcher(set("xyz"), count("other", node(finding.LinkAlarm, "ok", person("ok")))),
	))
	g := chain.NewGraph([]*chain.Node{root}, &toy{probes: []string{"a", "b", "ab"}})
	for range 3 {
		for p := range 3 {
			g.Judge(chain.Probe(p))
		}
	}
	if want := map[string]int{"fixed": 1, "person": 1, "varying": 3}; fmt.Sprint(judged) != fmt.Sprint(want) {
		t.Errorf("judged %v, want %v", judged, want)
	}
}

// TestAgainstEnumeration holds the verdicts of random graphs against the plain
// reading: a record is alerted to if some path is good and passes it; a probe is
// unread if it would pass once the unread were good.
func TestAgainstEnumeration(t *testing.T) {
	verdicts := []string{"ok", "ok", "ok", "warn odd", "fail gone", "unknown denied"}
	counts := map[chain.Truth]int{}
	for seed := range uint64(4000) {
		r := rand.New(rand.NewPCG(seed, 1))
		pick := func() string { return verdicts[r.IntN(len(verdicts))] }
		letters := func() string {
			s := ""
			for _, l := range "abcd" {
				if r.IntN(3) > 0 {
					s += string(l)
				}
			}
			return s
		}
		filters := func(depth int) []*chain.Node { return randomFilters(r, pick, letters, depth) }
		var roots []*chain.Node
		for range 1 + r.IntN(2) {
			roots = append(roots, trail(pick(), fork(filters(1)...)))
		}
		solver := &toy{probes: []string{"ab", "abcd"}}
		g := chain.NewGraph(roots, solver)
		for p, word := range solver.probes {
			o := g.Judge(chain.Probe(p))
			want := plainly(roots, solver, word)
			counts[want]++
			if o.Truth != want {
				t.Fatalf("seed %d, probe %s: truth %d, the plain reading says %d", seed, word, o.Truth, want)
			}
			if o.Truth != chain.Good && len(o.Reasons) == 0 && o.Gap == nil {
				t.Fatalf("seed %d, probe %s: truth %d without a reason", seed, word, o.Truth)
			}
		}
	}
	for _, truth := range []chain.Truth{chain.Bad, chain.Unread, chain.Good} {
		if counts[truth] < 200 {
			t.Errorf("only %d random probes are of truth %d", counts[truth], truth)
		}
	}
}

func randomFilters(r *rand.Rand, pick, letters func() string, depth int) []*chain.Node {
	var out []*chain.Node
	for range r.IntN(4) {
		var next []*chain.Node
		for range 1 + r.IntN(2) {
			next = append(next, node(finding.LinkAlarm, pick(), person(pick())))
		}
		if depth > 0 && r.IntN(3) == 0 {
			next = append(next, fork(randomFilters(r, pick, letters, depth-1)...))
		}
		if word := letters(); r.IntN(2) == 0 {
			out = append(out, matcher(set(word), next...))
		} else {
			out = append(out, matcher(rule(strings.ToUpper(word)), next...))
		}
	}
	return out
}

// plainly enumerates every path for every record.
func plainly(roots []*chain.Node, s *toy, word string) chain.Truth {
	worst := chain.Good
	for _, record := range word {
		worst = min(worst, best(roots, s, record))
	}
	return worst
}

func best(list []*chain.Node, s *toy, record rune) chain.Truth {
	out := chain.Bad
	for _, n := range list {
		if n.Match != nil && !s.passes(n.Match, record) {
			continue
		}
		truth := n.Judge(0).Truth
		if !n.End {
			truth = min(truth, best(n.Next, s, record))
		}
		out = max(out, truth)
	}
	return out
}

package change

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// A toy is the state of an object with two parts, which may be unset.
type toy struct{ a, b string }

func (s toy) Same(t toy) bool {
	return (s.a == "" || t.a == "" || s.a == t.a) && (s.b == "" || t.b == "" || s.b == t.b)
}

func (s toy) Over(t toy) toy {
	if s.a != "" {
		t.a = s.a
	}
	if s.b != "" {
		t.b = s.b
	}
	return t
}

func (s toy) Only(t toy) toy {
	if t.a == "" {
		s.a = ""
	}
	if t.b == "" {
		s.b = ""
	}
	return s
}

func (toy) Of(Object) bool { return true }

func rewound(records []Record[toy], now *toy) string {
	target, left := Rewind(records, now,
		func(now toy, r Record[toy]) bool { return now.Same(*r.After) },
		func(now, then toy) string {
			if !(toy{a: now.a}).Same(toy{a: then.a}) {
				return "a"
			}
			return "b"
		})
	switch {
	case left != "":
		return left
	case target == nil:
		return "none"
	}
	return target.a + target.b
}

// state reads "A1" as the parts A and 1, "-" as an object that is not there, "A_"
// and "_1" as a state with one part.
func state(s string) *toy {
	if s == "-" {
		return nil
	}
	unset := func(p string) string { return strings.Trim(p, "_") }
	return &toy{unset(s[:1]), unset(s[1:])}
}

// records reads "-A1" as a write from nothing to A1; a question mark behind it is a
// write whose result is not known, an exclamation mark one that failed.
func records(t *testing.T, text string) []Record[toy] {
	t.Helper()
	var out []Record[toy]
	for _, field := range strings.Fields(text) {
		before, after, ok := strings.Cut(strings.TrimRight(field, "?!"), ">")
		if !ok {
			t.Fatalf("%q is no record", field)
		}
		r := Record[toy]{Before: state(before), After: state(after), Result: Done}
		switch field[len(field)-1] {
		case '?':
			r.Result = None
		case '!':
			r.Result = Failed
		}
		out = append(out, r)
	}
	return out
}

// TestRewind holds what an object was before its records to every order of writes
// that took place, did not, were repeated, and were taken back.
func TestRewind(t *testing.T) {
	tests := []struct{ name, records, now, want string }{
		{"made", "->A1", "A1", "none"},
		{"replaced", "B1>A1", "A1", "B1"},
		{"replaced in one part", "B_>A_", "A1", "B1"},
		{"made, gone since", "->A1", "-", "none"},
		{"replaced, gone since", "B1>A1", "-", LeftRemoved},
		{"replaced, put back by hand", "B1>A1", "B1", "B1"},
		{"made, changed since", "->A1", "A2", LeftChanged + "b"},
		{"failed", "->A1!", "-", "none"},
		{"failed, and someone made another one", "->A1!", "B2", "B2"},

		{"cut off before", "->A1?", "-", "none"},
		{"cut off behind", "->A1?", "A1", "none"},
		{"cut off before, repeated", "->A1? ->A1", "A1", "none"},
		{"cut off before twice, repeated", "->A1? ->A1? ->A1", "A1", "none"},
		{"replacing cut off before, repeated", "B1>A1? B1>A1", "A1", "B1"},
		{"made, policy cut off before, repeated", "->A1 _1>_2? _1>_2", "A2", "none"},

		{"undone", "->A1 A1>-", "-", "none"},
		{"undone, made again", "->A1 A1>- ->A1", "A1", "none"},
		{"undoing cut off before", "->A1 A1>-?", "A1", "none"},
		{"undoing cut off behind", "->A1 A1>-?", "-", "none"},
		{"undone without a record, made again", "->A1 ->A1", "A1", "none"},
		{"put back, replaced again", "B1>A1 A1>B1 B1>A1", "A1", "B1"},
		{"put back without a record, replaced again", "B1>A1 B1>A1", "A1", "B1"},
		{"putting back cut off", "B1>A1 A1>B1?", "A1", "B1"},

		{"undone, and someone made another one", "->A1 A1>-", "B2", LeftMadeAgain},
		{"changed by someone between two runs", "B1>A1 C1>D1", "D1", LeftChangedBetween + "a"},
		{"removed by someone between two runs", "B1>A1 ->A1", "A1", LeftRemovedBetween},
		{"a part that was not written again", "A_>B_ _1>_2", "C2", LeftChanged + "a"},
		{"the part that differs was not written again", "->A1 _1>_2", "C2", LeftChangedBetween + "a"},
		{"only removed, by a journal that was edited", "A1>-", "-", LeftRemoved},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := rewound(records(t, tt.records), state(tt.now)); got != tt.want {
				t.Errorf("records %s, now %s: %q, want %q", tt.records, tt.now, got, tt.want)
			}
		})
	}
}

// TestRewindUnknown leaves what could not be read before it was written.
func TestRewindUnknown(t *testing.T) {
	r := []Record[toy]{{After: state("A1"), Result: Done, BeforeUnknown: true}}
	if got := rewound(r, state("A1")); got != LeftUnknown {
		t.Errorf("got %q", got)
	}
}

// TestRewindAnySequence lets runs write an object and take it back, each write
// known, cut off before or cut off behind; what it was before comes back, and the
// object is never said to be removed or changed.
func TestRewindAnySequence(t *testing.T) {
	for seed := range uint64(2000) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		start := []string{"-", "B1"}[rnd.IntN(2)]
		now, story := start, ""
		for range 1 + rnd.IntN(8) {
			to := "A1"
			if rnd.IntN(2) == 0 {
				to = start // an undo
			}
			if now == to {
				continue // it is looked at before it is written
			}
			mark, took := "", true
			if rnd.IntN(2) == 0 {
				mark, took = "?", rnd.IntN(2) == 0
			}
			story += fmt.Sprintf(" %s>%s%s", now, to, mark)
			if took {
				now = to
			}
		}
		want := strings.Replace(start, "-", "none", 1)
		if got := rewound(records(t, story), state(now)); got != want {
			t.Errorf("records%s, now %s: %q, want %q", story, now, got, want)
		}
	}
}

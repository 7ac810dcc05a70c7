package cover

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"unicode"
)

// A dfa runs one compiled expression as a deterministic automaton whose states
// are found as they are needed. Like a search, it accepts a text in which the
// expression is found anywhere, unless the expression is anchored.
type dfa struct {
	prog     *syntax.Prog
	lines    bool // its verdict can depend on what the previous character was
	anchored bool // it can match at the beginning of the text only
	symbols  []rune
	states   []dfaState
	index    map[string]int32
	next     [][]int32 // by state and symbol; -1: not known yet
	work     int       // spent on finding states, in instructions

	seen  []int // by instruction: the last closure that met it
	marks int   // how many closures there were
}

type dfaState struct {
	threads []uint32 // before empty-width instructions, sorted
	prev    rune     // stands for the character before; -1 at the beginning
	found   bool     // a match was found: nothing can change that
	accepts bool     // the text may end here
}

// newDFA compiles an expression in Go's syntax. The state 0 is the initial one.
func newDFA(expr string, symbols []rune) (*dfa, error) {
	prog, err := compileProg(expr)
	if err != nil {
		return nil, err
	}
	d := &dfa{prog: prog, symbols: symbols, index: map[string]int32{}, seen: make([]int, len(prog.Inst))}
	d.anchored = prog.StartCond()&syntax.EmptyBeginText != 0
	for _, in := range prog.Inst {
		width := syntax.EmptyOp(in.Arg) &^ (syntax.EmptyBeginText | syntax.EmptyEndText)
		d.lines = d.lines || in.Op == syntax.InstEmptyWidth && width != 0
	}
	d.state([]uint32{uint32(prog.Start)}, -1, false)
	return d, nil
}

func compileProg(expr string) (*syntax.Prog, error) {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, err
	}
	return syntax.Compile(tree.Simplify())
}

// state returns the number of a state.
func (d *dfa) state(threads []uint32, prev rune, found bool) int32 {
	if found {
		threads = nil
	}
	if prev >= 0 && (found || !d.lines) {
		prev = 0
	}
	key := stateKey(threads, prev, found)
	if n, ok := d.index[key]; ok {
		return n
	}
	n := int32(len(d.states))
	s := dfaState{threads: threads, prev: prev, found: found, accepts: found}
	if !found {
		_, s.accepts = d.closure(s, -1)
	}
	d.index[key] = n
	d.states = append(d.states, s)
	d.next = append(d.next, slices.Repeat([]int32{-1}, len(d.symbols)))
	return n
}

func stateKey(threads []uint32, prev rune, found bool) string {
	key := make([]byte, 0, 4*len(threads)+5)
	key = binary.LittleEndian.AppendUint32(key, uint32(prev))
	if found {
		return string(append(key, 1))
	}
	for _, t := range threads {
		key = binary.LittleEndian.AppendUint32(key, t)
	}
	return string(key)
}

// step returns the state after a symbol, given by its number.
func (d *dfa) step(from int32, symbol int) int32 {
	to := d.next[from][symbol]
	if to < 0 {
		to = d.move(d.states[from], d.symbols[symbol])
		d.next[from][symbol] = to
	}
	return to
}

func (d *dfa) move(s dfaState, r rune) int32 {
	if s.found {
		return d.state(nil, 0, true)
	}
	reached, found := d.closure(s, r)
	if found {
		return d.state(nil, 0, true)
	}
	var threads []uint32
	for _, pc := range reached {
		if in := d.prog.Inst[pc]; in.MatchRune(r) {
			threads = append(threads, in.Out)
		}
	}
	if !d.anchored {
		threads = append(threads, uint32(d.prog.Start)) // a search may begin behind r
	}
	slices.Sort(threads)
	return d.state(slices.Compact(threads), previous(r), false)
}

// previous returns one character for all that look the same from behind.
func previous(r rune) rune {
	switch {
	case r == '\n':
		return '\n'
	case syntax.IsWordChar(r):
		return 'a'
	default:
		return ' '
	}
}

// closure follows the empty-width instructions of a state in front of the
// character r, -1 for the end, to those that read a character.
func (d *dfa) closure(s dfaState, r rune) (reading []uint32, found bool) {
	prev := s.prev
	if prev == 0 {
		prev = ' ' // the automaton does not care
	}
	flags := syntax.EmptyOpContext(prev, r)
	d.marks++
	stack := slices.Clone(s.threads)
	for len(stack) > 0 {
		pc := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if d.seen[pc] == d.marks {
			continue
		}
		d.seen[pc] = d.marks
		d.work++
		switch in := &d.prog.Inst[pc]; in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			stack = append(stack, in.Out, in.Arg)
		case syntax.InstCapture, syntax.InstNop:
			stack = append(stack, in.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(in.Arg)&^flags == 0 {
				stack = append(stack, in.Out)
			}
		case syntax.InstMatch:
			return nil, true
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			reading = append(reading, pc)
		}
	}
	return reading, false
}

// alphabet returns one character for each set of characters that none of the
// expressions tells apart, readable ones first.
func alphabet(exprs []string) ([]rune, error) {
	bounds := []rune{0, ' ', '~' + 1, 0xD800, 0xE000, unicode.MaxRune + 1}
	for _, expr := range exprs {
		prog, err := compileProg(expr)
		if err != nil {
			return nil, err
		}
		bounds = append(bounds, boundaries(prog)...)
	}
	slices.Sort(bounds)
	bounds = slices.Compact(bounds)
	var symbols []rune
	for i, low := range bounds[:len(bounds)-1] {
		if low != 0xD800 && low < 0xD800 || low >= 0xE000 {
			symbols = append(symbols, readable(low, bounds[i+1]-1))
		}
	}
	slices.SortFunc(symbols, func(a, b rune) int {
		if r := readability(a) - readability(b); r != 0 {
			return r
		}
		return int(a - b)
	})
	return symbols, nil
}

// boundaries returns the characters at which a program begins to behave
// differently.
func boundaries(prog *syntax.Prog) []rune {
	var bounds []rune
	for _, in := range prog.Inst {
		switch in.Op {
		case syntax.InstRune, syntax.InstRune1:
			if len(in.Rune) == 1 {
				bounds = append(bounds, folds(in.Rune[0])...)
			}
			for i := 0; i+1 < len(in.Rune); i += 2 {
				bounds = append(bounds, in.Rune[i], in.Rune[i+1]+1)
			}
		case syntax.InstRuneAnyNotNL:
			bounds = append(bounds, '\n', '\n'+1)
		case syntax.InstEmptyWidth:
			bounds = append(bounds, '\n', '\n'+1, '0', '9'+1, 'A', 'Z'+1, '_', '_'+1, 'a', 'z'+1)
		}
	}
	return bounds
}

// folds returns the bounds of a character and of those that differ from it in
// case only.
func folds(r rune) []rune {
	bounds := []rune{r, r + 1}
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		bounds = append(bounds, f, f+1)
	}
	return bounds
}

// readable picks the nicest character of a range.
func readable(low, high rune) rune {
	for _, nice := range []rune{'x', 'X', '0', '-', '_', '.', ':', '/'} {
		if low <= nice && nice <= high {
			return nice
		}
	}
	return low
}

func readability(r rune) int {
	switch {
	case 'a' <= r && r <= 'z':
		return 0
	case 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return 1
	case ' ' < r && r < 0x7f && r != '"' && r != '\\':
		return 2
	case r == ' ' || r > 0xa0:
		return 3
	default:
		return 4
	}
}

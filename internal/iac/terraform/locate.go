package terraform

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"

	"github.com/monitorctl/monitorctl/internal/iac"
)

const (
	// maxLocated bounds the text whose parts are looked for, in bytes. A pattern
	// has at most 1,024 characters.
	maxLocated = 1 << 13

	// maxOrigins bounds the literals among which they are looked for.
	maxOrigins = 256

	// seed is the length in bytes of what is looked for first.
	seed = 12
)

// originsOf returns the literals among marks, by their place.
func originsOf(marks cty.ValueMarks) []*origin {
	var list []*origin
	for m := range marks {
		if o, ok := m.(*origin); ok {
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b *origin) int {
		x, i := a.text.At(0)
		y, j := b.text.At(0)
		if x != y && x != nil && y != nil {
			return strings.Compare(x.Path, y.Path)
		}
		return cmp.Or(cmp.Compare(i, j), strings.Compare(a.text.Value, b.text.Value))
	})
	return list
}

// locate finds the bytes of a value among the literals that it was made of, and
// returns those that it is made of. What is nowhere, such as the result of a
// function, stands where what is before it ends, or at the fallback.
func locate(value string, origins []*origin, fallback iac.Text) (iac.Text, []*origin) {
	for _, o := range origins {
		if o.text.Value == value {
			return o.text, []*origin{o}
		}
	}
	for _, o := range origins {
		if i := strings.Index(o.text.Value, value); i >= 0 && value != "" {
			return o.text.Slice(i, i+len(value)), []*origin{o}
		}
	}
	l := &locator{value: value, next: map[*origin]int{}, used: map[*origin]bool{}}
	if len(value) <= maxLocated {
		l.origins = relevant(origins, value)
	}
	l.last, l.lastPos = fallback.At(0)
	for i := 0; i < len(value); {
		i += l.step(i)
	}
	var used []*origin
	for _, o := range origins {
		if l.used[o] {
			used = append(used, o)
		}
	}
	return l.out.Text(), used
}

// relevant returns the literals that may be part of a value.
func relevant(origins []*origin, value string) []*origin {
	var list []*origin
	for _, o := range origins {
		text := o.text.Value
		if text == "" {
			continue
		}
		if len(text) > seed && !strings.Contains(value, text[:seed]) && !strings.Contains(value, text[len(text)-seed:]) && len(origins) > maxOrigins {
			continue
		}
		if len(list) == maxOrigins {
			break
		}
		list = append(list, o)
	}
	return list
}

// A locator goes through a value from left to right.
type locator struct {
	value   string
	origins []*origin
	next    map[*origin]int // behind what of a literal was used last
	used    map[*origin]bool

	out     iac.Builder
	last    *iac.Source
	lastPos int
}

// step locates what stands at i and returns its length in bytes.
func (l *locator) step(i int) int {
	rest := l.value[i:]
	r, size := utf8.DecodeRuneInString(rest)
	if iac.IsHole(r) {
		l.out.Add(iac.Fixed(l.last, rest[:size], l.lastPos))
		return size
	}
	var best *origin
	from, length := 0, 0
	for _, o := range l.origins {
		at, n := overlap(o.text.Value, rest, l.next[o])
		if n > length || n == length && n > 0 && at == l.next[o] && at > 0 && from == 0 {
			best, from, length = o, at, n
		}
	}
	if best == nil {
		l.out.Add(iac.Fixed(l.last, rest[:size], l.lastPos))
		return size
	}
	part := best.text.Slice(from, from+length)
	l.out.Add(part)
	l.used[best] = true
	l.next[best] = from + length
	if src, pos := part.At(length - 1); src != nil {
		l.last, l.lastPos = src, pos
	}
	return length
}

// overlap returns where in a literal the longest beginning of rest stands that
// was found, and how long it is: the search is for whole literals, for what
// follows the part that was used last, and for a few bytes of rest.
func overlap(literal, rest string, next int) (at, length int) {
	try := func(from int) {
		if n := common(literal[from:], rest); n > length {
			at, length = from, n
		}
	}
	try(0)
	if next > 0 && next < len(literal) {
		try(next)
	}
	for n := min(seed, len(rest)); n > 1 && length < n; n /= 2 {
		for from := 0; from < len(literal); {
			i := strings.Index(literal[from:], rest[:n])
			if i < 0 {
				break
			}
			try(from + i)
			from += i + 1
			if length >= len(literal)-from {
				break
			}
		}
	}
	// Never end within a character.
	for length > 0 && length < len(rest) && !utf8.RuneStart(rest[length]) {
		length--
	}
	return at, length
}

func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

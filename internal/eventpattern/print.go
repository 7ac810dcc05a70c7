package eventpattern

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// String returns the shortest text of the same meaning: no blanks, no value
// twice, names sorted and joined by dots where that is shorter. With $or, whose
// meaning depends on the order of the text, members stay where they are.
func (p *Pattern) String() string {
	b := &printer{}
	if len(p.branches) == 1 && !p.root.hasOr() {
		b.group(0, p.branches[0], 0)
		return b.String()
	}
	b.object(p.root)
	return b.String()
}

func (o *object) hasOr() bool {
	for _, m := range o.members {
		if m.or != nil || m.object != nil && m.object.hasOr() {
			return true
		}
	}
	return false
}

type printer struct{ strings.Builder }

// object prints an object as it was read.
func (b *printer) object(o *object) {
	for i, m := range o.members {
		b.WriteString(open(i, "{"))
		b.quoted(m.name)
		b.WriteByte(':')
		switch {
		case m.object != nil:
			b.object(m.object)
		case m.or != nil:
			for i, alternative := range m.or {
				b.WriteString(open(i, "["))
				b.object(alternative)
			}
			b.WriteByte(']')
		default:
			b.tests(m.tests)
		}
	}
	b.WriteByte('}')
}

// open returns the bracket before the first of several members, else a comma.
func open(i int, bracket string) string {
	if i == 0 {
		return bracket
	}
	return ","
}

// group prints fields whose first skip bytes are printed already as an object.
func (b *printer) group(skip int, fields Branch, depth int) {
	b.WriteByte('{')
	b.members(skip, fields, depth)
	b.WriteByte('}')
}

// members prints fields without the braces around them. Fields of one first
// name become an object when that is shorter than repeating the name. A level
// of this function that prints no brace costs none of the allowed depth.
func (b *printer) members(skip int, fields Branch, depth int) {
	for i := 0; i < len(fields); {
		if i > 0 {
			b.WriteByte(',')
		}
		name := fields[i].Path[skip:]
		end := i + 1
		if first, _, dotted := strings.Cut(name, "."); dotted && depth < MaxDepth-1 {
			prefix := fields[i].Path[:skip] + first + "."
			for end < len(fields) && strings.HasPrefix(fields[end].Path, prefix) {
				end++
			}
			if n := end - i; n > 1 {
				shared := commonNames(fields[i:end])
				if width := utf8.RuneCountInString(escape(shared[skip:])); n*width >= width+4 && shared != prefix || n*width > width+4 {
					b.quoted(strings.TrimSuffix(shared[skip:], "."))
					b.WriteByte(':')
					b.group(len(shared), fields[i:end], depth+1)
					i = end
					continue
				}
			}
		}
		b.quoted(name)
		b.WriteByte(':')
		b.tests(fields[i].Tests)
		i++
	}
}

// commonNames returns the names that all paths begin with, each with its dot.
func commonNames(fields Branch) string {
	first, last := fields[0].Path, fields[len(fields)-1].Path
	dot := 0
	for i := 0; i < len(first) && i < len(last) && first[i] == last[i]; i++ {
		if first[i] == '.' {
			dot = i + 1
		}
	}
	return first[:dot]
}

// tests prints an array of values, each once.
func (b *printer) tests(tests []Test) {
	seen := map[string]bool{}
	for _, t := range tests {
		var one printer
		t.print(&one)
		if text := one.String(); !seen[text] {
			b.WriteString(open(len(seen), "["))
			b.WriteString(text)
			seen[text] = true
		}
	}
	b.WriteByte(']')
}

// quoted prints a string with no more escapes than JSON needs.
func (b *printer) quoted(text string) {
	b.WriteByte('"')
	b.WriteString(escape(text))
	b.WriteByte('"')
}

func escape(text string) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		at := strings.IndexByte("\"\\\b\f\n\r\t", c)
		switch {
		case at >= 0:
			b.WriteByte('\\')
			b.WriteByte(`"\bfnrt`[at])
		case c < ' ':
			b.WriteString(`\u00`)
			b.WriteByte("0123456789abcdef"[c>>4])
			b.WriteByte("0123456789abcdef"[c&15])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// operator prints {"name": and what value prints, and the brace.
func (b *printer) operator(name string, value func()) {
	b.WriteByte('{')
	b.quoted(name)
	b.WriteByte(':')
	value()
	b.WriteByte('}')
}

func (t *Text) print(b *printer) {
	value := func() { b.quoted(t.Text) }
	switch t.Op {
	case Equals:
		value()
	case PrefixFold:
		b.operator(opPrefix, func() { b.operator(opFold, value) })
	case SuffixFold:
		b.operator(opSuffix, func() { b.operator(opFold, value) })
	default:
		b.operator(t.Op.name(), value)
	}
}

// name is the operator's name in a pattern; Equals has none.
func (op StringOp) name() string {
	switch op {
	case Exactly:
		return opExactly
	case Prefix, PrefixFold:
		return opPrefix
	case Suffix, SuffixFold:
		return opSuffix
	case EqualsFold:
		return opFold
	case MatchesWildcard:
		return opWildcard
	default:
		return ""
	}
}

func (t *Number) print(b *printer) { b.WriteString(t.number.text) }

func (t *Constant) print(b *printer) { b.WriteString(t.Word) }

func (t *Numeric) print(b *printer) {
	b.operator(opNumeric, func() {
		b.WriteByte('[')
		if t.Low != nil && t.Low == t.High {
			b.bound("=", t.Low)
		} else {
			if t.Low != nil {
				b.bound(inclusive(">", t.Low), t.Low)
			}
			if t.Low != nil && t.High != nil {
				b.WriteByte(',')
			}
			if t.High != nil {
				b.bound(inclusive("<", t.High), t.High)
			}
		}
		b.WriteByte(']')
	})
}

func inclusive(op string, bound *Bound) string {
	if bound.Inclusive {
		return op + "="
	}
	return op
}

func (b *printer) bound(op string, bound *Bound) {
	b.WriteString(strconv.Quote(op) + "," + bound.text)
}

func (t *CIDR) print(b *printer) { b.operator(opCIDR, func() { b.quoted(t.Block) }) }

func (t *Exists) print(b *printer) {
	b.operator(opExists, func() { b.WriteString(strconv.FormatBool(t.Present)) })
}

func (t *AnythingBut) print(b *printer) {
	b.operator(opAnythingBut, func() {
		if len(t.Texts) > 0 && t.Texts[0].Op != Exactly {
			b.operator(t.Texts[0].Op.name(), func() { b.excluded(t) })
			return
		}
		b.excluded(t)
	})
}

// excluded prints what anything-but excludes, without brackets around a single
// value.
func (b *printer) excluded(t *AnythingBut) {
	var list []Test
	for _, s := range t.Texts {
		s.Op = Equals
		list = append(list, &Text{StringTest: s})
	}
	for i := range t.Numbers {
		list = append(list, &t.Numbers[i])
	}
	var inner printer
	inner.tests(list)
	text := inner.String()
	var one printer
	list[0].print(&one)
	if text == "["+one.String()+"]" {
		text = one.String()
	}
	b.WriteString(text)
}

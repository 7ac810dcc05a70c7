package trinosql

import (
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// search writes a regular expression for regexp_like. Trino's engines read classes,
// ^ and $ in ways of their own, so that everything but letters and digits is written
// as code points, and every class as ranges of them. ok is false for what a filter
// pattern cannot say.
func search(expr string) (text string, ok bool) {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return "", false
	}
	var b strings.Builder
	ok = writeRegex(&b, tree)
	if endsText(tree) {
		// Joni looks for an end from behind, in bytes, and misses it where the last
		// character has several; not if anything may stand in front.
		return `\A[\x{0}-\x{10ffff}]*(?:` + b.String() + ")", ok
	}
	return b.String(), ok
}

// endsText reports whether the end of the text is looked for.
func endsText(re *syntax.Regexp) bool {
	return re.Op == syntax.OpEndText || slices.ContainsFunc(re.Sub, endsText)
}

func writeRegex(b *strings.Builder, re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpEmptyMatch:
	case syntax.OpLiteral:
		for _, c := range re.Rune {
			writeRune(b, c)
		}
		return re.Flags&syntax.FoldCase == 0
	case syntax.OpCharClass:
		writeClass(b, re.Rune)
	case syntax.OpAnyCharNotNL:
		b.WriteString(`[^\x{a}]`)
	case syntax.OpBeginText:
		b.WriteString(`\A`)
	case syntax.OpEndText:
		b.WriteString(`\z`)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		return writeRepeat(b, re)
	case syntax.OpConcat:
		return writeAll(b, re.Sub, "")
	case syntax.OpAlternate:
		b.WriteString("(?:")
		ok := writeAll(b, re.Sub, "|")
		b.WriteString(")")
		return ok
	default:
		return false
	}
	return true
}

func writeAll(b *strings.Builder, list []*syntax.Regexp, between string) bool {
	for i, sub := range list {
		if i > 0 {
			b.WriteString(between)
		}
		if !writeRegex(b, sub) {
			return false
		}
	}
	return true
}

func writeRepeat(b *strings.Builder, re *syntax.Regexp) bool {
	b.WriteString("(?:")
	ok := writeRegex(b, re.Sub[0])
	b.WriteString(")")
	switch re.Op {
	case syntax.OpStar:
		b.WriteString("*")
	case syntax.OpPlus:
		b.WriteString("+")
	case syntax.OpQuest:
		b.WriteString("?")
	default:
		fmt.Fprintf(b, "{%d,", re.Min)
		if re.Max >= 0 {
			fmt.Fprint(b, re.Max)
		}
		b.WriteString("}")
	}
	if re.Flags&syntax.NonGreedy != 0 {
		b.WriteString("?")
	}
	return ok
}

// writeClass writes ranges of code points, or those that are left out where there
// is no end to them.
func writeClass(b *strings.Builder, ranges []rune) {
	b.WriteString("[")
	if n := len(ranges); n > 0 && ranges[n-1] == unicode.MaxRune {
		if others := complement(ranges); len(others) > 0 {
			b.WriteString("^")
			ranges = others
		}
	}
	for i := 0; i < len(ranges); i += 2 {
		writeRune(b, ranges[i])
		if ranges[i+1] > ranges[i] {
			b.WriteString("-")
			writeRune(b, ranges[i+1])
		}
	}
	b.WriteString("]")
}

// complement returns what is between ranges that reach the last code point.
func complement(ranges []rune) []rune {
	var out []rune
	from := rune(0)
	for i := 0; i < len(ranges); i += 2 {
		if ranges[i] > from {
			out = append(out, from, ranges[i]-1)
		}
		from = ranges[i+1] + 1
	}
	return out
}

func writeRune(b *strings.Builder, c rune) {
	if c < 0x80 && (unicode.IsLetter(c) || unicode.IsDigit(c)) {
		b.WriteRune(c)
		return
	}
	fmt.Fprintf(b, `\x{%x}`, c)
}

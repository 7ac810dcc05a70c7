package scan

import (
	"math/bits"

	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

// bad is the position that says that a message is not JSON.
const bad = -1

// The functions of this file skip JSON by the rules of encoding/json. They take the position to begin at and
// return the one behind what they read, or bad. Those that may follow another
// one return bad when they are given it.

// skip reads a value with depth arrays and objects around it.
func skip(data []byte, i, depth int) int {
	if uint(i) >= uint(len(data)) {
		return bad
	}
	switch data[i] {
	case '"':
		return skipQuoted(data, i+1)
	case '{', '[':
		return skipNested(data, i, depth)
	default:
		return skipScalar(data, i)
	}
}

// skipNested reads an array or object with all that is in it. It is one loop
// over the members at all levels, as most of a message is read here.
func skipNested(data []byte, i, depth int) int {
	const maxLevel = 64
	objects := uint64(0) // a bit for each level, the lowest for the innermost
	for level := 0; ; {
		if objects&1 != 0 {
			if uint(i) >= uint(len(data)) || data[i] != '"' {
				return bad
			}
			i = skipQuoted(data, i+1)
			if uint(i) >= uint(len(data)) || data[i] != ':' {
				if i = skipBlanks(data, i); uint(i) >= uint(len(data)) || data[i] != ':' {
					return bad
				}
			}
			if i++; uint(i) < uint(len(data)) && data[i] <= ' ' {
				i = skipBlanks(data, i)
			}
		}
		if uint(i) >= uint(len(data)) {
			return bad
		}
		switch c := data[i]; {
		case c == '"':
			i = skipQuoted(data, i+1)
		case c != '{' && c != '[':
			i = skipScalar(data, i)
		case level == maxLevel:
			i = skipNested(data, i, depth+level)
		default:
			var more bool
			if i, more = skipOpening(data, i, depth+level+1); more {
				level++
				objects <<= 1
				if c == '{' {
					objects |= 1
				}
				continue
			}
		}
		for {
			if level == 0 {
				return i
			}
			if i = skipBlanks(data, i); uint(i) >= uint(len(data)) {
				return bad
			}
			if data[i] == ',' {
				i = skipBlanks(data, i+1)
				break
			}
			if data[i] != closing(objects) {
				return bad
			}
			objects >>= 1
			level--
			i++
		}
	}
}

// closing returns what closes the innermost level.
func closing(objects uint64) byte {
	if objects&1 != 0 {
		return '}'
	}
	return ']'
}

// skipOpening reads what opens an array or object, and all of it if it is empty;
// else more is true. Depth counts it.
func skipOpening(data []byte, i, depth int) (behind int, more bool) {
	if depth > maxDepth {
		return bad, false
	}
	closing := data[i] + 2 // in ASCII
	i = skipBlanks(data, i+1)
	if uint(i) < uint(len(data)) && data[i] == closing {
		return i + 1, false
	}
	return i, true
}

// skipComma reads what follows a member of an array or object: a comma, then
// more is true, or what closes it.
func skipComma(data []byte, i int, closing byte) (behind int, more bool) {
	i = skipBlanks(data, i)
	if uint(i) >= uint(len(data)) {
		return bad, false
	}
	switch data[i] {
	case ',':
		return skipBlanks(data, i+1), true
	case closing:
		return i + 1, false
	default:
		return bad, false
	}
}

// skipColon reads the colon behind the name of a property.
func skipColon(data []byte, i int) int {
	i = skipBlanks(data, i)
	if uint(i) >= uint(len(data)) || data[i] != ':' {
		return bad
	}
	return skipBlanks(data, i+1)
}

// skipBlanks returns the position of the next byte that is no blank of JSON.
func skipBlanks(data []byte, i int) int {
	for uint(i) < uint(len(data)) && data[i] <= ' ' && syntax.IsBlank(data[i]) {
		i++
	}
	return i
}

// skipScalar reads true, false, null or a number.
func skipScalar(data []byte, i int) int {
	switch data[i] {
	case 't':
		return skipWord(data, i, "true")
	case 'f':
		return skipWord(data, i, "false")
	case 'n':
		return skipWord(data, i, "null")
	default:
		return skipNumber(data, i)
	}
}

func skipWord(data []byte, i int, word string) int {
	if len(data)-i < len(word) || string(data[i:i+len(word)]) != word {
		return bad
	}
	return i + len(word)
}

// skipNumber reads a number.
func skipNumber(data []byte, i int) int {
	if data[i] == '-' {
		i++
	}
	first := i
	if i = skipDigits(data, i); i < 0 || data[first] == '0' && i > first+1 {
		return bad
	}
	if i < len(data) && data[i] == '.' {
		if i = skipDigits(data, i+1); i < 0 {
			return bad
		}
	}
	if i < len(data) && (data[i] == 'e' || data[i] == 'E') {
		i++
		if i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}
		return skipDigits(data, i)
	}
	return i
}

// skipDigits reads at least one digit.
func skipDigits(data []byte, i int) int {
	first := i
	for i < len(data) && '0' <= data[i] && data[i] <= '9' {
		i++
	}
	if i == first {
		return bad
	}
	return i
}

// load8 returns the eight bytes at i, the first one lowest. This is how the
// compiler makes one load of it.
func load8(data []byte, i int) uint64 {
	return uint64(data[i]) | uint64(data[i+1])<<8 | uint64(data[i+2])<<16 | uint64(data[i+3])<<24 |
		uint64(data[i+4])<<32 | uint64(data[i+5])<<40 | uint64(data[i+6])<<48 | uint64(data[i+7])<<56
}

// stops marks the bytes of x that end the plain part of a string: quotes,
// backslashes and control characters. The highest bit of the first of them is
// set, and what is set above that means nothing: subtractions carry over.
func stops(x uint64) uint64 {
	const ones = 0x0101010101010101
	quoteOrControl := (x ^ 0x02*ones) - 0x21*ones // a quote is 0x20^0x02
	backslash := (x ^ '\\'*ones) - ones
	return (quoteOrControl | backslash) &^ x & highest
}

// highest has the highest bit of each byte, which is set beyond ASCII.
const highest = 0x8080808080808080

// skipString reads a string from behind its opening quote; plain is true only
// if it has neither escapes nor anything beyond ASCII.
func skipString(data []byte, i int) (behind int, plain bool) {
	if i < 0 {
		return bad, false
	}
	seen := uint64(0)
	for ; i < len(data)-7; i += 8 {
		x := load8(data, i)
		seen |= x
		if s := stops(x); s != 0 {
			i += bits.TrailingZeros64(s) / 8
			if data[i] == '"' {
				return i + 1, seen&highest == 0
			}
			break
		}
	}
	return skipRest(data, i, seen&highest == 0)
}

// skipQuoted is skipString where it does not matter whether the string is plain.
func skipQuoted(data []byte, i int) int {
	if i < 0 {
		return bad
	}
	for ; i < len(data)-7; i += 8 {
		if s := stops(load8(data, i)); s != 0 {
			i += bits.TrailingZeros64(s) / 8
			if data[i] == '"' {
				return i + 1
			}
			break
		}
	}
	i, _ = skipRest(data, i, false)
	return i
}

// skipRest is skipString byte by byte: for strings with escapes and for the end
// of a message.
func skipRest(data []byte, i int, plain bool) (int, bool) {
	for i < len(data) {
		switch c := data[i]; {
		case c == '"':
			return i + 1, plain
		case c == '\\' || c < ' ':
			if i = skipEscape(data, i); i < 0 {
				return bad, false
			}
			plain = false
		default:
			plain = plain && c < 0x80
			i++
		}
	}
	return bad, false
}

// skipEscape reads a backslash and what belongs to it. It is also given control
// characters, which may not stand in a string.
func skipEscape(data []byte, i int) int {
	if data[i] != '\\' || i+1 >= len(data) {
		return bad
	}
	switch data[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		if i+6 <= len(data) && isHex(data[i+2]) && isHex(data[i+3]) && isHex(data[i+4]) && isHex(data[i+5]) {
			return i + 6
		}
	}
	return bad
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'F' || 'a' <= c && c <= 'f'
}

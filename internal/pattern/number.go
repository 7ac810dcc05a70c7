package pattern

import (
	"cmp"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// A number is a number literal of a pattern. Its value is exact: AWS compares
// literals as decimals, so `= 1e-999` is not true of zero.
type number struct {
	text    string  // its spelling, which is what it equals among strings
	dec     decimal // its exact value
	integer bool    // spelled without ".", "e" and "E"

	// overflow says that it is no integer and beyond the range of doubles. It
	// then equals no number at all.
	overflow bool
}

// parseNumber reads a number literal; ok is false when text is not shaped like
// one. JSON numbers and the fields of delimited events that are shaped like
// numbers are literals too.
func parseNumber(text string) (n *number, ok bool) {
	dec, ok := parseDecimal(text)
	if !ok {
		return nil, false
	}
	n = &number{text: text, dec: dec, integer: !strings.ContainsAny(text, ".eE")}
	if !n.integer {
		_, finite := roundDecimal(text)
		n.overflow = !finite
	}
	return n, true
}

// exponentFits says whether the exponent of a number literal is a 32-bit
// integer; AWS refuses the others.
func exponentFits(text string) bool {
	i := strings.IndexAny(text, "eE")
	if i < 0 {
		return true
	}
	_, err := strconv.ParseInt(text[i+1:], 10, 32)
	return err == nil
}

// equalJSON says whether a JSON number of this spelling has the value of n.
func (n *number) equalJSON(spelling string) bool {
	if n.overflow {
		return false
	}
	c, ok := n.compareJSON(spelling)
	return ok && c == 0
}

// compareJSON compares a JSON number of this spelling with n: below zero when
// the JSON number is less. ok is false when the JSON number is beyond the range
// of doubles, which no comparison with a number literal is true of.
func (n *number) compareJSON(spelling string) (c int, ok bool) {
	dec, ok := valueOf(spelling)
	if !ok {
		return 0, false
	}
	return dec.compare(n.dec), true
}

// rat returns the value as a fraction; ok is false when the exponent is so
// large that the fraction would not be practical.
func (n *number) rat() (r *big.Rat, ok bool) {
	const most = 1 << 12
	if n.dec.exp > most || n.dec.exp < -most {
		return nil, false
	}
	return new(big.Rat).SetString(strings.TrimPrefix(n.text, "+"))
}

// valueOf returns the value that AWS gives to a number of an event: integers
// are exact, all others are rounded to a double and then stand for its shortest
// decimal. ok is false beyond the range of doubles.
func valueOf(spelling string) (dec decimal, ok bool) {
	if strings.ContainsAny(spelling, ".eE") {
		return roundDecimal(spelling)
	}
	return parseDecimal(spelling)
}

// roundDecimal returns the shortest decimal of the double nearest to a number.
func roundDecimal(text string) (dec decimal, finite bool) {
	f, _ := strconv.ParseFloat(text, 64)
	if math.IsInf(f, 0) {
		return decimal{}, false
	}
	return parseDecimal(scientific(f))
}

// scientific returns the digits that Java chooses for a double: the fewest that
// tell it from its neighbours, but at least two. It matters for the least
// double, which is 4.9E-324 and not 5E-324.
func scientific(f float64) string {
	s := strconv.FormatFloat(f, 'e', -1, 64)
	if strings.Contains(s, ".") {
		return s
	}
	return strconv.FormatFloat(f, 'e', 1, 64)
}

// javaRender returns the text that AWS sees in place of a JSON number: integers
// keep their digits, all others become what Java's Double.toString makes of
// them (1.0, 1000.0, 1.0E10, Infinity).
func javaRender(spelling string) string {
	if !strings.ContainsAny(spelling, ".eE") {
		if spelling == "-0" {
			return "0" // Java's integers have one zero
		}
		return spelling
	}
	// Far beyond the range of doubles there is no need to shift digits about,
	// which ParseFloat does at length.
	if d, ok := parseDecimal(spelling); ok && d.digits != "" && (d.exp >= 310 || d.exp <= -324) {
		text := map[bool]string{true: "Infinity", false: "0.0"}[d.exp > 0]
		if d.neg {
			text = "-" + text
		}
		return text
	}
	f, _ := strconv.ParseFloat(spelling, 64)
	switch abs := math.Abs(f); {
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case abs == 0 || abs >= 1e-3 && abs < 1e7:
		digits := strconv.FormatFloat(f, 'f', -1, 64)
		if !strings.Contains(digits, ".") {
			digits += ".0"
		}
		return digits
	}
	mantissa, exponent, _ := strings.Cut(scientific(f), "e")
	e, _ := strconv.Atoi(exponent) // Go writes e+07 and e-07
	return mantissa + "E" + strconv.Itoa(e)
}

// A decimal is the number ±0.DIGITS × 10^exp, where DIGITS neither begins nor
// ends with a zero; they are empty for zero. Comparing two takes time
// proportional to their digits, whatever the exponents.
type decimal struct {
	neg    bool
	digits string
	exp    int64
}

// parseDecimal reads the number shape of the pattern grammar:
// [+-] (digits [. [digits]] | . digits) [(e|E) [+-] digits].
func parseDecimal(text string) (decimal, bool) {
	var d decimal
	rest := text
	if rest != "" && (rest[0] == '+' || rest[0] == '-') {
		d.neg = rest[0] == '-'
		rest = rest[1:]
	}
	whole, rest := cutDigits(rest)
	fraction := ""
	if strings.HasPrefix(rest, ".") {
		fraction, rest = cutDigits(rest[1:])
	}
	if whole == "" && fraction == "" {
		return decimal{}, false
	}
	exp, ok := parseExponent(rest)
	if !ok {
		return decimal{}, false
	}
	return d.normal(whole, fraction, exp), true
}

// cutDigits splits text behind the digits that it begins with.
func cutDigits(text string) (digits, rest string) {
	i := 0
	for i < len(text) && '0' <= text[i] && text[i] <= '9' {
		i++
	}
	return text[:i], text[i:]
}

// parseExponent reads [(e|E) [+-] digits]. An exponent that no sensible number
// has is cut down to one that is still larger than all sensible ones.
func parseExponent(text string) (int64, bool) {
	if text == "" {
		return 0, true
	}
	if text[0] != 'e' && text[0] != 'E' {
		return 0, false
	}
	digits := strings.TrimPrefix(text[1:], "+")
	if digits == text[1:] {
		digits = strings.TrimPrefix(text[1:], "-")
	}
	if d, rest := cutDigits(digits); d == "" || rest != "" {
		return 0, false
	}
	const most = math.MaxInt64 / 4
	e, _ := strconv.ParseInt(text[1:], 10, 64) // out of range gives the nearest bound
	return min(max(e, -most), most), true
}

// normal sets the digits and the exponent of whole.fraction × 10^exp.
func (d decimal) normal(whole, fraction string, exp int64) decimal {
	whole = strings.TrimLeft(whole, "0")
	fraction = strings.TrimRight(fraction, "0")
	switch {
	case whole != "":
		d.exp = exp + int64(len(whole))
		d.digits = whole
		if fraction != "" {
			d.digits += fraction
		}
		d.digits = strings.TrimRight(d.digits, "0")
	case fraction != "":
		d.digits = strings.TrimLeft(fraction, "0")
		d.exp = exp - int64(len(fraction)-len(d.digits))
	default:
		d.neg = false // there is one zero
	}
	return d
}

// compare returns -1, 0 or +1 as d is less than, equal to or greater than e.
func (d decimal) compare(e decimal) int {
	if c := cmp.Compare(d.sign(), e.sign()); c != 0 {
		return c
	}
	// Without leading zeros the larger exponent is the larger number, and with
	// equal exponents digits compare like text.
	c := cmp.Compare(d.exp, e.exp)
	if c == 0 {
		c = strings.Compare(d.digits, e.digits)
	}
	if d.neg {
		return -c
	}
	return c
}

func (d decimal) sign() int {
	switch {
	case d.digits == "":
		return 0
	case d.neg:
		return -1
	default:
		return 1
	}
}

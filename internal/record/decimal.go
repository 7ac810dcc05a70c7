package record

import (
	"cmp"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// A Decimal is the number ±0.DIGITS × 10^exp, where DIGITS neither begins nor
// ends with a zero; they are empty for zero. Comparing two takes time
// proportional to their digits, whatever the exponents.
type Decimal struct {
	Neg    bool
	Digits string
	Exp    int64
}

// ParseDecimal reads a number of this shape; ok is false for other texts:
// [+-] (digits [. [digits]] | . digits) [(e|E) [+-] digits].
func ParseDecimal(text string) (d Decimal, ok bool) {
	rest := text
	if rest != "" && (rest[0] == '+' || rest[0] == '-') {
		d.Neg = rest[0] == '-'
		rest = rest[1:]
	}
	whole, rest := CutDigits(rest)
	fraction := ""
	if strings.HasPrefix(rest, ".") {
		fraction, rest = CutDigits(rest[1:])
	}
	if whole == "" && fraction == "" {
		return Decimal{}, false
	}
	exp, ok := parseExponent(rest)
	if !ok {
		return Decimal{}, false
	}
	return d.normal(whole, fraction, exp), true
}

// CutDigits splits text behind the digits that it begins with.
func CutDigits(text string) (digits, rest string) {
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
	if d, rest := CutDigits(digits); d == "" || rest != "" {
		return 0, false
	}
	const most = math.MaxInt64 / 4
	e, _ := strconv.ParseInt(text[1:], 10, 64) // out of range gives the nearest bound
	return min(max(e, -most), most), true
}

// normal sets the digits and the exponent of whole.fraction × 10^exp.
func (d Decimal) normal(whole, fraction string, exp int64) Decimal {
	whole = strings.TrimLeft(whole, "0")
	fraction = strings.TrimRight(fraction, "0")
	switch {
	case whole != "":
		d.Exp = exp + int64(len(whole))
		d.Digits = whole
		if fraction != "" {
			d.Digits += fraction
		}
		d.Digits = strings.TrimRight(d.Digits, "0")
	case fraction != "":
		d.Digits = strings.TrimLeft(fraction, "0")
		d.Exp = exp - int64(len(fraction)-len(d.Digits))
	default:
		d.Neg = false // there is one zero
	}
	return d
}

// Compare returns -1, 0 or +1 as d is less than, equal to or greater than e.
func (d Decimal) Compare(e Decimal) int {
	if c := cmp.Compare(d.Sign(), e.Sign()); c != 0 {
		return c
	}
	// Without leading zeros the larger exponent is the larger number, and with
	// equal exponents digits compare like text.
	c := cmp.Compare(d.Exp, e.Exp)
	if c == 0 {
		c = strings.Compare(d.Digits, e.Digits)
	}
	if d.Neg {
		return -c
	}
	return c
}

// Sign returns -1, 0 or +1.
func (d Decimal) Sign() int {
	switch {
	case d.Digits == "":
		return 0
	case d.Neg:
		return -1
	default:
		return 1
	}
}

// JavaValue returns the value that CloudWatch Logs gives to a number of an event: integers
// are exact, all others are rounded to a double and then stand for its shortest
// decimal. ok is false beyond the range of doubles.
func JavaValue(spelling string) (dec Decimal, ok bool) {
	if strings.ContainsAny(spelling, ".eE") {
		return RoundToDouble(spelling)
	}
	return ParseDecimal(spelling)
}

// RoundToDouble returns the shortest decimal of the double nearest to a number.
func RoundToDouble(text string) (dec Decimal, finite bool) {
	f, _ := strconv.ParseFloat(text, 64)
	if math.IsInf(f, 0) {
		return Decimal{}, false
	}
	return ParseDecimal(scientific(f))
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

// JavaText returns the text that CloudWatch Logs sees in place of a JSON number: integers
// keep their digits, all others become what Java's Double.toString makes of
// them (1.0, 1000.0, 1.0E10, Infinity).
func JavaText(spelling string) string {
	if !strings.ContainsAny(spelling, ".eE") {
		if spelling == "-0" {
			return "0" // Java's integers have one zero
		}
		return spelling
	}
	// Far beyond the range of doubles there is no need to shift digits about,
	// which ParseFloat does at length.
	if d, ok := ParseDecimal(spelling); ok && d.Digits != "" && (d.Exp >= 310 || d.Exp <= -324) {
		text := map[bool]string{true: "Infinity", false: "0.0"}[d.Exp > 0]
		if d.Neg {
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

// FloatDecimal returns the shortest decimal of a double.
func FloatDecimal(f float64) Decimal {
	d, _ := ParseDecimal(strconv.FormatFloat(f, 'e', -1, 64))
	return d
}

// FloatText returns a spelling of a double.
func FloatText(f float64) string { return JavaText(strconv.FormatFloat(f, 'e', -1, 64)) }

// Float returns the double nearest to d; ok is false beyond the range.
func (d Decimal) Float() (f float64, ok bool) {
	if d.Sign() == 0 {
		return 0, true
	}
	text := "0." + d.Digits + "e" + strconv.FormatInt(d.Exp, 10)
	if d.Neg {
		text = "-" + text
	}
	f, _ = strconv.ParseFloat(text, 64)
	return f, !math.IsInf(f, 0)
}

// IsInteger reports whether d has no fraction.
func (d Decimal) IsInteger() bool { return d.Exp >= int64(len(d.Digits)) }

// Integer returns the digits of d, ok is false when it is no integer or too
// long for an event.
func (d Decimal) Integer() (text string, ok bool) {
	switch {
	case d.Sign() == 0:
		return "0", true
	case !d.IsInteger() || d.Exp > MaxDigits:
		return "", false
	}
	text = d.Digits + strings.Repeat("0", int(d.Exp)-len(d.Digits))
	if d.Neg {
		text = "-" + text
	}
	return text, true
}

// Truncated cuts the fraction off.
func (d Decimal) Truncated() *big.Int {
	whole := new(big.Int)
	if d.Exp <= 0 || d.Sign() == 0 {
		return whole
	}
	digits := d.Digits
	if int64(len(digits)) > d.Exp {
		digits = digits[:d.Exp]
	}
	whole.SetString(digits+strings.Repeat("0", int(d.Exp)-len(digits)), 10)
	if d.Neg {
		whole.Neg(whole)
	}
	return whole
}

// SmallInteger returns the value of a decimal that is an integer of few digits.
func (d Decimal) SmallInteger() (n int64, ok bool) {
	if d.Exp < int64(len(d.Digits)) && d.Digits != "" || d.Exp > MaxSmallDigits {
		return 0, false
	}
	for i := range d.Exp {
		n *= 10
		if i < int64(len(d.Digits)) {
			n += int64(d.Digits[i] - '0')
		}
	}
	if d.Neg {
		n = -n
	}
	return n, true
}

// MaxSmallDigits is how many digits an integer of 64 bits always has room for.
const MaxSmallDigits = 18

// MaxDigits bounds the integers that are considered: longer ones do not fit into
// a log event, which has at most 1 MiB.
const MaxDigits = 1 << 20

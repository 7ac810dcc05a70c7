package eventpattern

import (
	"math"
	"strconv"
	"strings"
)

// A number is a JSON number. The engine compares by value only those that a
// double holds: whose digits are those of the double's shortest spelling.
type number struct {
	text  string // as spelt
	value float64
	exact bool // value may be compared; else the spelling is all there is
}

func newNumber(text string) number {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) {
		return number{text: text}
	}
	if f == 0 {
		f = 0 // -0 is 0
	}
	n := number{text: text, value: f}
	wantDigits, wantExp, ok := decimal(text)
	gotDigits, gotExp, _ := decimal(strconv.FormatFloat(f, 'e', -1, 64))
	n.exact = ok && wantDigits == gotDigits && wantExp == gotExp
	return n
}

// decimal returns sign and digits without zeros at either end, and the power of
// ten of the last digit. Exponents that no Java integer holds are not ok.
func decimal(text string) (digits string, exp int, ok bool) {
	mantissa, power, has := strings.Cut(strings.ToLower(text), "e")
	if has {
		n, err := strconv.ParseInt(power, 10, 32)
		if err != nil {
			return "", 0, false
		}
		exp = int(n)
	}
	mantissa, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	exp -= len(fraction)
	digits = strings.TrimLeft(whole+fraction, "0")
	trimmed := strings.TrimRight(digits, "0")
	exp += len(digits) - len(trimmed)
	switch {
	case trimmed == "":
		return "0", 0, true
	case negative:
		trimmed = "-" + trimmed
	}
	return trimmed, exp, true
}

// equal compares by value where both can be, else by spelling.
func (n number) equal(other number) bool {
	if n.exact && other.exact {
		return n.value == other.value
	}
	return n.text == other.text
}

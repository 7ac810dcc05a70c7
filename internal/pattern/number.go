package pattern

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/record"
)

// A number is a number literal of a pattern. Its value is exact: AWS compares
// literals as decimals, so `= 1e-999` is not true of zero.
type number struct {
	text    string         // its spelling, which is what it equals among strings
	dec     record.Decimal // its exact value
	integer bool           // spelled without ".", "e" and "E"

	// overflow says that it is no integer and beyond the range of doubles. It
	// then equals no number at all.
	overflow bool
}

// parseNumber reads a number literal; ok is false when text is not shaped like
// one. JSON numbers and the fields of delimited events that are shaped like
// numbers are literals too.
func parseNumber(text string) (n *number, ok bool) {
	dec, ok := record.ParseDecimal(text)
	if !ok {
		return nil, false
	}
	n = &number{text: text, dec: dec, integer: !strings.ContainsAny(text, ".eE")}
	if !n.integer {
		_, finite := record.RoundToDouble(text)
		n.overflow = !finite
	}
	return n, true
}

// exponentFits reports whether the exponent of a number literal is a 32-bit
// integer; AWS refuses the others.
func exponentFits(text string) bool {
	i := strings.IndexAny(text, "eE")
	if i < 0 {
		return true
	}
	_, err := strconv.ParseInt(text[i+1:], 10, 32)
	return err == nil
}

// equalJSON reports whether a JSON number has the value of n.
func (n *number) equalJSON(v record.Value) bool {
	if n.overflow {
		return false
	}
	c, ok := n.compareJSON(v)
	return ok && c == 0
}

// compareJSON compares a JSON number with n: below zero when the JSON number is
// less. ok is false when the JSON number is beyond the range
// of doubles, which no comparison with a number literal is true of.
func (n *number) compareJSON(v record.Value) (c int, ok bool) {
	dec, ok := v.Decimal()
	if !ok {
		return 0, false
	}
	return dec.Compare(n.dec), true
}

// rat returns the value as a fraction; ok is false when the exponent is so
// large that the fraction would not be practical.
func (n *number) rat() (r *big.Rat, ok bool) {
	const most = 1 << 12
	if n.dec.Exp > most || n.dec.Exp < -most {
		return nil, false
	}
	return new(big.Rat).SetString(strings.TrimPrefix(n.text, "+"))
}

package syntax

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/record"
)

// A Number is a number literal of a pattern. Its value is exact: AWS compares
// literals as decimals, so `= 1e-999` is not true of zero.
type Number struct {
	Text    string         // its spelling, which is what it equals among strings
	Dec     record.Decimal // its exact value
	Integer bool           // spelled without ".", "e" and "E"

	// Overflow says that it is no integer and beyond the range of doubles. It
	// then equals no number at all.
	Overflow bool
}

// ParseNumber reads a number literal; ok is false when text is not shaped like
// one. JSON numbers and the fields of delimited events that are shaped like
// numbers are literals too.
func ParseNumber(text string) (n *Number, ok bool) {
	dec, ok := record.ParseDecimal(text)
	if !ok {
		return nil, false
	}
	n = &Number{Text: text, Dec: dec, Integer: !strings.ContainsAny(text, ".eE")}
	if !n.Integer {
		_, finite := record.RoundToDouble(text)
		n.Overflow = !finite
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

// EqualJSON reports whether a JSON number has the value of n.
func (n *Number) EqualJSON(v record.Value) bool {
	if n.Overflow {
		return false
	}
	c, ok := n.CompareJSON(v)
	return ok && c == 0
}

// CompareJSON compares a JSON number with n: below zero when the JSON number is
// less. ok is false when the JSON number is beyond the range
// of doubles, which no comparison with a number literal is true of.
func (n *Number) CompareJSON(v record.Value) (c int, ok bool) {
	dec, ok := v.Decimal()
	if !ok {
		return 0, false
	}
	return dec.Compare(n.Dec), true
}

// Rat returns the value as a fraction; ok is false when the exponent is so
// large that the fraction would not be practical.
func (n *Number) Rat() (r *big.Rat, ok bool) {
	const most = 1 << 12
	if n.Dec.Exp > most || n.Dec.Exp < -most {
		return nil, false
	}
	return new(big.Rat).SetString(strings.TrimPrefix(n.Text, "+"))
}

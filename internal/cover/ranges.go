package cover

import (
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/record"
)

// Expressions for the texts of numbers (see numberText) above and below a
// bound. Bounds whose own text has an exponent are not taken into account, nor
// are nil ones.

const anyText = `\A.*\z`

// aboveExpr matches the texts of numbers above d.
func aboveExpr(d *record.Decimal) string {
	if d == nil || !isPlain(*d) {
		return anyText
	}
	if d.Neg {
		return `\A(?:[0-9].*|-0\.0|-(?:` + smaller(*d) + `))\z`
	}
	return `\A(?:` + larger(*d) + `)\z`
}

// belowExpr matches the texts of numbers below d.
func belowExpr(d *record.Decimal) string {
	switch {
	case d == nil || !isPlain(*d):
		return anyText
	case d.Neg || d.Sign() == 0:
		return `\A-(?:` + larger(*d) + `)\z`
	default:
		return `\A(?:-(?:` + larger(record.Decimal{}) + `)|-0\.0|` + smaller(*d) + `)\z`
	}
}

// isPlain reports whether Java writes the number without exponent.
func isPlain(d record.Decimal) bool { return d.Sign() == 0 || d.Exp > -2 && d.Exp <= 7 }

// digitsOf returns the digits of a plain number before and behind the point.
func digitsOf(d record.Decimal) (whole, fraction string) {
	switch {
	case d.Exp <= 0:
		return "0", strings.Repeat("0", int(-d.Exp)) + d.Digits
	case d.IsInteger():
		return d.Digits + strings.Repeat("0", int(d.Exp)-len(d.Digits)), ""
	default:
		return d.Digits[:d.Exp], d.Digits[d.Exp:]
	}
}

const (
	anyFraction = `(?:\.[0-9]+)?`
	tiny        = `[1-9]\.[0-9]+E-[0-9]+` // below all plain numbers but zero
	vast        = `[1-9]\.[0-9]+E[0-9]+`  // above all plain numbers
)

// smaller returns the alternatives for numbers from zero up to the magnitude of
// a plain number other than zero.
func smaller(d record.Decimal) string {
	whole, fraction := digitsOf(d)
	list := []string{tiny}
	if whole != "0" {
		list = append(list, `0`+anyFraction)
	}
	if len(whole) > 1 {
		list = append(list, fmt.Sprintf(`[1-9][0-9]{0,%d}%s`, len(whole)-2, anyFraction))
	}
	for i := range whole {
		low := byte('0')
		if i == 0 {
			low = '1'
		}
		if whole[i] > low {
			list = append(list, fmt.Sprintf(`%s[%c-%c][0-9]{%d}%s`, whole[:i], low, whole[i]-1, len(whole)-i-1, anyFraction))
		}
	}
	if fraction != "" {
		list = append(list, whole+`(?:\.0)?`)
	}
	for i := range fraction {
		if i > 0 {
			list = append(list, whole+`\.`+fraction[:i])
		}
		if fraction[i] > '0' {
			list = append(list, fmt.Sprintf(`%s\.%s[0-%c][0-9]*`, whole, fraction[:i], fraction[i]-1))
		}
	}
	return strings.Join(list, "|")
}

// larger returns the alternatives for numbers above the magnitude of a plain
// number.
func larger(d record.Decimal) string {
	whole, fraction := digitsOf(d)
	list := []string{vast}
	if whole == "0" {
		list = append(list, `[1-9][0-9]*`+anyFraction)
		if d.Sign() == 0 {
			list = append(list, tiny)
		}
	} else {
		list = append(list, fmt.Sprintf(`[1-9][0-9]{%d,}%s`, len(whole), anyFraction))
		for i := range whole {
			if whole[i] < '9' {
				list = append(list, fmt.Sprintf(`%s[%c-9][0-9]{%d}%s`, whole[:i], whole[i]+1, len(whole)-i-1, anyFraction))
			}
		}
	}
	for i := range fraction {
		if fraction[i] < '9' {
			list = append(list, fmt.Sprintf(`%s\.%s[%c-9][0-9]*`, whole, fraction[:i], fraction[i]+1))
		}
	}
	list = append(list, whole+`\.`+fraction+`[0-9]*[1-9]`)
	return strings.Join(list, "|")
}

package cover

import (
	"regexp"
	"testing"

	"github.com/monitorctl/monitorctl/internal/record"
)

// The expressions for numbers above and below a bound agree with comparing
// values, for every pair of these numbers.
func TestRangeExpressions(t *testing.T) {
	texts := []string{"0", "0.0", "-0.0", "1", "1.0", "-1", "-1.0", "9", "10", "10.0", "11", "99", "100", "101", "1.5", "1.25", "1.05", "1.55", "1.49", "1.501", "-1.5",
		"-1.501", "-1.49", "0.5", "0.05", "0.005", "0.001", "0.0011", "0.15", "-0.5", "-0.05", "1.0E-4", "9.9E-4", "-1.0E-4", "1.0E7", "1.5E300", "-1.0E7", "1234567",
		"9999999.5", "12345678", "100000000000", "-12345678", "20", "19", "21", "20.5", "-20", "-19.5", "5", "50", "500", "4.999"}
	canonical := regexp.MustCompile(numberText)
	for _, bound := range texts {
		limit, _ := record.ParseDecimal(bound)
		above, below := regexp.MustCompile(aboveExpr(&limit)), regexp.MustCompile(belowExpr(&limit))
		for _, text := range texts {
			if !canonical.MatchString(text) {
				t.Errorf("numberText does not match %q", text)
			}
			value, _ := record.JavaValue(text)
			cmp := value.Compare(limit)
			if got := above.MatchString(text); got != (cmp > 0) && isPlain(limit) {
				t.Errorf("%s above %s: %v", text, bound, got)
			}
			if got := below.MatchString(text); got != (cmp < 0) && isPlain(limit) {
				t.Errorf("%s below %s: %v", text, bound, got)
			}
		}
	}
	for _, text := range []string{"-0", "01", "1.", "1.50", "00.5", "1.0E6", "1E10", "1.0E-3", "0.0001", "12345678.5", "Infinity", ""} {
		if canonical.MatchString(text) {
			t.Errorf("numberText matches %q", text)
		}
	}
}

package syntax

import (
	"math/big"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/record"
)

func TestJavaRender(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0", "-0": "0", "1": "1", "-12": "-12",
		"9007199254740993":       "9007199254740993",
		strings.Repeat("9", 400): strings.Repeat("9", 400),
		"0.0":                    "0.0",
		"-0.0":                   "-0.0",
		"1.0":                    "1.0",
		"1e0":                    "1.0",
		"1.50":                   "1.5",
		"1e3":                    "1000.0",
		"1E+6":                   "1000000.0",
		"9999999.0":              "9999999.0",
		"1e7":                    "1.0E7",
		"12345678.9":             "1.23456789E7",
		"1e10":                   "1.0E10",
		"0.001":                  "0.001",
		"0.00099":                "9.9E-4",
		"1e-4":                   "1.0E-4",
		"-2.5e-10":               "-2.5E-10",
		"1e-999":                 "0.0",
		"-1e-999":                "-0.0",
		"1e309":                  "Infinity",
		"-1e309":                 "-Infinity",
		"1e99999999999":          "Infinity",
		"9007199254740993.0":     "9.007199254740992E15",
		"4.9e-324":               "4.9E-324",
		"5e-324":                 "4.9E-324",
		"1e-323":                 "9.9E-324",
		"1e23":                   "1.0E23",
		"1.7976931348623157e308": "1.7976931348623157E308",
	} {
		if got := record.JavaText(in); got != want {
			t.Errorf("javaRender(%s) = %s, want %s", in, got, want)
		}
	}
}

// TestCompareJSON compares numbers of events (left) with literals.
func TestCompareJSON(t *testing.T) {
	for _, c := range []struct{ json, relation, literal string }{
		{"1", "=", "1"}, {"1", "=", "1.0"}, {"1.0", "=", "+1"}, {"1e0", "=", "1."}, {"0.5", "=", ".5"},
		{"100", "=", "1e2"}, {"1e2", "=", "100"}, {"0.010", "=", "1e-2"}, {"12.50e1", "=", "125"},
		{"0", "=", "-0.0"}, {"-0", "=", "0"}, {"-0.0", "=", "0"}, {"1e-999", "=", "0"},
		{"9007199254740993", ">", "9007199254740992"}, {"9007199254740993.0", "<", "9007199254740993"},
		{"1e-999", "<", "1e-999"}, {"0", "<", "1e-999"}, {"0", ">", "-1e-999"}, {"1", ">", "1e-999"},
		{"1", "<", "1e309"}, {"-1", ">", "-1e309"}, {"1", "<", "1e2147483647"},
		{"2", "<", "10"}, {"-2", ">", "-10"}, {"-2", "<", "1"}, {"19", "<", "2e1"}, {"0.19", "<", "0.2"},
		{"123", ">", "12.9"}, {"0.1", "=", "0.1"}, {"0.1", "=", "0.10"},
		{"5e-324", "=", "4.9e-324"},
		{strings.Repeat("9", 500), ">", "1e308"}, {"-" + strings.Repeat("9", 500), "<", "-1e308"},
		{"1e309", "?", "1"}, {"-1e309", "?", "1e309"},
	} {
		n, ok := ParseNumber(c.literal)
		if !ok {
			t.Fatalf("parseNumber(%s) failed", c.literal)
		}
		got := "?"
		if cmp, ok := n.CompareJSON(record.NumberValue(c.json)); ok {
			got = []string{"<", "=", ">"}[cmp+1]
		}
		if got != c.relation {
			t.Errorf("%.20s %s %s, want %s", c.json, got, c.literal, c.relation)
		}
		if n.EqualJSON(record.NumberValue(c.json)) != (c.relation == "=") {
			t.Errorf("%.20s = %s is %t", c.json, c.literal, n.EqualJSON(record.NumberValue(c.json)))
		}
	}
}

// TestOverflow: a literal beyond the range of doubles equals no number, not
// even an integer of that value.
func TestOverflow(t *testing.T) {
	n, _ := ParseNumber("1e309")
	if n.EqualJSON(record.NumberValue("1"+strings.Repeat("0", 309))) || n.EqualJSON(record.NumberValue("1e309")) {
		t.Error("1e309 equals a number")
	}
	n, _ = ParseNumber("1" + strings.Repeat("0", 309))
	if n.Overflow || !n.EqualJSON(record.NumberValue(n.Text)) {
		t.Error("a long integer does not equal itself")
	}
}

func TestNumberShape(t *testing.T) {
	for text, want := range map[string]bool{
		"1": true, "01": true, "+1": true, "-1.": true, ".5": true, "1.5e+3": true, "1E3": true,
		"": false, ".": false, "+": false, "1e": false, "1e+": false, "e3": false, "1.2.3": false,
		"1x": false, "0x1": false, "1_0": false, "--1": false, "1e1.5": false, "1e+-1": false,
		"Infinity": false, "NaN": false, "١": false, "\u00201": false,
	} {
		if _, got := ParseNumber(text); got != want {
			t.Errorf("parseNumber(%q) = %t, want %t", text, got, want)
		}
	}
}

func TestRat(t *testing.T) {
	for text, want := range map[string]*big.Rat{
		"1.": big.NewRat(1, 1), "+.5": big.NewRat(1, 2), "-1e-2": big.NewRat(-1, 100), "0e0": new(big.Rat),
		"1e99999": nil, "1e-2147483647": nil,
	} {
		n, _ := ParseNumber(text)
		got, ok := n.Rat()
		if ok != (want != nil) || ok && got.Cmp(want) != 0 {
			t.Errorf("value of %s: %v, want %v", text, got, want)
		}
	}
}

// TestDecimalAgainstRat compares all pairs of a grid with big.Rat.
func TestDecimalAgainstRat(t *testing.T) {
	var texts []string
	for _, sign := range []string{"", "-"} {
		for _, digits := range []string{"0", "1", "01.10", ".001", "9.99", "100", "10.01", "99"} {
			for _, exp := range []string{"", "e0", "e1", "E-2", "e+3"} {
				texts = append(texts, sign+digits+exp)
			}
		}
	}
	for _, a := range texts {
		for _, b := range texts {
			m, _ := ParseNumber(a)
			n, _ := ParseNumber(b)
			x, _ := m.Rat()
			y, _ := n.Rat()
			if got, want := m.Dec.Compare(n.Dec), x.Cmp(y); got != want {
				t.Fatalf("%s compared with %s: %d, want %d", a, b, got, want)
			}
		}
	}
}

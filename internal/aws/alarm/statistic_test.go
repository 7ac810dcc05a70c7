package alarm

import (
	"math"
	"testing"
)

func TestStatistic(t *testing.T) {
	one := []sample{{4, 1}}
	mixed := []sample{{0, 3}, {8, 1}}
	tests := []struct {
		name string
		in   []sample
		want string
	}{
		{"Sum", mixed, "8"},
		{"SampleCount", mixed, "4"},
		{"Average", mixed, "2"},
		{"Minimum", mixed, "0"},
		{"Maximum", mixed, "8"},
		{"p0", mixed, "0"},
		{"p50", mixed, "0"},
		{"p99.9", mixed, "8"},
		{"p100", mixed, "8"},
		{"p50", one, "4"},
		{"tm75", mixed, "0"},
		{"TM(:75%)", mixed, "0"},
		{"TM(50%:)", mixed, "4"},
		{"TM(25%:75%)", one, "4"},
		{"IQM", one, "4"},
		{"IQM", mixed, "0"},
		{"TM(0:8)", mixed, "8"},
		{"TM(8:9)", mixed, "no datapoint"},
		{"wm75", mixed, "0"},
		{"wm90", one, "4"},
		{"WM(1:4)", mixed, "1.75"},
		{"TC(0:8)", mixed, "1"},
		{"TC(:0)", mixed, "3"},
		{"TC(8:)", mixed, "0"},
		{"TS(:8)", mixed, "8"},
		{"TS(8:9)", mixed, "no datapoint"},
		{"PR(:0)", mixed, "75"},
		{"PR(0:8)", mixed, "25"},
		{"p90", []sample{{-1, 1}, {1, 1}}, "no datapoint"},
		{"Sum", []sample{{1, 0}}, "no datapoint"},
	}
	for _, tt := range tests {
		st, err := parseStatistic(split(tt.name))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := st.apply(tt.in).String(); got != tt.want {
			t.Errorf("%s of %v = %s, want %s", tt.name, tt.in, got, tt.want)
		}
	}
}

func TestStatisticUnknown(t *testing.T) {
	for _, name := range []string{
		"Median", "sum", "p", "p101", "p-1", "pp90", "x90", "tc90", "ts90", "TC(:90%)", "TS(10%:90%)", "PR(1%:2%)", "pr90",
		"TM()", "TM(:)", "TM(5)", "TM(1:2", "TM(2:1)", "TM(1%:2)", "TM(:101%)", "TM(NaN:2)", "p(1:2)", "(1:2)", "9",
	} {
		if st, err := parseExtended(name); err == nil {
			t.Errorf("parseExtended(%q) = %v, want an error", name, st.name)
		}
	}
	if _, err := parseStatistic("Sum", "p90"); err == nil {
		t.Error("two statistics are accepted")
	}
	if _, err := parseStatistic("", ""); err == nil {
		t.Error("no statistic is accepted")
	}
	if _, err := parseStatistic("Median", ""); err == nil {
		t.Error("a statistic that does not exist is accepted")
	}
}

// All statistics are monotone in the number of other records, which is why it
// is enough to look at a few numbers.
func TestStatisticMonotone(t *testing.T) {
	for _, name := range []string{
		"Sum", "SampleCount", "Average", "Minimum", "Maximum", "p0", "p10", "p50", "p99", "p100", "tm90", "TM(10%:)", "IQM",
		"wm90", "WM(10%:90%)", "TC(0:5)", "PR(0:5)", "TS(0:5)",
	} {
		st, err := parseStatistic(split(name))
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range []float64{0, 0.5, 1, 5} {
			for _, def := range []float64{0, 1, 3} {
				rising, falling, last := false, false, math.NaN()
				for n := 1.0; n < 1e12; n *= 1.7 {
					d := st.apply([]sample{{value, 1}, {def, math.Floor(n)}})
					if !d.ok {
						continue
					}
					rising, falling = rising || d.value > last+1e-9, falling || d.value < last-1e-9
					last = d.value
				}
				if rising && falling {
					t.Errorf("%s of one %g and more and more %g goes up and down", name, value, def)
				}
			}
		}
	}
}

// split puts a name where the CloudWatch API has it.
func split(name string) (simple, extended string) {
	for _, st := range simpleStatistics {
		if st.name == name {
			return name, ""
		}
	}
	return "", name
}

package alarm

import (
	"strings"
	"testing"
)

// parse reads AWS's notation: 0 a good datapoint, X a breaching one, - none.
func parse(t *testing.T, text string) []Point {
	t.Helper()
	var points []Point
	for _, f := range strings.Fields(text) {
		p, ok := map[string]Point{"0": Within, "X": Breach, "-": Gap}[f]
		if !ok {
			t.Fatalf("bad point %q", f)
		}
		points = append(points, p)
	}
	return points
}

const retain = "retain"

// The rows up to the blank line are the two tables of "Configuring how
// CloudWatch alarms treat missing data". Those behind it stood in earlier
// editions of the same tables, and in the text on the premature alarm state.
func TestEvaluateTables(t *testing.T) {
	tests := []struct {
		points                                string
		m                                     int32
		missing, ignore, breaching, notBreach string
	}{
		{"0 - X - X", 3, OK, OK, OK, OK},
		{"0 - - - -", 3, OK, OK, OK, OK},
		{"- - - - -", 3, InsufficientData, retain, InAlarm, OK},
		{"0 X X - X", 3, InAlarm, InAlarm, InAlarm, InAlarm},
		{"- - X - -", 3, InAlarm, retain, InAlarm, OK},
		{"0 - X - X", 2, InAlarm, InAlarm, InAlarm, InAlarm},
		{"0 0 X 0 X", 2, InAlarm, InAlarm, InAlarm, InAlarm},
		{"0 - X - -", 2, OK, OK, InAlarm, OK},
		{"- - - - 0", 2, OK, OK, InAlarm, OK},
		{"- - - X -", 2, InAlarm, retain, InAlarm, OK},

		{"- - - - X", 3, InsufficientData, retain, InAlarm, OK},
		{"X - - - -", 3, InAlarm, retain, InAlarm, OK},
		{"- - - - X", 2, InsufficientData, retain, InAlarm, OK},
		{"- - - X -", 3, InsufficientData, retain, InAlarm, OK},
		{"- - - X 0", 3, OK, OK, OK, OK},
		{"- - X - 0", 3, OK, OK, OK, OK},
	}
	for _, tt := range tests {
		for treatment, want := range map[string]string{
			Missing: tt.missing, "": tt.missing, Ignore: tt.ignore, Breaching: tt.breaching, NotBreaching: tt.notBreach,
		} {
			s := Settings{EvaluationPeriods: 3, DatapointsToAlarm: tt.m, MissingData: treatment}
			if got := Evaluate(parse(t, tt.points), s, retain); got != want {
				t.Errorf("%s, %d of 3, %q: got %s, want %s", tt.points, tt.m, treatment, got, want)
			}
		}
	}
}

func TestEvaluate(t *testing.T) {
	tests := []struct {
		name    string
		points  string
		n, m    int32
		missing string
		want    string
	}{
		{"newest real datapoint of a sparse metric", "X - -", 1, 1, NotBreaching, InAlarm},
		{"the newest one wins", "X - 0", 1, 1, NotBreaching, OK},
		{"nothing in the range", "- - -", 1, 1, NotBreaching, OK},
		{"m omitted means n", "0 0 X X", 2, 0, Missing, InAlarm},
		{"m omitted, one short", "0 X 0 X", 2, 0, Missing, OK},
		{"older breaches are out of the window", "X X 0 0", 2, 1, Missing, OK},
		{"enough real breaches below n", "- - - X - X -", 5, 2, Ignore, InAlarm},
		{"enough real breaches beside a good one", "- 0 - X - X -", 5, 2, Ignore, InAlarm},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := Settings{EvaluationPeriods: tt.n, DatapointsToAlarm: tt.m, MissingData: tt.missing}
			if got := Evaluate(parse(t, tt.points), s, retain); got != tt.want {
				t.Errorf("Evaluate(%s, %d of %d, %s) = %s, want %s", tt.points, tt.m, tt.n, tt.missing, got, tt.want)
			}
		})
	}
}

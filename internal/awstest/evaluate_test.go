package awstest

import (
	"strings"
	"testing"
	"time"
)

// pointsOf reads datapoints as AWS's tables write them: the newest on the
// right, X breaching, 0 not, - missing.
func pointsOf(text string) []point {
	fields := strings.Fields(text)
	points := make([]point, len(fields))
	for i, f := range fields {
		p := &points[len(fields)-1-i]
		p.present = f != "-"
		if f == "X" {
			p.value = 1
		}
	}
	return points
}

const retain = "the current state"

// TestMissingData holds the two tables of AWS's page "Configuring how
// CloudWatch alarms treat missing data", 3 out of 3 and 2 out of 3, with an
// evaluation range of 5, and the further cases that its text gives.
func TestMissingData(t *testing.T) {
	treatments := []string{"missing", "ignore", "breaching", "notBreaching"}
	tests := []struct {
		m      int32
		points string
		want   [4]string // in the order of treatments
	}{
		{3, "0 - X - X", [4]string{"OK", "OK", "OK", "OK"}},
		{3, "0 - - - -", [4]string{"OK", "OK", "OK", "OK"}},
		{3, "- - - - -", [4]string{"INSUFFICIENT_DATA", retain, "ALARM", "OK"}},
		{3, "0 X X - X", [4]string{"ALARM", "ALARM", "ALARM", "ALARM"}},
		{3, "- - X - -", [4]string{"ALARM", retain, "ALARM", "OK"}},

		{2, "0 - X - X", [4]string{"ALARM", "ALARM", "ALARM", "ALARM"}},
		{2, "0 0 X 0 X", [4]string{"ALARM", "ALARM", "ALARM", "ALARM"}},
		{2, "0 - X - -", [4]string{"OK", "OK", "ALARM", "OK"}},
		{2, "- - - - 0", [4]string{"OK", "OK", "ALARM", "OK"}},
		{2, "- - - X -", [4]string{"ALARM", retain, "ALARM", "OK"}},

		// "the alarm does not go immediately into ALARM state"; which state it
		// has instead is undocumented for ignore.
		{3, "- - - - X", [4]string{"OK", retain, "ALARM", "OK"}},
		{3, "- - - X -", [4]string{"OK", retain, "ALARM", "OK"}},
		// All real datapoints count, also beyond the evaluation periods.
		{1, "X - - - 0", [4]string{"ALARM", "ALARM", "ALARM", "ALARM"}},
		// None is missing: only the newest three count.
		{3, "0 0 X X X", [4]string{"ALARM", "ALARM", "ALARM", "ALARM"}},
		{1, "X X 0 0 0", [4]string{"OK", "OK", "OK", "OK"}},
	}
	for _, tt := range tests {
		for i, treatment := range treatments {
			for _, current := range []string{StateOK, StateAlarm, StateInsufficientData} {
				in := &PutMetricAlarmInput{
					EvaluationPeriods: 3, DatapointsToAlarm: tt.m, TreatMissingData: treatment,
					Threshold: new(1.0), ComparisonOperator: "GreaterThanOrEqualToThreshold",
				}
				want := tt.want[i]
				if want == retain {
					want = current
				}
				if got := decideState(pointsOf(tt.points), in, current); got != want {
					t.Errorf("%d of 3, %s, %s, was %s: got %s, want %s", tt.m, tt.points, treatment, current, got, want)
				}
			}
		}
	}
}

func TestBreaches(t *testing.T) {
	tests := []struct {
		operator            string
		below, equal, above bool
	}{
		{"GreaterThanOrEqualToThreshold", false, true, true},
		{"GreaterThanThreshold", false, false, true},
		{"LessThanThreshold", true, false, false},
		{"LessThanOrEqualToThreshold", true, true, false},
		{"GreaterThanUpperThreshold", false, false, false}, // anomaly bands are not evaluated
	}
	for _, tt := range tests {
		in := &PutMetricAlarmInput{Threshold: new(5.0), ComparisonOperator: tt.operator}
		if got := [3]bool{in.breaches(4), in.breaches(5), in.breaches(6)}; got != [3]bool{tt.below, tt.equal, tt.above} {
			t.Errorf("%s: got %v for 4, 5, 6", tt.operator, got)
		}
	}
}

func TestDue(t *testing.T) {
	midnight := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		period, periods int32
		after           time.Duration
		want            bool
	}{
		{10, 1, 10 * time.Second, true},
		{60, 1, 10 * time.Second, false},
		{300, 1, time.Minute, true},
		{86400, 1, time.Minute, true},
		{86400, 2, time.Minute, false},
		{86400, 2, time.Hour, true},
	}
	for _, tt := range tests {
		in := &PutMetricAlarmInput{Period: tt.period, EvaluationPeriods: tt.periods}
		if got := in.due(midnight.Add(tt.after)); got != tt.want {
			t.Errorf("%d x %d s after %s: due %v, want %v", tt.periods, tt.period, tt.after, got, tt.want)
		}
	}
}

func TestStatistics(t *testing.T) {
	values := []float64{4, 1, 3, 2}
	tests := []struct {
		stat string
		want float64
	}{
		{"Sum", 10}, {"Average", 2.5}, {"Minimum", 1}, {"Maximum", 4}, {"SampleCount", 4},
		{"p50", 2}, {"p75", 3}, {"p99.9", 4}, {"p100", 4}, {"p0", 1},
	}
	for _, tt := range tests {
		if got, ok := compute(tt.stat, values); !ok || got != tt.want {
			t.Errorf("%s: got %v, %v, want %v", tt.stat, got, ok, tt.want)
		}
	}
	if _, ok := compute("tm99", values); ok {
		t.Error("a trimmed mean was computed")
	}
	for stat, want := range map[string]bool{"p99": true, "p99.99": true, "tm90": true, "TM(10%:90%)": true, "p101": false, "Median": false, "": false} {
		if validStatistic(stat) != want {
			t.Errorf("validStatistic(%q) = %v", stat, !want)
		}
	}
}

func TestFewSamples(t *testing.T) {
	// p99 needs 10/(1-0.99) = 1000 samples, p10 needs 10/0.1 = 100.
	tests := []struct {
		stat  string
		count int
		want  bool
	}{{"p90", 99, true}, {"p90", 101, false}, {"p10", 99, true}, {"p10", 101, false}, {"Sum", 1, false}}
	for _, tt := range tests {
		if got := fewSamples(tt.stat, tt.count); got != tt.want {
			t.Errorf("%s of %d: %v", tt.stat, tt.count, got)
		}
	}
}

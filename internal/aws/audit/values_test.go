package audit_test

import (
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
)

func TestBetween(t *testing.T) {
	tests := []struct {
		statistic         string
		certain, doubtful []float64
		low, high         float64
		unfollowed        bool
	}{
		{"Sum", []float64{1, 2}, nil, 3, 3, false},
		{"Sum", []float64{1}, []float64{-1, 2, 3}, 0, 6, false},
		{"Maximum", []float64{1}, []float64{-1, 2}, 1, 2, false},
		{"Minimum", []float64{1}, []float64{-1, 2}, -1, 1, false},
		{"Average", []float64{2, 0, 0.5, 1}, nil, 0.875, 0.875, false},
		{"Average", []float64{2}, []float64{0, 0, 5}, 2.0 / 3, 3.5, false},
		{"p90", []float64{1}, nil, 1, 1, false},
		{"p90", []float64{1, 2}, nil, 0, 0, true},
		{"SampleCount", []float64{1}, []float64{1}, 0, 0, true},
	}
	for _, tt := range tests {
		low, high, ok := audit.Between(tt.statistic, tt.certain, tt.doubtful)
		if ok == tt.unfollowed || ok && (low != tt.low || high != tt.high) {
			t.Errorf("%s of %v and perhaps %v: got %g to %g, %v, want %g to %g", tt.statistic, tt.certain, tt.doubtful, low, high, ok, tt.low, tt.high)
		}
	}
}

package collect

import (
	"cmp"
	"slices"
	"testing"
)

func TestLastOfEach(t *testing.T) {
	type entry struct {
		name string
		page int
	}
	got := lastOfEach([]entry{{"b", 1}, {"a", 1}, {"b", 2}, {"c", 2}, {"b", 3}}, func(x, y entry) int { return cmp.Compare(x.name, y.name) })
	if want := []entry{{"a", 1}, {"b", 3}, {"c", 2}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := lastOfEach([]entry(nil), func(_, _ entry) int { return 0 }); got != nil {
		t.Errorf("an empty list: %v", got)
	}
}

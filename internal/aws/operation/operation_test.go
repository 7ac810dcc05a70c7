package operation

import "testing"

func TestTable(t *testing.T) {
	names, limits := map[string]bool{}, map[string]float64{}
	for _, o := range All() {
		if names[o.Name] {
			t.Errorf("%s is there twice", o.Name)
		}
		names[o.Name] = true
		if o.Source == "" {
			t.Errorf("%s has no source", o.Name)
		}
		if have, ok := limits[o.Limit()]; ok && have != o.PerSecond {
			t.Errorf("%s shares %s, at %v calls a second instead of %v", o.Name, o.Limit(), o.PerSecond, have)
		}
		limits[o.Limit()] = o.PerSecond
		if got, ok := Named(o.Name); !ok || got.Name != o.Name {
			t.Errorf("Named(%q) = %v, %t", o.Name, got, ok)
		}
	}
	if _, ok := Named("logs:DeleteLogGroups"); ok {
		t.Error("an operation that is not in the table has a row")
	}
}

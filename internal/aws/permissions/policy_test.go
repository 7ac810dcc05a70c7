package permissions

import (
	"slices"
	"testing"
)

// TestAllow gives one statement to what goes to the same resources under the same
// condition, and another one to the rest: no action gets more than it needs.
func TestAllow(t *testing.T) {
	condition := map[string]map[string][]string{"StringEquals": {"aws:x": {"y"}}}
	var p Policy
	p.allow("Read", []string{"a:1"}, []string{"r"}, nil)
	p.allow("Read", []string{"a:2", "a:1"}, []string{"r"}, nil)
	p.allow("Read", []string{"a:3"}, []string{"r", "s"}, nil)
	p.allow("Read", []string{"a:4"}, []string{"r"}, condition)
	p.allow("Read", []string{"a:5"}, []string{"r", "s"}, nil)
	want := map[string][]string{"Read": {"a:1", "a:2"}, "Read2": {"a:3", "a:5"}, "Read3": {"a:4"}}
	if len(p.Statement) != len(want) {
		t.Fatalf("statements %+v", p.Statement)
	}
	for _, s := range p.Statement {
		if !slices.Equal(s.Action, want[s.Sid]) {
			t.Errorf("%s allows %q on %q, want %q", s.Sid, s.Action, s.Resource, want[s.Sid])
		}
	}
}

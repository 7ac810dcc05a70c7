package permissions

import (
	"slices"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/operation"
)

// TestNeeds: the table of calls and that of what they are for name the same operations.
func TestNeeds(t *testing.T) {
	needed := map[string]bool{}
	for _, n := range slices.Concat(needs, trailNeeds) {
		needed[n.Name] = true
		if _, ok := operation.Named(n.Name); !ok {
			t.Errorf("%s is not in the table of operations", n.Name)
		}
	}
	for _, o := range operation.All() {
		if !needed[o.Name] {
			t.Errorf("nothing is said of what %s is for", o.Name)
		}
	}
}

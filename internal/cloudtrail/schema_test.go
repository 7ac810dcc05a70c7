package cloudtrail

import (
	"testing"

	"github.com/monitorctl/monitorctl/internal/cover"
)

// What the table of the record says of every field is true of example records
// and of the fields that stand in them.
func TestSchemaHasEveryFieldOnce(t *testing.T) {
	var check func(path string, fields []field)
	check = func(path string, fields []field) {
		seen := map[string]bool{}
		for _, f := range fields {
			if seen[f.name] {
				t.Errorf("%s%s is listed twice", path, f.name)
			}
			seen[f.name] = true
			if (f.kinds == cover.AnyKind) == (f.axiom != "") {
				t.Errorf("%s%s: a field is free or has an axiom", path, f.name)
			}
			if f.fields != nil && !f.kinds.Has(cover.Object) {
				t.Errorf("%s%s has fields but is no object", path, f.name)
			}
			check(path+f.name+".", f.fields)
		}
	}
	check("", recordFields)
}

package export_test

import (
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/export/cloudformation"
	"github.com/monitorctl/monitorctl/internal/aws/export/shell"
	"github.com/monitorctl/monitorctl/internal/aws/export/terraform"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
)

// The whole of an export of cis --complete but for the reads of the account: planning, and
// all three formats.
func BenchmarkCISComplete(b *testing.B) {
	snap, list := bare(b), controls(b, "cis")
	for b.Loop() {
		l := whole(b, snap, list, plan.Options{Complete: true, Subscribers: []plan.Subscriber{person, pager}})
		if _, err := terraform.Files(l); err != nil {
			b.Fatal(err)
		}
		if _, err := cloudformation.Files(l, cloudformation.Options{}); err != nil {
			b.Fatal(err)
		}
		if _, err := shell.Files(l); err != nil {
			b.Fatal(err)
		}
	}
}

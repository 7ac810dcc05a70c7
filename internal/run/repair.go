package run

import (
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export/shell"
	"github.com/monitorctl/monitorctl/internal/aws/export/terraform"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// repairOf writes a list as code to copy, by what writes the files of an export.
func repairOf(l desired.List) (finding.Repair, error) {
	commands, err := shell.Commands(l)
	if err != nil {
		return finding.Repair{}, err
	}
	text, err := terraform.Text(l)
	if err != nil {
		return finding.Repair{}, err
	}
	return finding.Repair{Shell: commands, Terraform: text}, nil
}

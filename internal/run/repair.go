package run

import (
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export/shell"
	"github.com/monitorctl/monitorctl/internal/aws/export/terraform"
	"github.com/monitorctl/monitorctl/internal/azure/action"
	azureexport "github.com/monitorctl/monitorctl/internal/azure/export"
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

// azureRepairOf writes actions as code to copy.
func azureRepairOf(actions []action.Action) (finding.Repair, error) {
	commands, err := azureexport.Commands(actions)
	if err != nil {
		return finding.Repair{}, err
	}
	text, err := azureexport.Terraform(actions)
	if err != nil {
		return finding.Repair{}, err
	}
	return finding.Repair{Shell: commands, Terraform: text}, nil
}

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
	return codeOf(l, shell.Commands, terraform.Text)
}

// azureRepairOf writes actions as code to copy.
func azureRepairOf(actions []action.Action) (finding.Repair, error) {
	return codeOf(actions, azureexport.Commands, azureexport.Terraform)
}

// codeOf writes something in both languages.
func codeOf[T any](what T, commands, text func(T) (string, error)) (out finding.Repair, err error) {
	if out.Shell, err = commands(what); err != nil {
		return finding.Repair{}, err
	}
	if out.Terraform, err = text(what); err != nil {
		return finding.Repair{}, err
	}
	return out, nil
}

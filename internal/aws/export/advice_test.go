package export_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export"
	"github.com/monitorctl/monitorctl/internal/aws/export/shell"
	"github.com/monitorctl/monitorctl/internal/aws/export/terraform"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// The code beside the command of a finding makes what the plan of that command does, in an account
// without a chain, field by field.
func TestAdviceAsCode(t *testing.T) {
	secret := plan.Subscriber{Protocol: "https", Endpoint: "https://hooks.example.com/hidden-path"}
	for name, o := range map[string]plan.Options{
		"nothing asked for": {},
		"a person":          {TopicName: "team", Subscribers: []plan.Subscriber{person}},
		"a secret":          {TopicName: "team", Subscribers: []plan.Subscriber{secret}},
		"rules":             {Transport: audit.RuleTransport, TopicName: "team", Subscribers: []plan.Subscriber{person}},
	} {
		t.Run(name, func(t *testing.T) {
			snap, list := withoutRules(t, o), controls(t, "core")
			lists := map[string]desired.List{}
			o.Repair = func(l desired.List) (finding.Repair, error) {
				text, err := terraform.Text(l)
				if err != nil {
					return finding.Repair{}, err
				}
				lists[text] = l
				commands, err := shell.Commands(l)
				return finding.Repair{Shell: commands, Terraform: text}, err
			}
			o.Audit.Workers, o.Audit.Transport = 1, o.Transport
			r, err := plan.Audit(context.Background(), snap, list, o)
			if err != nil {
				t.Fatal(err)
			}
			o.Repair = nil
			for i, f := range r.Findings {
				if f.Status != finding.Fail || f.Command == "" || f.Repair == nil || f.Repair.Why != "" {
					t.Fatalf("%s: %s, command %q, code %+v", f.Control, f.Status, f.Command, f.Repair)
				}
				asked := o
				if _, arn, ok := strings.Cut(f.Command, " --topic-arn "); ok {
					asked.TopicARN = arn
				}
				want := whole(t, snap, []catalog.Control{list[i]}, asked)
				got := evaluate(t, []export.File{{Name: "fix.tf", Data: []byte(f.Repair.Terraform)}}, want.Home, secretsOf(want))
				if d := cmp.Diff(of(want, desired.Terraform), got.result); d != "" || len(got.problems) > 0 {
					t.Errorf("%s: %v\n-plan of %q +code:\n%s", f.Control, got.problems, f.Command, d)
				}
				if d := cmp.Diff(of(want, desired.Monitorctl), of(lists[f.Repair.Terraform], desired.Monitorctl)); d != "" {
					t.Errorf("%s: -plan of %q +list of the commands:\n%s", f.Control, f.Command, d)
				}
				if strings.Contains(f.Repair.Shell+f.Repair.Terraform, "hidden-path") {
					t.Errorf("%s: a secret is in the code:\n%s", f.Control, f.Repair.Shell)
				}
			}
		})
	}
}

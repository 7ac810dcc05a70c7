package export_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export"
	"github.com/monitorctl/monitorctl/internal/aws/export/terraform"
)

// secretsOf are the secrets that are asked for, by the names of their inputs.
func secretsOf(l desired.List) map[string]string {
	out := map[string]string{}
	for _, in := range export.Inputs(l) {
		out[in.Name()] = in.Secret
	}
	return out
}

func terraformOf(t testing.TB, l desired.List) []export.File {
	t.Helper()
	files, err := terraform.Files(l)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Terraform would make the objects of the list, field by field, with either provider.
func TestTerraform(t *testing.T) {
	for _, s := range situations(t) {
		t.Run(s.name, func(t *testing.T) {
			files := terraformOf(t, s.list)
			for _, f := range files {
				if formatted := hclwrite.Format(f.Data); !bytes.Equal(formatted, f.Data) {
					t.Errorf("%s is not formatted:\n%s", f.Name, cmp.Diff(string(formatted), string(f.Data)))
				}
			}
			c := evaluate(t, files, s.list.Home, secretsOf(s.list))
			if len(c.problems) > 0 {
				t.Fatalf("%s", strings.Join(c.problems, "\n"))
			}
			if d := cmp.Diff(of(s.list, desired.Terraform), c.result); d != "" {
				t.Errorf("-list +Terraform:\n%s", d)
			}
			if len(c.imports) > 0 {
				t.Errorf("imports of what is not there: %v", c.imports)
			}
		})
	}
}

// One text says what the files say.
func TestTerraformText(t *testing.T) {
	for _, s := range situations(t) {
		text, err := terraform.Text(s.list)
		if err != nil {
			t.Fatal(err)
		}
		c := evaluate(t, []export.File{{Name: "fix.tf", Data: []byte(text)}}, s.list.Home, secretsOf(s.list))
		if d := cmp.Diff(of(s.list, desired.Terraform), c.result); d != "" || len(c.problems) > 0 {
			t.Errorf("%s: %v\n-list +text:\n%s", s.name, c.problems, d)
		}
		if strings.Contains(text, export.Mark) || strings.Contains(text, pagerKey) || strings.Contains(text, "required_providers") {
			t.Errorf("%s: the text has what is not for it:\n%s", s.name, text)
		}
	}
}

// What exists is imported by the ids that the provider takes, once each; what Terraform
// keeps already is not.
func TestTerraformImports(t *testing.T) {
	l := whole(t, bare(t), controls(t, "core", "nacl-changes"), optionsFor(person, pager))
	for i := range l.Subscriptions {
		l.Subscriptions[i].State, l.Subscriptions[i].ARN = desired.Ours, fmt.Sprintf("%s:%d", ourTopic, i)
	}
	l.Topics[0].State, l.Filters[0].State, l.Alarms[0].State = desired.Ours, desired.Changed, desired.Ours
	got := evaluate(t, terraformOf(t, l), l.Home, secretsOf(l)).imports
	want := map[string]string{
		"aws_sns_topic.alerts":                                         ourTopic,
		"aws_sns_topic_policy.alerts":                                  ourTopic,
		`aws_sns_topic_subscription.subscriber["email a@example.com"]`: ourTopic + ":0",
		"aws_sns_topic_subscription.subscriber_1":                      ourTopic + ":1",
		`aws_cloudwatch_log_metric_filter.control["nacl-changes"]`:     "/aws/cloudtrail/org:NetworkAclConfigChanges",
		`aws_cloudwatch_metric_alarm.control["nacl-changes"]`:          "NetworkAclConfigChangesAlarm",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("imports (-want +got):\n%s", d)
	}
	l.Topics[0].State, l.Filters[0].State, l.Alarms[0].State, l.Subscriptions = desired.Kept, desired.Kept, desired.Kept, nil
	if got := evaluate(t, terraformOf(t, l), l.Home, nil).imports; len(got) > 0 {
		t.Errorf("imports of what Terraform keeps: %v", got)
	}
}

// Every change of the text is noticed by the facts of the provider or by the comparison.
func TestTerraformMutations(t *testing.T) {
	l := whole(t, bare(t), controls(t, "core"), optionsFor(person, pager))
	files := terraformOf(t, l)
	for _, m := range [][2]string{
		{"metric_transformation {", "metric_transformations {"},
		{"treat_missing_data ", "treat_missing_date "},
		{`"notBreaching"`, `"breaching"`},
		{"  statistic ", "  # statistic "},
		{"period              = 300", "period              = 60"},
		{"threshold           = 1", `threshold           = "one"`},
		{"alarm_actions       = [aws_sns_topic.alerts.arn]", "alarm_actions       = aws_sns_topic.alerts.arn"},
		{"alarm_actions       = [aws_sns_topic.alerts.arn]", "alarm_actions       = [aws_sns_topic.alert.arn]"},
		{"actions_enabled     = true", "actions_enabled     = false"},
		{`unit          = "None"`, ""},
		{`default_value = "0"`, `default_value = "1"`},
		{"DeleteSecurityGroup", "DeleteSecurityGroups"},
		{`"terraform"`, `"true"`},
		{"log_group_name = data.aws_cloudwatch_log_group.trail.name", ""},
		{`"Sid"    = "Owner"`, `"Sid"    = "Owners"`},
		{"endpoint  = var.subscriber_1", "endpoint  = var.subscriber_2"},
		{`resource "aws_cloudwatch_metric_alarm"`, `resource "aws_cloudwatch_metric_alarms"`},
		{accountID, "999988887777"},
	} {
		mutated, found := make([]export.File, len(files)), false
		for i, f := range files {
			text := strings.ReplaceAll(string(f.Data), m[0], m[1])
			found = found || text != string(f.Data)
			mutated[i] = export.File{Name: f.Name, Data: []byte(text)}
		}
		if !found {
			t.Errorf("%q is not in the files", m[0])
			continue
		}
		c := evaluate(t, mutated, l.Home, secretsOf(l))
		if len(c.problems) == 0 && cmp.Equal(of(l, desired.Terraform), c.result) {
			t.Errorf("%q in place of %q is not noticed", m[1], m[0])
		}
	}
}

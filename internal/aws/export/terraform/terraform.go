// Package terraform writes the objects of a list in Terraform's language, for the AWS
// provider from version 5 to 6: the same text serves both, since it names no argument
// that one of them lacks.
//
// Filters and alarms are two maps by control with one resource each, so that a control
// more moves no address. What all entries have in common is written in the resource,
// what differs in the entries. Values are quoted by hclwrite, which escapes what the
// language would read as a template.
package terraform

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export"
)

// Files returns versions.tf and main.tf, variables.tf where something is asked for, and
// imports.tf where objects exist that Terraform does not keep yet. The error is an
// *export.UnsafeError.
func Files(l desired.List) ([]export.File, error) {
	l = l.KeptBy(desired.Terraform)
	if err := check(l); err != nil {
		return nil, err
	}
	w := &writer{list: l, labels: labels(l), inputs: export.Inputs(l)}
	main, err := w.main()
	if err != nil {
		return nil, err
	}
	list := []export.File{file("versions.tf", versions), file("main.tf", main)}
	if len(w.inputs) > 0 {
		list = append(list, file("variables.tf", w.variables()))
	}
	if text := w.imports(); text != "" {
		list = append(list, file("imports.tf", text))
	}
	return list, nil
}

func file(name, text string) export.File {
	text = "# " + export.Mark + "\n" + strings.TrimRight(text, "\n") + "\n"
	return export.File{Name: name, Data: hclwrite.Format([]byte(text))}
}

const versions = `
terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0, < 7.0"
    }
  }
}
`

// check refuses what Terraform cannot carry: its strings are normalized, and the id of
// an import has one colon only.
func check(l desired.List) error {
	err := export.Check(l, func(text string) string {
		if cty.StringVal(text).AsString() != text {
			return "is not in Unicode's normal form NFC, in which Terraform keeps every string"
		}
		return ""
	})
	for _, f := range l.Filters {
		if err == nil && strings.Contains(f.Filter.LogGroup+f.Filter.Name, ":") {
			err = &export.UnsafeError{Object: fmt.Sprintf("metric filter %q", f.Filter.Name), Field: "name", Why: "holds a colon, which separates log group and name in Terraform's import id"}
		}
	}
	return err
}

// labels names the topics in the code, by ARN.
func labels(l desired.List) map[string]string {
	out, taken := map[string]string{}, map[string]bool{}
	for _, t := range l.Topics {
		label := "alerts"
		if t.Name != l.Names.TopicName() {
			label = "alerts_" + strings.ReplaceAll(t.Name, "-", "_")
		}
		for taken[label] {
			label += "_"
		}
		taken[label] = true
		out[t.ARN] = label
	}
	return out
}

// A writer writes one list.
type writer struct {
	list   desired.List
	labels map[string]string // of topics
	inputs []desired.Subscription
	b      bytes.Buffer
}

func (w *writer) line(format string, args ...any) { fmt.Fprintf(&w.b, format+"\n", args...) }

// take returns what was written.
func (w *writer) take() string {
	defer w.b.Reset()
	return w.b.String()
}

// quote is a string as Terraform's language writes it.
func quote(text string) string {
	return string(hclwrite.TokensForValue(cty.StringVal(text)).Bytes())
}

func (w *writer) main() (string, error) {
	filters, alarms := w.filters(), w.alarms()
	w.line("#\n# CloudTrail alarms for account %s in %s. Use it in a root module or as a\n# module; a provider for that region is all that it needs.\n", w.list.Home.Account, w.list.Home.Region)
	w.line("locals {\nlog_group = %s", quote(w.list.LogGroup))
	w.entries("filters", filters)
	w.entries("alarms", alarms)
	w.line("}\n")
	w.guard()
	for _, t := range w.list.Topics {
		if err := w.topic(t); err != nil {
			return "", err
		}
	}
	w.subscriptions()
	if len(filters.entries) > 0 {
		w.filterResource(filters)
	}
	if len(alarms.entries) > 0 {
		w.alarmResource(alarms)
	}
	return w.take(), nil
}

// guard refuses another account, another region and a missing log group with one read.
func (w *writer) guard() {
	h := w.list.Home
	arn := account.ARN{Partition: h.Partition, Service: "logs", Region: h.Region, Account: h.Account, Resource: "log-group:" + w.list.LogGroup}.String()
	w.line("# Ends a run in another account or region, and one without the log group.")
	w.line("data \"aws_cloudwatch_log_group\" \"trail\" {\nname = local.log_group\n\nlifecycle {\npostcondition {")
	w.line("condition = trimsuffix(self.arn, \":*\") == %s", quote(arn))
	w.line("error_message = %s\n}\n}\n}\n", quote(fmt.Sprintf("These resources are for %s in account %s.", h.Region, h.Account)))
}

func (w *writer) topic(t desired.Topic) error {
	label := w.labels[t.ARN]
	w.line("resource \"aws_sns_topic\" %s {\nname = %s", quote(label), quote(t.Name))
	if t.KeyID != "" {
		w.line("kms_master_key_id = %s", quote(t.KeyID))
	}
	w.line("tags = %s\n}\n", object(t.Tags))
	doc, err := export.ParseJSON(t.Policy)
	if err != nil {
		return fmt.Errorf("reading the policy of topic %s: %w", t.Name, err)
	}
	w.line("resource \"aws_sns_topic_policy\" %s {\narn = aws_sns_topic.%s.arn\npolicy = jsonencode(%s)\n}\n", quote(label), label, w.expression(doc))
	return nil
}

// expression is a JSON value in Terraform's language; ARNs of the list's topics are
// references.
func (w *writer) expression(v any) string {
	switch v := v.(type) {
	case export.Object:
		var b strings.Builder
		b.WriteString("{\n")
		for _, m := range v {
			b.WriteString(quote(m.Key) + " = " + w.expression(m.Value) + "\n")
		}
		return b.String() + "}"
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = w.expression(x)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case string:
		return w.arn(v)
	case nil:
		return "null"
	}
	return fmt.Sprint(v)
}

// arn is a string, or the reference to a topic of the list.
func (w *writer) arn(text string) string {
	if label, ok := w.labels[text]; ok {
		return "aws_sns_topic." + label + ".arn"
	}
	return quote(text)
}

func (w *writer) arns(list []string) string {
	parts := make([]string, len(list))
	for i, arn := range list {
		parts[i] = w.arn(arn)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// object is a map in Terraform's language, by key.
func object(m map[string]string) string {
	var b strings.Builder
	b.WriteString("{\n")
	for _, key := range slices.Sorted(maps.Keys(m)) {
		b.WriteString(quote(key) + " = " + quote(m[key]) + "\n")
	}
	return b.String() + "}"
}

func number(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

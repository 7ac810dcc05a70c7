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

// Files returns versions.tf and main.tf, variables.tf where something is asked for, a file
// for each other region with providers.tf, and imports.tf where objects exist that
// Terraform does not keep yet. The error is an *export.UnsafeError.
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
	list := []export.File{file("versions.tf", versions(l)), file("main.tf", main)}
	imports := w.imports()
	for _, other := range l.Elsewhere {
		x := &writer{list: other, labels: w.labels, inputs: w.inputs, where: identifier(other.Home.Region), roles: l.Roles}
		text, err := x.region()
		if err != nil {
			return nil, err
		}
		list = append(list, file(other.Home.Region+".tf", text))
		imports += x.imports()
	}
	if len(l.Elsewhere) > 0 {
		list = append(list, file("providers.tf", providers(l)))
	}
	if len(w.inputs) > 0 {
		list = append(list, file("variables.tf", w.variables()))
	}
	if imports != "" {
		list = append(list, file("imports.tf", importsHead+imports))
	}
	return list, nil
}

func file(name, text string) export.File {
	text = "# " + export.Mark + "\n" + strings.TrimRight(text, "\n") + "\n"
	return export.File{Name: name, Data: hclwrite.Format([]byte(text))}
}

// versions asks for the provider. The state of a rule is an argument of later ones.
func versions(l desired.List) string {
	least := "5.0"
	for _, r := range l.Regions() {
		if slices.ContainsFunc(r.Rules, func(x desired.Rule) bool { return x.Rule.State != account.RuleEnabled }) {
			least = "5.40"
		}
	}
	return fmt.Sprintf(versionsText, least)
}

// providers names a provider for each other region.
func providers(l desired.List) string {
	var b strings.Builder
	b.WriteString("#\n# One provider for each region besides that of main.tf. Give them the same account and\n" +
		"# credentials as the default one. Code that uses this as a module declares them as\n# configuration_aliases instead.\n\n")
	for _, r := range l.Elsewhere {
		fmt.Fprintf(&b, "provider \"aws\" {\nalias = %s\nregion = %s\n}\n\n", quote(identifier(r.Home.Region)), quote(r.Home.Region))
	}
	return b.String()
}

// identifier is a name as an identifier of the language.
func identifier(name string) string {
	return strings.Map(func(r rune) rune {
		if r < 128 && (r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') {
			return r
		}
		return '_'
	}, name)
}

const versionsText = `
terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= %s, < 7.0"
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

// labels names in the code, by ARN, the topics, roles and API destinations of all regions.
func labels(l desired.List) map[string]string {
	out, taken := map[string]string{}, map[string]bool{}
	add := func(kind, arn, label string) {
		for taken[kind+label] {
			label += "_"
		}
		taken[kind+label] = true
		out[arn] = kind + label
	}
	for i, r := range l.Regions() {
		prefix := ""
		if i > 0 {
			prefix = identifier(r.Home.Region) + "_"
		}
		for _, t := range r.Topics {
			label := "alerts"
			if t.Name != l.Names.TopicName() {
				label = "alerts_" + strings.ReplaceAll(t.Name, "-", "_")
			}
			add("aws_sns_topic.", t.ARN, prefix+label)
		}
		for _, e := range r.Endpoints {
			add("aws_cloudwatch_event_api_destination.", e.ARN, prefix+identifier(e.Destination.ID))
		}
	}
	if l.Trail.Role != nil {
		add("aws_iam_role.", l.Trail.Role.ARN, "trail")
	}
	for _, r := range l.Roles {
		switch r.Name {
		case l.Names.RoleName():
			add("aws_iam_role.", r.ARN, "forwarder")
		case l.Names.DestinationRoleName():
			add("aws_iam_role.", r.ARN, "destinations")
		default:
			add("aws_iam_role.", r.ARN, "role_"+identifier(r.Name))
		}
	}
	return out
}

// A writer writes the list of one region.
type writer struct {
	list   desired.List
	labels map[string]string // of topics, roles and API destinations: TYPE.LABEL
	inputs []export.Input
	where  string         // the region as an identifier; "" for that of main.tf
	roles  []desired.Role // of the account, in other regions
	b      bytes.Buffer
}

// label is the label of an object in the code.
func (w *writer) label(arn string) string {
	_, label, _ := strings.Cut(w.labels[arn], ".")
	return label
}

// own is a label or the name of a local value, told apart from that of other regions.
func (w *writer) own(name string) string {
	switch {
	case w.where == "":
		return name
	case name == "control":
		return w.where
	}
	return w.where + "_" + name
}

// resource begins a resource, or another block with a type and a label.
func (w *writer) resource(block, kind, label string) {
	w.line("%s %s %s {", block, quote(kind), quote(label))
	if w.where != "" {
		w.line("provider = aws.%s\n", w.where)
	}
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
	what := "CloudTrail alarms"
	if len(w.list.Alarms) == 0 {
		what = "Rules on CloudTrail's events"
	}
	if w.list.Trail.Trail != nil {
		what = "A trail of CloudTrail and alarms"
	}
	w.line("#\n# %s for account %s in %s. Use it in a root module or as a\n# module; a provider for that region is all that it needs.\n", what, w.list.Home.Account, w.list.Home.Region)
	return w.objects()
}

// region is the file of another region.
func (w *writer) region() (string, error) {
	w.line("#\n# Rules in %s, for account %s.\n", w.list.Home.Region, w.list.Home.Account)
	return w.objects()
}

// objects writes what is local, the guard and the resources.
func (w *writer) objects() (string, error) {
	filters, alarms, rules, targets, forwarders := w.filters(), w.alarms(), w.rules(), w.targets(false), w.targets(true)
	w.line("locals {")
	if w.list.LogGroup != "" {
		w.line("log_group = %s", quote(w.list.LogGroup))
	}
	w.entries("filters", filters)
	w.entries("alarms", alarms)
	w.entries(w.own("rules"), rules)
	w.entries(w.own("targets"), targets)
	w.entries(w.own("forwarders"), forwarders)
	w.line("}\n")
	w.guard()
	if err := w.trail(); err != nil {
		return "", err
	}
	for _, t := range w.list.Topics {
		if err := w.topic(t); err != nil {
			return "", err
		}
	}
	w.subscriptions()
	w.filterResource(filters)
	w.alarmResource(alarms)
	for _, r := range w.list.Roles {
		if err := w.role(r); err != nil {
			return "", err
		}
	}
	for _, e := range w.list.Endpoints {
		w.endpoint(e)
	}
	w.ruleResource(rules)
	w.targetResource("targets", targets)
	w.targetResource("forwarders", forwarders)
	return w.take(), nil
}

// guard refuses another account, another region and, unless it is made here, a missing log
// group with one read.
func (w *writer) guard() {
	h := w.list.Home
	arn := account.ARN{Partition: h.Partition, Service: "logs", Region: h.Region, Account: h.Account, Resource: "log-group:" + w.list.LogGroup}.String()
	if w.list.LogGroup == "" || w.list.Trail.Makes(w.list.LogGroup) {
		w.line("# Ends a run in another account or region.")
		w.resource("data", "aws_cloudwatch_event_bus", w.own("default"))
		w.line("name = %s\n\nlifecycle {\npostcondition {", quote(account.DefaultBus))
		w.line("condition = self.arn == %s", quote(desired.BusARN(h)))
	} else {
		w.line("# Ends a run in another account or region, and one without the log group.")
		w.line("data \"aws_cloudwatch_log_group\" \"trail\" {\nname = local.log_group\n\nlifecycle {\npostcondition {")
		w.line("condition = trimsuffix(self.arn, \":*\") == %s", quote(arn))
	}
	w.line("error_message = %s\n}\n}\n}\n", quote(fmt.Sprintf("These resources are for %s in account %s.", h.Region, h.Account)))
}

func (w *writer) topic(t desired.Topic) error {
	label := w.label(t.ARN)
	w.resource("resource", "aws_sns_topic", label)
	w.line("name = %s", quote(t.Name))
	if t.KeyID != "" {
		w.line("kms_master_key_id = %s", quote(t.KeyID))
	}
	w.line("tags = %s\n}\n", object(t.Tags))
	doc, err := export.ParseJSON(t.Policy)
	if err != nil {
		return fmt.Errorf("reading the policy of topic %s: %w", t.Name, err)
	}
	w.resource("resource", "aws_sns_topic_policy", label)
	w.line("arn = aws_sns_topic.%s.arn\npolicy = jsonencode(%s)\n}\n", label, w.expression(doc))
	return nil
}

// expression is a JSON value in Terraform's language; ARNs of the lists' objects are
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

// arn is a string, or the reference to an object of the lists.
func (w *writer) arn(text string) string {
	if address, ok := w.labels[text]; ok {
		return address + ".arn"
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

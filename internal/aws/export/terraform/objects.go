package terraform

import (
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export"
)

// attributes are the attributes of entries that are in them only where objects differ, in
// their order.
var attributes = []string{
	"log_group", "value", "default", "unit",
	"statistic", "period", "evaluation_periods", "datapoints_to_alarm", "threshold", "comparison", "missing_data",
	"enabled", "dimensions", "actions", "ok_actions", "no_data_actions",
	"state", "role", "tags",
}

// filters are the entries of the metric filters.
func (w *writer) filters() table {
	t := table{always: []string{"name", "namespace", "metric", "pattern"}}
	for _, f := range w.list.Filters {
		e := entry{key: f.Key, comments: []string{export.Title(f.Control)}, values: map[string]string{}}
		e.set("name", quote(f.Filter.Name))
		e.set("namespace", quote(f.Filter.Namespace))
		e.set("metric", quote(f.Filter.Metric))
		e.set("pattern", quote(f.Filter.Pattern))
		e.set("log_group", w.group())
		if f.Filter.LogGroup != w.list.LogGroup {
			e.set("log_group", quote(f.Filter.LogGroup))
		}
		e.set("value", quote(f.Filter.Value))
		if f.Filter.Default != nil {
			e.set("default", quote(number(*f.Filter.Default)))
		}
		if f.Filter.Unit != "" {
			e.set("unit", quote(f.Filter.Unit))
		}
		t.entries = append(t.entries, e)
	}
	return t
}

// group refers to the name of the log group.
func (w *writer) group() string {
	if w.list.Trail.Makes(w.list.LogGroup) {
		return "aws_cloudwatch_log_group.trail.name"
	}
	return "data.aws_cloudwatch_log_group.trail.name"
}

func (w *writer) filterResource(t table) {
	if len(t.entries) == 0 {
		return
	}
	w.line("resource \"aws_cloudwatch_log_metric_filter\" \"control\" {\nfor_each = local.filters\n\nname = each.value.name")
	w.argument(t, "log_group_name", "log_group")
	w.line("pattern = each.value.pattern\n\nmetric_transformation {\nname = each.value.metric\nnamespace = each.value.namespace")
	w.argument(t, "value", "value")
	w.argument(t, "default_value", "default")
	w.argument(t, "unit", "unit")
	w.line("}\n}\n")
}

// alarms are the entries of the alarms.
func (w *writer) alarms() table {
	t := table{always: []string{"name", "description", "namespace", "metric"}}
	for _, a := range w.list.Alarms {
		x := a.Alarm
		e := entry{key: a.Key, comments: []string{export.Title(a.Control), "notifies " + export.Notified(x)}, values: map[string]string{}}
		e.set("name", quote(x.Name))
		e.set("description", quote(x.Description))
		e.set("namespace", quote(x.Namespace))
		e.set("metric", quote(x.Metric))
		e.set("statistic", quote(x.Statistic))
		e.set("period", strconv.Itoa(int(x.Period)))
		e.set("evaluation_periods", strconv.Itoa(int(x.EvaluationPeriods)))
		if x.DatapointsToAlarm > 0 {
			e.set("datapoints_to_alarm", strconv.Itoa(int(x.DatapointsToAlarm)))
		}
		if x.Threshold != nil {
			e.set("threshold", number(*x.Threshold))
		}
		e.set("comparison", quote(x.Comparison))
		if x.MissingData != "" {
			e.set("missing_data", quote(x.MissingData))
		}
		e.set("enabled", strconv.FormatBool(x.ActionsEnabled))
		if len(x.Dimensions) > 0 {
			e.set("dimensions", object(x.Dimensions))
		}
		for name, list := range map[string][]string{"actions": x.AlarmActions, "ok_actions": x.OKActions, "no_data_actions": x.NoDataActions} {
			if len(list) > 0 {
				e.set(name, w.arns(list))
			}
		}
		e.set("tags", object(a.Tags))
		t.entries = append(t.entries, e)
	}
	return t
}

func (w *writer) alarmResource(t table) {
	if len(t.entries) == 0 {
		return
	}
	w.line("resource \"aws_cloudwatch_metric_alarm\" \"control\" {\nfor_each = local.alarms\n\nalarm_name = each.value.name\nalarm_description = each.value.description")
	w.line("namespace = each.value.namespace\nmetric_name = each.value.metric")
	for _, x := range [][2]string{
		{"statistic", "statistic"}, {"period", "period"}, {"evaluation_periods", "evaluation_periods"},
		{"datapoints_to_alarm", "datapoints_to_alarm"}, {"threshold", "threshold"}, {"comparison_operator", "comparison"}, {"treat_missing_data", "missing_data"},
		{"dimensions", "dimensions"},
		{"actions_enabled", "enabled"}, {"alarm_actions", "actions"}, {"ok_actions", "ok_actions"}, {"insufficient_data_actions", "no_data_actions"}, {"tags", "tags"},
	} {
		w.argument(t, x[0], x[1])
	}
	if policies := w.policies(); policies != "" {
		w.line("\n# An alarm must not notify a topic before CloudWatch may publish to it.\ndepends_on = [%s]", policies)
	}
	w.line("}\n")
}

// policies are references to the policies of all topics of the list.
func (w *writer) policies() string {
	var parts []string
	for _, t := range w.list.Topics {
		parts = append(parts, "aws_sns_topic_policy."+w.label(t.ARN))
	}
	return strings.Join(parts, ", ")
}

// address is where a subscription is in the code, and its key there; for a secret one,
// which is a resource of its own, the key is "".
func (w *writer) address(s desired.Subscription) (name, key string) {
	_, ours := w.labels[s.TopicARN]
	label := w.label(s.TopicARN)
	plain := label == w.own("alerts")
	if in := export.InputOf(w.inputs, s); in != nil {
		name = w.own(in.Name())
		if ours && !plain {
			name += "_" + strings.TrimPrefix(label, w.own("alerts")+"_")
		}
		return name, ""
	}
	key = s.Protocol + " " + s.Endpoint
	if !plain {
		key += " " + s.TopicARN[strings.LastIndexByte(s.TopicARN, ':')+1:]
	}
	return w.own("subscriber"), key
}

func (w *writer) subscriptions() {
	mails, others := false, false
	for _, s := range w.list.Subscriptions {
		mails = mails || s.Protocol == "email"
		others = others || !s.IsSecret()
	}
	if mails {
		w.line("# An address is pending until the person confirms by the link in the mail, or with the\n# command below. An unauthenticated click on \"unsubscribe\" ends a subscription that was\n# confirmed by the link, and the next plan subscribes again.")
	}
	if others {
		w.resource("resource", "aws_sns_topic_subscription", w.own("subscriber"))
		w.line("for_each = {")
		for _, s := range w.list.Subscriptions {
			if _, key := w.address(s); key != "" {
				w.line("%s = {\ntopic = %s\nprotocol = %s\nendpoint = %s\n}", quote(key), w.arn(s.TopicARN), quote(s.Protocol), quote(s.Endpoint))
			}
		}
		w.line("}\n\ntopic_arn = each.value.topic\nprotocol = each.value.protocol\nendpoint = each.value.endpoint\n}\n")
	}
	for _, s := range w.list.Subscriptions {
		if name, key := w.address(s); key == "" {
			w.resource("resource", "aws_sns_topic_subscription", name)
			w.line("topic_arn = %s\nprotocol = %s\nendpoint = var.%s\n}\n", w.arn(s.TopicARN), quote(s.Protocol), export.InputOf(w.inputs, s).Name())
		}
	}
	if mails {
		w.confirm()
	}
}

// confirm writes the command that confirms a subscription so that it takes credentials
// to end it.
func (w *writer) confirm() {
	for _, s := range w.list.Subscriptions {
		if s.Protocol == "email" {
			w.line("output %s {\ndescription = \"Confirms a subscription so that only someone with credentials can end it; TOKEN is in the link of the mail.\"", quote(w.own("confirm_command")))
			w.line("value = join(\" \", [\"aws sns confirm-subscription --authenticate-on-unsubscribe true --region\", %s, \"--token TOKEN --topic-arn\", %s])\n}\n", quote(w.list.Home.Region), w.arn(s.TopicARN))
			return
		}
	}
}

// variables asks for what may not be in the files.
func (w *writer) variables() string {
	w.line("#\n# Secrets: give them as TF_VAR_subscriber_1 and so on, not in a file of this directory.\n")
	for _, in := range w.inputs {
		w.line("variable %s {\ndescription = %s\ntype = string\nsensitive = true\n}\n", quote(in.Name()), quote(in.About))
	}
	return w.take()
}

const importsHead = "# Delete this file after the first apply.\n#\n# It takes over what monitorctl created. The plan changes the tag " + desired.ManagedTag + " of objects,\n" +
	"# which says who keeps them, and of an imported subscription two settings that are not\n# read back: neither changes what anybody gets.\n\n"

// exists reports whether an object is there and not Terraform's yet.
func exists(s desired.State) bool { return s == desired.Ours || s == desired.Changed }

// imports takes over what exists.
func (w *writer) imports() string {
	block := func(to, id string) { w.line("import {\nto = %s\nid = %s\n}\n", to, quote(id)) }
	for _, t := range w.list.Topics {
		if exists(t.State) {
			block("aws_sns_topic."+w.label(t.ARN), t.ARN)
			block("aws_sns_topic_policy."+w.label(t.ARN), t.ARN)
		}
	}
	for _, s := range w.list.Subscriptions {
		name, key := w.address(s)
		if s.ARN == "" || !exists(s.State) {
			continue
		}
		if key != "" {
			name += "[" + quote(key) + "]"
		}
		block("aws_sns_topic_subscription."+name, s.ARN)
	}
	for _, f := range w.list.Filters {
		if exists(f.State) {
			block("aws_cloudwatch_log_metric_filter.control["+quote(f.Key)+"]", f.Filter.LogGroup+":"+f.Filter.Name)
		}
	}
	for _, a := range w.list.Alarms {
		if exists(a.State) {
			block("aws_cloudwatch_metric_alarm.control["+quote(a.Key)+"]", a.Alarm.Name)
		}
	}
	w.trailImports(block)
	w.ruleImports(block)
	return w.take()
}

// Package shell writes the missing objects of a list as a script for POSIX shells and the
// AWS CLI, version 1 or 2, without any other tool.
//
// What is known about the CLI and shells, and why the script looks as it does:
//
//   - Values are given as JSON (--cli-input-json). As the value of an option, a text that
//     begins with file:// would be replaced by the contents of that file.
//   - Answers are JSON. As text, the CLI would apply a query to each page by itself.
//   - An answer is assigned before it is looked at: inside a test the status of the
//     command would be lost, and a failed call would read as "not there".
//   - All looks come before all writes.
package shell

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export"
)

// Name is the name of the script.
const Name = "monitorctl-apply.sh"

// A ChangeError names an object that would be replaced, which the script does not do.
type ChangeError struct{ Object string }

func (e *ChangeError) Error() string {
	return e.Object + " would be replaced, and the script only adds what is missing"
}

// Usage returns true: another command does it.
func (*ChangeError) Usage() bool { return true }

// Hint says which.
func (*ChangeError) Hint() string { return "replace it with 'monitorctl apply', then export again" }

// Files returns the script. The error is an *export.UnsafeError or a *ChangeError.
func Files(l desired.List) ([]export.File, error) {
	l = l.KeptBy(desired.Monitorctl)
	if err := check(l); err != nil {
		return nil, err
	}
	w := &writer{list: l, inputs: export.Inputs(l)}
	w.head()
	w.line("# Looks: nothing is written before all of them are done.\n")
	w.identity()
	w.lookTopics()
	w.lookSubscriptions()
	w.lookFilters()
	w.lookAlarms()
	w.line("\n# Writes.\n")
	w.writeTopics()
	w.writeSubscriptions()
	w.writeFilters()
	w.writeAlarms()
	w.line("printf '%%s\\n' \"done: $written written, $there there already\"")
	return []export.File{{Name: Name, Data: w.b.Bytes()}}, nil
}

func check(l desired.List) error {
	for _, t := range l.Topics {
		if t.State == desired.Changed {
			return &ChangeError{"topic " + t.Name}
		}
	}
	for _, f := range l.Filters {
		if f.State == desired.Changed {
			return &ChangeError{"metric filter " + f.Filter.Name}
		}
	}
	for _, a := range l.Alarms {
		if a.State == desired.Changed {
			return &ChangeError{"alarm " + a.Alarm.Name}
		}
	}
	return export.Check(l, func(string) string { return "" })
}

// A writer writes one script.
type writer struct {
	list   desired.List
	inputs []desired.Subscription
	b      bytes.Buffer
}

func (w *writer) line(format string, args ...any) { fmt.Fprintf(&w.b, format+"\n", args...) }

// quote is a text as one word of a shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// input is a value as the argument of --cli-input-json: JSON in ASCII, as a word.
func input(v any) string { return quote(ascii(v)) }

// ascii is a value as JSON that has no character beyond ASCII.
func ascii(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // plain data: it cannot fail
	var out strings.Builder
	for _, r := range strings.TrimSuffix(b.String(), "\n") {
		switch {
		case r > 0xffff:
			const base, bits, mask = 0x10000, 10, 0x3ff
			r -= base
			fmt.Fprintf(&out, `\u%04x\u%04x`, 0xd800+(r>>bits), 0xdc00+(r&mask))
		case r > '~':
			fmt.Fprintf(&out, `\u%04x`, r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// literal is a value in a query: JSON between backticks, in which a backtick is escaped.
func literal(v any) string { return "`" + strings.ReplaceAll(ascii(v), "`", `\u0060`) + "`" }

func (w *writer) head() {
	h := w.list.Home
	w.line("#!/bin/sh")
	w.line("# %s", export.Mark)
	w.line("# Adds CloudTrail alarms to account %s in %s, by the AWS CLI. What is there is\n# skipped; what others made under the same names ends the script before the first write.", h.Account, h.Region)
	for i, s := range w.inputs {
		w.line("# SUBSCRIBER_%d must hold the endpoint of the subscriber by %s: %s", i+1, s.Protocol, export.Comment(export.Masked(s)))
	}
	w.line("# shellcheck disable=SC2016")
	w.line(`set -eu
export LC_ALL=C AWS_PAGER='' AWS_CLI_AUTO_PROMPT=off
written=0
there=0

# call runs the AWS CLI in the region of the objects.
call() { aws --region %s --output json "$@"; }

# refuse ends the script before the first write.
refuse() {
  printf '%%s\n' "$1; nothing was written" >&2
  exit 1
}

# cut ends the script when an answer is not one that was asked for.
cut() { refuse "unexpected answer: $1"; }
`, quote(h.Region))
	for i := range w.inputs {
		w.line(`: "${SUBSCRIBER_%[1]d:?is not set}"
case $SUBSCRIBER_%[1]d in
*[!A-Za-z0-9:/?#@+._~%%=\&,\;-]*) refuse "SUBSCRIBER_%[1]d holds a character that no endpoint has" ;;
esac
`, i+1)
	}
}

// identity refuses another account.
func (w *writer) identity() {
	w.line(`answer=$(call sts get-caller-identity --query Account)`)
	w.line(`[ "$answer" = %s ] || refuse "the credentials are those of account $answer, not of %s"`, quote(ascii(w.list.Home.Account)), w.list.Home.Account)
}

// shown is a name in a message of the script, in single quotes.
func shown(format string, args ...any) string { return quote(fmt.Sprintf(format, args...)) }

// isOurs is a query that counts the tag of objects of ours.
func isOurs(list string) string {
	return fmt.Sprintf("length((%s || `[]`)[?Key==%s && Value==%s])", list, literal(desired.ManagedTag), literal(string(desired.Monitorctl)))
}

func (w *writer) lookTopics() {
	for i, t := range w.list.Topics {
		arn := map[string]any{"TopicArn": t.ARN}
		w.line("\n# %s", export.Comment("Topic "+t.Name))
		w.line("topic%d=$(call sns list-topics --query %s)", i, quote(same("Topics", condition{"TopicArn", t.ARN})))
		w.line("policy%d=1", i)
		w.line("case $topic%d in\n0) ;;\n1)", i)
		w.line("  answer=$(call sns list-tags-for-resource --cli-input-json %s --query %s)", input(map[string]any{"ResourceArn": t.ARN}), quote(isOurs("Tags")))
		w.line("  [ \"$answer\" = 1 ] || refuse %s", shown("topic %s exists and was not created by monitorctl", t.Name))
		key := "!(Attributes.KmsMasterKeyId)"
		if t.KeyID != "" {
			key = "Attributes.KmsMasterKeyId==" + literal(t.KeyID)
		}
		w.line("  answer=$(call sns get-topic-attributes --cli-input-json %s --query %s)", input(arn), quote(fmt.Sprintf("to_string(%s)", key)))
		w.line("  [ \"$answer\" = '\"true\"' ] || refuse %s", shown("topic %s exists with another key", t.Name))
		w.line("  answer=$(call sns get-topic-attributes --cli-input-json %s --query %s)", input(arn),
			quote(fmt.Sprintf("contains(Attributes.Policy || %s, %s)", literal("__default_policy_ID"), literal("__default_policy_ID"))))
		w.line("  [ \"$answer\" = true ] || policy%d=0", i)
		w.line("  ;;\n*) cut \"$topic%d\" ;;\nesac", i)
	}
}

func (w *writer) writeTopics() {
	for i, t := range w.list.Topics {
		create := map[string]any{"Name": t.Name, "Tags": tags(t.Tags)}
		if t.KeyID != "" {
			create["Attributes"] = map[string]string{"KmsMasterKeyId": t.KeyID}
		}
		w.line("if [ \"$topic%d\" = 0 ]; then\n  call sns create-topic --cli-input-json %s >/dev/null", i, input(create))
		w.line("  written=$((written + 1))\nelse\n  there=$((there + 1))\nfi")
		w.line("# A topic that was created and not finished has the policy of SNS.\nif [ \"$policy%d\" = 1 ]; then\n  call sns set-topic-attributes --cli-input-json %s\nfi\n", i,
			input(map[string]any{"TopicArn": t.ARN, "AttributeName": "Policy", "AttributeValue": t.Policy}))
	}
}

func tags(m map[string]string) []map[string]string {
	out := []map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		out = append(out, map[string]string{"Key": key, "Value": m[key]})
	}
	return out
}

// made reports whether the script creates a topic that is not there.
func (w *writer) made(arn string) int {
	return slices.IndexFunc(w.list.Topics, func(t desired.Topic) bool { return t.ARN == arn })
}

// wanted are the subscriptions that the script looks after.
func (w *writer) wanted() []desired.Subscription {
	return slices.DeleteFunc(slices.Clone(w.list.Subscriptions), func(s desired.Subscription) bool { return s.State == desired.Kept })
}

func (w *writer) lookSubscriptions() {
	for i, s := range w.wanted() {
		arn := input(map[string]any{"TopicArn": s.TopicARN})
		n := export.Input(w.inputs, s)
		look := fmt.Sprintf("answer=$(call sns list-subscriptions-by-topic --cli-input-json %s --query %s)", arn, quote(fmt.Sprintf("(Subscriptions || `[]`)[?Protocol==%s].Endpoint", literal(s.Protocol))))
		compare := fmt.Sprintf("case $answer in *%s*) subscribed%d=1 ;; esac", quote(ascii(s.Endpoint)), i)
		if n > 0 {
			compare = fmt.Sprintf("case $answer in *\"\\\"$SUBSCRIBER_%d\\\"\"*) subscribed%d=1 ;; esac", n, i)
		}
		w.line("\nsubscribed%d=0", i)
		if k := w.made(s.TopicARN); k >= 0 {
			w.line("if [ \"$topic%d\" = 1 ]; then\n  %s\n  %s\nfi", k, look, compare)
		} else {
			w.line("%s\n%s", look, compare)
		}
	}
}

func (w *writer) writeSubscriptions() {
	if len(w.inputs) > 0 {
		w.line("secret=$(mktemp)\ntrap 'rm -f \"$secret\"' EXIT\ntrap 'exit 130' HUP INT TERM")
	}
	for i, s := range w.wanted() {
		subscribe := map[string]any{"TopicArn": s.TopicARN, "Protocol": s.Protocol, "ReturnSubscriptionArn": true}
		w.line("if [ \"$subscribed%d\" = 0 ]; then", i)
		if n := export.Input(w.inputs, s); n > 0 {
			// By a file: what stands on a command line, others can read.
			const mark = "@endpoint@"
			subscribe["Endpoint"] = mark
			before, after, _ := strings.Cut(ascii(subscribe), mark)
			w.line("  printf '%%s%%s%%s' %s \"$SUBSCRIBER_%d\" %s >\"$secret\"\n  call sns subscribe --cli-input-json \"file://$secret\" >/dev/null", quote(before), n, quote(after))
		} else {
			subscribe["Endpoint"] = s.Endpoint
			w.line("  call sns subscribe --cli-input-json %s >/dev/null", input(subscribe))
		}
		w.line("  written=$((written + 1))\nelse\n  there=$((there + 1))\nfi")
	}
}

// Settings of alarms and filters that a query compares.
type condition struct {
	field string
	value any // nil: the field is empty or missing
}

// same is the query that filters a list for the objects with some settings.
func same(list string, conditions ...condition) string {
	var parts []string
	for _, c := range conditions {
		switch c.value {
		case nil:
			parts = append(parts, "!("+c.field+")") // without the parentheses, ! would be of the first name alone
		default:
			parts = append(parts, c.field+"=="+literal(c.value))
		}
	}
	return "length((" + list + " || `[]`)[?" + strings.Join(parts, " && ") + "])"
}

// inWords is a query for one word: new, same or other.
func inWords(all, alike string) string {
	return fmt.Sprintf("((%[1]s==`0`) && `\"new\"`) || ((%[1]s==%[2]s) && `\"same\"`) || `\"other\"`", all, alike)
}

func number(n *float64) any {
	if n == nil {
		return nil
	}
	return *n
}

func optional(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// chunkSize bounds the queries of one call in bytes: an argument holds 128 KiB on Linux.
const chunkSize = 60_000

// chunks splits queries so that each chunk fits a call.
func chunks(queries []string) [][]int {
	var out [][]int
	size := chunkSize
	for i, q := range queries {
		if size+len(q) > chunkSize {
			out, size = append(out, nil), 0
		}
		out[len(out)-1] = append(out[len(out)-1], i)
		size += len(q)
	}
	return out
}

// words writes a call whose answer is one word for each query, and reads them into
// variables name0, name1 and so on.
func (w *writer) words(name, call string, queries []string, chunk []int) {
	var parts, names []string
	for _, i := range chunk {
		parts, names = append(parts, "    "+queries[i]), append(names, fmt.Sprintf("%s%d", name, i))
	}
	w.line("answer=$(call %s --query %s)", call, quote("join(`\" \"`, [\n"+strings.Join(parts, ",\n")+"\n  ])"))
	w.line("answer=${answer#\\\"}\nanswer=${answer%%\\\"}\nIFS=' ' read -r %s <<EOF\n$answer\nEOF", strings.Join(names, " "))
}

// alarmsIn are the alarms that the script looks after.
func (w *writer) alarmsIn() []desired.Alarm {
	return slices.DeleteFunc(slices.Clone(w.list.Alarms), func(a desired.Alarm) bool { return a.State == desired.Kept })
}

func (w *writer) filtersIn() []desired.Filter {
	return slices.DeleteFunc(slices.Clone(w.list.Filters), func(f desired.Filter) bool { return f.State == desired.Kept })
}

// notified lists actions, nil for none.
func notified(list []string) any {
	if len(list) == 0 {
		return nil
	}
	return list
}

// alarmInput is what PutMetricAlarm gets.
func alarmInput(x account.MetricAlarm, m map[string]string) map[string]any {
	in := map[string]any{
		"AlarmName": x.Name, "ActionsEnabled": x.ActionsEnabled, "Namespace": x.Namespace, "MetricName": x.Metric, "Statistic": x.Statistic,
		"Period": x.Period, "EvaluationPeriods": x.EvaluationPeriods, "ComparisonOperator": x.Comparison, "Tags": tags(m),
	}
	for name, value := range map[string]any{
		"AlarmDescription": optional(x.Description), "Threshold": number(x.Threshold), "TreatMissingData": optional(x.MissingData),
		"AlarmActions": notified(x.AlarmActions), "OKActions": notified(x.OKActions), "InsufficientDataActions": notified(x.NoDataActions),
	} {
		if value != nil {
			in[name] = value
		}
	}
	if x.DatapointsToAlarm > 0 {
		in["DatapointsToAlarm"] = x.DatapointsToAlarm
	}
	return in
}

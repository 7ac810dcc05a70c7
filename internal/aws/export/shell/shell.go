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
	"github.com/monitorctl/monitorctl/internal/shellword"
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
	b, inputs := &bytes.Buffer{}, export.Inputs(l)
	var regions []*writer
	from := 0
	for _, r := range l.Regions() {
		regions = append(regions, &writer{list: r, inputs: inputs, b: b, from: from})
		from += len(r.Topics) + len(r.Subscriptions) + len(r.Filters) + len(r.Alarms) + len(r.Roles) + len(r.Endpoints)
		for _, x := range r.Rules {
			from += 1 + len(x.Targets)
		}
	}
	w := regions[0]
	w.head()
	w.line("# Looks: nothing is written before all of them are done.\n")
	for i, w := range regions {
		w.line("region=%s", shellword.Quote(w.list.Home.Region))
		if i == 0 {
			w.identity()
		}
		w.look()
	}
	w.line("\n# Writes.\n")
	for _, w := range regions {
		w.line("region=%s", shellword.Quote(w.list.Home.Region))
		w.write()
	}
	w.line("printf '%%s\\n' \"done: $written written, $there there already\"")
	return []export.File{{Name: Name, Data: b.Bytes()}}, nil
}

// look looks at all that the region should have.
func (w *writer) look() {
	w.lookTrail()
	w.lookTopics()
	w.lookSubscriptions()
	w.lookFilters()
	w.lookAlarms()
	w.lookRoles()
	w.lookEndpoints()
	w.lookRules()
}

// write writes what the region lacks, each object after those that it needs.
func (w *writer) write() {
	w.writeTrail()
	w.writeTopics()
	w.writeSubscriptions()
	w.writeFilters()
	w.writeAlarms()
	w.writeRoles()
	w.writeEndpoints()
	w.writeRules()
}

// check refuses what would be replaced.
func check(l desired.List) error {
	for _, r := range l.Regions() {
		states := map[string]desired.State{}
		for _, t := range r.Topics {
			states["topic "+t.Name] = t.State
		}
		for _, f := range r.Filters {
			states["metric filter "+f.Filter.Name] = f.State
		}
		for _, a := range r.Alarms {
			states["alarm "+a.Alarm.Name] = a.State
		}
		if slices.Contains(r.Trail.States(), desired.Changed) {
			return &ChangeError{"a part of the trail"}
		}
		for _, x := range r.Roles {
			states["role "+x.Name] = x.State
		}
		for _, x := range r.Rules {
			states["rule "+x.Rule.Name] = x.State
			for _, t := range x.Targets {
				states["target "+t.Target.ID+" of rule "+x.Rule.Name] = t.State
			}
		}
		for _, object := range slices.Sorted(maps.Keys(states)) {
			if states[object] == desired.Changed && !(strings.HasPrefix(object, "role ")) { // a role of ours is finished
				return &ChangeError{object}
			}
		}
	}
	return export.Check(l, func(string) string { return "" })
}

// A writer writes what is about one region.
type writer struct {
	list   desired.List
	inputs []export.Input
	b      *bytes.Buffer
	from   int  // what the variables of the region are counted from
	bare   bool // the writes alone: nothing was looked at
}

// n is the number of the variables of the i-th object of a kind.
func (w *writer) n(i int) int { return w.from + i }

func (w *writer) line(format string, args ...any) { fmt.Fprintf(w.b, format+"\n", args...) }

// input is a value as the argument of --cli-input-json: JSON in ASCII, as a word.
func input(v any) string { return shellword.Quote(ascii(v)) }

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
	for _, in := range w.inputs {
		w.line("# %s must hold: %s", variable(in), export.Comment(in.About))
	}
	w.line("# shellcheck disable=SC2016")
	w.line(`set -eu
export LC_ALL=C AWS_PAGER='' AWS_CLI_AUTO_PROMPT=off
written=0
there=0
scratch=$(mktemp)
trap 'rm -f "$scratch"' EXIT
trap 'exit 130' HUP INT TERM

# call runs the AWS CLI in the region at hand.
call() { aws --region "$region" --output json "$@"; }

# refuse ends the script before the first write.
refuse() {
  printf '%%s\n' "$1; nothing was written" >&2
  exit 1
}

# cut ends the script when an answer is not one that was asked for.
cut() { refuse "unexpected answer: $1"; }
`)
	w.helpers()
	w.inputsGiven()
}

// inputsGiven ends the script where an input is missing or cannot be carried.
func (w *writer) inputsGiven() {
	for _, in := range w.inputs {
		w.line(`: "${%[1]s:?is not set}"
case $%[1]s in
*[[:cntrl:]]*) refuse "%[1]s holds a control character" ;;
esac
`, variable(in))
	}
}

// helpers writes the functions of the script that some objects need.
func (w *writer) helpers() {
	if len(w.inputs) > 0 {
		w.line(`# json is a text as JSON has it between quotes.
json() { printf '%%s' "$1" | sed 's/[\\"]/\\&/g'; }
`)
	}
	if len(w.list.Roles) > 0 || !w.list.Trail.IsEmpty() {
		w.line(`# absent tells whether an error of the CLI means that an object does not exist.
absent() {
  case $(cat "$scratch") in
  *NoSuchEntity* | *NoSuchBucketPolicy* | *'(404)'*) ;;
  *)
    cat "$scratch" >&2
    refuse "$1 cannot be read"
    ;;
  esac
}
`)
	}
}

// variable is the environment variable of an input.
func variable(in export.Input) string { return strings.ToUpper(in.Name()) }

// identity refuses another account.
func (w *writer) identity() {
	w.line("answer=$(%s sts get-caller-identity --query Account)", w.aws())
	w.line(`[ "$answer" = %s ] || refuse "the credentials are for account $answer, not %s"`, shellword.Quote(ascii(w.list.Home.Account)), w.list.Home.Account)
}

// shown is a name in a message of the script, in single quotes.
func shown(format string, args ...any) string { return shellword.Quote(fmt.Sprintf(format, args...)) }

// isOurs is a query that counts the tag of objects of ours.
func isOurs(list string) string {
	return fmt.Sprintf("length((%s || `[]`)[?Key==%s && Value==%s])", list, literal(desired.ManagedTag), literal(string(desired.Monitorctl)))
}

func (w *writer) lookTopics() {
	for i, t := range w.list.Topics {
		i := w.n(i)
		arn := map[string]any{"TopicArn": t.ARN}
		w.line("\n# %s", export.Comment("Topic "+t.Name))
		w.line("topic%d=$(call sns list-topics --query %s)", i, shellword.Quote(same("Topics", condition{"TopicArn", t.ARN})))
		w.line("policy%d=1", i)
		w.line("case $topic%d in\n0) ;;\n1)", i)
		w.line("  answer=$(call sns list-tags-for-resource --cli-input-json %s --query %s)", input(map[string]any{"ResourceArn": t.ARN}), shellword.Quote(isOurs("Tags")))
		w.line("  [ \"$answer\" = 1 ] || refuse %s", shown("topic %s exists and was not created by monitorctl", t.Name))
		key := "!(Attributes.KmsMasterKeyId)"
		if t.KeyID != "" {
			key = "Attributes.KmsMasterKeyId==" + literal(t.KeyID)
		}
		w.line("  answer=$(call sns get-topic-attributes --cli-input-json %s --query %s)", input(arn), shellword.Quote(fmt.Sprintf("to_string(%s)", key)))
		w.line("  [ \"$answer\" = '\"true\"' ] || refuse %s", shown("topic %s exists with another key", t.Name))
		w.line("  answer=$(call sns get-topic-attributes --cli-input-json %s --query %s)", input(arn),
			shellword.Quote(fmt.Sprintf("contains(Attributes.Policy || %s, %s)", literal("__default_policy_ID"), literal("__default_policy_ID"))))
		w.line("  [ \"$answer\" = true ] || policy%d=0", i)
		w.line("  ;;\n*) cut \"$topic%d\" ;;\nesac", i)
	}
}

func (w *writer) writeTopics() {
	for i, t := range w.list.Topics {
		i := w.n(i)
		create := map[string]any{"Name": t.Name, "Tags": tags(t.Tags)}
		if t.KeyID != "" {
			create["Attributes"] = map[string]string{"KmsMasterKeyId": t.KeyID}
		}
		w.missing(fmt.Sprintf(`"$topic%d" = 0`, i), w.quiet(w.aws()+" sns create-topic --cli-input-json "+input(create)))
		w.about("A topic that was created and not finished has the policy of SNS.")
		w.when(fmt.Sprintf(`"$policy%d" = 1`, i), w.aws()+" sns set-topic-attributes --cli-input-json "+input(map[string]any{"TopicArn": t.ARN, "AttributeName": "Policy", "AttributeValue": t.Policy}))
		w.gap()
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
		i := w.n(i)
		arn := input(map[string]any{"TopicArn": s.TopicARN})
		look := fmt.Sprintf("answer=$(call sns list-subscriptions-by-topic --cli-input-json %s --query %s)", arn, shellword.Quote(fmt.Sprintf("(Subscriptions || `[]`)[?Protocol==%s].Endpoint", literal(s.Protocol))))
		compare := fmt.Sprintf("case $answer in *%s*) subscribed%d=1 ;; esac", shellword.Quote(ascii(s.Endpoint)), i)
		if in := export.InputOf(w.inputs, s); in != nil {
			compare = fmt.Sprintf("case $answer in *\"\\\"$(json \"$%s\")\\\"\"*) subscribed%d=1 ;; esac", variable(*in), i)
		}
		w.line("\nsubscribed%d=0", i)
		if k := w.made(s.TopicARN); k >= 0 {
			w.line("if [ \"$topic%d\" = 1 ]; then\n  %s\n  %s\nfi", w.n(k), look, compare)
		} else {
			w.line("%s\n%s", look, compare)
		}
	}
}

func (w *writer) writeSubscriptions() {
	for i, s := range w.wanted() {
		subscribe := map[string]any{"TopicArn": s.TopicARN, "Protocol": s.Protocol, "ReturnSubscriptionArn": true, "Endpoint": s.Endpoint}
		var put []insert
		if in := export.InputOf(w.inputs, s); in != nil {
			subscribe["Endpoint"] = secretMark("")
			put = append(put, secret("", in))
		}
		lines := w.calling("sns subscribe", subscribe, put...)
		lines[len(lines)-1] = w.quiet(lines[len(lines)-1])
		w.missing(fmt.Sprintf(`"$subscribed%d" = 0`, w.n(i)), lines...)
	}
}

// An insert is what the script puts into the JSON of a call in place of a mark.
type insert struct {
	mark   string // as it is in the JSON
	word   string // of the shell
	secret bool   // it must not be on a command line, which others can read
}

func secretMark(part string) string { return "@secret " + part + "@" }

// secret inserts what an input holds.
func secret(part string, in *export.Input) insert {
	return insert{secretMark(part), fmt.Sprintf("\"$(json \"$%s\")\"", variable(*in)), true}
}

// calling is a call of the CLI whose JSON has inserts, as lines; the last one is the call.
func (w *writer) calling(call string, in any, put ...insert) []string {
	word, hidden := shellword.Quote(ascii(in)), false
	for _, p := range put {
		before, after, _ := strings.Cut(word, p.mark)
		word = before + "'" + p.word + "'" + after
		hidden = hidden || p.secret
	}
	if !hidden {
		return []string{w.aws() + " " + call + " --cli-input-json " + word}
	}
	return []string{"printf '%s' " + word + " >\"$scratch\"", w.aws() + " " + call + " --cli-input-json \"file://$scratch\""}
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
		parts, names = append(parts, "    "+queries[i]), append(names, fmt.Sprintf("%s%d", name, w.n(i)))
	}
	w.line("answer=$(call %s --query %s)", call, shellword.Quote("join(`\" \"`, [\n"+strings.Join(parts, ",\n")+"\n  ])"))
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
	var dimensions []map[string]string
	for _, name := range slices.Sorted(maps.Keys(x.Dimensions)) {
		dimensions = append(dimensions, map[string]string{"Name": name, "Value": x.Dimensions[name]})
	}
	if dimensions != nil {
		in["Dimensions"] = dimensions
	}
	if x.DatapointsToAlarm > 0 {
		in["DatapointsToAlarm"] = x.DatapointsToAlarm
	}
	return in
}

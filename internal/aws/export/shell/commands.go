package shell

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export"
	"github.com/monitorctl/monitorctl/internal/shellword"
)

// Commands returns the writes of a list alone, to be pasted into a terminal: what the script
// of Files writes in an account in which nothing of the list is there, without its looks and
// without a comment, which an interactive zsh would run. They end in another account. What is
// there already is left out. A trail is refused, which takes loops that wait. Another error is an
// *export.UnsafeError or a *ChangeError.
func Commands(l desired.List) (string, error) {
	if !l.Trail.IsEmpty() {
		return "", errTrail
	}
	l = l.KeptBy(desired.Monitorctl)
	if err := check(l); err != nil {
		return "", err
	}
	b, inputs := &bytes.Buffer{}, export.Inputs(l)
	first := &writer{list: l, inputs: inputs, b: b, bare: true}
	first.bareHead()
	from := 0
	for _, r := range l.Regions() {
		w := &writer{list: onlyNew(r), inputs: inputs, b: b, from: from, bare: true}
		w.write()
		from += len(r.Endpoints)
	}
	first.line(")")
	return b.String(), nil
}

var errTrail = errors.New("a trail is not made by commands alone: 'monitorctl apply' and the script wait until AWS takes it")

// onlyNew returns the list of what is not there.
func onlyNew(l desired.List) desired.List {
	l.Topics = slices.DeleteFunc(slices.Clone(l.Topics), func(x desired.Topic) bool { return x.State != desired.New })
	l.Subscriptions = slices.DeleteFunc(slices.Clone(l.Subscriptions), func(x desired.Subscription) bool { return x.State != desired.New })
	l.Filters = slices.DeleteFunc(slices.Clone(l.Filters), func(x desired.Filter) bool { return x.State != desired.New })
	l.Alarms = slices.DeleteFunc(slices.Clone(l.Alarms), func(x desired.Alarm) bool { return x.State != desired.New })
	l.Roles = slices.DeleteFunc(slices.Clone(l.Roles), func(x desired.Role) bool { return x.State != desired.New })
	l.Endpoints = slices.DeleteFunc(slices.Clone(l.Endpoints), func(x desired.Endpoint) bool { return x.State != desired.New })
	l.Rules = slices.DeleteFunc(slices.Clone(l.Rules), func(x desired.Rule) bool { return x.State != desired.New })
	return l
}

// bareHead begins a subshell, which ends at the first error and leaves nothing behind in the
// shell that it is pasted into.
func (w *writer) bareHead() {
	w.line("(\nset -eu\nexport LC_ALL=C AWS_PAGER='' AWS_CLI_AUTO_PROMPT=off")
	w.line(`refuse() { printf '%%s\n' "$1; nothing was written" >&2; exit 1; }`)
	if len(w.inputs) > 0 {
		w.line("scratch=$(mktemp)\ntrap 'rm -f \"$scratch\"' EXIT\njson() { printf '%%s' \"$1\" | sed 's/[\\\\\"]/\\\\&/g'; }")
		w.inputsGiven()
	}
	w.identity()
}

// aws is the beginning of a call of the CLI in the region at hand.
func (w *writer) aws() string {
	if w.bare {
		return "aws --region " + shellword.Quote(w.list.Home.Region) + " --output json"
	}
	return "call"
}

// quiet is a call whose answer does not matter.
func (w *writer) quiet(call string) string { return call + " >/dev/null" }

// about writes a comment, which a script has.
func (w *writer) about(text string) {
	if !w.bare {
		w.line("# %s", text)
	}
}

// gap writes an empty line, which a script has between objects.
func (w *writer) gap() {
	if !w.bare {
		w.line("")
	}
}

// when writes lines that run where a test holds.
func (w *writer) when(test string, lines ...string) { w.lines(test, "fi", lines) }

// missing writes lines that make an object, where a test says that it is not there, and counts it.
func (w *writer) missing(test string, lines ...string) {
	const counted = "  written=$((written + 1))\nelse\n  there=$((there + 1))\nfi"
	w.lines(test, counted, lines)
}

func (w *writer) lines(test, end string, lines []string) {
	if w.bare {
		w.line("%s", strings.Join(lines, "\n"))
		return
	}
	w.line("if [ %s ]; then", test)
	for _, line := range lines {
		w.line("  %s", line)
	}
	w.line("%s", end)
}

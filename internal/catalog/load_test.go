package catalog_test

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/yamlfile"
	"github.com/monitorctl/monitorctl/patterns"
)

// own is a control as a user may write one; line numbers in the tests are its.
const own = `id: own-changes
title: Own changes
why: Because we say so.
severity: medium
sets: [core]
type: events
scope: regional
sources: [kms.amazonaws.com, s3.amazonaws.com]
readOnly: false
names:
  filter: OwnFilter
  metric: OwnMetric
  description: Triggered by our own.
benchmarks:
  1.2.0..2.0.0: {number: "9.1", level: 1, title: Older}
  3.0.0:
    number: "9.10"
    level: 2
    title: Newer
patterns:
  - id: one
    versions: 3.0.0
    writes: always
    note: A note.
    text: '{ $.eventName = PutKeyPolicy }'
events:
  - {name: PutKeyPolicy, kind: modify, risk: high, required: 1.2.0..3.0.0, why: A reason.}
  - name: PutBucketAcl
    source: s3.amazonaws.com
    kind: modify
    risk: low
adjacent:
  - {name: CreateGrant, kind: create, risk: high}
`

func syntaxError(text string) string {
	_, err := pattern.Parse(text)
	return err.Error()
}

func files(texts ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i, text := range texts {
		m[string(rune('a'+i))+".yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func TestLoadOwn(t *testing.T) {
	c, err := catalog.Load(files(own))
	if err != nil {
		t.Fatal(err)
	}
	older := catalog.Number{Number: "9.1", Level: 1, Title: "Older"}
	want := []catalog.Control{{
		ID: "own-changes", Title: "Own changes", Why: "Because we say so.", Severity: catalog.Medium, Sets: []string{"core"},
		Type: catalog.Events, Scope: catalog.Regional, Sources: []string{"kms.amazonaws.com", "s3.amazonaws.com"},
		ReadOnly: "false",
		Numbers: map[catalog.Benchmark]catalog.Number{
			"cis-1.2.0": older, "cis-1.3.0": older, "cis-1.4.0": older, "cis-1.5.0": older, "cis-2.0.0": older,
			"cis-3.0.0": {Number: "9.10", Level: 2, Title: "Newer"},
		},
		Patterns: []catalog.Text{{ID: "one", Text: "{ $.eventName = PutKeyPolicy }", Versions: []catalog.Benchmark{"cis-3.0.0"}, Writes: []catalog.Benchmark{""}, Note: "A note."}},
		Events: []catalog.Event{
			{Source: "kms.amazonaws.com", Name: "PutKeyPolicy", Kind: "modify", Risk: "high", Why: "A reason.", Core: true,
				Versions: []catalog.Benchmark{"cis-1.2.0", "cis-1.3.0", "cis-1.4.0", "cis-1.5.0", "cis-2.0.0", "cis-3.0.0"}},
			{Source: "s3.amazonaws.com", Name: "PutBucketAcl", Kind: "modify", Risk: "low", Core: true},
			{Source: "kms.amazonaws.com", Name: "CreateGrant", Kind: "create", Risk: "high"},
		},
		Names: catalog.Names{Filter: "OwnFilter", Metric: "OwnMetric", Alarm: "OwnFilterAlarm", Description: "Triggered by our own."},
	}}
	if diff := cmp.Diff(want, c.Controls); diff != "" {
		t.Errorf("controls (-want +got):\n%s", diff)
	}
}

func TestLoadErrors(t *testing.T) {
	tests := []struct {
		name     string
		old, new string // what is replaced in own
		want     string
		hint     string
	}{
		{"unknown key", "title: Own", "titel: Own", `a.yaml:2:1: unknown key "titel" of the control`, "did you mean title?"},
		{"unknown key of a pattern", "    note:", "    notes:", `a.yaml:24:5: unknown key "notes" of a pattern`, "did you mean note?"},
		{"unknown key of an event", "kind: modify, risk: high, required", "kind: modify, risk: high, requires", `a.yaml:27:52: unknown key "requires" of an event`, "did you mean required?"},
		{"adjacent and required", "kind: create, risk: high}", "kind: create, risk: high, required: always}", `a.yaml:33:51: unknown key "required" of an event`, "known are name, source, kind, risk, why"},
		{"missing key", "title: Own changes\n", "", `a.yaml:1:1: the control lacks "title"`, ""},
		{"empty value", "title: Own changes", "title:", `a.yaml:2:7: the control lacks "title"`, ""},
		{"blank value", "title: Own changes", "title: ' '", `a.yaml:2:8: title is empty`, ""},
		{"missing key of an event", "kind: create, ", "", `a.yaml:33:5: an event lacks "kind"`, ""},
		{"key given twice", "title: Own changes", "id: again", `a.yaml:2:1: mapping key "id" already defined at [1:1]`, ""},
		{"severity", "severity: medium", "severity: hgih", `a.yaml:4:11: unknown severity "hgih"`, "did you mean high?"},
		{"set", "[core]", "[core, ciss]", `a.yaml:5:14: unknown sets "ciss"`, "did you mean cis?"},
		{"set twice", "[core]", "[core, core]", `a.yaml:5:14: sets lists "core" twice`, ""},
		{"sets no list", "[core]", "core", `a.yaml:5:7: sets must be a list`, ""},
		{"type", "type: events", "type: event", `a.yaml:6:7: unknown type "event"`, "did you mean events?"},
		{"scope", "regional", "region", `a.yaml:7:8: unknown scope "region"`, "did you mean regional?"},
		{"source form", "kms.amazonaws.com,", "kms,", `a.yaml:8:11: "kms" is not an event source such as ec2.amazonaws.com`, ""},
		{"source of an event", "source: s3.", "source: s4.", `a.yaml:29:13: unknown source "s4.amazonaws.com"`, "did you mean s3.amazonaws.com?"},
		{"readOnly", "readOnly: false", "readOnly: no", `a.yaml:9:11: readOnly must be true or false`, ""},
		{"read", "readOnly: false", "readOnly: false\nread: true", `a.yaml:10:7: read must be text`, "write it in quotes"},
		{"name of a read", "readOnly: false", "readOnly: false\nread: Get Key", `a.yaml:10:7: "Get Key" is not the name of an event`, ""},
		{"read that is an event", "readOnly: false", "readOnly: false\nread: CreateGrant", `a.yaml:10:7: CreateGrant is one of the events of the control`, ""},
		{"id", "id: own-changes", "id: Own_Changes", `a.yaml:1:5: id "Own_Changes" is not lower-case words joined by hyphens`, ""},
		{"text", "title: Own changes", "title: 4.10", `a.yaml:2:8: title must be text`, "write it in quotes"},
		{"text is a list", "title: Own changes", "title: [a]", `a.yaml:2:8: title must be text`, ""},
		{"control character", "title: Own changes", `title: "Own\u001b changes"`, `a.yaml:2:8: title must be one line of printable characters`, ""},
		{"line break at the end", "title: Own changes", "title: |\n  Own changes", `a.yaml:2:8: title ends with a line break`, "write |- or >- for a text without one"},
		{"alias", "title: Own changes", "title: &a Own", `a.yaml:2:8: title must be text: anchors, aliases and tags have no place here`, ""},
		{"filter name", "OwnFilter", "Own:Filter", `a.yaml:11:11: filter "Own:Filter" contains one of : *`, ""},
		{"metric name", "OwnMetric", "Own$", `a.yaml:12:11: metric "Own$" contains one of : * $`, ""},
		{"metric too long", "OwnMetric", strings.Repeat("m", 256), `a.yaml:12:11: metric has more than 255 characters`, ""},
		{"alarm too long", "OwnFilter", strings.Repeat("f", 251), `a.yaml:11:11: the name of the alarm, ` + strings.Repeat("f", 251) + `Alarm, has more than 255 characters`, ""},
		{"names no mapping", "names:\n  filter: OwnFilter\n  metric: OwnMetric\n  description: Triggered by our own.", "names: OwnFilter", `a.yaml:10:8: names must be a mapping of keys and values`, ""},
		{"benchmark", "1.2.0..2.0.0:", "1.2..2.0.0:", `a.yaml:15:3: unknown benchmark version "1.2"`, "did you mean cis-1.2.0?"},
		{"benchmark twice", "  3.0.0:\n", "  2.0.0:\n", `a.yaml:16:3: benchmark 2.0.0 is given twice`, ""},
		{"versions backwards", "1.2.0..2.0.0:", "2.0.0..1.2.0:", `a.yaml:15:3: the versions 2.0.0..1.2.0 run backwards`, ""},
		{"number without quotes", `number: "9.10"`, "number: 9.10", `a.yaml:17:13: number must be text`, "write it in quotes"},
		{"number", `"9.10"`, `"9.10.1"`, `a.yaml:17:13: number "9.10.1" is not of the form 4.10`, ""},
		{"level", "level: 2", "level: 3", `a.yaml:18:12: level must be 1 or 2`, ""},
		{"version of a pattern", "versions: 3.0.0", "versions: 5.0.0", `a.yaml:22:15: versions names 5.0.0, and the control has no number in that benchmark`, ""},
		{"version of an event", "1.2.0..3.0.0,", "1.2.0..4.0.1,", `a.yaml:27:62: required names 4.0.1, and the control has no number in that benchmark`, ""},
		{"version twice", "versions: 3.0.0", "versions: [2.0.0..3.0.0, 3.0.0]", `a.yaml:22:30: versions names 3.0.0 twice`, ""},
		{"always beside versions", "writes: always", "writes: [always, 3.0.0]", `a.yaml:23:13: writes names versions beside "always"`, ""},
		{"a text of every version", "versions: 3.0.0", "versions: always", `a.yaml:22:15: versions cannot be "always"`, "leave the key out for a text that no version prints"},
		{"nothing to write", "writes: always", "writes: 3.0.0", `a.yaml:21:3: no pattern is written for benchmark 1.2.0`, `add "writes: always" to one of them`},
		{"no pattern", "patterns:\n  - id: one\n    versions: 3.0.0\n    writes: always\n    note: A note.\n    text: '{ $.eventName = PutKeyPolicy }'\n", "", `a.yaml:1:1: the control lacks "patterns"`, ""},
		{"pattern twice", "events:\n", "  - {id: one, text: '{ $.a = b }'}\nevents:\n", `a.yaml:26:10: pattern "one" is given twice`, ""},
		{"two patterns to write", "events:\n", "  - {id: two, writes: always, text: '{ $.a = b }'}\nevents:\n", `a.yaml:26:23: pattern "one" is written for every version already`, ""},
		{"pattern too long", "PutKeyPolicy }'", strings.Repeat("x", 1024) + "}'", `a.yaml:25:11: the pattern has more than 1024 characters`, ""},
		{"pattern that does not parse", "PutKeyPolicy }'", "PutKeyPolicy'", "a.yaml:25:11: " + syntaxError("{ $.eventName = PutKeyPolicy"), ""},
		{"pattern of terms", "{ $.eventName = PutKeyPolicy }", "PutKeyPolicy", `a.yaml:25:11: the pattern is not a JSON pattern`, "records of CloudTrail are JSON: write { $.field = value }"},
		{"event without a source", "sources: [kms.amazonaws.com, s3.amazonaws.com]\n", "", `a.yaml:26:5: the event has no source`, `name the event source under "sources"`},
		{"no event required", "required: 1.2.0..3.0.0, ", "", `a.yaml:27:3: no event is required in benchmark 1.2.0`, ""},
		{"no event required in one version", "required: 1.2.0..3.0.0, ", "required: 3.0.0, ", `a.yaml:27:3: no event is required in benchmark 1.2.0`, ""},
		{"event name", "name: PutKeyPolicy", "name: Put Key", `a.yaml:27:12: "Put Key" is not the name of an event`, ""},
		{"event twice", "name: CreateGrant", "name: PutKeyPolicy", `a.yaml:33:12: event PutKeyPolicy of kms.amazonaws.com is given twice`, ""},
		{"events and a condition", "events:\n", "condition: one\nevents:\n", `a.yaml:26:12: a control of type events has no condition`, ""},
		{"condition and events", "type: events", "type: condition", `a.yaml:27:3: a control of type condition has no events`, ""},
		{"event no mapping", "- {name: CreateGrant, kind: create, risk: high}", "- CreateGrant", `a.yaml:33:5: an event must be a mapping of keys and values`, ""},
		{"two documents", "adjacent:", "---\nadjacent:", `a.yaml:32:1: a file holds one document, this begins another`, ""},
		{"key after a question mark", "title: Own changes", "? title\n: Own changes", `a.yaml:2:1: a key of the control must be a plain word`, ""},
		{"key with an anchor", "title: Own changes", "&a title: Own changes", `a.yaml:2:1: a key of the control must be a plain word`, ""},
		{"merge key", "title: Own changes", "<<: {title: Own changes}", `a.yaml:2:1: a key of the control must be a plain word`, ""},
		{"benchmark that is a number", "  3.0.0:\n", "  3.0:\n", `a.yaml:16:3: unknown benchmark version "3.0"`, "did you mean cis-3.0.0?"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := strings.Replace(own, test.old, test.new, 1)
			if text == own {
				t.Fatalf("own does not contain %q", test.old)
			}
			checkFileError(t, files(text), test.want, test.hint)
		})
	}
}

// watch is a control that requires a condition.
const watch = `id: own-watch
title: Own watch
why: Because we say so.
severity: low
type: condition
scope: sign-in
reads: true
failures: true
names: {filter: OwnFilter, metric: OwnMetric, alarm: OwnAlarm, description: Triggered by our own.}
patterns:
  - {id: one, writes: 1.2.0..5.0.0, text: '{ $.eventName = ConsoleLogin }'}
  - {id: two, writes: [6.0.0, 7.0.0], text: '{ $.eventName = "*Login" }'}
condition: one
`

func TestLoadCondition(t *testing.T) {
	c, err := catalog.Load(files(watch))
	if err != nil {
		t.Fatal(err)
	}
	got := c.Controls[0]
	if got.Condition != "{ $.eventName = ConsoleLogin }" || got.Names.Alarm != "OwnAlarm" || !got.Reads || !got.Failures || got.ReadOnly != "" {
		t.Errorf("got %+v", got)
	}
	for b, want := range map[catalog.Benchmark]string{"cis-1.2.0": "one", "cis-5.0.0": "one", "cis-6.0.0": "two", "cis-7.0.0": "two"} {
		if id := got.Writes(b).ID; id != want {
			t.Errorf("%s: writes %q, want %q", b, id, want)
		}
	}
	tests := []struct{ name, old, new, want, hint string }{
		{"no pattern", "condition: one", "condition: onw", `a.yaml:13:12: unknown condition "onw"`, "did you mean one?"},
		{"no condition", "condition: one\n", "", `a.yaml:1:1: the control lacks "condition"`, ""},
		{"uncertain", "= ConsoleLogin", "= Con*gin", `a.yaml:13:12: the condition leans on an uncertain rule of the language: asterisk in the middle of a value`, ""},
		{"events", "condition: one", "condition: one\nadjacent: []", `a.yaml:14:11: a control of type condition has no adjacent`, ""},
		{"read", "reads: true", "reads: true\nread: GetKey", `a.yaml:8:7: a control of type condition has no read`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			checkFileError(t, files(strings.Replace(watch, test.old, test.new, 1)), test.want, test.hint)
		})
	}
}

func checkFileError(t *testing.T, fsys fs.FS, want, hint string) {
	t.Helper()
	_, err := catalog.Load(fsys)
	var e *yamlfile.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v, want %s", err, want)
	}
	if got := e.Error(); got != want {
		t.Errorf("error\n got %s\nwant %s", got, want)
	}
	if e.Hint() != hint {
		t.Errorf("hint %q, want %q", e.Hint(), hint)
	}
}

func TestLoadBrokenFiles(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", "a.yaml:1:1: the file is empty"},
		{"only a comment", "# nothing\n", "a.yaml:1:1: the file is empty"},
		{"a word", "nothing", "a.yaml:1:1: the control must be a mapping of keys and values"},
		{"not UTF-8", "id: \xff", "a.yaml: not UTF-8"},
		{"too large", strings.Repeat("#", 200_000), "a.yaml: more than 65536 bytes"},
		{"too many lines", strings.Repeat("\n", 2001), "a.yaml: more than 2000 lines"},
		{"too many brackets", strings.Repeat("[", 60_000), "a.yaml:1:17: nested too deep"},
		{"too many dashes", "a:\n" + strings.Repeat("- ", 20_000), "a.yaml:2:33: nested too deep"},
		{"no end of a list", "id: [a", "a.yaml:1:5: sequence end token ']' not found"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { checkFileError(t, files(test.text), test.want, "") })
	}
}

// A control that asks for a state has nothing to do with events.
func TestLoadState(t *testing.T) {
	const state = `id: hub
title: Hub
why: Because we say so.
severity: medium
type: state
scope: regional
state: security-hub
`
	got, err := catalog.Load(files(state))
	if err != nil {
		t.Fatal(err)
	}
	c := got.Controls[0]
	if c.Type != catalog.State || c.State != catalog.SecurityHub || len(c.Required("")) != 0 || len(catalog.Repairable(got.Controls)) != 0 || !c.In("all") || c.In("cis") {
		t.Errorf("got %+v", c)
	}
	checkFileError(t, files(state+"events: []\n"), "a.yaml:8:9: a control of type state has no events", "")
	checkFileError(t, files(strings.Replace(state, "security-hub", "inspector", 1)), `a.yaml:7:8: unknown state "inspector"`, "known are security-hub, trail-delivery")
	checkFileError(t, files(strings.Replace(state, "type: state", "type: events", 1)), "a.yaml:7:8: a control of type events has no state", "")
}

// A control of no benchmark needs neither numbers nor versions.
func TestLoadBeyondBenchmark(t *testing.T) {
	beyond := `id: beyond
title: Beyond
why: Because we say so.
severity: critical
type: events
scope: global
sources: [iam.amazonaws.com]
names: {filter: F, metric: M, description: D}
patterns: [{id: one, writes: always, text: '{ $.eventName = CreateUser }'}]
events: [{name: CreateUser, kind: create, risk: high, required: always}]
`
	c, err := catalog.Load(files(beyond))
	if err != nil {
		t.Fatal(err)
	}
	got := c.Controls[0]
	if len(got.Required("cis-7.0.0")) != 1 || got.Numbers != nil || got.In("core") || !got.In("all") || got.EventTypes != nil {
		t.Errorf("got %+v", got)
	}
	none := strings.Replace(beyond, ", required: always", "", 1)
	checkFileError(t, files(none), "a.yaml:10:9: no event is required", `add "required: always"`)
	two := strings.Replace(beyond, "patterns: [", "patterns: [{id: two, writes: 3.0.0, text: '{ $.a = b }'}, {id: three, writes: 3.0.0, text: '{ $.a = b }'}, ", 1)
	checkFileError(t, files(two), `a.yaml:9:79: pattern "two" is written for 3.0.0 already`, "")
}

func TestLoadTwoFiles(t *testing.T) {
	other := strings.NewReplacer("own-changes", "other-changes", "Own", "Other", "9.1", "9.2").Replace(own)
	tests := []struct{ name, old, new, want string }{
		{"id", "other-changes", "own-changes", "b.yaml:1:5: id own-changes is that of own-changes in a.yaml already"},
		{"filter", "OtherFilter", "OwnFilter", "b.yaml:11:11: filter OwnFilter is that of own-changes in a.yaml already"},
		{"metric", "OtherMetric", "OwnMetric", "b.yaml:12:11: metric OwnMetric is that of own-changes in a.yaml already"},
		{"alarm", "  description", "  alarm: OwnFilterAlarm\n  description", "b.yaml:13:10: alarm OwnFilterAlarm is that of own-changes in a.yaml already"},
		{"number", "9.20", "9.10", "b.yaml:17:13: number 9.10 of benchmark 3.0.0 is that of own-changes in a.yaml already"},
	}
	if _, err := catalog.Load(files(own, other)); err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			checkFileError(t, files(own, strings.Replace(other, test.old, test.new, 1)), test.want, "")
		})
	}
}

// Numbers count as numbers: 9.10 comes after 9.9, and one too large comes last.
func TestLoadOrder(t *testing.T) {
	controls := []string{own}
	for name, number := range map[string]string{"Nine": "9.9", "Huge": "9.99999999999999999999999", "Later": "10.1"} {
		controls = append(controls, strings.NewReplacer("own-changes", strings.ToLower(name)+"-changes", "Own", name, "9.10", number, "9.1", number).Replace(own))
	}
	c, err := catalog.Load(files(controls...))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, control := range c.Controls {
		got = append(got, control.ID)
	}
	if diff := cmp.Diff([]string{"nine-changes", "own-changes", "huge-changes", "later-changes"}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestLoadNothing(t *testing.T) {
	_, err := catalog.Load(fstest.MapFS{"readme.txt": &fstest.MapFile{}})
	if want := "*.yaml: no such file: a catalog holds one for each control"; err == nil || err.Error() != want {
		t.Errorf("no file: %v, want %s", err, want)
	}
	if _, err := catalog.Load(os.DirFS("testdata/no-such-directory")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
}

func TestOverlay(t *testing.T) {
	security := strings.NewReplacer("own-changes", "security-group-changes", "9.1", "4.99").Replace(own)
	added := strings.NewReplacer("own-changes", "added-changes", "Own", "Added", "9.1", "4.98").Replace(own)
	c, err := catalog.Overlay(load(t), files(security, added))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(c.Controls), len(load(t).Controls)+1; got != want {
		t.Errorf("%d controls, want %d", got, want)
	}
	if got, err := c.Find("security-group-changes", "cis-3.0.0"); err != nil || got.Names.Filter != "OwnFilter" {
		t.Errorf("the control was not replaced: %+v, %v", got, err)
	}
	if len(c.Controls) == 0 || c.Controls[len(c.Controls)-1].ID != "vpc-peering-changes" {
		t.Errorf("the controls are not in the order of their numbers")
	}
	core, err := c.Select(nil, "core", "cis-3.0.0")
	if err != nil || len(core) != 5 || core[1].ID != "security-group-changes" || core[4].ID != "added-changes" {
		t.Errorf("core is %v, %v", core, err)
	}
}

func TestOverlayErrors(t *testing.T) {
	clash := strings.Replace(own, "OwnFilter", "SecurityGroupConfigChanges", 1)
	_, err := catalog.Overlay(load(t), files(clash))
	want := "a.yaml:11:11: filter SecurityGroupConfigChanges is that of security-group-changes in security-group-changes.yaml already"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if _, err := catalog.Overlay(load(t), files("id: 1")); err == nil || !strings.HasPrefix(err.Error(), "a.yaml:1:5: ") {
		t.Errorf("got %v", err)
	}
}

// The own files are named after their controls, so that they can be found.
func TestFileNames(t *testing.T) {
	for _, c := range load(t).Controls {
		if _, err := fs.Stat(patterns.FS, c.ID+".yaml"); err != nil {
			t.Errorf("%s: %v", c.ID, err)
		}
	}
}

// Whatever a file holds, Load returns a catalog that can be used or an error
// that lies in the file.
func FuzzLoad(f *testing.F) {
	f.Add(own)
	f.Add("id: [a")
	f.Add("a: &a [*a]")
	f.Add("? [a]\n: {b: !!int c}")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := catalog.Load(files(text))
		var e *yamlfile.Error
		switch {
		case err == nil:
			use(c)
		case !errors.As(err, &e):
			t.Errorf("error %v is no FileError", err)
		case e.Line > 2+strings.Count(text, "\n")+strings.Count(text, "\r"):
			t.Errorf("line %d of %q", e.Line, text)
		}
	})
}

func use(c *catalog.Catalog) {
	for _, control := range c.Controls {
		for _, b := range catalog.Benchmarks() {
			control.Required(b)
			control.Texts(b)
			control.Supplements(b, catalog.PatternLimit)
			control.Writes(b)
		}
		control.Shipped()
	}
}

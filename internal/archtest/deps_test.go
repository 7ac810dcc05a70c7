// Package archtest holds no code: its test keeps the direction of the imports.
package archtest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// module is the path of this module; the packages below are named without it.
const module = "github.com/monitorctl/monitorctl"

// awsSDK and azureSDK are the prefixes of everything that talks to a cloud.
const (
	awsSDK   = "github.com/aws/"
	azureSDK = "github.com/Azure/"
)

// A rule says what the files of a package, tests aside, may import beside the
// standard library.
type rule struct {
	own   []string // packages of this module, without the module path
	other []string // module paths; a trailing slash means everything below
	why   string
}

// The pure part of the program, in layers from the bottom up.
var (
	deciding = []string{"internal/cloudtrail", "internal/cover", "internal/record"}
	filters  = []string{"internal/pattern", "internal/pattern/match", "internal/pattern/syntax"}
	ground   = slices.Concat([]string{"internal/aws/account", "internal/aws/alarm", "internal/aws/policy"}, filters, deciding)
	judging  = append([]string{"internal/catalog", "internal/finding", "internal/spelling"}, ground...)
	changes  = []string{"internal/change", "internal/channel", "internal/aws/desired", "internal/aws/action"}
	core     = append([]string{"internal/aws/audit", "internal/aws/plan", "internal/chain"}, append(changes, judging...)...)
)

// rules has one entry for each package that has code. A package without an
// entry fails the test: whoever adds one says here what it stands on.
var rules = map[string]rule{
	".": {
		own: []string{"cmd"},
		why: "main calls cmd.Main and nothing else",
	},
	"scripts/bare": {
		other: []string{awsSDK, azureSDK},
		why:   "it links what monitorctl links of the SDKs, to be compared with, and is part of nothing",
	},
	"patterns": {
		why: "the catalog is data; only the embedding is code",
	},
	"internal/record": {
		why: "values and paths are what all languages have in common",
	},
	"internal/cover": {
		own: []string{"internal/record"},
		why: "whether a union of patterns matches all records is one question for every log and language",
	},
	"internal/cloudtrail": {
		own: []string{"internal/cloudtrail/eventnames", "internal/cloudtrail/vocabulary", "internal/cover", "internal/record"},
		why: "what a log's records look like is a table and axioms; it knows no language that speaks of them",
	},
	"patterns/azure": {
		why: "the catalog is data; only the embedding is code",
	},
	"internal/pattern/syntax": {
		own: []string{"internal/record"},
		why: "the pattern language is a language: its trees are read and printed without knowing what they match",
	},
	"internal/pattern/match": {
		own: []string{"internal/pattern/syntax", "internal/record"},
		why: "what a pattern matches is a question about a text, settled rule by rule",
	},
	"internal/pattern": {
		own: append([]string{"internal/pattern/match", "internal/pattern/syntax"}, deciding...),
		why: "the pattern language is a language: it must be usable, testable and fuzzable without an account",
	},
	"internal/pattern/scan": {
		own: append([]string{"internal/record"}, filters...),
		why: "many patterns over many bytes is the language made fast, and nothing else",
	},
	"internal/pattern/suspicion": {
		own: slices.Concat([]string{"internal/spelling"}, filters, deciding),
		why: "what looks like a mistake is a question about a pattern and the records that it is for",
	},
	"internal/pattern/patterntest": {
		why: "what tests share is data",
	},
	"internal/eventpattern": {
		own: []string{"internal/cover", "internal/record"},
		why: "the pattern language of EventBridge is a language: it must be usable, testable and fuzzable without an account",
	},
	"internal/eventpattern/translate": {
		own: []string{"internal/eventpattern", "internal/pattern"},
		why: "saying in one language what was said in the other needs both, and nothing else",
	},
	"internal/language": {
		own: append([]string{"internal/pattern/match", "internal/catalog", "internal/eventpattern", "internal/eventpattern/translate", "internal/pattern"}, deciding...),
		why: "which language a pattern is in is asked once, for every command that takes patterns",
	},
	"internal/aws/transformer": {
		why: "how EventBridge fills a template is a language of its own",
	},
	"internal/aws/message": {
		own: []string{"internal/aws/transformer", "internal/channel"},
		why: "what people read is text; who sends it, and to whom, is for others",
	},
	"internal/aws/peers": {
		own: []string{"internal/aws/account", "internal/catalog", "internal/finding"},
		why: "what others say of a filter is theirs: it shares nothing with how a chain is judged here",
	},
	"internal/aws/export": {
		own: []string{"internal/aws/account", "internal/aws/desired"},
		why: "an export renders the list of what is desired, and builds nothing by itself",
	},
	"internal/aws/export/terraform": {
		own:   []string{"internal/aws/account", "internal/aws/desired", "internal/aws/export"},
		other: []string{"github.com/hashicorp/hcl/v2/hclwrite", "github.com/zclconf/go-cty/cty"},
		why:   "as export; values are quoted by those who define the language",
	},
	"internal/aws/export/cloudformation": {
		own: []string{"internal/aws/desired", "internal/aws/export", "internal/shellword"},
		why: "as export",
	},
	"internal/aws/export/shell": {
		own: []string{"internal/aws/account", "internal/aws/desired", "internal/aws/export", "internal/shellword"},
		why: "as export",
	},
	"internal/aws/subscribers": {
		own: core,
		why: "who is alerted is read off a report and its snapshot",
	},
	"internal/aws/drill": {
		own: append([]string{"internal/strictjson"}, core...),
		why: "what a drill asks, rings and writes down are values; it names the calls that it needs, and apply makes them",
	},
	"internal/channel": {
		own: []string{"internal/aws/account"},
		why: "how someone to notify is written is a table",
	},
	"internal/aws/operation": {
		why: "what a call needs and may cost is a table of AWS's facts",
	},
	"internal/aws/account": {
		why: "a snapshot is plain data that must be readable without AWS's SDK",
	},
	"internal/aws/alarm": {
		why: "whether an alarm fires is arithmetic",
	},
	"internal/aws/policy": {
		why: "what a resource policy allows is a question about a document",
	},
	"internal/shellword": {
		why: "how a shell writes a word depends on nothing",
	},
	"internal/spelling": {
		why: "which name was meant is a question about names",
	},
	"internal/yamlfile": {
		own:   []string{"internal/spelling"},
		other: []string{"github.com/goccy/go-yaml"},
		why:   "only the form of files is known here, not what stands in them",
	},
	"internal/fleet/rollup": {
		own: []string{"internal/catalog", "internal/finding"},
		why: "what many accounts have in common is the same for every cloud",
	},
	"internal/fleet/targets": {
		own:   []string{"internal/strictjson", "internal/yamlfile"},
		other: []string{"github.com/goccy/go-yaml"},
		why:   "which accounts a run is about is a list and filters; who lists them and looks into them is for others",
	},
	"internal/fleet/waves": {
		why: "how many accounts are begun at once, and when no further one is, is the same for every cloud",
	},
	"internal/catalog": {
		own:   []string{"internal/eventpattern", "internal/pattern", "internal/spelling", "internal/yamlfile"},
		other: []string{"github.com/goccy/go-yaml"},
		why:   "the catalog is read from an fs.FS; it knows nothing of accounts that are judged",
	},
	"internal/events": {
		own: []string{"internal/pattern/suspicion", "internal/cloudtrail/eventnames", "internal/pattern", "internal/eventpattern"},
		why: "what is odd about the names in a pattern needs the language and the lists",
	},
	"internal/cloudtrail/eventnames": {
		why: "which service records which events is a list",
	},
	"internal/cloudtrail/vocabulary": {
		own: []string{"internal/spelling"},
		why: "which values a field of a record can have is a table",
	},
	"internal/iac": {
		why: "where a text stands and how a pattern looks is the same for every reader",
	},
	"internal/iac/tree": {
		own:   []string{"internal/iac"},
		other: []string{"github.com/goccy/go-yaml", "github.com/pelletier/go-toml/v2"},
		why:   "documents are read here, whatever they mean",
	},
	"internal/iac/bicep": {
		own: []string{"internal/iac"},
		why: "files are read here, whatever their resources mean",
	},
	"internal/iac/armtemplate": {
		own: []string{"internal/iac", "internal/iac/tree"},
		why: "templates are read here, whatever their resources mean",
	},
	"internal/iac/cloudformation": {
		own: []string{"internal/iac", "internal/iac/tree"},
		why: "a template is a document; what its patterns are worth is for lint",
	},
	"internal/iac/text": {
		own: []string{"internal/iac"},
		why: "scripts and prose are looked at by their shape alone",
	},
	"internal/iac/shape": {
		own: []string{"internal/iac", "internal/iac/tree", "internal/iac/cloudformation", "internal/iac/text"},
		why: "documents of any tool hold templates and scripts; what their patterns are worth is for lint",
	},
	"internal/iac/terraform": {
		own:   []string{"internal/iac", "internal/iac/tree"},
		other: []string{"github.com/hashicorp/hcl/v2", "github.com/zclconf/go-cty"},
		why:   "only here is HCL read and evaluated; files come through an fs.FS",
	},
	"internal/lint": {
		own: append([]string{"internal/pattern/match", "internal/pattern/suspicion", "internal/pattern/syntax",
			"internal/cloudtrail/eventnames", "internal/cloudtrail/vocabulary", "internal/eventpattern", "internal/eventpattern/translate", "internal/events", "internal/files", "internal/language", "internal/report", "internal/aws/audit",
			"internal/azure/lint", "internal/iac/armtemplate", "internal/iac/bicep",
			"internal/iac", "internal/iac/tree", "internal/iac/cloudformation", "internal/iac/shape", "internal/iac/terraform", "internal/iac/text",
		}, judging...),
		other: []string{"golang.org/x/sync/"},
		why:   "the readers find patterns, and lint says what they are worth; no format of a file is known here",
	},
	"internal/config": {
		own:   append([]string{"internal/azure/plan", "internal/yamlfile"}, core...),
		other: []string{"github.com/goccy/go-yaml"},
		why:   "a configuration is wishes and waivers as text; carrying them out is for others",
	},
	"internal/finding": {
		own: []string{"internal/catalog"},
		why: "what was found is the same for every cloud: reports, gates and comparisons know no other form",
	},
	"internal/change": {
		own: []string{"internal/finding"},
		why: "a change is the same to those who show, save, record and undo it, whatever the cloud",
	},
	"internal/chain": {
		own: []string{"internal/finding"},
		why: "whether an event reaches a person is one question for every cloud and transport",
	},
	"internal/aws/audit": {
		own: append([]string{"internal/aws/peers", "internal/pattern/suspicion", "internal/chain", "internal/cloudtrail/eventnames", "internal/eventpattern", "internal/events"}, judging...),
		why: "judging is a function from values to values: no I/O, no clock, no formats",
	},
	"internal/diff": {
		own: append([]string{"internal/aws/audit"}, judging...),
		why: "comparing two reports is a function from values to values, as judging is",
	},
	"internal/aws/desired": {
		own: append([]string{"internal/aws/message", "internal/aws/transformer", "internal/channel", "internal/eventpattern"}, judging...),
		why: "what our objects look like and whose an object is are values: plan, export and undo ask here",
	},
	"internal/aws/action": {
		own: append([]string{"internal/change", "internal/channel", "internal/aws/desired"}, ground...),
		why: "an action is described once, without the SDK: it names the calls that it needs, and apply makes them",
	},
	"internal/aws/plan": {
		own: append([]string{"internal/aws/audit", "internal/eventpattern", "internal/planfile", "internal/strictjson"}, append(changes, judging...)...),
		why: "a plan is a value computed from values: no I/O, no clock",
	},
	"internal/aws/replay": {
		own: append([]string{"internal/pattern/scan", "internal/pattern/match", "internal/eventpattern", "internal/eventpattern/translate", "internal/logs", "internal/pattern/trinosql"}, core...),
		why: "what alarms and rules would have done follows from records, a snapshot and arithmetic: no I/O but what logs reads",
	},
	"internal/aws/bucket": {
		own:   []string{"internal/logs"},
		other: []string{awsSDK, "golang.org/x/sync/"},
		why:   "a bucket is a place for log files, like a directory; what they mean is for others",
	},
	"internal/pattern/trinosql": {
		own: []string{"internal/pattern", "internal/record"},
		why: "what a pattern matches in SQL is text from text; no engine is asked here",
	},
	"internal/sqlengine": {
		why: "what an engine is to those who ask one is an interface and a few errors",
	},
	"internal/trino": {
		own:   []string{"internal/sqlengine"},
		other: []string{"github.com/trinodb/trino-go-client/"},
		why:   "only here is Trino spoken to; what is asked is for others",
	},
	"internal/aws/athena": {
		own:   []string{"internal/sqlengine"},
		other: []string{awsSDK},
		why:   "only here is Athena spoken to; what is asked is for others",
	},
	"internal/aws/remote": {
		own: []string{"internal/aws/replay", "internal/logs", "internal/pattern/trinosql", "internal/sqlengine"},
		why: "how an engine's answer is made whole is the same for every engine",
	},
	"internal/awstest/athena": {
		why: "the other way to the same answer: what it shared with the client of Athena it could not contradict",
	},
	"internal/gunzip": {
		why: "unpacking is a function of bytes",
	},
	"internal/files": {
		why: "what stands under a path that a user gave is a question for the operating system alone",
	},
	"internal/logs": {
		own:   []string{"internal/pattern/scan", "internal/pattern/match", "internal/files", "internal/gunzip", "internal/pattern"},
		other: []string{"golang.org/x/sync/"},
		why:   "reading records and matching them is the same for every command and place; what they mean is for others",
	},
	"internal/strictjson": {
		why: "reading JSON without guessing needs nothing but JSON",
	},
	"internal/planfile": {
		own: []string{"internal/change", "internal/strictjson"},
		why: "a saved plan is a plan of any cloud written down: no I/O but a reader and a writer",
	},
	"internal/aws/permissions": {
		own: append([]string{"internal/aws/operation"}, core...),
		why: "which permissions a command needs is a table and what follows from a plan's wishes: no I/O",
	},
	"internal/journal": {
		own: []string{"internal/change", "internal/strictjson"},
		why: "a journal is a file of records, whatever the cloud",
	},
	"internal/aws/undo": {
		own: append([]string{"internal/journal", "internal/strictjson"}, core...),
		why: "what is undone is computed from values, like a plan",
	},
	"internal/aws/collect": {
		own:   append([]string{"internal/aws/operation", "internal/files", "internal/fleet/targets", "internal/strictjson", "internal/eventpattern"}, judging...),
		other: []string{awsSDK, "golang.org/x/sync/", "golang.org/x/time/"},
		why:   "collect observes; it must not judge what it sees",
	},
	"internal/aws/fleet": {
		own: append([]string{"internal/aws/audit", "internal/aws/collect", "internal/chain", "internal/fleet/targets"}, judging...),
		why: "many accounts are read and judged one after the other; who they are, and what is made of the outcomes, is for others",
	},
	"internal/aws/apply": {
		own:   append([]string{"internal/aws/collect", "internal/aws/drill", "internal/journal", "internal/aws/undo"}, core...),
		other: []string{awsSDK, "golang.org/x/time/"},
		why:   "apply carries out a plan",
	},
	"internal/azure/armjson": {
		why: "reading JSON without guessing needs nothing but JSON",
	},
	"internal/azure/subscription": {
		own: []string{"internal/azure/armjson"},
		why: "a snapshot is plain data that must be readable without Azure's SDK",
	},
	"internal/azure/condition": {
		own: []string{"internal/azure/armjson"},
		why: "the conditions of alert rules are a language: it must be usable, testable and fuzzable without anything else",
	},
	"internal/azure/peers": {
		own: []string{"internal/catalog", "internal/finding"},
		why: "what others say of a rule is theirs: it shares nothing with how a rule is judged here",
	},
	"internal/azure/lint": {
		own: []string{"internal/azure/audit", "internal/azure/condition", "internal/azure/subscription", "internal/catalog", "internal/iac", "internal/spelling"},
		why: "what is wrong with alert rules is a function of what readers found; no format of a file is known here",
	},
	"internal/azure/audit": {
		own: []string{"internal/azure/peers", "internal/azure/condition", "internal/azure/subscription", "internal/catalog", "internal/chain", "internal/finding"},
		why: "judging is a function from values to values: no I/O, no clock, no formats",
	},
	"internal/azure/desired": {
		own: []string{"internal/azure/subscription", "internal/catalog"},
		why: "what our own objects look like is a function of the scope: no clock, no formats",
	},
	"internal/azure/action": {
		own: []string{"internal/azure/condition", "internal/azure/desired", "internal/azure/subscription", "internal/change"},
		why: "an action is a value that reaches Azure through an interface: it must not know how a call is made, nor judge",
	},
	"internal/azure/plan": {
		own: []string{"internal/azure/action", "internal/azure/audit", "internal/azure/desired", "internal/azure/subscription", "internal/catalog", "internal/change", "internal/finding", "internal/planfile"},
		why: "planning is a function from values to values: no I/O, no clock, no formats",
	},
	"internal/azure/export": {
		own:   []string{"internal/azure/action", "internal/azure/desired", "internal/azure/subscription", "internal/shellword"},
		other: []string{"github.com/hashicorp/hcl/v2/hclwrite", "github.com/zclconf/go-cty/cty", "github.com/zclconf/go-cty/cty/json"},
		why:   "an export renders what a plan writes, and builds nothing by itself",
	},
	"internal/azure/undo": {
		own: []string{"internal/azure/action", "internal/azure/subscription", "internal/change", "internal/journal"},
		why: "undoing is planned from a journal and what is there: no I/O",
	},
	"internal/azure/permissions": {
		own: []string{"internal/azure/action", "internal/azure/collect", "internal/azure/desired", "internal/azure/drill", "internal/azure/plan", "internal/azure/subscription"},
		why: "the permissions of a command are those of its reads and its actions; nobody is asked",
	},
	"internal/azure/drill": {
		own: []string{"internal/azure/arm", "internal/azure/subscription"},
		why: "a drill sends and reports; it judges nothing",
	},
	"internal/azure/apply": {
		own: []string{"internal/azure/action", "internal/azure/arm", "internal/azure/subscription", "internal/azure/undo", "internal/change", "internal/journal"},
		why: "apply carries a plan out; it decides nothing",
	},
	"internal/report": {
		own:   []string{"internal/aws/drill", "internal/aws/replay", "internal/aws/subscribers", "internal/change", "internal/diff", "internal/fleet/rollup", "internal/logs", "internal/strictjson", "internal/finding", "internal/catalog", "internal/spelling", "internal/aws/account"},
		other: []string{"github.com/olekukonko/tablewriter", "github.com/fatih/color"},
		why:   "a report is a function of its value; only here do colors and tables exist",
	},
	"internal/azure/arm": {
		other: []string{azureSDK + "azure-sdk-for-go/sdk/azcore", azureSDK + "azure-sdk-for-go/sdk/azidentity"},
		why:   "only here is Azure's SDK spoken to, and only for its pipeline and credentials: its models drop what they do not know",
	},
	"internal/azure/collect": {
		own:   []string{"internal/azure/arm", "internal/azure/subscription", "internal/files", "internal/spelling", "internal/strictjson"},
		other: []string{"golang.org/x/sync/"},
		why:   "collect observes; it must not judge what it sees",
	},
	"internal/azuretest": {
		why: "the Azure that behaves is the other way to the same answer: what it shared with the audit, or with the SDK, it could not contradict",
	},
	"internal/awstest": {
		own:   []string{"internal/aws/operation", "internal/pattern/match", "internal/pattern/syntax", "internal/pattern", "internal/eventpattern", "internal/aws/transformer"},
		other: []string{"github.com/fxamacker/cbor/v2"},
		why:   "the account that behaves is the other way to the same answer: what it shared with audit, alarm, plan, collect or apply, or with the SDK, it could not contradict",
	},
	"internal/awstest/faultproxy": {
		other: []string{"github.com/fxamacker/cbor/v2"},
		why:   "it damages bytes on their way and knows nothing of either side",
	},
	"internal/exit": {
		why: "which exit code an error has is a question about the error",
	},
	"internal/console": {
		own:   []string{"internal/files", "internal/report"},
		other: []string{"golang.org/x/term"},
		why:   "a terminal shows lines and asks; what they mean is for others",
	},
	"internal/run": {
		own: append([]string{
			"patterns", "patterns/azure", "internal/aws/apply", "internal/aws/athena", "internal/aws/bucket", "internal/aws/collect", "internal/aws/drill", "internal/aws/export", "internal/aws/export/cloudformation", "internal/aws/export/shell", "internal/aws/export/terraform", "internal/aws/fleet", "internal/aws/permissions", "internal/aws/remote", "internal/aws/replay", "internal/aws/subscribers", "internal/aws/undo",
			"internal/azure/action", "internal/azure/apply", "internal/azure/arm", "internal/azure/audit", "internal/azure/collect", "internal/azure/drill", "internal/azure/export", "internal/azure/permissions",
			"internal/azure/plan", "internal/azure/subscription", "internal/azure/undo", "internal/config", "internal/console", "internal/diff",
			"internal/exit", "internal/files", "internal/fleet/targets", "internal/fleet/waves", "internal/journal", "internal/language", "internal/logs", "internal/pattern/scan", "internal/planfile", "internal/report", "internal/sqlengine", "internal/strictjson", "internal/trino",
		}, core...),
		why: "a run opens, reads, judges, plans, applies and verifies; it knows no flag and writes no report",
	},
	"cmd": {
		own: append([]string{"internal/pattern/syntax", "internal/pattern/scan", "internal/pattern/match",
			"internal/aws/apply", "internal/aws/bucket", "internal/aws/collect", "internal/aws/drill", "internal/aws/message", "internal/aws/permissions", "internal/aws/replay", "internal/aws/subscribers", "internal/awstest", "internal/azure/arm",
			"internal/azure/permissions", "internal/azure/plan", "internal/azure/subscription", "internal/azuretest", "internal/config", "internal/console", "internal/eventpattern", "internal/eventpattern/translate", "internal/events", "internal/exit",
			"internal/files", "internal/language", "internal/lint", "internal/logs", "internal/report", "internal/run", "internal/shellword", "patterns",
		}, core...),
		other: []string{awsSDK, "github.com/spf13/cobra", "github.com/spf13/pflag", "golang.org/x/term", "golang.org/x/time/", "golang.org/x/sync/"},
		why:   "cmd binds flags to a request and shows what comes of it; what is done is for run",
	},
}

// TestDependencyDirection reads the import declarations themselves, for every
// operating system, instead of asking "go list": the test cache notices when a
// file that a test has read changes, but not what a subprocess reads.
func TestDependencyDirection(t *testing.T) {
	imports := readImports(t, filepath.Join("..", ".."))
	if len(imports["internal/aws/audit"]) == 0 {
		t.Fatal("no import of internal/aws/audit was found: the test does not see the tree")
	}
	for pkg, list := range imports {
		r, known := rules[pkg]
		if !known {
			t.Errorf("%s: no rule for this package; say in rules what it may import, and why", pkg)
			continue
		}
		for _, imp := range list {
			if !r.allows(imp.path) {
				t.Errorf("%s: %s imports %s, which it must not: %s", imp.file, pkg, imp.path, r.why)
			}
		}
	}
}

// TestOnlyTheShellKnowsAWS says once more, independently of the table's
// details, what the table must not be widened to.
func TestOnlyTheShellKnowsAWS(t *testing.T) {
	shell := []string{"internal/aws/bucket", "internal/aws/athena", "internal/aws/collect", "internal/aws/apply", "internal/aws/fleet", "internal/run", "cmd", "scripts/bare"}
	for pkg, r := range rules {
		for _, other := range r.other {
			if strings.HasPrefix(other, awsSDK) && !slices.Contains(shell, pkg) {
				t.Errorf("the rule of %s lets it import the AWS SDK; only %v may", pkg, shell)
			}
		}
		for _, own := range r.own {
			if (own == "internal/aws/collect" || own == "internal/aws/apply") && !slices.Contains(shell, pkg) {
				t.Errorf("the rule of %s lets it import %s; only %v may", pkg, own, shell)
			}
		}
	}
}

// TestCloudsStandApart keeps each cloud in its own rooms: neither imports the other,
// and only one package talks to Azure.
func TestCloudsStandApart(t *testing.T) {
	for pkg, r := range rules {
		for _, own := range r.own {
			if isOf(pkg, "azure") && isOf(own, "aws") || isOf(pkg, "aws") && isOf(own, "azure") {
				t.Errorf("the rule of %s lets it import %s of another cloud", pkg, own)
			}
		}
		for _, other := range r.other {
			if strings.HasPrefix(other, azureSDK) && pkg != "internal/azure/arm" && pkg != "scripts/bare" {
				t.Errorf("the rule of %s lets it import %s; only internal/azure/arm may", pkg, other)
			}
		}
	}
}

// isOf reports whether a package is one of a cloud's rooms.
func isOf(pkg, cloud string) bool {
	return strings.HasPrefix(pkg, "internal/"+cloud+"/") || strings.HasPrefix(pkg, "internal/"+cloud+"test")
}

// TestRulesBite feeds the table imports that it must refuse and allow.
func TestRulesBite(t *testing.T) {
	tests := []struct {
		pkg, imp string
		want     bool
	}{
		{"internal/pattern", "regexp", true},
		{"internal/pattern", "golang.org/x/text/width", false},
		{"internal/pattern", module + "/internal/aws/account", false},
		{"internal/aws/audit", module + "/internal/aws/alarm", true},
		{"internal/aws/audit", module + "/internal/aws/plan", false},
		{"internal/aws/audit", module + "/internal/auditor", false},
		{"internal/aws/plan", "github.com/aws/aws-sdk-go-v2/service/sns", false},
		{"internal/aws/collect", "github.com/aws/aws-sdk-go-v2/service/sns", true},
		{"internal/aws/collect", "github.com/aws/aws-sdk-go-v2/service/ec2", false},
		{"internal/aws/collect", module + "/internal/aws/audit", false},
		{"internal/awstest", module + "/internal/aws/alarm", false},
		{"internal/awstest", "github.com/aws/smithy-go", false},
		{"internal/report", module + "/internal/aws/action", false},
		{"internal/journal", module + "/internal/aws/account", false},
		{"internal/report", "github.com/olekukonko/tablewriter/tw", true},
		{"internal/report", "github.com/olekukonko/tablewriters", false},
		{"cmd", "github.com/fatih/color", false},
		{".", module + "/cmd", true},
		{".", module + "/internal/report", false},
	}
	for _, tt := range tests {
		if got := rules[tt.pkg].allows(tt.imp); got != tt.want {
			t.Errorf("rules[%q].allows(%q) = %t, want %t", tt.pkg, tt.imp, got, tt.want)
		}
	}
}

// allows reports whether a package under r may import imp.
func (r rule) allows(imp string) bool {
	first, _, _ := strings.Cut(imp, "/")
	if !strings.Contains(first, ".") {
		return true // the standard library has no dot in its first element
	}
	if own, ok := strings.CutPrefix(imp, module+"/"); ok {
		return slices.Contains(r.own, own)
	}
	// 77 s and 3.3 GB for every cold build, for one call.
	if strings.HasPrefix(imp, "github.com/aws/aws-sdk-go-v2/service/ec2") {
		return false
	}
	return slices.ContainsFunc(r.other, func(m string) bool {
		return imp == m || strings.HasPrefix(imp, strings.TrimSuffix(m, "/")+"/")
	})
}

type imported struct{ path, file string }

// readImports returns what each package below root imports in its files that
// are not tests, by the package's directory relative to root.
func readImports(t *testing.T, root string) map[string][]imported {
	t.Helper()
	found := map[string][]imported{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if file != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "docs" || name == "dist") {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(file, "go.mod")); err == nil && file != root {
				return filepath.SkipDir // a module of its own
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		list, err := importsOf(file)
		for _, p := range list {
			found[path.Dir(rel)] = append(found[path.Dir(rel)], imported{p, rel})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// importsOf returns the import paths of one Go file.
func importsOf(file string) ([]string, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	f, err := parser.ParseFile(token.NewFileSet(), file, src, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, spec := range f.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

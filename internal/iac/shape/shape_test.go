package shape

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/iac"
	"github.com/monitorctl/monitorctl/internal/iac/tree"
)

// found returns the patterns of a document as "line name: text", holes as
// <what>, or "line name: ! gap".
func found(t *testing.T, content string) []string {
	t.Helper()
	src := iac.NewSource("x", []byte(content))
	whole := iac.Plain(src, content, 0)
	docs, err := tree.Read(whole, false)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, doc := range docs {
		for _, f := range Read(whole, doc, iac.NewHoles()) {
			var b strings.Builder
			for _, r := range f.Text.Value {
				if iac.IsHole(r) {
					fmt.Fprintf(&b, "<%s>", f.Holes.Why(r))
				} else {
					b.WriteRune(r)
				}
			}
			text := b.String()
			if f.Gap != "" {
				text = "! " + strings.TrimPrefix(f.Gap, "interpolation of ")
			}
			if f.Kind != iac.Other {
				text += " (" + string(f.Kind) + ")"
			}
			out = append(out, fmt.Sprintf("%d %s: %s", f.Source.Place(f.Pos).Line, f.Name, text))
		}
	}
	return out
}

func TestRead(t *testing.T) {
	const metric = "AWS::Logs::MetricFilter"
	for _, c := range []struct{ name, content, want string }{
		{"a key that says so", "a:\n  filterPattern: ERROR\n", "2 filterPattern: ERROR"},
		{"a key of any spelling", "x: {metric_filter_pattern: A, FilterPattern: B, filter-pattern: C}\n", "1 metric_filter_pattern: A | 1 FilterPattern: B | 1 filter-pattern: C"},
		{"a form", "a: '{ $.a = b }'\nb: x\n", "1 a: { $.a = b }"},
		{"a key that may mean anything", "pattern: '*.txt'\nfilter: x\n", ""},
		{"the same key beside a log group", "{pattern: ERROR, logGroupName: g, name: n}\n", "1 n (g): ERROR"},
		{"a list", "filterPattern: [A, B]\n", "1 filterPattern: A | 1 filterPattern: B"},
		{"beside one that has the form", "f:\n  - {pattern: '{ $.a = b }'}\n  - {pattern: ERROR}\n  - {pattern: ''}\ng: {pattern: '*.txt'}\n", "2 pattern: { $.a = b } | 3 pattern: ERROR"},
		{"events of functions", "events:\n  - cloudwatchLog: {logGroup: g, filter: A}\nE: {Type: CloudWatchLogs, Properties: {LogGroupName: g, FilterPattern: B}}\n", "2 filter: A (subscription filter) | 3 FilterPattern: B (subscription filter)"},
		{"a variable of the document", "custom: {a: {b: ERROR}}\nF: {Type: " + metric + ", Properties: {FilterPattern: '${self:custom.a.b}'}}\n", "2 F: ERROR (metric filter)"},
		{"a variable of Pulumi", "variables: {p: '{ $.a = b }', q: ERROR}\nresources:\n  x: {pattern: '${p}', logGroupName: g}\n  y: {pattern: '${q}', logGroupName: g}\n", "1 p: { $.a = b } | 4 pattern: ERROR"},
		{"a variable of a framework", "F: {Type: " + metric + ", Properties: {FilterPattern: '${self:custom.x} ${a}'}}\n", "1 F: <${self:custom.x}> ${a} (metric filter)"},
		{"a filter of paths", "filterPattern: '**/*.ts'\nx: {filter_pattern: '*.log', log_group_name: g}\n", "2 filter_pattern: *.log"},
		{"a dollar that is escaped", "p: '{ $$.a = b }'\n", "1 p: { $.a = b }"},
		{"the name of the filter", "filterName: n\nlogGroupName: g\nfilterPattern: A\nmetricTransformations: []\n", "3 n (g): A (metric filter)"},
		{"a subscription", "{filterName: n, filterPattern: A, destinationArn: x}\n", "1 n: A (subscription filter)"},
		{"placeholders", "filterPattern: '{ $.a = {{ name }} && $.b = ${c} }'\n", "1 filterPattern: { $.a = <{{ name }}> && $.b = <${c}> }"},
		{"a function", "x: {FilterPattern: !Sub 'A ${b}'}\n", "1 FilterPattern: A <b>"},
		{"a resource anywhere", "a: [{b: {F: {Type: " + metric + ", Properties: {FilterPattern: A}}}}]\n", "1 F: A (metric filter)"},
		{"parameters of the nearest template", "a:\n  Parameters: {P: {Default: A}}\n  Resources:\n    F: {Type: " + metric + ", Properties: {FilterPattern: !Ref P}}\n", "4 F: A (metric filter)"},
		{"both branches", "Resources:\n  F: {Type: " + metric + ", Properties: {FilterPattern: !If [C, A, !If [D, B, A]]}}\n", "2 F: A (metric filter) | 2 F: B (metric filter)"},
		{"Select and Split", "Resources:\n  F: {Type: " + metric + ", Properties: {FilterPattern: !Select [1, [A, B]]}}\n", "2 F: B (metric filter)"},
		{"FindInMap of an unknown key", "Mappings: {M: {a: {p: A}, b: {p: B}}}\nResources:\n  F: {Type: " + metric + ", Properties: {FilterPattern: !FindInMap [M, !Ref 'AWS::Region', p]}}\n",
			"3 F: A (metric filter) | 3 F: B (metric filter)"},
		{"ForEach of a parameter", "Parameters: {L: {Default: 'A,B'}}\nResources:\n  Fn::ForEach::X: [N, !Ref L, {'F${N}': {Type: " + metric + ", Properties: {FilterPattern: !Sub 'x ${N}'}}}]\n",
			"3 FA: x A (metric filter) | 3 FB: x B (metric filter)"},
		{"ForEach of a list that is not known", "Resources:\n  Fn::ForEach::X: [N, !Ref L, {'F${N}': {Type: " + metric + ", Properties: {FilterPattern: !Sub 'x ${N}'}}}]\n",
			"2 F${N}: x <N> (metric filter)"},
		{"an attribute", "Resources:\n  F: {Type: " + metric + ", Properties: {FilterPattern: !GetAtt A.B}}\n", "2 F: ! A.B (metric filter)"},
		{"a merged mapping", "d: &d {Type: " + metric + "}\nResources:\n  F: {<<: *d, Properties: {FilterPattern: A}}\n", "3 F: A (metric filter)"},
		{"an alias of a whole", "p: &p '{ $.a = b }'\nResources:\n  F: {Type: " + metric + ", Properties: {FilterPattern: *p}}\n", "1 F: { $.a = b } (metric filter)"},
		{"a rule of EventBridge", "Resources:\n  R: {Type: AWS::Events::Rule, Properties: {EventPattern: {source: [aws.ec2], detail: {n: [1, null]}}}}\n",
			`2 R: {"source":["aws.ec2"],"detail":{"n":[1,null]}} (event rule)`},
		{"a rule of a function", "Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {Events: {Seen: {Type: EventBridgeRule, Properties: {Pattern: {source: [aws.ec2]}}}}}}\n",
			`2 Seen: {"source":["aws.ec2"]} (event rule)`},
		{"an event pattern of another tool", "eventPattern: {source: [a]}\nevent_pattern: '{\"source\": [\"b\"]}'\n", `1 eventPattern: {"source":["a"]} (event rule) | 2 event_pattern: {"source": ["b"]} (event rule)`},
		{"a document in a text", "data:\n  t.json: |\n    {\"filterPattern\": \"A\"}\n", "3 filterPattern: A"},
		{"a script in a text", "run: |\n  set -e\n  aws logs put-metric-filter --filter-pattern 'A B'\n", "3 : A B"},
		{"several documents", "filterPattern: A\n---\nfilterPattern: B\n", "1 filterPattern: A | 3 filterPattern: B"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Join(found(t, c.content), " | "); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// What aliases and loops make of a few lines is bounded.
func TestBombs(t *testing.T) {
	aliases := "a0: &a0 [{filterPattern: A}]\n"
	for i := range 40 {
		aliases += fmt.Sprintf("a%d: &a%d [*a%d, *a%d, *a%d]\n", i+1, i+1, i, i, i)
	}
	loop := "{'F${N}': {Type: AWS::Logs::MetricFilter, Properties: {FilterPattern: !Sub '${N}'}}}"
	for range 6 {
		loop = "{'Fn::ForEach::X${N}': [N, [" + strings.Repeat("a,", 60) + "b], " + loop + "]}"
	}
	join := "x"
	for range 60 {
		join = "!Join ['', [!If [C, " + join + ", b], !If [D, a, b]]]"
	}
	inner := "filterPattern: A"
	for range 12 {
		inner = "{\"d\": \"" + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(inner) + "\"}"
		if len(inner) > 1<<20 {
			break
		}
	}
	for name, content := range map[string]string{
		"aliases": aliases, "loops": "Resources: " + loop + "\n", "outcomes": "Resources:\n  F: {Type: AWS::Logs::MetricFilter, Properties: {FilterPattern: " + join + "}}\n",
		"an alias of itself": "a: &a {b: *a, filterPattern: A}\n", "documents in documents": inner,
		"an event pattern of aliases": aliases + "eventPattern: {source: *a40}\n",
	} {
		from := time.Now()
		found(t, content)
		if took := time.Since(from); took > 20*time.Second {
			t.Errorf("%s: it took %v", name, took)
		}
	}
}

// FuzzRead reads anything as a document: no panic, every place lies in it.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"filterPattern: &a '{ $.a = {{ x }} }'\nb: *a\n", "Resources:\n  Fn::ForEach::X: [N, [a, b], {'F${N}': {Type: AWS::Logs::MetricFilter, Properties: {FilterPattern: !Sub '${N} ${!x}'}}}]\n",
		"{\"metricFilters\": [{\"filterPattern\": \"\\u00e9 \\\"x\\\"\", \"filterName\": 1}]}", "run: |\n  x --filter-pattern \"a $b\"\n", "a: !Join [',', !If [a, [b], c]]\n<<: {b: c}\n",
		"eventPattern: {source: [!Ref x, 1, null, true]}\n", "d: '{\"filterPattern\": \"x\"}'\nR: {Type: AWS::Events::Rule, Properties: {EventPattern: !GetAtt a.b}}\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		if len(content) > 1<<13 {
			t.Skip()
		}
		src := iac.NewSource("x", []byte(content))
		content = string(src.Data)
		whole := iac.Plain(src, content, 0)
		docs, err := tree.Read(whole, false)
		if err != nil {
			return
		}
		for _, doc := range docs {
			for _, found := range Read(whole, doc, iac.NewHoles()) {
				if found.Source == nil || found.Pos < 0 || found.Pos > len(content) {
					t.Errorf("a pattern stands at %d", found.Pos)
				}
				for i := range found.Text.Value {
					if s, pos := found.Where(i); s == nil || pos < 0 || pos > len(content) {
						t.Errorf("byte %d stands at %d", i, pos)
					}
				}
			}
		}
	})
}

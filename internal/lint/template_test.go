package lint

import (
	"strings"
	"testing"
)

// templateOf wraps the value of a FilterPattern into a template in YAML. Lines
// of the value are indented as they are given.
func templateOf(value string) string {
	return "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  Filter:\n    Type: AWS::Logs::MetricFilter\n    Properties:\n      LogGroupName: !Ref Group\n      FilterPattern: " + value + "\n      MetricTransformations: []\n"
}

func TestTemplatePlaces(t *testing.T) {
	runPlaces(t, "template.yaml", []placeCase{
		{"plain", "", templateOf("ERROR ‸?x"), "ignored-term"},
		{"single-quoted", "", templateOf("'{ $.errorMessage = \"it''s\" && $.eventName = ‸deleteTrail }'"), "event-case"},
		{"double-quoted", "", templateOf(`"{ $.errorMessage = \"\x41\u00e9\t\U0001F600\" && $.eventName = ‸deleteTrail }"`), "event-case"},
		{"double-quoted over lines", "", templateOf("\"{ $.errorMessage = x\\\n          y &&\n\n          $.eventName = ‸deleteTrail }\""), "event-case"},
		{"plain over lines", "", templateOf("ERROR\n        ‸?x"), "ignored-term"},
		{"literal", "", templateOf("|\n        { $.eventName = CreateVpc ||\n          $.eventName = ‸deleteTrail ||\n        $.eventName = ‸DeleteTrails }"), "event-case unknown-event"},
		{"literal with header", "", templateOf("|2-  # why\n          { $.eventName = ‸deleteTrail }"), "event-case"},
		{"folded", "", templateOf(">-\n        { $.eventName = CreateVpc ||\n        $.eventName = ‸deleteTrail ||\n\n        $.eventName = ‸DeleteTrails }"), "event-case unknown-event"},
		{"CRLF", "", strings.ReplaceAll(templateOf(">\n        { $.eventName = CreateVpc ||\n        $.eventName = ‸deleteTrail }"), "\n", "\r\n"), "event-case"},
		{"characters, not bytes", "", templateOf("'{ $.errorMessage = \"äöü€😀\" && $.eventName = ‸deleteTrail }'"), "event-case"},
		{"behind characters of many bytes", "", "Description: äöü€😀\n" + templateOf("'{ $.eventName = ‸deleteTrail }'"), "event-case"},
		{"Sub with a parameter", "", "Parameters:\n  Name:\n    Type: String\n    Default: ‸deleteTrail\n" + templateOf("!Sub '{ $.eventName = ${Name} || $.eventName = ‸DeleteTrails }'"), "event-case unknown-event"},
		{"Sub with values", "", templateOf("!Sub\n        - '{ $.eventName = ${Name} || $.eventName = ‸DeleteTrails }'\n        - Name: ‸deleteTrail"), "unknown-event event-case"},
		{"Sub with an escape", "", templateOf("!Sub '{ $.errorMessage = \"${!x}\" && $.eventName = ‸deleteTrail }'"), "event-case"},
		{"Sub of a literal block", "", templateOf("!Sub |\n        { $.errorMessage = x &&\n        $.eventName = ‸deleteTrail }"), "event-case"},
		{"Sub in full", "", templateOf("\n        Fn::Sub: '{ $.eventName = ‸deleteTrail }'"), "event-case"},
		{"Join", "", templateOf("!Join [' || ', ['{ $.eventName = CreateVpc', '$.eventName = ‸deleteTrail }']]"), "event-case"},
		{"Join in full", "", templateOf("\n        Fn::Join:\n          - ''\n          - - '{ $.eventName = '\n            - ‸deleteTrail\n            - ' }'"), "event-case"},
		{"Ref", "", "Parameters:\n  P:\n    Default: '{ $.eventName = ‸deleteTrail }'\n" + templateOf("!Ref P"), "event-case"},
		{"FindInMap", "", "Mappings:\n  A:\n    b:\n      c: '{ $.eventName = ‸deleteTrail }'\n" + templateOf("!FindInMap [A, b, c]"), "event-case"},
		{"an anchor", "", templateOf("&p '{ $.eventName = ‸deleteTrail }'"), "event-case"},
		{"several documents", "", "a: b\n---\n" + templateOf("'{ $.eventName = ‸deleteTrail }'"), "event-case"},
		{"braces without quotes are a mapping", "other.yml", "Resources:\n  F: {Type: AWS::Logs::MetricFilter, Properties: {FilterPattern: 'ERROR ‸?x'}}\n", "ignored-term"},
		{"an empty pattern", "", templateOf("‸''"), "matches-everything"},
		{"a subscription filter", "", "Resources:\n  S:\n    Type: AWS::Logs::SubscriptionFilter\n    Properties:\n      FilterPattern: '{ $.a =‸= 1 }'\n", "syntax"},
		{"JSON", "template.json", "{\n  \"Resources\": {\"F\": {\"Type\": \"AWS::Logs::MetricFilter\", \"Properties\": {\"FilterPattern\":\n\t\"{ $.errorMessage = \\\"\\u00e9\\\" && $.eventName = ‸deleteTrail }\"}}}\n}\n", "event-case"},
		{"JSON with functions", "template.json", `{"Parameters": {"N": {"Default": "‸deleteTrail"}}, "Resources": {"F": {"Type": "AWS::Logs::MetricFilter", "Properties": {"FilterPattern":
			{"Fn::Join": ["", ["{ $.eventName = ", {"Ref": "N"}, {"Fn::Sub": " || $.eventName = ‸DeleteTrails"}, " }"]]}}}}}`, "event-case unknown-event"},
		{"JSON in one line", "x.template", `{"Resources":{"É":{"Type":"AWS::Logs::MetricFilter","Properties":{"FilterPattern":"{ $.eventName = ‸deleteTrail }"}}}}`, "event-case"},
		{"YAML that begins with a brace", "", `{Resources: {F: {Type: "AWS::Logs::MetricFilter", Properties: {FilterPattern: 'ERROR ‸?x'}}}}`, "ignored-term"},
	})
}

func TestTemplateTexts(t *testing.T) {
	for _, c := range []struct{ name, content, want string }{
		{"parameter without default", "Parameters:\n  P:\n    Type: String\n" + templateOf("!Ref P"), "Filter: ! interpolation of P"},
		{"pseudo parameter", templateOf("!Sub '{ $.recipientAccountId = \"${AWS::AccountId}\" }'"), "Filter: ? AWS::AccountId"},
		{"attribute of a resource", templateOf("!GetAtt A.B"), "Filter: ! interpolation of A.B"},
		{"a condition", templateOf("!If [A, B, C]"), "Filter: B | Filter: C"},
		{"an import", templateOf("\n        Fn::ImportValue: x"), "Filter: ! interpolation of Fn::ImportValue"},
		{"a map that is not there", templateOf("!FindInMap [A, b, c]"), "Filter: ! interpolation of Fn::FindInMap"},
		{"Join of what is not known", templateOf("!Join ['', !Ref List]"), "Filter: ! interpolation of Fn::Join"},
		{"Sub of Sub", templateOf("!Sub ['a ${b}', {b: !Sub ['${c} c', {c: d}]}]"), "Filter: a d c"},
		{"a mapping", templateOf("{a: b, c: d}"), "Filter: ! interpolation of a value that is not text"},
		{"an alias", "x: &x ERROR\n" + templateOf("*x"), "Filter: ERROR"},
		{"an unknown tag of YAML", templateOf("!!binary YQ=="), "Filter: ! interpolation of !!binary"},
		{"null", templateOf("~"), ""},
		{"no pattern", "Resources:\n  F:\n    Type: AWS::Logs::MetricFilter\n", ""},
		{"a number", templateOf("404"), "Filter: 404"},
		{"a truth value", templateOf("yes"), "Filter: yes"},
		{"an open ${", templateOf("!Sub 'a ${b'"), "Filter: a ${b"},
		{"a dollar sign", templateOf("!Sub '{ $.a = $b }'"), "Filter: { $.a = $b }"},
		{"blanks around a block", templateOf("|\n        a\n\n"), "Filter: a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := lintText(t, "t.yaml", c.content)
			if f.Err != nil {
				t.Fatalf("not read: %+v", *f.Err)
			}
			if got := strings.Join(texts(f), " | "); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestTemplateUnreadable(t *testing.T) {
	for _, c := range []struct{ name, file, marked, message string }{
		{"no YAML", "x.yaml", "Resources:\n  F:\n    Type: AWS::Logs::MetricFilter\n    Properties: ‸[\n", "sequence end token ']' not found"},
		{"a quote that stays open", "x.yaml", "A: AWS::X\nB: ‸'x\n", "could not find end character of single-quoted text"},
		{"no JSON", "x.json", "{\"Type\": \"AWS::X\",\n ‸x}", "invalid character 'x'"},
		{"JSON ends early", "x.json", "{\"Type\": \"AWS::X\"‸", "the JSON value ends early"},
		{"deep JSON", "x.json", "{\"AWS::\":" + strings.Repeat("[", 1000) + "‸[" + strings.Repeat("[", 100_000), "nested more than 1000 levels deep"},
		{"deep YAML", "x.yaml", "AWS::X: " + strings.Repeat("[", 1000) + "‸[" + strings.Repeat("[", 100_000), "nested more than 1000 levels deep"},
		{"deep entries", "x.yaml", "# AWS::X\n" + strings.Repeat("- ", 1000) + "‸- " + strings.Repeat("- ", 100_000), "nested more than 1000 levels deep"},
	} {
		t.Run(c.name, func(t *testing.T) {
			content, places := cutCarets(c.marked)
			f := lintText(t, c.file, content)
			if f.Err == nil || !strings.Contains(f.Err.Message, c.message) || f.Err.Place != places[0] {
				t.Errorf("got %+v, want %q at %v", f.Err, c.message, places[0])
			}
		})
	}
}

// YAML and JSON without a pattern are read, and said to have none.
func TestNoTemplate(t *testing.T) {
	for _, c := range []struct{ name, file, content string }{
		{"another document", "values.yaml", "Resources:\n  limits:\n    cpu: 1\n"},
		{"a template of another tool", "chart.yaml", "{{- if .Values.x }}\na: {{ .Values.x }}\n{{- end }}\n"},
		{"empty", "x.yaml", ""},
		{"a list", "x.json", "[1, 2]"},
		{"a text", "x.json", "\"AWS\""},
		{"a Resources that is a list", "x.yaml", "Resources: [a]\n"},
	} {
		f := lintText(t, c.file, c.content)
		if f.Err != nil || f.Format != NoFormat || len(f.Patterns) > 0 || !f.Empty {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
}

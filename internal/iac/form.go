package iac

import (
	"regexp"
	"slices"
	"strings"
)

// jsonForm is how a JSON pattern begins: a brace, parentheses, a selector.
var jsonForm = regexp.MustCompile(`^\{[\s(]*\$\.[A-Za-z_*\['@-]`)

// LooksLikePattern reports whether a text has the form of a JSON pattern, which
// hardly anything else has.
func LooksLikePattern(text string) bool {
	text = strings.Trim(text, blanks)
	return jsonForm.MatchString(text) && strings.HasSuffix(text, "}")
}

// MayHold matches what a file must have for a pattern to be in it, whatever its
// language: the form of a pattern, a key of one, or what stands beside one.
var MayHold = regexp.MustCompile(`\{[\s(\\"']*[\\$\x60]?\$\.[A-Za-z_*\['@-]|(?i:(?:filter|event)[_ -]?pattern|(?:metric|subscription)[_ -]?filter|log[_ -]?group[_ -]?name|` +
	`metric[_ -]?transformation|cloudwatchlog\b|AWS::Events::Rule|cloudwatch_event_rule)`)

// KeyKind says what a key promises of its value.
type KeyKind byte

// The kinds of keys.
const (
	NoKey     KeyKind = iota // nothing
	MaybeKey                 // a pattern, where LooksLikePattern agrees or a sibling is about logs
	StrongKey                // a filter pattern, whatever its form
)

// KindOfKey tells by a key whether its value is a filter pattern.
func KindOfKey(key string) KeyKind {
	switch name := foldKey(key); {
	case strings.HasSuffix(name, "filterpattern"), name == "metricfilterpattern":
		return StrongKey
	case name == "pattern", name == "filter", strings.HasSuffix(name, "pattern"), name == "patterntext":
		return MaybeKey
	}
	return NoKey
}

// aboutLogs are keys that stand beside the pattern of a metric or subscription
// filter.
var aboutLogs = []string{
	"loggroupname", "loggroup", "loggroups", "loggroupnames", "metrictransformation", "metrictransformations", "metricname", "metricnamespace", "metricvalue",
	"destinationarn", "cloudwatchloggroupname",
}

// AboutLogs reports whether a key stands beside the patterns of metric and
// subscription filters.
func AboutLogs(key string) bool { return slices.Contains(aboutLogs, foldKey(key)) }

// foldKey makes one spelling of filterPattern, filter_pattern and FilterPattern.
func foldKey(key string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "", ".", "").Replace(key))
}

// placeholder matches what template engines put in later: Jinja, Handlebars and
// Go templates, ERB.
var placeholder = regexp.MustCompile(`\{\{[^{}\n]*\}\}|\{%[^{}\n]*?%\}|<%[^\n]*?%>`)

// variable matches what shells and tools put in: ${name}. In a pattern it means
// nothing.
var variable = regexp.MustCompile(`\$\{[^{}\n]*\}`)

// FillPlaceholders makes holes of the placeholders of template engines.
func FillPlaceholders(t Text, h Holes) Text { return fill(t, h, placeholder) }

// framework matches variables of the Serverless Framework: ${self:custom.x}.
var framework = regexp.MustCompile(`\$\{(?:self|opt|file|env|param|cf|ssm|sls|s3|aws|git|strToBool)[:(][^{}\n]*(?:\{[^{}\n]*\}[^{}\n]*)*\}`)

// FillFramework makes holes of the variables of the Serverless Framework, which
// stand in templates beside those of Fn::Sub.
func FillFramework(t Text, h Holes) Text { return fill(t, h, framework) }

// FillVariables makes holes of ${...}.
func FillVariables(t Text, h Holes) Text { return fill(t, h, variable) }

// inAngles matches what people put in the place of a value: = <name>.
var inAngles = regexp.MustCompile(`<[A-Za-z][A-Za-z0-9_ -]*>`)

// FillAngles makes holes of <name>, which prose has in the place of values.
func FillAngles(t Text, h Holes) Text { return fill(t, h, inAngles) }

func fill(t Text, h Holes, what *regexp.Regexp) Text {
	if !strings.ContainsAny(t.Value, "{<") {
		return t
	}
	found := what.FindAllStringIndex(t.Value, -1)
	if found == nil {
		return t
	}
	var b Builder
	from := 0
	for _, at := range found {
		b.Add(t.Slice(from, at[0]))
		src, pos := t.At(at[0])
		b.Add(Fixed(src, string(h.Make(t.Value[at[0]:at[1]])), pos))
		from = at[1]
	}
	b.Add(t.Slice(from, len(t.Value)))
	return b.Text()
}

// BlankPlaceholders returns the text of a document of the same length in which
// placeholders cannot upset a parser: a line of nothing else becomes a comment,
// any other a word. It returns nil when there are none.
func BlankPlaceholders(data []byte) []byte {
	found := placeholder.FindAllIndex(data, -1)
	if found == nil {
		return nil
	}
	out := slices.Clone(data)
	for _, at := range found {
		fill := byte('_')
		if aloneOnLine(data, at[0], at[1]) {
			fill = '#'
		}
		for i := at[0]; i < at[1]; i++ {
			out[i] = fill
		}
	}
	return out
}

// RestorePlaceholders makes holes of what BlankPlaceholders has put into a text
// of the file.
func RestorePlaceholders(t Text, h Holes) Text {
	if !strings.Contains(t.Value, "_") {
		return t
	}
	var b Builder
	var regions [][]int
	var of *Source
	from := 0
	for i := 0; i < len(t.Value); i++ {
		src, pos := t.At(i)
		if t.Value[i] != '_' || src == nil || src.Data[pos] == '_' {
			continue
		}
		if of != src {
			of, regions = src, placeholder.FindAllIndex(src.Data, -1)
		}
		for _, r := range regions {
			if pos != r[0] {
				continue
			}
			b.Add(t.Slice(from, i))
			b.Add(Fixed(src, string(h.Make(string(src.Data[r[0]:r[1]]))), pos))
			from = min(i+r[1]-r[0], len(t.Value))
			i = from - 1
		}
	}
	if from == 0 {
		return t
	}
	b.Add(t.Slice(from, len(t.Value)))
	return b.Text()
}

func aloneOnLine(data []byte, from, to int) bool {
	for from > 0 && data[from-1] != '\n' {
		if from--; data[from] != ' ' && data[from] != '\t' {
			return false
		}
	}
	for ; to < len(data) && data[to] != '\n'; to++ {
		if !IsBlank(data[to]) {
			return false
		}
	}
	return true
}

package armtemplate

import (
	"strings"

	"github.com/monitorctl/monitorctl/internal/iac"
)

// maxSteps bounds the work on one resource.
const maxSteps = 100_000

// An evaluator evaluates the expressions of one resource.
type evaluator struct {
	src      *iac.Source
	template *template
	steps    int
	busy     []string // variables and parameters that are being evaluated
}

// expression evaluates the text between brackets.
func (e *evaluator) expression(text string, pos int) iac.Value {
	p := &parser{e: e, text: text, pos: pos}
	v, ok := p.value(0)
	p.blanks()
	if !ok || p.at != len(text) {
		return iac.Unknown(text, e.src, pos)
	}
	if v.Kind == iac.UnknownValue && v.Why == "" {
		return iac.Unknown(text, e.src, pos)
	}
	return v
}

// A parser reads one expression: calls of functions, texts in single quotes and numbers,
// with members behind them.
type parser struct {
	e    *evaluator
	text string
	at   int
	pos  int // of the expression in the file
}

func (p *parser) blanks() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// take skips a character; false when another one stands there.
func (p *parser) take(c byte) bool {
	p.blanks()
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

// value reads a value with its members; false for what is no expression.
func (p *parser) value(depth int) (iac.Value, bool) {
	p.blanks()
	p.e.steps--
	if depth > maxDepth || p.e.steps < 0 || p.at >= len(p.text) {
		return iac.Value{}, false
	}
	from := p.at
	var v iac.Value
	switch c := p.text[p.at]; {
	case c == '\'':
		text, ok := p.quoted()
		if !ok {
			return v, false
		}
		v = iac.Value{Kind: iac.TextValue, Text: text}
	case c == '-' || c >= '0' && c <= '9':
		for p.at++; p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9'; p.at++ {
		}
		v = iac.Value{Kind: iac.NumberValue, Text: p.text[from:p.at]}
	default:
		name := p.name()
		if name == "" || !p.take('(') {
			return v, false
		}
		var args []iac.Value
		for !p.take(')') {
			arg, ok := p.value(depth + 1)
			if !ok {
				return v, false
			}
			args = append(args, arg)
			if !p.take(',') {
				if p.take(')') {
					break
				}
				return v, false
			}
		}
		v = p.e.call(strings.ToLower(name), args)
	}
	v, ok := p.members(v, depth)
	if v.Kind == iac.UnknownValue {
		v.Why = strings.TrimSpace(p.text[from:p.at])
	}
	return v, ok
}

// members reads what stands behind a value: .name and [0].
func (p *parser) members(v iac.Value, depth int) (iac.Value, bool) {
	for {
		switch {
		case p.take('.'):
			name := p.name()
			if name == "" {
				return v, false
			}
			v = member(v, name)
		case p.take('['):
			key, ok := p.value(depth + 1)
			if !ok || !p.take(']') {
				return v, false
			}
			v = member(v, key.Text)
		default:
			return v, true
		}
	}
}

// member returns a member of an object or a list.
func member(v iac.Value, key string) iac.Value {
	switch v.Kind {
	case iac.ObjectValue:
		return v.Get(key)
	case iac.ListValue:
		n := 0
		for _, c := range key {
			if c < '0' || c > '9' || n > len(v.Items) {
				return iac.Value{Kind: iac.UnknownValue}
			}
			n = 10*n + int(c-'0')
		}
		if key != "" && n < len(v.Items) {
			return v.Items[n]
		}
	}
	return iac.Value{Kind: iac.UnknownValue}
}

func (p *parser) name() string {
	p.blanks()
	from := p.at
	for p.at < len(p.text) {
		c := p.text[p.at]
		if c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			break
		}
		p.at++
	}
	return p.text[from:p.at]
}

// quoted reads a text in single quotes, in which two stand for one.
func (p *parser) quoted() (string, bool) {
	var b strings.Builder
	for p.at++; p.at < len(p.text); p.at++ {
		if p.text[p.at] != '\'' {
			b.WriteByte(p.text[p.at])
			continue
		}
		if p.at+1 < len(p.text) && p.text[p.at+1] == '\'' {
			b.WriteByte('\'')
			p.at++
			continue
		}
		p.at++
		return b.String(), true
	}
	return "", false
}

// call evaluates a function whose name is in lower case. What a template does not say is
// unknown.
func (e *evaluator) call(name string, args []iac.Value) iac.Value {
	unknown := iac.Value{Kind: iac.UnknownValue}
	texts := make([]string, len(args))
	for i, a := range args {
		if a.Kind != iac.TextValue && a.Kind != iac.NumberValue {
			texts = nil
			break
		}
		texts[i] = a.Text
	}
	switch {
	case name == "parameters" && len(texts) == 1:
		return e.lookup("parameters", texts[0])
	case name == "variables" && len(texts) == 1:
		return e.lookup("variables", texts[0])
	case name == "concat" && texts != nil:
		return textValue(strings.Join(texts, ""))
	case name == "tolower" && len(texts) == 1:
		return textValue(strings.ToLower(texts[0]))
	case name == "toupper" && len(texts) == 1:
		return textValue(strings.ToUpper(texts[0]))
	case name == "format" && len(texts) > 0:
		return format(texts)
	case name == "createarray":
		return iac.Value{Kind: iac.ListValue, Items: args}
	case name == "true" && len(args) == 0, name == "false" && len(args) == 0:
		return iac.Value{Kind: iac.FlagValue, Flag: name == "true"}
	case name == "null" && len(args) == 0, name == "json" && len(texts) == 1 && texts[0] == "null":
		return iac.Value{}
	}
	return unknown
}

func textValue(text string) iac.Value {
	if len(text) > iac.MaxText {
		return iac.Value{Kind: iac.UnknownValue}
	}
	return iac.Value{Kind: iac.TextValue, Text: text}
}

// format puts texts into the places {0}, {1} of the first one.
func format(texts []string) iac.Value {
	out := texts[0]
	for i, text := range texts[1:] {
		out = strings.ReplaceAll(out, "{"+string(rune('0'+i%10))+"}", text)
	}
	if strings.ContainsAny(out, "{}") || len(texts) > 10 {
		return iac.Value{Kind: iac.UnknownValue}
	}
	return textValue(out)
}

// lookup evaluates a variable, or the default of a parameter.
func (e *evaluator) lookup(what, name string) iac.Value {
	unknown := iac.Value{Kind: iac.UnknownValue}
	from := e.template.variables
	if what == "parameters" {
		from = e.template.parameters
	}
	if from == nil {
		return unknown
	}
	for _, f := range from.Fields {
		if !strings.EqualFold(f.Key, name) {
			continue
		}
		node := f.Value
		if what == "parameters" {
			node = f.Value.Get("defaultValue")
		}
		key := what + " " + strings.ToLower(name)
		for _, busy := range e.busy {
			if busy == key {
				return unknown
			}
		}
		if node == nil {
			return unknown
		}
		e.busy = append(e.busy, key)
		v := e.node(node, 0)
		e.busy = e.busy[:len(e.busy)-1]
		return v
	}
	return unknown
}

package awstest

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

func mathTokens(text string) ([]string, error) {
	var tokens []string
	for i := 0; i < len(text); {
		start := i
		switch c := text[i]; {
		case strings.ContainsRune(" \t\r\n", rune(c)):
			i++
			continue
		case isWordByte(c) || c == '.':
			for i < len(text) && (isWordByte(text[i]) || text[i] == '.') {
				i++
			}
		case c == '"' || c == '\'':
			end := strings.IndexByte(text[i+1:], c)
			if end < 0 {
				return nil, fmt.Errorf("unclosed quote in %q", text)
			}
			i += end + 2
		case i+1 < len(text) && slices.Contains([]string{">=", "<=", "==", "!=", "&&", "||"}, text[i:i+2]):
			i += 2
		case strings.ContainsRune("+-*/^()[],<>", rune(c)):
			i++
		default:
			return nil, fmt.Errorf("unexpected %q in %q", c, text)
		}
		tokens = append(tokens, text[start:i])
	}
	return tokens, nil
}

// A mathParser evaluates while it parses. A result is a list of time series,
// usually of one.
type mathParser struct {
	env    *mathEnv
	tokens []string
	pos    int
	depth  int
}

func (p *mathParser) next() string {
	if p.pos < len(p.tokens) {
		return p.tokens[p.pos]
	}
	return ""
}

func (p *mathParser) take(want string) bool {
	if p.next() != want {
		return false
	}
	p.pos++
	return true
}

// levels are the binary operators, from loosest to tightest.
var levels = [][]string{{"OR", "||"}, {"AND", "&&"}, {"<", "<=", ">", ">=", "==", "!="}, {"+", "-"}, {"*", "/"}, {"^"}}

func (p *mathParser) binary(level int) ([]vector, error) {
	if level == len(levels) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	for err == nil && slices.Contains(levels[level], p.next()) {
		operator := p.next()
		p.pos++
		var right []vector
		if right, err = p.binary(level + 1); err == nil {
			left, err = combine(left, right, operator)
		}
	}
	return left, err
}

func (p *mathParser) unary() ([]vector, error) {
	if p.depth++; p.depth > maxRuleDepth {
		return nil, fmt.Errorf("expression nested too deeply")
	}
	defer func() { p.depth-- }()
	token := p.next()
	p.pos++
	switch {
	case token == "-":
		list, err := p.unary()
		if err != nil {
			return nil, err
		}
		return combine([]vector{{scalar: true}}, list, "-")
	case token == "(":
		list, err := p.binary(0)
		if err == nil && !p.take(")") {
			err = fmt.Errorf("missing parenthesis")
		}
		return list, err
	case token == "[":
		list, err := p.list("]")
		for i := range list {
			list[i].member = true
		}
		return list, err
	case token == "":
		return nil, fmt.Errorf("expression ends too early")
	}
	if n, err := strconv.ParseFloat(token, 64); err == nil {
		return []vector{{scalar: true, number: n}}, nil
	}
	if p.take("(") {
		return p.function(token)
	}
	v, err := p.env.id(token)
	return []vector{v}, err
}

// list parses expressions up to the closing token and joins their series.
func (p *mathParser) list(closing string) ([]vector, error) {
	var all []vector
	for !p.take(closing) {
		list, err := p.binary(0)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
		if !p.take(",") && p.next() != closing {
			return nil, fmt.Errorf("missing %q", closing)
		}
	}
	return all, nil
}

func (p *mathParser) function(name string) ([]vector, error) {
	switch name {
	case "METRICS":
		part := ""
		if strings.HasPrefix(p.next(), `"`) || strings.HasPrefix(p.next(), "'") {
			part = strings.Trim(p.next(), `"'`)
			p.pos++
		}
		if !p.take(")") {
			return nil, fmt.Errorf("missing parenthesis after METRICS")
		}
		return p.env.metrics(part)
	case "FILL":
		return p.fill()
	case "IF":
		return p.choose()
	}
	arguments, err := p.list(")")
	if err != nil {
		return nil, err
	}
	switch name {
	case "SUM", "MAX", "MIN", "AVG":
		return aggregate(name, arguments), nil
	case "ABS", "CEIL", "FLOOR":
		apply := map[string]func(float64) float64{"ABS": math.Abs, "CEIL": math.Ceil, "FLOOR": math.Floor}[name]
		return combineEach(arguments, apply), nil
	default:
		return nil, fmt.Errorf("awstest does not evaluate the function %s", name)
	}
}

// fill parses what follows FILL(: series, then a number or REPEAT.
func (p *mathParser) fill() ([]vector, error) {
	list, err := p.binary(0)
	if err != nil {
		return nil, err
	}
	if !p.take(",") {
		return nil, fmt.Errorf("FILL needs two arguments")
	}
	repeat := p.take("REPEAT")
	filler := vector{}
	if !repeat {
		values, err := p.binary(0)
		if err != nil {
			return nil, err
		}
		if filler, err = single(values); err != nil {
			return nil, err
		}
	}
	if !p.take(")") {
		return nil, fmt.Errorf("missing parenthesis after FILL")
	}
	for i := range list {
		list[i].points = slices.Clone(list[i].points)
		for j := len(list[i].points) - 1; j >= 0; j-- { // oldest first
			at := &list[i].points[j]
			switch {
			case at.present:
			case !repeat:
				at.present, at.value = filler.point(j).present, filler.point(j).value
			case j+1 < len(list[i].points):
				at.present, at.value = list[i].points[j+1].present, list[i].points[j+1].value
			}
		}
	}
	return list, nil
}

// choose parses what follows IF(: a condition and two values. Each period
// takes one of them.
func (p *mathParser) choose() ([]vector, error) {
	arguments, err := p.list(")")
	if err != nil {
		return nil, err
	}
	if len(arguments) != 3 {
		return nil, fmt.Errorf("IF needs three arguments")
	}
	condition, yes, no := arguments[0], arguments[1], arguments[2]
	if condition.scalar {
		return nil, fmt.Errorf("IF needs a time series as condition")
	}
	out := vector{points: slices.Clone(condition.points)}
	for i, c := range condition.points {
		if !c.present {
			continue
		}
		chosen := no
		if c.value != 0 {
			chosen = yes
		}
		out.points[i].present, out.points[i].value = chosen.point(i).present, chosen.point(i).value
	}
	return []vector{out}, nil
}

package awstest

import (
	"fmt"
	"strings"
)

// parseRule parses an AlarmRule. Source: PutCompositeAlarm, AlarmRule.
func parseRule(text string) (rule, error) {
	p := &ruleParser{text: text}
	parsed, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.blanks(); p.pos < len(p.text) {
		return nil, p.fail("end of the rule")
	}
	return parsed, nil
}

type ruleParser struct {
	text  string
	pos   int
	depth int
}

// maxRuleDepth limits nesting, so that no rule exhausts the stack.
const maxRuleDepth = 100

func (p *ruleParser) fail(want string) error {
	return fmt.Errorf("offset %d: expected %s", p.pos, want)
}

func (p *ruleParser) blanks() {
	p.pos += len(p.text[p.pos:]) - len(strings.TrimLeft(p.text[p.pos:], " \t\r\n"))
}

// word takes a keyword if it is next.
func (p *ruleParser) word(want string) bool {
	p.blanks()
	rest := p.text[p.pos:]
	if len(rest) < len(want) || !strings.EqualFold(rest[:len(want)], want) {
		return false
	}
	if len(rest) > len(want) && isWordByte(rest[len(want)]) && isWordByte(want[len(want)-1]) {
		return false
	}
	p.pos += len(want)
	return true
}

func isWordByte(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

func (p *ruleParser) or() (rule, error) {
	left, err := p.and()
	for err == nil && p.word("OR") {
		var right rule
		right, err = p.and()
		left = ruleOr{left, right}
	}
	return left, err
}

func (p *ruleParser) and() (rule, error) {
	left, err := p.unary()
	for err == nil && p.word("AND") {
		var right rule
		right, err = p.unary()
		left = ruleAnd{left, right}
	}
	return left, err
}

func (p *ruleParser) state() (string, bool) {
	for _, s := range []string{StateInsufficientData, StateAlarm, StateOK} {
		if p.word(s) {
			return s, true
		}
	}
	return "", false
}

// atLeast parses what follows AT_LEAST: (2, ALARM, (a, b)) or (50%, NOT OK, (a)).
func (p *ruleParser) atLeast() (rule, error) {
	if !p.word("(") {
		return nil, p.fail("a parenthesis")
	}
	p.blanks()
	r := ruleAtLeast{}
	start := p.pos
	for p.pos < len(p.text) && '0' <= p.text[p.pos] && p.text[p.pos] <= '9' && p.pos-start < 4 {
		r.count = r.count*10 + int(p.text[p.pos]-'0')
		p.pos++
	}
	if p.pos == start {
		return nil, p.fail("a number")
	}
	r.percent = p.word("%")
	if !p.word(",") {
		return nil, p.fail("a comma")
	}
	r.not = p.word("NOT")
	var ok bool
	if r.state, ok = p.state(); !ok || !p.word(",") {
		return nil, p.fail("a state and a comma")
	}
	var err error
	if r.of, err = p.nameList(); err != nil {
		return nil, err
	}
	if !p.word(")") {
		return nil, p.fail("a closing parenthesis")
	}
	return r, nil
}

// nameList parses (name, "name", ...).
func (p *ruleParser) nameList() ([]string, error) {
	if !p.word("(") {
		return nil, p.fail("a parenthesis")
	}
	var names []string
	for {
		p.blanks()
		name, ok := p.name()
		if !ok {
			return nil, p.fail("an alarm name")
		}
		names = append(names, name)
		if p.word(")") {
			return names, nil
		}
		if !p.word(",") {
			return nil, p.fail("a comma or a closing parenthesis")
		}
	}
}

// name parses an alarm name or ARN, quoted (with \" for a quote) or bare.
func (p *ruleParser) name() (string, bool) {
	rest := p.text[p.pos:]
	if !strings.HasPrefix(rest, `"`) {
		end := strings.IndexAny(rest, "(), \t\r\n")
		if end < 0 {
			end = len(rest)
		}
		p.pos += end
		return rest[:end], end > 0
	}
	var b strings.Builder
	for i := 1; i < len(rest); i++ {
		switch {
		case rest[i] == '\\' && i+1 < len(rest):
			i++
			b.WriteByte(rest[i])
		case rest[i] == '"':
			p.pos += i + 1
			return b.String(), b.Len() > 0
		default:
			b.WriteByte(rest[i])
		}
	}
	return "", false
}
func (p *ruleParser) unary() (rule, error) {
	if p.depth++; p.depth > maxRuleDepth {
		return nil, p.fail("less nesting")
	}
	defer func() { p.depth-- }()
	switch {
	case p.word("NOT"):
		of, err := p.unary()
		return ruleNot{of}, err
	case p.word("("):
		inner, err := p.or()
		if err == nil && !p.word(")") {
			err = p.fail("a closing parenthesis")
		}
		return inner, err
	case p.word("TRUE"):
		return ruleConst(true), nil
	case p.word("FALSE"):
		return ruleConst(false), nil
	case p.word("AT_LEAST"):
		return p.atLeast()
	}
	state, ok := p.state()
	if !ok {
		return nil, p.fail("ALARM, OK, INSUFFICIENT_DATA, TRUE, FALSE, NOT, AT_LEAST or a parenthesis")
	}
	names, err := p.nameList()
	if err == nil && len(names) != 1 {
		err = p.fail("one alarm name")
	}
	if err != nil {
		return nil, err
	}
	return ruleState{state, names[0]}, nil
}

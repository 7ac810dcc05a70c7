package alarm

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	// maxRule is AWS's limit on the length of a rule.
	maxRule = 10240

	// maxDepth bounds nested parentheses and NOTs; AWS allows 500 elements in
	// all.
	maxDepth = 500
)

// A SyntaxError says where an expression stops making sense.
type SyntaxError struct {
	Offset int    // bytes from the start of the expression, 0-based
	Msg    string // lower case, no full stop
}

// Error returns the message with its place.
func (e *SyntaxError) Error() string { return fmt.Sprintf("offset %d: %s", e.Offset, e.Msg) }

// An UnknownFunctionError says that an expression calls a function that this
// package does not know. It may be right all the same.
type UnknownFunctionError struct {
	Name   string
	Offset int // bytes from the start of the expression, 0-based
}

// Error names the function.
func (e *UnknownFunctionError) Error() string {
	return fmt.Sprintf("offset %d: function %q is not understood", e.Offset, e.Name)
}

// ParseRule parses the rule expression of a composite alarm. The error is a
// *SyntaxError or an *UnknownFunctionError.
func ParseRule(text string) (*Rule, error) {
	if len(text) > maxRule {
		return nil, &SyntaxError{maxRule, fmt.Sprintf("a rule of %d bytes is longer than %d", len(text), maxRule)}
	}
	p := &ruleParser{text: text}
	root, err := p.chain(0)
	if err != nil {
		return nil, err
	}
	if p.skip(); p.at < len(text) {
		return nil, p.fail("expected AND, OR or the end")
	}
	return &Rule{root}, nil
}

// ruleParser reads a rule from left to right. Keywords are taken in any case:
// AWS's own text writes FALSE and false.
type ruleParser struct {
	text string
	at   int
}

func (p *ruleParser) fail(format string, args ...any) error {
	return &SyntaxError{p.at, fmt.Sprintf(format, args...)}
}

func (p *ruleParser) skip() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// take skips white space and then c, when it comes next.
func (p *ruleParser) take(c byte) bool {
	p.skip()
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *ruleParser) expect(c byte) error {
	if !p.take(c) {
		return p.fail("expected %q", c)
	}
	return nil
}

// word returns the next run of characters that an unquoted name may have: AWS
// excludes spaces, parentheses and commas.
func (p *ruleParser) word() string {
	p.skip()
	end := strings.IndexAny(p.text[p.at:], special)
	if end < 0 {
		end = len(p.text) - p.at
	}
	return p.text[p.at : p.at+end]
}

// keyword skips a word when it comes next.
func (p *ruleParser) keyword(name string) bool {
	w := p.word()
	if !strings.EqualFold(w, name) {
		return false
	}
	p.at += len(w)
	return true
}

func (p *ruleParser) chain(depth int) (node, error) {
	if depth > maxDepth {
		return nil, p.fail("nested too deeply")
	}
	first, err := p.operand(depth)
	if err != nil {
		return nil, err
	}
	c := chain{operands: []node{first}}
	for {
		or := p.keyword("OR")
		if !or && !p.keyword("AND") {
			break
		}
		x, err := p.operand(depth)
		if err != nil {
			return nil, err
		}
		c.operands, c.or = append(c.operands, x), append(c.or, or)
	}
	if len(c.or) == 0 {
		return first, nil
	}
	return c, nil
}

func (p *ruleParser) operand(depth int) (node, error) {
	if depth > maxDepth {
		return nil, p.fail("nested too deeply")
	}
	if p.take('(') {
		x, err := p.chain(depth + 1)
		if err != nil {
			return nil, err
		}
		return x, p.expect(')')
	}
	w := strings.ToUpper(p.word())
	switch w {
	case "":
		return nil, p.fail("expected a condition")
	case "NOT":
		p.at += len(w)
		x, err := p.operand(depth + 1)
		return not{x}, err
	case "TRUE", "FALSE":
		p.at += len(w)
		return constant(w == "TRUE"), nil
	case OK, InAlarm, InsufficientData:
		p.at += len(w)
		return p.inState(w)
	case "AT_LEAST":
		p.at += len(w)
		return p.atLeast()
	}
	return nil, p.unknown()
}

// unknown tells a function from a stray word.
func (p *ruleParser) unknown() error {
	offset, w := p.at, p.word()
	p.at += len(w)
	if p.take('(') {
		return &UnknownFunctionError{w, offset}
	}
	return &SyntaxError{offset, fmt.Sprintf("expected a condition, not %q", w)}
}

func (p *ruleParser) inState(state string) (node, error) {
	if err := p.expect('('); err != nil {
		return nil, err
	}
	name, err := p.name()
	if err != nil {
		return nil, err
	}
	return inState{state, name}, p.expect(')')
}

// name reads the name or ARN of an alarm, quoted or not, and returns the name.
func (p *ruleParser) name() (string, error) {
	name, err := p.quoted()
	if err != nil {
		return "", err
	}
	if name == "" {
		name = p.word()
		p.at += len(name)
	}
	if name = nameOf(name); name == "" {
		return "", p.fail("expected the name of an alarm")
	}
	return name, nil
}

// nameOf returns the name in the ARN of an alarm, other texts as they are.
func nameOf(text string) string {
	part := strings.SplitN(text, ":", 7)
	if len(part) == 7 && part[0] == "arn" && part[2] == "cloudwatch" && part[5] == "alarm" {
		return nameOf(part[6])
	}
	return text
}

// quoted reads a quoted text, in which a quote is written \"; "" when none
// comes next.
func (p *ruleParser) quoted() (string, error) {
	if !p.take('"') {
		return "", nil
	}
	var b strings.Builder
	for ; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return b.String(), nil
		case c == '\\' && strings.HasPrefix(p.text[p.at+1:], `"`):
			p.at++
			b.WriteByte('"')
		default:
			b.WriteByte(c)
		}
	}
	return "", p.fail("expected a closing quote")
}

// atLeast reads the arguments of AT_LEAST(M, [NOT] STATE, (name, ...)).
func (p *ruleParser) atLeast() (node, error) {
	var n atLeast
	for _, step := range []func() error{
		func() error { return p.expect('(') },
		func() error { return p.threshold(&n) },
		func() error { return p.expect(',') },
		func() error { return p.state(&n) },
		func() error { return p.expect(',') },
		func() error { return p.names(&n) },
		func() error { return p.expect(')') },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// threshold reads 2, 50% or "50%".
func (p *ruleParser) threshold(n *atLeast) error {
	offset := p.at
	text, err := p.quoted()
	if err != nil {
		return err
	}
	if text == "" {
		text = p.word()
		p.at += len(text)
	}
	digits, percent := strings.CutSuffix(text, "%")
	m, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || percent && m > 100 {
		return &SyntaxError{offset, fmt.Sprintf("expected a number or percentage, not %q", text)}
	}
	n.m, n.percent = int(m), percent
	return nil
}

func (p *ruleParser) state(n *atLeast) error {
	n.negated = p.keyword("NOT")
	for _, state := range []string{OK, InAlarm, InsufficientData} {
		if p.keyword(state) {
			n.state = state
			return nil
		}
	}
	return p.fail("expected a state, not %q", p.word())
}

func (p *ruleParser) names(n *atLeast) error {
	if err := p.expect('('); err != nil {
		return err
	}
	for {
		name, err := p.name()
		if err != nil {
			return err
		}
		n.names = append(n.names, name)
		if !p.take(',') {
			return p.expect(')')
		}
	}
}

package alarm

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	// maxExpression is AWS's limit on the length of an expression.
	maxExpression = 2048

	// maxNesting bounds parentheses, signs and expressions within expressions.
	maxNesting = 100
)

// expr is a node of a parsed expression: literal, text, ref, call, list,
// negation or binary.
type expr interface{ expr() }

type (
	literal float64
	text    string // the argument of METRICS
	ref     string // the id of a query
	call    struct {
		name string
		args []expr
	}
	list     []expr // [m1, m2]
	negation struct{ of expr }
	binary   struct {
		op          string // + - * / < <= > >= == !=
		left, right expr
	}
)

func (literal) expr()  {}
func (text) expr()     {}
func (ref) expr()      {}
func (call) expr()     {}
func (list) expr()     {}
func (negation) expr() {}
func (binary) expr()   {}

// mathParser reads an expression from left to right.
type mathParser struct {
	text string
	at   int
}

func parseMath(expression string) (expr, error) {
	if len(expression) > maxExpression {
		return nil, fmt.Errorf("it is longer than %d bytes", maxExpression)
	}
	p := &mathParser{text: expression}
	x, err := p.comparison(0)
	if err != nil {
		return nil, err
	}
	if p.skip(); p.at < len(p.text) {
		return nil, p.unexpected()
	}
	return x, nil
}

func (p *mathParser) skip() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// take skips white space and then the first of tokens that comes next; "" when
// none does.
func (p *mathParser) take(tokens ...string) string {
	p.skip()
	for _, t := range tokens {
		if strings.HasPrefix(p.text[p.at:], t) {
			p.at += len(t)
			return t
		}
	}
	return ""
}

func (p *mathParser) unexpected() error {
	rest := p.text[p.at:]
	if rest == "" {
		return fmt.Errorf("it ends too early")
	}
	if w := run(rest, isWord); w != "" {
		rest = w
	}
	return fmt.Errorf("%.20q at offset %d is not understood", rest, p.at)
}

func (p *mathParser) comparison(depth int) (expr, error) {
	return p.level(depth, p.sum, "<=", ">=", "==", "!=", "<", ">")
}

func (p *mathParser) sum(depth int) (expr, error) { return p.level(depth, p.product, "+", "-") }

func (p *mathParser) product(depth int) (expr, error) { return p.level(depth, p.unary, "*", "/") }

// level reads operands of the next tighter level, joined from left to right.
func (p *mathParser) level(depth int, next func(int) (expr, error), operators ...string) (expr, error) {
	left, err := next(depth)
	for err == nil {
		op := p.take(operators...)
		if op == "" {
			break
		}
		var right expr
		right, err = next(depth)
		left = binary{op, left, right}
	}
	return left, err
}

func (p *mathParser) unary(depth int) (expr, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("it is nested too deeply")
	}
	if p.take("-") == "" {
		return p.primary(depth)
	}
	x, err := p.unary(depth + 1)
	return negation{x}, err
}

func (p *mathParser) primary(depth int) (expr, error) {
	if p.take("(") != "" {
		x, err := p.comparison(depth + 1)
		if err == nil && p.take(")") == "" {
			err = p.unexpected()
		}
		return x, err
	}
	if p.take("[") != "" {
		items, err := p.items(depth+1, "]")
		return list(items), err
	}
	if p.take(`"`) != "" {
		return p.quoted()
	}
	rest := p.text[p.at:]
	if number := run(rest, isNumber); number != "" {
		return p.number(number)
	}
	return p.word(depth, run(rest, isWord))
}

// word reads the id of a query, which starts in lower case, or a call.
func (p *mathParser) word(depth int, w string) (expr, error) {
	start := p.at
	p.at += len(w)
	switch {
	case w == "":
	case w[0] >= 'a' && w[0] <= 'z':
		return ref(w), nil
	case p.take("(") != "":
		args, err := p.items(depth+1, ")")
		return call{w, args}, err
	}
	p.at = start
	return nil, p.unexpected()
}

// items reads expressions up to the closing bracket; there may be none.
func (p *mathParser) items(depth int, end string) ([]expr, error) {
	var items []expr
	if p.take(end) != "" {
		return items, nil
	}
	for {
		x, err := p.comparison(depth)
		if err != nil {
			return nil, err
		}
		items = append(items, x)
		switch p.take(",", end) {
		case end:
			return items, nil
		case "":
			return nil, p.unexpected()
		}
	}
}

func (p *mathParser) quoted() (expr, error) {
	s, _, ok := strings.Cut(p.text[p.at:], `"`)
	if !ok {
		p.at = len(p.text)
		return nil, p.unexpected()
	}
	p.at += len(s) + 1
	return text(s), nil
}

func (p *mathParser) number(digits string) (expr, error) {
	v, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return nil, p.unexpected()
	}
	p.at += len(digits)
	return literal(v), nil
}

// run returns the longest prefix of such bytes.
func run(s string, in func(byte) bool) string {
	n := 0
	for n < len(s) && in(s[n]) {
		n++
	}
	return s[:n]
}

func isNumber(c byte) bool { return c >= '0' && c <= '9' || c == '.' }

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

package syntax

// A parser reads the boolean expressions that JSON and space-delimited
// patterns share; leaf reads one condition.
type parser struct {
	*lexer
	tok       token // the next one
	leaf      func() (Expr, error)
	regexes   int
	wildcards int
}

// start reads the opening bracket and the token behind it.
func (p *parser) start() error {
	p.take(tokPunct, 1)
	return p.advance()
}

// advance reads the next token.
func (p *parser) advance() (err error) {
	p.tok, err = p.next()
	if err != nil {
		return err
	}
	if p.tok.kind == tokRegex {
		if p.regexes++; p.regexes > MaxRegexes {
			return p.src.tooManyRegexes(p.tok.pos)
		}
	}
	return nil
}

// expected says that the next token is not what must stand there. It is never
// the end: parsing begins only if the closing bracket is there.
func (p *parser) expected(want string) error {
	return p.src.invalid(p.tok.pos, "expected "+want+", found "+string(p.src[p.tok.pos:p.tok.end]))
}

// or reads and { "||" and }.
func (p *parser) or() (Expr, error) {
	list, err := p.operands("||", p.and)
	if err != nil {
		return nil, err
	}
	return joinOr(list), nil
}

// and reads unary { "&&" unary }.
func (p *parser) and() (Expr, error) {
	list, err := p.operands("&&", p.unary)
	if err != nil {
		return nil, err
	}
	return joinAnd(list), nil
}

// operands reads operand { operator operand }.
func (p *parser) operands(operator string, operand func() (Expr, error)) ([]Expr, error) {
	var list []Expr
	for {
		e, err := operand()
		if err != nil {
			return nil, err
		}
		list = append(list, e)
		if !p.tok.is(operator) {
			return list, nil
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
}

// unary reads a condition or an expression in parentheses.
func (p *parser) unary() (Expr, error) {
	if !p.tok.is("(") {
		return p.leaf()
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if !p.tok.is(")") {
		return nil, p.expected("&&, || or )")
	}
	if a, ok := e.(*And); ok {
		a.Grouped = true
	}
	return e, p.advance()
}

// joinAnd joins operands with &&, taking in those of nested ones. A nil
// operand is always true.
func joinAnd(list []Expr) Expr {
	if len(list) == 1 {
		return list[0] // keeps its parentheses
	}
	var flat []Expr
	for _, e := range list {
		switch e := e.(type) {
		case nil:
		case *And:
			flat = append(flat, e.List...)
		default:
			flat = append(flat, e)
		}
	}
	switch len(flat) {
	case 0:
		return nil
	case 1:
		return flat[0]
	default:
		return &And{List: flat}
	}
}

// joinOr joins operands with ||, taking in those of nested ones. A nil
// operand is always true.
func joinOr(list []Expr) Expr {
	var flat []Expr
	for _, e := range list {
		switch e := e.(type) {
		case nil:
			return nil
		case *Or:
			flat = append(flat, e.List...)
		default:
			flat = append(flat, e)
		}
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return &Or{flat}
}

// comparison reads an operator and a value into c. It reports whether there was
// an operator.
func (p *parser) comparison(c *Condition, badNumber func(token) error) (bool, error) {
	if p.tok.kind != tokCompare {
		return false, nil
	}
	c.Op = operators[p.tok.text]
	if err := p.advance(); err != nil {
		return true, err
	}
	ordering := c.Op != OpEqual && c.Op != OpNotEqual
	if ordering && p.tok.kind != tokNumber {
		if p.isValue() {
			return true, badNumber(p.tok)
		}
		return true, p.expected("a number")
	}
	if !p.isValue() {
		return true, p.expected("a value")
	}
	c.Val = valueOfToken(p.tok)
	return true, p.advance()
}

var operators = map[string]Operator{
	"=": OpEqual, "!=": OpNotEqual,
	"<": OpLess, "<=": OpLessEqual, ">": OpGreater, ">=": OpGreaterEqual,
}

// isValue reports whether the next token is a value. null is none.
func (p *parser) isValue() bool {
	switch p.tok.kind {
	case tokString, tokRegex, tokNumber:
		return true
	case tokWord:
		return p.tok.text != "null"
	default:
		return false
	}
}

func valueOfToken(t token) Value {
	v := Value{Pos: t.pos, Text: t.text, Num: t.num, Regex: t.re}
	switch t.kind {
	case tokNumber:
		v.Kind = ValueNumber
	case tokRegex:
		v.Kind = ValueRegex
		v.Text = ""
	}
	return v
}

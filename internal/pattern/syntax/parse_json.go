package syntax

// parseJSON reads { ... }.
func parseJSON(l *lexer) (Node, error) {
	if l.end-l.pos < 2 || l.src[l.end-1] != '}' {
		return nil, l.src.mustEnd(l.end, "{", "}")
	}
	l.punct = "{}()"
	p := &parser{lexer: l}
	p.leaf = p.condition
	if err := p.start(); err != nil {
		return nil, err
	}
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if !p.tok.is("}") {
		return nil, p.expected("&&, || or }")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind != tokEnd {
		return nil, p.expected("the end behind }")
	}
	return &JSON{e}, nil
}

// condition reads a selector and what is said of it.
func (p *parser) condition() (Expr, error) {
	if p.tok.kind != tokSelector {
		return nil, p.expected("a selector such as $.eventName, or (")
	}
	c := &Condition{Pos: p.tok.pos, Sel: p.tok.sel}
	if c.Sel.HasWildcard() {
		if p.wildcards++; p.wildcards > MaxWildcards {
			return nil, p.src.tooManyWildcards(c.Pos)
		}
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	switch {
	case p.tok.isKeyword("IS"):
		return c, p.is(c)
	case p.tok.isKeyword("NOT"):
		return c, p.notExists(c)
	}
	compared, err := p.comparison(c, p.notANumber)
	if err != nil {
		return nil, err
	}
	if !compared {
		return nil, p.expected("=, !=, <, <=, >, >=, IS or NOT EXISTS")
	}
	return c, nil
}

// is reads IS NULL, IS TRUE or IS FALSE.
func (p *parser) is(c *Condition) error {
	if err := p.advance(); err != nil {
		return err
	}
	const want = "expected NULL, TRUE or FALSE"
	switch {
	case p.tok.isKeyword("NULL"):
		c.Op = OpIsNull
	case p.tok.isKeyword("TRUE"):
		c.Op = OpIsTrue
	case p.tok.isKeyword("FALSE"):
		c.Op = OpIsFalse
	case p.tok.kind == tokWord:
		return p.src.badTerm(p.tok.pos, p.tok.end, want)
	default:
		return p.src.invalid(p.tok.pos, want)
	}
	return p.advance()
}

// notExists reads NOT EXISTS.
func (p *parser) notExists(c *Condition) error {
	if err := p.advance(); err != nil {
		return err
	}
	if !p.tok.isKeyword("EXISTS") {
		return p.expected("EXISTS")
	}
	c.Op = OpNotExists
	return p.advance()
}

// notANumber refuses a value behind an ordering operator.
func (p *parser) notANumber(t token) error {
	return p.src.badTerm(t.pos, t.end, "expected a number without quotes")
}

package pattern

// parseJSON reads { ... }.
func parseJSON(l *lexer) (node, error) {
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
	return &jsonPattern{e}, nil
}

// condition reads a selector and what is said of it.
func (p *parser) condition() (expr, error) {
	if p.tok.kind != tokSelector {
		return nil, p.expected("a selector such as $.eventName, or (")
	}
	c := &condition{pos: p.tok.pos, sel: p.tok.sel}
	if c.sel.HasWildcard() {
		if p.wildcards++; p.wildcards > maxWildcards {
			return nil, p.src.tooManyWildcards(c.pos)
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
func (p *parser) is(c *condition) error {
	if err := p.advance(); err != nil {
		return err
	}
	const want = "expected NULL, TRUE or FALSE"
	switch {
	case p.tok.isKeyword("NULL"):
		c.op = opIsNull
	case p.tok.isKeyword("TRUE"):
		c.op = opIsTrue
	case p.tok.isKeyword("FALSE"):
		c.op = opIsFalse
	case p.tok.kind == tokWord:
		return p.src.badTerm(p.tok.pos, p.tok.end, want)
	default:
		return p.src.invalid(p.tok.pos, want)
	}
	return p.advance()
}

// notExists reads NOT EXISTS.
func (p *parser) notExists(c *condition) error {
	if err := p.advance(); err != nil {
		return err
	}
	if !p.tok.isKeyword("EXISTS") {
		return p.expected("EXISTS")
	}
	c.op = opNotExists
	return p.advance()
}

// notANumber refuses a value behind an ordering operator.
func (p *parser) notANumber(t token) error {
	return p.src.badTerm(t.pos, t.end, "expected a number without quotes")
}

package eventpattern

// numeric takes [op, n] or [op, n, op, m].
func (p *parser) numeric(at Offset) (Test, error) {
	if err := p.expect('[', "an array behind numeric"); err != nil {
		return nil, err
	}
	op, opAt, b, err := p.comparison()
	if err != nil {
		return nil, err
	}
	t := &Numeric{Offset: at}
	switch op {
	case "=":
		t.Low, t.High = b, b
	case "<", "<=":
		t.High = b
	case ">", ">=":
		t.Low = b
	default:
		return nil, p.fail(opAt, "numeric takes = < <= > >=, not %s", quote(op))
	}
	more, err := p.more(']', false)
	if err != nil || !more {
		return t, err
	}
	if t.High != nil {
		return nil, p.fail(p.pos, "only a lower bound may be followed by another")
	}
	if op, opAt, t.High, err = p.comparison(); err != nil {
		return nil, err
	}
	switch {
	case op != "<" && op != "<=":
		return nil, p.fail(opAt, "the second bound must be < or <=")
	case t.Low.value >= t.High.value:
		return nil, p.fail(opAt, "the lower bound must be less than the upper one")
	}
	return t, p.expect(']', "the end of the array")
}

// comparison takes an operator, a comma and a number.
func (p *parser) comparison() (op string, at int, b *Bound, err error) {
	if p.next() != '"' {
		return "", 0, nil, p.fail(p.pos, "expected one of \"=\" \"<\" \"<=\" \">\" \">=\"")
	}
	at = p.pos
	if op, err = p.str(); err != nil {
		return "", 0, nil, err
	}
	if err := p.expect(',', "a comma and a number"); err != nil {
		return "", 0, nil, err
	}
	n, err := p.comparable("expected a number")
	return op, at, &Bound{n, op == "=" || op == "<=" || op == ">="}, err
}

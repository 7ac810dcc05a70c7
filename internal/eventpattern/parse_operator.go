package eventpattern

// The operators, as AWS's page "Comparison operators for use in event patterns"
// lists them; exactly is in the engine only.
const (
	opPrefix      = "prefix"
	opSuffix      = "suffix"
	opFold        = "equals-ignore-case"
	opWildcard    = "wildcard"
	opAnythingBut = "anything-but"
	opNumeric     = "numeric"
	opCIDR        = "cidr"
	opExists      = "exists"
	opExactly     = "exactly"
)

// operator takes an object with one operator.
func (p *parser) operator() (Test, error) {
	at := Offset(p.pos)
	name, nameAt, err := p.operatorName()
	if err != nil {
		return nil, err
	}
	t, err := p.operand(at, name, nameAt)
	if err != nil {
		return nil, err
	}
	return t, p.closeOperator()
}

// operatorName takes the opening brace, the name and its colon.
func (p *parser) operatorName() (name string, at int, err error) {
	p.pos++
	if p.next() == '}' {
		return "", 0, p.fail(p.pos, "expected the name of an operator")
	}
	at = p.pos
	name, err = p.name()
	return name, at, err
}

func (p *parser) closeOperator() error {
	return p.expect('}', "a closing brace: an object in an array holds one operator only")
}

func (p *parser) operand(at Offset, name string, nameAt int) (Test, error) {
	switch name {
	case opPrefix:
		return p.affix(at, name, Prefix, PrefixFold)
	case opSuffix:
		return p.affix(at, name, Suffix, SuffixFold)
	case opFold:
		return p.text(at, name, EqualsFold)
	case opWildcard:
		return p.text(at, name, MatchesWildcard)
	case opExactly:
		return p.text(at, name, Exactly)
	case opAnythingBut:
		return p.anythingBut(at)
	case opNumeric:
		return p.numeric(at)
	case opCIDR:
		return p.cidr(at)
	case opExists:
		return p.exists(at)
	default:
		return nil, p.fail(nameAt, "unknown operator %s", quote(name))
	}
}

// text takes the string of an operator.
func (p *parser) text(at Offset, name string, op StringOp) (Test, error) {
	t, err := p.stringTest(name, op)
	if err != nil {
		return nil, err
	}
	return &Text{at, t}, nil
}

func (p *parser) stringTest(name string, op StringOp) (StringTest, error) {
	if p.next() != '"' {
		return StringTest{}, p.fail(p.pos, "%s must have a string", name)
	}
	start := p.pos
	text, err := p.str()
	if err != nil {
		return StringTest{}, err
	}
	if op == MatchesWildcard {
		if _, why := badWildcard(text); why != "" {
			return StringTest{}, p.fail(start, "%s", why)
		}
	}
	return newStringTest(op, text), nil
}

// affix takes the string of prefix or suffix, or its equals-ignore-case.
func (p *parser) affix(at Offset, name string, op, foldOp StringOp) (Test, error) {
	if p.next() != '{' {
		return p.text(at, name, op)
	}
	inner, innerAt, err := p.operatorName()
	if err != nil {
		return nil, err
	}
	if inner != opFold {
		return nil, p.fail(innerAt, "%s must have a string or %s, not %s", name, opFold, quote(inner))
	}
	t, err := p.text(at, inner, foldOp)
	if err != nil {
		return nil, err
	}
	return t, p.closeOperator()
}

// anythingBut takes a string, a number, a list of either, or an operator.
func (p *parser) anythingBut(at Offset) (Test, error) {
	t := &AnythingBut{Offset: at}
	var err error
	switch p.next() {
	case '{':
		err = p.anythingButOperator(t)
	case '[':
		t.list = true
		err = p.list(func() error { return p.excluded(t) })
	default:
		err = p.excluded(t)
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// excluded takes one string or number.
func (p *parser) excluded(t *AnythingBut) error {
	c := p.next()
	start := p.pos
	if c == '"' {
		if len(t.Numbers) > 0 {
			return p.fail(start, "the values of anything-but must be all strings or all numbers")
		}
		text, err := p.str()
		t.Texts = append(t.Texts, newStringTest(Exactly, text))
		return err
	}
	n, err := p.comparable("anything-but must have strings or numbers")
	if err == nil && len(t.Texts) > 0 {
		err = p.fail(start, "the values of anything-but must be all strings or all numbers")
	}
	t.Numbers = append(t.Numbers, Number{Offset(start), n})
	return err
}

// comparable takes a number that is compared by value.
func (p *parser) comparable(want string) (number, error) {
	p.next()
	start := p.pos
	length := numberLength(p.reader.text[start:])
	if length == 0 {
		return number{}, p.fail(start, "%s", want)
	}
	word, err := p.scalar()
	n := newNumber(word)
	if err == nil && !n.exact {
		err = p.fail(start, "the number %s is beyond the precision of a double", word)
	}
	return n, err
}

// list takes an array of at least one value, and calls item for each.
func (p *parser) list(item func() error) error {
	start := p.pos
	p.pos++
	for first := true; ; first = false {
		more, err := p.more(']', first)
		switch {
		case err != nil:
			return err
		case !more && first:
			return p.fail(start, "the array must have a value")
		case !more:
			return nil
		}
		if err := item(); err != nil {
			return err
		}
	}
}

// anythingButOperator takes the operator inside of anything-but.
func (p *parser) anythingButOperator(t *AnythingBut) error {
	name, nameAt, err := p.operatorName()
	if err != nil {
		return err
	}
	ops := map[string]StringOp{opPrefix: Prefix, opSuffix: Suffix, opFold: EqualsFold, opWildcard: MatchesWildcard}
	op, ok := ops[name]
	if !ok {
		return p.fail(nameAt, "anything-but takes prefix, suffix, equals-ignore-case and wildcard, not %s", quote(name))
	}
	item := func() error {
		p.next()
		start := p.pos
		s, err := p.stringTest(name, op)
		if err == nil && s.Text == "" && (op == Prefix || op == Suffix) {
			err = p.fail(start, "an empty %s inside of anything-but is refused", name)
		}
		t.Texts = append(t.Texts, s)
		return err
	}
	if p.next() == '[' {
		t.list = true
		err = p.list(item)
	} else {
		err = item()
	}
	if err != nil {
		return err
	}
	return p.closeOperator()
}

func (p *parser) cidr(at Offset) (Test, error) {
	if p.next() != '"' {
		return nil, p.fail(p.pos, "cidr must have a string")
	}
	start := p.pos
	text, err := p.str()
	if err != nil {
		return nil, err
	}
	s, problem := cidrSpan(text)
	if problem != "" {
		return nil, p.fail(start, "%s", problem)
	}
	return &CIDR{at, text, s}, nil
}

func (p *parser) exists(at Offset) (Test, error) {
	c := p.next()
	start := p.pos
	if c == 't' || c == 'f' {
		word, err := p.scalar()
		if err != nil {
			return nil, err
		}
		return &Exists{at, word == "true"}, nil
	}
	return nil, p.fail(start, "exists must be true or false")
}

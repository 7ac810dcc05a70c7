package pattern

// Given returns what is left of a JSON pattern in records whose fields have these
// texts, by their names: decided is true where that is a truth value, whatever the
// other fields hold, and otherwise rest is a pattern over the others alone. For
// patterns of other kinds, and where the meaning of an asterisk is open, rest is
// the pattern itself.
func (p *Pattern) Given(texts map[string]string) (rest *Pattern, value, decided bool) {
	n, ok := p.root.(*jsonPattern)
	if !ok || p.midAsterisk {
		return p, false, false
	}
	e, value := given(n.expr, texts)
	if e == nil {
		return nil, value, true
	}
	left := &Pattern{root: &jsonPattern{expr: e}}
	left.text = left.String()
	return left, false, false
}

// given returns what is left of an expression; nil where its value is known.
func given(e expr, texts map[string]string) (rest expr, value bool) {
	switch e := e.(type) {
	case *and:
		list, value := givenAll(e.list, texts, false)
		if len(list) > 1 {
			return &and{list: list, grouped: e.grouped}, false
		}
		return only(list), value
	case *or:
		list, value := givenAll(e.list, texts, true)
		if len(list) > 1 {
			return &or{list: list}, false
		}
		return only(list), value
	}
	c := e.(*condition)
	if len(c.sel) != 1 || c.sel[0].kind != stepName {
		return c, false
	}
	text, ok := texts[c.sel[0].name]
	if !ok {
		return c, false
	}
	return nil, c.holds(nodeValue{kind: nodeString, text: text}, reading{})
}

func only(list []expr) expr {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// givenAll returns what is left of the operands of a conjunction, or of a
// disjunction, which one operand decides whose value is dominant.
func givenAll(list []expr, texts map[string]string, dominant bool) (rest []expr, value bool) {
	for _, e := range list {
		left, v := given(e, texts)
		switch {
		case left != nil:
			rest = append(rest, left)
		case v == dominant:
			return nil, dominant
		}
	}
	return rest, !dominant
}

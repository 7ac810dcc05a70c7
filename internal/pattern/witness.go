package pattern

// Record returns a realistic record of the probe, as compact JSON: one that its
// condition matches, if it has one. It is nil when there is none.
func (p Probe) Record() []byte {
	if p.Condition == nil {
		return p.base("", false).appendTo(nil)
	}
	problem := newProblem(nil, []Probe{p}, reading{})
	s := problem.space(view{probe: p})
	budget := maxSearchWork
	found := s.find(s.within(), func(record []byte) bool { return p.Condition.Match(record) == Match }, nil, &budget)
	return found.record
}

// base returns a record of the probe as a tree, apart from its condition. The
// identity is of the given type. A lean record has no text that it can do
// without.
func (p Probe) base(identity string, lean bool) *jsonNode {
	root := objectNode()
	for _, f := range recordFields {
		d := view{probe: p}.domainOf(f)
		switch {
		case f.name == "userIdentity":
			root.set(f.name, p.identity(identity, lean))
			p.setKnown(root.member(step{kind: stepName, name: f.name}), identityFields)
		case len(d.strings) > 0:
			root.set(f.name, stringNode(d.strings[0]))
		case d.kinds == kindString && lean:
			root.set(f.name, stringNode("-"))
		case d.kinds == kindString || f.usual && !lean:
			root.set(f.name, stringNode(d.sample))
		case d.kinds == kindTrue:
			root.set(f.name, &jsonNode{kind: nodeTrue})
		case d.kinds.has(kindFalse) && !d.kinds.has(kindMissing):
			root.set(f.name, &jsonNode{kind: nodeFalse})
		case d.kinds.has(kindNull) && !d.kinds.has(kindMissing):
			root.set(f.name, &jsonNode{kind: nodeNull})
		}
	}
	if p.isSignIn() {
		p.signIn(root, lean)
	}
	return root
}

// setKnown gives n the fields whose text is known of all records of the probe.
func (p Probe) setKnown(n *jsonNode, fields []schemaField) {
	for _, f := range fields {
		if d := (view{probe: p}).domainOf(f); d.kinds == kindString && len(d.strings) > 0 {
			n.set(f.name, stringNode(d.strings[0]))
		}
	}
}

// signIn adds what records of console sign-ins contain.
func (p Probe) signIn(root *jsonNode, lean bool) {
	result := freeDomain()
	settleSignIn(&result, p)
	response := objectNode()
	response.set("ConsoleLogin", stringNode(result.strings[0]))
	root.set("responseElements", response)
	if lean {
		return
	}
	more := objectNode()
	more.set("LoginTo", stringNode("https://console.aws.amazon.com/console/home"))
	more.set("MobileVersion", stringNode("No"))
	more.set("MFAUsed", stringNode("No"))
	root.set("additionalEventData", more)
}

// identity returns a userIdentity.
func (p Probe) identity(kind string, lean bool) *jsonNode {
	n := objectNode()
	set := func(name, text string) { n.set(name, stringNode(p.localize(text))) }
	switch {
	case lean:
	case kind == "Root":
		set("type", kind)
		set("principalId", sampleAccount)
		set("arn", "arn:aws:iam::111122223333:root")
		set("accountId", sampleAccount)
		set("accessKeyId", "AKIAEXAMPLEROOT00001")
	case kind == "AWSService":
		set("type", kind)
		set("invokedBy", "cloudformation.amazonaws.com")
	case kind == "AssumedRole":
		set("type", kind)
		set("principalId", "AROAEXAMPLEDEPLOY0001:alice")
		set("arn", "arn:aws:sts::111122223333:assumed-role/deploy/alice")
		set("accountId", sampleAccount)
		set("accessKeyId", "ASIAEXAMPLEDEPLOY001")
		n.set("sessionContext", p.roleSession())
	default:
		for _, f := range identityFields[:6] {
			set(f.name, f.sample)
		}
	}
	return n
}

// roleSession returns the sessionContext of an assumed role.
func (p Probe) roleSession() *jsonNode {
	session := objectNode()
	for _, f := range sessionFields {
		if f.name != "sessionIssuer" && f.name != "attributes" {
			continue
		}
		n := objectNode()
		for _, leaf := range f.fields {
			n.set(leaf.name, stringNode(p.localize(leaf.sample)))
		}
		session.set(f.name, n)
	}
	return session
}

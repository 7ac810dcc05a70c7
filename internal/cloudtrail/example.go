package cloudtrail

import (
	"context"

	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/record"
)

// Record returns a realistic record of the probe, as compact JSON: one that its
// condition matches, if it has one. It is nil when there is none.
func (p Probe) Record() []byte {
	return cover.Example(context.Background(), anything, p.records())
}

// example is base for what was decided of a record.
func (p Probe) example(text func(record.Path) string, lean bool) *record.Node {
	return p.base(text(identityType), lean)
}

var identityType = record.Path{{Name: "userIdentity"}, {Name: "type"}}

// base returns a record of the probe as a tree, apart from its condition. The
// identity is of the given type. A lean record has no text that it can do
// without.
func (p Probe) base(identity string, lean bool) *record.Node {
	root := record.ObjectNode()
	for i := range recordFields {
		f := &recordFields[i]
		d := p.domain(f)
		switch {
		case f.name == "userIdentity":
			root.Set(f.name, p.identity(identity, lean))
			p.setKnown(root.Member(record.Step{Kind: record.Name, Name: f.name}), identityFields)
		case len(d.Texts) > 0:
			root.Set(f.name, record.StringNode(d.Texts[0]))
		case d.Kinds == cover.String && lean:
			root.Set(f.name, record.StringNode("-"))
		case d.Kinds == cover.String || f.usual && !lean:
			root.Set(f.name, record.StringNode(p.localize(d.Sample)))
		case d.Kinds == cover.TrueKind:
			root.Set(f.name, &record.Node{Kind: record.True})
		case d.Kinds.Has(cover.FalseKind) && !d.Kinds.Has(cover.Missing):
			root.Set(f.name, &record.Node{Kind: record.False})
		case d.Kinds.Has(cover.Null) && !d.Kinds.Has(cover.Missing):
			root.Set(f.name, &record.Node{Kind: record.Null})
		}
	}
	if p.isSignIn() {
		p.signIn(root, lean)
	}
	return root
}

// setKnown gives n the fields whose text is known of all records of the probe.
func (p Probe) setKnown(n *record.Node, fields []field) {
	for i := range fields {
		f := &fields[i]
		if d := p.domain(f); d.Kinds == cover.String && len(d.Texts) > 0 {
			n.Set(f.name, record.StringNode(d.Texts[0]))
		}
	}
}

// signIn adds what records of console sign-ins contain.
func (p Probe) signIn(root *record.Node, lean bool) {
	result := cover.Free()
	settleSignIn(&result, p)
	response := record.ObjectNode()
	response.Set("ConsoleLogin", record.StringNode(result.Texts[0]))
	root.Set("responseElements", response)
	if lean {
		return
	}
	more := record.ObjectNode()
	more.Set("LoginTo", record.StringNode("https://console.aws.amazon.com/console/home"))
	more.Set("MobileVersion", record.StringNode("No"))
	more.Set("MFAUsed", record.StringNode("No"))
	root.Set("additionalEventData", more)
}

// identity returns a userIdentity.
func (p Probe) identity(kind string, lean bool) *record.Node {
	n := record.ObjectNode()
	set := func(name, text string) { n.Set(name, record.StringNode(p.localize(text))) }
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
		n.Set("sessionContext", p.roleSession())
	default:
		for _, f := range identityFields[:6] {
			set(f.name, f.sample)
		}
	}
	return n
}

// roleSession returns the sessionContext of an assumed role.
func (p Probe) roleSession() *record.Node {
	session := record.ObjectNode()
	for _, f := range sessionFields {
		if f.name != "sessionIssuer" && f.name != "attributes" {
			continue
		}
		n := record.ObjectNode()
		for _, leaf := range f.fields {
			n.Set(leaf.name, record.StringNode(p.localize(leaf.sample)))
		}
		session.Set(f.name, n)
	}
	return session
}

package cloudformation

import (
	"strings"

	"github.com/monitorctl/monitorctl/internal/iac"
	"github.com/monitorctl/monitorctl/internal/iac/tree"
)

// patternOf names the property that holds the pattern, by the type of the
// resource.
var patternOf = map[string]struct {
	property string
	kind     iac.Kind
}{
	"AWS::Logs::MetricFilter":       {"FilterPattern", iac.MetricFilter},
	"AWS::Logs::SubscriptionFilter": {"FilterPattern", iac.SubscriptionFilter},
	"AWS::Events::Rule":             {"EventPattern", iac.EventRule},

	// Events of functions and state machines (AWS SAM).
	"EventBridgeRule": {"Pattern", iac.EventRule},
	"CloudWatchEvent": {"Pattern", iac.EventRule},
}

// IsTemplate reports whether a document is a CloudFormation template: its
// Resources have types of AWS.
func IsTemplate(doc *tree.Node) bool {
	resources := doc.Get("Resources")
	if !resources.IsMapping() {
		return false
	}
	if doc.Get("AWSTemplateFormatVersion") != nil {
		return true
	}
	for _, f := range resources.Fields {
		if t := f.Value.Get("Type"); t.IsScalar() && strings.HasPrefix(t.Value, "AWS::") || strings.HasPrefix(f.Key, forEach) {
			return true
		}
	}
	return false
}

// forEach is how the key of a loop begins.
const forEach = "Fn::ForEach::"

// TooMany is the gap of a document that was not read to its end.
const TooMany = "the document has more values than are looked at"

// A Walk goes through a document once.
type Walk struct {
	outer iac.Text // the document's text
	doc   *tree.Node
	holes iac.Holes
	found []iac.Found
	steps int

	// Taken are the nodes that are part of a pattern that was found.
	Taken map[*tree.Node]bool

	seen map[*tree.Node]bool
}

// Read returns the patterns of the resources of a document, wherever they stand;
// outer is the text that the document was read from. The nodes that they are
// made of are in the walk's Taken afterwards.
func Read(outer iac.Text, doc *tree.Node, holes iac.Holes) ([]iac.Found, *Walk) {
	w := &Walk{outer: outer, doc: doc, holes: holes, steps: maxSteps, Taken: map[*tree.Node]bool{}, seen: map[*tree.Node]bool{}}
	w.visit(doc, "", NewTemplate(doc, holes), 0)
	if w.steps < 0 {
		f := iac.Found{Kind: iac.Other, Gap: TooMany, Holes: holes}
		f.Source, f.Pos = outer.At(min(doc.Pos, len(outer.Value)))
		w.found = append(w.found, f)
	}
	return w.found, w
}

// visit looks for resources in a value; name is the key under which it stands.
func (w *Walk) visit(n *tree.Node, name string, t *Template, depth int) {
	if w.steps--; w.steps < 0 || depth > iac.MaxNesting || w.seen[n] && t.names == nil {
		return
	}
	w.seen[n] = true
	if n.Get("Resources").IsMapping() && (n.Get("Parameters") != nil || n.Get("Mappings") != nil || depth == 0) {
		t = NewTemplate(n, w.holes)
	}
	if typ := n.Get("Type"); typ.IsScalar() {
		if of, ok := patternOf[typ.Value]; ok {
			w.resource(of.property, of.kind, n, name, t)
		}
	}
	for _, f := range n.Fields {
		if strings.HasPrefix(f.Key, forEach) && w.loop(f.Value, t, depth) {
			continue
		}
		w.visit(f.Value, f.Key, t, depth+1)
	}
	for _, item := range n.Items {
		w.visit(item, name, t, depth+1)
	}
}

// maxTurns bounds the members of a loop.
const maxTurns = 2000

// loop writes a loop out: a name, a list, and what it makes of each member. It
// returns false where the list is not known: then the body is read once.
func (w *Walk) loop(n *tree.Node, t *Template, depth int) bool {
	if n.Kind != tree.Sequence || len(n.Items) != 3 || !n.Items[0].IsScalar() || !n.Items[2].IsMapping() {
		return false
	}
	members, ok := t.words(n.Items[1])
	if !ok || len(members) > maxTurns {
		return false
	}
	for _, m := range members {
		if w.steps--; w.steps < 0 {
			return true
		}
		own := t.with(n.Items[0].Value, m)
		for _, f := range n.Items[2].Fields {
			if strings.HasPrefix(f.Key, forEach) && w.loop(f.Value, own, depth+1) {
				continue
			}
			key := strings.NewReplacer("${"+n.Items[0].Value+"}", m.Value, "&{"+n.Items[0].Value+"}", m.Value).Replace(f.Key)
			w.visit(f.Value, key, own, depth+1)
		}
	}
	return true
}

// resource notes the pattern of a resource, once for each outcome.
func (w *Walk) resource(property string, kind iac.Kind, n *tree.Node, name string, t *Template) {
	p := n.Get("Properties").Get(property)
	if p == nil {
		return // the template is not valid, or the pattern stands elsewhere
	}
	w.Taken[p] = true
	if kind == iac.EventRule {
		if text, ok := Compact(p, t); ok {
			w.add(kind, name, p, text)
		}
		return
	}
	texts := t.Texts(p)
	perhaps := len(texts) > 1 || n.Get("Condition") != nil
	for _, text := range texts {
		w.add(kind, name, p, text)
		w.found[len(w.found)-1].Perhaps = perhaps
	}
}

func (w *Walk) add(kind iac.Kind, name string, p *tree.Node, text iac.Text) {
	if v := Variable(w.doc, text.Value); v != nil {
		text, w.Taken[v] = v.Text(), true
	}
	f := iac.Found{Kind: kind, Name: name, Text: text, Holes: w.holes}
	f.Source, f.Pos = w.outer.At(min(p.Pos, len(w.outer.Value)))
	if kind != iac.EventRule {
		f.Text = iac.FillFramework(iac.FillPlaceholders(text, w.holes), w.holes)
	}
	// CloudFormation hands a pattern on as it is; blanks at its ends mean nothing.
	w.found = append(w.found, f.Settle())
}

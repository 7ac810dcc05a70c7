// Package shape finds filter patterns in documents of any tool by their shape: a
// text under a key that is called like a filter pattern, or that has a pattern's
// form. What CloudFormation knows is evaluated as there. Texts in which other
// documents or scripts stand are read, too.
package shape

import (
	"regexp"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/iac"
	"github.com/monitorctl/monitorctl/internal/iac/cloudformation"
	"github.com/monitorctl/monitorctl/internal/iac/text"
	"github.com/monitorctl/monitorctl/internal/iac/tree"
)

const (
	// maxInner bounds how deep documents stand in texts of documents.
	maxInner = 4

	// maxSteps bounds the values of a document that are looked at.
	maxSteps = 2_000_000
)

// Read returns the patterns of a document; outer is the text that it was
// read from.
func Read(outer iac.Text, doc *tree.Node, holes iac.Holes) []iac.Found {
	return read(outer, doc, holes, 0)
}

func read(outer iac.Text, doc *tree.Node, holes iac.Holes, depth int) []iac.Found {
	found, walk := cloudformation.Read(outer, doc, holes)
	r := &reader{
		outer: outer, doc: doc, holes: holes, taken: walk.Taken, seen: map[*tree.Node]bool{}, alike: map[*tree.Node]map[string]bool{}, texts: map[spot]bool{}, template: cloudformation.NewTemplate(doc, holes), depth: depth, steps: maxSteps,
	}
	for _, f := range found {
		r.texts[spotOf(f.Text)] = true
	}
	r.deployed = doc.Get("metricFilters") != nil || doc.Get("subscriptionFilters") != nil
	r.visit(doc, nil, "", 0)
	if r.steps < 0 {
		f := iac.Found{Kind: iac.Other, Gap: cloudformation.TooMany, Holes: holes}
		f.Source, f.Pos = outer.At(min(doc.Pos, len(outer.Value)))
		r.found = append(r.found, f)
	}
	return append(found, r.found...)
}

type reader struct {
	outer    iac.Text
	doc      *tree.Node
	holes    iac.Holes
	taken    map[*tree.Node]bool
	seen     map[*tree.Node]bool
	texts    map[spot]bool // of what was found already
	template *cloudformation.Template
	deployed bool // the document is an answer of AWS
	stream   bool // what is visited hands events on: it is no metric filter

	// alike are the keys of mappings under which another mapping of the same list
	// or mapping has a pattern.
	alike map[*tree.Node]map[string]bool

	depth int
	steps int
	found []iac.Found
}

// visit looks at a value that stands under a key of a mapping; parent is nil and
// key "" for the document itself.
func (r *reader) visit(n, parent *tree.Node, key string, depth int) {
	if r.steps--; r.steps < 0 || depth > iac.MaxNesting || r.seen[n] || r.taken[n] {
		return
	}
	r.seen[n] = true
	if isEventPattern(key, n) {
		if t, ok := cloudformation.Compact(n, r.template); ok {
			r.add(iac.EventRule, parent, key, n, t)
			return
		}
	}
	if foldedKey(key) == "cloudwatchlog" || n.Get("Type").Is("CloudWatchLogs") {
		defer func(was bool) { r.stream = was }(r.stream)
		r.stream = true
	}
	r.compare(n)
	kind := iac.KindOfKey(key)
	if name, _ := cloudformation.Intrinsic(n); name != "" && kind != iac.NoKey {
		for _, t := range r.template.Texts(n) {
			if r.accepts(kind, parent, key, t.Value) {
				r.add(iac.Other, parent, key, n, t)
			}
		}
	} else if n.IsScalar() {
		r.scalar(n, parent, key, kind)
		return
	}
	for _, f := range n.Fields {
		r.visit(f.Value, n, f.Key, depth+1)
	}
	for _, item := range n.Items {
		r.visit(item, parent, key, depth+1)
	}
}

// scalar looks at a text.
func (r *reader) scalar(n, parent *tree.Node, key string, kind iac.KeyKind) {
	if r.accepts(kind, parent, key, unescape(n.Value)) {
		t := n.Text()
		if v := cloudformation.Variable(r.doc, n.Value); v != nil {
			t = v.Text()
		}
		if unescape(t.Value) != t.Value {
			t = t.Replace("$$.", "$.")
		}
		r.add(iac.Other, parent, key, n, iac.FillVariables(t, r.holes))
		return
	}
	if kind == iac.StrongKey || !iac.MayHold.MatchString(n.Value) || r.depth >= maxInner {
		return
	}
	t := n.Text()
	if strings.Contains(n.Value, "\n") || strings.HasPrefix(strings.TrimSpace(n.Value), "{") {
		if docs, err := tree.Read(t, false); err == nil {
			var inner []iac.Found
			for _, doc := range docs {
				if doc.IsMapping() || doc.Kind == tree.Sequence {
					inner = append(inner, read(t, doc, r.holes, r.depth+1)...)
				}
			}
			if len(inner) > 0 {
				r.found = append(r.found, inner...)
				return
			}
		}
	}
	r.found = append(r.found, text.Read(t, text.Shell, r.holes)...)
}

// unescape undoes what keeps Docker Compose and others from reading $ as a
// variable.
func unescape(value string) string { return strings.ReplaceAll(value, "$$.", "$.") }

// glob matches what filters paths of files.
var glob = regexp.MustCompile(`^[\w.-]*(?:\*\*?/|/\*|\*\.)[\w./*{},-]*$`)

// compare notes the keys under which one of several mappings has a text that looks
// like a pattern: then those of the others are patterns, too.
func (r *reader) compare(n *tree.Node) {
	children := slices.Clone(n.Items)
	for _, f := range n.Fields {
		children = append(children, f.Value)
	}
	var keys map[string]bool
	for _, child := range children {
		for _, f := range child.Fields {
			if f.Value.IsScalar() && iac.KindOfKey(f.Key) == iac.MaybeKey && iac.LooksLikePattern(f.Value.Value) {
				if keys == nil {
					keys = map[string]bool{}
				}
				keys[f.Key] = true
			}
		}
	}
	for _, child := range children {
		if keys != nil {
			r.alike[child] = keys
		}
	}
}

// accepts reports whether a text is a pattern, by its form or its key.
func (r *reader) accepts(kind iac.KeyKind, parent *tree.Node, key, value string) bool {
	switch {
	case iac.LooksLikePattern(value):
		return true
	case kind == iac.StrongKey && glob.MatchString(value):
		return aboutLogs(parent)
	case kind == iac.StrongKey:
		return strings.TrimSpace(value) != "" || aboutLogs(parent)
	case kind == iac.MaybeKey:
		return aboutLogs(parent) || r.alike[parent][key] && strings.TrimSpace(value) != ""
	}
	return false
}

// aboutLogs reports whether a mapping is about the filters of a log group.
func aboutLogs(n *tree.Node) bool {
	return n != nil && slices.ContainsFunc(n.Fields, func(f tree.Field) bool { return iac.AboutLogs(f.Key) })
}

// add notes a pattern that stands under a key of a mapping.
func (r *reader) add(kind iac.Kind, parent *tree.Node, key string, n *tree.Node, t iac.Text) {
	f := iac.Found{Kind: kind, Name: key, Text: t, Holes: r.holes}
	f.Source, f.Pos = r.outer.At(min(n.Pos, len(r.outer.Value)))
	if kind != iac.EventRule {
		f.Text = iac.FillPlaceholders(t, r.holes)
	}
	if at := spotOf(f.Text); at.src != nil && r.texts[at] {
		return // an anchor or a variable of what was found
	}
	if name := nameOf(parent); name != "" {
		f.Name = name
	}
	if kind == iac.Other && parent != nil {
		switch {
		case has(parent, "metrictransformation"):
			f.Kind = iac.MetricFilter
		case r.stream, has(parent, "destinationarn"):
			f.Kind = iac.SubscriptionFilter
		}
	}
	r.texts[spotOf(f.Text)] = true
	f.Deployed = r.deployed && f.Kind != iac.EventRule
	r.found = append(r.found, f.Settle())
}

// A spot is a text and where it stands.
type spot struct {
	src  *iac.Source
	pos  int
	text string
}

func spotOf(t iac.Text) spot {
	src, pos := t.At(0)
	return spot{src, pos, t.Value}
}

func foldedKey(key string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(key))
}

func has(n *tree.Node, prefix string) bool {
	return slices.ContainsFunc(n.Fields, func(f tree.Field) bool {
		return strings.HasPrefix(strings.ToLower(strings.ReplaceAll(f.Key, "_", "")), prefix)
	})
}

// nameOf returns what a filter is called, with its log group: "Name (group)".
func nameOf(n *tree.Node) string {
	name := first(n, "filterName", "FilterName", "filter_name", "name", "Name")
	group := first(n, "logGroupName", "LogGroupName", "log_group_name", "logGroup", "log_group")
	switch {
	case name == "":
		return ""
	case group == "":
		return name
	}
	return name + " (" + group + ")"
}

func first(n *tree.Node, keys ...string) string {
	for _, key := range keys {
		if v := n.Get(key); v.IsScalar() && v.Tag == "" {
			return v.Value
		}
	}
	return ""
}

// eventFields are the fields of an event of EventBridge that patterns ask for.
var eventFields = []string{"source", "detail", "detail-type", "account", "region", "resources", "$or"}

// isEventPattern reports whether a value is a pattern of EventBridge.
func isEventPattern(key string, n *tree.Node) bool {
	if !strings.HasSuffix(foldedKey(key), "eventpattern") {
		return false
	}
	if n.IsScalar() {
		return strings.HasPrefix(strings.TrimSpace(n.Value), "{") && n.Tag == ""
	}
	return n.IsMapping() && slices.ContainsFunc(n.Fields, func(f tree.Field) bool { return slices.Contains(eventFields, f.Key) })
}

package tree

import (
	"testing"

	"github.com/monitorctl/monitorctl/internal/iac"
)

func read(t *testing.T, content string) *Node {
	t.Helper()
	docs, err := Read(iac.Plain(iac.NewSource("x", []byte(content)), content, 0), false)
	if err != nil || len(docs) != 1 {
		t.Fatalf("%d documents, %v", len(docs), err)
	}
	return docs[0]
}

func TestGet(t *testing.T) {
	n := read(t, "a: 2\nbase: &b {x: 3, y: 4}\nm:\n  <<: *b\n  y: 5\nl: *b\nt: !Sub *none\n")
	for key, want := range map[string]string{"x": "3", "y": "5"} {
		if got := n.Get("m").Get(key); !got.Is(want) {
			t.Errorf("%s: got %+v, want %s", key, got, want)
		}
	}
	if !n.Get("a").Is("2") || n.Get("l") != n.Get("base") || n.Get("none") != nil || n.Get("none").Get("x") != nil {
		t.Errorf("got %+v", n)
	}
	if tagged := n.Get("t"); tagged.Tag != "!Sub" || tagged.Kind != Foreign {
		t.Errorf("got %+v", tagged)
	}
}

// The tag of an alias is not that of its anchor.
func TestTagOfAlias(t *testing.T) {
	n := read(t, "a: &a x\nb: !Sub *a\nc: *a\n")
	if n.Get("b").Tag != "!Sub" || n.Get("c").Tag != "" || n.Get("a").Tag != "" {
		t.Errorf("got %q, %q, %q", n.Get("a").Tag, n.Get("b").Tag, n.Get("c").Tag)
	}
}

// FuzzRead reads anything: no panic, and scalars stand in the text.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"a: &a [b, 'c''d', \"e\\u00e9\"]\nf: *a\n", "{\"a\": [1, null, \"\\ud83d\\ude00\"]}", "a: |-\n  b\n\n  c\nd: >\n  e\n", "- !!str x\n- !Sub\n  - a\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		if len(content) > 1<<14 {
			t.Skip()
		}
		src := iac.NewSource("x", []byte(content))
		content = string(src.Data)
		docs, err := Read(iac.Plain(src, content, 0), false)
		if err != nil {
			return
		}
		for _, doc := range docs {
			checkPlaces(t, doc, len(content))
		}
	})
}

// checkPlaces demands that all values stand in a text of n bytes.
func checkPlaces(t *testing.T, doc *Node, n int) {
	t.Helper()
	seen := map[*Node]bool{}
	var visit func(*Node)
	visit = func(v *Node) {
		if seen[v] {
			return
		}
		seen[v] = true
		if v.Pos < 0 || v.Pos > n {
			t.Errorf("a value stands at %d", v.Pos)
		}
		if v.IsScalar() {
			text := v.Text()
			for i := range text.Value {
				if _, pos := text.At(i); pos < 0 || pos > n {
					t.Errorf("byte %d of %q stands at %d", i, text.Value, pos)
				}
			}
		}
		for _, field := range v.Fields {
			visit(field.Value)
		}
		for _, item := range v.Items {
			visit(item)
		}
	}
	visit(doc)
}

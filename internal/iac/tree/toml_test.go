package tree

import (
	"errors"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/iac"
)

func readTOML(t *testing.T, content string) *Node {
	t.Helper()
	n, err := ReadTOML(iac.Plain(iac.NewSource("x", []byte(content)), content, 0))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTOML(t *testing.T) {
	n := readTOML(t, `a.b = 1
[t.u]
x = 'l'
[[t.list]]
k = {c = true, d.e = ["\u00e9", 2]}
[t.list.sub]
y = 3
[[t.list]]
'a b' = """
m\
  n"""
[a]
c = 4
`)
	list := n.Get("t").Get("list")
	if list == nil || len(list.Items) != 2 {
		t.Fatalf("got %+v", list)
	}
	first := list.Items[0]
	for what, c := range map[string]struct {
		got  *Node
		want string
	}{
		"a.b": {n.Get("a").Get("b"), "1"},
		"a.c": {n.Get("a").Get("c"), "4"},
		"x":   {n.Get("t").Get("u").Get("x"), "l"},
		"c":   {first.Get("k").Get("c"), "true"},
		"y":   {first.Get("sub").Get("y"), "3"},
		"a b": {list.Items[1].Get("a b"), "mn"},
		"e":   {first.Get("k").Get("d").Get("e").Items[0], "é"},
	} {
		if !c.got.Is(c.want) {
			t.Errorf("%s: got %+v, want %q", what, c.got, c.want)
		}
	}
}

// Every byte of a text keeps its place, whatever its quotes.
func TestTOMLPlaces(t *testing.T) {
	for _, content := range []string{
		`k = "a\"X"`, `k = 'abX'`, "k = \"\"\"\n  a \\\n   X\"\"\"", "k = '''\nab\nX'''", `k = [1, "\u00e9X"]`, `k = ["\u00e9", {a = 1}, "X"]`,
	} {
		v := readTOML(t, content).Get("k")
		if v.Kind == Sequence {
			v = v.Items[len(v.Items)-1]
		}
		text := v.Text()
		if _, at := text.At(len(text.Value) - 1); at >= len(content) || content[at] != 'X' {
			t.Errorf("%s: the last byte of %q stands at %d", content, text.Value, at)
		}
	}
}

func TestTOMLRefused(t *testing.T) {
	deep := iac.MaxNesting + 2
	for content, at := range map[string]int{
		"a = 1\nb = ?\n":                            10,
		"a = \"x\nb = 2\n":                          6,
		"a" + strings.Repeat(".a", deep) + " = 1":   2 * iac.MaxNesting,
		"a = " + strings.Repeat("[", deep):          4 + iac.MaxNesting,
		"[a" + strings.Repeat(".a", deep) + "]\n":   1 + 2*iac.MaxNesting,
		"[[a" + strings.Repeat(".a", deep) + "]]\n": 2 + 2*iac.MaxNesting,
	} {
		_, err := ReadTOML(iac.Plain(nil, content, 0))
		var read *iac.ReadError
		if !errors.As(err, &read) || read.Pos != at {
			t.Errorf("%.20q: got %+v at %d, want it at %d", content, err, read.Pos, at)
		}
	}
}

// FuzzTOML reads anything: no panic, and scalars stand in the text.
func FuzzTOML(f *testing.F) {
	for _, seed := range []string{
		"a.'b' = [1, {c = \"\\u00e9\"}]\n[[t]]\nk = '''\nx'''\n", "[a]\nb = \"\"\"\\\n  x\"\"\"\n", "a = 1979-05-27T07:32:00Z\nb = 0x1F\nc = inf", "a = 1\n[[a]]\n[a.b]\nc.d = 2",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		if len(content) > 1<<14 {
			t.Skip()
		}
		src := iac.NewSource("x", []byte(content))
		if doc, err := ReadTOML(iac.Plain(src, string(src.Data), 0)); err == nil {
			checkPlaces(t, doc, len(src.Data))
		}
	})
}

package cloudformation

import (
	"testing"

	"github.com/monitorctl/monitorctl/internal/iac"
	"github.com/monitorctl/monitorctl/internal/iac/tree"
)

// FuzzRead reads anything as a template: no panic, and every byte of a pattern
// stands in the file.
func FuzzRead(f *testing.F) {
	const filter = "{Type: AWS::Logs::MetricFilter, Properties: {FilterPattern: "
	for _, seed := range []string{
		"Resources:\n  F: " + filter + "!If [C, !Sub ['${a}', {a: b}], !Select [1, [c, !FindInMap [M, !Ref P, d]]]]}}\nMappings: {M: {x: {d: e}}}\nParameters: {P: {Default: x}}\n",
		"Resources:\n  Fn::ForEach::L: [N, !Ref P, {'F${N}': " + filter + "!Join [',', [!Ref N, 'é']]}}}]\nParameters: {P: {Default: 'a, b'}}\n",
		"Resources:\n  R: {Type: AWS::Events::Rule, Properties: {EventPattern: {source: [!Ref x, 1, 'a\"b', null]}}}\n",
		"Resources: &r\n  F: " + filter + "!GetAtt a.b}}\n  G: *r\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		if len(content) > 1<<13 {
			t.Skip()
		}
		src := iac.NewSource("x", []byte(content))
		content = string(src.Data)
		whole := iac.Plain(src, content, 0)
		docs, err := tree.Read(whole, false)
		if err != nil {
			return
		}
		for _, doc := range docs {
			IsTemplate(doc)
			found, _ := Read(whole, doc, iac.NewHoles())
			for _, one := range found {
				if one.Source == nil || one.Pos < 0 || one.Pos > len(content) {
					t.Errorf("a pattern stands at %d", one.Pos)
				}
				for i := range one.Text.Value {
					if _, pos := one.Where(i); pos < 0 || pos > len(content) {
						t.Errorf("byte %d of %q stands at %d", i, one.Text.Value, pos)
					}
				}
			}
		}
	})
}

package cloudformation

import (
	"regexp"
	"strings"

	"github.com/monitorctl/monitorctl/internal/iac/tree"
)

// variable matches a text that is nothing but a variable.
var variable = regexp.MustCompile(`^\s*\$\{(self:)?([A-Za-z0-9_.-]+)\}\s*$`)

// Variable returns the text that a variable of the document itself stands for:
// ${self:custom.x} of the Serverless Framework, ${x} of Pulumi's variables. It is nil
// where a text is more than that, or the document does not say.
func Variable(doc *tree.Node, text string) *tree.Node {
	m := variable.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	at, steps := doc.Get("variables"), []string{m[2]}
	if m[1] != "" {
		at, steps = doc, strings.Split(m[2], ".")
	}
	for _, step := range steps {
		at = at.Get(step)
	}
	if !at.IsScalar() || variable.MatchString(at.Value) {
		return nil
	}
	return at
}

package collect

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// walk visits every failure of a snapshot, wherever it stands: whatever has an
// operation and a code in the saved form.
func walk(t *testing.T, s account.Snapshot, visit func(operation, code string)) {
	t.Helper()
	var b bytes.Buffer
	if err := account.Encode(&b, s); err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(b.Bytes(), &tree); err != nil {
		t.Fatal(err)
	}
	descend(tree, visit)
}

func descend(node any, visit func(operation, code string)) {
	switch n := node.(type) {
	case []any:
		for _, v := range n {
			descend(v, visit)
		}
	case map[string]any:
		operation, isFailure := n["operation"].(string)
		if code, ok := n["code"].(string); ok && isFailure {
			visit(operation, code)
		}
		for _, k := range slices.Sorted(maps.Keys(n)) {
			descend(n[k], visit)
		}
	}
}

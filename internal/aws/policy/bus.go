package policy

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// BusPolicySize is how many characters the policy of an event bus may have ("Amazon
// EventBridge quotas").
const BusPolicySize = 10240

// StatementOf returns the statement of a bus's policy that has an id, as JSON; "" where
// there is none. An empty document is a bus without a policy. The error says why the
// policy cannot be read.
func StatementOf(doc, sid string) (string, error) {
	list, _, err := statementsOf(doc)
	if err != nil {
		return "", err
	}
	for _, s := range list {
		var have string
		if json.Unmarshal(s["Sid"], &have) == nil && have == sid {
			text, err := json.Marshal(s)
			return string(text), err
		}
	}
	return "", nil
}

// WithStatement returns the policy of a bus with a statement in place of the one that has
// its id, behind the others where there is none; "" for statement removes it. A bus whose
// last statement goes has no policy: "".
func WithStatement(doc, sid, statement string) (string, error) {
	list, version, err := statementsOf(doc)
	if err != nil {
		return "", err
	}
	var out []json.RawMessage
	for _, s := range list {
		var have string
		if json.Unmarshal(s["Sid"], &have) == nil && have == sid {
			continue
		}
		text, err := json.Marshal(s)
		if err != nil {
			return "", fmt.Errorf("writing policy: %w", err)
		}
		out = append(out, text)
	}
	if statement != "" {
		out = append(out, json.RawMessage(statement))
	}
	if len(out) == 0 {
		return "", nil
	}
	text, err := json.Marshal(struct {
		Version   string
		Statement []json.RawMessage
	}{version, out})
	return string(text), err
}

// SameStatement reports whether two statements say the same, however AWS writes a list of
// one and the principal that is anybody.
func SameStatement(a, b string) bool {
	var x, y map[string]any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return a == b
	}
	return reflect.DeepEqual(plain(x), plain(y))
}

// plain writes a list of one as its element, and {"AWS":"*"} as "*".
func plain(v any) any {
	switch x := v.(type) {
	case []any:
		if len(x) == 1 {
			return plain(x[0])
		}
		for i := range x {
			x[i] = plain(x[i])
		}
	case map[string]any:
		for k := range x {
			x[k] = plain(x[k])
		}
		if len(x) == 1 && x["AWS"] == "*" {
			return "*"
		}
	}
	return v
}

// statementsOf returns the statements of a policy and its version.
func statementsOf(doc string) (list []map[string]json.RawMessage, version string, err error) {
	version = "2012-10-17"
	if doc == "" {
		return nil, version, nil
	}
	if _, err := eachStatement(doc, func(s map[string]json.RawMessage) { list = append(list, s) }); err != nil {
		return nil, "", err
	}
	var top struct{ Version string }
	if json.Unmarshal([]byte(doc), &top) == nil && top.Version != "" {
		version = top.Version
	}
	return list, version, nil
}

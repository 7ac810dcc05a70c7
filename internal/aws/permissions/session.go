package permissions

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// SessionSize is the number of characters that a session policy may have. Source: API
// reference of STS, AssumeRole.
const SessionSize = 2048

// Session returns a session policy that lets a role do what a command does, and no
// more: it takes away what a role for administrators has besides. Resources stay open,
// because the role's own policies bound them.
func Session(r Request) (string, error) {
	r.Member = true
	policy := For(r, Scope{Partition: "aws"})
	actions := policy.Actions()
	text := sessionPolicy(actions)
	if len(text) > SessionSize { // fewer names: one for each service and verb
		for i, a := range actions {
			service, verb, _ := strings.Cut(a, ":")
			for _, v := range []string{"Describe", "Get", "List"} {
				if strings.HasPrefix(verb, v) {
					actions[i] = service + ":" + v + "*"
				}
			}
		}
		text = sessionPolicy(slices.Compact(slices.Sorted(slices.Values(actions))))
	}
	if len(text) > SessionSize {
		return "", fmt.Errorf("making a session policy: it has %d characters, and AWS takes %d", len(text), SessionSize)
	}
	return text, nil
}

func sessionPolicy(actions []string) string {
	data, _ := json.Marshal(Policy{Version: policyVersion, Statement: []Statement{{Sid: "Audit", Effect: "Allow", Action: actions, Resource: []string{"*"}}}}) // plain data
	return string(data)
}

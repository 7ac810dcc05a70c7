package permissions

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// policyVersion is the version of IAM's policy language, the one that knows
// variables.
const policyVersion = "2012-10-17"

// ManagedSize is the number of characters, white space aside, that IAM allows in
// a customer managed policy. Source: IAM user guide, "IAM and AWS STS quotas".
const ManagedSize = 6144

// A Policy is an IAM policy document.
type Policy struct {
	Version   string
	Statement []Statement
}

// A Statement is a statement of a policy.
type Statement struct {
	Sid       string
	Effect    string
	Action    []string // in the table's order
	Resource  []string
	Condition map[string]map[string][]string `json:",omitempty"` // operator, key, values
}

// allow adds actions to a statement of that name. IAM demands that names differ: what
// goes to other resources, or under another condition, is a statement with a number
// behind the name.
func (p *Policy) allow(sid string, actions, resources []string, condition map[string]map[string][]string) {
	name := sid
	var s *Statement
	for n := 2; ; n++ {
		i := slices.IndexFunc(p.Statement, func(s Statement) bool { return s.Sid == name })
		if i < 0 {
			p.Statement = append(p.Statement, Statement{Sid: name, Effect: "Allow", Resource: resources, Condition: condition})
			i = len(p.Statement) - 1
		}
		if s = &p.Statement[i]; slices.Equal(s.Resource, resources) && reflect.DeepEqual(s.Condition, condition) {
			break
		}
		name = sid + strconv.Itoa(n)
	}
	for _, a := range actions {
		if !slices.Contains(s.Action, a) {
			s.Action = append(s.Action, a)
		}
	}
}

// Actions returns the actions that the policy allows, sorted, each once.
func (p *Policy) Actions() []string {
	var list []string
	for _, s := range p.Statement {
		list = append(list, s.Action...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Size returns the number of characters that IAM counts against its limits:
// white space aside.
func (p *Policy) Size() int {
	data, err := json.Marshal(p)
	if err != nil {
		return 0 // cannot happen: strings only
	}
	return len(strings.Join(strings.Fields(string(data)), ""))
}

// Write writes the policy as the JSON document that IAM takes.
func Write(w io.Writer, p Policy) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(p); err != nil {
		return fmt.Errorf("writing policy: %w", err)
	}
	return nil
}

// literal writes a text such that IAM takes every character of it as it is,
// where * and ? are wildcards and ${...} is a variable. Source: IAM user guide,
// "IAM policy elements: Variables and tags".
func literal(text string) string {
	return strings.NewReplacer("*", "${*}", "?", "${?}", "$", "${$}").Replace(text)
}

// verbatim is literal for StringEquals, which knows no wildcards.
func verbatim(text string) string { return strings.ReplaceAll(text, "$", "${$}") }

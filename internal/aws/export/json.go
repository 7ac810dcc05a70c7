package export

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/desired"
)

// A Member is one member of an Object.
type Member struct {
	Key   string
	Value any
}

// An Object is an object of JSON whose members keep their order. A value is a string,
// bool, nil, json.Number, Object or []any.
type Object []Member

// ParseJSON reads a JSON document with the order of its members, a policy for example.
func ParseJSON(doc string) (any, error) {
	dec := json.NewDecoder(strings.NewReader(doc))
	dec.UseNumber()
	v, err := value(dec)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("reading JSON: something follows the document")
	}
	return v, nil
}

// PoliciesOf reads the trust policy and the inline policy of a role, as ParseJSON does.
func PoliciesOf(r desired.Role) (trust, policy any, err error) {
	if trust, err = ParseJSON(r.Trust); err != nil {
		return nil, nil, fmt.Errorf("reading the trust policy of role %s: %w", r.Name, err)
	}
	if policy, err = ParseJSON(r.Policy); err != nil {
		return nil, nil, fmt.Errorf("reading the policy of role %s: %w", r.Name, err)
	}
	return trust, policy, nil
}

func value(dec *json.Decoder) (any, error) {
	t, err := dec.Token()
	if err != nil {
		return nil, fmt.Errorf("reading JSON: %w", err)
	}
	switch t {
	case json.Delim('{'):
		o := Object{}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return nil, fmt.Errorf("reading JSON: %w", err)
			}
			v, err := value(dec)
			if err != nil {
				return nil, err
			}
			o = append(o, Member{key.(string), v}) //nolint:forcetypeassert // the key of an object
		}
		_, err = dec.Token()
		return o, err
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			v, err := value(dec)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = dec.Token()
		return list, err
	}
	return t, nil
}

package transformer

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

var step = regexp.MustCompile(`^\.([^.\[\]]+)|^\[(\d+)\]`)

// isPath reports whether a text is a path that LookUp follows.
func isPath(path string) bool {
	rest, ok := strings.CutPrefix(path, "$")
	for ok && rest != "" {
		m := step.FindString(rest)
		ok = m != ""
		rest = rest[len(m):]
	}
	return ok
}

// LookUp returns the JSON value that a path such as $.detail.userIdentity.arn or
// $.resources[0] leads to; false where the event has none.
func LookUp(on []byte, path string) (json.RawMessage, bool) { return decode(on).lookUp(path) }

// A decoded event is one that several paths are looked up in; nil for no JSON.
type decoded struct{ value any }

func decode(on []byte) *decoded {
	var value any
	d := json.NewDecoder(bytes.NewReader(on))
	d.UseNumber()
	if d.Decode(&value) != nil {
		return nil
	}
	return &decoded{value}
}

func (e *decoded) lookUp(path string) (json.RawMessage, bool) {
	rest, ok := strings.CutPrefix(path, "$")
	if !ok || e == nil {
		return nil, false
	}
	value := e.value
	for rest != "" {
		m := step.FindStringSubmatch(rest)
		if m == nil {
			return nil, false
		}
		rest = rest[len(m[0]):]
		if m[1] != "" {
			object, _ := value.(map[string]any)
			if value, ok = object[m[1]]; !ok {
				return nil, false
			}
			continue
		}
		list, _ := value.([]any)
		i, err := strconv.Atoi(m[2])
		if err != nil || i >= len(list) {
			return nil, false
		}
		value = list[i]
	}
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	if out.Encode(value) != nil {
		return nil, false
	}
	return bytes.TrimRight(b.Bytes(), "\n"), true
}

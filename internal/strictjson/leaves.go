package strictjson

import (
	"encoding/json"
	"strconv"
)

// Leaves takes a JSON value apart: "alarm.period" to "300". A null is no leaf,
// and what is not JSON has none.
func Leaves(data []byte) map[string]string {
	out := map[string]string{}
	var v any
	if json.Unmarshal(data, &v) == nil {
		leaves(out, "", v)
	}
	return out
}

func leaves(out map[string]string, path string, v any) {
	join := func(name string) string {
		if path == "" {
			return name
		}
		return path + "." + name
	}
	switch v := v.(type) {
	case map[string]any:
		for name, w := range v {
			leaves(out, join(name), w)
		}
	case []any:
		for i, w := range v {
			leaves(out, join(strconv.Itoa(i)), w)
		}
	case nil:
	default:
		data, _ := json.Marshal(v) // a leaf: it cannot fail
		out[path] = string(data)
	}
}

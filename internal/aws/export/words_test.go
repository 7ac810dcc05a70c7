package export_test

import (
	"encoding/json"
	"strconv"
)

// canonical is a JSON document in one form, whatever the order of its members.
func canonical(doc string) string {
	var v any
	if err := json.Unmarshal([]byte(doc), &v); err != nil {
		return "not JSON: " + doc
	}
	data, _ := json.Marshal(v)
	return string(data)
}

// float is a number that may not be there.
func float(text string) *float64 {
	if text == "" {
		return nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil
	}
	return &n
}

func int32Of(text string) int32 {
	n, _ := strconv.ParseInt(text, 10, 32)
	return int32(n)
}

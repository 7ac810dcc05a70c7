package audit_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// excused reports whether a narrowing of a finding names the record as lost. Text
// that it cannot read excuses nothing.
func excused(h happening, narrowed []finding.Narrowing) bool {
	return slices.ContainsFunc(narrowed, func(n finding.Narrowing) bool { return holds(n.Text, h.record) })
}

// holds evaluates the words of a narrowing: facts about fields, joined by
// "and".
func holds(text string, record map[string]any) bool {
	for text != "" {
		path, rest, ok := strings.Cut(text, " ")
		if !ok {
			return false
		}
		value, present := at(record, path)
		fact, rest := factIn(rest)
		if fact == nil || !fact(value, present) {
			return false
		}
		text = strings.TrimPrefix(rest, " and ")
		if text == rest && rest != "" {
			return false
		}
	}
	return true
}

// factIn reads what is said of a field at the beginning of text, and returns
// the rest; nil for words that it does not know.
func factIn(text string) (fact func(value any, present bool) bool, rest string) {
	if after, ok := strings.CutPrefix(text, "= "); ok {
		values, rest := valuesIn(after)
		if len(values) != 1 {
			return nil, text
		}
		return func(v any, present bool) bool { return present && isLike(v, values[0]) }, rest
	}
	if after, ok := strings.CutPrefix(text, "is missing"); ok {
		return func(_ any, present bool) bool { return !present }, after
	}
	after, exists := strings.CutPrefix(text, "exists")
	if but, ok := strings.CutPrefix(strings.TrimPrefix(after, " and "), "is anything but "); ok {
		values, rest := valuesIn(but)
		return func(v any, present bool) bool {
			return (present || !exists) && !slices.ContainsFunc(values, func(like string) bool { return isLike(v, like) })
		}, rest
	}
	if exists {
		return func(_ any, present bool) bool { return present }, after
	}
	return nil, text
}

// valuesIn reads quoted values, joined by commas and a last "and".
func valuesIn(text string) (values []string, rest string) {
	for {
		quoted, err := strconv.QuotedPrefix(text)
		if err != nil {
			return values, text
		}
		value, _ := strconv.Unquote(quoted) // a quoted prefix
		values, text = append(values, value), text[len(quoted):]
		for _, glue := range []string{", \"", " and \""} {
			if strings.HasPrefix(text, glue) {
				text = text[len(glue)-1:]
			}
		}
		if !strings.HasPrefix(text, "\"") {
			return values, text
		}
	}
}

// isLike reports whether a value is the string; asterisks at its ends stand for
// anything.
func isLike(v any, like string) bool {
	s, ok := v.(string)
	core := strings.Trim(like, "*")
	head, tail := strings.HasPrefix(like, "*"), strings.HasSuffix(like, "*")
	switch {
	case !ok:
		return false
	case head && tail:
		return strings.Contains(s, core)
	case head:
		return strings.HasSuffix(s, core)
	case tail:
		return strings.HasPrefix(s, core)
	default:
		return s == like
	}
}

// at returns what a path of object members, and indexes of lists, leads to.
func at(record map[string]any, path string) (any, bool) {
	var v any = record
	for step := range strings.SplitSeq(path, ".") {
		name, index, indexed := strings.Cut(strings.TrimSuffix(step, "]"), "[")
		object, _ := v.(map[string]any)
		next, ok := object[name]
		if indexed {
			list, _ := next.([]any)
			i, err := strconv.Atoi(index)
			if ok = err == nil && i < len(list); ok {
				next = list[i]
			}
		}
		if !ok {
			return nil, false
		}
		v = next
	}
	return v, true
}

func TestWordsOfNarrowing(t *testing.T) {
	record := map[string]any{
		"userAgent": "terraform/1.9", "errorCode": "AccessDenied",
		"requestParameters": map[string]any{"items": []any{map[string]any{"cidrIp": "10.0.0.0/8"}}},
		"userIdentity":      map[string]any{"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/ci/x"},
	}
	for _, tt := range []struct {
		text string
		want bool
	}{
		{`userAgent = "terraform/1.9"`, true},
		{`requestParameters.items[0].cidrIp exists`, true},
		{`requestParameters.items[1].cidrIp exists`, false},
		{`userAgent = "terraform"`, false},
		{`userAgent = "terraform*"`, true},
		{`userAgent = "*form*"`, true},
		{`userAgent = "*1.8"`, false},
		{`userIdentity.type = "AssumedRole"`, true},
		{`userIdentity.type = "AssumedRole" and errorCode exists`, true},
		{`userIdentity.type = "AssumedRole" and errorMessage exists`, false},
		{`errorCode exists`, true},
		{`errorMessage exists`, false},
		{`errorMessage is missing`, true},
		{`errorCode is missing`, false},
		{`errorCode is anything but "AccessDenied*"`, false},
		{`errorCode is anything but "x", "y" and "z"`, true},
		{`errorMessage is anything but "x"`, true},
		{`errorMessage exists and is anything but "x"`, false},
		{`errorCode exists and is anything but "x" and "y" and userAgent exists`, true},
		{`errorCode exists and is anything but "x" and "y" and userAgent is missing`, false},
		{`userAgent is a number`, false},
		{`userAgent`, false},
	} {
		if got := holds(tt.text, record); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.text, got, tt.want)
		}
	}
}

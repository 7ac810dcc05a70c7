package eventpattern

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/netip"
	"regexp"
	"slices"
	"sort"
	"strings"
)

// The second reading of the language: it multiplies everything out, tries every
// combination of leaves, and shares no code with the package.

type naiveLeaf struct {
	value any // string, json.Number, bool or nil
	in    map[string]int
}

// naiveRead returns a value whose objects are lists of members, as names may
// come twice.
func naiveRead(d *json.Decoder) any {
	token, err := d.Token()
	if err != nil {
		panic(err)
	}
	var list []any
	switch token {
	case json.Delim('{'):
		members := [][2]any{}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				panic(err)
			}
			members = append(members, [2]any{name, naiveRead(d)})
		}
		_, _ = d.Token()
		return members
	case json.Delim('['):
		for d.More() {
			list = append(list, naiveRead(d))
		}
		_, _ = d.Token()
		return list
	}
	return token
}

// naiveText reads a JSON text that is known to be well formed.
func naiveText(text string) any {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	return naiveRead(d)
}

func naiveFlatten(value any, path, place string, in map[string]int, leaves map[string][]naiveLeaf) {
	switch v := value.(type) {
	case [][2]any:
		for i, m := range v {
			name := m[0].(string)
			if path != "" {
				if name == "" {
					continue
				}
				name = path[1:] + "." + name
			}
			naiveFlatten(m[1], "$"+name, fmt.Sprint(place, "/m", i), in, leaves)
		}
	case []any:
		index := 0
		for i, item := range v {
			inner := in
			switch item.(type) {
			case [][2]any, []any:
				inner = map[string]int{place: index}
				for k, n := range in {
					inner[k] = n
				}
				index++
			}
			naiveFlatten(item, path, fmt.Sprint(place, "/i", i), inner, leaves)
		}
	default:
		leaves[path[1:]] = append(leaves[path[1:]], naiveLeaf{v, in})
	}
}

// naiveRules multiplies $or out.
func naiveRules(rules []map[string][]any, prefix string, members [][2]any) []map[string][]any {
	for _, m := range members {
		name := m[0].(string)
		switch v := m[1].(type) {
		case [][2]any:
			rules = naiveRules(rules, prefix+name+".", v)
		case []any:
			if name != "$or" {
				for _, r := range rules {
					r[prefix+name] = v
				}
				continue
			}
			var all []map[string][]any
			for _, alternative := range v {
				var copies []map[string][]any
				for _, r := range rules {
					c := map[string][]any{}
					for k, x := range r {
						c[k] = x
					}
					copies = append(copies, c)
				}
				all = append(all, naiveRules(copies, prefix, alternative.([][2]any))...)
			}
			rules = all
		}
	}
	return rules
}

func naiveMatch(pattern, event string) bool {
	leaves := map[string][]naiveLeaf{}
	naiveFlatten(naiveText(event), "", "", nil, leaves)
	for _, rule := range naiveRules([]map[string][]any{{}}, "", naiveText(pattern).([][2]any)) {
		var paths []string
		for path := range rule {
			paths = append(paths, path)
		}
		sort.Strings(paths)
		if naiveTry(rule, paths, leaves, map[string]int{}) {
			return true
		}
	}
	return false
}

func naiveTry(rule map[string][]any, paths []string, leaves map[string][]naiveLeaf, in map[string]int) bool {
	if len(paths) == 0 {
		return true
	}
	tests, absent := rule[paths[0]], true
	for _, l := range leaves[paths[0]] {
		both, agree := map[string]int{}, true
		for k, n := range in {
			both[k] = n
		}
		for k, n := range l.in {
			if have, ok := in[k]; ok && have != n {
				agree = false
			}
			both[k] = n
		}
		if !agree {
			continue
		}
		absent = false
		if slices.ContainsFunc(tests, func(t any) bool { return naiveTest(t, l.value) }) && naiveTry(rule, paths[1:], leaves, both) {
			return true
		}
	}
	return absent && slices.ContainsFunc(tests, func(t any) bool { return naiveOperator(t, "exists") == false }) && naiveTry(rule, paths[1:], leaves, in)
}

// naiveOperator returns the operand, or nil for other values.
func naiveOperator(test any, name string) any {
	if o, ok := test.([][2]any); ok && o[0][0] == name {
		return o[0][1]
	}
	return nil
}

func naiveTest(test, leaf any) bool {
	o, isOperator := test.([][2]any)
	text, isText := leaf.(string)
	if !isOperator {
		if n, ok := test.(json.Number); ok {
			m, isNumber := leaf.(json.Number)
			return isNumber && naiveCompare(n, m) == 0
		}
		return test == leaf || isText && naiveAddress(test, text)
	}
	name, operand := o[0][0].(string), o[0][1]
	switch name {
	case "exists":
		return operand == true
	case "anything-but":
		inner := "is"
		if o, ok := operand.([][2]any); ok {
			inner, operand = o[0][0].(string), o[0][1]
		}
		list, ok := operand.([]any)
		if !ok {
			list = []any{operand}
		}
		for _, x := range list {
			if n, ok := x.(json.Number); ok {
				m, isNumber := leaf.(json.Number)
				if isNumber && naiveCompare(n, m) == 0 {
					return false
				}
			} else if isText && naiveString(inner, x, text) {
				return false
			}
		}
		return true
	case "numeric":
		n, ok := leaf.(json.Number)
		return ok && naiveNumeric(operand.([]any), n)
	}
	return isText && naiveString(name, operand, text)
}

func naiveNumeric(list []any, n json.Number) bool {
	for i := 0; i < len(list); i += 2 {
		c := naiveCompare(n, list[i+1].(json.Number))
		holds := map[string]bool{"=": c == 0, "<": c < 0, "<=": c <= 0, ">": c > 0, ">=": c >= 0}
		if !holds[list[i].(string)] {
			return false
		}
	}
	return true
}

func naiveCompare(a, b json.Number) int {
	x, _ := new(big.Rat).SetString(a.String())
	y, _ := new(big.Rat).SetString(b.String())
	return x.Cmp(y)
}

func naiveAddress(test any, text string) bool {
	s, ok := test.(string)
	a, err := netip.ParseAddr(s)
	b, errText := netip.ParseAddr(text)
	return ok && err == nil && errText == nil && a.Zone() == "" && a == b
}

func naiveString(name string, operand any, text string) bool {
	if o, ok := operand.([][2]any); ok {
		name, operand = name+"-fold", o[0][1]
	}
	s := operand.(string)
	switch name {
	case "prefix":
		return strings.HasPrefix(text, s)
	case "suffix":
		return strings.HasSuffix(text, s)
	case "wildcard":
		quoted := regexp.QuoteMeta(strings.NewReplacer(`\*`, "\x00", `\\`, "\x01").Replace(s))
		quoted = strings.NewReplacer(`\*`, ".*", "\x00", `\*`, "\x01", `\\`).Replace(quoted)
		return regexp.MustCompile("(?s)^" + quoted + "$").MatchString(text)
	case "equals-ignore-case":
		return strings.EqualFold(s, text)
	case "prefix-fold":
		return len(text) >= len(s) && strings.EqualFold(s, text[:len(s)])
	case "suffix-fold":
		return len(text) >= len(s) && strings.EqualFold(s, text[len(text)-len(s):])
	default:
		return s == text
	}
}

package awstest

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// validate checks the constraints of the API models, which stand in the tags of
// the input structs:
//
//	required:"" length:"1-512" pattern:"[a-z]*" enum:"A|B" range:"1-50"
//
// length counts characters of strings and entries of lists; pattern must match
// the whole text; all but required are skipped where the member is absent. It
// returns AWS's sentence on the first violation, "" if there is none.
func validate(in any) string {
	return validateStruct("", reflect.ValueOf(in).Elem())
}

func validateStruct(path string, v reflect.Value) string {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name := path + memberName(field)
		if s := validateMember(name, field.Tag, v.Field(i)); s != "" {
			return s
		}
	}
	return ""
}

func validateMember(name string, tag reflect.StructTag, v reflect.Value) string {
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	} else if v.IsZero() {
		if _, need := tag.Lookup("required"); need {
			return fmt.Sprintf("1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", name)
		}
		return ""
	}
	if rule := violated(tag, v); rule != "" {
		return fmt.Sprintf("1 validation error detected: Value '%v' at '%s' failed to satisfy constraint: Member must %s", v.Interface(), name, rule)
	}
	switch {
	case v.Type() == reflect.TypeFor[timestamp]():
		return ""
	case v.Kind() == reflect.Struct:
		return validateStruct(name+".", v)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		for i := range v.Len() {
			if s := validateStruct(fmt.Sprintf("%s.%d.member.", name, i+1), v.Index(i)); s != "" {
				return s
			}
		}
	}
	return ""
}

// violated returns the rule that the value breaks.
func violated(tag reflect.StructTag, v reflect.Value) string {
	if low, high, ok := bounds(tag.Get("length")); ok {
		switch n := length(v); {
		case n < low:
			return fmt.Sprintf("have length greater than or equal to %d", low)
		case n > high:
			return fmt.Sprintf("have length less than or equal to %d", high)
		}
	}
	if low, high, ok := bounds(tag.Get("range")); ok {
		switch n := int(v.Int()); {
		case n < low:
			return fmt.Sprintf("have value greater than or equal to %d", low)
		case n > high:
			return fmt.Sprintf("have value less than or equal to %d", high)
		}
	}
	if p := tag.Get("pattern"); p != "" && !wholeMatch(p, v.String()) {
		return "satisfy regular expression pattern: " + p
	}
	if e := tag.Get("enum"); e != "" && !inEnum(strings.Split(e, "|"), v) {
		return "satisfy enum value set: [" + strings.ReplaceAll(e, "|", ", ") + "]"
	}
	return ""
}

func length(v reflect.Value) int {
	if v.Kind() == reflect.String {
		return utf8.RuneCountInString(v.String())
	}
	return v.Len()
}

func inEnum(allowed []string, v reflect.Value) bool {
	values := []string{}
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			values = append(values, v.Index(i).String())
		}
	} else {
		values = append(values, v.String())
	}
	for _, value := range values {
		if !slices.Contains(allowed, value) {
			return false
		}
	}
	return true
}

func bounds(text string) (low, high int, ok bool) {
	a, b, found := strings.Cut(text, "-")
	if !found {
		return 0, 0, false
	}
	low, err1 := strconv.Atoi(a)
	high, err2 := strconv.Atoi(b)
	return low, high, err1 == nil && err2 == nil
}

var compiled sync.Map // pattern text -> *regexp.Regexp

func wholeMatch(pattern, text string) bool {
	re, ok := compiled.Load(pattern)
	if !ok {
		re, _ = compiled.LoadOrStore(pattern, regexp.MustCompile(`^(?s:`+pattern+`)$`))
	}
	return re.(*regexp.Regexp).MatchString(text)
}

package awstest

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// writeMembers writes the members of a struct as XML elements. The entries of
// lists are elements of the name item.
func writeMembers(b *bytes.Buffer, out any, item string) {
	v := reflect.Indirect(reflect.ValueOf(out))
	for i := range v.NumField() {
		field, value := v.Type().Field(i), v.Field(i)
		if strings.Contains(field.Tag.Get("json"), ",omitempty") && value.IsZero() {
			continue
		}
		writeElement(b, memberName(field), value, item)
	}
}

func writeElement(b *bytes.Buffer, name string, v reflect.Value, item string) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	fmt.Fprintf(b, "<%s>", name)
	writeValue(b, v, item)
	fmt.Fprintf(b, "</%s>", name)
}

func writeValue(b *bytes.Buffer, v reflect.Value, item string) {
	if t, ok := v.Interface().(timestamp); ok {
		b.WriteString(t.UTC().Format(time.RFC3339Nano))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		writeMembers(b, v.Interface(), item)
	case reflect.Slice:
		for i := range v.Len() {
			writeElement(b, item, v.Index(i), item)
		}
	case reflect.Map:
		entries := v.Interface().(map[string]string)
		for _, k := range slices.Sorted(maps.Keys(entries)) {
			fmt.Fprintf(b, "<entry><key>%s</key><value>%s</value></entry>", escape(k), escape(entries[k]))
		}
	case reflect.Float64:
		b.WriteString(strconv.FormatFloat(v.Float(), 'f', -1, 64))
	default:
		b.WriteString(escape(fmt.Sprint(v.Interface())))
	}
}

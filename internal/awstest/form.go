package awstest

import (
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// decodeForm fills in (a pointer to struct) from a Query form: lists as
// NAME.member.1 (or NAME.1, as EC2 has them), maps as NAME.entry.1.key and
// NAME.entry.1.value, structs with dots. A parameter that no member takes is an
// error.
func decodeForm(form url.Values, in any) error {
	f := &formReader{form: form, used: map[string]bool{"Action": true, "Version": true}}
	if err := f.read("", reflect.ValueOf(in).Elem()); err != nil {
		return err
	}
	for key := range form {
		if !f.used[key] {
			return fmt.Errorf("reading input: unknown parameter %s", key)
		}
	}
	return nil
}

type formReader struct {
	form url.Values
	used map[string]bool
}

// has reports whether anything stands at or below the key.
func (f *formReader) has(key string) bool {
	if _, ok := f.form[key]; ok {
		return true
	}
	for k := range f.form {
		if strings.HasPrefix(k, key+".") {
			return true
		}
	}
	return false
}

func (f *formReader) read(key string, v reflect.Value) error {
	if key != "" && !f.has(key) {
		return nil
	}
	if _, ok := v.Interface().(timestamp); ok {
		return f.readTime(key, v)
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return f.read(key, v.Elem())
	case reflect.Struct:
		return f.readStruct(key, v)
	case reflect.Slice:
		return f.readList(key, v)
	case reflect.Map:
		return f.readMap(key, v)
	default:
		return f.readScalar(key, v)
	}
}

func (f *formReader) readStruct(key string, v reflect.Value) error {
	for i := range v.NumField() {
		name := memberName(v.Type().Field(i))
		if key != "" {
			name = key + "." + name
		}
		if err := f.read(name, v.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

func (f *formReader) readList(key string, v reflect.Value) error {
	f.used[key] = true // "Tags=" is an empty list
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	prefix := key + ".member."
	if !f.has(key + ".member") {
		prefix = key + "."
	}
	for n := 1; f.has(prefix + strconv.Itoa(n)); n++ {
		element := reflect.New(v.Type().Elem()).Elem()
		if err := f.read(prefix+strconv.Itoa(n), element); err != nil {
			return err
		}
		v.Set(reflect.Append(v, element))
	}
	return nil
}

// readMap reads entries whose key and value are called so, or Name and Value as
// in SNS's message attributes.
func (f *formReader) readMap(key string, v reflect.Value) error {
	f.used[key] = true
	v.Set(reflect.MakeMap(v.Type()))
	for n := 1; f.has(fmt.Sprintf("%s.entry.%d", key, n)); n++ {
		entry := fmt.Sprintf("%s.entry.%d", key, n)
		name, value := entry+".key", entry+".value"
		if f.has(entry + ".Name") {
			name, value = entry+".Name", entry+".Value"
		}
		element := reflect.New(v.Type().Elem()).Elem()
		if err := f.read(value, element); err != nil {
			return err
		}
		f.used[name] = true
		v.SetMapIndex(reflect.ValueOf(f.form.Get(name)), element)
	}
	return nil
}

func (f *formReader) readTime(key string, v reflect.Value) error {
	f.used[key] = true
	t, err := time.Parse(time.RFC3339, f.form.Get(key))
	if err != nil {
		return fmt.Errorf("reading input: %s: %w", key, err)
	}
	v.Set(reflect.ValueOf(timestamp{t.UTC()}))
	return nil
}

func (f *formReader) readScalar(key string, v reflect.Value) error {
	f.used[key] = true
	text := f.form.Get(key)
	var err error
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(text)
		v.SetBool(b)
	case reflect.Int, reflect.Int32, reflect.Int64:
		var n int64
		n, err = strconv.ParseInt(text, 10, v.Type().Bits())
		v.SetInt(n)
	case reflect.Float64:
		var n float64
		n, err = strconv.ParseFloat(text, 64)
		v.SetFloat(n)
	default:
		err = fmt.Errorf("no form for %s", v.Type())
	}
	if err != nil {
		return fmt.Errorf("reading input: %s: %w", key, err)
	}
	return nil
}

// memberName returns the name of a member on the wire.
func memberName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}

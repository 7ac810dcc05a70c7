package pattern

import (
	"strings"
	"testing"
)

func TestExplainWords(t *testing.T) {
	for _, c := range []struct{ pattern, want string }{
		{` `, `matches every message`},
		{`a -"b c" ?d`, `
matches a message whose text
  contains "a"
  does not contain "b c"`},
		{`?a ?"\"b\""`, `
matches a message whose text
  contains "a" or ""b""`},
		{`%^a|b%`, `matches a message in whose text the regular expression %^a|b% is found`},
		{`{ $.eventName = CreateRoute }`, `
matches a message that is a JSON object in which
  eventName is "CreateRoute"`},
		{`{ ($.a = *x* || $.a = x* || $.a = *x || $.a = *) && $.['b c'].d[0] != 4* && $.e != 1 && $.f > 2 && ($.g IS NULL || $.h IS FALSE) }`, `
matches a message that is a JSON object in which
  all of these hold:
    at least one of these holds:
      a contains "x"
      a begins with "x"
      a ends with "x"
      a is a string or a number
    ['b c'].d[0] is a string or a number that does not begin with "4"
    e is a string or a number that is neither the number 1 nor the text "1"
    f is a number greater than 2
    at least one of these holds:
      g is null, or an array with null in it
      h is false`},
		{`{ $.a = x*y || $.a != %z% || $.a NOT EXISTS || $.a <= -1 }`, `
matches a message that is a JSON object in which
  at least one of these holds:
    a is like "x*y"
    a is a string or a number that contains no match of %z%
    a is missing
    a is a number of at most -1`},
		{`{ $.a[*].b = 1 || $.* != x || $.a.* NOT EXISTS }`, `
matches a message that is a JSON object in which
  at least one of these holds:
    some a.*.b is the number 1 or the text "1"
    the record exists and no * is "x"
    there is no a.*`},
		{`{ $.a[*].b IS NULL }`, `
matches a message that is a JSON object in which
  some a.*.b is null`},
		{`[]`, `matches every message`},
		{`[...]`, `matches every message`},
		{`[a]`, `
matches a message that is not blank, in which
  field 1 (a) is anything`},
		{`[ip, , status != 4* && (status < 300 || status=*), ..., bytes = 1]`, `
matches a message of at least 4 fields, in which
  field 1 (ip) is anything
  field 2 is anything
  all of these hold:
    field 3 (status) does not begin with "4"
    at least one of these holds:
      field 3 (status) is a number less than 300
      field 3 (status) is anything
  any number of fields may follow
  last field (bytes) is the number 1`},
		{`[a, b=x]`, `
matches a message of 2 fields (the last one takes the rest of the text) in which
  field 1 (a) is anything
  field 2 (b) is "x"`},
		{`[..., x, y]`, `
matches a message of at least 2 fields, in which
  any number of fields may come first
  field 2 from the end (x) is anything
  last field (y) is anything`},
	} {
		got := strings.TrimSpace(mustParse(t, c.pattern).Explain().String())
		if want := strings.TrimSpace(c.want); got != want {
			t.Errorf("%s:\ngot\n%s\nwant\n%s", c.pattern, got, want)
		}
	}
}

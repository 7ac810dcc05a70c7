package syntax

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// tokens lists the tokens of text with their positions, up to the first error.
func tokens(text, punct string) string {
	l := &lexer{src: source(text), end: len(text), punct: punct}
	var list []string
	for {
		t, err := l.next()
		var syntax *Error
		if errors.As(err, &syntax) {
			list = append(list, fmt.Sprintf("%d:error", syntax.Offset))
			break
		}
		kind := [...]string{"end", "", "", "selector ", "string ", "regex ", "number ", "word "}[t.kind]
		list = append(list, fmt.Sprintf("%d:%s%s", t.pos, kind, t.text))
		if t.kind == tokEnd {
			break
		}
	}
	return strings.Join(list, " ")
}

func TestLexer(t *testing.T) {
	const jsonPunct, fieldPunct = "{}()", "[](),"
	for _, c := range []struct{ punct, text, want string }{
		{jsonPunct, ``, `0:end`},
		{jsonPunct, "\t\r\n ", `4:end`},
		{jsonPunct, "\u00a0", `0:error`},
		{jsonPunct, `{}()`, `0:{ 1:} 2:( 3:) 4:end`},
		{jsonPunct, `{$.a="x"&&$.b=1}`, `0:{ 1:selector $.a 4:= 5:string x 8:&& 10:selector $.b 13:= 14:number 1 15:} 16:end`},
		{jsonPunct, `$.a[0].b-c['d e'].*`, `0:selector $.a[0].b-c['d e'].* 19:end`},
		{jsonPunct, `$.a [0]`, `0:selector $.a 4:error`},
		{jsonPunct, `$.é.1`, `0:selector $.é.1 6:end`},
		{jsonPunct, `= != < <= > >= == <>`, `0:= 2:!= 5:< 7:<= 10:> 12:>= 15:= 16:= 18:< 19:> 20:end`},
		{jsonPunct, `a&b`, `0:word a 1:error`},
		{jsonPunct, `a|`, `0:word a 1:error`},
		{jsonPunct, `!x`, `0:error`},
		{jsonPunct, `1 1. .5 1.5 +1 -1 1e3 1E-3 1.e+3`, `0:number 1 2:number 1. 5:number .5 8:number 1.5 12:number +1 15:number -1 18:number 1e3 22:number 1E-3 27:number 1.e+3 32:end`},
		{jsonPunct, `1a 10.0.0.1 4* 1e . ... - 1-2 e3`, `0:word 1a 3:word 10.0.0.1 12:word 4* 15:word 1e 18:word . 20:word ... 24:word - 26:word 1-2 30:word e3 32:end`},
		{jsonPunct, `1e2147483647 1e-2147483648 1e2147483648`, `0:number 1e2147483647 13:number 1e-2147483648 27:error`},
		{jsonPunct, `s3.amazonaws.com *Route* true`, `0:word s3.amazonaws.com 17:word *Route* 25:word true 29:end`},
		{jsonPunct, `1+2`, `1:error`},
		{jsonPunct, `+`, `0:error`},
		{jsonPunct, `"" "a\"b" "a\\" "a\d"`, `0:string  3:string a"b 10:string a\ 16:string a\d 21:end`},
		{jsonPunct, `"a\"`, `0:error`},
		{jsonPunct, `%a.*b% %\x25%`, `0:regex %a.*b% 7:regex %\x25% 13:end`},
		{jsonPunct, `%a!b%`, `2:error`},
		{jsonPunct, `%a`, `0:error`},
		{jsonPunct, `,`, `0:error`},
		{jsonPunct, `“x”`, `0:error`},
		{jsonPunct, "a\x00", `0:word a 1:error`},
		{fieldPunct, `[a, ...]`, `0:[ 1:word a 2:, 4:word ... 7:] 8:end`},
		{fieldPunct, `{`, `0:error`},
	} {
		if got := tokens(c.text, c.punct); got != c.want {
			t.Errorf("%q:\ngot  %s\nwant %s", c.text, got, c.want)
		}
	}
}

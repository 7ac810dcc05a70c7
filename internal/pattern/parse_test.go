package pattern

import (
	"errors"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", `all`},
		{" \t\r\n", `all`},

		{`ERROR`, `(terms "ERROR")`},
		{`a "b c" -d ?e`, `(terms "a" "b c" -"d" ?"e")`},
		{`a-b?c`, `(terms "a" -"b" ?"c")`},
		{`"a"-"b"`, `(terms "a" -"b")`},
		{`"a" - "b"`, `(terms "a" -~"b")`},
		{`"x\"y\\z\n"`, `(terms "x\"y\\z\\n")`},
		{`" "`, `(terms " ")`},
		{`café a.b_c`, `(terms "café" "a.b_c")`},
		{`or AND`, `(terms "or" "AND")`},

		{`%a|b%`, `(regex "a|b")`},
		{"\n%a b%\n", `(regex "a b")`},

		{`{ $.a = x }`, `(= ."a" "x")`},
		{"\n{\n$.a\n=\r\nx\t}\n", `(= ."a" "x")`},
		{`{$.a=true||$.b="null"}`, `(or (= ."a" "true") (= ."b" "null"))`},
		{`{$.a=1e0&&$.b="1"}`, `(and (= ."a" 1e0) (= ."b" "1"))`},
		{`{$.a=%x%}`, `(= ."a" %x%)`},
		{`{$.a.b[3].*!=x}`, `(!= ."a"."b"[3][*] "x")`},
		{`{$.['a.b'].['c'][*]<-1}`, `(< ."a.b"."c"[*] -1)`},
		{`{$.*=1}`, `(= [*] 1)`},
		{`{$.[0]=1}`, `(= [0] 1)`},
		{`{$.[*]=1}`, `(= [*] 1)`},
		{`{$.['']=1}`, `(= ."" 1)`},
		{`{$.a is Null&&$.b iS tRUE&&$.c IS false&&$.d not EXISTS}`, `(and (is null ."a") (is true ."b") (is false ."c") (not exists ."d"))`},
		{`{$.a[0]IS NULL}`, `(is null ."a"[0])`},
		{`{$.a=1||$.b=2&&$.c=3||$.d=4}`, `(or (= ."a" 1) (and (= ."b" 2) (= ."c" 3)) (= ."d" 4))`},
		{`{(((($.a=1))))}`, `(= ."a" 1)`},
		{`{($.a=1||$.b=2)&&($.c=3&&($.d=4&&$.e=5))}`, `(and (or (= ."a" 1) (= ."b" 2)) (= ."c" 3) (= ."d" 4) (= ."e" 5))`},
		{`{$.a=...}`, `(= ."a" "...")`},
		{`{$.IS IS NULL}`, `(is null ."IS")`},
		{`{$.a=is}`, `(= ."a" "is")`},

		{`[]`, `(fields)`},
		{`[ ]`, `(fields)`},
		{`[,]`, `(fields _ _)`},
		{`[a]`, `(fields a)`},
		{`[a, , ..., _b9]`, `(fields a _ ... _b9)`},
		{`[a=x&&(a!=1||a>2),b=%x%]`, `(fields a:(and (= "x") (or (!= 1) (> 2))) b:(= %x%))`},
		{`[a||a=x]`, `(fields a)`},
		{`[(a)&&a=x]`, `(fields a:(= "x"))`},
		{`[user-id=x]`, `(fields user-id:(= "x"))`},
		{`[é=x]`, `(fields é:(= "x"))`},
	} {
		p, err := Parse(c.text)
		if err != nil {
			t.Errorf("Parse(%q): %v", c.text, err)
			continue
		}
		if got := dump(p.root); got != c.want {
			t.Errorf("Parse(%q):\ngot  %s\nwant %s", c.text, got, c.want)
		}
		if p.Text() != c.text {
			t.Errorf("Parse(%q).Text() = %q", c.text, p.Text())
		}
	}
}

// TestParseErrors marks the place of each error with a ^ in the second line.
func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ text, mark, msg string }{
		// terms
		{`a:b`, ` ^`, `Invalid character(s) in term ':'`},
		{`a "`, `  ^`, `Invalid character(s) in term '"'`},
		{`a ""`, `  ^`, `Invalid character(s) in term '""'`},
		{`"a"b`, `   ^`, `Invalid metric filter pattern: expected a blank behind`},
		{`"a""b"`, `   ^`, `Invalid metric filter pattern: expected a blank behind`},
		{`a"b"`, ` ^`, `Invalid metric filter pattern: expected a blank before`},
		{`a -`, `   ^`, `Invalid metric filter pattern: expected a word or a phrase`},
		{`? a`, ` ^`, `Invalid metric filter pattern: expected a word or a phrase`},
		{`--a`, ` ^`, `Invalid metric filter pattern: expected a word or a phrase`},
		{`“a”`, `^`, `Invalid character(s) in term '“': expected straight quotes`},
		{`a %b%`, `  ^`, `Invalid character(s) in term '%': a regular expression must be`},

		// regular expressions
		{`%`, ` ^`, `If a filter pattern starts with '%' it must end with '%'`},
		{`%a`, `  ^`, `If a filter pattern starts with '%' it must end with '%'`},
		{`%%`, ` ^`, `Failed to compile regular expression. (it is empty)`},
		{`%a%%`, `   ^`, `Invalid character(s) in term '%'`},
		{`%a% %b%`, `   ^`, `Invalid character(s) in term ' '`},
		{`%ab(c)%`, `   ^`, `Invalid character(s) in term '%ab('`},
		{`%ab\(c)%`, `    ^`, `Invalid character(s) in term '%ab\('`},
		{`%ab\pc%`, `   ^`, `Failed to compile regular expression. (the escape \p`},
		{`%ab\%`, `   ^`, `Failed to compile regular expression. (nothing follows`},
		{`%a[z-a]%`, `   ^`, `Failed to compile regular expression. (invalid character class range)`},
		{`%ba++%`, `   ^`, `Failed to compile regular expression. (invalid nested repetition operator)`},
		{`%a{1001}%`, `  ^`, `Failed to compile regular expression. (invalid repeat count)`},
		{`%a{999}b{999}%`, ` ^`, `Failed to compile regular expression. (its repetitions`},

		// JSON
		{`{`, ` ^`, `If a filter pattern starts with '{' it must end with '}'`},
		{`{ $.a = 1 `, `         ^`, `If a filter pattern starts with '{' it must end with '}'`},
		{`{}`, ` ^`, `Invalid metric filter pattern: expected a selector such as $.eventName, or (, found }`},
		{`{ $.a = 1 } }`, `            ^`, `Invalid metric filter pattern: expected the end behind }`},
		{`{ $.a }`, `      ^`, `Invalid metric filter pattern: expected =,`},
		{`{ $.a = }`, `        ^`, `Invalid metric filter pattern: expected a value, found }`},
		{`{ $.a = $.b }`, `        ^`, `Invalid metric filter pattern: expected a value, found $.b`},
		{`{ $.a = null }`, `        ^`, `Invalid metric filter pattern: expected a value, found null`},
		{`{ $.a == 1 }`, `       ^`, `Invalid metric filter pattern: expected a value, found =`},
		{`{ $.a > x }`, `        ^`, `Invalid character(s) in term 'x': expected a number without quotes`},
		{`{ $.a > %x% }`, `        ^`, `Invalid character(s) in term '%x%': expected a number without quotes`},
		{`{ $.a > }`, `        ^`, `Invalid metric filter pattern: expected a number, found }`},
		{`{ $.a = x y }`, `          ^`, `Invalid metric filter pattern: expected &&, || or }, found y`},
		{`{ ($.a = 1 }`, `           ^`, `Invalid metric filter pattern: expected &&, || or ), found }`},
		{`{ $.a = 1) }`, `         ^`, `Invalid metric filter pattern: expected &&, || or }, found )`},
		{`{ () }`, `   ^`, `Invalid metric filter pattern: expected a selector`},
		{`{ $.a = 1 && }`, `             ^`, `Invalid metric filter pattern: expected a selector`},
		{`{ $.a = 1 & $.b = 2 }`, `          ^`, `Invalid character(s) in term '& ': expected &&`},
		{`{ !($.a = 1) }`, `  ^`, `Invalid character(s) in term '!(': expected !=`},
		{`{ $.a IS }`, `         ^`, `Invalid metric filter pattern: expected NULL, TRUE or FALSE`},
		{`{ $.a IS NOT NULL }`, `         ^`, `Invalid character(s) in term 'NOT': expected NULL, TRUE or FALSE`},
		{`{ $.a NOT x }`, `          ^`, `Invalid metric filter pattern: expected EXISTS, found x`},
		{`{ $.a EXISTS }`, `      ^`, `Invalid metric filter pattern: expected =,`},
		{`{ $.a = 'x' }`, `        ^`, `Invalid character(s) in term ''': expected double quotes`},
		{`{ $.a = “x” }`, `        ^`, `Invalid character(s) in term '“': expected straight quotes`},
		{`{ $.a = a/b }`, `         ^`, `Invalid character(s) in term '/': text with other`},
		{`{ $.a = "x }`, `        ^`, `Invalid character(s) in term '"x }': expected a closing quote`},
		{`{ $.a = %x }`, `        ^`, `Invalid character(s) in term '%x }': expected a closing %`},
		{`{ $.é = 1, $.b = 2 }`, `         ^`, `Invalid character(s) in term ',': expected && or ||`},

		// selectors
		{`{ $ = 1 }`, `   ^`, `Invalid character(s) in term '$ ': expected $.`},
		{`{ $['a'] = 1 }`, `   ^`, `Invalid character(s) in term '$[': expected $.`},
		{`{ $. a = 1 }`, `    ^`, `Invalid character(s) in term '$. '`},
		{`{ $..a = 1 }`, `    ^`, `Invalid character(s) in term '$..'`},
		{`{ $.a. = 1 }`, `      ^`, `Invalid character(s) in term '. '`},
		{`{ $.@t = 1 }`, `    ^`, `Invalid character(s) in term '$.@'`},
		{`{ $."a" = 1 }`, `    ^`, `Invalid character(s) in term '$."'`},
		{`{ $.["a"] = 1 }`, `     ^`, `Invalid character(s) in term '$.["'`},
		{`{ $.a[-1] = 1 }`, `      ^`, `Invalid character(s) in term '[-'`},
		{`{ $.a[0:2] = 1 }`, `       ^`, `Invalid character(s) in term '[0:'`},
		{`{ $.a['b = 1 }`, `              ^`, `Invalid character(s) in term '['b = 1 }': expected a closing single quote`},
		{`{ $.a['b' = 1 }`, `         ^`, `Invalid character(s) in term '['b' ': expected ]`},
		{`{ $.a[2147483648] = 1 }`, `      ^`, `Invalid metric filter pattern: the index 2147483648 is out of range`},
		{`{ $.a:b = 1 }`, `     ^`, `Invalid character(s) in term ':'`},

		// limits
		{`{$.a=%a%||$.b=%b%||$.c=%c%}`, `                       ^`, `Your input has exceeded the maximum of 2 regular expressions per filter pattern.`},
		{`[a=%a%,b=%b%,c=%c%]`, `               ^`, `Your input has exceeded the maximum of 2 regular expressions per filter pattern.`},
		{`{ $.a[*].* = 1 }`, `         ^`, `Your filter pattern has a JSON path selector that exceeds the maximum of 1 wildcard allowed per json selector.`},
		{`{$.a.*=1||$.*=1||$.c[*]=1||$.d.*=1}`, `                           ^`, `the pattern has more than 3 selectors with a wildcard`},
		{`{ $.a = 1e2147483648 }`, `        ^`, `Invalid metric filter pattern: the exponent of`},

		// space-delimited
		{`[`, ` ^`, `If a filter pattern starts with '[' it must end with ']'`},
		{`[a] b]`, `    ^`, `Invalid metric filter pattern: expected the end behind ], found b`},
		{`[a b]`, `   ^`, `Invalid metric filter pattern: expected &&, ||, a comma or ], found b`},
		{`[a, 1a]`, `    ^`, `Invalid character(s) in term '1a'`},
		{`[a, 1]`, `    ^`, `Invalid character(s) in term '1'`},
		{`[a, .b]`, `    ^`, `Invalid character(s) in term '.b'`},
		{`[a, "b"]`, `    ^`, `Invalid metric filter pattern: expected the name of a field, found "b"`},
		{`[a, a]`, `    ^`, `Duplicate field 'a'`},
		{`[..., a, ...]`, `         ^`, `Duplicate field '...'`},
		{`[a=x || b=y, b]`, `        ^`, `Multiple variables used in a single filter. Var1 : a, Var2 : b`},
		{`[a>"1"]`, `   ^`, `Invalid metric filter pattern: expected a number without quotes`},
		{`[a IS NULL]`, `   ^`, `Invalid metric filter pattern: expected &&, ||, a comma or ], found IS`},
		{`[a={]`, `   ^`, `Invalid character(s) in term '{'`},
	} {
		checkError(t, c.text, len(c.mark)-1, c.msg)
	}
}

// checkError checks offset and beginning of the message; column counts
// characters.
func checkError(t *testing.T, text string, column int, msg string) {
	t.Helper()
	_, err := Parse(text)
	var bad *syntax.Error
	if !errors.As(err, &bad) {
		t.Errorf("Parse(%q) = %v, want a syntax error", text, err)
		return
	}
	if got := len([]rune(text[:bad.Offset])); got != column || !strings.HasPrefix(bad.Msg, msg) {
		t.Errorf("Parse(%q):\ngot  %d: %s\nwant %d: %s", text, got, bad.Msg, column, msg)
	}
	if bad.Pattern != text || !strings.Contains(err.Error(), bad.Msg) {
		t.Errorf("Parse(%q): error %q of pattern %q", text, err, bad.Pattern)
	}
}

func TestParseLength(t *testing.T) {
	longest := strings.Repeat("é", syntax.MaxLength)
	if _, err := Parse(longest); err != nil {
		t.Errorf("%d characters: %v", syntax.MaxLength, err)
	}
	checkError(t, longest+"é", syntax.MaxLength, "Invalid metric filter pattern: the text is longer than 1024")
	checkError(t, longest+strings.Repeat("é", 1<<20), syntax.MaxLength, "Invalid metric filter pattern: the text is longer than 1024")
}

func TestParseDepth(t *testing.T) {
	nested := func(open, closed int) string {
		return "{" + strings.Repeat("(", open) + "$.a=1" + strings.Repeat(")", closed) + "}"
	}
	p, err := Parse(nested(508, 508))
	if err != nil || p.String() != "{$.a=1}" {
		t.Errorf("508 parentheses: %v, %v", p, err)
	}
	checkError(t, nested(508, 507), 1+508+5+507, "Invalid metric filter pattern: expected &&, || or ), found }")
	checkError(t, "{"+strings.Repeat("(", 1022)+"}", 1023, "Invalid metric filter pattern: expected a selector")
}

func TestParseEncoding(t *testing.T) {
	checkError(t, "a\xff", 1, "Invalid metric filter pattern: the text is not valid UTF-8")
	checkError(t, `{$.a="`+"\xc3"+`"}`, 6, "Invalid metric filter pattern: the text is not valid UTF-8")
	checkError(t, "a\x00", 1, "Invalid character(s) in term '\x00'")
	if _, err := Parse("\"\uFFFD\x00\""); err != nil {
		t.Errorf("replacement character and NUL in a phrase: %v", err)
	}
}

func TestRules(t *testing.T) {
	for text, want := range map[string]string{
		``:                      "",
		`a-b`:                   "",
		`{$.a=*b* && $.c="**"}`: "",
		`{$.a=b*c}`:             RuleMidAsterisk,
		`[a="b*c"]`:             RuleMidAsterisk,
		`{$.a=***}`:             RuleMidAsterisk,
		`{$.a=%b*c%}`:           "",
		`{$.a=%b c%}`:           RuleRegexBlank,
		`%b c%`:                 RuleRegexBlank,
		`a - b`:                 RuleDetachedMinus,
		`[a-b=c*d]`:             RuleMidAsterisk + ", " + RuleFieldHyphen,
	} {
		p, err := Parse(text)
		if err != nil {
			if want != "" {
				t.Errorf("Parse(%q): %v", text, err)
			}
			continue
		}
		if got := strings.Join(p.Rules(), ", "); got != want {
			t.Errorf("rules of %q: %q, want %q", text, got, want)
		}
	}
}

package pattern

import (
	"fmt"
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

func TestSuspicions(t *testing.T) {
	for _, c := range []struct {
		pattern string
		want    string // offset and code of each
	}{
		{``, `0 matches-everything`},
		{`[]`, `0 matches-everything`},
		{`[a]`, `0 matches-everything`},
		{`[...]`, `0 matches-everything`},
		{`[a, ...]`, `0 matches-everything`},
		{`[a, b]`, ``},
		{`[a=x]`, ``},

		{`ERROR -timeout`, ``},
		{`ERROR ?WARN`, `6 ignored-term`},
		{`?ERROR ?WARN`, ``},
		{`ERROR-timeout`, `5 split-word`},
		{`sub-a?b`, `3 split-word, 5 ignored-term, 5 split-word`},
		{`"out of time" -time`, `14 never-true`},
		{`a - b`, `2 uncertain-rule`},
		{`%a b%`, `1 uncertain-rule`},
		{` %a|b%`, ``},

		{`{ $.eventName = CreateRoute }`, ``},
		{`{ $.eventName = "Put*Policy" }`, `16 uncertain-rule`},
		{`{ $.eventName = %Put .*% }`, `16 uncertain-rule`},
		{`[user-id = a*b]`, `1 uncertain-rule, 11 uncertain-rule`},

		// exclude each other
		{`{ $.eventName = a && $.eventName = b }`, `21 never-true`},
		{`{ $.eventName = a && $.eventName = a* }`, ``},
		{`{ $.eventName = Create* && $.eventName = *Route }`, ``},
		{`{ $.eventName = Create* && $.eventName = Delete* }`, `27 never-true`},
		{`{ $.eventName = Create* && $.eventName != Cr* }`, `27 never-true`},
		{`{ $.eventName != a && $.eventName != b }`, ``},
		{`{ $.eventSource = x && ($.eventName = a || $.eventSource = y) }`, `43 never-true`},
		{`{ $.requestID > 5 && $.requestID < 6 }`, ``},
		{`{ $.requestID > 5 && $.requestID < 5 }`, `21 never-true`},
		{`{ $.requestID > 5 && $.requestID = "7" }`, ``},
		{`{ $.requestID > 5 && $.requestID = 5 }`, `21 never-true`},
		{`{ $.requestID > 400 && $.requestID = 4* }`, ``},
		{`{ $.requestID IS NULL && $.requestID = * }`, `25 never-true`},
		{`{ $.requestID = 1 && $.requestID = "1" }`, ``},
		{`{ $.requestID = 1 && $.requestID = 1.0 }`, ``},
		{`{ $.requestID = 1 && $.requestID = 2 }`, `21 never-true`},
		{`{ $.requestID = %a% && $.requestID = %b% }`, ``},
		{`{ $.requestID = a*b && $.requestID = c }`, `16 uncertain-rule`},
		{`{ $.requestParameters.x[*] = 1 && $.requestParameters.x[*] = 2 }`, ``},
		{`[a=x && a=y, b]`, `8 never-true`},
		{`[a=1 && a=1.0, b]`, ``},
		{`[a>1 && a<1, b]`, `8 never-true`},

		// cannot be or must be, by what CloudTrail says
		{`{ $.readOnly = "false" }`, `2 never-true`},
		{`{ $.readOnly = * }`, `2 never-true`},
		{`{ $.readOnly IS FALSE }`, ``},
		{`{ $.managementEvent IS FALSE }`, ``},
		{`{ $.eventCategory = Data }`, ``},
		{`{ $.eventName NOT EXISTS }`, `2 never-true`},
		{`{ $.userIdentity = x }`, `2 never-true`},
		{`{ $.additionalEventData.MFAUsed = yes }`, `2 never-true`},
		{`{ $.userIdentity.sessionContext.attributes.mfaAuthenticated IS FALSE }`, `2 never-true`},
		{`{ $.eventName = * }`, `0 matches-everything, 2 always-true`},
		{`{ $.eventName = * && $.eventSource = x }`, `2 always-true`},
		{`{ $.eventName != a || $.eventName != b }`, `0 matches-everything, 2 always-true`},
		{`{ $.errorCode = * || $.errorCode NOT EXISTS }`, `0 matches-everything, 2 always-true`},
		{`{ $.readOnly IS TRUE || $.readOnly IS FALSE }`, `0 matches-everything, 2 always-true`},
		{`{ ($.eventName = * || $.eventSource = x) && $.eventName != "" }`, `0 matches-everything, 3 always-true, 44 always-true`},

		// fields
		{`{ $.eventname = x }`, `2 no-such-field`},
		{`{ $.detail.eventName = x }`, `2 no-such-field`},
		{`{ $.eventName.x = 1 }`, `2 no-such-field`},
		{`{ $.userIdentity.* = x }`, ``},
		{`{ $.eventName.* = x }`, `2 no-such-field`},
		{`{ $.requestParameters.anything = x }`, ``},
		{`{ $.resources[0].ARN = x }`, ``},

		// missing fields
		{`{ $.userIdentity.invokedBy != x }`, `2 excludes-missing`},
		{`{ $.userIdentity.invokedBy NOT EXISTS || $.userIdentity.invokedBy != x }`, ``},
		{`{ $.userIdentity.type != x }`, `2 excludes-missing`},
		{`{ $.eventType != x }`, ``},
		{`{ $.errorCode = "A*" && $.errorCode != AB }`, ``},

		// structure
		{`{ $.eventSource = x && $.eventName = a || $.eventName = b }`, `2 precedence`},
		{`{ ($.eventSource = x && $.eventName = a) || $.eventName = b }`, ``},
		{`{ $.eventSource = x && $.eventName = a || $.eventSource = y && $.eventName = b }`, ``},
		{`{ $.eventSource = x && ($.eventName = a || $.eventName = b) }`, ``},
		{`{ $.eventName = a || $.eventName = b || $.eventName = "a" }`, `40 repeated`},
		{`{ $.eventName = a && $.eventName = a }`, `21 repeated`},
		{`[a=x || a=x, b]`, `8 repeated`},
		{`{ $.eventName = a || $.sourceIPAddress != b }`, `21 broad-alternative`},
		{`{ $.eventSource = x && ($.eventName = a || $.sourceIPAddress != b) }`, ``},
		{`{ $.eventName != a }`, ``},
	} {
		var got []string
		for _, s := range mustParse(t, c.pattern).Explain().Suspicions {
			got = append(got, fmt.Sprintf("%d %s", s.Offset, s.Code))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.pattern, s, c.want)
		}
	}
}

func TestSuspicionTexts(t *testing.T) {
	for pattern, want := range map[string]string{
		`{ $.readOnly = "false" }`:                                  `never true of a CloudTrail record: readOnly is a boolean and satisfies no comparison; write $.readOnly IS FALSE`,
		`{ $.readOnly != "false" }`:                                 `never true of a CloudTrail record: readOnly is a boolean and satisfies no comparison; write $.readOnly IS TRUE`,
		`{ $.eventName = a && $.eventName = "b c" }`:                `never true together with $.eventName=a`,
		`[w=a && w="b c", z]`:                                       `never true together with w=a`,
		`{ $.eventname = x }`:                                       `CloudTrail records have no eventname, but eventName`,
		`{ $.sourceIpAdress = x }`:                                  `CloudTrail records have no sourceIpAdress, but sourceIPAddress`,
		`{ $.userName = x }`:                                        `CloudTrail records have no userName, but userIdentity.userName`,
		`{ $.userIdentity.usrName = x }`:                            `CloudTrail records have no userIdentity.usrName, but userIdentity.userName`,
		`{ $.foo = x }`:                                             `CloudTrail records have no foo`,
		`{ $.detail.eventName = x }`:                                `CloudTrail records have no detail: that is the form of EventBridge events`,
		`{ $.Records[0].eventName = x }`:                            `CloudTrail records have no Records: that is the form of the files in S3`,
		`{ $.eventName.x = 1 }`:                                     `CloudTrail records have no eventName.x: eventName is a non-empty string`,
		`{ $.userIdentity.invokedBy != "x" }`:                       `false where userIdentity.invokedBy is missing; to include those records write ($.userIdentity.invokedBy NOT EXISTS||$.userIdentity.invokedBy!=x)`,
		`{ $.awsRegion = a && $.eventName = b || $.eventName = c }`: `&& binds tighter than ||: $.awsRegion=a&&$.eventName=b is one alternative of 2; parentheses would say what is meant`,
		`{ $.eventName = a || $.eventSource != b }`:                 `an alternative of the whole pattern: alone it matches every record in which eventSource is a string or a number that is not "b"`,
	} {
		list := mustParse(t, pattern).Explain().Suspicions
		if len(list) != 1 || list[0].Text != want {
			t.Errorf("%s:\ngot  %v\nwant %s", pattern, list, want)
		}
	}
}

// TestSuspicionsHold checks with real records that what is called never or
// always true is so, and that unknown fields are not there.
func TestSuspicionsHold(t *testing.T) {
	checked := 0
	var messages []*Message
	for _, r := range readRecords(t) {
		messages = append(messages, Decode(r))
	}
	seen := map[string]bool{}
	for _, v := range readVectors(t) {
		if p, err := Parse(v.Pattern); err == nil && !seen[v.Pattern] {
			seen[v.Pattern] = true
			for _, c := range p.conditions() {
				checked += checkSuspicions(t, c, messages)
			}
		}
	}
	if checked == 0 {
		t.Error("no suspicion was checked")
	}
}

// checkSuspicions looks at one condition of a JSON pattern by itself and
// returns the number of suspicions that could be checked.
func checkSuspicions(t *testing.T, c *condition, messages []*Message) int {
	if len(c.sel) == 0 {
		return 0
	}
	p := &Pattern{root: &jsonPattern{c}}
	n := 0
	for _, s := range p.Explain().Suspicions {
		want, checkable := map[SuspicionCode]Verdict{
			SuspectNever: NoMatch, SuspectAlways: Match, SuspectEverything: Match,
		}[s.Code]
		if s.Code == SuspectNoField {
			want, checkable = NoMatch, c.op != opNotExists
		}
		if !checkable {
			continue
		}
		n++
		for _, m := range messages {
			if got := p.MatchDecoded(m); got != want {
				t.Errorf("%s: %s: %v on %.200s", p, s.Text, got, m.text)
				break
			}
		}
	}
	return n
}

// TestExplainVectors: every suspicion lies inside its pattern, in order.
func TestExplainVectors(t *testing.T) {
	for _, v := range readVectors(t) {
		p, err := Parse(v.Pattern)
		if err != nil {
			continue
		}
		last := 0
		for _, s := range p.Explain().Suspicions {
			if s.Offset < last || s.Offset > len(v.Pattern) || s.Text == "" {
				t.Errorf("%s: %+v", v.Pattern, s)
			}
			last = s.Offset
		}
	}
}

package suspicion

import (
	"fmt"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/patterntest"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

func parse(tb testing.TB, text string) *pattern.Pattern {
	tb.Helper()
	p, err := pattern.Parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	return p
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

		// cannot be combined
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

		// axioms about records
		{`{ $.userIdentity.type = root }`, `2 never-true`},
		{`{ $.userIdentity.type = "Ro*" }`, ``},
		{`{ $.userIdentity.type = IAMUser && $.additionalEventData.SamlProviderArn = x }`, `35 never-true`},
		{`{ $.userIdentity.type = AssumedRole && $.additionalEventData.SamlProviderArn = x }`, ``},
		{`{ $.userIdentity.type = IAMUser && ($.userIdentity.arn = "arn:aws:iam::1:root" || $.userIdentity.arn = "*:user/a") }`, `36 never-true`},
		{`{ $.eventName = ConsoleLogin && $.responseElements.ConsoleLogin = failure }`, `32 never-true`},
		{`{ $.eventName = ConsoleLogin && $.responseElements.ConsoleLogin = Failure }`, ``},
		{`{ $.eventType = AwsApicall }`, `2 never-true`},
		{`{ $.eventType = AwsCloudTrailInsight && $.eventCategory = Insight }`, ``},
		{`{ $.eventName = HeadBucket && $.userIdentity.type = Root && $.errorCode = "*UnauthorizedOperation" }`, `60 never-true`},
		{`{ $.eventName = HeadBucket && $.errorCode = AccessDenied }`, ``},
		{`{ $.userIdentity.sessionContext.attributes.mfaAuthenticated = yes }`, `2 never-true`},

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
		for _, s := range Of(parse(t, c.pattern)) {
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
		`{ $.userIdentity.type = root }`:                            `never true of a CloudTrail record: case counts, the value is "Root"`,
		`{ $.userIdentity.type = Rout }`:                            `probably never true of a CloudTrail record: userIdentity.type is one that the reference lists (AWS does not promise it); the nearest is Root`,
		`{ $.userIdentity.type = IAMUser && $.awsRegion = x && $.additionalEventData.SamlProviderArn = y }`: `never true of a CloudTrail record together with $.userIdentity.type=IAMUser: additionalEventData.SamlProviderArn is absent when an IAM user signs in`,
		`{ $.eventName = a || $.eventSource != b }`:                                                         `an alternative of the whole pattern: alone it matches every record in which eventSource is a string or a number that is not "b"`,
	} {
		list := Of(parse(t, pattern))
		if len(list) != 1 || list[0].Text != want {
			t.Errorf("%s:\ngot  %v\nwant %s", pattern, list, want)
		}
	}
}

// TestSuspicionsHold checks with real records that what is called never or
// always true is so, and that unknown fields are not there.
func TestSuspicionsHold(t *testing.T) {
	checked := 0
	var messages []*match.Message
	for _, r := range patterntest.Records(t) {
		messages = append(messages, match.Decode(r))
	}
	seen := map[string]bool{}
	for _, v := range patterntest.Vectors(t) {
		if p, err := pattern.Parse(v.Pattern); err == nil && !seen[v.Pattern] {
			seen[v.Pattern] = true
			for _, c := range syntax.Conditions(p.Root()) {
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
func checkSuspicions(t *testing.T, c *syntax.Condition, messages []*match.Message) int {
	if len(c.Sel) == 0 {
		return 0
	}
	p := pattern.Of(c)
	n := 0
	for _, s := range Of(p) {
		want, checkable := map[Code]match.Verdict{
			Never: match.NoMatch, Always: match.Match, Everything: match.Match,
		}[s.Code]
		if s.Code == NoField {
			want, checkable = match.NoMatch, c.Op != syntax.OpNotExists
		}
		if !checkable {
			continue
		}
		n++
		for _, m := range messages {
			if got := p.MatchDecoded(m); got != want {
				t.Errorf("%s: %s: %v on %.200s", p, s.Text, got, m.Text)
				break
			}
		}
	}
	return n
}

// TestExplainVectors: every suspicion lies inside its pattern, in order.
func TestExplainVectors(t *testing.T) {
	for _, v := range patterntest.Vectors(t) {
		p, err := pattern.Parse(v.Pattern)
		if err != nil {
			continue
		}
		last := 0
		for _, s := range Of(p) {
			if s.Offset < last || s.Offset > len(v.Pattern) || s.Text == "" {
				t.Errorf("%s: %+v", v.Pattern, s)
			}
			last = s.Offset
		}
	}
}

func TestSuspicionsOfRecords(t *testing.T) {
	for _, c := range []struct{ pattern, want string }{
		{`{ $.level = ERROR }`, "no-such-field true"},
		{`{ $.readOnly = "false" }`, "never-true true"},
		{`{ $.level = x && $.level = y }`, "no-such-field true, no-such-field true, never-true false"},
		{`{ $.readOnly IS TRUE || $.readOnly IS FALSE }`, "matches-everything true, always-true true"},
		{`{ $.errorCode != "x" }`, "excludes-missing true"},
		{`{ $.eventName != "x" || $.eventSource = "y" }`, "broad-alternative true"},
		{`{ $.eventName = x && $.eventName = y }`, "never-true false"},
		{`{ $.eventName = x || $.eventName = x }`, "repeated false"},
		{``, "matches-everything false"},
		{`a ?b`, "ignored-term false"},
	} {
		var got []string
		for _, s := range Of(parse(t, c.pattern)) {
			got = append(got, fmt.Sprintf("%s %t", s.Code, s.OfRecords))
		}
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s: got %q, want %q", c.pattern, text, c.want)
		}
	}
}

// FuzzOf: suspicions lie inside the pattern.
func FuzzOf(f *testing.F) {
	for _, v := range patterntest.Vectors(f) {
		f.Add(v.Pattern)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := pattern.Parse(text)
		if err != nil {
			return
		}
		for _, s := range Of(p) {
			if s.Offset < 0 || s.Offset > len(text) || s.Text == "" {
				t.Errorf("%q: suspicion %+v", text, s)
			}
		}
	})
}

package eventpattern

import (
	"strings"
	"testing"
)

func mustParse(tb testing.TB, text string) *Pattern {
	tb.Helper()
	p, err := Parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func TestExplain(t *testing.T) {
	p := mustParse(t, `{"source":["aws.ec2"],"detail":{"eventName":["A","B",{"prefix":"C"}],"errorCode":[{"exists":false}],
		"$or":[{"n":[{"numeric":[">",1,"<=",5]}]},{"ip":[{"cidr":"10.0.0.0/8"}],"who":[{"anything-but":["x","y"]}]},
		{"m":[null,true,5,{"suffix":{"equals-ignore-case":"z"}}]}]}}`)
	want := `matches an event in which all of these hold:
  source is "aws.ec2"
  detail.eventName passes one of these tests:
    is "A" or "B"
    begins with "C"
  detail.errorCode is missing
  at least one of these holds:
    detail.n is a number greater than 1 and at most 5
    all of these hold:
      detail.ip is an IP address in 10.0.0.0/8
      detail.who exists and is not "x" or "y"
    detail.m passes one of these tests:
      is null
      is true
      is the number 5
      ends with "z" in upper or lower case
`
	if got := p.Explain().String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSuspicions(t *testing.T) {
	tests := []struct {
		name, text string
		code       SuspicionCode // "" for none
		at         string        // text at the offset
	}{
		{"good", `{"source":["aws.ec2"],"detail-type":["AWS API Call via CloudTrail"],"detail":{"eventSource":["ec2.amazonaws.com"],"eventName":["CreateVpc"]}}`, "", ""},
		{"no source", `{"detail":{"eventName":["CreateVpc"]}}`, SuspectForgeable, `{"detail"`},
		{"no source in one alternative", `{"$or":[{"source":["aws.ec2"]},{"detail":{"eventName":["CreateVpc"]}}]}`, SuspectForgeable, `{"$or"`},
		{"source of CloudTrail", `{"source":["aws.cloudtrail"],"detail":{"eventSource":["ec2.amazonaws.com"]}}`, SuspectSource, `"aws.cloudtrail"`},
		{"other service", `{"source":["aws.s3"],"detail":{"eventSource":["ec2.amazonaws.com"]}}`, SuspectContradicted, `"aws.s3"`},
		{"action", `{"source":["aws.ec2"],"detail":{"eventName":["ec2:CreateRoute"]}}`, SuspectActionName, `"ec2:CreateRoute"`},
		{"asterisk", `{"source":["aws.ec2"],"detail":{"eventName":["*"]}}`, SuspectAsterisk, `"*"`},
		{"top level", `{"source":["aws.ec2"],"eventName":["CreateVpc"]}`, SuspectTopLevel, `"eventName"`},
		{"detail_type", `{"source":["aws.ec2"],"detail_type":["AWS API Call via CloudTrail"]}`, SuspectName, `"detail_type"`},
		{"lower case", `{"source":["aws.ec2"],"detail":{"eventName":["createVpc"]}}`, SuspectCase, `"createVpc"`},
		{"misspelt type", `{"source":["aws.ec2"],"detail-type":["AWS API call via CloudTrail"]}`, SuspectDetailType, `"AWS API call`},
		{"reads by name", `{"source":["aws.ec2"],"detail":{"eventName":["DescribeVpcs"]}}`, SuspectReadOnly, `"DescribeVpcs"`},
		{"reads by field", `{"source":["aws.ec2"],"detail":{"readOnly":[true]}}`, SuspectReadOnly, `true`},
		{"two exclusions", `{"source":["aws.ec2"],"detail":{"eventName":[{"anything-but":"A"},{"anything-but":"B"}]}}`, SuspectAlways, `{"anything-but":"B"}`},
		{"sign-in", `{"source":["aws.signin"],"detail-type":["AWS Console Signin via CloudTrail"]}`, SuspectUncertain, `{"source"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := mustParse(t, tt.text).Suspicions()
			switch {
			case tt.code == "" && len(got) > 0:
				t.Errorf("%s: %+v, want none", tt.text, got)
			case tt.code != "" && (len(got) != 1 || got[0].Code != tt.code || !strings.HasPrefix(tt.text[got[0].Offset:], tt.at)):
				t.Errorf("%s: got %+v, want %s at %s", tt.text, got, tt.code, tt.at)
			}
		})
	}
}

func TestRules(t *testing.T) {
	many := `{"$or":[{"a":["x"]},{"b":["x"]}],"c":{"$or":[{"a":["x"]},{"b":["x"]}]}}`
	for i := 0; i < 6; i++ {
		many = `{"$or":[{"x":["` + string(rune('a'+i)) + `"]},{"y":["1"]}],"n":` + many + `}`
	}
	tests := []struct{ name, text, want string }{
		{"none", `{"a":["x"]}`, ""},
		{"sign-in", `{"detail-type":["AWS Console Signin via CloudTrail"]}`, RuleSignInDetailType},
		{"both spellings", `{"detail-type":["AWS Console Sign In via CloudTrail","AWS Console Signin via CloudTrail"]}`, ""},
		{"China", `{"detail-type":["Amazon API Call via CloudTrail"]}`, RuleCNDetailType},
		{"long", `{"a":["` + strings.Repeat("x", DefaultLength) + `"]}`, RuleLength},
		{"wildcard", `{"a":[{"anything-but":{"wildcard":"*a*a*a*a*"}}]}`, RuleWildcardComplexity},
		{"trailing text", `{"a":["x"]} x`, RuleTrailingText},
		{"combinations", many, RuleOrCombinations},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(mustParse(t, tt.text).Rules(), " "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

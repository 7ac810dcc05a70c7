package translate

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
)

func TestFromEventPattern(t *testing.T) {
	tests := []struct {
		name, event, lower, upper string // "" is nothing
		open                      string // part of the only reason
		loose                     bool
	}{
		{"a rule on two names", `{"source":["aws.ec2"],"detail-type":["AWS API Call via CloudTrail"],"detail":{"eventSource":["ec2.amazonaws.com"],"eventName":["A","B"]}}`,
			`{ $.eventType = "AwsApiCall" }&{ $.eventName = "A" || $.eventName = "B" }&{ $.eventSource = "ec2.amazonaws.com" }`, "=", "", false},
		{"a source of another service", `{"source":["aws.cloudtrail"],"detail":{"eventSource":["ec2.amazonaws.com"]}}`, `{ $.eventSource = "ec2.amazonaws.com" }&{ $.eventSource = "cloudtrail.*" }`, "=", "", false},
		{"any event", `{"detail-type":[{"suffix":" via CloudTrail"}]}`, `{ $.eventName = * }`, "=", "", false},
		{"any source of AWS's", `{"source":[{"prefix":"aws."}]}`, `{ $.eventName = * }`, "=", "", false},
		{"a custom source", `{"source":["my.app"]}`, "", "", "", false},
		{"no service", `{"source":[{"anything-but":"aws.kms"}]}`, `{ $.eventSource != "kms.*" }`, "=", "", false},
		{"a name outside of detail", `{"eventName":["A"]}`, "", "", "", false},
		{"its absence", `{"replay-name":[{"exists":false}]}`, `{ $.eventName = * }`, "=", "", false},
		{"nothing, or null", `{"detail":{"errorCode":[{"exists":false},null]}}`, `{ $.errorCode NOT EXISTS || $.errorCode IS NULL }`, "=", "", false},
		{"reads", `{"detail":{"readOnly":[false]}}`, `{ $.readOnly IS FALSE }`, "=", "", false},
		{"reads as text", `{"detail":{"readOnly":["false"]}}`, "", "", "", false},
		{"not some", `{"detail":{"userIdentity":{"arn":[{"anything-but":{"suffix":["/a","/b"]}}]}}}`,
			`{ $.userIdentity.arn = * }&{ $.userIdentity.arn != "*/a" }&{ $.userIdentity.arn != "*/b" }`, "=", "", false},
		{"an object is no leaf", `{"detail":{"userIdentity":[{"exists":true}]}}`, "", "", "", false},
		{"sign-in, as rules that work have it", `{"detail-type":["AWS Console Sign In via CloudTrail"]}`, `{ $.eventType = "AwsConsoleSignIn" }`, "=", "", false},
		{"sign-in, as a page has it", `{"detail-type":["AWS Console Signin via CloudTrail"]}`, "", `{ $.eventType = "AwsConsoleSignIn" }`, "signin-detail-type", false},
		{"without case", `{"detail":{"eventName":[{"equals-ignore-case":"createvpc"}]}}`, "", `{ $.eventName = * }`, "detail.eventName", false},
		{"a block of addresses", `{"detail":{"sourceIPAddress":[{"cidr":"10.0.0.0/8"}]}}`, "", `{ $.sourceIPAddress = * }`, "detail.sourceIPAddress", false},
		{"another spelling of an address", `{"detail":{"sourceIPAddress":["10.0.0.01"]}}`, "", `{ $.sourceIPAddress = * }`, "detail.sourceIPAddress", false},
		{"a free field", `{"detail":{"requestParameters":{"name":["x"]}}}`, `{ $.requestParameters.name = x }`, "=", "", true},
		{"resources", `{"resources":["x"]}`, "", `{ $.eventName = * }`, "resources", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := FromEventPattern(parseEvent(t, tt.event), Options{})
			if tt.upper == "=" {
				tt.upper = tt.lower
			}
			same := func(what string, p *pattern.Pattern, want string) {
				if text := written(t, want); textOf(p) != text {
					t.Errorf("%s: got %s, want %s", what, textOf(p), text)
				}
			}
			same("lower", got.Lower, tt.lower)
			same("upper", got.Upper, tt.upper)
			if got.Loose != tt.loose || (tt.open == "") != (len(got.Open) == 0) || !strings.Contains(strings.Join(got.Open, ""), tt.open) {
				t.Errorf("open %q, loose %t; want %q, %t", got.Open, got.Loose, tt.open, tt.loose)
			}
		})
	}
}

func textOf(p *pattern.Pattern) string {
	if p == nil {
		return ""
	}
	return p.String()
}

// written is the conjunction of filter patterns, which stand with & between them.
func written(t *testing.T, list string) string {
	t.Helper()
	if list == "" {
		return ""
	}
	all := always
	for text := range strings.SplitSeq(strings.ReplaceAll(list, "&&", "@@"), "&") {
		all = all.and(form{parseFilter(t, strings.ReplaceAll(text, "@@", "&&"))})
	}
	return textOf(all.p)
}

func parseEvent(t *testing.T, text string) *eventpattern.Pattern {
	t.Helper()
	p, err := eventpattern.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestBounds holds the bounds of deployed rules, and of patterns made up, against
// EventBridge's own matching, on real records and on records made up.
func TestBounds(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var records [][]byte
	for i, record := range append(sampleRecords(t), madeUp(r)...) {
		if i%4 == 0 { // every pattern is tried on each
			records = append(records, record)
		}
	}
	texts := append(vectorTexts(t), madeUpEvents(r)...)
	matches, exact := 0, 0
	for _, text := range texts {
		p, err := eventpattern.Parse(text)
		if err != nil {
			continue
		}
		b := FromEventPattern(p, Options{})
		if b.Loose {
			continue
		}
		if b.Exact() {
			exact++
		}
		for _, record := range records {
			v := p.MatchRecord(record)
			if v == eventpattern.Match {
				matches++
			}
			if v == eventpattern.NoMatch && b.Lower != nil && b.Lower.Match(record) == match.Match {
				t.Fatalf("%s does not match, and its lower bound %s does:\n%s", text, b.Lower, record)
			}
			if v == eventpattern.Match && (b.Upper == nil || b.Upper.Match(record) != match.Match) {
				t.Fatalf("%s matches, and its upper bound %s does not:\n%s", text, textOf(b.Upper), record)
			}
		}
	}
	if matches < 1000 || exact < 100 {
		t.Errorf("%d matches, %d exact patterns: the test sees too little", matches, exact)
	}
}

// vectorTexts are the patterns of the vectors, deployed rules among them.
func vectorTexts(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "testdata", "vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Vectors []struct{ Pattern string }
	}
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	var list []string
	seen := map[string]bool{}
	for _, x := range v.Vectors {
		if !seen[x.Pattern] && strings.Contains(x.Pattern, "detail") {
			seen[x.Pattern] = true
			list = append(list, x.Pattern)
		}
	}
	return list
}

// madeUpEvents are patterns with every operator on the fields of records.
func madeUpEvents(r *rand.Rand) []string {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	value := func() string {
		text := pick(`"CreateVpc"`, `"ConsoleLogin"`, `"Root"`, `"AccessDenied"`, `"aws.ec2"`, `"ec2.amazonaws.com"`, `""`, `"C*"`, `"10.0.0.1"`, `"us-east-1"`)
		return pick(text, `{"prefix":`+text+`}`, `{"suffix":`+text+`}`, `{"equals-ignore-case":`+text+`}`, `{"anything-but":`+text+`}`, `{"anything-but":[`+text+`,"Other"]}`,
			`{"exists":true}`, `{"exists":false}`, `null`, `true`, `false`, `5`, `{"wildcard":"*Vpc"}`, `{"wildcard":"C*c"}`, `{"anything-but":{"prefix":"Create"}}`, `{"exactly":`+text+`}`,
			`{"cidr":"10.0.0.0/8"}`, `{"numeric":[">",1]}`, `{"anything-but":{"wildcard":"*a*"}}`)
	}
	var list []string
	for range 400 {
		var fields []string
		for _, name := range []string{`"source"`, `"detail-type"`, `"detail.eventName"`, `"detail.userIdentity.type"`, `"detail.errorCode"`, `"detail.readOnly"`, `"detail.sourceIPAddress"`, `"region"`, `"detail.userIdentity"`} {
			if r.IntN(4) == 0 {
				fields = append(fields, name+":["+value()+","+value()+"]")
			}
		}
		if len(fields) > 0 {
			list = append(list, "{"+strings.Join(fields, ",")+"}")
		}
	}
	return list
}

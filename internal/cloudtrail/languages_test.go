package cloudtrail_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/eventpattern/translate"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

var createVpc = cloudtrail.Probe{Source: "ec2.amazonaws.com", Event: "CreateVpc", Region: "us-east-1", Account: "111122223333",
	ReadOnly: "false", EventTypes: []string{"AwsApiCall"}}

func filter(t *testing.T, text string) *pattern.Pattern {
	t.Helper()
	p, err := pattern.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// matchers parses filter patterns, and event patterns on the detail: those begin
// with a bracket and a quote.
func matchers(t *testing.T, texts ...string) []cover.Matcher {
	t.Helper()
	var list []cover.Matcher
	for _, text := range texts {
		if !strings.HasPrefix(text, `{"`) {
			list = append(list, filter(t, text))
			continue
		}
		p, err := eventpattern.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		list = append(list, p)
	}
	return list
}

func answer(filters []cover.Matcher, p cloudtrail.Probe) cloudtrail.ProbeCoverage {
	return cloudtrail.Cover(context.Background(), filters, cloudtrail.Requirement{Probes: []cloudtrail.Probe{p}}).Probes[0]
}

func facts(cases []cover.Case) string {
	var lines []string
	for _, c := range cases {
		var words []string
		for _, f := range c.Facts {
			words = append(words, f.Text)
		}
		slices.Sort(words)
		lines = append(lines, strings.Join(words, " and "))
	}
	slices.Sort(lines)
	return strings.Join(lines, "; ")
}

func TestCoverOfEventPatterns(t *testing.T) {
	signIn := cloudtrail.Probe{Source: "signin.amazonaws.com", Event: "ConsoleLogin", Region: "us-east-1", EventTypes: []string{"AwsConsoleSignIn"}}
	china := createVpc
	china.Region = "cn-north-1"
	root := cloudtrail.Probe{Region: "us-east-1", Account: "111122223333",
		Condition: filter(t, `{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }`)}
	for _, tt := range []struct {
		name  string
		texts []string
		probe cloudtrail.Probe
		want  cover.Verdict
		lost  string
		rules []string
	}{
		{"by name", []string{`{"detail":{"eventName":["CreateVpc"]}}`}, createVpc, cover.Covered, "", nil},
		{"the usual rule", []string{`{"source":["aws.ec2"],"detail-type":["AWS API Call via CloudTrail"],"detail":{"eventSource":["ec2.amazonaws.com"],"eventName":["CreateVpc","DeleteVpc"]}}`},
			createVpc, cover.Covered, "", nil},
		{"in China", []string{`{"source":["aws.ec2"],"detail-type":["AWS API Call via CloudTrail"]}`}, china, cover.Covered, "", nil},
		{"in China, the other spelling", []string{`{"source":["aws.ec2"],"detail-type":["Amazon API Call via CloudTrail"]}`}, china, cover.Unresolved, "", []string{eventpattern.RuleCNDetailType}},
		{"in China, both spellings", []string{`{"detail-type":["AWS API Call via CloudTrail","Amazon API Call via CloudTrail"]}`}, china, cover.Covered, "", nil},
		{"another source", []string{`{"source":["aws.cloudtrail"],"detail":{"eventName":["CreateVpc"]}}`}, createVpc, cover.Missed, "", nil},
		{"without detail", []string{`{"eventName":["CreateVpc"]}`}, createVpc, cover.Missed, "", nil},
		{"a service event", []string{`{"detail-type":["AWS Service Event via CloudTrail"]}`}, createVpc, cover.Missed, "", nil},
		{"region and account", []string{`{"region":["us-east-1"],"account":["111122223333"]}`}, createVpc, cover.Covered, "", nil},
		{"another region", []string{`{"region":["eu-west-1"]}`}, createVpc, cover.Missed, "", nil},
		{"a prefix", []string{`{"source":[{"prefix":"aws."}],"detail":{"eventName":[{"prefix":"Create"}]}}`}, createVpc, cover.Covered, "", nil},
		{"a suffix", []string{`{"detail":{"eventName":[{"suffix":"Vpc"}]}}`}, createVpc, cover.Covered, "", nil},
		{"a wildcard", []string{`{"detail":{"eventName":[{"wildcard":"C*V*c"}]}}`}, createVpc, cover.Covered, "", nil},
		{"any case", []string{`{"detail":{"eventName":[{"equals-ignore-case":"createvpc"}]}}`}, createVpc, cover.Covered, "", nil},
		{"wrong case", []string{`{"detail":{"eventName":["createVpc"]}}`}, createVpc, cover.Missed, "", nil},
		{"a boolean", []string{`{"detail":{"readOnly":[false]}}`}, createVpc, cover.Covered, "", nil},
		{"successful calls", []string{`{"detail":{"errorCode":[{"exists":false}]}}`}, createVpc, cover.Covered, "", nil},
		{"an object is no leaf", []string{`{"detail":{"userIdentity":[{"exists":false}]}}`}, createVpc, cover.Covered, "", nil},
		{"an exclusion forgets what is missing", []string{`{"detail":{"userIdentity":{"arn":[{"anything-but":"arn:aws:iam::111122223333:role/ci"}]}}}`}, createVpc, cover.Conditional,
			`userIdentity.arn = "arn:aws:iam::111122223333:role/ci"; userIdentity.arn is missing`, nil},
		{"an exclusion in total form", []string{`{"detail":{"userIdentity":{"arn":[{"anything-but":"arn:aws:iam::111122223333:role/ci"},{"exists":false}]}}}`}, createVpc, cover.Conditional,
			`userIdentity.arn = "arn:aws:iam::111122223333:role/ci"`, nil},
		{"two exclusions are none", []string{`{"detail":{"userAgent":[{"anything-but":"a"},{"anything-but":"b"}]}}`}, createVpc, cover.Covered, "", nil},
		{"an address may be spelled in other ways", []string{`{"detail":{"sourceIPAddress":[{"cidr":"10.0.0.0/8"}]}}`}, createVpc, cover.Conditional, `sourceIPAddress is anything but what may be an IP address`, []string{eventpattern.RuleAddress}},
		{"members of arrays", []string{`{"detail":{"requestParameters":{"items":[{"exists":false}]}}}`}, createVpc, cover.Conditional, "", []string{eventpattern.RuleArray}},
		{"sign-in", []string{`{"detail-type":["AWS Console Sign In via CloudTrail","AWS Console Signin via CloudTrail"]}`}, signIn, cover.Covered, "", nil},
		{"sign-in, the spelling of sample events", []string{`{"detail-type":["AWS Console Sign In via CloudTrail"]}`}, signIn, cover.Covered, "", nil},
		{"sign-in, the other spelling", []string{`{"detail-type":["AWS Console Signin via CloudTrail"]}`}, signIn, cover.Unresolved, "", []string{eventpattern.RuleSignInDetailType}},
		{"root by rule", []string{`{"detail":{"userIdentity":{"type":["Root"],"invokedBy":[{"exists":false}]}}}`}, root, cover.Covered, "", nil},

		{"a filter and a rule share the work", []string{`{ $.eventName = CreateVpc && $.userAgent = "a*" }`, `{"detail":{"eventName":["CreateVpc"],"userAgent":[{"anything-but":{"prefix":"a"}}]}}`},
			createVpc, cover.Covered, "", nil},
		{"and leave a part", []string{`{ $.eventName = CreateVpc && $.userAgent = "a*" }`, `{"detail":{"userAgent":[{"prefix":"b"}]}}`},
			createVpc, cover.Conditional, `userAgent is anything but "a*" and "b*"`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			filters := matchers(t, tt.texts...)
			got := answer(filters, tt.probe)
			if got.Verdict != tt.want || !slices.Equal(got.Rules, tt.rules) {
				t.Errorf("got %v %q, want %v %q", got.Verdict, got.Rules, tt.want, tt.rules)
			}
			if lost := facts(got.Lost); tt.lost != "" && lost != tt.lost {
				t.Errorf("lost: %s\nwant: %s", lost, tt.lost)
			}
			for _, c := range got.Lost {
				r := &cover.Record{JSON: c.Example}
				if slices.ContainsFunc(filters, func(m cover.Matcher) bool { return m.Matches(r, nil) }) {
					t.Errorf("the example is matched: %s", c.Example)
				}
			}
		})
	}
}

func pick(r *rand.Rand, list ...string) string { return list[r.IntN(len(list))] }

// A translation into the other language covers as much, word for word, alone and
// beside another filter.
func TestTranslationsCoverAlike(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	condition := func() string {
		field := pick(r, "$.userAgent", "$.userIdentity.arn", "$.errorCode", "$.eventName", "$.userIdentity.invokedBy")
		value := pick(r, `"a"`, `"a*"`, `"*b"`, `"CreateVpc"`, `"*Vpc"`)
		return pick(r, field+" = "+value, field+" != "+value, field+" NOT EXISTS", "$.readOnly IS FALSE")
	}
	text := func() string {
		return fmt.Sprintf("{ (%s %s %s) %s %s }", condition(), pick(r, "&&", "||"), condition(), pick(r, "&&", "||"), condition())
	}
	verdicts := map[cover.Verdict]int{}
	for range 400 {
		p, beside := filter(t, text()), filter(t, text())
		translated, _, ok := translate.FromFilterPattern(p)
		if !ok {
			continue
		}
		rule, err := eventpattern.Parse(translated)
		if err != nil {
			t.Fatalf("%s: %v", translated, err)
		}
		for _, others := range [][]cover.Matcher{nil, {beside}} {
			want, got := answer(append(slices.Clone(others), p), createVpc), answer(append(slices.Clone(others), rule), createVpc)
			verdicts[want.Verdict]++
			if got.Verdict != want.Verdict || facts(got.Lost) != facts(want.Lost) {
				t.Fatalf("%s: %v, lost %s\n%s: %v %q, lost %s", p.Text(), want.Verdict, facts(want.Lost), translated, got.Verdict, got.Rules, facts(got.Lost))
			}
		}
	}
	for _, v := range []cover.Verdict{cover.Covered, cover.Conditional, cover.Missed} {
		if verdicts[v] < 30 {
			t.Errorf("only %d verdicts are %v", verdicts[v], v)
		}
	}
}

// A verdict on random rules agrees with the engine on random records of the
// probe, those with arrays, numbers and addresses included.
func TestVerdictsOnRulesAgreeWithTheEngine(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	value := func() string {
		return pick(r, `"a"`, `"10.0.0.1"`, `5`, `null`, `true`, `{"prefix":"a"}`, `{"suffix":"b"}`, `{"wildcard":"a*b"}`, `{"equals-ignore-case":"aB"}`,
			`{"anything-but":"a"}`, `{"anything-but":["a","ab"]}`, `{"anything-but":{"prefix":"a"}}`, `{"exists":true}`, `{"exists":false}`, `{"numeric":[">",1]}`,
			`{"cidr":"10.0.0.0/8"}`, `{"anything-but":5}`)
	}
	rule := func() string {
		fields := map[string]string{}
		for range 1 + r.IntN(3) {
			name := pick(r, "userAgent", "requestParameters.x", "requestParameters.x.y", "requestParameters.z")
			fields["detail."+name] = "[" + strings.Join(slices.Repeat([]string{value()}, 1), ",") + "]"
			if r.IntN(2) == 0 {
				fields["detail."+name] = "[" + value() + "," + value() + "]"
			}
		}
		var members []string
		for name, values := range fields {
			members = append(members, fmt.Sprintf("%q:%s", name, values))
		}
		slices.Sort(members)
		return "{" + strings.Join(members, ",") + "}"
	}
	var leaf func(depth int) any
	leaf = func(depth int) any {
		switch n := r.IntN(9); {
		case n == 0 && depth > 0:
			return []any{leaf(depth - 1), leaf(depth - 1)}
		case n == 1 && depth > 0:
			return map[string]any{"y": leaf(depth - 1)}
		default:
			return []any{"a", "ab", "b", "AB", "10.0.0.1", "10.0.00.1", json.Number("5"), json.Number("5.0"), nil, true, "", json.Number("0.5")}[r.IntN(12)]
		}
	}
	base := createVpc.Record()
	var records []*cover.Record
	for range 300 {
		var record map[string]any
		if err := json.Unmarshal(base, &record); err != nil {
			t.Fatal(err)
		}
		parameters := map[string]any{}
		for _, name := range []string{"x", "z"} {
			if r.IntN(4) > 0 {
				parameters[name] = leaf(2)
			}
		}
		record["requestParameters"] = parameters
		record["userAgent"] = pick(r, "a", "ab", "b", "aB", "10.0.0.1", "")
		text, err := json.Marshal(record)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, &cover.Record{JSON: text})
	}
	verdicts := map[cover.Verdict]int{}
	for range 600 {
		texts := []string{rule(), rule()}[:1+r.IntN(2)]
		filters := matchers(t, texts...)
		got := answer(filters, createVpc)
		verdicts[got.Verdict]++
		if slices.Contains(got.Rules, cover.RuleInternal) {
			t.Fatalf("%q: the engine disagrees", texts)
		}
		for _, record := range records {
			matched := slices.ContainsFunc(filters, func(m cover.Matcher) bool { return m.Matches(record, nil) })
			if matched && got.Verdict == cover.Missed || !matched && got.Verdict == cover.Covered {
				t.Fatalf("%q: %v, but matched = %v of %s", texts, got.Verdict, matched, record.JSON)
			}
		}
	}
	for _, v := range []cover.Verdict{cover.Covered, cover.Conditional, cover.Missed, cover.Unresolved} {
		if verdicts[v] == 0 {
			t.Errorf("no verdict is %v: %v", v, verdicts)
		}
	}
}

// The verdict on a random union of filters and rules is what enumeration finds: every
// kind of text that the tests tell apart, in every field that is free.
func TestUnionsAreDecidedAsByEnumeration(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 42))
	failing := createVpc
	failing.Failures = true
	texts := []any{"a", "ab", "aB", "AB", "axb", "ax", "b", "c"}
	records := enumerated(t, failing, texts)
	filterOf := func() string {
		condition := func() string {
			field := pick(r, "$.userAgent", "$.sourceIPAddress", "$.errorMessage")
			return pick(r, field+" "+pick(r, "=", "!=")+" "+pick(r, `"a"`, `"a*"`, `"*b"`, `"ab"`), "$.errorMessage NOT EXISTS", "$.errorMessage = *")
		}
		return fmt.Sprintf("{ %s %s %s }", condition(), pick(r, "&&", "||"), condition())
	}
	ruleOf := func() string {
		value := func() string {
			return pick(r, `"a"`, `{"prefix":"a"}`, `{"suffix":"b"}`, `{"equals-ignore-case":"AB"}`, `{"wildcard":"a*b"}`, `{"exists":true}`, `{"exists":false}`, `null`,
				`{"anything-but":"a"}`, `{"anything-but":["a","ab"]}`, `{"anything-but":{"prefix":"a"}}`, `{"anything-but":{"suffix":"b"}}`, `{"anything-but":{"wildcard":"a*b"}}`, `{"anything-but":{"equals-ignore-case":"ab"}}`)
		}
		field := func() string {
			return fmt.Sprintf("%q:[%s]", pick(r, "userAgent", "sourceIPAddress", "errorMessage"), value())
		}
		envelope := pick(r, "", "", `"source":["aws.ec2"],`, `"source":[{"suffix":".ec2"}],`, `"source":[{"anything-but":{"wildcard":"*s3*"}}],`, `"region":["eu-west-1","us-east-1"],`, `"account":["444455556666"],`,
			`"detail-type":[{"prefix":"AWS API"}],`)
		return "{" + envelope + `"detail":` + pick(r, "{"+field()+"}", `{"$or":[{`+field()+"},{"+field()+"}]}", "{"+field()+"}", `{"$or":[{`+field()+`},{"eventName":["DeleteVpc"]}]}`) + "}"
	}
	verdicts := map[cover.Verdict]int{}
	for range 500 {
		var union []string
		for range 1 + r.IntN(3) {
			union = append(union, filterOf())
		}
		for range 1 + r.IntN(3) {
			union = append(union, ruleOf())
		}
		filters := matchers(t, union...)
		matched := 0
		for _, record := range records {
			if slices.ContainsFunc(filters, func(m cover.Matcher) bool { return m.Matches(record, nil) }) {
				matched++
			}
		}
		want := cover.Conditional
		switch matched {
		case 0:
			want = cover.Missed
		case len(records):
			want = cover.Covered
		}
		got := answer(filters, failing)
		verdicts[want]++
		if got.Verdict != want || len(got.Rules) > 0 {
			t.Fatalf("%q: %v %q, and %d of %d records match", union, got.Verdict, got.Rules, matched, len(records))
		}
	}
	if verdicts[cover.Covered] < 50 || verdicts[cover.Conditional] < 50 {
		t.Errorf("verdicts: %v", verdicts)
	}
}

// enumerated returns records of a probe with every combination of texts.
func enumerated(t *testing.T, p cloudtrail.Probe, texts []any) []*cover.Record {
	var base map[string]any
	if err := json.Unmarshal(p.Record(), &base); err != nil {
		t.Fatal(err)
	}
	var records []*cover.Record
	for _, base["userAgent"] = range texts {
		for _, base["sourceIPAddress"] = range texts {
			for _, message := range append([]any{nil}, texts...) {
				delete(base, "errorMessage")
				if message != nil {
					base["errorMessage"] = message
				}
				text, err := json.Marshal(base)
				if err != nil {
					t.Fatal(err)
				}
				records = append(records, &cover.Record{JSON: text})
			}
		}
	}
	return records
}

// Touches looks for less than Cover and says the same.
func TestTouchesAgreesWithCover(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	probes := []cloudtrail.Probe{createVpc, {Source: "ec2.amazonaws.com", Event: "DeleteVpc", Failures: true},
		{Condition: filter(t, `{ $.userIdentity.type = "Root" }`)}, {Event: "CreateVpc", Condition: filter(t, `{ $.eventName = "DeleteVpc" }`)}}
	want := cloudtrail.Requirement{Probes: probes}
	missed := 0
	for range 300 {
		text := fmt.Sprintf(`{ $.eventName %s %s && %s }`, pick(r, "=", "!="), pick(r, `"CreateVpc"`, `"*Vpc"`, `"Del*e*"`),
			pick(r, `$.errorCode NOT EXISTS`, `$.errorCode = "*"`, `$.userIdentity.type = "Root"`, `$.userAgent = "a*"`, `$.detail = "x"`))
		filters := matchers(t, text)
		full := cloudtrail.Cover(context.Background(), filters, want)
		for i, touches := range cloudtrail.Touches(context.Background(), filters, want) {
			if touches != (full.Probes[i].Verdict != cover.Missed) {
				t.Fatalf("%s, probe %d: touches = %v, Cover says %v", text, i, touches, full.Probes[i].Verdict)
			}
			if !touches {
				missed++
			}
		}
	}
	if missed < 100 {
		t.Errorf("only %d are missed", missed)
	}
}

// A decision that is interrupted says so, and nothing else.
func TestInterruptedDecision(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	filters := matchers(t, `{ $.eventName = CreateVpc }`)
	got := cloudtrail.Cover(ctx, filters, cloudtrail.Requirement{Probes: []cloudtrail.Probe{createVpc}}).Probes[0]
	if got.Verdict != cover.Unresolved || !slices.Equal(got.Rules, []string{cover.RuleInterrupted}) {
		t.Errorf("got %v %q", got.Verdict, got.Rules)
	}
}

// The share of a set is fixed: what else is asked in the question makes no difference
// to an answer that stays within it, and a question with few steps says which limit it
// hit.
func TestShares(t *testing.T) {
	filters := matchers(t, `{ $.eventName = CreateVpc && $.userAgent != "a*" && $.sourceIPAddress != "b*" }`)
	many := cloudtrail.Requirement{Probes: slices.Repeat([]cloudtrail.Probe{createVpc}, 40)}
	alone := answer(filters, createVpc)
	for _, p := range cloudtrail.Cover(context.Background(), filters, many).Probes {
		if p.Verdict != alone.Verdict || facts(p.Lost) != facts(alone.Lost) {
			t.Fatalf("among others: %v %s, alone: %v %s", p.Verdict, facts(p.Lost), alone.Verdict, facts(alone.Lost))
		}
	}
}

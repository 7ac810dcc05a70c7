package pattern

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// Probes of the tables below.
var (
	createVpc = Probe{Source: "ec2.amazonaws.com", Event: "CreateVpc", Region: "us-east-1", Account: "111122223333",
		ReadOnly: "false", EventTypes: []string{"AwsApiCall"}}
	anywhere = Probe{Source: "ec2.amazonaws.com", Event: "CreateVpc", ReadOnly: "false", EventTypes: []string{"AwsApiCall"}}
	signIn   = Probe{Source: "signin.amazonaws.com", Event: "ConsoleLogin", Region: "us-east-1", Account: "111122223333",
		ReadOnly: "false", EventTypes: []string{"AwsConsoleSignIn"}}
)

// The texts that state the condition controls.
const (
	unauthorizedText = `{ ($.errorCode ="*UnauthorizedOperation") || ($.errorCode ="AccessDenied*") && ($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket") }`
	signInText       = `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }`
	rootText         = `{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }`
	failureText      = `{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }`
)

func unauthorized(t testing.TB) Probe {
	return Probe{Region: "us-east-1", Account: "111122223333", Failures: true, Condition: mustParse(t, unauthorizedText)}
}

func signInWithoutMFA(t testing.TB) Probe {
	return Probe{Source: "signin.amazonaws.com", Region: "us-east-1", Account: "111122223333", ReadOnly: "false",
		EventTypes: []string{"AwsConsoleSignIn"}, Condition: mustParse(t, signInText)}
}

func rootUsage(t testing.TB) Probe {
	return Probe{Region: "us-east-1", Account: "111122223333", Condition: mustParse(t, rootText)}
}

func signInFailures(t testing.TB) Probe {
	return Probe{Source: "signin.amazonaws.com", Region: "us-east-1", Account: "111122223333", ReadOnly: "false",
		EventTypes: []string{"AwsConsoleSignIn"}, Failures: true, Condition: mustParse(t, failureText)}
}

// coverTest is one row of a table. The lines of lost are the cases, in order;
// those of failures are the cases in which only failed calls are lost.
type coverTest struct {
	name     string
	filters  []string
	want     CoverVerdict
	lost     string
	failures string
	rules    string
}

func (c coverTest) run(t *testing.T, probe Probe) {
	t.Helper()
	var filters []*Pattern
	for _, text := range c.filters {
		filters = append(filters, mustParse(t, text))
	}
	got := Cover(filters, Requirement{Probes: []Probe{probe}}).Probes[0]
	if got.Verdict != c.want {
		t.Errorf("%s: %q: verdict %v %v, want %v", c.name, c.filters, got.Verdict, got.Rules, c.want)
	}
	for what, lines := range map[string][2]string{
		"lost":     {factTexts(got.Lost), c.lost},
		"failures": {factTexts(got.LostFailures), c.failures},
		"rules":    {strings.Join(got.Rules, "\n"), c.rules},
	} {
		if want := trimLines(lines[1]); lines[0] != want {
			t.Errorf("%s: %q: %s:\n%s\nwant:\n%s", c.name, c.filters, what, lines[0], want)
		}
	}
	for _, lost := range slices.Concat(got.Lost, got.LostFailures) {
		checkExample(t, filters, probe, lost)
	}
}

func trimLines(s string) string {
	var lines []string
	for line := range strings.Lines(strings.TrimSpace(s)) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.Join(lines, "\n")
}

// checkExample checks that the example of a case is a compact record of the
// probe that is lost.
func checkExample(t *testing.T, filters []*Pattern, probe Probe, c Case) {
	t.Helper()
	var compact bytes.Buffer
	if err := json.Compact(&compact, c.Example); err != nil || compact.String() != string(c.Example) {
		t.Errorf("example is not compact JSON: %s", c.Example)
	}
	for _, f := range filters {
		if f.Match(c.Example) != NoMatch {
			t.Errorf("example of %q is matched by %s: %s", factTexts([]Case{c}), f.Text(), c.Example)
		}
	}
	if probe.Condition != nil && probe.Condition.Match(c.Example) != Match {
		t.Errorf("example of %q is outside of the condition: %s", factTexts([]Case{c}), c.Example)
	}
	var record map[string]any
	if err := json.Unmarshal(c.Example, &record); err != nil {
		t.Fatal(err)
	}
	if probe.Event != "" && record["eventName"] != probe.Event || probe.Source != "" && record["eventSource"] != probe.Source {
		t.Errorf("example is of another event: %s", c.Example)
	}
	for _, name := range []string{"eventName", "eventSource", "awsRegion", "sourceIPAddress", "userAgent", "eventTime", "eventID"} {
		if _, ok := record[name].(string); !ok {
			t.Errorf("example has no %s: %s", name, c.Example)
		}
	}
}

func TestCoverOfAnEvent(t *testing.T) {
	for _, c := range []coverTest{
		// The filter holds for every value of the free fields.
		{name: "by name", filters: []string{`{ $.eventName = "CreateVpc" }`}, want: Covered},
		{name: "bare word", filters: []string{`{ $.eventName = CreateVpc }`}, want: Covered},
		{name: "with source", filters: []string{`{ ($.eventSource = ec2.amazonaws.com) && ($.eventName = CreateVpc) }`}, want: Covered},
		{name: "one of many", filters: []string{`{ ($.eventName = DeleteVpc) || ($.eventName = CreateVpc) || ($.eventName = ModifyVpcAttribute) }`}, want: Covered},
		{name: "everything", filters: []string{``}, want: Covered},
		{name: "blanks", filters: []string{`  `}, want: Covered},
		{name: "tautology of CIS 1.3", want: Covered, filters: []string{
			`{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") || ($.sourceIPAddress!="delivery.logs.amazonaws.com") || ($.eventName!="HeadBucket") }`}},
		{name: "precedence slip is broader", want: Covered, filters: []string{`{ ($.eventSource = iam.amazonaws.com) && ($.eventName = CreateRoute) || ($.eventName = CreateVpc) }`}},
		{name: "prefix", filters: []string{`{ $.eventName = "Create*" }`}, want: Covered},
		{name: "suffix", filters: []string{`{ $.eventName = "*Vpc" }`}, want: Covered},
		{name: "both ends", filters: []string{`{ $.eventName = *eateV* }`}, want: Covered},
		{name: "any name", filters: []string{`{ $.eventName = * }`}, want: Covered},
		{name: "regex", filters: []string{`{ $.eventName = %^CreateVpc$|^DeleteVpc$% }`}, want: Covered},
		{name: "regex with classes", filters: []string{`{ $.eventName = %^[CD][a-z]+Vpc$% }`}, want: Covered},
		{name: "not another name", filters: []string{`{ $.eventName != "DeleteVpc" }`}, want: Covered},
		{name: "region", filters: []string{`{ $.eventName = CreateVpc && $.awsRegion = "us-*" }`}, want: Covered},
		{name: "account", filters: []string{`{ $.eventName = CreateVpc && $.recipientAccountId = 111122223333 }`}, want: Covered},
		{name: "boolean", filters: []string{`{ $.eventName = CreateVpc && $.readOnly IS FALSE }`}, want: Covered},
		{name: "management event", filters: []string{`{ $.eventName = CreateVpc && $.managementEvent IS TRUE && $.eventCategory = Management }`}, want: Covered},
		{name: "event type", filters: []string{`{ $.eventName = CreateVpc && $.eventType != AwsServiceEvent }`}, want: Covered},
		{name: "line feed at the end", filters: []string{`{ $.eventName = CreateVpc && $.userAgent = * && $.sourceIPAddress != %^$% || $.sourceIPAddress = "" && $.userIdentity.foo NOT EXISTS }`}, want: Conditional,
			lost: `sourceIPAddress = %^$% and sourceIPAddress is anything but ""`},
		{name: "total form", filters: []string{`{ $.eventName = CreateVpc && ($.userIdentity.invokedBy NOT EXISTS || $.userIdentity.invokedBy = *) }`}, want: Covered},
		{name: "two filters share the work", want: Covered, filters: []string{
			`{ $.eventName = CreateVpc && $.userIdentity.invokedBy NOT EXISTS }`,
			`{ $.eventName = CreateVpc && $.userIdentity.invokedBy = "*" }`}},
		{name: "two filters, exclusion and its complement", want: Covered, filters: []string{
			`{ $.eventName = CreateVpc && $.userAgent != "aws-cli*" }`,
			`{ $.eventName = "Create*" && $.userAgent = "aws-*" }`}},
		{name: "three kinds of identity", want: Covered, filters: []string{
			`{ $.userIdentity.type = Root }`, `{ $.userIdentity.type = "IAM*" }`,
			`{ ($.userIdentity.type != Root) && ($.userIdentity.type != "IAM*") }`, `{ $.userIdentity.type NOT EXISTS }`}},
		{name: "regular expressions share the work", want: Covered, filters: []string{
			`{ $.userAgent = %[0-9]% }`, `{ $.userAgent = %^[^0-9]*$% }`}},
		{name: "unlisted field", filters: []string{`{ $.eventName = CreateVpc && $.detail NOT EXISTS }`}, want: Covered},
		{name: "below a string", filters: []string{`{ $.eventName = CreateVpc && $.userIdentity.arn.part NOT EXISTS }`}, want: Covered},
		{name: "some field is the region", filters: []string{`{ $.* = "us-east-1" }`}, want: Covered},

		// The filter can never hold.
		{name: "no filter", want: Missed},
		{name: "wrong case", filters: []string{`{ $.eventName = "CreateVPC" }`}, want: Missed},
		{name: "wrong case of the field", filters: []string{`{ $.EventName = "CreateVpc" }`}, want: Missed},
		{name: "wrong field", filters: []string{`{ $.eventname = "CreateVpc" || $.event.name = "CreateVpc" }`}, want: Missed},
		{name: "event bridge path", filters: []string{`{ $.detail.eventName = "CreateVpc" }`}, want: Missed},
		{name: "junk in the name", filters: []string{`{ $.eventName = "CreateVpc " }`}, want: Missed},
		{name: "question mark is no wildcard", filters: []string{`{ $.eventName = "CreateVp?" }`}, want: Missed},
		{name: "contradiction", filters: []string{`{ ($.eventName = CreateVpc) && ($.eventName = DeleteVpc) }`}, want: Missed},
		{name: "hidden contradiction", filters: []string{`{ $.eventName = CreateVpc && $.userAgent = "a*" && $.userAgent = %^[^a]% }`}, want: Missed},
		{name: "other source", filters: []string{`{ ($.eventSource = vpc.amazonaws.com) && ($.eventName = CreateVpc) }`}, want: Missed},
		{name: "other region", filters: []string{`{ $.eventName = CreateVpc && $.awsRegion = "eu-west-1" }`}, want: Missed},
		{name: "other account", filters: []string{`{ $.eventName = CreateVpc && $.recipientAccountId = "999999999999" }`}, want: Missed},
		{name: "readOnly as a string", filters: []string{`{ $.eventName = CreateVpc && $.readOnly = "false" }`}, want: Missed},
		{name: "readOnly as a word", filters: []string{`{ $.eventName = CreateVpc && $.readOnly != true }`}, want: Missed},
		{name: "readOnly the other way", filters: []string{`{ $.eventName = CreateVpc && $.readOnly IS TRUE }`}, want: Missed},
		{name: "successful calls have no errorCode", filters: []string{`{ $.eventName = CreateVpc && $.errorCode != "AccessDenied" }`}, want: Missed},
		{name: "only denied calls", filters: []string{`{ $.eventName = CreateVpc && $.errorCode = "*UnauthorizedOperation" }`}, want: Missed},
		{name: "compares an object", filters: []string{`{ $.userIdentity = * }`}, want: Missed},
		{name: "unlisted field is compared", filters: []string{`{ $.eventName = CreateVpc && $.userIdentity.email != "x" }`}, want: Missed},
		{name: "order of a string", filters: []string{`{ $.eventName = CreateVpc && $.eventVersion >= 1.0 && $.eventTime > 0 }`}, want: Missed},
		{name: "regex of another name", filters: []string{`{ $.eventName = %^Delete% }`}, want: Missed},

		// The filter holds for some values.
		{name: "exclusion of an identity", filters: []string{`{ $.eventName = CreateVpc && $.userIdentity.arn != "arn:aws:iam::111122223333:role/deploy" }`}, want: Conditional,
			lost: `userIdentity.arn is missing
				userIdentity.arn = "arn:aws:iam::111122223333:role/deploy"`},
		{name: "exclusion in total form", filters: []string{`{ $.eventName = CreateVpc && ($.userIdentity.arn NOT EXISTS || $.userIdentity.arn != "arn:aws:iam::111122223333:role/deploy") }`}, want: Conditional,
			lost: `userIdentity.arn = "arn:aws:iam::111122223333:role/deploy"`},
		{name: "exclusion of a session", filters: []string{`{ $.eventName = CreateVpc && ($.userIdentity.arn NOT EXISTS || $.userIdentity.arn != "arn:aws:sts::111122223333:assumed-role/deploy/*") }`}, want: Conditional,
			lost: `userIdentity.arn = "arn:aws:sts::111122223333:assumed-role/deploy/*"`},
		{name: "two exclusions", filters: []string{`{ $.eventName = CreateVpc && $.sourceIPAddress != "198.51.100.7" && $.sourceIPAddress != cloudformation.amazonaws.com }`}, want: Conditional,
			lost: `sourceIPAddress = "198.51.100.7"
				sourceIPAddress = "cloudformation.amazonaws.com"`},
		{name: "not through services", filters: []string{`{ $.eventName = CreateVpc && $.userIdentity.invokedBy NOT EXISTS }`}, want: Conditional,
			lost: `userIdentity.invokedBy exists`},
		{name: "!= on a field that is often absent", filters: []string{`{ $.eventName = CreateVpc && $.userIdentity.invokedBy != "cloudformation.amazonaws.com" }`}, want: Conditional,
			lost: `userIdentity.invokedBy is missing
				userIdentity.invokedBy = "cloudformation.amazonaws.com"`},
		{name: "user agents", filters: []string{`{ $.eventName = CreateVpc && $.userAgent != "*Terraform*" && $.userAgent != "aws-cli*" }`}, want: Conditional,
			lost: `userAgent = "*Terraform*"
				userAgent = "aws-cli*"`},
		{name: "only root", filters: []string{`{ $.eventName = CreateVpc && $.userIdentity.type = "Root" }`}, want: Conditional,
			lost: `userIdentity.type is missing
				userIdentity.type exists and is anything but "Root"`},
		{name: "only one address", filters: []string{`{ $.eventName = CreateVpc && $.sourceIPAddress = "10.0.*" }`}, want: Conditional,
			lost: `sourceIPAddress is anything but "10.0.*"`},
		{name: "request parameters", filters: []string{`{ $.eventName = CreateVpc && $.requestParameters.cidrBlock != "10.0.0.0/16" }`}, want: Conditional,
			lost: `requestParameters.cidrBlock is missing
				requestParameters.cidrBlock = "10.0.0.0/16"
				requestParameters.cidrBlock is true, false, null, an object or an array`},
		{name: "role of the session", filters: []string{`{ $.eventName = CreateVpc && ($.userIdentity.sessionContext.sessionIssuer.userName != "ci" || $.userIdentity.sessionContext NOT EXISTS) }`}, want: Conditional,
			lost: `userIdentity.sessionContext exists and userIdentity.sessionContext.sessionIssuer.userName is missing
				userIdentity.sessionContext.sessionIssuer.userName = "ci"`},
		{name: "two conditions in a disjunction", filters: []string{`{ $.eventName = CreateVpc && ($.userAgent = "console*" || $.userIdentity.type = "IAMUser") }`}, want: Conditional,
			lost: `userAgent is anything but "console*" and userIdentity.type is missing
				userAgent is anything but "console*" and userIdentity.type exists and is anything but "IAMUser"`},
		{name: "independent exclusions", filters: []string{
			`{ $.eventName = CreateVpc && $.userAgent != "a*" && ($.userIdentity.userName NOT EXISTS || $.userIdentity.userName != "bob") && ($.userIdentity.invokedBy NOT EXISTS || $.userIdentity.invokedBy != "x.amazonaws.com") }`}, want: Conditional,
			lost: `userAgent = "a*"
				userIdentity.userName = "bob"
				userIdentity.invokedBy = "x.amazonaws.com"`},
		{name: "a second filter narrows the exclusion", filters: []string{
			`{ $.eventName = CreateVpc && $.userAgent != "aws-cli*" }`, `{ $.eventName = CreateVpc && $.userAgent = "aws-cli/2*" }`}, want: Conditional,
			lost: `userAgent = "aws-cli*" and userAgent is anything but "aws-cli/2*"`},
		{name: "unions of two fields", filters: []string{
			`{ $.eventName = CreateVpc && $.userAgent != "x" }`, `{ $.eventName = CreateVpc && $.sourceIPAddress != "y" }`}, want: Conditional,
			lost: `userAgent = "x" and sourceIPAddress = "y"`},
		{name: "null is not missing", filters: []string{`{ $.eventName = CreateVpc && $.requestParameters IS NULL }`}, want: Conditional,
			lost: `requestParameters is an object`},
		{name: "free field", filters: []string{`{ $.eventName = CreateVpc && $.vpcEndpointId NOT EXISTS }`}, want: Conditional,
			lost: `vpcEndpointId exists`},
		{name: "session name by wildcard", filters: []string{`{ $.eventName = CreateVpc && ($.userIdentity.arn NOT EXISTS || $.userIdentity.arn != "*/admin") }`}, want: Conditional,
			lost: `userIdentity.arn = "*/admin"`},
		{name: "regex exclusion", filters: []string{`{ $.eventName = CreateVpc && $.userAgent != %^aws-cli/2% }`}, want: Conditional,
			lost: `userAgent = %^aws-cli/2%`},
		{name: "ports by value", filters: []string{`{ $.eventName = CreateVpc && $.requestParameters.port >= 1024 }`}, want: Conditional,
			lost: `requestParameters.port is missing
				requestParameters.port < 1024
				requestParameters.port is a string, true, false, null, an object, an array or a number beyond the range of doubles`},
		{name: "MFA is Yes or No", filters: []string{`{ $.eventName = CreateVpc && ($.additionalEventData.MFAUsed = "No" || $.additionalEventData.MFAUsed NOT EXISTS) }`}, want: Conditional,
			lost: `additionalEventData.MFAUsed = "Yes"`},
		{name: "MFA of the session", filters: []string{`{ $.eventName = CreateVpc && $.userIdentity.sessionContext.attributes.mfaAuthenticated = "false" }`}, want: Conditional,
			lost: `userIdentity.sessionContext.attributes.mfaAuthenticated is missing
				userIdentity.sessionContext.attributes.mfaAuthenticated exists and is anything but "false"`},

		// Wildcards.
		{name: "some item", filters: []string{`{ $.eventName = CreateVpc && $.requestParameters.items[*].id = "vpc-1" }`}, want: Conditional,
			lost: `no requestParameters.items.*.id = "vpc-1"`},
		{name: "no item", filters: []string{`{ $.eventName = CreateVpc && $.requestParameters.items[*].id != "vpc-1" }`}, want: Conditional,
			lost: `requestParameters.items is missing
				some requestParameters.items.*.id = "vpc-1"`},
		{name: "items or none", filters: []string{`{ $.requestParameters.items[*] NOT EXISTS }`, `{ $.requestParameters.items[*] = * }`}, want: Conditional,
			lost: `some requestParameters.items.* exists and no requestParameters.items.* = "*"`},
		{name: "some item and none", filters: []string{`{ $.requestParameters.items[*] = "a" }`, `{ $.requestParameters.items[*] != "a" }`, `{ $.requestParameters.items NOT EXISTS }`}, want: Covered},
		{name: "a named member is a member", filters: []string{`{ $.requestParameters.* = "a" }`, `{ $.requestParameters.vpcId != "a" }`, `{ $.requestParameters.vpcId NOT EXISTS }`,
			`{ $.requestParameters.vpcId IS NULL }`, `{ $.requestParameters.vpcId IS TRUE || $.requestParameters.vpcId IS FALSE }`}, want: Conditional,
			lost: `no requestParameters.* = "a" and requestParameters.vpcId is an object or an array without null`},
		{name: "arrays have no gaps", filters: []string{`{ $.resources[1] NOT EXISTS && $.resources[0] = * }`, `{ $.resources[0] NOT EXISTS }`}, want: Conditional,
			lost: `resources[1] exists
				resources[0] is true, false, null, an object or an array`},
		{name: "what is behind a gap is missing", filters: []string{`{ $.resources[3] NOT EXISTS }`, `{ $.resources[2].ARN NOT EXISTS && $.resources[0] NOT EXISTS }`}, want: Conditional,
			lost: `resources[3] exists`},
		{name: "null inside an array", filters: []string{`{ $.resources IS NULL }`, `{ $.resources[*] IS NULL && $.resources NOT EXISTS }`}, want: Conditional,
			lost: `resources is missing
				resources is a string, a number, true, false, an object or an array without null`},

		// Failed calls.
		{name: "only successful calls", filters: []string{`{ $.eventName = CreateVpc && $.errorCode NOT EXISTS }`}, want: Covered,
			failures: `errorCode exists`},
		{name: "without denied calls", filters: []string{`{ $.eventName = CreateVpc && ($.errorCode NOT EXISTS || $.errorCode != "AccessDenied*") && $.errorMessage NOT EXISTS }`}, want: Covered,
			failures: `errorCode = "AccessDenied*"
				errorMessage exists`},
		{name: "an exclusion and only successful calls", filters: []string{`{ $.eventName = CreateVpc && $.errorCode NOT EXISTS && $.userAgent != "x" }`}, want: Conditional,
			lost:     `userAgent = "x"`,
			failures: `errorCode exists and userAgent is anything but "x"`},
		{name: "failed calls as well", filters: []string{`{ $.eventName = CreateVpc && $.errorCode NOT EXISTS }`, `{ $.eventName = CreateVpc && $.errorCode = * }`}, want: Covered},

		// Text patterns.
		{name: "term", filters: []string{`CreateVpc`}, want: Covered},
		{name: "part of the name", filters: []string{`reateV`}, want: Covered},
		{name: "phrase", filters: []string{`"CreateVpc" "us-east-1"`}, want: Covered},
		{name: "compact JSON", filters: []string{`"\"eventName\":\"CreateVpc\""`}, want: Covered},
		{name: "any of the terms", filters: []string{`?DeleteVpc ?CreateVpc`}, want: Covered},
		{name: "another name", filters: []string{`DeleteVpc`}, want: Conditional, lost: `the text of the record does not contain "DeleteVpc"`},
		{name: "excluded term", filters: []string{`CreateVpc -terraform`}, want: Conditional, lost: `the text of the record contains "terraform"`},
		{name: "excluded name", filters: []string{`ec2 -CreateVpc`}, want: Missed},
		{name: "regex on the text", filters: []string{`%Create[A-Z]pc%`}, want: Covered},
		{name: "anchored regex on the text", filters: []string{`%^CreateVpc%`}, want: Missed},
		{name: "anchored regex that always matches", filters: []string{`%^.\x22.*}$%`}, want: Covered},
		{name: "one field", filters: []string{`[message = "*CreateVpc*"]`}, want: Covered},
		{name: "any fields", filters: []string{`[...]`}, want: Covered},
		{name: "fields of the text", filters: []string{`[w1, w2, ...]`}, want: Unresolved, rules: RuleTextPattern},
		{name: "fields beside a good filter", filters: []string{`[w1, w2 = CreateVpc]`, `{ $.eventName = CreateVpc }`}, want: Covered},

		// Rules of the language that are not settled.
		{name: "asterisk in the middle", filters: []string{`{ $.eventName = "Create*pc" }`}, want: Unresolved, rules: RuleMidAsterisk},
		{name: "asterisk in the middle of another name", filters: []string{`{ $.eventName = "Delete*pc" }`}, want: Missed},
		{name: "asterisk in the middle beside a good filter", filters: []string{`{ $.eventName = "Create*pc" }`, `{ $.eventName = CreateVpc }`}, want: Covered},
		{name: "asterisk in the middle of an exclusion", filters: []string{`{ $.eventName = CreateVpc && $.userIdentity.arn != "arn:aws:iam::*:role/ci" }`}, want: Conditional,
			lost: `userIdentity.arn is missing`, rules: RuleMidAsterisk},
		{name: "asterisk in the middle where the field is absent", filters: []string{`{ $.eventName = CreateVpc && ($.errorCode NOT EXISTS || $.errorCode = "Access*Denied") }`}, want: Covered,
			rules: ``},
		{name: "minus apart from its term", filters: []string{`CreateVpc - "CreateVpc"`}, want: Unresolved, rules: RuleDetachedMinus},
	} {
		c.run(t, createVpc)
	}
}

func TestCoverWithoutRegion(t *testing.T) {
	for _, c := range []coverTest{
		{name: "by name", filters: []string{`{ $.eventName = "CreateVpc" }`}, want: Covered},
		{name: "region", filters: []string{`{ $.eventName = "CreateVpc" && $.awsRegion = "us-east-1" }`}, want: Conditional,
			lost: `awsRegion is anything but "us-east-1"`},
		{name: "no empty region", filters: []string{`{ $.eventName = "CreateVpc" && $.awsRegion != "" }`}, want: Covered},
		{name: "account", filters: []string{`{ $.eventName = "CreateVpc" && $.recipientAccountId != "111122223333" }`}, want: Conditional,
			lost: `recipientAccountId = "111122223333"`},
	} {
		c.run(t, anywhere)
	}
}

func TestCoverOfConditions(t *testing.T) {
	for _, c := range []coverTest{
		{name: "its own text", filters: []string{unauthorizedText}, want: Covered},
		{name: "order and parentheses", want: Covered, filters: []string{
			`{(($.sourceIPAddress!=delivery.logs.amazonaws.com)&&($.eventName!=HeadBucket)&&($.errorCode=AccessDenied*))||($.errorCode=*UnauthorizedOperation)}`}},
		{name: "without the exclusions", filters: []string{`{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }`}, want: Covered},
		{name: "tautology", filters: []string{`{ ($.sourceIPAddress!="delivery.logs.amazonaws.com") || ($.eventName!="HeadBucket") || ($.errorCode = "*UnauthorizedOperation")}`}, want: Covered},
		{name: "two filters", filters: []string{`{ $.errorCode = "*UnauthorizedOperation" }`, `{ $.errorCode = "AccessDenied*" && $.eventName != HeadBucket }`}, want: Covered},
		{name: "contains", filters: []string{`{ $.errorCode = "*AccessDenied*" || $.errorCode = "*Unauthorized*" }`}, want: Covered},
		{name: "regex", filters: []string{`{ $.errorCode = %UnauthorizedOperation$|^AccessDenied% }`}, want: Covered},
		{name: "any error", filters: []string{`{ $.errorCode = * }`}, want: Covered},
		{name: "precedence changed", filters: []string{
			`{ (($.errorCode ="*UnauthorizedOperation") || ($.errorCode ="AccessDenied*")) && ($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket") }`}, want: Conditional,
			lost: `sourceIPAddress = "delivery.logs.amazonaws.com"
				eventName = "HeadBucket"`},
		{name: "half", filters: []string{`{ $.errorCode = "AccessDenied*" }`}, want: Conditional,
			lost: `errorCode is anything but "AccessDenied*"`},
		{name: "exact codes only", filters: []string{`{ $.errorCode = "*UnauthorizedOperation" || $.errorCode = AccessDenied || $.errorCode = AccessDeniedException }`}, want: Conditional,
			lost: `errorCode is anything but "*UnauthorizedOperation", "AccessDenied" and "AccessDeniedException"`},
		{name: "only successful calls", filters: []string{`{ $.errorCode NOT EXISTS }`}, want: Missed},
		{name: "other codes", filters: []string{`{ $.errorCode = "Throttling*" && $.errorCode != "*Operation" }`}, want: Missed},
		{name: "asterisk in the middle", filters: []string{`{ $.errorCode = "*Unauthorized*Operation" || $.errorCode = "AccessDenied*" }`}, want: Unresolved,
			rules: RuleMidAsterisk},
	} {
		c.run(t, unauthorized(t))
	}
	for _, c := range []coverTest{
		{name: "its own text", filters: []string{signInText}, want: Covered},
		{name: "without the identity", filters: []string{`{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }`}, want: Covered},
		{name: "the other way to say it", filters: []string{`{ $.eventName = ConsoleLogin && $.additionalEventData.MFAUsed = No && $.userIdentity.type = IAMUser }`}, want: Covered},
		{name: "all sign-ins", filters: []string{`{ $.eventName = ConsoleLogin }`}, want: Covered},
		{name: "all but SAML, and but failures", want: Covered,
			filters: []string{`{ $.eventName = ConsoleLogin && $.additionalEventData.MFAUsed != "Yes" && $.responseElements.ConsoleLogin != "Failure" && $.additionalEventData.SamlProviderArn NOT EXISTS }`}},
		{name: "SAML only", filters: []string{`{ $.eventName = ConsoleLogin && $.additionalEventData.SamlProviderArn = * }`}, want: Missed},
		{name: "sign-ins with MFA", filters: []string{`{ $.eventName = ConsoleLogin && $.additionalEventData.MFAUsed = "Yes" }`}, want: Missed},
		{name: "MFAUsed as a boolean", filters: []string{`{ $.eventName = ConsoleLogin && $.additionalEventData.MFAUsed IS FALSE }`}, want: Missed},
		{name: "root only", filters: []string{`{ $.eventName = ConsoleLogin && $.userIdentity.type = Root }`}, want: Missed},
		{name: "one user left out", filters: []string{`{ $.eventName = ConsoleLogin && $.additionalEventData.MFAUsed != "Yes" && ($.userIdentity.userName != "breakglass" || $.userIdentity.userName NOT EXISTS) }`}, want: Conditional,
			lost: `userIdentity.userName = "breakglass"`},
	} {
		c.run(t, signInWithoutMFA(t))
	}
	for _, c := range []coverTest{
		{name: "its own text", filters: []string{rootText}, want: Covered},
		{name: "nested and reordered", filters: []string{`{ ($.eventType != AwsServiceEvent) && (($.userIdentity.invokedBy NOT EXISTS) && ($.userIdentity.type = Root)) }`}, want: Covered},
		{name: "all of root", filters: []string{`{ $.userIdentity.type = "Root" }`}, want: Covered},
		{name: "by principal", filters: []string{`{ $.userIdentity.arn = "*:root" }`}, want: Covered},
		{name: "by the account", filters: []string{`{ $.userIdentity.principalId = "111122223333" }`}, want: Covered},
		{name: "another account's root", filters: []string{`{ $.userIdentity.arn = "arn:aws:iam::444455556666:root" }`}, want: Missed},
		{name: "without the root user", filters: []string{`{ $.userIdentity.type = "Root" && $.userIdentity.arn != "arn:aws:iam::111122223333:root" }`}, want: Missed},
		{name: "without the root user's id", filters: []string{`{ $.userIdentity.type = "Root" && $.userIdentity.principalId != "111122223333" }`}, want: Missed},
		{name: "without the own account", filters: []string{`{ $.userIdentity.type = "Root" && $.userIdentity.accountId != "111122223333" }`}, want: Missed},
		{name: "wrong case", filters: []string{`{ $.userIdentity.type = "root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }`}, want: Missed},
		{name: "only writes", filters: []string{`{ $.userIdentity.type = "Root" && $.readOnly IS FALSE }`}, want: Conditional,
			lost: `readOnly is true`},
		{name: "through services only", filters: []string{`{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy = * }`}, want: Missed},
		{name: "API calls only", filters: []string{`{ $.userIdentity.type = "Root" && $.eventType = "AwsApiCall" }`, `{ $.userIdentity.type = "Root" && $.eventType = "AwsConsole*" }`}, want: Conditional,
			lost: `eventType is anything but "AwsConsole*" and "AwsApiCall"`},
		{name: "reads left out", filters: []string{`{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventName != "Describe*" && $.eventName != "List*" && $.eventName != "Get*" }`}, want: Conditional,
			lost: `eventName = "Describe*"
				eventName = "List*"
				eventName = "Get*"`},
		{name: "names are not empty", filters: []string{`{ $.userIdentity.type = "Root" && $.eventName != "" && $.eventSource != "" }`}, want: Covered},
	} {
		c.run(t, rootUsage(t))
	}
	for _, c := range []coverTest{
		{name: "its own text", filters: []string{failureText}, want: Covered},
		{name: "any error message", filters: []string{`{ $.eventName = ConsoleLogin && $.errorMessage = * }`}, want: Covered},
		{name: "wrong case", filters: []string{`{ $.eventName = ConsoleLogin && $.errorMessage = "Failed Authentication" }`}, want: Missed},
		{name: "by the response", filters: []string{`{ $.eventName = ConsoleLogin && $.responseElements.ConsoleLogin = "Failure" }`}, want: Covered},
		{name: "by the other response", filters: []string{`{ $.eventName = ConsoleLogin && $.responseElements.ConsoleLogin = "Success" }`}, want: Missed},
		{name: "by the response in lower case", filters: []string{`{ $.eventName = ConsoleLogin && $.responseElements.ConsoleLogin = "failure" }`}, want: Missed},
		{name: "by a response that is null", filters: []string{`{ $.eventName = ConsoleLogin && $.responseElements IS NULL }`}, want: Missed},
		{name: "regex", filters: []string{`{ $.eventName = %Login$% && $.errorMessage = %^Failed\sauthentication$% }`}, want: Covered},
	} {
		c.run(t, signInFailures(t))
	}
}

func TestCoverOfSignIn(t *testing.T) {
	for _, c := range []coverTest{
		{name: "by name", filters: []string{`{ $.eventName = ConsoleLogin }`}, want: Covered},
		{name: "as an API call", filters: []string{`{ $.eventName = ConsoleLogin && $.eventType = AwsApiCall }`}, want: Missed},
		{name: "without MFA", filters: []string{`{ $.eventName = ConsoleLogin && $.additionalEventData.MFAUsed != Yes }`}, want: Conditional,
			lost: `additionalEventData.MFAUsed is missing
				additionalEventData.MFAUsed = "Yes"`},
		{name: "successful ones", filters: []string{`{ $.eventName = ConsoleLogin && $.errorMessage NOT EXISTS }`}, want: Covered,
			failures: `errorMessage exists`},
	} {
		c.run(t, signIn)
	}
}

func TestCoverAxioms(t *testing.T) {
	for _, c := range []struct {
		name, filter string
		want         CoverVerdict
		axioms       []string
	}{
		{"by name", `{ $.eventName = CreateVpc }`, Covered, []string{"eventName is the required one"}},
		{"by name or source", `{ $.eventName = CreateVpc || $.eventSource = ec2.amazonaws.com }`, Covered, []string{"eventSource is the required one"}},
		{"everything", ``, Covered, nil},
		{"boolean", `{ $.readOnly IS FALSE }`, Covered, []string{"readOnly is false"}},
		{"string", `{ $.userAgent = * }`, Covered, []string{"userAgent is a string"}},
		{"wrong case", `{ $.eventName = createvpc && $.awsRegion = us-east-1 }`, Missed, []string{"eventName is the required one"}},
		{"wrong kind", `{ $.userIdentity = * }`, Missed, []string{"userIdentity is an object"}},
		{"unlisted", `{ $.detail NOT EXISTS }`, Covered, []string{axiomUnlisted}},
		{"strings or absent", `{ $.userIdentity.arn NOT EXISTS || $.userIdentity.arn = * }`, Covered, []string{axiomIdentity}},
		{"success", `{ $.errorCode NOT EXISTS }`, Covered, []string{"errorCode and errorMessage are absent in successful calls"}},
		{"text", `CreateVpc`, Covered, []string{axiomText}},
		{"condition", `{ $.userAgent = "x" }`, Conditional, []string{"userAgent is a string"}},
	} {
		filters := []*Pattern{mustParse(t, c.filter)}
		got := Cover(filters, Requirement{Probes: []Probe{createVpc}}).Probes[0]
		if axioms := Axioms(filters, got); got.Verdict != c.want || !slices.Equal(axioms, c.axioms) {
			t.Errorf("%s: %s: %v leaning on %q, want %v on %q", c.name, c.filter, got.Verdict, axioms, c.want, c.axioms)
		}
	}
}

func TestCoverOfWhatIsNotUnderstood(t *testing.T) {
	byName := mustParse(t, `{ $.eventName = CreateVpc }`)
	byAgent := mustParse(t, `{ $.eventName = CreateVpc && $.userAgent != "x" }`)
	for _, c := range []struct {
		name    string
		filters []*Pattern
		want    CoverVerdict
		rules   []string
	}{
		{"alone", []*Pattern{nil}, Unresolved, []string{RuleNotUnderstood}},
		{"beside a filter that covers", []*Pattern{nil, byName}, Covered, nil},
		{"beside one that may be enough", []*Pattern{byAgent, nil}, Unresolved, []string{RuleNotUnderstood}},
	} {
		got := Cover(c.filters, Requirement{Probes: []Probe{createVpc}}).Probes[0]
		if got.Verdict != c.want || !slices.Equal(got.Rules, c.rules) {
			t.Errorf("%s: %v %q, want %v %q", c.name, got.Verdict, got.Rules, c.want, c.rules)
		}
	}
}

func TestCoverOfAnEmptyProbe(t *testing.T) {
	p := createVpc
	p.Condition = mustParse(t, `{ $.eventName = DeleteVpc }`)
	got := Cover([]*Pattern{mustParse(t, ``)}, Requirement{Probes: []Probe{p}}).Probes[0]
	if got.Verdict != Unresolved || !slices.Equal(got.Rules, []string{RuleNoRecord}) {
		t.Errorf("a condition that no record meets: %v %q", got.Verdict, got.Rules)
	}
	if p.Record() != nil {
		t.Errorf("Record of a probe without records: %s", p.Record())
	}
}

func TestCoverageVerdictIsTheWorst(t *testing.T) {
	other := createVpc
	other.Event = "DeleteVpc"
	filters := []*Pattern{mustParse(t, `{ $.eventName = CreateVpc }`)}
	c := Cover(filters, Requirement{Probes: []Probe{createVpc, other}})
	if c.Verdict() != Missed || c.Probes[0].Verdict != Covered || c.Probes[1].Verdict != Missed {
		t.Errorf("got %v of %v and %v", c.Verdict(), c.Probes[0].Verdict, c.Probes[1].Verdict)
	}
	if v := (Coverage{}).Verdict(); v != Covered {
		t.Errorf("verdict without probes: %v", v)
	}
}

package pattern

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
)

// Probes of the tables below.
var (
	createVpc = cloudtrail.Probe{Source: "ec2.amazonaws.com", Event: "CreateVpc", Region: "us-east-1", Account: "111122223333",
		ReadOnly: "false", EventTypes: []string{"AwsApiCall"}}
	anywhere = cloudtrail.Probe{Source: "ec2.amazonaws.com", Event: "CreateVpc", ReadOnly: "false", EventTypes: []string{"AwsApiCall"}}
	signIn   = cloudtrail.Probe{Source: "signin.amazonaws.com", Event: "ConsoleLogin", Region: "us-east-1", Account: "111122223333",
		ReadOnly: "false", EventTypes: []string{"AwsConsoleSignIn"}}
)

// The texts that state the condition controls.
const (
	unauthorizedText = `{ ($.errorCode ="*UnauthorizedOperation") || ($.errorCode ="AccessDenied*") && ($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket") }`
	signInText       = `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }`
	rootText         = `{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }`
	failureText      = `{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }`
)

func unauthorized(t testing.TB) cloudtrail.Probe {
	return cloudtrail.Probe{Region: "us-east-1", Account: "111122223333", Failures: true, Condition: mustParse(t, unauthorizedText)}
}

func signInWithoutMFA(t testing.TB) cloudtrail.Probe {
	return cloudtrail.Probe{Source: "signin.amazonaws.com", Region: "us-east-1", Account: "111122223333", ReadOnly: "false",
		EventTypes: []string{"AwsConsoleSignIn"}, Condition: mustParse(t, signInText)}
}

func rootUsage(t testing.TB) cloudtrail.Probe {
	return cloudtrail.Probe{Region: "us-east-1", Account: "111122223333", Condition: mustParse(t, rootText)}
}

func signInFailures(t testing.TB) cloudtrail.Probe {
	return cloudtrail.Probe{Source: "signin.amazonaws.com", Region: "us-east-1", Account: "111122223333", ReadOnly: "false",
		EventTypes: []string{"AwsConsoleSignIn"}, Failures: true, Condition: mustParse(t, failureText)}
}

// coverTest is one row of a table. The lines of lost are the cases, in order;
// those of failures are the cases in which only failed calls are lost.
type coverTest struct {
	name     string
	filters  []string
	want     cover.Verdict
	lost     string
	failures string
	doubtful string // lost if soft axioms do not hold
	rules    string
}

func (c coverTest) run(t *testing.T, probe cloudtrail.Probe) {
	t.Helper()
	var filters []*Pattern
	for _, text := range c.filters {
		filters = append(filters, mustParse(t, text))
	}
	got := coverOf(filters, cloudtrail.Requirement{Probes: []cloudtrail.Probe{probe}}).Probes[0]
	if got.Verdict != c.want {
		t.Errorf("%s: %q: verdict %v %v, want %v", c.name, c.filters, got.Verdict, got.Rules, c.want)
	}
	for what, lines := range map[string][2]string{
		"lost":     {factTexts(got.Lost), c.lost},
		"doubtful": {factTexts(got.Doubtful), c.doubtful},
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
func checkExample(t *testing.T, filters []*Pattern, probe cloudtrail.Probe, c cover.Case) {
	t.Helper()
	var compact bytes.Buffer
	if err := json.Compact(&compact, c.Example); err != nil || compact.String() != string(c.Example) {
		t.Errorf("example is not compact JSON: %s", c.Example)
	}
	for _, f := range filters {
		if f.Match(c.Example) != match.NoMatch {
			t.Errorf("example of %q is matched by %s: %s", factTexts([]cover.Case{c}), f.Text(), c.Example)
		}
	}
	if probe.Condition != nil && probe.Condition.(*Pattern).Match(c.Example) != match.Match {
		t.Errorf("example of %q is outside of the condition: %s", factTexts([]cover.Case{c}), c.Example)
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
		{name: "by name", filters: []string{`{ $.eventName = "CreateVpc" }`}, want: cover.Covered},
		{name: "bare word", filters: []string{`{ $.eventName = CreateVpc }`}, want: cover.Covered},
		{name: "with source", filters: []string{`{ ($.eventSource = ec2.amazonaws.com) && ($.eventName = CreateVpc) }`}, want: cover.Covered},
		{name: "one of many", filters: []string{`{ ($.eventName = DeleteVpc) || ($.eventName = CreateVpc) || ($.eventName = ModifyVpcAttribute) }`}, want: cover.Covered},
		{name: "everything", filters: []string{``}, want: cover.Covered},
		{name: "blanks", filters: []string{`  `}, want: cover.Covered},
		{name: "tautology of CIS 1.3", want: cover.Covered, filters: []string{
			`{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") || ($.sourceIPAddress!="delivery.logs.amazonaws.com") || ($.eventName!="HeadBucket") }`}},
		{name: "precedence slip is broader", want: cover.Covered, filters: []string{`{ ($.eventSource = iam.amazonaws.com) && ($.eventName = CreateRoute) || ($.eventName = CreateVpc) }`}},
		{name: "prefix", filters: []string{`{ $.eventName = "Create*" }`}, want: cover.Covered},
		{name: "suffix", filters: []string{`{ $.eventName = "*Vpc" }`}, want: cover.Covered},
		{name: "both ends", filters: []string{`{ $.eventName = *eateV* }`}, want: cover.Covered},
		{name: "any name", filters: []string{`{ $.eventName = * }`}, want: cover.Covered},
		{name: "regex", filters: []string{`{ $.eventName = %^CreateVpc$|^DeleteVpc$% }`}, want: cover.Covered},
		{name: "regex with classes", filters: []string{`{ $.eventName = %^[CD][a-z]+Vpc$% }`}, want: cover.Covered},
		{name: "not another name", filters: []string{`{ $.eventName != "DeleteVpc" }`}, want: cover.Covered},
		{name: "region", filters: []string{`{ $.eventName = CreateVpc && $.awsRegion = "us-*" }`}, want: cover.Covered},
		{name: "account", filters: []string{`{ $.eventName = CreateVpc && $.recipientAccountId = 111122223333 }`}, want: cover.Covered},
		{name: "boolean", filters: []string{`{ $.eventName = CreateVpc && $.readOnly IS FALSE }`}, want: cover.Covered},
		{name: "management event", filters: []string{`{ $.eventName = CreateVpc && $.managementEvent IS TRUE && $.eventCategory = Management }`}, want: cover.Covered},
		{name: "event type", filters: []string{`{ $.eventName = CreateVpc && $.eventType != AwsServiceEvent }`}, want: cover.Covered},
		{name: "line feed at the end", filters: []string{`{ $.eventName = CreateVpc && $.userAgent = * && $.sourceIPAddress != %^$% || $.sourceIPAddress = "" && $.userIdentity.foo NOT EXISTS }`}, want: cover.Conditional,
			lost: `sourceIPAddress = %^$% and sourceIPAddress is anything but ""`},
		{name: "total form", filters: []string{`{ $.eventName = CreateVpc && ($.userIdentity.invokedBy NOT EXISTS || $.userIdentity.invokedBy = *) }`}, want: cover.Covered},
		{name: "two filters share the work", want: cover.Covered, filters: []string{
			`{ $.eventName = CreateVpc && $.userIdentity.invokedBy NOT EXISTS }`,
			`{ $.eventName = CreateVpc && $.userIdentity.invokedBy = "*" }`}},
		{name: "two filters, exclusion and its complement", want: cover.Covered, filters: []string{
			`{ $.eventName = CreateVpc && $.userAgent != "aws-cli*" }`,
			`{ $.eventName = "Create*" && $.userAgent = "aws-*" }`}},
		{name: "three kinds of identity", want: cover.Covered, filters: []string{
			`{ $.userIdentity.type = Root }`, `{ $.userIdentity.type = "IAM*" }`,
			`{ ($.userIdentity.type != Root) && ($.userIdentity.type != "IAM*") }`, `{ $.userIdentity.type NOT EXISTS }`}},
		{name: "regular expressions share the work", want: cover.Covered, filters: []string{
			`{ $.userAgent = %[0-9]% }`, `{ $.userAgent = %^[^0-9]*$% }`}},
		{name: "unlisted field", filters: []string{`{ $.eventName = CreateVpc && $.detail NOT EXISTS }`}, want: cover.Covered},
		{name: "below a string", filters: []string{`{ $.eventName = CreateVpc && $.userIdentity.arn.part NOT EXISTS }`}, want: cover.Covered},
		{name: "some field is the region", filters: []string{`{ $.* = "us-east-1" }`}, want: cover.Covered},

		// The filter can never hold.
		{name: "no filter", want: cover.Missed},
		{name: "wrong case", filters: []string{`{ $.eventName = "CreateVPC" }`}, want: cover.Missed},
		{name: "wrong case of the field", filters: []string{`{ $.EventName = "CreateVpc" }`}, want: cover.Missed},
		{name: "wrong field", filters: []string{`{ $.eventname = "CreateVpc" || $.event.name = "CreateVpc" }`}, want: cover.Missed},
		{name: "event bridge path", filters: []string{`{ $.detail.eventName = "CreateVpc" }`}, want: cover.Missed},
		{name: "junk in the name", filters: []string{`{ $.eventName = "CreateVpc " }`}, want: cover.Missed},
		{name: "question mark is no wildcard", filters: []string{`{ $.eventName = "CreateVp?" }`}, want: cover.Missed},
		{name: "contradiction", filters: []string{`{ ($.eventName = CreateVpc) && ($.eventName = DeleteVpc) }`}, want: cover.Missed},
		{name: "hidden contradiction", filters: []string{`{ $.eventName = CreateVpc && $.userAgent = "a*" && $.userAgent = %^[^a]% }`}, want: cover.Missed},
		{name: "other source", filters: []string{`{ ($.eventSource = vpc.amazonaws.com) && ($.eventName = CreateVpc) }`}, want: cover.Missed},
		{name: "other region", filters: []string{`{ $.eventName = CreateVpc && $.awsRegion = "eu-west-1" }`}, want: cover.Missed},
		{name: "other account", filters: []string{`{ $.eventName = CreateVpc && $.recipientAccountId = "999999999999" }`}, want: cover.Missed},
		{name: "readOnly as a string", filters: []string{`{ $.eventName = CreateVpc && $.readOnly = "false" }`}, want: cover.Missed},
		{name: "readOnly as a word", filters: []string{`{ $.eventName = CreateVpc && $.readOnly != true }`}, want: cover.Missed},
		{name: "readOnly the other way", filters: []string{`{ $.eventName = CreateVpc && $.readOnly IS TRUE }`}, want: cover.Missed},
		{name: "successful calls have no errorCode", filters: []string{`{ $.eventName = CreateVpc && $.errorCode != "AccessDenied" }`}, want: cover.Missed},
		{name: "only denied calls", filters: []string{`{ $.eventName = CreateVpc && $.errorCode = "*UnauthorizedOperation" }`}, want: cover.Missed},
		{name: "compares an object", filters: []string{`{ $.userIdentity = * }`}, want: cover.Missed},
		{name: "unlisted field is compared", filters: []string{`{ $.eventName = CreateVpc && $.userIdentity.email != "x" }`}, want: cover.Missed},
		{name: "order of a string", filters: []string{`{ $.eventName = CreateVpc && $.eventVersion >= 1.0 && $.eventTime > 0 }`}, want: cover.Missed},
		{name: "regex of another name", filters: []string{`{ $.eventName = %^Delete% }`}, want: cover.Missed},

		// The filter holds for some values.
		{name: "exclusion of an identity", filters: []string{`{ $.eventName = CreateVpc && $.userIdentity.arn != "arn:aws:iam::111122223333:role/deploy" }`}, want: cover.Conditional,
			lost: `userIdentity.arn is missing
				userIdentity.arn = "arn:aws:iam::111122223333:role/deploy"`},
		{name: "exclusion in total form", filters: []string{`{ $.eventName = CreateVpc && ($.userIdentity.arn NOT EXISTS || $.userIdentity.arn != "arn:aws:iam::111122223333:role/deploy") }`}, want: cover.Conditional,
			lost: `userIdentity.arn = "arn:aws:iam::111122223333:role/deploy"`},
		{name: "exclusion of a session", filters: []string{`{ $.eventName = CreateVpc && ($.userIdentity.arn NOT EXISTS || $.userIdentity.arn != "arn:aws:sts::111122223333:assumed-role/deploy/*") }`}, want: cover.Conditional,
			lost: `userIdentity.arn = "arn:aws:sts::111122223333:assumed-role/deploy/*"`},
		{name: "two exclusions", filters: []string{`{ $.eventName = CreateVpc && $.sourceIPAddress != "198.51.100.7" && $.sourceIPAddress != cloudformation.amazonaws.com }`}, want: cover.Conditional,
			lost: `sourceIPAddress = "198.51.100.7"
				sourceIPAddress = "cloudformation.amazonaws.com"`},
		{name: "not through services", filters: []string{`{ $.eventName = CreateVpc && $.userIdentity.invokedBy NOT EXISTS }`}, want: cover.Conditional,
			lost: `userIdentity.invokedBy exists`},
		{name: "!= on a field that is often absent", filters: []string{`{ $.eventName = CreateVpc && $.userIdentity.invokedBy != "cloudformation.amazonaws.com" }`}, want: cover.Conditional,
			lost: `userIdentity.invokedBy is missing
				userIdentity.invokedBy = "cloudformation.amazonaws.com"`},
		{name: "user agents", filters: []string{`{ $.eventName = CreateVpc && $.userAgent != "*Terraform*" && $.userAgent != "aws-cli*" }`}, want: cover.Conditional,
			lost: `userAgent = "*Terraform*"
				userAgent = "aws-cli*"`},
		{name: "only root", filters: []string{`{ $.eventName = CreateVpc && $.userIdentity.type = "Root" }`}, want: cover.Conditional,
			lost: `userIdentity.type is missing
				userIdentity.type exists and is anything but "Root"`},
		{name: "only one address", filters: []string{`{ $.eventName = CreateVpc && $.sourceIPAddress = "10.0.*" }`}, want: cover.Conditional,
			lost: `sourceIPAddress is anything but "10.0.*"`},
		{name: "request parameters", filters: []string{`{ $.eventName = CreateVpc && $.requestParameters.cidrBlock != "10.0.0.0/16" }`}, want: cover.Conditional,
			lost: `requestParameters.cidrBlock is missing
				requestParameters.cidrBlock = "10.0.0.0/16"
				requestParameters.cidrBlock is true, false, null, an object or an array`},
		{name: "role of the session", filters: []string{`{ $.eventName = CreateVpc && ($.userIdentity.sessionContext.sessionIssuer.userName != "ci" || $.userIdentity.sessionContext NOT EXISTS) }`}, want: cover.Conditional,
			lost: `userIdentity.sessionContext exists and userIdentity.sessionContext.sessionIssuer.userName is missing
				userIdentity.sessionContext.sessionIssuer.userName = "ci"`},
		{name: "two conditions in a disjunction", filters: []string{`{ $.eventName = CreateVpc && ($.userAgent = "console*" || $.userIdentity.type = "IAMUser") }`}, want: cover.Conditional,
			lost: `userAgent is anything but "console*" and userIdentity.type is missing
				userAgent is anything but "console*" and userIdentity.type exists and is anything but "IAMUser"`},
		{name: "independent exclusions", filters: []string{
			`{ $.eventName = CreateVpc && $.userAgent != "a*" && ($.userIdentity.userName NOT EXISTS || $.userIdentity.userName != "bob") && ($.userIdentity.invokedBy NOT EXISTS || $.userIdentity.invokedBy != "x.amazonaws.com") }`}, want: cover.Conditional,
			lost: `userAgent = "a*"
				userIdentity.userName = "bob"
				userIdentity.invokedBy = "x.amazonaws.com"`},
		{name: "a second filter narrows the exclusion", filters: []string{
			`{ $.eventName = CreateVpc && $.userAgent != "aws-cli*" }`, `{ $.eventName = CreateVpc && $.userAgent = "aws-cli/2*" }`}, want: cover.Conditional,
			lost: `userAgent = "aws-cli*" and userAgent is anything but "aws-cli/2*"`},
		{name: "unions of two fields", filters: []string{
			`{ $.eventName = CreateVpc && $.userAgent != "x" }`, `{ $.eventName = CreateVpc && $.sourceIPAddress != "y" }`}, want: cover.Conditional,
			lost: `userAgent = "x" and sourceIPAddress = "y"`},
		{name: "null is not missing", filters: []string{`{ $.eventName = CreateVpc && $.requestParameters IS NULL }`}, want: cover.Conditional,
			lost: `requestParameters is an object`},
		{name: "free field", filters: []string{`{ $.eventName = CreateVpc && $.vpcEndpointId NOT EXISTS }`}, want: cover.Conditional,
			lost: `vpcEndpointId exists`},
		{name: "session name by wildcard", filters: []string{`{ $.eventName = CreateVpc && ($.userIdentity.arn NOT EXISTS || $.userIdentity.arn != "*/admin") }`}, want: cover.Conditional,
			lost: `userIdentity.arn = "*/admin"`},
		{name: "regex exclusion", filters: []string{`{ $.eventName = CreateVpc && $.userAgent != %^aws-cli/2% }`}, want: cover.Conditional,
			lost: `userAgent = %^aws-cli/2%`},
		{name: "ports by value", filters: []string{`{ $.eventName = CreateVpc && $.requestParameters.port >= 1024 }`}, want: cover.Conditional,
			lost: `requestParameters.port is missing
				requestParameters.port < 1024
				requestParameters.port is a string, true, false, null, an object, an array or a number beyond the range of doubles`},
		{name: "MFA is Yes or No", filters: []string{`{ $.eventName = CreateVpc && ($.additionalEventData.MFAUsed = "No" || $.additionalEventData.MFAUsed NOT EXISTS) }`}, want: cover.Conditional,
			lost: `additionalEventData.MFAUsed = "Yes"`},
		{name: "MFA of the session", filters: []string{`{ $.eventName = CreateVpc && $.userIdentity.sessionContext.attributes.mfaAuthenticated = "false" }`}, want: cover.Conditional,
			lost: `userIdentity.sessionContext.attributes.mfaAuthenticated is missing
				userIdentity.sessionContext.attributes.mfaAuthenticated = "true"`},

		// Wildcards.
		{name: "some item", filters: []string{`{ $.eventName = CreateVpc && $.requestParameters.items[*].id = "vpc-1" }`}, want: cover.Conditional,
			lost: `no requestParameters.items.*.id = "vpc-1"`},
		{name: "no item", filters: []string{`{ $.eventName = CreateVpc && $.requestParameters.items[*].id != "vpc-1" }`}, want: cover.Conditional,
			lost: `requestParameters.items is missing
				some requestParameters.items.*.id = "vpc-1"`},
		{name: "items or none", filters: []string{`{ $.requestParameters.items[*] NOT EXISTS }`, `{ $.requestParameters.items[*] = * }`}, want: cover.Conditional,
			lost: `some requestParameters.items.* exists and no requestParameters.items.* = "*"`},
		{name: "some item and none", filters: []string{`{ $.requestParameters.items[*] = "a" }`, `{ $.requestParameters.items[*] != "a" }`, `{ $.requestParameters.items NOT EXISTS }`}, want: cover.Covered},
		{name: "a named member is a member", filters: []string{`{ $.requestParameters.* = "a" }`, `{ $.requestParameters.vpcId != "a" }`, `{ $.requestParameters.vpcId NOT EXISTS }`,
			`{ $.requestParameters.vpcId IS NULL }`, `{ $.requestParameters.vpcId IS TRUE || $.requestParameters.vpcId IS FALSE }`}, want: cover.Conditional,
			lost: `no requestParameters.* = "a" and requestParameters.vpcId is an object or an array without null`},
		{name: "arrays have no gaps", filters: []string{`{ $.resources[1] NOT EXISTS && $.resources[0] = * }`, `{ $.resources[0] NOT EXISTS }`}, want: cover.Conditional,
			lost: `resources[1] exists
				resources[0] is true, false, null, an object or an array`},
		{name: "what is behind a gap is missing", filters: []string{`{ $.resources[3] NOT EXISTS }`, `{ $.resources[2].ARN NOT EXISTS && $.resources[0] NOT EXISTS }`}, want: cover.Conditional,
			lost: `resources[3] exists`},
		{name: "null inside an array", filters: []string{`{ $.resources IS NULL }`, `{ $.resources[*] IS NULL && $.resources NOT EXISTS }`}, want: cover.Conditional,
			lost: `resources is missing
				resources is a string, a number, true, false, an object or an array without null`},

		// Failed calls.
		{name: "only successful calls", filters: []string{`{ $.eventName = CreateVpc && $.errorCode NOT EXISTS }`}, want: cover.Covered,
			failures: `errorCode exists`},
		{name: "without denied calls", filters: []string{`{ $.eventName = CreateVpc && ($.errorCode NOT EXISTS || $.errorCode != "AccessDenied*") && $.errorMessage NOT EXISTS }`}, want: cover.Covered,
			failures: `errorCode = "AccessDenied*"
				errorMessage exists`},
		{name: "an exclusion and only successful calls", filters: []string{`{ $.eventName = CreateVpc && $.errorCode NOT EXISTS && $.userAgent != "x" }`}, want: cover.Conditional,
			lost:     `userAgent = "x"`,
			failures: `errorCode exists and userAgent is anything but "x"`},
		{name: "failed calls as well", filters: []string{`{ $.eventName = CreateVpc && $.errorCode NOT EXISTS }`, `{ $.eventName = CreateVpc && $.errorCode = * }`}, want: cover.Covered},

		// Text patterns.
		{name: "term", filters: []string{`CreateVpc`}, want: cover.Covered},
		{name: "part of the name", filters: []string{`reateV`}, want: cover.Covered},
		{name: "phrase", filters: []string{`"CreateVpc" "us-east-1"`}, want: cover.Covered},
		{name: "compact JSON", filters: []string{`"\"eventName\":\"CreateVpc\""`}, want: cover.Covered},
		{name: "any of the terms", filters: []string{`?DeleteVpc ?CreateVpc`}, want: cover.Covered},
		{name: "another name", filters: []string{`DeleteVpc`}, want: cover.Conditional, lost: `the text of the record does not contain "DeleteVpc"`},
		{name: "excluded term", filters: []string{`CreateVpc -terraform`}, want: cover.Conditional, lost: `the text of the record contains "terraform"`},
		{name: "excluded name", filters: []string{`ec2 -CreateVpc`}, want: cover.Missed},
		{name: "regex on the text", filters: []string{`%Create[A-Z]pc%`}, want: cover.Covered},
		{name: "anchored regex on the text", filters: []string{`%^CreateVpc%`}, want: cover.Missed},
		{name: "anchored regex that always matches", filters: []string{`%^.\x22.*}$%`}, want: cover.Covered},
		{name: "one field", filters: []string{`[message = "*CreateVpc*"]`}, want: cover.Covered},
		{name: "any fields", filters: []string{`[...]`}, want: cover.Covered},
		{name: "fields of the text", filters: []string{`[w1, w2, ...]`}, want: cover.Unresolved, rules: cover.RuleTextPattern},
		{name: "fields beside a good filter", filters: []string{`[w1, w2 = CreateVpc]`, `{ $.eventName = CreateVpc }`}, want: cover.Covered},

		// Rules of the language that are not settled.
		{name: "asterisk in the middle", filters: []string{`{ $.eventName = "Create*pc" }`}, want: cover.Unresolved, rules: RuleMidAsterisk},
		{name: "asterisk in the middle of another name", filters: []string{`{ $.eventName = "Delete*pc" }`}, want: cover.Missed},
		{name: "asterisk in the middle beside a good filter", filters: []string{`{ $.eventName = "Create*pc" }`, `{ $.eventName = CreateVpc }`}, want: cover.Covered},
		{name: "asterisk in the middle of an exclusion", filters: []string{`{ $.eventName = CreateVpc && $.userIdentity.arn != "arn:aws:iam::*:role/ci" }`}, want: cover.Conditional,
			lost: `userIdentity.arn is missing`, rules: RuleMidAsterisk},
		{name: "asterisk in the middle where the field is absent", filters: []string{`{ $.eventName = CreateVpc && ($.errorCode NOT EXISTS || $.errorCode = "Access*Denied") }`}, want: cover.Covered,
			rules: ``},
		{name: "minus apart from its term", filters: []string{`CreateVpc - "CreateVpc"`}, want: cover.Unresolved, rules: RuleDetachedMinus},
	} {
		c.run(t, createVpc)
	}
}

func TestCoverWithoutRegion(t *testing.T) {
	for _, c := range []coverTest{
		{name: "by name", filters: []string{`{ $.eventName = "CreateVpc" }`}, want: cover.Covered},
		{name: "region", filters: []string{`{ $.eventName = "CreateVpc" && $.awsRegion = "us-east-1" }`}, want: cover.Conditional,
			lost: `awsRegion is anything but "us-east-1"`},
		{name: "no empty region", filters: []string{`{ $.eventName = "CreateVpc" && $.awsRegion != "" }`}, want: cover.Covered},
		{name: "account", filters: []string{`{ $.eventName = "CreateVpc" && $.recipientAccountId != "111122223333" }`}, want: cover.Conditional,
			lost: `recipientAccountId = "111122223333"`},
	} {
		c.run(t, anywhere)
	}
}

func TestCoverOfConditions(t *testing.T) {
	for _, c := range []coverTest{
		{name: "its own text", filters: []string{unauthorizedText}, want: cover.Covered},
		{name: "order and parentheses", want: cover.Covered, filters: []string{
			`{(($.sourceIPAddress!=delivery.logs.amazonaws.com)&&($.eventName!=HeadBucket)&&($.errorCode=AccessDenied*))||($.errorCode=*UnauthorizedOperation)}`}},
		{name: "without the exclusions", filters: []string{`{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }`}, want: cover.Covered},
		{name: "tautology", filters: []string{`{ ($.sourceIPAddress!="delivery.logs.amazonaws.com") || ($.eventName!="HeadBucket") || ($.errorCode = "*UnauthorizedOperation")}`}, want: cover.Covered},
		{name: "two filters", filters: []string{`{ $.errorCode = "*UnauthorizedOperation" }`, `{ $.errorCode = "AccessDenied*" && $.eventName != HeadBucket }`}, want: cover.Covered},
		{name: "contains", filters: []string{`{ $.errorCode = "*AccessDenied*" || $.errorCode = "*Unauthorized*" }`}, want: cover.Covered},
		{name: "regex", filters: []string{`{ $.errorCode = %UnauthorizedOperation$|^AccessDenied% }`}, want: cover.Covered},
		{name: "any error", filters: []string{`{ $.errorCode = * }`}, want: cover.Covered},
		{name: "precedence changed", filters: []string{
			`{ (($.errorCode ="*UnauthorizedOperation") || ($.errorCode ="AccessDenied*")) && ($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket") }`}, want: cover.Covered,
			doubtful: `sourceIPAddress = "delivery.logs.amazonaws.com"
				eventName = "HeadBucket"`},
		{name: "half", filters: []string{`{ $.errorCode = "AccessDenied*" }`}, want: cover.Conditional,
			lost: `errorCode is anything but "AccessDenied*"`},
		{name: "exact codes only", filters: []string{`{ $.errorCode = "*UnauthorizedOperation" || $.errorCode = AccessDenied || $.errorCode = AccessDeniedException }`}, want: cover.Conditional,
			lost: `errorCode is anything but "*UnauthorizedOperation", "AccessDenied" and "AccessDeniedException"`},
		{name: "only successful calls", filters: []string{`{ $.errorCode NOT EXISTS }`}, want: cover.Missed},
		{name: "other codes", filters: []string{`{ $.errorCode = "Throttling*" && $.errorCode != "*Operation" }`}, want: cover.Missed},
		{name: "asterisk in the middle", filters: []string{`{ $.errorCode = "*Unauthorized*Operation" || $.errorCode = "AccessDenied*" }`}, want: cover.Unresolved,
			rules: RuleMidAsterisk},
	} {
		c.run(t, unauthorized(t))
	}
	for _, c := range []coverTest{
		{name: "its own text", filters: []string{signInText}, want: cover.Covered},
		{name: "without the identity", filters: []string{`{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }`}, want: cover.Covered},
		{name: "the other way to say it", filters: []string{`{ $.eventName = ConsoleLogin && $.additionalEventData.MFAUsed = No && $.userIdentity.type = IAMUser }`}, want: cover.Covered},
		{name: "all sign-ins", filters: []string{`{ $.eventName = ConsoleLogin }`}, want: cover.Covered},
		{name: "all but SAML, and but failures", want: cover.Covered,
			filters: []string{`{ $.eventName = ConsoleLogin && $.additionalEventData.MFAUsed != "Yes" && $.responseElements.ConsoleLogin != "Failure" && $.additionalEventData.SamlProviderArn NOT EXISTS }`}},
		{name: "users by ARN", filters: []string{`{ $.eventName = ConsoleLogin && $.userIdentity.arn = "arn:aws:iam::*" && $.additionalEventData.MFAUsed = No }`}, want: cover.Covered,
			doubtful: `userIdentity.arn is missing
				userIdentity.arn exists and is anything but "arn:aws:iam::*"`},
		{name: "users by the beginning of the ARN", filters: []string{`{ $.eventName = ConsoleLogin && $.userIdentity.arn = "arn:aws*" && $.additionalEventData.MFAUsed = No }`}, want: cover.Covered,
			doubtful: `userIdentity.arn is missing
				userIdentity.arn exists and is anything but "arn:aws*"`},
		{name: "users with a name", filters: []string{`{ $.eventName = ConsoleLogin && $.userIdentity.userName = * && $.additionalEventData.MFAUsed = No }`}, want: cover.Covered,
			doubtful: `userIdentity.userName is missing`},
		{name: "SAML only", filters: []string{`{ $.eventName = ConsoleLogin && $.additionalEventData.SamlProviderArn = * }`}, want: cover.Missed},
		{name: "sign-ins with MFA", filters: []string{`{ $.eventName = ConsoleLogin && $.additionalEventData.MFAUsed = "Yes" }`}, want: cover.Missed},
		{name: "MFAUsed as a boolean", filters: []string{`{ $.eventName = ConsoleLogin && $.additionalEventData.MFAUsed IS FALSE }`}, want: cover.Missed},
		{name: "root only", filters: []string{`{ $.eventName = ConsoleLogin && $.userIdentity.type = Root }`}, want: cover.Missed},
		{name: "one user left out", filters: []string{`{ $.eventName = ConsoleLogin && $.additionalEventData.MFAUsed != "Yes" && ($.userIdentity.userName != "breakglass" || $.userIdentity.userName NOT EXISTS) }`}, want: cover.Conditional,
			lost: `userIdentity.userName = "breakglass"`},
	} {
		c.run(t, signInWithoutMFA(t))
	}
	for _, c := range []coverTest{
		{name: "its own text", filters: []string{rootText}, want: cover.Covered},
		{name: "nested and reordered", filters: []string{`{ ($.eventType != AwsServiceEvent) && (($.userIdentity.invokedBy NOT EXISTS) && ($.userIdentity.type = Root)) }`}, want: cover.Covered},
		{name: "all of root", filters: []string{`{ $.userIdentity.type = "Root" }`}, want: cover.Covered},
		{name: "by principal", filters: []string{`{ $.userIdentity.arn = "*:root" }`}, want: cover.Covered},
		{name: "by the account", filters: []string{`{ $.userIdentity.principalId = "111122223333" }`}, want: cover.Covered},
		{name: "another account's root", filters: []string{`{ $.userIdentity.arn = "arn:aws:iam::444455556666:root" }`}, want: cover.Missed},
		{name: "without the root user", filters: []string{`{ $.userIdentity.type = "Root" && $.userIdentity.arn != "arn:aws:iam::111122223333:root" }`}, want: cover.Missed},
		{name: "without the root user's id", filters: []string{`{ $.userIdentity.type = "Root" && $.userIdentity.principalId != "111122223333" }`}, want: cover.Missed},
		{name: "without the own account", filters: []string{`{ $.userIdentity.type = "Root" && $.userIdentity.accountId != "111122223333" }`}, want: cover.Missed},
		{name: "wrong case", filters: []string{`{ $.userIdentity.type = "root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }`}, want: cover.Missed},
		{name: "only writes", filters: []string{`{ $.userIdentity.type = "Root" && $.readOnly IS FALSE }`}, want: cover.Conditional,
			lost: `readOnly is true`},
		{name: "through services only", filters: []string{`{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy = * }`}, want: cover.Missed},
		{name: "API calls only", filters: []string{`{ $.userIdentity.type = "Root" && $.eventType = "AwsApiCall" }`, `{ $.userIdentity.type = "Root" && $.eventType = "AwsConsole*" }`}, want: cover.Covered,
			doubtful: `eventType is anything but "AwsConsole*" and "AwsApiCall"`},
		{name: "by a type or by the account's root", filters: []string{`{ $.userIdentity.arn = "arn:aws:iam::111122223333:root" }`}, want: cover.Covered},
		{name: "reads left out", filters: []string{`{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventName != "Describe*" && $.eventName != "List*" && $.eventName != "Get*" }`}, want: cover.Conditional,
			lost: `eventName = "Describe*"
				eventName = "List*"
				eventName = "Get*"`},
		{name: "names are not empty", filters: []string{`{ $.userIdentity.type = "Root" && $.eventName != "" && $.eventSource != "" }`}, want: cover.Covered},
	} {
		c.run(t, rootUsage(t))
	}
	for _, c := range []coverTest{
		{name: "its own text", filters: []string{failureText}, want: cover.Covered},
		{name: "any error message", filters: []string{`{ $.eventName = ConsoleLogin && $.errorMessage = * }`}, want: cover.Covered},
		{name: "wrong case", filters: []string{`{ $.eventName = ConsoleLogin && $.errorMessage = "Failed Authentication" }`}, want: cover.Missed},
		{name: "by the response", filters: []string{`{ $.eventName = ConsoleLogin && $.responseElements.ConsoleLogin = "Failure" }`}, want: cover.Covered},
		{name: "by the other response", filters: []string{`{ $.eventName = ConsoleLogin && $.responseElements.ConsoleLogin = "Success" }`}, want: cover.Missed},
		{name: "by the response in lower case", filters: []string{`{ $.eventName = ConsoleLogin && $.responseElements.ConsoleLogin = "failure" }`}, want: cover.Missed},
		{name: "by a response that is null", filters: []string{`{ $.eventName = ConsoleLogin && $.responseElements IS NULL }`}, want: cover.Missed},
		{name: "regex", filters: []string{`{ $.eventName = %Login$% && $.errorMessage = %^Failed\sauthentication$% }`}, want: cover.Covered},
	} {
		c.run(t, signInFailures(t))
	}
}

func TestCoverOfSignIn(t *testing.T) {
	for _, c := range []coverTest{
		{name: "by name", filters: []string{`{ $.eventName = ConsoleLogin }`}, want: cover.Covered},
		{name: "as an API call", filters: []string{`{ $.eventName = ConsoleLogin && $.eventType = AwsApiCall }`}, want: cover.Missed},
		{name: "without MFA", filters: []string{`{ $.eventName = ConsoleLogin && $.additionalEventData.MFAUsed != Yes }`}, want: cover.Conditional,
			lost: `additionalEventData.MFAUsed is missing
				additionalEventData.MFAUsed = "Yes"`},
		{name: "successful ones", filters: []string{`{ $.eventName = ConsoleLogin && $.errorMessage NOT EXISTS }`}, want: cover.Covered,
			failures: `errorMessage exists`},
	} {
		c.run(t, signIn)
	}
}

func TestCoverAxioms(t *testing.T) {
	for _, c := range []struct {
		name, filter string
		want         cover.Verdict
		axioms       []string
	}{
		{"by name", `{ $.eventName = CreateVpc }`, cover.Covered, []string{"eventName is the required one"}},
		{"by name or source", `{ $.eventName = CreateVpc || $.eventSource = ec2.amazonaws.com }`, cover.Covered, []string{"eventSource is the required one"}},
		{"everything", ``, cover.Covered, nil},
		{"boolean", `{ $.readOnly IS FALSE }`, cover.Covered, []string{"readOnly is false"}},
		{"string", `{ $.userAgent = * }`, cover.Covered, []string{"userAgent is a string"}},
		{"wrong case", `{ $.eventName = createvpc && $.awsRegion = us-east-1 }`, cover.Missed, []string{"eventName is the required one"}},
		{"wrong kind", `{ $.userIdentity = * }`, cover.Missed, []string{"userIdentity is an object"}},
		{"unlisted", `{ $.detail NOT EXISTS }`, cover.Covered, []string{cloudtrail.AxiomUnlisted}},
		{"strings or absent", `{ $.userIdentity.arn NOT EXISTS || $.userIdentity.arn = * }`, cover.Covered, []string{cloudtrail.AxiomIdentity}},
		{"success", `{ $.errorCode NOT EXISTS }`, cover.Covered, []string{"errorCode and errorMessage are absent in successful calls"}},
		{"text", `CreateVpc`, cover.Covered, []string{cloudtrail.AxiomText}},
		{"condition", `{ $.userAgent = "x" }`, cover.Conditional, []string{"userAgent is a string"}},
	} {
		filters := []*Pattern{mustParse(t, c.filter)}
		got := coverOf(filters, cloudtrail.Requirement{Probes: []cloudtrail.Probe{createVpc}}).Probes[0]
		if axioms := axiomsOf(filters, got); got.Verdict != c.want || !slices.Equal(axioms, c.axioms) {
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
		want    cover.Verdict
		rules   []string
	}{
		{"alone", []*Pattern{nil}, cover.Unresolved, []string{cover.RuleNotUnderstood}},
		{"beside a filter that covers", []*Pattern{nil, byName}, cover.Covered, nil},
		{"beside one that may be enough", []*Pattern{byAgent, nil}, cover.Unresolved, []string{cover.RuleNotUnderstood}},
	} {
		got := coverOf(c.filters, cloudtrail.Requirement{Probes: []cloudtrail.Probe{createVpc}}).Probes[0]
		if got.Verdict != c.want || !slices.Equal(got.Rules, c.rules) {
			t.Errorf("%s: %v %q, want %v %q", c.name, got.Verdict, got.Rules, c.want, c.rules)
		}
	}
}

func TestCoverOfAnEmptyProbe(t *testing.T) {
	p := createVpc
	p.Condition = mustParse(t, `{ $.eventName = DeleteVpc }`)
	got := coverOf([]*Pattern{mustParse(t, ``)}, cloudtrail.Requirement{Probes: []cloudtrail.Probe{p}}).Probes[0]
	if got.Verdict != cover.Unresolved || !slices.Equal(got.Rules, []string{cover.RuleNoRecord}) {
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
	c := coverOf(filters, cloudtrail.Requirement{Probes: []cloudtrail.Probe{createVpc, other}})
	if c.Verdict() != cover.Missed || c.Probes[0].Verdict != cover.Covered || c.Probes[1].Verdict != cover.Missed {
		t.Errorf("got %v of %v and %v", c.Verdict(), c.Probes[0].Verdict, c.Probes[1].Verdict)
	}
	if v := (cloudtrail.Coverage{}).Verdict(); v != cover.Covered {
		t.Errorf("verdict without probes: %v", v)
	}
}

package pattern

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
)

func TestRecordOfAProbe(t *testing.T) {
	china := createVpc
	china.Region, china.Account = "cn-north-1", "444455556666"
	for _, c := range []struct {
		name  string
		probe cloudtrail.Probe
		match []string // patterns that the record matches
	}{
		{"event", createVpc, []string{`{ $.eventName = CreateVpc && $.eventSource = ec2.amazonaws.com && $.awsRegion = us-east-1 && $.readOnly IS FALSE }`,
			`{ $.recipientAccountId = "111122223333" && $.userIdentity.arn = "arn:aws:iam::111122223333:user/alice" && $.eventType = AwsApiCall }`,
			`{ $.errorCode NOT EXISTS && $.errorMessage NOT EXISTS && $.eventCategory = Management && $.managementEvent IS TRUE }`}},
		{"partition", china, []string{`{ $.userIdentity.arn = "arn:aws-cn:iam::444455556666:user/alice" && $.awsRegion = cn-north-1 }`}},
		{"sign-in", signIn, []string{`{ $.responseElements.ConsoleLogin = Success && $.additionalEventData.MFAUsed = No && $.eventType = AwsConsoleSignIn }`}},
		{"unauthorized", unauthorized(t), []string{unauthorizedText}},
		{"sign-in without MFA", signInWithoutMFA(t), []string{signInText}},
		{"root", rootUsage(t), []string{rootText, `{ $.userIdentity.arn = "*:root" && $.userIdentity.userName NOT EXISTS }`}},
		{"sign-in failure", signInFailures(t), []string{failureText}},
		{"anything", cloudtrail.Probe{}, []string{`{ $.eventName = * && $.eventSource = "*.amazonaws.com" && $.readOnly IS FALSE }`}},
	} {
		record := c.probe.Record()
		if !json.Valid(record) || strings.ContainsAny(string(record), "\n\t") {
			t.Errorf("%s: not compact JSON: %s", c.name, record)
		}
		for _, text := range c.match {
			if mustParse(t, text).Match(record) != match.Match {
				t.Errorf("%s: %s does not match %s", c.name, text, record)
			}
		}
	}
}

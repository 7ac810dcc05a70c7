package eventpattern

import (
	"strings"
	"testing"
)

func recordOf(source, kind, region string) []byte {
	return []byte(`{"eventSource":"` + source + `","eventType":"` + kind + `","awsRegion":"` + region +
		`","eventTime":"2026-01-02T03:04:05Z","eventID":"e1","recipientAccountId":"111122223333"}`)
}

func TestEnvelopes(t *testing.T) {
	events, err := Envelopes(recordOf("ec2.amazonaws.com", "AwsApiCall", "eu-west-1"))
	if err != nil || len(events) != 1 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	want := `{"version":"0","id":"e1","detail-type":"AWS API Call via CloudTrail","source":"aws.ec2","account":"111122223333",` +
		`"time":"2026-01-02T03:04:05Z","region":"eu-west-1","resources":[],"detail":` + string(recordOf("ec2.amazonaws.com", "AwsApiCall", "eu-west-1")) + `}`
	if string(events[0]) != want {
		t.Errorf("got  %s\nwant %s", events[0], want)
	}
	for _, bad := range []string{`[]`, `{}`, `{"eventSource":"x","eventType":"y"}`} {
		if _, err := Envelopes([]byte(bad)); err == nil || !strings.HasPrefix(err.Error(), "reading a CloudTrail record") {
			t.Errorf("Envelopes(%s): %v", bad, err)
		}
	}
}

// TestMatchRecord shows where the spelling of detail-type decides.
func TestMatchRecord(t *testing.T) {
	const first, second = `"AWS Console Sign In via CloudTrail"`, `"AWS Console Signin via CloudTrail"`
	tests := []struct {
		name, pattern, kind, region string
		want                        Verdict
	}{
		{"call", `{"source":["aws.signin"],"detail-type":["AWS API Call via CloudTrail"]}`, "AwsApiCall", "us-east-1", Match},
		{"other", `{"source":["aws.s3"]}`, "AwsApiCall", "us-east-1", NoMatch},
		{"one spelling", `{"detail-type":[` + second + `]}`, "AwsConsoleSignIn", "us-east-1", Undetermined},
		{"both spellings", `{"detail-type":[` + first + `,` + second + `]}`, "AwsConsoleSignIn", "us-east-1", Match},
		{"the spelling of sample events", `{"detail-type":[` + first + `]}`, "AwsConsoleSignIn", "us-east-1", Match},
		{"China", `{"detail-type":["AWS API Call via CloudTrail"]}`, "AwsApiCall", "cn-north-1", Match},
		{"China, the other spelling", `{"detail-type":["Amazon API Call via CloudTrail"]}`, "AwsApiCall", "cn-north-1", Undetermined},
		{"the other spelling elsewhere", `{"detail-type":["Amazon API Call via CloudTrail"]}`, "AwsApiCall", "us-east-1", NoMatch},
		{"unknown type", `{"source":["aws.signin"]}`, "New", "us-east-1", Undetermined},
	}
	for _, tt := range tests {
		if got := mustParse(t, tt.pattern).MatchRecord(recordOf("signin.amazonaws.com", tt.kind, tt.region)); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

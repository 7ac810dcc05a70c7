package finding

import "testing"

func TestElsewhere(t *testing.T) {
	for resource, want := range map[string]string{
		"": "", "eu-central-1/Fleet/nacl": "", "arn:aws:s3:::bucket": "", "arn:aws:logs:eu-central-1:111122223333:log-group:ct": "",
		"arn:aws:logs:eu-central-1:200000000000:log-group:ct:metric-filter:a:b": "200000000000",
	} {
		f := Finding{Account: "111122223333", Reasons: []Reason{{Resource: resource}, {Resource: "arn:aws:sns:eu-central-1:300000000000:t"}}}
		if got := f.Elsewhere(); got != want {
			t.Errorf("%q: %q, want %q", resource, got, want)
		}
	}
	if got := (&Finding{Account: "111122223333"}).Elsewhere(); got != "" {
		t.Errorf("without a reason: %q", got)
	}
}

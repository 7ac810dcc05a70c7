package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/exit"
)

// TestCanariesOfRecords plants secrets in a record: replay, which shows records whole
// in JSON and in the details of a single control, and pattern test print none of them in
// any format.
func TestCanariesOfRecords(t *testing.T) {
	file := filepath.Join(t.TempDir(), "records.json")
	write(t, file, `{"Records":[{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/alice","accountId":"111122223333",
"accessKeyId":"AKIACANARY","userName":"alice"},"eventTime":"2026-11-20T10:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"CreateSecurityGroup","awsRegion":"eu-central-1",
"sourceIPAddress":"203.0.113.9","userAgent":"cli","requestParameters":{"groupDescription":"PARAMETER"},"responseElements":{"credentials":{"sessionToken":"TOKENCANARY","secretAccessKey":"SECRETCANARY"}},
"readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management"}]}`)
	const one = "--control=security-group-changes"
	for _, tt := range []struct {
		args  []string
		whole bool // the record is shown
	}{
		{[]string{"replay", file, "--patterns-only"}, false},
		{[]string{"replay", file, "--patterns-only", one, "--suggest"}, true},
		{[]string{"replay", file, "--patterns-only", one, "--evidence", "0"}, false},
		{[]string{"replay", file, "--patterns-only", "-o", "csv"}, false},
		{[]string{"replay", file, "--patterns-only", "-o", "json"}, true},
		{[]string{"pattern", "test", "{ $.eventName = CreateSecurityGroup }", "--cloudtrail", file}, false},
	} {
		args := tt.args
		var out, errs bytes.Buffer
		if code := Main(args, strings.NewReader(""), &out, &errs, os.Environ()); code != exit.Done {
			t.Errorf("%v: exit code %d: %s", args, code, errs.String())
		}
		all := out.String() + errs.String()
		if i := strings.Index(all, "CANARY"); i >= 0 {
			t.Errorf("%v: a secret of the record is printed: %s", args, around(all, "CANARY"))
		}
		if got := strings.Contains(all, "PARAMETER"); got != tt.whole {
			t.Errorf("%v: the parameters of the record are printed: %t, want %t", args, got, tt.whole)
		}
	}
}

package cmd

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/permissions"
	"github.com/monitorctl/monitorctl/internal/files"
)

// TestSecurityDocument holds SECURITY.md and its like to what the program does: how
// subscribers are masked, which modes files have, and what is never read.
func TestSecurityDocument(t *testing.T) {
	doc := map[string]string{}
	for _, name := range []string{"SECURITY.md", "docs/scope.md", "docs/credentials.md"} {
		text, err := os.ReadFile("../" + name)
		if err != nil {
			t.Fatal(err)
		}
		doc[name] = string(text)
	}
	for protocol, endpoint := range map[string]string{"email": "security@example.com", "sms": "+4915112345678", "https": "https://example.com/token"} {
		for name, text := range doc {
			if name == "docs/credentials.md" {
				continue // it is about the reader's own
			}
			if masked := account.MaskEndpoint(protocol, endpoint); !strings.Contains(text, "`"+masked+"`") {
				t.Errorf("%s does not show that %s becomes %s", name, protocol, masked)
			}
		}
	}
	arn := "arn:aws:sqs:eu-central-1:111122223333:alerts"
	for protocol, endpoint := range map[string]string{"email": "security@example.com", "sqs": arn} {
		if got := (action.Subscribe{Protocol: protocol, Endpoint: endpoint}).ShownEndpoint(); got != endpoint {
			t.Errorf("a new subscriber %s is shown as %s, and SECURITY.md says whole", endpoint, got)
		}
	}
	for _, mode := range []string{fmt.Sprintf("%04o", files.Private), fmt.Sprintf("%04o", files.Public)} {
		if !strings.Contains(doc["SECURITY.md"], mode) {
			t.Errorf("SECURITY.md does not name the mode %s", mode)
		}
	}
	never := []string{"logs:GetLogEvents", "logs:FilterLogEvents", "logs:StartQuery"}
	for _, op := range never {
		if !strings.Contains(doc["SECURITY.md"], "`"+op[strings.Index(op, ":")+1:]+"`") {
			t.Errorf("SECURITY.md does not say that %s is never called", op)
		}
	}
	for _, op := range permissions.Table() {
		for _, action := range op.Actions {
			if !strings.Contains(doc["docs/credentials.md"], "`"+action+"`") {
				t.Errorf("docs/credentials.md does not list %s", action)
			}
			if forbidden(action) && (op.From != permissions.Drill || action != "cloudwatch:GetMetricData") || slices.Contains(never, action) {
				t.Errorf("%s is called, and SECURITY.md says that it is not", action)
			}
		}
	}
}

// ofForwarders are what apply and undo need for the role that forwards events to the
// home region, and for that of a trail.
var ofForwarders = []string{"PassRole", "CreateRole", "TagRole", "PutRolePolicy", "DeleteRolePolicy", "DeleteRole", "CreateServiceLinkedRole"}

// ofBuckets are the actions on a bucket's settings, and the list by which it is known to be
// empty, that a trail's bucket needs. None of them reads or changes an object.
var ofBuckets = []string{
	"ListBucket", "ListBucketVersions", "GetBucketTagging", "GetBucketPublicAccessBlock", "GetBucketOwnershipControls", "GetBucketVersioning", "GetEncryptionConfiguration", "GetBucketPolicy",
	"CreateBucket", "TagResource", "PutBucketTagging", "PutBucketPublicAccessBlock", "PutBucketOwnershipControls", "PutBucketVersioning", "PutEncryptionConfiguration", "PutBucketPolicy", "DeleteBucket",
}

// forbidden reports whether an action is among those that SECURITY.md rules out.
func forbidden(action string) bool {
	service, call, _ := strings.Cut(action, ":")
	return service == "s3" && !slices.Contains(ofBuckets, call) || slices.Contains([]string{"secretsmanager", "ssm", "sqs", "lambda"}, service) ||
		strings.Contains(call, "Decrypt") || strings.Contains(call, "MetricData") || strings.Contains(call, "MetricStatistics") ||
		service == "iam" && !slices.Contains(ofForwarders, call) && !slices.Contains([]string{"ListAccountAliases", "GetRole", "ListRolePolicies", "GetRolePolicy", "ListAttachedRolePolicies"}, call)
}

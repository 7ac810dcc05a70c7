package eventnames

import (
	"fmt"
	"strings"
	"testing"
)

func TestKnown(t *testing.T) {
	for _, c := range []struct {
		source, name string
		want         bool
	}{
		{"cloudtrail.amazonaws.com", "DeleteTrail", true},
		{"ec2.amazonaws.com", "DeleteTrail", false},
		{"", "DeleteTrail", true},
		{"", "deleteTrail", false},
		{"kms.amazonaws.com", "RotateKey", true},
		{"signin.amazonaws.com", "ConsoleLogin", true},
		{"s3.amazonaws.com", "PutBucketPublicAccessBlock", true},
		{"", "UpdateTrial", true}, // SageMaker's
		{"cloudtrail.amazonaws.com", "UpdateTrial", false},
		{"lambda.amazonaws.com", "DeleteTrail", false},
		{"", "", false},
	} {
		if got := Known(c.source, c.name); got != c.want {
			t.Errorf("Known(%q, %q) = %t, want %t", c.source, c.name, got, c.want)
		}
	}
}

func TestNearest(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"DeleteTrail", "DeleteTrail"},
		{"DeletTrail", "DeleteTrail"},
		{"DeleteTrial", "DeleteTrail"},
		{"deletetrial", "DeleteTrail"},
		{"DelteTrial", "DeleteTrail"},
		{"AuthorizeSecurityGroupsIngress", "AuthorizeSecurityGroupIngress"},
		{"RevokeSecurityGroupEgres", "RevokeSecurityGroupEgress"},
		{"CreateNetworkAclEntrys", "CreateNetworkAclEntry"},
		{"FooBarBaz", ""},
		{"Sgn", ""},       // too short to be a misspelling of Sign
		{"CreateDBx", ""}, // three changes
		{"", ""},
		{strings.Repeat("DeleteTrail", 1000), ""},
	} {
		got, ok := Nearest(c.name)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("Nearest(%.40q) = %q, %t, want %q", c.name, got, ok, c.want)
		}
	}
}

func TestCased(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"deleteTrail", "DeleteTrail"},
		{"DELETETRAIL", "DeleteTrail"},
		{"DeleteTrail", ""},
		{"DeleteTrial", ""},
		{"createVPC", "CreateVpc"},
	} {
		if got, ok := Cased(c.name); got != c.want || ok != (c.want != "") {
			t.Errorf("Cased(%q) = %q, %t, want %q", c.name, got, ok, c.want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "ab", 1},
		{"abc", "xbc", 1}, {"ab", "ba", 1}, {"abcd", "dcba", 3}, {"trail", "trial", 1}, {"kitten", "sitting", 3},
	} {
		if got := distance(c.a, c.b, 10); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		for limit := range 4 {
			if got := distance(c.a, c.b, limit); got != c.want && (got <= limit || c.want <= limit) {
				t.Errorf("distance(%q, %q) within %d = %d, want %d or more than the limit", c.a, c.b, limit, got, c.want)
			}
		}
	}
}

func TestSources(t *testing.T) {
	if got := fmt.Sprint(Sources()); !strings.HasPrefix(got, "[cloudtrail.amazonaws.com config.amazonaws.com ec2.amazonaws.com") {
		t.Errorf("got %s", got)
	}
}

func TestOwner(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"CreateVpc", "ec2.amazonaws.com"},
		{"ConsoleLogin", "signin.amazonaws.com"},
		{"CreateTags", ""},  // WorkSpaces has it, too
		{"HeadBucket", ""},  // S3 Express
		{"TagResource", ""}, // of many
		{"CreateVpcs", ""},  // of none
		{"UpdateTrial", ""}, // of a service that is not listed
		{"StopLogging", "cloudtrail.amazonaws.com"},
	} {
		if got, ok := Owner(c.name); got != c.want || ok != (c.want != "") {
			t.Errorf("Owner(%q) = %q, %t, want %q", c.name, got, ok, c.want)
		}
	}
}

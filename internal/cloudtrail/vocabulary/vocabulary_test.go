package vocabulary

import (
	"slices"
	"strings"
	"testing"
)

func TestVocabularies(t *testing.T) {
	for _, c := range []struct {
		path, text string
		occurs     bool
		nearest    string
	}{
		{"userIdentity.type", "Root", true, "Root"},
		{"userIdentity.type", "root", false, "Root"},
		{"userIdentity.type", "IAMUsers", false, "IAMUser"},
		{"userIdentity.type", "*User", true, "SAMLUser"},
		{"userIdentity.type", "Banana", false, ""},
		{"userIdentity.type", "aws*", false, ""},
		{"userIdentity.type", "*", true, ""},
		{"eventType", "AWSServiceEvent", false, "AwsServiceEvent"},
		{"eventType", "Aws*Event", true, ""},
		{"additionalEventData.MFAUsed", "yes", false, "Yes"},
		{"responseElements.ConsoleLogin", "failure", false, "Failure"},
		{"recipientAccountId", "111122223333", true, ""},
		{"recipientAccountId", "1111-2222-3333", false, ""},
		{"recipientAccountId", "1111*", true, ""},
		{"eventName", "CreateTrail || DeleteTrail", false, ""},
		{"eventName", "CreateTrail", true, ""},
	} {
		v, ok := Of(c.path)
		if !ok {
			t.Errorf("%s has no vocabulary", c.path)
			continue
		}
		if got := v.Occurs(c.text); got != c.occurs {
			t.Errorf("%s %q: occurs: %t", c.path, c.text, got)
		}
		if got := v.Nearest(c.text); !c.occurs && got != c.nearest {
			t.Errorf("%s %q: nearest %q, want %q", c.path, c.text, got, c.nearest)
		}
	}
	if _, ok := Of("userIdentity.userName"); ok {
		t.Error("user names are open")
	}
	for _, path := range Paths() {
		v, _ := Of(path)
		if !strings.HasPrefix(v.Page, "https://docs.aws.amazon.com/") || (v.Form == nil) == (v.Values == nil) {
			t.Errorf("%s: %+v", path, v)
		}
		for _, value := range v.Values {
			if !v.Occurs(value) {
				t.Errorf("%s: %s does not occur", path, value)
			}
		}
	}
}

func TestSignInMessage(t *testing.T) {
	for text, want := range map[string]string{
		"Failed authentication": "", "Failedauthentication": "Failed authentication", "failed authentication": "Failed authentication",
		"Failed": "", "No username found in supplied account": "",
	} {
		if got := SignInMessage(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestSources(t *testing.T) {
	if !slices.IsSorted(sources()) || len(sources()) < 300 {
		t.Errorf("%d sources", len(sources()))
	}
	for _, c := range []struct {
		text    string
		known   bool
		nearest string
		sure    bool
	}{
		{"kms.amazonaws.com", true, "", false},
		{"signin.amazonaws.com", true, "", false},
		{"kms.amazon.com", false, "kms.amazonaws.com", true},
		{"KMS.amazonaws.com", false, "kms.amazonaws.com", true},
		{"aws.ec2", false, "ec2.amazonaws.com", true},
		{"guarduty.amazonaws.com", false, "guardduty.amazonaws.com", false},
		{"kms", false, "kms.amazonaws.com", true},
		{"brandnewservice.amazonaws.com", false, "", false},
	} {
		if KnownSource(c.text) != c.known {
			t.Errorf("%s: known: %t", c.text, !c.known)
		}
		if c.known {
			continue
		}
		if nearest, sure := NearestSource(c.text); nearest != c.nearest || sure != c.sure {
			t.Errorf("%s: got %q, %t", c.text, nearest, sure)
		}
	}
}

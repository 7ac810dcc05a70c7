package audit

import (
	"testing"

	"github.com/monitorctl/monitorctl/internal/cover"
)

// TestNamed: only what names one identity, account, service or address may be
// left out on purpose; a class of identities, and the own account, are a gap.
func TestNamed(t *testing.T) {
	const own, foreign = "111122223333", "444455556666"
	const issuer = "userIdentity.sessionContext.sessionIssuer."
	for _, c := range []struct {
		name        string
		path, value string
		want        bool
	}{
		{"an ARN", "userIdentity.arn", "arn:aws:iam::111122223333:user/alice", true},
		{"a principal id", "userIdentity.principalId", "AIDAEXAMPLEALICE00001", true},
		{"a user name", "userIdentity.userName", "alice", true},
		{"a service", "userIdentity.invokedBy", "cloudformation.amazonaws.com", true},
		{"an address", "sourceIPAddress", "203.0.113.24", true},
		{"a foreign account", "userIdentity.accountId", foreign, true},
		{"the own account", "userIdentity.accountId", own, false},
		{"AWS's services", "userIdentity.type", "AWSService", true},
		{"a type of identity", "userIdentity.type", "AssumedRole", false},
		{"a role by ARN", issuer + "arn", "arn:aws:iam::111122223333:role/deploy", true},
		{"a role by id", issuer + "principalId", "AROAEXAMPLEDEPLOY0001", true},
		{"a role by name", issuer + "userName", "deploy", true},
		{"roles of a foreign account", issuer + "accountId", foreign, true},
		{"roles of the own account", issuer + "accountId", own, false},
		{"a type of issuer", issuer + "type", "Role", false},
		{"what the caller chooses", "userAgent", "terraform", false},
	} {
		lost := cover.Case{Facts: []cover.Fact{{Path: c.path, Kind: cover.FactEquals, Value: c.value}}}
		if got := named(lost, own); got != c.want {
			t.Errorf("%s: named(%s = %q) = %t, want %t", c.name, c.path, c.value, got, c.want)
		}
	}
}

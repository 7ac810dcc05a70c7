package awstest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// stsService is the Security Token Service, API 2011-06-15.
var stsService = &service{
	name: "sts", iam: "sts", global: true, errors: queryFamily,
	version: "2011-06-15", xmlns: "https://sts.amazonaws.com/doc/2011-06-15/",
	ops: map[string]handler{
		"GetCallerIdentity": reads(getCallerIdentity),
		"AssumeRole":        reads(assumeRole), // changes no region
	},
}

type callerIdentity struct {
	UserID  string `json:"UserId"`
	Account string `json:"Account"`
	ARN     string `json:"Arn"`
}

func getCallerIdentity(c *call, _ *none) (*callerIdentity, error) {
	return &callerIdentity{UserID: c.by.userID, Account: c.account.id, ARN: c.by.arn}, nil
}

type assumeRoleInput struct {
	RoleARN         string `json:"RoleArn,omitempty" required:"" length:"20-2048"`
	RoleSessionName string `json:"RoleSessionName,omitempty" required:"" length:"2-64" pattern:"[\\w+=,.@-]*"`
	DurationSeconds int32  `json:"DurationSeconds,omitempty" range:"900-43200"`
	ExternalID      string `json:"ExternalId,omitempty" length:"2-1224"`
	Policy          string `json:"Policy,omitempty"`
}

type assumeRoleOutput struct {
	Credentials     credentials     `json:"Credentials"`
	AssumedRoleUser assumedRoleUser `json:"AssumedRoleUser"`
}

type credentials struct {
	AccessKeyID     string    `json:"AccessKeyId"`
	SecretAccessKey string    `json:"SecretAccessKey"`
	SessionToken    string    `json:"SessionToken"`
	Expiration      timestamp `json:"Expiration"`
}

type assumedRoleUser struct {
	AssumedRoleID string `json:"AssumedRoleId"`
	ARN           string `json:"Arn"`
}

func assumeRole(c *call, in *assumeRoleInput) (*assumeRoleOutput, error) {
	arn, ok := splitARN(in.RoleARN)
	path, isRole := strings.CutPrefix(arn.resource, "role/")
	if !ok || arn.service != "iam" || !isRole {
		return nil, apiError("ValidationError", "%s is invalid", in.RoleARN)
	}
	_, name, _ := cutLast(path, "/")
	target := c.accounts[arn.account]
	if target == nil || !target.trusts(path, c.account.id, in.ExternalID) {
		return nil, errorWithStatus(403, "AccessDenied", "User: %s is not authorized to perform: sts:AssumeRole on resource: %s", c.by.arn, in.RoleARN)
	}
	lifetime, session, err := in.session(c, target.roles[path])
	if err != nil {
		return nil, err
	}
	n := c.nextID()
	p := principal{
		account: target,
		arn:     fmt.Sprintf("arn:%s:sts::%s:assumed-role/%s/%s", target.partition, target.id, name, in.RoleSessionName),
		userID:  fmt.Sprintf("AROA%s%04d:%s", target.id, n, in.RoleSessionName),
		token:   fmt.Sprintf("token-%d", n),
		session: session,
		expires: c.now.Add(lifetime),
	}
	key := fmt.Sprintf("ASIA%s%04d", target.id, n)
	c.keys[key] = p
	return &assumeRoleOutput{
		// Clients compare the expiration with the wall clock, so it is told on
		// that clock; the keys themselves expire on the virtual one.
		Credentials:     credentials{key, "secret-of-" + key, p.token, timestamp{time.Now().UTC().Truncate(time.Second).Add(lifetime)}},
		AssumedRoleUser: assumedRoleUser{p.userID, p.arn},
	}, nil
}

// session returns the lifetime and the policy of the session that is asked for.
// Source: API reference of STS, AssumeRole: chained roles have an hour whatever the role
// allows; the plaintext of a session policy has 2,048 characters.
func (in *assumeRoleInput) session(c *call, role RoleOptions) (time.Duration, *policy, error) {
	lifetime := time.Hour
	if in.DurationSeconds != 0 {
		lifetime = time.Duration(in.DurationSeconds) * time.Second
	}
	longest := time.Hour
	if role.MaxSession != 0 {
		longest = time.Duration(role.MaxSession) * time.Second
	}
	switch {
	case c.by.token != "" && lifetime > time.Hour:
		return 0, nil, apiError("ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	case lifetime > longest:
		return 0, nil, apiError("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	case in.Policy == "":
		return lifetime, nil, nil
	case len(in.Policy) > 2048:
		return 0, nil, apiError("ValidationError", "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048")
	}
	p, err := identityPolicy(in.Policy)
	if err != nil {
		return 0, nil, apiError("MalformedPolicyDocument", "%v", err)
	}
	return lifetime, p, nil
}

func (a *Account) trusts(role, caller, externalID string) bool {
	opts, ok := a.roles[role]
	return ok && (opts.ExternalID == "" || opts.ExternalID == externalID) &&
		(opts.Trusted == nil || slices.Contains(opts.Trusted, caller))
}

package collect

import (
	"context"
	"net/url"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// noSuchEntity is IAM's code for what does not exist.
const noSuchEntity = "NoSuchEntity"

// rolesOf lists the roles of this account that rules use to reach another bus or an
// API destination, by ARN.
func (r *run) rolesOf(regions map[string]*account.Region) []string {
	var arns []string
	for _, region := range regions {
		for _, t := range regionTargets(region) {
			arn, _ := account.ParseARN(t.ARN)
			if role, ok := account.ParseARN(t.RoleARN); ok && role.Account == r.caller.Account && arn.Service == "events" {
				arns = append(arns, t.RoleARN)
			}
		}
	}
	return distinct(arns)
}

// readRoles reads roles of this account.
func (r *run) readRoles(ctx context.Context, arns []string) {
	if len(arns) == 0 {
		return
	}
	read := make([]*account.Role, len(arns))
	each(ctx, len(arns), func(i int) { read[i] = r.s.role(ctx, r.caller, arns[i]) })
	if ctx.Err() != nil {
		return // slots that were never filled
	}
	if r.account.Roles == nil {
		r.account.Roles = map[string]*account.Role{}
	}
	for i, arn := range arns {
		r.account.Roles[arn] = read[i]
	}
}

// role reads a role by ARN, with what its inline policies say and the names of the
// attached ones. A role has too few of either for a second page ("IAM and AWS STS
// quotas").
func (s *Session) role(ctx context.Context, c Caller, arn string) *account.Role {
	role := s.taggedRole(ctx, c, arn[strings.LastIndex(arn, "/")+1:])
	role.Tags = nil
	return role
}

// Role reads a role of the session's account by name, with its tags. What could not
// be read is said in its place.
func (s *Session) Role(ctx context.Context, name string) (*account.Role, error) {
	c, err := s.Caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.taggedRole(ctx, c, name), nil
}

func (s *Session) taggedRole(ctx context.Context, c Caller, name string) *account.Role {
	role := &account.Role{}
	var trust struct {
		Document string `xml:"GetRoleResult>Role>AssumeRolePolicyDocument"`
		Tags     []struct {
			Key, Value string
		} `xml:"GetRoleResult>Role>Tags>member"`
	}
	err := s.query(ctx, s.atIAM(c, queryCall{service: "iam", action: "GetRole", params: url.Values{"RoleName": {name}}}), &trust)
	if err != nil && Code(err) == noSuchEntity {
		role.Trust = &account.Read[*string]{}
		return role
	}
	role.Trust = answer("iam:GetRole", policyText(trust.Document), err)
	tags := map[string]string{}
	for _, t := range trust.Tags {
		tags[t.Key] = t.Value
	}
	role.Tags = answer("iam:GetRole", tags, err)

	var inline struct {
		Names []string `xml:"ListRolePoliciesResult>PolicyNames>member"`
	}
	err = s.query(ctx, s.atIAM(c, queryCall{service: "iam", action: "ListRolePolicies", params: url.Values{"RoleName": {name}}}), &inline)
	role.Policies = answer("iam:ListRolePolicies", sorted(inline.Names), err)
	for _, policy := range inline.Names {
		if role.Inline == nil {
			role.Inline = map[string]*account.Read[string]{}
		}
		var text struct {
			Document string `xml:"GetRolePolicyResult>PolicyDocument"`
		}
		err := s.query(ctx, s.atIAM(c, queryCall{service: "iam", action: "GetRolePolicy", params: url.Values{"RoleName": {name}, "PolicyName": {policy}}}), &text)
		role.Inline[policy] = answer("iam:GetRolePolicy", *policyText(text.Document), err)
	}

	var attached struct {
		ARNs []string `xml:"ListAttachedRolePoliciesResult>AttachedPolicies>member>PolicyArn"`
	}
	err = s.query(ctx, s.atIAM(c, queryCall{service: "iam", action: "ListAttachedRolePolicies", params: url.Values{"RoleName": {name}}}), &attached)
	role.Attached = answer("iam:ListAttachedRolePolicies", sorted(attached.ARNs), err)
	return role
}

// policyText undoes the URL encoding in which IAM returns policies.
func policyText(encoded string) *string {
	if text, err := url.QueryUnescape(encoded); err == nil {
		return &text
	}
	return &encoded
}

// The calls that change a role of the session's account. Their errors are those that
// Code and Message read.

// CreateRole makes a role.
func (s *Session) CreateRole(ctx context.Context, params url.Values) error {
	return s.changeRole(ctx, queryCall{service: "iam", action: "CreateRole", params: params})
}

// PutRolePolicy writes an inline policy of a role.
func (s *Session) PutRolePolicy(ctx context.Context, params url.Values) error {
	return s.changeRole(ctx, queryCall{service: "iam", action: "PutRolePolicy", params: params})
}

// DeleteRolePolicy deletes an inline policy of a role.
func (s *Session) DeleteRolePolicy(ctx context.Context, params url.Values) error {
	return s.changeRole(ctx, queryCall{service: "iam", action: "DeleteRolePolicy", params: params})
}

// DeleteRole deletes a role without policies.
func (s *Session) DeleteRole(ctx context.Context, params url.Values) error {
	return s.changeRole(ctx, queryCall{service: "iam", action: "DeleteRole", params: params})
}

func (s *Session) changeRole(ctx context.Context, q queryCall) error {
	c, err := s.Caller(ctx)
	if err != nil {
		return err
	}
	return s.query(ctx, s.atIAM(c, q), &struct{}{})
}

package awstest

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
)

type roleInput struct {
	RoleName   string `json:"RoleName,omitempty" required:"" length:"1-64"`
	PolicyName string `json:"PolicyName,omitempty" length:"1-128"`
	Marker     string `json:"Marker,omitempty"`
	MaxItems   int32  `json:"MaxItems,omitempty" range:"1-1000"`
}

type roleDetail struct {
	RoleName                 string `json:"RoleName"`
	Arn                      string `json:"Arn"`
	AssumeRolePolicyDocument string `json:"AssumeRolePolicyDocument"` // URL-encoded
	Tags                     []Tag  `json:"Tags,omitempty"`
}

type getRoleOutput struct {
	Role roleDetail `json:"Role"`
}

func (c *call) findRole(name string) (RoleOptions, error) {
	o, ok := c.account.roles[name]
	if !ok {
		return o, errorWithStatus(404, "NoSuchEntity", "The role with name %s cannot be found.", name)
	}
	return o, nil
}

func getRole(c *call, in *roleInput) (*getRoleOutput, error) {
	o, err := c.findRole(in.RoleName)
	if err != nil {
		return nil, err
	}
	return &getRoleOutput{roleDetail{in.RoleName, c.account.roleARN(in.RoleName), url.QueryEscape(o.trust()), tagList(o.Tags)}}, nil
}

func (a *Account) roleARN(name string) string {
	return "arn:" + a.partition + ":iam::" + a.id + ":role/" + name
}

// trust writes the trust policy of a role.
func (o RoleOptions) trust() string {
	if o.TrustPolicy != "" {
		return o.TrustPolicy
	}
	principal := map[string][]string{"AWS": o.Trusted, "Service": o.TrustedServices}
	if o.Trusted == nil {
		principal["AWS"] = []string{"*"}
	}
	if o.TrustedServices == nil {
		principal["Service"] = []string{"*"}
	}
	data, _ := json.Marshal(map[string]any{ // lists of strings
		"Version":   "2012-10-17",
		"Statement": []any{map[string]any{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}},
	})
	return string(data)
}

type rolePolicyNames struct {
	IsTruncated bool     `json:"IsTruncated"`
	PolicyNames []string `json:"PolicyNames"`
}

func listRolePolicies(c *call, in *roleInput) (*rolePolicyNames, error) {
	o, err := c.findRole(in.RoleName)
	if err != nil {
		return nil, err
	}
	return &rolePolicyNames{PolicyNames: append([]string{}, slices.Sorted(maps.Keys(o.Policies))...)}, nil
}

type rolePolicy struct {
	RoleName       string `json:"RoleName"`
	PolicyName     string `json:"PolicyName"`
	PolicyDocument string `json:"PolicyDocument"` // URL-encoded
}

func getRolePolicy(c *call, in *roleInput) (*rolePolicy, error) {
	o, err := c.findRole(in.RoleName)
	if err != nil {
		return nil, err
	}
	text, ok := o.Policies[in.PolicyName]
	if !ok {
		return nil, errorWithStatus(404, "NoSuchEntity", "The role policy with name %s cannot be found.", in.PolicyName)
	}
	return &rolePolicy{in.RoleName, in.PolicyName, url.QueryEscape(text)}, nil
}

type attachedPolicy struct {
	PolicyName string `json:"PolicyName"`
	PolicyArn  string `json:"PolicyArn"`
}

type attachedPolicies struct {
	IsTruncated      bool             `json:"IsTruncated"`
	AttachedPolicies []attachedPolicy `json:"AttachedPolicies"`
}

func listAttachedRolePolicies(c *call, in *roleInput) (*attachedPolicies, error) {
	o, err := c.findRole(in.RoleName)
	if err != nil {
		return nil, err
	}
	out := &attachedPolicies{AttachedPolicies: []attachedPolicy{}}
	for _, arn := range o.Attached {
		_, name, _ := cutLast(arn, "/")
		out.AttachedPolicies = append(out.AttachedPolicies, attachedPolicy{name, arn})
	}
	return out, nil
}

// trustsService reports whether a service may assume the role.
func (o RoleOptions) trustsService(principal string) bool {
	if o.TrustPolicy == "" {
		return o.TrustedServices == nil || slices.Contains(o.TrustedServices, principal)
	}
	p, err := parsePolicy(o.TrustPolicy)
	if err != nil {
		return false
	}
	ok, _ := p.decide(access{service: principal, action: "sts:AssumeRole", resource: "*", context: map[string]string{}})
	return ok
}

type createRoleInput struct {
	RoleName                 string `json:"RoleName,omitempty" required:"" length:"1-64" pattern:"[\\w+=,.@-]+"`
	Path                     string `json:"Path,omitempty" length:"1-512"`
	AssumeRolePolicyDocument string `json:"AssumeRolePolicyDocument,omitempty" required:"" length:"1-131072"`
	Description              string `json:"Description,omitempty" length:"0-1000"`
	Tags                     []Tag  `json:"Tags,omitempty"`
}

// createRole makes a role. Source: IAM API reference, CreateRole.
func createRole(c *call, in *createRoleInput) (*getRoleOutput, error) {
	if _, taken := c.account.roles[in.RoleName]; taken {
		return nil, errorWithStatus(409, "EntityAlreadyExists", "Role with name %s already exists.", in.RoleName)
	}
	if _, err := parsePolicy(in.AssumeRolePolicyDocument); err != nil {
		return nil, apiError("MalformedPolicyDocument", "%v", err)
	}
	if len(in.Tags) > 0 && !c.allows("iam:TagRole") {
		return nil, errorWithStatus(403, "AccessDenied", "User: %s is not authorized to perform: iam:TagRole", c.by.arn)
	}
	o := RoleOptions{TrustPolicy: in.AssumeRolePolicyDocument, Policies: map[string]string{}, Tags: tagMap(in.Tags), changed: c.now}
	c.account.roles[in.RoleName] = o
	return &getRoleOutput{roleDetail{in.RoleName, c.account.roleARN(in.RoleName), url.QueryEscape(o.trust()), nil}}, nil
}

type putRolePolicyInput struct {
	RoleName       string `json:"RoleName,omitempty" required:"" length:"1-64"`
	PolicyName     string `json:"PolicyName,omitempty" required:"" length:"1-128" pattern:"[\\w+=,.@-]+"`
	PolicyDocument string `json:"PolicyDocument,omitempty" required:"" length:"1-131072"`
}

// putRolePolicy adds an inline policy to a role, or replaces it.
func putRolePolicy(c *call, in *putRolePolicyInput) (*none, error) {
	o, err := c.findRole(in.RoleName)
	if err != nil {
		return nil, err
	}
	if _, err := parsePolicy(in.PolicyDocument); err != nil {
		return nil, apiError("MalformedPolicyDocument", "%v", err)
	}
	o.Policies = maps.Clone(o.Policies)
	if o.Policies == nil {
		o.Policies = map[string]string{}
	}
	o.Policies[in.PolicyName], o.changed = in.PolicyDocument, c.now
	c.account.roles[in.RoleName] = o
	return &none{}, nil
}

func deleteRolePolicy(c *call, in *roleInput) (*none, error) {
	o, err := c.findRole(in.RoleName)
	if err != nil {
		return nil, err
	}
	if _, ok := o.Policies[in.PolicyName]; !ok {
		return nil, errorWithStatus(404, "NoSuchEntity", "The role policy with name %s cannot be found.", in.PolicyName)
	}
	o.Policies = maps.Clone(o.Policies)
	delete(o.Policies, in.PolicyName)
	c.account.roles[in.RoleName] = o
	return &none{}, nil
}

// deleteRole deletes a role that has no policies any more.
func deleteRole(c *call, in *roleInput) (*none, error) {
	o, err := c.findRole(in.RoleName)
	switch {
	case err != nil:
		return nil, err
	case len(o.Policies)+len(o.Attached) > 0:
		return nil, errorWithStatus(409, "DeleteConflict", "Cannot delete entity, must delete policies first.")
	}
	delete(c.account.roles, in.RoleName)
	return &none{}, nil
}

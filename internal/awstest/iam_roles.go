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
	arn := "arn:" + c.account.partition + ":iam::" + c.account.id + ":role/" + in.RoleName
	return &getRoleOutput{roleDetail{in.RoleName, arn, url.QueryEscape(o.trust())}}, nil
}

// trust writes the trust policy of a role.
func (o RoleOptions) trust() string {
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

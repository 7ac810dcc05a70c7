package awstest

import (
	"cmp"
	"fmt"
	"slices"
)

// A unit is an organizational unit, or the root of an organization.
type unit struct {
	id, name string
	parent   string // id; "" of the root
}

// Unit makes an organizational unit in the organization that an account manages and
// returns its id; parent is the id of another one, "" for the root.
func (a *Account) Unit(parent, name string) string {
	a.cloud.mu.Lock()
	defer a.cloud.mu.Unlock()
	org := a.cloud.orgs[a.id]
	if org == nil {
		return ""
	}
	id := fmt.Sprintf("ou-%s-%08d", org.root[2:], a.cloud.nextID())
	org.units[id] = &unit{id: id, name: name, parent: cmp.Or(parent, org.root)}
	return id
}

// path returns where an account of a unit stands: "o-a1/r-ab12/ou-ab12-1/ou-ab12-2/".
func (o *organization) path(id string) string {
	path := ""
	for u := o.units[cmp.Or(id, o.root)]; u != nil; u = o.units[u.parent] {
		path = u.id + "/" + path
	}
	return o.id + "/" + path
}

type parentInput struct {
	ParentID   string `json:"ParentId,omitempty" required:""`
	NextToken  string `json:"NextToken,omitempty"`
	MaxResults int32  `json:"MaxResults,omitempty" range:"1-20"`
}

// listAccountsForParent lists one level only.
func listAccountsForParent(c *call, in *parentInput) (*listAccountsOutput, error) {
	o, err := c.parent(in.ParentID)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, id := range o.members {
		if cmp.Or(o.member[id].OU, o.root) == in.ParentID {
			list = append(list, id)
		}
	}
	return o.page(c, "ListAccountsForParent", list, in.NextToken, int(in.MaxResults))
}

// parent returns the caller's organization, which has that unit.
func (c *call) parent(id string) (*organization, error) {
	o, err := c.administered()
	if err == nil && o.units[id] == nil {
		err = apiError("ParentNotFoundException", "You specified parent that doesn't exist.")
	}
	return o, err
}

type organizationalUnit struct {
	ID   string `json:"Id"`
	ARN  string `json:"Arn"`
	Name string `json:"Name"`
}

func (o *organization) describe(c *call, u *unit, kind string) organizationalUnit {
	return organizationalUnit{u.id, fmt.Sprintf("arn:%s:organizations::%s:%s/%s/%s", c.account.partition, o.management, kind, o.id, u.id), u.name}
}

type listUnitsOutput struct {
	OrganizationalUnits []organizationalUnit `json:"OrganizationalUnits"`
	NextToken           string               `json:"NextToken,omitempty"`
}

func listOrganizationalUnits(c *call, in *parentInput) (*listUnitsOutput, error) {
	o, err := c.parent(in.ParentID)
	if err != nil {
		return nil, err
	}
	after, ok := readToken("ListOrganizationalUnitsForParent", in.NextToken)
	if !ok {
		return nil, apiError("InvalidInputException", "You provided an invalid next token.")
	}
	var list []string
	for id, u := range o.units {
		if u.parent == in.ParentID {
			list = append(list, id)
		}
	}
	slices.Sort(list)
	cut, next := page(c.Cloud, list, func(id string) string { return id }, after, cmp.Or(int(in.MaxResults), 20))
	out := &listUnitsOutput{OrganizationalUnits: []organizationalUnit{}, NextToken: newToken("ListOrganizationalUnitsForParent", next)}
	for _, id := range cut {
		out.OrganizationalUnits = append(out.OrganizationalUnits, o.describe(c, o.units[id], "ou"))
	}
	return out, nil
}

type listRootsInput struct {
	NextToken  string `json:"NextToken,omitempty"`
	MaxResults int32  `json:"MaxResults,omitempty" range:"1-20"`
}

type listRootsOutput struct {
	Roots []organizationalUnit `json:"Roots"`
}

func listRoots(c *call, _ *listRootsInput) (*listRootsOutput, error) {
	o, err := c.administered()
	if err != nil {
		return nil, err
	}
	return &listRootsOutput{[]organizationalUnit{o.describe(c, o.units[o.root], "root")}}, nil
}

type organizationTagsInput struct {
	ResourceID string `json:"ResourceId,omitempty" required:""`
	NextToken  string `json:"NextToken,omitempty"`
}

type organizationTag struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

type organizationTagsOutput struct {
	Tags []organizationTag `json:"Tags"`
}

// listOrganizationTags returns the tags of an account. Those of units are not simulated.
func listOrganizationTags(c *call, in *organizationTagsInput) (*organizationTagsOutput, error) {
	o, err := c.administered()
	if err != nil {
		return nil, err
	}
	m := o.member[in.ResourceID]
	if m == nil {
		return nil, apiError("TargetNotFoundException", "We can't find a root, OU, account, or policy with the TargetId that you specified.")
	}
	out := &organizationTagsOutput{Tags: []organizationTag{}}
	for key, value := range m.Tags {
		out.Tags = append(out.Tags, organizationTag{key, value})
	}
	slices.SortFunc(out.Tags, func(a, b organizationTag) int { return cmp.Compare(a.Key, b.Key) })
	return out, nil
}

package action

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"
)

// RoleObject is a role as a journal names it. IAM has no regions: the region is that
// in which its forwarders end.
func RoleObject(region, name string) change.Object {
	return change.Object{Kind: RoleKind, Region: region, Name: name}
}

// TrailRoleObject is the role of a trail as a journal names it. Its inline policy has a
// name of its own.
func TrailRoleObject(region, name string) change.Object {
	return change.Object{Kind: RoleKind, Region: region, Name: name, Endpoint: desired.DeliverPolicy}
}

// PolicyOfRole is the name of the inline policy that a role of ours has.
func PolicyOfRole(o change.Object) string { return cmp.Or(o.Endpoint, o.Name) }

// RoleStateOf is a role of ours in a journal, and what else it has: names of inline
// policies and ARNs of attached ones that are not monitorctl's, whose one policy has this
// name. Nil for a role that is not there. The error is a read that failed.
func RoleStateOf(name string, r *account.Role) (s *State, others []string, err error) {
	trust, ok := r.Trust.Got()
	if !ok {
		return nil, nil, readFailed(r.Trust.Failed())
	}
	if trust == nil {
		return nil, nil, nil
	}
	for _, f := range []*account.Failure{r.Tags.Failed(), r.Policies.Failed(), r.Attached.Failed(), r.Inline[name].Failed()} {
		if f != nil {
			return nil, nil, readFailed(f)
		}
	}
	tags, _ := r.Tags.Got()
	policy, _ := r.Inline[name].Got()
	names, _ := r.Policies.Got()
	attached, _ := r.Attached.Got()
	others = append(slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == name }), attached...)
	return &State{Role: &Role{Trust: *trust}, RolePolicy: &policy, Tags: &tags}, others, nil
}

func readFailed(f *account.Failure) error {
	if f == nil {
		return fmt.Errorf("the role was not read")
	}
	return fmt.Errorf("%s: %s: %s", f.Operation, f.Code, f.Message)
}

// RestoreRole is the action that removes a role which a journal's runs made.
func RestoreRole(m change.Meta, o change.Object, now State) Action {
	m.Why = whyMade
	return DeleteRole{Meta: m, Role: o.Name, Inline: o.Endpoint, Trust: now.Role.Trust, Policy: *now.RolePolicy, Tags: *now.Tags}
}

// roleNow reads a role whose inline policy has a name; a nil state is one that is not
// there.
func roleNow(ctx context.Context, c Calls, name, policy string) (*State, []string, error) {
	role, err := c.Role(ctx, name)
	if err != nil {
		return nil, nil, fmt.Errorf("looking for role %s: %w", name, err)
	}
	s, others, err := RoleStateOf(policy, role)
	if err != nil {
		return nil, nil, fmt.Errorf("looking for role %s: %w", name, err)
	}
	return s, others, nil
}

func changedRole(name, what string) error {
	return &ChangedError{Resource: fmt.Sprintf("role %q", name), Change: what}
}

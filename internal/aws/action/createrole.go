package action

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"
)

// CreateRole makes an IAM role that rules or a trail use, with its tags, so that it is known as
// ours even if the run dies behind it, and then gives it its policy.
type CreateRole struct {
	change.Meta
	Role   string // its name
	ARN    string // that the role will have
	Trust  string // JSON document
	Policy string // JSON document of the inline policy
	Inline string // its name; "" for the role's
	Tags   map[string]string
}

func (CreateRole) sealed() {}

// String returns "create role monitorctl-events-forwarder".
func (a CreateRole) String() string { return "create role " + a.Role }

// Kind returns "create-role".
func (CreateRole) Kind() string { return "create-role" }

// Name returns the role's name.
func (a CreateRole) Name() string { return a.Role }

// New returns true: a role that a run left without its policy counts as none.
func (CreateRole) New() bool { return true }

// Place is before the rules, or before the trail.
func (a CreateRole) Place() Place {
	if a.ForTrail() {
		return createsTrailRole
	}
	return createsRole
}

// ForTrail reports whether it is the role by which a trail delivers.
func (a CreateRole) ForTrail() bool { return a.Inline == desired.DeliverPolicy }

// Object returns the role.
func (a CreateRole) Object() change.Object { return roleObject(a.Region, a.Role, a.Inline) }

func roleObject(region, name, inline string) change.Object {
	o := RoleObject(region, name)
	o.Endpoint = inline
	return o
}

func (a CreateRole) policyName() string { return cmp.Or(a.Inline, a.Role) }

// Description is what IAM shows of the role.
func (a CreateRole) Description() string {
	if a.ForTrail() {
		return "Lets CloudTrail write the events of a trail into its log group. Made by monitorctl."
	}
	if strings.Contains(a.Policy, desired.CallDestination) {
		return "Lets EventBridge rules of monitorctl call its API destinations."
	}
	return "Lets EventBridge rules of monitorctl send events to the region where its other rules are."
}

// Closing sets the controls that the action helps.
func (a CreateRole) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the calls that write.
func (CreateRole) Calls() []string { return []string{"iam:CreateRole", "iam:PutRolePolicy"} }

// Cost is nothing.
func (CreateRole) Cost() change.Cost { return change.Cost{} }

// Fields has both policies.
func (a CreateRole) Fields(bool) []change.Field {
	return change.Created([]change.Setting{{Name: "arn", Value: a.ARN}, {Name: "trust", Value: a.Trust}, {Name: "policy", Value: a.Policy}, {Name: "tags", Value: pairs(a.Tags)}})
}

// Saved holds the whole role.
func (a CreateRole) Saved() change.Saved {
	return change.Saved{Name: a.Role, After: struct {
		ARN    string            `json:"arn"`
		Trust  string            `json:"trust"`
		Policy string            `json:"policy"`
		Inline string            `json:"policyName,omitempty"`
		Tags   map[string]string `json:"tags"`
	}{a.ARN, a.Trust, a.Policy, a.Inline, a.Tags}}
}

func (a CreateRole) simulate(d *draft) {
	roles := d.roles()
	roles[a.ARN] = &account.Role{
		Trust: &account.Read[*string]{Value: &a.Trust}, Inline: map[string]*account.Read[string]{a.policyName(): {Value: a.Policy}},
		Policies: &account.Read[[]string]{Value: []string{a.policyName()}}, Attached: &account.Read[[]string]{}, Tags: &account.Read[map[string]string]{Value: a.Tags},
	}
}

func (a CreateRole) rests(b *basis) { b.role(a.ARN) }

func (a CreateRole) limits() error {
	const maxName = 64 // CreateRole
	return first(within("characters in the name", len(a.Role), maxName), within("tags", len(a.Tags), maxTags))
}

func (a CreateRole) check(ctx context.Context, s *sight) error {
	_, err := a.now(ctx, s.calls)
	return err
}

func (a CreateRole) apply(ctx context.Context, r *Run) (Outcome, error) {
	have, err := a.now(ctx, r.Calls)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{ARN: a.ARN}
	if have != nil && account.SameJSON(*have.RolePolicy, a.Policy) {
		return out, nil
	}
	out.Written = true
	write, cancel := change.Writing(ctx)
	defer cancel()
	if have == nil {
		e := change.Record[State]{Object: a.Object(), After: &State{Role: &Role{Trust: a.Trust}, Tags: &a.Tags}}
		err := r.write(e, func() (string, error) {
			return a.ARN, r.Calls.CreateRole(write, a.Role, a.Trust, a.Description(), a.Tags)
		})
		if errors.Is(err, ErrTaken) { // someone was faster: another run of ours, or a stranger
			_, err = a.now(ctx, r.Calls)
		}
		if err != nil {
			return Outcome{}, err
		}
	}
	none := ""
	e := change.Record[State]{Object: a.Object(), Before: &State{RolePolicy: &none}, After: &State{RolePolicy: &a.Policy}}
	err = r.write(e, func() (string, error) { return "", r.Calls.PutRolePolicy(write, a.Role, a.policyName(), a.Policy) })
	var w *WriteError
	if errors.As(err, &w) {
		w.Before = "the role was created"
	}
	return out, err
}

// now reads what has the role's name, nil for nothing. A role that is not ours, or ours
// with a policy that someone edited, is an error.
func (a CreateRole) now(ctx context.Context, c Calls) (*State, error) {
	have, _, err := roleNow(ctx, c, a.Role, a.policyName())
	switch {
	case err != nil || have == nil:
		return nil, err
	case !desired.OwnerByTags(*have.Tags).Ours():
		return nil, changedRole(a.Role, "appeared")
	case !account.SameJSON(have.Role.Trust, a.Trust):
		return nil, changedRole(a.Role, "was given another trust policy")
	case *have.RolePolicy != "" && !account.SameJSON(*have.RolePolicy, a.Policy):
		return nil, changedRole(a.Role, "was given another policy")
	}
	return have, nil
}

// UnfinishedRole reports whether a role of ours lacks only its policy, as a run leaves
// it that was cut off between two calls.
func UnfinishedRole(name, trust string, r *account.Role) bool {
	s, others, err := RoleStateOf(name, r)
	return err == nil && s != nil && len(others) == 0 && *s.RolePolicy == "" && account.SameJSON(s.Role.Trust, trust)
}

// FinishedRole reports whether a role has just the trust and the policy that CreateRole
// writes.
func FinishedRole(name, trust, policy string, r *account.Role) bool {
	s, _, err := RoleStateOf(name, r)
	return err == nil && s != nil && account.SameJSON(s.Role.Trust, trust) && account.SameJSON(*s.RolePolicy, policy)
}

// RoleSettings are the settings of a role in words.
func RoleSettings(trust, policy string) []change.Setting {
	return []change.Setting{{Name: "trust", Value: trust}, {Name: "policy", Value: policy}}
}

// DescribeRole says in one line what a role is.
func DescribeRole(name string, r *account.Role) string {
	s, others, err := RoleStateOf(name, r)
	if err != nil || s == nil {
		return "role " + name
	}
	return fmt.Sprintf("trust %s, policy %s, %d others", s.Role.Trust, *s.RolePolicy, len(others))
}

package action

import (
	"context"
	"errors"
	"maps"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/change"
)

// DeleteRole removes the role of our forwarders: its policy, and then itself.
type DeleteRole struct {
	change.Meta
	Role   string // its name
	ARN    string // "" where a journal told of it
	Trust  string // as it was read
	Policy string // "" for none
	Tags   map[string]string
}

func (DeleteRole) sealed() {}

// String returns "delete role monitorctl-events-forwarder".
func (a DeleteRole) String() string { return "delete role " + a.Role }

// Kind returns "delete-role".
func (DeleteRole) Kind() string { return "delete-role" }

// Name returns the role's name.
func (a DeleteRole) Name() string { return a.Role }

// New returns false.
func (DeleteRole) New() bool { return false }

// Place is behind the targets that use the role.
func (DeleteRole) Place() Place { return deletesRole }

// Object returns the role.
func (a DeleteRole) Object() change.Object { return RoleObject(a.Region, a.Role) }

// Closing sets the controls that the action is about.
func (a DeleteRole) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the calls that write.
func (DeleteRole) Calls() []string { return []string{"iam:DeleteRolePolicy", "iam:DeleteRole"} }

// Cost is nothing.
func (DeleteRole) Cost() change.Cost { return change.Cost{} }

// Fields has both policies.
func (a DeleteRole) Fields(bool) []change.Field { return change.Gone(RoleSettings(a.Trust, a.Policy)) }

// Saved holds the state of the role.
func (a DeleteRole) Saved() change.Saved {
	return change.Saved{Name: a.Role, Before: &State{Role: &Role{Trust: a.Trust}, RolePolicy: &a.Policy, Tags: &a.Tags}}
}

func (a DeleteRole) simulate(d *draft) {
	if a.ARN != "" {
		d.roles()[a.ARN] = &account.Role{Trust: &account.Read[*string]{}}
	}
}

func (a DeleteRole) rests(b *basis) { b.role(a.ARN) }

func (DeleteRole) limits() error { return nil }

func (a DeleteRole) check(ctx context.Context, s *sight) error {
	_, err := a.now(ctx, s.calls)
	return err
}

func (a DeleteRole) apply(ctx context.Context, r *Run) (Outcome, error) {
	have, err := a.now(ctx, r.Calls)
	if err != nil || have == nil {
		return Outcome{}, err
	}
	if *have.RolePolicy != "" {
		none := ""
		e := change.Record[State]{Object: a.Object(), Before: &State{RolePolicy: have.RolePolicy}, After: &State{RolePolicy: &none}}
		write, cancel := change.Writing(ctx)
		defer cancel()
		err := r.write(e, func() (string, error) {
			err := r.Calls.DeleteRolePolicy(write, a.Role, a.Role)
			if errors.Is(err, ErrNotThere) {
				err = nil
			}
			return "", err
		})
		if err != nil {
			return Outcome{}, err
		}
	}
	none := ""
	e := change.Record[State]{Object: a.Object(), Before: &State{Role: have.Role, RolePolicy: &none, Tags: have.Tags}}
	return r.remove(ctx, a.look, e, func(ctx context.Context) error { return r.Calls.DeleteRole(ctx, a.Role) })
}

func (a DeleteRole) look(ctx context.Context, c Calls) (bool, error) {
	have, err := a.now(ctx, c)
	return have != nil, err
}

// now reads the role, nil when it is gone; an error when it is not as the plan saw it,
// but for a policy that is gone already.
func (a DeleteRole) now(ctx context.Context, c Calls) (*State, error) {
	have, others, err := roleNow(ctx, c, a.Role)
	switch {
	case err != nil || have == nil:
		return nil, err
	case len(others) > 0:
		return nil, changedRole(a.Role, "was given the policy "+others[0])
	case !account.SameJSON(have.Role.Trust, a.Trust):
		return nil, changedRole(a.Role, "was given another trust policy")
	case *have.RolePolicy != "" && !account.SameJSON(*have.RolePolicy, a.Policy):
		return nil, changedRole(a.Role, "was given another policy")
	case !maps.Equal(*have.Tags, a.Tags):
		return nil, changedRole(a.Role, "was given other tags")
	}
	return have, nil
}

package fleet

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/fleet/targets"
)

// enter returns a session in an account: the run's own, where the run is at home; that of
// the target's profile; else one of the roles that the target or the run names, one after
// the other. what names the way in without the account.
func (f *Fleet) enter(ctx context.Context, t targets.Target) (s *collect.Session, what string, failed *account.Failure, err error) {
	if own, err := f.home(ctx, t.ID); err != nil || own != nil {
		return own, "", nil, err
	}
	by := f.base
	if t.Profile != "" {
		if by, err = f.profile(ctx, t.Profile); err != nil {
			return nil, "profile " + t.Profile, failureOf(err), endOf(ctx)
		}
		c, err := by.Caller(ctx)
		if err != nil {
			return nil, "profile " + t.Profile, failureOf(err), endOf(ctx)
		}
		if len(t.Roles) == 0 && c.Account == t.ID {
			return by, "", nil, nil
		}
	}
	roles := t.Roles
	if len(roles) == 0 && f.o.Role != "" {
		roles = []string{f.o.Role}
	}
	if len(roles) == 0 {
		return nil, "no role", &account.Failure{Operation: "sts:AssumeRole", Code: audit.NoRole, Message: "no role was given for the account"}, nil
	}
	for i, role := range roles {
		what = "role " + strings.ReplaceAll(role, t.ID, "{Id}") // lists write the same role with the id of each account
		arn, err := collect.RoleARN(role, f.who.Partition, t.ID)
		if err != nil {
			return nil, what, &account.Failure{Operation: "sts:AssumeRole", Code: "ValidationError", Message: err.Error()}, nil //nolint:nilerr // it is a failure of this account, and the run goes on
		}
		r := collect.Role{ARN: arn}
		r.ExternalID = t.ExternalID // c7n gives it to each role of a chain
		if i == len(roles)-1 {      // the roles before it only lead there
			r.ExternalID, r.Policy = cmp.Or(t.ExternalID, f.o.ExternalID), f.o.Policy
		}
		if by, err = f.fleet.Assume(ctx, by, r); err != nil {
			return nil, what, failureOf(err), endOf(ctx)
		}
	}
	return by, what, nil, nil
}

// home returns the session of an account whose credentials the run has: those of the base
// and of whoever lists accounts. The management account has no role that Organizations
// makes, and nobody assumes a role in their own account.
func (f *Fleet) home(ctx context.Context, id string) (*collect.Session, error) {
	if f.who.Account == id {
		return f.base, nil
	}
	if f.management == nil {
		return nil, nil //nolint:nilnil // the account is not at home
	}
	c, err := f.management.Caller(ctx)
	if err == nil && c.Account == id {
		return f.management, nil
	}
	return nil, err
}

// profile returns the session of a profile, made once.
func (f *Fleet) profile(ctx context.Context, name string) (*collect.Session, error) {
	f.mu.Lock()
	s := f.profiles[name]
	f.mu.Unlock()
	if s != nil {
		return s, nil
	}
	s, err := f.fleet.Connect(ctx, name)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.profiles[name] = s
	return s, nil
}

// AccountOf returns the account of a profile. It makes one call.
func (f *Fleet) AccountOf(ctx context.Context, profile string) (string, error) {
	s, err := f.profile(ctx, profile)
	if err != nil {
		return "", err
	}
	c, err := s.Caller(ctx)
	return c.Account, err
}

// failureOf is a failure of entering or reading as findings name it.
func failureOf(err error) *account.Failure {
	var call *collect.CallError
	if errors.As(err, &call) {
		return &account.Failure{Operation: call.Operation, Code: call.Code, Message: call.Message}
	}
	operation := "sts:AssumeRole"
	if errors.Is(err, context.DeadlineExceeded) {
		return &account.Failure{Operation: operation, Code: collect.CodeTimeout, Message: "the account took too long"}
	}
	return &account.Failure{Operation: operation, Code: collect.Code(err), Message: collect.Message(err)}
}

// endOf returns why the run ends, nil when only the time of one account is over.
func endOf(ctx context.Context) error {
	if ctx.Err() == nil || errors.Is(context.Cause(ctx), errSlow) {
		return nil
	}
	return context.Cause(ctx)
}

// errSlow is why the reading of one account ends.
var errSlow = errors.New("the account took too long")

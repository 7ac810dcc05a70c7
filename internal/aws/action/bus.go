package action

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/change"
)

// BusPermissionObject is a statement of the default bus's policy as a journal names it.
func BusPermissionObject(region, sid string) change.Object {
	return change.Object{Kind: BusPermissionKind, Region: region, Name: account.DefaultBus, Endpoint: sid}
}

// RestoreBusPermission is the action that removes a statement which a journal's runs
// added.
func RestoreBusPermission(m change.Meta, o change.Object, now State) Action {
	m.Why = whyMade
	return RemovePermission{Meta: m, Sid: o.Endpoint, Statement: *now.BusStatement}
}

// busARNOf is the ARN of the default bus of a region of an account.
func busARNOf(a account.Account, region string) string {
	return desired.BusARN(desired.Home{Partition: a.Partition, Account: a.ID, Region: region})
}

// IsMembersStatement reports whether a statement of a bus's policy is one that
// PutPermission writes under this id, for any organization.
func IsMembersStatement(sid, statement string) bool {
	var s struct {
		Resource  string
		Condition struct {
			StringEquals struct {
				Organization string `json:"aws:PrincipalOrgID"`
			}
		}
	}
	prefix, ours := strings.CutSuffix(sid, desired.Names{}.MembersSid())
	if !ours || json.Unmarshal([]byte(statement), &s) != nil {
		return false
	}
	home, ok := desired.CentralHome(s.Resource)
	return ok && policy.SameStatement(statement, desired.Names{Prefix: prefix}.MembersStatement(home, s.Condition.StringEquals.Organization))
}

// statementNow reads a statement of the default bus's policy; "" when there is none. The
// policy is returned too.
func statementNow(ctx context.Context, c Calls, region, sid string) (statement, doc string, err error) {
	if doc, err = c.BusPolicy(ctx, region); err != nil {
		return "", "", fmt.Errorf("reading the policy of the default event bus in %s: %w", region, err)
	}
	if statement, err = policy.StatementOf(doc, sid); err != nil {
		return "", "", fmt.Errorf("the policy of the default event bus in %s: %w", region, err)
	}
	return statement, doc, nil
}

func changedStatement(sid, what string) error {
	return &ChangedError{Resource: fmt.Sprintf("statement %q of the event bus", sid), Change: what}
}

// setStatement changes a statement of the default bus's policy in a draft.
func (d *draft) setStatement(a Action, sid, statement string) {
	r, arn := d.of(a), busARNOf(d.account, a.Common().Region)
	bus := account.Bus{ARN: arn}
	if have := r.Buses[arn]; have != nil {
		bus = *have
	}
	description := account.BusDescription{}
	if have, _ := bus.Description.Got(); have != nil {
		description = *have
	}
	doc, err := policy.WithStatement(description.Policy, sid, statement)
	if err != nil {
		return // the plan has a conflict
	}
	description.Policy = doc
	bus.Description = &account.Read[*account.BusDescription]{Value: &description}
	if r.Buses == nil {
		r.Buses = map[string]*account.Bus{}
	}
	r.Buses[arn] = &bus
}

// busStatement adds a statement of the default bus's policy.
func (b *basis) busStatement(sid string) {
	resource := "statement " + sid + " of the default event bus"
	for arn, bus := range b.now.Buses {
		if a, ok := account.ParseARN(arn); !ok || a.Resource != "event-bus/"+account.DefaultBus {
			continue
		}
		if d, ok := bus.Description.Got(); ok && d != nil {
			statement, err := policy.StatementOf(d.Policy, sid)
			b.add(resource, "settings", read(statement, err == nil))
			return
		}
	}
	b.add(resource, "settings", unread)
}

package run

import (
	"bytes"
	"context"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/permissions"
	azurepermissions "github.com/monitorctl/monitorctl/internal/azure/permissions"
	azureplan "github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// Permissions returns the least policy for a command with these wishes. With scoped it
// reads the account or the snapshot, and narrows the policy to it.
func (r *Runner) Permissions(ctx context.Context, q PlanRequest, command permissions.Command, scoped bool) (permissions.Policy, error) {
	p := permissions.Request{Command: command, Controls: q.Selection.Controls, Wishes: q.Options, Regions: len(q.Source.Regions) > 0}
	regions := q.Source.Regions
	if q.Options.Region != "" {
		regions = append(regions[:len(regions):len(regions)], q.Options.Region)
	}
	scope := permissions.Scope{Partition: "aws", Account: q.Source.ExpectAccount}
	if len(regions) > 0 {
		scope.Partition = account.PartitionOf(regions[0])
	}
	if scoped {
		var err error
		if scope, err = r.scopeOf(ctx, &q, p); err != nil {
			return permissions.Policy{}, err
		}
	}
	policy := permissions.For(p, scope)
	if n := policy.Size(); n > permissions.ManagedSize {
		r.Console.Say("monitorctl: the policy has %d characters, but an IAM managed policy has at most %d: print separate policies for fewer controls", n, permissions.ManagedSize)
	}
	return policy, nil
}

// LogPermissions returns the least policy for replay of log files in buckets: with what an
// audit needs for the chain, unless it is alone.
func LogPermissions(q *Request, places []permissions.Place, alone bool) permissions.Policy {
	policy, scope := permissions.EmptyPolicy(), permissions.Scope{Partition: "aws", Account: q.Source.ExpectAccount}
	if len(q.Source.Regions) > 0 {
		scope.Partition = account.PartitionOf(q.Source.Regions[0])
	}
	if !alone {
		policy = permissions.For(permissions.Request{Command: permissions.Audit, Controls: q.Selection.Controls, Regions: len(q.Source.Regions) > 0}, scope)
	}
	policy.ForReplay(places, scope)
	return policy
}

// DrillPermissions returns the least policy for drill: with notify also to ring alarms.
func DrillPermissions(q *Request, notify bool) permissions.Policy {
	scope := permissions.Scope{Partition: "aws", Account: q.Source.ExpectAccount}
	if len(q.Source.Regions) > 0 {
		scope.Partition = account.PartitionOf(q.Source.Regions[0])
	}
	policy := permissions.For(permissions.Request{Command: permissions.Audit, Controls: q.Selection.Controls, Regions: len(q.Source.Regions) > 0}, scope)
	policy.ForDrill(scope, notify)
	return policy
}

// scopeOf reads the account or snapshot that a policy is narrowed to.
func (r *Runner) scopeOf(ctx context.Context, q *PlanRequest, p permissions.Request) (permissions.Scope, error) {
	ctx, cancel := q.Limit.Context(ctx)
	defer cancel()
	started := r.Now()
	var n Needs
	if q.Options.TopicARN != "" {
		n.Topics = []string{q.Options.TopicARN}
	}
	snap, session, err := r.snapshot(ctx, &q.Request, n)
	if err != nil {
		return permissions.Scope{}, err
	}
	defer r.calls(&q.Request, session, started)
	if n := len(snap.Accounts); n != 1 {
		return permissions.Scope{}, fmt.Errorf("narrowing permissions: a policy is for one account, but the snapshot holds %d", n)
	}
	p.Wishes.Audit = audit.Options{Benchmark: q.Selection.Benchmark, Now: snap.TakenAt}
	return permissions.ScopeOf(&snap.Accounts[0], p.Command, q.Selection.Controls, p.Wishes)
}

// AzureRole returns the least custom role for a command with these wishes, as JSON that
// ends with a line feed. Nothing is called, so that names are not enough.
func AzureRole(command azurepermissions.Command, o azureplan.Options, subscriptions []string) ([]byte, error) {
	if err := azureplan.Check(o); err != nil {
		return nil, exit.Usage(err)
	}
	role, err := azurepermissions.For(command, o, subscriptions)
	if err != nil {
		return nil, exit.Usage(err)
	}
	var b bytes.Buffer
	err = azurepermissions.Write(&b, role)
	return b.Bytes(), err
}

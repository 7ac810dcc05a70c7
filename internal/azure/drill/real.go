package drill

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/azure/arm"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
)

// A Change is the real change of a drill: a network security group without rules that is
// attached to nothing is created and deleted again. It changes the traffic of nobody.
type Change struct {
	ID       string // of the network security group
	Location string // of its resource group

	// Unknown is why nobody knows whether a lock would keep it from being deleted; "" when
	// no lock would.
	Unknown string
}

// DrillTag is the tag of the network security group, should it ever be left.
const DrillTag = "monitorctl:drill"

// Operations of a real drill, and the versions of their api.
const (
	readSecurityGroup   = "Microsoft.Network/networkSecurityGroups/read"
	writeSecurityGroup  = "Microsoft.Network/networkSecurityGroups/write"
	deleteSecurityGroup = "Microsoft.Network/networkSecurityGroups/delete"
	readResourceGroup   = "Microsoft.Resources/subscriptions/resourceGroups/read"
	readLocks           = "Microsoft.Authorization/locks/read"

	networkVersion       = "2024-05-01"
	resourceGroupVersion = "2021-04-01"
	locksVersion         = "2020-05-01"
)

// RealPermissions returns the operations that a real drill needs.
func RealPermissions() []string {
	return []string{readSecurityGroup, writeSecurityGroup, deleteSecurityGroup, readResourceGroup, readLocks}
}

// PlanChange looks whether a network security group of that name can be created in a
// resource group, by its id, and deleted again. It writes nothing.
func PlanChange(ctx context.Context, client *arm.Client, group, name string) (Change, error) {
	raw, err := client.Get(ctx, arm.Request{Operation: readResourceGroup, Path: group, Version: resourceGroupVersion})
	if err != nil {
		return Change{}, fmt.Errorf("reading resource group %s: %w", subscription.Name(group), err)
	}
	var have struct {
		Location string `json:"location"`
	}
	if json.Unmarshal(raw, &have) != nil || have.Location == "" {
		return Change{}, fmt.Errorf("resource group %s has no location", subscription.Name(group))
	}
	c := Change{ID: group + "/providers/Microsoft.Network/networkSecurityGroups/" + name, Location: have.Location}
	there, err := c.get(ctx, client)
	if err != nil {
		return c, err
	}
	if there != nil {
		return c, fmt.Errorf("network security group %s already exists, and is not touched", name)
	}
	return c, c.locks(ctx, client)
}

// locks refuses a change that a lock would keep from being taken back.
func (c *Change) locks(ctx context.Context, client *arm.Client) error {
	parts, _ := subscription.ParseID(c.ID)
	list, err := client.List(ctx, arm.Request{
		Operation: readLocks, Path: "/subscriptions/" + parts.Subscription + "/providers/Microsoft.Authorization/locks", Version: locksVersion,
	})
	var refused *arm.Error
	if errors.As(err, &refused) {
		c.Unknown = refused.Operation + " failed: " + refused.Code
		return nil
	}
	if err != nil {
		return err
	}
	for _, raw := range list {
		var l struct {
			ID string `json:"id"`
		}
		_ = json.Unmarshal(raw, &l) // what is no lock locks nothing
		scope, _, ok := strings.Cut(subscription.Fold(l.ID), "/providers/microsoft.authorization/locks/")
		if ok && strings.HasPrefix(subscription.Fold(c.ID), scope+"/") {
			return fmt.Errorf("a lock on %s would keep the network security group from being deleted: name another resource group with --resource-group", scope)
		}
	}
	return nil
}

// get reads the network security group; nil where there is none.
func (c Change) get(ctx context.Context, client *arm.Client) (json.RawMessage, error) {
	raw, err := client.Get(ctx, arm.Request{Operation: readSecurityGroup, Path: c.ID, Version: networkVersion})
	var refused *arm.Error
	if errors.As(err, &refused) && refused.Status == 404 {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading network security group %s: %w", subscription.Name(c.ID), err)
	}
	return raw, nil
}

// A LeftError says that the network security group of a drill may still be there.
type LeftError struct {
	ID  string
	Err error
}

func (e *LeftError) Error() string {
	return fmt.Sprintf("network security group %s is left: %v", subscription.Name(e.ID), e.Err)
}

// Unwrap returns the cause.
func (e *LeftError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *LeftError) Hint() string { return "delete it by hand: az network nsg delete --ids " + e.ID }

// cleanup bounds the deletion, which goes on when the run is interrupted.
const cleanup = 5 * time.Minute

// Make creates the network security group and deletes it again, whatever becomes of ctx in
// between. The error is a *LeftError where it may still be there.
func (c Change) Make(ctx context.Context, client *arm.Client, o Options) error {
	body, err := json.Marshal(map[string]any{"location": c.Location, "tags": map[string]string{DrillTag: "true"}, "properties": map[string]any{}})
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	writing, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanup)
	defer cancel()
	failed := client.Put(writing, arm.Request{Operation: writeSecurityGroup, Path: c.ID, Version: networkVersion}, body)
	if failed != nil {
		failed = fmt.Errorf("creating network security group %s: %w", subscription.Name(c.ID), failed)
		if !arm.MayHaveHappened(failed) {
			return failed
		}
	} else if err := c.settle(writing, client, o, false); err != nil {
		failed = err
	}
	if err := client.Delete(writing, arm.Request{Operation: deleteSecurityGroup, Path: c.ID, Version: networkVersion}); err != nil {
		return &LeftError{c.ID, err}
	}
	if err := c.settle(writing, client, o, true); err != nil {
		return &LeftError{c.ID, err}
	}
	return failed
}

// settle waits until Azure is done with a write: the network security group is there, or
// it is gone.
func (c Change) settle(ctx context.Context, client *arm.Client, o Options, gone bool) error {
	for range pollTries {
		raw, err := c.get(ctx, client)
		if err != nil {
			return err
		}
		if gone && raw == nil || !gone && raw != nil && !pending(raw) {
			return nil
		}
		if err := o.Pause(ctx, pollPause); err != nil {
			return err
		}
	}
	return fmt.Errorf("network security group %s: Azure is still working on it", subscription.Name(c.ID))
}

// pending reports whether Azure is still at a write.
func pending(raw json.RawMessage) bool {
	var o struct {
		Properties struct {
			State string `json:"provisioningState"`
		} `json:"properties"`
	}
	_ = json.Unmarshal(raw, &o) // one without a state is done
	return subscription.Same(o.Properties.State, "Updating")
}

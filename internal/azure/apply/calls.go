package apply

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

// The kinds of objects that are written, by what their ids have behind the resource
// group, with the name of their operations and the version of the api.
var kinds = []struct{ rest, operation, version string }{
	{"", "Microsoft.Resources/subscriptions/resourceGroups", "2021-04-01"},
	{"/providers/microsoft.insights/activitylogalerts/", "Microsoft.Insights/activityLogAlerts", "2020-10-01"},
	{"/providers/microsoft.insights/actiongroups/", "Microsoft.Insights/actionGroups", "2023-01-01"},
}

// calls makes the calls of actions.
type calls struct {
	client *arm.Client
	pause  func(context.Context, time.Duration) error
}

// request is about an object of one of the kinds.
func request(id, verb string) (arm.Request, error) {
	parts, ok := subscription.ParseID(id)
	rest := subscription.Fold(parts.Rest)
	for _, k := range kinds {
		if ok && parts.Group != "" && (rest == k.rest || k.rest != "" && strings.HasPrefix(rest, k.rest) && !strings.Contains(rest[len(k.rest):], "/")) {
			return arm.Request{Operation: k.operation + "/" + verb, Path: id, Version: k.version}, nil
		}
	}
	return arm.Request{}, fmt.Errorf("%s is not an object that monitorctl writes", id)
}

// Get implements action.Calls.
func (c calls) Get(ctx context.Context, id string) (json.RawMessage, error) {
	r, err := request(id, "read")
	if err != nil {
		return nil, err
	}
	raw, err := c.client.Get(ctx, r)
	var e *arm.Error
	if errors.As(err, &e) && (e.Status == 404 || e.Code == "MissingSubscriptionRegistration") {
		return nil, nil
	}
	return raw, err
}

// AlertRules implements action.Calls.
func (c calls) AlertRules(ctx context.Context, id string) ([]json.RawMessage, error) {
	list, err := c.client.List(ctx, arm.Request{
		Operation: "Microsoft.Insights/activityLogAlerts/read", Path: "/subscriptions/" + id + "/providers/Microsoft.Insights/activityLogAlerts", Version: "2020-10-01",
	})
	var e *arm.Error
	if errors.As(err, &e) && e.Code == "MissingSubscriptionRegistration" {
		return nil, nil
	}
	return list, err
}

// Resources implements action.Calls.
func (c calls) Resources(ctx context.Context, group string) ([]string, error) {
	list, err := c.client.List(ctx, arm.Request{Operation: "Microsoft.Resources/subscriptions/resourceGroups/resources/read", Path: group + "/resources", Version: "2021-04-01"})
	var out []string
	for _, raw := range list {
		var r struct {
			ID string `json:"id"`
		}
		_ = json.Unmarshal(raw, &r) // one without an id is something, too
		out = append(out, r.ID)
	}
	return out, err
}

// Callback implements action.Calls. A logic app that takes HTTP requests has a trigger
// that its designer calls manual.
func (c calls) Callback(ctx context.Context, logicApp string) (string, error) {
	body, _, err := c.client.Post(ctx, arm.Request{
		Operation: "Microsoft.Logic/workflows/triggers/listCallbackUrl/action", Path: logicApp + "/triggers/manual/listCallbackUrl", Version: "2016-06-01",
	}, nil)
	if err != nil {
		return "", fmt.Errorf("asking logic app %s for the URL of its trigger \"manual\": %w", subscription.Name(logicApp), err)
	}
	var answer struct {
		Value string `json:"value"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Value == "" {
		return "", fmt.Errorf("logic app %s has no URL for its trigger \"manual\"", subscription.Name(logicApp))
	}
	return answer.Value, nil
}

// Put implements action.Calls.
func (c calls) Put(ctx context.Context, id string, body json.RawMessage) error {
	r, err := request(id, "write")
	if err != nil {
		return err
	}
	return c.client.Put(ctx, r, body)
}

// Delete implements action.Calls.
func (c calls) Delete(ctx context.Context, id string) error {
	r, err := request(id, "delete")
	if err != nil {
		return err
	}
	return c.client.Delete(ctx, r)
}

// How long a registration is waited for: it takes a minute or two.
const (
	registrationPause = 5 * time.Second
	registrationTries = 60
)

// Register implements action.Calls.
func (c calls) Register(ctx context.Context, id string) error {
	path := "/subscriptions/" + id + "/providers/Microsoft.Insights"
	if _, _, err := c.client.Post(ctx, arm.Request{Operation: "Microsoft.Insights/register/action", Path: path + "/register", Version: "2021-04-01"}, nil); err != nil {
		return err
	}
	for range registrationTries {
		raw, err := c.client.Get(ctx, arm.Request{Operation: "Microsoft.Resources/subscriptions/providers/read", Path: path, Version: "2021-04-01"})
		if err != nil {
			return err
		}
		var p struct {
			State string `json:"registrationState"`
		}
		if json.Unmarshal(raw, &p) == nil && subscription.Same(p.State, "Registered") {
			return nil
		}
		if err := c.pause(ctx, registrationPause); err != nil {
			return err
		}
	}
	return errors.New("the registration was asked for and is not done yet: run the command again in some minutes")
}

// MayHaveHappened implements action.Calls.
func (calls) MayHaveHappened(err error) bool { return arm.MayHaveHappened(err) }

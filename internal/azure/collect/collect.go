// Package collect reads Azure subscriptions into a snapshot: for each the lists of
// activity log alert rules, action groups and alert processing rules, and action groups
// elsewhere that those name. It only reads, and does not judge what it sees.
//
// What could not be read is a failure in its place. Only what makes the whole run
// senseless is an error: no credentials, no list of subscriptions, a subscription that
// is not there.
package collect

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/monitorctl/monitorctl/internal/azure/arm"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/spelling"
)

// All selects every subscription that the credential lists and that works.
const All = "all"

// Options say what is read.
type Options struct {
	Subscriptions []string // ids or names, or All; not empty
	ExpectTenant  string   // stop before anything else if a subscription is another tenant's; "" for any
	Salt          string   // of the hashes of addresses, hexadecimal
	Now           func() time.Time

	// Plan asks for what a plan needs besides: the registration of Microsoft.Insights,
	// locks, and the resource groups of these names.
	Plan           bool
	ResourceGroups []string

	// ActionGroups are ids of action groups that are read besides those that rules name.
	ActionGroups []string

	// OnSubscription is told how many subscriptions of how many were read; nil for
	// nobody. It is called by several goroutines, one at a time.
	OnSubscription func(read, total int)
}

// parallel is how many subscriptions are read at a time. The budget of Azure is one of
// each subscription (250 reads, 25 more a second), and each takes three or so.
const parallel = 4

// The lists of a subscription, with the version of the api that is read.
var (
	listSubscriptions = arm.Request{Operation: "Microsoft.Resources/subscriptions/read", Path: "/subscriptions", Version: "2022-12-01"}
	alertRules        = arm.Request{Operation: "Microsoft.Insights/activityLogAlerts/read", Path: "providers/Microsoft.Insights/activityLogAlerts", Version: "2020-10-01"}
	actionGroups      = arm.Request{Operation: "Microsoft.Insights/actionGroups/read", Path: "providers/Microsoft.Insights/actionGroups", Version: "2023-01-01"}
	registration      = arm.Request{Operation: "Microsoft.Resources/subscriptions/providers/read", Path: "providers/Microsoft.Insights", Version: "2021-04-01"}
	locks             = arm.Request{Operation: "Microsoft.Authorization/locks/read", Path: "providers/Microsoft.Authorization/locks", Version: "2020-05-01"}
	resourceGroups    = arm.Request{Operation: "Microsoft.Resources/subscriptions/resourceGroups/read", Path: "resourceGroups", Version: "2021-04-01"}
	processingRules   = arm.Request{Operation: "Microsoft.AlertsManagement/actionRules/read", Path: "providers/Microsoft.AlertsManagement/actionRules", Version: "2021-08-08"}
)

// Permissions returns the operations that Run needs, sorted: the actions of a role.
func Permissions() []string {
	return []string{processingRules.Operation, actionGroups.Operation, alertRules.Operation, listSubscriptions.Operation}
}

// PlanPermissions returns the operations that Options.Plan needs besides, sorted. Locks may
// be left out: then Azure says at the write what a plan would have said.
func PlanPermissions() []string {
	return []string{locks.Operation, registration.Operation, resourceGroups.Operation}
}

// Run reads the subscriptions. It fails when none can be chosen, when nobody can be
// signed in as, and when ctx ends.
func Run(ctx context.Context, client *arm.Client, o Options) (subscription.Snapshot, error) {
	list, err := choose(ctx, client, o)
	if err != nil {
		return subscription.Snapshot{}, err
	}
	c := &collector{client: client, o: o, elsewhere: map[string]*subscription.Read[json.RawMessage]{}}
	var mu sync.Mutex
	done := 0
	g, reading := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i := range list {
		g.Go(func() error {
			if err := c.read(reading, &list[i]); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			done++
			if o.OnSubscription != nil {
				o.OnSubscription(done, len(list))
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return subscription.Snapshot{}, err
	}
	for i := range list { // what another subscription's list does not say is asked for once all are read
		if err := c.readElsewhere(ctx, &list[i], list); err != nil {
			return subscription.Snapshot{}, err
		}
	}
	return subscription.Snapshot{Schema: subscription.SchemaV1, TakenAt: o.Now().UTC().Truncate(time.Second), Salt: o.Salt, Subscriptions: list}, nil
}

// A collector reads with one client.
type collector struct {
	client    *arm.Client
	o         Options
	elsewhere map[string]*subscription.Read[json.RawMessage] // action groups that were asked for, by Fold of their ids
}

// choose lists the subscriptions and returns those that are meant, sorted by id.
func choose(ctx context.Context, client *arm.Client, o Options) ([]subscription.Subscription, error) {
	raw, err := client.List(ctx, listSubscriptions)
	if err != nil {
		return nil, fmt.Errorf("listing subscriptions: %w", err)
	}
	var all []subscription.Subscription
	for _, r := range raw {
		var s struct {
			ID     string `json:"subscriptionId"`
			Name   string `json:"displayName"`
			Tenant string `json:"tenantId"`
			State  string `json:"state"`
		}
		if err := json.Unmarshal(r, &s); err != nil || !subscription.IsGUID(s.ID) || s.State == "" {
			return nil, errors.New("listing subscriptions: the answer holds a subscription without id or state")
		}
		all = append(all, subscription.Subscription{ID: s.ID, Name: s.Name, Tenant: s.Tenant, State: s.State})
	}
	subscription.Sort(all)
	var out []subscription.Subscription
	for _, name := range o.Subscriptions {
		found, err := find(all, name)
		if err != nil {
			return nil, err
		}
		for _, s := range found {
			if !slices.ContainsFunc(out, func(have subscription.Subscription) bool { return have.ID == s.ID }) {
				out = append(out, s)
			}
		}
	}
	subscription.Sort(out)
	for _, s := range out {
		if o.ExpectTenant != "" && !subscription.Same(s.Tenant, o.ExpectTenant) {
			return nil, fmt.Errorf("checking the tenant: subscription %s belongs to tenant %s, not to %s", cmp.Or(s.Name, s.ID), cmp.Or(s.Tenant, "unknown"), o.ExpectTenant)
		}
	}
	return out, nil
}

// find returns what a name or an id means. All leaves out what does not work.
func find(all []subscription.Subscription, name string) ([]subscription.Subscription, error) {
	if name == All {
		out := slices.DeleteFunc(slices.Clone(all), func(s subscription.Subscription) bool { return !s.Works() })
		if len(out) == 0 {
			return nil, errors.New("listing subscriptions: the credential sees no subscription that is enabled: it needs the role Reader or Monitoring Reader on one")
		}
		return out, nil
	}
	var out []subscription.Subscription
	var known []string
	for _, s := range all {
		known = append(known, s.Name)
		if subscription.Same(s.ID, name) || strings.EqualFold(s.Name, name) {
			out = append(out, s)
		}
	}
	switch {
	case len(out) == 1:
		return out, nil
	case len(out) > 1:
		return nil, fmt.Errorf("finding subscription %q: %d subscriptions have that name: give the id, such as %s", name, len(out), out[0].ID)
	}
	near := ""
	if !subscription.IsGUID(name) { // nobody mistypes a GUID
		near = spelling.Nearest(name, known)
	}
	return nil, &NotSeenError{name, near}
}

// A NotSeenError says that the credential does not list a subscription: there is none, it
// is another tenant's, or the credential may not read it.
type NotSeenError struct {
	Name string // as it was asked for
	Near string // a name or an id that is listed and like it; "" for none
}

func (e *NotSeenError) Error() string {
	text := fmt.Sprintf("finding subscription %q: the credential does not see it", e.Name)
	if e.Near != "" {
		text += "; did you mean " + e.Near + "?"
	}
	return text
}

// Hint says what to do about it.
func (e *NotSeenError) Hint() string {
	if e.Near != "" {
		return ""
	}
	return "sign in to its tenant (--tenant), or give the credential the role Monitoring Reader on it"
}

// read reads the lists of one subscription.
func (c *collector) read(ctx context.Context, s *subscription.Subscription) error {
	for _, l := range []struct {
		request arm.Request
		to      **subscription.Read[[]json.RawMessage]
	}{{alertRules, &s.AlertRules}, {actionGroups, &s.ActionGroups}, {processingRules, &s.ProcessingRules}} {
		r := l.request
		r.Path = s.Scope() + "/" + r.Path
		list, err := c.client.List(ctx, r)
		if absent(err) {
			list, err = []json.RawMessage{}, nil
		}
		failure, err := failed(err)
		if err != nil {
			return err
		}
		for i := range list {
			list[i] = subscription.Mask(list[i], c.o.Salt)
		}
		slices.SortStableFunc(list, func(a, b json.RawMessage) int { return strings.Compare(idOf(a), idOf(b)) })
		*l.to = &subscription.Read[[]json.RawMessage]{Value: list, Failure: failure}
	}
	if c.o.Plan && s.Works() {
		return c.readForPlan(ctx, s)
	}
	return nil
}

// readForPlan reads what a plan needs besides.
func (c *collector) readForPlan(ctx context.Context, s *subscription.Subscription) error {
	raw, failure, err := c.get(ctx, s, registration)
	if err != nil {
		return err
	}
	var state struct {
		State string `json:"registrationState"`
	}
	_ = json.Unmarshal(raw, &state) // an answer without it is no registration
	s.Registered = &subscription.Read[bool]{Value: subscription.Same(state.State, "Registered"), Failure: failure}
	request := locks
	request.Path = s.Scope() + "/" + locks.Path
	list, err := c.client.List(ctx, request)
	if failure, err = failed(err); err != nil {
		return err
	}
	s.Locks = &subscription.Read[[]json.RawMessage]{Value: list, Failure: failure}
	s.ResourceGroups = map[string]*subscription.Read[json.RawMessage]{}
	for _, name := range c.o.ResourceGroups {
		request := resourceGroups
		request.Path += "/" + name
		raw, failure, err := c.get(ctx, s, request)
		if err != nil {
			return err
		}
		s.ResourceGroups[subscription.Fold(name)] = &subscription.Read[json.RawMessage]{Value: raw, Failure: failure}
	}
	return nil
}

// get reads one object of a subscription; nil where there is none.
func (c *collector) get(ctx context.Context, s *subscription.Subscription, r arm.Request) (json.RawMessage, *subscription.Failure, error) {
	r.Path = s.Scope() + "/" + r.Path
	raw, err := c.client.Get(ctx, r)
	if absent(err) {
		return nil, nil, nil
	}
	failure, err := failed(err)
	return raw, failure, err
}

// idOf returns the id of an answer in the form that compares.
func idOf(raw json.RawMessage) string {
	var o struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(raw, &o) // one without an id comes first
	return subscription.Fold(o.ID)
}

// absent reports whether an error says that there is no such thing: not found, or a
// provider that the subscription never used.
func absent(err error) bool {
	var e *arm.Error
	return errors.As(err, &e) && slices.Contains([]string{"ResourceNotFound", "ResourceGroupNotFound", "MissingSubscriptionRegistration"}, e.Code)
}

// failed returns the failure of a call, or the error that ends the run.
func failed(err error) (*subscription.Failure, error) {
	var e *arm.Error
	switch {
	case err == nil:
		return nil, nil
	case errors.As(err, &e):
		return &subscription.Failure{Operation: e.Operation, Code: e.Code, Message: e.Message}, nil
	}
	return nil, err
}

// groupForm is the form of an action group's id. An id is what a stranger wrote into a
// rule: nothing of another form is asked for.
var groupForm = regexp.MustCompile(`(?i)^/subscriptions/[0-9a-f-]{36}/resourceGroups/[\p{L}\p{N}_().-]*[\p{L}\p{N}_()-]/providers/Microsoft\.Insights/actionGroups/[^/%?#&\\<>:*|";+]*[^/%?#&\\<>:*|";+. ]/?$`)

// readElsewhere reads the action groups that a subscription's objects name and that are
// in none of the lists.
func (c *collector) readElsewhere(ctx context.Context, s *subscription.Subscription, run []subscription.Subscription) error {
	for _, id := range append(groupsNamed(s), c.o.ActionGroups...) {
		parts, ok := subscription.ParseID(id)
		if !ok || !groupForm.MatchString(id) || subscription.Same(parts.Subscription, s.ID) || isListed(run, parts.Subscription) {
			continue
		}
		key := subscription.Fold(id)
		if s.Elsewhere[key] != nil {
			continue
		}
		read, err := c.actionGroup(ctx, id)
		if err != nil {
			return err
		}
		if s.Elsewhere == nil {
			s.Elsewhere = map[string]*subscription.Read[json.RawMessage]{}
		}
		s.Elsewhere[key] = read
	}
	return nil
}

// actionGroup reads an action group; one that several subscriptions name is read once.
func (c *collector) actionGroup(ctx context.Context, id string) (*subscription.Read[json.RawMessage], error) {
	key := subscription.Fold(id)
	if have := c.elsewhere[key]; have != nil {
		return have, nil
	}
	raw, err := c.client.Get(ctx, arm.Request{Operation: actionGroups.Operation, Path: id, Version: actionGroups.Version})
	if absent(err) {
		raw, err = nil, nil
	}
	failure, err := failed(err)
	if err != nil {
		return nil, err
	}
	if raw != nil {
		raw = subscription.Mask(raw, c.o.Salt)
	}
	c.elsewhere[key] = &subscription.Read[json.RawMessage]{Value: raw, Failure: failure}
	return c.elsewhere[key], nil
}

// isListed reports whether the action groups of a subscription were listed in this run.
func isListed(run []subscription.Subscription, id string) bool {
	return slices.ContainsFunc(run, func(s subscription.Subscription) bool {
		_, ok := s.ActionGroups.Got()
		return ok && subscription.Same(s.ID, id)
	})
}

// groupsNamed returns the ids of the action groups that alert rules and processing rules
// name.
func groupsNamed(s *subscription.Subscription) []string {
	var out []string
	list, _ := s.AlertRules.Got()
	for _, raw := range list {
		out = append(out, subscription.ReadAlertRule(raw).Groups...)
	}
	list, _ = s.ProcessingRules.Got()
	for _, raw := range list {
		out = append(out, subscription.ReadProcessingRule(raw).Adds...)
	}
	return out
}

// Package azuretest is an Azure that behaves: an ARM endpoint for tests that keeps
// subscriptions with alert rules, action groups and alert processing rules, speaks their
// JSON as Azure does, and carries events through. A call becomes records of the Activity
// Log, each record is held against every rule, processing rules add and remove action
// groups, receivers get messages within their limits, and inboxes tell who was told.
//
// It works on whole records where the audit reasons about fields, and it imports
// neither the audit nor the languages that the audit reads: two ways to the same
// answer. What Azure does not document it refuses instead of guessing.
//
// Cloud.ServeHTTP is the endpoint: subscriptions, the three kinds of objects, resource
// groups, locks, the registration of Microsoft.Insights, test notifications, the token
// endpoint of Entra ID. Its clock stands still until Advance.
package azuretest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Cloud is one Azure. The zero value is not ready; use New.
type Cloud struct {
	mu       sync.Mutex
	now      time.Time
	subs     map[string]*sub // by lower-case id
	inboxes  map[string][]Message
	sent     map[string][]time.Time // by kind and address, for the limits
	tokens   map[string]string      // the tenant of each
	statuses map[string]string      // of receivers, by tenant, kind and address: what their owner did
	tests    map[string]*test       // test notifications by id
	faults   []*Fault
	requests []Request

	// PageSize is the greatest number of objects in an answer to a list; 0 for no
	// limit.
	PageSize int

	// NextLinkHost, if set, is put into the nextLink of lists instead of the host that
	// was asked: a client must not follow it.
	NextLinkHost string

	// ListLag is how long a write through the endpoint takes to show in lists; an object
	// that is asked for by its id shows it at once.
	ListLag time.Duration
}

// A sub is a subscription.
type sub struct {
	ID, Name, Tenant, State string
	registration            string                    // of Microsoft.Insights: Registered, Registering, NotRegistered
	groups                  map[string]*resourceGroup // by name in lower case
	objects                 []*object
	past                    []past // oldest first
	locks                   []lock
	logicApps               map[string]string // URL of the trigger "manual" by id in lower case
	denied                  map[string]string // by kind, the name of the policy that refuses to write it
}

// A resourceGroup holds objects.
type resourceGroup struct {
	Name, Location string
	Tags           any
}

// A lock keeps what is in its scope from being deleted or, with the level ReadOnly, from
// being written.
type lock struct{ scope, level string }

// An object is a rule, an action group, a processing rule or a network security group.
type object struct {
	id    string // as written when it was made
	kind  string // of kinds
	value map[string]any
}

// The kinds of objects, as Azure writes their types.
const (
	AlertRules      = "Microsoft.Insights/activityLogAlerts"
	ActionGroups    = "Microsoft.Insights/actionGroups"
	ProcessingRules = "Microsoft.AlertsManagement/actionRules"
	SecurityGroups  = "Microsoft.Network/networkSecurityGroups"
)

var kinds = []string{AlertRules, ActionGroups, ProcessingRules, SecurityGroups}

// New returns an Azure without subscriptions. Its clock stands at the given time.
func New(now time.Time) *Cloud {
	return &Cloud{
		now: now.UTC(), subs: map[string]*sub{}, inboxes: map[string][]Message{}, sent: map[string][]time.Time{}, tokens: map[string]string{},
		statuses: map[string]string{}, tests: map[string]*test{},
	}
}

// AddSubscription makes a subscription with two resource groups, monitoring and prod.
// The state is Enabled, Warned, PastDue, Disabled or Deleted.
func (c *Cloud) AddSubscription(id, name, tenant, state string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &sub{ID: id, Name: name, Tenant: tenant, State: state, registration: "Registered", logicApps: map[string]string{}, groups: map[string]*resourceGroup{}, denied: map[string]string{}}
	for _, name := range []string{"monitoring", "prod"} {
		s.groups[name] = &resourceGroup{Name: name, Location: "westeurope"}
	}
	c.subs[strings.ToLower(id)] = s
}

// AddLogicApp makes a logic app with an HTTP trigger called manual.
func (c *Cloud) AddLogicApp(id, url string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.subs[strings.ToLower(subscriptionOf(id))].logicApps[strings.ToLower(id)] = url
}

// Unregister makes a subscription answer as if it had never used Microsoft.Insights.
func (c *Cloud) Unregister(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.subs[strings.ToLower(id)].registration = "NotRegistered"
}

// Objects returns all that stands in a subscription, resource groups included, as one
// JSON document: equal contents give equal bytes. The order in which things were made does
// not show.
func (c *Cloud) Objects(subscription string) json.RawMessage {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.subs[strings.ToLower(subscription)]
	all := map[string]any{}
	for _, o := range s.objects {
		all[strings.ToLower(o.id)] = o.value
	}
	for _, g := range s.groups {
		all[strings.ToLower(g.Name)] = s.describe(g)
	}
	text, _ := json.MarshalIndent(all, "", "  ") // it came from JSON
	return append(text, '\n')
}

// Advance moves the clock.
func (c *Cloud) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Put makes or replaces an object as a PUT would, with its raw answer: id and kind
// come from the value. The error is what Azure would say.
func (c *Cloud) Put(raw json.RawMessage) error {
	var value map[string]any
	if err := json.Unmarshal(raw, &value); err != nil {
		return err
	}
	id, _ := value["id"].(string)
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.put(id, value); err != nil {
		return err
	}
	switch o := c.find(id); o.kind {
	case ActionGroups:
		c.remember(o)
	case AlertRules:
		completeCondition(o.properties())
	}
	return nil
}

// remember keeps the statuses of a group's receivers as what their owners did: an address
// is verified, or unsubscribed, for the whole tenant.
func (c *Cloud) remember(group *object) {
	for _, kind := range []string{"email", "sms"} {
		for _, r := range objectsOf(group.properties()[kind+"Receivers"]) {
			if status := text(r["status"]); status != "" {
				c.statuses[c.statusKey(group, kind, r)] = status
			}
		}
	}
}

func (c *Cloud) statusKey(group *object, kind string, r map[string]any) string {
	s := c.subs[strings.ToLower(subscriptionOf(group.id))]
	address := strings.ToLower(text(r["emailAddress"]) + "+" + text(r["countryCode"]) + text(r["phoneNumber"]))
	return s.Tenant + " " + kind + " " + address
}

// Remove removes an object, as someone does by hand.
func (c *Cloud) Remove(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.subs[strings.ToLower(subscriptionOf(id))]
	s.objects = slices.DeleteFunc(s.objects, func(o *object) bool { return same(o.id, id) })
}

// SetStatus sets the status of a receiver of an action group, as its owner does who
// verifies an address or unsubscribes: Enabled, Disabled or NotSpecified.
func (c *Cloud) SetStatus(groupID, receiver, status string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.find(groupID)
	if o == nil {
		return fmt.Errorf("there is no action group %s", groupID)
	}
	for _, key := range []string{"emailReceivers", "smsReceivers"} {
		for _, r := range objectsOf(o.properties()[key]) {
			if r["name"] == receiver {
				r["status"] = status
				c.remember(o)
				return nil
			}
		}
	}
	return fmt.Errorf("action group %s has no receiver %s with a status", groupID, receiver)
}

func (o *object) properties() map[string]any {
	p, _ := o.value["properties"].(map[string]any)
	return p
}

// find returns the object with an id, nil when there is none.
func (c *Cloud) find(id string) *object {
	s := c.subs[strings.ToLower(subscriptionOf(id))]
	if s == nil {
		return nil
	}
	i := slices.IndexFunc(s.objects, func(o *object) bool { return same(o.id, id) })
	if i < 0 {
		return nil
	}
	return s.objects[i]
}

// same compares ids.
func same(a, b string) bool {
	return strings.EqualFold(strings.TrimRight(a, "/"), strings.TrimRight(b, "/"))
}

// subscriptionOf returns the subscription's id in an id; "" for an id without one.
func subscriptionOf(id string) string {
	parts := strings.Split(id, "/")
	if len(parts) < 3 || parts[0] != "" || !strings.EqualFold(parts[1], "subscriptions") {
		return ""
	}
	return parts[2]
}

// Helpers for JSON values.

func text(v any) string { s, _ := v.(string); return s }

func objectsOf(v any) []map[string]any {
	list, _ := v.([]any)
	var out []map[string]any
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

func texts(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, e := range list {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

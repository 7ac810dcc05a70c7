package azuretest

import (
	"slices"
	"strings"
)

// A Fault is an answer that stands in the way of others.
type Fault struct {
	Method string // "" for any
	Path   string // a part of the path, without case
	Writes bool   // only requests that write
	After  int    // how many requests that fit it lets pass first
	Times  int    // how often; 0 for ever
	Answer Error  // zero: no answer at all, until the client gives up

	Applied bool   // the request takes effect all the same
	Do      func() // called when the fault is served; may be nil

	passed, served int
}

// Fail adds a fault. Of several that fit, the first counts.
func (c *Cloud) Fail(f Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = append(c.faults, &f)
}

// ClearFaults removes all faults.
func (c *Cloud) ClearFaults() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = nil
}

// Lock sets whether the objects of a subscription are locked against writes.
func (c *Cloud) Lock(subscription string, locked bool) {
	c.LockScope("/subscriptions/"+subscription, "")
	if locked {
		c.LockScope("/subscriptions/"+subscription, "ReadOnly")
	}
}

// LockScope puts a lock on a subscription or resource group: CanNotDelete or ReadOnly; ""
// removes those that are there.
func (c *Cloud) LockScope(scope, level string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.subs[strings.ToLower(subscriptionOf(scope))]
	s.locks = slices.DeleteFunc(s.locks, func(l lock) bool { return same(l.scope, scope) })
	if level != "" {
		s.locks = append(s.locks, lock{scope, level})
	}
}

// locked refuses a write, or a removal, that a lock stands against.
func (s *sub) locked(id string, removal bool) *Error {
	for _, l := range s.locks {
		if strings.HasPrefix(strings.ToLower(id)+"/", strings.ToLower(l.scope)+"/") && (removal || l.level == "ReadOnly") {
			return refuse(409, "ScopeLocked", "the scope %s cannot perform the operation because it is locked (%s)", l.scope, l.level)
		}
	}
	return nil
}

// Deny makes a policy refuse objects of a kind in a subscription.
func (c *Cloud) Deny(subscription, kind, policy string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.subs[strings.ToLower(subscription)].denied[kind] = policy
}

// fault returns the fault that fits a request, nil for none.
func (c *Cloud) fault(method, path string) *Fault {
	for _, f := range c.faults {
		if f.Method != "" && f.Method != method || f.Writes && method == "GET" || !strings.Contains(strings.ToLower(path), strings.ToLower(f.Path)) {
			continue
		}
		if f.passed++; f.passed > f.After && (f.Times == 0 || f.served < f.Times) {
			f.served++
			return f
		}
	}
	return nil
}

// A Request is one that the endpoint got, faults included.
type Request struct {
	Method, Path string
	Token        bool // it carried a token that this Azure gave out
}

// Requests returns the requests to ARM so far, those for tokens aside, in their order.
func (c *Cloud) Requests() []Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.requests)
}

package azuretest

import (
	"slices"
	"strings"
)

// A Fault is an answer that stands in the way of others.
type Fault struct {
	Method string // "" for any
	Path   string // a part of the path, without case
	Times  int    // how often; 0 for ever
	Answer Error

	served int
}

// Fail adds a fault. Of several that fit, the first counts.
func (c *Cloud) Fail(f Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = append(c.faults, &f)
}

// Lock sets whether the objects of a subscription are locked against writes.
func (c *Cloud) Lock(subscription string, locked bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.subs[strings.ToLower(subscription)].locked = locked
}

// fault returns the answer of a fault that fits a request, nil for none.
func (c *Cloud) fault(method, path string) *Error {
	for _, f := range c.faults {
		if (f.Method == "" || f.Method == method) && strings.Contains(strings.ToLower(path), strings.ToLower(f.Path)) && (f.Times == 0 || f.served < f.Times) {
			f.served++
			return &f.Answer
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

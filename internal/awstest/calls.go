package awstest

import (
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// A Call is one request that the Cloud received and understood.
type Call struct {
	Operation string // as in IAM: "logs:PutMetricFilter", "cloudwatch:DescribeAlarms"
	Account   string // of the caller's key
	Region    string
	Protocol  string    // json, cbor, query, s3
	Read      bool      // the operation changes nothing
	Input     string    // the input as JSON, whatever the protocol was
	Error     string    // the error code answered, "" for success; faults included
	Time      time.Time // virtual
}

// Calls returns the requests received so far, in order.
func (c *Cloud) Calls() []Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Call(nil), c.calls...)
}

// CallCounts returns how often each operation was called.
func (c *Cloud) CallCounts() map[string]int {
	counts := map[string]int{}
	for _, call := range c.Calls() {
		counts[call.Operation]++
	}
	return counts
}

// ResetCalls forgets the requests received so far.
func (c *Cloud) ResetCalls() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = nil
}

// A loggedCall points to the entry of a running request.
type loggedCall struct {
	cloud *Cloud
	index int
}

func (c *Cloud) logCall(req *request, in any) loggedCall {
	input, _ := json.Marshal(in) // inputs are plain structs
	c.calls = append(c.calls, Call{
		Operation: req.svc.iam + ":" + req.op,
		Account:   req.principal.account.id,
		Region:    req.region.name,
		Protocol:  protocolName(req.proto),
		Read:      req.svc.ops[req.op].read,
		Input:     string(input),
		Time:      c.now,
	})
	return loggedCall{c, len(c.calls) - 1}
}

func (l loggedCall) call() *Call { return &l.cloud.calls[l.index] }

// fail notes the error that the request is answered with.
func (l loggedCall) fail(err error) {
	var api *APIError
	if errors.As(err, &api) {
		l.call().Error = api.Code
	} else if err != nil {
		l.call().Error = err.Error()
	}
}

func protocolName(p protocol) string {
	switch p.(type) {
	case *cborProtocol:
		return "cbor"
	case *queryProtocol:
		return "query"
	case *s3Protocol:
		return "s3"
	default:
		return "json"
	}
}

// matchesAction reports whether an IAM action pattern with asterisks matches an
// action. Case does not matter.
func matchesAction(pattern, action string) bool {
	return like(strings.ToLower(pattern), strings.ToLower(action))
}

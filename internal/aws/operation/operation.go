// Package operation is the one table of the calls to AWS that monitorctl makes in an
// account: what IAM checks, how many a second AWS allows, and what is lost without one.
// collect paces calls by it, permissions writes policies from it, and the account that
// tests run against throttles by it.
package operation

import (
	"slices"
	"sync"
)

// An Operation is one call of AWS's API.
type Operation struct {
	Name    string   // as calls are counted and failures named: "logs:DescribeLogGroups"
	Actions []string // IAM actions that AWS checks; empty when it checks none
	Source  string   // of Actions: a section of the Service Authorization Reference

	// PerSecond is AWS's limit in calls per second, per account and region; 0 where no
	// figure is known. Sources: "CloudWatch Logs quotas", "Amazon CloudWatch endpoints
	// and quotas", the Amazon SNS API reference, "Quotas in AWS CloudTrail". EventBridge
	// publishes none: some 50 reads a second are said to pass, and its user guide advises
	// to stay far below that with writes.
	PerSecond float64
	Bucket    string // of operations that share PerSecond; "" when it has its own

	// Without is what is lost where the call is refused; "" when a command cannot do
	// without it.
	Without string
}

// Limit returns the name of the bucket that the calls of the operation are counted in.
func (o Operation) Limit() string {
	if o.Bucket != "" {
		return o.Bucket
	}
	return o.Name
}

// All returns the table, ordered by service and purpose.
func All() []Operation { return slices.Clone(table) }

// Named returns the operation of that name; false when monitorctl makes no such call.
func Named(name string) (Operation, bool) {
	o, ok := byName()[name]
	return o, ok
}

var byName = sync.OnceValue(func() map[string]Operation {
	m := make(map[string]Operation, len(table))
	for _, o := range table {
		m[o.Name] = o
	}
	return m
})

package collect

import (
	"sync"
)

// A Call is one finished call of an AWS operation, as Config.Observe sees it.
type Call struct {
	Operation string // IAM style: "logs:DescribeLogGroups"
	Region    string
	Retries   int    // attempts after the first
	Throttled int    // attempts that were refused as too many
	Code      string // error code of the failure, "" when the call succeeded
}

// Stats counts calls by operation.
type Stats struct {
	Calls   map[string]int // by IAM-style operation; a retried call counts once
	Retries map[string]int // attempts after the first; operations without any are absent

	// Throttled is how many requests were refused as too many, of all operations.
	Throttled int
}

// Total returns the number of requests sent: calls and retries.
func (s Stats) Total() int {
	n := 0
	for _, c := range s.Calls {
		n += c
	}
	for _, r := range s.Retries {
		n += r
	}
	return n
}

// A meter counts the calls of a session and tells an observer of each.
type meter struct {
	mu      sync.Mutex
	stats   Stats
	observe func(Call) // may be nil; called under mu, so one at a time
}

func newMeter(observe func(Call)) *meter {
	return &meter{stats: Stats{Calls: map[string]int{}, Retries: map[string]int{}}, observe: observe}
}

func (m *meter) add(c Call) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stats.Calls[c.Operation]++
	m.stats.Throttled += c.Throttled
	if c.Retries > 0 {
		m.stats.Retries[c.Operation] += c.Retries
	}
	if m.observe != nil {
		m.observe(c)
	}
}

// read returns a copy of the counts.
func (m *meter) read() Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := Stats{Calls: map[string]int{}, Retries: map[string]int{}, Throttled: m.stats.Throttled}
	for k, v := range m.stats.Calls {
		s.Calls[k] = v
	}
	for k, v := range m.stats.Retries {
		s.Retries[k] = v
	}
	return s
}

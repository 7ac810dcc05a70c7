package awstest

import (
	"fmt"
	"sort"
	"sync"
	"time"
)

// Options are the settings of a Cloud. The zero value is usable.
type Options struct {
	// Start is where the virtual clock begins, cut to whole seconds. The zero
	// value means the wall clock's current minute.
	Start time.Time

	// PageSize limits the entries of every paged answer; 0 leaves AWS's own page
	// sizes (50 metric filters, 100 alarms, 100 subscriptions, ...).
	PageSize int

	// DeliveryDelay is the virtual time between an event and its arrival in a
	// trail's log group; 0 means 5 minutes, AWS's average.
	DeliveryDelay time.Duration

	// Propagation is the virtual time after which other services see a role or a bucket
	// policy that was written; 0 means at once. Real ones take some seconds.
	Propagation time.Duration

	// BusDelay is the virtual time between an event and its arrival on an event
	// bus; 0 means 2 seconds, which AWS does not promise.
	BusDelay time.Duration
}

// A Cloud is an in-memory AWS. Create one with New.
type Cloud struct {
	mu       sync.Mutex // guards everything below, and all accounts and regions
	opts     Options
	now      time.Time
	accounts map[string]*Account
	keys     map[string]principal     // by access key id
	orgs     map[string]*organization // by account id of each member
	serial   int                      // source of ids

	decoded map[string]map[string]any // records, by their text
	queue   []delivery                // what is on its way to log groups and buses, by time
	outages map[string]time.Time      // until when the endpoints of API destinations answer nothing
	story   []Step
	inboxes map[string][]Delivered

	faults []*armedFault
	calls  []Call
	denied []string // IAM action patterns
	quotas *quotas  // nil: no throttling by rate
}

// New returns a Cloud without accounts.
func New(opts Options) *Cloud {
	if opts.Start.IsZero() {
		opts.Start = time.Now().Truncate(time.Minute)
	}
	if opts.DeliveryDelay == 0 {
		opts.DeliveryDelay = 5 * time.Minute
	}
	if opts.BusDelay == 0 {
		opts.BusDelay = 2 * time.Second
	}
	return &Cloud{
		outages:  map[string]time.Time{},
		opts:     opts,
		now:      opts.Start.UTC().Truncate(time.Second),
		accounts: map[string]*Account{},
		orgs:     map[string]*organization{},
		keys:     map[string]principal{},
		inboxes:  map[string][]Delivered{},
		decoded:  map[string]map[string]any{},
	}
}

// nextID returns a number that was not used before.
func (c *Cloud) nextID() int {
	c.serial++
	return c.serial
}

// uuid returns a new id in the shape of a UUID. Ids follow each other, so that
// the same steps give the same ids.
func (c *Cloud) uuid() string {
	n := c.nextID()
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", n, n)
}

// page cuts one page out of list, which is sorted by key. It starts behind the
// key after ("" is the beginning) and holds at most the smaller of limit and
// Options.PageSize entries. next is the key to pass as after for the following
// page, "" at the end.
func page[T any](c *Cloud, list []T, key func(T) string, after string, limit int) (cut []T, next string) {
	if c.opts.PageSize > 0 && c.opts.PageSize < limit {
		limit = c.opts.PageSize
	}
	list = list[sort.Search(len(list), func(i int) bool { return after == "" || key(list[i]) > after }):]
	if len(list) <= limit {
		return list, ""
	}
	return list[:limit], key(list[limit-1])
}

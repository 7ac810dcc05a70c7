package awstest

import (
	"maps"
	"slices"
	"time"
)

// tick is the step of the virtual clock: the shortest interval at which
// CloudWatch evaluates an alarm.
const tick = 10 * time.Second

// Now returns the virtual time, in UTC.
func (c *Cloud) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the virtual clock on. On the way events are delivered and
// alarms evaluated at the times when that is due. Nothing else moves the clock.
func (c *Cloud) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	end := c.now.Add(d)
	for next := c.now.Truncate(tick).Add(tick); !next.After(end); next = next.Add(tick) {
		c.deliverUntil(next)
		c.now = next
		if next.Second() == 0 {
			c.eachTrail(func(r *Region, name string) { c.heartbeat(r, name) })
		}
		c.evaluateAlarms()
	}
	c.deliverUntil(end)
	c.now = end
}

// deliverUntil delivers what is due up to t.
func (c *Cloud) deliverUntil(t time.Time) {
	for len(c.queue) > 0 && !c.queue[0].due.After(t) {
		d := c.queue[0]
		c.queue = c.queue[1:]
		c.now = d.due
		d.run()
	}
}

// eachRegion visits all regions, sorted by account and name.
func (c *Cloud) eachRegion(visit func(*Region)) {
	for _, id := range slices.Sorted(maps.Keys(c.accounts)) {
		for _, name := range c.accounts[id].regionNames() {
			visit(c.accounts[id].regions[name])
		}
	}
}

// eachTrail visits all trails at their home, sorted by account, region and name.
func (c *Cloud) eachTrail(visit func(home *Region, name string)) {
	c.eachRegion(func(r *Region) {
		for _, name := range slices.Sorted(maps.Keys(r.trails)) {
			visit(r, name)
		}
	})
}

package awstest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// maxEventBytes is the largest event that CloudTrail sends to CloudWatch Logs.
// Source: CloudTrail user guide, "Quotas".
const maxEventBytes = 256 * 1024

// A delivery is something on its way.
type delivery struct {
	due time.Time
	run func()
}

// later queues what happens after a delay, behind what is due at the same time.
func (c *Cloud) later(delay time.Duration, run func()) {
	d := delivery{c.now.Add(delay), run}
	at, _ := slices.BinarySearchFunc(c.queue, d.due.Add(1), func(q delivery, due time.Time) int { return q.due.Compare(due) })
	c.queue = slices.Insert(c.queue, at, d)
}

// Emit hands a CloudTrail record to the trails of an account, as if it had
// happened there now. It returns the number under which the Story speaks of it.
// The trails that carry it deliver it after Options.DeliveryDelay; one that records
// it puts it on the account's default event bus there after Options.BusDelay.
func (c *Cloud) Emit(account, region string, raw []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.accounts[account]
	if a == nil || a.regions[region] == nil {
		return 0, fmt.Errorf("emitting an event: no region %s in account %s", region, account)
	}
	rec, err := parseRecord(a, region, raw)
	if err != nil {
		return 0, err
	}
	rec.number = c.nextID()
	r := a.regionOr(rec.region)
	r.tell(rec.number, LinkEvent, rec.text("eventName"), true, "%s happens in %s", rec.text("eventName"), rec.region)
	offered, recorded := false, false
	c.eachTrail(func(home *Region, name string) {
		if t := home.trails[name]; c.watches(t, rec.account) {
			offered = true
			recorded = recorded || t.refuses(rec) == ""
			c.offer(t, rec)
		}
	})
	if recorded {
		c.later(c.opts.BusDelay, func() { r.put(trailEvent(rec)) })
	}
	if !offered {
		r.tell(rec.number, LinkTrail, "", false, "account %s has no trail", account)
	}
	return rec.number, nil
}

// offer queues the record if the trail carries it to a log group.
func (c *Cloud) offer(t *trail, rec *record) {
	if reason := t.refuses(rec); reason != "" {
		t.home.tell(rec.number, LinkTrail, t.TrailARN, false, "trail %s does not carry %s: %s", t.Name, rec.text("eventName"), reason)
		return
	}
	if t.CloudWatchLogsLogGroupARN == "" {
		t.home.tell(rec.number, LinkTrail, t.TrailARN, false, "trail %s records %s but has no log group", t.Name, rec.text("eventName"))
		return
	}
	if len(rec.raw) > maxEventBytes {
		t.home.tell(rec.number, LinkTrail, t.TrailARN, false, "%s is larger than 256 KB, which trails do not send to log groups", rec.text("eventName"))
		return
	}
	t.home.tell(rec.number, LinkTrail, t.TrailARN, true, "trail %s records %s", t.Name, rec.text("eventName"))
	c.later(c.opts.DeliveryDelay, func() { c.deliver(t, rec) })
}

// watches reports whether the trail is one of the account's, or of its
// organization.
func (c *Cloud) watches(t *trail, a *Account) bool {
	if t.home.account == a {
		return true
	}
	org := c.organizationOf(a.id)
	return t.IsOrganizationTrail && org != nil && org.management == t.home.account.id
}

// refuses says why a trail does not record an event, "" if it does.
func (t *trail) refuses(rec *record) string {
	switch {
	case !t.logging:
		return "it is not logging"
	case !t.IsMultiRegionTrail && t.HomeRegion != rec.region:
		return "it records only " + t.HomeRegion
	case rec.global && !t.IncludeGlobalServiceEvents:
		return "it leaves out global services"
	case !t.selectors.carry(rec):
		return "its event selectors leave it out"
	}
	return ""
}

// carry reports whether some selector selects the event.
func (s eventSelectors) carry(rec *record) bool {
	return slices.ContainsFunc(s.basic, func(e EventSelector) bool { return e.selects(rec) }) ||
		slices.ContainsFunc(s.advanced, func(e AdvancedEventSelector) bool { return e.selects(rec) })
}

// selects covers management events; data resources are not simulated.
func (s EventSelector) selects(rec *record) bool {
	if rec.category != "Management" || !*s.IncludeManagementEvents || slices.Contains(s.ExcludeManagementEventSources, rec.text("eventSource")) {
		return false
	}
	return s.ReadWriteType == "All" || (s.ReadWriteType == "ReadOnly") == rec.readOnly
}

func (s AdvancedEventSelector) selects(rec *record) bool {
	for _, f := range s.FieldSelectors {
		if !f.holds(rec) {
			return false
		}
	}
	return true
}

// holds evaluates one field condition. A field that the event lacks satisfies
// negated operators only.
func (f AdvancedFieldSelector) holds(rec *record) bool {
	value, present := rec.selectorField(f.Field)
	some := func(list []string, test func(string, string) bool) bool {
		return present && slices.ContainsFunc(list, func(want string) bool { return test(value, want) })
	}
	equal := func(a, b string) bool { return a == b }
	return (f.Equals == nil || some(f.Equals, equal)) &&
		(f.StartsWith == nil || some(f.StartsWith, strings.HasPrefix)) &&
		(f.EndsWith == nil || some(f.EndsWith, strings.HasSuffix)) &&
		!some(f.NotEquals, equal) && !some(f.NotStartsWith, strings.HasPrefix) && !some(f.NotEndsWith, strings.HasSuffix)
}

// selectorField returns the value of a field that advanced selectors know.
func (rec *record) selectorField(name string) (string, bool) {
	switch name {
	case "eventCategory":
		return rec.category, true
	case "readOnly":
		return fmt.Sprint(rec.readOnly), true
	case "resources.type":
		name = "resources[0].type"
	case "resources.ARN":
		name = "resources[0].ARN"
	}
	v, ok := rec.at(name)
	if !ok || v == nil {
		return "", false
	}
	return fmt.Sprint(v), true
}

// Log writes a record into a log group by itself, as something other than a trail
// would, and runs the filters of the group.
func (r *Region) Log(group string, raw []byte) error {
	r.cloud.mu.Lock()
	defer r.cloud.mu.Unlock()
	g := r.groups[group]
	if g == nil {
		return fmt.Errorf("writing to log group %s: there is none in %s", group, r.name)
	}
	rec, err := parseRecord(r.account, r.name, raw)
	if err != nil {
		return err
	}
	rec.number = r.cloud.nextID()
	r.ingest(g, rec)
	return nil
}

// deliver brings a record to the trail's log group and runs its filters.
func (c *Cloud) deliver(t *trail, rec *record) {
	home := t.home
	group, region, reason := c.reach(t.CloudWatchLogsLogGroupARN)
	c.noteDelivery(home, t.Name, reason)
	if reason != "" {
		home.tell(rec.number, LinkLogGroup, t.CloudWatchLogsLogGroupARN, false, "%s is not delivered: %s", rec.text("eventName"), reason)
		return
	}
	region.tell(rec.number, LinkLogGroup, group.arn(region), true, "%s arrives in log group %s", rec.text("eventName"), group.name)
	region.ingest(group, rec)
}

// reach finds the log group that a trail writes to, or says why it cannot.
func (c *Cloud) reach(arn string) (*logGroup, *Region, string) {
	p, _ := splitARN(arn)
	name := strings.TrimSuffix(strings.TrimPrefix(p.resource, "log-group:"), ":*")
	region := c.locate(p)
	if region == nil || region.groups[name] == nil {
		return nil, nil, "the log group " + name + " does not exist"
	}
	group := region.groups[name]
	if group.kmsKey != "" {
		if k := c.keyAnywhere(region, group.kmsKey); k == nil || k.state != "Enabled" {
			return nil, nil, "the key of log group " + name + " cannot be used"
		}
	}
	return group, region, ""
}

// noteDelivery notes the outcome of an attempt in the trail's status, if the
// trail still exists.
func (c *Cloud) noteDelivery(home *Region, name, failure string) {
	old := home.trails[name]
	if old == nil {
		return
	}
	t := *old
	t.deliveryError = failure
	if failure == "" {
		t.delivered = c.now
		c.leaveTraces(&t)
	}
	home.trails[name] = &t
}

// backgroundBytes is the size of a record of everyday reads.
const backgroundBytes = 1024

// heartbeat stands for the reads that every account makes all the time: it
// keeps the status of a trail that records them, and the metrics of its log group, up to
// date, without events.
func (c *Cloud) heartbeat(home *Region, name string) {
	t := home.trails[name]
	background := &record{
		account: home.account, region: home.name, readOnly: true, category: "Management",
		fields: map[string]any{"eventName": "DescribeInstances", "eventSource": "ec2.amazonaws.com"},
	}
	if t.CloudWatchLogsLogGroupARN == "" || t.refuses(background) != "" || c.now.Sub(t.started) < c.opts.DeliveryDelay {
		return
	}
	group, region, failure := c.reach(t.CloudWatchLogsLogGroupARN)
	c.noteDelivery(home, name, failure)
	if failure == "" {
		region.countIncoming(group, backgroundBytes)
	}
}

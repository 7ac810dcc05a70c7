package awstest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/eventpattern"
)

// A busEvent is an event on a bus.
type busEvent struct {
	number    int    // of the record, 0 for other events
	what      string // in words
	json      []byte
	readOnly  bool // a management event of CloudTrail that only reads
	name      string
	forwarded bool // it came from another bus
}

// detailTypes are the detail-types of CloudTrail's events by the record's
// eventType. Source: EventBridge user guide, "AWS service events delivered via AWS
// CloudTrail". That sign-in is spelled as here, and not as on that page, is what
// AWS's sample event shows: undocumented.
var detailTypes = map[string]string{
	"AwsApiCall": "AWS API Call via CloudTrail", "AwsServiceEvent": "AWS Service Event via CloudTrail",
	"AwsConsoleAction": "AWS Console Action via CloudTrail", "AwsConsoleSignIn": "AWS Console Sign In via CloudTrail",
	"AwsCloudTrailInsight": "AWS Insight via CloudTrail", "AwsVpceEvent": "AWS Network Activity Event via CloudTrail",
}

// trailEvent makes the event of a record.
func trailEvent(rec *record) *busEvent {
	service, _, _ := strings.Cut(rec.text("eventSource"), ".")
	kind := detailTypes[rec.text("eventType")]
	if kind == "" {
		kind = detailTypes["AwsApiCall"]
	}
	return &busEvent{
		number: rec.number, what: rec.text("eventName"), name: rec.text("eventName"), readOnly: rec.readOnly && rec.category == "Management",
		json: rec.account.cloud.eventJSON(kind, "aws."+service, rec.account.id, rec.region, []string{}, json.RawMessage(rec.raw)),
	}
}

// eventJSON writes an event. Source: EventBridge user guide, "AWS events
// structure".
func (c *Cloud) eventJSON(kind, source, account, region string, resources []string, detail any) []byte {
	data, _ := json.Marshal(map[string]any{ // strings, and a detail that is JSON
		"version": "0", "id": c.uuid(), "detail-type": kind, "source": source, "account": account,
		"time": c.now.UTC().Format(time.RFC3339), "region": region, "resources": resources, "detail": detail,
	})
	return data
}

// alarmChanged puts the event of a change of an alarm on the region's bus: every
// change makes one, actions or not. Source: CloudWatch user guide, "Alarm events and
// EventBridge".
func (r *Region) alarmChanged(a *alarm, from string) {
	state := func(value string) map[string]any {
		return map[string]any{"value": value, "reason": a.reason, "timestamp": longTime(a.updated)}
	}
	e := &busEvent{what: "the change of alarm " + a.name, json: r.cloud.eventJSON("CloudWatch Alarm State Change", "aws.cloudwatch", r.account.id, r.name, []string{a.arn}, map[string]any{
		"alarmName": a.name, "state": state(a.state), "previousState": state(from), "configuration": map[string]any{"description": a.description},
	})}
	r.cloud.later(r.cloud.opts.BusDelay, func() { r.put(e) })
}

// put brings an event to the region's default bus.
func (r *Region) put(e *busEvent) { r.arrive(defaultBus, e) }

// arrive runs the rules of a bus. On a bus whose customer's key cannot be used no
// rule can be read.
func (r *Region) arrive(bus string, e *busEvent) {
	if r.rulesOn(bus) == 0 {
		return // most accounts have none, and nothing is to be told of them
	}
	b := r.bus(bus)
	if b.key != "" {
		if k := r.cloud.keyAnywhere(r, b.key); k == nil || k.state != "Enabled" {
			r.tell(e.number, LinkBus, r.busARN(bus), false, "the key of bus %s cannot be used", bus)
			return
		}
	}
	r.tell(e.number, LinkBus, r.busARN(bus), true, "%s arrives on bus %s", e.what, bus)
	for _, x := range r.sortedRules(bus) {
		if x.takes(e) {
			r.tell(e.number, LinkRule, x.arn, true, "rule %s takes %s", x.name, e.what)
			r.fire(x, e)
		}
	}
}

// takes reports whether a rule takes an event. Reads of management events pass a
// rule that is not set to take them too unless their name begins with List, Get or
// Describe: AWS's pages disagree about the others (undocumented).
func (x *eventRule) takes(e *busEvent) bool {
	switch {
	case x.state == ruleDisabled || x.pattern == nil:
		return false
	case e.readOnly && x.state != ruleReadsToo && slices.ContainsFunc([]string{"List", "Get", "Describe"}, func(p string) bool { return strings.HasPrefix(e.name, p) }):
		return false
	}
	return x.pattern.Match(e.json) == eventpattern.Match
}

// fire sends an event to the targets of a rule.
func (r *Region) fire(x *eventRule, e *busEvent) {
	if len(x.targets) == 0 {
		r.tell(e.number, LinkTarget, x.arn, false, "rule %s has no target", x.name)
	}
	for _, t := range x.targets {
		if why := r.invoke(x, t, e, 0); why != "" {
			r.tell(e.number, LinkTarget, t.Arn, false, "rule %s cannot reach %s: %s", x.name, t.Arn, why)
		}
	}
}

// invoke sends an event to a target and returns why that failed for good, "" if
// it did not. Missing permissions and targets are not tried again. Source:
// EventBridge user guide, "Using dead-letter queues".
func (r *Region) invoke(x *eventRule, t EventTarget, e *busEvent, try int) string {
	p, _ := splitARN(t.Arn)
	switch {
	case p.service == "sns":
		return r.publishEvent(x, t, e)
	case p.service == "events" && strings.HasPrefix(p.resource, "event-bus/"):
		return r.forward(t, p, e)
	case p.service == "events" && strings.HasPrefix(p.resource, "api-destination/"):
		return r.callDestination(x, t, e, try)
	}
	r.cloud.hold(Delivered{Account: r.account.id, Region: r.name, Protocol: p.service, Endpoint: t.Arn, Body: r.cloud.render(t, x, e), Rule: x.name, Record: e.number})
	r.tell(e.number, LinkTarget, t.Arn, true, "rule %s runs %s, which no person reads", x.name, t.Arn)
	return ""
}

// hold puts a message into an inbox.
func (c *Cloud) hold(d Delivered) {
	d.Time = c.now
	c.inboxes[d.Endpoint] = append(c.inboxes[d.Endpoint], d)
}

// forward sends an event to another bus: one hop only. Another account's bus must
// admit the sender's account; another region needs a role that may put events
// there. Source: EventBridge user guide, "Sending and receiving events between
// accounts", "... between Regions".
func (r *Region) forward(t EventTarget, to arnParts, e *busEvent) string {
	name := strings.TrimPrefix(to.resource, "event-bus/")
	home := r.cloud.locate(to)
	switch {
	case e.forwarded:
		return "the event came from another bus already"
	case home == nil || home.bus(name) == nil:
		return "the bus does not exist"
	case t.RoleArn == "" && to.region != r.name:
		return "another region needs a role"
	}
	if t.RoleArn != "" {
		if why := r.roleRefuses(t.RoleArn, "events:PutEvents", t.Arn); why != "" {
			return why
		}
	}
	if to.account != r.account.id && !home.admits(name, r.account.id, t.RoleArn) {
		return "the policy of the bus does not admit account " + r.account.id
	}
	sent := *e
	sent.forwarded = true
	r.tell(e.number, LinkTarget, t.Arn, true, "%s is forwarded to bus %s of account %s in %s", e.what, name, to.account, to.region)
	r.cloud.later(r.cloud.opts.BusDelay, func() { home.arrive(name, &sent) })
	return ""
}

// admits reports whether the policy of a bus lets an account put events.
func (r *Region) admits(bus, account, role string) bool {
	p, err := parsePolicy(r.bus(bus).policy)
	if err != nil {
		return false
	}
	context := map[string]string{"aws:principalaccount": account, "aws:securetransport": "true"}
	if org := r.cloud.organizationOf(account); org != nil {
		context["aws:principalorgid"] = org.id
	}
	ok, _ := p.decide(access{account: account, arn: role, action: "events:PutEvents", resource: r.busARN(bus), context: context})
	return ok
}

// roleRefuses says why EventBridge cannot do something with a role, "" if it can.
func (r *Region) roleRefuses(role, action, resource string) string {
	p, _ := splitARN(role)
	account := r.cloud.accounts[p.account]
	_, name, _ := cutLast(p.resource, "/")
	if account == nil {
		return "the role " + role + " does not exist"
	}
	o, ok := account.roles[name]
	switch {
	case !ok:
		return "the role " + role + " does not exist"
	case !o.trustsService(eventsPrincipal):
		return "the role " + role + " does not trust " + eventsPrincipal
	case o.Policies == nil && o.Attached == nil:
		return "" // a role without a policy may do everything
	}
	for _, text := range o.Policies {
		if identityAllows(text, action, resource) {
			return ""
		}
	}
	return "the role " + role + " may not " + action
}

// identityAllows reports whether a policy of a role allows an action, whose
// statements have no principal.
func identityAllows(text, action, resource string) bool {
	p, err := parsePolicy(text)
	if err != nil {
		return false
	}
	for i := range p.Statement {
		p.Statement[i].Principal = &principals{everyone: true}
	}
	ok, _ := p.decide(access{action: action, resource: resource, context: map[string]string{"aws:securetransport": "true"}})
	return ok
}

// callDestination calls an API destination and tries again while it is out: at
// most 185 times and 24 hours. Source: EventBridge user guide, "Event retry policy".
func (r *Region) callDestination(x *eventRule, t EventTarget, e *busEvent, try int) string {
	d := r.destinationByARN(t.Arn)
	switch {
	case d == nil:
		return "the API destination does not exist"
	case !d.active:
		return "the API destination is inactive"
	}
	c := r.connectionByARN(d.connection)
	if c == nil || c.state != "AUTHORIZED" {
		return "its connection is not authorized"
	}
	if why := r.roleRefuses(t.RoleArn, "events:InvokeApiDestination", t.Arn); why != "" {
		return why
	}
	if until := r.cloud.outages[d.endpoint]; r.cloud.now.Before(until) {
		if try >= 185 {
			return "it answers with errors, and the event is dropped"
		}
		wait := min(time.Minute<<min(try, 4), 10*time.Minute)
		r.cloud.later(wait, func() {
			if why := r.invoke(x, t, e, try+1); why != "" {
				r.tell(e.number, LinkTarget, t.Arn, false, "rule %s cannot reach %s: %s", x.name, t.Arn, why)
			}
		})
		return ""
	}
	r.cloud.hold(Delivered{Account: r.account.id, Region: r.name, Protocol: "https", Endpoint: d.endpoint, Body: c.add(r.cloud.render(t, x, e)), Rule: x.name, Record: e.number})
	r.tell(e.number, LinkTarget, t.Arn, true, "rule %s calls %s", x.name, d.name)
	return ""
}

func (r *Region) destinationByARN(arn string) *apiDestination {
	for _, d := range r.destinations {
		if d.arn == arn || strings.HasPrefix(arn, d.arn+"/") {
			return d
		}
	}
	return nil
}

package collect

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/eventpattern"
)

// followRules reads what hangs on the rules that may take an event that the
// controls ask about: targets, the buses that they forward to, topics, API
// destinations and roles. Nothing is asked about other rules. It reports whether
// there is such a rule.
func (r *run) followRules(ctx context.Context, regions map[string]*account.Region) bool {
	if !r.asksForRules() || !r.followTargets(ctx, regions) {
		return false
	}
	r.followForwarders(ctx, regions)
	names, roles := slices.Sorted(maps.Keys(regions)), r.rolesOf(regions)
	both(
		func() { r.readRoles(ctx, roles) },
		func() {
			each(ctx, len(names), func(i int) {
				region := regions[names[i]]
				r.readDefaultBus(ctx, region)
				r.readDestinations(ctx, region)
				r.readTopics(ctx, region, targetTopics(region))
			})
		},
	)
	return true
}

// followTargets lists the targets of the rules on default buses that matter, and
// in their regions the buses. It reports whether there is such a rule.
func (r *run) followTargets(ctx context.Context, regions map[string]*account.Region) bool {
	names := slices.Sorted(maps.Keys(regions))
	follow := make([]bool, len(names))
	each(ctx, len(names), func(i int) {
		region := regions[names[i]]
		list, _ := region.Rules.Got()
		if slices.ContainsFunc(list, func(x account.Rule) bool { return x.ManagedBy == "" }) {
			r.readBusList(ctx, region)
		}
		follow[i] = r.readTargets(ctx, region, account.DefaultBus, list)
	})
	return slices.Contains(follow, true)
}

// readTargets asks for the targets of the rules of a bus that matter, unless they
// are known, and reports whether there is one. The rules are changed in place.
func (r *run) readTargets(ctx context.Context, region *account.Region, bus string, list []account.Rule) bool {
	var wanted []int
	for i := range list {
		if list[i].Targets == nil && r.matters(&list[i], region) {
			wanted = append(wanted, i)
		}
	}
	api := r.s.in(region.Name).rules
	each(ctx, len(wanted), func(i int) {
		list[wanted[i]].Targets = targets(ctx, api, bus, list[wanted[i]].Name, r.isOwnRule(bus, list[wanted[i]].Name))
	})
	return len(wanted) > 0
}

// readBusList lists the region's buses, and the rules of custom ones: a rule that
// stands on the wrong bus is worth a word.
func (r *run) readBusList(ctx context.Context, region *account.Region) {
	api := r.s.in(region.Name).rules
	region.BusList = buses(ctx, api)
	list, _ := region.BusList.Got()
	for _, arn := range list {
		if a, ok := account.ParseARN(arn); ok {
			if name, isBus := nameIn(a, "event-bus"); isBus && name != account.DefaultBus {
				r.bus(region, arn).Rules = rules(ctx, api, name)
			}
		}
	}
}

// bus returns the region's entry for a bus, made when there is none.
func (r *run) bus(region *account.Region, arn string) *account.Bus {
	if region.Buses == nil {
		region.Buses = map[string]*account.Bus{}
	}
	if region.Buses[arn] == nil {
		region.Buses[arn] = &account.Bus{ARN: arn}
	}
	return region.Buses[arn]
}

// matters reports whether a rule may take an event that is asked about, or the
// change of an alarm. One too many is harmless.
func (r *run) matters(x *account.Rule, region *account.Region) bool {
	if x.State == account.RuleDisabled || x.Pattern == "" {
		return false
	}
	p, err := eventpattern.Parse(x.Pattern)
	if err != nil {
		return true
	}
	alarms, _ := region.Alarms.Got()
	return slices.ContainsFunc(p.Branches(), func(b eventpattern.Branch) bool {
		if len(alarms.Metric)+len(alarms.Composite) > 0 && b.MayHave("source", "aws.cloudwatch") && b.MayHave("detail-type", "CloudWatch Alarm State Change") {
			return true
		}
		return b.MayHave("detail-type", eventpattern.DetailTypes("")...) && slices.ContainsFunc(r.o.Controls, func(c catalog.Control) bool { return asksAbout(b, c) })
	})
}

// asksAbout reports whether a branch may hold of an event of a control.
func asksAbout(b eventpattern.Branch, c catalog.Control) bool {
	from := func(source string) bool {
		service, _, _ := strings.Cut(source, ".")
		return b.MayHave("source", "aws."+service) && b.MayHave("detail.eventSource", source)
	}
	switch {
	case c.Type == catalog.State:
		return false
	case c.Type == catalog.Condition:
		return len(c.Sources) == 0 || slices.ContainsFunc(c.Sources, from)
	}
	return slices.ContainsFunc(c.Events, func(e catalog.Event) bool { return from(e.Source) && b.MayHave("detail.eventName", e.Name) })
}

// followForwarders reads the buses of this account that rules forward to, with
// their rules: events go no further than that.
func (r *run) followForwarders(ctx context.Context, regions map[string]*account.Region) {
	var arns []account.ARN
	for _, region := range regions {
		list, _ := region.Rules.Got()
		for _, t := range targetsOf(list) {
			arn, ok := account.ParseARN(t.ARN)
			if _, isBus := nameIn(arn, "event-bus"); !ok || !isBus || arn.Account != r.caller.Account || slices.Contains(arns, arn) {
				continue
			}
			arns = append(arns, arn)
		}
	}
	slices.SortFunc(arns, func(a, b account.ARN) int { return strings.Compare(a.String(), b.String()) })
	byRegion := map[string][]account.ARN{}
	for _, arn := range arns {
		byRegion[arn.Region] = append(byRegion[arn.Region], arn)
		if regions[arn.Region] == nil {
			regions[arn.Region] = &account.Region{Name: arn.Region}
		}
	}
	names := slices.Sorted(maps.Keys(byRegion))
	each(ctx, len(names), func(i int) {
		for _, arn := range byRegion[names[i]] {
			r.readReceiver(ctx, regions[names[i]], arn)
		}
	})
}

// readReceiver reads a bus that gets events from another one.
func (r *run) readReceiver(ctx context.Context, region *account.Region, arn account.ARN) {
	api := r.s.in(region.Name).rules
	name, _ := nameIn(arn, "event-bus")
	bus := r.bus(region, arn.String())
	bus.Description = describeBus(ctx, api, name)
	r.readBusKey(ctx, region, bus)
	if d, ok := bus.Description.Got(); ok && d == nil {
		return
	}
	read := &bus.Rules
	if name == account.DefaultBus {
		read = &region.Rules
	}
	if *read == nil {
		*read = rules(ctx, api, name)
	}
	list, _ := (*read).Got()
	r.readTargets(ctx, region, name, list)
}

// readDefaultBus describes the default bus where one of its rules matters: its key
// may keep them from being read.
func (r *run) readDefaultBus(ctx context.Context, region *account.Region) {
	list, _ := region.Rules.Got()
	if len(targetsOf(list)) > 0 {
		r.describeDefaultBus(ctx, region)
	}
}

func (r *run) describeDefaultBus(ctx context.Context, region *account.Region) {
	arn := account.ARN{Partition: r.caller.Partition, Service: "events", Region: region.Name, Account: r.caller.Account, Resource: "event-bus/" + account.DefaultBus}
	bus := r.bus(region, arn.String())
	if bus.Description == nil {
		bus.Description = describeBus(ctx, r.s.in(region.Name).rules, account.DefaultBus)
		r.readBusKey(ctx, region, bus)
	}
}

func (r *run) readBusKey(ctx context.Context, region *account.Region, bus *account.Bus) {
	if d, _ := bus.Description.Got(); d != nil && d.KeyID != "" {
		r.readKeys(ctx, region, []string{d.KeyID}, false)
	}
}

// readDestinations reads the API destinations that targets name, with their
// connections.
func (r *run) readDestinations(ctx context.Context, region *account.Region) {
	api := r.s.in(region.Name).rules
	for _, t := range regionTargets(region) {
		arn, _ := account.ParseARN(t.ARN)
		name, ok := nameIn(arn, "api-destination")
		if !ok || arn.Region != region.Name || arn.Account != r.caller.Account || region.APIDestinations[t.ARN] != nil {
			continue
		}
		if region.APIDestinations == nil {
			region.APIDestinations = map[string]*account.Read[*account.APIDestination]{}
		}
		read := apiDestination(ctx, api, name, r.o.Salt)
		region.APIDestinations[t.ARN] = read
		if d, _ := read.Got(); d != nil {
			r.readConnection(ctx, region, d.ConnectionARN)
		}
	}
}

func (r *run) readConnection(ctx context.Context, region *account.Region, arn string) {
	a, _ := account.ParseARN(arn)
	name, ok := nameIn(a, "connection")
	if !ok || region.Connections[arn] != nil {
		return
	}
	if region.Connections == nil {
		region.Connections = map[string]*account.Read[*account.Connection]{}
	}
	region.Connections[arn] = describeConnection(ctx, r.s.in(region.Name).rules, name)
}

// targetsOf returns the targets that were read of rules.
func targetsOf(list []account.Rule) []account.Target {
	var all []account.Target
	for _, x := range list {
		t, _ := x.Targets.Got()
		all = append(all, t...)
	}
	return all
}

// regionTargets returns the targets that were read of the rules on the region's
// buses, those of the default bus first, then by bus.
func regionTargets(region *account.Region) []account.Target {
	list, _ := region.Rules.Got()
	all := targetsOf(list)
	for _, arn := range slices.Sorted(maps.Keys(region.Buses)) {
		list, _ := region.Buses[arn].Rules.Got()
		all = append(all, targetsOf(list)...)
	}
	return all
}

// targetTopics are the topics of the region that rules publish to.
func targetTopics(region *account.Region) []string {
	var arns []string
	for _, t := range regionTargets(region) {
		if arn, ok := account.ParseARN(t.ARN); ok && arn.Service == "sns" && arn.Region == region.Name {
			arns = append(arns, t.ARN)
		}
	}
	return arns
}

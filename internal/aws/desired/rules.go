package desired

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/eventpattern"
)

// What our rules, their targets and the role of forwarders are called.
const (
	rulePrefix      = "monitorctl-"
	forwarderPrefix = "monitorctl-forward-"
	roleName        = "monitorctl-events-forwarder"

	TopicTarget = "topic" // id of the target that publishes to our topic
	HomeTarget  = "home"  // id of the target of a forwarder
)

// PatternLimit is the length of an event pattern in characters that AWS takes in
// every account ("Amazon EventBridge quotas").
const PatternLimit = 2048

// RuleName is the name of a control's first rule; further ones, where the events
// have several sources or do not fit one pattern, end in -2, -3 and so on.
func (n Names) RuleName(c catalog.Control) string { return n.Prefix + rulePrefix + c.ID }

// RulePrefix is what the names of all our rules begin with.
func (n Names) RulePrefix() string { return n.Prefix + rulePrefix }

// ForwarderName is what the names of our forwarders begin with: a number follows, or
// the id of a control that has one of its own.
func (n Names) ForwarderName() string { return n.Prefix + forwarderPrefix }

// RoleName is the name of the role of our forwarders.
func (n Names) RoleName() string { return n.Prefix + roleName }

// RoleARN is the ARN of the role of our forwarders.
func (n Names) RoleARN(h Home) string {
	return account.ARN{Partition: h.Partition, Service: "iam", Account: h.Account, Resource: "role/" + n.RoleName()}.String()
}

// RuleARN is the ARN of a rule on the default bus.
func RuleARN(name string, h Home) string {
	return account.ARN{Partition: h.Partition, Service: "events", Region: h.Region, Account: h.Account, Resource: "rule/" + name}.String()
}

// BusARN is the ARN of the bus at home: the default one unless h names another.
func BusARN(h Home) string {
	return account.ARN{Partition: h.Partition, Service: "events", Region: h.Region, Account: h.Account, Resource: busPrefix + cmp.Or(h.Bus, account.DefaultBus)}.String()
}

// RoleTrust is the trust policy of the role of our forwarders.
func RoleTrust() string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
}

// RolePolicy is the one inline policy of that role, which has the role's name: events
// may be put on the bus at home.
func RolePolicy(home Home) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"events:PutEvents","Resource":%q}]}`, BusARN(home))
}

// Rules are the rules of a control at home on the events that are wanted, which
// extend those that are there: rules of ours whose texts were read, by name. For a
// condition the events play no part; nil for one whose event pattern the catalog does
// not have.
func (n Names) Rules(c catalog.Control, h Home, there map[string]account.Rule, events []catalog.Event) []account.Rule {
	name := n.RuleName(c)
	if c.Type == catalog.Condition {
		if c.EventPattern == "" {
			return nil
		}
		return []account.Rule{n.rule(name, c.Names.Description, c.EventPattern, c, h)}
	}
	g := grouping{single: true, types: detailTypes(c, h.Partition)}
	for i := 1; ; i++ {
		have, ok := there[numbered(name, i)]
		if !ok {
			break
		}
		g.keep(have.Pattern)
	}
	g.add(events)
	var rules []account.Rule
	for i, group := range g.groups {
		if len(group.names) > 0 {
			rules = append(rules, n.rule(numbered(name, i+1), c.Names.Description, group.text(true), c, h))
		}
	}
	return rules
}

func numbered(name string, i int) string {
	if i == 1 {
		return name
	}
	return name + "-" + strconv.Itoa(i)
}

// rule is a rule of ours on the default bus. Conditions on any call need read events,
// which rules get in one state only.
func (n Names) rule(name, description, pattern string, c catalog.Control, h Home) account.Rule {
	state := account.RuleEnabled
	if c.Reads {
		state = account.RuleReadsToo
	}
	return account.Rule{Name: name, ARN: RuleARN(name, h), Pattern: pattern, State: state, Description: description}
}

// Forwarders are the rules that send a control's events from a region to the bus at
// home, which extend those that are there, by name. Those of several controls share
// rules, but for conditions, which have one of their own.
func (n Names) Forwarders(c catalog.Control, from Home, there map[string]account.Rule, events []catalog.Event) []account.Rule {
	const description = "Sends events to the region where monitorctl's rules are."
	if c.Type == catalog.Condition {
		if c.EventPattern == "" {
			return nil
		}
		return []account.Rule{n.rule(n.ForwarderName()+c.ID, description, c.EventPattern, c, from)}
	}
	g := grouping{types: detailTypes(c, from.Partition)}
	for i := 1; ; i++ {
		have, ok := there[n.ForwarderName()+strconv.Itoa(i)]
		if !ok {
			break
		}
		g.keep(have.Pattern)
	}
	g.add(events)
	var rules []account.Rule
	for i, group := range g.groups {
		if group.concerns(events) {
			rules = append(rules, n.rule(n.ForwarderName()+strconv.Itoa(i+1), description, group.text(false), catalog.Control{}, from))
		}
	}
	return rules
}

// Extends reports whether a rule differs from one that is there in the events that it
// lists only, and both list them as monitorctl does.
func Extends(want, have account.Rule) bool {
	listed := parseGroup(have.Pattern) != nil && parseGroup(want.Pattern) != nil
	have.Pattern = want.Pattern
	return listed && have.Same(want)
}

// IsForwarder reports whether a rule has the name of one of our forwarders.
func (n Names) IsForwarder(name string) bool { return strings.HasPrefix(name, n.ForwarderName()) }

// IsRuleOf reports whether a rule has the name of one of a control's rules at home.
func (n Names) IsRuleOf(name string, c catalog.Control) bool {
	rest, ok := strings.CutPrefix(name, n.RuleName(c))
	if !ok || rest == "" {
		return ok
	}
	number, ok := strings.CutPrefix(rest, "-")
	i, err := strconv.Atoi(number)
	return ok && err == nil && i > 1 && strconv.Itoa(i) == number
}

// TopicTargetID is the id of the target that publishes to the topic of that index: topic,
// topic-2, topic-3.
func TopicTargetID(i int) string { return numbered(TopicTarget, i+1) }

// TopicTargetNumber is the index in an id of TopicTargetID; false for any other.
func TopicTargetNumber(id string) (int, bool) {
	const most = 5 // targets of a rule
	for i := range most {
		if id == TopicTargetID(i) {
			return i, true
		}
	}
	return 0, false
}

// RuleTarget is the target of a control's rule that publishes to a topic.
func RuleTarget(c catalog.Control, topic, partition string) account.WholeTarget {
	return account.WholeTarget{ID: TopicTarget, ARN: topic, Transformer: Message(c, partition)}
}

// ForwarderTarget is the target of a forwarder: the bus at home, by a role.
func ForwarderTarget(home Home, role string) account.WholeTarget {
	return account.WholeTarget{ID: HomeTarget, ARN: BusARN(home), RoleARN: role}
}

// detailTypes are the detail-types of a control's events as they stand in a pattern.
// Where any eventType is meant, it is told by the end that all of them share.
func detailTypes(c catalog.Control, partition string) string {
	const china = "Amazon API Call via CloudTrail"
	if len(c.EventTypes) == 0 {
		return `[{"suffix":" via CloudTrail"}]`
	}
	var list []string
	for _, t := range c.EventTypes {
		for _, d := range eventpattern.DetailTypes(t) {
			if (d != china || partition == "aws-cn") && !slices.Contains(list, d) {
				list = append(list, d)
			}
		}
	}
	return encoded(list)
}

// A grouping sorts events into patterns that each fit a rule.
type grouping struct {
	single bool   // one source to a pattern
	types  string // of the events that are added
	groups []*group
}

// A group is what one pattern takes: any of its names from any of its sources.
type group struct {
	types          string
	sources, names []string // sorted; sources such as ec2.amazonaws.com
}

// keep takes the pattern of a rule that is there; one that is not of our form, because
// someone edited it, is filled anew.
func (g *grouping) keep(pattern string) {
	have := parseGroup(pattern)
	if have == nil {
		have = &group{types: g.types}
	}
	g.groups = append(g.groups, have)
}

// add sorts events in, source by source, into what is there as far as it fits.
func (g *grouping) add(events []catalog.Event) {
	bySource := map[string][]string{}
	for _, e := range events {
		if !slices.ContainsFunc(g.groups, func(x *group) bool { return x.takes(e, g.types) }) {
			bySource[e.Source] = append(bySource[e.Source], e.Name)
		}
	}
	for _, source := range sourcesOf(events) {
		names := bySource[source]
		slices.Sort(names)
		for names = slices.Compact(names); len(names) > 0; {
			names = names[g.place(source, names):]
		}
	}
}

// sourcesOf returns the sources of events in the order in which they first occur.
func sourcesOf(events []catalog.Event) []string {
	var list []string
	for _, e := range events {
		if !slices.Contains(list, e.Source) {
			list = append(list, e.Source)
		}
	}
	return list
}

// place puts as many of the names as one pattern takes, at least one, and returns how
// many.
func (g *grouping) place(source string, names []string) int {
	for _, have := range g.groups {
		if have.types == g.types && (!g.single || len(have.sources) == 0 || have.sources[0] == source) && have.extended(source, names, g.types).fits(g.single) {
			*have = *have.extended(source, names, g.types)
			return len(names)
		}
	}
	n := 1
	for n < len(names) && new(group).extended(source, names[:n+1], g.types).fits(g.single) {
		n++
	}
	g.groups = append(g.groups, new(group).extended(source, names[:n], g.types))
	return n
}

func (g *group) takes(e catalog.Event, types string) bool {
	return g.types == types && slices.Contains(g.sources, e.Source) && slices.Contains(g.names, e.Name)
}

func (g *group) concerns(events []catalog.Event) bool {
	return slices.ContainsFunc(events, func(e catalog.Event) bool { return g.takes(e, g.types) })
}

func (g *group) extended(source string, names []string, types string) *group {
	return &group{types, distinct(append(slices.Clone(g.sources), source)), distinct(slices.Concat(g.names, names))}
}

func distinct(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

func (g *group) fits(single bool) bool { return len([]rune(g.text(single))) <= PatternLimit }

// text is the pattern; single ones name the source in the record too.
func (g *group) text(single bool) string {
	services := make([]string, len(g.sources))
	for i, s := range g.sources {
		service, _, _ := strings.Cut(s, ".")
		services[i] = "aws." + service
	}
	source := ""
	if single {
		source = `"eventSource":` + encoded(g.sources) + ","
	}
	return fmt.Sprintf(`{"source":%s,"detail-type":%s,"detail":{%s"eventName":%s}}`, encoded(services), g.types, source, encoded(g.names))
}

// parseGroup reads a pattern of our form, nil for any other.
func parseGroup(text string) *group {
	var p struct {
		Source []string        `json:"source"`
		Type   json.RawMessage `json:"detail-type"`
		Detail struct {
			EventSource []string `json:"eventSource"`
			EventName   []string `json:"eventName"`
		} `json:"detail"`
	}
	if json.Unmarshal([]byte(text), &p) != nil || len(p.Source) == 0 || len(p.Detail.EventName) == 0 {
		return nil
	}
	g := &group{types: string(p.Type), names: p.Detail.EventName}
	for _, s := range p.Source {
		g.sources = append(g.sources, strings.TrimPrefix(s, "aws.")+".amazonaws.com")
	}
	if text != g.text(len(p.Detail.EventSource) > 0) {
		return nil
	}
	return g
}

// encoded is a list of strings as JSON.
func encoded(list []string) string {
	data, _ := json.Marshal(list) // strings: it cannot fail
	return string(data)
}

// Wanted are the events of a control that a plan asks for: those that a benchmark
// requires, and with complete all that act on what the control names.
func Wanted(c catalog.Control, b catalog.Benchmark, complete bool) []catalog.Event {
	events := slices.Clone(c.Required(b))
	if complete {
		events = append(events, c.BlindSpots(b)...)
	}
	slices.SortStableFunc(events, func(x, y catalog.Event) int {
		return cmp.Or(cmp.Compare(slices.Index(c.Sources, x.Source), slices.Index(c.Sources, y.Source)), cmp.Compare(x.Name, y.Name))
	})
	return events
}

// Offered returns the events whose source is offered in a region.
func Offered(events []catalog.Event, region string) []catalog.Event {
	return slices.DeleteFunc(slices.Clone(events), func(e catalog.Event) bool { return !account.Offers(e.Source, region) })
}

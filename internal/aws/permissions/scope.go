package permissions

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// A Scope is what is known of the account that the permissions are for. What is
// left empty is not known, and every value of it is allowed.
type Scope struct {
	Partition string // aws, aws-cn, aws-us-gov; always known
	Account   string // 12 digits

	Regions  []string // of alarms and topics, sorted
	LogGroup string   // ARN of the log group that our filters go to, without ":*"

	// Trails, Topics and Keys are what is read: patterns that ARNs match, sorted.
	Trails, Topics, Keys []string
}

// ScopeOf narrows the permissions to what stands in an account. It fails when
// apply has no log group to write to.
func ScopeOf(a *account.Account, command Command, controls []catalog.Control, o plan.Options) (Scope, error) {
	s := Scope{Partition: a.Partition, Account: a.ID}
	for _, t := range a.Trails {
		arn, ok := account.ParseARN(t.LogGroupARN)
		if !ok {
			if t.Status != nil { // rules wait for what it records
				s.Trails = append(s.Trails, literal(t.ARN))
			}
			continue
		}
		s.Trails = append(s.Trails, literal(t.ARN))
		if arn.Account == a.ID {
			s.Regions = append(s.Regions, arn.Region)
		}
	}
	s.Regions = distinct(s.Regions)
	for _, r := range a.Regions {
		for arn := range r.Topics {
			s.Topics = append(s.Topics, literal(arn))
		}
		for name, k := range r.Keys {
			s.Keys = append(s.Keys, keyPattern(a, r.Name, name, k))
		}
	}
	if o.KeyARN != "" { // it is looked at before a topic has it
		s.Keys = append(s.Keys, keyPattern(a, "", o.KeyARN, nil))
	}
	s.Topics, s.Keys = distinct(s.Topics), distinct(s.Keys)
	homes, err := plan.RuleHomes(a, controls, o)
	if err != nil && !willHaveTrail(err, o) {
		return s, err
	}
	switch {
	case len(homes) > 0 && o.Transport == audit.RuleTransport:
		s.Regions = homes
	case len(homes) > 0:
		s.Regions = distinct(slices.Concat(s.Regions, homes))
	}
	if command < Apply || o.Transport == audit.RuleTransport {
		return s, nil
	}
	place, err := plan.Place(a, controls, o)
	if err != nil && !willHaveTrail(err, o) {
		return s, err
	}
	if place == nil && o.Bootstrap != nil {
		home := desired.Home{Partition: a.Partition, Account: a.ID, Region: cmp.Or(o.Bootstrap.Home, "*")}
		s.LogGroup = desired.GroupARN(o.Bootstrap.GroupName(), home)
		if s.Regions = nil; o.Bootstrap.Home != "" {
			s.Regions = []string{o.Bootstrap.Home}
		}
		return s, nil
	}
	if place == nil {
		return s, &NoPlaceError{Account: a.ID}
	}
	s.LogGroup = account.ARN{Partition: a.Partition, Service: "logs", Region: place.Region, Account: a.ID, Resource: "log-group:" + place.LogGroup}.String()
	return s, nil
}

// willHaveTrail reports whether an error is about a trail that is to be created.
func willHaveTrail(err error, o plan.Options) bool {
	var none *plan.NoTrailError
	return o.Bootstrap != nil && errors.As(err, &none)
}

// A NoPlaceError says that no log group of an account can get our filters.
type NoPlaceError struct{ Account string }

// Error names the account.
func (e *NoPlaceError) Error() string {
	return fmt.Sprintf("narrowing permissions to account %s: no trail there delivers events of these controls to a log group that can have metric filters", e.Account)
}

// Hint says what to do.
func (e *NoPlaceError) Hint() string {
	return "fix the trail first (see 'monitorctl plan'), or leave out --scoped"
}

func distinct(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// keyPattern matches the ARN of a key that is given by id, alias or ARN. IAM
// looks at the key's own ARN, so an alias whose key could not be asked for
// stands for every key of its account.
func keyPattern(a *account.Account, region, name string, k *account.Key) string {
	if k != nil {
		if m, _ := k.Metadata.Got(); m != nil && m.ARN != "" {
			return literal(m.ARN)
		}
	}
	arn, ok := account.ParseARN(name)
	if !ok {
		arn = account.ARN{Partition: a.Partition, Service: "kms", Region: region, Account: a.ID, Resource: "key/" + name}
	}
	if strings.Contains(name, "alias/") {
		arn.Resource = "*"
		return literal(strings.TrimSuffix(arn.String(), "*")) + "key/*"
	}
	return literal(arn.String())
}

// resources returns the ARNs, or patterns of ARNs, of what an operation of the
// request acts on.
func (s Scope) resources(on Resource, r Request) []string {
	switch on {
	case Trail:
		list := s.known(s.Trails, "cloudtrail", "trail/*")
		if r.createsTrail() && len(s.Trails) > 0 {
			list = distinct(append(slices.Clone(list), s.ofTrail(AnyTrail, r)...))
		}
		return list
	case Topic:
		if r.Command >= Plan && len(s.Regions) > 0 {
			return distinct(slices.Concat(s.Topics, s.ourTopics(r)))
		}
		return s.known(s.Topics, "sns", "*")
	case Key:
		return s.known(s.Keys, "kms", "key/*")
	case LogGroup:
		if s.LogGroup == "" {
			return s.arns("logs", "log-group:*")
		}
		return []string{literal(s.LogGroup) + ":*"}
	case AnyAlarm:
		return s.arns("cloudwatch", "alarm:*")
	case OurAlarm:
		var list []string
		for _, name := range r.alarms() {
			list = append(list, s.arns("cloudwatch", "alarm:"+literal(name))...)
		}
		return distinct(list)
	case OurTopic:
		return s.ourTopics(r)
	case OurRule: // forwarders stand in every region
		everywhere := s
		everywhere.Regions = nil
		var list []string
		for _, name := range r.rules(s.Partition) {
			list = append(list, everywhere.arns("events", "rule/"+name)...)
		}
		return list
	case CentralEvents:
		if r.Wishes.CentralBus != "" {
			return []string{literal(r.Wishes.CentralBus)}
		}
		return s.arns("events", "event-bus/"+account.DefaultBus)
	case OurDestination:
		return append(s.destinations(r), s.arns("events", "connection/"+literal(desired.Names{Prefix: r.Wishes.NamePrefix}.DestinationPrefix())+"*")...)
	case AnyTrail, OwnTrail, TrailGroup, OwnBucket, TrailRole, LinkedRole:
		return s.ofTrail(on, r)
	case OurChat:
		id := s.Account
		if id == "" {
			id = "*"
		}
		n := desired.Names{Prefix: r.Wishes.NamePrefix}
		return []string{account.ARN{Partition: s.Partition, Service: "chatbot", Account: id, Resource: "chat-configuration/*/" + literal(n.ChatPrefix()) + "*"}.String()}
	case OurRole, MadeRole:
		return s.ourRoles(r, on == MadeRole)
	case SetTopic, ToldTopic:
		if on == SetTopic && !r.Wishes.ExtendTopicPolicy {
			return s.ourTopics(r)
		}
		if len(s.Regions) == 0 { // nothing was read
			return s.arns("sns", "*")
		}
		return distinct(slices.Concat(s.own(s.Topics), s.ourTopics(r)))
	}
	return []string{"*"}
}

// ourRoles are the roles that our rules use: to forward events, and to call API
// destinations. With made one that was given is not among them.
func (s Scope) ourRoles(r Request, made bool) []string {
	n := desired.Names{Prefix: r.Wishes.NamePrefix}
	var list []string
	switch {
	case r.Wishes.RoleARN != "" && !made:
		list = append(list, literal(r.Wishes.RoleARN))
	case r.Wishes.RoleARN != "":
	case !r.Wishes.PerRegion && r.byRules():
		list = append(list, s.role(n.RoleName()))
	}
	if r.calls() {
		list = append(list, s.role(n.DestinationRoleName()))
	}
	if r.Wishes.Chats() {
		list = append(list, s.role(n.ChatRoleName()))
	}
	if made && r.createsTrail() {
		list = append(list, s.ofTrail(TrailRole, r)...)
	}
	return list
}

// role is the ARN of a role by name.
func (s Scope) role(name string) string {
	id := s.Account
	if id == "" {
		id = "*"
	}
	return account.ARN{Partition: s.Partition, Service: "iam", Account: id, Resource: "role/" + literal(name)}.String()
}

// destinations are the API destinations under our names.
func (s Scope) destinations(r Request) []string {
	return s.arns("events", "api-destination/"+literal(desired.Names{Prefix: r.Wishes.NamePrefix}.DestinationPrefix())+"*")
}

// targets are what rules of ours may be given as targets.
func (s Scope) targets(r Request) []string {
	var list []string
	switch bus := r.Wishes.CentralBus; {
	case !r.byRules(): // rules on the state of alarms
		return s.destinations(r)
	case bus != "":
		list = append(list, literal(bus))
	default:
		list = append(list, s.arns("events", "event-bus/"+account.DefaultBus)...)
	}
	if !r.notifiesAway() {
		list = append(list, s.resources(OurTopic, r)...)
	}
	if r.Wishes.Calls() {
		list = append(list, s.destinations(r)...)
	}
	return list
}

// known returns the patterns, or when there are none the one that all such ARNs
// of the account match: one may appear, and an audit must see it.
func (s Scope) known(patterns []string, service, resource string) []string {
	if len(patterns) == 0 {
		return s.arns(service, resource)
	}
	return patterns
}

// own leaves out what belongs to other accounts.
func (s Scope) own(arns []string) []string {
	return slices.DeleteFunc(slices.Clone(arns), func(text string) bool {
		arn, ok := account.ParseARN(text)
		return !ok || arn.Account != s.Account
	})
}

// ourTopics are the ARNs that the topics of our alarms have or would have.
func (s Scope) ourTopics(r Request) []string {
	given, names := r.Wishes.Topics()
	var list []string
	for _, arn := range given {
		list = append(list, literal(arn))
	}
	for _, name := range names {
		list = append(list, s.arns("sns", literal(name))...)
	}
	return list
}

// arns returns the ARNs of a resource in each region; all in one pattern when
// the regions are not known.
func (s Scope) arns(service, resource string) []string {
	regions, id := s.Regions, s.Account
	if len(regions) == 0 {
		regions = []string{"*"}
	}
	if id == "" {
		id = "*"
	}
	var list []string
	for _, region := range regions {
		list = append(list, account.ARN{Partition: s.Partition, Service: service, Region: region, Account: id, Resource: resource}.String())
	}
	return list
}

// compare is the operator that compares ARNs made by this scope: patterns, while
// something is not known.
func (s Scope) compare() string {
	if s.Account == "" || len(s.Regions) == 0 {
		return "StringLike"
	}
	return "StringEquals"
}

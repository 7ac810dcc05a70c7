package awstest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/eventpattern"
)

// Quotas of EventBridge. Source: EventBridge user guide, "Quotas".
const (
	maxRules         = 300  // on a bus
	maxTargets       = 5    // of a rule
	maxPatternLength = 2048 // characters
)

// The states of a rule.
const (
	ruleEnabled  = "ENABLED"
	ruleReadsToo = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
	ruleDisabled = "DISABLED"
)

// An eventRule is a rule on a bus. It is replaced as a whole.
type eventRule struct {
	name, bus                    string
	arn                          string
	pattern                      *eventpattern.Pattern // nil: a schedule only
	schedule, state, description string
	role                         string
	managedBy                    string
	targets                      []EventTarget // by id
	tags                         map[string]string
}

func ruleKey(bus, name string) string { return bus + "/" + name }

// ruleARN names a rule; those of custom buses carry the bus.
func (r *Region) ruleARN(bus, name string) string {
	if bus == defaultBus {
		return r.arn("events", "rule/"+name)
	}
	return r.arn("events", "rule/"+bus+"/"+name)
}

// PutRuleInput is the input of events:PutRule.
type PutRuleInput struct {
	Name               string `json:"Name,omitempty" required:"" length:"1-64" pattern:"[\\.\\-_A-Za-z0-9]+"`
	ScheduleExpression string `json:"ScheduleExpression,omitempty" length:"0-256"`
	EventPattern       string `json:"EventPattern,omitempty" length:"0-4096"`
	State              string `json:"State,omitempty" enum:"ENABLED|DISABLED|ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"`
	Description        string `json:"Description,omitempty" length:"0-512"`
	RoleArn            string `json:"RoleArn,omitempty" length:"1-1600"`
	Tags               []Tag  `json:"Tags,omitempty"`
	EventBusName       string `json:"EventBusName,omitempty" length:"1-1600"`
}

type ruleARN struct {
	RuleArn string `json:"RuleArn"`
}

// PutRule creates or replaces a rule and returns its ARN.
func (r *Region) PutRule(in PutRuleInput) (arn string, err error) {
	out, err := seed[ruleARN](r, eventsService, "PutRule", &in)
	return out.RuleArn, err
}

// ManageRule makes a rule one that an AWS service manages.
func (r *Region) ManageRule(name, by string) {
	r.cloud.mu.Lock()
	defer r.cloud.mu.Unlock()
	managed := *r.rules[ruleKey(defaultBus, name)]
	managed.managedBy = by
	r.rules[ruleKey(defaultBus, name)] = &managed
}

// putRule replaces the whole rule: what is left out is gone, but for the
// targets and the tags, which an update ignores.
func putRule(c *call, in *PutRuleInput) (*ruleARN, error) {
	b, err := c.findBus(in.EventBusName)
	if err != nil {
		return nil, err
	}
	if in.EventPattern == "" && in.ScheduleExpression == "" {
		return nil, apiError("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
	}
	if in.ScheduleExpression != "" && b.name != defaultBus {
		return nil, apiError("ValidationException", "ScheduleExpression is supported only on the default event bus.")
	}
	p, err := readPattern(in.EventPattern)
	if err != nil {
		return nil, err
	}
	r := &eventRule{
		name: in.Name, bus: b.name, arn: c.region.ruleARN(b.name, in.Name), pattern: p, schedule: in.ScheduleExpression,
		state: cmp.Or(in.State, ruleEnabled), description: in.Description, role: in.RoleArn, tags: tagMap(in.Tags),
	}
	switch old := c.region.rules[ruleKey(b.name, in.Name)]; {
	case old != nil && old.managedBy != "":
		return nil, errManaged(old)
	case old != nil:
		r.targets, r.tags = old.targets, old.tags
	case len(in.Tags) > 0 && !c.allows("events:TagResource"):
		return nil, apiError("AccessDeniedException", "User: %s is not authorized to perform: events:TagResource", c.by.arn)
	case c.region.rulesOn(b.name) >= maxRules:
		return nil, apiError("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
	}
	c.region.rules[ruleKey(b.name, in.Name)] = r
	return &ruleARN{r.arn}, nil
}

// readPattern reads an event pattern, nil for none.
func readPattern(text string) (*eventpattern.Pattern, error) {
	if text == "" {
		return nil, nil
	}
	p, err := eventpattern.Parse(text)
	switch {
	case err != nil:
		return nil, apiError("InvalidEventPatternException", "Event pattern is not valid. Reason: %v", err)
	case len([]rune(text)) > maxPatternLength:
		return nil, apiError("LimitExceededException", "The event pattern is longer than %d characters.", maxPatternLength)
	}
	return p, nil
}

func (r *Region) rulesOn(bus string) int {
	n := 0
	for _, x := range r.rules {
		if x.bus == bus {
			n++
		}
	}
	return n
}

func errManaged(r *eventRule) error {
	return apiError("ManagedRuleException", "Rule(s) %s is managed by %s.", r.name, r.managedBy)
}

type ruleName struct {
	Name         string `json:"Name,omitempty" required:"" length:"1-64"`
	EventBusName string `json:"EventBusName,omitempty" length:"1-1600"`
	Force        bool   `json:"Force,omitempty"`
}

// findRule finds a rule of the call's region.
func (c *call) findRule(bus, name string) (*eventRule, error) {
	b, err := c.findBus(bus)
	if err != nil {
		return nil, err
	}
	if r := c.region.rules[ruleKey(b.name, name)]; r != nil {
		return r, nil
	}
	return nil, apiError("ResourceNotFoundException", "Rule %s does not exist on EventBus %s.", name, b.name)
}

// changeRule replaces a rule by a changed copy.
func (c *call) changeRule(bus, name string, change func(*eventRule) error) error {
	old, err := c.findRule(bus, name)
	if err != nil {
		return err
	}
	if old.managedBy != "" {
		return errManaged(old)
	}
	r := *old
	if err := change(&r); err != nil {
		return err
	}
	c.region.rules[ruleKey(r.bus, r.name)] = &r
	return nil
}

func deleteRule(c *call, in *ruleName) (*none, error) {
	r, err := c.findRule(in.EventBusName, in.Name)
	switch {
	case err != nil:
		return &none{}, nil //nolint:nilerr // deleting what does not exist succeeds
	case r.managedBy != "" && !in.Force:
		return nil, errManaged(r)
	case len(r.targets) > 0:
		return nil, apiError("ValidationException", "Rule can't be deleted since it has targets.")
	}
	delete(c.region.rules, ruleKey(r.bus, r.name))
	return &none{}, nil
}

type describedRule struct {
	Name               string `json:"Name"`
	Arn                string `json:"Arn"`
	EventPattern       string `json:"EventPattern,omitempty"`
	ScheduleExpression string `json:"ScheduleExpression,omitempty"`
	State              string `json:"State"`
	Description        string `json:"Description,omitempty"`
	RoleArn            string `json:"RoleArn,omitempty"`
	ManagedBy          string `json:"ManagedBy,omitempty"`
	EventBusName       string `json:"EventBusName"`
}

func (x *eventRule) described() describedRule {
	d := describedRule{
		Name: x.name, Arn: x.arn, ScheduleExpression: x.schedule, State: x.state, Description: x.description,
		RoleArn: x.role, ManagedBy: x.managedBy, EventBusName: x.bus,
	}
	if x.pattern != nil {
		d.EventPattern = x.pattern.Text()
	}
	return d
}

func describeRule(c *call, in *ruleName) (*describedRule, error) {
	r, err := c.findRule(in.EventBusName, in.Name)
	if err != nil {
		return nil, err
	}
	d := r.described()
	return &d, nil
}

func enableRule(c *call, in *ruleName) (*none, error)  { return c.setRuleState(in, ruleEnabled) }
func disableRule(c *call, in *ruleName) (*none, error) { return c.setRuleState(in, ruleDisabled) }

func (c *call) setRuleState(in *ruleName, state string) (*none, error) {
	return &none{}, c.changeRule(in.EventBusName, in.Name, func(r *eventRule) error {
		r.state = state
		return nil
	})
}

type listRulesInput struct {
	NamePrefix   string `json:"NamePrefix,omitempty" length:"1-64"`
	EventBusName string `json:"EventBusName,omitempty" length:"1-1600"`
	NextToken    string `json:"NextToken,omitempty" length:"1-2048"`
	Limit        int32  `json:"Limit,omitempty" range:"1-100"`
}

type listRulesOutput struct {
	Rules     []describedRule `json:"Rules"`
	NextToken string          `json:"NextToken,omitempty"`
}

func listRules(c *call, in *listRulesInput) (*listRulesOutput, error) {
	b, err := c.findBus(in.EventBusName)
	if err != nil {
		return nil, err
	}
	after, ok := readToken("ListRules", in.NextToken)
	if !ok {
		return nil, apiError("ValidationException", "Provided token is invalid")
	}
	list := c.region.sortedRules(b.name)
	list = slices.DeleteFunc(list, func(r *eventRule) bool { return !strings.HasPrefix(r.name, in.NamePrefix) })
	cut, next := page(c.Cloud, list, func(r *eventRule) string { return r.name }, after, cmp.Or(int(in.Limit), 100))
	out := &listRulesOutput{Rules: []describedRule{}, NextToken: newToken("ListRules", next)}
	for _, r := range cut {
		out.Rules = append(out.Rules, r.described())
	}
	return out, nil
}

// sortedRules returns the rules of a bus by name.
func (r *Region) sortedRules(bus string) []*eventRule {
	var list []*eventRule
	for _, x := range r.rules {
		if x.bus == bus {
			list = append(list, x)
		}
	}
	slices.SortFunc(list, func(a, b *eventRule) int { return cmp.Compare(a.name, b.name) })
	return list
}

type listRuleNamesByTargetInput struct {
	TargetArn    string `json:"TargetArn,omitempty" required:"" length:"1-1600"`
	EventBusName string `json:"EventBusName,omitempty" length:"1-1600"`
	NextToken    string `json:"NextToken,omitempty" length:"1-2048"`
	Limit        int32  `json:"Limit,omitempty" range:"1-100"`
}

type ruleNames struct {
	RuleNames []string `json:"RuleNames"`
}

func listRuleNamesByTarget(c *call, in *listRuleNamesByTargetInput) (*ruleNames, error) {
	b, err := c.findBus(in.EventBusName)
	if err != nil {
		return nil, err
	}
	out := &ruleNames{[]string{}}
	for _, r := range c.region.sortedRules(b.name) {
		if slices.ContainsFunc(r.targets, func(t EventTarget) bool { return t.Arn == in.TargetArn }) {
			out.RuleNames = append(out.RuleNames, r.name)
		}
	}
	return out, nil
}

type testEventPatternInput struct {
	EventPattern string `json:"EventPattern,omitempty" required:"" length:"0-4096"`
	Event        string `json:"Event,omitempty" required:""`
}

type testEventPatternOutput struct {
	Result bool `json:"Result"`
}

func testEventPattern(_ *call, in *testEventPatternInput) (*testEventPatternOutput, error) {
	p, err := readPattern(in.EventPattern)
	if err != nil {
		return nil, err
	}
	return &testEventPatternOutput{p != nil && p.Match([]byte(in.Event)) == eventpattern.Match}, nil
}

type ruleTags struct {
	ResourceARN string   `json:"ResourceARN,omitempty" required:"" length:"1-1600"`
	Tags        []Tag    `json:"Tags,omitempty"`
	TagKeys     []string `json:"TagKeys,omitempty"`
}

// byARN finds the rule of an ARN.
func (c *call) byARN(arn string) (*eventRule, error) {
	for _, r := range c.region.rules {
		if r.arn == arn {
			return r, nil
		}
	}
	return nil, apiError("ResourceNotFoundException", "%s does not exist.", arn)
}

func tagRule(c *call, in *ruleTags) (*empty, error) {
	old, err := c.byARN(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	r := *old
	r.tags = map[string]string{}
	for k, v := range old.tags {
		r.tags[k] = v
	}
	for _, t := range in.Tags {
		r.tags[t.Key] = t.Value
	}
	c.region.rules[ruleKey(r.bus, r.name)] = &r
	return &empty{}, nil
}

func untagRule(c *call, in *ruleTags) (*empty, error) {
	old, err := c.byARN(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	r := *old
	r.tags = map[string]string{}
	for k, v := range old.tags {
		if !slices.Contains(in.TagKeys, k) {
			r.tags[k] = v
		}
	}
	c.region.rules[ruleKey(r.bus, r.name)] = &r
	return &empty{}, nil
}

type tagsOutput struct {
	Tags []Tag `json:"Tags"`
}

func listRuleTags(c *call, in *ruleTags) (*tagsOutput, error) {
	r, err := c.byARN(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	return &tagsOutput{append([]Tag{}, tagList(r.tags)...)}, nil
}

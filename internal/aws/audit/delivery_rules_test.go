package audit_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/awstest"
)

// addRules builds the buses of a region, what their rules name, and the rules. A
// role that nothing is known about may do everything.
func (b *builder) addRules(a *account.Account, to *awstest.Region, r *account.Region) error {
	in := b.cloudAccount(a)
	for _, arn := range slices.Sorted(maps.Keys(r.APIDestinations)) {
		made, err := b.destination(to, r, arn)
		if err != nil {
			return err
		}
		b.destinations[arn] = made
	}
	for _, arn := range slices.Sorted(maps.Keys(a.Roles)) {
		if err := addRole(in, arn, a.Roles[arn], b.destinations); err != nil {
			return err
		}
	}
	addUnreadRoles(in, a, r)
	for _, arn := range slices.Sorted(maps.Keys(r.Buses)) {
		if err := b.bus(to, r.Buses[arn]); err != nil {
			return fmt.Errorf("bus %s: %w", arn, err)
		}
	}
	list, _ := r.Rules.Got()
	return b.rules(to, account.DefaultBus, list)
}

// addUnreadRoles makes the roles that were not read, as they should be.
func addUnreadRoles(in *awstest.Account, a *account.Account, r *account.Region) {
	list, _ := r.Rules.Got()
	for _, x := range list {
		targets, _ := x.Targets.Got()
		for _, t := range targets {
			if t.RoleARN != "" && a.Roles[t.RoleARN] == nil {
				in.Role(t.RoleARN[strings.LastIndex(t.RoleARN, "/")+1:], awstest.RoleOptions{})
			}
		}
	}
}

func addRole(in *awstest.Account, arn string, role *account.Role, destinations map[string]string) error {
	name := arn[strings.LastIndex(arn, "/")+1:]
	trust, ok := role.Trust.Got()
	attached, _ := role.Attached.Got()
	o := awstest.RoleOptions{Attached: attached}
	switch {
	case ok && trust == nil:
		return nil // there is none
	case ok && !strings.Contains(*trust, "events.amazonaws.com"):
		o.TrustedServices = []string{"lambda.amazonaws.com"}
	}
	for name, doc := range role.Inline {
		text, ok := doc.Got()
		if !ok {
			return fmt.Errorf("policy %s of role %s was not read", name, arn)
		}
		if o.Policies == nil {
			o.Policies = map[string]string{}
		}
		for was, is := range destinations {
			text = strings.ReplaceAll(text, was, is)
		}
		o.Policies[name] = text
	}
	if role.Policies != nil && o.Policies == nil {
		o.Policies = map[string]string{}
	}
	in.Role(name, o)
	return nil
}

// destination builds an API destination with its connection. Whoever it calls is
// told.
func (b *builder) destination(to *awstest.Region, r *account.Region, arn string) (string, error) {
	d, ok := r.APIDestinations[arn].Got()
	switch {
	case !ok:
		return "", fmt.Errorf("API destination %s was not read", arn)
	case d == nil:
		return arn, nil
	}
	c, ok := r.Connections[d.ConnectionARN].Got()
	if !ok || c == nil {
		return "", fmt.Errorf("connection %s was not read, or is gone", d.ConnectionARN)
	}
	connection, err := to.CreateConnection(awstest.CreateConnectionInput{Name: d.Name, AuthorizationType: "API_KEY"})
	if err != nil {
		return "", err
	}
	endpoint := strings.ReplaceAll(d.Endpoint, "***", d.Name)
	made, err := to.CreateAPIDestination(awstest.CreateAPIDestinationInput{Name: d.Name, ConnectionArn: connection, InvocationEndpoint: endpoint, HTTPMethod: "POST"})
	if err != nil {
		return "", err
	}
	to.SetConnectionState(d.Name, c.State)
	to.SetAPIDestinationActive(d.Name, d.State == "ACTIVE")
	b.confirmed[endpoint] = true
	return made, nil
}

// bus builds a custom bus, or changes the default one, with its rules.
func (b *builder) bus(to *awstest.Region, bus *account.Bus) error {
	_, name, _ := strings.Cut(bus.ARN, ":event-bus/")
	d, ok := bus.Description.Got()
	switch {
	case ok && d == nil:
		return nil // there is none
	case d == nil:
		d = &account.BusDescription{}
	}
	if name != account.DefaultBus {
		if _, err := to.CreateEventBus(awstest.CreateEventBusInput{Name: name}); err != nil {
			return err
		}
	}
	if d.KeyID != "" {
		if err := to.UpdateEventBus(awstest.UpdateEventBusInput{Name: name, KmsKeyIdentifier: b.key(d.KeyID)}); err != nil {
			return err
		}
	}
	if d.Policy != "" {
		if err := to.PutPermission(awstest.PutPermissionInput{EventBusName: name, Policy: d.Policy}); err != nil {
			return err
		}
	}
	list, _ := bus.Rules.Got()
	return b.rules(to, name, list)
}

func (b *builder) rules(to *awstest.Region, bus string, list []account.Rule) error {
	for _, r := range list {
		in := awstest.PutRuleInput{Name: r.Name, EventBusName: bus, EventPattern: r.Pattern, ScheduleExpression: r.Schedule, State: r.State}
		if _, err := to.PutRule(in); err != nil {
			return fmt.Errorf("rule %s: %w", r.Name, err)
		}
		targets, _ := r.Targets.Got()
		for _, t := range targets {
			target, err := b.target(t)
			if err != nil {
				return fmt.Errorf("rule %s: %w", r.Name, err)
			}
			if err := to.PutTargets(awstest.PutTargetsInput{Rule: r.Name, EventBusName: bus, Targets: []awstest.EventTarget{target}}); err != nil {
				return fmt.Errorf("rule %s: %w", r.Name, err)
			}
		}
	}
	return nil
}

// target builds a target whose text stands for the one that the snapshot does not
// hold. A machine that it names counts as told.
func (b *builder) target(t account.Target) (awstest.EventTarget, error) {
	out := awstest.EventTarget{ID: t.ID, Arn: t.ARN, RoleArn: t.RoleARN}
	if made := b.destinations[t.ARN]; made != "" {
		out.Arn = made
	}
	texts := map[string]string{
		"": `"something happened"`, account.SchemaChat: `{"version":"1.0","source":"custom","content":{"description":"something happened"}}`,
		account.SchemaAlarm: `{"AlarmName":"a","NewStateValue":"ALARM"}`,
	}
	switch t.Message.Form {
	case account.Constant:
		out.Input = texts[t.Message.Schema]
	case account.PartOfEvent:
		out.InputPath = t.Message.Paths[""]
	case account.Template:
		out.InputTransformer = &awstest.InputTransformer{InputPathsMap: t.Message.Paths, InputTemplate: texts[t.Message.Schema]}
	}
	b.confirmed[out.Arn] = true
	return out, nil
}

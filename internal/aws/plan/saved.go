package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/planfile"
)

// ListOf is the list of what a saved plan writes: what is missing in the account, and what
// would be replaced. What is there already is not in the file. controls are those of the
// plan. The error is an *ElsewhereError for what such a list does not hold.
func ListOf(f planfile.File[Wishes], controls []catalog.Control) (desired.List, error) {
	whole, err := listOf(f, controls, f.Wishes.Options())
	if err == nil && whole.LogGroup == "" && len(whole.Alarms) > 0 {
		return whole, &ElsewhereError{"a plan with alarms but without a metric filter", "export from the account instead: the file does not name the log group"}
	}
	return whole, err
}

// listOf is ListOf with the wishes as options, and without the log group of alarms on a filter that is there.
func listOf(f planfile.File[Wishes], controls []catalog.Control, o Options) (desired.List, error) {
	whole := desired.List{Home: desired.Home{Partition: f.Partition, Account: f.Account}, Names: o.names()}
	for _, a := range f.Actions { // filters and alarms come first, where there are any
		if a.Kind == (action.PutFilter{}).Kind() || a.Kind == (action.PutAlarm{}).Kind() {
			whole.Home.Region = a.Region
			break
		}
	}
	for _, a := range f.Actions {
		if err := addSaved(&whole, regionOf(&whole, a.Region), a, controls, o); err != nil {
			return whole, err
		}
	}
	whole.Elsewhere = slices.DeleteFunc(whole.Elsewhere, desired.List.IsEmpty)
	slices.SortFunc(whole.Elsewhere, func(a, b desired.List) int { return cmp.Compare(a.Home.Region, b.Home.Region) })
	for _, x := range whole.Filters {
		whole.LogGroup = x.Filter.LogGroup
	}
	return whole, nil
}

// addSaved adds what one action of a file writes, to the list of its region or, a role, to
// the whole one.
func addSaved(whole, l *desired.List, a planfile.Action, controls []catalog.Control, o Options) error {
	now := desired.New
	if len(a.Before) > 0 && string(a.Before) != "null" {
		now = desired.Changed
	}
	control, about := controlOf(a, controls, o)
	read := func(v any) error {
		if err := json.Unmarshal(a.After, v); err != nil {
			return fmt.Errorf("reading %s %s of the plan: %w", a.Kind, a.Name, err)
		}
		return nil
	}
	switch a.Kind {
	case (action.PutFilter{}).Kind():
		x := desired.Filter{State: now, Control: about}
		err := read(&x.Filter)
		x.Key = (&lister{o: o}).key(x.Filter, control)
		l.Filters = append(l.Filters, x)
		return err
	case (action.PutAlarm{}).Kind():
		var x struct {
			Alarm account.MetricAlarm
			Tags  map[string]string
		}
		err := read(&x)
		l.Alarms = append(l.Alarms, desired.Alarm{State: now, Key: control.ID, Control: about, Alarm: x.Alarm, Tags: x.Tags})
		return err
	case (action.CreateTopic{}).Kind():
		x := desired.Topic{State: now, Name: a.Name}
		err := read(&x)
		l.Topics = append(l.Topics, x)
		return err
	case (action.Subscribe{}).Kind():
		x := desired.Subscription{State: now}
		err := read(&x)
		l.Subscriptions = append(l.Subscriptions, x)
		return err
	}
	if isTrail, err := addSavedTrail(whole, a, read); isTrail {
		return err
	}
	return addSavedRule(whole, l, a, controls, o)
}

// addSavedTrail adds a part of a trail; false for what is none. The file does not tell an
// unfinished part that exists from one that does not.
func addSavedTrail(whole *desired.List, a planfile.Action, read func(any) error) (bool, error) {
	switch a.Kind {
	case (action.CreateLogGroup{}).Kind():
		x := &desired.TrailGroup{State: desired.New}
		whole.Trail.Group = x
		return true, read(&x.Group)
	case (action.CreateBucket{}).Kind():
		x := &desired.LogBucket{State: desired.New}
		whole.Trail.Bucket = x
		return true, read(&x.Bucket)
	case (action.CreateTrail{}).Kind():
		x := &desired.OwnTrail{State: desired.New}
		whole.Trail.Trail = x
		return true, read(&x.Trail)
	case (action.UpdateTrail{}).Kind():
		return true, &ElsewhereError{"trail " + a.Name, trailWay}
	case (action.CreateRole{}).Kind():
		var x struct {
			ARN, Trust, Policy, PolicyName string
			Tags                           map[string]string
		}
		if err := read(&x); err != nil {
			return true, err
		}
		if x.PolicyName != desired.DeliverPolicy {
			return false, nil
		}
		whole.Trail.Role = &desired.Role{
			State: desired.New, Name: a.Name, ARN: x.ARN, Description: action.CreateRole{Inline: x.PolicyName}.Description(), Trust: x.Trust, Policy: x.Policy, Inline: x.PolicyName, Tags: x.Tags,
		}
		return true, nil
	}
	return false, nil
}

// addSavedRule is addSaved for what is about rules.
func addSavedRule(whole, l *desired.List, a planfile.Action, controls []catalog.Control, o Options) error {
	now := desired.New
	if len(a.Before) > 0 && string(a.Before) != "null" {
		now = desired.Changed
	}
	control, about := controlOf(a, controls, o)
	var x struct { // of a rule or a role
		ARN, Trust, Policy, PolicyName string
		Tags                           map[string]string
	}
	if err := json.Unmarshal(a.After, &x); err != nil {
		return fmt.Errorf("reading %s %s of the plan: %w", a.Kind, a.Name, err)
	}
	switch a.Kind {
	case (action.PutRule{}).Kind():
		var r account.Rule
		if err := json.Unmarshal(a.After, &r); err != nil {
			return fmt.Errorf("reading rule %s of the plan: %w", a.Name, err)
		}
		key, forward := ruleKey(whole.Names, control, r.Name)
		if forward {
			about = desired.Control{}
		}
		l.Rules = append(l.Rules, desired.Rule{State: now, Key: key, Control: about, Rule: r, Tags: x.Tags})
		return nil
	case (action.PutTarget{}).Kind():
		var t account.WholeTarget
		if err := json.Unmarshal(a.After, &t); err != nil {
			return fmt.Errorf("reading target %s of the plan: %w", a.Name, err)
		}
		name := strings.TrimSuffix(a.Name, "/"+t.ID)
		i := slices.IndexFunc(l.Rules, func(r desired.Rule) bool { return r.Rule.Name == name })
		if i < 0 {
			return &ElsewhereError{"target " + a.Name + ", whose rule exists already", "export from the account instead, without --plan: the file does not hold the rule"}
		}
		l.Rules[i].Targets = append(l.Rules[i].Targets, desired.Target{State: now, Target: t})
		return nil
	case (action.CreateRole{}).Kind():
		if !slices.ContainsFunc(whole.Roles, func(r desired.Role) bool { return r.ARN == x.ARN }) {
			whole.Roles = append(whole.Roles, desired.Role{
				State: now, Name: a.Name, ARN: x.ARN, Description: action.CreateRole{Policy: x.Policy}.Description(), Trust: x.Trust, Policy: x.Policy, Inline: a.Name, Tags: x.Tags,
			})
		}
		return nil
	case (action.CreateConnection{}).Kind(), (action.CreateDestination{}).Kind():
		return errSaved(a.Kind, a.Name)
	}
	return &ElsewhereError{a.Kind + " " + a.Name, "'monitorctl apply --plan' carries it out"}
}

// controlOf returns the control that an action helps first.
func controlOf(a planfile.Action, controls []catalog.Control, o Options) (catalog.Control, desired.Control) {
	i := slices.IndexFunc(controls, func(c catalog.Control) bool { return len(a.Closes) > 0 && c.ID == a.Closes[0] })
	if i < 0 {
		return catalog.Control{}, desired.Control{}
	}
	about := desired.Control{ID: controls[i].ID, Title: controls[i].Title}
	about.Number, _ = controls[i].Number(o.Audit.Benchmark)
	return controls[i], about
}

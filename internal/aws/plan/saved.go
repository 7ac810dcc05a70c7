package plan

import (
	"encoding/json"
	"fmt"
	"slices"

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
	o := f.Wishes.Options()
	l := desired.List{Home: desired.Home{Partition: f.Partition, Account: f.Account}, Names: o.names()}
	for _, a := range f.Actions {
		if l.Home.Region == "" {
			l.Home.Region = a.Region
		}
		if a.Region != l.Home.Region {
			return l, &ElsewhereError{a.Kind + " " + a.Name, "apply carries it out"}
		}
		if err := addSaved(&l, a, controls, o); err != nil {
			return l, err
		}
	}
	for _, x := range l.Filters {
		l.LogGroup = x.Filter.LogGroup
	}
	if l.LogGroup == "" && !l.IsEmpty() {
		return l, &ElsewhereError{"a plan without a metric filter", "export from the account instead: the file does not name the log group"}
	}
	return l, nil
}

// addSaved adds what one action of a file writes.
func addSaved(l *desired.List, a planfile.Action, controls []catalog.Control, o Options) error {
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
	return &ElsewhereError{a.Kind + " " + a.Name, "apply --plan carries it out"}
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

package account

import (
	"cmp"
	"fmt"
	"slices"
)

// fault names the first thing that a snapshot promises and this one does not
// keep; "" when there is none. Code that reads snapshots relies on the order of
// accounts' regions and trails, and on maps without holes.
func (s *Snapshot) fault() string {
	switch {
	case s.TakenAt.IsZero():
		return "snapshot has no takenAt"
	case len(s.Accounts) == 0:
		return "snapshot has no accounts"
	}
	if id, ok := twice(s.Accounts, func(a Account) string { return a.ID }); ok {
		return fmt.Sprintf("account %s occurs twice", id)
	}
	for i := range s.Accounts {
		if msg := s.Accounts[i].fault(); msg != "" {
			return msg
		}
	}
	return ""
}

func (a *Account) fault() string {
	if !isAccountID(a.ID) {
		return fmt.Sprintf("account id %q is not 12 digits", a.ID)
	}
	in := "account " + a.ID + ": "
	switch {
	case a.Partition == "":
		return in + "no partition"
	case len(a.Scope) == 0:
		return in + "no scope"
	case !ascending(a.Scope, func(r string) string { return r }):
		return in + "scope is not sorted"
	case !ascending(a.Regions, func(r Region) string { return r.Name }):
		return in + "regions are not sorted by name"
	case !ascending(a.Trails, func(t Trail) string { return t.ARN }):
		return in + "trails are not sorted by ARN"
	}
	if arn, ok := hole(a.Roles); ok {
		return in + fmt.Sprintf("role %q is null", arn)
	}
	for i := range a.Regions {
		if msg := a.Regions[i].fault(); msg != "" {
			return in + "region " + a.Regions[i].Name + ": " + msg
		}
	}
	return ""
}

func (r *Region) fault() string {
	if name, ok := hole(r.LogGroups); ok {
		return fmt.Sprintf("log group %q is null", name)
	}
	if name, ok := hole(r.Transformers); ok {
		return fmt.Sprintf("transformer of log group %q is null", name)
	}
	if name, ok := hole(r.AlarmTags); ok {
		return fmt.Sprintf("tags of alarm %q are null", name)
	}
	if name, ok := hole(r.RuleTags); ok {
		return fmt.Sprintf("tags of rule %q are null", name)
	}
	if name, ok := hole(r.Topics); ok {
		return fmt.Sprintf("topic %q is null", name)
	}
	if name, ok := hole(r.Keys); ok {
		return fmt.Sprintf("key %q is null", name)
	}
	if arn, ok := hole(r.Buses); ok {
		return fmt.Sprintf("bus %q is null", arn)
	}
	if arn, ok := hole(r.APIDestinations); ok {
		return fmt.Sprintf("API destination %q is null", arn)
	}
	if arn, ok := hole(r.Connections); ok {
		return fmt.Sprintf("connection %q is null", arn)
	}
	return r.doubled()
}

// doubled names the first metric filter or alarm that the region has twice: which of
// them holds could not be told.
func (r *Region) doubled() string {
	filters, _ := r.MetricFilters.Got()
	if name, ok := twice(filters, func(f MetricFilter) string { return f.Name + " of log group " + f.LogGroup }); ok {
		return fmt.Sprintf("metric filter %s occurs twice", name)
	}
	alarms, _ := r.Alarms.Got()
	var names []string
	for _, a := range alarms.Metric {
		names = append(names, a.Name)
	}
	for _, a := range alarms.Composite {
		names = append(names, a.Name)
	}
	for _, a := range alarms.Log {
		names = append(names, a.Name)
	}
	if name, ok := twice(names, func(n string) string { return n }); ok {
		return fmt.Sprintf("alarm %q occurs twice", name)
	}
	return ""
}

// twice returns the first key that two entries share.
func twice[T any](list []T, key func(T) string) (string, bool) {
	seen := map[string]bool{}
	for _, v := range list {
		k := key(v)
		if seen[k] {
			return k, true
		}
		seen[k] = true
	}
	return "", false
}

// hole returns the first key without a value.
func hole[T any](m map[string]*T) (string, bool) {
	var keys []string
	for k, v := range m {
		if v == nil {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return "", false
	}
	return slices.Min(keys), true
}

// ascending reports whether the keys rise strictly, so that none occurs twice,
// and none is empty.
func ascending[T any](list []T, key func(T) string) bool {
	last := ""
	for _, v := range list {
		if cmp.Compare(key(v), last) <= 0 {
			return false
		}
		last = key(v)
	}
	return true
}

func isAccountID(id string) bool {
	if len(id) != 12 {
		return false
	}
	for _, c := range []byte(id) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

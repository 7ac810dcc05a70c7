// Package desired says what monitorctl's own objects look like: the filters,
// alarms and topics that the scope asks for, field by field, and by what an object
// of an account is known as one of them. Plan, destroy and undo take both from
// here, and no writer builds a field by itself.
//
// An alarm or topic is known by the tag ManagedTag, whose value says who keeps it.
// A metric filter has no tags: it has the keeper of the alarms on its metric. Only
// what monitorctl keeps is written.
package desired

import (
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// ManagedTag is the tag of alarms and topics by which it is known who keeps them.
const ManagedTag = "monitorctl:managed"

// A Keeper is who keeps an object, by the value of ManagedTag: whose next run
// would undo a change of anybody else's.
type Keeper string

// Keepers.
const (
	Monitorctl     Keeper = "true"
	Terraform      Keeper = "terraform"      // code that 'export' wrote
	CloudFormation Keeper = "cloudformation" // likewise
	Foreign        Keeper = "foreign"        // someone else, or nobody
	Unread         Keeper = "unread"         // the tags are not known
)

// An Owner says who keeps an object.
type Owner struct {
	Keeper Keeper

	// Why is a clause about the object when it was not created by monitorctl to change: "is
	// not monitorctl's: ..."; "" when it is.
	Why string
}

// Ours reports whether monitorctl may change the object.
func (o Owner) Ours() bool { return o.Keeper == Monitorctl }

// ByCode reports whether code that monitorctl has written keeps the object: it is
// one of the objects that the scope asks for, and is changed in that code.
func (o Owner) ByCode() bool { return o.Keeper == Terraform || o.Keeper == CloudFormation }

// IsForeign reports whether the object is known not to be monitorctl's to change.
func (o Owner) IsForeign() bool { return o.Keeper == Foreign || o.ByCode() }

// OwnerOf returns who keeps an alarm or a topic with these tags.
func OwnerOf(tags *account.Read[map[string]string]) Owner {
	have, ok := tags.Got()
	switch {
	case tags.Failed() != nil:
		return Owner{Unread, fmt.Sprintf("may not have been created by monitorctl: %s failed: %s", tags.Failed().Operation, tags.Failed().Code)}
	case !ok:
		return Owner{Unread, "may not have been created by monitorctl: its tags were not read"}
	}
	return OwnerByTags(have)
}

// OwnerByTags is OwnerOf for tags that were read.
func OwnerByTags(tags map[string]string) Owner {
	switch keeper := Keeper(tags[ManagedTag]); keeper {
	case Monitorctl:
		return Owner{Keeper: Monitorctl}
	case Terraform, CloudFormation:
		return Owner{keeper, fmt.Sprintf("is kept by %s, as its tag %s says", keeper, ManagedTag)}
	}
	why := "was not created by monitorctl: it lacks the tag " + ManagedTag + "=true"
	if stack := StackOf(tags); stack != "" {
		why += ", and belongs to the CloudFormation stack " + stack
	}
	return Owner{Foreign, why}
}

// StackOf returns the name of the CloudFormation stack that made an object with these tags;
// "" for none. It is what the tool says itself, which a person cannot set.
func StackOf(tags map[string]string) string { return tags[stackTag] }

// stackTag is the tag that CloudFormation gives to what a stack makes.
const stackTag = "aws:cloudformation:stack-name"

// A Watcher is an alarm on the metric of a filter.
type Watcher struct {
	Alarm string // its name
	Owner Owner
}

// Watchers returns the alarms of a region that watch the metric of a filter, by
// themselves or in an expression; ok is false when the alarms were not read.
func Watchers(r *account.Region, f account.MetricFilter) (list []Watcher, ok bool) {
	alarms, ok := r.Alarms.Got()
	for _, a := range alarms.Metric {
		if a.Watches(f.Namespace, f.Metric) {
			list = append(list, Watcher{a.Name, OwnerOf(r.AlarmTags[a.Name])})
		}
	}
	return list, ok
}

// OwnerOfFilter returns who keeps a filter that is named as ours and has a text of
// ours, by the alarms on its metric: it is ours when all of them are or there is
// none, as an apply leaves it that was cut short; kept by code when that keeps all
// of them; foreign otherwise. What such alarms would lose, someone else relies on.
func OwnerOfFilter(watchers []Watcher) Owner {
	for _, w := range watchers {
		switch {
		case w.Owner.Keeper == watchers[0].Owner.Keeper && (w.Owner.Ours() || w.Owner.ByCode()):
		case w.Owner.Keeper == Unread:
			return Owner{Unread, fmt.Sprintf("may not have been created by monitorctl: alarm %s, which watches its metric, %s", w.Alarm, w.Owner.Why)}
		case w.Owner.Keeper == Foreign:
			return Owner{Foreign, fmt.Sprintf("was not created by monitorctl: alarm %s, which lacks the tag %s=true, watches its metric", w.Alarm, ManagedTag)}
		default:
			return Owner{Foreign, fmt.Sprintf("is not used by monitorctl alone: alarms %s and %s, which others keep, watch its metric", watchers[0].Alarm, w.Alarm)}
		}
	}
	switch {
	case len(watchers) == 0 || watchers[0].Owner.Ours():
		return Owner{Keeper: Monitorctl}
	default:
		keeper := watchers[0].Owner.Keeper
		return Owner{keeper, fmt.Sprintf("is kept by %s, which keeps alarm %s on its metric", keeper, watchers[0].Alarm)}
	}
}

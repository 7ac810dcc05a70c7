package action

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/change"
)

// LogGroupObject is a log group as a journal names it.
func LogGroupObject(region, name string) change.Object {
	return change.Object{Kind: LogGroupKind, Region: region, Name: name}
}

// BucketObject is a bucket as a journal names it.
func BucketObject(region, name string) change.Object {
	return change.Object{Kind: BucketKind, Region: region, Name: name}
}

// TrailObject is a trail as a journal names it.
func TrailObject(region, arn string) change.Object {
	return change.Object{Kind: TrailKind, Region: region, Name: arn}
}

// LogGroupState is a log group in a journal.
func LogGroupState(g account.TrailGroup) *State {
	return &State{LogGroup: &LogGroup{Class: g.Class, KeyID: g.KeyID}, Retention: &g.Retention, Tags: &g.Tags}
}

// BucketState is a bucket in a journal.
func BucketState(b account.Bucket) *State {
	return &State{Bucket: &Bucket{b.Name}, BucketSettings: &b.Settings, Tags: &b.Tags}
}

// TrailState is a trail in a journal.
func TrailState(t account.OwnTrail) *State {
	return &State{
		Trail:    &Trail{ARN: t.ARN, Bucket: t.Bucket, KeyID: t.KeyID, MultiRegion: t.MultiRegion, Global: t.Global, Validation: t.Validation, Org: t.Org},
		Delivery: &t.Delivery, Selectors: &t.Selectors, Logging: &t.Logging, Tags: &t.Tags,
	}
}

// trail is the trail that a whole state of one is about.
func (s State) trail() account.OwnTrail {
	x := s.Trail
	t := account.OwnTrail{
		Name: nameOfTrail(x.ARN), ARN: x.ARN, Bucket: x.Bucket, KeyID: x.KeyID, MultiRegion: x.MultiRegion, Global: x.Global, Validation: x.Validation, Org: x.Org,
	}
	if s.Delivery != nil {
		t.Delivery = *s.Delivery
	}
	if s.Selectors != nil {
		t.Selectors = *s.Selectors
	}
	if s.Logging != nil {
		t.Logging = *s.Logging
	}
	if s.Tags != nil {
		t.Tags = *s.Tags
	}
	return t
}

// nameOfTrail is the name at the end of a trail's ARN.
func nameOfTrail(arn string) string {
	const prefix = "trail/"
	last := lastPart(arn)
	if len(last) > len(prefix) && last[:len(prefix)] == prefix {
		return last[len(prefix):]
	}
	return last
}

// sameTrail is Same for the parts of a trail and what it needs.
func (s State) sameTrail(t State) bool {
	return agree(s.LogGroup, t.LogGroup, func(x, y LogGroup) bool { // an endpoint may not tell the class
		return x.KeyID == y.KeyID && (x.Class == y.Class || x.Class == "" || y.Class == "")
	}) &&
		agree(s.Retention, t.Retention, func(x, y int32) bool { return x == y }) &&
		agree(s.Bucket, t.Bucket, func(x, y Bucket) bool { return x == y }) &&
		agree(s.BucketSettings, t.BucketSettings, sameBucket) &&
		agree(s.Trail, t.Trail, func(x, y Trail) bool { return x == y }) &&
		agree(s.Delivery, t.Delivery, func(x, y account.TrailDelivery) bool { return x == y }) &&
		agree(s.Selectors, t.Selectors, sameSelectors) &&
		agree(s.Logging, t.Logging, func(x, y bool) bool { return x == y })
}

func sameSelectors(x, y account.Selectors) bool {
	return reflect.DeepEqual(x.Basic, y.Basic) && reflect.DeepEqual(x.Advanced, y.Advanced)
}

// overTrail is Over for those parts.
func (s State) overTrail(t State) State {
	t.Retention = cmp.Or(s.Retention, t.Retention)
	t.BucketSettings = cmp.Or(s.BucketSettings, t.BucketSettings)
	t.Delivery = cmp.Or(s.Delivery, t.Delivery)
	t.Selectors = cmp.Or(s.Selectors, t.Selectors)
	t.Logging = cmp.Or(s.Logging, t.Logging)
	return t
}

// How long CreateTrail and UpdateTrail are tried again while CloudTrail does not see the
// role or the bucket's policy yet, and the pause in between.
const (
	patience  = 2 * time.Minute
	nextTry   = 5 * time.Second
	tooLate   = "gave up after two minutes"
	takenBack = "the trail was created and removed again"
)

// patiently makes a call again while it is too early for it.
func (r *Run) patiently(ctx context.Context, call func() error) error {
	for waited := time.Duration(0); ; waited += nextTry {
		err := call()
		switch {
		case !errors.Is(err, ErrNotYet):
			return err
		case waited >= patience:
			return fmt.Errorf("%w (%s)", err, tooLate)
		case r.Calls.Pause(ctx, nextTry) != nil:
			return err
		}
	}
}

// RestoreLogGroup is the action that removes a log group which a journal's runs made.
func RestoreLogGroup(m change.Meta, name string, now State) Action {
	m.Why = whyMade
	return DeleteLogGroup{Meta: m, Group: account.TrailGroup{Name: name, Class: now.LogGroup.Class, KeyID: now.LogGroup.KeyID, Retention: *now.Retention, Tags: *now.Tags}}
}

// RestoreBucket is the action that removes a bucket which a journal's runs made.
func RestoreBucket(m change.Meta, name string, now State) Action {
	m.Why = whyMade
	return DeleteBucket{Meta: m, Bucket: account.Bucket{Name: name, Settings: *now.BucketSettings, Tags: *now.Tags}}
}

// RestoreTrail is the action that brings a trail from what it is to what it was before a
// journal's runs; target is nil for one that was not there.
func RestoreTrail(m change.Meta, now State, target *State) Action {
	if target == nil {
		m.Why = whyMade
		return DeleteTrail{Meta: m, Trail: now.trail()}
	}
	m.Why = whyReplaced
	return UpdateTrail{Meta: m, Before: now.trail(), After: target.Over(now).trail()}
}

// trails returns the account's trails, which may be changed.
func (d *draft) trails() []account.Trail {
	if !d.ownTrails {
		d.ownTrails = true
		d.account.Trails = slices.Clone(d.account.Trails)
	}
	return d.account.Trails
}

// setTrail puts a trail where the regions that it records show it, or removes it.
func (d *draft) setTrail(t account.OwnTrail, there bool) {
	list := slices.DeleteFunc(slices.Clone(d.trails()), func(have account.Trail) bool { return have.ARN == t.ARN })
	home, _ := account.ParseARN(t.ARN)
	if there {
		list = append(list, account.Trail{
			ARN: t.ARN, Name: t.Name, HomeRegion: home.Region, MultiRegion: t.MultiRegion, Organization: t.Org, GlobalServiceEvents: t.Global,
			LogGroupARN: t.Delivery.LogGroupARN, Bucket: t.Bucket,
			Status: &account.Read[account.TrailStatus]{Value: account.TrailStatus{Logging: t.Logging}}, Selectors: &account.Read[account.Selectors]{Value: t.Selectors},
		})
		slices.SortFunc(list, func(a, b account.Trail) int { return cmp.Compare(a.ARN, b.ARN) })
	}
	d.account.Trails = list
	for i := range d.account.Regions {
		r := d.region(d.account.Regions[i].Name)
		if r.Trails == nil || r.Trails.Failure != nil {
			continue
		}
		r.Trails.Value = slices.DeleteFunc(r.Trails.Value, func(arn string) bool { return arn == t.ARN })
		if there && (t.MultiRegion || r.Name == home.Region) {
			r.Trails.Value = append(r.Trails.Value, t.ARN)
			slices.Sort(r.Trails.Value)
		}
	}
}

// trailParts adds all facts about the parts of a trail that were read.
func (b *basis) trailParts() {
	if b.parts == nil {
		return
	}
	if have, ok := b.parts.Bucket.Got(); ok && have != nil {
		b.bucket(have.Name)
	}
	for arn := range b.parts.Trails {
		b.ownTrail(arn)
	}
}

// trailGroup adds what stands under the name of a trail's log group.
func (b *basis) trailGroup(name string) {
	resource := "log group " + name
	if b.parts == nil {
		b.add(resource, "log group", unread)
		return
	}
	g, ok := b.parts.Groups[b.now.Name].Got()
	b.part(resource, "log group", g, ok, g == nil || g.Name != name)
}

// bucket adds what stands under the name of a trail's bucket.
func (b *basis) bucket(name string) {
	resource := "bucket " + name
	if b.parts == nil {
		b.add(resource, "bucket", unread)
		return
	}
	have, ok := b.parts.Bucket.Got()
	b.part(resource, "bucket", have, ok, have == nil || have.Name != name)
}

// ownTrail adds a trail of the account.
func (b *basis) ownTrail(arn string) {
	if b.parts == nil {
		b.add(arn, "trail", unread)
		return
	}
	read, asked := b.parts.Trails[arn]
	t, ok := read.Got()
	b.part(arn, "trail", t, ok || !asked, t == nil)
}

func (b *basis) part(resource, name string, value any, ok, none bool) {
	switch {
	case !ok:
		b.add(resource, name, unread)
	case none:
		b.add(resource, name, change.NoFact)
	default:
		b.add(resource, name, value)
	}
}

package undo

import (
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/change"
)

// foreignTrail says why a trail that was there before the runs is not brought back to what
// it was. One that monitorctl did not create is disconnected from a log group only if the
// runs also made the role by which it delivers, and is never stopped: that would be more
// than anybody could tell from a journal.
func (u *undoing) foreignTrail(o change.Object, now, target action.State) string {
	if *now.Delivery != *target.Delivery && target.Delivery.LogGroupARN != "" { // it was connected anew because of that
		return "before that, it used a log group or role that no longer existed, which AWS does not accept"
	}
	if ownerOf(&now).Ours() {
		return ""
	}
	if *now.Logging && !*target.Logging {
		return "it was not created by monitorctl, which does not stop other people's trails; to stop it, run 'aws cloudtrail stop-logging'"
	}
	_, role, _ := strings.Cut(now.Delivery.RoleARN, ":role/")
	if !slices.ContainsFunc(u.journal.Objects(), func(r change.Object) bool { return r == action.TrailRoleObject(o.Region, role) }) {
		return "it was not created by monitorctl, and uses another role than the one in the journal"
	}
	return ""
}

// trailParts decides what of the parts of a trail can go: nothing that a trail which stays
// uses, and nothing that holds evidence.
func (u *undoing) trailParts(objects []change.Object) {
	for _, o := range objects {
		if !u.removes(o) || u.now[o].State == nil {
			continue
		}
		found := u.now[o]
		switch {
		case o.Kind != action.LogGroupKind && o.Kind != action.BucketKind && (o.Kind != action.RoleKind || o.Endpoint == ""):
		case found.Holds:
			u.keep(o)
		default:
			if name := u.userOf(objects, o); name != "" {
				u.leave(o, "trail "+name+", which stays, uses it")
			} else if name := u.filterOn(objects, o); name != "" {
				u.leave(o, "metric filter "+name+", which stays, is on it")
			}
		}
	}
}

// keep leaves what holds evidence; that is as wanted.
func (u *undoing) keep(o change.Object) {
	why := action.HoldsFiles
	if o.Kind == action.LogGroupKind {
		why = action.HoldsEvents
	}
	u.plan.Left = append(u.plan.Left, change.Left{Object: u.words(o), Why: why, Kept: true})
	delete(u.target, o)
}

// userOf names a trail of the journal that will use a part of it; "" for none.
func (u *undoing) userOf(objects []change.Object, part change.Object) string {
	for _, t := range objects {
		now := u.now[t].State
		if t.Kind != action.TrailKind || now == nil || u.removes(t) {
			continue
		}
		after := now
		if target := u.target[t]; target != nil {
			whole := target.Over(*now)
			after = &whole
		}
		arn, _ := account.ParseARN(after.Delivery.LogGroupARN)
		group, _ := arn.LogGroupName()
		_, role, _ := strings.Cut(after.Delivery.RoleARN, ":role/")
		if part.Kind == action.LogGroupKind && group == part.Name || part.Kind == action.BucketKind && after.Trail.Bucket == part.Name || part.Kind == action.RoleKind && role == part.Name {
			return t.Name[strings.LastIndexByte(t.Name, '/')+1:]
		}
	}
	return ""
}

// filterOn names a metric filter that stays on a log group; "" for none.
func (u *undoing) filterOn(objects []change.Object, group change.Object) string {
	for _, name := range u.now[group].Filters {
		f := action.FilterObject(group.Region, group.Name, name)
		if !slices.Contains(objects, f) || !u.removes(f) {
			return name
		}
	}
	return ""
}

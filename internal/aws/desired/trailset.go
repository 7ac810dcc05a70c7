package desired

import (
	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// A TrailSet is a trail of ours and what it needs, all in the home region of the trail.
// What is nil is not ours: someone else keeps it, or it is not asked for.
type TrailSet struct {
	Group  *TrailGroup
	Role   *Role // by which CloudTrail writes into the log group
	Bucket *LogBucket
	Trail  *OwnTrail
}

// A TrailGroup is the log group of a trail of ours.
type TrailGroup struct {
	State State
	Group account.TrailGroup
}

// A LogBucket is the bucket of its log files.
type LogBucket struct {
	State  State
	Bucket account.Bucket
}

// An OwnTrail is a trail of ours.
type OwnTrail struct {
	State State
	Trail account.OwnTrail
}

// IsEmpty reports whether nothing of a trail is ours.
func (t TrailSet) IsEmpty() bool {
	return t.Group == nil && t.Role == nil && t.Bucket == nil && t.Trail == nil
}

// Makes reports whether a log group is one of the set.
func (t TrailSet) Makes(group string) bool { return t.Group != nil && t.Group.Group.Name == group }

// keptBy is KeptBy of a list for the set.
func (t TrailSet) keptBy(k Keeper) TrailSet {
	if t.Group != nil {
		x := *t.Group
		x.Group.Tags = withKeeper(x.Group.Tags, k)
		t.Group = &x
	}
	if t.Role != nil {
		x := *t.Role
		x.Tags = withKeeper(x.Tags, k)
		t.Role = &x
	}
	if t.Bucket != nil {
		x := *t.Bucket
		x.Bucket.Tags = withKeeper(x.Bucket.Tags, k)
		t.Bucket = &x
	}
	if t.Trail != nil {
		x := *t.Trail
		x.Trail.Tags = withKeeper(x.Trail.Tags, k)
		t.Trail = &x
	}
	return t
}

// States are the states of what is in the set.
func (t TrailSet) States() []State {
	var out []State
	if t.Group != nil {
		out = append(out, t.Group.State)
	}
	if t.Role != nil {
		out = append(out, t.Role.State)
	}
	if t.Bucket != nil {
		out = append(out, t.Bucket.State)
	}
	if t.Trail != nil {
		out = append(out, t.Trail.State)
	}
	return out
}

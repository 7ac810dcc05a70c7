package plan

import (
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"
)

// trail plans the removal of our trail and of what it needs, where that is asked for: no
// other wish takes an account's trail away.
func (d *destroyer) trail() {
	parts := d.account.TrailParts
	if d.o.Bootstrap == nil || parts == nil || d.account.Region(parts.Home) == nil {
		return
	}
	var stay []account.OwnTrail // the account's other trails
	for _, arn := range slices.Sorted(maps.Keys(parts.Trails)) {
		if x := d.ownTrail(arn, parts.Trails[arn]); x != nil {
			stay = append(stay, *x)
		}
	}
	d.region = d.account.Region(parts.Home)
	d.trailRole(stay)
	d.bucket(parts.Bucket, stay)
	for _, region := range slices.Sorted(maps.Keys(parts.Groups)) {
		if d.region = d.account.Region(region); d.region != nil {
			d.logGroup(parts.Groups[region], stay)
		}
	}
}

// ownTrail plans the removal of a trail, or returns it when it stays.
func (d *destroyer) ownTrail(arn string, read *account.Read[*account.OwnTrail]) *account.OwnTrail {
	parsed, _ := account.ParseARN(arn)
	named := strings.TrimPrefix(parsed.Resource, "trail/") == d.o.Bootstrap.TrailName()
	if d.region = d.account.Region(parsed.Region); d.region == nil {
		d.region = d.account.Region(d.account.TrailParts.Home)
	}
	x, ok := read.Got()
	switch {
	case !ok && named:
		d.leave(false, read.Failed().Operation+" failed: "+read.Failed().Code, "trail %s", d.o.Bootstrap.TrailName())
		return &account.OwnTrail{ARN: arn}
	case x == nil:
		return nil
	case !named:
		return x
	}
	if owner := desired.OwnerByTags(x.Tags); !owner.Ours() {
		d.leave(true, "it "+owner.Why, "trail %s", x.Name)
		return x
	}
	d.actions = append(d.actions, action.DeleteTrail{Meta: d.meta("", "it has monitorctl's name and tag"), Trail: *x})
	return nil
}

// userOf names a trail that stays and that something holds for; "" for none.
func userOf(stay []account.OwnTrail, uses func(account.OwnTrail) bool) string {
	for _, x := range stay {
		if uses(x) {
			return "trail " + x.Name + ", which stays, uses it"
		}
	}
	return ""
}

// trailRole plans the removal of the trail's role.
func (d *destroyer) trailRole(stay []account.OwnTrail) {
	name := d.o.Bootstrap.RoleName()
	arn := d.o.Bootstrap.RoleARN(d.home())
	have := d.account.Roles[arn]
	if have == nil {
		return
	}
	state, others, err := action.RoleStateOf(desired.DeliverPolicy, have)
	switch {
	case err != nil:
		d.leave(false, "it could not be read: "+err.Error(), "role %s", name)
		return
	case state == nil:
		return
	}
	owner := desired.OwnerByTags(*state.Tags)
	switch why := userOf(stay, func(x account.OwnTrail) bool { return x.Delivery.RoleARN == arn }); {
	case !owner.Ours():
		d.leave(true, "it "+owner.Why, "role %s", name)
	case why != "":
		d.leave(false, why, "role %s", name)
	case len(others) > 0:
		d.leave(false, "it has the policy "+others[0]+", which was not created by monitorctl", "role %s", name)
	default:
		d.actions = append(d.actions, action.DeleteRole{
			Meta: d.meta("", "it has monitorctl's name and tag"), Role: name, ARN: arn, Inline: desired.DeliverPolicy,
			Trust: state.Role.Trust, Policy: *state.RolePolicy, Tags: *state.Tags,
		})
	}
}

// kept notes what stays because it holds evidence: that is as wanted.
func (d *destroyer) kept(object, why string) {
	d.out.Left = append(d.out.Left, change.Left{Object: object + " (" + d.region.Name + ")", Why: why, Kept: true})
}

// bucket plans the removal of the trail's bucket while it is empty.
func (d *destroyer) bucket(read *account.Read[*account.Bucket], stay []account.OwnTrail) {
	have, _ := read.Got()
	if f := read.Failed(); f != nil {
		d.leave(false, f.Operation+" failed: "+f.Code, "bucket %s", d.o.Bootstrap.BucketName(d.home()))
	}
	if have == nil {
		return
	}
	owner := desired.OwnerByTags(have.Tags)
	why := userOf(stay, func(x account.OwnTrail) bool { return x.Bucket == have.Name })
	switch {
	case have.Foreign:
		d.leave(true, "it belongs to another account", "bucket %s", have.Name)
	case !owner.Ours():
		d.leave(true, "it "+owner.Why, "bucket %s", have.Name)
	case why != "":
		d.leave(false, why, "bucket %s", have.Name)
	case have.Holds.Failed() != nil:
		d.leave(false, have.Holds.Failed().Operation+" failed: "+have.Holds.Failed().Code, "bucket %s", have.Name)
	case have.Holds != nil && have.Holds.Value:
		d.kept("bucket "+have.Name, action.HoldsFiles)
	default:
		d.actions = append(d.actions, action.DeleteBucket{Meta: d.meta("", "it has monitorctl's name and tag, and is empty"), Bucket: *have})
	}
}

// logGroup plans the removal of the trail's log group while it is empty.
func (d *destroyer) logGroup(read *account.Read[*account.TrailGroup], stay []account.OwnTrail) {
	have, _ := read.Got()
	if f := read.Failed(); f != nil {
		d.leave(false, f.Operation+" failed: "+f.Code, "log group %s", d.o.Bootstrap.GroupName())
	}
	if have == nil {
		return
	}
	owner := desired.OwnerByTags(have.Tags)
	why := userOf(stay, func(x account.OwnTrail) bool { return x.Delivery.LogGroupARN == have.ARN+":*" })
	switch {
	case !owner.Ours():
		d.leave(true, "it "+owner.Why, "log group %s", have.Name)
	case why != "":
		d.leave(false, why, "log group %s", have.Name)
	case have.Holds.Failed() != nil:
		d.leave(false, have.Holds.Failed().Operation+" failed: "+have.Holds.Failed().Code, "log group %s", have.Name)
	case have.Holds != nil && have.Holds.Value:
		d.kept("log group "+have.Name, action.HoldsEvents)
	case d.filterOn(have.Name) != "":
		d.leave(false, "metric filter "+d.filterOn(have.Name)+", which stays, is on it", "log group %s", have.Name)
	default:
		d.actions = append(d.actions, action.DeleteLogGroup{Meta: d.meta("", "it has monitorctl's name and tag, and is empty"), Group: *have})
	}
}

// filterOn names a metric filter of the region at hand that stays on a log group; "" for
// none.
func (d *destroyer) filterOn(group string) string {
	list, _ := d.region.MetricFilters.Got()
	for _, f := range list {
		removed := slices.ContainsFunc(d.actions, func(a action.Action) bool {
			x, ok := a.(action.DeleteFilter)
			return ok && x.Filter.LogGroup == group && x.Filter.Name == f.Name && x.Region == d.region.Name
		})
		if f.LogGroup == group && !removed {
			return f.Name
		}
	}
	return ""
}

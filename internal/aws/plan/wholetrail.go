package plan

import (
	"reflect"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
)

// trailWay is what to do about a trail that code of ours cannot hold.
const trailWay = "it belongs to whoever keeps the trail: run 'monitorctl apply --create-trail' to change it, then export without --create-trail"

// trails takes over the parts of a trail.
func (t *takeover) trails(p *account.TrailParts) *account.TrailParts {
	if p == nil {
		return nil
	}
	own := func(name string, tags map[string]string) map[string]string {
		return t.tags(name, &account.Read[map[string]string]{Value: tags}).Value
	}
	out := *p
	out.Groups, out.Trails = map[string]*account.Read[*account.TrailGroup]{}, map[string]*account.Read[*account.OwnTrail]{}
	for region, read := range p.Groups {
		out.Groups[region] = read
		if g, _ := read.Got(); g != nil {
			x := *g
			x.Tags = own(x.Name, x.Tags)
			out.Groups[region] = &account.Read[*account.TrailGroup]{Value: &x}
		}
	}
	for arn, read := range p.Trails {
		out.Trails[arn] = read
		if have, _ := read.Got(); have != nil {
			x := *have
			x.Tags = own(x.Name, x.Tags)
			out.Trails[arn] = &account.Read[*account.OwnTrail]{Value: &x}
		}
	}
	if b, _ := p.Bucket.Got(); b != nil {
		x := *b
		x.Tags = own(x.Name, x.Tags)
		out.Bucket = &account.Read[*account.Bucket]{Value: &x}
	}
	return &out
}

// trail lists the trail of ours that carries the events, and what it needs: what the plan
// writes, and what is there. region is its home.
func (l *lister) trail() (region string) {
	if l.o.Bootstrap == nil {
		return ""
	}
	set := &l.trailSet
	for _, a := range l.actions {
		switch x := a.(type) { //nolint:gochecksumtype // the others have nothing to do with a trail
		case action.CreateLogGroup:
			region, set.Group = x.Region, &desired.TrailGroup{State: partState(l.groupTags(x.Region, x.Group.Name)), Group: x.Group}
		case action.CreateRole:
			if x.ForTrail() {
				region = x.Region
				set.Role = &desired.Role{
					State: partState(l.roleTags(x.ARN)), Name: x.Role, ARN: x.ARN, Description: x.Description(), Trust: x.Trust, Policy: x.Policy, Inline: x.Inline, Tags: x.Tags,
				}
			}
		case action.CreateBucket:
			region, set.Bucket = x.Region, &desired.LogBucket{State: partState(l.bucketTags(x.Bucket.Name)), Bucket: x.Bucket}
		case action.CreateTrail:
			region, set.Trail = x.Region, &desired.OwnTrail{State: desired.New, Trail: x.Trail}
		case action.UpdateTrail:
			region, set.Trail = x.Region, &desired.OwnTrail{State: state(l.ownerOfTrailAt(x.After.ARN), true), Trail: x.After}
		}
	}
	if set.Trail == nil {
		l.ownTrail()
	}
	if t := set.Trail; t != nil {
		arn, _ := account.ParseARN(t.Trail.ARN)
		region = arn.Region
		l.partsOf(t.Trail, region)
	}
	return region
}

// partState is how a part that the plan writes stands in the account; tags are nil for one
// that is not there.
func partState(tags *map[string]string) desired.State {
	if tags == nil {
		return desired.New
	}
	return state(desired.OwnerByTags(*tags), true)
}

// ownTrail lists the trail of ours that is there, the one with the wanted name first.
func (l *lister) ownTrail() {
	if l.before.TrailParts == nil {
		return
	}
	var best *account.OwnTrail
	for _, read := range l.before.TrailParts.Trails {
		t, _ := read.Got()
		if owner := ownerOfTrail(t); t == nil || !owner.Ours() && !owner.ByCode() {
			continue
		}
		named, was := t.Name == l.o.Bootstrap.TrailName(), best != nil && best.Name == l.o.Bootstrap.TrailName()
		if best == nil || named && !was || named == was && t.ARN < best.ARN {
			best = t
		}
	}
	if best != nil {
		l.trailSet.Trail = &desired.OwnTrail{State: state(ownerOfTrail(best), false), Trail: *best}
	}
}

func ownerOfTrail(t *account.OwnTrail) desired.Owner {
	if t == nil {
		return desired.Owner{}
	}
	return desired.OwnerByTags(t.Tags)
}

// partsOf lists what a trail of ours needs and the plan does not write: it is there, and
// ours.
func (l *lister) partsOf(t account.OwnTrail, region string) {
	set, parts := &l.trailSet, l.before.TrailParts
	ours := func(tags *map[string]string) bool {
		if tags == nil {
			return false
		}
		owner := desired.OwnerByTags(*tags)
		return owner.Ours() || owner.ByCode()
	}
	arn, _ := account.ParseARN(t.Delivery.LogGroupARN)
	if name, _ := arn.LogGroupName(); set.Group == nil {
		if tags := l.groupTags(region, name); ours(tags) {
			g, _ := parts.Groups[region].Got()
			set.Group = &desired.TrailGroup{State: state(desired.OwnerByTags(*tags), false), Group: *g}
		}
	}
	if set.Bucket == nil {
		if tags := l.bucketTags(t.Bucket); ours(tags) {
			b, _ := parts.Bucket.Got()
			x := *b
			x.Settings.Policy = asWritten(x.Settings.Policy, l.wishOf(t).BucketPolicy(l.homeOf(region)))
			set.Bucket = &desired.LogBucket{State: state(desired.OwnerByTags(*tags), false), Bucket: x}
		}
	}
	if set.Role == nil {
		if tags := l.roleTags(t.Delivery.RoleARN); ours(tags) {
			set.Role = l.trailRole(t.Delivery.RoleARN)
			if r := set.Role; r != nil {
				name, _ := arn.LogGroupName()
				r.Trust, r.Policy = asWritten(r.Trust, desired.TrailTrust()), asWritten(r.Policy, l.wishOf(t).DeliverDocument(name, l.homeOf(region)))
			}
		}
	}
}

// wishOf are the wishes that make a trail as it is.
func (l *lister) wishOf(t account.OwnTrail) desired.Trail {
	w := desired.Trail{Name: t.Name, Bucket: t.Bucket}
	if o, _ := l.before.Organization.Got(); t.Org && o != nil {
		w.Organization = o.ID
	}
	return w
}

// asWritten is a policy as monitorctl writes it: code may have sorted its members, and is
// written again as it was.
func asWritten(have, want string) string {
	if account.SameJSON(have, want) {
		return want
	}
	return have
}

// trailRole is the role that is there under an ARN; nil for one whose policies were not
// read.
func (l *lister) trailRole(arn string) *desired.Role {
	have := l.before.Roles[arn]
	now, others, err := action.RoleStateOf(desired.DeliverPolicy, have)
	if err != nil || now == nil || len(others) > 0 || now.RolePolicy == nil {
		return nil
	}
	return &desired.Role{
		State: state(desired.OwnerByTags(*now.Tags), false), Name: lastPart(arn)[len("role/"):], ARN: arn, Description: action.CreateRole{Inline: desired.DeliverPolicy}.Description(),
		Trust: now.Role.Trust, Policy: *now.RolePolicy, Inline: desired.DeliverPolicy, Tags: *now.Tags,
	}
}

// groupTags are the tags of a trail's log group that is there; nil for none.
func (l *lister) groupTags(region, name string) *map[string]string {
	if l.before.TrailParts == nil {
		return nil
	}
	if g, _ := l.before.TrailParts.Groups[region].Got(); g != nil && g.Name == name {
		return &g.Tags
	}
	return nil
}

// bucketTags are the tags of a bucket of this account that is there; nil for none.
func (l *lister) bucketTags(name string) *map[string]string {
	if l.before.TrailParts == nil {
		return nil
	}
	if b, _ := l.before.TrailParts.Bucket.Got(); b != nil && b.Name == name && !b.Foreign {
		return &b.Tags
	}
	return nil
}

// roleTags are the tags of a role that is there; nil for none.
func (l *lister) roleTags(arn string) *map[string]string {
	have := l.before.Roles[arn]
	if have == nil {
		return nil
	}
	if trust, _ := have.Trust.Got(); trust == nil {
		return nil
	}
	tags, _ := have.Tags.Got()
	return &tags
}

// ownerOfTrailAt is who keeps the trail that is there under an ARN.
func (l *lister) ownerOfTrailAt(arn string) desired.Owner {
	if l.before.TrailParts == nil {
		return desired.Owner{}
	}
	t, _ := l.before.TrailParts.Trails[arn].Got()
	return ownerOfTrail(t)
}

// checkTrail refuses what code cannot take over: what is not finished, whose settings cannot
// be imported, and selectors that monitorctl does not write.
func (l *lister) checkTrail() error {
	for _, a := range l.actions {
		if x, ok := a.(action.UpdateTrail); ok && !l.ownerOfTrailAt(x.After.ARN).Ours() && !l.ownerOfTrailAt(x.After.ARN).ByCode() {
			return &ElsewhereError{a.String(), trailWay}
		}
	}
	if slices.Contains(l.trailSet.States(), desired.Changed) {
		return &ElsewhereError{"a trail that is stopped or was not finished", "run 'monitorctl apply --create-trail' to finish it, then export again"}
	}
	if t := l.trailSet.Trail; t != nil && !reflect.DeepEqual(t.Trail.Selectors, account.AllManagement()) {
		return &ElsewhereError{"trail " + t.Trail.Name + ", whose event selectors were edited", "keep it in your own code, or leave out --create-trail"}
	}
	return nil
}

// trailKeys are the keys of a trail's parts that listKey has for their actions.
func trailKeys(t desired.TrailSet) []string {
	var out []string
	if t.Group != nil {
		out = append(out, "log group "+t.Group.Group.Name)
	}
	if t.Role != nil {
		out = append(out, "role "+t.Role.ARN)
	}
	if t.Bucket != nil {
		out = append(out, "bucket "+t.Bucket.Bucket.Name)
	}
	if t.Trail != nil {
		out = append(out, "trail "+t.Trail.Trail.ARN)
	}
	return out
}

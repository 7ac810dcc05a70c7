package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// isAboutEvents reports whether a control needs events.
func isAboutEvents(c catalog.Control) bool { return c.Type != catalog.State }

// mend looks for a trail of this account that carries the events once it is started, or has
// a log group. Trails of others are changed only if --trail names them. It reports whether
// one was found.
func (t *trailPlan) mend() bool {
	list := slices.Clone(t.account.Trails)
	slices.SortStableFunc(list, func(x, y account.Trail) int { return t.rank(x) - t.rank(y) })
	for _, x := range list {
		arn, _ := account.ParseARN(x.ARN)
		if arn.Account != t.account.ID || t.o.Region != "" && x.HomeRegion != t.o.Region {
			continue
		}
		read := t.parts.Trails[x.ARN]
		if t.failed(x.HomeRegion, x.ARN, x.Name, read.Failed()) {
			return true
		}
		have, ok := read.Got()
		if !ok || have == nil {
			continue
		}
		if t.mendOne(*have, x.HomeRegion) {
			return true
		}
	}
	return false
}

// rank puts the trail that --trail names first, then those of monitorctl's.
func (t *trailPlan) rank(x account.Trail) int {
	have, _ := t.parts.Trails[x.ARN].Got()
	switch {
	case x.Name == t.Bootstrap.Name:
		return 0
	case have != nil && desired.OwnerByTags(have.Tags).Ours():
		return 1
	}
	return 2
}

// mendOne plans what a trail lacks, if it carries the events then and may be changed.
func (t *trailPlan) mendOne(have account.OwnTrail, region string) bool {
	home := t.builder.home(region)
	after := have
	after.Logging = true
	group := t.groupOf(have, region)
	if group == "" {
		group = t.GroupName()
		after.Delivery = t.Delivery(group, home)
	}
	own := desired.OwnerByTags(have.Tags).Ours()
	if own && len(have.Selectors.Advanced) == 0 { // a run may have ended before it wrote them
		after.Selectors = account.AllManagement()
	}
	if !t.carries(after, group, home) {
		return false
	}
	if may := own || have.Name == t.Bootstrap.Name; !may && (have.Delivery != after.Delivery || !have.Logging) {
		t.copies = have.Name
		if !have.Logging {
			t.remark("", "trail %s is stopped and was not created by monitorctl: --trail %s starts it instead of creating a new one", have.Name, have.Name)
		} else {
			t.remark("", "trail %s has no log group and was not created by monitorctl: --trail %s connects it instead of creating one that would record every event a second time", have.Name, have.Name)
		}
		return false
	}
	t.group(group, home, have.ARN)
	if have.Delivery == after.Delivery {
		after.Delivery = t.deliveryRole(have, group, home, own)
	} else {
		t.role(group, home)
	}
	if have.Delivery != after.Delivery || have.Logging != after.Logging || own && !sameTrail(have, after) {
		t.planned = append(t.planned, action.UpdateTrail{Meta: t.meta(region, lacks(have, after)), Before: have, After: after})
	}
	return true
}

// sameTrail reports whether two states of one trail differ in nothing that is written.
func sameTrail(x, y account.OwnTrail) bool {
	return action.TrailState(x).Same(*action.TrailState(y))
}

// lacks says why a trail is changed.
func lacks(have, after account.OwnTrail) string {
	var parts []string
	if have.Delivery != after.Delivery {
		parts = append(parts, "its log group does not exist")
	}
	if !have.Logging {
		parts = append(parts, "it is stopped")
	}
	if len(parts) == 0 {
		return "it was created but not finished"
	}
	return strings.Join(parts, ", and ")
}

// groupOf is the name of the log group of this account and region that a trail delivers to,
// "" for none.
func (t *trailPlan) groupOf(x account.OwnTrail, region string) string {
	arn, ok := account.ParseARN(x.Delivery.LogGroupARN)
	name, isGroup := arn.LogGroupName()
	if !ok || !isGroup || arn.Account != t.account.ID || arn.Region != region {
		return ""
	}
	return name
}

// carries reports whether an account with a trail and its log group carries every event.
func (t *trailPlan) carries(x account.OwnTrail, group string, home desired.Home) bool {
	actions := []action.Action{
		action.CreateLogGroup{Meta: t.meta(home.Region, ""), Group: t.wantedGroup(group, home)},
		action.UpdateTrail{Meta: t.meta(home.Region, ""), Before: x, After: x},
	}
	after, err := action.Simulate(t.account, momentOf(t.snap), actions, false)
	if err != nil {
		return false
	}
	for _, c := range t.ranked(after) {
		if c.Trail.ARN == x.ARN {
			return c.Carried == c.Probes && (c.Group != "" || t.onlyRules())
		}
	}
	return false
}

// create plans a trail with all that it needs.
func (t *trailPlan) create() error {
	if err := t.checkKey(); err != nil {
		return err
	}
	t.whole()
	want := t.Trail.Trail(t.home, t.o.tags())
	homes, others := 0, t.copies
	for _, x := range t.account.Trails {
		arn, _ := account.ParseARN(x.ARN)
		if arn.Account != t.account.ID {
			continue
		}
		if x.HomeRegion == t.home.Region {
			homes++
		}
		if status, ok := x.Status.Got(); ok && status.Logging {
			others = x.Name
		}
		if x.Name == want.Name {
			t.nameTaken(x, want)
		}
	}
	if homes >= trailQuota {
		t.conflict(CodeTrailQuota, t.home.Region, want.ARN, want.Name, fmt.Sprintf("a region has at most %d trails, and AWS does not raise that limit (MaximumNumberOfTrailsExceededException)", trailQuota),
			fmt.Sprintf("%d trails", homes), "1 more", "delete a trail that nobody needs, or choose another --home-region")
		t.found[len(t.found)-1].NoRoom = true
	}
	t.group(t.GroupName(), t.home, "")
	t.role(t.GroupName(), t.home)
	t.bucket()
	why := "no trail carries the required events to a log group"
	if others != "" {
		why += "; trail " + others + " also records them, so this is a further copy"
	}
	t.planned = append(t.planned, action.CreateTrail{Meta: t.meta(t.home.Region, why), Trail: want, Copy: others != ""})
	return nil
}

// nameTaken shows a trail with the wanted name that cannot be mended.
func (t *trailPlan) nameTaken(x account.Trail, want account.OwnTrail) {
	have, _ := t.parts.Trails[x.ARN].Got()
	reason, avoid := "a trail of that name was not created by monitorctl, and would not carry the required events even with a log group", "choose another name with --trail"
	text := "trail " + x.Name
	if have != nil {
		text = describeTrail(*have)
		if desired.OwnerByTags(have.Tags).Ours() {
			reason = "the trail was created by monitorctl but has been edited: it does not carry the required events"
		}
	}
	t.conflict(CodeTrailForeign, x.HomeRegion, x.ARN, x.Name, reason, text, describeTrail(want), avoid)
}

// describeTrail says in one line what a trail is.
func describeTrail(x account.OwnTrail) string {
	var parts []string
	for _, s := range action.TrailSettings(x) {
		if s.Value != "" && s.Name != "tags" {
			parts = append(parts, s.Name+" "+s.Value)
		}
	}
	return strings.Join(parts, ", ")
}

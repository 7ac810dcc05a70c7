package plan

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"
)

// A Bootstrap asks for a trail where none carries the events.
type Bootstrap struct {
	desired.Trail

	Home         string // region of a new trail; "" is that of the configuration, or else the first global one
	Organization bool   // it records all accounts of the organization
}

// Codes of refusals and notes of a bootstrap: docs/trail.md.
const (
	CodeTrailExists       = "trail-exists"
	CodeTrailForeign      = "trail-foreign"
	CodeTrailQuota        = "trail-quota"
	CodeTrailOrganization = "trail-organization"
	CodeControlTower      = "control-tower"
	CodeKeyUnusable       = "key-unusable"
	CodeBucketTaken       = "bucket-taken"
	CodeBucketForeign     = "bucket-foreign"
	CodeRoleForeign       = "role-foreign"
	CodeGroupForeign      = "log-group-foreign"
	codeUnread            = "unread"
)

// trailQuota is the number of trails in a region, which AWS does not raise. Source: "Quotas
// in AWS CloudTrail".
const trailQuota = 5

// A TrailError says why no trail can be planned at all.
type TrailError struct {
	Code   string
	Why    string
	Advice string
}

// Error names the code.
func (e *TrailError) Error() string { return "creating a trail: " + e.Why + " (" + e.Code + ")" }

// Hint says what to do.
func (e *TrailError) Hint() string { return e.Advice }

// bootstrap plans a trail where none carries the events, or what an existing one lacks, and
// lets the rest be planned for the account as it will be then.
// It reports false where something is in the way.
func (b *builder) bootstrap() (bool, error) {
	if b.o.Bootstrap == nil {
		return true, nil
	}
	t := &trailPlan{builder: b, Bootstrap: *b.o.Bootstrap}
	if err := t.prepare(); err != nil {
		return false, err
	}
	done, err := t.exists()
	if err != nil || done {
		return done, err
	}
	if !t.mend() {
		if err := t.create(); err != nil {
			return false, err
		}
	}
	err = t.take()
	return len(t.found) == 0, err
}

// A trailPlan is the work on one account.
type trailPlan struct {
	*builder
	Bootstrap
	home    desired.Home // of a new trail
	parts   *account.TrailParts
	planned []action.Action
	found   []change.Conflict
	copies  string // name of a trail that records the events already
}

// prepare finds out where a new trail would stand and refuses what can be refused at once.
func (t *trailPlan) prepare() error {
	t.parts = t.account.TrailParts
	home := t.Home
	if home == "" && t.parts != nil {
		home = t.parts.Home
	}
	if home == "" && len(t.account.Scope) == 1 {
		home = t.account.Scope[0]
	}
	t.home = t.builder.home(cmp.Or(home, account.GlobalRegions(t.account.Partition)[0]))
	if t.parts == nil {
		t.parts = &account.TrailParts{Home: t.home.Region}
	}
	if t.Bootstrap.Organization {
		return t.organization()
	}
	return nil
}

// organization makes sure that a trail of the organization can be made here.
func (t *trailPlan) organization() error {
	refuse := func(why, advice string) error { return &TrailError{CodeTrailOrganization, why, advice} }
	o, ok := t.account.Organization.Got()
	switch f := t.account.Organization.Failed(); {
	case f != nil:
		return refuse("the organization is unknown: "+f.Operation+" failed: "+f.Code, "--organization needs organizations:DescribeOrganization")
	case !ok:
		return refuse("the organization was not read", "run plan on the account itself")
	case o == nil:
		return refuse("account "+t.account.ID+" belongs to no organization", "leave out --organization")
	case o.ManagementAccount != t.account.ID:
		// A delegated administrator of CloudTrail, too: the trail would be the management
		// account's, and which account names its log streams AWS does not document.
		return refuse("account "+t.account.ID+" is not the management account of the organization", "ask the management account "+o.ManagementAccount+"; monitorctl creates no trail as a delegated administrator")
	}
	if trusted, ok := t.parts.OrganizationAccess.Got(); ok && !trusted {
		return refuse("the organization does not grant CloudTrail trusted access", "'aws organizations enable-aws-service-access --service-principal cloudtrail.amazonaws.com' grants it")
	}
	t.Bootstrap.Trail.Organization = o.ID
	return nil
}

// exists reports whether nothing has to be created, which is noted, and refuses where
// somebody else's trail decides.
func (t *trailPlan) exists() (done bool, err error) {
	for _, c := range t.ranked(t.account) {
		if c.Carried == c.Probes && (c.Group != "" || t.onlyRules()) && (t.o.Region == "" || c.Trail.HomeRegion == t.o.Region) {
			if c.Probes > 0 {
				t.notes = append(t.notes, change.Manual{Account: t.account.ID, Code: CodeTrailExists, Text: fmt.Sprintf("trail %s carries every required event: --create-trail has nothing to create", c.Trail.Name)})
			}
			return true, nil
		}
		if c.Probes == 0 {
			return true, nil
		}
	}
	if len(t.account.Trails) == 0 && !slices.ContainsFunc(t.controls, isAboutEvents) {
		return true, nil
	}
	for _, x := range t.account.Trails {
		arn, _ := account.ParseARN(x.ARN)
		switch {
		case strings.HasPrefix(x.Name, controlTower):
			return true, &TrailError{CodeControlTower, "trail " + x.Name + " is kept by AWS Control Tower, and a second trail would interfere with it", "turn on CloudTrail in the landing zone's settings"}
		case x.Organization && arn.Account != t.account.ID:
			return true, &TrailError{CodeTrailOrganization, "trail " + x.Name + " of the organization records this account", "ask the management account " + arn.Account}
		}
	}
	return false, nil
}

// controlTower is what the names of AWS Control Tower's objects begin with.
const controlTower = "aws-controltower"

// check says what is wrong with the names and settings of a trail, before anything is
// read. Sources: CreateTrail, CreateBucket ("Bucket naming rules"), CreateLogGroup,
// CreateRole, PutRetentionPolicy.
func (b *Bootstrap) check() error {
	if b == nil {
		return nil
	}
	for _, name := range []string{b.Name, b.Bucket, b.LogGroup, b.Role} {
		if low := strings.ToLower(name); strings.HasPrefix(low, controlTower) || strings.HasPrefix(low, "awscontroltower") || strings.Contains(low, "aws-reserved") {
			return &TrailError{CodeControlTower, fmt.Sprintf("name %q is reserved by AWS", name), "choose another name"}
		}
	}
	name, bucket := b.TrailName(), b.Bucket
	switch {
	case len(name) < 3 || len(name) > 128 || !trailNames.MatchString(name):
		return fmt.Errorf("trail name %q: 3 to 128 letters, digits and single . _ - in between are allowed", name)
	case bucket != "" && (len(bucket) < 3 || len(bucket) > 63 || !bucketNames.MatchString(bucket) || strings.Contains(bucket, "..")):
		return fmt.Errorf("bucket name %q: 3 to 63 of a-z, 0-9, . and - are allowed, with a letter or digit at both ends", bucket)
	case len(b.GroupName()) > 512 || !groupNames.MatchString(b.GroupName()):
		return fmt.Errorf("log group name %q: only letters, digits and . _ - / # are allowed, at most 512", b.GroupName())
	case len(b.RoleName()) > 64 || !roleNames.MatchString(b.RoleName()):
		return fmt.Errorf("role name %q: only letters, digits and + = , . @ _ - are allowed, at most 64", b.RoleName())
	case !slices.Contains(desired.Retentions, b.Days()):
		return fmt.Errorf("retention %d: a log group keeps events for %s days", b.Days(), strings.Trim(fmt.Sprint(desired.Retentions), "[]"))
	}
	return nil
}

var (
	trailNames  = regexp.MustCompile(`^[A-Za-z0-9]([._-]?[A-Za-z0-9])+$`)
	bucketNames = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*[a-z0-9]$`)
	groupNames  = regexp.MustCompile(`^[A-Za-z0-9._/#-]+$`)
	roleNames   = regexp.MustCompile(`^[A-Za-z0-9_+=,.@-]+$`)
)

// onlyRules reports whether nothing but rules is asked for, which need no log group.
func (t *trailPlan) onlyRules() bool { return t.o.byRules() && len(t.o.ways()) == 1 }

// ranked are the trails of an account for the controls, best first.
func (t *trailPlan) ranked(a *account.Account) []audit.TrailChoice {
	if t.onlyRules() {
		return audit.Recorders(a, t.controls, t.o.Audit)
	}
	return audit.Trails(a, t.controls, t.o.Audit)
}

// meta is what is common to the actions.
func (t *trailPlan) meta(region, why string) change.Meta {
	m := change.Meta{Account: t.account.ID, Region: region, Why: why}
	for _, c := range t.controls {
		if isAboutEvents(c) {
			m.Closes = append(m.Closes, c.ID)
		}
	}
	return m
}

// remark adds a note that has a code.
func (t *trailPlan) remark(code, format string, args ...any) {
	m := change.Manual{Account: t.account.ID, Code: code, Text: fmt.Sprintf(format, args...)}
	if !slices.Contains(t.notes, m) {
		t.notes = append(t.notes, m)
	}
}

// unread notes what was not read and is taken for what is not there.
func (t *trailPlan) unread(what string) {
	t.remark(codeUnread, "the snapshot does not show whether %s exists: the plan assumes that it does not", what)
}

// conflict adds an object in the way.
func (t *trailPlan) conflict(code, region, resource, name, reason, have, want, avoid string) {
	t.found = append(t.found, change.Conflict{
		Account: t.account.ID, Region: region, Resource: resource, Name: name, Code: code, Reason: reason, Have: have, Want: want, Avoid: avoid,
	})
}

// failed adds an object that could not be read; false when it was.
func (t *trailPlan) failed(region, resource, name string, f *account.Failure) bool {
	if f != nil {
		t.found = append(t.found, t.unreadConflict(region, resource, name, "could not find out whether it exists and who created it: "+f.Operation+" failed: "+f.Code, name, f))
	}
	return f != nil
}

// blind refuses a trail where nobody can tell which filters and alarms are there: they come
// next.
func (t *trailPlan) blind() {
	if len(t.planned) == 0 {
		return
	}
	if r := t.account.Region(t.planned[0].Common().Region); r != nil && !t.onlyRules() {
		_ = t.failed(r.Name, "the metric filters of "+r.Name, r.Name, r.MetricFilters.Failed()) || t.failed(r.Name, "the alarms of "+r.Name, r.Name, r.Alarms.Failed())
	}
}

// take turns to the account as it will be.
func (t *trailPlan) take() error {
	t.blind()
	if len(t.found) > 0 {
		t.conflicts = append(t.conflicts, t.found...)
		return nil
	}
	b := t.builder
	after, err := action.Simulate(b.account, momentOf(b.snap), t.planned, false)
	if err != nil {
		return err
	}
	b.first = t.planned
	b.account = after
	return nil
}

// whole adds to an account what a snapshot lacks of the region of a new trail: it is taken
// for empty, which is said.
func (t *trailPlan) whole() {
	a := *t.account
	a.Regions = slices.Clone(a.Regions)
	i, ok := slices.BinarySearchFunc(a.Regions, t.home.Region, func(r account.Region, name string) int { return cmp.Compare(r.Name, name) })
	if !ok {
		a.Regions = slices.Insert(a.Regions, i, account.Region{Name: t.home.Region})
	}
	r := &a.Regions[i]
	empty := false
	if r.MetricFilters == nil {
		r.MetricFilters, empty = &account.Read[[]account.MetricFilter]{}, true
	}
	if r.Alarms == nil {
		r.Alarms, empty = &account.Read[account.Alarms]{}, true
	}
	topic := t.o.names().TopicARN(t.home)
	if t.o.TopicARN == "" && r.Topics[topic] == nil {
		topics := map[string]*account.Topic{topic: {ARN: topic, Attributes: &account.Read[*account.TopicAttributes]{}, Subscriptions: &account.Read[[]account.Subscription]{}}}
		for arn, have := range r.Topics {
			topics[arn] = have
		}
		r.Topics, empty = topics, true
	}
	if empty {
		t.unread("anything else in " + t.home.Region)
	}
	*t.account = a
}

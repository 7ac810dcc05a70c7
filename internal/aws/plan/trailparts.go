package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// standardClass is the class of log groups that can have metric filters.
const standardClass = "STANDARD"

// wantedGroup is the log group as it would be made.
func (t *trailPlan) wantedGroup(name string, home desired.Home) account.TrailGroup {
	return account.TrailGroup{Name: name, ARN: desired.GroupARN(name, home), Class: standardClass, KeyID: t.KeyARN, Retention: t.Days(), Tags: t.o.tags()}
}

// group plans the log group of a trail, whose ARN is "" for a new one.
func (t *trailPlan) group(name string, home desired.Home, trail string) {
	want := t.wantedGroup(name, home)
	have, known := t.groupNow(name, home)
	create := func(why string) {
		t.planned = append(t.planned, action.CreateLogGroup{Meta: t.meta(home.Region, why), Group: want})
	}
	switch {
	case !known:
	case have == nil:
		create("metric filters can read events only in a log group")
	case have.Class != "" && have.Class != standardClass:
		t.foreignGroup(*have, want, "a log group of that name has the class "+have.Class+", which supports no metric filters")
	case t.KeyARN != "" && have.KeyID != t.KeyARN:
		t.foreignGroup(*have, want, "a log group of that name exists, but without the key of --key")
	case t.feeder(name, home, trail) != "":
		t.foreignGroup(*have, want, "trail "+t.feeder(name, home, trail)+" delivers to a log group of that name already")
	case !desired.OwnerByTags(have.Tags).Ours():
		if trail == "" {
			t.remark("", "log group %s exists and was not created by monitorctl: it is used as it is", name)
		}
	case have.Retention == 0 && maps.Equal(have.Tags, want.Tags):
		create("the log group was created but not finished: it keeps events forever")
	}
}

// groupNow is what is there under a name; not known for one that is a conflict now.
func (t *trailPlan) groupNow(name string, home desired.Home) (have *account.TrailGroup, known bool) {
	if own := t.parts.Groups[home.Region]; name == t.GroupName() && own != nil {
		if t.failed(home.Region, desired.GroupARN(name, home), name, own.Failed()) {
			return nil, false
		}
		return own.Value, true
	}
	r := t.account.Region(home.Region)
	var read *account.Read[*account.LogGroup]
	if r != nil {
		read = r.LogGroups[name]
	}
	if t.failed(home.Region, desired.GroupARN(name, home), name, read.Failed()) {
		return nil, false
	}
	g, ok := read.Got()
	if !ok {
		t.unread("log group " + name)
	}
	if g == nil {
		return nil, true
	}
	return &account.TrailGroup{Name: g.Name, ARN: g.ARN, Class: g.Class, KeyID: g.KeyID, Retention: 1}, true // whose it is plays no part: it stays
}

func (t *trailPlan) foreignGroup(have, want account.TrailGroup, reason string) {
	words := func(g account.TrailGroup) string {
		return strings.TrimSuffix(fmt.Sprintf("class %s, key %s", g.Class, g.KeyID), ", key ")
	}
	t.conflict(CodeGroupForeign, t.home.Region, want.ARN, want.Name, reason, words(have), words(want), "name another one with --log-group")
}

// feeder names another trail that delivers to a log group; "" for none.
func (t *trailPlan) feeder(group string, home desired.Home, trail string) string {
	for _, x := range t.account.Trails {
		arn, ok := account.ParseARN(x.LogGroupARN)
		if name, _ := arn.LogGroupName(); ok && name == group && arn.Region == home.Region && arn.Account == home.Account && x.ARN != trail {
			return x.Name
		}
	}
	return ""
}

// role plans the role by which CloudTrail writes into a log group.
func (t *trailPlan) role(group string, home desired.Home) {
	name, arn := t.RoleName(), t.RoleARN(home)
	trust, doc := desired.TrailTrust(), t.DeliverDocument(group, home)
	create := action.CreateRole{
		Meta: t.meta(home.Region, "CloudTrail needs a role to write to a log group"), Role: name, ARN: arn, Trust: trust, Policy: doc, Inline: desired.DeliverPolicy, Tags: t.o.tags(),
	}
	have := t.account.Roles[arn]
	if have == nil {
		t.unread("role " + name)
		t.planned = append(t.planned, create)
		return
	}
	state, others, err := action.RoleStateOf(desired.DeliverPolicy, have)
	switch {
	case err != nil:
		t.found = append(t.found, t.unreadConflict(home.Region, arn, name, "could not find out whether the role exists and who created it: "+err.Error(), "role "+name, have.Trust.Failed()))
	case state == nil:
		t.planned = append(t.planned, create)
	case len(others) == 0 && action.FinishedRole(desired.DeliverPolicy, trust, doc, have):
	case desired.OwnerByTags(*state.Tags).Ours() && action.UnfinishedRole(desired.DeliverPolicy, trust, have):
		create.Why = "the role was created but not finished: it has no policy"
		t.planned = append(t.planned, create)
	default:
		reason := "a role of that name has another trust policy or policy"
		if len(others) > 0 {
			reason += " (" + strings.Join(others, ", ") + ")"
		}
		differs := append(paths("trust", state.Role.Trust, trust), paths(desired.DeliverPolicy, *state.RolePolicy, doc)...)
		t.conflict(CodeRoleForeign, home.Region, arn, name, reason+": they differ at "+strings.Join(differs, ", "),
			action.DescribeRole(desired.DeliverPolicy, have), fmt.Sprintf("trust %s, policy %s", trust, doc), "use another role name in the configuration (names.role), or delete this role")
	}
}

// paths are where two documents differ, each behind a name.
func paths(name, have, want string) []string {
	x, y := strictjson.Leaves([]byte(have)), strictjson.Leaves([]byte(want))
	var out []string
	for _, all := range []map[string]string{x, y} {
		for path := range all {
			if x[path] != y[path] || (x[path] == "") != (y[path] == "") {
				out = append(out, name+"."+path)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// deliveryRole checks the role of a trail whose log group is planned anew, and returns where
// the trail delivers to then: to the same, or with our role where its own is gone.
func (t *trailPlan) deliveryRole(have account.OwnTrail, group string, home desired.Home, own bool) account.TrailDelivery {
	_, name, _ := strings.Cut(have.Delivery.RoleARN, ":role/")
	role := t.account.Roles[strings.Replace(have.Delivery.RoleARN, ":role/"+name, ":role/"+name[strings.LastIndexByte(name, '/')+1:], 1)]
	if role == nil {
		return have.Delivery
	}
	if trust, ok := role.Trust.Got(); !ok || trust != nil {
		return have.Delivery
	}
	if own || have.Name == t.Bootstrap.Name {
		t.role(group, home)
		return t.Delivery(group, home)
	}
	t.conflict(CodeRoleForeign, home.Region, have.Delivery.RoleARN, name, "the role with which trail "+have.Name+" delivers is gone, and the trail was not created by monitorctl",
		"no role", "a role that CloudTrail may assume", "--trail "+have.Name+" gives it a role created by monitorctl")
	return have.Delivery
}

// bucket plans the bucket of the log files.
func (t *trailPlan) bucket() {
	name := t.BucketName(t.home)
	want := account.Bucket{Name: name, Settings: t.BucketSettings(t.home), Tags: t.o.tags()}
	arn := "arn:" + t.home.Partition + ":s3:::" + name
	read := t.parts.Bucket
	if have, ok := read.Got(); ok && have != nil && have.Name != name {
		read = nil
	}
	if t.failed(t.home.Region, arn, name, read.Failed()) {
		return
	}
	have, ok := read.Got()
	if !ok {
		t.unread("bucket " + name)
	}
	create := action.CreateBucket{Meta: t.meta(t.home.Region, "a trail writes log files"), Bucket: want}
	avoid := "name one with --bucket"
	switch {
	case have == nil:
		t.planned = append(t.planned, create)
	case have.Foreign:
		t.conflict(CodeBucketTaken, t.home.Region, arn, name, "bucket "+name+" belongs to another account: choose another name with --bucket",
			"a bucket that does not answer account "+t.account.ID+" (or s3:ListBucket is not allowed)", "a bucket of this account", avoid)
	case !desired.OwnerByTags(have.Tags).Ours():
		t.conflict(CodeBucketForeign, t.home.Region, arn, name, "a bucket of that name "+desired.OwnerByTags(have.Tags).Why, bucketWords(*have), bucketWords(want), avoid)
	case have.Settings.Policy != "" && !action.SamePolicy(have.Settings.Policy, want.Settings.Policy):
		t.conflict(CodeBucketForeign, t.home.Region, arn, name, "the bucket was created by monitorctl, and its policy was edited or is for another trail: they differ at "+strings.Join(paths("policy", have.Settings.Policy, want.Settings.Policy), ", "),
			bucketWords(*have), bucketWords(want), avoid)
	case !action.FinishedBucket(have.Settings, want.Settings):
		create.Why = "the bucket was created but not finished, or its settings were edited"
		create.Bucket.Tags = have.Tags
		t.planned = append(t.planned, create)
	}
}

// bucketWords says in one line what a bucket is.
func bucketWords(b account.Bucket) string {
	var parts []string
	for _, s := range action.BucketWords(b) {
		parts = append(parts, s.Name+" "+s.Value)
	}
	return strings.Join(parts, ", ")
}

// checkKey refuses a key that log files and log group could not be encrypted with.
func (t *trailPlan) checkKey() error {
	if t.KeyARN == "" {
		return nil
	}
	refuse := func(format string, args ...any) error {
		return &TrailError{CodeKeyUnusable, fmt.Sprintf("key %s: ", t.KeyARN) + fmt.Sprintf(format, args...), "nothing was written; the key's policy must let cloudtrail.amazonaws.com and logs." + t.home.Region + ".amazonaws.com use it"}
	}
	arn, ok := account.ParseARN(t.KeyARN)
	switch {
	case !ok || arn.Service != "kms" || !strings.HasPrefix(arn.Resource, "key/"):
		return refuse("it is not the ARN of a KMS key")
	case arn.Region != t.home.Region:
		return refuse("it is in %s, but the trail's home region is %s", arn.Region, t.home.Region)
	}
	r := t.account.Region(t.home.Region)
	if r == nil || r.Keys[t.KeyARN] == nil {
		t.unread("key " + t.KeyARN)
		return nil
	}
	key := r.Keys[t.KeyARN]
	meta, _ := key.Metadata.Got()
	switch f := key.Metadata.Failed(); {
	case f != nil:
		return refuse("it could not be checked: %s failed: %s", f.Operation, f.Code)
	case meta == nil:
		return refuse("it does not exist")
	case meta.State != "Enabled":
		return refuse("it is %s", meta.State)
	}
	doc, ok := key.Policy.Got()
	if !ok {
		return refuse("its policy could not be read")
	}
	for _, ask := range []func() (policy.Decision, string, error){
		func() (policy.Decision, string, error) {
			return policy.KeyServesTrail(doc, meta.ARN, t.ARN(t.home))
		},
		func() (policy.Decision, string, error) {
			return policy.KeyServesLogs(doc, meta.ARN, desired.GroupARN(t.GroupName(), t.home))
		},
	} {
		if decision, why, err := ask(); err != nil || decision != policy.Allowed {
			if err != nil {
				why = err.Error()
			}
			return refuse("its policy: %s", why)
		}
	}
	return nil
}

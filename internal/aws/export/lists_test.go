package export_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/patterns"
)

const (
	accountID  = "111122223333"
	region     = "eu-central-1"
	ourTopic   = "arn:aws:sns:eu-central-1:111122223333:monitorctl-alerts"
	theirTopic = "arn:aws:sns:eu-central-1:111122223333:security"
	keyARN     = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	pagerKey   = "0123456789abcdef0123456789abcdef"
)

var (
	person = plan.Subscriber{Protocol: "email", Endpoint: "a@example.com"}
	pager  = plan.Subscriber{Protocol: "https", Endpoint: "https://events.pagerduty.com/integration/" + pagerKey + "/enqueue"}
	phone  = plan.Subscriber{Protocol: "sms", Endpoint: "+4915112345678"}
	queue  = plan.Subscriber{Protocol: "sqs", Endpoint: "arn:aws:sqs:eu-central-1:111122223333:alerts"}
)

// bare is the account of the judged situations without a filter and an alarm, in which
// topic and key of ours were looked for.
func bare(t testing.TB) account.Snapshot {
	t.Helper()
	f, err := os.Open("../../../testdata/judging/baseline.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	snap, err := account.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	r := home(&snap)
	r.MetricFilters.Value, r.Alarms.Value = nil, account.Alarms{}
	r.Topics[ourTopic] = &account.Topic{ARN: ourTopic, Attributes: &account.Read[*account.TopicAttributes]{}}
	if r.Keys == nil {
		r.Keys = map[string]*account.Key{}
	}
	r.Keys[keyARN] = &account.Key{
		Metadata: &account.Read[*account.KeyMetadata]{Value: &account.KeyMetadata{ARN: keyARN, State: "Enabled", Manager: "CUSTOMER"}},
		Policy:   &account.Read[string]{Value: `{"Version":"2012-10-17","Statement":[` + policy.KeyStatement(accountID, region, "aws", policy.Alarms) + `]}`},
	}
	return snap
}

func home(s *account.Snapshot) *account.Region { return s.Accounts[0].Region(region) }

// controls are the controls of a set.
func controls(t testing.TB, set string, names ...string) []catalog.Control {
	t.Helper()
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	list, err := cat.Select(names, set, catalog.DefaultBenchmark)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// whole is listOf for a test that needs it.
func whole(t testing.TB, snap account.Snapshot, list []catalog.Control, o plan.Options) desired.List {
	t.Helper()
	l, err := listOf(snap, list, o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A situation is a scope whose list is written in each format.
type situation struct {
	name string
	list desired.List
}

var (
	once sync.Once
	all  []situation
)

// situations are the combinations of sets, supplements, names and topics; of the largest
// set two, since planning it takes seconds. They are planned once, in parallel.
func situations(t testing.TB) []situation {
	t.Helper()
	once.Do(func() {
		for _, set := range []string{"core", "cis", "all"} {
			for _, complete := range []string{"", "complete"} {
				for _, kind := range []string{"plain", "prefix", "topic-arn", "key"} {
					if set == "all" && complete+" "+kind != " plain" && complete+" "+kind != "complete prefix" {
						continue
					}
					all = append(all, situation{name: strings.Join(strings.Fields(set+" "+complete+" "+kind), " ")})
				}
			}
		}
		var g errgroup.Group
		g.SetLimit(runtime.GOMAXPROCS(0))
		for i := range all {
			g.Go(func() (err error) {
				all[i].list, err = combined(t, strings.Fields(all[i].name))
				return err
			})
		}
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		all = append(all, situation{"routes", routed(t)}, situation{"hostile", hostile(t)}, situation{"heartbeat", withHeartbeat(t)}, situation{"trail", withTrail(t, "")}, situation{"trail of an organization", withTrail(t, keyARN)})
		all = append(all, situation{"rules home", ruled(t, plan.Options{Transport: audit.RuleTransport, Complete: true}, "set")},
			situation{"rules per region", ruled(t, plan.Options{Transport: audit.RuleTransport, PerRegion: true, NamePrefix: "sec-", TopicName: "sec"})},
			situation{"rules and alarms", ruled(t, plan.Options{Transport: plan.BothTransports})}, situation{"hostile rules", hostileRules(t)})
	})
	return all
}

// combined lists what a combination of wishes asks for: the set first, then the others.
func combined(t testing.TB, wishes []string) (desired.List, error) {
	o := plan.Options{Subscribers: []plan.Subscriber{person, pager, phone, queue}, Tags: map[string]string{"team": "a&b <c>"}}
	snap := bare(t)
	for _, w := range wishes[1:] {
		switch w {
		case "complete":
			o.Complete = true
		case "prefix":
			o.NamePrefix, o.TopicName = "sec/team-", "sec-alerts"
			arn := strings.Replace(ourTopic, "monitorctl-alerts", o.TopicName, 1)
			home(&snap).Topics[arn] = &account.Topic{ARN: arn, Attributes: &account.Read[*account.TopicAttributes]{}}
		case "topic-arn":
			o.TopicARN, o.Subscribers = theirTopic, nil
		case "key":
			o.KeyARN = keyARN
		}
	}
	return listOf(snap, controls(t, wishes[0]), o)
}

// listOf lists what a scope asks for; an error where that is nothing or something is in
// the way.
func listOf(snap account.Snapshot, list []catalog.Control, o plan.Options) (desired.List, error) {
	o.Audit.Benchmark, o.Audit.Now = catalog.DefaultBenchmark, snap.TakenAt
	w, err := plan.WholeOf(context.Background(), snap, list, o)
	if err == nil && (len(w.Plan.Conflicts) > 0 || w.List.IsEmpty()) {
		err = fmt.Errorf("conflicts %v, list %v", w.Plan.Conflicts, w.List)
	}
	return w.List, err
}

// routed has an alarm that notifies two topics of ours, and one that notifies another.
func routed(t testing.TB) desired.List {
	t.Helper()
	snap := bare(t)
	pagerTopic := strings.Replace(ourTopic, "monitorctl-alerts", "pager-1", 1)
	home(&snap).Topics[pagerTopic] = &account.Topic{ARN: pagerTopic, Attributes: &account.Read[*account.TopicAttributes]{}}
	return whole(t, snap, controls(t, "core"), plan.Options{
		Subscribers: []plan.Subscriber{person, pager},
		Routes: []plan.Route{
			{Controls: []string{"security-group-changes"}, TopicName: "pager-1", Subscribers: []plan.Subscriber{pager, person}},
			{Controls: []string{"security-group-changes"}, TopicName: "monitorctl-alerts", Subscribers: []plan.Subscriber{person, pager}},
			{Controls: []string{"nacl-changes"}, TopicARN: theirTopic},
		},
	})
}

// withHeartbeat has the alarm on silence.
func withHeartbeat(t testing.TB) desired.List {
	t.Helper()
	o := optionsFor(person)
	o.HeartbeatHours = 6
	return whole(t, bare(t), controls(t, "core", "nacl-changes", catalog.TrailDeliverySilence), o)
}

// withTrail has a trail with all that it needs, and the alarms on it; with a key also the
// trail of an organization, with the user's own names.
func withTrail(t testing.TB, key string) desired.List {
	t.Helper()
	snap, o := bare(t), optionsFor(person)
	o.HeartbeatHours, o.Tags = 6, map[string]string{"team": "a&b <c>"}
	o.Bootstrap = &plan.Bootstrap{Home: region}
	if key != "" {
		snap = bare(t)
		o.Bootstrap.Trail = desired.Trail{Name: "all-accounts", Bucket: "acme-logs", LogGroup: "/acme/eu-central-1", Role: "acme=role", Retention: 30, KeyARN: key}
		o.Bootstrap.Organization = true
		snap.Accounts[0].Organization = &account.Read[*account.Organization]{Value: &account.Organization{ID: "o-a1b2c3d4e5", ManagementAccount: accountID}}
		home(&snap).Keys[key].Policy.Value = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["cloudtrail.amazonaws.com","logs.eu-central-1.amazonaws.com"]},"Action":"kms:*","Resource":"*"}]}`
	}
	withoutTrail(&snap, o)
	return whole(t, snap, controls(t, "core", "nacl-changes", catalog.TrailDeliverySilence), o)
}

// withoutTrail is an account as a plan with --create-trail reads it: no trail, and nothing
// under the names of what one needs.
func withoutTrail(s *account.Snapshot, o plan.Options) {
	a := &s.Accounts[0]
	a.Trails = nil
	for i := range a.Regions {
		if a.Regions[i].Trails != nil {
			a.Regions[i].Trails.Value = nil
		}
	}
	a.TrailParts = &account.TrailParts{
		Home: region, Groups: map[string]*account.Read[*account.TrailGroup]{region: {}}, Bucket: &account.Read[*account.Bucket]{},
		Trails: map[string]*account.Read[*account.OwnTrail]{}, OrganizationAccess: &account.Read[bool]{Value: true},
	}
	arn := o.Bootstrap.RoleARN(desired.Home{Partition: "aws", Account: accountID, Region: region})
	a.Roles = map[string]*account.Role{arn: {Trust: &account.Read[*string]{}}}
}

// Secrets of subscribers that rules call, with what shells and formats read as their own.
const (
	hookURL  = "https://hooks.slack.com/services/T0/B0/s3cret"
	password = `p"a\ss'$(touch pwned)s3cret`
)

// callees are subscribers of rules alone.
var callees = []plan.Subscriber{
	{Protocol: "pagerduty", Endpoint: pagerKey}, {Protocol: "webhook", Endpoint: hookURL},
	{Protocol: "servicenow", Endpoint: "https://u:" + url.QueryEscape(password) + "@acme.service-now.com", Reference: "env:SN"},
}

// ruled lists rules for some controls, or for a set, in an account where neither rules nor
// API destinations are.
func ruled(t testing.TB, o plan.Options, set ...string) desired.List {
	t.Helper()
	list := controls(t, "core", "nacl-changes", "root-usage")
	o.Subscribers = append([]plan.Subscriber{person}, callees...)
	if len(set) > 0 {
		list, o.Subscribers = controls(t, "core"), []plan.Subscriber{person, phone}
	}
	return whole(t, withoutRules(t, o), list, o)
}

// withoutRules is bare as a plan of rules reads it.
func withoutRules(t testing.TB, o plan.Options) account.Snapshot {
	t.Helper()
	snap := bare(t)
	a := &snap.Accounts[0]
	a.Roles = map[string]*account.Role{}
	for _, name := range []string{o.NamePrefix + "monitorctl-events-forwarder", o.NamePrefix + "monitorctl-events-destinations"} {
		a.Roles["arn:aws:iam::"+accountID+":role/"+name] = &account.Role{Trust: &account.Read[*string]{}}
	}
	for i := range a.Regions {
		r := &a.Regions[i]
		r.Rules, r.OwnDestinations, r.OwnConnections = &account.Read[[]account.Rule]{}, &account.Read[[]string]{}, &account.Read[[]string]{}
		arn := "arn:aws:sns:" + r.Name + ":" + accountID + ":" + cmp.Or(o.TopicName, "monitorctl-alerts")
		if r.Topics == nil {
			r.Topics = map[string]*account.Topic{}
		}
		r.Topics[arn] = &account.Topic{ARN: arn, Attributes: &account.Read[*account.TopicAttributes]{}}
	}
	return snap
}

// hostileRules has rules and targets with nasty texts.
func hostileRules(t testing.TB) desired.List {
	t.Helper()
	l := ruled(t, plan.Options{Transport: audit.RuleTransport})
	r := l.Rules[0]
	l.Rules, l.Elsewhere = nil, nil
	for i, text := range nasty {
		r := r
		r.Key, r.Rule.Name, r.Rule.Description = fmt.Sprintf("%s %d", text, i), text+fmt.Sprint(i), text
		r.Control.Title, r.Control.Number = text, text
		r.Rule.Pattern = `{"detail":{"eventName":[` + strconv.Quote(text) + `]}}`
		if !json.Valid([]byte(r.Rule.Pattern)) {
			r.Rule.Pattern = `{"detail":{"eventName":["x"]}}`
		}
		r.Tags = map[string]string{"x" + text: text}
		target := r.Targets[0]
		target.Target.ID = text
		target.Target.Transformer = &account.Transformed{Paths: map[string]string{"a": text}, Template: text}
		r.Targets = []desired.Target{target}
		l.Rules = append(l.Rules, r)
	}
	return l
}

// nasty are texts that some shell, template or file format reads as its own.
var nasty = []string{
	`"; rm -rf / #`, `'; touch pwned; '`, "$(touch pwned)", "`touch pwned`", "${var.secret}", "%{ if true }", "$${x}", "%%{x}", "file:///etc/passwd", "-", "--query",
	"a\nb", "a\r\nb", "tab\there", `back\slash`, `\n`, "EOF", "*", "!", "&anchor", "yes", "0x1F", "2012-10-17", "null", "<<EOF", "# comment", "/* c */", "{{ x }}",
	"${AWS::AccountId}", "!Ref X", "é", "日本", "😀", "\u2028", "\u2029", "\u0085", "\u200e", "`\"`", "`", "''", `""`, "a`b'c\"d\\e$f", "\x01", "\x7f", "=1+1", "%s%n", "a: b", "- a",
}

// hostile has nasty names, descriptions and addresses. No wish makes such names: what
// comes from a catalog of the user's or a plan that someone edited can.
func hostile(t testing.TB) desired.List {
	t.Helper()
	l := whole(t, bare(t), controls(t, "core"), plan.Options{Subscribers: []plan.Subscriber{{Protocol: "email", Endpoint: "a`id`@x.y"}, {Protocol: "email", Endpoint: "a$b@x.y"}, pager}})
	f, a := l.Filters[0], l.Alarms[0]
	l.Filters, l.Alarms = nil, nil
	for i, text := range nasty {
		f, a := f, a
		f.Key, a.Key = fmt.Sprintf("%s %d", text, i), fmt.Sprintf("%s %d", text, i)
		f.Control.Title, a.Control.Title, a.Control.Number = text, text, text
		f.Filter.Name, f.Filter.Pattern, f.Filter.Metric, f.Filter.Namespace = strings.ReplaceAll(text, ":", "")+fmt.Sprint(i), text, text, text
		a.Alarm.Name, a.Alarm.Description, a.Alarm.Metric, a.Alarm.Namespace = text+fmt.Sprint(i), text, text, text
		a.Alarm.ARN = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:" + a.Alarm.Name
		a.Tags = maps.Clone(a.Tags)
		a.Tags["x"+text] = text
		l.Filters, l.Alarms = append(l.Filters, f), append(l.Alarms, a)
	}
	return l
}

// A result is what an interpretation of an export found: objects by name, each as its
// settings in words.
type result struct {
	Topics, Subscriptions, Filters, Alarms, Roles, Endpoints, Rules, Targets, Trails []string
}

// of is the result that a list asks for, kept by someone.
func of(l desired.List, k desired.Keeper) result {
	var r result
	for _, l := range l.KeptBy(k).Regions() {
		if x := l.Trail; x.Trail != nil {
			r.group(x.Group.Group)
			r.role(*x.Role)
			r.bucket(x.Bucket.Bucket)
			r.trail(x.Trail.Trail)
		}
		for _, t := range l.Topics {
			r.topic(l.Home.Region, t)
		}
		for _, s := range l.Subscriptions {
			r.subscription(s)
		}
		for _, f := range l.Filters {
			r.filter(f.Filter)
		}
		for _, a := range l.Alarms {
			r.alarm(a.Alarm, a.Tags)
		}
		for _, x := range l.Roles {
			r.role(x)
		}
		for _, e := range l.Endpoints {
			call := e.Destination.Call
			r.endpoint(l.Home.Region, called{e.Destination.Name, e.Description, e.Description, call.URL, e.Destination.Authorization(), call.User, call.Password, call.RoutingKey})
		}
		for _, x := range l.Rules {
			r.rule(l.Home.Region, x.Rule, x.Tags)
			for _, t := range x.Targets {
				r.target(l.Home.Region, x.Rule.Name, t.Target)
			}
		}
	}
	r.sort()
	return r
}

// topic notes a topic; the region is all that its ARN has beside its name.
func (r *result) topic(region string, t desired.Topic) {
	r.Topics = append(r.Topics, fmt.Sprintf("%s %q key=%q tags=%q policy=%s", region, t.Name, t.KeyID, t.Tags, canonical(t.Policy)))
}

func (r *result) role(x desired.Role) {
	r.Roles = append(r.Roles, fmt.Sprintf("%q (%q) %s: %q %s tags %q", x.Name, x.Description, canonical(x.Trust), x.Inline, canonical(x.Policy), x.Tags))
}

func (r *result) group(g account.TrailGroup) {
	r.Trails = append(r.Trails, fmt.Sprintf("log group %q of class %s keeps %d days, key %q, tags %q", g.Name, g.Class, g.Retention, g.KeyID, g.Tags))
}

func (r *result) bucket(b account.Bucket) {
	s := b.Settings
	r.Trails = append(r.Trails, fmt.Sprintf("bucket %q blocks %t, %s, %s, %s, tags %q, policy %s", b.Name, s.BlockPublic, s.Ownership, s.Versioning, s.Encryption, b.Tags, canonical(s.Policy)))
}

// trail notes a trail; its ARN is made of its name.
func (r *result) trail(t account.OwnTrail) {
	t.ARN = ""
	r.Trails = append(r.Trails, fmt.Sprintf("trail %+v", t))
}

// called are the settings of an API destination and its connection.
type called struct{ name, description, connection, url, auth, user, password, key string }

func (r *result) endpoint(region string, c called) {
	r.Endpoints = append(r.Endpoints, fmt.Sprintf("%s %+v", region, c))
}

func (r *result) rule(region string, x account.Rule, tags map[string]string) {
	r.Rules = append(r.Rules, fmt.Sprintf("%s %q (%q) %s %s tags %q", region, x.Name, x.Description, x.State, canonical(x.Pattern), tags))
}

func (r *result) target(region, rule string, t account.WholeTarget) {
	text := "the event"
	if x := t.Transformer; x != nil {
		text = fmt.Sprintf("%q of %q", x.Template, x.Paths)
	}
	r.Targets = append(r.Targets, fmt.Sprintf("%s %q %q to %s by %q: %s", region, rule, t.ID, t.ARN, t.RoleARN, text))
}

func (r *result) subscription(s desired.Subscription) {
	r.Subscriptions = append(r.Subscriptions, fmt.Sprintf("%s %s %q", s.TopicARN, s.Protocol, s.Endpoint))
}

func (r *result) filter(f account.MetricFilter) {
	zero := "none"
	if f.Default != nil {
		zero = fmt.Sprint(*f.Default)
	}
	r.Filters = append(r.Filters, fmt.Sprintf("%q on %q: %q -> %q %q = %q, default %s, unit %q", f.Name, f.LogGroup, f.Pattern, f.Namespace, f.Metric, f.Value, zero, f.Unit))
}

func (r *result) alarm(a account.MetricAlarm, tags map[string]string) {
	threshold := "none"
	if a.Threshold != nil {
		threshold = fmt.Sprint(*a.Threshold)
	}
	r.Alarms = append(r.Alarms, fmt.Sprintf("%q (%q) on %q %q: %s %s %s, %d of %d of %d s, missing %q, dimensions %q, enabled %t, actions %q ok %q nodata %q tags %q",
		a.Name, a.Description, a.Namespace, a.Metric, a.Statistic, a.Comparison, threshold, a.DatapointsToAlarm, a.EvaluationPeriods, a.Period,
		a.MissingData, a.Dimensions, a.ActionsEnabled, a.AlarmActions, a.OKActions, a.NoDataActions, tags))
}

func (r *result) sort() {
	for _, list := range [][]string{r.Topics, r.Subscriptions, r.Filters, r.Alarms, r.Roles, r.Endpoints, r.Rules, r.Targets, r.Trails} {
		slices.Sort(list)
	}
}

func optionsFor(subscribers ...plan.Subscriber) plan.Options {
	return plan.Options{Subscribers: subscribers}
}

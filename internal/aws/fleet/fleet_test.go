package fleet

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/fleet/targets"
	"github.com/monitorctl/monitorctl/patterns"
)

const (
	management = "100000000000"
	logs       = "200000000000"
	notify     = "200000000001"
	home       = "eu-central-1"
)

var regions = []string{"eu-central-1", "eu-west-1", "us-east-1"}

// A lab is an organization of random accounts.
type lab struct {
	t        *testing.T
	rand     *rand.Rand
	cloud    *awstest.Cloud
	url      string
	accounts map[string]*awstest.Account
	controls []catalog.Control
}

func newLab(t *testing.T, seed uint64, members int) *lab {
	t.Helper()
	l := &lab{t: t, rand: rand.New(rand.NewPCG(seed, 1)), accounts: map[string]*awstest.Account{}}
	l.cloud = awstest.New(awstest.Options{Start: time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)})
	url, stop, err := l.cloud.Server()
	l.must(err)
	t.Cleanup(stop)
	l.url = url
	cat, err := catalog.Decode(patterns.JSON)
	l.must(err)
	for _, c := range cat.Controls {
		if slices.Contains([]string{"security-group-changes", "nacl-changes", "organizations-changes"}, c.ID) {
			l.controls = append(l.controls, c)
		}
	}
	var all []*awstest.Account
	ids := []string{logs, notify}
	for i := range members {
		ids = append(ids, fmt.Sprintf("3%010d%d", l.rand.IntN(100000), i%10))
	}
	for _, id := range append(ids, management) {
		a := l.cloud.Account(id, awstest.AccountOptions{Regions: regions})
		a.Role("audit", awstest.RoleOptions{})
		l.accounts[id] = a
		if id != management {
			all = append(all, a)
		}
	}
	l.cloud.NamedOrganization("o-fleet00001", l.accounts[management], all...)
	return l
}

func (l *lab) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) chance(percent int) bool { return l.rand.IntN(100) < percent }

// fill makes the organization's trail and chain, and what members have of their own.
func (l *lab) fill() {
	central := l.accounts[logs].Region(home)
	l.must(central.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: "ct"}))
	main := l.accounts[management].Region(home)
	_, err := main.CreateTrail(awstest.CreateTrailInput{
		Name: "org", S3BucketName: "b", IsMultiRegionTrail: l.chance(90), IsOrganizationTrail: true,
		CloudWatchLogsLogGroupARN: "arn:aws:logs:" + home + ":" + logs + ":log-group:ct:*", CloudWatchLogsRoleARN: "arn:aws:iam::" + logs + ":role/ct",
	})
	l.must(err)
	if l.chance(90) {
		l.must(main.StartLogging("org"))
	}
	for _, c := range l.controls {
		if l.chance(80) {
			l.chain(central, c, "ct", l.chance(30))
		}
	}
	for id, a := range l.accounts {
		if id[0] != '3' {
			continue
		}
		switch l.rand.IntN(10) {
		case 0, 1:
			_, err := a.Region(regions[l.rand.IntN(3)]).Trail("own", "own")
			l.must(err)
		case 2:
			r := a.Region(home)
			_, err := r.Trail("own", "own")
			l.must(err)
			for _, c := range l.controls {
				if l.chance(60) {
					l.chain(r, c, "own", false)
				}
			}
		case 3:
			a.Member(awstest.MemberOptions{ShadowFrom: l.cloud.Now().AddDate(0, 0, 1)})
		case 4:
			topic := l.topic(a.Region(home), "events.amazonaws.com")
			_, err := a.Region(home).PutRule(awstest.PutRuleInput{Name: "nacl", EventPattern: `{"source":["aws.ec2"],"detail":{"eventName":[{"suffix":"NetworkAcl"}]}}`})
			l.must(err)
			l.must(a.Region(home).PutTargets(awstest.PutTargetsInput{Rule: "nacl", Targets: []awstest.EventTarget{{ID: "t", Arn: topic}}}))
		}
	}
}

// chain makes a filter, whose pattern may look at the account or region of a record, with
// an alarm and a subscriber.
func (l *lab) chain(r *awstest.Region, c catalog.Control, group string, elsewhere bool) {
	text := c.Writes(catalog.DefaultBenchmark).Text
	if group == "ct" {
		for id := range l.accounts { // any
			switch l.rand.IntN(8) {
			case 0:
				text = "{ (" + text[1:len(text)-1] + `) && ($.recipientAccountId != "` + id + `") }`
			case 1:
				text = "{ (" + text[1:len(text)-1] + `) && ($.recipientAccountId != "*` + id[11:] + `") }`
			case 2:
				text = "{ (" + text[1:len(text)-1] + `) && ($.awsRegion = "eu-*") }`
			}
			break
		}
	}
	topic := l.topic(r, "cloudwatch.amazonaws.com")
	if elsewhere {
		topic = l.topic(l.accounts[notify].Region(home), "cloudwatch.amazonaws.com")
	}
	one := 1.0
	l.must(r.PutMetricFilter(awstest.PutMetricFilterInput{
		LogGroupName: group, FilterName: c.ID, FilterPattern: text,
		MetricTransformations: []awstest.MetricTransformation{{MetricName: c.ID, MetricNamespace: "Fleet", MetricValue: "1"}},
	}))
	l.must(r.PutMetricAlarm(awstest.PutMetricAlarmInput{
		AlarmName: c.ID, AlarmActions: []string{topic}, MetricName: c.ID, Namespace: "Fleet", Statistic: "Sum",
		Period: 300, EvaluationPeriods: 1, Threshold: &one, ComparisonOperator: "GreaterThanOrEqualToThreshold", TreatMissingData: "notBreaching",
	}))
}

func (l *lab) topic(r *awstest.Region, sender string) string {
	topic, err := r.CreateTopic(awstest.CreateTopicInput{Name: "alerts"})
	l.must(err)
	l.must(r.SetTopicAttribute(topic, "Policy", fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":%q},"Action":"sns:Publish","Resource":%q},{"Effect":"Allow","Principal":"*","Action":["sns:GetTopicAttributes","sns:ListSubscriptionsByTopic"],"Resource":%q}]}`, sender, topic, topic)))
	_, err = r.Subscribe(awstest.SubscribeInput{TopicARN: topic, Protocol: "sms", Endpoint: "+4915112345678"})
	l.must(err)
	return topic
}

func (l *lab) options() Options {
	return Options{
		Controls: l.controls, Role: "audit", Parallel: 8, Salt: "00", Now: l.cloud.Now,
		Audit: audit.Options{Benchmark: catalog.DefaultBenchmark, Now: l.cloud.Now()},
	}
}

func (l *lab) session() *collect.Session {
	l.t.Helper()
	id, secret := l.accounts[management].Credentials()
	s, err := collect.Connect(context.Background(), collect.Config{EndpointURL: l.url, Protocol: collect.CBOR, Keys: &collect.Keys{ID: id, Secret: secret}})
	l.must(err)
	return s
}

// outcomes are what a run puts, by account.
type outcomes struct {
	mu sync.Mutex
	of map[string]Outcome
}

func (o *outcomes) Put(out Outcome) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.of[out.Target.ID] = out
	return nil
}

// run audits the organization; prepare may change the run before the first member.
func (l *lab) run(o Options, prepare func(*Fleet)) (*Fleet, map[string]Outcome) {
	l.t.Helper()
	ctx := context.Background()
	s := l.session()
	f, err := New(ctx, s, s, collect.DefaultConnections, o, nil)
	l.must(err)
	defer f.Close()
	l.must(f.ReadWorld(ctx))
	if prepare != nil {
		prepare(f)
	}
	sink := &outcomes{of: map[string]Outcome{}}
	l.must(f.Run(ctx, f.Directory().Accounts(ctx), sink))
	return f, sink.of
}

// findings are those of an outcome, as they are on its account.
func (o Outcome) findings() []finding.Finding {
	var list []finding.Finding
	for _, f := range o.Verdict.Findings {
		list = append(list, f.At(o.Target.ID))
	}
	return list
}

// TestFleetIsAsEachAlone audits random organizations, and each account alone with the
// owners as central accounts. Read in full, the findings are the same; in two calls, the
// verdicts are, and the findings of whatever does not pass. Whether classes are judged once
// makes no difference.
func TestFleetIsAsEachAlone(t *testing.T) {
	statuses := map[finding.Status]int{}
	bases := map[Basis]int{}
	for seed, members := range []int{8, 48, 8} {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			l := newLab(t, uint64(seed), members)
			l.fill()
			o := l.options()
			f, quick := l.run(o, nil)
			_, single := l.run(o, func(f *Fleet) { f.judge.classes = nil })
			o.Thorough = true
			_, full := l.run(o, nil)
			if len(quick) < members || len(full) != len(quick) {
				t.Fatalf("%d and %d outcomes", len(quick), len(full))
			}
			for id, out := range quick {
				alone := l.alone(f, id)
				if diff := cmp.Diff(alone, full[id].findings()); diff != "" {
					t.Errorf("account %s, read in full (-alone +fleet): %s", id, diff)
				}
				if diff := cmp.Diff(single[id].findings(), out.findings()); diff != "" {
					t.Errorf("account %s, with classes (-without +with): %s", id, diff)
				}
				bases[out.Basis]++
				for i, got := range out.findings() {
					statuses[got.Status]++
					want := alone[i]
					if got.Status != want.Status || got.Status == finding.Fail && !cmp.Equal(got.Reasons, want.Reasons) {
						t.Errorf("account %s, %s, basis %q: %s %v; alone %s %v", id, got.Control, out.Basis, got.Status, got.Reasons, want.Status, want.Reasons)
					}
				}
			}
		})
	}
	t.Logf("%v, %v", statuses, bases)
	if statuses[finding.Pass] == 0 || statuses[finding.Fail] == 0 || bases[Covered] == 0 || bases[Read] == 0 {
		t.Errorf("the organizations are too simple: %v, %v", statuses, bases)
	}
}

// alone judges an account by itself, with the owners as central accounts.
func (l *lab) alone(f *Fleet, id string) []finding.Finding {
	l.t.Helper()
	ctx := context.Background()
	var central []account.Account
	snap := account.Snapshot{}
	evidence := maps.Clone(f.world.accounts)
	for further, x := range f.furthers.list {
		if x.snap != nil {
			evidence[further] = x.snap
		}
	}
	for owner, s := range evidence {
		if owner == id {
			snap = *s
		} else {
			central = append(central, s.Dated().Accounts...)
		}
	}
	if snap.Schema == "" {
		s, _, failed, err := f.enter(ctx, targets.Target{ID: id})
		if err != nil || failed != nil {
			l.t.Fatal(err, failed)
		}
		snap, failed, err = f.readFull(ctx, s, targets.Target{ID: id}, nil)
		if err != nil || failed != nil {
			l.t.Fatal(err, failed)
		}
	}
	o := f.o.Audit
	o.Central = central
	r, err := audit.Run(ctx, snap.Dated(), f.o.Controls, o)
	l.must(err)
	return r.Findings
}

package audit_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
)

// A stage is the account of a case in an AWS that behaves, in which the rest of
// the world goes on.
type stage struct {
	*builder
	t       *testing.T
	account *account.Account

	daily  happening // happens rate times a minute at the home of every trail
	rate   int       // 0: once in a lull
	ruled  bool      // there are rules of EventBridge
	minute int
	homes  []string

	// held happens every minute: what keeps alarms in ALARM that the snapshot
	// shows there.
	held []happening

	background []background // what happens every minute, encoded
	others     []otherGroup // log groups that no trail feeds, written to every minute; none when rate is 1 or less

	// stuck are the alarms that are not expected to leave ALARM any more.
	stuck map[alarmRef]bool

	// played is the number of the record that is played, 0 while nothing happens.
	played int

	// busier makes the same account with more going on in it, on other log groups too;
	// quieter the same in which hardly anything happens.
	busier, quieter func() (*stage, error)
}

// newStage builds a case's account and lets it live until its alarms have
// settled. The error says what cannot be expressed.
func newStage(t *testing.T, snap account.Snapshot, base *account.Account, cat *catalog.Catalog) (*stage, error) {
	s, err := newStageAt(1, t, snap, base, cat)
	if err != nil {
		return nil, err
	}
	s.busier = sync.OnceValues(func() (*stage, error) { return newStageAt(12, t, snap, base, cat) })
	s.quieter = sync.OnceValues(func() (*stage, error) { return newStageAt(0, t, snap, base, cat) })
	return s, nil
}

func newStageAt(rate int, t *testing.T, snap account.Snapshot, base *account.Account, cat *catalog.Catalog) (*stage, error) {
	b, err := newBuilder(snap, base)
	if err != nil {
		return nil, err
	}
	s := &stage{builder: b, t: t, account: &snap.Accounts[0], rate: rate, stuck: map[alarmRef]bool{}}
	for i := range s.account.Trails {
		s.homes = append(s.homes, s.account.Trails[i].HomeRegion)
	}
	for i := range s.account.Regions {
		rules, _ := s.account.Regions[i].Rules.Got()
		s.ruled = s.ruled || len(rules) > 0
	}
	slices.Sort(s.homes)
	s.homes = slices.Compact(s.homes)
	if rate > 1 {
		s.others = s.otherGroups()
	}
	s.daily = everyday(s.account.ID, s.patterns("", ""))
	s.ringing = slices.DeleteFunc(s.ringing, s.staysPut)
	for _, a := range s.ringing {
		h, ok := s.holder(a, cat)
		if !ok {
			return nil, notHeld(a)
		}
		s.held = append(s.held, h)
	}
	s.live(2*s.reactionTime(), nil)
	for _, a := range s.inAlarm() {
		s.stuck[a] = true
	}
	for _, a := range s.ringing {
		if !slices.ContainsFunc(s.alarms, func(r alarmRef) bool { return r.name == a.Name && s.stuck[r] }) {
			return nil, notHeld(a)
		}
	}
	return s, nil
}

// staysPut reports whether an alarm keeps whatever state it has: no filter writes to
// its metric, and it ignores missing data.
func (s *stage) staysPut(a account.MetricAlarm) bool {
	return a.MissingData == "ignore" && a.Metric != "" && len(s.patterns(a.Namespace, a.Metric)) == 0
}

func notHeld(a account.MetricAlarm) error {
	return fmt.Errorf("alarm %s: what keeps it in ALARM is not in the snapshot", a.Name)
}

// patterns returns the patterns of the account's filters on a metric, of all
// filters for "".
func (s *stage) patterns(namespace, metric string) []*pattern.Pattern {
	var list []*pattern.Pattern
	for i := range s.account.Regions {
		r := &s.account.Regions[i]
		var assumed *account.Read[[]account.MetricFilter]
		if known := s.base.Region(r.Name); known != nil {
			assumed = known.MetricFilters
		}
		for _, f := range known(r.MetricFilters, assumed) {
			if p, err := pattern.Parse(f.Pattern); err == nil && (metric == "" || f.Namespace == namespace && f.Metric == metric) {
				list = append(list, p)
			}
		}
	}
	return list
}

func matchesAny(patterns []*pattern.Pattern, h happening) bool {
	raw := h.raw()
	return slices.ContainsFunc(patterns, func(p *pattern.Pattern) bool { return p.Match(raw) == match.Match })
}

// everyday picks the benign record that happens all the time: one that no filter
// counts, preferably a write, which more trails record. An account always has
// such records, unless its filters count everything: a kind of record that they
// do count is taken to be rare.
func everyday(accountID string, patterns []*pattern.Pattern) happening {
	all := benign(accountID)
	rest := slices.DeleteFunc(slices.Clone(all), func(h happening) bool { return matchesAny(patterns, h) })
	if len(rest) == 0 {
		rest = all
	}
	write := slices.IndexFunc(rest, func(h happening) bool { return h.record["readOnly"] == false })
	return rest[max(write, 0)]
}

// holder finds an event of the catalog that an alarm's filters count: someone
// who makes it again and again keeps the alarm in ALARM.
func (s *stage) holder(a account.MetricAlarm, cat *catalog.Catalog) (happening, bool) {
	patterns := s.patterns(a.Namespace, a.Metric)
	controls, err := cat.Select(nil, "all", catalog.DefaultBenchmark)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, c := range controls {
		for _, p := range probesIn(s.t, s.account, c, catalog.DefaultBenchmark) {
			if matchesAny(patterns, p.plain) {
				return p.plain, true
			}
		}
	}
	return happening{}, false
}

// reactionTime is how long to wait for the news of an event.
func (s *stage) reactionTime() time.Duration { return max(s.patience, 20*time.Minute) }

// lull is how many minutes pass between two records of a quiet account.
const lull = 30

// live lets time pass, minute by minute, with what goes on all the time, until
// stop says so; nil never does.
func (s *stage) live(d time.Duration, stop func() bool) {
	if s.background == nil {
		s.background = s.everyMinute()
	}
	for end := s.cloud.Now().Add(d); s.cloud.Now().Before(end) && (stop == nil || !stop()); s.minute++ {
		for _, b := range s.background {
			s.emitRaw(b.region, b.raw)
		}
		if s.rate == 0 && s.minute%lull == 0 {
			for _, region := range s.homes {
				s.emit(s.daily.in(region))
			}
		}
		for _, o := range s.others {
			if err := o.region.Log(o.name, s.daily.in(o.region.Name()).raw()); err != nil {
				s.t.Fatal(err)
			}
		}
		s.cloud.Advance(time.Minute)
	}
}

// An otherGroup is a log group that some filter stands on and no trail feeds.
type otherGroup struct {
	region *awstest.Region
	name   string
}

func (s *stage) otherGroups() []otherGroup {
	var list []otherGroup
	in := s.cloud.Account(s.account.ID, awstest.AccountOptions{})
	for i := range s.account.Regions {
		r := &s.account.Regions[i]
		filters, _ := r.MetricFilters.Got()
		for _, f := range filters {
			fed := slices.ContainsFunc(s.account.Trails, func(t account.Trail) bool {
				return strings.Contains(t.LogGroupARN, ":"+r.Name+":") && strings.HasSuffix(t.LogGroupARN, ":log-group:"+f.LogGroup+":*")
			})
			if o := (otherGroup{in.Region(r.Name), f.LogGroup}); !fed && !slices.Contains(list, o) {
				list = append(list, o)
			}
		}
	}
	return list
}

// A background is a record that happens every minute.
type background struct {
	region string
	raw    []byte
}

func (s *stage) everyMinute() []background {
	var list []background
	for _, region := range s.homes {
		for range s.rate {
			list = append(list, background{region, s.daily.in(region).raw()})
		}
		for _, h := range s.held {
			list = append(list, background{region, h.in(region).raw()})
		}
	}
	return list
}

// emit hands a record to CloudTrail, in the region that it names.
func (s *stage) emit(h happening) (number int) { return s.emitRaw(h.text("awsRegion"), h.raw()) }

func (s *stage) emitRaw(region string, raw []byte) (number int) {
	number, err := s.cloud.Emit(s.account.ID, region, raw)
	if err != nil {
		s.t.Fatalf("%s: %v", raw, err)
	}
	return number
}

// told reports whether a confirmed subscriber got word, since the story was
// forgotten, of the record that is played or of an alarm that was not in ALARM then: what an alarm tells when it
// comes back to ALARM is that the event is over.
func (s *stage) told(before map[alarmRef]bool) bool {
	for endpoint, messages := range s.cloud.Inboxes() {
		if s.confirmed[endpoint] && slices.ContainsFunc(messages, func(d awstest.Delivered) bool {
			if d.Rule != "" { // rules tell of every record that they take, or of an alarm
				return d.Record == s.played || d.Record == 0
			}
			return d.State == awstest.StateAlarm && !before[alarmRef{s.cloud.Account(d.Account, awstest.AccountOptions{}).Region(d.Region), d.Alarm}]
		}) {
			return true
		}
	}
	return false
}

// ring returns the alarms that are in ALARM.
func (s *stage) ring() map[alarmRef]bool {
	set := map[alarmRef]bool{}
	for _, a := range s.alarms {
		if a.region.AlarmState(a.name) == awstest.StateAlarm {
			set[a] = true
		}
	}
	return set
}

// inAlarm returns the alarms in ALARM that may still leave it.
func (s *stage) inAlarm() []alarmRef {
	return slices.DeleteFunc(slices.Clone(s.alarms), func(a alarmRef) bool {
		return s.stuck[a] || a.region.AlarmState(a.name) != awstest.StateAlarm
	})
}

// play lets a record happen and reports whether someone was told, and how it
// went.
func (s *stage) play(h happening) (told bool, story string) {
	return s.watch(func() int {
		number := s.emit(h)
		for range h.crowd {
			s.emit(s.daily.in(h.text("awsRegion")))
		}
		return number
	})
}

// loses plays records until one is not told; else it returns how they went.
func (s *stage) loses(records []happening) (lost bool, stories string) {
	for _, h := range records {
		told, story := s.play(h)
		if !told {
			return true, ""
		}
		stories += h.what + "\n" + story
		s.settle(false)
	}
	return false, stories
}

// quiet lets time pass in which nothing happens that the control asks for, and
// reports whether someone was told all the same.
func (s *stage) quiet() (told bool, story string) {
	return s.watch(func() int { return 0 })
}

// watch lets something happen and waits for the news of it.
func (s *stage) watch(happen func() (number int)) (told bool, story string) {
	s.cloud.ForgetStory()
	before := s.ring()
	number := happen()
	s.played = number
	s.live(s.reactionTime(), func() bool { return s.told(before) })
	return s.told(before), s.story(number)
}

// settle waits until the alarms are out of ALARM again: an hour, and what their
// periods need. Those that stay there are put back to OK by hand with byHand,
// else left alone from now on.
func (s *stage) settle(byHand bool) {
	if s.ruled { // a rule is faster than the alarm, whose message belongs to the same event
		s.live(s.reactionTime(), nil)
	}
	s.live(s.reactionTime()+time.Hour, func() bool { return len(s.inAlarm()) == 0 })
	for _, a := range s.inAlarm() {
		if !byHand {
			s.stuck[a] = true
		} else if err := a.region.SetAlarmState(a.name, awstest.StateOK, "by hand"); err != nil {
			s.t.Fatal(err)
		}
	}
}

// story tells what became of a record.
func (s *stage) story(number int) string {
	var b strings.Builder
	for _, step := range s.cloud.Story() {
		if cmp.Or(step.Record, number) == number {
			b.WriteString("  " + step.String() + "\n")
		}
	}
	return b.String()
}

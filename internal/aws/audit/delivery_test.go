package audit_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/patterns"
)

// open begins the reason of a case in which verdict and delivery are known to
// disagree: it is played, and must go on to disagree.
const open = "open: "

// unplayed are the cases that are not played, each with the reason. A verdict
// of unknown claims nothing, so such cases need no entry.
var unplayed = map[string]string{
	"action-lambda":                "what a Lambda function does with the alarm is up to it",
	"alarm-evaluation-error":       "the state shows that something keeps CloudWatch from evaluating the alarm, not what",
	"alarm-unknown-setting-beside": "the account knows no setting that this version does not know",
	"composite-no-fault-above":     "the status shows that something keeps the trail from delivering, not what",
	"filter-unparsable-beside":     "the account takes no pattern that this version does not understand",
	"group-key-denied":             "which key it is, nobody knows",
	"group-delivery":               "a log group of this class takes no metric filters, so the account cannot exist",
	"group-infrequent":             "a log group of this class takes no metric filters, so the account cannot exist",
	"history-failed":               "why the action failed is not in the snapshot",
	"history-failed-other":         "why the action failed is not in the snapshot",
	"rule-forward-no-role":         "EventBridge takes no target in another region without a role, so the account cannot exist",
	"rule-topic-other-region":      "EventBridge takes no topic of another region as a target, so the account cannot exist",
	"topic-other-region":           "CloudWatch takes no topic of another region as an action, so the account cannot exist",
	"trail-delivery-error":         "the status shows that something keeps the trail from delivering, not what",
	"trail-delivery-stale":         "the status shows that something keeps the trail from delivering, not what",
}

// TestVerdictAgainstDelivery plays the events of a control in the account of
// every judged situation and looks into the subscribers' inboxes: pass and warn
// promise that every required event is told from every region, fail that the
// missed events it names are not.
func TestVerdictAgainstDelivery(t *testing.T) {
	files := caseFiles(t)
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	base := (&judgingCase{}).snapshot(t)
	var played, silent atomic.Int32
	t.Run("cases", func(t *testing.T) {
		for _, file := range files {
			name := caseName(file)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				v := judgedFile(t, cat, file)
				if !v.claims() {
					silent.Add(1)
					if unplayed[name] != "" {
						t.Errorf("the verdict %s claims nothing: it needs no entry of unplayed", v.finding.Status)
					}
					return
				}
				if playCase(t, name, v, &base.Accounts[0], cat) {
					played.Add(1)
				}
			})
		}
	})
	for name := range unplayed {
		if !slices.ContainsFunc(files, func(f string) bool { return caseName(f) == name }) {
			t.Errorf("there is no case %s, which unplayed lists", name)
		}
	}
	t.Logf("%d cases played, %d listed, %d claim nothing", played.Load(), len(unplayed), silent.Load())
}

func caseName(file string) string { return strings.TrimSuffix(filepath.Base(file), ".yaml") }

// A verdict is a judged case.
type verdict struct {
	snap      account.Snapshot
	central   []account.Account
	control   catalog.Control
	benchmark catalog.Benchmark
	accepts   []finding.Accept
	declared  []finding.Declared
	finding   finding.Finding
}

// judged holds the verdicts on the files: two tests want them, and judging takes
// longer than either.
var judged sync.Map // file -> *judgement

type judgement struct {
	once    sync.Once
	verdict verdict
}

// judgedFile judges a file's case once. The verdict is shared: it must not be
// changed.
func judgedFile(t *testing.T, cat *catalog.Catalog, file string) verdict {
	t.Helper()
	entry, _ := judged.LoadOrStore(file, &judgement{})
	j := entry.(*judgement)
	j.once.Do(func() { j.verdict = judgeCase(t, cat, readCase(t, file)) })
	if j.verdict.finding.Control == "" {
		t.Fatalf("%s could not be checked", file)
	}
	return j.verdict
}

func judgeCase(t *testing.T, cat *catalog.Catalog, c judgingCase) verdict {
	t.Helper()
	snap, central := c.accounts(t)
	v := verdict{snap: snap, central: central}
	var err error
	if v.benchmark, err = catalog.ParseBenchmark(c.Benchmark); err != nil {
		t.Fatal(err)
	}
	if v.control, err = cat.Find(c.Control, v.benchmark); err != nil {
		t.Fatal(err)
	}
	v.accepts, v.declared = c.accepts(v.snap.TakenAt), c.declarations(v.snap.TakenAt)
	o := audit.Options{Benchmark: v.benchmark, Now: v.snap.TakenAt, Strict: c.Strict, Central: central, Accepts: v.accepts, Declared: v.declared}
	r, err := audit.Run(context.Background(), v.snap, []catalog.Control{v.control}, o)
	if err != nil {
		t.Fatal(err)
	}
	v.finding = r.Findings[0]
	return v
}

// world is the snapshot with the accounts that are only consulted.
func (v *verdict) world() account.Snapshot {
	all := v.snap
	all.Accounts = append(slices.Clone(all.Accounts), v.central...)
	return all
}

// claims reports whether the verdict says anything about what would happen to an
// event.
func (v *verdict) claims() bool {
	return v.control.Type != catalog.State && slices.Contains([]finding.Status{finding.Pass, finding.Warn, finding.Fail}, v.finding.Status)
}

// playCase plays a case unless unplayed says why it cannot be, and reports whether
// it was.
func playCase(t *testing.T, name string, v verdict, base *account.Account, cat *catalog.Catalog) bool {
	t.Helper()
	reason := unplayed[name]
	isOpen := strings.HasPrefix(reason, open)
	s, err := newStage(t, v.world(), base, cat)
	switch {
	case err != nil && (reason == "" || isOpen):
		t.Errorf("the case cannot be played, and no entry of unplayed says why: %v", err)
		return false
	case err != nil:
		return false
	case reason != "" && !isOpen:
		t.Errorf("the case is listed as one that cannot be played (%s), but its account can be built", reason)
		return false
	}
	trouble := v.compare(s)
	switch {
	case isOpen && len(trouble) == 0:
		t.Errorf("verdict and delivery agree: take the case out of unplayed (%s)", reason)
	case isOpen:
		t.Logf("%s\n%s", reason, strings.Join(trouble, "\n"))
	default:
		for _, text := range trouble {
			t.Error(text)
		}
	}
	return true
}

// A claim is what the verdict says of one probe.
type claim int

const (
	none  claim = iota // nothing
	tells              // someone is told, whatever the record
	loses              // nobody is told, for some records at least
)

func (v *verdict) claimOf(p probed) claim {
	f := &v.finding
	named := slices.ContainsFunc(f.Missed, func(m finding.MissedEvent) bool {
		return (m.Event == "*" || m.Event == p.Event) && (m.Source == "*" || m.Source == p.Source) && slices.Contains(m.Regions, p.Region)
	})
	unseen := slices.ContainsFunc(f.Reasons, func(r finding.Reason) bool { return r.Status == finding.Unknown })
	switch {
	case named:
		return loses
	case f.Status == finding.Fail && unseen:
		return none
	}
	return tells
}

// maxTrouble is how many disagreements of one case are worth telling.
const maxTrouble = 3

// compare plays what the verdict speaks of and returns the disagreements.
func (v *verdict) compare(s *stage) []string {
	if v.finding.Status == finding.Fail && len(v.finding.Missed) == 0 {
		return []string{"the verdict is fail and names no missed event"}
	}
	if told, story := s.quiet(); told {
		return []string{v.disagreement("someone is told although nothing happened", story)}
	}
	probes := probesIn(s.t, s.account, v.control, v.benchmark)
	var trouble []string
	for i, p := range probes {
		if len(trouble) >= maxTrouble {
			return trouble
		}
		trouble = append(trouble, v.playNarrowed(s, p)...)
		switch v.claimOf(p) {
		case loses:
			trouble = append(trouble, v.playLost(s, p)...)
		case tells:
			trouble = append(trouble, v.playTold(s, p, i, len(probes))...)
		}
	}
	return trouble
}

// compareElsewhere plays the plain record of a probe that must be told in a busier
// and in a quieter account: how much else goes on must not matter.
func (v *verdict) compareElsewhere(s *stage) []string {
	probes := probesIn(s.t, s.account, v.control, v.benchmark)
	i := slices.IndexFunc(probes, func(p probed) bool { return v.claimOf(p) == tells })
	if i < 0 || excused(probes[i].plain, v.finding.Narrowed) || v.leavesOut(probes[i].plain.text("eventSource")) {
		return nil
	}
	for what, other := range map[string]func() (*stage, error){"busier": s.busier, "quieter": s.quieter} {
		if what == "quieter" && s.needsRecords() {
			continue
		}
		o, err := other()
		if err != nil {
			s.t.Fatal(err)
		}
		for range 2 { // once is chance: the alarm may never come back
			told, story := o.play(probes[i].plain)
			if !told {
				return []string{v.disagreement(fmt.Sprintf("nobody is told of %s in a %s account", probes[i], what), story)}
			}
			o.settle(v.warns(audit.CodeAlarmStuck))
		}
	}
	return nil
}

// needsRecords reports whether some alarm takes missing data for a breach: that a
// filter with a default makes its metric dense is a rule (docs/judging.md, section 4)
// which a quiet account breaks.
func (s *stage) needsRecords() bool {
	for i := range s.account.Regions {
		alarms, _ := s.account.Regions[i].Alarms.Got()
		if slices.ContainsFunc(alarms.Metric, func(a account.MetricAlarm) bool { return a.MissingData == "breaching" }) {
			return true
		}
	}
	return false
}

// playTold plays records of a probe that must all be told: the plain one and,
// as each probe takes its turn, other callers and circumstances.
func (v *verdict) playTold(s *stage, p probed, turn, probes int) []string {
	records := []happening{p.plain}
	others := append(p.variations(), p.inCrowd())
	for j := turn; j < max(len(others), probes); j += probes {
		records = append(records, others[j%len(others)])
	}
	for _, h := range records {
		if excused(h, v.finding.Narrowed) || v.leavesOut(h.text("eventSource")) {
			continue
		}
		told, story := s.play(h)
		if !told {
			return []string{v.disagreement(fmt.Sprintf("nobody is told of %s, %s", p, h.what), story)}
		}
		s.settle(v.warns(audit.CodeAlarmStuck))
	}
	return nil
}

// playLost plays records of a probe until one is not told, if need be once more
// in a busier and in a quieter account: how much else goes on is not in a snapshot.
func (v *verdict) playLost(s *stage, p probed) []string {
	var records []happening
	for _, n := range v.finding.Narrowed {
		records = append(records, p.lostBy(s.t, n))
	}
	records = append(append(append(records, p.plain), p.variations()...), p.inCrowd())
	lost, stories := s.loses(records)
	if lost {
		return nil
	}
	for _, other := range []func() (*stage, error){s.busier, s.quieter} {
		o, err := other()
		if err != nil {
			continue // what holds an alarm needs something to happen
		}
		if lost, _ = o.loses(records); lost {
			return nil
		}
	}
	return []string{v.disagreement(fmt.Sprintf("%d records of %s are all told", len(records), p), stories)}
}

// playNarrowed plays the examples of narrowings that are about a probe: a
// record that a filter is said to lose must not be told.
func (v *verdict) playNarrowed(s *stage, p probed) []string {
	var trouble []string
	for _, n := range v.finding.Narrowed {
		h := happening{what: "with " + n.Text, record: decodeRecord(s.t, []byte(n.Example))}
		if h.text("awsRegion") != p.Region || h.text("eventName") != p.plain.text("eventName") {
			continue
		}
		if told, story := s.play(h); told {
			trouble = append(trouble, v.disagreement(fmt.Sprintf("someone is told of %s, %s, which is said to be lost", p, h.what), story))
			s.settle(false)
		}
	}
	return trouble
}

// leavesOut reports whether the verdict warns that a trail leaves out the events of
// a source.
func (v *verdict) leavesOut(source string) bool {
	return slices.ContainsFunc(v.finding.Reasons, func(r finding.Reason) bool {
		return r.Code == audit.CodeTrailExcludes && r.Status == finding.Warn && strings.Contains(r.Message, source)
	})
}

func (v *verdict) warns(code finding.Code) bool {
	return slices.ContainsFunc(v.finding.Reasons, func(r finding.Reason) bool { return r.Code == code && r.Status == finding.Warn })
}

// disagreement tells both stories: why the verdict is what it is, and what
// happened.
func (v *verdict) disagreement(what, story string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, but the verdict is %s\n", what, v.finding.Status)
	for _, r := range v.finding.Reasons {
		fmt.Fprintf(&b, "  %s %s: %s\n", r.Status, r.Code, r.Message)
	}
	for _, m := range v.finding.Missed {
		fmt.Fprintf(&b, "  missed: %s in %s\n", m.Event, strings.Join(m.Regions, ", "))
	}
	for _, n := range v.finding.Narrowed {
		fmt.Fprintf(&b, "  narrowed: %s\n", n.Text)
	}
	return b.String() + "what happened:\n" + story
}

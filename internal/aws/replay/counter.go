package replay

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/monitorctl/monitorctl/internal/logs"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/scan"
)

// maxEvent is the largest log event that CloudTrail sends to CloudWatch Logs, in
// bytes ("Sending events to CloudWatch Logs").
const maxEvent = 256 << 10

// maxNames and maxCells bound what is kept of each control: different names of
// principals, addresses or tools, and rows of what suggestions are computed from.
const (
	maxNames = 100_000
	maxCells = 1_000_000
	maxName  = 256 // bytes of one name
)

// The fields that every record is asked for.
const (
	eventTime = iota
	awsRegion
	recipient
)

var recordFields = []scan.Field{{"eventTime"}, {"awsRegion"}, {"recipientAccountId"}}

// The fields that a record which matches is asked for.
const (
	eventID = iota
	eventSource
	eventName
	errorCode
	sourceIP
	userAgent
	identityType
	identityARN
	invokedBy
	issuerARN
)

var eventFields = []scan.Field{
	{"eventID"}, {"eventSource"}, {"eventName"}, {"errorCode"}, {"sourceIPAddress"}, {"userAgent"}, {"userIdentity", "type"}, {"userIdentity", "arn"},
	{"userIdentity", "invokedBy"}, {"userIdentity", "sessionContext", "sessionIssuer", "arn"},
}

// Counters count the records of one question.
type Counters struct {
	question *Question
	set      *scan.Set
	event    *scan.Set
	seen     seen
	warm     int64   // minutes before the window that are counted, too
	controls [][]int // by filter: those whose events its matches are
	wanted   [][]int // by filter: those that want what it matches
	except   [][]int // by filter: those whose events its matches are not
	all      []*Counter
	sum      *grandTotal // nil until it is asked for
}

// NewCounters prepares n counters, one for each worker.
func NewCounters(q *Question, n int) *Counters {
	c := &Counters{question: q, set: scan.CompileFields(q.Patterns, recordFields), event: scan.CompileFields(nil, eventFields), warm: q.reach()}
	c.seen.seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
	for i := range c.seen.shards {
		c.seen.shards[i].events = map[[2]uint64]struct{}{}
	}
	c.controls, c.wanted, c.except = make([][]int, len(q.Filters)), make([][]int, len(q.Filters)), make([][]int, len(q.Filters))
	for i, control := range q.Controls {
		for _, f := range control.Except {
			c.except[f] = append(c.except[f], i)
		}
		if control.Live && control.Wanted >= 0 {
			c.wanted[control.Wanted] = append(c.wanted[control.Wanted], i)
		}
		for _, f := range control.Filters {
			c.controls[f] = append(c.controls[f], i)
		}
	}
	for range n {
		c.all = append(c.all, newCounter(c))
	}
	return c
}

// Sinks are the counters as what logs.Each writes to.
func (c *Counters) Sinks() []logs.Sink {
	var sinks []logs.Sink
	for _, one := range c.all {
		sinks = append(sinks, one)
	}
	return sinks
}

// NewReader returns a reader for one worker.
func (c *Counters) NewReader(o logs.Options) *logs.Reader { return logs.NewReader(c.set, o) }

// seen remembers events that match.
type seen struct {
	seeds  [2]maphash.Seed
	shards [64]struct {
		sync.Mutex
		events map[[2]uint64]struct{}
	}
}

// add reports whether an event is new.
func (s *seen) add(id []byte) bool {
	key := [2]uint64{maphash.Bytes(s.seeds[0], id), maphash.Bytes(s.seeds[1], id)}
	shard := &s.shards[key[0]%uint64(len(s.shards))]
	shard.Lock()
	defer shard.Unlock()
	if _, ok := shard.events[key]; ok {
		return false
	}
	shard.events[key] = struct{}{}
	return true
}

// A Counter counts the records that one worker reads.
type Counter struct {
	*Counters
	object *logs.Object
	tally
	names  interner
	detail scan.Result
	bus    busEvent
	key    []byte
	last   struct { // of the record before
		account, region string
		minute          int64
		counts          []*int64
	}
	verdicts []match.Verdict // by control, of the present record
	wants    []bool          // by control, likewise
	excepted []bool          // by control, likewise
}

// A tally is what was counted.
type tally struct {
	events    int64 // in the window
	outside   int64 // before or behind it
	untimed   int64 // without a time: no records
	oversize  int64
	copies    int64
	accounts  map[string]bool
	regions   map[string]bool
	earliest  int64 // minutes of records in the window
	latest    int64
	records   []map[int64]*int64 // by scope and minute
	hits      []map[int64]int64  // by filter and minute
	byControl []controlTally
}

// A controlTally is what was counted of a control.
type controlTally struct {
	events int64
	doubt  int64
	missed int64
	days   map[int64]int64 // by day since 1970

	principals, addresses, tools, names map[string]int64
	moreNames                           bool // there were more than maxNames

	cells     map[cell]int64
	moreCells bool
	examples  map[int64]Event // of each minute with an event, the first
	evidence  []Event         // the latest ones
	lost      []Event         // the latest one that was missed
}

// A cell tells events apart as far as suggestions do.
type cell struct {
	filter                       int32
	minute                       int64
	role, service, errored, name int32 // in interner; 0: none
}

// An Event is a record that matched.
type Event struct {
	Time      string // eventTime
	ID        string // eventID
	Name      string // eventName
	Source    string // eventSource
	Principal string
	Address   string
	Tool      string // userAgent
	ErrorCode string
	Object    string // the file it is in
	Record    []byte // of evidence only
}

func (e *Event) compare(o *Event) int {
	return cmp.Or(cmp.Compare(e.Time, o.Time), cmp.Compare(e.ID, o.ID), cmp.Compare(e.Object, o.Object))
}

func newCounter(c *Counters) *Counter {
	n := &Counter{Counters: c, verdicts: make([]match.Verdict, len(c.question.Controls)), wants: make([]bool, len(c.question.Controls)), excepted: make([]bool, len(c.question.Controls)), names: interner{places: map[string]int32{}, texts: []string{""}}}
	n.tally = newTally(c.question)
	return n
}

func newTally(q *Question) tally {
	t := tally{accounts: map[string]bool{}, regions: map[string]bool{}, byControl: make([]controlTally, len(q.Controls))}
	for range q.Scopes {
		t.records = append(t.records, map[int64]*int64{})
	}
	for range q.Filters {
		t.hits = append(t.hits, map[int64]int64{})
	}
	for i := range t.byControl {
		t.byControl[i] = controlTally{
			days: map[int64]int64{}, principals: map[string]int64{}, addresses: map[string]int64{}, tools: map[string]int64{}, names: map[string]int64{},
			cells: map[cell]int64{}, examples: map[int64]Event{},
		}
	}
	return t
}

// An interner gives texts numbers, beginning with 1.
type interner struct {
	places map[string]int32
	texts  []string
}

func (n *interner) place(text []byte) int32 {
	if len(text) == 0 {
		return 0
	}
	text = text[:min(len(text), 4*maxName)]
	if p, ok := n.places[string(text)]; ok {
		return p
	}
	n.texts = append(n.texts, string(text))
	n.places[string(text)] = int32(len(n.texts) - 1)
	return int32(len(n.texts) - 1)
}

// Begin is called before the first record of a file.
func (n *Counter) Begin(o *logs.Object) { n.object = o }

// Message counts a record.
func (n *Counter) Message(m *logs.Message) error {
	if len(m.Text) > maxEvent {
		n.oversize++
		return nil
	}
	minute, ok := minuteOf(m.Fields[eventTime])
	if n.question.ByDelivery {
		minute, ok = n.object.Key.Delivered.Unix()/60, ok && n.object.Named
	}
	if !ok {
		n.untimed++
		return nil
	}
	inside := n.question.includes(minute)
	if !inside && !n.warms(minute) {
		n.outside++
		return nil
	}
	if inside {
		if n.events == 0 {
			n.earliest, n.latest = minute, minute
		}
		n.earliest, n.latest = min(n.earliest, minute), max(n.latest, minute)
		n.events++
	} else {
		n.outside++
	}
	n.place(m, minute)
	n.bus.known = false
	for i := range n.question.Filters {
		if n.verdict(m, i) != match.NoMatch {
			return n.match(m, i, minute, inside)
		}
	}
	return nil
}

// verdict reports whether a filter matches the present record and receives it.
func (n *Counter) verdict(m *logs.Message, filter int) match.Verdict {
	f := &n.question.Filters[filter]
	v := m.Verdicts[f.Pattern]
	switch {
	case v == match.NoMatch || !n.receives(f.Scope):
		return match.NoMatch
	case f.Rule > 0:
		return n.passes(m.Text, f.Rule)
	}
	return v
}

// includes reports whether a minute is in the window.
func (q *Question) includes(minute int64) bool {
	return (q.From.IsZero() || minute >= q.From.Unix()/60) && (q.To.IsZero() || minute < q.To.Unix()/60)
}

// warms reports whether a minute is so little before the window that alarms look back
// to it.
func (n *Counter) warms(minute int64) bool {
	from := n.question.From.Unix() / 60
	return !n.question.From.IsZero() && minute < from && minute >= from-n.warm
}

// place counts a record by scope. Records of one file are mostly alike.
func (n *Counter) place(m *logs.Message, minute int64) {
	l := &n.last
	if l.counts == nil || minute != l.minute || string(m.Fields[recipient]) != l.account || string(m.Fields[awsRegion]) != l.region {
		l.minute, l.account, l.region, l.counts = minute, string(m.Fields[recipient]), string(m.Fields[awsRegion]), make([]*int64, len(n.question.Scopes))
		n.accounts[l.account], n.regions[l.region] = true, true
		for i, s := range n.question.Scopes {
			if s.includes(l.account, l.region) {
				if n.records[i][minute] == nil {
					n.records[i][minute] = new(int64)
				}
				l.counts[i] = n.records[i][minute]
			}
		}
	}
	for _, count := range l.counts {
		if count != nil {
			*count++
		}
	}
}

func (s Scope) includes(account, region string) bool {
	return (s.Account == "" || s.Account == account || account == "") && (s.Region == "" || s.Region == region || region == "")
}

// receives reports whether the present record is in a scope.
func (n *Counter) receives(scope int) bool { return n.last.counts[scope] != nil }

// match counts a record that some filter matches; the first one is given.
func (n *Counter) match(m *logs.Message, first int, minute int64, inside bool) error {
	n.event.Read(m.Text, &n.detail)
	f := n.detail.Fields
	fresh := true
	if len(f[eventID]) > 0 {
		n.key = append(append(append(append(append(n.key[:0], f[eventID]...), 0), n.last.account...), 0), n.last.region...)
		fresh = n.seen.add(n.key)
		if !fresh {
			n.copies++
		}
	}
	clear(n.verdicts)
	clear(n.wants)
	clear(n.excepted)
	for i := first; i < len(n.question.Filters); i++ {
		v := n.verdict(m, i)
		if v == match.NoMatch {
			continue
		}
		if v == match.Match && fresh {
			n.hits[i][minute]++
		}
		for _, c := range n.except[i] {
			n.excepted[c] = true
		}
		for _, c := range n.wanted[i] {
			n.wants[c] = v == match.Match
		}
		for _, c := range n.controls[i] {
			if v == match.Match && inside && fresh {
				n.cell(c, i, minute)
			}
			if n.verdicts[c] != match.Match {
				n.verdicts[c] = v
			}
		}
	}
	if inside {
		n.countAll(m, minute, fresh)
	}
	return nil
}

// countAll counts the present record for every control that has it.
func (n *Counter) countAll(m *logs.Message, minute int64, fresh bool) {
	var e *Event
	for c, v := range n.verdicts {
		switch {
		case n.excepted[c]:
		case v == match.Match:
			if e == nil {
				e = n.describe(m)
			}
			n.count(c, e, m.Text, minute, fresh)
		case v == match.NoMatch && n.wants[c]:
			if e == nil {
				e = n.describe(m)
			}
			n.byControl[c].lost = keep(n.byControl[c].lost, *e, nil, 1)
			if fresh {
				n.byControl[c].missed++
			}
		case v == match.Undetermined && fresh:
			n.byControl[c].doubt++
		}
	}
}

// cell counts an event for suggestions.
func (n *Counter) cell(control, filter int, minute int64) {
	t, f := &n.byControl[control], n.detail.Fields
	t.addCell(cell{int32(filter), minute, n.names.place(f[issuerARN]), n.names.place(f[invokedBy]), n.names.place(f[errorCode]), n.names.place(f[eventName])}, 1)
}

func (t *controlTally) addCell(c cell, count int64) {
	if len(t.cells) >= maxCells {
		t.moreCells = true
		return
	}
	t.cells[c] += count
}

// short is a text as far as it is kept.
func short[T string | []byte](text T) string {
	return strings.ToValidUTF8(string(text[:min(len(text), maxName)]), "\ufffd")
}

// describe tells what the present record is about.
func (n *Counter) describe(m *logs.Message) *Event {
	f := n.detail.Fields
	who := f[issuerARN]
	for _, other := range []int{identityARN, invokedBy, identityType} {
		if len(who) == 0 {
			who = f[other]
		}
	}
	return &Event{
		Time: short(m.Fields[eventTime]), ID: short(f[eventID]), Name: short(f[eventName]), Source: short(f[eventSource]), Principal: short(who),
		Address: short(f[sourceIP]), Tool: short(f[userAgent]), ErrorCode: short(f[errorCode]), Object: n.object.Name,
	}
}

// count counts an event of a control. A copy only decides which of the files is
// named.
func (n *Counter) count(c int, e *Event, record []byte, minute int64, fresh bool) {
	t := &n.byControl[c]
	t.evidence = keep(t.evidence, *e, record, n.question.Evidence)
	if have, ok := t.examples[minute]; !ok || e.compare(&have) < 0 {
		t.examples[minute] = *e
	}
	if !fresh {
		return
	}
	t.events++
	t.days[minute/(24*60)]++
	t.bump(t.principals, e.Principal, 1)
	t.bump(t.addresses, e.Address, 1)
	t.bump(t.tools, e.Tool, 1)
	t.bump(t.names, e.Source+":"+e.Name, 1)
}

func (t *controlTally) bump(counts map[string]int64, name string, by int64) {
	if _, ok := counts[name]; !ok && len(counts) >= maxNames {
		t.moreNames = true
		return
	}
	counts[name] += by
}

// keep adds an event to the latest ones, the latest first, if it is one of them; of
// copies the one in the file whose name comes first. The record is copied.
func keep(latest []Event, e Event, record []byte, most int) []Event {
	order := func(a, b Event) int {
		return cmp.Or(cmp.Compare(b.Time, a.Time), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Object, b.Object))
	}
	if most == 0 || len(latest) == most && order(latest[most-1], e) <= 0 {
		return latest
	}
	if e.ID != "" {
		if i := slices.IndexFunc(latest, func(have Event) bool { return have.ID == e.ID && have.Time == e.Time }); i >= 0 {
			if order(latest[i], e) <= 0 {
				return latest
			}
			latest = slices.Delete(latest, i, i+1)
		}
	}
	if e.Record == nil {
		e.Record = bytes.Clone(record)
	}
	i, _ := slices.BinarySearchFunc(latest, e, order)
	latest = slices.Insert(latest, i, e)
	return latest[:min(len(latest), most)]
}

// minuteOf reads an eventTime, such as 2026-11-30T08:15:00Z, as minutes since 1970.
func minuteOf(text []byte) (int64, bool) {
	if len(text) != len("2026-11-30T08:15:00Z") || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != 'Z' {
		at, err := time.Parse(time.RFC3339, string(text))
		return at.Unix() / 60, err == nil && at.Year() > 0
	}
	n, ok := [6]int{}, true
	for i, from := range [6]int{0, 5, 8, 11, 14, 17} {
		to := from + 2
		if i == 0 {
			to = 4
		}
		for _, c := range text[from:to] {
			ok = ok && '0' <= c && c <= '9'
			n[i] = 10*n[i] + int(c-'0')
		}
	}
	if !ok || n[1] < 1 || n[1] > 12 || n[2] < 1 || n[2] > 31 || n[3] > 23 || n[4] > 59 || n[5] > 60 {
		return 0, false
	}
	return time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], 0, 0, time.UTC).Unix() / 60, true
}

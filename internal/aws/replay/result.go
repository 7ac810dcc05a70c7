package replay

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Result takes what a SQL engine answers to a statement, row by row.
type Result struct {
	// Lines counts the first records of files: as many as there are files, where
	// each file is one line.
	Lines int64

	// Doubtful are the files with a record that the engine cannot judge, or with none
	// that it can read, as named by the engine.
	Doubtful []string

	statement *Statement
	counter   *Counter
	less      bool
	name      func(path string) string
}

// Result prepares the result of a statement. Less takes the rows away from what was
// counted. Name turns the engine's name of a file into that of the log object.
func (c *Counters) Result(s *Statement, less bool, name func(path string) string) *Result {
	return &Result{statement: s, counter: newCounter(c), less: less, name: name}
}

// Keep adds the result, which is complete, to what was counted.
func (r *Result) Keep() {
	c := r.counter.Counters
	c.all = append(c.all, r.counter)
	c.sum = nil
}

// A resultRow is a row of the statement's result.
type resultRow struct {
	set    int
	class  int
	values map[string]string // by column; "" where it is NULL
	records,
	events,
	lines int64
	early, late string
}

func (s *Statement) parse(row []string) (resultRow, error) {
	const counts = 5 // behind the columns
	if len(row) != 2+len(s.group)+counts {
		return resultRow{}, fmt.Errorf("reading the engine's answer: %d columns", len(row))
	}
	out := resultRow{values: map[string]string{}}
	for i, name := range s.group {
		out.values[name] = row[2+i]
	}
	rest := row[2+len(s.group):]
	out.early, out.late = rest[3], rest[4]
	var err error
	number := func(text string) int64 {
		n, wrong := strconv.ParseInt(text, 10, 64)
		err = cmp.Or(err, wrong)
		return n
	}
	mask := number(row[0])
	out.set = slices.IndexFunc(s.sets, func(g groupingSet) bool { return int64(g.mask(s.group)) == mask })
	out.class = int(number(row[1]))
	out.records, out.events, out.lines = number(rest[0]), number(rest[1]), number(rest[2])
	if err != nil || out.set < 0 || out.class >= len(s.classes) || out.class < noRecord {
		return out, fmt.Errorf("reading the engine's answer: the row %q is not one that was asked for", row)
	}
	return out, nil
}

// Row takes one row.
func (r *Result) Row(cells []string) error {
	row, err := r.statement.parse(cells)
	if err != nil {
		return err
	}
	set := r.statement.sets[row.set]
	if row.class < 0 {
		return r.uncounted(row, set)
	}
	if r.less {
		row.records, row.events = -row.records, -row.events
	}
	if row.class == 0 && set.equal(setTotal) {
		r.Lines += row.lines
	}
	c := r.statement.classes[row.class]
	switch {
	case set.equal(setTotal):
		return r.totals(c, row)
	case set.equal(setMinute):
		return r.minute(c, row)
	case c.kind == allRecords && set.equal(setPlace) && !r.less:
		r.counter.accounts[row.values["account"]], r.counter.regions[row.values["region"]] = true, true
	case c.kind == ofControl:
		return r.group(c.place, row, set)
	}
	return nil
}

func (g groupingSet) equal(other groupingSet) bool { return slices.Equal(g, other) }

// uncounted takes what is in no class.
func (r *Result) uncounted(row resultRow, set groupingSet) error {
	switch {
	case set.equal(setTotal):
		r.Lines += row.lines
	case row.class == doubtful && set.equal(setFile) && row.values["file"] != "":
		r.Doubtful = append(r.Doubtful, row.values["file"])
	}
	return nil
}

// totals takes the row of a class as a whole.
func (r *Result) totals(c class, row resultRow) error {
	n := r.counter
	switch c.kind {
	case matched:
		n.copies += row.records - row.events
	case undecidedBy:
		n.byControl[c.place].doubt += row.events
	case ofControl:
		n.byControl[c.place].events += row.events
		return r.latest(row.late, func(e Event) {
			n.byControl[c.place].evidence = keep(n.byControl[c.place].evidence, e, nil, n.question.Evidence)
		})
	case missedBy:
		n.byControl[c.place].missed += row.events
		return r.latest(row.late, func(e Event) { n.byControl[c.place].lost = keep(n.byControl[c.place].lost, e, nil, 1) })
	}
	return nil
}

// minute takes the row of a class in a minute; "" is one that is not near the window.
func (r *Result) minute(c class, row resultRow) error {
	n := r.counter
	text := row.values["m"]
	if text == "" {
		if c.kind == allRecords {
			n.outside += row.records
		}
		return nil
	}
	minute, ok := minuteOf([]byte(text + ":00Z"))
	if !ok {
		return fmt.Errorf("reading the engine's answer: %q is not a minute", text)
	}
	switch c.kind {
	case allRecords:
		if n.question.includes(minute) {
			if n.events == 0 {
				n.earliest, n.latest = minute, minute
			}
			n.earliest, n.latest = min(n.earliest, minute), max(n.latest, minute)
			n.events += row.records
		} else {
			n.outside += row.records
		}
	case ofScope:
		if n.records[c.place][minute] == nil {
			n.records[c.place][minute] = new(int64)
		}
		*n.records[c.place][minute] += row.records
	case byFilter:
		n.hits[c.place][minute] += row.events
	case ofControl:
		n.byControl[c.place].days[minute/(24*60)] += row.events
		return r.example(c.place, minute, row.early)
	}
	return nil
}

// example takes the first event of a control in a minute.
func (r *Result) example(control int, minute int64, key string) error {
	list, err := r.keys(key, func(digits string) string { return digits })
	if err != nil || r.less {
		return err
	}
	if len(list) != 1 {
		return fmt.Errorf("reading the engine's answer: an example is missing")
	}
	r.counter.byControl[control].examples[minute] = list[0]
	return nil
}

// latest calls take for each of the latest events of a class.
func (r *Result) latest(keys string, take func(Event)) error {
	list, err := r.keys(keys, turned)
	if err != nil || r.less {
		return err
	}
	for _, e := range list {
		take(e)
	}
	return nil
}

// turned gives digits back that were turned around for their order.
func turned(text string) string {
	return strings.Map(func(c rune) rune {
		if '0' <= c && c <= '9' {
			return '9' - (c - '0')
		}
		return c
	}, text)
}

// keys takes events apart: time, id and file, on a line each.
func (r *Result) keys(text string, time func(string) string) ([]Event, error) {
	if text == "" {
		return nil, nil
	}
	lines := strings.Split(text, "\n")
	if len(lines)%3 != 0 {
		return nil, fmt.Errorf("reading the engine's answer: %q is not a number of events", text)
	}
	var list []Event
	for i := 0; i < len(lines); i += 3 {
		list = append(list, Event{Time: short(time(lines[i])), ID: short(lines[i+1]), Object: r.name(lines[i+2])})
	}
	return list, nil
}

// group takes the row of a control's events with something in common.
func (r *Result) group(control int, row resultRow, set groupingSet) error {
	t, v := &r.counter.byControl[control], row.values
	switch {
	case set.equal(setPrincipal):
		t.bump(t.principals, short(v["who"]), row.events)
	case set.equal(setAddress):
		t.bump(t.addresses, short(v["address"]), row.events)
	case set.equal(setTool):
		t.bump(t.tools, short(v["tool"]), row.events)
	case set.equal(setName):
		t.bump(t.names, short(v["source"])+":"+short(v["name"]), row.events)
	case set.equal(setCell):
		minute, ok := minuteOf([]byte(v["m"] + ":00Z"))
		filters := r.counter.question.Controls[control].Filters
		if !ok || len(filters) != 1 {
			return nil // suggestions are made for one filter only
		}
		n := &r.counter.names
		place := func(name string) int32 { return n.place([]byte(v[name])) }
		t.addCell(cell{int32(filters[0]), minute, place("role"), place("service"), place("failed"), place("name")}, row.events)
	}
	return nil
}

// Shown lists the objects with the events that a report shows, each once.
func (c *Counters) Shown(r *Report) []string {
	var list []string
	add := func(e Event) {
		if e.Object != "" {
			list = append(list, e.Object)
		}
	}
	for i := range r.Controls {
		for _, x := range r.Controls[i].Actions {
			add(x.Event)
		}
		for _, e := range r.Controls[i].Evidence {
			add(e)
		}
		add(r.Controls[i].Lost)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Confirm takes what a report shows of events from counters that read their objects
// themselves. What they do not find the same is a disagreement between the engine and
// the matcher, and makes the control unknown. Unread are objects that could not be
// read.
func (c *Counters) Confirm(r *Report, read *Counters, unread []string) {
	t, own := c.total(), read.total()
	for i := range r.Controls {
		a, have, found := &r.Controls[i], &t.byControl[i], &own.byControl[i]
		same := sameEvents(have.evidence, found.evidence) && sameEvents(have.lost, found.lost)
		for _, x := range a.Actions {
			if x.Event.Object == "" {
				continue
			}
			minute, _ := minuteOf([]byte(x.Event.Time))
			if c.question.ByDelivery {
				minute = minuteWith(have.examples, x.Event)
			}
			e := found.examples[minute]
			same = same && e.compare(&x.Event) == 0
			have.examples[minute] = e
		}
		have.evidence, have.lost = found.evidence, found.lost
		control := &c.question.Controls[i]
		switch {
		case same:
		case len(unread) > 0:
			control.Unknown = append(control.Unknown, "not every event that is shown could be read again")
		default:
			control.Unknown = append(control.Unknown, "engine-disagrees: an event that the engine counts does not match here; please report this as a bug, and use --engine local")
		}
	}
}

// minuteWith is the minute that has an event as its example.
func minuteWith(examples map[int64]Event, e Event) int64 {
	for minute, have := range examples {
		if have.compare(&e) == 0 {
			return minute
		}
	}
	return 0
}

func sameEvents(a, b []Event) bool {
	return slices.EqualFunc(a, b, func(a, b Event) bool { return a.compare(&b) == 0 })
}

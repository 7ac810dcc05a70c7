package replay

import "maps"

// A grandTotal is what all counters counted.
type grandTotal struct {
	tally
	cells []map[textCell]int64 // by control
}

// total adds up the counters, once. The sums do not depend on who counted what.
func (c *Counters) total() *grandTotal {
	if c.sum != nil {
		return c.sum
	}
	t := &grandTotal{tally: newTally(c.question)}
	c.sum = t
	for range c.question.Controls {
		t.cells = append(t.cells, map[textCell]int64{})
	}
	for _, n := range c.all {
		t.add(&n.tally)
		for i := range n.byControl {
			t.byControl[i].add(&n.byControl[i], c.question.Evidence)
			for k, count := range n.byControl[i].cells {
				text := n.names.texts
				t.cells[i][textCell{k.filter, k.minute, text[k.role], text[k.service], text[k.errored], text[k.name]}] += count
			}
		}
	}
	t.tidy()
	return t
}

// tidy drops what was taken away again.
func (t *grandTotal) tidy() {
	none := func(_ string, n int64) bool { return n == 0 }
	for i := range t.byControl {
		k := &t.byControl[i]
		for _, names := range []map[string]int64{k.principals, k.addresses, k.tools, k.names} {
			maps.DeleteFunc(names, none)
		}
		maps.DeleteFunc(t.cells[i], func(_ textCell, n int64) bool { return n == 0 })
	}
}

func (t *tally) add(o *tally) {
	if o.events > 0 {
		if t.events == 0 {
			t.earliest, t.latest = o.earliest, o.latest
		}
		t.earliest, t.latest = min(t.earliest, o.earliest), max(t.latest, o.latest)
	}
	t.events += o.events
	t.outside += o.outside
	t.untimed += o.untimed
	t.oversize += o.oversize
	t.copies += o.copies
	maps.Copy(t.accounts, o.accounts)
	maps.Copy(t.regions, o.regions)
	for i, minutes := range o.records {
		for minute, n := range minutes {
			if t.records[i][minute] == nil {
				t.records[i][minute] = new(int64)
			}
			*t.records[i][minute] += *n
		}
	}
	for i, minutes := range o.hits {
		addCounts(t.hits[i], minutes)
	}
}

func (t *controlTally) add(o *controlTally, evidence int) {
	t.events += o.events
	t.doubt += o.doubt
	t.missed += o.missed
	t.moreNames = t.moreNames || o.moreNames
	t.moreCells = t.moreCells || o.moreCells
	addCounts(t.days, o.days)
	addCounts(t.principals, o.principals)
	addCounts(t.addresses, o.addresses)
	addCounts(t.tools, o.tools)
	addCounts(t.names, o.names)
	for minute, e := range o.examples {
		if have, ok := t.examples[minute]; !ok || e.compare(&have) < 0 {
			t.examples[minute] = e
		}
	}
	for _, e := range o.evidence {
		t.evidence = keep(t.evidence, e, nil, evidence)
	}
	for _, e := range o.lost {
		t.lost = keep(t.lost, e, nil, 1)
	}
}

func addCounts[K comparable](to, from map[K]int64) {
	for k, n := range from {
		to[k] += n
	}
}

// Include adds what other counters of the question counted.
func (c *Counters) Include(other *Counters) {
	c.all = append(c.all, other.all...)
	c.sum = nil
}

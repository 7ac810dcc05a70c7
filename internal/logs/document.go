package logs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/scan"
)

// A container is a kind of document that is an object with a list of messages.
type container struct {
	key string // of the list

	// beside are the other keys that it may have. They tell an empty list from an
	// object that happens to have the key.
	beside []string

	// holds reports whether the first entry of the list is one of this kind.
	holds func(r *Reader, entry []byte) bool

	entry func(r *Reader, entry []byte, number int) error // nil: the entry is the message
}

// containers are the kinds of documents with a list of messages.
var containers = []*container{
	{key: "Records", holds: func(*Reader, []byte) bool { return true }},
	{key: "events", beside: []string{"searchedLogStreams", "nextToken", "nextForwardToken", "nextBackwardToken"}, holds: (*Reader).isLogEvent, entry: (*Reader).logEvent},
	{key: "logEvents", beside: []string{"messageType", "owner", "logGroup", "logStream", "subscriptionFilters", "policyLevel"}, holds: (*Reader).isLogEvent, entry: (*Reader).logEvent},
	{key: "Events", beside: []string{"NextToken"}, holds: (*Reader).isLookupEvent, entry: (*Reader).lookupEvent},
	{key: "results", beside: []string{"queryLanguage", "statistics", "status", "encryptionKey"}, holds: isRow, entry: (*Reader).row},
}

// entries is a list by itself: of records, texts, or entries of other containers.
var entries = &container{entry: (*Reader).anyEntry}

// entrySet tells the entries of containers.
var entrySet = sync.OnceValue(func() *scan.Set {
	p, err := pattern.Parse(`{ $.timestamp >= 0 && ($.ingestionTime >= 0 || $.id = * || $.eventId = *) }`)
	if err != nil {
		panic(err) // of a constant: any test of an entry would show it
	}
	return scan.CompileFields([]*pattern.Pattern{p}, []scan.Field{{"message"}, {"CloudTrailEvent"}})
})

// Of what entrySet finds.
const (
	message         = 0 // the field of an event of CloudWatch Logs
	cloudTrailEvent = 1 // the field of an entry of CloudTrail's event history
)

// look matches an entry with entrySet.
func (r *Reader) look(entry []byte) *scan.Result {
	entrySet().Read(entry, &r.entry)
	return &r.entry
}

// container looks at the keys of the object at hand, without stepping over them,
// for one that makes it a container. Objects behind a record are taken for records
// unless their first key says otherwise: looking at all keys of each would take
// longer than matching it.
func (r *Reader) container() (*container, bool) {
	found, ok := (*container)(nil), false
	var others []string
	i := 1
	for first := true; ; first = false {
		key, at, more := r.peekKey(i)
		if !more {
			break
		}
		if k := slices.IndexFunc(containers, func(c *container) bool { return c.key == key }); k >= 0 && r.peek(at) == '[' {
			c := containers[k]
			switch empty, holds := r.peekEntry(c, at); {
			case holds:
				return c, true
			case empty:
				found, ok = c, true
			}
		} else {
			others = append(others, key)
		}
		if first && !r.contained && !ok {
			return nil, false
		}
		if i = r.peekBehind(at); i < 0 {
			return nil, false
		}
	}
	return found, ok && !slices.ContainsFunc(others, func(key string) bool { return !slices.Contains(found.beside, key) })
}

// peek returns the byte that comes at i or behind it and is not blank; 0 at the end
// of the file.
func (r *Reader) peek(i int) byte {
	if i = r.peekBlanks(i); i < 0 {
		return 0
	}
	return r.w.data()[i]
}

// peekBlanks returns the place of the first byte from i on that is not blank, -1 at
// the end of the file.
func (r *Reader) peekBlanks(i int) int {
	for {
		data := r.w.data()
		for i < len(data) && (data[i] == ' ' || data[i] == '\t' || data[i] == '\r' || data[i] == '\n') {
			i++
		}
		if i < len(data) {
			return i
		}
		if !r.w.more() {
			return -1
		}
	}
}

// peekValue returns the place behind the value at i, -1 when there is no whole one.
func (r *Reader) peekValue(i int) int {
	for {
		data := r.w.data()
		if i >= len(data) {
			return -1
		}
		n := scan.EndOfValue(data[i:])
		if n >= 0 && i+n < len(data) {
			return i + n
		}
		if n < 0 {
			if _, cut := syntax(data[i:]); !cut {
				return -1
			}
		}
		if !r.w.more() {
			return -1
		}
	}
}

// peekKey reads a key of an object and returns where its value begins.
func (r *Reader) peekKey(i int) (key string, value int, ok bool) {
	i = r.peekBlanks(i)
	if i >= 0 && r.w.data()[i] == ',' {
		i = r.peekBlanks(i + 1)
	}
	if i < 0 || r.w.data()[i] != '"' {
		return "", 0, false
	}
	end := r.peekValue(i)
	if end < 0 {
		return "", 0, false
	}
	key = string(scan.AppendText(nil, r.w.data()[i:end]))
	if i = r.peekBlanks(end); i < 0 || r.w.data()[i] != ':' {
		return "", 0, false
	}
	i = r.peekBlanks(i + 1)
	return key, i, i >= 0
}

// peekBehind returns the place behind a value and what comes next, -1 for none.
func (r *Reader) peekBehind(i int) int {
	if i = r.peekValue(i); i < 0 {
		return -1
	}
	return r.peekBlanks(i)
}

// peekEntry looks at the first entry of the list at i.
func (r *Reader) peekEntry(c *container, i int) (empty, holds bool) {
	i = r.peekBlanks(r.peekBlanks(i) + 1)
	if i < 0 {
		return false, c.key == "Records" // cut off, which reading it says
	}
	if r.w.data()[i] == ']' {
		return true, c.key == "Records"
	}
	end := i
	if c.key != "Records" {
		if end = r.peekValue(i); end < 0 {
			return false, false
		}
	}
	return false, c.holds(r, r.w.data()[i:end])
}

// beginsList reports whether what is at hand is a list of messages rather than a
// line of text in brackets.
func (r *Reader) beginsList() bool {
	i := r.peekBlanks(1)
	if i < 0 || r.w.data()[i] != '{' && r.w.data()[i] != '"' {
		return false
	}
	end := r.peekValue(i)
	if end < 0 {
		_, cut := syntax(r.w.data()[i:])
		return cut
	}
	c := r.peek(end)
	return c == ',' || c == ']' || c == 0
}

func (r *Reader) isLogEvent(entry []byte) bool {
	return r.look(entry).Fields[message] != nil
}

// logEvent shows the message of an event of CloudWatch Logs.
func (r *Reader) logEvent(entry []byte, number int) error {
	return r.inner(r.look(entry).Fields[message], number, "message")
}

func (r *Reader) isLookupEvent(entry []byte) bool {
	return r.look(entry).Fields[cloudTrailEvent] != nil
}

// lookupEvent shows the record of an entry of CloudTrail's event history.
func (r *Reader) lookupEvent(entry []byte, number int) error {
	return r.inner(r.look(entry).Fields[cloudTrailEvent], number, "CloudTrailEvent")
}

// inner shows a message that is a text inside of an entry.
func (r *Reader) inner(text []byte, number int, key string) error {
	if text == nil {
		return fmt.Errorf("entry %d has no %q", number, key)
	}
	r.set.Read(text, &r.message.Result)
	return r.show(text, number)
}

// A cell is a field of a row of Logs Insights.
type cell struct{ Field, Value string }

func isRow(_ *Reader, entry []byte) bool {
	var row []cell
	return json.Unmarshal(entry, &row) == nil && len(row) > 0 && row[0].Field != ""
}

// row shows the message of a row of Logs Insights.
func (r *Reader) row(entry []byte, number int) error {
	var row []cell
	if err := json.Unmarshal(entry, &row); err != nil {
		return fmt.Errorf("row %d is not a list of fields", number)
	}
	for _, c := range row {
		if c.Field == "@message" {
			return r.inner([]byte(c.Value), number, "@message")
		}
	}
	return fmt.Errorf("row %d has no @message: add it to the query: fields @message", number)
}

// anyEntry shows an entry of a list that stands for itself.
func (r *Reader) anyEntry(entry []byte, number int) error {
	switch entry[0] {
	case '"':
		return r.text(entry, number)
	case '{':
		switch e := r.look(entry); {
		case e.Fields[cloudTrailEvent] != nil:
			return r.inner(e.Fields[cloudTrailEvent], number, "CloudTrailEvent")
		case e.Fields[message] != nil && e.Verdicts[0] == match.Match:
			return r.inner(e.Fields[message], number, "message")
		}
	}
	r.set.Read(entry, &r.message.Result)
	return r.show(entry, number)
}

// errNoLog is for something else than a CloudTrail log file.
var errNoLog = errors.New(`it has no "Records": not a CloudTrail log file`)

// trailFiles reads CloudTrail log files, maybe several in a row, as
// where someone unpacked them into one.
func (r *Reader) trailFiles() error {
	for n := 0; ; n++ {
		c, ok := r.w.blanks()
		switch {
		case !ok && n > 0:
			return r.w.failed()
		case !ok:
			return errors.Join(r.w.failed(), errNoLog)
		case c != '{' && n > 0:
			return r.invalid(0)
		case c != '{':
			return errNoLog
		}
		if err := r.object(containers[0]); err != nil {
			return err
		}
	}
}

// object reads an object with a list of messages.
func (r *Reader) object(c *container) error {
	r.step(1)
	seen := false
	for first := true; ; first = false {
		next, ok := r.w.blanks()
		switch {
		case !ok:
			return r.w.ended()
		case next == '}':
			r.step(1)
			if !seen {
				return errNoLog
			}
			return nil
		}
		if !first {
			if next != ',' {
				return r.invalid(0)
			}
			r.step(1)
		}
		if err := r.property(c, &seen); err != nil {
			return err
		}
	}
}

// step steps over that many bytes.
func (r *Reader) step(n int) { r.w.at += n }

// property reads a key and its value.
func (r *Reader) property(c *container, seen *bool) error {
	next, ok := r.w.blanks()
	if !ok {
		return r.w.ended()
	}
	if next != '"' {
		return r.invalid(0)
	}
	n, err := r.value()
	if err != nil {
		return err
	}
	if n < 0 {
		return fmt.Errorf("at byte %d: a key of more than %d bytes", r.w.offset(), r.o.MaxRecord)
	}
	wanted := bytes.Equal(scan.AppendText(nil, r.w.data()[:n]), []byte(c.key))
	r.step(n)
	if next, ok = r.w.blanks(); !ok {
		return r.w.ended()
	}
	if next != ':' {
		return r.invalid(0)
	}
	r.step(1)
	if next, ok = r.w.blanks(); !ok {
		return r.w.ended()
	}
	switch {
	case !wanted:
		return r.skip()
	case *seen:
		return fmt.Errorf("it has two %q", c.key)
	case next == 'n':
		if err := r.skip(); err != nil {
			return err
		}
		return errNoLog
	case next != '[':
		return fmt.Errorf("its %q is not a list", c.key)
	}
	*seen = true
	return r.list(c)
}

// skip steps over a value.
func (r *Reader) skip() error {
	n, err := r.value()
	switch {
	case err != nil:
		return err
	case n < 0:
		if !r.w.skipLong() {
			return r.w.ended()
		}
		return nil
	}
	r.step(n)
	return nil
}

// list reads a list of messages.
func (r *Reader) list(c *container) error {
	r.step(1)
	for first := true; ; first = false {
		next, ok := r.w.blanks()
		switch {
		case !ok:
			return r.w.ended()
		case next == ']' && first:
			r.step(1)
			return nil
		}
		if err := r.member(c); err != nil {
			return err
		}
		switch next, ok = r.w.blanks(); {
		case !ok:
			return r.w.ended()
		case next == ']':
			r.step(1)
			return nil
		case next != ',':
			return r.invalid(0)
		}
		r.step(1)
		if next, ok = r.w.blanks(); ok && next == ']' {
			return r.invalid(0)
		}
	}
}

// member reads an entry of a list.
func (r *Reader) member(c *container) error {
	r.listed++
	if c.entry == nil {
		// Where records are split and matched in one pass: most of the time is
		// spent in this call.
		n := r.set.Next(r.w.data(), &r.message.Result)
		if n < 0 && len(r.w.data()) < windowSize/4 && r.w.more() {
			n = r.set.Next(r.w.data(), &r.message.Result) // it was the last one of what had been read
		}
		if n >= 0 {
			text := r.w.data()[:n:n]
			r.step(n)
			return r.show(text, r.listed)
		}
	}
	n, err := r.value()
	switch {
	case err != nil:
		return err
	case n < 0:
		return r.oversize()
	}
	entry := r.w.data()[:n:n]
	r.step(n)
	if c.entry != nil {
		return c.entry(r, entry, r.listed)
	}
	r.set.Read(entry, &r.message.Result)
	return r.show(entry, r.listed)
}

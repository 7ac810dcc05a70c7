package logs

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/monitorctl/monitorctl/internal/gunzip"
	"github.com/monitorctl/monitorctl/internal/pattern/scan"
)

// A Format is what a file is taken for.
type Format int

// Formats. By default each document of a file is told by its content.
const (
	Auto       Format = iota
	CloudTrail        // CloudTrail log files, and nothing else
	Quoted            // each line is a JSON string, which holds the message
)

// The limits of a Reader that has no others.
const (
	MaxRecord   = 8 << 20 // CloudTrail's records have 256 KB at most, CloudWatch Logs' events 1 MB; escapes can make six of one byte
	MaxUnpacked = 4 << 30
)

// Options are the limits and the format of a Reader.
type Options struct {
	Format      Format
	MaxRecord   int   // bytes of one record or line; 0: MaxRecord
	MaxUnpacked int64 // bytes of one file, unpacked; 0: MaxUnpacked
}

// A Message is what one log event holds: a record, or a line of text.
type Message struct {
	Text []byte // until the next one

	// Number is the place of the message in its file, beginning with 1: the line on
	// which it begins, where the file has one message after the other, and else the
	// place in the list.
	Number int

	scan.Result
}

// Stats count what a file held.
type Stats struct {
	Messages int   // those that were seen
	Oversize int   // those that were not, because they are larger than a record may be
	Unpacked int64 // bytes that were read
}

// A Reader reads files, one after the other, and matches their messages with a
// set. It is for one goroutine.
type Reader struct {
	set    *scan.Set
	o      Options
	w      window
	size   int // of the window, in bytes
	packed *bufio.Reader
	gzip   gunzip.Reader

	visit   func(*Message) error
	message Message
	stats   Stats
	quoted  []byte // the text of a message that was a JSON string
	entry   scan.Result

	lines     int  // how many ended before the data at hand
	listed    int  // messages in lists
	contained bool // the last document was a list of messages
}

// NewReader returns a reader that matches with a set.
func NewReader(set *scan.Set, o Options) *Reader {
	if o.MaxRecord <= 0 {
		o.MaxRecord = MaxRecord
	}
	if o.MaxUnpacked <= 0 {
		o.MaxUnpacked = MaxUnpacked
	}
	return &Reader{set: set, o: o, size: windowSize}
}

// Read reads a file and calls visit with every message. It ends with the first
// error of visit, unchanged, or of the file; what was read before has been visited
// all the same.
func (r *Reader) Read(in io.Reader, visit func(*Message) error) (Stats, error) {
	r.visit, r.stats, r.lines, r.listed, r.contained = visit, Stats{}, 0, 0, true
	r.w.open(r.unpack(in), r.o.MaxUnpacked, r.o.MaxRecord, r.size)
	err := r.documents()
	r.stats.Unpacked = r.w.base + int64(r.w.end)
	r.visit, r.w.in = nil, nil
	return r.stats, err
}

// unpack looks whether a file is packed: a file's name may say anything.
func (r *Reader) unpack(in io.Reader) io.Reader {
	if r.packed == nil {
		r.packed = bufio.NewReaderSize(nil, 128<<10)
	}
	r.packed.Reset(in)
	head, _ := r.packed.Peek(2) // an error comes again with the first read
	if !bytes.Equal(head, []byte{0x1f, 0x8b}) {
		return r.packed
	}
	r.gzip.Reset(r.packed)
	return unpacker{&r.gzip}
}

// An unpacker says what could not be unpacked.
type unpacker struct{ z *gunzip.Reader }

func (u unpacker) Read(p []byte) (int, error) {
	n, err := u.z.Read(p)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = fmt.Errorf("unpacking: %w: the file is cut off, or still being written", err)
	case err != nil && !errors.Is(err, io.EOF):
		err = fmt.Errorf("unpacking: %w", err)
	}
	return n, err
}

// documents reads one document after the other.
func (r *Reader) documents() error {
	w := &r.w
	for len(w.data()) < 3 && w.more() {
	}
	if bytes.HasPrefix(w.data(), []byte("\ufeff")) {
		w.at += 3
	}
	switch r.o.Format {
	case CloudTrail:
		return r.trailFiles()
	case Quoted:
		return r.lineByLine(r.quotedLine)
	default:
		if column, ok := r.messageColumn(); ok {
			return r.table(column)
		}
		return r.lineByLine(r.document)
	}
}

// lineByLine reads documents that each begin on a line of its own, or right behind
// another one.
func (r *Reader) lineByLine(document func(c byte) error) error {
	for {
		c, blanks, ok := r.beginning()
		switch {
		case !ok:
			return r.w.failed()
		case c == '\n':
			r.step(blanks + 1)
			r.lines++
			continue
		case c == '{' || c == '[':
			r.step(blanks) // else they are part of a line of text
		}
		if err := document(c); err != nil {
			return err
		}
	}
}

// beginning returns the first byte that is not blank, or what ends the line, and how
// many blanks are before it; ok is false at the end of the file.
func (r *Reader) beginning() (c byte, blanks int, ok bool) {
	for {
		for ; blanks < len(r.w.data()); blanks++ {
			if c := r.w.data()[blanks]; c != ' ' && c != '\t' && c != '\r' {
				return c, blanks, true
			}
		}
		if !r.w.more() {
			return ' ', blanks, r.w.full()
		}
	}
}

// document reads the document that begins with c.
func (r *Reader) document(c byte) error {
	switch c {
	case '{':
		if l, ok := r.container(); ok {
			r.contained = true
			return r.object(l)
		}
		r.contained = false
		return r.jsonLine()
	case '[':
		if r.contained && r.beginsList() {
			return r.list(entries)
		}
	}
	r.contained = false
	return r.textLine()
}

// jsonLine reads a JSON object, on one line or several, or a line of text that only
// looks like one at first.
func (r *Reader) jsonLine() error {
	w := &r.w
	for {
		n := r.set.Next(w.data(), &r.message.Result)
		if n < 0 {
			if _, cut := syntax(w.data()); !cut {
				return r.textLine()
			}
		}
		alone, known := false, false
		if n >= 0 {
			alone, known = endsLine(w.data()[n:])
		}
		switch {
		case known && alone:
			return r.take(n, r.lines+1)
		case known:
			return r.textLine()
		case w.more():
		case n >= 0:
			return r.take(n, r.lines+1)
		case w.full():
			return r.oversize()
		default:
			return w.ended()
		}
	}
}

// endsLine reports whether an object in front of rest is the last of its line, or has
// another one behind it; known is false when rest does not say so.
func endsLine(rest []byte) (alone, known bool) {
	for _, c := range rest {
		switch c {
		case ' ', '\t', '\r':
		default:
			return c == '\n' || c == '{', true
		}
	}
	return false, false
}

// take shows the first n bytes at hand, which have been matched, and steps over
// them.
func (r *Reader) take(n, number int) error {
	text := r.w.data()[:n:n]
	r.w.at += n
	r.lines += bytes.Count(text, []byte{'\n'})
	return r.show(text, number)
}

// show shows a message that has been matched.
func (r *Reader) show(text []byte, number int) error {
	if len(text) > r.o.MaxRecord { // it fits into the window all the same
		r.stats.Oversize++
		return nil
	}
	r.stats.Messages++
	r.message.Text, r.message.Number = text, number
	return r.visit(&r.message)
}

// textLine reads a line of text.
func (r *Reader) textLine() error {
	line, long := r.w.line()
	if long {
		r.stats.Oversize++
		r.w.skipLine()
		return nil
	}
	if err := r.w.failed(); err != nil && bytes.IndexByte(r.w.data(), '\n') < 0 {
		return err // of a line whose end nobody saw
	}
	r.w.at += len(line)
	line = bytes.TrimSuffix(line, []byte{'\r'})
	r.set.Read(line, &r.message.Result)
	return r.show(line, r.lines+1)
}

// quotedLine reads a line that is a JSON string.
func (r *Reader) quotedLine(byte) error {
	line, long := r.w.line()
	if long {
		r.stats.Oversize++
		r.w.skipLine()
		return nil
	}
	if err := r.w.failed(); err != nil && bytes.IndexByte(r.w.data(), '\n') < 0 {
		return err
	}
	r.w.at += len(line)
	line = bytes.TrimSpace(line)
	if len(line) == 0 || line[0] != '"' || scan.EndOfValue(line) != len(line) {
		return fmt.Errorf("line %d is not a JSON string", r.lines+1)
	}
	return r.text(line, r.lines+1)
}

// text shows the text of a JSON string.
func (r *Reader) text(quoted []byte, number int) error {
	r.quoted = scan.AppendText(r.quoted[:0], quoted)
	r.set.Read(r.quoted, &r.message.Result)
	return r.show(r.quoted, number)
}

// oversize steps over a value that is larger than a record may be.
func (r *Reader) oversize() error {
	r.stats.Oversize++
	if !r.w.skipLong() {
		return r.w.ended()
	}
	return nil
}

// syntax returns where data, which begins with something else than one whole JSON
// value, stops being the beginning of one; cut is true when it only ends too early.
func syntax(data []byte) (offset int64, cut bool) {
	var value json.RawMessage
	err := json.NewDecoder(bytes.NewReader(data)).Decode(&value)
	var wrong *json.SyntaxError
	switch {
	case errors.As(err, &wrong):
		return max(wrong.Offset-1, 0), false
	case err == nil: // a number that goes on as no number does
		return int64(len(value)), false
	}
	return math.MaxInt64, true
}

// value finds the end of the JSON value that comes next. Its length is -1 when the
// value is larger than a record may be.
func (r *Reader) value() (int, error) {
	w := &r.w
	for {
		n := scan.EndOfValue(w.data())
		if n >= 0 && (n < len(w.data()) || w.over() || closes(w.data()[n-1])) {
			return n, nil
		}
		if n < 0 {
			if offset, cut := syntax(w.data()); !cut {
				return 0, r.invalid(offset)
			}
		}
		if !w.more() {
			switch {
			case w.full():
				return -1, nil
			case n >= 0:
				return n, nil
			}
			return 0, w.ended()
		}
	}
}

// closes reports whether a value that ends with c cannot go on.
func closes(c byte) bool { return c == '"' || c == '}' || c == ']' }

// invalid is the error for what is no JSON, that many bytes into what is at hand.
func (r *Reader) invalid(offset int64) error {
	return fmt.Errorf("at byte %d: it is not JSON", r.w.offset()+offset)
}

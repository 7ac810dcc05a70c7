package logs

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/monitorctl/monitorctl/internal/files"
)

// windowSize is how much of an unpacked file is looked at at once, in bytes, as
// long as no record is larger. It leaves room beside it in a core's cache.
const windowSize = 1 << 18

// A window is a part of a file that moves forward over it.
type window struct {
	in    io.Reader
	buf   []byte // what is at hand is buf[at:end]
	at    int
	end   int
	base  int64 // of the file, where buf begins
	limit int64 // of base + end
	max   int   // of len(buf)
	err   error // of in; io.EOF at the end of the file
}

// open moves the window to the beginning of a file.
func (w *window) open(in io.Reader, limit int64, maxRecord, size int) {
	if w.buf == nil {
		w.buf = make([]byte, size)
	}
	*w = window{in: in, buf: w.buf, limit: limit, max: max(maxRecord, size)}
}

// data is what is at hand.
func (w *window) data() []byte { return w.buf[w.at:w.end] }

// offset is where in the file data begins.
func (w *window) offset() int64 { return w.base + int64(w.at) }

// slow is what a source gives at once that someone writes to at this moment, in
// bytes: a terminal, or a pipe from a program that follows a log.
const slow = 8 << 10

// more adds to data what the file has next. It returns false at the end of the
// file, on an error, and when data is as long as a record may be. It adds so much
// that looking at a value again from its beginning costs little in all, but does
// not wait for more from a slow source.
func (w *window) more() bool {
	had := w.end - w.at
	want := had + max(had/2, windowSize/2)
	for w.err == nil && w.end-w.at < want && w.room() {
		n, err := w.in.Read(w.buf[w.end:])
		w.end += n
		w.err = err
		if w.base+int64(w.end) > w.limit {
			w.err = &files.LimitError{Limit: w.limit}
		}
		if 0 < n && n < slow && had < windowSize/4 {
			break
		}
	}
	return w.end-w.at > had
}

// room makes room behind data, and reports whether there is any.
func (w *window) room() bool {
	if w.at > 0 && w.end == len(w.buf) || w.at == w.end {
		copy(w.buf, w.buf[w.at:w.end])
		w.base += int64(w.at)
		w.at, w.end = 0, w.end-w.at
	}
	if w.end == len(w.buf) && len(w.buf) < w.max {
		w.buf = append(w.buf, make([]byte, min(len(w.buf), w.max-len(w.buf)))...)
	}
	return w.end < len(w.buf)
}

// full reports whether data is as long as a record may be, so that more cannot help.
func (w *window) full() bool { return w.err == nil && w.end-w.at == len(w.buf) && len(w.buf) >= w.max }

// over reports whether nothing can be added to data any more, for good.
func (w *window) over() bool { return w.err != nil }

// blanks steps over white space and returns the byte behind it; ok is false at the
// end of the file.
func (w *window) blanks() (c byte, ok bool) {
	for {
		for w.at < w.end {
			switch c := w.buf[w.at]; c {
			case ' ', '\t', '\r', '\n':
				w.at++
			default:
				return c, true
			}
		}
		if !w.more() {
			return 0, false
		}
	}
}

// ended is the error for a document that ends too early.
func (w *window) ended() error {
	if w.err != nil && !errors.Is(w.err, io.EOF) {
		return w.failed()
	}
	return fmt.Errorf("at byte %d: %w: the file is cut off, or still being written", w.base+int64(w.end), io.ErrUnexpectedEOF)
}

// failed is what keeps the rest of the file from being read, nil at its end.
func (w *window) failed() error {
	if w.err == nil || errors.Is(w.err, io.EOF) {
		return nil
	}
	return w.err
}

// line returns the line that comes next without what ends it, nothing at the end of the
// file. A line longer than a record may be is cut off there, and long is true.
func (w *window) line() (line []byte, long bool) {
	seen := 0
	for {
		data := w.data()
		if i := bytes.IndexByte(data[seen:], '\n'); i >= 0 {
			return data[:seen+i], false
		}
		seen = len(data)
		if !w.more() {
			return w.data(), w.full()
		}
	}
}

// skipLine steps over the rest of a line, but not over what ends it.
func (w *window) skipLine() {
	for {
		if i := bytes.IndexByte(w.data(), '\n'); i >= 0 {
			w.at += i
			return
		}
		w.at = w.end
		if !w.more() {
			return
		}
	}
}

// skipLong steps over a value that is larger than a record may be, by its quotes and
// brackets alone. It reports whether it found its end.
func (w *window) skipLong() bool {
	depth, quoted, escaped := 0, false, false
	for {
		for i, c := range w.data() {
			switch {
			case escaped:
				escaped = false
			case quoted:
				escaped, quoted = c == '\\', c != '"'
			case c == '"':
				quoted = true
			case c == '{' || c == '[':
				depth++
			case c == '}' || c == ']':
				depth--
			default:
				continue
			}
			if depth == 0 && !quoted {
				w.at += i + 1
				return true
			}
		}
		w.at = w.end
		if !w.more() {
			return false
		}
	}
}

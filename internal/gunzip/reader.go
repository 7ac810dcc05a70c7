package gunzip

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// Errors of files that are not what they seem.
var (
	ErrHeader   = errors.New("gzip: invalid header")
	ErrChecksum = errors.New("gzip: invalid checksum")
	errCorrupt  = errors.New("gzip: corrupt data")
)

const (
	history = 32 << 10 // how far back a match may reach, in bytes
	room    = 96 << 10 // how much is unpacked at once behind it
	input   = 64 << 10 // how much is read at once

	maxMatch = 258
	slack    = maxMatch + 64 // what the fast loop may write beyond a match, and needs before it begins one
)

// A Reader unpacks a file of one or more members. It may be used for one file after the
// other. It is for one goroutine.
type Reader struct {
	src    io.Reader
	srcErr error
	in     []byte // what was read is in[pos:end]
	pos    int
	end    int

	bits uint64 // the next n bits, the first lowest; what is above is no more than what in has next
	n    uint

	buf    []byte // the history, and behind it what is new
	out    int    // buf[out:w] was not handed out yet
	w      int
	origin int // where in buf the member begins; negative when it has left it

	step   func(*Reader) error // what comes next in the file
	stored int                 // bytes left of a block that is not packed
	final  bool                // it is the last block of its member
	sum    uint32
	size   uint32
	err    error

	lit, dist table
}

// Reset makes r unpack another file. The header is read with the first Read.
func (r *Reader) Reset(src io.Reader) {
	if r.in == nil {
		r.in, r.buf = make([]byte, input), make([]byte, history+room+slack)
	}
	*r = Reader{src: src, in: r.in, buf: r.buf, lit: r.lit, dist: r.dist, step: (*Reader).header}
}

// Read implements io.Reader. The error is io.EOF behind the last member, and
// io.ErrUnexpectedEOF where the file is cut off.
func (r *Reader) Read(p []byte) (int, error) {
	for r.out == r.w {
		if r.err != nil {
			return 0, r.err
		}
		if len(p) == 0 {
			return 0, nil
		}
		r.unpack()
	}
	n := copy(p, r.buf[r.out:r.w])
	r.out += n
	return n, nil
}

// unpack fills what is behind the history, until that is full, a member ends, or
// something is wrong.
func (r *Reader) unpack() {
	if r.w > history+room/2 {
		copy(r.buf, r.buf[r.w-history:r.w])
		r.origin -= r.w - history
		r.w = history
	}
	r.out = r.w
	for r.err == nil && r.w < history+room {
		if r.err = r.step(r); r.w > r.out && r.pos == r.end {
			break // a slow source: what is there is handed out first
		}
	}
}

// account adds what was unpacked from a place on to the checksum.
func (r *Reader) account(from int) {
	r.sum = crc32.Update(r.sum, crc32.IEEETable, r.buf[from:r.w])
	r.size += uint32(r.w - from)
}

// fill reads more, and reports whether there is anything. It is called only when all
// that was read is used up.
func (r *Reader) fill() bool {
	r.pos, r.end = 0, 0
	for range 100 {
		if r.srcErr != nil {
			return false
		}
		r.end, r.srcErr = r.src.Read(r.in)
		if r.end > 0 {
			return true
		}
	}
	r.srcErr = io.ErrNoProgress
	return false
}

// cut is the error for a file that ends where it must not.
func (r *Reader) cut() error {
	if r.srcErr == nil || errors.Is(r.srcErr, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return r.srcErr
}

// need makes sure that there are k bits, at most 32.
func (r *Reader) need(k uint) bool {
	if r.n < k && r.end-r.pos >= 8 {
		r.bits |= binary.LittleEndian.Uint64(r.in[r.pos:]) << r.n
		r.pos += int(63-r.n) >> 3
		r.n |= 56
	}
	for r.n < k {
		if r.pos == r.end && !r.fill() {
			return false
		}
		r.bits |= uint64(r.in[r.pos]) << r.n
		r.pos++
		r.n += 8
	}
	return true
}

// take returns the next k bits, which are there.
func (r *Reader) take(k uint) uint32 {
	v := uint32(r.bits & (1<<k - 1))
	r.drop(k)
	return v
}

func (r *Reader) drop(k uint) {
	r.bits >>= k
	r.n -= k
	if r.n == 0 {
		r.bits = 0
	}
}

// number reads a number of k bytes, the lowest first.
func (r *Reader) number(k uint) (uint32, error) {
	if !r.need(8 * k) {
		return 0, r.cut()
	}
	return r.take(8 * k), nil
}

// The flags of a header.
const (
	flagCRC     = 1 << 1
	flagExtra   = 1 << 2
	flagName    = 1 << 3
	flagComment = 1 << 4
)

// header reads the header of a member, or finds the end of the file.
func (r *Reader) header() error {
	if !r.need(8) {
		if err := r.cut(); !errors.Is(err, io.ErrUnexpectedEOF) {
			return err
		}
		return io.EOF
	}
	h := headerReader{r: r}
	magic, method, flags := h.number(2), h.number(1), h.number(1)
	h.number(4) // time
	h.number(2) // how it was packed, and where
	if h.err == nil && (magic != 0x8b1f || method != 8) {
		return ErrHeader
	}
	if flags&flagExtra != 0 {
		for n := h.number(2); n > 0 && h.err == nil; n-- {
			h.number(1)
		}
	}
	for _, flag := range []uint32{flagName, flagComment} {
		if flags&flag == 0 {
			continue
		}
		for n := 0; h.number(1) != 0 && h.err == nil; n++ {
			if n == 511 { // as compress/gzip bounds it
				return ErrHeader
			}
		}
	}
	if flags&flagCRC != 0 {
		want := h.sum & 0xffff
		if h.number(2) != want && h.err == nil {
			return ErrHeader
		}
	}
	if h.err != nil {
		return h.err
	}
	r.sum, r.size, r.origin, r.step = 0, 0, r.w, (*Reader).block
	return nil
}

// A headerReader reads a header with its checksum.
type headerReader struct {
	r   *Reader
	sum uint32
	err error
}

func (h *headerReader) number(k uint) uint32 {
	if h.err != nil {
		return 0
	}
	v, err := h.r.number(k)
	if h.err = err; err != nil {
		return 0
	}
	var bytes [4]byte
	for i := range k {
		bytes[i] = byte(v >> (8 * i))
	}
	h.sum = crc32.Update(h.sum, crc32.IEEETable, bytes[:k])
	return v
}

// block reads the header of a block.
func (r *Reader) block() error {
	if r.final {
		r.final, r.step = false, (*Reader).trailer
		return nil
	}
	if !r.need(3) {
		return r.cut()
	}
	r.final = r.take(1) == 1
	switch r.take(2) {
	case 0:
		r.drop(r.n % 8)
		size, err := r.number(2)
		if err != nil {
			return err
		}
		other, err := r.number(2)
		if err != nil {
			return err
		}
		if size != ^other&0xffff {
			return errCorrupt
		}
		r.stored, r.step = int(size), (*Reader).copyStored
		return nil
	case 1:
		r.fixedTables()
	case 2:
		if err := r.readTables(); err != nil {
			return err
		}
	default:
		return errCorrupt
	}
	r.step = (*Reader).packed
	return nil
}

// copyStored copies what is not packed.
func (r *Reader) copyStored() error {
	from := r.w
	defer func() { r.account(from) }()
	for r.stored > 0 && r.w < history+room {
		if r.n > 0 { // what was read ahead
			r.buf[r.w] = byte(r.take(8))
			r.w++
			r.stored--
			continue
		}
		if r.pos == r.end && !r.fill() {
			return r.cut()
		}
		n := copy(r.buf[r.w:min(r.w+r.stored, history+room)], r.in[r.pos:r.end])
		r.w, r.pos, r.stored = r.w+n, r.pos+n, r.stored-n
	}
	if r.stored == 0 {
		r.step = (*Reader).block
	}
	return nil
}

// trailer compares checksum and length at the end of a member.
func (r *Reader) trailer() error {
	r.drop(r.n % 8)
	sum, err := r.number(4)
	if err != nil {
		return err
	}
	size, err := r.number(4)
	if err != nil {
		return err
	}
	if sum != r.sum || size != r.size {
		return ErrChecksum
	}
	r.step = (*Reader).header
	return nil
}

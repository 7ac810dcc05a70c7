package gunzip

import "encoding/binary"

// symbol reads a code bit by bit as far as that is needed: where the file may end.
func (r *Reader) symbol(t *table) (entry, error) {
	for {
		// With zeros in place of the bits that are not there yet, an entry is right if
		// the code is no longer than those that are.
		known := r.bits & (1<<r.n - 1)
		e := t.entries[known&(1<<t.width-1)]
		length := e.length()
		if e&isTable != 0 {
			e = t.entries[e.value()+int(known>>t.width&(1<<e.extra()-1))]
			length = t.width + e.length()
		}
		if e != 0 && length <= r.n {
			r.drop(length)
			return e, nil
		}
		if r.n >= maxCode {
			return 0, errCorrupt
		}
		if !r.need(r.n + 1) {
			return 0, r.cut()
		}
	}
}

// packed unpacks a part of a block, or all of it.
func (r *Reader) packed() error {
	from := r.w
	defer func() { r.account(from) }()
	for r.w < history+room {
		if r.end-r.pos >= 16 {
			if done, err := r.fast(); done || err != nil {
				return err
			}
			continue
		}
		if done, err := r.slow(); done || err != nil {
			return err
		}
		if r.pos == r.end && r.w > from {
			return nil // before more is waited for
		}
	}
	return nil
}

// slow unpacks one symbol, with a look at the end of the file for each bit. Done says
// that the block ended.
func (r *Reader) slow() (done bool, err error) {
	e, err := r.symbol(&r.lit)
	switch {
	case err != nil:
		return false, err
	case e&isLiteral != 0:
		r.buf[r.w] = byte(e.value())
		r.w++
		return false, nil
	case e&isEnd != 0:
		r.step = (*Reader).block
		return true, nil
	}
	length, err := r.base(e)
	if err != nil {
		return false, err
	}
	if e, err = r.symbol(&r.dist); err != nil {
		return false, err
	}
	distance, err := r.base(e)
	if err != nil {
		return false, err
	}
	if distance > r.w-r.origin {
		return false, errCorrupt
	}
	for range length {
		r.buf[r.w] = r.buf[r.w-distance]
		r.w++
	}
	return false, nil
}

// base reads the extra bits of a length or distance. Some symbols stand for neither.
func (r *Reader) base(e entry) (int, error) {
	if e&isMatch == 0 {
		return 0, errCorrupt
	}
	if !r.need(e.extra()) {
		return 0, r.cut()
	}
	return e.value() + int(r.take(e.extra())), nil
}

// fast unpacks as long as there is enough input and room for any symbol: 15 bits of a
// length's code with 5 more, 15 of a distance's with 13 more, are 48.
func (r *Reader) fast() (done bool, err error) {
	in, pos, last := r.in[:r.end], r.pos, r.end-8
	buf, w := r.buf, r.w
	hold, n := r.bits, r.n
	lit, dist := r.lit.entries, r.dist.entries
	const litMask, distMask = 1<<litBits - 1, 1<<distBits - 1
	if len(lit) <= litMask || len(dist) <= distMask {
		return false, errCorrupt // cannot be: tables are at least as large
	}
	for pos <= last && w < history+room {
		// At least 56 bits; those above n are what comes next, so that setting them
		// once more changes nothing.
		hold |= binary.LittleEndian.Uint64(in[pos:]) << n
		pos += int(63-n) >> 3
		n |= 56

		e := lit[hold&litMask]
		if e&isLiteral != 0 {
			// As many more as the bits suffice for: three of the table's width, and then any symbol's code.
			hold >>= e & 15
			n -= uint(e & 15)
			buf[w] = byte(e >> 12)
			w++
			if e = lit[hold&litMask]; e&isLiteral != 0 {
				hold >>= e & 15
				n -= uint(e & 15)
				buf[w] = byte(e >> 12)
				w++
				continue
			}
			if n < 48 {
				if pos > last {
					break
				}
				hold |= binary.LittleEndian.Uint64(in[pos:]) << n
				pos += int(63-n) >> 3
				n |= 56
			}
		}
		if e&isTable != 0 {
			hold >>= litBits
			n -= litBits
			e = lit[e.value()+int(hold&(1<<e.extra()-1))]
		}
		hold >>= e & 15
		n -= uint(e & 15)
		if e&isMatch == 0 {
			if e&isLiteral != 0 {
				buf[w] = byte(e >> 12)
				w++
				continue
			}
			r.pos, r.w, r.bits, r.n = pos, w, hold, n
			if e&isEnd != 0 {
				r.step = (*Reader).block
				return true, nil
			}
			return false, errCorrupt
		}
		length := int(e>>12) + int(hold&(1<<(e>>4&15)-1))
		hold >>= e >> 4 & 15
		n -= uint(e >> 4 & 15)

		e = dist[hold&distMask]
		if e&isTable != 0 {
			hold >>= distBits
			n -= distBits
			e = dist[e.value()+int(hold&(1<<e.extra()-1))]
		}
		hold >>= e & 15
		n -= uint(e & 15)
		distance := int(e>>12) + int(hold&(1<<(e>>4&15)-1))
		hold >>= e >> 4 & 15
		n -= uint(e >> 4 & 15)
		if e&isMatch == 0 || distance > w-r.origin {
			r.pos, r.w, r.bits, r.n = pos, w, hold, n
			return false, errCorrupt
		}
		w = match(buf, w, distance, length)
	}
	r.pos, r.w, r.bits, r.n = pos, w, hold, n
	return false, nil
}

// match copies a match and returns the place behind it. What it writes behind that is
// overwritten by what comes next.
func match(buf []byte, w, distance, length int) int {
	end, from := w+length, w-distance
	switch {
	case distance >= 32:
		for {
			// Two halves: each is a load and a store, where all of it would be a call.
			*(*[16]byte)(buf[w:]) = *(*[16]byte)(buf[from:])
			*(*[16]byte)(buf[w+16:]) = *(*[16]byte)(buf[from+16:])
			if w, from = w+32, from+32; w >= end {
				return end
			}
		}
	case distance >= 8:
		for ; w < end; w, from = w+8, from+8 {
			*(*[8]byte)(buf[w:]) = *(*[8]byte)(buf[from:])
		}
	default:
		for ; w < end; w, from = w+1, from+1 {
			buf[w] = buf[from]
		}
	}
	return end
}

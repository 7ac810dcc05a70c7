package gunzip

import "math/bits"

// The widths of the tables that most codes are found in at once.
const (
	litBits  = 10
	distBits = 8
	maxCode  = 15 // bits of the longest code
)

// An entry of a table says what a code stands for:
//
//	bits 0 to 3    how many bits the code has, or what of it a table behind it looks at
//	bits 4 to 7    how many extra bits follow it, or the width of the table behind it
//	bits 8 to 11   what it is: one of the kinds below
//	bits 12 to 31  a byte, the base of a length or distance, or where the table behind begins
type entry uint32

const (
	isLiteral entry = 1 << 8
	isMatch   entry = 1 << 9
	isEnd     entry = 1 << 10
	isTable   entry = 1 << 11 // its entries are for codes longer than the table is wide
	// An entry without a kind is for no code.
)

func (e entry) length() uint { return uint(e & 15) }
func (e entry) extra() uint  { return uint(e >> 4 & 15) }
func (e entry) value() int   { return int(e >> 12) }

// A table finds codes: its first entries by the next bits of the width, those behind by
// the bits after these.
type table struct {
	entries []entry
	width   uint
}

// build fills a table for codes of the given lengths, where 0 means none; meaning gives the
// entry of a symbol without its length. It returns false when the lengths make no code:
// one that is complete, or that has a single code of one bit, or none at all.
func (t *table) build(lengths []uint8, width uint, meaning []entry) bool {
	var count, next [maxCode + 1]int
	longest := 0
	for _, l := range lengths {
		count[l]++
		longest = max(longest, int(l))
	}
	count[0] = 0
	t.width = width
	if cap(t.entries) < 1<<width {
		t.entries = make([]entry, 1<<width, 4<<width)
	}
	t.entries = t.entries[:1<<width]
	clear(t.entries)
	if longest == 0 {
		return true
	}
	code := 0
	for l := 1; l <= longest; l++ {
		code <<= 1
		next[l] = code
		code += count[l]
	}
	if code != 1<<longest && (code != 1 || longest != 1) {
		return false
	}
	for symbol, l := range lengths {
		if l == 0 {
			continue
		}
		reversed := bits.Reverse16(uint16(next[l])) >> (16 - l)
		next[l]++
		if uint(l) <= width {
			t.fill(0, width, uint(reversed), uint(l), meaning[symbol]|entry(l))
			continue
		}
		t.long(uint(reversed), uint(l), longest, meaning[symbol])
	}
	return true
}

// fill sets the entries of one table for a code, whatever follows it.
func (t *table) fill(first int, width, code, length uint, e entry) {
	for i := code; i < 1<<width; i += 1 << length {
		t.entries[first+int(i)] = e
	}
}

// long sets the entries of a code that is longer than the table is wide, in a table
// behind it that is as wide as the longest code needs.
func (t *table) long(code, length uint, longest int, e entry) {
	head := &t.entries[code&(1<<t.width-1)]
	if *head&isTable == 0 {
		rest := uint(longest) - t.width
		*head = isTable | entry(len(t.entries))<<12 | entry(rest)<<4 | entry(t.width)
		for range 1 << rest {
			t.entries = append(t.entries, 0)
		}
		head = &t.entries[code&(1<<t.width-1)]
	}
	t.fill(head.value(), head.extra(), code>>t.width, length-t.width, e|entry(length-t.width))
}

// litMeaning and distMeaning are what symbols stand for (RFC 1951, 3.2.5).
var (
	litMeaning  = litMeanings()
	distMeaning = distMeanings()
	codeMeaning = plainMeanings(19)
)

func plainMeanings(n int) []entry {
	list := make([]entry, n)
	for i := range list {
		list[i] = isLiteral | entry(i)<<12
	}
	return list
}

func litMeanings() []entry {
	list := append(plainMeanings(256), isEnd)
	base := 3
	for i := range 28 {
		extra := max(i/4-1, 0)
		list = append(list, isMatch|entry(base)<<12|entry(extra)<<4)
		base += 1 << extra
	}
	return append(list, isMatch|maxMatch<<12, 0, 0) // the last two stand for nothing
}

func distMeanings() []entry {
	var list []entry
	base := 1
	for i := range 30 {
		extra := max(i/2-1, 0)
		list = append(list, isMatch|entry(base)<<12|entry(extra)<<4)
		base += 1 << extra
	}
	return append(list, 0, 0)
}

// fixedTables sets the tables of blocks that bring none (RFC 1951, 3.2.6).
func (r *Reader) fixedTables() {
	var lengths [288]uint8
	for i := range lengths {
		switch {
		case i < 144:
			lengths[i] = 8
		case i < 256:
			lengths[i] = 9
		case i < 280:
			lengths[i] = 7
		default:
			lengths[i] = 8
		}
	}
	r.lit.build(lengths[:], litBits, litMeaning)
	var distances [32]uint8
	for i := range distances {
		distances[i] = 5
	}
	r.dist.build(distances[:], distBits, distMeaning)
}

// codeOrder is the order of the lengths of the code of lengths.
var codeOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// readTables reads the tables of a block (RFC 1951, 3.2.7).
func (r *Reader) readTables() error {
	if !r.need(14) {
		return r.cut()
	}
	literals, distances, codes := int(r.take(5))+257, int(r.take(5))+1, int(r.take(4))+4
	if literals > 286 || distances > 30 {
		return errCorrupt
	}
	var order [19]uint8
	for i := range codes {
		if !r.need(3) {
			return r.cut()
		}
		order[codeOrder[i]] = uint8(r.take(3))
	}
	if !r.dist.build(order[:], 7, codeMeaning) { // it is free until the distances are known
		return errCorrupt
	}
	var lengths [286 + 30]uint8
	for i := 0; i < literals+distances; {
		e, err := r.symbol(&r.dist)
		if err != nil {
			return err
		}
		length, times := uint8(e.value()), 1
		if length >= 16 {
			var k uint
			var least int
			previous := uint8(0)
			switch length {
			case 16:
				if i == 0 {
					return errCorrupt
				}
				k, least, previous = 2, 3, lengths[i-1] //nolint:gosec // i is not 0
			case 17:
				k, least = 3, 3
			default:
				k, least = 7, 11
			}
			if !r.need(k) {
				return r.cut()
			}
			length, times = previous, least+int(r.take(k))
		}
		if i+times > literals+distances {
			return errCorrupt
		}
		for range times {
			lengths[i] = length
			i++
		}
	}
	if !r.lit.build(lengths[:literals], litBits, litMeaning) || !r.dist.build(lengths[literals:literals+distances], distBits, distMeaning) {
		return errCorrupt
	}
	return nil
}

package collect

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// cborDocument reads a whole document in CBOR (RFC 8949), which must be a map of
// text to anything; an empty one has no members. Nothing of it is kept but the
// names at its top.
func cborDocument(body []byte) (document, error) {
	doc := document{}
	if len(body) == 0 {
		return doc, nil
	}
	r := &cborReader{left: body}
	h, err := r.head()
	switch {
	case err != nil:
		return nil, err
	case h.major != cborMap:
		return nil, errors.New("it is not a CBOR map")
	}
	if err := r.pairs(h, doc, 0); err != nil {
		return nil, err
	}
	if len(r.left) > 0 {
		return nil, errBehind
	}
	return doc, nil
}

// The major types of RFC 8949, section 3.1.
const (
	cborBytes  = 2
	cborText   = 3
	cborArray  = 4
	cborMap    = 5
	cborTag    = 6
	cborSimple = 7
)

const (
	cborNull  = 22
	cborUndef = 23
)

// A cborHead is the beginning of a data item.
type cborHead struct {
	major   byte
	info    byte   // additional information
	arg     uint64 // argument
	endless bool   // its end is marked by a break
}

func (h cborHead) isBreak() bool { return h.major == cborSimple && h.endless }
func (h cborHead) isNull() bool {
	return h.major == cborSimple && (h.info == cborNull || h.info == cborUndef)
}

type cborReader struct{ left []byte }

func (r *cborReader) take(n uint64) ([]byte, error) {
	if n > uint64(len(r.left)) {
		return nil, io.ErrUnexpectedEOF
	}
	b := r.left[:n]
	r.left = r.left[n:]
	return b, nil
}

func (r *cborReader) head() (cborHead, error) {
	b, err := r.take(1)
	if err != nil {
		return cborHead{}, err
	}
	h := cborHead{major: b[0] >> 5, info: b[0] & 31}
	switch {
	case h.info < 24:
		h.arg = uint64(h.info)
		return h, nil
	case h.info == 31:
		h.endless = true
		if h.major < cborBytes || h.major == cborTag {
			return h, fmt.Errorf("it is not CBOR: type %d without end", h.major)
		}
		return h, nil
	case h.info > 27:
		return h, errors.New("it is not CBOR: a reserved length")
	}
	var wide [8]byte
	size := 1 << (h.info - 24)
	if b, err = r.take(uint64(size)); err != nil {
		return h, err
	}
	copy(wide[8-size:], b)
	h.arg = binary.BigEndian.Uint64(wide[:])
	return h, nil
}

// pairs reads the content of a map and notes the keys that have a value in doc,
// which may be nil.
func (r *cborReader) pairs(h cborHead, doc document, depth int) error {
	seen := map[string]bool{}
	return r.items(h, func(key cborHead) error {
		if key.major != cborText {
			return errors.New("it has a key that is not text")
		}
		name, err := r.text(key)
		if err != nil {
			return err
		}
		if seen[name] {
			return errTwice(name)
		}
		seen[name] = true
		value, err := r.head()
		if err != nil {
			return err
		}
		if doc != nil && !value.isNull() {
			doc[name] = true
		}
		return r.rest(value, depth+1)
	})
}

// items calls f with the head of each item of an array, map or text in parts.
func (r *cborReader) items(h cborHead, f func(cborHead) error) error {
	n := h.arg
	if h.endless {
		n = math.MaxUint64
	}
	for ; n > 0; n-- {
		item, err := r.head()
		if err != nil {
			return err
		}
		if item.isBreak() {
			if h.endless {
				return nil
			}
			return errors.New("it is not CBOR: an end where nothing began")
		}
		if err := f(item); err != nil {
			return err
		}
	}
	return nil
}

func (r *cborReader) text(h cborHead) (string, error) {
	if !h.endless {
		b, err := r.take(h.arg)
		return string(b), err
	}
	var text []byte
	err := r.items(h, func(part cborHead) error {
		if part.major != h.major || part.endless {
			return errors.New("it is not CBOR: a text of other parts")
		}
		b, err := r.take(part.arg)
		text = append(text, b...)
		return err
	})
	return string(text), err
}

// rest reads what comes behind a head.
func (r *cborReader) rest(h cborHead, depth int) error {
	if depth > maxNesting {
		return errNesting
	}
	switch h.major {
	case cborBytes, cborText:
		_, err := r.text(h)
		return err
	case cborMap:
		return r.pairs(h, nil, depth)
	case cborArray:
		return r.items(h, func(item cborHead) error { return r.rest(item, depth+1) })
	case cborTag:
		tagged, err := r.head()
		if err != nil {
			return err
		}
		return r.rest(tagged, depth+1)
	}
	if h.isBreak() {
		return errors.New("it is not CBOR: an end where nothing began")
	}
	return nil
}

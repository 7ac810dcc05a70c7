package drill

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// codeLetters are those of codes: none that is taken for another one.
const codeLetters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

// newCode returns a code for a message, such as K7M-42Q, of about 30 random bits.
func newCode() string {
	raw := make([]byte, 6)
	rand.Read(raw) // never fails
	for i := range raw {
		raw[i] = codeLetters[int(raw[i])%len(codeLetters)]
	}
	return string(raw[:3]) + "-" + string(raw[3:])
}

// NewID returns the id of a drill: 16 random hexadecimal digits.
func NewID() string {
	raw := make([]byte, 8)
	rand.Read(raw) // never fails
	return hex.EncodeToString(raw)
}

// hashCode returns what a receipt holds of a code: its SHA-256 with the id of the drill,
// hexadecimal. Spaces, hyphens and case make no difference.
func hashCode(id, code string) string {
	plain := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, strings.ToUpper(code))
	sum := sha256.Sum256([]byte(id + "\x00" + plain))
	return hex.EncodeToString(sum[:])
}

package eventpattern

import (
	"net/netip"
	"strconv"
	"strings"
)

// A span is a range of IP addresses, or one address, as the engine compares
// them: by the hexadecimal digits from the left, whatever the family. A longer
// text matches as soon as its digits have left both ends of the span, or have
// followed one of them to its last digit.
type span struct{ low, high string }

// has reports whether the digits of text, or those it begins with, lie in s.
func (s span) has(text string) bool {
	onLow, onHigh := true, true
	for i := range len(s.low) {
		if i >= len(text) || !isUpperHex(text[i]) {
			return false
		}
		c := text[i]
		if onLow && c < s.low[i] || onHigh && c > s.high[i] {
			return false
		}
		onLow = onLow && c == s.low[i]
		onHigh = onHigh && c == s.high[i]
		if !onLow && !onHigh {
			return true
		}
	}
	return true
}

func isUpperHex(c byte) bool { return c >= '0' && c <= '9' || c >= 'A' && c <= 'F' }

// addressDigits returns the digits of an address literal, 8 or 32 of them. An
// IPv4 address mapped into IPv6 counts as IPv4, as in Java.
func addressDigits(text string) (string, bool) {
	addr, ok := parseAddress(text)
	if !ok {
		return "", false
	}
	return hexDigits(addr.AsSlice()), true
}

// parseAddress reads four decimal numbers, zeros in front allowed, or groups of
// hexadecimal digits with colons; nothing mixed and no zone.
func parseAddress(text string) (netip.Addr, bool) {
	if text == "" || len(text) > 64 || strings.Trim(text, "0123456789abcdefABCDEF.:") != "" {
		return netip.Addr{}, false
	}
	if strings.Contains(text, ":") {
		if strings.Contains(text, ".") {
			return netip.Addr{}, false
		}
		addr, err := netip.ParseAddr(withoutZeros(text, ":"))
		return addr.Unmap(), err == nil
	}
	if len(text) > len("255.255.255.255") {
		return netip.Addr{}, false
	}
	addr, err := netip.ParseAddr(withoutZeros(text, "."))
	return addr, err == nil
}

// withoutZeros drops the zeros in front of each group.
func withoutZeros(text, separator string) string {
	groups := strings.Split(text, separator)
	for i, g := range groups {
		groups[i] = strings.TrimLeft(g, "0")
		if g != "" && groups[i] == "" {
			groups[i] = "0"
		}
	}
	return strings.Join(groups, separator)
}

// cidrSpan reads "address/bits". The message is empty when it is well formed.
func cidrSpan(text string) (s span, problem string) {
	address, mask, found := strings.Cut(text, "/")
	if !found || strings.Contains(mask, "/") {
		return span{}, "expected an address, one slash and a number of bits"
	}
	bits, err := strconv.ParseInt(mask, 10, 32)
	if err != nil || bits < 0 {
		return span{}, "expected a number of bits behind the slash"
	}
	addr, ok := parseAddress(address)
	if !ok {
		return span{}, "expected an IPv4 or IPv6 address in front of the slash"
	}
	if int(bits) >= addr.BitLen() {
		return span{}, "the number of bits must be less than " + strconv.Itoa(addr.BitLen()) + "; write a single address as a plain string"
	}
	low, high := addr.AsSlice(), addr.AsSlice()
	for i := int(bits); i < addr.BitLen(); i++ {
		bit := byte(0x80) >> (i % 8)
		low[i/8] &^= bit
		high[i/8] |= bit
	}
	return span{hexDigits(low), hexDigits(high)}, ""
}

func hexDigits(octets []byte) string {
	const digits = "0123456789ABCDEF"
	b := make([]byte, 0, 2*len(octets))
	for _, o := range octets {
		b = append(b, digits[o>>4], digits[o&15])
	}
	return string(b)
}

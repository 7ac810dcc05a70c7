package awstest

import (
	"encoding/base64"
	"strings"
)

// newToken makes an opaque token that says where the next page of an operation
// begins; "" where there is none.
func newToken(op, after string) string {
	if after == "" {
		return ""
	}
	return base64.URLEncoding.EncodeToString([]byte(op + "\x00" + after))
}

// readToken is the reverse of newToken; false for tokens that were not made for
// the operation.
func readToken(op, token string) (after string, ok bool) {
	if token == "" {
		return "", true
	}
	data, err := base64.URLEncoding.DecodeString(token)
	if err != nil {
		return "", false
	}
	return strings.CutPrefix(string(data), op+"\x00")
}

package account

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"unicode/utf8"
)

// HashEndpoint returns the salted hash under which a Snapshot keeps a
// subscriber's endpoint: it can be compared with a given endpoint, but not read
// back. E-mail addresses compare without case, as SNS does for the domain and
// mail systems in practice do for the rest.
func HashEndpoint(salt, protocol, endpoint string) string {
	if strings.HasPrefix(protocol, "email") {
		endpoint = strings.ToLower(endpoint)
	}
	mac := hmac.New(sha256.New, []byte(salt))
	mac.Write([]byte(protocol + "\x00" + endpoint))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// MaskEndpoint returns an endpoint with just enough left to be recognised by
// its owner. ARNs are names, not secrets, and stay whole.
func MaskEndpoint(protocol, endpoint string) string {
	switch {
	case strings.HasPrefix(endpoint, "arn:"):
		return endpoint
	case strings.HasPrefix(protocol, "email"):
		user, domain, ok := strings.Cut(endpoint, "@")
		if !ok {
			return mask(endpoint, 1, 0)
		}
		return mask(user, 1, 0) + "@" + domain
	case protocol == "http" || protocol == "https":
		u, err := url.Parse(endpoint)
		if err != nil || u.Host == "" {
			return protocol + "://***"
		}
		return protocol + "://" + u.Hostname() + kindOfPath(u) + "/***"
	default:
		return mask(endpoint, 3, 2)
	}
}

// pagerDuty is the host of PagerDuty's events.
const pagerDuty = "events.pagerduty.com"

// kindOfPath is the first step of a path where it says what the receiver takes and
// is no secret: PagerDuty's integrations read alarms only ("/integration"), its
// event rules anything ("/x-ere").
func kindOfPath(u *url.URL) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	if u.Hostname() == pagerDuty && (first == "integration" || first == "x-ere") {
		return "/" + first
	}
	return ""
}

// mask keeps the first and last characters of text; all of it goes where that
// would leave less than three hidden ones.
func mask(text string, first, last int) string {
	if utf8.RuneCountInString(text) < first+last+3 {
		if first == 1 && text != "" {
			r, _ := utf8.DecodeRuneInString(text)
			return string(r) + "***"
		}
		return "***"
	}
	r := []rune(text)
	return string(r[:first]) + "***" + string(r[len(r)-last:])
}

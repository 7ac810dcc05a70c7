package logs

import (
	"regexp"
	"strings"
	"time"
)

// A Key is what the name of an object in a trail's bucket tells:
//
//	[PREFIX/]AWSLogs/[o-ORG/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/ACCOUNT_CloudTrail_REGION_YYYYMMDDTHHmmZ_ID.json.gz
//
// ("Finding your CloudTrail log files"). Copies without the folders have the same
// file names.
type Key struct {
	// Trail is the name up to the folder of the account: equal for the objects of
	// one trail, different for those of two trails with one bucket. It is empty
	// for a copy without the folders.
	Trail string

	Account   string
	Kind      string // CloudTrail, CloudTrail-Digest, CloudTrail-Insight, ...
	Region    string
	Delivered time.Time // when CloudTrail delivered it, to the minute, UTC; not when its events happened
}

// The kinds of objects beside each other in a trail's bucket. There may be others.
const (
	Records  = "CloudTrail"
	Digest   = "CloudTrail-Digest"
	Insights = "CloudTrail-Insight"
)

var (
	fileName = regexp.MustCompile(`^([0-9]{12})_(CloudTrail(?:-[A-Za-z]+)*)_([a-z]{2}(?:-[a-z]+)+-[0-9]+)_(?:.*_)?([0-9]{8}T[0-9]{4}(?:[0-9]{2})?Z)(?:_[^_]*)?\.json(?:\.gz)?$`)
	orgID    = regexp.MustCompile(`^o-[a-z0-9]{10,32}$`)
	dayPath  = regexp.MustCompile(`^[0-9]{4}/[0-9]{2}/[0-9]{2}$`)
)

// ParseKey reads the name of an object, or the path of a local copy with slashes.
// It reads from the right: a prefix may look like anything. ok is false for a file
// that CloudTrail did not name.
func ParseKey(name string) (k Key, ok bool) {
	parts := strings.Split(name, "/")
	m := fileName.FindStringSubmatch(parts[len(parts)-1])
	if m == nil {
		return Key{}, false
	}
	layout := "20060102T1504Z"
	if len(m[4]) > len(layout) {
		layout = "20060102T150405Z"
	}
	delivered, err := time.Parse(layout, m[4])
	if err != nil {
		return Key{}, false
	}
	return Key{Trail: trailOf(parts[:len(parts)-1]), Account: m[1], Kind: m[2], Region: m[3], Delivered: delivered}, true
}

// trailOf returns what stands before the account in the folders of an object, ""
// unless they are the ones that CloudTrail makes.
func trailOf(folders []string) string {
	const behind = 6 // ACCOUNT, CloudTrail, REGION, YYYY, MM, DD
	n := len(folders) - behind
	if n < 1 || !dayPath.MatchString(strings.Join(folders[n+3:], "/")) {
		return ""
	}
	if folders[n-1] == "AWSLogs" || n > 1 && orgID.MatchString(folders[n-1]) && folders[n-2] == "AWSLogs" {
		return strings.Join(folders[:n], "/") + "/"
	}
	return ""
}

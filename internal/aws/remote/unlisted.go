package remote

import (
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/logs"
)

// Account and Region stand for what nobody has listed, in statements that are only printed.
const (
	Account = "ACCOUNT"
	Region  = "REGION"
)

// Unlisted is the layout of a place in a bucket that nobody has listed: what the place
// itself names, and Account and Region for the rest. Days without bounds are all there may
// be until the given time.
func Unlisted(place string, days logs.Days, now time.Time) Layout {
	folders := strings.Split(strings.TrimSuffix(place, "/"), "/")
	at := len(folders)
	for i, name := range folders {
		if name == "AWSLogs" {
			at = i + 1
		}
	}
	if at == len(folders) && folders[at-1] != "AWSLogs" {
		folders = append(folders, "AWSLogs")
		at++
	}
	if at < len(folders) && strings.HasPrefix(folders[at], "o-") {
		at++
	}
	l := Layout{Trail: strings.Join(folders[:at], "/") + "/", Accounts: []string{Account}, Regions: []string{Region}, From: days.From, To: days.To.AddDate(0, 0, -1)}
	below := folders[at:]
	if len(below) > 0 && accountID.MatchString(below[0]) {
		l.Accounts = below[:1]
	}
	if len(below) > 2 && regionName.MatchString(below[2]) {
		l.Regions = below[2:3]
	}
	if days.From.IsZero() {
		l.From, _ = time.Parse("2006/01/02", firstDay)
	}
	if days.To.IsZero() {
		l.To = now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	}
	return l
}

// Missing are the words that stand for what was not listed, none where all is known.
func (l *Layout) Missing() []string {
	return slices.DeleteFunc([]string{Account, Region}, func(word string) bool {
		return !slices.Contains(l.Accounts, word) && !slices.Contains(l.Regions, word)
	})
}

package replay

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// Locations are where the trails of a snapshot deliver their log files, as s3://BUCKET/PREFIX,
// sorted: of those that also deliver to a log group, or where there is none, of all. Of the
// bucket of a trail that is no organization's only the account's own folder is named.
func Locations(snap account.Snapshot) []string {
	var chained, all []string
	for i := range snap.Accounts {
		a := &snap.Accounts[i]
		for _, t := range a.Trails {
			if t.Bucket == "" {
				continue
			}
			place := "s3://" + t.Bucket + "/"
			if t.BucketPrefix != "" {
				place += t.BucketPrefix + "/"
			}
			place += "AWSLogs/"
			if !t.Organization {
				place += a.ID + "/"
			}
			all = append(all, place)
			if t.LogGroupARN != "" {
				chained = append(chained, place)
			}
		}
	}
	if len(chained) == 0 {
		chained = all
	}
	slices.Sort(chained)
	return slices.Compact(chained)
}

package account

import "slices"

// notOffered are the regions that have no endpoint of a service, by event source.
// Source: botocore 1.43.11, endpoints.json: in the partitions aws, aws-cn and
// aws-us-gov every region has GuardDuty.
var notOffered = map[string][]string{
	"guardduty.amazonaws.com": {"eu-isoe-west-1", "us-iso-west-1", "us-isob-west-1"},
}

// Offers says whether a service, given as an event source, exists in a region.
// What is not known to be missing counts as offered.
func Offers(source, region string) bool { return !slices.Contains(notOffered[source], region) }

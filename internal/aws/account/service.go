package account

import "slices"

// notOffered are the regions that have no endpoint of a service, by event source.
// Source: botocore 1.43.11, endpoints.json: in the partitions aws, aws-cn and
// aws-us-gov every region has GuardDuty.
var notOffered = map[string][]string{
	"guardduty.amazonaws.com": {"eu-isoe-west-1", "us-iso-west-1", "us-isob-west-1"},
}

// Offers reports whether a service, given as an event source, exists in a region.
// What is not known to be missing counts as offered.
func Offers(source, region string) bool { return !slices.Contains(notOffered[source], region) }

// globalSources are the services whose events CloudTrail records as global service
// events, by event source. Source: CloudTrail user guide, "About global service
// events".
var globalSources = []string{
	"account.amazonaws.com", "cloudfront.amazonaws.com", "iam.amazonaws.com", "organizations.amazonaws.com",
	"route53.amazonaws.com", "signin.amazonaws.com", "sts.amazonaws.com",
}

// IsGlobal reports whether the events of a source in a region are global service
// events: STS and sign-in also have events of other regions, which are not. An empty
// source stands for any, and so for these too.
func IsGlobal(source, region, partition string) bool {
	return slices.Contains(GlobalRegions(partition), region) && (source == "" || slices.Contains(globalSources, source))
}

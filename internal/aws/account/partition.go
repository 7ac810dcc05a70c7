package account

import "strings"

// Partitions returns the partitions that regions are known of, the largest first.
func Partitions() []string { return []string{"aws", "aws-cn", "aws-us-gov"} }

// DNSSuffix returns what the names of AWS's endpoints in a partition end with.
func DNSSuffix(partition string) string {
	if strings.HasPrefix(partition, "aws-cn") {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// PartitionOf returns the partition that a region belongs to, by its prefix.
func PartitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}

// GlobalRegions returns the regions in which CloudTrail records the events of
// global services (IAM, Organizations, ...) of a partition: us-east-1,
// us-gov-west-1; China has two and each service uses one of them, so a trail
// must carry both. The first is the one that the tool calls by default.
// Source: CloudTrail user guide, "About global service events".
func GlobalRegions(partition string) []string {
	switch partition {
	case "aws-cn":
		return []string{"cn-northwest-1", "cn-north-1"}
	case "aws-us-gov":
		return []string{"us-gov-west-1"}
	default:
		return []string{"us-east-1"}
	}
}

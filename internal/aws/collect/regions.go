package collect

import (
	"context"
	"net/url"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	accountapi "github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/account/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// AccountAPI is the part of Account Management that this package calls.
type AccountAPI interface {
	ListRegions(context.Context, *accountapi.ListRegionsInput, ...func(*accountapi.Options)) (*accountapi.ListRegionsOutput, error)
}

var _ AccountAPI = (*accountapi.Client)(nil)

// enabledRegions lists the regions that are enabled for the account, sorted.
// The managed policies for auditors allow ec2:DescribeRegions but not
// account:ListRegions, so the second asks when the first does not answer. When
// neither does, the built-in list stands in and the notes say so.
func (s *Session) enabledRegions(ctx context.Context, c Caller) (regions []string, notes []account.Failure) {
	regions, err := listRegions(ctx, s.accountClient())
	if err == nil {
		return ownPartition(regions, c.Partition), nil
	}
	notes = append(notes, *failure("account:ListRegions", err))
	regions, err = s.describeRegions(ctx, c)
	if err == nil {
		return ownPartition(regions, c.Partition), nil
	}
	notes = append(notes, *failure("ec2:DescribeRegions", err))
	return slices.Clone(defaultRegions[c.Partition]), notes
}

func listRegions(ctx context.Context, api AccountAPI) ([]string, error) {
	var names []string
	err := pages(ctx, func(ctx context.Context, token *string) (*string, bool, error) {
		page, err := api.ListRegions(ctx, &accountapi.ListRegionsInput{
			RegionOptStatusContains: []types.RegionOptStatus{types.RegionOptStatusEnabled, types.RegionOptStatusEnabledByDefault},
			NextToken:               token,
		})
		if err != nil {
			return nil, false, err
		}
		for _, r := range page.Regions {
			names = append(names, aws.ToString(r.RegionName))
		}
		return page.NextToken, false, nil
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	return names, nil
}

// describeRegions asks EC2, which lists the regions that are enabled unless
// AllRegions is set.
func (s *Session) describeRegions(ctx context.Context, c Caller) ([]string, error) {
	var reply struct {
		Regions []struct {
			Name string `xml:"regionName"`
			Opt  string `xml:"optInStatus"`
		} `xml:"regionInfo>item"`
	}
	region := s.homeRegion(c)
	err := s.query(ctx, queryCall{
		service: "ec2", variable: "EC2", region: region, action: "DescribeRegions", version: "2016-11-15",
		endpoint: s.ec2Endpoint(region, c.Partition),
		params:   url.Values{},
	}, &reply)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, r := range reply.Regions {
		if r.Opt != "not-opted-in" { // emulators list those too
			names = append(names, r.Name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// ec2Endpoint is the endpoint of EC2 that the SDK's client would use ("Amazon
// EC2 service endpoints").
func (s *Session) ec2Endpoint(region, partition string) string {
	return s.endpointOf("ec2", region, partition, partition != "aws-us-gov") // where all are FIPS endpoints
}

// endpointOf is the endpoint of a service in a region; apart reports whether FIPS
// endpoints have a name of their own.
func (s *Session) endpointOf(service, region, partition string, apart bool) string {
	fips, dual := s.endpointVariant()
	if fips && apart {
		service += "-fips"
	}
	suffix := account.DNSSuffix(partition)
	switch {
	case dual && partition == "aws-cn":
		suffix = "api.amazonwebservices.com.cn"
	case dual:
		suffix = "api.aws"
	}
	return "https://" + service + "." + region + "." + suffix
}

// endpointVariant says which endpoints the environment or the profile asks for:
// AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT, use_fips_endpoint, ...
func (s *Session) endpointVariant() (fips, dual bool) {
	o := sts.NewFromConfig(s.cfg).Options().EndpointOptions
	return o.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled, o.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled
}

// accountAlias asks for the account's alias; "" when it has none.
func (s *Session) accountAlias(ctx context.Context, c Caller) (string, error) {
	var reply struct {
		Aliases []string `xml:"ListAccountAliasesResult>AccountAliases>member"`
	}
	err := s.query(ctx, s.atIAM(c, queryCall{service: "iam", action: "ListAccountAliases"}), &reply)
	if err != nil || len(reply.Aliases) == 0 {
		return "", err
	}
	return reply.Aliases[0], nil // an account has one at most
}

// atIAM makes a call one of IAM, which has one endpoint in each partition.
func (s *Session) atIAM(c Caller, q queryCall) queryCall {
	q.variable, q.version = "IAM", "2010-05-08"
	q.region = account.GlobalRegions(c.Partition)[0]
	host := "iam.amazonaws.com"
	switch c.Partition {
	case "aws-cn":
		q.region, host = "cn-north-1", "iam.cn-north-1.amazonaws.com.cn"
	case "aws-us-gov":
		host = "iam.us-gov.amazonaws.com" // FIPS anyway
	default:
		if fips, _ := s.endpointVariant(); fips {
			host = "iam-fips.amazonaws.com"
		}
	}
	q.endpoint = "https://" + host
	return q
}

// homeRegion is the region that account-wide calls go to: the session's, unless
// that is of another partition than the caller.
func (s *Session) homeRegion(c Caller) string {
	if len(ownPartition([]string{s.cfg.Region}, c.Partition)) == 1 {
		return s.cfg.Region
	}
	return account.GlobalRegions(c.Partition)[0]
}

// ownPartition drops the regions of other partitions, which emulators list.
// Of partitions that are not known here it keeps everything.
func ownPartition(regions []string, partition string) []string {
	if _, known := defaultRegions[partition]; !known {
		return regions
	}
	return slices.DeleteFunc(slices.Clone(regions), func(r string) bool { return account.PartitionOf(r) != partition })
}

// KnownRegions returns the regions of a partition that this version knows,
// sorted: for suggestions. AWS may have more.
func KnownRegions(partition string) []string {
	list := slices.Concat(defaultRegions[partition], optInRegions[partition])
	slices.Sort(list)
	return list
}

// defaultRegions are the regions that are enabled in every account: what is
// asked when no list can be had. Source: AWS Regions reference.
var defaultRegions = map[string][]string{
	"aws": {
		"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
		"ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
		"us-east-1", "us-east-2", "us-west-1", "us-west-2",
	},
	"aws-cn":     {"cn-north-1", "cn-northwest-1"},
	"aws-us-gov": {"us-gov-east-1", "us-gov-west-1"},
}

// optInRegions must be enabled by the account first; asking them unasked would
// fail in most accounts. Source: botocore 1.43.11, partitions.json.
var optInRegions = map[string][]string{
	"aws": {
		"af-south-1", "ap-east-1", "ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5",
		"ap-southeast-6", "ap-southeast-7", "ca-west-1", "eu-central-2", "eu-south-1", "eu-south-2", "il-central-1",
		"me-central-1", "me-south-1", "mx-central-1",
	},
}

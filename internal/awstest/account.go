package awstest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// AccountOptions are the settings of an Account.
type AccountOptions struct {
	Alias string

	// Regions are the enabled regions; nil enables those that AWS enables by
	// default in the aws partition. The first region decides the partition.
	Regions []string
}

// An Account is one AWS account of a Cloud.
type Account struct {
	cloud     *Cloud
	id        string
	alias     string
	partition string
	regions   map[string]*Region
	roles     map[string]RoleOptions
	keySerial int
	allowed   []string // IAM action patterns; nil: everything
	policy    *policy  // of IAM; nil: everything
	scp       *policy  // service control policy; nil: none
	buckets   map[string]*s3Bucket

	slack      []SlackChannel // chat configurations; nil: none were made
	teams      []teamsChannel // likewise
	workspaces []string       // that a person has authorized: the id of a Slack workspace, TENANT/TEAM
}

// defaultRegions are the regions that need no opting in.
// Source: Account Management guide, "Regions available for an account".
var defaultRegions = []string{
	"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
	"ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3",
	"sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
}

// optInRegions are further regions of the aws partition that the account lists
// show as disabled unless they are enabled.
var optInRegions = []string{
	"af-south-1", "ap-east-1", "ap-southeast-3", "ca-west-1", "eu-central-2", "eu-south-1", "me-central-1",
}

// Account returns the account with that id (twelve digits), creating it if
// there is none; opts is used only then.
func (c *Cloud) Account(id string, opts AccountOptions) *Account {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a := c.accounts[id]; a != nil {
		return a
	}
	names := opts.Regions
	if len(names) == 0 {
		names = defaultRegions
	}
	a := &Account{
		cloud: c, id: id, alias: opts.Alias, partition: partitionOf(names[0]),
		regions: map[string]*Region{}, roles: map[string]RoleOptions{},
	}
	for _, name := range names {
		a.regions[name] = newRegion(a, name)
	}
	c.accounts[id] = a
	return a
}

// ID returns the account id.
func (a *Account) ID() string { return a.id }

// Region returns a region of the account, enabling it if it was not enabled.
func (a *Account) Region(name string) *Region {
	a.cloud.mu.Lock()
	defer a.cloud.mu.Unlock()
	if a.regions[name] == nil {
		a.regions[name] = newRegion(a, name)
	}
	return a.regions[name]
}

// Credentials returns a new pair of long-lived access keys of the account.
func (a *Account) Credentials() (accessKeyID, secret string) {
	a.cloud.mu.Lock()
	defer a.cloud.mu.Unlock()
	a.keySerial++
	id := fmt.Sprintf("AKIA%s%04d", a.id, a.keySerial)
	a.cloud.keys[id] = principal{
		account: a,
		arn:     fmt.Sprintf("arn:%s:iam::%s:user/tester", a.partition, a.id),
		userID:  "AIDA" + a.id + "TEST",
	}
	return id, "secret-of-" + id
}

// RoleOptions say who may assume a role.
type RoleOptions struct {
	// ExternalID, if not empty, must be given by the caller.
	ExternalID string

	// Trusted are the account ids that may assume the role; nil is everyone.
	Trusted []string

	// TrustedServices are the services that may assume the role; nil is every one.
	TrustedServices []string

	// Policies are the inline policies by name, JSON documents. A service that has
	// assumed the role may do what they allow.
	Policies map[string]string

	// Attached are the ARNs of managed policies, whose documents are not simulated.
	Attached []string

	// TrustPolicy is the trust policy as a JSON document, in place of Trusted and
	// TrustedServices.
	TrustPolicy string

	// MaxSession is the longest session in seconds; 0 is an hour, as in AWS.
	MaxSession int32

	Tags map[string]string

	changed time.Time // when trust or policies were last written over the wire
}

// Role creates or replaces a role of the account and returns its ARN. AssumeRole
// on a role that does not exist is denied, as AWS does.
func (a *Account) Role(name string, opts RoleOptions) string {
	a.cloud.mu.Lock()
	defer a.cloud.mu.Unlock()
	a.roles[name] = opts
	return fmt.Sprintf("arn:%s:iam::%s:role/%s", a.partition, a.id, name)
}

// A principal is whom an access key stands for.
type principal struct {
	account *Account
	arn     string
	userID  string
	token   string    // session token, "" for long-lived keys
	session *policy   // session policy; nil: none
	expires time.Time // on the virtual clock; zero: never
}

// regionNames returns the enabled regions, sorted.
func (a *Account) regionNames() []string {
	names := make([]string, 0, len(a.regions))
	for name := range a.regions {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func partitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}

// arn puts an ARN of the region together.
func (r *Region) arn(service, resource string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", r.account.partition, service, r.name, r.account.id, resource)
}

// An arnParts is an ARN taken apart.
type arnParts struct{ partition, service, region, account, resource string }

func splitARN(text string) (arnParts, bool) {
	p := strings.SplitN(text, ":", 6)
	if len(p) != 6 || p[0] != "arn" || p[2] == "" || p[5] == "" {
		return arnParts{}, false
	}
	return arnParts{p[1], p[2], p[3], p[4], p[5]}, true
}

// locate returns the account and region that an ARN names, nil where there is
// none.
func (c *Cloud) locate(arn arnParts) *Region {
	if a := c.accounts[arn.account]; a != nil {
		return a.regions[arn.region]
	}
	return nil
}

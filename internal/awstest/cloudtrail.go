package awstest

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// cloudtrailService is CloudTrail, API 2013-11-01.
var cloudtrailService = &service{
	name: "cloudtrail", iam: "cloudtrail", target: "CloudTrail_20131101", errors: jsonFamily,
	ops: map[string]handler{
		"CreateTrail":       writes(createTrail),
		"UpdateTrail":       writes(updateTrail),
		"DeleteTrail":       writes(deleteTrail),
		"StartLogging":      writes(startLogging),
		"StopLogging":       writes(stopLogging),
		"PutEventSelectors": writes(putEventSelectors),
		"DescribeTrails":    reads(describeTrails),
		"ListTrails":        reads(listTrails),
		"GetTrail":          reads(getTrail),
		"GetTrailStatus":    reads(getTrailStatus),
		"LookupEvents":      reads(lookupEvents),
		"GetEventSelectors": reads(getEventSelectors),
		"ListTags":          reads(listTrailTags),
	},
}

// A trail stands in its home region.
type trail struct {
	TrailDescription
	home      *Region
	selectors eventSelectors
	tags      []Tag

	logging          bool
	started, stopped time.Time

	delivered     time.Time // last delivery to CloudWatch Logs
	deliveryError string    // of the last attempt
}

// A TrailDescription is a trail as DescribeTrails returns it.
type TrailDescription struct {
	Name                       string `json:"Name"`
	S3BucketName               string `json:"S3BucketName"`
	S3KeyPrefix                string `json:"S3KeyPrefix,omitempty"`
	IncludeGlobalServiceEvents bool   `json:"IncludeGlobalServiceEvents"`
	IsMultiRegionTrail         bool   `json:"IsMultiRegionTrail"`
	HomeRegion                 string `json:"HomeRegion"`
	TrailARN                   string `json:"TrailARN"`
	LogFileValidationEnabled   bool   `json:"LogFileValidationEnabled"`
	CloudWatchLogsLogGroupARN  string `json:"CloudWatchLogsLogGroupArn,omitempty"`
	CloudWatchLogsRoleARN      string `json:"CloudWatchLogsRoleArn,omitempty"`
	KmsKeyID                   string `json:"KmsKeyId,omitempty"`
	HasCustomEventSelectors    bool   `json:"HasCustomEventSelectors"`
	HasInsightSelectors        bool   `json:"HasInsightSelectors"`
	IsOrganizationTrail        bool   `json:"IsOrganizationTrail"`
}

var trailNamePattern = regexp.MustCompile(`^[A-Za-z0-9]([._-]?[A-Za-z0-9])+$`)

func checkTrailName(name string) error {
	if len(name) < 3 || len(name) > 128 || !trailNamePattern.MatchString(name) {
		return apiError("InvalidTrailNameException", "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_), and must be between 3 and 128 characters: %s", name)
	}
	return nil
}

// visible returns the trails that a region of an account shows, sorted by ARN:
// those whose home it is, and with shadows also multi-region trails of other
// regions and trails of the account's organization.
func (c *call) visible(r *Region, shadows bool) []*trail {
	list := slices.Collect(maps.Values(r.trails))
	if shadows {
		list = append(list, c.shadows(r)...)
	}
	slices.SortFunc(list, func(a, b *trail) int { return strings.Compare(a.TrailARN, b.TrailARN) })
	return list
}

func (c *call) shadows(r *Region) []*trail {
	var list []*trail
	for _, name := range r.account.regionNames() {
		for _, t := range r.account.regions[name].trails {
			if name != r.name && t.IsMultiRegionTrail {
				list = append(list, t)
			}
		}
	}
	return append(list, c.organizationTrails(r)...)
}

// organizationTrails returns the organization trails of the management account
// that a member's region shows.
func (c *call) organizationTrails(r *Region) []*trail {
	org := c.organizationOf(r.account.id)
	if org == nil || org.management == r.account.id || c.now.Before(org.member[r.account.id].ShadowFrom) {
		return nil
	}
	var list []*trail
	for _, home := range c.accounts[org.management].regions {
		for _, t := range home.trails {
			if t.IsOrganizationTrail && (t.IsMultiRegionTrail || home.name == r.name) {
				list = append(list, t)
			}
		}
	}
	return list
}

// find returns the trail of that name, whose home must be the call's region, or
// that ARN, which may be any region's.
func (c *call) find(nameOrARN string) (*trail, error) {
	if !strings.HasPrefix(nameOrARN, "arn:") {
		if err := checkTrailName(nameOrARN); err != nil {
			return nil, err
		}
		if t := c.region.trails[nameOrARN]; t != nil {
			return t, nil
		}
		return nil, errNoTrail(c, c.region.arn("cloudtrail", "trail/"+nameOrARN))
	}
	p, ok := splitARN(nameOrARN)
	name, isTrail := strings.CutPrefix(p.resource, "trail/")
	if !ok || p.service != "cloudtrail" || !isTrail {
		return nil, apiError("CloudTrailARNInvalidException", "The trail ARN is not valid: %s", nameOrARN)
	}
	if p.account == c.account.id && p.region == c.region.name { // the region may be a stale view
		if t := c.region.trails[name]; t != nil {
			return t, nil
		}
		return nil, errNoTrail(c, nameOrARN)
	}
	if t := c.foreignTrail(p, name); t != nil {
		return t, nil
	}
	return nil, errNoTrail(c, nameOrARN)
}

// foreignTrail finds a trail whose home is another region, or another account
// if it is an organization trail that the caller's account belongs to.
func (c *call) foreignTrail(p arnParts, name string) *trail {
	home := c.locate(p)
	if home == nil || home.trails[name] == nil {
		return nil
	}
	t := home.trails[name]
	if p.account != c.account.id && !slices.Contains(c.organizationTrails(c.account.regionOr(p.region)), t) {
		return nil
	}
	return t
}

// regionOr returns the region, or an empty one of that name.
func (a *Account) regionOr(name string) *Region {
	if r := a.regions[name]; r != nil {
		return r
	}
	return newRegion(a, name)
}

func errNoTrail(c *call, arn string) error {
	return apiError("TrailNotFoundException", "Unknown trail: %s for the user: %s", arn, c.account.id)
}

type describeTrailsInput struct {
	TrailNameList       []string `json:"trailNameList,omitempty"`
	IncludeShadowTrails *bool    `json:"includeShadowTrails,omitempty"`
}

type describeTrailsOutput struct {
	TrailList []TrailDescription `json:"trailList"`
}

func describeTrails(c *call, in *describeTrailsInput) (*describeTrailsOutput, error) {
	out := &describeTrailsOutput{TrailList: []TrailDescription{}}
	shadows := in.IncludeShadowTrails == nil || *in.IncludeShadowTrails
	if len(in.TrailNameList) == 0 {
		for _, t := range c.visible(c.region, shadows) {
			out.TrailList = append(out.TrailList, t.TrailDescription)
		}
		return out, nil
	}
	for _, name := range in.TrailNameList {
		t, err := c.find(name)
		if api := (*APIError)(nil); errors.As(err, &api) && api.Code == "TrailNotFoundException" {
			continue // names of no trail are left out
		}
		if err != nil {
			return nil, err
		}
		out.TrailList = append(out.TrailList, t.TrailDescription)
	}
	return out, nil
}

type listTrailsInput struct {
	NextToken string `json:"NextToken,omitempty"`
}

type listTrailsOutput struct {
	Trails    []trailInfo `json:"Trails"`
	NextToken string      `json:"NextToken,omitempty"`
}

type trailInfo struct {
	TrailARN   string `json:"TrailARN"`
	Name       string `json:"Name"`
	HomeRegion string `json:"HomeRegion"`
}

// listTrails returns the account's trails of all regions, and organization
// trails. Whether AWS shows single-region trails of other regions here is
// undocumented.
func listTrails(c *call, in *listTrailsInput) (*listTrailsOutput, error) {
	after, ok := readToken("ListTrails", in.NextToken)
	if !ok {
		return nil, apiError("InvalidNextTokenException", "Invalid next token")
	}
	list := c.organizationTrails(c.region)
	for _, name := range c.account.regionNames() {
		list = append(list, c.visible(c.account.regions[name], false)...)
	}
	slices.SortFunc(list, func(a, b *trail) int { return strings.Compare(a.TrailARN, b.TrailARN) })
	cut, next := page(c.Cloud, list, func(t *trail) string { return t.TrailARN }, after, 1000)
	out := &listTrailsOutput{Trails: []trailInfo{}, NextToken: newToken("ListTrails", next)}
	for _, t := range cut {
		out.Trails = append(out.Trails, trailInfo{t.TrailARN, t.Name, t.HomeRegion})
	}
	return out, nil
}

type trailName struct {
	Name string `json:"Name,omitempty" required:""`
}

type getTrailOutput struct {
	Trail TrailDescription `json:"Trail"`
}

func getTrail(c *call, in *trailName) (*getTrailOutput, error) {
	t, err := c.find(in.Name)
	if err != nil {
		return nil, err
	}
	return &getTrailOutput{t.TrailDescription}, nil
}

type trailStatus struct {
	IsLogging                         bool       `json:"IsLogging"`
	LatestDeliveryTime                *timestamp `json:"LatestDeliveryTime,omitempty"`
	StartLoggingTime                  *timestamp `json:"StartLoggingTime,omitempty"`
	StopLoggingTime                   *timestamp `json:"StopLoggingTime,omitempty"`
	LatestCloudWatchLogsDeliveryTime  *timestamp `json:"LatestCloudWatchLogsDeliveryTime,omitempty"`
	LatestCloudWatchLogsDeliveryError string     `json:"LatestCloudWatchLogsDeliveryError,omitempty"`
	TimeLoggingStarted                string     `json:"TimeLoggingStarted,omitempty"`
	TimeLoggingStopped                string     `json:"TimeLoggingStopped,omitempty"`
}

func getTrailStatus(c *call, in *trailName) (*trailStatus, error) {
	t, err := c.find(in.Name)
	if err != nil {
		return nil, err
	}
	return &trailStatus{
		IsLogging:                         t.logging,
		LatestDeliveryTime:                at(t.delivered),
		StartLoggingTime:                  at(t.started),
		StopLoggingTime:                   at(t.stopped),
		LatestCloudWatchLogsDeliveryTime:  at(t.delivered),
		LatestCloudWatchLogsDeliveryError: t.deliveryError,
		TimeLoggingStarted:                isoTime(t.started),
		TimeLoggingStopped:                isoTime(t.stopped),
	}, nil
}

func isoTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

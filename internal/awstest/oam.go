package awstest

import "fmt"

// oamService is CloudWatch Observability Access Manager, API 2022-06-10.
var oamService = &service{
	name: "oam", iam: "oam",
	errors: jsonFamily.with(family{denied: {Code: "AccessDeniedException", Status: 403}, internal: {Code: "InternalServiceFault", Status: 500}, invalid: {Code: "InvalidParameterException"}}),
	ops:    map[string]handler{"ListLinks": reads(listLinks)},
}

// LinkMetrics is the type of resource by which alarms of a monitoring account read metrics.
const LinkMetrics = "AWS::CloudWatch::Metric"

// A link shares what a region has with an account that monitors it.
type link struct {
	sink  string // ARN
	types []string
}

// LinkTo lets another account monitor this one in the region: what it shares are resource
// types such as AWS::CloudWatch::Metric. That alarms there can read the metrics does not
// depend on it here.
func (r *Region) LinkTo(monitoring *Account, types ...string) {
	r.cloud.mu.Lock()
	defer r.cloud.mu.Unlock()
	sink := fmt.Sprintf("arn:%s:oam:%s:%s:sink/%s", monitoring.partition, r.name, monitoring.id, r.cloud.uuid())
	r.links = append(r.links, link{sink, types})
}

type listLinksInput struct {
	MaxResults int32  `json:"MaxResults,omitempty" range:"1-5"`
	NextToken  string `json:"NextToken,omitempty"`
}

type listLinksOutput struct {
	Items     []linkItem `json:"Items"`
	NextToken string     `json:"NextToken,omitempty"`
}

type linkItem struct {
	Arn           string   `json:"Arn"`
	ID            string   `json:"Id"`
	Label         string   `json:"Label"`
	ResourceTypes []string `json:"ResourceTypes"`
	SinkArn       string   `json:"SinkArn"`
}

func listLinks(c *call, in *listLinksInput) (*listLinksOutput, error) {
	after, ok := readToken("ListLinks", in.NextToken)
	if !ok {
		return nil, apiError("InvalidParameterException", "The next token is not valid")
	}
	limit := 5
	if in.MaxResults > 0 {
		limit = int(in.MaxResults)
	}
	var items []linkItem
	for i, l := range c.region.links {
		id := fmt.Sprintf("%03d", i)
		items = append(items, linkItem{Arn: c.region.arn("oam", "link/"+id), ID: id, Label: c.account.id, ResourceTypes: l.types, SinkArn: l.sink})
	}
	cut, next := page(c.Cloud, items, func(l linkItem) string { return l.ID }, after, limit)
	return &listLinksOutput{Items: append([]linkItem{}, cut...), NextToken: newToken("ListLinks", next)}, nil
}

package collect

import (
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// metricType is what a link shares for alarms to read.
const metricType = "AWS::CloudWatch::Metric"

// readLinks asks which accounts monitor this one in a region. A refusal is a note of the
// account.
func (r *run) readLinks(ctx context.Context, region *account.Region) {
	if r.o.Links {
		region.Links = r.s.links(ctx, region.Name, r.caller.Partition)
	}
}

// links lists the links of the account in a region, by sink. Source: Observability Access
// Manager API reference, ListLinks.
func (s *Session) links(ctx context.Context, region, partition string) *account.Read[[]account.Link] {
	list := []account.Link{}
	err := pages(ctx, func(ctx context.Context, token *string) (*string, bool, error) {
		var reply struct {
			Items []struct {
				SinkArn       string
				ResourceTypes []string
			}
			NextToken string
		}
		body := map[string]any{}
		if aws.ToString(token) != "" {
			body["NextToken"] = *token
		}
		err := s.query(ctx, queryCall{
			service: "oam", variable: "OAM", region: region, action: "ListLinks", path: "ListLinks", body: body,
			endpoint: s.endpointOf("oam", region, partition, true),
		}, &reply)
		if err != nil {
			return nil, false, err
		}
		for _, l := range reply.Items {
			list = append(list, account.Link{Sink: l.SinkArn, Metrics: slices.Contains(l.ResourceTypes, metricType)})
		}
		return aws.String(reply.NextToken), false, nil
	})
	slices.SortFunc(list, func(a, b account.Link) int { return cmp.Compare(a.Sink, b.Sink) })
	return answer("oam:ListLinks", list, err)
}

// readMonitored reads, in a region whose metrics of other accounts this one may see, the
// alarms that can be on them, and returns the topics that those notify.
func (r *run) readMonitored(ctx context.Context, region *account.Region) (relevant []actor, topics []string) {
	if !slices.Contains(r.o.Monitors, region.Name) {
		return nil, nil
	}
	region.Alarms = alarms(ctx, r.s.in(region.Name).alarms)
	relevant = r.relevantAlarms(region, nil)
	return relevant, alarmTopics(relevant, region.Name)
}

// noteLinks adds to the account's notes that its links could not be read.
func (r *run) noteLinks() {
	for i := range r.account.Regions {
		if f := r.account.Regions[i].Links.Failed(); f != nil {
			r.account.Notes = append(r.account.Notes, *f)
			return // one is enough
		}
	}
}

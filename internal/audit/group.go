package audit

import (
	"fmt"

	"github.com/monitorctl/monitorctl/internal/account"
)

// A group is a log group that some trail delivers to, judged once.
type group struct {
	region  string
	name    string
	arn     string // without ":*"
	link    link
	filters []*filter
	blind   bool // its filters could not be seen
}

// newGroup judges the log group of a trail. It returns nil when the trail names
// none or the ARN makes no sense.
func newGroup(a *account.Account, logGroupARN string) *group {
	arn, ok := account.ParseARN(logGroupARN)
	if !ok {
		return nil
	}
	name, ok := arn.LogGroupName()
	if !ok {
		return nil
	}
	arn.Resource = "log-group:" + name
	g := &group{region: arn.Region, name: name, arn: arn.String(), link: link{grade: good}}
	if arn.Account != a.ID {
		g.blind = true
		g.link = g.link.add(Reason{Code: CodeJudgedElsewhere, Status: Unknown, Link: LinkLogGroup, Resource: g.arn,
			Message: fmt.Sprintf("the trail delivers to account %s in %s, which is not part of this run", arn.Account, arn.Region)})
		return g
	}
	region := a.Region(g.region)
	if region == nil {
		g.blind = true
		g.link = g.link.add(notRead(LinkLogGroup, g.arn, "logs:DescribeLogGroups in "+g.region))
		return g
	}
	g.link = g.link.and(judgeGroup(g, region))
	return g
}

// judgeGroup judges what was read of a log group. A failed DescribeLogGroups
// leaves its class open and costs a warning only (judging section 8).
func judgeGroup(g *group, region *account.Region) link {
	l := link{grade: good}
	read := region.LogGroups[g.name]
	lg, ok := read.Got()
	switch {
	case read.Failed() != nil:
		f := read.Failed()
		return l.add(Reason{Code: CodeEvidence, Status: Warn, Link: LinkLogGroup, Resource: g.arn,
			Message: fmt.Sprintf("the class of log group %s could not be read: %s failed: %s", g.name, f.Operation, f.Code)})
	case !ok:
		return l.add(notRead(LinkLogGroup, g.arn, "logs:DescribeLogGroups"))
	case lg == nil:
		return l.add(Reason{Code: CodeGroupMissing, Status: Fail, Link: LinkLogGroup, Resource: g.arn,
			Message: fmt.Sprintf("log group %s does not exist", g.name)})
	}
	switch lg.Class {
	case "", "STANDARD":
	case "INFREQUENT_ACCESS", "DELIVERY":
		l = l.add(Reason{Code: CodeGroupClass, Status: Fail, Link: LinkLogGroup, Resource: g.arn,
			Message: fmt.Sprintf("log group %s is of class %s, which has no metric filters", g.name, lg.Class)})
	default:
		l = l.add(Reason{Code: CodeGroupClass, Status: Unknown, Link: LinkLogGroup, Resource: g.arn,
			Message: fmt.Sprintf("log group %s is of class %s, which this build does not know", g.name, lg.Class)})
	}
	return l.and(groupKey(g, lg, region))
}

// groupKey judges the log group's own key: with a key that cannot be used,
// nothing is ingested. The trail's key concerns S3.
func groupKey(g *group, lg *account.LogGroup, region *account.Region) link {
	l := link{grade: good}
	key := region.Keys[lg.KeyID]
	if lg.KeyID == "" || key == nil {
		return l
	}
	meta, ok := key.Metadata.Got()
	switch {
	case key.Metadata.Failed() != nil:
		f := key.Metadata.Failed()
		return l.add(Reason{Code: CodeEvidence, Status: Pass, Link: LinkLogGroup, Resource: g.arn,
			Message: fmt.Sprintf("the key of log group %s could not be read: %s failed: %s", g.name, f.Operation, f.Code)})
	case !ok:
		return l
	case meta == nil:
		return l.add(Reason{Code: CodeGroupKey, Status: Fail, Link: LinkLogGroup, Resource: g.arn,
			Message: fmt.Sprintf("the key of log group %s does not exist", g.name)})
	case meta.State != "Enabled":
		return l.add(Reason{Code: CodeGroupKey, Status: Fail, Link: LinkLogGroup, Resource: g.arn,
			Message: fmt.Sprintf("the key of log group %s is %s", g.name, meta.State)})
	}
	return l
}

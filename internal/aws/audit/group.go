package audit

import (
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// A group is a log group that some trail delivers to, judged once.
type group struct {
	site    *site
	name    string
	arn     string // without ":*"
	link    chain.Verdict
	filters []*filter
	blind   bool // its filters could not be checked
}

// newGroup judges the log group of a trail. It returns nil when the trail names
// none or the ARN makes no sense.
func (j *judge) newGroup(logGroupARN string) *group {
	arn, ok := account.ParseARN(logGroupARN)
	if !ok {
		return nil
	}
	name, ok := arn.LogGroupName()
	if !ok {
		return nil
	}
	arn.Resource = "log-group:" + name
	g := &group{name: name, arn: arn.String(), link: chain.Fine()}
	owner := j.accountOf(arn.Account)
	if owner == nil {
		g.blind = true
		g.link = g.link.With(finding.Reason{Code: CodeJudgedElsewhere, Status: finding.Unknown, Link: finding.LinkLogGroup, Resource: g.arn,
			Message: fmt.Sprintf("the trail delivers to account %s in %s, which is not part of this run", arn.Account, arn.Region)})
		return g
	}
	g.site = j.at(owner, arn.Region)
	if g.site.region == nil {
		g.blind = true
		g.link = g.link.With(notRead(finding.LinkLogGroup, g.arn, "logs:DescribeLogGroups in "+arn.Region))
		return g
	}
	g.link = g.link.And(j.judgeGroup(g))
	return g
}

// judgeGroup judges what was read of a log group. A failed DescribeLogGroups
// leaves its class open and costs a warning only (docs/judging.md, section 8).
func (j *judge) judgeGroup(g *group) chain.Verdict {
	l := chain.Fine()
	read := g.site.region.LogGroups[g.name]
	lg, ok := read.Got()
	switch {
	case read.Failed() != nil:
		f := read.Failed()
		return l.With(finding.Reason{Code: CodeEvidence, Status: finding.Warn, Link: finding.LinkLogGroup, Resource: g.arn,
			Message: fmt.Sprintf("the class of log group %s could not be read: %s failed: %s", g.name, f.Operation, f.Cause()), Call: callOf(f)})
	case !ok:
		return l.With(notRead(finding.LinkLogGroup, g.arn, "logs:DescribeLogGroups"))
	case lg == nil:
		return l.With(finding.Reason{Code: CodeGroupMissing, Status: finding.Fail, Link: finding.LinkLogGroup, Resource: g.arn,
			Message: fmt.Sprintf("log group %s does not exist", g.name)})
	}
	switch lg.Class {
	case "", "STANDARD":
	case "INFREQUENT_ACCESS", "DELIVERY":
		l = l.With(finding.Reason{Code: CodeGroupClass, Status: finding.Fail, Link: finding.LinkLogGroup, Resource: g.arn,
			Message: fmt.Sprintf("log group %s has class %s, which supports no metric filters", g.name, lg.Class)})
	default:
		l = l.With(finding.Reason{Code: CodeGroupClass, Status: finding.Unknown, Link: finding.LinkLogGroup, Resource: g.arn,
			Message: fmt.Sprintf("log group %s has class %s, which this version does not know", g.name, lg.Class)})
	}
	return l.And(j.groupKey(g, lg))
}

// groupKey judges the log group's own key: with a key that cannot be used,
// nothing is ingested. The trail's key concerns S3.
func (j *judge) groupKey(g *group, lg *account.LogGroup) chain.Verdict {
	l := chain.Fine()
	key := g.site.region.Keys[lg.KeyID]
	if lg.KeyID == "" || key == nil {
		return l
	}
	meta, ok := key.Metadata.Got()
	switch {
	case key.Metadata.Failed() != nil:
		return l.With(j.evidenceMissing(finding.LinkLogGroup, g.arn, "the state of the key of log group "+g.name, key.Metadata.Failed()))
	case !ok:
		return l
	case meta == nil:
		return l.With(finding.Reason{Code: CodeGroupKey, Status: finding.Fail, Link: finding.LinkLogGroup, Resource: g.arn,
			Message: fmt.Sprintf("the key of log group %s does not exist", g.name)})
	case meta.State != "Enabled":
		return l.With(finding.Reason{Code: CodeGroupKey, Status: finding.Fail, Link: finding.LinkLogGroup, Resource: g.arn,
			Message: fmt.Sprintf("the key of log group %s is %s", g.name, meta.State)})
	}
	return l
}

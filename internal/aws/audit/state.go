package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// stateFinding judges a control that asks for a state of the account.
func (c *controlJudge) stateFinding(f finding.Finding) finding.Finding {
	if c.control.State == catalog.TrailDelivery {
		return c.silenceFinding(f)
	}
	return c.hubFinding(f)
}

// hubFinding judges whether Security Hub is enabled in every region in scope.
func (c *controlJudge) hubFinding(f finding.Finding) finding.Finding {
	var without []string
	unread := false
	for _, name := range c.account.Scope {
		hub, ok := c.at(c.account, name).read().SecurityHub.Got()
		switch {
		case !ok:
			unread = true
			f.Reasons = append(f.Reasons, hubUnread(name, c.at(c.account, name).read().SecurityHub.Failed()))
		case hub == nil:
			without = append(without, name)
			f.Reasons = append(f.Reasons, finding.Reason{Code: CodeSecurityHubDisabled, Status: finding.Fail, Message: "Security Hub is not enabled in " + name})
		}
	}
	slices.SortStableFunc(f.Reasons, func(a, b finding.Reason) int { return a.Status.Rank() - b.Status.Rank() })
	switch {
	case len(without) > 0:
		f.Status = finding.Fail
		f.Remediation = "enable Security Hub in " + strings.Join(without, ", ")
	case unread:
		f.Status = finding.Unknown
		f.Remediation = remediation(&f)
	}
	return f
}

func hubUnread(region string, f *account.Failure) finding.Reason {
	r := finding.Reason{Code: CodeNotReadable, Status: finding.Unknown}
	if f == nil {
		r.Message, r.Call = "securityhub:DescribeHub in "+region+" is not in the snapshot", notAsked("securityhub:DescribeHub")
		return r
	}
	r.Message, r.Call = fmt.Sprintf("%s in %s failed: %s", f.Operation, region, f.Cause()), callOf(f)
	return r
}

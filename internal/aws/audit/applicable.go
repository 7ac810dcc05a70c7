package audit

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// organizationsSource is the event source of the controls that concern the
// management account of an organization only.
const organizationsSource = "organizations.amazonaws.com"

// notApplicable says why a control does not concern the account, "" when it
// does: the changes of an organization are recorded in its management account.
func (c *controlJudge) notApplicable() string {
	org, ok := c.account.Organization.Got()
	switch {
	case len(c.probes) == 0 && c.nowhereOffered():
		return "no region in scope has the service"
	case !ok || !slices.Contains(c.control.Sources, organizationsSource):
		return ""
	case org == nil:
		return "the account does not belong to an organization"
	case org.ManagementAccount != c.account.ID:
		return "the organization is managed from account " + org.ManagementAccount
	}
	return ""
}

// nowhereOffered reports whether the control's services exist in none of the
// regions in question.
func (c *controlJudge) nowhereOffered() bool {
	for _, region := range regionsOf(c.account, c.control) {
		if len(c.control.Sources) == 0 || slices.ContainsFunc(c.control.Sources, func(s string) bool { return account.Offers(s, region) }) {
			return false
		}
	}
	return true
}

// organizationNote says that the account's place in an organization could not
// be read; the control is judged all the same.
func (c *controlJudge) organizationNote() []finding.Reason {
	f := c.account.Organization.Failed()
	if f == nil || !slices.Contains(c.control.Sources, organizationsSource) {
		return nil
	}
	return []finding.Reason{c.evidenceMissing(finding.LinkTrail, "", "whether the account manages an organization", f)}
}

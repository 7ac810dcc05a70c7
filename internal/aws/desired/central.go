package desired

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

const (
	busPrefix  = "event-bus/"
	membersSid = "monitorctl-members"
)

// CentralHome is where the bus of an ARN is; false for what is no ARN of an event bus.
func CentralHome(bus string) (Home, bool) {
	arn, ok := account.ParseARN(bus)
	name, isBus := strings.CutPrefix(arn.Resource, busPrefix)
	if !ok || !isBus || arn.Service != "events" || name == "" || arn.Region == "" || arn.Account == "" || strings.Contains(name, "/") {
		return Home{}, false
	}
	return Home{Partition: arn.Partition, Account: arn.Account, Region: arn.Region, Bus: name}, true
}

// MembersSid is the id of the statement of a central bus's policy that admits the members
// of the organization. PutPermission takes letters, digits, - and _.
func (n Names) MembersSid() string { return strings.ReplaceAll(n.Prefix, ".", "-") + membersSid }

// MembersStatement is that statement as EventBridge writes it (PutPermission, with a
// condition on the organization): every account of the organization may put events on
// the bus.
func (n Names) MembersStatement(h Home, organization string) string {
	return fmt.Sprintf(`{"Sid":%q,"Effect":"Allow","Principal":"*","Action":"events:PutEvents","Resource":%q,"Condition":{"StringEquals":{"aws:PrincipalOrgID":%q}}}`,
		n.MembersSid(), BusARN(h), organization)
}

// ForwardsOnly reports whether a forwarder sends events of these controls and no others;
// false for one that someone edited.
func (n Names) ForwardsOnly(rule account.Rule, controls []catalog.Control) bool {
	if slices.ContainsFunc(controls, func(c catalog.Control) bool { return rule.Name == n.ForwarderName()+c.ID }) {
		return true
	}
	g := parseGroup(rule.Pattern)
	return g != nil && !slices.ContainsFunc(g.names, func(name string) bool {
		return !slices.ContainsFunc(controls, func(c catalog.Control) bool {
			return slices.ContainsFunc(c.Events, func(e catalog.Event) bool { return e.Name == name })
		})
	})
}

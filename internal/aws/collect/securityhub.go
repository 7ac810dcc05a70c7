package collect

import (
	"context"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// notSubscribed is Security Hub's code for an account that is not subscribed to
// it in a region: an answer.
const notSubscribed = "InvalidAccessException"

// asksForSecurityHub reports whether a control is about Security Hub.
func asksForSecurityHub(controls []catalog.Control) bool {
	return slices.ContainsFunc(controls, func(c catalog.Control) bool { return c.State == catalog.SecurityHub })
}

// readHubs asks every region in scope for its hub, where a control wants to know.
func (r *run) readHubs(ctx context.Context, regions map[string]*account.Region) {
	if !asksForSecurityHub(r.o.Controls) {
		return
	}
	reads := make([]*account.Read[*account.Hub], len(r.account.Scope))
	each(ctx, len(reads), func(i int) { reads[i] = r.s.describeHub(ctx, r.account.Scope[i], r.caller.Partition) })
	for i, name := range r.account.Scope {
		regions[name].SecurityHub = reads[i]
	}
}

// describeHub asks a region for the account's hub. Source: Security Hub API
// reference, DescribeHub.
func (s *Session) describeHub(ctx context.Context, region, partition string) *account.Read[*account.Hub] {
	var reply struct {
		ARN string `json:"HubArn"`
	}
	err := s.query(ctx, queryCall{
		service: "securityhub", variable: "SECURITYHUB", region: region, action: "DescribeHub", path: "accounts",
		endpoint: s.endpointOf("securityhub", region, partition, true),
	}, &reply)
	switch {
	case err != nil && (Code(err) == notSubscribed || NotFound(err)):
		return &account.Read[*account.Hub]{}
	case err != nil:
		return answer[*account.Hub]("securityhub:DescribeHub", nil, err)
	}
	return &account.Read[*account.Hub]{Value: &account.Hub{ARN: reply.ARN}}
}

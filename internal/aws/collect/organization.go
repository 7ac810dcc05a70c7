package collect

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/smithy-go"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// organizationsSource is the event source of the controls that only concern an
// organization's management account.
const organizationsSource = "organizations.amazonaws.com"

// OrganizationsAPI is the part of AWS Organizations that this package calls.
type OrganizationsAPI interface {
	DescribeOrganization(context.Context, *organizations.DescribeOrganizationInput, ...func(*organizations.Options)) (*organizations.DescribeOrganizationOutput, error)
	ListAWSServiceAccessForOrganization(context.Context, *organizations.ListAWSServiceAccessForOrganizationInput, ...func(*organizations.Options)) (*organizations.ListAWSServiceAccessForOrganizationOutput, error)
}

var _ OrganizationsAPI = (*organizations.Client)(nil)

func (s *Session) organizationsClient(c Caller) OrganizationsAPI {
	cfg := s.cfg.Copy()
	cfg.Region = account.GlobalRegions(c.Partition)[0]
	return organizations.NewFromConfig(cfg)
}

// asksForOrganization reports whether a control can be judged better by knowing
// the account's place in an organization.
func asksForOrganization(controls []catalog.Control) bool {
	return slices.ContainsFunc(controls, func(c catalog.Control) bool { return slices.Contains(c.Sources, organizationsSource) })
}

// policiesAskForOrganization reports whether the policy of a topic or key has a
// condition on the organization of who sends (aws:SourceOrgID, aws:SourceOrgPaths).
func policiesAskForOrganization(regions map[string]*account.Region) bool {
	asks := func(doc string) bool { return strings.Contains(strings.ToLower(doc), "aws:sourceorg") }
	for _, region := range regions {
		for _, t := range region.Topics {
			if a, _ := t.Attributes.Got(); a != nil && asks(a.Policy) {
				return true
			}
		}
		for _, k := range region.Keys {
			if doc, _ := k.Policy.Got(); asks(doc) {
				return true
			}
		}
	}
	return false
}

// forwardsAway reports whether a rule sends events to the bus of another account, whose
// policy may admit an organization (aws:PrincipalOrgID).
func (r *run) forwardsAway(regions map[string]*account.Region) bool {
	for _, region := range regions {
		list, _ := region.Rules.Got()
		for _, t := range targetsOf(list) {
			arn, ok := account.ParseARN(t.ARN)
			if _, isBus := nameIn(arn, "event-bus"); ok && isBus && arn.Account != r.caller.Account {
				return true
			}
		}
	}
	return false
}

// describeOrganization asks which organization the account belongs to. That it
// belongs to none is an answer.
func describeOrganization(ctx context.Context, api OrganizationsAPI) *account.Read[*account.Organization] {
	out, err := api.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	var code smithy.APIError
	switch {
	case errors.As(err, &code) && code.ErrorCode() == "AWSOrganizationsNotInUseException":
		return &account.Read[*account.Organization]{}
	case err != nil:
		return &account.Read[*account.Organization]{Failure: failure("organizations:DescribeOrganization", err)}
	case out.Organization == nil:
		return &account.Read[*account.Organization]{}
	}
	return &account.Read[*account.Organization]{Value: &account.Organization{
		ID: aws.ToString(out.Organization.Id), ManagementAccount: aws.ToString(out.Organization.MasterAccountId),
	}}
}

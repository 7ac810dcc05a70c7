package awstest

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// organizationsService is AWS Organizations, API 2016-11-28.
var organizationsService = &service{
	name: "organizations", iam: "organizations", global: true, target: "AWSOrganizationsV20161128",
	errors: jsonFamily.with(family{throttled: {Code: "TooManyRequestsException"}, internal: {Code: "ServiceException"}, invalid: {Code: "InvalidInputException"}}),
	ops: map[string]handler{
		"DescribeOrganization":             reads(describeOrganization),
		"DescribeAccount":                  reads(describeAccount),
		"ListAccounts":                     reads(listAccounts),
		"ListAccountsForParent":            reads(listAccountsForParent),
		"ListDelegatedAdministrators":      reads(listDelegatedAdministrators),
		"ListOrganizationalUnitsForParent": reads(listOrganizationalUnits),
		"ListRoots":                        reads(listRoots),
		"ListTagsForResource":              reads(listOrganizationTags),

		"ListAWSServiceAccessForOrganization": reads(listServiceAccess),
	},
}

// An organization has its members in a list for pages and in a map for calls: a call
// takes as long among 10,000 accounts as among ten.
type organization struct {
	id         string
	management string
	root       string             // id
	members    []string           // account ids, sorted, the management account included
	member     map[string]*member // by account id
	units      map[string]*unit   // by id, the root included
	delegated  map[string]time.Time
	emptyEvery int      // every so many pages is empty; 0: none
	trusted    []string // principals of services that have trusted access
	noPaths    bool     // accounts come without Paths and State
}

// A member is an account as its organization knows it.
type member struct {
	MemberOptions
	joined time.Time
}

// MemberOptions are what an organization knows of a member. Zero fields are filled in.
type MemberOptions struct {
	Name   string // default: the alias, or the id
	State  string // PENDING_ACTIVATION, ACTIVE (default), SUSPENDED, PENDING_CLOSURE, CLOSED
	OU     string // id of the organizational unit; "" is the root
	Joined time.Time
	Tags   map[string]string

	// ShadowFrom is when the trails of the organization show up in the account; the
	// zero time is at once.
	ShadowFrom time.Time
}

// TrustService gives a service trusted access to the organization of an account.
func (c *Cloud) TrustService(account *Account, principal string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if o := c.organizationOf(account.id); o != nil {
		o.trusted = append(o.trusted, principal)
	}
}

type serviceAccessInput struct {
	NextToken  string `json:"NextToken,omitempty"`
	MaxResults int32  `json:"MaxResults,omitempty" range:"1-20"`
}

type serviceAccessOutput struct {
	EnabledServicePrincipals []enabledService `json:"EnabledServicePrincipals"`
}

type enabledService struct {
	ServicePrincipal string `json:"ServicePrincipal"`
}

// listServiceAccess answers the management account only, in one page.
func listServiceAccess(c *call, _ *serviceAccessInput) (*serviceAccessOutput, error) {
	o := c.organizationOf(c.account.id)
	switch {
	case o == nil:
		return nil, errNoOrganization()
	case o.management != c.account.id:
		return nil, apiError("AccessDeniedException", "You don't have permissions to access this resource.")
	}
	out := &serviceAccessOutput{EnabledServicePrincipals: []enabledService{}}
	for _, p := range o.trusted {
		out.EnabledServicePrincipals = append(out.EnabledServicePrincipals, enabledService{p})
	}
	return out, nil
}

// Organization makes an organization of accounts that exist.
func (c *Cloud) Organization(management *Account, members ...*Account) {
	c.NamedOrganization("", management, members...)
}

// NamedOrganization is Organization with an id; "" makes one up.
func (c *Cloud) NamedOrganization(id string, management *Account, members ...*Account) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if id == "" {
		id = fmt.Sprintf("o-test%06d", c.nextID())
	}
	root := "r-" + id[max(0, len(id)-4):]
	org := &organization{
		id: id, management: management.id, root: root, members: []string{management.id},
		member: map[string]*member{}, units: map[string]*unit{root: {id: root, name: "Root"}}, delegated: map[string]time.Time{},
	}
	for _, m := range members {
		org.members = append(org.members, m.id)
	}
	slices.Sort(org.members)
	org.members = slices.Compact(org.members)
	for _, m := range org.members {
		org.member[m] = &member{joined: c.now.AddDate(-1, 0, 0)}
		c.orgs[m] = org
	}
}

// Member sets what the organization of an account that is in one knows of it.
func (a *Account) Member(opts MemberOptions) {
	a.cloud.mu.Lock()
	defer a.cloud.mu.Unlock()
	if org := a.cloud.orgs[a.id]; org != nil {
		m := org.member[a.id]
		m.MemberOptions = opts
		if !opts.Joined.IsZero() {
			m.joined = opts.Joined
		}
	}
}

// ListingOptions change how the organization that an account manages lists its accounts.
type ListingOptions struct {
	EmptyEvery int  // every so many pages is empty and has a token all the same; 0: none
	NoPaths    bool // accounts come without State and Paths, as from older endpoints
}

// Listing sets how the organization that an account manages lists its accounts.
func (a *Account) Listing(o ListingOptions) {
	a.cloud.mu.Lock()
	defer a.cloud.mu.Unlock()
	if org := a.cloud.orgs[a.id]; org != nil {
		org.emptyEvery, org.noPaths = o.EmptyEvery, o.NoPaths
	}
}

// Delegate makes an account a delegated administrator of its organization, for
// CloudTrail among others.
func (a *Account) Delegate() {
	a.cloud.mu.Lock()
	defer a.cloud.mu.Unlock()
	if org := a.cloud.orgs[a.id]; org != nil {
		org.delegated[a.id] = a.cloud.now
	}
}

// LeaveOrganization takes an account out of its organization.
func (a *Account) LeaveOrganization() {
	a.cloud.mu.Lock()
	defer a.cloud.mu.Unlock()
	org := a.cloud.orgs[a.id]
	if org == nil {
		return
	}
	delete(a.cloud.orgs, a.id)
	delete(org.member, a.id)
	delete(org.delegated, a.id)
	org.members = slices.DeleteFunc(org.members, func(id string) bool { return id == a.id })
}

// organizationOf returns the organization of an account, nil if it is in none.
func (c *Cloud) organizationOf(account string) *organization { return c.orgs[account] }

func errNoOrganization() error {
	return apiError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
}

// administered returns the caller's organization, if the caller may look into it: the
// management account, and delegated administrators.
func (c *call) administered() (*organization, error) {
	o := c.organizationOf(c.account.id)
	if o == nil {
		return nil, errNoOrganization()
	}
	if o.management != c.account.id && !o.delegates(c.account) {
		return nil, apiError("AccessDeniedException", "You don't have permissions to access this resource.")
	}
	return o, nil
}

type describeOrganizationOutput struct {
	Organization organizationDescription `json:"Organization"`
}

type organizationDescription struct {
	ID                 string `json:"Id"`
	ARN                string `json:"Arn"`
	FeatureSet         string `json:"FeatureSet"`
	MasterAccountARN   string `json:"MasterAccountArn"`
	MasterAccountID    string `json:"MasterAccountId"`
	MasterAccountEmail string `json:"MasterAccountEmail"`
}

func describeOrganization(c *call, _ *none) (*describeOrganizationOutput, error) {
	o := c.organizationOf(c.account.id)
	if o == nil {
		return nil, errNoOrganization()
	}
	arn := fmt.Sprintf("arn:%s:organizations::%s:", c.account.partition, o.management)
	return &describeOrganizationOutput{organizationDescription{
		ID: o.id, ARN: arn + "organization/" + o.id, FeatureSet: "ALL",
		MasterAccountARN: arn + "account/" + o.id + "/" + o.management, MasterAccountID: o.management,
		MasterAccountEmail: "management@example.com",
	}}, nil
}

type listAccountsInput struct {
	NextToken  string `json:"NextToken,omitempty"`
	MaxResults int32  `json:"MaxResults,omitempty" range:"1-20"`
}

type listAccountsOutput struct {
	Accounts  []organizationAccount `json:"Accounts"`
	NextToken string                `json:"NextToken,omitempty"`
}

type organizationAccount struct {
	ID     string     `json:"Id"`
	ARN    string     `json:"Arn"`
	Name   string     `json:"Name"`
	Email  string     `json:"Email"`
	Status string     `json:"Status"`
	State  string     `json:"State,omitempty"`
	Paths  []string   `json:"Paths,omitempty"`
	Joined *timestamp `json:"JoinedTimestamp,omitempty"`
}

// account returns a member as lists show it.
func (o *organization) account(c *call, id string) organizationAccount {
	m := o.member[id]
	state := cmp.Or(m.State, "ACTIVE")
	out := organizationAccount{
		ID: id, ARN: fmt.Sprintf("arn:%s:organizations::%s:account/%s/%s", c.account.partition, o.management, o.id, id),
		Name: cmp.Or(m.Name, c.accounts[id].alias, id), Email: id + "@example.com", Joined: at(m.joined),
		State: state, Paths: []string{o.path(m.OU)}, Status: state,
	}
	if state != "ACTIVE" && state != "PENDING_CLOSURE" { // Status knows three values
		out.Status = "SUSPENDED"
	}
	if o.noPaths {
		out.State, out.Paths = "", nil
	}
	return out
}

// listAccounts answers the management account and delegated administrators.
func listAccounts(c *call, in *listAccountsInput) (*listAccountsOutput, error) {
	o, err := c.administered()
	if err != nil {
		return nil, err
	}
	return o.page(c, "ListAccounts", o.members, in.NextToken, int(in.MaxResults))
}

// page cuts a page of accounts. Every so many it is empty and goes on all the same, which
// AWS's reference allows.
func (o *organization) page(c *call, operation string, members []string, token string, limit int) (*listAccountsOutput, error) {
	after, ok := readToken(operation, token)
	if !ok {
		return nil, apiError("InvalidInputException", "You provided an invalid next token.")
	}
	out := &listAccountsOutput{Accounts: []organizationAccount{}}
	if emptied := after != "" && after[0] == '+'; emptied {
		after = after[1:]
	} else if n, _ := slices.BinarySearch(members, after); o.emptyEvery > 0 && n/20%o.emptyEvery == o.emptyEvery-1 {
		out.NextToken = newToken(operation, "+"+after)
		return out, nil
	}
	cut, next := page(c.Cloud, members, func(id string) string { return id }, after, cmp.Or(limit, 20))
	out.NextToken = newToken(operation, next)
	for _, id := range cut {
		out.Accounts = append(out.Accounts, o.account(c, id))
	}
	return out, nil
}

type accountIDInput struct {
	AccountID string `json:"AccountId,omitempty" required:""`
}

type describeAccountOutput struct {
	Account organizationAccount `json:"Account"`
}

func describeAccount(c *call, in *accountIDInput) (*describeAccountOutput, error) {
	o, err := c.administered()
	if err != nil {
		return nil, err
	}
	if o.member[in.AccountID] == nil {
		return nil, apiError("AccountNotFoundException", "You specified an account that doesn't exist.")
	}
	return &describeAccountOutput{o.account(c, in.AccountID)}, nil
}

type listDelegatedInput struct {
	ServicePrincipal string `json:"ServicePrincipal,omitempty"`
	NextToken        string `json:"NextToken,omitempty"`
	MaxResults       int32  `json:"MaxResults,omitempty" range:"1-20"`
}

type listDelegatedOutput struct {
	DelegatedAdministrators []organizationAccount `json:"DelegatedAdministrators"`
}

// listDelegatedAdministrators returns those of every service: there are a few at most.
func listDelegatedAdministrators(c *call, _ *listDelegatedInput) (*listDelegatedOutput, error) {
	o, err := c.administered()
	if err != nil {
		return nil, err
	}
	out := &listDelegatedOutput{DelegatedAdministrators: []organizationAccount{}}
	for _, id := range o.members {
		if o.delegates(c.accounts[id]) {
			out.DelegatedAdministrators = append(out.DelegatedAdministrators, o.account(c, id))
		}
	}
	return out, nil
}

package collect

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/smithy-go"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	fleet "github.com/monitorctl/monitorctl/internal/fleet/targets"
)

// DirectoryAPI is the part of AWS Organizations that lists accounts: the management
// account and delegated administrators may call it.
type DirectoryAPI interface {
	ListAccounts(context.Context, *organizations.ListAccountsInput, ...func(*organizations.Options)) (*organizations.ListAccountsOutput, error)
	ListRoots(context.Context, *organizations.ListRootsInput, ...func(*organizations.Options)) (*organizations.ListRootsOutput, error)
	ListOrganizationalUnitsForParent(context.Context, *organizations.ListOrganizationalUnitsForParentInput, ...func(*organizations.Options)) (*organizations.ListOrganizationalUnitsForParentOutput, error)
	ListAccountsForParent(context.Context, *organizations.ListAccountsForParentInput, ...func(*organizations.Options)) (*organizations.ListAccountsForParentOutput, error)
	ListTagsForResource(context.Context, *organizations.ListTagsForResourceInput, ...func(*organizations.Options)) (*organizations.ListTagsForResourceOutput, error)
	DescribeAccount(context.Context, *organizations.DescribeAccountInput, ...func(*organizations.Options)) (*organizations.DescribeAccountOutput, error)
}

var _ DirectoryAPI = (*organizations.Client)(nil)

// A Directory is the list of an organization's accounts.
type Directory struct {
	s   *Session
	api DirectoryAPI
	org *account.Organization
}

// OpenDirectory returns the list of the organization that the session's account is in; the
// error tells that it is in none.
func OpenDirectory(ctx context.Context, s *Session) (*Directory, error) {
	caller, err := s.Caller(ctx)
	if err != nil {
		return nil, err
	}
	cfg := s.cfg.Copy()
	cfg.Region = account.GlobalRegions(caller.Partition)[0]
	api := organizations.NewFromConfig(cfg)
	read := describeOrganization(s.Bind(ctx), api)
	org, ok := read.Got()
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case !ok:
		f := read.Failed()
		return nil, &CallError{Operation: f.Operation, Code: f.Code, Message: f.Message}
	case org == nil:
		return nil, &CallError{Operation: "organizations:DescribeOrganization", Code: "AWSOrganizationsNotInUseException", Message: "account " + caller.Account + " is in no organization"}
	}
	return &Directory{s: s, api: api, org: org}, nil
}

// Organization returns which organization it is.
func (d *Directory) Organization() *account.Organization { return d.org }

// Accounts lists every account, page by page: a page may be empty and have a next one all
// the same. An error is the last that comes; a list that ended early is no whole one.
func (d *Directory) Accounts(ctx context.Context) fleet.Stream {
	return func(yield func(fleet.Target, error) bool) {
		stopped := errors.New("stopped")
		err := pages(d.s.Bind(ctx), func(ctx context.Context, token *string) (*string, bool, error) {
			page, err := d.api.ListAccounts(ctx, &organizations.ListAccountsInput{NextToken: token})
			if err != nil {
				return nil, false, Explain("organizations:ListAccounts", err)
			}
			for _, a := range page.Accounts {
				if !yield(targetOf(a), nil) {
					return nil, false, stopped
				}
			}
			return page.NextToken, false, nil
		})
		if err != nil && !errors.Is(err, stopped) {
			yield(fleet.Target{}, err)
		}
	}
}

// targetOf takes State where there is one: Status is announced to be retired.
func targetOf(a types.Account) fleet.Target {
	t := fleet.Target{ID: aws.ToString(a.Id), Name: aws.ToString(a.Name), Email: aws.ToString(a.Email), State: string(a.State)}
	if t.State == "" {
		t.State = string(a.Status)
	}
	if len(a.Paths) > 0 {
		t.Path = a.Paths[0]
	}
	if a.JoinedTimestamp != nil {
		t.Joined = a.JoinedTimestamp.UTC()
	}
	return t
}

// Units is the tree of organizational units.
type Units struct {
	names map[string]string // the path of names, /Workloads/Prod, by the id of the unit
	place map[string]string // the path of ids, by account; where accounts come without
}

// ReadUnits walks the tree. With accounts it also asks each unit for its accounts, which
// takes a call for each.
func (d *Directory) ReadUnits(ctx context.Context, accounts bool) (*Units, error) {
	ctx = d.s.Bind(ctx)
	out, err := d.api.ListRoots(ctx, &organizations.ListRootsInput{})
	if err != nil {
		return nil, Explain("organizations:ListRoots", err)
	}
	u := &Units{names: map[string]string{}, place: map[string]string{}}
	for _, root := range out.Roots {
		id := aws.ToString(root.Id)
		u.names[id] = "/"
		if err := d.walk(ctx, u, id, d.org.ID+"/"+id+"/", "", accounts); err != nil {
			return nil, err
		}
	}
	return u, nil
}

func (d *Directory) walk(ctx context.Context, u *Units, id, path, names string, accounts bool) error {
	if accounts {
		if err := d.accountsIn(ctx, u, id, path); err != nil {
			return err
		}
	}
	return pages(ctx, func(ctx context.Context, token *string) (*string, bool, error) {
		page, err := d.api.ListOrganizationalUnitsForParent(ctx, &organizations.ListOrganizationalUnitsForParentInput{ParentId: aws.String(id), NextToken: token})
		if err != nil {
			return nil, false, Explain("organizations:ListOrganizationalUnitsForParent", err)
		}
		for _, child := range page.OrganizationalUnits {
			inner, name := aws.ToString(child.Id), names+"/"+aws.ToString(child.Name)
			u.names[inner] = name
			if err := d.walk(ctx, u, inner, path+inner+"/", name, accounts); err != nil {
				return nil, false, err
			}
		}
		return page.NextToken, false, nil
	})
}

func (d *Directory) accountsIn(ctx context.Context, u *Units, id, path string) error {
	return pages(ctx, func(ctx context.Context, token *string) (*string, bool, error) {
		page, err := d.api.ListAccountsForParent(ctx, &organizations.ListAccountsForParentInput{ParentId: aws.String(id), NextToken: token})
		if err != nil {
			return nil, false, Explain("organizations:ListAccountsForParent", err)
		}
		for _, a := range page.Accounts {
			u.place[aws.ToString(a.Id)] = path
		}
		return page.NextToken, false, nil
	})
}

// Place fills in where a target stands, as far as it is not known.
func (u *Units) Place(t *fleet.Target) {
	if t.Path == "" {
		t.Path = u.place[t.ID]
	}
	parts := strings.Split(strings.TrimSuffix(t.Path, "/"), "/")
	t.Names = u.names[parts[len(parts)-1]]
}

// Tags returns the tags of an account.
func (d *Directory) Tags(ctx context.Context, id string) (map[string]string, error) {
	tags := map[string]string{}
	err := pages(d.s.Bind(ctx), func(ctx context.Context, token *string) (*string, bool, error) {
		page, err := d.api.ListTagsForResource(ctx, &organizations.ListTagsForResourceInput{ResourceId: aws.String(id), NextToken: token})
		if err != nil {
			return nil, false, Explain("organizations:ListTagsForResource", err)
		}
		for _, t := range page.Tags {
			tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
		return page.NextToken, false, nil
	})
	return tags, err
}

// Left reports whether an account is not in the organization any more.
func (d *Directory) Left(ctx context.Context, id string) bool {
	_, err := d.api.DescribeAccount(d.s.Bind(ctx), &organizations.DescribeAccountInput{AccountId: aws.String(id)})
	var code smithy.APIError
	return errors.As(err, &code) && code.ErrorCode() == "AccountNotFoundException"
}

// Has reports whether the organization has an account; false where nobody says.
func (d *Directory) Has(ctx context.Context, id string) bool {
	_, err := d.api.DescribeAccount(d.s.Bind(ctx), &organizations.DescribeAccountInput{AccountId: aws.String(id)})
	return err == nil
}

package collect

import (
	"context"
	"slices"
	"strings"
	"sync"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// closedRegions are the regions of an account that a service control policy closes to the
// caller. It shows in the first call to a region, DescribeTrails; further calls there would
// be refused alike and ring the account's own alarms, so that none is made: they have the
// answer that the first one got.
type closedRegions struct {
	mu sync.Mutex
	by map[string]error
}

type closedKey struct{}

// withClosed returns a context whose calls are about one account.
func withClosed(ctx context.Context) context.Context {
	return context.WithValue(ctx, closedKey{}, &closedRegions{by: map[string]error{}})
}

// regionalServices are those whose calls go to the region that they are about.
var regionalServices = []string{"cloudtrail", "cloudwatch", "logs", "sns", "kms", "events", "securityhub", "oam"}

// closed returns what a call to a region would be answered, nil when it has to be made.
func closed(ctx context.Context, operation, region string) error {
	c, _ := ctx.Value(closedKey{}).(*closedRegions)
	service, _, _ := strings.Cut(operation, ":")
	if c == nil || !slices.Contains(regionalServices, service) {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.by[region]
}

// noteClosed notes that a region is closed, if that is what the error of the first call to
// it says.
func noteClosed(ctx context.Context, err error) {
	c, _ := ctx.Value(closedKey{}).(*closedRegions)
	if c == nil || err == nil || operationOf(ctx) != "cloudtrail:DescribeTrails" || !deniedByOrganization(failure("cloudtrail:DescribeTrails", err)) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by[awsmiddleware.GetRegion(ctx)] = err
}

// deniedByOrganization reports whether a call was refused by a service control policy.
func deniedByOrganization(f *account.Failure) bool {
	call := finding.Call{Operation: f.Operation, Code: f.Code, Message: f.Message}
	return call.Denial() == finding.DenialSCP
}

// skipDenied takes regions that are closed out of the scope, unless a multi-region trail
// records there, and notes them.
func (r *run) skipDenied(regions map[string]*account.Region) {
	if !r.o.SkipDenied || slices.ContainsFunc(r.account.Trails, func(t account.Trail) bool { return t.MultiRegion }) {
		return
	}
	denied := slices.DeleteFunc(slices.Clone(r.account.Scope), func(name string) bool {
		f := regions[name].Trails.Failed()
		return f == nil || !deniedByOrganization(f)
	})
	if len(denied) == 0 {
		return
	}
	r.account.DeniedRegions = denied
	r.account.Scope = slices.DeleteFunc(r.account.Scope, func(name string) bool { return slices.Contains(denied, name) })
	for _, name := range denied {
		if !slices.Contains(r.globalRegions(), name) { // events of global services are asked about there all the same
			delete(regions, name)
		}
	}
}

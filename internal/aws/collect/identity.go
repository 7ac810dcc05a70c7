package collect

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
)

// An identity is on whose behalf a call of a Fleet is made. Many accounts share clients
// and connections; who calls goes with the context of the call, together with what is
// counted per account: the pace, and how often retries are tried.
type identity struct {
	caller      Caller
	credentials aws.CredentialsProvider
	pacer       *pacer // dropped with the account

	mu       sync.Mutex
	retryers map[string]aws.RetryerV2 // by service and region
}

type identityKey struct{}

// Bind returns a context whose calls are made as the session's account.
func (s *Session) Bind(ctx context.Context) context.Context {
	if s.as == nil {
		return ctx
	}
	return context.WithValue(ctx, identityKey{}, s.as)
}

// identityOf returns on whose behalf calls with a context are made, nil outside of a Fleet.
func identityOf(ctx context.Context) *identity {
	id, _ := ctx.Value(identityKey{}).(*identity)
	return id
}

// errNobody is a bug: a call of a Fleet without identity would otherwise be made as
// somebody else.
var errNobody = errors.New("internal error: a call of a fleet on behalf of no account")

// perCall are the credentials of whoever the context says. Nobody else's ever stand in.
type perCall struct{}

// Retrieve implements aws.CredentialsProvider.
func (perCall) Retrieve(ctx context.Context) (aws.Credentials, error) {
	id := identityOf(ctx)
	if id == nil {
		return aws.Credentials{}, errNobody
	}
	return id.credentials.Retrieve(ctx)
}

// perAccount retries for each account by itself: one that AWS throttles does not slow the
// others down.
type perAccount struct {
	aws.RetryerV2 // answers what depends on no account
	make          func() aws.RetryerV2
}

func (p perAccount) of(ctx context.Context) aws.RetryerV2 {
	id := identityOf(ctx)
	if id == nil {
		return p.RetryerV2
	}
	key := awsmiddleware.GetServiceID(ctx) + " " + awsmiddleware.GetRegion(ctx)
	id.mu.Lock()
	defer id.mu.Unlock()
	r := id.retryers[key]
	if r == nil {
		r = p.make()
		id.retryers[key] = r
	}
	return r
}

// GetAttemptToken implements aws.RetryerV2.
func (p perAccount) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	return p.of(ctx).GetAttemptToken(ctx)
}

// GetRetryToken implements aws.Retryer.
func (p perAccount) GetRetryToken(ctx context.Context, err error) (func(error) error, error) {
	return p.of(ctx).GetRetryToken(ctx, err)
}

// RetryDelay implements aws.Retryer. The pause depends on the number of the attempt alone.
func (p perAccount) RetryDelay(attempt int, err error) (time.Duration, error) {
	return p.RetryerV2.RetryDelay(attempt, err)
}

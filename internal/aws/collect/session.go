package collect

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	accountapi "github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// clients are the service clients of one region.
type clients struct {
	trails *cloudtrail.Client
	logs   *cloudwatchlogs.Client
	alarms *cloudwatch.Client
	topics *sns.Client
	keys   *kms.Client
	rules  *eventbridge.Client
	files  *s3.Client
}

// regionClients are the clients of each region, made once.
type regionClients struct {
	mu  sync.Mutex
	of  map[string]*clients
	sts *sts.Client // of a fleet; nil: not made yet
}

func newRegionClients() *regionClients { return &regionClients{of: map[string]*clients{}} }

// in returns the clients of a region, made once.
func (s *Session) in(region string) *clients {
	s.regions.mu.Lock()
	defer s.regions.mu.Unlock()
	c := s.regions.of[region]
	if c == nil {
		c = s.newClients(region)
		s.regions.of[region] = c
	}
	return c
}

func (s *Session) newClients(region string) *clients {
	cfg := s.cfg.Copy()
	cfg.Region = region
	return &clients{
		trails: cloudtrail.NewFromConfig(cfg),
		logs:   cloudwatchlogs.NewFromConfig(cfg),
		alarms: cloudwatch.NewFromConfig(cfg, func(o *cloudwatch.Options) {
			setProtocol(o, s.conf.protocolFor(aws.ToString(o.BaseEndpoint)))
		}),
		topics: sns.NewFromConfig(cfg),
		keys:   kms.NewFromConfig(cfg),
		rules:  eventbridge.NewFromConfig(cfg),
		files:  s.newS3(cfg),
	}
}

// newS3 makes a client for buckets.
func (s *Session) newS3(cfg aws.Config) *s3.Client {
	return s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle = o.BaseEndpoint != nil // an endpoint that is not AWS has no name for each bucket
	})
}

// S3 returns the S3 client of a region.
func (s *Session) S3(region string) *s3.Client { return s.in(region).files }

// CloudTrail returns the CloudTrail client of a region.
func (s *Session) CloudTrail(region string) *cloudtrail.Client { return s.in(region).trails }

// Region returns the region of calls that are about no region in particular.
func (s *Session) Region() string { return s.cfg.Region }

// EventBridge returns the EventBridge client of a region.
func (s *Session) EventBridge(region string) *eventbridge.Client { return s.in(region).rules }

// Logs returns the CloudWatch Logs client of a region.
func (s *Session) Logs(region string) *cloudwatchlogs.Client { return s.in(region).logs }

// CloudWatch returns the CloudWatch client of a region.
func (s *Session) CloudWatch(region string) *cloudwatch.Client { return s.in(region).alarms }

// SNS returns the SNS client of a region.
func (s *Session) SNS(region string) *sns.Client { return s.in(region).topics }

// STSAPI is the part of STS that a Session calls.
type STSAPI interface {
	GetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error)
}

var _ STSAPI = (*sts.Client)(nil)

func (s *Session) sts() STSAPI {
	return sts.NewFromConfig(s.cfg)
}

func (s *Session) accountClient() AccountAPI {
	return accountapi.NewFromConfig(s.cfg)
}

// A Caller is who the credentials belong to.
type Caller struct {
	Account   string // 12 digits
	ARN       string
	Partition string // aws, aws-cn, aws-us-gov, ...
}

// callerAttempts is how often the first call of all is tried: it tells whether
// anybody is there, and a person is waiting for the answer.
const callerAttempts = 3

// Caller says whose credentials the session uses. It asks once. The error is a
// *CredentialsError when there are none.
func (s *Session) Caller(ctx context.Context) (Caller, error) {
	s.mu.Lock()
	known := s.caller
	s.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	ctx = s.Bind(ctx)
	if _, err := s.cfg.Credentials.Retrieve(ctx); err != nil {
		return Caller{}, err
	}
	out, err := s.sts().GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}, func(o *sts.Options) {
		o.RetryMaxAttempts = min(callerAttempts, s.retries.Attempts)
	})
	if err != nil {
		return Caller{}, fmt.Errorf("asking who is calling: %w", Explain("sts:GetCallerIdentity", err))
	}
	c := Caller{Account: aws.ToString(out.Account), ARN: aws.ToString(out.Arn)}
	arn, ok := account.ParseARN(c.ARN)
	if !ok || c.Account == "" {
		return Caller{}, fmt.Errorf("asking who is calling: sts:GetCallerIdentity names account %q, caller %q", c.Account, c.ARN)
	}
	c.Partition = arn.Partition
	s.mu.Lock()
	s.caller = &c
	s.mu.Unlock()
	return c, nil
}

// accountID returns the account if it is known already.
func (s *Session) accountID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.caller == nil {
		return ""
	}
	return s.caller.Account
}

// instrument adds a deadline, counting and pacing to every call of every
// client.
func (s *Session) instrument(stack *middleware.Stack) error {
	if err := stack.Initialize.Add(middleware.InitializeMiddlewareFunc("monitorctl:count", s.count), middleware.After); err != nil {
		return err
	}
	// Behind the retries, because every attempt costs quota, and before the
	// signature, because its time counts.
	return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("monitorctl:pace", s.pace), "Retry", middleware.After)
}

func (s *Session) count(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
	middleware.InitializeOutput, middleware.Metadata, error,
) {
	if err := closed(ctx, operationOf(ctx), awsmiddleware.GetRegion(ctx)); err != nil {
		return middleware.InitializeOutput{}, middleware.Metadata{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, meta, err := next.HandleInitialize(ctx, in)
	noteClosed(ctx, err)
	c := Call{Operation: operationOf(ctx), Region: awsmiddleware.GetRegion(ctx)}
	if r, ok := retry.GetAttemptResults(meta); ok {
		c.Retries = max(0, len(r.Results)-1)
		for _, a := range r.Results {
			c.Throttled += throttled(a.Err)
		}
		err = unsure(err, r.Results)
	}
	if err != nil {
		c.Code = Code(err)
	}
	s.meter.add(c)
	return out, meta, err
}

// unsure marks the error of a call that may have taken effect.
func unsure(err error, attempts []retry.AttemptResult) error {
	for _, a := range attempts {
		if err != nil && a.Err != nil && MayHaveHappened(a.Err) {
			return &unsureError{err}
		}
	}
	return err
}

func (s *Session) pace(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	middleware.FinalizeOutput, middleware.Metadata, error,
) {
	pacer, caller := s.pacer, s.accountID()
	if id := identityOf(ctx); id != nil {
		pacer, caller = id.pacer, id.caller.Account
	}
	if err := pacer.wait(ctx, caller, awsmiddleware.GetRegion(ctx), operationOf(ctx)); err != nil {
		return middleware.FinalizeOutput{}, middleware.Metadata{}, err
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return middleware.FinalizeOutput{}, middleware.Metadata{}, ctx.Err()
	}
	return next.HandleFinalize(ctx, in)
}

// prefixes are IAM's names of the services, by the SDK's.
var prefixes = map[string]string{
	"CloudWatch Logs": "logs",
	"EventBridge":     "events",
}

// operationOf names the operation of a call as IAM does: "sns:Subscribe".
func operationOf(ctx context.Context) string {
	service := awsmiddleware.GetServiceID(ctx)
	prefix, ok := prefixes[service]
	if !ok {
		prefix = strings.ToLower(service)
	}
	return prefix + ":" + awsmiddleware.GetOperationName(ctx)
}

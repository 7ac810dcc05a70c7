package collect

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// A Session makes the clients of one account, one set per region. It is safe
// for concurrent use.
type Session struct {
	cfg   aws.Config
	conf  Config
	isAWS bool // the calls go to AWS itself

	retries Retries // every field set

	meter *meter
	pacer *pacer
	slots chan struct{} // one for each request under way

	as *identity // of a member of a Fleet; nil: whoever cfg.Credentials belong to

	mu      sync.Mutex
	caller  *Caller
	regions *regionClients
}

// Connect loads the SDK's configuration and prepares the clients. It makes no
// call; credentials are looked for when the first call needs them.
func Connect(ctx context.Context, conf Config) (*Session, error) {
	if err := conf.check(); err != nil {
		return nil, &ConfigError{err}
	}
	cfg, err := conf.load(ctx)
	if err != nil {
		return nil, fmt.Errorf("loading AWS configuration: %w", conf.unknownProfile(err))
	}
	if conf.EndpointURL != "" {
		// Again, because AWS_IGNORE_CONFIGURED_ENDPOINT_URLS takes it away: a run
		// against a test account must not reach AWS.
		cfg.BaseEndpoint = aws.String(conf.EndpointURL)
	}
	switch b, ok := cfg.HTTPClient.(*awshttp.BuildableClient); {
	case conf.Like != nil: // not before: the SDK adds AWS_CA_BUNDLE to the client that it loads with
		cfg.HTTPClient = conf.Like.cfg.HTTPClient
	case ok:
		cfg.HTTPClient = settled(b)
	}
	if conf.Trace != nil && conf.Like == nil {
		cfg.HTTPClient = &tracer{HTTPClient: cfg.HTTPClient, trace: conf.Trace}
	}
	s := &Session{
		cfg:     cfg,
		conf:    conf,
		isAWS:   cfg.BaseEndpoint == nil || isAWSEndpoint(*cfg.BaseEndpoint),
		meter:   newMeter(conf.Observe),
		slots:   make(chan struct{}, parallel),
		regions: newRegionClients(),
	}
	s.prepare()
	return s, nil
}

// settled makes a client of one that can still be built upon: that would be
// copied, connection pool and all, by every service client, and it follows some
// redirects, with the signed request and its session token.
func settled(b *awshttp.BuildableClient) *http.Client {
	return &http.Client{
		Transport: plainBodies{b.GetTransport()}, Timeout: b.GetTimeout(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// prepare puts what all clients share into the SDK's configuration: region,
// retries, pacing, counting, and credentials last, because assuming a role is
// a call like any other.
func (s *Session) prepare() {
	if s.cfg.Region == "" {
		s.cfg.Region = account.GlobalRegions("aws")[0]
	}
	share := s.conf.QuotaShare
	if share == 0 && s.isAWS {
		share = DefaultQuotaShare
	}
	s.pacer = newPacer(share)
	s.retries = s.conf.Retries.orDefault(s.isAWS)
	s.cfg.Retryer = func() aws.Retryer { return newRetryer(s.retries, s.isAWS) }
	s.cfg.APIOptions = append(s.cfg.APIOptions, s.instrument)
	s.cfg.Credentials = reported{s.cfg.Credentials, s.conf.profile()}
	if s.conf.RoleARN != "" {
		client := sts.NewFromConfig(s.cfg)
		role := stscreds.NewAssumeRoleProvider(client, s.conf.RoleARN, s.roleOptions)
		s.cfg.Credentials = reported{aws.NewCredentialsCache(assumed{role, s.conf.RoleARN}), s.conf.profile()}
	}
}

// Streaming returns the configuration of clients whose answers are read long after the
// call, as S3's are: with the session's credentials and retries, but without what it adds to
// calls: their deadline, pace and count, and the look at every reply, which is read whole
// for it. Such a client sees to its replies itself.
func (s *Session) Streaming() aws.Config {
	cfg := s.cfg.Copy()
	cfg.APIOptions = nil
	return cfg
}

// Stats returns how many calls the session has made so far.
func (s *Session) Stats() Stats { return s.meter.read() }

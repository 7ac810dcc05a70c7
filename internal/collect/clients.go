package collect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/monitorctl/monitorctl/internal/account"
)

// Config says whose account to call, and how.
type Config struct {
	Profile    string // of the shared configuration; "" is the SDK's default chain
	RoleARN    string // role to assume with those credentials; "" for none
	ExternalID string // for RoleARN

	// Keys are the credentials themselves; nil is the SDK's default chain. With
	// Keys no configuration file is read: the embedded account of the demo must
	// not depend on the user's.
	Keys *Keys

	// MFAToken asks for the code of an MFA device when a profile's role wants
	// one; nil makes such a profile an error.
	MFAToken func() (string, error)

	// Region is where account-wide calls go (STS, account); "" is the SDK's
	// choice, and the partition's global region when it has none.
	Region string

	// EndpointURL sends every call to one endpoint instead of AWS. Without it
	// AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE> count, as in the SDK.
	EndpointURL string

	// Protocol is what CloudWatch is spoken to in; "" is CBOR against AWS and
	// JSON against other endpoints. Set CBOR for an in-process test account.
	Protocol Protocol

	Retries Retries

	// Timeout bounds one attempt of a call, its reply included; 0 is 30 s.
	Timeout time.Duration

	// QuotaShare is the part of AWS's quotas to use; 0 is DefaultQuotaShare
	// against AWS and no pacing elsewhere.
	QuotaShare float64

	// Observe is told of every finished call, one at a time; may be nil.
	Observe func(Call)
}

// Keys are an access key.
type Keys struct{ ID, Secret string }

const (
	// attemptTimeout is what Config.Timeout is unless set.
	attemptTimeout = 30 * time.Second

	// callTimeout bounds a call with all its attempts and pauses.
	callTimeout = 2 * time.Minute

	// sessionName is the name under which an assumed role shows up in the
	// account's CloudTrail.
	sessionName = "monitorctl"

	// connsPerHost is the number of idle connections kept to one host: behind
	// --endpoint-url all calls of all regions go there.
	connsPerHost = parallel
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

	mu      sync.Mutex
	caller  *Caller
	regions map[string]*clients
}

// Connect loads the SDK's configuration and prepares the clients. It makes no
// call; credentials are looked for when the first call needs them.
func Connect(ctx context.Context, conf Config) (*Session, error) {
	if err := conf.check(); err != nil {
		return nil, err
	}
	cfg, err := config.LoadDefaultConfig(ctx, conf.loadOptions()...)
	if err != nil {
		return nil, fmt.Errorf("loading AWS configuration: %w", err)
	}
	// A buildable client would be copied, connection pool and all, by every
	// service client.
	if b, ok := cfg.HTTPClient.(*awshttp.BuildableClient); ok {
		cfg.HTTPClient = b.Freeze()
	}
	s := &Session{
		cfg:     cfg,
		conf:    conf,
		isAWS:   cfg.BaseEndpoint == nil || isAWSEndpoint(*cfg.BaseEndpoint),
		meter:   newMeter(conf.Observe),
		slots:   make(chan struct{}, parallel),
		regions: map[string]*clients{},
	}
	s.prepare()
	return s, nil
}

// check finds what is wrong with the configuration itself.
func (c Config) check() error {
	if c.ExternalID != "" && c.RoleARN == "" {
		return errors.New("an external id is of use only with a role to assume")
	}
	if c.EndpointURL != "" {
		u, err := url.Parse(c.EndpointURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("endpoint %q is not a URL such as http://127.0.0.1:5000", c.EndpointURL)
		}
	}
	if err := Protocol(os.Getenv(ProtocolVariable)).check(); err != nil {
		return fmt.Errorf("reading %s: %w", ProtocolVariable, err)
	}
	return c.Protocol.check()
}

func (c Config) loadOptions() []func(*config.LoadOptions) error {
	client := awshttp.NewBuildableClient().WithTimeout(cmp.Or(c.Timeout, attemptTimeout)).WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = connsPerHost
	})
	options := []func(*config.LoadOptions) error{
		config.WithHTTPClient(client),
		config.WithLogger(logging.Nop{}), // what matters is in the errors
		config.WithAssumeRoleCredentialOptions(func(o *stscreds.AssumeRoleOptions) { o.TokenProvider = c.MFAToken }),
	}
	if c.Keys != nil {
		none := []string{} // not nil: that would mean the usual files
		options = append(options,
			config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(c.Keys.ID, c.Keys.Secret, "")),
			config.WithSharedConfigFiles(none), config.WithSharedCredentialsFiles(none), config.WithSharedConfigProfile(""))
	}
	if c.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(c.Profile))
	}
	if c.Region != "" {
		options = append(options, config.WithRegion(c.Region))
	}
	if c.EndpointURL != "" {
		options = append(options, config.WithBaseEndpoint(c.EndpointURL))
	}
	return options
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
	s.cfg.Credentials = reported{s.cfg.Credentials}
	if s.conf.RoleARN != "" {
		client := sts.NewFromConfig(s.cfg, func(o *sts.Options) { s.override(&o.BaseEndpoint) })
		role := stscreds.NewAssumeRoleProvider(client, s.conf.RoleARN, s.roleOptions)
		s.cfg.Credentials = reported{aws.NewCredentialsCache(assumed{role, s.conf.RoleARN})}
	}
}

// override makes --endpoint-url win over AWS_ENDPOINT_URL_<SERVICE>, as flags
// do over the environment: a run against a test account must not reach AWS.
func (s *Session) override(endpoint **string) {
	if s.conf.EndpointURL != "" {
		*endpoint = aws.String(s.conf.EndpointURL)
	}
}

// Stats returns how many calls the session has made so far.
func (s *Session) Stats() Stats { return s.meter.read() }

package collect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
)

// Config says whose account to call, and how.
type Config struct {
	Profile    string // of the shared configuration; "" is the SDK's default chain
	RoleARN    string // role to assume with those credentials; "" for none
	ExternalID string // for RoleARN

	// Keys are the credentials themselves; nil is the SDK's default chain. With
	// Keys neither the environment nor the shared configuration is looked at:
	// what an embedded test account is asked must not depend on the user's.
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

	// Product and Version are what every call names itself by in its user agent, which
	// CloudTrail records: "monitorctl/1.2.0". "" adds nothing.
	Product, Version string

	// Observe is told of every finished call, one at a time; may be nil.
	Observe func(Call)

	// Trace is told of every HTTP request, one at a time; may be nil.
	Trace func(Attempt)

	// Connections is how many connections there are to one host, and how many idle ones are
	// kept; 0 is the SDK's choice.
	Connections int

	// Like lends its HTTP client, and so its connections; nil makes a new one.
	Like *Session
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

// A ConfigError says that a Config, or the environment that goes with it, makes
// no sense. No call was made.
type ConfigError struct{ Err error }

func (e *ConfigError) Error() string { return e.Err.Error() }

// Usage reports true: the configuration is what the user gave.
func (e *ConfigError) Usage() bool { return true }

// Unwrap returns the cause.
func (e *ConfigError) Unwrap() error { return e.Err }

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

// load reads the SDK's configuration, or makes one of the given keys alone.
func (c Config) load(ctx context.Context) (aws.Config, error) {
	if c.Keys == nil {
		return config.LoadDefaultConfig(ctx, c.loadOptions()...)
	}
	return aws.Config{
		Region:      c.Region,
		HTTPClient:  c.httpClient(),
		Credentials: credentials.NewStaticCredentialsProvider(c.Keys.ID, c.Keys.Secret, ""),
		Logger:      logging.Nop{},
		APIOptions:  c.apiOptions(),
	}, nil
}

// apiOptions are the middleware of every call.
func (c Config) apiOptions() []func(*middleware.Stack) error {
	options := []func(*middleware.Stack) error{examine}
	if c.Product != "" {
		options = append(options, awsmiddleware.AddUserAgentKeyValue(c.Product, c.Version))
	}
	return options
}

func (c Config) loadOptions() []func(*config.LoadOptions) error {
	options := []func(*config.LoadOptions) error{
		config.WithHTTPClient(c.httpClient()),
		config.WithLogger(logging.Nop{}), // what matters is in the errors
		// Also for the calls that the chain of credentials makes.
		config.WithAPIOptions(c.apiOptions()),
		config.WithAssumeRoleCredentialOptions(func(o *stscreds.AssumeRoleOptions) { o.TokenProvider = c.mfaCode() }),
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

// mfaCode is MFAToken with its errors marked as ours.
func (c Config) mfaCode() func() (string, error) {
	if c.MFAToken == nil {
		return nil
	}
	return func() (string, error) {
		code, err := c.MFAToken()
		if err != nil {
			err = &mfaError{err}
		}
		return code, err
	}
}

func (c Config) httpClient() config.HTTPClient {
	return awshttp.NewBuildableClient().
		WithTimeout(cmp.Or(c.Timeout, attemptTimeout)).
		WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConnsPerHost = connsPerHost
			if c.Connections > 0 {
				t.MaxIdleConnsPerHost, t.MaxIdleConns, t.MaxConnsPerHost = c.Connections, c.Connections, c.Connections
			}
		})
}

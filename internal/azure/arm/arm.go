// Package arm speaks to Azure Resource Manager: raw JSON over the pipeline of Azure's
// SDK. It is the only importer of the SDK.
//
// The pipeline brings credentials, retries with Retry-After, and proxies. What its
// clients would do on their own, this package does not let them do: register a provider
// while reading, follow the link to the next page to another host, follow a redirect,
// read an answer without end, or drop keys that a model lacks.
package arm

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm/policy"
	armruntime "github.com/Azure/azure-sdk-for-go/sdk/azcore/arm/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	azpolicy "github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// A Config says which Azure is spoken to, and as whom. The credential is that of the
// environment (azidentity's DefaultAzureCredential).
type Config struct {
	Tenant   string // to sign in to; "" for the credential's own
	Cloud    string // public, usgov or china; "" is public
	Endpoint string // https URL instead of the cloud's; "" for the cloud's

	// Token is sent instead of one of the environment's credential; "" for that. It is
	// for an Azure inside the process.
	Token string

	// Transport sends requests instead of the usual one; nil for that.
	Transport http.RoundTripper

	// Trace is told of every attempt, those to sign in included, by several goroutines at
	// a time; nil for nobody.
	Trace func(Attempt)

	// RetryDelay is the pause before the first retry; 0 for the SDK's 0.8 seconds.
	RetryDelay time.Duration
}

// clouds are the public cloud and the sovereign ones.
var clouds = map[string]cloud.Configuration{"public": cloud.AzurePublic, "usgov": cloud.AzureGovernment, "china": cloud.AzureChina}

// Clouds returns the names that Config.Cloud takes.
func Clouds() []string { return []string{"public", "usgov", "china"} }

// A ConfigError is a setting that makes every request impossible.
type ConfigError struct{ msg string }

func (e *ConfigError) Error() string { return e.msg }

// Usage reports true: the configuration is what the user gave.
func (e *ConfigError) Usage() bool { return true }

// A Client makes calls.
type Client struct {
	endpoint *url.URL
	pipeline runtime.Pipeline

	mu    sync.Mutex
	calls map[string]int
}

// Connect prepares a client. It makes no call. The error is a *ConfigError or a
// *CredentialError.
func Connect(c Config) (*Client, error) {
	configuration, ok := clouds[c.Cloud]
	if c.Cloud == "" {
		configuration, ok = cloud.AzurePublic, true
	}
	if !ok {
		return nil, &ConfigError{fmt.Sprintf("cloud %q is not known: %s", c.Cloud, strings.Join(Clouds(), ", "))}
	}
	service := configuration.Services[cloud.ResourceManager]
	base := service.Endpoint
	if c.Endpoint != "" {
		base = c.Endpoint
		service.Endpoint = c.Endpoint
		configuration.Services = map[cloud.ServiceName]cloud.ServiceConfiguration{cloud.ResourceManager: service}
	}
	endpoint, err := url.Parse(base)
	if err != nil || endpoint.Scheme != "https" || endpoint.Host == "" {
		return nil, &ConfigError{fmt.Sprintf("endpoint %q is not an https URL: a token is sent there", base)}
	}
	options := azpolicy.ClientOptions{
		Cloud: configuration, Transport: &http.Client{Transport: &bounded{transport(c), c.Trace}, CheckRedirect: neverFollow},
		Retry: azpolicy.RetryOptions{RetryDelay: c.RetryDelay}, Telemetry: azpolicy.TelemetryOptions{ApplicationID: "monitorctl"},
	}
	signIn := options
	if c.Endpoint != "" {
		signIn.Cloud = cloud.Configuration{} // AZURE_AUTHORITY_HOST decides
	}
	// A private endpoint has a private authority, which Microsoft's discovery does not
	// know.
	var cred azcore.TokenCredential = token(c.Token)
	if c.Token == "" {
		cred, err = azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{ClientOptions: signIn, TenantID: c.Tenant, DisableInstanceDiscovery: c.Endpoint != ""})
		if err != nil {
			return nil, &CredentialError{err}
		}
	}
	pipeline, err := armruntime.NewPipeline("monitorctl", "v1", credential{cred}, runtime.PipelineOptions{}, &policy.ClientOptions{ClientOptions: options, DisableRPRegistration: true})
	if err != nil {
		return nil, &ConfigError{fmt.Sprintf("preparing calls to Azure: %v", err)}
	}
	return &Client{endpoint: endpoint, pipeline: pipeline, calls: map[string]int{}}, nil
}

func transport(c Config) http.RoundTripper {
	if c.Transport != nil {
		return c.Transport
	}
	return http.DefaultTransport
}

// neverFollow leaves redirects to the caller: ARM sends none, and a token is not for
// others.
func neverFollow(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Calls counts the calls made so far, retries aside, by the permission that each needs.
func (c *Client) Calls() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string]int{}
	for k, n := range c.calls {
		out[k] = n
	}
	return out
}

// A Request is one thing to read or write.
type Request struct {
	Operation string // the permission that it needs: Microsoft.Insights/actionGroups/read
	Path      string // /subscriptions/...
	Version   string // of the api
}

func (c *Client) url(r Request) *url.URL {
	u := c.endpoint.JoinPath(r.Path)
	u.RawQuery = url.Values{"api-version": {r.Version}}.Encode()
	return u
}

// Get reads one object, as it is written. The error is an *Error, a *CredentialError,
// or that of ctx.
func (c *Client) Get(ctx context.Context, r Request) (json.RawMessage, error) {
	return c.get(ctx, r, c.url(r))
}

// maxPages bounds a list: 100 objects a page make a million.
const maxPages = 10_000

// List reads all pages of a list, one after the other, and returns its objects as they
// are written. Errors are as in Get: a list is whole, or it is none.
func (c *Client) List(ctx context.Context, r Request) ([]json.RawMessage, error) {
	u := c.url(r)
	out := []json.RawMessage{}
	var seen []string
	for {
		raw, err := c.get(ctx, r, u)
		if err != nil {
			return nil, err
		}
		var page struct {
			Value    *[]json.RawMessage `json:"value"`
			NextLink string             `json:"nextLink"`
		}
		if err := json.Unmarshal(raw, &page); err != nil || page.Value == nil {
			return nil, &Error{Operation: r.Operation, Code: CodeNoList, Message: "the answer has no list"}
		}
		out = append(out, *page.Value...)
		if page.NextLink == "" {
			return out, nil
		}
		if slices.Contains(seen, page.NextLink) || len(seen) >= maxPages {
			return nil, &Error{Operation: r.Operation, Code: CodeEndlessList, Message: "the list does not end"}
		}
		seen = append(seen, page.NextLink)
		if u, err = url.Parse(page.NextLink); err != nil || u.Scheme != c.endpoint.Scheme || !strings.EqualFold(u.Host, c.endpoint.Host) {
			return nil, &Error{Operation: r.Operation, Code: CodeForeignLink, Message: "the next page is on another host, which must not receive the token"}
		}
	}
}

func (c *Client) get(ctx context.Context, r Request, u *url.URL) (json.RawMessage, error) {
	body, _, err := c.do(ctx, http.MethodGet, r, u, nil, http.StatusOK)
	if err == nil && !json.Valid(body) {
		return nil, &Error{Operation: r.Operation, Status: http.StatusOK, Code: CodeNoJSON, Message: "the answer is not JSON"}
	}
	return body, err
}

// do makes a request and demands one of some statuses of its answer.
func (c *Client) do(ctx context.Context, method string, r Request, u *url.URL, body json.RawMessage, want ...int) (json.RawMessage, http.Header, error) {
	c.mu.Lock()
	c.calls[r.Operation]++
	c.mu.Unlock()
	request, err := runtime.NewRequest(ctx, method, u.String())
	if err != nil {
		return nil, nil, &Error{Operation: r.Operation, Code: CodeConnection, Message: err.Error()}
	}
	request.Raw().Header.Set("Accept", "application/json")
	if body != nil {
		if err := request.SetBody(streaming.NopCloser(bytes.NewReader(body)), "application/json"); err != nil {
			return nil, nil, &Error{Operation: r.Operation, Code: CodeConnection, Message: err.Error()}
		}
	}
	response, err := c.pipeline.Do(request)
	if err != nil {
		return nil, nil, failure(ctx, r.Operation, u, err)
	}
	defer response.Body.Close()
	answer, err := runtime.Payload(response)
	if err != nil {
		return nil, nil, failure(ctx, r.Operation, u, err)
	}
	if !slices.Contains(want, response.StatusCode) {
		return nil, nil, refusal(r.Operation, response, answer)
	}
	return answer, response.Header, nil
}

// maxAnswer bounds an answer in bytes. A hundred rules take about a tenth of a megabyte.
const maxAnswer = 64 << 20

// An Attempt is one request with its answer. It holds nothing secret: no query, no
// header but the id that Azure gives each request.
type Attempt struct {
	Method, Host, Path string
	Status             int // of HTTP; 0 when there was no answer
	Took               time.Duration
	RequestID          string // "" when there is none
}

// String returns the attempt in one line.
func (a Attempt) String() string {
	status := "no answer"
	if a.Status != 0 {
		status = fmt.Sprintf("HTTP %d", a.Status)
	}
	text := fmt.Sprintf("%s %s%s %s in %s", a.Method, a.Host, a.Path, status, a.Took.Round(time.Millisecond))
	if a.RequestID != "" {
		text += " (" + a.RequestID + ")"
	}
	return text
}

// bounded refuses answers without end, and tells of attempts.
type bounded struct {
	next  http.RoundTripper
	trace func(Attempt)
}

// RoundTrip implements http.RoundTripper.
func (b *bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	started := time.Now()
	response, err := b.next.RoundTrip(r)
	if b.trace != nil {
		a := Attempt{Method: r.Method, Host: r.URL.Host, Path: r.URL.Path, Took: time.Since(started)}
		if err == nil {
			a.Status, a.RequestID = response.StatusCode, response.Header.Get("x-ms-request-id")
		}
		b.trace(a)
	}
	if err == nil {
		response.Body = &limited{response.Body, maxAnswer}
	}
	return response, err
}

type limited struct {
	io.ReadCloser
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, &Error{Code: CodeTooLarge, Message: fmt.Sprintf("the answer has more than %d MB", maxAnswer>>20)}
	}
	n, err := l.ReadCloser.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}

// A token is a credential that is known.
type token string

// GetToken implements azcore.TokenCredential.
func (t token) GetToken(context.Context, azpolicy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: string(t), ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// A credential words what signing in fails with.
type credential struct{ azcore.TokenCredential }

// GetToken implements azcore.TokenCredential. The error is a *CredentialError, or that of
// ctx.
func (c credential) GetToken(ctx context.Context, o azpolicy.TokenRequestOptions) (azcore.AccessToken, error) {
	token, err := c.TokenCredential.GetToken(ctx, o)
	if err != nil && ctx.Err() == nil {
		return token, &CredentialError{err}
	}
	return token, err
}

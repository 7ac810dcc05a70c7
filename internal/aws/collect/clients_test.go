package collect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/awstest"
)

// isolate gives a test an environment of its own: fixed credentials, no
// configuration files, no instance metadata, no endpoints.
func isolate(t *testing.T) {
	t.Helper()
	none := filepath.Join(t.TempDir(), "none")
	for k, v := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "",
		"AWS_PROFILE": "", "AWS_REGION": "", "AWS_DEFAULT_REGION": "", "AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none,
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL": "", "AWS_CA_BUNDLE": "", ProtocolVariable: "",
	} {
		t.Setenv(k, v)
	}
}

// once sends every call a single time, so that failing endpoints fail at once.
var once = Retries{Attempts: 1, MaxBackoff: time.Nanosecond}

// A recorder is an endpoint that notes requests and answers with an error.
type recorder struct {
	mu   sync.Mutex
	seen []*http.Request
	body []string
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	b, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	r.seen, r.body = append(r.seen, req), append(r.body, string(b))
	r.mu.Unlock()
	w.WriteHeader(http.StatusInternalServerError)
}

func record(t *testing.T) (*recorder, string) {
	t.Helper()
	r := &recorder{}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	return r, server.URL
}

func TestCloudWatchProtocol(t *testing.T) {
	tests := []struct {
		name     string
		set      Protocol
		variable string
		want     Protocol
	}{
		{"another endpoint", "", "", JSON},
		{"in-process test account", CBOR, "", CBOR},
		{"chosen by the caller", Query, "", Query},
		{"variable wins", CBOR, "query", Query},
		{"variable says cbor", "", "cbor", CBOR},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			isolate(t)
			t.Setenv(ProtocolVariable, tt.variable)
			r, url := record(t)
			s, err := Connect(context.Background(), Config{EndpointURL: url, Protocol: tt.set, Retries: once})
			if err != nil {
				t.Fatal(err)
			}
			if a := alarms(context.Background(), s.CloudWatch("eu-central-1")); a.Failed() == nil {
				t.Fatal("a failing endpoint gave alarms")
			}
			if len(r.seen) != 1 {
				t.Fatalf("endpoint saw %d requests, want 1", len(r.seen))
			}
			if got := protocolOf(r.seen[0], r.body[0]); got != tt.want {
				t.Errorf("spoke %s, want %s", got, tt.want)
			}
		})
	}
}

// protocolOf tells from a request, as a server would, what it is written in.
func protocolOf(r *http.Request, body string) Protocol {
	switch {
	case r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor":
		return CBOR
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-amz-json-1.0"):
		return JSON
	case strings.Contains(body, "Action=DescribeAlarms"):
		return Query
	}
	return "something else"
}

func TestProtocolAgainstAWS(t *testing.T) {
	isolate(t)
	for endpoint, want := range map[string]Protocol{
		"": CBOR,
		"https://vpce-1.monitoring.eu-central-1.vpce.amazonaws.com": CBOR,
		"https://monitoring.cn-north-1.amazonaws.com.cn":            CBOR,
		"https://amazonaws.com.example.org":                         JSON,
		"http://127.0.0.1:5000":                                     JSON,
	} {
		if got := (Config{}).protocolFor(endpoint); got != want {
			t.Errorf("endpoint %q: got %s, want %s", endpoint, got, want)
		}
	}
}

// The flag beats the variables of single services: a run against a test account
// must not reach AWS with one of its calls.
func TestEndpointFlagBeatsEnvironment(t *testing.T) {
	isolate(t)
	flag, url := record(t)
	env, envURL := record(t)
	for _, service := range []string{"STS", "ACCOUNT", "EC2", "IAM", "CLOUDTRAIL", "CLOUDWATCH_LOGS", "CLOUDWATCH", "SNS", "KMS"} {
		t.Setenv("AWS_ENDPOINT_URL_"+service, envURL)
	}
	ctx := context.Background()
	call := func(conf Config) {
		conf.Retries = once
		s, err := Connect(ctx, conf)
		if err != nil {
			t.Fatal(err)
		}
		c := s.in("eu-central-1")
		caller := Caller{Account: acct, Partition: "aws"}
		if _, err := s.Caller(ctx); err == nil {
			t.Error("a failing endpoint named a caller")
		}
		s.enabledRegions(ctx, caller)
		if _, err := s.accountAlias(ctx, caller); err == nil {
			t.Error("a failing endpoint gave an alias")
		}
		describeTrails(ctx, c.trails)
		logGroup(ctx, c.logs, "g")
		alarms(ctx, c.alarms)
		topicAttributes(ctx, c.topics, topicA)
		keyMetadata(ctx, c.keys, "k")
	}
	call(Config{EndpointURL: url})
	if len(env.seen) != 0 || len(flag.seen) != 9 {
		t.Errorf("with the flag: %d calls there, %d elsewhere; want 9 and 0", len(flag.seen), len(env.seen))
	}
	t.Setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
	call(Config{EndpointURL: url})
	if len(env.seen) != 0 || len(flag.seen) != 18 {
		t.Errorf("with configured endpoints ignored: %d calls there, %d elsewhere; want 9 more and 0", len(flag.seen), len(env.seen))
	}
	t.Setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "")
	call(Config{})
	if len(env.seen) != 9 {
		t.Errorf("without the flag: %d calls to the variables' endpoints, want 9", len(env.seen))
	}
}

func TestConnectRefuses(t *testing.T) {
	tests := []struct {
		name, variable string
		conf           Config
		want           string
	}{
		{"no URL", "", Config{EndpointURL: "localhost:5000"}, `endpoint "localhost:5000" is not a URL such as http://127.0.0.1:5000`},
		{"another scheme", "", Config{EndpointURL: "file:///etc/passwd"}, `endpoint "file:///etc/passwd" is not a URL`},
		{"external id alone", "", Config{ExternalID: "x"}, "an external id is of use only with a role to assume"},
		{"protocol", "", Config{Protocol: "smoke"}, `CloudWatch protocol "smoke": expected cbor, json or query`},
		{"variable", "smoke", Config{}, "reading " + ProtocolVariable + `: CloudWatch protocol "smoke"`},
		{"profile", "", Config{Profile: "nobody"}, "loading AWS configuration: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			isolate(t)
			t.Setenv(ProtocolVariable, tt.variable)
			_, err := Connect(context.Background(), tt.conf)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestNoCredentials(t *testing.T) {
	isolate(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	r, url := record(t)
	s, err := Connect(context.Background(), Config{EndpointURL: url})
	if err != nil {
		t.Fatal(err)
	}
	_, err = Run(context.Background(), s, Options{Now: time.Now})
	var creds *CredentialsError
	if !errors.As(err, &creds) {
		t.Fatalf("got %v, want a *CredentialsError", err)
	}
	if text := err.Error(); strings.Contains(text, "\n") || strings.Count(text, "credentials") > 1 {
		t.Errorf("not one plain line: %q", text)
	}
	if len(r.seen) != 0 {
		t.Errorf("%d calls were made without credentials", len(r.seen))
	}
}

// Emulators list regions of other partitions and regions that are not enabled.
func TestRegionsThatDoNotCount(t *testing.T) {
	isolate(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<DescribeRegionsResponse><regionInfo>
			<item><regionName>us-gov-west-1</regionName><optInStatus>opt-in-not-required</optInStatus></item>
			<item><regionName>us-east-1</regionName><optInStatus>opt-in-not-required</optInStatus></item>
			<item><regionName>me-south-1</regionName><optInStatus>not-opted-in</optInStatus></item>
			<item><regionName>af-south-1</regionName><optInStatus>opted-in</optInStatus></item>
		</regionInfo></DescribeRegionsResponse>`)
	}))
	t.Cleanup(server.Close)
	s, err := Connect(context.Background(), Config{EndpointURL: server.URL, Retries: once})
	if err != nil {
		t.Fatal(err)
	}
	got, notes := s.enabledRegions(context.Background(), Caller{Account: acct, Partition: "aws"})
	diff(t, "regions", got, []string{"af-south-1", "us-east-1"})
	if len(notes) != 0 {
		t.Errorf("notes: %v", notes)
	}
}

// Keys of a test account leave nothing to the environment: neither a broken
// configuration file nor a variable may send a call elsewhere.
func TestKeysAlone(t *testing.T) {
	l := newLab(t, awstest.Options{})
	l.common()
	id, secret := l.acct.Credentials()
	elsewhere, url := record(t)
	file := filepath.Join(t.TempDir(), "config")
	l.must(os.WriteFile(file, []byte("[profile broken\nthis is not a configuration"), 0o600))
	for k, v := range map[string]string{
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "nobody", "AWS_CONFIG_FILE": file, "AWS_ENDPOINT_URL": url,
		"AWS_ENDPOINT_URL_SNS": url, "AWS_ENDPOINT_URL_IAM": url, "AWS_USE_FIPS_ENDPOINT": "true",
	} {
		t.Setenv(k, v)
	}
	snap := l.collectWith(l.session(Config{Keys: &Keys{ID: id, Secret: secret}}), Options{})
	if a := snap.Accounts[0]; a.ID != acct || a.Alias != "acme" || len(failures(t, snap)) != 0 {
		t.Errorf("account %s (%s), failures %v", a.ID, a.Alias, failures(t, snap))
	}
	if n := len(elsewhere.seen); n != 0 {
		t.Errorf("%d calls went to the environment's endpoint", n)
	}
}

func TestNobodyThere(t *testing.T) {
	isolate(t)
	_, url := record(t)
	closed := httptest.NewServer(nil)
	closed.Close()
	for name, endpoint := range map[string]string{"closed port": closed.URL, "no AWS": url} {
		t.Run(name, func(t *testing.T) {
			s, err := Connect(context.Background(), Config{EndpointURL: endpoint, Retries: once})
			if err != nil {
				t.Fatal(err)
			}
			_, err = Run(context.Background(), s, Options{Now: time.Now})
			if err == nil {
				t.Fatal("a snapshot came from nowhere")
			}
			want := map[string]string{
				"closed port": "asking who is calling: sts:GetCallerIdentity: ConnectionError: " + strings.TrimPrefix(closed.URL, "http://") + ": connection refused",
				"no AWS":      "asking who is calling: sts:GetCallerIdentity: EmulatorGap: HTTP status 500 without a readable error",
			}[name]
			if err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

package collect

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/awstest"
)

func TestAttemptString(t *testing.T) {
	for _, tt := range []struct {
		a    Attempt
		want string
	}{
		{
			Attempt{Operation: "logs:DescribeLogGroups", Region: "eu-central-1", Method: "POST", Host: "logs.eu-central-1.amazonaws.com", Path: "/", Status: 200, RequestID: "1-2", Took: 41*time.Millisecond + 7},
			"logs:DescribeLogGroups eu-central-1: POST logs.eu-central-1.amazonaws.com/: 200 in 41ms, request id 1-2",
		},
		{Attempt{Method: "POST", Host: "ec2.us-east-1.amazonaws.com", Path: "/", Status: 403}, "POST ec2.us-east-1.amazonaws.com/: 403 in 0s"},
		{
			Attempt{Operation: "sts:GetCallerIdentity", Method: "POST", Host: "127.0.0.1:1", Path: "/", Err: "connection refused", Took: time.Second},
			"sts:GetCallerIdentity: POST 127.0.0.1:1/: no answer after 1s: connection refused",
		},
	} {
		if got := tt.a.String(); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

// Every request of a run is traced, retries included, with the operation that it
// is about, and the answer still arrives.
func TestTrace(t *testing.T) {
	l := newLab(t, awstest.Options{})
	l.common()
	seen := map[string]int{}
	s := l.session(Config{Trace: func(a Attempt) {
		if a.Status != 200 && a.Err == "" && a.Status != 400 && a.Status != 404 {
			t.Errorf("%s", a)
		}
		seen[a.Operation]++
	}})
	snap := l.collectWith(s, Options{})
	if len(snap.Accounts) != 1 {
		t.Fatalf("%d accounts", len(snap.Accounts))
	}
	for op, n := range s.Stats().Calls {
		if seen[op] < n && op != "iam:ListAccountAliases" && op != "ec2:DescribeRegions" { // Query by hand: the request does not tell
			t.Errorf("%s: %d requests traced of %d calls", op, seen[op], n)
		}
	}
}

// The calls in the Query protocol go where the SDK's clients would send them.
func TestQueryEndpointVariants(t *testing.T) {
	for _, tt := range []struct {
		name, fips, dual  string
		region, partition string
		want              string
	}{
		{"usual", "", "", "eu-central-1", "aws", "https://ec2.eu-central-1.amazonaws.com"},
		{"FIPS", "true", "", "us-east-1", "aws", "https://ec2-fips.us-east-1.amazonaws.com"},
		{"FIPS in GovCloud", "true", "", "us-gov-west-1", "aws-us-gov", "https://ec2.us-gov-west-1.amazonaws.com"},
		{"dual stack", "", "true", "eu-west-1", "aws", "https://ec2.eu-west-1.api.aws"},
		{"both", "true", "true", "us-west-2", "aws", "https://ec2-fips.us-west-2.api.aws"},
		{"China", "", "", "cn-north-1", "aws-cn", "https://ec2.cn-north-1.amazonaws.com.cn"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("AWS_USE_FIPS_ENDPOINT", tt.fips)
			t.Setenv("AWS_USE_DUALSTACK_ENDPOINT", tt.dual)
			t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
			s, err := Connect(context.Background(), Config{})
			if err != nil {
				t.Fatal(err)
			}
			if got := s.ec2Endpoint(tt.region, tt.partition); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

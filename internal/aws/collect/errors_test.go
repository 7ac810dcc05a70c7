package collect

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// reply wraps err as the SDK wraps what it finds in a reply of that status from
// that host.
func reply(host string, status int, err error) error {
	u := &url.URL{Scheme: "https", Host: host}
	r := &http.Response{StatusCode: status, Request: &http.Request{URL: u}}
	return &smithy.OperationError{
		ServiceID: "X", OperationName: "Y",
		Err: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: r}, Err: err},
	}
}

// unsent wraps err as the SDK wraps what keeps a request from an answer.
func unsent(err error) error {
	return &smithy.OperationError{
		ServiceID: "X", OperationName: "Y",
		Err: &smithyhttp.RequestSendError{Err: &url.Error{Op: "Post", URL: "https://x/", Err: err}},
	}
}

type slow struct{}

func (slow) Error() string { return "i/o timeout" }
func (slow) Timeout() bool { return true }

func TestCodeAndMessage(t *testing.T) {
	api := func(code, msg string) error { return &smithy.GenericAPIError{Code: code, Message: msg} }
	html := &smithy.DeserializationError{Err: errors.New("invalid character '<'")}
	refused := &net.OpError{
		Op: "dial", Net: "tcp", Addr: &net.TCPAddr{Port: 54321},
		Err: os.NewSyscallError("connect", syscall.ECONNREFUSED),
	}
	const aws, other = "logs.eu-central-1.amazonaws.com", "127.0.0.1:5000"

	tests := []struct {
		name      string
		err       error
		code, msg string
	}{
		{"AWS's code", reply(aws, 400, api("AccessDeniedException", "User: x is not authorized")), "AccessDeniedException", "User: x is not authorized"},
		{
			"request ids differ from run to run",
			reply(aws, 400, api("KMSAccessDenied", "denied (Service: AWSKMS; Status Code: 400; Request ID: 1b2c3d4e-0000-1111; Proxy: null)")),
			"KMSAccessDenied", "denied (Service: AWSKMS; Status Code: 400; Proxy: null)",
		},
		{"one line", reply(aws, 400, api("X", "a\nb\t\x1b[31mc")), "X", "a b [31mc"},
		{"bounded", reply(aws, 400, api("X", strings.Repeat("é", 5000))), "X", strings.Repeat("é", maxMessage) + "..."},
		{"last of several attempts", fmt.Errorf("exceeded: %w", reply(aws, 400, api("ThrottlingException", "Rate exceeded"))), "ThrottlingException", "Rate exceeded"},
		{"emulator without the operation", reply(other, 500, html), CodeEmulatorGap, "HTTP status 500 without a readable error"},
		{"emulator without the service", reply(other, 404, api(CodeUnknown, CodeUnknown)), CodeEmulatorGap, "HTTP status 404 without a readable error"},
		{"emulator denies in another protocol", reply(other, 403, html), CodeUnknown, "HTTP status 403 without a readable error"},
		{"AWS answers with a page", reply(aws, 503, html), CodeUnknown, "HTTP status 503 without a readable error"},
		{"no answer in time", unsent(slow{}), CodeTimeout, "x: no answer in time"},
		{"deadline", fmt.Errorf("x: %w", context.DeadlineExceeded), CodeTimeout, "no answer in time"},
		{"nobody listens", unsent(refused), CodeConnection, "x: connection refused"},
		{"no such host", unsent(&net.DNSError{Err: "no such host", Name: "logs.xx-1.amazonaws.com", IsNotFound: true}), CodeConnection, "no such host: logs.xx-1.amazonaws.com"},
		{"closed", unsent(io.EOF), CodeConnection, "x: the connection was closed without an answer"},
		{"reply broken off", reply(other, 200, &smithy.DeserializationError{Err: io.ErrUnexpectedEOF}), CodeConnection, "127.0.0.1:5000: the reply was cut short or damaged"},
		{"reply reset", reply(other, 200, &net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}), CodeConnection, "127.0.0.1:5000: connection reset by peer"},
		{"redirect", reply(other, 307, html), CodeEmulatorGap, "127.0.0.1:5000: it answers with a redirect (HTTP status 307), which is not followed"},
		{"reply without its list", reply(other, 200, &tornError{"it lacks metricFilters"}), CodeConnection, "127.0.0.1:5000: the reply was cut short or damaged: it lacks metricFilters"},
		{"reply without measure", reply(other, 200, sizeError{}), CodeTooLarge, "127.0.0.1:5000: the reply is larger than 64 MB"},
		{"list without end", fmt.Errorf("x: %w", &PagesError{3}), CodeEndless, "the list does not end: page 3 leads back to an earlier one"},
		{"credentials", fmt.Errorf("get identity: %w", &CredentialsError{Err: errors.New("token expired: abc")}), CodeCredentials, "the source of the credentials gave none that can be used"},
		{"anything else", errors.New("what is this"), CodeUnknown, "what is this"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Code(tt.err); got != tt.code {
				t.Errorf("code of %v: got %s, want %s", tt.err, got, tt.code)
			}
			if got := Message(tt.err); got != tt.msg {
				t.Errorf("message of %v: got %q, want %q", tt.err, got, tt.msg)
			}
		})
	}
}

func TestFailureOfDisabledRegion(t *testing.T) {
	err := reply("logs.me-south-1.amazonaws.com", 400, &smithy.GenericAPIError{Code: "UnrecognizedClientException", Message: "The security token included in the request is invalid."})
	f := failure("cloudtrail:DescribeTrails", err)
	if f.Operation != "cloudtrail:DescribeTrails" || f.Code != "UnrecognizedClientException" || !strings.Contains(f.Message, "not enabled") {
		t.Errorf("got %+v", f)
	}
}

func TestNotFound(t *testing.T) {
	api := func(code string) error { return &smithy.GenericAPIError{Code: code} }
	for _, code := range []string{"ResourceNotFoundException", "NotFound", "NotFoundException", "ResourceNotFound"} {
		if !NotFound(api(code)) {
			t.Errorf("%s: want not found", code)
		}
	}
	// A trail that cannot be found at its own home region was there a moment
	// ago: that is no answer.
	if NotFound(api("TrailNotFoundException")) || NotFound(api("AccessDenied")) || NotFound(nil) {
		t.Error("TrailNotFoundException, AccessDenied and nil are not answers")
	}
}

func TestRetryable(t *testing.T) {
	api := func(code string) error { return &smithy.GenericAPIError{Code: code} }
	const host = "logs.eu-central-1.amazonaws.com"
	r := newRetryer(Retries{}.orDefault(true), true)
	tests := []struct {
		name string
		err  error
		want bool
	}{
		{"throttled", reply(host, 400, api("ThrottlingException")), true},
		{"SNS and STS throttle so", reply(host, 400, api("Throttling")), true},
		{"quota of filters is full", reply(host, 400, api("LimitExceededException")), false},
		{"another change to the group", reply(host, 400, api("OperationAbortedException")), true},
		{"server error", reply(host, 500, api("InternalFailure")), true},
		{"denied", reply(host, 400, api("AccessDeniedException")), false},
		{"reply cut short", reply(host, 200, &smithy.DeserializationError{Err: io.ErrUnexpectedEOF}), true},
		{"reply without its list", reply(host, 200, &tornError{"it lacks trailList"}), true},
		{"reply without measure", reply(host, 200, sizeError{}), false},
		{"list without end", &PagesError{3}, false},
		{"denied in another protocol", reply("127.0.0.1:1", 403, &smithy.DeserializationError{Err: errors.New("'<'")}), false},
		{"connection refused", unsent(os.NewSyscallError("connect", syscall.ECONNREFUSED)), true},
		{"no such host", unsent(&net.DNSError{IsNotFound: true}), false},
		{"bad certificate", unsent(&tls.CertificateVerificationError{Err: errors.New("expired")}), false},
		{"cancelled", &smithy.CanceledError{Err: context.Canceled}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := r.IsErrorRetryable(tt.err); got != tt.want {
				t.Errorf("retrying %v: got %v, want %v", tt.err, got, tt.want)
			}
		})
	}
	if throttles().IsErrorThrottle(api("LimitExceededException")).Bool() || !throttles().IsErrorThrottle(api("ThrottlingException")).Bool() {
		t.Error("a full quota must not slow the client down, throttling must")
	}
	if got := r.MaxAttempts(); got != 10 {
		t.Errorf("attempts against AWS: got %d, want 10", got)
	}
	if got := newRetryer(Retries{}.orDefault(false), false).MaxAttempts(); got != 3 {
		t.Errorf("attempts against another endpoint: got %d, want 3", got)
	}
}

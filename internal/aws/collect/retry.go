package collect

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Retries says how failed calls are repeated.
type Retries struct {
	// Attempts is the number of times a call is sent at most; 0 is 10 against
	// AWS and 3 against other endpoints, where an operation that the endpoint
	// lacks looks like a failure worth repeating.
	Attempts int

	// MaxBackoff bounds the pause between attempts; 0 is the SDK's 20 s against
	// AWS and 200 ms against other endpoints.
	MaxBackoff time.Duration
}

const (
	awsAttempts     = 10
	otherAttempts   = 3
	otherMaxBackoff = 200 * time.Millisecond
)

// orDefault fills in what r leaves open.
func (r Retries) orDefault(isAWS bool) Retries {
	attempts, backoff := otherAttempts, otherMaxBackoff
	if isAWS {
		attempts, backoff = awsAttempts, retry.DefaultMaxBackoff
	}
	if r.Attempts == 0 {
		r.Attempts = attempts
	}
	if r.MaxBackoff == 0 {
		r.MaxBackoff = backoff
	}
	return r
}

// newRetryer returns the SDK's retryer: the adaptive one against AWS, where it
// slows a client down that AWS throttles, the standard one elsewhere.
func newRetryer(r Retries, isAWS bool) aws.RetryerV2 {
	standard := func(o *retry.StandardOptions) {
		o.MaxAttempts = r.Attempts
		o.MaxBackoff = r.MaxBackoff
		o.Retryables = append(ownRetryables(), o.Retryables...)
		o.Throttles = []retry.IsErrorThrottle{throttles()}
	}
	if !isAWS {
		return retry.NewStandard(standard)
	}
	return retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
		o.Throttles = []retry.IsErrorThrottle{throttles()}
		o.StandardOptions = append(o.StandardOptions, standard)
	})
}

// limitExceeded is a full quota in every service that monitorctl calls ("100
// metric filters reached"), but the SDK counts it as throttling and would
// repeat the call to the end.
const limitExceeded = "LimitExceededException"

func throttles() retry.ThrottleErrorCode {
	codes := map[string]struct{}{}
	for c := range retry.DefaultThrottleErrorCodes {
		if c != limitExceeded {
			codes[c] = struct{}{}
		}
	}
	return retry.ThrottleErrorCode{Codes: codes}
}

// throttled is 1 for an attempt that was refused as too many, else 0.
func throttled(err error) int {
	if err != nil && throttles().IsErrorThrottle(err).Bool() {
		return 1
	}
	return 0
}

// ownRetryables come before the SDK's own; the first that knows an answer
// decides.
func ownRetryables() []retry.IsErrorRetryable {
	return []retry.IsErrorRetryable{
		retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
			switch {
			case Code(err) == limitExceeded:
				return aws.FalseTernary
			case errors.As(err, new(sizeError)):
				return aws.FalseTernary
			case isCertificate(err):
				return aws.FalseTernary // it will not get better in a second
			case isCutShort(err):
				return aws.TrueTernary
			}
			return aws.UnknownTernary
		}),
		// Another change to the same log group is under way.
		retry.RetryableErrorCode{Codes: map[string]struct{}{"OperationAbortedException": {}}},
	}
}

func isCertificate(err error) bool {
	var cert *tls.CertificateVerificationError
	return errors.As(err, &cert)
}

// isCutShort reports whether a reply broke off or came damaged: one that says
// "success", or an error that was meant to be read and cannot be. All calls that
// monitorctl makes can be repeated.
func isCutShort(err error) bool {
	var reply *smithyhttp.ResponseError
	if errors.As(err, &reply) && reply.Response.StatusCode != 0 {
		return reply.Response.StatusCode < http.StatusMultipleChoices || isTorn(reply)
	}
	return errors.Is(err, io.ErrUnexpectedEOF)
}

// isTorn reports whether an error reply announces a document of AWS's protocols
// but does not contain the code that such a document has.
func isTorn(reply *smithyhttp.ResponseError) bool {
	var api smithy.APIError
	if errors.As(reply.Err, &api) && api.ErrorCode() != "" && api.ErrorCode() != CodeUnknown {
		return false
	}
	r := reply.Response
	if r.Response == nil || r.ContentLength == 0 {
		return false
	}
	kind := r.Header.Get("Content-Type")
	return strings.Contains(kind, "json") || strings.Contains(kind, "xml") && !strings.Contains(kind, "html") || strings.Contains(kind, "cbor")
}

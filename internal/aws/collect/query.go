package collect

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// A queryCall is a call of a service whose SDK client is not worth its weight:
// EC2's alone takes more than a minute to compile, and one operation of it is
// needed. It is in the Query protocol or, with a path, a GET or POST of REST JSON.
type queryCall struct {
	service  string // signing name: "ec2"
	variable string // AWS_ENDPOINT_URL_<variable> names its endpoint
	endpoint string // of AWS
	region   string // signing region
	action   string
	version  string
	params   url.Values // further parameters, may be nil
	path     string     // of REST JSON, without its leading slash; "" for Query
	body     any        // of a POST, as JSON; nil for a GET
}

func (q queryCall) operation() string { return q.service + ":" + q.action }

func (q queryCall) wire() wire {
	if q.path != "" {
		return wireJSON
	}
	return wireQuery
}

// query makes the call with the session's retries, and decodes the XML or JSON
// of the reply into out.
func (s *Session) query(ctx context.Context, q queryCall, out any) error {
	if err := closed(ctx, q.operation(), q.region); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	retryer := newRetryer(s.retries, s.isAWS)
	unsure, refused := false, 0
	for attempt := 1; ; attempt++ {
		err := s.queryOnce(ctx, q, out)
		refused += throttled(err)
		if unsure = unsure || MayHaveHappened(err); err != nil && unsure {
			err = &unsureError{err}
		}
		if err == nil || attempt >= s.retries.Attempts || !retryer.IsErrorRetryable(err) || !pause(ctx, retryer, attempt, err) {
			s.meter.add(queryStats(q, attempt, refused, err))
			return err
		}
	}
}

func queryStats(q queryCall, attempts, refused int, err error) Call {
	c := Call{Operation: q.operation(), Region: q.region, Retries: attempts - 1, Throttled: refused}
	if err != nil {
		c.Code = Code(err)
	}
	return c
}

// pause waits before the next attempt; false when ctx ended meanwhile.
func pause(ctx context.Context, r aws.RetryerV2, attempt int, cause error) bool {
	d, err := r.RetryDelay(attempt, cause)
	if err != nil {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *Session) queryOnce(ctx context.Context, q queryCall, out any) error {
	req, err := s.queryRequest(ctx, q)
	if err != nil {
		return err
	}
	resp, err := s.cfg.HTTPClient.Do(req)
	if err != nil {
		return &smithyhttp.RequestSendError{Err: err}
	}
	body, err := readReply(resp)
	if err == nil && done(resp) && resp.StatusCode != http.StatusNoContent {
		err = wholeReply(q.wire(), q.operation(), q.action, body)
	}
	if err == nil {
		err = q.decode(resp, body, out)
	}
	if err != nil {
		return &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: resp}, Err: err}
	}
	return nil
}

// done reports whether a reply says that the call was carried out: Amazon Q Developer
// answers with 201 and 204 too.
func done(resp *http.Response) bool { return resp.StatusCode >= 200 && resp.StatusCode < 300 }

// decode reads a reply, or the error that it is.
func (q queryCall) decode(resp *http.Response, body []byte, out any) error {
	switch ok := done(resp); {
	case resp.StatusCode == http.StatusNoContent:
		return nil
	case !ok && q.path != "":
		return restError(resp.Header.Get("X-Amzn-ErrorType"), body)
	case !ok:
		return queryError(body)
	case q.path != "" && json.Unmarshal(body, out) != nil:
		return &smithy.DeserializationError{Err: errors.New("not the JSON that was expected")}
	case q.path == "" && xml.Unmarshal(body, out) != nil:
		return &smithy.DeserializationError{Err: errors.New("not the XML that was expected")}
	}
	return nil
}

// restError reads the error of a reply in REST JSON, whose type stands in a
// header, perhaps with a name space behind a colon.
func restError(kind string, body []byte) error {
	var reply struct {
		Upper string `json:"Message"`
		Lower string `json:"message"`
	}
	if kind, _, _ = strings.Cut(kind, ":"); kind == "" || json.Unmarshal(body, &reply) != nil {
		return &smithy.GenericAPIError{Code: CodeUnknown}
	}
	return &smithy.GenericAPIError{Code: kind, Message: reply.Upper + reply.Lower} // services write one of them
}

// queryRequest builds the signed request of a call.
func (s *Session) queryRequest(ctx context.Context, q queryCall) (*http.Request, error) {
	form := url.Values{"Action": {q.action}, "Version": {q.version}}
	for k, v := range q.params {
		form[k] = v
	}
	method, body := http.MethodPost, form.Encode()
	switch {
	case q.body != nil:
		text, err := json.Marshal(q.body)
		if err != nil {
			return nil, fmt.Errorf("building %s request: %w", q.operation(), err)
		}
		body = string(text)
	case q.path != "":
		method, body = http.MethodGet, ""
	}
	req, err := http.NewRequestWithContext(ctx, method, s.queryEndpoint(q)+q.path, strings.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("building %s request: %w", q.operation(), err)
	}
	if s.conf.Product != "" { // the SDK's own clients have it from apiOptions
		req.Header.Set("User-Agent", s.conf.Product+"/"+s.conf.Version)
	}
	switch {
	case q.path == "":
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	case q.body != nil:
		req.Header.Set("Content-Type", "application/json")
	}
	creds, err := s.cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(body))
	err = v4.NewSigner().SignHTTP(ctx, creds, req, hex.EncodeToString(sum[:]), q.service, q.region, time.Now())
	if err != nil {
		return nil, fmt.Errorf("signing %s request: %w", q.operation(), err)
	}
	return req, nil
}

// queryEndpoint follows the order of the SDK's clients: flag, the service's
// variable, the general endpoint, AWS.
func (s *Session) queryEndpoint(q queryCall) string {
	endpoint := q.endpoint
	if s.cfg.BaseEndpoint != nil {
		endpoint = *s.cfg.BaseEndpoint
	}
	ignore, _ := strconv.ParseBool(os.Getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"))
	if v := os.Getenv("AWS_ENDPOINT_URL_" + q.variable); v != "" && !ignore && s.conf.EndpointURL == "" {
		endpoint = v
	}
	return strings.TrimSuffix(endpoint, "/") + "/"
}

// queryError reads the error of a reply: EC2 writes Response/Errors/Error, the
// others ErrorResponse/Error.
func queryError(body []byte) error {
	var reply struct {
		EC2   []queryFault `xml:"Errors>Error"`
		Other []queryFault `xml:"Error"`
	}
	if xml.Unmarshal(body, &reply) == nil {
		for _, f := range append(reply.EC2, reply.Other...) {
			return &smithy.GenericAPIError{Code: f.Code, Message: f.Message}
		}
	}
	return &smithy.GenericAPIError{Code: CodeUnknown}
}

type queryFault struct {
	Code    string `xml:"Code"`
	Message string `xml:"Message"`
}

package collect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// Codes of failures that come without an error code of AWS's.
const (
	CodeTimeout     = "Timeout"               // no answer in time, after all attempts
	CodeConnection  = "ConnectionError"       // nobody answered
	CodeEmulatorGap = account.CodeEmulatorGap // an endpoint that is not AWS lacks the operation
	CodeCredentials = "CredentialsError"      // the credentials ran out and could not be renewed
	CodeUnknown     = "UnknownError"          // an answer without a readable code
	CodeTooLarge    = "ReplyTooLarge"         // an answer that nobody should have to read
	CodeEndless     = "EndlessList"           // a list whose pages lead nowhere
)

// notFoundCodes say that the thing asked about does not exist, which is an
// answer: Logs, CloudWatch, SNS, KMS, IAM.
var notFoundCodes = []string{
	"ResourceNotFoundException", "ResourceNotFound", "NotFound", "NotFoundException", noSuchEntity,
}

// regionOffCodes are what services say in a region that is not enabled for the
// account: the credentials are not known there.
var regionOffCodes = []string{
	"UnrecognizedClientException", "InvalidClientTokenId", "AuthFailure", "OptInRequired",
}

// Code returns the error code of a failed call: AWS's own, or one of the codes
// above.
func Code(err error) string {
	var (
		api   smithy.APIError
		creds *CredentialsError
		reply *smithyhttp.ResponseError
		limit interface{ Timeout() bool }
	)
	switch {
	case errors.As(err, &creds):
		return CodeCredentials
	case errors.As(err, new(sizeError)):
		return CodeTooLarge
	case errors.As(err, new(*PagesError)):
		return CodeEndless
	case errors.As(err, &api) && api.ErrorCode() != "" && api.ErrorCode() != CodeUnknown:
		return api.ErrorCode()
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &limit) && limit.Timeout():
		return CodeTimeout
	case errors.As(err, &reply) && reply.Response.StatusCode >= http.StatusMultipleChoices:
		return codeOfReply(reply)
	case isConnection(err), isCutShort(err):
		return CodeConnection
	}
	return CodeUnknown
}

// codeOfReply names a reply that carries no error code. Emulators answer
// operations that they lack with 404, 5xx or a page of HTML; AWS never does.
func codeOfReply(reply *smithyhttp.ResponseError) string {
	status := reply.Response.StatusCode
	if isTorn(reply) {
		return CodeConnection
	}
	if fromAWS(reply) || status == http.StatusUnauthorized || status == http.StatusForbidden {
		return CodeUnknown
	}
	return CodeEmulatorGap
}

func fromAWS(reply *smithyhttp.ResponseError) bool {
	r := reply.Response
	return r.Response != nil && r.Request != nil && r.Request.URL != nil && isAWSHost(r.Request.URL.Hostname())
}

func isConnection(err error) bool {
	var conn interface{ ConnectionError() bool }
	var op *net.OpError
	return errors.As(err, &conn) && conn.ConnectionError() || errors.As(err, &op)
}

// NotFound reports whether err is AWS's answer that the thing does not exist.
func NotFound(err error) bool { return err != nil && slices.Contains(notFoundCodes, Code(err)) }

// failure records why the operation has no answer. The operation is named as
// IAM names it: "logs:DescribeLogGroups".
func failure(operation string, err error) *account.Failure {
	f := &account.Failure{Operation: operation, Code: Code(err), Message: Message(err)}
	if slices.Contains(regionOffCodes, f.Code) {
		f.Message = "the region is not enabled for this account, or the credentials are not valid there"
	}
	return f
}

// Message returns what an error says about a call, fit to be kept and shown:
// one line of bounded length, the same for the same cause (no request ids, no
// port numbers), without the SDK's own wrapping.
func Message(err error) string {
	var (
		torn  *tornError
		size  sizeError
		pages *PagesError
		api   smithy.APIError
		reply *smithyhttp.ResponseError
		creds *CredentialsError
	)
	code := Code(err)
	switch {
	case errors.As(err, &creds):
		return creds.reason()
	case errors.As(err, &torn):
		return at(hostOf(err), torn.Error())
	case errors.As(err, &size):
		return at(hostOf(err), size.Error())
	case errors.As(err, &pages):
		return pages.Error()
	case errors.As(err, &api) && api.ErrorCode() == code && api.ErrorMessage() != "":
		return clean(api.ErrorMessage())
	case code == CodeTimeout:
		return at(hostOf(err), "no answer in time")
	case code == CodeConnection:
		return connectionMessage(err)
	case errors.As(err, &reply) && reply.Response.StatusCode/100 == http.StatusMultipleChoices/100:
		return at(hostOf(err), fmt.Sprintf("it answers with a redirect (HTTP status %d), which is not followed", reply.Response.StatusCode))
	case errors.As(err, &reply) && reply.Response.StatusCode >= http.StatusMultipleChoices:
		return fmt.Sprintf("HTTP status %d without a readable error", reply.Response.StatusCode)
	}
	return clean(innermost(err).Error())
}

// hostOf names the host that was called, "" when the error does not tell.
func hostOf(err error) string {
	var (
		reply *smithyhttp.ResponseError
		sent  *url.Error
	)
	switch {
	case errors.As(err, &reply) && reply.Response != nil && reply.Response.Response != nil && reply.Response.Request != nil && reply.Response.Request.URL != nil:
		return reply.Response.Request.URL.Host
	case errors.As(err, &sent):
		if u, err := url.Parse(sent.URL); err == nil {
			return u.Host
		}
	}
	return ""
}

func at(host, text string) string {
	if host == "" {
		return text
	}
	return clean(host) + ": " + text
}

// connectionMessage says what is wrong with a connection. The errors of package
// net name both ports, which differ from run to run; the innermost one does not.
func connectionMessage(err error) string {
	var (
		dns     *net.DNSError
		syscall *os.SyscallError
		where   *url.Error
	)
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "no such host: " + clean(dns.Name)
	case errors.As(err, &syscall):
		return at(hostOf(err), clean(syscall.Err.Error()))
	case isCutShort(err):
		return at(hostOf(err), "the reply was cut short or damaged")
	case errors.As(err, &where) && errors.Is(where.Err, io.EOF):
		return at(hostOf(err), "the connection was closed without an answer")
	case errors.As(err, &where):
		return at(hostOf(err), clean(innermost(where.Err).Error()))
	}
	return clean(innermost(err).Error())
}

func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// A CallError is a failed call in one line.
type CallError struct {
	Operation string // IAM style
	Code      string // AWS's error code, or one of the Code constants
	Message   string // may be empty
	Err       error  // the SDK's error
}

func (e *CallError) Error() string {
	text := e.Operation + ": " + e.Code
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// Unwrap returns the SDK's error.
func (e *CallError) Unwrap() error { return e.Err }

// Explain makes a *CallError of an SDK error, whose own text runs over several
// wrappers and names a request id.
func Explain(operation string, err error) error {
	return &CallError{Operation: operation, Code: Code(err), Message: Message(err), Err: err}
}

// maxMessage bounds a message in runes: AWS's longest are encoded authorization
// messages of several thousand characters.
const maxMessage = 300

// requestID matches the forms in which services mention the id of a request.
var requestID = regexp.MustCompile(`(?i)[;,(]?\s*request[ _-]?id:?\s*[0-9a-z-]{8,}`)

// clean makes one bounded line of a message.
func clean(text string) string {
	text = requestID.ReplaceAllString(text, "")
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > maxMessage {
		return string(runes[:maxMessage]) + "..."
	}
	return text
}

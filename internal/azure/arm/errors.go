package arm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
)

// Codes that are not Azure's.
const (
	CodeConnection  = "ConnectionError"
	CodeTimeout     = "Timeout"
	CodeNoList      = "NoList"
	CodeNoJSON      = "NoJSON"
	CodeEndlessList = "EndlessList"
	CodeForeignLink = "ForeignNextLink"
	CodeTooLarge    = "ReplyTooLarge"
	CodeRedirect    = "Redirect"
)

// An Error is a call without an answer.
type Error struct {
	Operation string // the permission that the call needs
	Status    int    // of HTTP; 0 when there was no answer
	Code      string // Azure's, or one of those above
	Message   string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s failed: %s: %s", e.Operation, e.Code, e.Message)
}

// hints say what to do about Azure's codes.
var hints = map[string]string{
	"ScopeLocked":                      "remove the lock, or use another resource group",
	"RequestDisallowedByPolicy":        "a policy of the tenant refuses it: use a resource group, a location or tags (--tag) that it allows",
	"ReadOnlyDisabledSubscription":     "the subscription is disabled: enable it first",
	"MissingSubscriptionRegistration":  "--register-provider registers Microsoft.Insights",
	"InvalidAuthenticationTokenTenant": "sign in to the subscription's tenant with --tenant",
	"TooManyRequests":                  "Azure throttles the calls: try again in a minute",
	"ResourceGroupNotFound":            "name another resource group with --resource-group, or create it with --create-resource-group LOCATION",
}

// Hint says what to do about the error; "" when the code does not tell.
func (e *Error) Hint() string {
	if e.Code == "AuthorizationFailed" {
		return "the credential lacks " + e.Operation + ": 'monitorctl permissions' prints the least role for a command"
	}
	return hints[e.Code]
}

// Permanent reports whether asking again would not help.
func (e *Error) Permanent() bool { return e.Status >= 400 && e.Status < 500 && e.Status != 429 }

// refusal reads the error of an answer. A message is Azure's own text; it names objects
// and permissions, no secrets.
func refusal(operation string, response *http.Response, body []byte) error {
	out := &Error{Operation: operation, Status: response.StatusCode, Code: fmt.Sprintf("HTTP %d", response.StatusCode), Message: http.StatusText(response.StatusCode)}
	if response.StatusCode >= 300 && response.StatusCode < 400 {
		out.Code, out.Message = CodeRedirect, "the endpoint redirects to another address, which must not receive the token"
		return out
	}
	var answer struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &answer) == nil && answer.Error.Code != "" {
		out.Code, out.Message = answer.Error.Code, answer.Error.Message
	}
	return out
}

// failure words why there was no answer.
func failure(ctx context.Context, operation string, u *url.URL, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var credential *CredentialError
	if errors.As(err, &credential) {
		return credential
	}
	var own *Error
	if errors.As(err, &own) {
		return &Error{Operation: operation, Code: own.Code, Message: own.Message}
	}
	out := &Error{Operation: operation, Code: CodeConnection, Message: "no answer from " + u.Host}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		out.Code, out.Message = CodeTimeout, "no answer in time from "+u.Host
	}
	return out
}

// A CredentialError says that nobody could be signed in as.
type CredentialError struct{ err error }

// aadCode is how Entra ID names its errors.
var aadCode = regexp.MustCompile(`AADSTS[0-9]+`)

// Error returns one line. What every credential said is Detail.
func (e *CredentialError) Error() string {
	if code := aadCode.FindString(e.err.Error()); code != "" {
		return "signing in to Azure failed: Entra ID says " + code
	}
	return "no Azure credentials: run 'az login', or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"
}

// Detail returns what every credential that was tried said, many lines.
func (e *CredentialError) Detail() string { return e.err.Error() }

// NonRetriable tells the pipeline that asking again would not help.
func (e *CredentialError) NonRetriable() {}

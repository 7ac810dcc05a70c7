package awstest

import "fmt"

// An APIError is an error reply of an operation, as AWS would send it.
type APIError struct {
	Code    string // as the service's API reference has it
	Message string
	Status  int // HTTP status

	// Shape is the name of the error's type where it differs from Code: services
	// that once spoke Query send both.
	Shape string
}

// Error returns code and message.
func (e *APIError) Error() string { return e.Code + ": " + e.Message }

// shape returns the name of the error's type.
func (e *APIError) shape() string {
	if e.Shape != "" {
		return e.Shape
	}
	return e.Code
}

// sender reports whether the caller is to blame.
func (e *APIError) sender() bool { return e.Status < 500 }

// apiError returns an error reply with status 400.
func apiError(code, format string, args ...any) *APIError {
	return &APIError{Code: code, Message: fmt.Sprintf(format, args...), Status: 400}
}

// errorWithStatus returns an error reply with the given HTTP status.
func errorWithStatus(status int, code, format string, args ...any) *APIError {
	return &APIError{Code: code, Message: fmt.Sprintf(format, args...), Status: status}
}

// notSimulated refuses what this package does not behave like.
func notSimulated(what string) *APIError {
	return apiError("NotSimulated", "awstest does not simulate %s", what)
}

// A generic is an error that every service can give, under its own code.
type generic int

const (
	denied generic = iota
	throttled
	expired
	unknownKey
	missingToken
	wrongScope
	unknownOperation
	badInput // the body cannot be read
	invalid  // a member breaks a constraint of the API model
	internal
	unavailable
)

// A family is the set of codes under which services give the generic errors.
type family map[generic]APIError

// Sources: "Common errors" of each service's API reference, and for the status
// of expired and unknown credentials the replies that the SDKs' issue trackers
// quote.
var (
	jsonFamily = family{
		denied:           {Code: "AccessDeniedException", Status: 400},
		throttled:        {Code: "ThrottlingException", Status: 400, Message: "Rate exceeded"},
		expired:          {Code: "ExpiredTokenException", Status: 400, Message: "The security token included in the request is expired"},
		unknownKey:       {Code: "UnrecognizedClientException", Status: 400, Message: "The security token included in the request is invalid."},
		missingToken:     {Code: "MissingAuthenticationTokenException", Status: 400, Message: "Missing Authentication Token"},
		wrongScope:       {Code: "InvalidSignatureException", Status: 400},
		unknownOperation: {Code: "UnknownOperationException", Status: 400},
		badInput:         {Code: "SerializationException", Status: 400},
		invalid:          {Code: "ValidationException", Status: 400},
		internal:         {Code: "InternalFailure", Status: 500, Message: "We encountered an internal error. Please try again."},
		unavailable:      {Code: "ServiceUnavailableException", Status: 503, Message: "Service is unavailable. Please try again."},
	}
	queryFamily = family{
		denied:           {Code: "AccessDenied", Status: 403},
		throttled:        {Code: "Throttling", Status: 400, Message: "Rate exceeded"},
		expired:          {Code: "ExpiredToken", Status: 403, Message: "The security token included in the request is expired"},
		unknownKey:       {Code: "InvalidClientTokenId", Status: 403, Message: "The security token included in the request is invalid."},
		missingToken:     {Code: "MissingAuthenticationToken", Status: 403, Message: "Request is missing Authentication Token"},
		wrongScope:       {Code: "SignatureDoesNotMatch", Status: 403},
		unknownOperation: {Code: "InvalidAction", Status: 400},
		badInput:         {Code: "MalformedInput", Status: 400},
		invalid:          {Code: "ValidationError", Status: 400},
		internal:         {Code: "InternalFailure", Status: 500, Message: "We encountered an internal error. Please try again."},
		unavailable:      {Code: "ServiceUnavailable", Status: 503, Message: "Service is unavailable. Please try again."},
	}
)

// with returns the family with some codes replaced.
func (f family) with(other family) family {
	merged := family{}
	for k, v := range f {
		merged[k] = v
	}
	for k, v := range other {
		if v.Message == "" {
			v.Message = merged[k].Message
		}
		if v.Status == 0 {
			v.Status = merged[k].Status
		}
		merged[k] = v
	}
	return merged
}

// err returns the family's form of a generic error; a message replaces the
// usual one.
func (f family) err(g generic, message string) *APIError {
	e := f[g]
	if message != "" {
		e.Message = message
	}
	return &e
}

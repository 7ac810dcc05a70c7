package collect

import (
	"errors"
	"net/http"

	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// An unsureError is a failed call whose earlier attempt may have taken
// effect, whatever the last one was answered.
type unsureError struct{ Err error }

func (e *unsureError) Error() string { return e.Err.Error() }

// Unwrap returns the error of the last attempt.
func (e *unsureError) Unwrap() error { return e.Err }

// MayHaveHappened reports whether a failed call may have taken effect all the
// same: no whole answer came to one of its attempts, or the server's own failure
// did, which says nothing about what it had done by then.
func MayHaveHappened(err error) bool {
	if err == nil {
		return false
	}
	var unsure *unsureError
	var reply *smithyhttp.ResponseError
	if errors.As(err, &unsure) || errors.As(err, &reply) && reply.Response != nil && reply.HTTPStatusCode() >= http.StatusInternalServerError {
		return true
	}
	switch Code(err) {
	case CodeTimeout, CodeConnection, CodeUnknown, CodeEmulatorGap, CodeTooLarge:
		return true
	}
	return false
}

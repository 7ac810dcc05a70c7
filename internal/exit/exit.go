// Package exit holds the exit codes and the errors that carry one.
//
// An error is a sentence that names the object, a hint that says what to do about it,
// and a code. Packages below know nothing of codes: an error of theirs that means
// wrong usage has a method Usage() bool, one that knows what helps a method Hint()
// string.
package exit

import "errors"

// The exit codes, the same for every command and output format.
const (
	Done           = 0   // controls in scope pass, warn, are waived or not applicable; apply and plan: done
	Failed         = 1   // could not finish, or nothing failed but something is unknown
	WrongUsage     = 2   // wrong flag, argument, pattern or configuration; before the first call
	ControlsFailed = 3   // at least one control fails
	Interrupted    = 130 // Ctrl-C
)

// An Error is an error with its exit code.
type Error struct {
	Code int
	Hint string // what to do about it; "" for nothing
	Then string // what to do once the hint has been followed; "" for nothing
	Err  error  // nil prints nothing: the report has said it all
}

func (e *Error) Error() string {
	if e.Err == nil {
		return ""
	}
	return e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Usage marks an error as wrong usage. It is not nil even for nil.
func Usage(err error) error { return &Error{Code: WrongUsage, Err: err} }

// Hinted adds what to do next; the code stays.
func Hinted(err error, hint string) error { return &Error{Code: Code(err), Hint: hint, Err: err} }

// Code maps an error to the exit code; nil is Done.
func Code(err error) int {
	var coded *Error
	var usage interface{ Usage() bool }
	switch {
	case err == nil:
		return Done
	case errors.As(err, &coded):
		return coded.Code
	case errors.As(err, &usage) && usage.Usage():
		return WrongUsage
	}
	return Failed
}

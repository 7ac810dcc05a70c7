package collect

import (
	"errors"
	"io/fs"
	"os/exec"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/smithy-go"
)

// What goes wrong in the SDK's chain of credentials is said in our own words: its
// errors quote what a credential_process printed, what an endpoint answered and
// lines of the shared configuration, and secrets may stand in all of them.

// An mfaError is why there is no MFA code.
type mfaError struct{ err error }

func (e *mfaError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *mfaError) Unwrap() error { return e.err }

// plainCode is what an error code looks like; anything else is not shown.
var plainCode = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9.]{0,63}$`)

// reason says why there are no credentials.
func (e *CredentialsError) reason() string {
	var (
		call    *CallError
		mfa     *mfaError
		process *processcreds.ProviderError
		sso     *ssocreds.InvalidTokenError
		coded   interface{ ErrorCode() string }
		file    *fs.PathError
		noMFA   config.AssumeRoleTokenProviderNotSetError
	)
	err := e.Err
	switch {
	case errors.As(err, &call): // of a role that --role-arn names: in our words already
		return strings.TrimPrefix(clean(err.Error()), "failed to refresh cached credentials, ")
	case errors.As(err, &mfa):
		return clean(mfa.Error())
	case errors.As(err, &noMFA):
		return "the profile's role needs an MFA code"
	case errors.As(err, &process):
		return processReason(err)
	case errors.As(err, &sso), strings.Contains(err.Error(), "SSO token"), strings.Contains(err.Error(), "SSO session"):
		return "the SSO token of the profile is missing, broken or over"
	case strings.Contains(err.Error(), "no EC2 IMDS role found"):
		// The SDK tries instance metadata last, so that its error is about that
		// even on a laptop.
		return "none in the environment, the shared configuration or the instance's metadata"
	case errors.As(err, &file):
		return clean(file.Path) + ": " + clean(file.Err.Error())
	case errors.As(err, &coded) && plainCode.MatchString(coded.ErrorCode()):
		return operationIn(err) + " answered " + coded.ErrorCode()
	case isConnection(err):
		return operationIn(err) + ": " + connectionMessage(err)
	}
	return operationIn(err) + " gave none that can be used"
}

// processReason says how a credential_process ended, and nothing that it printed.
func processReason(err error) string {
	const what = "the credential_process of the profile "
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return what + "failed: " + exit.String()
	}
	return what + "printed no credentials in the form that AWS documents"
}

// operationIn names the call that failed, or what can be said instead.
func operationIn(err error) string {
	var op *smithy.OperationError
	if errors.As(err, &op) && plainCode.MatchString(op.OperationName) {
		return strings.ToLower(strings.ReplaceAll(op.ServiceID, " ", "")) + ":" + op.OperationName
	}
	return "the source of the credentials"
}

// configReason says what is wrong with the shared configuration, without a line
// of it.
func configReason(err error) error {
	var (
		missing config.SharedConfigProfileNotExistError
		unread  config.SharedConfigLoadError
		noARN   config.CredentialRequiresARNError
		file    *fs.PathError
	)
	switch {
	case errors.As(err, &missing):
		return errors.New("failed to get shared config profile, " + clean(missing.Profile))
	case errors.As(err, &noARN):
		return errors.New(clean(noARN.Error()))
	case errors.As(err, &unread):
		return errors.New(clean(unread.Filename) + " cannot be parsed")
	case errors.As(err, &file):
		return errors.New(clean(file.Path) + ": " + clean(file.Err.Error()))
	}
	return errors.New("the AWS_* variables or the shared configuration make no sense to the SDK")
}

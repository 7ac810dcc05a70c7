package collect

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
)

// A CredentialsError says that there are no usable credentials.
type CredentialsError struct {
	Err     error
	Profile string // of the shared configuration that was asked; "" for the default
}

func (e *CredentialsError) Error() string { return "finding credentials: " + e.reason() }

// Unwrap returns the cause.
func (e *CredentialsError) Unwrap() error { return e.Err }

// reported marks the errors of a provider as what they are.
type reported struct {
	aws.CredentialsProvider
	profile string
}

// Retrieve returns the credentials; the error is a *CredentialsError unless ctx
// ended.
func (r reported) Retrieve(ctx context.Context) (aws.Credentials, error) {
	c, err := r.CredentialsProvider.Retrieve(ctx)
	var known *CredentialsError
	if err != nil && ctx.Err() == nil && !errors.As(err, &known) {
		err = &CredentialsError{err, r.profile}
	}
	return c, err
}

// assumed shortens the errors of assuming a role.
type assumed struct {
	aws.CredentialsProvider
	role string
}

// Retrieve assumes the role.
func (a assumed) Retrieve(ctx context.Context) (aws.Credentials, error) {
	c, err := a.CredentialsProvider.Retrieve(ctx)
	var none *CredentialsError // of those that assume it
	if err != nil && !errors.As(err, &none) {
		err = fmt.Errorf("assuming role %s: %w", a.role, Explain("sts:AssumeRole", err))
	}
	return c, err
}

func (s *Session) roleOptions(o *stscreds.AssumeRoleOptions) {
	o.RoleSessionName = sessionName
	if s.conf.ExternalID != "" {
		o.ExternalID = aws.String(s.conf.ExternalID)
	}
}

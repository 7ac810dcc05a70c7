package cmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/run"
	"github.com/monitorctl/monitorctl/internal/spelling"
)

// hintFor returns what to do about an error, "" when nothing helps.
func hintFor(err error) string {
	var (
		code    *exit.Error
		hinting interface{ Hint() string }
		creds   *collect.CredentialsError
		call    *collect.CallError
		unknown *spelling.UnknownError

		partition *collect.PartitionError
		noTrail   *plan.NoTrailError
		topic     *plan.TopicError
	)
	switch {
	case errors.As(err, &code) && code.Hint != "":
		return code.Hint
	case errors.As(err, &unknown) && unknown.Kind == "control":
		return controlHint(unknown)
	case errors.As(err, &hinting) && hinting.Hint() != "":
		return hinting.Hint()
	case strings.Contains(err.Error(), "failed to get shared config profile"): // of another profile
		return "'aws configure list-profiles' lists the profiles"
	case slices.Contains(expired, collect.Code(err)):
		return "the credentials have expired: renew them, with SSO by 'aws sso login'"
	case errors.As(err, &partition):
		return "choose a profile of " + account.PartitionOf(partition.Region) + " with --profile, or another --region"
	case slices.Contains(notAccepted, collect.Code(err)):
		return "these credentials are not valid there: check --profile; aws, aws-cn and aws-us-gov have separate credentials"
	case errors.As(err, &creds):
		return credentialsHint(creds)
	case errors.As(err, &call) && call.Code == "AWSOrganizationsNotInUseException":
		return "leave --org out to look at this account alone, or name accounts with --accounts or --profiles"
	case run.DeniedHint(err, "audit") != "":
		return run.DeniedHint(err, "audit")
	case errors.As(err, &topic) && topic.Extendable:
		return "--extend-topic-policy adds the statement that CloudWatch needs and keeps the rest"
	case errors.As(err, &noTrail) && len(noTrail.Homes) > 0:
		return "filters and alarms live where the trail's log group is: try --home-region " + strings.Join(noTrail.Homes, " or --home-region ")
	case errors.As(err, &noTrail):
		return "the account has no trail: 'monitorctl apply --create-trail' creates one, with its bucket, role and log group"
	}
	return ""
}

// laterHint returns what to do once the hint has been followed, "" for nothing.
func laterHint(err error) string {
	var code *exit.Error
	if errors.As(err, &code) {
		return code.Then
	}
	return ""
}

// expired are the codes of credentials whose time is over.
var expired = []string{"ExpiredToken", "ExpiredTokenException", "RequestExpired"}

// notAccepted are the codes of credentials that AWS does not know.
var notAccepted = []string{"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "AuthFailure"}

// credentialsHint knows the usual ways to be without credentials.
func credentialsHint(err *collect.CredentialsError) string {
	switch text := strings.ToLower(err.Error()); {
	case strings.Contains(text, "sso") && err.Profile == "":
		return "sign in again: aws sso login"
	case strings.Contains(text, "sso"):
		return "sign in again: aws sso login --profile " + err.Profile
	}
	return "set --profile or AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; 'monitorctl demo' needs none"
}

// noArgs refuses arguments of a command that takes none.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return exit.Hinted(exit.Usage(fmt.Errorf("%s takes no argument, got %q", c.CommandPath(), args[0])), formOf(c))
	}
	return nil
}

// oneArg demands exactly one argument, called what.
func oneArg(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != 1 {
			err := exit.Usage(fmt.Errorf("%s takes one %s, got %s", c.CommandPath(), what, run.Plural(len(args), "argument")))
			if what == "control" {
				return exit.Hinted(err, formOf(c)+"; 'monitorctl controls' lists the controls")
			}
			return exit.Hinted(err, formOf(c))
		}
		return nil
	}
}

// formOf shows how a command is written.
func formOf(c *cobra.Command) string {
	return fmt.Sprintf("write '%s'; see '%s --help'", strings.TrimSuffix(c.UseLine(), " [flags]"), c.CommandPath())
}

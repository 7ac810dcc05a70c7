package cmd

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

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

		partition *collect.PartitionError
		noTrail   *plan.NoTrailError
		topic     *plan.TopicError
	)
	switch {
	case errors.As(err, &code) && code.Hint != "":
		return code.Hint
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

// otherCommands are words that other tools have for what a command does here.
var otherCommands = map[string]string{
	"scan": "audit", "check": "audit", "assess": "audit", "run": "audit", "report": "audit -o html=report.html",
	"fix": "apply", "remediate": "apply", "repair": "apply", "deploy": "apply", "create": "apply",
	"preview": "plan", "rollback": "undo", "revert": "undo", "delete": "destroy", "remove": "destroy", "cleanup": "destroy",
	"list": "controls list", "show": "explain", "compare": "diff", "test": "pattern test", "lint": "pattern lint",
	"policy": "permissions audit", "iam": "permissions audit", "cis": "audit --set cis", "all": "audit --set all", "azure": "audit --subscription all",
}

// otherFlags are names that other tools have for what a flag does here.
var otherFlags = map[string]string{
	"--json": "-o json", "--csv": "-o csv", "--html": "-o html=report.html", "--sarif": "-o sarif", "--junit": "-o junit",
	"--format": "-o FORMAT", "--output-format": "-o FORMAT", "--output-file": "-o FORMAT=FILE", "--output-modes": "-o FORMAT",
	"--severity": "--fail-on", "--compliance": "--benchmark", "--framework": "--mapping", "--checks": "the controls as arguments",
	"--auto-approve": "--yes", "--force": "--yes", "--check": "--dry-run", "--assume-role": "--role-arn", "--role": "--role-arn",
	"--regions": "--region", "--filter-region": "--region", "--silent": "--quiet", "--email": "--subscribe email:ADDRESS", "--all": "--set all", "--cis": "--set cis",
	"--subscription-id": "--subscription", "--subscription-ids": "--subscription",
}

// flagError says which flag was probably meant.
func flagError(c *cobra.Command, err error) error {
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	if _, name, ok := strings.Cut(err.Error(), "unknown flag: "); ok {
		hint := fmt.Sprintf("'%s --help' lists the flags", c.CommandPath())
		if other := otherFlags[name]; other != "" {
			hint = "here that is " + other
		} else if near := spelling.Nearest(name, slices.Concat(names, slices.Sorted(maps.Keys(otherFlags)))); otherFlags[near] != "" {
			hint = "here " + near + " is " + otherFlags[near]
		} else if near != "" {
			hint = "did you mean " + near + "?"
		}
		return &exit.Error{Code: exit.WrongUsage, Err: err, Hint: hint}
	}
	for short, other := range otherShorts {
		flag := strings.TrimLeft(strings.Fields(other)[0], "-")
		known := c.Flags().Lookup(flag) != nil || len(flag) == 1 && c.Flags().ShorthandLookup(flag) != nil
		if known && strings.HasPrefix(err.Error(), "unknown shorthand flag: '"+short+"'") {
			return &exit.Error{Code: exit.WrongUsage, Err: err, Hint: "here that is " + other}
		}
	}
	return &exit.Error{Code: exit.WrongUsage, Err: err, Hint: fmt.Sprintf("see '%s --help'", c.CommandPath())}
}

// otherShorts are the letters that other tools have for what a flag does here.
var otherShorts = map[string]string{"f": "-o FORMAT", "v": "--verbose", "j": "-o json", "c": "--config", "s": "--set", "d": "--dir", "n": "--dry-run"}

// noCommand refuses what is neither a command nor a flag.
func noCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, sub := range c.Commands() {
		names = append(names, sub.Name())
	}
	err := &spelling.UnknownError{Kind: "command", Name: args[0], Nearest: spelling.Nearest(args[0], names), Known: names}
	if other := otherCommands[args[0]]; other != "" && !c.HasParent() {
		err.Instead = "here that is 'monitorctl " + other + "'"
	}
	return err
}

// noArgs refuses arguments of a command that takes none.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &exit.Error{Code: exit.WrongUsage, Err: fmt.Errorf("%s takes no argument, got %q", c.CommandPath(), args[0]),
			Hint: fmt.Sprintf("see '%s --help'", c.CommandPath())}
	}
	return nil
}

// oneArg demands exactly one argument, called what.
func oneArg(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != 1 {
			hint := fmt.Sprintf("see '%s --help'", c.CommandPath())
			if what == "control" {
				hint = "'monitorctl controls list' lists them; see '" + c.CommandPath() + " --help'"
			}
			return &exit.Error{Code: exit.WrongUsage, Err: fmt.Errorf("%s takes one %s, got %d arguments", c.CommandPath(), what, len(args)), Hint: hint}
		}
		return nil
	}
}

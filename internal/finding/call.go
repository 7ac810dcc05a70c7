package finding

import (
	"slices"
	"strings"
)

// A Call is a read that has no answer, as a reason names it.
type Call struct {
	Operation string // IAM style: "cloudtrail:GetTrailStatus"
	Code      string // the service's error code; CallNotAsked when it was not made
	Message   string // the service's, may be empty
}

// CallNotAsked is the code of a call that the snapshot does not hold at all.
const CallNotAsked = "NotAsked"

// A Denial says why a call has no answer, as far as that decides what to do.
type Denial int8

// Denials.
const (
	DenialOther       Denial = iota
	DenialPermission         // nothing allows it
	DenialExplicit           // a policy of the caller or of the resource forbids it
	DenialSCP                // a policy of the organization forbids it
	DenialExpired            // the credentials are over
	DenialCredentials        // the credentials are not accepted there, or the region is not enabled
	DenialThrottled          // too many calls
	DenialUnreachable        // no answer, or none that can be read
	DenialNotAsked           // the snapshot does not hold it
)

// denialCodes are the error codes of AWS's services and of Azure for each denial.
var denialCodes = map[Denial][]string{
	DenialPermission:  {"AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException", "UnauthorizedOperation", "NotAuthorized", "InsufficientDependencyServiceAccessPermissionException", "AuthorizationFailed", "LinkedAuthorizationFailed"},
	DenialExpired:     {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "CredentialsError", "ExpiredAuthenticationToken"},
	DenialCredentials: {"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "AuthFailure", "OptInRequired", "InvalidAuthenticationToken", "InvalidAuthenticationTokenTenant"},
	DenialThrottled:   {"Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException", "RequestLimitExceeded", "LimitExceededException", "TooManyRequests", "SubscriptionRequestsThrottled", "ResourceRequestsThrottled"},
	DenialUnreachable: {"Timeout", "ConnectionError", "ReplyTooLarge", "EndlessList", "EmulatorGap", "NoList", "NoJSON", "ForeignNextLink", "Redirect"},
	DenialNotAsked:    {CallNotAsked},
}

// Denial classes the call by its code and, where it was denied, by the words in
// which IAM names the kind of policy.
func (c *Call) Denial() Denial {
	for denial, codes := range denialCodes {
		if !slices.Contains(codes, c.Code) {
			continue
		}
		text := strings.ToLower(c.Message)
		switch {
		case denial != DenialPermission:
			return denial
		case strings.Contains(text, "service control policy"):
			return DenialSCP
		case strings.Contains(text, "explicit deny"):
			return DenialExplicit
		}
		return DenialPermission
	}
	return DenialOther
}

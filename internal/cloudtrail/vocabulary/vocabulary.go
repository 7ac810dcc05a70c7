// Package vocabulary knows the closed vocabularies of CloudTrail's records: the
// values that a field can have, each with the page that says so. A pattern that
// asks for another value asks for something that never occurs.
//
// What CloudTrail leaves open, such as user names and error codes, is not here.
package vocabulary

import (
	_ "embed" // the list of sources
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/monitorctl/monitorctl/internal/spelling"
)

// The pages that the vocabularies rest on.
const (
	pageIdentity = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html"
	pageRecord   = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html"
	pageSignIn   = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html"
	pageServices = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-aws-service-specific-topics.html"
)

// A Vocabulary is what is known of the texts of one field.
type Vocabulary struct {
	Path   string   // of the field, without "$."
	Values []string // all that occur, in the order of the page; nil when Form says what does
	Form   *Form    // nil when Values says what occurs
	Page   string   // of AWS, that says so

	// Meaning says what it means when a condition with != leaves nothing out, a
	// sentence without full stop; "" where there is nothing to add.
	Meaning string
}

// A Form is what all texts of a field have in common.
type Form struct {
	Words string // what it is, to be read behind "is": "12 digits"
	match *regexp.Regexp
}

// vocabularies by path.
var vocabularies = func() map[string]Vocabulary {
	all := []Vocabulary{
		{Path: "userIdentity.type", Page: pageIdentity, Values: []string{
			"Root", "IAMUser", "AssumedRole", "Role", "FederatedUser", "Directory", "AWSAccount", "AWSService", "IdentityCenterUser", "SAMLUser", "WebIdentityUser",
			"Unknown",
		}},
		{Path: "userIdentity.sessionContext.sessionIssuer.type", Page: pageIdentity, Values: []string{"Root", "IAMUser", "Role"}},
		{Path: "userIdentity.sessionContext.attributes.mfaAuthenticated", Page: pageIdentity, Values: []string{"true", "false"}},
		{Path: "eventType", Page: pageRecord, Meaning: "events of services are counted too", Values: []string{
			"AwsApiCall", "AwsServiceEvent", "AwsConsoleAction", "AwsConsoleSignIn", "AwsVpceEvent", "AwsCloudTrailInsight",
		}},
		{Path: "eventCategory", Page: pageRecord, Values: []string{"Management", "Data", "NetworkActivity", "Insight"}},
		{Path: "responseElements.ConsoleLogin", Page: pageSignIn, Values: []string{"Success", "Failure"}},
		{Path: "additionalEventData.MFAUsed", Page: pageSignIn, Meaning: "sign-ins with MFA are counted too", Values: []string{"Yes", "No"}},
		{Path: "additionalEventData.MobileVersion", Page: pageSignIn, Values: []string{"Yes", "No"}},
		{Path: "recipientAccountId", Page: pageRecord, Form: account},
		{Path: "userIdentity.accountId", Page: pageIdentity, Form: account},
		{Path: "userIdentity.sessionContext.sessionIssuer.accountId", Page: pageIdentity, Form: account},
		{Path: "eventName", Page: pageRecord, Form: eventName},
	}
	byPath := map[string]Vocabulary{}
	for _, v := range all {
		byPath[v.Path] = v
	}
	return byPath
}()

var (
	account   = &Form{"12 digits", regexp.MustCompile(`^[0-9]{12}$`)}
	eventName = &Form{"one word without blanks", regexp.MustCompile(`^[A-Za-z0-9_.:/-]+$`)}
)

// Of returns the vocabulary of a field, and false when its texts are open. The
// path is written without "$.".
func Of(path string) (Vocabulary, bool) {
	v, ok := vocabularies[path]
	return v, ok
}

// Paths returns the fields that have a vocabulary, sorted.
func Paths() []string { return slices.Sorted(maps.Keys(vocabularies)) }

// Occurs reports whether a field can have a text that a pattern asks for;
// asterisks at its ends and in it stand for any text.
func (v Vocabulary) Occurs(text string) bool {
	if v.Form != nil {
		return strings.Contains(text, "*") || v.Form.match.MatchString(text)
	}
	return slices.ContainsFunc(v.Values, func(value string) bool { return like(text, value) })
}

// Nearest returns the text that was probably meant: one that differs in upper
// and lower case only, else in up to two letters; "" when none is near.
func (v Vocabulary) Nearest(text string) string {
	bare := strings.Trim(text, "*")
	for _, value := range v.Values {
		if strings.EqualFold(value, bare) {
			return value
		}
	}
	best, least := "", min(2, len(bare)/3)+1
	for _, value := range v.Values {
		if d := spelling.Distance(strings.ToLower(bare), strings.ToLower(value)); d < least {
			best, least = value, d
		}
	}
	return best
}

// like reports whether a value is like a text in which asterisks stand for any
// text.
func like(text, value string) bool {
	parts := strings.Split(text, "*")
	if len(parts) == 1 {
		return text == value
	}
	rest, ok := strings.CutPrefix(value, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

// signInMessages are the error messages of failed console sign-ins (pageSignIn,
// and sample records).
var signInMessages = []string{"Failed authentication", "No username found in supplied account"}

// SignInMessage returns the error message of a failed console sign-in that was
// probably meant by one that differs in blanks, or in upper and lower case; ""
// when the text is right or like none.
func SignInMessage(text string) string {
	fold := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), "")) }
	for _, m := range signInMessages {
		if text != m && fold(text) == fold(m) {
			return m
		}
	}
	return ""
}

//go:embed sources.txt
var sourcesText string

// otherSources are event sources that are no service of the SDKs (pageServices,
// and sample records).
var otherSources = []string{
	"signin", "console", "sso-directory", "aws-portal", "billingconsole", "trustedadvisor", "spotfleet", "edgelambda", "replicator.lambda", "apidestinations",
	"cognito-identity", "elasticmapreduce", "tagging", "health", "support", "mediaimport", "member.org.stacksets.cloudformation", "vpce",
}

// domain is what event sources end in.
const domain = ".amazonaws.com"

var sources = sync.OnceValue(func() []string {
	var list []string
	for _, name := range append(strings.Split(sourcesText, "\n"), otherSources...) {
		if name = strings.TrimSpace(name); name != "" && !strings.HasPrefix(name, "#") {
			list = append(list, name+domain)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
})

// PageOfSources is the page of AWS that lists the services that CloudTrail
// records.
const PageOfSources = pageServices

// KnownSource reports whether a text is a known event source, such as
// kms.amazonaws.com. The list is not complete: AWS adds services.
func KnownSource(text string) bool {
	_, found := slices.BinarySearch(sources(), text)
	return found
}

// NearestSource returns the event source that was probably meant by a text that
// is none: the one of the same service, or one that differs in up to two
// letters. sure says that no service can have the text as its source, because
// it is no name in that domain. It returns "" when none is near.
func NearestSource(text string) (nearest string, sure bool) {
	folded := strings.ToLower(text)
	sure = !strings.HasSuffix(text, domain) || text != folded
	service, _, _ := strings.Cut(strings.TrimPrefix(folded, "aws."), ".")
	if own := service + domain; KnownSource(own) && own != text {
		return own, sure
	}
	limit := min(2, len(service)/4)
	for _, s := range sources() {
		name := strings.TrimSuffix(s, domain)
		if d := spelling.Distance(service, name); d <= limit && d > 0 {
			nearest, limit = s, d-1
		}
	}
	return nearest, sure
}

// recordFields are fields of CloudTrail's records that hardly any other log
// message has.
var recordFields = []string{
	"additionalEventData", "awsRegion", "eventCategory", "eventName", "eventSource", "managementEvent", "recipientAccountId", "requestParameters", "responseElements",
	"userIdentity",
}

// IsRecordField reports whether a name is that of a field of CloudTrail's records
// that hardly any other log message has, or differs from it in one letter or in
// upper and lower case.
func IsRecordField(name string) bool {
	folded := strings.ToLower(name)
	return slices.ContainsFunc(recordFields, func(f string) bool { return spelling.Distance(folded, strings.ToLower(f)) <= 1 })
}

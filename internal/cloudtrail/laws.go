package cloudtrail

import (
	"regexp"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/cloudtrail/eventnames"
	"github.com/monitorctl/monitorctl/internal/cloudtrail/vocabulary"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/record"
)

// What ties two fields of a record to each other.
const (
	axiomRootARN       = "the root user's ARN is that of the account's root"
	axiomRootID        = "the root user's principalId and accountId are the account"
	axiomUserNoSAML    = "additionalEventData.SamlProviderArn is absent when an IAM user signs in"
	axiomUserARN       = "the ARN of an IAM user is arn:PARTITION:iam::ACCOUNT:user/..."
	axiomUserName      = "an IAM user has a userName"
	axiomRoleARN       = "the ARN of an assumed role is arn:PARTITION:sts::ACCOUNT:assumed-role/..."
	axiomIdentityTypes = "userIdentity.type is one that the reference lists"
	axiomEventTypes    = "eventType of a management event is one that the reference lists"
	axiomLogDelivery   = "delivery.logs.amazonaws.com calls no service that answers UnauthorizedOperation"
	axiomAllEventTypes = "eventType is one that the reference lists"
	axiomIssuerTypes   = "userIdentity.sessionContext.sessionIssuer.type is one that the reference lists"
	axiomSessionMFA    = "userIdentity.sessionContext.attributes.mfaAuthenticated is true or false"
	axiomOwner         = "the name of an event that only one service has comes from that service"
	axiomHeadBucket    = "HeadBucket is a call of S3, which does not answer UnauthorizedOperation"
)

var (
	typePath = record.Path{{Name: "userIdentity"}, {Name: "type"}}
	arnPath  = record.Path{{Name: "userIdentity"}, {Name: "arn"}}
)

// identityTypes are the values of userIdentity.type, and managementEventTypes those
// of eventType in records of management events: the vocabularies that lint holds
// patterns to.
var (
	identityTypes        = valuesOf("userIdentity.type")
	managementEventTypes = valuesOf("eventType", "AwsVpceEvent", "AwsCloudTrailInsight")
)

// valuesOf returns the vocabulary of a field but for some values.
func valuesOf(path string, but ...string) []string {
	v, _ := vocabulary.Of(path)
	return slices.DeleteFunc(slices.Clone(v.Values), func(value string) bool { return slices.Contains(but, value) })
}

func where(path record.Path, t cover.Test) cover.Claim { return cover.Claim{Path: path, Test: t} }

func identityIs(name string) cover.Claim { return where(typePath, is(name)) }

func identity(name string) record.Path { return record.Path{{Name: "userIdentity"}, {Name: name}} }

func top(name string) record.Path { return record.Path{{Name: name}} }

var notUnauthorized = cover.Claim{Path: top("errorCode"), Test: unauthorized, Not: true}

// commonLaws are those of all records.
var commonLaws = []cover.Law{
	cover.NewLaw(axiomUserNoSAML, identityIs("IAMUser"),
		cover.Claim{Path: record.Path{{Name: "additionalEventData"}, {Name: "SamlProviderArn"}}, Test: cover.Exists, Not: true}),
	cover.NewLaw(axiomUserName, identityIs("IAMUser"), where(identity("userName"), cover.Exists)),
	cover.NewLaw(axiomIdentityTypes, where(typePath, cover.Exists), where(typePath, oneOf(identityTypes))),
	closed(axiomIssuerTypes, "userIdentity", "sessionContext", "sessionIssuer", "type"),
	closed(axiomSessionMFA, "userIdentity", "sessionContext", "attributes", "mfaAuthenticated"),
	cover.NewLaw(axiomSignInResult, where(top("eventName"), is("ConsoleLogin")),
		where(record.Path{{Name: "responseElements"}, {Name: "ConsoleLogin"}}, oneOf(valuesOf("responseElements.ConsoleLogin")))),
	cover.NewLaw(axiomHeadBucket, where(top("eventName"), is("HeadBucket")), notUnauthorized),
	cover.NewLaw(axiomLogDelivery, where(top("sourceIPAddress"), is("delivery.logs.amazonaws.com")), notUnauthorized),
}

// closed is the law that a field which is there has a value of its vocabulary.
func closed(axiom string, names ...string) cover.Law {
	var path record.Path
	for _, name := range names {
		path = append(path, record.Step{Name: name})
	}
	return cover.NewLaw(axiom, where(path, cover.Exists), where(path, oneOf(valuesOf(strings.Join(names, ".")))))
}

// eventTypeLaw is for probes that do not say the type.
var eventTypeLaw = cover.NewLaw(axiomEventTypes, where(top("eventType"), cover.Exists), where(top("eventType"), oneOf(managementEventTypes)))

// ownerLaws are those of the services that own the name of an event.
var ownerLaws = cover.TextLaws{Path: top("eventName"), Of: func(name string) (cover.Law, bool) {
	source, ok := eventnames.Owner(name)
	if !ok {
		return cover.Law{}, false
	}
	return cover.NewLaw(axiomOwner, where(top("eventName"), is(name)), where(top("eventSource"), is(source))), true
}}

// partitionLaws are those of the ARNs in a partition, by its name; "" stands for
// any.
var partitionLaws = map[string][]cover.Law{
	"": lawsOfARNs(""), "aws": lawsOfARNs("aws"), "aws-cn": lawsOfARNs("aws-cn"), "aws-us-gov": lawsOfARNs("aws-us-gov"),
}

func lawsOfARNs(partition string) []cover.Law {
	return []cover.Law{
		cover.NewLaw(axiomUserARN, identityIs("IAMUser"), where(arnPath, arnLike(partition, "iam", "user/"))),
		cover.NewLaw(axiomRoleARN, identityIs("AssumedRole"), where(arnPath, arnLike(partition, "sts", "assumed-role/"))),
	}
}

// partition returns the partition of the probe's region, "" when it has none.
func (p Probe) partition() string {
	if p.Region == "" {
		return ""
	}
	return strings.Split(p.localize("arn:aws:"), ":")[1]
}

// textLaws returns those of the laws that go by the text of a field. A requirement
// that names a source is taken at its word.
func (p Probe) textLaws() []cover.TextLaws {
	if p.Source != "" {
		return nil
	}
	return []cover.TextLaws{ownerLaws}
}

// laws returns what ties fields of the probe's records to each other.
func (p Probe) laws() []cover.Law {
	list := slices.Concat(commonLaws, partitionLaws[p.partition()])
	if len(p.EventTypes) == 0 {
		list = append(list, eventTypeLaw)
	}
	if p.Account == "" {
		return list
	}
	root := identityIs("Root")
	list = append(list,
		cover.NewLaw(axiomRootID, root, where(identity("principalId"), is(p.Account))),
		cover.NewLaw(axiomRootID, root, where(identity("accountId"), is(p.Account))))
	if p.Region != "" { // the partition of an ARN follows from it
		list = append(list, cover.NewLaw(axiomRootARN, root, where(arnPath, is(p.localize("arn:aws:iam::"+sampleAccount+":root")))))
	}
	return list
}

// A set is the test for a set of strings, given by an expression of package
// regexp that matches all of a string.
type set struct {
	words string
	expr  *regexp.Regexp
	try   []string
}

var unauthorized = set{words: `= "*UnauthorizedOperation"`, expr: regexp.MustCompile(`UnauthorizedOperation\z`), try: []string{"Client.UnauthorizedOperation"}}

// oneOf is the test for one of some texts.
type oneOf []string

// Key implements cover.Test.
func (t oneOf) Key() string { return "one of " + strings.Join(t, ", ") }

// Holds implements cover.Test.
func (t oneOf) Holds(v record.Value) bool {
	return v.Kind == record.String && slices.Contains(t, v.Text)
}

// String implements cover.Test.
func (t oneOf) String() string { return "is one of " + strings.Join(t, ", ") }

// Asks implements cover.Test.
func (t oneOf) Asks() cover.Asks {
	return cover.Asks{Positive: true, Text: &cover.Text{Key: t.Key(), Members: t}}
}

// Words implements cover.Test: cases are put into the words of the patterns.
func (t oneOf) Words() []cover.Test { return nil }

// arnLike is the test for ARNs of any account in a partition, "" for any.
func arnLike(partition, service, resource string) set {
	expr, example := regexp.QuoteMeta(partition), partition
	if partition == "" {
		expr, example = `aws[a-z-]*`, "aws"
	}
	return set{
		words: "is an ARN like arn:" + example + ":" + service + "::ACCOUNT:" + resource,
		expr:  regexp.MustCompile(`\Aarn:` + expr + ":" + service + `::[0-9]*:` + resource),
		try:   []string{"arn:" + example + ":" + service + "::" + sampleAccount + ":" + resource + "example"},
	}
}

// Key implements cover.Test.
func (s set) Key() string { return s.words }

// Holds implements cover.Test.
func (s set) Holds(v record.Value) bool { return v.Kind == record.String && s.expr.MatchString(v.Text) }

// String implements cover.Test.
func (s set) String() string { return s.words }

// Asks implements cover.Test.
func (s set) Asks() cover.Asks {
	return cover.Asks{Positive: true, Text: &cover.Text{Key: "set " + s.words, Expr: s.expr.String(), Match: s.expr.MatchString, Try: s.try}}
}

// Words implements cover.Test: cases are put into the words of the patterns.
func (s set) Words() []cover.Test { return nil }

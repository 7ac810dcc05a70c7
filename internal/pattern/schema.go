package pattern

import (
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/record"
)

// A kindSet is a set of kinds that the value at a path can have.
type kindSet uint8

const (
	kindMissing kindSet = 1 << iota
	kindNull
	kindTrue
	kindFalse
	kindString
	kindNumber
	kindObject
	kindArray

	anyKind = 1<<8 - 1
)

func (k kindSet) has(one kindSet) bool { return k&one != 0 }

// A schemaField is what CloudTrail's documentation and the axioms of the
// project say about one field of a record.
type schemaField struct {
	name  string
	kinds kindSet
	axiom string // the name of what kinds and settle rest on; "" for a free field

	// settle narrows the domain by what a probe says of the field.
	settle func(d *domain, p Probe)

	fields []schemaField // what the reference lists below
	open   bool          // there may be members that the reference does not list

	sample string // a realistic text, with the account and region of sampleAccount
	usual  bool   // the sample stands in example records
}

// A domain is what is known of the value at one path in the records of a probe.
type domain struct {
	kinds    kindSet
	strings  []string // the texts that a string can be; nil: any
	nonEmpty bool     // strings are not empty
	axiom    string   // what the limits rest on; "" when there are none
	fields   []schemaField
	open     bool
	sample   string
}

const (
	sampleAccount = "111122223333"
	sampleRegion  = "us-east-1"

	axiomUnlisted = "fields that CloudTrail's reference does not list are absent"
	axiomIdentity = "fields of userIdentity are strings or absent"
	axiomText     = "the text of a record is compact JSON"
	axiomSession  = "fields of userIdentity.sessionContext are strings or absent"
)

// The record as CloudTrail's reference describes it (record contents and
// userIdentity element, record version 1.11), in the order in which records
// are written. Fields without axiom are free.
var recordFields = []schemaField{
	{name: "eventVersion", kinds: anyKind, open: true, sample: "1.11", usual: true},
	{name: "userIdentity", kinds: kindObject, axiom: "userIdentity is an object", fields: identityFields},
	{name: "eventTime", kinds: kindString, axiom: "eventTime is a string", sample: "2026-03-02T09:41:07Z", usual: true},
	{name: "eventSource", kinds: kindString, axiom: "eventSource is a string", settle: settleSource, sample: "ec2.amazonaws.com"},
	{name: "eventName", kinds: kindString, axiom: "eventName is a string", settle: settleEvent, sample: "RunInstances"},
	{name: "awsRegion", kinds: kindString, axiom: "awsRegion is a string", settle: settleRegion, sample: sampleRegion},
	{name: "sourceIPAddress", kinds: kindString, axiom: "sourceIPAddress is a string", sample: "203.0.113.24", usual: true},
	{name: "userAgent", kinds: kindString, axiom: "userAgent is a string", sample: "aws-cli/2.22.0", usual: true},
	{name: "errorCode", kinds: kindMissing | kindString, axiom: "errorCode is a string or absent", settle: settleOutcome, sample: "AccessDenied"},
	{name: "errorMessage", kinds: kindMissing | kindString, axiom: "errorMessage is a string or absent", settle: settleOutcome,
		sample: "User is not authorized to perform this operation"},
	{name: "requestParameters", kinds: kindObject | kindNull, axiom: "requestParameters is an object or null", open: true},
	{name: "responseElements", kinds: kindObject | kindNull, axiom: "responseElements is an object or null", open: true,
		settle: settleResponse,
		fields: []schemaField{{name: "ConsoleLogin", kinds: anyKind, open: true, settle: settleSignIn}}},
	{name: "additionalEventData", kinds: kindMissing | kindObject, axiom: "additionalEventData is an object or absent", open: true,
		fields: []schemaField{
			{name: "MFAUsed", kinds: kindMissing | kindString, axiom: "additionalEventData.MFAUsed is Yes, No or absent",
				settle: func(d *domain, _ Probe) { d.strings = []string{"No", "Yes"} }, sample: "No"},
			{name: "SamlProviderArn", kinds: anyKind, open: true, settle: settleSaml},
		}},
	{name: "serviceEventDetails", kinds: anyKind, open: true},
	{name: "requestID", kinds: anyKind, open: true, sample: "7d1f0a52-3b44-4c5e-9f0e-5f1f2f6b7a10", usual: true},
	{name: "eventID", kinds: kindString, axiom: "eventID is a string", sample: "0c9a4e1b-6d5e-4b2f-8a37-2f0d9c8b7e61", usual: true},
	{name: "readOnly", kinds: kindTrue | kindFalse, axiom: "readOnly is a boolean", settle: settleReadOnly},
	{name: "resources", kinds: anyKind, open: true},
	{name: "eventType", kinds: kindString, axiom: "eventType is a string", settle: settleType, sample: "AwsApiCall"},
	{name: "apiVersion", kinds: anyKind, open: true, sample: "2016-11-15"},
	{name: "managementEvent", kinds: kindTrue, axiom: "managementEvent is true"},
	{name: "recipientAccountId", kinds: kindString, axiom: "recipientAccountId is a string", settle: settleAccount, sample: sampleAccount},
	{name: "sharedEventID", kinds: anyKind, open: true, sample: "a1c9f6de-20b7-4e8f-8b58-6c1d7e2f3a49"},
	{name: "vpcEndpointId", kinds: anyKind, open: true, sample: "vpce-0d98594066f1b87aa"},
	{name: "vpcEndpointAccountId", kinds: anyKind, open: true, sample: sampleAccount},
	{name: "eventCategory", kinds: kindString, axiom: "eventCategory is Management",
		settle: func(d *domain, _ Probe) { d.strings = []string{"Management"} }},
	{name: "addendum", kinds: anyKind, open: true},
	{name: "edgeDeviceDetails", kinds: anyKind, open: true},
	{name: "eventContext", kinds: anyKind, open: true},
	{name: "insightDetails", kinds: anyKind, open: true},
	{name: "sessionCredentialFromConsole", kinds: anyKind, open: true, sample: "true"},
	{name: "tlsDetails", kinds: anyKind, open: true},
}

var identityFields = []schemaField{
	identityField("type", "IAMUser"),
	{name: "principalId", kinds: kindMissing | kindString, axiom: axiomIdentity, sample: "AIDAEXAMPLEALICE00001", settle: settleRootID},
	{name: "arn", kinds: kindMissing | kindString, axiom: axiomIdentity, sample: "arn:aws:iam::111122223333:user/alice", settle: settleRootARN},
	{name: "accountId", kinds: kindMissing | kindString, axiom: axiomIdentity, sample: sampleAccount, settle: settleRootID},
	identityField("accessKeyId", "AKIAEXAMPLEALICE0001"),
	identityField("userName", "alice"),
	identityField("invokedBy", "cloudformation.amazonaws.com"),
	identityField("credentialId", "EXAMPLEVHULjJdTUdPJfofVa1sufHDoj7aYcOYcxFVllHR"),
	identityField("identityProvider", "arn:aws:iam::111122223333:saml-provider/corp"),
	{name: "onBehalfOf", kinds: kindMissing | kindObject, axiom: "userIdentity.onBehalfOf is an object or absent",
		fields: []schemaField{
			identityField("userId", "544894e8-80c1-707f-60e3-3ba6510dfac1"),
			identityField("identityStoreArn", "arn:aws:identitystore::111122223333:identitystore/d-9067642ac7"),
		}},
	{name: "inScopeOf", kinds: kindMissing | kindObject, axiom: "userIdentity.inScopeOf is an object or absent",
		fields: []schemaField{
			identityField("sourceArn", "arn:aws:lambda:us-east-1:111122223333:function:deploy"),
			identityField("sourceAccount", sampleAccount),
			identityField("issuerType", "AWS::Lambda::Function"),
			identityField("credentialsIssuedTo", "arn:aws:lambda:us-east-1:111122223333:function:deploy"),
		}},
	{name: "sessionContext", kinds: kindMissing | kindObject, axiom: "userIdentity.sessionContext is an object or absent",
		fields: sessionFields},
}

var sessionFields = []schemaField{
	{name: "sessionIssuer", kinds: kindMissing | kindObject, axiom: "userIdentity.sessionContext.sessionIssuer is an object or absent",
		fields: []schemaField{
			sessionField("type", "Role"),
			sessionField("principalId", "AROAEXAMPLEDEPLOY0001"),
			sessionField("arn", "arn:aws:iam::111122223333:role/deploy"),
			sessionField("accountId", sampleAccount),
			sessionField("userName", "deploy"),
		}},
	{name: "webIdFederationData", kinds: kindMissing | kindObject, axiom: "userIdentity.sessionContext.webIdFederationData is an object or absent",
		fields: []schemaField{
			sessionField("federatedProvider", "arn:aws:iam::111122223333:oidc-provider/token.example.com"),
			{name: "attributes", kinds: kindMissing | kindObject, open: true,
				axiom: "userIdentity.sessionContext.webIdFederationData.attributes is an object or absent"},
		}},
	sessionField("assumedRoot", "true"),
	{name: "attributes", kinds: kindMissing | kindObject, axiom: "userIdentity.sessionContext.attributes is an object or absent",
		fields: []schemaField{
			sessionField("creationDate", "2026-03-02T09:12:40Z"),
			sessionField("mfaAuthenticated", "false"),
		}},
	sessionField("sourceIdentity", "alice"),
	sessionField("ec2RoleDelivery", "2.0"),
}

func identityField(name, sample string) schemaField {
	return schemaField{name: name, kinds: kindMissing | kindString, axiom: axiomIdentity, sample: sample}
}

func sessionField(name, sample string) schemaField {
	return schemaField{name: name, kinds: kindMissing | kindString, axiom: axiomSession, sample: sample}
}

func settleSource(d *domain, p Probe) {
	d.settle(p.Source, "eventSource is the required one", "eventSource is a non-empty string")
}

func settleEvent(d *domain, p Probe) {
	d.settle(p.Event, "eventName is the required one", "eventName is a non-empty string")
}

func settleRegion(d *domain, p Probe) {
	d.settle(p.Region, "awsRegion is the probed region", "awsRegion is a non-empty string")
}

// settle sets the one text that the field has, or that it is not empty.
func (d *domain) settle(text, known, unknown string) {
	if text == "" {
		d.nonEmpty, d.axiom = true, unknown
		return
	}
	d.strings, d.axiom = []string{text}, known
}

func settleAccount(d *domain, p Probe) {
	if p.Account != "" {
		d.strings, d.axiom = []string{p.Account}, "recipientAccountId is the judged account"
	}
}

func settleOutcome(d *domain, p Probe) {
	if !p.Failures {
		d.kinds, d.axiom = kindMissing, "errorCode and errorMessage are absent in successful calls"
	}
}

func settleReadOnly(d *domain, p Probe) {
	switch p.ReadOnly {
	case "true":
		d.kinds, d.axiom = kindTrue, "readOnly is true"
	case "false":
		d.kinds, d.axiom = kindFalse, "readOnly is false"
	}
}

func settleType(d *domain, p Probe) {
	if len(p.EventTypes) > 0 {
		d.strings = p.EventTypes
		d.axiom = "eventType is " + strings.Join(p.EventTypes, " or ")
	}
}

// recordDomain is the domain of the record itself.
func recordDomain() domain { return domain{kinds: kindObject, fields: recordFields} }

// freeDomain is the domain of a value of which nothing is known.
func freeDomain() domain { return domain{kinds: anyKind, open: true} }

// A view is a probe with some axioms set aside, which tells what a verdict
// leans on.
type view struct {
	probe   Probe
	relaxed []string // names of axioms
}

// below returns the domain of what a step finds in a value of domain d.
func (v view) below(d domain, s record.Step) domain {
	container := kindArray
	if s.Kind == record.Name {
		container = kindObject
	}
	if !d.kinds.has(container) {
		return domain{kinds: kindMissing, axiom: d.axiom}
	}
	if s.Kind != record.Name {
		return freeDomain()
	}
	at := slices.IndexFunc(d.fields, func(f schemaField) bool { return f.name == s.Name })
	switch {
	case at >= 0:
		child := v.domainOf(d.fields[at])
		if d.kinds != kindObject {
			child.kinds |= kindMissing
		}
		return child
	case d.open || slices.Contains(v.relaxed, axiomUnlisted):
		return freeDomain()
	}
	return domain{kinds: kindMissing, axiom: axiomUnlisted}
}

// domainOf returns the domain of a listed field.
func (v view) domainOf(f schemaField) domain {
	d := domain{kinds: f.kinds, axiom: f.axiom, fields: f.fields, open: f.open, sample: v.probe.localize(f.sample)}
	if f.settle != nil {
		f.settle(&d, v.probe)
	}
	if d.axiom != "" && slices.Contains(v.relaxed, d.axiom) {
		d.kinds, d.strings, d.nonEmpty, d.axiom = anyKind, nil, false, ""
		d.open = d.open || f.fields == nil
	}
	return d
}

// localize puts the account, region and partition of the probe into a sample
// text.
func (p Probe) localize(text string) string {
	if p.Account != "" {
		text = strings.ReplaceAll(text, sampleAccount, p.Account)
	}
	if p.Region != "" {
		text = strings.ReplaceAll(text, sampleRegion, p.Region)
	}
	switch {
	case strings.HasPrefix(p.Region, "cn-"):
		text = strings.Replace(text, "arn:aws:", "arn:aws-cn:", 1)
	case strings.HasPrefix(p.Region, "us-gov-"):
		text = strings.Replace(text, "arn:aws:", "arn:aws-us-gov:", 1)
	}
	return text
}

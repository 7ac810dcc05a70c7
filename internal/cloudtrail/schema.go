package cloudtrail

import (
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/cover"
)

// A field is what CloudTrail's documentation and the axioms say about one field
// of a record.
type field struct {
	name  string
	kinds cover.Kinds
	axiom string // what kinds and settle rest on; "" for a free field

	// settle narrows the domain by what a probe says of the field.
	settle func(d *cover.Domain, p Probe)

	fields []field // what the reference lists below
	open   bool    // there may be members that the reference does not list

	sample string // a realistic text, with the account and region of sampleAccount
	usual  bool   // the sample stands in example records
}

const (
	sampleAccount = "111122223333"
	sampleRegion  = "us-east-1"
)

// Axioms on which the schema rests.
const (
	AxiomUnlisted = "fields that CloudTrail's reference does not list are absent"
	AxiomIdentity = "fields of userIdentity are strings or absent"
	AxiomText     = "the text of a record is compact JSON"
	axiomSession  = "fields of userIdentity.sessionContext are strings or absent"
)

// The record as CloudTrail's reference describes it (record contents and
// userIdentity element, record version 1.11), in the order in which records
// are written. Fields without axiom are free.
var recordFields = []field{
	{name: "eventVersion", kinds: cover.AnyKind, open: true, sample: "1.11", usual: true},
	{name: "userIdentity", kinds: cover.Object, axiom: "userIdentity is an object", fields: identityFields},
	{name: "eventTime", kinds: cover.String, axiom: "eventTime is a string", sample: "2026-03-02T09:41:07Z", usual: true},
	{name: "eventSource", kinds: cover.String, axiom: "eventSource is a string", settle: settleSource, sample: "ec2.amazonaws.com"},
	{name: "eventName", kinds: cover.String, axiom: "eventName is a string", settle: settleEvent, sample: "RunInstances"},
	{name: "awsRegion", kinds: cover.String, axiom: "awsRegion is a string", settle: settleRegion, sample: sampleRegion},
	{name: "sourceIPAddress", kinds: cover.String, axiom: "sourceIPAddress is a string", sample: "203.0.113.24", usual: true},
	{name: "userAgent", kinds: cover.String, axiom: "userAgent is a string", sample: "aws-cli/2.22.0", usual: true},
	{name: "errorCode", kinds: cover.Missing | cover.String, axiom: "errorCode is a string or absent", settle: settleOutcome, sample: "AccessDenied"},
	{name: "errorMessage", kinds: cover.Missing | cover.String, axiom: "errorMessage is a string or absent", settle: settleOutcome,
		sample: "User is not authorized to perform this operation"},
	{name: "requestParameters", kinds: cover.Object | cover.Null, axiom: "requestParameters is an object or null", open: true},
	{name: "responseElements", kinds: cover.Object | cover.Null, axiom: "responseElements is an object or null", open: true,
		settle: settleResponse,
		fields: []field{{name: "ConsoleLogin", kinds: cover.AnyKind, open: true, settle: settleSignIn}}},
	{name: "additionalEventData", kinds: cover.Missing | cover.Object, axiom: "additionalEventData is an object or absent", open: true,
		fields: []field{
			{name: "MFAUsed", kinds: cover.Missing | cover.String, axiom: "additionalEventData.MFAUsed is Yes, No or absent",
				settle: func(d *cover.Domain, _ Probe) { d.Texts = []string{"No", "Yes"} }, sample: "No"},
			{name: "SamlProviderArn", kinds: cover.AnyKind, open: true},
		}},
	{name: "serviceEventDetails", kinds: cover.AnyKind, open: true},
	{name: "requestID", kinds: cover.AnyKind, open: true, sample: "7d1f0a52-3b44-4c5e-9f0e-5f1f2f6b7a10", usual: true},
	{name: "eventID", kinds: cover.String, axiom: "eventID is a string", sample: "0c9a4e1b-6d5e-4b2f-8a37-2f0d9c8b7e61", usual: true},
	{name: "readOnly", kinds: cover.TrueKind | cover.FalseKind, axiom: "readOnly is a boolean", settle: settleReadOnly},
	{name: "resources", kinds: cover.AnyKind, open: true},
	{name: "eventType", kinds: cover.String, axiom: "eventType is a string", settle: settleType, sample: "AwsApiCall"},
	{name: "apiVersion", kinds: cover.AnyKind, open: true, sample: "2016-11-15"},
	{name: "managementEvent", kinds: cover.TrueKind, axiom: "managementEvent is true"},
	{name: "recipientAccountId", kinds: cover.String, axiom: "recipientAccountId is a string", settle: settleAccount, sample: sampleAccount},
	{name: "sharedEventID", kinds: cover.AnyKind, open: true, sample: "a1c9f6de-20b7-4e8f-8b58-6c1d7e2f3a49"},
	{name: "vpcEndpointId", kinds: cover.AnyKind, open: true, sample: "vpce-0d98594066f1b87aa"},
	{name: "vpcEndpointAccountId", kinds: cover.AnyKind, open: true, sample: sampleAccount},
	{name: "eventCategory", kinds: cover.String, axiom: "eventCategory is Management",
		settle: func(d *cover.Domain, _ Probe) { d.Texts = []string{"Management"} }},
	{name: "addendum", kinds: cover.AnyKind, open: true},
	{name: "edgeDeviceDetails", kinds: cover.AnyKind, open: true},
	{name: "eventContext", kinds: cover.AnyKind, open: true},
	{name: "insightDetails", kinds: cover.AnyKind, open: true},
	{name: "sessionCredentialFromConsole", kinds: cover.AnyKind, open: true, sample: "true"},
	{name: "tlsDetails", kinds: cover.AnyKind, open: true},
}

var identityFields = []field{
	identityField("type", "IAMUser"),
	{name: "principalId", kinds: cover.Missing | cover.String, axiom: AxiomIdentity, sample: "AIDAEXAMPLEALICE00001"},
	{name: "arn", kinds: cover.Missing | cover.String, axiom: AxiomIdentity, sample: "arn:aws:iam::111122223333:user/alice"},
	{name: "accountId", kinds: cover.Missing | cover.String, axiom: AxiomIdentity, sample: sampleAccount},
	identityField("accessKeyId", "AKIAEXAMPLEALICE0001"),
	identityField("userName", "alice"),
	identityField("invokedBy", "cloudformation.amazonaws.com"),
	identityField("credentialId", "EXAMPLEVHULjJdTUdPJfofVa1sufHDoj7aYcOYcxFVllHR"),
	identityField("identityProvider", "arn:aws:iam::111122223333:saml-provider/corp"),
	{name: "onBehalfOf", kinds: cover.Missing | cover.Object, axiom: "userIdentity.onBehalfOf is an object or absent",
		fields: []field{
			identityField("userId", "544894e8-80c1-707f-60e3-3ba6510dfac1"),
			identityField("identityStoreArn", "arn:aws:identitystore::111122223333:identitystore/d-9067642ac7"),
		}},
	{name: "inScopeOf", kinds: cover.Missing | cover.Object, axiom: "userIdentity.inScopeOf is an object or absent",
		fields: []field{
			identityField("sourceArn", "arn:aws:lambda:us-east-1:111122223333:function:deploy"),
			identityField("sourceAccount", sampleAccount),
			identityField("issuerType", "AWS::Lambda::Function"),
			identityField("credentialsIssuedTo", "arn:aws:lambda:us-east-1:111122223333:function:deploy"),
		}},
	{name: "sessionContext", kinds: cover.Missing | cover.Object, axiom: "userIdentity.sessionContext is an object or absent",
		fields: sessionFields},
}

var sessionFields = []field{
	{name: "sessionIssuer", kinds: cover.Missing | cover.Object, axiom: "userIdentity.sessionContext.sessionIssuer is an object or absent",
		fields: []field{
			sessionField("type", "Role"),
			sessionField("principalId", "AROAEXAMPLEDEPLOY0001"),
			sessionField("arn", "arn:aws:iam::111122223333:role/deploy"),
			sessionField("accountId", sampleAccount),
			sessionField("userName", "deploy"),
		}},
	{name: "webIdFederationData", kinds: cover.Missing | cover.Object, axiom: "userIdentity.sessionContext.webIdFederationData is an object or absent",
		fields: []field{
			sessionField("federatedProvider", "arn:aws:iam::111122223333:oidc-provider/token.example.com"),
			{name: "attributes", kinds: cover.Missing | cover.Object, open: true,
				axiom: "userIdentity.sessionContext.webIdFederationData.attributes is an object or absent"},
		}},
	sessionField("assumedRoot", "true"),
	{name: "attributes", kinds: cover.Missing | cover.Object, axiom: "userIdentity.sessionContext.attributes is an object or absent",
		fields: []field{
			sessionField("creationDate", "2026-03-02T09:12:40Z"),
			sessionField("mfaAuthenticated", "false"),
		}},
	sessionField("sourceIdentity", "alice"),
	sessionField("ec2RoleDelivery", "2.0"),
}

func identityField(name, sample string) field {
	return field{name: name, kinds: cover.Missing | cover.String, axiom: AxiomIdentity, sample: sample}
}

func sessionField(name, sample string) field {
	return field{name: name, kinds: cover.Missing | cover.String, axiom: axiomSession, sample: sample}
}

func settleSource(d *cover.Domain, p Probe) {
	settleText(d, p.Source, "eventSource is the required one", "eventSource is a non-empty string")
}

func settleEvent(d *cover.Domain, p Probe) {
	settleText(d, p.Event, "eventName is the required one", "eventName is a non-empty string")
}

func settleRegion(d *cover.Domain, p Probe) {
	settleText(d, p.Region, "awsRegion is the probed region", "awsRegion is a non-empty string")
}

// settleText sets the one text that the field has, or that it is not empty.
func settleText(d *cover.Domain, text, known, unknown string) {
	if text == "" {
		d.NonEmpty, d.Axiom = true, unknown
		return
	}
	d.Texts, d.Axiom = []string{text}, known
}

func settleAccount(d *cover.Domain, p Probe) {
	if p.Account != "" {
		d.Texts, d.Axiom = []string{p.Account}, "recipientAccountId is the audited account"
	}
}

func settleOutcome(d *cover.Domain, p Probe) {
	if !p.Failures {
		d.Kinds, d.Axiom = cover.Missing, "errorCode and errorMessage are absent in successful calls"
	}
}

func settleReadOnly(d *cover.Domain, p Probe) {
	switch p.ReadOnly {
	case "true":
		d.Kinds, d.Axiom = cover.TrueKind, "readOnly is true"
	case "false":
		d.Kinds, d.Axiom = cover.FalseKind, "readOnly is false"
	}
}

func settleType(d *cover.Domain, p Probe) {
	if len(p.EventTypes) > 0 {
		d.Texts = p.EventTypes
		d.Axiom = "eventType is " + strings.Join(p.EventTypes, " or ")
	}
}

// Schema returns what is known of the records of the probe. Its condition is not
// taken into account but for what axioms say.
func (p Probe) Schema() *cover.Schema {
	return &cover.Schema{Fields: p.settle(recordFields), Laws: p.laws(), Soft: softAxioms,
		Unlisted: AxiomUnlisted, Text: AxiomText, Remark: "userAgent", Localize: p.localize}
}

// settle returns what is known of fields in the records of the probe.
func (p Probe) settle(fields []field) []cover.Field {
	list := make([]cover.Field, len(fields))
	for i := range fields {
		list[i] = cover.Field{Name: fields[i].name, Domain: p.domain(&fields[i])}
	}
	return list
}

// domain returns what is known of a field.
func (p Probe) domain(f *field) cover.Domain {
	d := cover.Domain{Kinds: f.kinds, Axiom: f.axiom, Open: f.open, Sample: f.sample}
	if f.fields != nil {
		list, ok := fixed[&f.fields[0]]
		if !ok {
			list = p.settle(f.fields)
		}
		d.Fields = list
	}
	if f.settle != nil {
		f.settle(&d, p)
	}
	return d
}

// varies reports whether probes say something of what is listed below the field.
func (f *field) varies() bool {
	return slices.ContainsFunc(f.fields, func(f field) bool { return f.settle != nil || f.varies() })
}

// fixed holds the lists of fields that are the same for every probe, by their
// first field.
var fixed = fixedFields(recordFields, map[*field][]cover.Field{})

func fixedFields(fields []field, known map[*field][]cover.Field) map[*field][]cover.Field {
	for i := range fields {
		f := &fields[i]
		if f.fields == nil {
			continue
		}
		fixedFields(f.fields, known)
		if f.varies() {
			continue
		}
		list := make([]cover.Field, len(f.fields))
		for j, below := range f.fields {
			list[j] = cover.Field{Name: below.name, Domain: cover.Domain{Kinds: below.kinds, Axiom: below.axiom, Open: below.open, Sample: below.sample}}
			if below.fields != nil {
				list[j].Fields = known[&below.fields[0]]
			}
		}
		known[&f.fields[0]] = list
	}
	return known
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

package cloudtrail

// An Axiom is a fact about CloudTrail's records on which verdicts may lean.
type Axiom struct {
	Text   string // the sentence that names it
	Source string

	// Soft means that AWS does not promise it, or that records are known that
	// break it. What is lost only without it is a warning, not a loss.
	Soft bool
}

const (
	recordContents = `CloudTrail user guide, "CloudTrail record contents"`
	userIdentity   = `CloudTrail user guide, "CloudTrail userIdentity element"`
	signInEvents   = `CloudTrail user guide, "AWS Management Console sign-in events"`
	requirement    = "the control and the account that are checked"
)

// Axioms lists all axioms about records. Those on the kinds of single fields, like
// "userAgent is a string", are in the schema; they are firm, and their source is the
// record reference.
var axiomTable = []Axiom{
	{Text: AxiomUnlisted, Source: recordContents},
	{Text: AxiomText, Source: "logs of CloudTrail"},
	{Text: AxiomIdentity, Source: userIdentity},
	{Text: axiomSession, Source: userIdentity},
	{Text: axiomSignInResult, Source: signInEvents},
	{Text: axiomSignInSuccess, Source: signInEvents},
	{Text: axiomSignInFailure, Source: signInEvents},
	{Text: axiomRootARN, Source: userIdentity},
	{Text: axiomRootID, Source: userIdentity},
	{Text: axiomUserNoSAML, Source: signInEvents + ": a federated sign-in is an AssumedRole"},
	{Text: axiomUserName, Source: userIdentity + ", which calls the field optional", Soft: true},
	{Text: axiomUserARN, Source: userIdentity + "; failed sign-ins of unknown users have none", Soft: true},
	{Text: axiomRoleARN, Source: userIdentity + ", which calls the field optional", Soft: true},
	{Text: axiomIdentityTypes, Source: userIdentity + "; AWS adds types", Soft: true},
	{Text: axiomEventTypes, Source: recordContents + "; AWS adds types", Soft: true},
	{Text: axiomAllEventTypes, Source: recordContents + "; AWS adds types", Soft: true},
	{Text: axiomIssuerTypes, Source: userIdentity + "; AWS adds types", Soft: true},
	{Text: axiomSessionMFA, Source: userIdentity},
	{Text: axiomOwner, Source: "operations of AWS's SDKs, all services (internal/cloudtrail/eventnames); AWS adds operations", Soft: true},
	{Text: axiomLogDelivery, Source: "it writes to buckets of S3, log groups and Firehose; not promised", Soft: true},
	{Text: axiomHeadBucket, Source: "S3 API reference: error responses; not promised", Soft: true},
}

var softAxioms = func() []string {
	var list []string
	for _, a := range axiomTable {
		if a.Soft {
			list = append(list, a.Text)
		}
	}
	return list
}()

// AxiomNamed returns the axiom of this sentence. Those that say what a control or
// a field's kind demands are firm.
func AxiomNamed(text string) Axiom {
	for _, a := range axiomTable {
		if a.Text == text {
			return a
		}
	}
	return Axiom{Text: text, Source: recordContents + ", or " + requirement}
}

package lint

import (
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
)

// The samples of an event are two ordinary records of it: one of a user, and one
// of a role's session on behalf of a service, in which every optional field of
// userIdentity is there.
const (
	userSample = `{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLEALICE00001",` +
		`"arn":"arn:aws:iam::111122223333:user/alice","accountId":"111122223333","accessKeyId":"AKIAEXAMPLEALICE0001","userName":"alice"},` + sampleRest
	roleSample = `{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLEDEPLOY0001:ci",` +
		`"arn":"arn:aws:sts::111122223333:assumed-role/deploy/ci","accountId":"111122223333","accessKeyId":"ASIAEXAMPLEDEPLOY001","userName":"deploy",` +
		`"invokedBy":"cloudformation.amazonaws.com","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLEDEPLOY0001",` +
		`"arn":"arn:aws:iam::111122223333:role/deploy","accountId":"111122223333","userName":"deploy"},` +
		`"attributes":{"creationDate":"2026-03-02T09:12:40Z","mfaAuthenticated":"false"}}},"vpcEndpointId":"vpce-0d98594066f1b87aa",` + sampleRest
	sampleRest = `"eventTime":"2026-03-02T09:41:07Z","eventSource":%q,"eventName":%q,"awsRegion":"eu-central-1","sourceIPAddress":"203.0.113.24",` +
		`"userAgent":"aws-cli/2.22.0","requestParameters":{"name":"x"},"responseElements":{"_return":true},"requestID":"7d1f0a52-3b44-4c5e-9f0e-5f1f2f6b7a10",` +
		`"eventID":"0c9a4e1b-6d5e-4b2f-8a37-2f0d9c8b7e61","readOnly":%t,"eventType":%q,"managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management"}`
)

// samplesOf returns the samples of a probe, decoded once for all patterns.
func samplesOf(p cloudtrail.Probe) []*match.Message {
	var decoded []*match.Message
	for _, record := range sampleRecords(p) {
		decoded = append(decoded, match.Decode(record))
	}
	return decoded
}

// sampleRecords returns the samples of a probe, none for a condition on events.
func sampleRecords(p cloudtrail.Probe) [][]byte {
	if p.Condition != nil {
		return nil
	}
	kind := "AwsApiCall"
	if len(p.EventTypes) > 0 && !slices.Contains(p.EventTypes, kind) {
		kind = p.EventTypes[0]
	}
	var records [][]byte
	for _, form := range []string{userSample, roleSample} {
		records = append(records, fmt.Appendf(nil, form, p.Source, p.Event, p.ReadOnly == "true", kind))
	}
	return records
}

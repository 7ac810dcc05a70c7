package audit

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
)

// A benign record is an everyday event that no control asks for.
type benign struct {
	what    string
	record  []byte
	decoded func() *match.Message // once somebody asks
}

func newBenign(what string, record []byte) benign {
	return benign{what, record, sync.OnceValue(func() *match.Message { return match.Decode(record) })}
}

// everyday is the fixed benign set of docs/judging.md, section 3; the read of the
// control's own things comes from the catalog.
var everyday = []benign{
	newBenign("DescribeInstances", record("ec2.amazonaws.com", "DescribeInstances", "true", roleIdentity)),
	newBenign("AssumeRole", record("sts.amazonaws.com", "AssumeRole", "true", `{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}`)),
	newBenign("RunInstances", record("ec2.amazonaws.com", "RunInstances", "false", roleIdentity)),
	newBenign("a sign-in with MFA", []byte(`{"eventVersion":"1.09","userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLEUSER000001","arn":"arn:aws:iam::111122223333:user/alice","accountId":"111122223333","userName":"alice"},"eventTime":"2026-01-02T03:04:05Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7","userAgent":"Mozilla/5.0","requestParameters":null,"responseElements":{"ConsoleLogin":"Success"},"additionalEventData":{"MFAUsed":"Yes"},"eventID":"8d3c0d9e-0000-4000-8000-000000000001","readOnly":false,"eventType":"AwsConsoleSignIn","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management"}`)),
	newBenign("a call by an AWS service", record("kms.amazonaws.com", "GenerateDataKey", "true", `{"type":"AWSService","invokedBy":"cloudtrail.amazonaws.com"}`)),
}

const roleIdentity = `{"type":"AssumedRole","principalId":"AROAEXAMPLEROLE000001:ci","arn":"arn:aws:sts::111122223333:assumed-role/ci/ci","accountId":"111122223333","accessKeyId":"ASIAEXAMPLE","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLEROLE000001","arn":"arn:aws:iam::111122223333:role/ci","accountId":"111122223333","userName":"ci"},"attributes":{"creationDate":"2026-01-02T03:00:00Z","mfaAuthenticated":"false"}}}`

// record writes a benign API call.
func record(source, name, readOnly, identity string) []byte {
	return fmt.Appendf(nil, `{"eventVersion":"1.09","userIdentity":%s,"eventTime":"2026-01-02T03:04:05Z","eventSource":%q,"eventName":%q,"awsRegion":"eu-central-1","sourceIPAddress":"198.51.100.7","userAgent":"aws-sdk-go-v2","requestParameters":{},"responseElements":null,"requestID":"8d3c0d9e-0000-4000-8000-000000000002","eventID":"8d3c0d9e-0000-4000-8000-000000000003","readOnly":%s,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management"}`,
		identity, source, name, readOnly)
}

// benignFor returns the benign set of a control.
func benignFor(c catalog.Control) []benign {
	set := slices.Clone(everyday)
	if c.Read != "" {
		set = append(set, newBenign(c.Read, record(c.Sources[0], c.Read, "true", roleIdentity)))
	}
	return set
}

// counted names those of the everyday events that a metric counts.
func counted(m *metric, set []benign) []string {
	var matched []string
	for _, b := range set {
		if slices.ContainsFunc(m.feeders, func(f *filter) bool {
			return f.pattern != nil && f.pattern.MatchDecoded(b.decoded()) == match.Match
		}) {
			matched = append(matched, b.what)
		}
	}
	return matched
}

// noise judges what else a metric counts: an alarm that everyday events keep in
// ALARM notifies nobody of the next change.
func (c *controlJudge) noise(m *metric, w *watch) chain.Verdict {
	l := chain.Fine()
	matched, known := c.noises[m]
	if !known {
		matched = counted(m, c.benign)
		c.noises[m] = matched
	}
	switch {
	case len(matched) == 0:
		return l
	case len(matched) == len(c.benign):
		return l.With(finding.Reason{Code: CodeAlarmStuck, Status: finding.Fail, Link: finding.LinkAlarm, Resource: w.alarm.ARN,
			Message: fmt.Sprintf("alarm %s counts everyday events too (%s): it stays in ALARM and does not notify anyone again", shown(w.alarm.Name), matched[0])})
	default:
		return l.With(finding.Reason{Code: CodeFilterNoisy, Status: finding.Warn, Link: finding.LinkMetric, Resource: m.resource(),
			Message: fmt.Sprintf("metric %s counts everyday events too: %s", shown(m.name), strings.Join(matched, ", "))})
	}
}

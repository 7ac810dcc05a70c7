package audit

import (
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// topicKey judges the key of an encrypted topic: CloudWatch must be able to use
// it, which AWS's own key alias/aws/sns never allows (Amazon SNS, "Key
// management").
func (j *judge) topicKey(at *site, attrs *account.TopicAttributes, topic, watch account.ARN) chain.Verdict {
	l := chain.Fine()
	fail := func(format string, args ...any) chain.Verdict {
		return l.With(finding.Reason{Code: CodeTopicKey, Status: finding.Fail, Link: finding.LinkTopic, Resource: topic.String(),
			Message: fmt.Sprintf("topic %s: ", topic.Resource) + fmt.Sprintf(format, args...)})
	}
	switch {
	case attrs.KeyID == "":
		return l
	case isManagedAlias(attrs.KeyID):
		return fail("it is encrypted with alias/aws/sns, which alarms cannot use")
	}
	key := at.read().Keys[attrs.KeyID]
	if key == nil {
		return l.With(notRead(finding.LinkTopic, topic.String(), "kms:DescribeKey"))
	}
	meta, ok := key.Metadata.Got()
	switch {
	case key.Metadata.Failed() != nil:
		return l.With(unreadable(finding.LinkTopic, topic.String(), key.Metadata.Failed()))
	case !ok:
		return l.With(notRead(finding.LinkTopic, topic.String(), "kms:DescribeKey"))
	case meta == nil:
		return fail("its key does not exist")
	case meta.Manager == "AWS":
		return fail("it is encrypted with an AWS managed key, which alarms cannot use")
	case meta.State != "Enabled":
		return fail("its key is %s", meta.State)
	}
	return j.keyPolicy(key, meta, topic, watch)
}

func isManagedAlias(id string) bool {
	return id == "alias/aws/sns" || strings.HasSuffix(id, ":alias/aws/sns")
}

// keyPolicy asks the key's policy for both operations that publishing to an
// encrypted topic takes. A root statement does not cover services.
func (j *judge) keyPolicy(key *account.Key, meta *account.KeyMetadata, topic, watch account.ARN) chain.Verdict {
	l := chain.Fine()
	doc, ok := key.Policy.Got()
	switch {
	case key.Policy.Failed() != nil:
		return l.With(unreadable(finding.LinkTopic, topic.String(), key.Policy.Failed()))
	case !ok:
		return l.With(notRead(finding.LinkTopic, topic.String(), "kms:GetKeyPolicy"))
	}
	var call *finding.Call
	decision, why, err := policy.EvaluateAll(doc, j.alarmRequest("", meta.ARN, watch).ForTopic(topic.String()), "kms:Decrypt", "kms:GenerateDataKey")
	status := finding.Fail
	switch {
	case err != nil:
		status, why = finding.Unknown, err.Error()
	case decision == policy.Allowed:
		return l
	case decision == policy.Unknown:
		status, call = finding.Unknown, j.organizationCall(watch.Account, why)
	}
	return l.With(finding.Reason{Code: CodeTopicKey, Status: status, Link: finding.LinkTopic, Resource: topic.String(), Call: call,
		Message: fmt.Sprintf("topic %s: the policy of its key: %s", topic.Resource, why)})
}

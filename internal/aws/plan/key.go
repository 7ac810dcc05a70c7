package plan

import (
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// A KeyError says why the key of --kms-key cannot encrypt our topic.
type KeyError struct {
	ARN string
	Why string

	// Statement is what the key's policy lacks, as JSON; "" when something else
	// is wrong.
	Statement string
}

// Error names the key and the reason.
func (e *KeyError) Error() string { return "checking key " + e.ARN + ": " + e.Why }

// checkKey makes sure that CloudWatch, or EventBridge, can use the key for our topic:
// SNS itself does not look at a key before something is published.
func (b *builder) checkKey(c catalog.Control, region, topic string) error {
	if b.o.KeyARN == "" {
		return nil
	}
	wrong := func(format string, args ...any) error {
		return &KeyError{ARN: b.o.KeyARN, Why: fmt.Sprintf(format, args...)}
	}
	arn, ok := account.ParseARN(b.o.KeyARN)
	switch {
	case !ok || arn.Service != "kms" || !strings.HasPrefix(arn.Resource, "key/") && !strings.HasPrefix(arn.Resource, "alias/"):
		return wrong("it is not the ARN of a KMS key")
	case arn.Partition != b.account.Partition:
		return wrong("it is in partition %s, the account in %s", arn.Partition, b.account.Partition)
	case arn.Region != region:
		return wrong("a topic can use only keys in its own region, and it is in %s", region)
	}
	encrypted := &account.Topic{ARN: topic, Attributes: &account.Read[*account.TopicAttributes]{Value: &account.TopicAttributes{
		Owner: b.account.ID, Policy: policy.TopicPolicy(topic, b.account.ID, b.account.Partition, b.o.publishers()), KeyID: b.o.KeyARN,
	}}, Subscriptions: &account.Read[[]account.Subscription]{}}
	for _, r := range b.judgeTopic(c, region, encrypted) {
		switch {
		case r.Code == audit.CodeTopicKey && r.Status == finding.Fail:
			return &KeyError{ARN: b.o.KeyARN, Why: r.Message, Statement: b.missingStatement(region)}
		case r.Status == finding.Unknown:
			return wrong("it could not be checked: %s", r.Message)
		}
	}
	return nil
}

// missingStatement is what the policy of a usable key lacks; "" for a key that
// no statement can make usable.
func (b *builder) missingStatement(region string) string {
	key := b.account.Region(region).Keys[b.o.KeyARN]
	if key == nil {
		return ""
	}
	if _, ok := key.Policy.Got(); !ok {
		return ""
	}
	by := policy.Alarms
	if b.way == audit.RuleTransport {
		by = policy.Rules
	}
	return policy.KeyStatement(b.account.ID, region, b.account.Partition, by)
}

// alarmARN is the ARN of a control's alarm.
func (b *builder) alarmARN(c catalog.Control, region string) string {
	return b.o.names().AlarmARN(c, b.home(region))
}

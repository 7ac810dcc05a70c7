package audit

import (
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// deadLetter notes a target without a queue that keeps what EventBridge could not deliver
// in 24 hours and 185 tries. The queue must be a standard one in the rule's region
// ("Using dead-letter queues"); its policy is not read.
func deadLetter(r *rule, t *account.Target) chain.Verdict {
	v := chain.Fine()
	if t.DeadLetter == nil {
		return v
	}
	var why string
	queue, ok := account.ParseARN(*t.DeadLetter)
	switch {
	case *t.DeadLetter == "":
		why = "has no dead-letter queue"
	case !ok || queue.Service != "sqs" || queue.Region != r.site.name:
		why = fmt.Sprintf("has %s as dead-letter queue, which is not an SQS queue of %s", *t.DeadLetter, r.site.name)
	case strings.HasSuffix(queue.Resource, ".fifo"):
		why = fmt.Sprintf("has the FIFO queue %s as dead-letter queue, which accepts none of its messages", queue.Resource)
	default:
		return v
	}
	return v.With(finding.Reason{Code: CodeRuleNoDeadLetter, Status: finding.Pass, Link: finding.LinkTarget, Resource: r.ARN,
		Message: fmt.Sprintf("rule %s: target %s %s: what EventBridge cannot deliver in 24 hours is lost", r.Name, t.ID, why)})
}

package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// chat judges a subscriber that is Amazon Q Developer in chat applications: some
// configuration that is on must connect the topic to a channel. Where the configurations
// were not read, the subscription counts by itself.
func (j *judge) chat(v chain.Verdict, s account.Subscription, topic account.ARN) chain.Verdict {
	owner := j.accountOf(topic.Account)
	if !strings.HasPrefix(s.Endpoint, account.ChatHost) || owner == nil {
		return v
	}
	if f := owner.Chats.Failed(); f != nil {
		return v.With(j.evidenceMissing(finding.LinkSubscription, s.ARN, "which channel topic "+topic.Resource+" is connected to", f))
	}
	list, ok := owner.Chats.Got()
	if !ok {
		return v
	}
	var off []string
	for _, c := range list {
		switch {
		case !slices.Contains(c.Topics, topic.String()):
		case c.State != "DISABLED":
			return v
		default:
			off = append(off, c.Name)
		}
	}
	r := finding.Reason{Code: CodeChatNotConfigured, Status: finding.Fail, Link: finding.LinkSubscription, Resource: s.ARN,
		Message: fmt.Sprintf("no chat configuration of account %s connects topic %s to a channel", topic.Account, topic.Resource)}
	if len(off) > 0 {
		r.Code, r.Message = CodeChatDisabled, fmt.Sprintf("the chat configuration that connects topic %s to a channel is disabled: %s", topic.Resource, strings.Join(off, ", "))
	}
	return v.With(r)
}

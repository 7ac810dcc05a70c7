package audit

import (
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// monitored returns the alarms that may be on a metric in accounts that monitor its
// account and were not read: one for each such account.
func (j *judge) monitored(m *metric) []*chain.Node {
	var nodes []*chain.Node
	links, _ := m.site.read().Links.Got()
	for _, l := range links {
		sink, ok := account.ParseARN(l.Sink)
		if !ok || !l.Metrics || sink.Account == m.site.account.ID {
			continue
		}
		if a := j.accountOf(sink.Account); a != nil {
			if _, read := j.at(a, m.site.name).read().Alarms.Got(); read {
				continue // its alarms are among the metric's
			}
		}
		nodes = append(nodes, placeholder(finding.Reason{Code: CodeJudgedElsewhere, Status: finding.Unknown, Link: finding.LinkAlarm, Resource: l.Sink,
			Message: fmt.Sprintf("account %s monitors the metrics of account %s in %s, but its alarms on %s were not read", sink.Account, m.site.account.ID, m.site.name, shown(m.name))}))
	}
	return nodes
}

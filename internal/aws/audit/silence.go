package audit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/alarm"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// silenceFinding judges whether someone is alerted when a trail stops delivering: each log
// group that a trail feeds needs an alarm on its incoming events which rings when there are
// none. It changes no other control.
func (c *controlJudge) silenceFinding(f finding.Finding) finding.Finding {
	for _, t := range c.trails {
		if t.LogGroupARN != "" && t.status.Truth == chain.Unread {
			f.Reasons = append(f.Reasons, t.status.Broken()...)
		}
	}
	watched := 0
	for _, g := range c.groups {
		if !c.isFed(g) {
			continue
		}
		watched++
		r, by := c.heartbeatOf(g)
		state, detail := finding.StateOK, "log group "+g.name
		f.Chain = append(f.Chain, finding.Link{Kind: finding.LinkLogGroup, Resource: g.arn, State: state, Detail: detail})
		if r != nil {
			f.Reasons = append(f.Reasons, *r)
			state, detail = chain.Fine().With(*r).State(), r.Message
		} else {
			detail = "alarm " + shown(by.Name) + " rings when no events come"
		}
		f.Chain = append(f.Chain, finding.Link{Kind: finding.LinkAlarm, Depth: 1, Resource: arnOf(by), State: state, Detail: detail})
	}
	if watched == 0 && len(f.Reasons) == 0 {
		f.Reasons = []finding.Reason{{Code: CodeNoHeartbeat, Status: finding.Fail, Link: finding.LinkLogGroup, Message: "no trail delivers to a log group that an alarm could watch for silence"}}
	}
	slices.SortStableFunc(f.Reasons, func(a, b finding.Reason) int { return a.Status.Rank() - b.Status.Rank() })
	if len(f.Reasons) > 0 {
		f.Status = f.Reasons[0].Status
		f.Remediation = remediation(&f)
	}
	return f
}

func arnOf(a *account.MetricAlarm) string {
	if a == nil {
		return ""
	}
	return a.ARN
}

// isFed reports whether some trail may deliver to a log group: one that is known to be
// stopped does not.
func (j *judge) isFed(g *group) bool {
	return slices.ContainsFunc(j.trails, func(t *trail) bool {
		return t.group == g && (t.logs.Truth == chain.Good)
	}) && (g.blind || g.link.Truth == chain.Good)
}

// The metrics of a log group that tell of its events (CloudWatch Logs user guide,
// "Monitoring with CloudWatch metrics").
const logsNamespace = "AWS/Logs"

var incoming = []string{"IncomingLogEvents", "IncomingBytes"}

// heartbeatOf returns what is wrong with the alarms on the silence of a log group, and the
// alarm that comes closest; nil and the alarm when one is in order.
func (j *judge) heartbeatOf(g *group) (*finding.Reason, *account.MetricAlarm) {
	if g.blind && g.site == nil {
		r := g.link.Broken()[0]
		return &r, nil
	}
	alarms, ok := g.site.read().Alarms.Got()
	if !ok {
		r := notRead(finding.LinkAlarm, g.arn, "cloudwatch:DescribeAlarms")
		if f := g.site.read().Alarms.Failed(); f != nil {
			r = unreadable(finding.LinkAlarm, g.arn, f)
		}
		return &r, nil
	}
	best := &finding.Reason{Code: CodeNoHeartbeat, Status: finding.Fail, Link: finding.LinkAlarm, Resource: g.arn,
		Message: fmt.Sprintf("no alarm would notice that log group %s no longer gets events", g.name)}
	var by *account.MetricAlarm
	for i := range alarms.Metric {
		a := &alarms.Metric[i]
		r, about := j.heartbeat(g, a, alarms.Composite)
		switch {
		case !about:
		case r == nil:
			return nil, a
		case by == nil || r.Status.Rank() > best.Status.Rank():
			best, by = r, a
		}
	}
	return best, by
}

// longestSilence is how long a log group may be silent before someone must know.
const longestSilence = 24 * time.Hour

// heartbeat judges one alarm as that on the silence of a log group; about is false for an
// alarm on something else.
func (j *judge) heartbeat(g *group, a *account.MetricAlarm, composites []account.CompositeAlarm) (r *finding.Reason, about bool) {
	reason := func(c finding.Code, s finding.Status, format string, args ...any) *finding.Reason {
		return &finding.Reason{Code: c, Status: s, Link: finding.LinkAlarm, Resource: a.ARN, Message: fmt.Sprintf("alarm %s on log group %s ", shown(a.Name), g.name) + fmt.Sprintf(format, args...)}
	}
	if slices.ContainsFunc(a.Queries, func(q account.MetricQuery) bool { return onIncoming(q.Namespace, q.Metric, q.Dimensions, g.name) }) {
		return reason(CodeNoHeartbeat, finding.Unknown, "computes a value from its events: check by hand whether it rings when there are none"), true
	}
	if !onIncoming(a.Namespace, a.Metric, a.Dimensions, g.name) || !strings.HasPrefix(a.Comparison, "LessThan") {
		return nil, false
	}
	if a.Threshold == nil {
		return reason(CodeNoHeartbeat, finding.Unknown, "has no fixed threshold: check by hand whether it rings when no events come"), true
	}
	if a.MissingData != "breaching" {
		treats := a.MissingData
		if treats == "" {
			treats = "missing"
		}
		return reason(CodeHeartbeatBlind, finding.Fail, "treats missing data as %s: it does not ring when no events come", treats), true
	}
	n := &notifier{site: g.site, arn: a.ARN, name: a.Name, enabled: a.ActionsEnabled, actions: a.AlarmActions}
	root := &chain.Node{Kind: finding.LinkAlarm, Judge: func(chain.Probe) chain.Verdict { return chain.Fine() }, Next: j.actionsOf(n)}
	v := chain.NewGraph([]*chain.Node{root}, nil).Tail(root, 0)
	periods := a.EvaluationPeriods
	if a.DatapointsToAlarm > 0 {
		periods = a.DatapointsToAlarm
	}
	window := time.Duration(a.Period) * time.Duration(periods) * time.Second
	switch {
	case v.Truth == chain.Bad && under(composites, a.Name):
		return reason(CodeNoHeartbeat, finding.Unknown, "notifies nobody itself, but a composite alarm depends on it: check by hand whether that one notifies anyone"), true
	case v.Truth == chain.Bad:
		return reason(CodeNoHeartbeat, finding.Fail, "alerts nobody: %s", v.Broken()[0].Message), true
	case v.Truth == chain.Unread:
		first := v.Broken()[0]
		return &first, true
	case j.stuckSilent(a, g, window):
		return reason(CodeNoHeartbeat, finding.Fail, "is in ALARM although events arrive: it will not notify anyone again"), true
	case window > longestSilence:
		return reason(CodeHeartbeatSlow, finding.Warn, "rings after %s without events only", words(window)), true
	}
	for _, x := range v.Reasons {
		if x.Status == finding.Warn {
			return &x, true
		}
	}
	return nil, true
}

// words is a duration in hours.
func words(d time.Duration) string { return fmt.Sprintf("%g hours", d.Hours()) }

// onIncoming reports whether a metric is that of the events of a log group.
func onIncoming(namespace, metric string, dimensions map[string]string, group string) bool {
	return namespace == logsNamespace && slices.Contains(incoming, metric) && len(dimensions) == 1 && dimensions["LogGroupName"] == group
}

// under reports whether some composite alarm may depend on an alarm.
func under(composites []account.CompositeAlarm, name string) bool {
	return slices.ContainsFunc(composites, func(c account.CompositeAlarm) bool {
		rule, err := alarm.ParseRule(c.Rule)
		return err != nil || slices.Contains(rule.Names(), name)
	})
}

// stuckSilent reports whether an alarm has been in ALARM for longer than it looks back,
// and a trail has delivered since.
func (j *judge) stuckSilent(a *account.MetricAlarm, g *group, window time.Duration) bool {
	if a.State != alarm.InAlarm || a.TransitionAt == nil || j.now.Sub(*a.TransitionAt) <= window {
		return false
	}
	return slices.ContainsFunc(j.trails, func(t *trail) bool {
		s, _ := t.Status.Got()
		return t.group == g && s.LatestLogsDeliveryTime != nil && s.LatestLogsDeliveryTime.Sub(*a.TransitionAt) > window
	})
}

// heartbeats names the alarms on the silence of the log groups that trails feed: "none", or
// the names.
func (j *judge) heartbeats() string {
	var names []string
	for _, g := range j.groups {
		if r, by := j.heartbeatOf(g); j.isFed(g) && by != nil && (r == nil || r.Status == finding.Warn) {
			names = append(names, shown(by.Name))
		}
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

package audit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// staleAfter is the age of the last delivery to CloudWatch Logs beyond which a
// trail that records reads is not believed to deliver: the audit itself makes
// read events (docs/judging.md, section 2).
const staleAfter = 24 * time.Hour

// A trail is a trail with what was judged of it whatever the event.
type trail struct {
	*account.Trail
	status chain.Verdict // logging and delivering
	logs   chain.Verdict // logging, wherever it delivers
	group  *group
}

// newTrail judges the parts of a trail that no event can change.
func newTrail(t *account.Trail, now time.Time) *trail {
	out := &trail{Trail: t, status: chain.Fine()}
	status, ok := t.Status.Got()
	switch {
	case t.Status.Failed() != nil:
		out.status = out.status.With(unreadable(finding.LinkTrail, t.ARN, t.Status.Failed()))
	case !ok:
		out.status = out.status.With(notRead(finding.LinkTrail, t.ARN, "cloudtrail:GetTrailStatus"))
	case !status.Logging:
		out.status = out.status.With(finding.Reason{Code: CodeTrailNotLogging, Status: finding.Fail, Link: finding.LinkTrail, Resource: t.ARN,
			Message: fmt.Sprintf("trail %s is stopped", t.Name)})
	}
	if out.logs = out.status; ok {
		out.status = out.status.And(delivery(t, status, now))
	}
	return out
}

// delivery judges the delivery to CloudWatch Logs. Fields that are simply
// absent say nothing: a trail without log group, or an endpoint that does not
// report them.
func delivery(t *account.Trail, s account.TrailStatus, now time.Time) chain.Verdict {
	l := chain.Fine()
	switch {
	case t.LogGroupARN == "" || !s.Logging:
	case s.LatestLogsDeliveryError != "":
		l = l.With(finding.Reason{Code: CodeDeliveryError, Status: finding.Fail, Link: finding.LinkTrail, Resource: t.ARN,
			Message: fmt.Sprintf("trail %s cannot deliver to its log group: %s", t.Name, s.LatestLogsDeliveryError)})
	case s.LatestLogsDeliveryTime != nil && now.Sub(*s.LatestLogsDeliveryTime) > staleAfter && recordsReads(t):
		l = l.With(finding.Reason{Code: CodeDeliveryStale, Status: finding.Fail, Link: finding.LinkTrail, Resource: t.ARN,
			Message: fmt.Sprintf("trail %s last delivered to its log group on %s", t.Name, s.LatestLogsDeliveryTime.UTC().Format(time.RFC3339))})
	}
	return l
}

// recordsReads reports whether a trail is known to record read events of
// CloudTrail itself, which every audit makes.
func recordsReads(t *account.Trail) bool {
	s, ok := t.Selectors.Got()
	if !ok {
		return false
	}
	l := selects(t, s, event{source: "cloudtrail.amazonaws.com", name: "DescribeTrails", readOnly: "true"})
	return l.Truth == chain.Good
}

// An event is what a trail's selection can depend on.
type event struct {
	source    string // "" for any
	name      string // "" for any
	region    string
	partition string
	readOnly  string // "true", "false", "" for either
	account   string
}

// carries reports whether the trail records an event and delivers it to its log
// group's doorstep.
func (t *trail) carries(e event) chain.Verdict {
	if t.LogGroupARN == "" { // the rest is not even read
		return chain.Fine().With(finding.Reason{Code: CodeTrailNoLogGroup, Status: finding.Fail, Link: finding.LinkLogGroup, Resource: t.ARN,
			Message: fmt.Sprintf("trail %s delivers to no log group", t.Name)})
	}
	l := t.status
	if t.group == nil {
		l = l.With(finding.Reason{Code: CodeTrailNoLogGroup, Status: finding.Fail, Link: finding.LinkLogGroup, Resource: t.ARN,
			Message: fmt.Sprintf("trail %s delivers to %q, which is not a log group", t.Name, t.LogGroupARN)})
	}
	return l.And(t.selects(e))
}

// records reports whether the trail records an event, wherever it delivers.
func (t *trail) records(e event) chain.Verdict { return t.logs.And(t.selects(e)) }

// selects reports whether the trail is set to record an event.
func (t *trail) selects(e event) chain.Verdict {
	l := chain.Fine()
	if !t.reaches(e.region) {
		return l.With(finding.Reason{Code: CodeTrailSingleRegion, Status: finding.Fail, Link: finding.LinkTrail, Resource: t.ARN,
			Message: fmt.Sprintf("trail %s records only %s", t.Name, t.HomeRegion)})
	}
	if !t.MultiRegion && !t.GlobalServiceEvents && account.IsGlobal(e.source, e.region, e.partition) {
		return l.With(finding.Reason{Code: CodeTrailExcludes, Status: finding.Fail, Link: finding.LinkTrail, Resource: t.ARN,
			Message: fmt.Sprintf("trail %s does not include global service events", t.Name)})
	}
	s, ok := t.Selectors.Got()
	switch {
	case t.Selectors.Failed() != nil:
		l = l.With(unreadable(finding.LinkTrail, t.ARN, t.Selectors.Failed()))
	case !ok:
		l = l.With(notRead(finding.LinkTrail, t.ARN, "cloudtrail:GetEventSelectors"))
	default:
		l = l.And(selects(t.Trail, s, e))
	}
	return l
}

// reaches reports whether the trail records events of a region.
func (t *trail) reaches(region string) bool {
	return t.MultiRegion || t.HomeRegion == region
}

// describe says what a trail is, for the header: "org-trail (multi-region,
// logging)".
func (t *trail) describe() string {
	words := []string{"single-region"}
	if t.MultiRegion {
		words[0] = "multi-region"
	}
	if t.Organization {
		words = append(words, "organization")
	}
	status, ok := t.Status.Got()
	switch {
	case t.LogGroupARN == "":
		words = append(words, "no log group")
	case !ok:
		words = append(words, "status not readable")
	case status.Logging:
		words = append(words, "logging")
	default:
		words = append(words, "stopped")
	}
	return t.Name + " (" + strings.Join(words, ", ") + ")"
}

// duplicates returns the names of other trails that record the same events into
// the same log group, sorted.
func duplicates(trails []*trail, t *trail, e event) []string {
	var names []string
	for _, o := range trails {
		if o != t && o.group != nil && o.group == t.group && o.carries(e).Truth == chain.Good {
			names = append(names, o.Name)
		}
	}
	slices.Sort(names)
	return names
}

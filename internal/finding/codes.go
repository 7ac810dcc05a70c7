package finding

import "slices"

// Codes that no judging of an account gives: they are about the entries of the
// configuration that set something aside.
const (
	CodeWaiverExpired Code = "waiver-expired"
	CodeWaiverBroad   Code = "waiver-broad"
	CodeWaiverUnused  Code = "waiver-unused"
	CodeAcceptUnused  Code = "accept-unused"
)

// Acceptable reports whether an accept entry may set a code aside.
type Acceptable int8

// Degrees of acceptance.
const (
	AcceptNever    Acceptable = iota // nobody is alerted, or nobody knows: fix it, or waive the control
	AcceptWarnings                   // only while the reason is a warning
	AcceptAlways                     // someone is still alerted, if not of everything
)

// Reach is who gets the message when one of the control's events happens.
type Reach int8

// Reaches, from best to worst.
const (
	ReachPerson  Reach = iota // someone is alerted
	ReachSome                 // someone is alerted, but not of every event or not at all times
	ReachMachine              // only a queue, a function or a stream is known to get the message
	ReachUnknown              // it could not be checked
	ReachNobody               // nobody is alerted
)

// A CodeInfo is what is known of a code beside the reason that carries it.
type CodeInfo struct {
	Code   Code
	Accept Acceptable

	// Warn and Fail are who gets the message as far as this reason alone goes: as a
	// warning, and as a failure.
	Warn, Fail Reach
}

// codes is the table of reason codes of AWS, in the order of docs/output.md. Azure
// has some of the same, and those of azureCodes.
var codes = []CodeInfo{
	{"not-in-scope", AcceptNever, ReachUnknown, ReachNobody},
	{"not-readable", AcceptNever, ReachUnknown, ReachNobody},
	{"account-unreadable", AcceptNever, ReachUnknown, ReachNobody},
	{CodeWaiverExpired, AcceptNever, ReachPerson, ReachNobody},
	{CodeWaiverBroad, AcceptNever, ReachPerson, ReachNobody},
	{CodeWaiverUnused, AcceptNever, ReachPerson, ReachNobody},
	{CodeAcceptUnused, AcceptNever, ReachPerson, ReachNobody},
	{"evidence-missing", AcceptWarnings, ReachUnknown, ReachNobody},
	{"security-hub-disabled", AcceptNever, ReachNobody, ReachNobody},
	{"no-heartbeat", AcceptNever, ReachNobody, ReachNobody},
	{"heartbeat-blind", AcceptNever, ReachNobody, ReachNobody},
	{"heartbeat-slow", AcceptWarnings, ReachSome, ReachNobody},
	{"no-trail", AcceptNever, ReachNobody, ReachNobody},
	{"trail-not-logging", AcceptNever, ReachNobody, ReachNobody},
	{"trail-single-region", AcceptNever, ReachNobody, ReachNobody},
	{"trail-excludes-events", AcceptWarnings, ReachSome, ReachNobody},
	{"trail-no-log-group", AcceptNever, ReachNobody, ReachNobody},
	{"log-delivery-error", AcceptNever, ReachNobody, ReachNobody},
	{"log-delivery-stale", AcceptNever, ReachNobody, ReachNobody},
	{"log-group-missing", AcceptNever, ReachNobody, ReachNobody},
	{"log-group-class", AcceptNever, ReachNobody, ReachNobody},
	{"log-group-key", AcceptNever, ReachNobody, ReachNobody},
	{"judged-elsewhere", AcceptNever, ReachUnknown, ReachNobody},
	{"duplicate-delivery", AcceptWarnings, ReachPerson, ReachNobody},
	{"telemetry-source", AcceptNever, ReachUnknown, ReachNobody},
	{"no-filter", AcceptNever, ReachNobody, ReachNobody},
	{"filter-misses-event", AcceptNever, ReachSome, ReachSome},
	{"filter-narrowed", AcceptAlways, ReachSome, ReachSome},
	{"filter-excludes", AcceptWarnings, ReachSome, ReachSome},
	{"filter-not-understood", AcceptNever, ReachUnknown, ReachNobody},
	{"filter-noisy", AcceptWarnings, ReachPerson, ReachNobody},
	{"orphan-filter", AcceptNever, ReachNobody, ReachNobody},
	{"orphan-alarm", AcceptNever, ReachNobody, ReachNobody},
	{"filter-suspicious", AcceptNever, ReachSome, ReachNobody},
	{"filter-by-text", AcceptWarnings, ReachPerson, ReachNobody},
	{"filter-on-transformed-logs", AcceptNever, ReachUnknown, ReachNobody},
	{"centralized-elsewhere", AcceptNever, ReachUnknown, ReachNobody},
	{"metric-value", AcceptNever, ReachNobody, ReachNobody},
	{"no-rule", AcceptNever, ReachNobody, ReachNobody},
	{"rule-misses-event", AcceptNever, ReachSome, ReachSome},
	{"rule-narrowed", AcceptAlways, ReachSome, ReachSome},
	{"rule-excludes", AcceptWarnings, ReachSome, ReachSome},
	{"rule-not-understood", AcceptNever, ReachUnknown, ReachNobody},
	{"rule-other-region", AcceptNever, ReachSome, ReachSome},
	{"rule-other-bus", AcceptNever, ReachNobody, ReachNobody},
	{"rule-disabled", AcceptNever, ReachNobody, ReachNobody},
	{"rule-state-writes-only", AcceptWarnings, ReachSome, ReachNobody},
	{"rule-noisy", AcceptWarnings, ReachPerson, ReachNobody},
	{"rule-forgeable", AcceptWarnings, ReachPerson, ReachNobody},
	{"rule-managed", AcceptWarnings, ReachUnknown, ReachNobody},
	{"rule-no-target", AcceptNever, ReachNobody, ReachNobody},
	{"rule-target-machine", AcceptWarnings, ReachMachine, ReachNobody},
	{"rule-target-other", AcceptWarnings, ReachUnknown, ReachNobody},
	{"rule-target-unread", AcceptNever, ReachUnknown, ReachNobody},
	{"rule-target-fifo", AcceptNever, ReachNobody, ReachNobody},
	{"rule-target-role", AcceptNever, ReachUnknown, ReachNobody},
	{"rule-input-constant", AcceptWarnings, ReachPerson, ReachNobody},
	{"rule-input-raw", AcceptWarnings, ReachPerson, ReachNobody},
	{"rule-input-empty", AcceptWarnings, ReachPerson, ReachNobody},
	{"rule-no-dead-letter", AcceptNever, ReachPerson, ReachNobody},
	{"bus-key", AcceptNever, ReachUnknown, ReachNobody},
	{"bus-missing", AcceptNever, ReachNobody, ReachNobody},
	{"bus-policy", AcceptNever, ReachUnknown, ReachNobody},
	{"bus-forward-role", AcceptNever, ReachUnknown, ReachNobody},
	{"bus-forward-chain", AcceptNever, ReachNobody, ReachNobody},
	{"destination-inactive", AcceptNever, ReachNobody, ReachNobody},
	{"connection-not-authorized", AcceptNever, ReachNobody, ReachNobody},
	{"topic-policy-conditions", AcceptNever, ReachUnknown, ReachNobody},
	{"channel-format", AcceptNever, ReachUnknown, ReachNobody},
	{"covered-by-eventbridge", AcceptWarnings, ReachPerson, ReachNobody},
	{"no-alarm", AcceptNever, ReachNobody, ReachNobody},
	{"alarm-other-namespace", AcceptNever, ReachNobody, ReachNobody},
	{"alarm-other-region", AcceptNever, ReachNobody, ReachNobody},
	{"alarm-dimensions", AcceptNever, ReachNobody, ReachNobody},
	{"alarm-unit", AcceptNever, ReachNobody, ReachNobody},
	{"alarm-threshold", AcceptAlways, ReachSome, ReachSome},
	{"alarm-diluted", AcceptNever, ReachSome, ReachNobody},
	{"alarm-needs-more-datapoints", AcceptAlways, ReachSome, ReachSome},
	{"alarm-by-accident", AcceptWarnings, ReachPerson, ReachNobody},
	{"alarm-stuck", AcceptNever, ReachSome, ReachNobody},
	{"alarm-no-data", AcceptWarnings, ReachUnknown, ReachNobody},
	{"alarm-slow-reset", AcceptWarnings, ReachPerson, ReachNobody},
	{"alarm-late", AcceptWarnings, ReachPerson, ReachNobody},
	{"alarm-shared-busy", AcceptWarnings, ReachSome, ReachNobody},
	{"alarm-actions-disabled", AcceptNever, ReachNobody, ReachNobody},
	{"alarm-no-action", AcceptNever, ReachNobody, ReachNobody},
	{"alarm-math", AcceptNever, ReachUnknown, ReachNobody},
	{"alarm-kind", AcceptNever, ReachUnknown, ReachNobody},
	{"composite-not-true", AcceptNever, ReachNobody, ReachNobody},
	{"alarm-suppressed", AcceptWarnings, ReachSome, ReachNobody},
	{"alarm-muted", AcceptWarnings, ReachSome, ReachNobody},
	{"action-failed", AcceptNever, ReachNobody, ReachNobody},
	{"action-not-notifying", AcceptNever, ReachUnknown, ReachNobody},
	{"action-not-topic", AcceptWarnings, ReachMachine, ReachNobody},
	{"topic-missing", AcceptNever, ReachNobody, ReachNobody},
	{"topic-other-region", AcceptNever, ReachNobody, ReachNobody},
	{"topic-unreadable", AcceptNever, ReachUnknown, ReachNobody},
	{"topic-key", AcceptNever, ReachNobody, ReachNobody},
	{"topic-policy", AcceptNever, ReachNobody, ReachNobody},
	{"no-subscriber", AcceptNever, ReachNobody, ReachNobody},
	{"subscription-pending", AcceptNever, ReachNobody, ReachNobody},
	{"subscription-filtered", AcceptNever, ReachNobody, ReachNobody},
	{"subscriber-machine", AcceptWarnings, ReachMachine, ReachNobody},
	{"chat-not-configured", AcceptNever, ReachNobody, ReachNobody},
	{"chat-disabled", AcceptNever, ReachNobody, ReachNobody},
	{"unsubscribe-open", AcceptWarnings, ReachPerson, ReachNobody},
	{"declared", AcceptNever, ReachPerson, ReachNobody},
	{"declaration-expired", AcceptNever, ReachMachine, ReachNobody},
	{"declaration-unused", AcceptNever, ReachPerson, ReachNobody},
}

// azureCodes are the codes that only Azure has.
var azureCodes = []CodeInfo{
	{"rule-misses-operation", AcceptNever, ReachSome, ReachSome},
	{"rule-never", AcceptNever, ReachSome, ReachNobody},
	{"rule-outcome", AcceptNever, ReachPerson, ReachNobody},
	{"rule-scope", AcceptNever, ReachSome, ReachNobody},
	{"rule-location", AcceptNever, ReachSome, ReachNobody},
	{"alert-suppressed", AcceptNever, ReachSome, ReachNobody},
	{"alert-suppressed-window", AcceptWarnings, ReachSome, ReachNobody},
	{"processing-rule-not-understood", AcceptNever, ReachUnknown, ReachNobody},
	{"rule-no-action-group", AcceptNever, ReachSome, ReachNobody},
	{"group-missing", AcceptNever, ReachSome, ReachNobody},
	{"group-unreadable", AcceptNever, ReachUnknown, ReachNobody},
	{"group-disabled", AcceptNever, ReachSome, ReachNobody},
	{"group-location", AcceptNever, ReachSome, ReachNobody},
	{"group-not-understood", AcceptNever, ReachUnknown, ReachNobody},
	{"no-receiver", AcceptNever, ReachSome, ReachNobody},
	{"receiver-disabled", AcceptNever, ReachSome, ReachNobody},
	{"receiver-unverified", AcceptWarnings, ReachUnknown, ReachNobody},
	{"receiver-format", AcceptNever, ReachSome, ReachNobody},
	{"receiver-role", AcceptNever, ReachSome, ReachNobody},
	{"receiver-role-members", AcceptWarnings, ReachUnknown, ReachNobody},
	{"receiver-itsm-retiring", AcceptWarnings, ReachPerson, ReachNobody},
	{"receiver-machine", AcceptWarnings, ReachMachine, ReachNobody},
	{"receiver-not-understood", AcceptNever, ReachUnknown, ReachNobody},
}

// Codes returns the table of reason codes of AWS, in the order of docs/output.md.
func Codes() []CodeInfo { return slices.Clone(codes) }

// AllCodes returns the codes of every cloud, those that only Azure has last.
func AllCodes() []CodeInfo { return slices.Concat(codes, azureCodes) }

// Info returns what is known of a code. Of one that is not in the table nothing
// good is assumed.
func (c Code) Info() CodeInfo {
	for _, info := range AllCodes() {
		if info.Code == c {
			return info
		}
	}
	return CodeInfo{Code: c, Accept: AcceptNever, Warn: ReachUnknown, Fail: ReachNobody}
}

// Reached returns who gets the message when one of the control's events happens.
// Of a waived finding it is what would be so without the waiver.
func (f *Finding) Reached() Reach {
	status := f.Status
	if f.Waiver != nil {
		status = f.Waiver.Was
	}
	switch status {
	case Pass:
		return ReachPerson
	case Warn:
		return f.worstReach(Warn, ReachPerson)
	case Fail:
		return f.worstReach(Fail, ReachNobody)
	default:
		return ReachUnknown
	}
}

// worstReach is the worst reach of the reasons that have a status, and without any
// such reason what else says.
func (f *Finding) worstReach(s Status, without Reach) Reach {
	worst, found := ReachPerson, false
	for _, r := range f.Reasons {
		if r.Status != s {
			continue
		}
		info := r.Code.Info()
		reach := info.Warn
		if s == Fail {
			reach = info.Fail
		}
		worst, found = max(worst, reach), true
	}
	if !found {
		return without
	}
	return worst
}

package audit

import (
	"github.com/monitorctl/monitorctl/internal/finding"
)

// Reason codes: the stable names of docs/judging.md, in the order of the chain.
const (
	CodeNotInScope  finding.Code = "not-in-scope"
	CodeNotReadable finding.Code = "not-readable"
	CodeEvidence    finding.Code = "evidence-missing"

	CodeSecurityHubDisabled finding.Code = "security-hub-disabled"

	CodeWaiverExpired = finding.CodeWaiverExpired

	CodeNoTrail           finding.Code = "no-trail"
	CodeTrailNotLogging   finding.Code = "trail-not-logging"
	CodeTrailSingleRegion finding.Code = "trail-single-region"
	CodeTrailExcludes     finding.Code = "trail-excludes-events"
	CodeTrailNoLogGroup   finding.Code = "trail-no-log-group"
	CodeDeliveryError     finding.Code = "log-delivery-error"
	CodeDeliveryStale     finding.Code = "log-delivery-stale"
	CodeGroupMissing      finding.Code = "log-group-missing"
	CodeGroupClass        finding.Code = "log-group-class"
	CodeGroupKey          finding.Code = "log-group-key"
	CodeJudgedElsewhere   finding.Code = "judged-elsewhere"
	CodeDuplicateDelivery finding.Code = "duplicate-delivery"
	CodeTelemetrySource   finding.Code = "telemetry-source"

	CodeNoFilter             finding.Code = "no-filter"
	CodeFilterMissesEvent    finding.Code = "filter-misses-event"
	CodeFilterNarrowed       finding.Code = "filter-narrowed"
	CodeFilterExcludes       finding.Code = "filter-excludes"
	CodeFilterNotUnderstood  finding.Code = "filter-not-understood"
	CodeFilterNoisy          finding.Code = "filter-noisy"
	CodeFilterByText         finding.Code = "filter-by-text"
	CodeFilterTransformed    finding.Code = "filter-on-transformed-logs"
	CodeCentralizedElsewhere finding.Code = "centralized-elsewhere"
	CodeMetricValue          finding.Code = "metric-value"

	CodeNoAlarm              finding.Code = "no-alarm"
	CodeAlarmOtherNamespace  finding.Code = "alarm-other-namespace"
	CodeAlarmOtherRegion     finding.Code = "alarm-other-region"
	CodeAlarmDimensions      finding.Code = "alarm-dimensions"
	CodeAlarmUnit            finding.Code = "alarm-unit"
	CodeAlarmStuck           finding.Code = "alarm-stuck"
	CodeAlarmNoData          finding.Code = "alarm-no-data"
	CodeAlarmKind            finding.Code = "alarm-kind"
	CodeAlarmMath            finding.Code = "alarm-math"
	CodeAlarmActionsDisabled finding.Code = "alarm-actions-disabled"
	CodeAlarmNoAction        finding.Code = "alarm-no-action"
	CodeCompositeNotTrue     finding.Code = "composite-not-true"
	CodeAlarmSuppressed      finding.Code = "alarm-suppressed"
	CodeAlarmMuted           finding.Code = "alarm-muted"

	CodeActionFailed        finding.Code = "action-failed"
	CodeActionNotNotifying  finding.Code = "action-not-notifying"
	CodeActionNotTopic      finding.Code = "action-not-topic"
	CodeTopicMissing        finding.Code = "topic-missing"
	CodeTopicOtherRegion    finding.Code = "topic-other-region"
	CodeTopicUnreadable     finding.Code = "topic-unreadable"
	CodeTopicKey            finding.Code = "topic-key"
	CodeTopicPolicy         finding.Code = "topic-policy"
	CodeNoSubscriber        finding.Code = "no-subscriber"
	CodeSubscriptionPending finding.Code = "subscription-pending"
	CodeSubscriptionFilter  finding.Code = "subscription-filtered"
	CodeSubscriberMachine   finding.Code = "subscriber-machine"
)

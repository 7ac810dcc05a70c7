package audit

import "github.com/monitorctl/monitorctl/internal/finding"

// Reason codes: the stable names of docs/judging-azure.md, in the order of the chain.
const (
	CodeNotInScope  finding.Code = "not-in-scope"
	CodeNotReadable finding.Code = "not-readable"
	CodeEvidence    finding.Code = "evidence-missing"

	CodeNoRule              finding.Code = "no-rule"
	CodeRuleMissesOperation finding.Code = "rule-misses-operation"
	CodeRuleNever           finding.Code = "rule-never"
	CodeRuleNarrowed        finding.Code = "rule-narrowed"
	CodeRuleNotUnderstood   finding.Code = "rule-not-understood"
	CodeRuleOutcome         finding.Code = "rule-outcome"
	CodeRuleNoisy           finding.Code = "rule-noisy"
	CodeRuleScope           finding.Code = "rule-scope"
	CodeRuleLocation        finding.Code = "rule-location"
	CodeRuleDisabled        finding.Code = "rule-disabled"

	CodeAlertSuppressed       finding.Code = "alert-suppressed"
	CodeAlertSuppressedWindow finding.Code = "alert-suppressed-window"
	CodeProcessingUnclear     finding.Code = "processing-rule-not-understood"

	CodeRuleNoActionGroup  finding.Code = "rule-no-action-group"
	CodeGroupMissing       finding.Code = "group-missing"
	CodeGroupUnreadable    finding.Code = "group-unreadable"
	CodeGroupDisabled      finding.Code = "group-disabled"
	CodeGroupLocation      finding.Code = "group-location"
	CodeGroupNotUnderstood finding.Code = "group-not-understood"

	CodeNoReceiver            finding.Code = "no-receiver"
	CodeReceiverDisabled      finding.Code = "receiver-disabled"
	CodeReceiverUnverified    finding.Code = "receiver-unverified"
	CodeReceiverFormat        finding.Code = "receiver-format"
	CodeReceiverRole          finding.Code = "receiver-role"
	CodeReceiverRoleMembers   finding.Code = "receiver-role-members"
	CodeReceiverRetiring      finding.Code = "receiver-itsm-retiring"
	CodeReceiverMachine       finding.Code = "receiver-machine"
	CodeReceiverNotUnderstood finding.Code = "receiver-not-understood"
)

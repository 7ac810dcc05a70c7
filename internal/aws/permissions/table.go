package permissions

import "slices"

// A Command is a command whose calls need permissions. Each makes the calls of
// those before it, and more.
type Command int

// The commands.
const (
	Audit Command = iota // also explain
	Plan                 // also snapshot: whose is what stands under our names?
	Apply
	Undo // also destroy

	// Drill makes the calls of Audit and its own, but not those of the commands between.
	Drill
)

// String returns the name of the command.
func (c Command) String() string { return [...]string{"audit", "plan", "apply", "undo", "drill"}[c] }

// A Resource is what an operation acts on.
type Resource string

// The resources that IAM tells apart.
const (
	Everything     Resource = "*"                                             // the operation knows no resources, or lists them all
	Trail          Resource = "trail"                                         // the trails that deliver to a log group
	Topic          Resource = "topic"                                         // the topics of the alarms in question
	Key            Resource = "key"                                           // the keys of those topics and of the log groups
	LogGroup       Resource = "log group"                                     // the one that our filters go to
	AnyAlarm       Resource = "alarm"                                         // the account's alarms
	OurAlarm       Resource = "monitorctl's alarms"                           // those under our names
	OurTopic       Resource = "monitorctl's topic"                            // the one that our alarms notify
	ToldTopic      Resource = "topic to notify"                               // of this account: ours and those that lack a subscriber
	OurRule        Resource = "monitorctl's rules"                            // those under our names, in any region
	OurDestination Resource = "monitorctl's API destinations and connections" // those under our names; CreateApiDestination is about both
	OurRole        Resource = "monitorctl's role"                             // of our forwarders, or that of --events-role-arn
	MadeRole       Resource = "roles that monitorctl creates"                 // of our forwarders, and by which rules call API destinations, and of a trail
	OurChat        Resource = "monitorctl's chat configurations"              // those under our names
	SetTopic       Resource = "topic to set"                                  // our topic; with --extend-topic-policy those of this account that alarms notify
)

// A Condition narrows an operation beyond its resource.
type Condition string

// The conditions.
const (
	NoCondition  Condition = ""
	ToOurTopic   Condition = "alarm actions: monitorctl's topic only"                                               // cloudwatch:AlarmActions
	ToOurTargets Condition = "targets: monitorctl's topic, its API destinations and the default buses at home only" // events:TargetArn
	ToRules      Condition = "passed to EventBridge only, and that of chats to Amazon Q Developer"                  // iam:PassedToService
	ToSubscriber Condition = "the subscribers of --subscribe only"                                                  // sns:Protocol, sns:Endpoint
)

// When says on what occasion an operation is called at all.
type When string

// The occasions.
const (
	Always        When = ""
	NoRegions     When = "without --region"
	Organizations When = "for controls of AWS Organizations, and where the policy of a topic or key asks for the organization"
	Hub           When = "for security-hub-enabled"
	OwnTopic      When = "without --topic-arn"
	Subscribers   When = "with --subscribe"
	SetsPolicy    When = "without --topic-arn, or with --extend-topic-policy"
	Rings         When = "with drill --notify"
	Waits         When = "with drill --notify --wait"
	Metrics       When = "unless --transport is eventbridge"
	Rules         When = "with --transport eventbridge or both"
	Forwards      When = "with --transport eventbridge or both, unless --per-region; always with subscribers that rules call or that are chats"
	Chats         When = "with slack: and teams:"
	ListsCalls    When = "with subscribers that rules call, and for snapshot"
	Calls         When = "with subscribers that rules call"
	ManyAccounts  When = "with --org and its like"
	OwnRole       When = "with --create-trail; with --transport eventbridge or both, unless --per-region or --events-role-arn; always with subscribers that rules call or that are chats"
)

// An Operation is a call that monitorctl makes, with the permissions that it
// needs.
type Operation struct {
	Name    string   // as calls are counted and failures named: "logs:DescribeLogGroups"
	Actions []string // IAM actions that AWS checks; empty when it checks none
	On      Resource
	If      Condition
	When    When
	From    Command // the first command that makes the call
	Sid     string  // of the statement that allows it; begins with "Optional" if Without is set
	Without string  // what is lost without it; "" when the command cannot do without
	Source  string  // section of the Service Authorization Reference
}

// Optional reports whether the command gives the same verdicts and results without
// the operation.
func (o Operation) Optional() bool { return o.Without != "" }

// Table returns every operation that monitorctl calls, in the order of the
// statements.
func Table() []Operation { return slices.Concat(table, trailTable) }

// Sections of the Service Authorization Reference, "Actions, resources, and
// condition keys for ...".
const (
	srcTrails  = "AWS CloudTrail"
	srcLogs    = "Amazon CloudWatch Logs"
	srcAlarms  = "Amazon CloudWatch"
	srcTopics  = "Amazon SNS"
	srcKeys    = "AWS Key Management Service"
	srcSTS     = "AWS Security Token Service"
	srcAccount = "AWS Account Management"
	srcEC2     = "Amazon EC2"
	srcIAM     = "AWS Identity and Access Management (IAM)"
	srcOrgs    = "AWS Organizations"
	srcHub     = "AWS Security Hub"
	srcEvents  = "Amazon EventBridge"
	srcChat    = "AWS Chatbot"
)

var table = []Operation{
	{Name: "sts:GetCallerIdentity", On: Everything, From: Audit, Source: srcSTS}, // "no permissions are required"

	{Name: "cloudtrail:DescribeTrails", Actions: []string{"cloudtrail:DescribeTrails"}, On: Everything, From: Audit, Sid: "Read", Source: srcTrails},
	{Name: "logs:DescribeLogGroups", Actions: []string{"logs:DescribeLogGroups"}, On: Everything, From: Audit, Sid: "Read", Source: srcLogs},
	// Asked without a log group's name: noise belongs to the metric.
	{Name: "logs:DescribeMetricFilters", Actions: []string{"logs:DescribeMetricFilters"}, On: Everything, From: Audit, Sid: "Read", Source: srcLogs},
	// Composite alarms are listed only to those who may see every alarm.
	{Name: "cloudwatch:DescribeAlarms", Actions: []string{"cloudwatch:DescribeAlarms"}, On: Everything, From: Audit, Sid: "Read", Source: srcAlarms},
	{Name: "cloudtrail:GetTrailStatus", Actions: []string{"cloudtrail:GetTrailStatus"}, On: Trail, From: Audit, Sid: "ReadTrails", Source: srcTrails},
	{Name: "cloudtrail:GetEventSelectors", Actions: []string{"cloudtrail:GetEventSelectors"}, On: Trail, From: Audit, Sid: "ReadTrails", Source: srcTrails},
	{Name: "sns:GetTopicAttributes", Actions: []string{"sns:GetTopicAttributes"}, On: Topic, From: Audit, Sid: "ReadTopics", Source: srcTopics},
	{Name: "sns:ListSubscriptionsByTopic", Actions: []string{"sns:ListSubscriptionsByTopic"}, On: Topic, From: Audit, Sid: "ReadTopics", Source: srcTopics},
	{Name: "kms:DescribeKey", Actions: []string{"kms:DescribeKey"}, On: Key, From: Audit, Sid: "ReadKeys", Source: srcKeys},
	{Name: "kms:GetKeyPolicy", Actions: []string{"kms:GetKeyPolicy"}, On: Key, From: Audit, Sid: "ReadKeys", Source: srcKeys},
	{Name: "securityhub:DescribeHub", Actions: []string{"securityhub:DescribeHub"}, On: Everything, When: Hub, From: Audit, Sid: "ReadSecurityHub", Source: srcHub},
	// A filter that reads transformed logs makes its findings rest on these.
	{Name: "logs:GetTransformer", Actions: []string{"logs:GetTransformer"}, On: Everything, From: Audit, Sid: "ReadTransformers", Source: srcLogs},
	{Name: "logs:DescribeAccountPolicies", Actions: []string{"logs:DescribeAccountPolicies"}, On: Everything, From: Audit, Sid: "ReadTransformers", Source: srcLogs},

	// An event that no alarm tells of may be told of by a rule: without these the
	// finding is unknown and not fail.
	{Name: "events:ListRules", Actions: []string{"events:ListRules"}, On: Everything, From: Audit, Sid: "ReadRules", Source: srcEvents},
	{Name: "events:ListTargetsByRule", Actions: []string{"events:ListTargetsByRule"}, On: Everything, From: Audit, Sid: "ReadRules", Source: srcEvents},
	{Name: "events:DescribeEventBus", Actions: []string{"events:DescribeEventBus"}, On: Everything, From: Audit, Sid: "ReadRules", Source: srcEvents},
	{Name: "events:DescribeApiDestination", Actions: []string{"events:DescribeApiDestination"}, On: Everything, From: Audit, Sid: "ReadRules", Source: srcEvents},
	{Name: "events:DescribeConnection", Actions: []string{"events:DescribeConnection"}, On: Everything, From: Audit, Sid: "ReadRules", Source: srcEvents},

	{
		Name: "chatbot:DescribeSlackChannelConfigurations", Actions: []string{"chatbot:DescribeSlackChannelConfigurations"}, On: Everything, From: Audit,
		Sid: "OptionalChats", Without: "a chat subscriber counts although no channel may be connected to its topic", Source: srcChat,
	},
	{
		Name: "chatbot:ListMicrosoftTeamsChannelConfigurations", Actions: []string{"chatbot:ListMicrosoftTeamsChannelConfigurations"}, On: Everything, From: Audit,
		Sid: "OptionalChats", Without: "a chat subscriber counts although no channel may be connected to its topic", Source: srcChat,
	},
	{
		Name: "account:ListRegions", Actions: []string{"account:ListRegions"}, On: Everything, When: NoRegions, From: Audit,
		Sid: "OptionalRegions", Without: "ec2:DescribeRegions is asked instead", Source: srcAccount,
	},
	{
		Name: "ec2:DescribeRegions", Actions: []string{"ec2:DescribeRegions"}, On: Everything, When: NoRegions, From: Audit,
		Sid: "OptionalRegions", Without: "without account:ListRegions too, the regions that every account has are read; others must be named with --region", Source: srcEC2,
	},
	{
		Name: "iam:ListAccountAliases", Actions: []string{"iam:ListAccountAliases"}, On: Everything, From: Audit,
		Sid: "OptionalAlias", Without: "the account is shown by its number alone", Source: srcIAM,
	},
	{
		Name: "sts:AssumeRole", Actions: []string{"sts:AssumeRole"}, On: Everything, When: ManyAccounts, From: Audit,
		Sid: "AccountRoles", Source: srcSTS,
	},
	{
		Name: "organizations:ListAccounts", Actions: []string{"organizations:ListAccounts"}, On: Everything, When: ManyAccounts, From: Audit,
		Sid: "Accounts", Source: srcOrgs,
	},
	{
		Name: "organizations:DescribeAccount", Actions: []string{"organizations:DescribeAccount"}, On: Everything, When: ManyAccounts, From: Audit,
		Sid: "OptionalAccounts", Without: "an account that left the organization meanwhile is unreadable, and not skipped", Source: srcOrgs,
	},
	{
		Name: "organizations:ListRoots", Actions: []string{"organizations:ListRoots"}, On: Everything, When: ManyAccounts, From: Audit,
		Sid: "OptionalUnits", Without: "--ou and --exclude take no path of names", Source: srcOrgs,
	},
	{
		Name: "organizations:ListOrganizationalUnitsForParent", Actions: []string{"organizations:ListOrganizationalUnitsForParent"}, On: Everything, When: ManyAccounts, From: Audit,
		Sid: "OptionalUnits", Without: "--ou and --exclude take no path of names", Source: srcOrgs,
	},
	{
		Name: "organizations:ListAccountsForParent", Actions: []string{"organizations:ListAccountsForParent"}, On: Everything, When: ManyAccounts, From: Audit,
		Sid: "OptionalUnits", Without: "--ou and --exclude take no unit where accounts are listed without their paths", Source: srcOrgs,
	},
	{
		Name: "organizations:ListTagsForResource", Actions: []string{"organizations:ListTagsForResource"}, On: Everything, When: ManyAccounts, From: Audit,
		Sid: "OptionalAccountTags", Without: "--account-tag cannot be used", Source: srcOrgs,
	},
	{
		Name: "organizations:DescribeOrganization", Actions: []string{"organizations:DescribeOrganization"}, On: Everything, When: Organizations, From: Audit,
		Sid: "OptionalOrganization", Without: "whether the controls of AWS Organizations apply is not known; they are checked as if they did, and a topic or key whose policy asks for the organization is unknown", Source: srcOrgs,
	},
	{
		Name: "sns:GetSubscriptionAttributes", Actions: []string{"sns:GetSubscriptionAttributes"}, On: Topic, From: Audit,
		Sid: "OptionalFilterPolicies", Without: "a subscription's filter policy that drops alarms is not seen; a note says so, with --strict a warning", Source: srcTopics,
	},

	{
		Name: "cloudwatch:DescribeAlarmHistory", Actions: []string{"cloudwatch:DescribeAlarmHistory"}, On: Everything, From: Audit,
		Sid: "OptionalHistory", Without: "notifications that failed lately are not seen; a note says so, with --strict a warning", Source: srcAlarms,
	},
	{
		Name: "cloudwatch:ListAlarmMuteRules", Actions: []string{"cloudwatch:ListAlarmMuteRules"}, On: Everything, From: Audit,
		Sid: "OptionalMuteRules", Without: "a rule that mutes an alarm is not seen; a note says so, with --strict a warning", Source: srcAlarms,
	},
	{
		Name: "cloudwatch:GetAlarmMuteRule", Actions: []string{"cloudwatch:GetAlarmMuteRule"}, On: Everything, From: Audit,
		Sid: "OptionalMuteRules", Without: "which alarms a rule mutes, and when, is not seen; a note says so, with --strict a warning", Source: srcAlarms,
	},

	{
		Name: "events:ListEventBuses", Actions: []string{"events:ListEventBuses"}, On: Everything, From: Audit,
		Sid: "OptionalBuses", Without: "a rule that stands on a bus without events is not named as the reason", Source: srcEvents,
	},
	{
		Name: "iam:GetRole", Actions: []string{"iam:GetRole"}, On: Everything, From: Audit,
		Sid: "OptionalRoles", Without: "whether a rule's role may reach another bus or an API destination is not seen; a note says so, with --strict a warning; plans with forwarders or a trail need it", Source: srcIAM,
	},
	{
		Name: "iam:ListRolePolicies", Actions: []string{"iam:ListRolePolicies"}, On: Everything, From: Audit,
		Sid: "OptionalRoles", Without: "whether a rule's role may reach another bus or an API destination is not seen; a note says so, with --strict a warning; plans with forwarders or a trail need it", Source: srcIAM,
	},
	{
		Name: "iam:GetRolePolicy", Actions: []string{"iam:GetRolePolicy"}, On: Everything, From: Audit,
		Sid: "OptionalRoles", Without: "whether a rule's role may reach another bus or an API destination is not seen; a note says so, with --strict a warning; plans with forwarders or a trail need it", Source: srcIAM,
	},
	{
		Name: "iam:ListAttachedRolePolicies", Actions: []string{"iam:ListAttachedRolePolicies"}, On: Everything, From: Audit,
		Sid: "OptionalRoles", Without: "whether a rule's role may reach another bus or an API destination is not seen; a note says so, with --strict a warning; plans with forwarders or a trail need it", Source: srcIAM,
	},

	{Name: "cloudwatch:ListTagsForResource", When: Metrics, Actions: []string{"cloudwatch:ListTagsForResource"}, On: AnyAlarm, From: Plan, Sid: "ReadAlarmTags", Source: srcAlarms},
	{Name: "sns:ListTagsForResource", Actions: []string{"sns:ListTagsForResource"}, On: OurTopic, When: OwnTopic, From: Plan, Sid: "ReadTopicTags", Source: srcTopics},

	{Name: "events:ListTagsForResource", Actions: []string{"events:ListTagsForResource"}, On: OurRule, When: Rules, From: Plan, Sid: "ReadRuleTags", Source: srcEvents},

	// The reference gives both lists no resource type.
	{Name: "events:ListApiDestinations", Actions: []string{"events:ListApiDestinations"}, On: Everything, When: ListsCalls, From: Plan, Sid: "ReadDestinations", Source: srcEvents},
	{Name: "events:ListConnections", Actions: []string{"events:ListConnections"}, On: Everything, When: ListsCalls, From: Plan, Sid: "ReadDestinations", Source: srcEvents},

	{
		Name: "logs:TestMetricFilter", Actions: []string{"logs:TestMetricFilter"}, On: Everything, When: Metrics, From: Apply,
		Sid: "OptionalPatternTest", Without: "a pattern that CloudWatch Logs refuses is found when it is written, not before", Source: srcLogs,
	},
	{Name: "logs:PutMetricFilter", When: Metrics, Actions: []string{"logs:PutMetricFilter"}, On: LogGroup, From: Apply, Sid: "WriteFilters", Source: srcLogs},
	// Tags at creation need cloudwatch:TagResource.
	{
		Name: "cloudwatch:PutMetricAlarm", Actions: []string{"cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"},
		On: OurAlarm, If: ToOurTopic, When: Metrics, From: Apply, Sid: "WriteAlarms", Source: srcAlarms,
	},
	{Name: "cloudwatch:TagResource", When: Metrics, Actions: []string{"cloudwatch:TagResource"}, On: OurAlarm, If: ToOurTopic, From: Apply, Sid: "WriteAlarms", Source: srcAlarms},
	// Tags at creation need sns:TagResource.
	{
		Name: "sns:CreateTopic", Actions: []string{"sns:CreateTopic", "sns:TagResource"},
		On: OurTopic, When: OwnTopic, From: Apply, Sid: "WriteTopic", Source: srcTopics,
	},
	{Name: "sns:SetTopicAttributes", Actions: []string{"sns:SetTopicAttributes"}, On: SetTopic, When: SetsPolicy, From: Apply, Sid: "WriteTopic", Source: srcTopics},
	{
		Name: "sns:Subscribe", Actions: []string{"sns:Subscribe"}, On: ToldTopic, If: ToSubscriber, When: Subscribers, From: Apply,
		Sid: "Subscribe", Source: srcTopics,
	},

	{
		Name: "events:TestEventPattern", Actions: []string{"events:TestEventPattern"}, On: Everything, When: Rules, From: Apply,
		Sid: "OptionalEventPatternTest", Without: "an event pattern that EventBridge refuses is found when it is written, not before", Source: srcEvents,
	},
	// Tags at creation need events:TagResource.
	{Name: "events:PutRule", Actions: []string{"events:PutRule", "events:TagResource"}, On: OurRule, When: Rules, From: Apply, Sid: "WriteRules", Source: srcEvents},
	{Name: "events:PutTargets", Actions: []string{"events:PutTargets"}, On: OurRule, If: ToOurTargets, When: Rules, From: Apply, Sid: "WriteTargets", Source: srcEvents},
	// No call: PutTargets with a role needs it.
	{Name: "iam:PassRole", Actions: []string{"iam:PassRole"}, On: OurRole, If: ToRules, When: Forwards, From: Apply, Sid: "PassRole", Source: srcIAM},
	{
		Name: "chatbot:DescribeSlackWorkspaces", Actions: []string{"chatbot:DescribeSlackWorkspaces"}, On: Everything, When: Chats, From: Plan,
		Sid: "OptionalWorkspaces", Without: "a workspace of Slack that nobody has authorized is found when the chat configuration is written, not before", Source: srcChat,
	},
	{
		Name: "chatbot:ListMicrosoftTeamsConfiguredTeams", Actions: []string{"chatbot:ListMicrosoftTeamsConfiguredTeams"}, On: Everything, When: Chats, From: Plan,
		Sid: "OptionalWorkspaces", Without: "a team of Microsoft Teams that nobody has authorized is found when the chat configuration is written, not before", Source: srcChat,
	},
	// The reference gives their creation no resource type. Tags at creation need
	// chatbot:TagResource.
	{Name: "chatbot:CreateSlackChannelConfiguration", Actions: []string{"chatbot:CreateSlackChannelConfiguration", "chatbot:TagResource"}, On: Everything, When: Chats, From: Apply, Sid: "CreateChats", Source: srcChat},
	{Name: "chatbot:CreateMicrosoftTeamsChannelConfiguration", Actions: []string{"chatbot:CreateMicrosoftTeamsChannelConfiguration", "chatbot:TagResource"}, On: Everything, When: Chats, From: Apply, Sid: "CreateChats", Source: srcChat},
	{Name: "chatbot:UpdateSlackChannelConfiguration", Actions: []string{"chatbot:UpdateSlackChannelConfiguration"}, On: OurChat, When: Chats, From: Apply, Sid: "WriteChats", Source: srcChat},
	{Name: "chatbot:UpdateMicrosoftTeamsChannelConfiguration", Actions: []string{"chatbot:UpdateMicrosoftTeamsChannelConfiguration"}, On: OurChat, When: Chats, From: Apply, Sid: "WriteChats", Source: srcChat},
	{Name: "events:CreateConnection", Actions: []string{"events:CreateConnection"}, On: OurDestination, When: Calls, From: Apply, Sid: "WriteConnections", Source: srcEvents},
	{Name: "events:CreateApiDestination", Actions: []string{"events:CreateApiDestination"}, On: OurDestination, When: Calls, From: Apply, Sid: "WriteDestinations", Source: srcEvents},
	// Tags at creation need iam:TagRole.
	{Name: "iam:CreateRole", Actions: []string{"iam:CreateRole", "iam:TagRole"}, On: MadeRole, When: OwnRole, From: Apply, Sid: "WriteRole", Source: srcIAM},
	{Name: "iam:PutRolePolicy", Actions: []string{"iam:PutRolePolicy"}, On: MadeRole, When: OwnRole, From: Apply, Sid: "WriteRole", Source: srcIAM},

	{Name: "logs:DeleteMetricFilter", When: Metrics, Actions: []string{"logs:DeleteMetricFilter"}, On: LogGroup, From: Undo, Sid: "DeleteFilters", Source: srcLogs},
	{Name: "cloudwatch:DeleteAlarms", When: Metrics, Actions: []string{"cloudwatch:DeleteAlarms"}, On: OurAlarm, From: Undo, Sid: "DeleteAlarms", Source: srcAlarms},
	{Name: "cloudwatch:UntagResource", When: Metrics, Actions: []string{"cloudwatch:UntagResource"}, On: OurAlarm, From: Undo, Sid: "DeleteAlarms", Source: srcAlarms},
	{Name: "sns:DeleteTopic", Actions: []string{"sns:DeleteTopic"}, On: OurTopic, When: OwnTopic, From: Undo, Sid: "DeleteTopic", Source: srcTopics},
	// The reference gives it no resource type: IAM cannot narrow it.
	{Name: "sns:Unsubscribe", Actions: []string{"sns:Unsubscribe"}, On: Everything, From: Undo, Sid: "Unsubscribe", Source: srcTopics},
	{Name: "events:ListRuleNamesByTarget", Actions: []string{"events:ListRuleNamesByTarget"}, On: Everything, When: Rules, From: Undo, Sid: "ReadRulesOfTopic", Source: srcEvents},
	{Name: "events:RemoveTargets", Actions: []string{"events:RemoveTargets"}, On: OurRule, When: Rules, From: Undo, Sid: "DeleteRules", Source: srcEvents},
	{Name: "events:DeleteRule", Actions: []string{"events:DeleteRule"}, On: OurRule, When: Rules, From: Undo, Sid: "DeleteRules", Source: srcEvents},
	{Name: "chatbot:DeleteSlackChannelConfiguration", Actions: []string{"chatbot:DeleteSlackChannelConfiguration"}, On: OurChat, When: Chats, From: Undo, Sid: "DeleteChats", Source: srcChat},
	{Name: "chatbot:DeleteMicrosoftTeamsChannelConfiguration", Actions: []string{"chatbot:DeleteMicrosoftTeamsChannelConfiguration"}, On: OurChat, When: Chats, From: Undo, Sid: "DeleteChats", Source: srcChat},
	{Name: "events:DeleteApiDestination", Actions: []string{"events:DeleteApiDestination"}, On: OurDestination, When: Calls, From: Undo, Sid: "DeleteDestinations", Source: srcEvents},
	{Name: "events:DeleteConnection", Actions: []string{"events:DeleteConnection"}, On: OurDestination, When: Calls, From: Undo, Sid: "DeleteConnections", Source: srcEvents},
	{Name: "iam:DeleteRolePolicy", Actions: []string{"iam:DeleteRolePolicy"}, On: MadeRole, When: OwnRole, From: Undo, Sid: "DeleteRole", Source: srcIAM},
	{Name: "iam:DeleteRole", Actions: []string{"iam:DeleteRole"}, On: MadeRole, When: OwnRole, From: Undo, Sid: "DeleteRole", Source: srcIAM},

	{Name: "cloudwatch:SetAlarmState", When: Rings, Actions: []string{"cloudwatch:SetAlarmState"}, On: AnyAlarm, From: Drill, Sid: "RingAlarms", Source: srcAlarms},
	{
		Name: "cloudwatch:GetMetricData", Actions: []string{"cloudwatch:GetMetricData"}, On: Everything, When: Waits, From: Drill,
		Sid: "OptionalDeliveries", Without: "how many messages SNS delivered is not in the receipt; leave --wait out", Source: srcAlarms,
	},
}

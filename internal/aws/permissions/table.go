package permissions

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/operation"
)

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
	CentralEvents  Resource = "the central event bus"                         // that of --central-bus; the default buses for undo and destroy
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
	ToRules      Condition = "passed only to EventBridge, or for chats to Amazon Q Developer"                       // iam:PassedToService
	ToSubscriber Condition = "the subscribers of --subscribe only"                                                  // sns:Protocol, sns:Endpoint
)

// When says on what occasion an operation is called at all.
type When string

// The occasions.
const (
	Always        When = ""
	CentralBus    When = "with --central-bus, in the account of the bus; for undo and destroy with --transport eventbridge or both"
	NoRegions     When = "without --region"
	Organizations When = "for controls of AWS Organizations, where the policy of a topic or key asks for the organization, and where events go to or come from another account"
	Hub           When = "for security-hub-enabled"
	OwnTopic      When = "without --topic-arn"
	Subscribers   When = "with --subscribe"
	SetsPolicy    When = "without --topic-arn, or with --extend-topic-policy"
	Rings         When = "with drill --notify"
	Waits         When = "with drill --notify --wait"
	Metrics       When = "unless --transport is eventbridge"
	Rules         When = "with --transport eventbridge or both, and with subscribers that only rules call"
	Forwards      When = "with --transport eventbridge or both, unless --per-region; always with subscribers that rules call or that are chats"
	Chats         When = "with slack: and teams:"
	ListsCalls    When = "with subscribers that rules call, and for snapshot"
	Calls         When = "with subscribers that rules call"
	InTheWay      When = "where someone else's objects are in the way of a plan; for subscribers, where one is pending"
	ManyAccounts  When = "with --org and similar flags"
	EachAccount   When = "with --org and similar flags, in accounts that own a part of the chain"
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
func Table() []Operation { return slices.Concat(joined(needs), joined(trailNeeds)) }

// joined adds to needs what is known of their operations.
func joined(needs []need) []Operation {
	list := make([]Operation, len(needs))
	for i, n := range needs {
		o, _ := operation.Named(n.Name) // a test finds a name that is not there
		list[i] = Operation{
			Name: n.Name, Actions: o.Actions, On: n.On, If: n.If, When: n.When, From: n.From, Sid: n.Sid,
			Without: o.Without, Source: o.Source,
		}
	}
	return list
}

// A need is what an operation of the table in package operation is called for.
type need struct {
	Name string
	On   Resource
	If   Condition
	When When
	From Command
	Sid  string
}

var needs = []need{
	{Name: "sts:GetCallerIdentity", On: Everything, From: Audit},

	{Name: "cloudtrail:DescribeTrails", On: Everything, From: Audit, Sid: "Read"},
	{Name: "logs:DescribeLogGroups", On: Everything, From: Audit, Sid: "Read"},
	// Asked without a log group's name: noise belongs to the metric.
	{Name: "logs:DescribeMetricFilters", On: Everything, From: Audit, Sid: "Read"},
	// Composite alarms are listed only to those who may see every alarm.
	{Name: "cloudwatch:DescribeAlarms", On: Everything, From: Audit, Sid: "Read"},
	{Name: "cloudtrail:GetTrailStatus", On: Trail, From: Audit, Sid: "ReadTrails"},
	{Name: "cloudtrail:GetEventSelectors", On: Trail, From: Audit, Sid: "ReadTrails"},
	{Name: "sns:GetTopicAttributes", On: Topic, From: Audit, Sid: "ReadTopics"},
	{Name: "sns:ListSubscriptionsByTopic", On: Topic, From: Audit, Sid: "ReadTopics"},
	{Name: "kms:DescribeKey", On: Key, From: Audit, Sid: "ReadKeys"},
	{Name: "kms:GetKeyPolicy", On: Key, From: Audit, Sid: "ReadKeys"},
	{Name: "securityhub:DescribeHub", On: Everything, When: Hub, From: Audit, Sid: "ReadSecurityHub"},
	// A filter that reads transformed logs makes its findings rest on these.
	{Name: "logs:GetTransformer", On: Everything, From: Audit, Sid: "ReadTransformers"},
	{Name: "logs:DescribeAccountPolicies", On: Everything, From: Audit, Sid: "ReadTransformers"},

	// An event that no alarm tells of may be told of by a rule: without these the
	// finding is unknown and not fail.
	{Name: "events:ListRules", On: Everything, From: Audit, Sid: "ReadRules"},
	{Name: "events:ListTargetsByRule", On: Everything, From: Audit, Sid: "ReadRules"},
	{Name: "events:DescribeEventBus", On: Everything, From: Audit, Sid: "ReadRules"},
	{Name: "events:DescribeApiDestination", On: Everything, From: Audit, Sid: "ReadRules"},
	{Name: "events:DescribeConnection", On: Everything, From: Audit, Sid: "ReadRules"},

	{Name: "chatbot:DescribeSlackChannelConfigurations", On: Everything, From: Audit, Sid: "OptionalChats"},
	{Name: "chatbot:ListMicrosoftTeamsChannelConfigurations", On: Everything, From: Audit, Sid: "OptionalChats"},
	{Name: "account:ListRegions", On: Everything, When: NoRegions, From: Audit, Sid: "OptionalRegions"},
	{Name: "ec2:DescribeRegions", On: Everything, When: NoRegions, From: Audit, Sid: "OptionalRegions"},
	{Name: "iam:ListAccountAliases", On: Everything, From: Audit, Sid: "OptionalAlias"},
	{Name: "sts:AssumeRole", On: Everything, When: ManyAccounts, From: Audit, Sid: "AccountRoles"},
	{Name: "organizations:ListAccounts", On: Everything, When: ManyAccounts, From: Audit, Sid: "Accounts"},
	{Name: "organizations:DescribeAccount", On: Everything, When: ManyAccounts, From: Audit, Sid: "OptionalAccounts"},
	{Name: "organizations:ListRoots", On: Everything, When: ManyAccounts, From: Audit, Sid: "OptionalUnits"},
	{Name: "organizations:ListOrganizationalUnitsForParent", On: Everything, When: ManyAccounts, From: Audit, Sid: "OptionalUnits"},
	{Name: "organizations:ListAccountsForParent", On: Everything, When: ManyAccounts, From: Audit, Sid: "OptionalUnits"},
	{Name: "organizations:ListTagsForResource", On: Everything, When: ManyAccounts, From: Audit, Sid: "OptionalAccountTags"},
	{Name: "organizations:DescribeOrganization", On: Everything, When: Organizations, From: Audit, Sid: "OptionalOrganization"},
	{Name: "sns:GetSubscriptionAttributes", On: Topic, From: Audit, Sid: "OptionalFilterPolicies"},

	{Name: "cloudwatch:DescribeAlarmHistory", On: Everything, From: Audit, Sid: "OptionalHistory"},
	{Name: "oam:ListLinks", On: Everything, When: EachAccount, From: Audit, Sid: "OptionalLinks"},
	{Name: "cloudwatch:ListAlarmMuteRules", On: Everything, From: Audit, Sid: "OptionalMuteRules"},
	{Name: "cloudwatch:GetAlarmMuteRule", On: Everything, From: Audit, Sid: "OptionalMuteRules"},

	{Name: "events:ListEventBuses", On: Everything, From: Audit, Sid: "OptionalBuses"},
	{Name: "iam:GetRole", On: Everything, From: Audit, Sid: "OptionalRoles"},
	{Name: "iam:ListRolePolicies", On: Everything, From: Audit, Sid: "OptionalRoles"},
	{Name: "iam:GetRolePolicy", On: Everything, From: Audit, Sid: "OptionalRoles"},
	{Name: "iam:ListAttachedRolePolicies", On: Everything, From: Audit, Sid: "OptionalRoles"},

	{Name: "cloudwatch:ListTagsForResource", On: AnyAlarm, When: Metrics, From: Plan, Sid: "ReadAlarmTags"},
	{Name: "sns:ListTagsForResource", On: OurTopic, When: OwnTopic, From: Plan, Sid: "ReadTopicTags"},

	{Name: "cloudtrail:LookupEvents", On: Everything, When: InTheWay, From: Plan, Sid: "OptionalEventHistory"},

	{Name: "events:ListTagsForResource", On: OurRule, When: Rules, From: Plan, Sid: "ReadRuleTags"},

	// The reference gives both lists no resource type.
	{Name: "events:ListApiDestinations", On: Everything, When: ListsCalls, From: Plan, Sid: "ReadDestinations"},
	{Name: "events:ListConnections", On: Everything, When: ListsCalls, From: Plan, Sid: "ReadDestinations"},

	{Name: "logs:TestMetricFilter", On: Everything, When: Metrics, From: Apply, Sid: "OptionalPatternTest"},
	{Name: "logs:PutMetricFilter", On: LogGroup, When: Metrics, From: Apply, Sid: "WriteFilters"},
	{Name: "cloudwatch:PutMetricAlarm", On: OurAlarm, If: ToOurTopic, When: Metrics, From: Apply, Sid: "WriteAlarms"},
	{Name: "cloudwatch:TagResource", On: OurAlarm, If: ToOurTopic, When: Metrics, From: Apply, Sid: "WriteAlarms"},
	{Name: "sns:CreateTopic", On: OurTopic, When: OwnTopic, From: Apply, Sid: "WriteTopic"},
	{Name: "sns:SetTopicAttributes", On: SetTopic, When: SetsPolicy, From: Apply, Sid: "WriteTopic"},
	{Name: "sns:Subscribe", On: ToldTopic, If: ToSubscriber, When: Subscribers, From: Apply, Sid: "Subscribe"},

	{Name: "events:TestEventPattern", On: Everything, When: Rules, From: Apply, Sid: "OptionalEventPatternTest"},
	{Name: "events:PutRule", On: OurRule, When: Rules, From: Apply, Sid: "WriteRules"},
	{Name: "events:PutTargets", On: OurRule, If: ToOurTargets, When: Rules, From: Apply, Sid: "WriteTargets"},
	{Name: "iam:PassRole", On: OurRole, If: ToRules, When: Forwards, From: Apply, Sid: "PassRole"},
	{Name: "chatbot:DescribeSlackWorkspaces", On: Everything, When: Chats, From: Plan, Sid: "OptionalWorkspaces"},
	{Name: "chatbot:ListMicrosoftTeamsConfiguredTeams", On: Everything, When: Chats, From: Plan, Sid: "OptionalWorkspaces"},
	// chatbot:TagResource.
	{Name: "chatbot:CreateSlackChannelConfiguration", On: Everything, When: Chats, From: Apply, Sid: "CreateChats"},
	{Name: "chatbot:CreateMicrosoftTeamsChannelConfiguration", On: Everything, When: Chats, From: Apply, Sid: "CreateChats"},
	{Name: "chatbot:UpdateSlackChannelConfiguration", On: OurChat, When: Chats, From: Apply, Sid: "WriteChats"},
	{Name: "chatbot:UpdateMicrosoftTeamsChannelConfiguration", On: OurChat, When: Chats, From: Apply, Sid: "WriteChats"},
	{Name: "events:PutPermission", On: CentralEvents, When: CentralBus, From: Apply, Sid: "AdmitMembers"},
	{Name: "events:CreateConnection", On: OurDestination, When: Calls, From: Apply, Sid: "WriteConnections"},
	{Name: "events:CreateApiDestination", On: OurDestination, When: Calls, From: Apply, Sid: "WriteDestinations"},
	{Name: "iam:CreateRole", On: MadeRole, When: OwnRole, From: Apply, Sid: "WriteRole"},
	{Name: "iam:PutRolePolicy", On: MadeRole, When: OwnRole, From: Apply, Sid: "WriteRole"},

	{Name: "logs:DeleteMetricFilter", On: LogGroup, When: Metrics, From: Undo, Sid: "DeleteFilters"},
	{Name: "cloudwatch:DeleteAlarms", On: OurAlarm, When: Metrics, From: Undo, Sid: "DeleteAlarms"},
	{Name: "cloudwatch:UntagResource", On: OurAlarm, When: Metrics, From: Undo, Sid: "DeleteAlarms"},
	{Name: "sns:DeleteTopic", On: OurTopic, When: OwnTopic, From: Undo, Sid: "DeleteTopic"},
	// The reference gives it no resource type: IAM cannot narrow it.
	{Name: "sns:Unsubscribe", On: Everything, From: Undo, Sid: "Unsubscribe"},
	{Name: "events:ListRuleNamesByTarget", On: Everything, When: Rules, From: Undo, Sid: "ReadRulesOfTopic"},
	{Name: "events:RemoveTargets", On: OurRule, When: Rules, From: Undo, Sid: "DeleteRules"},
	{Name: "events:DeleteRule", On: OurRule, When: Rules, From: Undo, Sid: "DeleteRules"},
	{Name: "chatbot:DeleteSlackChannelConfiguration", On: OurChat, When: Chats, From: Undo, Sid: "DeleteChats"},
	{Name: "chatbot:DeleteMicrosoftTeamsChannelConfiguration", On: OurChat, When: Chats, From: Undo, Sid: "DeleteChats"},
	{Name: "events:RemovePermission", On: CentralEvents, When: CentralBus, From: Undo, Sid: "RemoveMembers"},
	{Name: "events:DeleteApiDestination", On: OurDestination, When: Calls, From: Undo, Sid: "DeleteDestinations"},
	{Name: "events:DeleteConnection", On: OurDestination, When: Calls, From: Undo, Sid: "DeleteConnections"},
	{Name: "iam:DeleteRolePolicy", On: MadeRole, When: OwnRole, From: Undo, Sid: "DeleteRole"},
	{Name: "iam:DeleteRole", On: MadeRole, When: OwnRole, From: Undo, Sid: "DeleteRole"},

	{Name: "cloudwatch:SetAlarmState", On: AnyAlarm, When: Rings, From: Drill, Sid: "RingAlarms"},
	{Name: "cloudwatch:GetMetricData", On: Everything, When: Waits, From: Drill, Sid: "OptionalDeliveries"},
}

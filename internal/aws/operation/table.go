package operation

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
	srcS3      = "Amazon S3"
	srcOAM     = "Amazon CloudWatch Observability Access Manager"
)

// The buckets that CloudTrail's calls share: Get, Describe and List, and all others.
const (
	cloudTrailReads  = "cloudtrail:reads"
	cloudTrailWrites = "cloudtrail:writes"
)

var table = []Operation{
	{Name: "sts:GetCallerIdentity", Source: srcSTS}, // "no permissions are required"

	{Name: "cloudtrail:DescribeTrails", Actions: []string{"cloudtrail:DescribeTrails"}, Source: srcTrails, PerSecond: 10, Bucket: cloudTrailReads},
	{
		Name: "cloudtrail:LookupEvents", Actions: []string{"cloudtrail:LookupEvents"}, Source: srcTrails, PerSecond: 2,
		Without: "which tool keeps what is in the way of a plan, and since when someone is subscribed, is not told; a note says so",
	},
	{Name: "logs:DescribeLogGroups", Actions: []string{"logs:DescribeLogGroups"}, Source: srcLogs, PerSecond: 10},
	{Name: "logs:DescribeMetricFilters", Actions: []string{"logs:DescribeMetricFilters"}, Source: srcLogs, PerSecond: 5},
	{Name: "cloudwatch:DescribeAlarms", Actions: []string{"cloudwatch:DescribeAlarms"}, Source: srcAlarms, PerSecond: 9},
	{Name: "cloudtrail:GetTrailStatus", Actions: []string{"cloudtrail:GetTrailStatus"}, Source: srcTrails, PerSecond: 10, Bucket: cloudTrailReads},
	{Name: "cloudtrail:GetEventSelectors", Actions: []string{"cloudtrail:GetEventSelectors"}, Source: srcTrails, PerSecond: 10, Bucket: cloudTrailReads},
	{Name: "sns:GetTopicAttributes", Actions: []string{"sns:GetTopicAttributes"}, Source: srcTopics, PerSecond: 30}, // no figure is published; held to that of the lists
	{Name: "sns:ListSubscriptionsByTopic", Actions: []string{"sns:ListSubscriptionsByTopic"}, Source: srcTopics, PerSecond: 30},
	{Name: "kms:DescribeKey", Actions: []string{"kms:DescribeKey"}, Source: srcKeys},
	{Name: "kms:GetKeyPolicy", Actions: []string{"kms:GetKeyPolicy"}, Source: srcKeys},
	{Name: "securityhub:DescribeHub", Actions: []string{"securityhub:DescribeHub"}, Source: srcHub},
	{Name: "logs:GetTransformer", Actions: []string{"logs:GetTransformer"}, Source: srcLogs, PerSecond: 5},
	{Name: "logs:DescribeAccountPolicies", Actions: []string{"logs:DescribeAccountPolicies"}, Source: srcLogs},

	{Name: "events:ListRules", Actions: []string{"events:ListRules"}, Source: srcEvents, PerSecond: 20},
	{Name: "events:ListTargetsByRule", Actions: []string{"events:ListTargetsByRule"}, Source: srcEvents, PerSecond: 20},
	{Name: "events:DescribeEventBus", Actions: []string{"events:DescribeEventBus"}, Source: srcEvents},
	{Name: "events:DescribeApiDestination", Actions: []string{"events:DescribeApiDestination"}, Source: srcEvents},
	{Name: "events:DescribeConnection", Actions: []string{"events:DescribeConnection"}, Source: srcEvents},

	{
		Name: "chatbot:DescribeSlackChannelConfigurations", Actions: []string{"chatbot:DescribeSlackChannelConfigurations"}, Source: srcChat,
		Without: "a chat subscriber counts although no channel may be connected to its topic",
	},
	{
		Name: "chatbot:ListMicrosoftTeamsChannelConfigurations", Actions: []string{"chatbot:ListMicrosoftTeamsChannelConfigurations"}, Source: srcChat,
		Without: "a chat subscriber counts although no channel may be connected to its topic",
	},
	{
		Name: "account:ListRegions", Actions: []string{"account:ListRegions"}, Source: srcAccount,
		Without: "ec2:DescribeRegions is asked instead",
	},
	{
		Name: "ec2:DescribeRegions", Actions: []string{"ec2:DescribeRegions"}, Source: srcEC2,
		Without: "without account:ListRegions too, the regions that every account has are read; others must be named with --region",
	},
	{
		Name: "iam:ListAccountAliases", Actions: []string{"iam:ListAccountAliases"}, Source: srcIAM,
		Without: "the account is shown by its number alone",
	},
	{Name: "sts:AssumeRole", Actions: []string{"sts:AssumeRole"}, Source: srcSTS, PerSecond: 600},
	{Name: "organizations:ListAccounts", Actions: []string{"organizations:ListAccounts"}, Source: srcOrgs},
	{
		Name: "organizations:DescribeAccount", Actions: []string{"organizations:DescribeAccount"}, Source: srcOrgs,
		Without: "an account that left the organization meanwhile is unreadable, and not skipped",
	},
	{
		Name: "organizations:ListRoots", Actions: []string{"organizations:ListRoots"}, Source: srcOrgs,
		Without: "--ou and --exclude take no path of names",
	},
	{
		Name: "organizations:ListOrganizationalUnitsForParent", Actions: []string{"organizations:ListOrganizationalUnitsForParent"}, Source: srcOrgs,
		Without: "--ou and --exclude take no path of names",
	},
	{
		Name: "organizations:ListAccountsForParent", Actions: []string{"organizations:ListAccountsForParent"}, Source: srcOrgs,
		Without: "--ou and --exclude take no unit where accounts are listed without their paths",
	},
	{
		Name: "organizations:ListTagsForResource", Actions: []string{"organizations:ListTagsForResource"}, Source: srcOrgs,
		Without: "--account-tag cannot be used",
	},
	{
		Name: "organizations:DescribeOrganization", Actions: []string{"organizations:DescribeOrganization"}, Source: srcOrgs,
		Without: "whether the controls of AWS Organizations apply is not known; they are checked as if they did, and a topic or key whose policy asks for the organization is unknown",
	},
	{
		Name: "sns:GetSubscriptionAttributes", Actions: []string{"sns:GetSubscriptionAttributes"}, Source: srcTopics, PerSecond: 30,
		Without: "a subscription's filter policy that drops alarms is not seen; a note says so, with --strict a warning",
	},

	{
		Name: "cloudwatch:DescribeAlarmHistory", Actions: []string{"cloudwatch:DescribeAlarmHistory"}, Source: srcAlarms, PerSecond: 20,
		Without: "notifications that failed lately, and alarms for several accounts that are in ALARM for long, are not seen; a note says so, with --strict a warning",
	},
	{
		Name: "oam:ListLinks", Actions: []string{"oam:ListLinks"}, Source: srcOAM,
		Without: "alarms in an account that monitors the owner of the log group are not looked for; a note says so",
	},
	{
		Name: "cloudwatch:ListAlarmMuteRules", Actions: []string{"cloudwatch:ListAlarmMuteRules"}, Source: srcAlarms,
		Without: "a rule that mutes an alarm is not seen; a note says so, with --strict a warning",
	},
	{
		Name: "cloudwatch:GetAlarmMuteRule", Actions: []string{"cloudwatch:GetAlarmMuteRule"}, Source: srcAlarms,
		Without: "which alarms a rule mutes, and when, is not seen; a note says so, with --strict a warning",
	},

	{
		Name: "events:ListEventBuses", Actions: []string{"events:ListEventBuses"}, Source: srcEvents,
		Without: "a rule on a bus that gets no events is not named as the reason",
	},
	{
		Name: "iam:GetRole", Actions: []string{"iam:GetRole"}, Source: srcIAM,
		Without: "whether a rule's role may reach another bus or an API destination is not seen; a note says so, with --strict a warning; plans with forwarders or a trail need it",
	},
	{
		Name: "iam:ListRolePolicies", Actions: []string{"iam:ListRolePolicies"}, Source: srcIAM,
		Without: "whether a rule's role may reach another bus or an API destination is not seen; a note says so, with --strict a warning; plans with forwarders or a trail need it",
	},
	{
		Name: "iam:GetRolePolicy", Actions: []string{"iam:GetRolePolicy"}, Source: srcIAM,
		Without: "whether a rule's role may reach another bus or an API destination is not seen; a note says so, with --strict a warning; plans with forwarders or a trail need it",
	},
	{
		Name: "iam:ListAttachedRolePolicies", Actions: []string{"iam:ListAttachedRolePolicies"}, Source: srcIAM,
		Without: "whether a rule's role may reach another bus or an API destination is not seen; a note says so, with --strict a warning; plans with forwarders or a trail need it",
	},

	{Name: "cloudwatch:ListTagsForResource", Actions: []string{"cloudwatch:ListTagsForResource"}, Source: srcAlarms, PerSecond: 10},
	{Name: "sns:ListTagsForResource", Actions: []string{"sns:ListTagsForResource"}, Source: srcTopics, PerSecond: 10},

	{Name: "events:ListTagsForResource", Actions: []string{"events:ListTagsForResource"}, Source: srcEvents},

	{Name: "events:ListApiDestinations", Actions: []string{"events:ListApiDestinations"}, Source: srcEvents},
	{Name: "events:ListConnections", Actions: []string{"events:ListConnections"}, Source: srcEvents},

	{
		Name: "logs:TestMetricFilter", Actions: []string{"logs:TestMetricFilter"}, Source: srcLogs, PerSecond: 5,
		Without: "a pattern that CloudWatch Logs refuses is found when it is written, not before",
	},
	{Name: "logs:PutMetricFilter", Actions: []string{"logs:PutMetricFilter"}, Source: srcLogs, PerSecond: 5},
	// Tags at creation need cloudwatch:TagResource.
	{Name: "cloudwatch:PutMetricAlarm", Actions: []string{"cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"}, Source: srcAlarms, PerSecond: 3},
	{Name: "cloudwatch:TagResource", Actions: []string{"cloudwatch:TagResource"}, Source: srcAlarms, PerSecond: 20},
	// Tags at creation need sns:TagResource.
	{Name: "sns:CreateTopic", Actions: []string{"sns:CreateTopic", "sns:TagResource"}, Source: srcTopics},
	{Name: "sns:SetTopicAttributes", Actions: []string{"sns:SetTopicAttributes"}, Source: srcTopics},
	{Name: "sns:Subscribe", Actions: []string{"sns:Subscribe"}, Source: srcTopics, PerSecond: 100},

	{
		Name: "events:TestEventPattern", Actions: []string{"events:TestEventPattern"}, Source: srcEvents,
		Without: "an event pattern that EventBridge refuses is found when it is written, not before",
	},
	// Tags at creation need events:TagResource.
	{Name: "events:PutRule", Actions: []string{"events:PutRule", "events:TagResource"}, Source: srcEvents, PerSecond: 8},
	{Name: "events:PutTargets", Actions: []string{"events:PutTargets"}, Source: srcEvents, PerSecond: 8},
	// No call: PutTargets with a role needs it.
	{Name: "iam:PassRole", Actions: []string{"iam:PassRole"}, Source: srcIAM},
	{
		Name: "chatbot:DescribeSlackWorkspaces", Actions: []string{"chatbot:DescribeSlackWorkspaces"}, Source: srcChat,
		Without: "a workspace of Slack that nobody has authorized is found when the chat configuration is written, not before",
	},
	{
		Name: "chatbot:ListMicrosoftTeamsConfiguredTeams", Actions: []string{"chatbot:ListMicrosoftTeamsConfiguredTeams"}, Source: srcChat,
		Without: "a team of Microsoft Teams that nobody has authorized is found when the chat configuration is written, not before",
	},
	// The reference gives their creation no resource type. Tags at creation need
	{Name: "chatbot:CreateSlackChannelConfiguration", Actions: []string{"chatbot:CreateSlackChannelConfiguration", "chatbot:TagResource"}, Source: srcChat},
	{Name: "chatbot:CreateMicrosoftTeamsChannelConfiguration", Actions: []string{"chatbot:CreateMicrosoftTeamsChannelConfiguration", "chatbot:TagResource"}, Source: srcChat},
	{Name: "chatbot:UpdateSlackChannelConfiguration", Actions: []string{"chatbot:UpdateSlackChannelConfiguration"}, Source: srcChat},
	{Name: "chatbot:UpdateMicrosoftTeamsChannelConfiguration", Actions: []string{"chatbot:UpdateMicrosoftTeamsChannelConfiguration"}, Source: srcChat},
	{Name: "events:PutPermission", Actions: []string{"events:PutPermission"}, Source: srcEvents},
	{Name: "events:CreateConnection", Actions: []string{"events:CreateConnection"}, Source: srcEvents},
	{Name: "events:CreateApiDestination", Actions: []string{"events:CreateApiDestination"}, Source: srcEvents},
	// Tags at creation need iam:TagRole.
	{Name: "iam:CreateRole", Actions: []string{"iam:CreateRole", "iam:TagRole"}, Source: srcIAM},
	{Name: "iam:PutRolePolicy", Actions: []string{"iam:PutRolePolicy"}, Source: srcIAM},

	{Name: "logs:DeleteMetricFilter", Actions: []string{"logs:DeleteMetricFilter"}, Source: srcLogs, PerSecond: 5},
	{Name: "cloudwatch:DeleteAlarms", Actions: []string{"cloudwatch:DeleteAlarms"}, Source: srcAlarms, PerSecond: 3}, // no figure at hand; held to that of PutMetricAlarm
	{Name: "cloudwatch:UntagResource", Actions: []string{"cloudwatch:UntagResource"}, Source: srcAlarms, PerSecond: 20},
	{Name: "sns:DeleteTopic", Actions: []string{"sns:DeleteTopic"}, Source: srcTopics},
	{Name: "sns:Unsubscribe", Actions: []string{"sns:Unsubscribe"}, Source: srcTopics, PerSecond: 100},
	{Name: "events:ListRuleNamesByTarget", Actions: []string{"events:ListRuleNamesByTarget"}, Source: srcEvents},
	{Name: "events:RemoveTargets", Actions: []string{"events:RemoveTargets"}, Source: srcEvents, PerSecond: 8},
	{Name: "events:DeleteRule", Actions: []string{"events:DeleteRule"}, Source: srcEvents, PerSecond: 8},
	{Name: "chatbot:DeleteSlackChannelConfiguration", Actions: []string{"chatbot:DeleteSlackChannelConfiguration"}, Source: srcChat},
	{Name: "chatbot:DeleteMicrosoftTeamsChannelConfiguration", Actions: []string{"chatbot:DeleteMicrosoftTeamsChannelConfiguration"}, Source: srcChat},
	{Name: "events:RemovePermission", Actions: []string{"events:RemovePermission"}, Source: srcEvents},
	{Name: "events:DeleteApiDestination", Actions: []string{"events:DeleteApiDestination"}, Source: srcEvents},
	{Name: "events:DeleteConnection", Actions: []string{"events:DeleteConnection"}, Source: srcEvents},
	{Name: "iam:DeleteRolePolicy", Actions: []string{"iam:DeleteRolePolicy"}, Source: srcIAM},
	{Name: "iam:DeleteRole", Actions: []string{"iam:DeleteRole"}, Source: srcIAM},

	{Name: "cloudwatch:SetAlarmState", Actions: []string{"cloudwatch:SetAlarmState"}, Source: srcAlarms},
	{
		Name: "cloudwatch:GetMetricData", Actions: []string{"cloudwatch:GetMetricData"}, Source: srcAlarms,
		Without: "how many messages SNS delivered is not in the receipt; leave out --wait",
	},

	{Name: "cloudtrail:GetTrail", Actions: []string{"cloudtrail:GetTrail"}, Source: srcTrails, PerSecond: 10, Bucket: cloudTrailReads},
	{Name: "cloudtrail:ListTags", Actions: []string{"cloudtrail:ListTags"}, Source: srcTrails, PerSecond: 10, Bucket: cloudTrailReads},
	{Name: "logs:ListTagsForResource", Actions: []string{"logs:ListTagsForResource"}, Source: srcLogs},
	{Name: "s3:HeadBucket", Actions: []string{"s3:ListBucket"}, Source: srcS3},
	{Name: "s3:GetBucketTagging", Actions: []string{"s3:GetBucketTagging"}, Source: srcS3},
	{Name: "s3:GetPublicAccessBlock", Actions: []string{"s3:GetBucketPublicAccessBlock"}, Source: srcS3},
	{Name: "s3:GetBucketOwnershipControls", Actions: []string{"s3:GetBucketOwnershipControls"}, Source: srcS3},
	{Name: "s3:GetBucketVersioning", Actions: []string{"s3:GetBucketVersioning"}, Source: srcS3},
	{Name: "s3:GetBucketEncryption", Actions: []string{"s3:GetEncryptionConfiguration"}, Source: srcS3},
	{Name: "s3:GetBucketPolicy", Actions: []string{"s3:GetBucketPolicy"}, Source: srcS3},
	{Name: "organizations:ListAWSServiceAccessForOrganization", Actions: []string{"organizations:ListAWSServiceAccessForOrganization"}, Source: srcOrgs},

	// Tags at creation need logs:TagResource.
	{Name: "logs:CreateLogGroup", Actions: []string{"logs:CreateLogGroup", "logs:TagResource"}, Source: srcLogs},
	{Name: "logs:PutRetentionPolicy", Actions: []string{"logs:PutRetentionPolicy"}, Source: srcLogs},
	// No call: CreateTrail and UpdateTrail with a role need it.
	// Tags at creation need s3:TagResource.
	{Name: "s3:CreateBucket", Actions: []string{"s3:CreateBucket", "s3:TagResource"}, Source: srcS3},
	{Name: "s3:PutBucketTagging", Actions: []string{"s3:PutBucketTagging"}, Source: srcS3},
	{Name: "s3:PutPublicAccessBlock", Actions: []string{"s3:PutBucketPublicAccessBlock"}, Source: srcS3},
	{Name: "s3:PutBucketOwnershipControls", Actions: []string{"s3:PutBucketOwnershipControls"}, Source: srcS3},
	{Name: "s3:PutBucketVersioning", Actions: []string{"s3:PutBucketVersioning"}, Source: srcS3},
	{Name: "s3:PutBucketEncryption", Actions: []string{"s3:PutEncryptionConfiguration"}, Source: srcS3},
	{Name: "s3:PutBucketPolicy", Actions: []string{"s3:PutBucketPolicy"}, Source: srcS3},
	// Tags at creation need cloudtrail:AddTags.
	{Name: "cloudtrail:CreateTrail", Actions: []string{"cloudtrail:CreateTrail", "cloudtrail:AddTags"}, Source: srcTrails, PerSecond: 1, Bucket: cloudTrailWrites},
	{Name: "cloudtrail:UpdateTrail", Actions: []string{"cloudtrail:UpdateTrail"}, Source: srcTrails, PerSecond: 1, Bucket: cloudTrailWrites},
	{Name: "cloudtrail:PutEventSelectors", Actions: []string{"cloudtrail:PutEventSelectors"}, Source: srcTrails, PerSecond: 1, Bucket: cloudTrailWrites},
	{Name: "cloudtrail:StartLogging", Actions: []string{"cloudtrail:StartLogging"}, Source: srcTrails, PerSecond: 1, Bucket: cloudTrailWrites},
	{Name: "cloudtrail:DeleteTrail", Actions: []string{"cloudtrail:DeleteTrail"}, Source: srcTrails, PerSecond: 1, Bucket: cloudTrailWrites},
	{Name: "iam:CreateServiceLinkedRole", Actions: []string{"iam:CreateServiceLinkedRole"}, Source: srcIAM},

	{Name: "cloudtrail:StopLogging", Actions: []string{"cloudtrail:StopLogging"}, Source: srcTrails, PerSecond: 1, Bucket: cloudTrailWrites},
	{Name: "logs:DescribeLogStreams", Actions: []string{"logs:DescribeLogStreams"}, Source: srcLogs},
	{Name: "logs:DeleteLogGroup", Actions: []string{"logs:DeleteLogGroup"}, Source: srcLogs},
	{Name: "s3:ListObjectVersions", Actions: []string{"s3:ListBucketVersions"}, Source: srcS3},
	{Name: "s3:DeleteBucket", Actions: []string{"s3:DeleteBucket"}, Source: srcS3},
}

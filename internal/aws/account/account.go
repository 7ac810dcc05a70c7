// Package account holds what one run observed of cloud accounts, as plain data.
//
// A Snapshot is what collect reads, what audit judges and what plan changes on
// paper. It can be saved as JSON and judged later without credentials. Nothing
// in it is secret: the endpoints of subscribers are kept as protocol, masked
// text and a salted hash.
//
// "Not read" and "empty" are different facts. A field of type *Read is nil when
// nobody asked, carries a Failure when AWS did not answer, and a Value when it
// did. A nil Value of a pointer type is AWS's answer "there is none".
package account

import (
	"cmp"
	"slices"
	"time"
)

// SchemaV1 is the value of Snapshot.Schema that this version writes and reads.
const SchemaV1 = "monitorctl/snapshot/v1"

// A Snapshot is everything that one run observed.
type Snapshot struct {
	Schema   string    `json:"schema"`
	TakenAt  time.Time `json:"takenAt"` // UTC, whole seconds
	Salt     string    `json:"salt"`    // of Subscription.EndpointHash; hexadecimal
	Accounts []Account `json:"accounts"`
}

// Dated returns a copy of the snapshot with its time at each account, which may then go to
// where accounts of different times meet.
func (s Snapshot) Dated() Snapshot {
	s.Accounts = slices.Clone(s.Accounts)
	for i := range s.Accounts {
		s.Accounts[i].ReadAt = s.TakenAt
	}
	return s
}

// A Failure says why a call has no answer: denied, throttled to the end,
// timed out.
type Failure struct {
	Operation string `json:"operation"` // IAM style: "cloudtrail:GetTrailStatus"
	Code      string `json:"code"`      // AWS's error code, or "Timeout", "ConnectionError", "EmulatorGap"
	Message   string `json:"message,omitempty"`
}

// CodeEmulatorGap is the code of a call that an endpoint which is not AWS does not know.
const CodeEmulatorGap = "EmulatorGap"

// ownCodes are those that are not AWS's: they say nothing without their message,
// which names the host.
var ownCodes = []string{"Timeout", "ConnectionError", "ReplyTooLarge", "EndlessList"}

// Cause returns why there is no answer: AWS's code, or what happened on the way.
func (f *Failure) Cause() string {
	if slices.Contains(ownCodes, f.Code) && f.Message != "" {
		return f.Code + " (" + f.Message + ")"
	}
	return f.Code
}

// A Read is the answer of one call (all its pages), or the reason why there is
// none. A nil *Read means that the call was not made.
type Read[T any] struct {
	Value   T        `json:"value,omitempty"`
	Failure *Failure `json:"failure,omitempty"`
}

// Got returns the value and whether there is one: false when the call was not
// made or failed.
func (r *Read[T]) Got() (T, bool) {
	if r == nil || r.Failure != nil {
		var zero T
		return zero, false
	}
	return r.Value, true
}

// Failed returns the failure of the call, nil when it was not made or
// succeeded.
func (r *Read[T]) Failed() *Failure {
	if r == nil {
		return nil
	}
	return r.Failure
}

// An Account is one AWS account as one set of credentials sees it.
type Account struct {
	ID        string `json:"id"`
	Alias     string `json:"alias,omitempty"`
	Partition string `json:"partition"` // aws, aws-cn, aws-us-gov

	// ReadAt is when the account was read: TakenAt of its snapshot, which keeps it. The
	// zero time is "not known".
	ReadAt time.Time `json:"-"`

	// Organization is the organization that the account belongs to; a nil value
	// says that it belongs to none. Read for controls of Organizations, and where the
	// policy of a topic or key asks for it.
	Organization *Read[*Organization] `json:"organization,omitempty"`

	// Scope names the regions whose events are asked about, sorted. Events of
	// global services are asked about in the partition's global regions
	// whatever the scope.
	Scope []string `json:"scope"`

	// DeniedRegions are regions that were left out of the scope, because a service control
	// policy closes them to the caller; sorted.
	DeniedRegions []string `json:"deniedRegions,omitempty"`

	// Trails holds each trail once, sorted by ARN, however many regions show it.
	Trails []Trail `json:"trails"`

	// Regions holds every region that was read, sorted by name: those in scope
	// and the home regions of trails.
	Regions []Region `json:"regions"`

	// Roles are the IAM roles that targets of rules name, by ARN. Read where a rule
	// needs one.
	Roles map[string]*Role `json:"roles,omitempty"`

	// TrailParts is what stands under the names of a trail that plan may create. Read for
	// --create-trail only.
	TrailParts *TrailParts `json:"trailParts,omitempty"`

	// Chats are the chat configurations, sorted by ARN. Read where a topic sends to a
	// chat.
	Chats *Read[[]ChatConfiguration] `json:"chatConfigurations,omitempty"`

	// Workspaces are what a person has authorized for chat configurations: ids of Slack
	// workspaces, and teams of Microsoft Teams as TENANT/TEAM. Read for plan and apply of
	// a chat only.
	Workspaces *Read[[]string] `json:"chatWorkspaces,omitempty"`

	// Notes are account-wide reads that failed without deciding a verdict
	// (account alias, list of regions replaced by the embedded one).
	Notes []Failure `json:"notes,omitempty"`
}

// An Organization is what DescribeOrganization says of an account's
// organization.
type Organization struct {
	ID                string `json:"id"`
	ManagementAccount string `json:"managementAccount"` // 12 digits
}

// Region returns the region of that name, nil when it was not read.
func (a *Account) Region(name string) *Region {
	i, ok := slices.BinarySearchFunc(a.Regions, name, func(r Region, n string) int { return cmp.Compare(r.Name, n) })
	if !ok {
		return nil
	}
	return &a.Regions[i]
}

// Trail returns the trail with that ARN, nil when there is none.
func (a *Account) Trail(arn string) *Trail {
	for i := range a.Trails {
		if a.Trails[i].ARN == arn {
			return &a.Trails[i]
		}
	}
	return nil
}

// A Region is what was read in one region of one account.
type Region struct {
	Name string `json:"name"`

	// Trails are the ARNs that DescribeTrails shows here, shadows of
	// multi-region and organization trails included, sorted.
	Trails *Read[[]string] `json:"trails,omitempty"`

	// LogGroups are the log groups that were looked up, by name; a nil value
	// says that the group does not exist.
	LogGroups map[string]*Read[*LogGroup] `json:"logGroups,omitempty"`

	// MetricFilters are all metric filters of the region, sorted by log group
	// and name.
	MetricFilters *Read[[]MetricFilter] `json:"metricFilters,omitempty"`

	// Alarms are all alarms of the region.
	Alarms *Read[Alarms] `json:"alarms,omitempty"`

	// MuteRules are the alarm mute rules of the region that are active, sorted by
	// ARN. Like ActionHistory they are read where an alarm can decide a verdict.
	MuteRules *Read[[]MuteRule] `json:"muteRules,omitempty"`

	// ActionHistory is what became of the newest actions of the region's alarms.
	ActionHistory *Read[ActionHistory] `json:"actionHistory,omitempty"`

	// StateHistory is how the states of the region's alarms changed in the day before
	// they were read. Asked for only where alarms watch for several accounts.
	StateHistory *Read[StateHistory] `json:"stateHistory,omitempty"`

	// Links are the accounts that monitor this one in the region (CloudWatch cross-account
	// observability), by the ARN of their sink. Asked for only of accounts that own what
	// others use.
	Links *Read[[]Link] `json:"links,omitempty"`

	// Transformers are the transformers of log groups, by name; a nil value says
	// that the group has none. Read only where a filter asks for transformed
	// logs.
	Transformers map[string]*Read[*Transformer] `json:"transformers,omitempty"`

	// TelemetryRules are the telemetry rules of the region (CloudWatch
	// Observability Admin), by ARN. An audit does not ask for them: they count
	// where something else did.
	TelemetryRules *Read[[]TelemetryRule] `json:"telemetryRules,omitempty"`

	// Rules are the rules of the region's default event bus, sorted by name. Read
	// in every region in which a trail may record.
	Rules *Read[[]Rule] `json:"rules,omitempty"`

	// Buses are the event buses that rules depend on, by ARN: the default bus where
	// a rule takes events that matter, those that rules forward to, and custom
	// ones beside them.
	Buses map[string]*Bus `json:"buses,omitempty"`

	// BusList are the ARNs of the region's buses, sorted. Read where the default
	// bus has rules of the account's own.
	BusList *Read[[]string] `json:"busList,omitempty"`

	// APIDestinations and Connections are those that targets name, by ARN; a nil
	// value says that there is none.
	APIDestinations map[string]*Read[*APIDestination] `json:"apiDestinations,omitempty"`
	Connections     map[string]*Read[*Connection]     `json:"connections,omitempty"`

	// OwnDestinations and OwnConnections are the ARNs of those whose names begin as ours
	// do, sorted; they are in the maps too. Read for plan, apply and destroy only.
	OwnDestinations *Read[[]string] `json:"ownDestinations,omitempty"`
	OwnConnections  *Read[[]string] `json:"ownConnections,omitempty"`

	// SecurityHub is the hub of the region; a nil value says that the account is
	// not subscribed there. Read in every region in scope, for its control only.
	SecurityHub *Read[*Hub] `json:"securityHub,omitempty"`

	// AlarmTags are the tags of alarms that stand under one of our names, or
	// watch the metric of a filter that does, by alarm name. Read for plan, apply
	// and destroy only.
	AlarmTags map[string]*Read[map[string]string] `json:"alarmTags,omitempty"`

	// RuleTags are the tags of rules on the default bus that have one of our names,
	// by name. Read for plan, apply and destroy only.
	RuleTags map[string]*Read[map[string]string] `json:"ruleTags,omitempty"`

	// Topics are the topics that a relevant alarm of this region names, by ARN,
	// and (for plan) our own topic.
	Topics map[string]*Topic `json:"topics,omitempty"`

	// Keys are the KMS keys that topics and log groups name, by the name they
	// are given there (ARN, id or alias).
	Keys map[string]*Key `json:"keys,omitempty"`
}

// A Hub is an account's subscription to Security Hub in a region.
type Hub struct {
	ARN string `json:"arn"`
}

// A Trail is a CloudTrail trail: DescribeTrails, and what was read at its home
// region.
type Trail struct {
	ARN                 string             `json:"arn"`
	Name                string             `json:"name"`
	HomeRegion          string             `json:"homeRegion"`
	MultiRegion         bool               `json:"multiRegion"`
	Organization        bool               `json:"organization"`
	GlobalServiceEvents bool               `json:"globalServiceEvents"`
	LogGroupARN         string             `json:"logGroupArn,omitempty"` // as CloudTrail has it, usually ending in ":*"
	Bucket              string             `json:"bucket,omitempty"`      // of its log files
	BucketPrefix        string             `json:"bucketPrefix,omitempty"`
	Status              *Read[TrailStatus] `json:"status,omitempty"`
	Selectors           *Read[Selectors]   `json:"selectors,omitempty"`
}

// TrailStatus is what GetTrailStatus says of the delivery to CloudWatch Logs.
// LatestDeliveryError concerns S3 and is not kept.
type TrailStatus struct {
	Logging                 bool       `json:"logging"`
	LatestLogsDeliveryTime  *time.Time `json:"latestLogsDeliveryTime,omitempty"`
	LatestLogsDeliveryError string     `json:"latestLogsDeliveryError,omitempty"`
}

// Selectors are a trail's event selectors; AWS returns one kind or the other.
type Selectors struct {
	Basic    []EventSelector    `json:"basic,omitempty"`
	Advanced []AdvancedSelector `json:"advanced,omitempty"`
}

// An EventSelector is a basic event selector, without its data resources.
type EventSelector struct {
	ManagementEvents bool     `json:"managementEvents"`
	ReadWriteType    string   `json:"readWriteType"` // All, ReadOnly, WriteOnly
	ExcludeSources   []string `json:"excludeSources,omitempty"`
}

// An AdvancedSelector is a conjunction of field conditions.
type AdvancedSelector struct {
	Name   string          `json:"name,omitempty"`
	Fields []FieldSelector `json:"fields"`
}

// A FieldSelector is a condition on one field of an event: several values of
// one operator are alternatives, several operators must all hold.
type FieldSelector struct {
	Field         string   `json:"field"`
	Equals        []string `json:"equals,omitempty"`
	NotEquals     []string `json:"notEquals,omitempty"`
	StartsWith    []string `json:"startsWith,omitempty"`
	NotStartsWith []string `json:"notStartsWith,omitempty"`
	EndsWith      []string `json:"endsWith,omitempty"`
	NotEndsWith   []string `json:"notEndsWith,omitempty"`
}

// A LogGroup is a CloudWatch Logs log group.
type LogGroup struct {
	Name  string `json:"name"`
	ARN   string `json:"arn"`             // without the trailing ":*"
	Class string `json:"class,omitempty"` // STANDARD, INFREQUENT_ACCESS, DELIVERY; "" when the endpoint does not say
	KeyID string `json:"keyId,omitempty"`
}

// A MetricFilter is a metric filter with its one transformation.
type MetricFilter struct {
	LogGroup      string            `json:"logGroup"`
	Name          string            `json:"name"`
	Pattern       string            `json:"pattern"`
	Namespace     string            `json:"namespace"`
	Metric        string            `json:"metric"`
	Value         string            `json:"value"` // a number or a reference such as $.size
	Default       *float64          `json:"default,omitempty"`
	Unit          string            `json:"unit,omitempty"` // "" and None are the same
	Dimensions    map[string]string `json:"dimensions,omitempty"`
	OnTransformed bool              `json:"onTransformed,omitempty"`

	// FieldSelection is fieldSelectionCriteria, SystemDimensions is
	// emitSystemFieldDimensions: log centralization's @aws.account and
	// @aws.region.
	FieldSelection   string   `json:"fieldSelection,omitempty"`
	SystemDimensions []string `json:"systemDimensions,omitempty"`

	// Also are the transformations behind the first, which writes Metric; the API's
	// model allows none.
	Also []Transformation `json:"also,omitempty"`

	// Unknown names settings that AWS returned and this version does not know.
	Unknown []string `json:"unknown,omitempty"`
}

// A Transformation is what a metric filter writes to one metric.
type Transformation struct {
	Namespace  string            `json:"namespace"`
	Metric     string            `json:"metric"`
	Value      string            `json:"value"`
	Default    *float64          `json:"default,omitempty"`
	Unit       string            `json:"unit,omitempty"`
	Dimensions map[string]string `json:"dimensions,omitempty"`
}

// Parts returns the filter once for each metric that it writes.
func (f MetricFilter) Parts() []MetricFilter {
	first := f
	first.Also = nil
	parts := []MetricFilter{first}
	for _, t := range f.Also {
		part := first
		part.Namespace, part.Metric, part.Value, part.Default, part.Unit, part.Dimensions = t.Namespace, t.Metric, t.Value, t.Default, t.Unit, t.Dimensions
		parts = append(parts, part)
	}
	return parts
}

// A Transformer rewrites the events of a log group before they are searched.
// What it does to them is not kept.
type Transformer struct {
	LogGroup string `json:"logGroup"`
}

// CloudTrailTelemetry is the Resource of telemetry rules for CloudTrail.
const CloudTrailTelemetry = "AWS::CloudTrail"

// A TelemetryRule makes AWS deliver the telemetry of a kind of resource to
// CloudWatch Logs.
type TelemetryRule struct {
	ARN      string `json:"arn"`
	Name     string `json:"name"`
	Resource string `json:"resource"` // its type: AWS::CloudTrail, AWS::EC2::VPC, ...
}

// A Topic is an SNS topic that was asked about; Attributes with a nil Value
// says that it does not exist.
type Topic struct {
	ARN           string                   `json:"arn"`
	Attributes    *Read[*TopicAttributes]  `json:"attributes,omitempty"`
	Subscriptions *Read[[]Subscription]    `json:"subscriptions,omitempty"`
	Tags          *Read[map[string]string] `json:"tags,omitempty"` // plan and apply only, our own names only
}

// TopicAttributes are the attributes of a topic that decide delivery.
type TopicAttributes struct {
	Owner  string `json:"owner,omitempty"`
	Policy string `json:"policy,omitempty"` // JSON document
	KeyID  string `json:"keyId,omitempty"`  // KmsMasterKeyId; "" is unencrypted
	FIFO   bool   `json:"fifo,omitempty"`
}

// Subscription states.
const (
	Confirmed = "confirmed"
	Pending   = "pending"
	Deleted   = "deleted"
)

// A Subscription is one subscriber of a topic. Its endpoint is not kept.
type Subscription struct {
	ARN          string `json:"arn,omitempty"` // "" unless confirmed
	State        string `json:"state"`         // Confirmed, Pending, Deleted
	Protocol     string `json:"protocol"`
	Endpoint     string `json:"endpoint"`     // masked: "s***@example.com"
	EndpointHash string `json:"endpointHash"` // see HashEndpoint

	// Details are read for confirmed subscriptions, those of people first, until one
	// is found whom no filter policy keeps from messages; the others are nil.
	Details *Read[SubscriptionDetails] `json:"details,omitempty"`
}

// Machine reports whether no person is behind the endpoint itself.
func (s Subscription) Machine() bool {
	return s.Protocol == "sqs" || s.Protocol == "lambda" || s.Protocol == "firehose"
}

// Unfiltered reports whether a subscription is known to get every message.
func (s Subscription) Unfiltered() bool {
	d, ok := s.Details.Got()
	return s.State == Confirmed && ok && d.FilterPolicy == ""
}

// SubscriptionDetails is what GetSubscriptionAttributes adds.
type SubscriptionDetails struct {
	FilterPolicy      string `json:"filterPolicy,omitempty"`      // JSON document
	FilterPolicyScope string `json:"filterPolicyScope,omitempty"` // MessageAttributes (also ""), MessageBody

	// Authenticated is ConfirmationWasAuthenticated, "true" or "false": whether ending the
	// subscription takes a sign-in. "" when that was not read.
	Authenticated string `json:"authenticated,omitempty"`
}

// OpenToUnsubscribe reports whether anyone who sees one of the messages can end the
// subscription by the link in it.
func (d SubscriptionDetails) OpenToUnsubscribe(protocol string) bool {
	return d.Authenticated == "false" && (protocol == "email" || protocol == "email-json")
}

// A Key is a KMS key that was asked about; Metadata with a nil Value says that
// it does not exist.
type Key struct {
	Metadata *Read[*KeyMetadata] `json:"metadata,omitempty"`
	Policy   *Read[string]       `json:"policy,omitempty"` // JSON document
}

// KeyMetadata is what DescribeKey says of a key.
type KeyMetadata struct {
	ARN     string `json:"arn"`
	Manager string `json:"manager"` // AWS, CUSTOMER
	State   string `json:"state"`   // Enabled, Disabled, PendingDeletion, ...
}

package account

// DefaultBus is the name of the bus that an account has in every region, and the
// only one that CloudTrail puts events on.
const DefaultBus = "default"

// The states of rules that take events (RuleState of the EventBridge API).
const (
	RuleEnabled  = "ENABLED"
	RuleReadsToo = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
	RuleDisabled = "DISABLED"
)

// A Rule is an EventBridge rule.
type Rule struct {
	Name      string `json:"name"`
	ARN       string `json:"arn"`
	Pattern   string `json:"pattern,omitempty"`  // "" for a rule with a schedule only
	Schedule  string `json:"schedule,omitempty"` // a schedule brings no events of CloudTrail
	State     string `json:"state"`              // one of the Rule constants
	ManagedBy string `json:"managedBy,omitempty"`

	Description string `json:"description,omitempty"`
	RoleARN     string `json:"roleArn,omitempty"` // of the rule itself; its targets have their own

	// Targets are sorted by id. Nil where the rule takes no event that was asked
	// about: then nobody asked.
	Targets *Read[[]Target] `json:"targets,omitempty"`
}

// A Target is where a rule sends what it takes.
type Target struct {
	ID      string  `json:"id"`
	ARN     string  `json:"arn"`
	RoleARN string  `json:"roleArn,omitempty"`
	Message Message `json:"message"`

	// DeadLetter is the ARN of the queue for what cannot be delivered: "" for none, nil
	// where it was not read.
	DeadLetter *string `json:"deadLetterArn,omitempty"`
}

// The forms in which a target gets an event.
const (
	WholeEvent  = "event"    // nothing is set
	Constant    = "constant" // Input: nothing of the event
	PartOfEvent = "path"     // InputPath
	Template    = "template" // InputTransformer
)

// A Message says what a target gets of an event. The texts themselves, which may
// hold secrets, are not kept.
type Message struct {
	Form string `json:"form"`

	// Paths are the JSON paths that are looked up: the only one of InputPath under
	// "", those of a template by name.
	Paths map[string]string `json:"paths,omitempty"`

	// Placeholders are the names that a template uses, sorted, each once.
	Placeholders []string `json:"placeholders,omitempty"`

	// Schema is what the text is made for: SchemaChat, SchemaAlarm, or "".
	Schema string `json:"schema,omitempty"`

	// Digest is the SHA-256 of the text and its paths, in hexadecimal: by it a text
	// that someone edited is known. "" unless the rule has one of our names.
	Digest string `json:"digest,omitempty"`
}

// The schemas of messages that receivers ask for.
const (
	SchemaChat  = "chat"  // a custom notification of Amazon Q Developer in chat applications
	SchemaAlarm = "alarm" // the message of a CloudWatch alarm, by its NewStateValue
)

// A Bus is an event bus that was asked about; Description with a nil Value says
// that it does not exist.
type Bus struct {
	ARN         string                 `json:"arn"`
	Description *Read[*BusDescription] `json:"description,omitempty"`

	// Rules are sorted by name. Those of the default bus stand in Region.Rules.
	Rules *Read[[]Rule] `json:"rules,omitempty"`
}

// A BusDescription is what DescribeEventBus says of a bus.
type BusDescription struct {
	Policy string `json:"policy,omitempty"` // JSON document
	KeyID  string `json:"keyId,omitempty"`  // of a customer's key; "" for AWS's own
}

// An APIDestination is an HTTP endpoint that rules call. Its URL is a secret for
// many receivers and is not kept.
type APIDestination struct {
	ARN           string `json:"arn"`
	Name          string `json:"name"`
	State         string `json:"state"`    // ACTIVE, INACTIVE
	Endpoint      string `json:"endpoint"` // masked: "https://events.pagerduty.com/***"
	EndpointHash  string `json:"endpointHash"`
	ConnectionARN string `json:"connectionArn"`
	Description   string `json:"description,omitempty"`
}

// A Connection is what an API destination signs in with. Its secrets are not
// read.
type Connection struct {
	ARN         string `json:"arn"`
	Name        string `json:"name,omitempty"`
	State       string `json:"state"`          // AUTHORIZED, DEAUTHORIZED, ...
	Auth        string `json:"auth,omitempty"` // BASIC, API_KEY, OAUTH_CLIENT_CREDENTIALS
	Description string `json:"description,omitempty"`
}

// A Role is an IAM role that a target names; Trust with a nil Value says that it
// does not exist.
type Role struct {
	Trust  *Read[*string]           `json:"trust,omitempty"`  // JSON document
	Inline map[string]*Read[string] `json:"inline,omitempty"` // JSON documents by name

	// Policies are the names of the inline policies, Attached the ARNs of the
	// attached ones, whose documents are not read.
	Policies *Read[[]string] `json:"policies,omitempty"`
	Attached *Read[[]string] `json:"attached,omitempty"`

	// Tags are read for plan, apply and destroy only, of the role with our name.
	Tags *Read[map[string]string] `json:"tags,omitempty"`
}

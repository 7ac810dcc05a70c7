package action

import (
	"context"
	"errors"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
)

// Calls are the calls that actions make. Errors name the operation. A read of
// what is not there fails with an error that is ErrNotThere; a write that failed
// with a *WriteError.
type Calls interface {
	// Filters lists the metric filters of a log group whose names begin with
	// prefix.
	Filters(ctx context.Context, region, group, prefix string) ([]account.MetricFilter, error)
	// Alarms lists the alarms of these names, all kinds of them.
	Alarms(ctx context.Context, region string, names ...string) (account.Alarms, error)
	// AlarmTags returns the tags of an alarm, never nil without an error.
	AlarmTags(ctx context.Context, region, arn string) (map[string]string, error)
	// TopicAttributes returns a topic's attributes by the names that SNS gives
	// them.
	TopicAttributes(ctx context.Context, region, arn string) (map[string]string, error)
	TopicTags(ctx context.Context, region, arn string) (map[string]string, error)
	// Subscribers lists the subscribers of a topic, with endpoints hashed with
	// salt.
	Subscribers(ctx context.Context, region, arn, salt string) ([]account.Subscription, error)

	// Rules lists the rules of the default bus whose names begin with prefix, by
	// name.
	Rules(ctx context.Context, region, prefix string) ([]account.Rule, error)
	// RuleTags returns the tags of a rule, never nil without an error.
	RuleTags(ctx context.Context, region, arn string) (map[string]string, error)
	// Targets lists the targets of a rule of the default bus, by id.
	Targets(ctx context.Context, region, rule string) ([]account.WholeTarget, error)
	// BusPolicy returns the policy of the default bus, "" for none.
	BusPolicy(ctx context.Context, region string) (string, error)
	// Role reads a role by name, with its tags. What could not be read is said in
	// its place.
	Role(ctx context.Context, name string) (*account.Role, error)

	// Destination reads an API destination by name, its URL masked and hashed with
	// salt; Connection a connection.
	Destination(ctx context.Context, region, name, salt string) (*account.APIDestination, error)
	Connection(ctx context.Context, region, name string) (*account.Connection, error)

	// Chats lists the chat configurations of the account.
	Chats(ctx context.Context) ([]account.ChatConfiguration, error)

	// TestPattern lets AWS parse a filter pattern. The error is a
	// *PatternError when AWS refuses the pattern, another one when the call
	// could not be made.
	TestPattern(ctx context.Context, region, pattern string) error

	PutFilter(ctx context.Context, region string, f account.MetricFilter) error
	DeleteFilter(ctx context.Context, region, group, name string) error

	// PutAlarm writes an alarm; tags count for one that is new.
	PutAlarm(ctx context.Context, region string, a account.MetricAlarm, tags map[string]string) error
	TagAlarm(ctx context.Context, region, arn string, tags map[string]string) error
	UntagAlarm(ctx context.Context, region, arn string, keys []string) error
	DeleteAlarm(ctx context.Context, region, name string) error

	// CreateTopic returns the ARN of the topic. The error is ErrTaken when there
	// is one of that name with other tags or attributes.
	CreateTopic(ctx context.Context, region, name, keyID string, tags map[string]string) (string, error)
	SetTopicPolicy(ctx context.Context, region, arn, policy string) error
	DeleteTopic(ctx context.Context, region, arn string) error
	// Subscribe returns the ARN of the subscription.
	Subscribe(ctx context.Context, region, topic, protocol, endpoint string) (string, error)
	Unsubscribe(ctx context.Context, region, arn string) error

	// TestEventPattern lets AWS parse an event pattern; errors as those of
	// TestPattern.
	TestEventPattern(ctx context.Context, region, pattern string) error

	// PutRule writes a rule of the default bus; tags count for one that is new.
	PutRule(ctx context.Context, region string, r account.Rule, tags map[string]string) error
	DeleteRule(ctx context.Context, region, name string) error
	// PutTarget and RemoveTarget fail when AWS refuses the target in a reply of
	// status 200.
	PutTarget(ctx context.Context, region, rule string, t account.WholeTarget) error
	RemoveTarget(ctx context.Context, region, rule, id string) error

	// PutPermission lets the accounts of an organization put events on the default bus, by
	// the statement of an id; RemovePermission removes a statement.
	PutPermission(ctx context.Context, region, sid, organization string) error
	RemovePermission(ctx context.Context, region, sid string) error

	// CreateConnection and CreateDestination return the ARN of what they make. The
	// error is ErrTaken when there is one of that name.
	CreateConnection(ctx context.Context, region string, d desired.Destination) (string, error)
	CreateDestination(ctx context.Context, region string, d desired.Destination, connection string) (string, error)
	DeleteConnection(ctx context.Context, region, name string) error
	DeleteDestination(ctx context.Context, region, name string) error

	// CreateChat fails with ErrTaken when there is a configuration of that name.
	CreateChat(ctx context.Context, c desired.Chat, topics []string, tags map[string]string) error
	UpdateChat(ctx context.Context, c desired.Chat, topics []string) error
	DeleteChat(ctx context.Context, c desired.Chat) error

	// CreateRole makes a role. The error is ErrTaken when there is one of that
	// name.
	CreateRole(ctx context.Context, name, trust, description string, tags map[string]string) error
	PutRolePolicy(ctx context.Context, role, name, document string) error
	DeleteRolePolicy(ctx context.Context, role, name string) error
	DeleteRole(ctx context.Context, name string) error

	TrailCalls
}

// What a failed call may be, to be asked with errors.Is.
var (
	ErrNotThere = errors.New("it does not exist")
	ErrTaken    = errors.New("another one has that name")
	ErrNotYet   = errors.New("what it needs has not arrived there yet") // try again
	ErrNotEmpty = errors.New("it is not empty")
)

// A PatternError is AWS's refusal of a pattern.
type PatternError struct{ Err error }

func (e *PatternError) Error() string { return e.Err.Error() }

// Unwrap returns the failed call.
func (e *PatternError) Unwrap() error { return e.Err }

// A WriteError is a write that failed.
type WriteError struct {
	Err error // names the call

	// Before names what the same action had written already; may be empty.
	Before string

	// Uncertain is true when an attempt got no answer, or the server's own
	// failure: the write may have taken effect. Running the plan again finds
	// out.
	Uncertain bool
}

func (e *WriteError) Error() string {
	text := e.Err.Error()
	if e.Uncertain {
		text += "; whether it took effect is not known"
	}
	if e.Before != "" {
		text = e.Before + ", but " + text
	}
	return text
}

// Unwrap returns the failed call.
func (e *WriteError) Unwrap() error { return e.Err }

// A ChangedError says that something is not as it was when the plan was made.
type ChangedError struct {
	Resource string // in words: `alarm "X"`
	Change   string // what is different, in words
}

func (e *ChangedError) Error() string {
	return e.Resource + " " + e.Change + " since the plan was made"
}

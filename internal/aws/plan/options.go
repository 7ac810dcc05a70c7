package plan

import (
	"fmt"
	"maps"
	"regexp"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// Options are the wishes that a plan must meet.
type Options struct {
	Audit audit.Options

	// Transport is what must carry the events: audit.MetricTransport,
	// audit.RuleTransport, or BothTransports for each of them. With "" the transport
	// of Audit decides, and what any carries needs no repair, which is made in the
	// form of metrics.
	Transport string

	// PerRegion makes rules and topics in every region instead of forwarding all
	// events to one.
	PerRegion bool

	// RoleARN is an existing role for forwarders; "" makes our own.
	RoleARN string

	// CentralBus is the ARN of the event bus that gets the events of an organization's
	// accounts; "" for none. In the account of that bus, whose default bus it must be, rules
	// stand in its region and its policy admits the organization; in any other account
	// forwarders of every region send events there, and nobody is notified from it.
	CentralBus string

	// Region is the home region of the trail to use; "" leaves the choice to
	// the plan.
	Region string

	// Scope are the regions that the account was read and judged for; empty for all. It
	// is kept for a saved plan, which is made again from the same.
	Scope []string

	// TopicARN is an existing topic for our alarms; "" makes our own, named
	// TopicName (desired.DefaultTopicName when empty).
	TopicARN  string
	TopicName string

	// Subscribers are added to the topics that lack one.
	Subscribers []Subscriber

	// Routes say who is notified of single controls, or of those of a severity.
	Routes []Route

	// Complete adds supplements for the blind spots.
	Complete bool

	// HeartbeatHours is how many hours without events the heartbeat waits for, an alarm
	// on the silence of the log group; 0 makes none.
	HeartbeatHours int
	// Satisfy adds filters that other auditors want.
	Satisfy desired.Satisfy

	// Namespace is that of our metrics; desired.DefaultNamespace when empty.
	Namespace string

	// NamePrefix goes before the names of filters, metrics and alarms.
	NamePrefix string

	// Replace names objects that stand in the way or were edited, and are to be
	// replaced by ours.
	Replace []string

	// ExtendTopicPolicy adds a statement to the policy of a topic that CloudWatch
	// cannot publish to.
	ExtendTopicPolicy bool

	// KeyARN is the KMS key of our topic; "" leaves it unencrypted.
	KeyARN string

	// Bootstrap asks for a trail where none carries the events; nil for none.
	Bootstrap *Bootstrap

	// AssumeOurs takes what stands under our names for ours where its tags were not
	// read. It is for advice only: a plan that is carried out must know.
	AssumeOurs bool

	// Repair writes a list as code, for advice: what the plan that is proposed would do. nil
	// leaves it out of the findings.
	Repair func(desired.List) (finding.Repair, error)

	// Tags are added to alarms and topics besides desired.ManagedTag.
	Tags map[string]string
}

// tags returns the tags of what the plan creates.
func (o *Options) tags() map[string]string {
	t := map[string]string{}
	maps.Copy(t, o.Tags)
	t[desired.ManagedTag] = "true"
	return t
}

// names are the wishes that decide what our objects are called.
func (o *Options) names() desired.Names {
	return desired.Names{Namespace: o.Namespace, Prefix: o.NamePrefix, Topic: o.TopicName}
}

// CheckNames says what is wrong with the names and tags that a plan would use,
// before anything is read (the name rules of SNS, CloudWatch and Logs).
func CheckNames(o Options) error {
	if err := o.checkTransport(); err != nil {
		return err
	}
	if o.HeartbeatHours < 0 || o.HeartbeatHours > desired.MaxHeartbeatHours {
		return fmt.Errorf("heartbeat of %d hours: must be 1 to %d", o.HeartbeatHours, desired.MaxHeartbeatHours)
	}
	if err := o.Bootstrap.check(); err != nil {
		return err
	}
	if strings.HasSuffix(o.names().TopicName(), ".fifo") {
		return fmt.Errorf("topic name %q: alarms cannot publish to FIFO topics, which require a message group", o.names().TopicName())
	}
	if name := o.names().TopicName(); len(name) > 256 || !topicNames.MatchString(name) {
		return fmt.Errorf("topic name %q: only letters, digits, - and _ are allowed, at most 256", name)
	}
	if len(o.NamePrefix) > 100 || !prefixes.MatchString(o.NamePrefix) {
		return fmt.Errorf("name prefix %q: only letters, digits and . _ - / # are allowed, at most 100", o.NamePrefix)
	}
	for key, value := range o.Tags {
		if strings.HasPrefix(strings.ToLower(key), "aws:") || key == desired.ManagedTag {
			return fmt.Errorf("tag %q is reserved", key)
		}
		if len(key) > 128 || len(value) > 256 {
			return fmt.Errorf("tag %q: a key has at most 128 characters, a value at most 256", key)
		}
	}
	return nil
}

// Lengths are checked apart: {1,256} would be compiled into 256 steps at every
// start of the program.
var (
	topicNames = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	prefixes   = regexp.MustCompile(`^[A-Za-z0-9._/#-]*$`)

	rulePrefixes = regexp.MustCompile(`^[A-Za-z0-9._-]*$`) // PutRule
)

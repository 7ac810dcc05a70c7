package drill

import (
	"context"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// Calls are the calls that a drill makes. Their errors name the call and AWS's reason.
type Calls interface {
	// TestFilter calls logs:TestMetricFilter, and returns the places of the messages that
	// match, from 0. The error is a *PatternError when AWS refuses the pattern.
	TestFilter(ctx context.Context, region, pattern string, messages []string) ([]int, error)

	// Alarms calls cloudwatch:DescribeAlarms for alarms of these names, of any kind.
	Alarms(ctx context.Context, region string, names ...string) (account.Alarms, error)

	// SetAlarm puts an alarm into ALARM (cloudwatch:SetAlarmState); data is JSON.
	SetAlarm(ctx context.Context, region, name, reason, data string) error

	// History calls cloudwatch:DescribeAlarmHistory for the newest changes of state and
	// actions of an alarm, the oldest of them first.
	History(ctx context.Context, region, name string) ([]Item, error)

	// Deliveries sums up what SNS counted of topics, by name, from a time on
	// (cloudwatch:GetMetricData); a topic without datapoints is not in the answer.
	Deliveries(ctx context.Context, region string, topics []string, from, to time.Time) (map[string]Delivery, error)
}

// A PatternError is AWS's refusal of a pattern.
type PatternError struct{ Err error }

func (e *PatternError) Error() string { return e.Err.Error() }

// Unwrap returns the failed call.
func (e *PatternError) Unwrap() error { return e.Err }

// An Item is an entry of an alarm's history.
type Item struct {
	At      time.Time            // UTC
	Summary string               // AWS's words
	Data    string               // JSON, whose members AWS does not document
	Action  *account.AlarmAction // what became of an action; nil for a change of state
}

// A Delivery is what SNS counted of a topic: messages to subscribers that took them, and
// those that did not. Whether e-mail is counted is not documented.
type Delivery struct {
	Delivered float64 `json:"delivered"`
	Failed    float64 `json:"failed"`
}

package apply

import (
	"errors"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/journal"
)

// record makes a write. Its intent is in the journal before the call is made,
// its result behind it; call returns the ARN of what it made, if that has one. A
// failed call is a *WriteError.
func (r *runner) record(e journal.Entry, operation string, call func() (arn string, err error)) error {
	n, err := r.intend(e)
	if err != nil {
		return err
	}
	arn, err := call()
	if err == nil {
		return r.conclude(n, journal.Done, arn, nil)
	}
	failed := failedWrite(operation, err)
	result := journal.Failed
	if failed.Uncertain {
		result = journal.Uncertain
	}
	return r.conclude(n, result, "", failed)
}

func (r *runner) intend(e journal.Entry) (int, error) {
	if r.journal == nil {
		return 0, nil
	}
	return r.journal.Begin(e)
}

// conclude records the result of one write; a journal that cannot be written ends
// the run, because what follows could not be undone.
func (r *runner) conclude(n int, result journal.Result, arn string, failed *WriteError) error {
	var err error
	text := ""
	if failed != nil {
		err, text = failed, failed.Error()
	}
	if r.journal == nil {
		return err
	}
	if e := r.journal.End(n, result, arn, text); e != nil {
		if err == nil {
			return fmt.Errorf("it was written, but %w", e)
		}
		return errors.Join(err, e)
	}
	return err
}

// salt is that of the journal's endpoint hashes, "" without a journal.
func (r *runner) salt() string {
	if r.journal == nil {
		return ""
	}
	return r.journal.Salt()
}

func filterObject(region string, f account.MetricFilter) journal.Object {
	return journal.Object{Kind: journal.Filter, Region: region, LogGroup: f.LogGroup, Name: f.Name}
}

func alarmObject(region string, a account.MetricAlarm) journal.Object {
	return journal.Object{Kind: journal.Alarm, Region: region, Name: a.Name}
}

func topicObject(region, arn string) journal.Object {
	return journal.Object{Kind: journal.TopicKind, Region: region, Name: arn}
}

func subscriptionObject(salt, region, topic, protocol, endpoint string) journal.Object {
	return journal.Object{
		Kind: journal.Subscriber, Region: region, Name: topic, Endpoint: protocol + " " + account.HashEndpoint(salt, protocol, endpoint),
	}
}

// alarmState is an alarm in the journal; nil tags are not part of it.
func alarmState(a account.MetricAlarm, tags map[string]string) *journal.State {
	settings := a.Settings()
	s := &journal.State{Alarm: &settings}
	if tags != nil {
		s.Tags = &tags
	}
	return s
}

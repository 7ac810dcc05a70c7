package apply

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/change"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/awstest"
)

// TestRun carries a whole plan out and reads back every field.
func TestRun(t *testing.T) {
	l := newLab(t)
	var started []string
	var done []change.Action
	result, err := l.run(thePlan(), Options{
		OnStart: func(place, total int, a action.Action) {
			if place != len(started)+1 || total != 6 {
				t.Errorf("action %d of %d was announced as the %d. of %d", len(started)+1, 6, place, total)
			}
			started = append(started, names([]change.Action{a})...)
		},
		OnDone: func(o action.Outcome) { done = append(done, o.Action) },
	})
	l.must(err)
	want := []string{"topic", "subscribe", "filter A", "filter B", "alarm AAlarm", "alarm BAlarm"}
	diff(t, "announced", started, want)
	diff(t, "reported", names(done), want)
	diff(t, "writes", l.writes(), allWrites)
	for i, o := range result.Done {
		if !o.Written || o.Pending != (want[i] == "subscribe") {
			t.Errorf("%s: %+v", want[i], o)
		}
	}
	if !strings.HasPrefix(result.Done[1].ARN, topicARN+":") || result.Done[0].ARN != topicARN || len(result.Skipped) != 0 {
		t.Errorf("result: %+v", result)
	}

	r := l.snapshot().Accounts[0].Region(region)
	diff(t, "filters", r.MetricFilters.Value, []account.MetricFilter{filterOf("A").Filter, filterOf("B").Filter})
	for i, name := range []string{"A", "B"} {
		got := r.Alarms.Value.Metric[i]
		if got.State != "INSUFFICIENT_DATA" {
			t.Errorf("state of a new alarm: %s", got.State)
		}
		got.State, got.StateReason, got.TransitionAt, got.UpdatedAt = "", "", nil, nil
		diff(t, "alarm", got, alarmOf(name).Alarm)
		diff(t, "tags of the alarm", r.AlarmTags[got.Name].Value, tags())
	}
	topic := r.Topics[topicARN]
	diff(t, "policy", topic.Attributes.Value.Policy, theTopic().Policy)
	diff(t, "tags of the topic", topic.Tags.Value, tags())
	subs, _ := topic.Subscriptions.Got()
	if len(subs) != 1 || subs[0].State != account.Pending || subs[0].EndpointHash != account.HashEndpoint("5a17", "email", "someone@example.com") {
		t.Errorf("subscribers: %+v", subs)
	}
}

// The same plan again changes nothing.
func TestRunTwice(t *testing.T) {
	l := newLab(t)
	_, err := l.run(thePlan(), Options{})
	l.must(err)
	want := l.snapshot()
	l.cloud.ResetCalls()
	result, err := l.run(thePlan(), Options{})
	l.must(err)
	// SNS itself answers a second Subscribe with the first subscription.
	diff(t, "writes", l.writes(), []string{"sns:Subscribe"})
	for _, o := range result.Done {
		if _, again := o.Action.(action.Subscribe); o.Written != again {
			t.Errorf("%s: written %v", o.Action, o.Written)
		}
	}
	diff(t, "account", l.snapshot(), want)
}

// TestEveryWriteFails lets each write fail in turn: the error says which and how
// far the run came, nothing behind it is tried, and the next run finishes the
// job to the very same account.
func TestEveryWriteFails(t *testing.T) {
	l := newLab(t)
	_, err := l.run(thePlan(), Options{})
	l.must(err)
	want := plain(l.snapshot())
	all := names(thePlan().Actions)

	tests := []struct {
		operation string
		after     int // calls that go well before
		done      int // actions
		text      string
	}{
		{"sns:CreateTopic", 0, 0, "create topic monitorctl-alerts (eu-central-1): sns:CreateTopic: AuthorizationError: denied by a fault of awstest (0 of 6 actions done)"},
		{"sns:SetTopicAttributes", 0, 0, "create topic monitorctl-alerts (eu-central-1): the topic was created, but sns:SetTopicAttributes: AuthorizationError: denied by a fault of awstest (0 of 6 actions done)"},
		{"sns:Subscribe", 0, 1, "sns:Subscribe: AuthorizationError: denied by a fault of awstest (1 of 6 actions done)"},
		{"logs:PutMetricFilter", 0, 2, "logs:PutMetricFilter: AccessDeniedException: denied by a fault of awstest (2 of 6 actions done)"},
		{"logs:PutMetricFilter", 1, 3, "(3 of 6 actions done)"},
		{"cloudwatch:PutMetricAlarm", 0, 4, "cloudwatch:PutMetricAlarm: AccessDenied: denied by a fault of awstest (4 of 6 actions done)"},
		{"cloudwatch:PutMetricAlarm", 1, 5, "(5 of 6 actions done)"},
	}
	for _, tt := range tests {
		t.Run(tt.operation, func(t *testing.T) {
			l := newLab(t)
			l.cloud.Fault(awstest.Fault{Operation: tt.operation, Kind: awstest.Denied, After: tt.after})
			result, err := l.run(thePlan(), Options{})
			var e *change.StoppedError
			if !errors.As(err, &e) {
				t.Fatalf("error is %v, want a *change.StoppedError", err)
			}
			if !strings.HasSuffix(e.Error(), tt.text) || strings.Contains(e.Error(), "\n") {
				t.Errorf("got  %v\nwant ...%s", e, tt.text)
			}
			diff(t, "done", strings.Join(names(e.Done), ", "), strings.Join(all[:tt.done], ", "))
			diff(t, "left", names(e.Left), all[tt.done:])
			diff(t, "failed", names([]change.Action{e.Action}), all[tt.done:tt.done+1])
			if len(result.Done) != tt.done {
				t.Errorf("result has %d outcomes, want %d", len(result.Done), tt.done)
			}
			failed := l.writes()[len(l.writes())-1]
			if !strings.HasPrefix(failed, tt.operation+" ") {
				t.Errorf("after the failed %s came %s", tt.operation, failed)
			}

			l.cloud.ClearFaults()
			_, err = l.run(thePlan(), Options{})
			l.must(err)
			diff(t, "account after the next run", plain(l.snapshot()), want)
		})
	}
}

// TestWritesSurviveFaults lets each write fail twice, also such that it took
// effect and only the answer was lost.
func TestWritesSurviveFaults(t *testing.T) {
	clean := newLab(t)
	_, err := clean.run(thePlan(), Options{})
	clean.must(err)
	want := plain(clean.snapshot())
	faults := map[string]awstest.Fault{
		"throttled":       {Kind: awstest.Throttle},
		"500":             {Kind: awstest.ServerError},
		"503 too late":    {Kind: awstest.Unavailable, Applied: true},
		"page too late":   {Kind: awstest.HTMLError, Applied: true},
		"reset midway":    {Kind: awstest.Reset},
		"cut in the half": {Kind: awstest.Truncate},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			for _, operation := range slices.Compact(slices.Clone(allWrites)) {
				fault.Operation, fault.Times = operation, 2
				l.cloud.Fault(fault)
			}
			_, err := l.run(thePlan(), Options{})
			l.must(err)
			diff(t, "account", plain(l.snapshot()), want)
		})
	}
}

// Another run of ours changes the same log group: AWS asks to try again.
func TestConcurrentChangeIsRepeated(t *testing.T) {
	l := newLab(t)
	l.cloud.Fault(awstest.Fault{Operation: "logs:PutMetricFilter", Kind: awstest.ErrorCode, Code: "OperationAbortedException", Times: 2})
	_, err := l.run(change.Plan{Actions: []change.Action{filterOf("A")}}, Options{})
	l.must(err)
}

// A full quota is no throttling: it is asked once.
func TestLimitExceededIsNotRepeated(t *testing.T) {
	l := newLab(t)
	l.cloud.Fault(awstest.Fault{Operation: "logs:PutMetricFilter", Kind: awstest.ErrorCode, Code: "LimitExceededException"})
	_, err := l.run(change.Plan{Actions: []change.Action{filterOf("A")}}, Options{})
	if err == nil || !strings.Contains(err.Error(), "LimitExceededException") {
		t.Errorf("got %v", err)
	}
	diff(t, "writes", l.writes(), []string{"logs:PutMetricFilter LimitExceededException"})
}

// What got no answer may have happened, and the error says so.
func TestLostAnswer(t *testing.T) {
	l := newLab(t)
	l.cloud.Fault(awstest.Fault{Operation: "cloudwatch:PutMetricAlarm", Kind: awstest.Reset})
	_, err := l.run(thePlan(), Options{})
	var w *action.WriteError
	if !errors.As(err, &w) || !w.Uncertain || !strings.Contains(err.Error(), "; whether it took effect is not known (4 of 6 actions done)") {
		t.Errorf("got %v", err)
	}
	l.cloud.ClearFaults()
	result, err := l.run(thePlan(), Options{})
	l.must(err)
	if result.Done[4].Written || !result.Done[5].Written {
		t.Errorf("the alarm that was there already: written %v, the other: %v", result.Done[4].Written, result.Done[5].Written)
	}
}

// TestCancelled ends the context at every point at which the run can notice: no
// write begins after that, and what is reported as done is done.
func TestCancelled(t *testing.T) {
	cause := errors.New("enough")
	all := names(thePlan().Actions)

	for n := range all { // after n actions
		l := newLab(t)
		ctx, cancel := context.WithCancelCause(context.Background())
		made := 0
		o := Options{OnDone: func(action.Outcome) {
			if made++; made == n {
				cancel(cause)
			}
		}}
		if n == 0 {
			cancel(cause)
		}
		_, err := Run(ctx, l.session(), thePlan(), o)
		var e *change.StoppedError
		if !errors.As(err, &e) || !errors.Is(err, cause) || e.Action != nil {
			t.Fatalf("after %d actions: %v", n, err)
		}
		diff(t, "done", strings.Join(names(e.Done), ", "), strings.Join(all[:n], ", "))
		diff(t, "left", names(e.Left), all[n:])
		cancel(nil)
	}

	// During the fresh read before a write: the write is not started.
	for _, operation := range []string{"sns:GetTopicAttributes", "logs:DescribeMetricFilters", "cloudwatch:DescribeAlarms"} {
		l := newLab(t)
		ctx, cancel := context.WithCancelCause(context.Background())
		seen := 0
		l.conf.Observe = func(c collect.Call) {
			if c.Operation == operation {
				if seen++; seen == 2 { // the first is the check before all writes
					cancel(cause)
				}
			}
		}
		_, err := Run(ctx, l.session(), thePlan(), Options{})
		var e *change.StoppedError
		if !errors.As(err, &e) || !errors.Is(err, cause) {
			t.Fatalf("cancelled in %s: %v", operation, err)
		}
		if n := len(e.Done); n+len(e.Left) != len(all) || len(l.snapshotNames()) != n {
			t.Errorf("cancelled in %s: %d actions reported, account has %v", operation, n, l.snapshotNames())
		}
		cancel(nil)
	}
}

// snapshotNames lists what of thePlan the account has.
func (l *lab) snapshotNames() []string {
	l.t.Helper()
	r := l.snapshot().Accounts[0].Region(region)
	var list []string
	if t := r.Topics[topicARN]; t.Attributes.Value != nil {
		list = append(list, "topic")
		if len(t.Subscriptions.Value) > 0 {
			list = append(list, "subscribe")
		}
	}
	for _, f := range r.MetricFilters.Value {
		list = append(list, "filter "+f.Name)
	}
	for _, a := range r.Alarms.Value.Metric {
		list = append(list, "alarm "+a.Name)
	}
	return list
}

// A write that is under way when the run is told to stop is finished.
func TestWriteUnderWayIsFinished(t *testing.T) {
	l := newLab(t)
	ctx, cancel := context.WithCancel(context.Background())
	l.conf.Observe = func(c collect.Call) {
		if c.Operation == "sns:CreateTopic" { // half of the first action
			cancel()
		}
	}
	_, err := Run(ctx, l.session(), thePlan(), Options{})
	var e *change.StoppedError
	if !errors.As(err, &e) || !errors.Is(err, context.Canceled) || len(e.Done) != 1 {
		t.Errorf("got %v", err)
	}
	diff(t, "writes", l.writes(), []string{"sns:CreateTopic", "sns:SetTopicAttributes"})

	// A write that fails at that moment is still reported as what failed.
	l = newLab(t)
	l.cloud.Fault(awstest.Fault{Operation: "sns:SetTopicAttributes", Kind: awstest.Denied})
	ctx, cancel = context.WithCancel(context.Background())
	l.conf.Observe = func(c collect.Call) {
		if c.Operation == "sns:CreateTopic" {
			cancel()
		}
	}
	_, err = Run(ctx, l.session(), thePlan(), Options{})
	if !errors.As(err, &e) || e.Action == nil || !strings.Contains(err.Error(), "the topic was created, but sns:SetTopicAttributes: AuthorizationError") {
		t.Errorf("got %v", err)
	}
}

// A pattern that AWS cannot be asked about is written all the same, and the
// result says that the check was left out.
func TestCheckOfPatternsMayBeMissing(t *testing.T) {
	for name, fault := range map[string]awstest.Fault{
		"AccessDeniedException": {Kind: awstest.Denied},
		collect.CodeEmulatorGap: {Kind: awstest.HTMLError},
	} {
		l := newLab(t)
		fault.Operation = "logs:TestMetricFilter"
		l.cloud.Fault(fault)
		result, err := l.run(thePlan(), Options{})
		l.must(err)
		if len(result.Skipped) != 1 || result.Skipped[0].Operation != "logs:TestMetricFilter" || result.Skipped[0].Code != name {
			t.Errorf("skipped: %+v, want %s", result.Skipped, name)
		}
	}
}

package subscribers

import (
	"context"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/patterns"
)

const (
	topic    = "arn:aws:sns:eu-central-1:111122223333:security"
	function = "arn:aws:lambda:eu-central-1:111122223333:function:to-slack"
)

// baseline is the account of the judged situations, in which one person is alerted of the
// four core controls.
func baseline(t *testing.T) account.Snapshot {
	t.Helper()
	f, err := os.Open("../../../testdata/judging/baseline.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	snap, err := account.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

func listed(t *testing.T, snap account.Snapshot, declared []finding.Declared, since map[Key]time.Time) List {
	t.Helper()
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	controls, err := cat.Select(nil, "core", catalog.DefaultBenchmark)
	if err != nil {
		t.Fatal(err)
	}
	r, err := audit.Run(context.Background(), snap, controls, audit.Options{Benchmark: catalog.DefaultBenchmark, Now: snap.TakenAt, Declared: declared})
	if err != nil {
		t.Fatal(err)
	}
	return Of(snap, r, controls, declared, since)
}

// A link holds two days from the mail that it came with.
func TestBegin(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	for age, want := range map[time.Duration]State{47 * time.Hour: Pending, 49 * time.Hour: Expired} {
		s := Subscriber{State: Pending}
		if s.Begin(now.Add(-age), now); s.State != want || s.Since.IsZero() {
			t.Errorf("after %s: %s since %s", age, s.State, s.Since)
		}
	}
	s := Subscriber{State: Confirmed}
	if s.Begin(now.Add(-99*time.Hour), now); s.State != Confirmed {
		t.Errorf("confirmed long ago: %s", s.State)
	}
}

func TestOf(t *testing.T) {
	all := []string{"guardduty-changes", "nacl-changes", "network-gateway-changes", "security-group-changes"}
	declared := func(days int) []finding.Declared {
		return []finding.Declared{{Endpoint: function, Reaches: "#sec", Reason: "tried", Expires: baseline(t).TakenAt.Truncate(24*time.Hour).AddDate(0, 0, days)}}
	}
	toFunction := func(s *account.Subscription, _ *account.Snapshot) { s.Protocol, s.Endpoint = "lambda", function }
	for _, tt := range []struct {
		name     string
		change   func(*account.Subscription, *account.Snapshot)
		declared []finding.Declared
		since    time.Duration // before the snapshot; 0: nobody knows

		state    State
		controls []string
		nobody   finding.Code // of all four; "" for none
	}{
		{"a person", func(*account.Subscription, *account.Snapshot) {}, nil, 0, Confirmed, all, ""},
		{"pending", func(s *account.Subscription, _ *account.Snapshot) { s.State, s.ARN = account.Pending, "" }, nil, 0, Pending, all, "subscription-pending"},
		{"pending since this morning", func(s *account.Subscription, _ *account.Snapshot) { s.State, s.ARN = account.Pending, "" }, nil, 5 * time.Hour, Pending, all, "subscription-pending"},
		{"pending for three days", func(s *account.Subscription, _ *account.Snapshot) { s.State, s.ARN = account.Pending, "" }, nil, 72 * time.Hour, Expired, all, "subscription-pending"},
		{"a machine", toFunction, nil, 0, Machine, all, "subscriber-machine"},
		{"a declared machine", toFunction, declared(1), 0, Declared, all, ""},
		{"no longer declared", toFunction, declared(-1), 0, Machine, all, "declaration-expired"},
		{"a topic that lets nobody publish", func(_ *account.Subscription, s *account.Snapshot) {
			s.Accounts[0].Region("eu-central-1").Topics[topic].Attributes.Value.Policy = `{"Statement":[]}`
		}, nil, 0, Confirmed, nil, "topic-policy"},
		{"a filter policy that no alarm passes", func(s *account.Subscription, _ *account.Snapshot) {
			s.Details = &account.Read[account.SubscriptionDetails]{Value: account.SubscriptionDetails{FilterPolicy: `{"level":["high"]}`}}
		}, nil, 0, Confirmed, nil, "subscription-filtered"},
		{"a trail that is stopped", func(_ *account.Subscription, s *account.Snapshot) {
			s.Accounts[0].Trails[0].Status.Value.Logging = false
		}, nil, 0, Confirmed, nil, "trail-not-logging"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			snap := baseline(t)
			sub := &snap.Accounts[0].Region("eu-central-1").Topics[topic].Subscriptions.Value[0]
			tt.change(sub, &snap)
			since := map[Key]time.Time{}
			if tt.since > 0 {
				since[Key{topic, sub.Protocol, sub.Endpoint}] = snap.TakenAt.Add(-tt.since)
			}
			l := listed(t, snap, tt.declared, since)
			if len(l.Subscribers) != 1 || l.Subscribers[0].State != tt.state || !slices.Equal(l.Subscribers[0].Controls, tt.controls) {
				t.Errorf("got %+v, want %s for %v", l.Subscribers, tt.state, tt.controls)
			}
			want := 4
			if tt.nobody == "" {
				want = 0
			}
			if len(l.Nobody) != want {
				t.Errorf("nobody is alerted of %+v, want %d controls", l.Nobody, want)
			}
			for _, n := range l.Nobody {
				if n.Code != tt.nobody || n.Unknown {
					t.Errorf("%s: %s, want %s", n.Control, n.Code, tt.nobody)
				}
			}
		})
	}
}

// A control that fails in part still alerts its subscriber, and says so.
func TestInPart(t *testing.T) {
	snap := baseline(t)
	filters := snap.Accounts[0].Region("eu-central-1").MetricFilters.Value
	i := slices.IndexFunc(filters, func(f account.MetricFilter) bool { return f.Name == "security-group" })
	filters[i].Pattern = `{ ($.eventName = CreateSecurityGroup) }`
	l := listed(t, snap, nil, nil)
	if s := l.Subscribers[0]; !slices.Equal(s.InPart, []string{"security-group-changes"}) || len(s.Controls) != 4 || len(l.Nobody) > 0 {
		t.Errorf("got %+v, nobody %+v", s, l.Nobody)
	}
}

func TestLeaves(t *testing.T) {
	for _, tt := range []struct{ protocol, authenticated, want string }{
		{"email", "false", OneClick}, {"email", "true", ""}, {"email", "", ""}, {"email-json", "false", OneClick}, {"sms", "false", ""},
	} {
		snap := baseline(t)
		sub := &snap.Accounts[0].Region("eu-central-1").Topics[topic].Subscriptions.Value[0]
		sub.Protocol = tt.protocol
		sub.Details = &account.Read[account.SubscriptionDetails]{Value: account.SubscriptionDetails{Authenticated: tt.authenticated}}
		if got := listed(t, snap, nil, nil).Subscribers[0].Leaves; got != tt.want {
			t.Errorf("%s, authenticated %q: got %q, want %q", tt.protocol, tt.authenticated, got, tt.want)
		}
	}
}

// A declared machine that nothing sends to is listed, and one of another account is not.
func TestUnused(t *testing.T) {
	day := baseline(t).TakenAt.AddDate(0, 0, 9)
	l := listed(t, baseline(t), []finding.Declared{
		{Endpoint: function, Reaches: "#sec", Expires: day}, {Endpoint: "arn:aws:lambda:eu-central-1:999988887777:function:f", Reaches: "x", Expires: day},
	}, nil)
	if len(l.Subscribers) != 2 || !slices.ContainsFunc(l.Subscribers, func(s Subscriber) bool { return s.State == Unused && s.Endpoint == function && s.Reaches == "#sec" }) {
		t.Errorf("got %+v", l.Subscribers)
	}
}

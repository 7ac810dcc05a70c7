package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/change"
)

// chainOf is the baseline with our own chain for security-group-changes, all of
// which has a keeper; "" leaves it without our tag.
func chainOf(t *testing.T, keeper string) account.Snapshot {
	t.Helper()
	snap := baseline(t)
	ours(&snap)
	dropFilter(&snap, "security-group")
	after, err := plan.Simulate(snap, planFor(t, snap, catalogOf(t, "security-group-changes"), plan.Options{}).Actions, true)
	if err != nil {
		t.Fatal(err)
	}
	tags := &account.Read[map[string]string]{Value: map[string]string{"team": "a"}}
	if keeper != "" {
		tags.Value[desired.ManagedTag] = keeper
	}
	home(&after).AlarmTags["SecurityGroupConfigChangesAlarm"] = tags
	home(&after).Topics[ourTopic].Tags = tags
	return after
}

// TestKeepers breaks our own chain in every place, kept by monitorctl, by code and
// by nobody: only the first is written, what code keeps is named and is no
// conflict, and the other controls are planned all the same.
func TestKeepers(t *testing.T) {
	const filter, alarm = "SecurityGroupConfigChanges", "SecurityGroupConfigChangesAlarm"
	older := func(s *account.Snapshot) {
		texts := catalogOf(t, "security-group-changes")[0].Shipped()
		f := filterOf(s, filter)
		i := slices.IndexFunc(texts, func(text string) bool { return text != f.Pattern && !strings.Contains(text, "DeleteSecurityGroup)") })
		if i < 0 {
			i = slices.IndexFunc(texts, func(text string) bool { return text != f.Pattern })
		}
		f.Pattern = texts[i]
	}
	late := func(s *account.Snapshot) { alarmOf(s, alarm).ActionsEnabled = false }
	closed := func(s *account.Snapshot) {
		attrs := *home(s).Topics[ourTopic].Attributes.Value
		attrs.Policy = `{"Version":"2012-10-17","Statement":[]}`
		home(s).Topics[ourTopic].Attributes = &account.Read[*account.TopicAttributes]{Value: &attrs}
	}
	tests := []struct {
		name    string
		keeper  string
		change  func(*account.Snapshot)
		actions []string // for security-group-changes
		kept    string   // part of the text about what code keeps
		blocked string   // part of the reason of a conflict
	}{
		{"whole, ours", "true", func(*account.Snapshot) {}, nil, "", ""},
		{"whole, code's", "terraform", func(*account.Snapshot) {}, nil, "", ""},
		{"whole, nobody's", "", func(*account.Snapshot) {}, nil, "", ""},
		{"an older text, ours", "true", older, []string{"create metric filter " + filter + "Version120 on " + group}, "", ""},
		{"an older text, code's", "terraform", older, nil, "metric filter " + filter + " on " + group + " is kept by terraform, which keeps alarm " + alarm, ""},
		{"an older text, nobody's", "", older, nil, "", "a metric filter of that name was not created by monitorctl: alarm " + alarm + ", which lacks the tag"},
		{"an alarm that is off, code's", "cloudformation", late, nil, "alarm " + alarm + " is kept by cloudformation", ""},
		{"an alarm that is off, nobody's", "", late, nil, "", "an alarm of that name was not created by monitorctl"},
		{"a closed topic, code's", "terraform", closed, nil, "topic " + ourTopic + " is kept by terraform", ""},
		{"code's alarm under another name on our metric", "terraform", func(s *account.Snapshot) {
			a := alarmOf(s, alarm)
			home(s).AlarmTags["theirs"] = home(s).AlarmTags[alarm]
			a.Name, a.ActionsEnabled = "theirs", false
			dropFilter(s, filter)
		}, nil, "alarm theirs on the metric SecurityGroupEventCount is kept by terraform", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			snap := chainOf(t, tt.keeper)
			if tt.keeper == "" { // the other control needs a topic
				ours(&snap)
			}
			tt.change(&snap)
			dropFilter(&snap, "nacl")
			p := planFor(t, snap, catalogOf(t, "security-group-changes", "nacl-changes"), plan.Options{Replace: []string{"no-such-name"}})
			var about, rest []string
			for _, a := range p.Actions {
				if slices.Contains(a.Common().Closes, "security-group-changes") {
					about = append(about, lines([]change.Action{a})...)
				} else {
					rest = append(rest, a.String())
				}
			}
			if !slices.Equal(about, tt.actions) {
				t.Errorf("actions %v, want %v", about, tt.actions)
			}
			if needsTopic := strings.HasPrefix(tt.kept, "topic"); (len(rest) == 0) != needsTopic {
				t.Errorf("planned for the other control: %v, which needs what is kept: %t", rest, needsTopic)
			}
			i := slices.IndexFunc(p.Manual, func(m change.Manual) bool { return m.Code == change.CodeKept })
			if (i >= 0) != (tt.kept != "") || i >= 0 && (!strings.Contains(p.Manual[i].Text, tt.kept) || p.Manual[i].Control != "security-group-changes") {
				t.Errorf("manual %+v, want one with %q", p.Manual, tt.kept)
			}
			if (len(p.Conflicts) > 0) != (tt.blocked != "") || len(p.Conflicts) > 0 && !strings.Contains(p.Conflicts[0].Reason, tt.blocked) {
				t.Errorf("conflicts %+v, want one with %q", p.Conflicts, tt.blocked)
			}
		})
	}
}

// TestDestroyByKeeper removes the chain that monitorctl keeps, whole, and nothing
// of the same chain kept by code or by nobody.
func TestDestroyByKeeper(t *testing.T) {
	sg := catalogOf(t, "security-group-changes")
	for keeper, want := range map[string]int{"true": 3, "terraform": 0, "cloudformation": 0, "": 0} {
		r := plan.Destroy(chainOf(t, keeper), sg, plan.Options{})
		if len(r.Actions) != want {
			t.Errorf("keeper %q: %v, want %d", keeper, lines(r.Actions), want)
		}
		for _, l := range r.Left {
			if !l.Foreign {
				t.Errorf("keeper %q: %s is said to be ours: %s", keeper, l.Object, l.Why)
			}
		}
		if want == 0 && len(r.Left) != 3 {
			t.Errorf("keeper %q: left %v, want filter, alarm and topic", keeper, r.Left)
		}
	}
}

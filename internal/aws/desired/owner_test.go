package desired

import (
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

func tagged(value string) *account.Read[map[string]string] {
	return &account.Read[map[string]string]{Value: map[string]string{ManagedTag: value, "team": "a"}}
}

// A tag says who keeps an object; what is not known is never ours.
func TestOwnerOf(t *testing.T) {
	denied := &account.Read[map[string]string]{Failure: &account.Failure{Operation: "cloudwatch:ListTagsForResource", Code: "AccessDenied"}}
	tests := []struct {
		name string
		tags *account.Read[map[string]string]
		want Keeper
		why  string // part of it
	}{
		{"ours", tagged("true"), Monitorctl, ""},
		{"Terraform's", tagged("terraform"), Terraform, "is kept by terraform"},
		{"CloudFormation's", tagged("cloudformation"), CloudFormation, "is kept by cloudformation"},
		{"another value", tagged("yes"), Foreign, "was not created by monitorctl: it lacks the tag monitorctl:managed=true"},
		{"another case", tagged("True"), Foreign, "was not created by monitorctl"},
		{"a stack's", &account.Read[map[string]string]{Value: map[string]string{"aws:cloudformation:stack-name": "alarms"}}, Foreign, "=true, and belongs to the CloudFormation stack alarms"},
		{"no tag", &account.Read[map[string]string]{}, Foreign, "was not created by monitorctl"},
		{"denied", denied, Unread, "may not have been created by monitorctl: cloudwatch:ListTagsForResource failed: AccessDenied"},
		{"not asked", nil, Unread, "may not have been created by monitorctl: its tags were not read"},
	}
	for _, tt := range tests {
		o := OwnerOf(tt.tags)
		if o.Keeper != tt.want || !strings.Contains(o.Why, tt.why) || (o.Why == "") != o.Ours() {
			t.Errorf("%s: %+v, want %s because %q", tt.name, o, tt.want, tt.why)
		}
	}
}

// A filter has the keeper of all the alarms on its metric.
func TestOwnerOfFilter(t *testing.T) {
	tests := []struct {
		keepers string // of the alarms, by the value of their tag; - is none, ? unread
		want    Keeper
	}{
		{"", Monitorctl},
		{"true", Monitorctl},
		{"true true", Monitorctl},
		{"terraform", Terraform},
		{"terraform terraform", Terraform},
		{"cloudformation", CloudFormation},
		{"-", Foreign},
		{"true -", Foreign},
		{"- true", Foreign},
		{"true terraform", Foreign},
		{"terraform true", Foreign},
		{"terraform cloudformation", Foreign},
		{"terraform -", Foreign},
		{"true ?", Unread},
		{"?", Unread},
	}
	for _, tt := range tests {
		f := account.MetricFilter{Namespace: "N", Metric: "M"}
		r := &account.Region{Alarms: &account.Read[account.Alarms]{}, AlarmTags: map[string]*account.Read[map[string]string]{}}
		for i, keeper := range strings.Fields(tt.keepers) {
			a := account.MetricAlarm{Name: string(rune('a' + i)), Namespace: "N", Metric: "M"}
			if i == 1 { // by an expression
				a.Namespace, a.Metric, a.Queries = "", "", []account.MetricQuery{{ID: "m", Namespace: "N", Metric: "M"}}
			}
			r.Alarms.Value.Metric = append(r.Alarms.Value.Metric, a)
			switch keeper {
			case "?":
			case "-":
				r.AlarmTags[a.Name] = &account.Read[map[string]string]{}
			default:
				r.AlarmTags[a.Name] = tagged(keeper)
			}
		}
		r.Alarms.Value.Metric = append(r.Alarms.Value.Metric, account.MetricAlarm{Name: "other", Namespace: "N", Metric: "M2"})
		watchers, ok := Watchers(r, f)
		if o := OwnerOfFilter(watchers); !ok || o.Keeper != tt.want || (o.Why == "") != o.Ours() {
			t.Errorf("alarms %q: %+v, want %s", tt.keepers, o, tt.want)
		}
	}
	if _, ok := Watchers(&account.Region{}, account.MetricFilter{}); ok {
		t.Error("alarms that were not read watch nothing")
	}
}

package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/change"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// removal has every kind of action that undo and destroy make.
func removal() Removal {
	meta := change.Meta{Account: "111122223333", Region: "eu-central-1", Why: "the run created it"}
	one := 1.0
	filter := account.MetricFilter{LogGroup: "/trail", Name: "F", Pattern: "{ $.a = 1 }", Namespace: "n", Metric: "m", Value: "1"}
	alarm := account.MetricAlarm{Name: "A", Namespace: "n", Metric: "m", Statistic: "Sum", Threshold: &one, Comparison: "GreaterThanThreshold", Period: 300, EvaluationPeriods: 1}
	older, longer := filter, alarm
	older.Pattern, longer.Period = "{ $.b = 1 }", 600
	topic := "arn:aws:sns:eu-central-1:111122223333:monitorctl-alerts"
	return Removal{
		Accounts: []finding.AccountRef{{ID: "111122223333", Alias: "acme"}},
		Actions: []change.Action{
			action.DeleteAlarm{Meta: meta, Alarm: alarm, Tags: map[string]string{"monitorctl:managed": "true"}},
			action.PutAlarm{Meta: meta, Alarm: longer, Before: &alarm, Tags: map[string]string{}, TagsBefore: map[string]string{"monitorctl:managed": "true"}},
			action.DeleteFilter{Meta: meta, Filter: filter},
			action.PutFilter{Meta: meta, Filter: older, Before: &filter},
			action.Unsubscribe{Meta: meta, TopicARN: topic, ARN: topic + ":1", Protocol: "email", Endpoint: "s***@example.com"},
			action.SetTopicPolicy{Meta: meta, TopicARN: topic, Before: `{"Id":"new"}`, Policy: `{"Id":"old"}`},
			action.DeleteTopic{Meta: meta, Topic: "monitorctl-alerts", ARN: topic, Policy: "{}"},
		},
		Left: []change.Left{{Object: "alarm B\x1b[2J (eu-central-1)", Why: "it has been changed: alarm.period"}, {Object: "alarm C", Why: "it was not created by monitorctl", Foreign: true}},
		Done: 2,
	}
}

// destruction is a removal with the results that are expected of it.
func destruction() Removal {
	r := removal()
	before, after := fourControls(), fourControls()
	for i := range after.Findings {
		if after.Findings[i].Status == finding.Pass {
			after.Findings[i].Status = finding.Fail
		}
	}
	r.Before, r.After = &before, &after
	return r
}

// TestDestructionText names the controls that a removal breaks, and counts them.
func TestDestructionText(t *testing.T) {
	var b bytes.Buffer
	if err := RemovalText(&b, destruction(), Options{Width: 100}); err != nil {
		t.Fatal(err)
	}
	_, expected, _ := strings.Cut(b.String(), "Expected results:\n")
	want := "\n  - nacl-changes: now PASS, afterwards FAIL\n\nNow: 1 passed, 3 failed. Afterwards: 0 passed, 4 failed.\n\nPlan: 0 to add, 3 to change, 4 to remove.\n"
	if expected != want {
		t.Errorf("got %q, want %q", expected, want)
	}
}

func removalJSON(b *bytes.Buffer, r Removal, o Options) error { return RemovalJSON(b, r, o) }

func TestRemovalGolden(t *testing.T) {
	var b bytes.Buffer
	if err := RemovalText(&b, removal(), Options{Width: 100}); err != nil {
		t.Fatal(err)
	}
	golden(t, "removal.txt", b.Bytes())
	golden(t, "removal.json", written(t, removalJSON, removal()))
}

// TestRemovalSchema holds the JSON to its schema, with every object closed too.
func TestRemovalSchema(t *testing.T) {
	for _, closed := range []bool{false, true} {
		schema := compileSchemas(t, closed)["removal"]
		for _, r := range []Removal{removal(), destruction(), {Accounts: []finding.AccountRef{{}}}} {
			v, err := jsonschema.UnmarshalJSON(bytes.NewReader(written(t, removalJSON, r)))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(v); err != nil {
				t.Errorf("closed %t: %v", closed, err)
			}
		}
	}
	broken := strings.Replace(string(written(t, removalJSON, removal())), "delete-topic", "delete-account", 1)
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(broken))
	if err != nil {
		t.Fatal(err)
	}
	if compileSchemas(t, false)["removal"].Validate(v) == nil {
		t.Error("the schema takes a kind of action that there is not")
	}
}

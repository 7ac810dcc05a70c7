package cloudtrail_test

import (
	"context"
	"slices"
	"testing"

	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
)

// An event of one service comes from that service, where a requirement leaves the
// source open; an event that several services have may come from any.
func TestOwner(t *testing.T) {
	const owner = "the name of an event that only one service has comes from that service"
	named := func(name string) cloudtrail.Probe {
		return cloudtrail.Probe{Failures: true, Condition: filter(t, "{ $.eventName = "+name+" }")}
	}
	for _, c := range []struct {
		name   string
		filter string
		probe  cloudtrail.Probe
		want   cover.Verdict
		doubt  bool // something is lost once the axiom is set aside
		leans  bool
	}{
		{"its source", `{ $.eventSource = ec2.amazonaws.com }`, named("CreateVpc"), cover.Covered, true, true},
		{"another source", `{ $.eventSource = iam.amazonaws.com }`, named("CreateVpc"), cover.Missed, false, true},
		{"a name of several", `{ $.eventSource = kms.amazonaws.com }`, named("TagResource"), cover.Conditional, false, false},
		{"a name of an unlisted service, too", `{ $.eventSource = ec2.amazonaws.com }`, named("CreateTags"), cover.Conditional, false, false},
		{"an unknown name", `{ $.eventSource = ec2.amazonaws.com }`, named("CreateVpcOfMine"), cover.Conditional, false, false},
		{"not its source", `{ $.eventSource != ec2.amazonaws.com }`, named("CreateVpc"), cover.Missed, false, true},
		{"a requirement with its own source", `{ $.eventSource = mine.example.com }`,
			cloudtrail.Probe{Source: "mine.example.com", Event: "CreateVpc", Region: "us-east-1"}, cover.Covered, false, false},
		{"a requirement with another source", `{ $.eventSource = ec2.amazonaws.com }`,
			cloudtrail.Probe{Source: "mine.example.com", Event: "CreateVpc", Region: "us-east-1"}, cover.Missed, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			list := matchers(t, c.filter)
			got := answer(list, c.probe)
			if got.Verdict != c.want || (len(got.Doubtful) > 0) != c.doubt {
				t.Errorf("%v, doubtful %v; want %v, doubtful: %t", got.Verdict, got.Doubtful, c.want, c.doubt)
			}
			if c.want == cover.Conditional {
				return // names all axioms about its fields
			}
			if leans := slices.Contains(cloudtrail.Axioms(context.Background(), list, got), owner); leans != c.leans {
				t.Errorf("leans on the axiom: %t", leans)
			}
		})
	}
	if !cloudtrail.AxiomNamed(owner).Soft {
		t.Error("AWS promises nowhere that names are of one service")
	}
}

// What is matched beside a requirement is said of other services too.
func TestBeyondKnowsNoOwner(t *testing.T) {
	want := cloudtrail.Requirement{Probes: []cloudtrail.Probe{createVpc}}
	if b := cloudtrail.Beyond(context.Background(), matchers(t, `{ $.eventName = CreateVpc }`), want); len(b.Beyond) != 1 {
		t.Errorf("got %v", b)
	}
	if b := cloudtrail.Beyond(context.Background(), matchers(t, `{ $.eventName = CreateVpc && $.eventSource = ec2.amazonaws.com }`), want); len(b.Beyond) != 0 {
		t.Errorf("got %v", b)
	}
}

// A condition that names an event and a source that does not own it describes no
// record: it is never covered.
func TestNoRecord(t *testing.T) {
	p := cloudtrail.Probe{Failures: true, Condition: filter(t, `{ $.eventName = CreateVpc && $.eventSource = iam.amazonaws.com }`)}
	if got := answer(matchers(t, `{ $.eventName = * }`), p); got.Verdict != cover.Unresolved {
		t.Errorf("got %v", got)
	}
}

package lint

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
)

// eventsOf returns the names of the events that a control requires.
func eventsOf(t *testing.T, id string) []string {
	t.Helper()
	o := options(t)
	at := slices.IndexFunc(o.Controls, func(c catalog.Control) bool { return c.ID == id })
	if at < 0 {
		t.Fatalf("no control %s", id)
	}
	var names []string
	for _, e := range o.Controls[at].Required(o.Benchmark) {
		names = append(names, e.Name)
	}
	return names
}

// named is a pattern for events of these names.
func named(names ...string) string {
	tests := make([]string, len(names))
	for i, n := range names {
		tests[i] = "$.eventName = " + n
	}
	return "{ " + strings.Join(tests, " || ") + " }"
}

// told returns what is said of the coverage of patterns in one file: "+" covers
// and "~" nearly covers.
func told(f File) string {
	var out []string
	for _, p := range f.Patterns {
		for _, c := range p.Covers {
			out = append(out, "+ "+c.String())
		}
		for _, x := range p.Findings {
			switch {
			case x.Code == CodeHalf:
				out = append(out, "half "+x.Nearly.String())
			case x.Nearly != nil:
				out = append(out, "~ "+x.Nearly.String())
			}
		}
	}
	return strings.Join(out, "\n")
}

func TestCoverage(t *testing.T) {
	vpc := eventsOf(t, "vpc-changes")
	n := len(vpc)
	if n < 8 {
		t.Fatalf("only %d events", n)
	}
	for _, c := range []struct {
		name     string
		patterns []string
		want     string
	}{
		{"all events", []string{named(vpc...)}, "+ vpc-changes (4.14)"},
		{"one is missing", []string{named(vpc[1:]...)}, "~ vpc-changes (4.14) but for " + vpc[0]},
		{"three are missing", []string{named(vpc[3:]...)}, "~ vpc-changes (4.14) but for " + strings.Join(vpc[:3], ", ")},
		{"four are missing", []string{named(vpc[4:]...)}, "half vpc-changes (4.14) but for " + strings.Join(vpc[:4], ", ")},
		{"less than half", []string{named(vpc[n/2+1:]...)}, ""},
		{"half, and the rest beside it", []string{named(vpc[5:]...), named(vpc[:5]...)}, ""},
		{"one event", []string{named(vpc[0])}, ""},
		{"a wildcard", []string{`{ $.eventName = "*SecurityGroup*" }`}, "+ security-group-changes (4.10)"},
		{"two halves of one file", []string{named(vpc[3:]...), named(vpc[:3]...)}, ""},
		{"two near misses", []string{named(vpc[2:]...), named(vpc[1:]...)},
			"~ vpc-changes (4.14) but for " + strings.Join(vpc[:2], ", ") + "\n~ vpc-changes (4.14) but for " + vpc[0]},
		{"the same pattern twice is no company", []string{named(vpc[1:]...), named(vpc[1:]...)},
			"~ vpc-changes (4.14) but for " + vpc[0] + "\n~ vpc-changes (4.14) but for " + vpc[0]},
		{"another service's events of the same names", []string{`{ $.eventSource = iam.amazonaws.com && (` + strings.Trim(named(vpc...), "{}") + `) }`}, ""},
		{"lost where a field is missing", []string{`{ $.userIdentity.invokedBy != "x" && (` + strings.Trim(named(vpc...), "{}") + `) }`},
			"~ vpc-changes (4.14) but for records in which userIdentity.invokedBy is missing, or in which userIdentity.invokedBy"},
		{"one role is left out on purpose", []string{`{ ($.userIdentity.arn NOT EXISTS || $.userIdentity.arn != "arn:aws:iam::111122223333:role/ci") && (` + strings.Trim(named(vpc...), "{}") + `) }`},
			"+ vpc-changes (4.14) but for records in which userIdentity.arn"},
		{"a control that another one contains", []string{named(vpc...)}, "+ vpc-changes (4.14)"},
		{"events and records", []string{`{ $.userIdentity.invokedBy != "x" && (` + strings.Trim(named(vpc[1:]...), "{}") + `) }`},
			"~ vpc-changes (4.14) but for " + vpc[0] + ", and for records in which userIdentity.invokedBy is missing"},
		{"only of one user", []string{`{ $.userIdentity.userName = bob && (` + strings.Trim(named(vpc...), "{}") + `) }`}, ""},
		{"a condition", []string{`{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }`}, "+ root-usage (4.3)"},
		{"a condition on one source", []string{`{ $.eventSource = s3.amazonaws.com && $.errorCode = "AccessDenied*" }`}, ""},
		{"named events meet a condition by the way", []string{`{ $.userIdentity.type = "Root" && $.eventName = DeleteTrail }`}, ""},
		{"everything", []string{`{ $.eventName = * }`}, ""},
		{"not about records", []string{`{ $.level = * }`}, ""},
		{"terms", []string{`DeleteTrail`}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := told(lintText(t, "x.txt", strings.Join(c.patterns, "\n")))
			// How a value is put into words is for package pattern.
			if cut := strings.Contains(c.want, "records in which"); got != c.want && !(cut && strings.HasPrefix(got, c.want)) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// The number of a control is that of the benchmark.
func TestCoverageOfAnotherBenchmark(t *testing.T) {
	o := options(t)
	o.Benchmark = "cis-1.2.0"
	r, err := Run(context.Background(), []string{"-"}, strings.NewReader(`{ $.eventName = "*SecurityGroup*" }`), o)
	if err != nil {
		t.Fatal(err)
	}
	if got := told(r.Files[0]); got != "+ security-group-changes (3.10)" {
		t.Errorf("got %s", got)
	}
}

// What the quick look rules out is never covered: it may only save time.
func TestQuickLookIsRight(t *testing.T) {
	o := options(t)
	j, err := newJudge(o.Controls, o.Benchmark)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range o.Controls {
		for _, text := range c.Patterns {
			p, err := pattern.Parse(text.Text)
			if err != nil {
				t.Fatalf("%s: %v", text.ID, err)
			}
			names := newAsked(p)
			for _, d := range j.demands {
				for _, probe := range d.probes {
					if names.canMatch(&probe.Probe) {
						continue
					}
					for _, record := range probe.samples {
						if p.MatchDecoded(record) != match.NoMatch {
							t.Errorf("%s matches %s of %s", text.ID, probe.Event, d.control)
						}
					}
				}
			}
		}
	}
}

// The samples are records of their event: each pattern that apply writes matches
// those of its control.
func TestSamples(t *testing.T) {
	o := options(t)
	for _, c := range o.Controls {
		d, err := newDemand(c, o.Benchmark)
		if err != nil {
			t.Fatal(err)
		}
		written, err := pattern.Parse(c.Writes(o.Benchmark).Text)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range d.probes {
			if (len(p.samples) == 0) != (p.Condition != nil) {
				t.Errorf("%s: %d samples of %s", c.ID, len(p.samples), p.Event)
			}
			for _, record := range sampleRecords(p.Probe) {
				if !json.Valid(record) || written.Match(record) != match.Match {
					t.Errorf("%s: what apply writes does not match %s", c.ID, record)
				}
			}
		}
	}
}

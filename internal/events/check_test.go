package events

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/patterns"
)

func suspicions(t *testing.T, text string) string {
	t.Helper()
	p, err := pattern.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var got []string
	for _, s := range ofNames(p) {
		got = append(got, fmt.Sprintf("%d %s: %s", s.Offset, s.Code, s.Text))
	}
	return strings.Join(got, "\n")
}

func TestSuspicions(t *testing.T) {
	for _, c := range []struct{ name, pattern, want string }{
		{"known", `{ $.eventName = DeleteTrail }`, ""},
		{"known, of its source", `{ $.eventSource = cloudtrail.amazonaws.com && $.eventName = DeleteTrail }`, ""},
		{"misspelled", `{ $.eventName = DeleteTrails }`,
			"16 unknown-event: no event DeleteTrails is known; the nearest is DeleteTrail"},
		{"case", `{ ($.eventName = deletetrail) || ($.eventName = "StopLogging") }`,
			"17 event-case: deletetrail never occurs: case counts, the event is DeleteTrail"},
		{"unlike any name", `{ $.eventName = FooBarBaz }`, ""},
		{"unlike any name of a listed source", `{ $.eventSource = "ec2.amazonaws.com" && $.eventName = FooBarBaz }`,
			"55 unknown-event: ec2.amazonaws.com has no event FooBarBaz"},
		{"misspelled, of a listed source", `{ ($.eventSource = ec2.amazonaws.com) && (($.eventName = CreateVpc) || ($.eventName = DelteVpc)) }`,
			"86 unknown-event: ec2.amazonaws.com has no event DelteVpc; the nearest is DeleteVpc"},
		{"case, of a listed source", `{ $.eventSource = ec2.amazonaws.com && $.eventName = createVPC }`,
			"53 event-case: createVPC never occurs: case counts, the event is CreateVpc"},
		{"event of another listed source", `{ $.eventSource = ec2.amazonaws.com && $.eventName = DeleteTrail }`,
			"53 event-source: DeleteTrail is not an event of ec2.amazonaws.com but of cloudtrail.amazonaws.com"},
		{"event of an unlisted service", `{ $.eventSource = cloudtrail.amazonaws.com && $.eventName = UpdateTrial }`,
			"60 unknown-event: cloudtrail.amazonaws.com has no event UpdateTrial; the nearest is UpdateTrail"},
		{"event of an unlisted service without source", `{ $.eventName = UpdateTrial }`, ""},
		{"unlisted source", `{ $.eventSource = lambda.amazonaws.com && $.eventName = DeleteTrails }`, ""},
		{"one of two sources is not listed",
			`{ ($.eventSource = lambda.amazonaws.com || $.eventSource = ec2.amazonaws.com) && $.eventName = CreateVpcs }`, ""},
		{"two listed sources",
			`{ ($.eventSource = iam.amazonaws.com || $.eventSource = ec2.amazonaws.com) && ($.eventName = CreateVpc || $.eventName = CreateUzer) }`,
			"120 unknown-event: iam.amazonaws.com or ec2.amazonaws.com has no event CreateUzer; the nearest is CreateUser"},
		{"a source that records more than is listed", `{ $.eventSource = s3.amazonaws.com && $.eventName = GetStorageLensDashboardDataInternal }`, ""},
		{"near, of such a source", `{ $.eventSource = s3.amazonaws.com && $.eventName = PutBucketPolicys }`,
			"52 unknown-event: s3.amazonaws.com has no event PutBucketPolicys; the nearest is PutBucketPolicy"},
		{"a known event of another service, of such a source", `{ $.eventSource = s3.amazonaws.com && $.eventName = DeleteTrail }`, ""},
		{"wildcards", `{ $.eventName = "DeleteTrails*" || $.eventName = *Trails }`, ""},
		{"exclusions, regular expressions, numbers", `{ $.eventName != DeleteTrails || $.eventName = %^DeleteTrails$% || $.eventName = 1 }`, ""},
		{"another field", `{ $.requestParameters.eventName = DeleteTrails }`, ""},
		{"not JSON", `DeleteTrails`, ""},
		{"the empty name", `{ $.eventName = "" }`, ""},
		{"another service's near miss", `{ $.eventName = DescribeDBInstances || $.eventName = CreateRule || $.eventName = StartInstance }`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := suspicions(t, c.pattern); got != c.want {
				t.Errorf("%s\ngot  %s\nwant %s", c.pattern, got, c.want)
			}
		})
	}
}

// No text of the catalog, the benchmark's own included, names an event that
// does not exist.
func TestCatalogIsNotSuspicious(t *testing.T) {
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cat.Controls {
		texts := c.Shipped()
		for _, text := range c.Patterns {
			texts = append(texts, text.Text)
		}
		for _, text := range texts {
			if got := suspicions(t, text); got != "" {
				t.Errorf("%s: %s\n%s", c.ID, text, got)
			}
		}
	}
}

// No event that CloudTrail recorded is called unknown, whether a pattern asks
// for its source or not.
func TestRecordedEventsAreNotSuspicious(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range samples(t) {
		texts := []string{
			fmt.Sprintf(`{ $.eventSource = %q && $.eventName = %q }`, r.EventSource, r.EventName),
			fmt.Sprintf(`{ $.eventName = %q }`, r.EventName),
		}
		for _, text := range texts {
			if seen[text] {
				continue
			}
			seen[text] = true
			if got := suspicions(t, text); got != "" {
				t.Errorf("%s\n%s", text, got)
			}
		}
	}
	if len(seen) < 200 {
		t.Errorf("only %d patterns were tried", len(seen))
	}
}

type record struct{ EventSource, EventName string }

// samples returns the records of the sample logs.
func samples(t *testing.T) []record {
	t.Helper()
	files, err := filepath.Glob("../../testdata/cloudtrail/*.json*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	var all []record
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		var in io.Reader = f
		if strings.HasSuffix(file, ".gz") {
			if in, err = gzip.NewReader(f); err != nil {
				t.Fatal(err)
			}
		}
		var log struct{ Records []record }
		if err := json.NewDecoder(in).Decode(&log); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		all = append(all, log.Records...)
	}
	return all
}

package permissions

import (
	"slices"
	"testing"
)

// TestForAthena: every call has its statement, on what was named and nothing else.
func TestForAthena(t *testing.T) {
	p := ForAthena(AthenaWishes{Workgroup: "primary", Database: "logs", TrailBucket: "acme-trail", Trail: "x*/AWSLogs/", OutputBucket: "acme-out", Region: "eu-central-1"}, Scope{Partition: "aws-cn", Account: "111122223333"})
	want := map[string]string{
		"AskAthena":      "arn:aws-cn:athena:eu-central-1:111122223333:workgroup/primary",
		"ReadTable":      "arn:aws-cn:glue:eu-central-1:111122223333:catalog",
		"ReadTrailFiles": "arn:aws-cn:s3:::acme-trail/x${*}/AWSLogs/*",
		"WriteResults":   "arn:aws-cn:s3:::acme-out/*",
	}
	for _, s := range p.Statement {
		if w, ok := want[s.Sid]; ok && s.Resource[0] != w {
			t.Errorf("%s is on %v, want %s", s.Sid, s.Resource, w)
		}
		delete(want, s.Sid)
	}
	if len(want) > 0 {
		t.Errorf("no statement for %v", want)
	}
	for _, o := range AthenaTable() {
		for _, a := range o.Actions {
			if !slices.Contains(p.Actions(), a) {
				t.Errorf("%s is not allowed", a)
			}
		}
	}
}

package planfile_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/planfile"
	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// FuzzDecode reads plans from strangers: no panic, an error with its kind, and
// what is accepted is written back the same.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"schema":"monitorctl/saved-plan/v1","digest":"sha256:0"}`))
	f.Add([]byte(`{"schema":"monitorctl/saved-plan/v1","actions":[{"kind":"x","before":null,"after":{"a":[1,{"b":null}]}}]}`))
	f.Add([]byte(`{"schema":7}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := planfile.Decode[plan.Wishes](bytes.NewReader(data))
		var bad *strictjson.Error
		if err != nil {
			if !errors.As(err, &bad) {
				t.Fatalf("error of another kind: %v", err)
			}
			return
		}
		var b bytes.Buffer
		if err := got.Encode(&b); err != nil {
			t.Fatal(err)
		}
		again, err := planfile.Decode[plan.Wishes](&b)
		if err != nil || again.Digest != got.Digest {
			t.Fatalf("written and read again: %v", err)
		}
		if d := planfile.Compare(got, again, []change.Fact{}); len(planfile.Actions(got.Actions, again.Actions)) > 0 {
			t.Errorf("differs from itself: %v", d)
		}
	})
}

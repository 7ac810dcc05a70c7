package translate

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
)

func TestFromFilterPattern(t *testing.T) {
	tests := []struct {
		name, filter, want string
		ok                 bool
	}{
		{"alternatives of one field", `{ $.eventName = CreateVpc || $.eventName = DeleteVpc }`, `{"detail.eventName":["CreateVpc","DeleteVpc"]}`, true},
		{"two fields", `{ $.eventSource = "ec2.amazonaws.com" && $.eventName = "Create*" }`, `{"detail":{"eventName":[{"prefix":"Create"}],"eventSource":["ec2.amazonaws.com"]}}`, true},
		{"alternatives of two fields", `{ $.eventName = A || $.errorCode = B }`, `{"$or":[{"detail.eventName":["A"]},{"detail.errorCode":["B"]}]}`, true},
		{"root usage", `{ $.userIdentity.type = Root && $.userIdentity.invokedBy NOT EXISTS && $.eventType != AwsServiceEvent }`,
			`{"detail":{"eventType":[{"anything-but":"AwsServiceEvent"}],"userIdentity":{"invokedBy":[{"exists":false}],"type":["Root"]}}}`, true},
		{"an address is compared as text", `{ $.sourceIPAddress = "10.0.0.1" }`, `{"detail.sourceIPAddress":[{"exactly":"10.0.0.1"}]}`, true},
		{"contains", `{ $.errorCode = "*Unauthorized*" }`, `{"detail.errorCode":[{"wildcard":"*Unauthorized*"}]}`, true},
		{"two exclusions", `{ $.eventName != A && $.eventName != B }`, `{"detail.eventName":[{"anything-but":["A","B"]}]}`, true},
		{"two tests on one field", `{ $.eventName = "A*" && $.eventName = "*B" }`, "", false},
		{"a field that may be an array", `{ $.requestParameters.name = x }`, `{"detail.requestParameters.name":["x"]}`, false},
		{"regular expression", `{ $.eventName = %A% }`, "", false},
		{"terms", `ERROR`, "", false},
		{"asterisk in the middle", `{ $.eventName = "A*B" }`, "", false},
		{"never", `{ $.eventName = A && $.eventName = B }`, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text, lost, ok := FromFilterPattern(parseFilter(t, tt.filter))
			if text != tt.want || ok != tt.ok || ok != (len(lost) == 0) {
				t.Errorf("%s\ngot  %s (%t, lost %q)\nwant %s (%t)", tt.filter, text, ok, lost, tt.want, tt.ok)
			}
		})
	}
}

func parseFilter(t *testing.T, text string) *pattern.Pattern {
	t.Helper()
	p, err := pattern.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestSameRecords compares filter patterns with their exact translations, on
// real records and on records made up.
func TestSameRecords(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	records := append(sampleRecords(t), madeUp(r)...)
	exact, matches := 0, 0
	for range 400 {
		filter := "{ " + randomCondition(r, 2) + " }"
		p := parseFilter(t, filter)
		text, _, ok := FromFilterPattern(p)
		if !ok {
			continue
		}
		exact++
		e, err := eventpattern.Parse(text)
		if err != nil {
			t.Fatalf("%s: %s: %v", filter, text, err)
		}
		for _, record := range records {
			got, want := e.Match([]byte(`{"detail":`+string(record)+`}`)), p.Match(record)
			if want == match.Match {
				matches++
			}
			if got.String() != want.String() {
				t.Fatalf("%s\n%s\nrecord %s\ngot %s, want %s", filter, text, record, got, want)
			}
		}
	}
	if exact < 200 || matches < 1000 {
		t.Errorf("%d exact translations, %d matches: too few", exact, matches)
	}
}

var (
	texts  = []string{"CreateVpc", "DeleteVpc", "ec2.amazonaws.com", "Root", "AccessDenied", "10.0.0.1", `a\b`}
	fields = []string{"eventName", "eventSource", "errorCode", "userIdentity.type", "sourceIPAddress"}
)

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

func randomCondition(r *rand.Rand, depth int) string {
	if depth > 0 && r.IntN(3) > 0 {
		return fmt.Sprintf("(%s) %s (%s)", randomCondition(r, depth-1), pick(r, []string{"&&", "||"}), randomCondition(r, depth-1))
	}
	field := "$." + pick(r, fields)
	switch r.IntN(6) {
	case 0:
		return field + " NOT EXISTS"
	case 1:
		return "$.readOnly IS " + pick(r, []string{"TRUE", "FALSE"})
	case 2:
		return fmt.Sprintf(`%s = "%s*"`, field, pick(r, []string{"Create", "ec2", "*Denied", "*a", ""}))
	default:
		return fmt.Sprintf(`%s %s "%s"`, field, pick(r, []string{"=", "=", "!="}), pick(r, texts[:6]))
	}
}

func madeUp(r *rand.Rand) [][]byte {
	var records [][]byte
	for range 200 {
		record := map[string]any{"readOnly": r.IntN(2) == 0, "userIdentity": map[string]any{}}
		for _, f := range fields {
			if r.IntN(4) > 0 {
				if f == "userIdentity.type" {
					record["userIdentity"] = map[string]any{"type": pick(r, texts)}
				} else {
					record[f] = pick(r, texts)
				}
			}
		}
		b, _ := json.Marshal(record) // strings and booleans have no failure
		records = append(records, b)
	}
	return records
}

// sampleRecords reads some real records.
func sampleRecords(t *testing.T) [][]byte {
	t.Helper()
	files, err := filepath.Glob("../../../testdata/cloudtrail/*.json.gz")
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	var records [][]byte
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		var file struct{ Records []json.RawMessage }
		if err := json.NewDecoder(z).Decode(&file); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		_ = f.Close()
		for i, record := range file.Records {
			if i%40 == 0 {
				records = append(records, record)
			}
		}
	}
	return records
}

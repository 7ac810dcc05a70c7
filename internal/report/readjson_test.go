package report

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// bare is a report without what JSON does not write.
func bare(r finding.Report) finding.Report {
	r.GeneratedAt = r.GeneratedAt.UTC()
	for i := range r.Accounts {
		r.Accounts[i].Home, r.Accounts[i].Trail = "", ""
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Stages, f.Repair = finding.Stages{}, nil
	}
	return r
}

func TestReadJSONRoundTrip(t *testing.T) {
	reports := map[string]finding.Report{"every status": everyStatus(), "mapped": mapped(), "no findings": {Benchmark: "cis-3.0.0", GeneratedAt: everyStatus().GeneratedAt}}
	for _, tt := range hostileNames {
		reports[tt.name] = named(string([]rune(tt.text))) // JSON cannot hold what is not UTF-8
	}
	for name, r := range reports {
		got, err := ReadJSON(bytes.NewReader(written(t, auditJSON, r)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := bare(r)
		if len(want.Findings) == 0 {
			want.Accounts, got.Accounts = nil, nil
			want.Regions, want.Controls = []string{}, []string{}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: what is read differs (-want +got):\n%s", name, clip(diff))
		}
	}
}

// TestReadJSONFaults damages a good report in one place each.
func TestReadJSONFaults(t *testing.T) {
	good := string(written(t, auditJSON, everyStatus()))
	line := func(text string) int {
		before, _, _ := strings.Cut(good, text)
		return strings.Count(before, "\n") + 1
	}
	tests := []struct {
		name, old, new string
		line           int // 0: no place
		want           string
	}{
		{"snapshot", `"monitorctl/audit/v1"`, `"monitorctl/snapshot/v1"`, 0, `its schema is "monitorctl/snapshot/v1"`},
		{"later version", `"monitorctl/audit/v1"`, `"monitorctl/audit/v2"`, 0, `its schema is "monitorctl/audit/v2"`},
		{"lines", `"monitorctl/audit/v1"`, `"monitorctl/audit-lines/v1"`, 0, "a report in lines"},
		{"no schema", `"schema"`, `"scheme"`, 0, `no "schema"`},
		{"no findings", `"findings"`, `"finding"`, 0, `no "findings"`},
		{"time", `"2026-03-01T12:30:00Z"`, `"yesterday"`, 0, `"generatedAt" is "yesterday"`},
		{"status", `"status": "unknown",` + "\n      \"known\"", `"status": "unsure",` + "\n      \"known\"", line(`"id": "aa02"`) - 1, `the status "unsure"`},
		{"severity", `"severity": "low"`, `"severity": "tiny"`, line(`"id": "c3d4e5"`) - 1, `unknown severity "tiny"`},
		{"waiver", `"status": "waived"`, `"status": "fail"`, line(`"id": "aa03"`) - 1, "exactly when it is waived"},
		{"waiver's end", `"expires": "2026-06-30"`, `"expires": "soon"`, line(`"id": "aa03"`) - 1, `expires on "soon"`},
		{"no id", `"id": "aa01"`, `"id": ""`, line(`"id": "aa01"`) - 1, "without id, control or account"},
		{"twice", `"id": "aa02"`, `"id": "aa01"`, line(`"id": "aa02"`) - 1, `the id "aa01" appears twice`},
		{"type", `"literal": true`, `"literal": "yes"`, line(`"literal": true`), `"literal" cannot be a JSON string`},
		{"not JSON", `"literal": true,`, `"literal": true;`, line(`"literal": true`), "not JSON"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			broken := strings.Replace(good, tt.old, tt.new, 1)
			if broken == good {
				t.Fatalf("the report has no %s", tt.old)
			}
			_, err := ReadJSON(strings.NewReader(broken))
			var bad *strictjson.Error
			if !errors.As(err, &bad) || !strings.Contains(bad.Msg, tt.want) || bad.Line != tt.line {
				t.Errorf("error %v, want line %d, %q", err, tt.line, tt.want)
			}
		})
	}
	for _, text := range []string{"", "null", "[]", "{", good[:len(good)/2], good + "{}"} {
		if _, err := ReadJSON(strings.NewReader(text)); err == nil {
			t.Errorf("no error for %q", clip(text))
		}
	}
}

// TestReadJSONTolerates adds fields, as a later minor version may.
func TestReadJSONTolerates(t *testing.T) {
	text := string(written(t, auditJSON, everyStatus()))
	text = strings.Replace(text, `"literal": true`, `"literal": true, "novelty": {"a": 1}`, 1)
	text = strings.Replace(text, `"scope": {`, `"outlook": [], "scope": {"planet": "earth",`, 1)
	if _, err := ReadJSON(strings.NewReader(text)); err != nil {
		t.Error(err)
	}
}

func FuzzReadJSON(f *testing.F) {
	f.Add(`{"schema":"monitorctl/audit/v1","generatedAt":"2026-03-01T12:30:00Z","findings":[{"id":"a"}]}`)
	f.Add(`{"schema":"monitorctl/audit/v1","findings":null}`)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ReadJSON(strings.NewReader(text))
		if err != nil {
			return
		}
		again, err := ReadJSON(bytes.NewReader(written(t, auditJSON, r)))
		if err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
		if len(again.Findings) != len(r.Findings) {
			t.Errorf("%d findings, then %d", len(r.Findings), len(again.Findings))
		}
	})
}

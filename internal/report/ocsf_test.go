package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// An ocsfTable is testdata/ocsf-2003.json: what the framework says of the class
// and of the objects in it.
type ocsfTable struct {
	Source, Version, Root string
	Objects               map[string]struct {
		Attributes map[string]struct {
			Type     string
			Array    bool
			Required bool
			Enum     map[string]string // value: caption
		}
		AtLeastOne []string `json:"at_least_one"`
	}
}

func readOCSFTable(t *testing.T) ocsfTable {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "ocsf-2003.json"))
	if err != nil {
		t.Fatal(err)
	}
	var table ocsfTable
	if err := json.Unmarshal(text, &table); err != nil {
		t.Fatal(err)
	}
	return table
}

// complaints returns what is wrong with v, an object of the kind that the table
// knows as name.
func (table ocsfTable) complaints(name, at string, v map[string]any) []string {
	kind, ok := table.Objects[name]
	if !ok {
		return []string{fmt.Sprintf("%s: the table has no object %s", at, name)}
	}
	var out []string
	for attribute, a := range kind.Attributes {
		value, have := v[attribute]
		if !have {
			if a.Required {
				out = append(out, fmt.Sprintf("%s lacks %s", at, attribute))
			}
			continue
		}
		values := []any{value}
		if a.Array {
			if values, ok = value.([]any); !ok {
				out = append(out, fmt.Sprintf("%s.%s is no list", at, attribute))
			}
		}
		for _, value := range values {
			out = append(out, table.valueComplaints(a.Type, at+"."+attribute, value)...)
		}
		if caption, known := a.Enum[fmt.Sprint(value)]; len(a.Enum) > 0 && !known {
			out = append(out, fmt.Sprintf("%s.%s: %v is none of its values", at, attribute, value))
		} else if sibling, ok := v[strings.TrimSuffix(attribute, "_id")].(string); ok && known && strings.HasSuffix(attribute, "_id") && caption != "Other" && sibling != caption {
			out = append(out, fmt.Sprintf("%s.%s is %v, whose caption is %q, not %q", at, attribute, value, caption, sibling))
		}
	}
	for attribute := range v {
		if _, known := kind.Attributes[attribute]; !known {
			out = append(out, fmt.Sprintf("%s has %s, which the framework does not", at, attribute))
		}
	}
	if len(kind.AtLeastOne) > 0 && !slices.ContainsFunc(kind.AtLeastOne, func(a string) bool { return v[a] != nil }) {
		out = append(out, fmt.Sprintf("%s has none of %v", at, kind.AtLeastOne))
	}
	return out
}

// valueComplaints checks one value of a type of the framework.
func (table ocsfTable) valueComplaints(kind, at string, v any) []string {
	wrong := []string{fmt.Sprintf("%s: %v is no %s", at, v, kind)}
	switch kind {
	case "string_t", "resource_uid_t":
		if text, ok := v.(string); !ok || text == "" {
			return wrong
		}
	case "integer_t", "long_t", "timestamp_t":
		number, ok := v.(json.Number)
		if !ok {
			return wrong
		}
		n, err := strconv.ParseInt(number.String(), 10, 64)
		// Milliseconds since 1970: seconds would lie before 1971, nanoseconds
		// behind the year 30000.
		if err != nil || kind == "timestamp_t" && (n < 31_536_000_000 || n > 1e15) {
			return wrong
		}
	case "object":
		if _, ok := v.(map[string]any); !ok {
			return wrong
		}
	default:
		object, ok := v.(map[string]any)
		if !ok {
			return wrong
		}
		return table.complaints(kind, at, object)
	}
	return nil
}

// ocsfEvents reads the lines of a report.
func ocsfEvents(t *testing.T, text []byte) []map[string]any {
	t.Helper()
	var events []map[string]any
	for line := range bytes.Lines(text) {
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.UseNumber()
		var e map[string]any
		if err := dec.Decode(&e); err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

func TestOCSFGolden(t *testing.T) {
	golden(t, "audit.ocsf.jsonl", outputOf(t, OCSF, everyStatus(), withCatalog()))
}

// TestOCSFFollowsTable holds each event to what the framework requires.
func TestOCSFFollowsTable(t *testing.T) {
	table := readOCSFTable(t)
	if table.Version != ocsfVersion || table.Source == "" {
		t.Errorf("the table is of version %q, source %q; want %s", table.Version, table.Source, ocsfVersion)
	}
	bare := everyStatus()
	bare.Accounts, bare.Regions = nil, nil
	for name, r := range map[string]finding.Report{"every status": everyStatus(), "bare": bare, "hostile": hostile(), "enormous": enormous()} {
		t.Run(name, func(t *testing.T) {
			events := ocsfEvents(t, outputOf(t, OCSF, r, withCatalog()))
			if len(events) != len(r.Findings) {
				t.Errorf("%d events of %d findings", len(events), len(r.Findings))
			}
			for i, e := range events {
				for _, complaint := range table.complaints(table.Root, fmt.Sprintf("event %d", i), e) {
					t.Error(complaint)
				}
			}
		})
	}
}

// TestOCSFTableBites makes sure that the check finds what is wrong.
func TestOCSFTableBites(t *testing.T) {
	table := readOCSFTable(t)
	first := string(bytes.SplitAfter(outputOf(t, OCSF, everyStatus(), withCatalog()), []byte("\n"))[0])
	for _, change := range [][2]string{
		{`"class_uid":2003`, `"class_uid":2004`},
		{`"severity_id":3`, `"severity_id":7`},
		{`"severity":"Medium"`, `"severity":"High"`},
		{`"provider":"AWS",`, ``},
		{`"time":1772368200000`, `"time":1772368200`},
		{`"standards":["CIS AWS Foundations 3.0.0"]`, `"standards":"CIS"`},
		{`"status_details"`, `"status_detail"`},
		{`"version":"1.9.0",`, ``},
		{`"remediation":{"desc"`, `"remediation":{"description"`},
	} {
		broken := strings.Replace(first, change[0], change[1], 1)
		if broken == first {
			t.Fatalf("the event has no %s: %s", change[0], first)
		}
		if complaints := table.complaints(table.Root, "event", ocsfEvents(t, []byte(broken))[0]); len(complaints) == 0 {
			t.Errorf("with %s instead of %s nothing is wrong", change[1], change[0])
		}
	}
}

// TestOCSFStatus: the verdict and the state of the finding for each status.
func TestOCSFStatus(t *testing.T) {
	tests := []struct {
		status     finding.Status
		compliance string
		state      string
		severity   string
	}{
		{finding.Pass, "Pass", "Resolved", "Informational"},
		{finding.Warn, "Pass with a warning", "New", "High"},
		{finding.Fail, "Fail", "New", "High"},
		{finding.Unknown, "Warning", "New", "High"},
		{finding.Waived, "Fail", "Suppressed", "High"},
		{finding.NotApplicable, "Not applicable", "Resolved", "Informational"},
	}
	for _, tt := range tests {
		f := gapInFilter()
		f.Status = tt.status
		if tt.status == finding.Waived {
			f.Waiver = &finding.Waiver{Was: finding.Fail}
		}
		e := ocsfEventOf(f, fourControls(), Options{})
		if e.Compliance.Status != tt.compliance || e.Status != tt.state || e.Severity != tt.severity {
			t.Errorf("%s: compliance %q, status %q, severity %q; want %q, %q, %q",
				tt.status, e.Compliance.Status, e.Status, e.Severity, tt.compliance, tt.state, tt.severity)
		}
	}
}

// readOCSF is the check of the corpus of hostile names: the shape of the lines.
func readOCSF(t *testing.T, out []byte) (shape, text string) {
	t.Helper()
	for line := range bytes.Lines(out) {
		s, x := readJSONShape(t, line)
		shape, text = shape+s+"\n", text+x
	}
	return shape, text
}

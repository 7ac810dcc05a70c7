package lint

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/events"
	"github.com/monitorctl/monitorctl/internal/pattern/suspicion"
)

// TestOutputDocument holds docs/output.md to the code: it names every field of
// the JSON report and explains every code.
func TestOutputDocument(t *testing.T) {
	data, err := os.ReadFile("../../docs/output.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(data), "## The report of pattern lint\n")
	if !found {
		t.Fatal("the section is missing")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	for _, v := range []any{jsonReport{}, jsonFile{}, jsonError{}, jsonPattern{}, jsonFinding{}, jsonCover{}, jsonEvent{}, jsonSummary{}, jsonAsked{}} {
		for i := range reflect.TypeOf(v).NumField() {
			name := reflect.TypeOf(v).Field(i).Tag.Get("json")
			if !strings.Contains(section, "`"+name+"`") && !strings.Contains(section, "`"+name+"[]`") {
				t.Errorf("the field %s of %T is not named", name, v)
			}
		}
	}
	explained := map[string]bool{CodeBroad: true, CodeUnlisted: true}
	for _, c := range codes {
		explained[c.code] = true
		if !strings.Contains(section, "\n- `"+c.code+"`: "+c.text+"\n") {
			t.Errorf("the code %s is not explained as in SARIF: %s", c.code, c.text)
		}
	}
	for _, code := range []string{
		CodeSyntax, CodeTooLong, CodeNearly, CodeHalf, CodeValue, CodeBroad, CodeUnlisted,
		string(events.SuspectUnknown), string(events.SuspectCase), string(events.SuspectSource),
		string(suspicion.Everything), string(suspicion.Never), string(suspicion.Always), string(suspicion.Precedence),
		string(suspicion.Broad), string(suspicion.Missing), string(suspicion.NoField), string(suspicion.Repeated),
		string(suspicion.Ignored), string(suspicion.Split), string(suspicion.Uncertain),
	} {
		if !strings.Contains(section, "\n- `"+code+"`: ") {
			t.Errorf("the code %s is not explained", code)
		}
		if !explained[code] {
			t.Errorf("the code %s has no rule in SARIF", code)
		}
	}
}

package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/strictjson"
)

func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func header(id string) Header {
	return Header{Account: id, Partition: "aws", Salt: "5a17", Tool: "monitorctl 1.2.3"}
}

func filterEntry(name string) change.Record[action.State] {
	f := account.MetricFilter{LogGroup: "g", Name: name, Pattern: "{ $.a = b && $.c < 1 }", Metric: "m", Namespace: "n", Value: "1"}
	return change.Record[action.State]{Object: change.Object{Kind: action.FilterKind, Region: "r", LogGroup: "g", Name: name}, After: &action.State{Filter: &f}}
}

// run writes entries with their results as one run.
func run(t *testing.T, path, id string, entries ...change.Record[action.State]) {
	t.Helper()
	w, err := Open[action.State](path, header(id), noon)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for _, e := range entries {
		n, err := w.Begin(e)
		if err == nil && e.Result != change.None {
			err = w.End(n, e.Result, e.ARN, "")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, path string) (Journal[action.State], error) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return Read[action.State](f)
}

func allKinds() []change.Record[action.State] {
	tags, policy, one := map[string]string{"a": "b"}, "{}", 1.0
	alarm := account.MetricAlarm{Name: "A", Threshold: &one, EvaluationPeriods: 1}
	list := []change.Record[action.State]{
		filterEntry("F"),
		{Object: change.Object{Kind: action.AlarmKind, Region: "r", Name: "A"}, Before: &action.State{Alarm: &alarm}, After: &action.State{Alarm: &alarm, Tags: &tags}},
		{Object: change.Object{Kind: action.TopicKind, Region: "r", Name: "arn:t"}, After: &action.State{Topic: &action.Topic{ARN: "arn:t", KeyID: "k"}, Tags: &tags}},
		{Object: change.Object{Kind: action.TopicKind, Region: "r", Name: "arn:t"}, Before: &action.State{Policy: new(string)}, After: &action.State{Policy: &policy}},
		{Object: change.Object{Kind: action.SubscriptionKind, Region: "r", Name: "arn:t", Endpoint: "sms 12"}, After: &action.State{Subscription: &action.Subscription{Protocol: "sms", Endpoint: "+49***"}}, BeforeUnknown: true},
	}
	list = append(list, change.Record[action.State]{Object: change.Object{Kind: action.AlarmKind, Region: "r", Name: "A"}, Before: &action.State{Alarm: &alarm, Tags: &tags}})
	for i, r := range []change.Result{change.Done, change.Failed, change.Uncertain, change.None, change.Done, change.Done} {
		list[i].Result = r
	}
	list[4].ARN = "arn:t:sub"
	return list
}

// What was written is read, run behind run.
func TestRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	run(t, path, "111122223333", allKinds()...)
	run(t, path, "111122223333", filterEntry("G"))
	j, err := read(t, path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(append(allKinds(), filterEntry("G")), j.Records); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if j.Header.Account != "111122223333" || j.Header.Salt != "5a17" {
		t.Errorf("header: %+v", j.Header)
	}
}

// TestCutAnywhere cuts a journal off behind every byte: what is whole is read,
// and a further run continues it.
func TestCutAnywhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	run(t, path, "111122223333", filterEntry("A"), filterEntry("B"))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(data) + 1 {
		cut := filepath.Join(t.TempDir(), "cut")
		if err := os.WriteFile(cut, data[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		want := max(0, strings.Count(string(data[:n]), "\n")-1)
		if strings.Contains(string(data[:n]), "\n") {
			if j, err := read(t, cut); err != nil || len(j.Records) != want {
				t.Fatalf("cut behind %d bytes: %d entries, %v, want %d", n, len(j.Records), err, want)
			}
		}
		run(t, cut, "111122223333", filterEntry("C"))
		if j, err := read(t, cut); err != nil || len(j.Records) != want+1 {
			t.Fatalf("continued behind %d bytes: %d entries, %v, want %d", n, len(j.Records), err, want+1)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	other, text := filepath.Join(dir, "other"), filepath.Join(dir, "text")
	run(t, other, "999999999999")
	if err := os.WriteFile(text, []byte("precious\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		other: "it is for account 999999999999, not 111122223333", text: "not JSON", filepath.Join(dir, "no", "where"): "opening the journal",
	} {
		if _, err := Open[action.State](path, header("111122223333"), noon); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	if data, _ := os.ReadFile(text); string(data) != "precious\n" {
		t.Errorf("a file that is no journal was changed: %q", data)
	}
}

// Two runs at once do not write over each other.
func TestOneRunAtATime(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no locks there")
	}
	path := filepath.Join(t.TempDir(), "j")
	first, err := Open[action.State](path, header("111122223333"), noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open[action.State](path, header("111122223333"), noon); err == nil || !strings.Contains(err.Error(), "another run is writing it") {
		t.Errorf("a second run: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	run(t, path, "111122223333", filterEntry("A"))
}

func TestReadRefuses(t *testing.T) {
	head := `{"schema":"monitorctl/journal/v1","account":"111122223333","partition":"aws","salt":"5a17","tool":"t","startedAt":"2026-03-01T12:00:00Z"}` + "\n"
	intent := func(n int, object, after string) string {
		return fmt.Sprintf(`{"n":%d,"at":"2026-03-01T12:00:00Z","object":%s,"after":%s}`+"\n", n, object, after)
	}
	const object, after = `{"kind":"metric-filter","region":"r","logGroup":"g","name":"F"}`,
		`{"filter":{"logGroup":"g","name":"F","pattern":"","namespace":"","metric":"","value":""}}`
	tests := []struct{ name, in, want string }{
		{"empty", "", "line 1, column 1: it is not a journal: it is empty"},
		{"a snapshot", `{"schema":"monitorctl/snapshot/v1"}` + "\n", `its schema is "monitorctl/snapshot/v1"`},
		{"newer", `{"schema":"monitorctl/journal/v2"}` + "\n", "newer than this version"},
		{"unknown field", head + strings.Replace(intent(1, object, after), `"n"`, `"m"`, 1), `line 2, column 2: this version does not know the field "m"`},
		{"not JSON", head + "nonsense\n", "line 2, column 2: not JSON"},
		{"a run on another account", head + strings.Replace(head, "111122223333", "999999999999", 1), "line 2, column 1: a run on account 999999999999"},
		{"twice", head + intent(1, object, after) + intent(1, object, after), "line 3, column 1: write 1 appears twice"},
		{"a result without intent", head + `{"n":7,"at":"2026-03-01T12:00:00Z","result":"done"}` + "\n", "line 2, column 1: the result of write 7, which was never begun"},
		{"no result", head + intent(1, object, after) + `{"n":1,"at":"2026-03-01T12:00:00Z","result":"perhaps"}` + "\n", `"perhaps" is not a result`},
		{"another object than it says", head + intent(1, strings.Replace(object, `"F"`, `"X"`, 1), after), `what is written is not the metric-filter "X"`},
		{"another kind than it says", head + intent(1, strings.Replace(object, "metric-filter", "alarm", 1), after), "what is written is not"},
		{"an unknown kind", head + intent(1, strings.Replace(object, "metric-filter", "bucket", 1), after), "what is written is not"},
		{"nothing written", head + `{"n":1,"at":"2026-03-01T12:00:00Z","object":` + object + "}\n", "does not say what it writes"},
		{"no region", head + intent(1, strings.Replace(object, `"r"`, `""`, 1), after), `of region ""`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Read[action.State](strings.NewReader(tt.in))
			var bad *strictjson.Error
			if !errors.As(err, &bad) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// TestSchema holds every line to the published schema, which is closed.
func TestSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../../docs/schema/journal-v1.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "j")
	run(t, path, "111122223333", allKinds()...)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err == nil {
			err = schema.Validate(v)
		}
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// TestSeveralSubscriptions keeps runs on several subscriptions of Azure in one journal,
// whose objects name theirs. Accounts of AWS have one each.
func TestSeveralSubscriptions(t *testing.T) {
	const first, second = "11111111-2222-3333-4444-555555555555", "22222222-2222-3333-4444-555555555555"
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	h := header(first)
	h.Partition = azure
	w, err := Open[action.State](path, h, noon)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{first, second, second, first} {
		if err := w.On(id); err != nil {
			t.Fatal(err)
		}
		n, err := w.Begin(filterEntry(id))
		if err == nil {
			err = w.End(n, change.Done, "", "")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	j, err := read(t, path)
	if err != nil || !cmp.Equal(j.Accounts, []string{first, second}) || len(j.Records) != 4 || j.Header.Account != first {
		t.Errorf("accounts %v, %d records, %v", j.Accounts, len(j.Records), err)
	}
	only := j.Only(func(o change.Object) bool { return o.Name == second })
	if len(only.Records) != 2 || len(only.Times) != 2 || only.Records[0].Object.Name != second {
		t.Errorf("the records of one: %+v", only.Records)
	}
	// Another run may begin with either, and takes the salt of the first.
	h.Account, h.Salt = second, "other"
	w, err = Open[action.State](path, h, noon)
	if err != nil || w.Salt() != "5a17" {
		t.Fatalf("continued: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open[action.State](path, header("111122223333"), noon); err == nil {
		t.Error("an account of AWS continues a journal of Azure")
	}
}

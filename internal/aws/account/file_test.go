package account

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

// example is a snapshot with a bit of everything whose shape could get lost on
// the way to a file and back.
func example() Snapshot {
	zero := 0.0
	at := time.Date(2026, 3, 1, 12, 0, 0, 5e6, time.UTC)
	return Snapshot{
		Schema: SchemaV1, TakenAt: time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC), Salt: "ab12",
		Accounts: []Account{{
			ID: "111122223333", Partition: "aws", Scope: []string{"eu-central-1", "us-east-1"},
			Trails: []Trail{{
				ARN: "arn:aws:cloudtrail:eu-central-1:111122223333:trail/t", Name: "t", HomeRegion: "eu-central-1",
				Status: &Read[TrailStatus]{Value: TrailStatus{Logging: true, LatestLogsDeliveryTime: &at}},
			}},
			Regions: []Region{{
				Name:   "eu-central-1",
				Trails: &Read[[]string]{Value: []string{"arn:aws:cloudtrail:eu-central-1:111122223333:trail/t"}},
				LogGroups: map[string]*Read[*LogGroup]{
					"gone": {},
					"t":    {Value: &LogGroup{Name: "t", ARN: "arn:aws:logs:eu-central-1:111122223333:log-group:t"}},
				},
				MetricFilters: &Read[[]MetricFilter]{Value: []MetricFilter{{LogGroup: "t", Name: "f", Pattern: "{ $.a = 1 && $.b < 2 }", Default: &zero}}},
				Alarms:        &Read[Alarms]{Failure: &Failure{Operation: "cloudwatch:DescribeAlarms", Code: "AccessDenied", Message: "no"}},
				MuteRules: &Read[[]MuteRule]{Value: []MuteRule{{ARN: "arn:aws:cloudwatch:eu-central-1:111122223333:alarm-mute-rule:m", Name: "m", Status: MuteActive,
					Details: &Read[MuteDetails]{Value: MuteDetails{Alarms: []string{"a"}, Expression: "cron(0 2 * * *)", Duration: "PT4H", Start: &at}}}}},
				ActionHistory: &Read[ActionHistory]{Value: ActionHistory{Actions: []AlarmAction{{Alarm: "a", At: at, Failed: true, Message: "no"}}}},
				Transformers:  map[string]*Read[*Transformer]{"t": {}},
				Topics:        map[string]*Topic{"arn:aws:sns:eu-central-1:111122223333:x": {ARN: "arn:aws:sns:eu-central-1:111122223333:x", Attributes: &Read[*TopicAttributes]{}}},
			}, {Name: "us-east-1", Trails: &Read[[]string]{}}},
		}},
	}
}

func encode(t *testing.T, s Snapshot) string {
	t.Helper()
	var b bytes.Buffer
	if err := Encode(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFileRoundTrip(t *testing.T) {
	want := example()
	text := encode(t, want)
	got, err := Decode(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("decoded snapshot differs:\n got %s\nwant %s", encode(t, got), text)
	}
	if again := encode(t, got); again != text {
		t.Errorf("second encoding differs:\n%s", again)
	}
	if !strings.Contains(text, "&& $.b < 2") {
		t.Error("patterns are not readable in the file")
	}
}

// A thing that was not read, one that does not exist and one that is empty must
// come back as they were.
func TestFileKeepsUnreadApart(t *testing.T) {
	s, err := Decode(strings.NewReader(encode(t, example())))
	if err != nil {
		t.Fatal(err)
	}
	r := s.Accounts[0].Regions
	if g, ok := r[0].LogGroups["gone"].Got(); !ok || g != nil {
		t.Errorf("missing log group: got %v, %v, want nil, true", g, ok)
	}
	if _, ok := r[0].Alarms.Got(); ok || r[0].Alarms.Failed() == nil {
		t.Error("failed read of the alarms came back as an answer")
	}
	if r[1].Alarms != nil {
		t.Error("alarms that were not read came back as read")
	}
	if trails, ok := r[1].Trails.Got(); !ok || len(trails) != 0 {
		t.Errorf("empty list of trails: got %v, %v, want empty, true", trails, ok)
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := encode(t, example())
	change := func(old, to string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the example has no %s", old)
		}
		return strings.Replace(good, old, to, 1)
	}
	swapped := example()
	r := swapped.Accounts[0].Regions
	r[0], r[1] = r[1], r[0]

	doubled := func(change func(*Region, *Snapshot)) string {
		s := example()
		change(&s.Accounts[0].Regions[0], &s)
		return encode(t, s)
	}
	tests := []struct{ name, text, want string }{
		{"filter twice", doubled(func(r *Region, _ *Snapshot) {
			r.MetricFilters = &Read[[]MetricFilter]{Value: []MetricFilter{{LogGroup: "a", Name: "f"}, {LogGroup: "b", Name: "f"}, {LogGroup: "a", Name: "f", Pattern: "x"}}}
		}), "region eu-central-1: metric filter f of log group a occurs twice"},
		{"alarm twice, of two kinds", doubled(func(r *Region, _ *Snapshot) {
			r.Alarms = &Read[Alarms]{Value: Alarms{Metric: []MetricAlarm{{Name: "a"}}, Composite: []CompositeAlarm{{Name: "b"}, {Name: "a"}}}}
		}), `region eu-central-1: alarm "a" occurs twice`},
		{"account twice", doubled(func(_ *Region, s *Snapshot) { s.Accounts = append(s.Accounts, s.Accounts[0]) }), "account 111122223333 occurs twice"},
		{"empty", " \n", "not a monitorctl snapshot: the file is empty"},
		{"no JSON", "hello", "line 1, column 1: not JSON: invalid character 'h' looking for beginning of value"},
		{"a list", "[1]", "line 1, column 1: a snapshot cannot be a JSON array"},
		{"other JSON", `{"a":1}`, `not a monitorctl snapshot: it has no "schema"`},
		{"other schema", `{"schema":"monitorctl/audit/v1"}`, `not a monitorctl snapshot: its schema is "monitorctl/audit/v1"`},
		{"newer", change(SchemaV1, "monitorctl/snapshot/v2"), `schema "monitorctl/snapshot/v2" is newer than this version, which reads monitorctl/snapshot/v1`},
		{"cut off", good[:len(good)-4], "snapshot is cut off: its JSON does not end"},
		{"broken inside", change(`"salt": "ab12"`, `"salt": ab12`), "line 4, column 11: not JSON: invalid character 'a' looking for beginning of value"},
		{"unknown field", change(`"salt"`, `"pepper"`), `unknown field "pepper"`},
		{"unknown field deep down", change(`"pattern"`, `"patern"`), `unknown field "patern"`},
		{"wrong type", change(`"111122223333"`, `111122223333`), `"accounts.id" cannot be a JSON number`},
		{"more behind", good + "{}", "text behind the end of the snapshot"},
		{"no time", change(`"takenAt": "2026-03-01T12:30:00Z"`, `"takenAt": "0001-01-01T00:00:00Z"`), "snapshot has no takenAt"},
		{"no accounts", `{"schema":"monitorctl/snapshot/v1","takenAt":"2026-03-01T12:30:00Z","accounts":[]}`, "snapshot has no accounts"},
		{"account id", change(`"111122223333"`, `"11112222333x"`), `account id "11112222333x" is not 12 digits`},
		{"regions out of order", encode(t, swapped), "account 111122223333: regions are not sorted by name"},
		{"region twice", strings.ReplaceAll(good, `"name": "us-east-1"`, `"name": "eu-central-1"`), "regions are not sorted by name"},
		{"scope out of order", change("\"eu-central-1\",\n        \"us-east-1\"", "\"us-east-1\",\n        \"eu-central-1\""), "scope is not sorted"},
		{"null topic", change(`"topics": {`, `"topics": {"x": null,`), `region eu-central-1: topic "x" is null`},
		{"null group", change(`"gone": {}`, `"gone": null`), `region eu-central-1: log group "gone" is null`},
		{"null transformer", change(`"transformers": {`, `"transformers": {"x": null,`), `region eu-central-1: transformer of log group "x" is null`},
		{"too deep", strings.Repeat(`{"schema":`, 20000), "exceeded max depth"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Decode(strings.NewReader(tt.text))
			if err == nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			var format *FormatError
			if !errors.As(err, &format) {
				t.Errorf("error is a %T, want *FormatError", err)
			}
		})
	}
}

// endless gives spaces for ever, counting them.
type endless struct{ n int64 }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.n += int64(len(p))
	return len(p), nil
}

func TestDecodeIsBounded(t *testing.T) {
	const limit = 1 << 20
	r := &endless{}
	_, err := decode(r, limit)
	if err == nil || !strings.Contains(err.Error(), "larger than 1 MB") {
		t.Errorf("got %v, want an error about the size", err)
	}
	if r.n > limit+1 {
		t.Errorf("read %d bytes, limit is %d", r.n, limit)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("disk on fire") }

func TestDecodeReportsReadErrors(t *testing.T) {
	_, err := Decode(broken{})
	if err == nil || err.Error() != "reading snapshot: disk on fire" {
		t.Errorf("got %v", err)
	}
}

// Whatever a file holds, Decode returns; an accepted snapshot is stable.
func FuzzDecode(f *testing.F) {
	var b bytes.Buffer
	if err := Encode(&b, example()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"schema":"monitorctl/snapshot/v1"}`))
	f.Add([]byte(`[[[[`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Decode(bytes.NewReader(data))
		if err != nil {
			var format *FormatError
			if !errors.As(err, &format) {
				t.Fatalf("error is a %T: %v", err, err)
			}
			if n := bytes.Count(data, []byte("\n")) + 1; format.Line > n {
				t.Fatalf("error in line %d of %d: %v", format.Line, n, err)
			}
			return
		}
		text := encode(t, s)
		again, err := Decode(strings.NewReader(text))
		if err != nil {
			t.Fatalf("refused its own encoding: %v\n%s", err, text)
		}
		if encode(t, again) != text {
			t.Fatalf("not stable:\n%s", text)
		}
	})
}

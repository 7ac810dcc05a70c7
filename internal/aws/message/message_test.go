package message

import (
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/transformer"
	"github.com/monitorctl/monitorctl/internal/channel"
	"github.com/monitorctl/monitorctl/internal/eventpattern"
)

var update = flag.Bool("update", false, "write the expected texts")

var groups = About{Control: "security-group-changes", Title: "Security group changes", Severity: "high", Partition: "aws"}

// texts are all forms of a message.
func texts(a About) map[string]transformer.Transformer {
	return map[string]transformer.Transformer{
		"mail": Mail(a), "sms": SMS(), "chat": Chat(a), "pagerduty": PagerDuty(a), "servicenow": ServiceNow(a), "zendesk": Zendesk(a),
		"slack": Webhook(a, channel.SlackChat), "discord": Webhook(a, channel.Discord), "teams": Webhook(a, channel.Teams), "other": Webhook(a, channel.NoChat),
	}
}

// samples are the records of the project's sample log files, one for each operation,
// identity and outcome.
func samples(t *testing.T) []map[string]any {
	t.Helper()
	files, err := filepath.Glob("../../../testdata/cloudtrail/*.json*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	var all []map[string]any
	seen := map[string]bool{}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		var in io.Reader = f
		if strings.HasSuffix(name, ".gz") {
			if in, err = gzip.NewReader(f); err != nil {
				t.Fatal(err)
			}
		}
		var file struct{ Records []map[string]any }
		if err := json.NewDecoder(in).Decode(&file); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		for _, r := range file.Records {
			identity, _ := r["userIdentity"].(map[string]any)
			key := fmt.Sprint(r["eventSource"], r["eventName"], r["errorCode"], r["sourceIPAddress"], identity["type"], identity["arn"])
			if !seen[key] {
				seen[key] = true
				all = append(all, r)
			}
		}
	}
	return all
}

// onBus returns the event of a record; nil for a record that EventBridge makes no event of
// that is known.
func onBus(t *testing.T, record map[string]any) []byte {
	t.Helper()
	data, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	events, err := eventpattern.Envelopes(data)
	if err != nil {
		return nil
	}
	return events[0]
}

// TestSamples renders every text on every sample record: what is sent is what its
// receiver can read, and says who did what, where and from where.
func TestSamples(t *testing.T) {
	all := texts(groups)
	seen := 0
	for _, record := range samples(t) {
		on := onBus(t, record)
		if on == nil {
			continue
		}
		seen++
		identity, _ := record["userIdentity"].(map[string]any)
		for form, text := range all {
			sent := text.Render(on, transformer.Rule{})
			words := strings.Join(wordsOf(t, form, sent), "\n")
			for _, field := range []any{record["eventName"], record["awsRegion"], record["sourceIPAddress"], record["errorCode"], identity["arn"]} {
				if s, ok := field.(string); ok && !strings.Contains(words, s) {
					t.Fatalf("%s: %q is not said:\n%s", form, s, sent)
				}
			}
			if id, _ := record["eventID"].(string); form != "sms" && !strings.Contains(words, "#/events/"+id) {
				t.Fatalf("%s: no link to event %s:\n%s", form, id, sent)
			}
			if form == "sms" && len(transformer.Plain(sent)) > 2*140 {
				t.Errorf("a text of %d bytes for a phone: %s", len(sent), sent)
			}
		}
	}
	if seen < 300 {
		t.Errorf("only %d sample records", seen)
	}
}

// wordsOf returns all texts in a message, and fails where its receiver could not read it.
func wordsOf(t *testing.T, form, sent string) []string {
	t.Helper()
	if form == "mail" || form == "sms" {
		for line := range strings.SplitSeq(sent, "\n") {
			var text string
			if err := json.Unmarshal([]byte(line), &text); err != nil {
				t.Fatalf("%s: line %s: %v", form, line, err)
			}
		}
		return []string{transformer.Plain(sent)}
	}
	var value any
	if err := json.Unmarshal([]byte(sent), &value); err != nil {
		t.Fatalf("%s: %v\n%s", form, err, sent)
	}
	var words []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			words = append(words, v)
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(value)
	return words
}

// What a caller chooses freely has no part in any text.
func TestHostileValues(t *testing.T) {
	hostile := "\"}\n<what><aws.events.event.json>\\\"'`{{x}}${y}\x01"
	record := samples(t)[0]
	before := onBus(t, record)
	for _, field := range []string{"userAgent", "errorMessage", "requestID", "apiVersion", "vpcEndpointId"} {
		record[field] = hostile
	}
	for _, field := range []string{"requestParameters", "responseElements", "additionalEventData", "serviceEventDetails"} {
		record[field] = map[string]any{hostile: hostile, "eventName": hostile}
	}
	identity, _ := record["userIdentity"].(map[string]any)
	identity["userName"], identity["principalId"] = hostile, hostile
	after := onBus(t, record)
	if slices.Equal(before, after) {
		t.Fatal("nothing was changed")
	}
	for form, text := range texts(groups) {
		if got, want := text.Render(after, transformer.Rule{}), text.Render(before, transformer.Rule{}); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", form, got, want)
		}
	}
}

// A title can hold anything that a catalog file may say.
func TestTitles(t *testing.T) {
	for _, title := range []string{"plain", "a <what> of \"quotes\" \\ and\nlines", "<b>", strings.Repeat("ü", 200)} {
		for form, text := range texts(About{Control: "c", Title: title}) {
			if err := text.Check(); err != nil {
				t.Errorf("%s of %q: %v", form, title, err)
			}
			wordsOf(t, form, text.Render([]byte(`{}`), transformer.Rule{}))
		}
	}
}

// TestTexts holds the texts of one event, as receivers get them.
func TestTexts(t *testing.T) {
	record := map[string]any{
		"eventVersion": "1.11", "eventTime": "2026-03-02T09:00:00Z", "eventSource": "ec2.amazonaws.com", "eventName": "DeleteSecurityGroup", "eventType": "AwsApiCall",
		"awsRegion": "eu-central-1", "sourceIPAddress": "198.51.100.7", "recipientAccountId": "111122223333", "eventID": "0a1b2c3d-0000-4000-8000-000000000002",
		"sessionCredentialFromConsole": "true", "userAgent": "AWS Internal",
		"userIdentity": map[string]any{"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/admin/alice"},
	}
	var b strings.Builder
	all := texts(groups)
	for _, form := range []string{"mail", "sms", "chat", "pagerduty", "servicenow", "zendesk", "slack", "discord", "teams"} {
		b.WriteString("== " + form + "\n" + transformer.Plain(all[form].Render(onBus(t, record), transformer.Rule{})) + "\n\n")
	}
	const name = "testdata/texts.txt"
	if *update {
		if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil || b.String() != string(want) {
		t.Errorf("%v, got\n%s", err, b.String())
	}
}

func TestPartitions(t *testing.T) {
	for partition, host := range map[string]string{"aws": "console.aws.amazon.com", "": "console.aws.amazon.com", "aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"} {
		if text := Mail(About{Partition: partition}).Template; !strings.Contains(text, "https://<where>."+host+"/cloudtrailv2/") {
			t.Errorf("%s: %s", partition, text)
		}
	}
}

func TestSeverities(t *testing.T) {
	for severity, want := range map[string]string{"critical": "critical", "high": "error", "medium": "warning", "low": "info", "": "warning"} {
		if text := PagerDuty(About{Severity: severity}).Template; !strings.Contains(text, `"severity":"`+want+`"`) {
			t.Errorf("%s: %s", severity, text)
		}
	}
}

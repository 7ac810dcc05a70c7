package cmd

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// TestRoutesDestroyed removes the topics of routes with the alarms and rules that notify
// them, with and without the configuration that made them. A topic of someone else that a
// route names stays.
func TestRoutesDestroyed(t *testing.T) {
	const theirs = "arn:aws:sns:" + demoRegion + ":" + demoAccount + ":theirs"
	conf := filepath.Join(t.TempDir(), "monitorctl.yaml")
	text := `notify:
  routes:
    - {controls: [security-group-changes], topic: network, subscribe: ["sms:` + phone + `"]}
    - {controls: [nacl-changes], topic: "` + theirs + `"}
`
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, how := range [][]string{nil, {"--config", conf}} {
		l := newCmdLab(t)
		topic, err := l.region.CreateTopic(awstest.CreateTopicInput{Name: "theirs"})
		l.must(err)
		l.must(l.region.SetTopicAttribute(topic, "Policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["events.amazonaws.com","cloudwatch.amazonaws.com"]},"Action":"sns:Publish","Resource":"`+topic+`"}]}`))
		_, err = l.region.Subscribe(awstest.SubscribeInput{TopicARN: topic, Protocol: "sms", Endpoint: phone})
		l.must(err)
		before := l.account()
		l.want(exit.Done, "apply", "security-group-changes", "nacl-changes", "--transport", "both", "--config", conf, "--yes")
		if l.account() == before {
			t.Fatal("apply changes nothing")
		}
		l.want(exit.Done, append([]string{"destroy", "--yes"}, how...)...)
		if d := cmp.Diff(before, l.account()); d != "" {
			t.Errorf("destroy %v (-before +destroyed):\n%s", how, d)
		}
		for name, gone := range map[string]bool{"network": true, "monitorctl-alerts": true, "theirs": false} { // a snapshot has only topics that something notifies
			err := l.region.SetTopicAttribute("arn:aws:sns:"+demoRegion+":"+demoAccount+":"+name, "DisplayName", "x")
			if (err != nil) != gone {
				t.Errorf("destroy %v: topic %s: %v", how, name, err)
			}
		}
	}
}

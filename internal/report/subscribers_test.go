package report

import (
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/subscribers"
)

var whoIsTold = subscribers.List{
	Subscribers: []subscribers.Subscriber{
		{Account: "111122223333", Region: "eu-central-1", TopicARN: "arn:aws:sns:eu-central-1:111122223333:alerts", Protocol: "email", Endpoint: "s***@example.com", State: subscribers.Confirmed,
			Leaves: subscribers.OneClick, Controls: []string{"a", "b", "c", "d", "e"}, InPart: []string{"e"}},
		{Account: "111122223333", Region: "eu-central-1", TopicARN: "arn:aws:sns:eu-central-1:111122223333:alerts", Protocol: "email", Endpoint: "o***@example.com", State: subscribers.Expired,
			Since: time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC), Controls: []string{"a"}},
		{Account: "111122223333", Region: "eu-central-1", TopicARN: "arn:aws:sns:eu-central-1:111122223333:pager", Protocol: "lambda", Endpoint: "arn:aws:lambda:eu-central-1:111122223333:function:to-slack",
			State: subscribers.Declared, Reaches: "=#sec\x1b", Controls: []string{"root-usage"}},
	},
	Nobody: []subscribers.Unalerted{{Account: "111122223333", Control: "nacl-changes", Code: "topic-policy"}, {Account: "111122223333", Control: "vpc-changes", Code: "not-readable", Unknown: true}},
}

func TestSubscribers(t *testing.T) {
	const want = `SUBSCRIBER                   STATE      SINCE       LEAVES BY  TOPIC   ALERTED FOR
email s***@example.com       confirmed  unknown     one click  alerts  5 controls (1 in part)
email o***@example.com       expired?   2026-11-28  -          alerts  a, once confirmed
lambda to-slack (=#sec\x1b)  declared   unknown     -          pager   root-usage
nobody                       -          -           -          -       nacl-changes: topic-policy
unknown                      -          -           -          -       vpc-changes: not-readable

expired?: the link in the message is valid for two days. 'monitorctl apply --subscribe' sends it again.
`
	var b strings.Builder
	if err := Subscribers(&b, whoIsTold, Options{}); err != nil || b.String() != want {
		t.Errorf("%v, got\n%s\nwant\n%s", err, b.String(), want)
	}
	b.Reset()
	if err := Subscribers(&b, whoIsTold, Options{Width: 60}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if strings.HasPrefix(line, "email") && len(line) > 90 {
			t.Errorf("a line of %d in a terminal of 60: %s", len(line), line)
		}
	}
	b.Reset()
	if err := Subscribers(&b, subscribers.List{}, Options{}); err != nil || !strings.Contains(b.String(), "There are no subscribers in what was read.") {
		t.Errorf("%v, an empty list: %s", err, b.String())
	}
}

func TestSubscribersCSV(t *testing.T) {
	var b strings.Builder
	if err := SubscribersCSV(&b, whoIsTold, Options{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"111122223333,eu-central-1,arn:aws:sns:eu-central-1:111122223333:alerts,email,s***@example.com,confirmed,unknown,one click,,e,true\n",
		`,declared,unknown,,'=#sec\x1b,root-usage,false` + "\n", "111122223333,,,,,nobody,,,,nacl-changes,\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no line %q in\n%s", want, b.String())
		}
	}
}

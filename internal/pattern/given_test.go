package pattern

import "testing"

func TestGiven(t *testing.T) {
	texts := map[string]string{"eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com"}
	for _, c := range []struct{ pattern, want string }{
		{`{ $.eventName = StopLogging }`, "true"},
		{`{ $.eventName = DeleteTrail }`, "false"},
		{`{ $.eventName = DeleteTrail || $.eventName = Stop* }`, "true"},
		{`{ $.eventName != StopLogging || $.eventSource = "x" }`, "false"},
		{`{ $.eventName = StopLogging && $.userIdentity.type = Root }`, "{$.userIdentity.type=Root}"},
		{`{ $.eventName = DeleteTrail && $.userIdentity.type = Root }`, "false"},
		{`{ $.eventName = StopLogging || $.userIdentity.type = Root }`, "true"},
		{`{ ($.eventName = DeleteTrail || $.a = 1 || $.b = 2) && $.c = 3 && $.eventName = Stop* }`, "{($.a=1||$.b=2)&&$.c=3}"},
		{`{ $.eventName NOT EXISTS }`, "false"},
		{`{ $.eventName = %^Stop% }`, "true"},
		{`{ $.eventName = Stop*ging }`, "{$.eventName=Stop*ging}"}, // an asterisk in the middle
		{`{ $.* = StopLogging }`, "{$.*=StopLogging}"},
		{`StopLogging`, "StopLogging"},
		{``, ""},
	} {
		p, err := Parse(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		rest, value, decided := p.Given(texts)
		got := map[bool]string{true: "true", false: "false"}[value]
		if !decided {
			got = rest.String()
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.pattern, got, c.want)
		}
	}
}

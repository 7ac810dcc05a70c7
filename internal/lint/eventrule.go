package lint

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/cloudtrail/eventnames"
	"github.com/monitorctl/monitorctl/internal/cloudtrail/vocabulary"
	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/events"
	"github.com/monitorctl/monitorctl/internal/iac"
)

// judgeEvents judges a pattern of EventBridge: its syntax, and the names of
// events of CloudTrail that it asks for.
func judgeEvents(q question) answer {
	f := fill(q.text, fillings[0])
	if _, err := eventpattern.Parse(f.text); err != nil {
		var syntax *eventpattern.SyntaxError
		switch {
		case iac.HasHole(q.text):
			return answer{notJudged: "what is known of it is no event pattern"}
		case q.deployed:
			return answer{notJudged: "not understood, though EventBridge has accepted it: " + err.Error()}
		case errors.As(err, &syntax):
			return answer{findings: []Finding{{Offset: syntax.Offset, Code: CodeSyntax, Message: syntax.Msg}}}
		}
		return answer{findings: []Finding{{Code: CodeSyntax, Message: err.Error()}}}
	}
	var root struct {
		Detail struct {
			EventName   []any `json:"eventName"`
			EventSource []any `json:"eventSource"`
		} `json:"detail"`
	}
	if json.Unmarshal([]byte(f.text), &root) != nil {
		return answer{}
	}
	var a answer
	note := func(value, code, message string) {
		if at, ok := f.original(max(0, strings.Index(f.text, `"`+value+`"`)+1)); ok && !f.about(message) {
			a.findings = append(a.findings, Finding{Offset: at, Code: code, Message: message})
		}
	}
	for _, v := range root.Detail.EventSource {
		s, ok := v.(string)
		if !ok || vocabulary.KnownSource(s) {
			continue
		}
		if meant, _ := vocabulary.NearestSource(s); meant != "" {
			note(s, CodeValue, s+" never occurs: it is no event source, the nearest is "+meant)
		}
	}
	for _, v := range root.Detail.EventName {
		name, ok := v.(string)
		if !ok || eventnames.Known("", name) {
			continue
		}
		if cased, ok := eventnames.Cased(name); ok {
			note(name, string(events.SuspectCase), fmt.Sprintf("%s never occurs: case counts, the event is %s", name, cased))
		} else if near, ok := eventnames.Nearest(name); ok && len(root.Detail.EventSource) == 0 {
			note(name, string(events.SuspectUnknown), fmt.Sprintf("no event %s is known; the nearest is %s", name, near))
		}
	}
	return a
}

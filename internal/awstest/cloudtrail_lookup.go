package awstest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// A pastEvent is a record of the event history: a call that wrote.
type pastEvent struct {
	name   string
	at     time.Time
	record string // JSON
}

// note keeps a call for the event history. CloudTrail writes the parameters of a request
// with a small first letter.
func (r *Region) note(req *request, in any, now time.Time) {
	parameters := map[string]any{}
	if data, err := json.Marshal(in); err == nil {
		var fields map[string]any
		_ = json.Unmarshal(data, &fields) // what is no object has no parameters
		for name, value := range fields {
			parameters[strings.ToLower(name[:1])+name[1:]] = value
		}
	}
	record, err := json.Marshal(map[string]any{
		"eventName": req.op, "eventSource": req.svc.name + ".amazonaws.com", "eventTime": now.UTC().Format(time.RFC3339), "awsRegion": r.name,
		"userAgent": req.agent, "userIdentity": map[string]string{"arn": req.principal.arn}, "requestParameters": parameters,
	})
	if err == nil {
		r.written = append(r.written, pastEvent{req.op, now, string(record)})
	}
}

type lookupEventsInput struct {
	LookupAttributes []lookupAttribute `json:"LookupAttributes"`
	MaxResults       int               `json:"MaxResults"`
	NextToken        string            `json:"NextToken"`
}

type lookupAttribute struct {
	AttributeKey   string `json:"AttributeKey"`
	AttributeValue string `json:"AttributeValue"`
}

type lookupEventsOutput struct {
	Events []lookedUp `json:"Events"`
}

type lookedUp struct {
	EventName       string  `json:"EventName"`
	EventTime       float64 `json:"EventTime"` // seconds since 1970
	CloudTrailEvent string  `json:"CloudTrailEvent"`
}

// lookupEvents returns the newest page of the last 90 days, newest first. One attribute is
// looked for at most, as in AWS; here that is the name of events.
func lookupEvents(c *call, in *lookupEventsInput) (*lookupEventsOutput, error) {
	const days, page = 90, 50
	if len(in.LookupAttributes) != 1 || in.LookupAttributes[0].AttributeKey != "EventName" {
		return nil, apiError("InvalidLookupAttributesException", "only one attribute, EventName, can be looked up here")
	}
	if in.MaxResults < 0 || in.MaxResults > page {
		return nil, apiError("InvalidMaxResultsException", "MaxResults must be between 1 and %d", page)
	}
	out := &lookupEventsOutput{Events: []lookedUp{}}
	for _, e := range slices.Backward(c.region.written) {
		if e.name != in.LookupAttributes[0].AttributeValue || c.now.Sub(e.at) > days*24*time.Hour {
			continue
		}
		out.Events = append(out.Events, lookedUp{e.name, float64(e.at.Unix()), e.record})
		if most := in.MaxResults; len(out.Events) == page || most > 0 && len(out.Events) == most {
			break
		}
	}
	return out, nil
}

package eventpattern

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// detailType is the path of an event's type.
const detailType = "detail-type"

// The detail-types of CloudTrail's events. The list of the page "AWS service
// events delivered via AWS CloudTrail" spells sign-in as in signInOther; AWS's
// sample events and deployed rules that are known to work have signIn.
const (
	apiCall       = "AWS API Call via CloudTrail"
	apiCallChina  = "Amazon API Call via CloudTrail" // printed in AWS's pages for China
	serviceEvent  = "AWS Service Event via CloudTrail"
	consoleAction = "AWS Console Action via CloudTrail"
	insight       = "AWS Insight via CloudTrail"
	networkEvent  = "AWS Network Activity Event via CloudTrail"
	signIn        = "AWS Console Sign In via CloudTrail"
	signInOther   = "AWS Console Signin via CloudTrail"
)

// detailTypes maps a record's eventType to the detail-types that the event may
// have, the likeliest first. Sources: the page named above for the detail-types,
// "CloudTrail record contents" for the event types.
var detailTypes = map[string][]string{
	"AwsApiCall":           {apiCall},
	"AwsServiceEvent":      {serviceEvent},
	"AwsConsoleAction":     {consoleAction},
	"AwsConsoleSignIn":     {signIn, signInOther},
	"AwsCloudTrailInsight": {insight},
	"AwsVpceEvent":         {networkEvent},
}

// eventTypes are the keys of detailTypes, sorted.
var eventTypes = slices.Sorted(maps.Keys(detailTypes))

// envelope is the form of an event ("AWS events structure" of the user guide).
type envelope struct {
	Version    string          `json:"version"`
	ID         string          `json:"id"`
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       string          `json:"time"`
	Region     string          `json:"region"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

// Envelopes returns the event that EventBridge makes of a CloudTrail record, a
// JSON object; several when AWS leaves a constant of the envelope open, the
// likeliest first. The record is kept but for blanks and the escapes of strings. Source is "aws." and
// eventSource up to its first dot; the ID is that of the record, while the real
// one is random.
func Envelopes(record []byte) ([][]byte, error) { return envelopes(record, "") }

// envelopes is Envelopes with a detail-type for records of an eventType that is not
// known; "": an error.
func envelopes(record []byte, unknown string) ([][]byte, error) {
	var r struct {
		EventSource        string `json:"eventSource"`
		EventType          string `json:"eventType"`
		EventTime          string `json:"eventTime"`
		EventID            string `json:"eventID"`
		AWSRegion          string `json:"awsRegion"`
		RecipientAccountID string `json:"recipientAccountId"`
	}
	if err := json.Unmarshal(record, &r); err != nil {
		return nil, fmt.Errorf("reading a CloudTrail record: %w", err)
	}
	if r.EventSource == "" {
		return nil, errors.New("reading a CloudTrail record: it has no eventSource")
	}
	types := detailTypes[r.EventType]
	switch {
	case types != nil:
	case unknown != "":
		types = []string{unknown}
	default:
		return nil, fmt.Errorf("reading a CloudTrail record: no detail-type is known for eventType %q", r.EventType)
	}
	if r.EventType == "AwsApiCall" && strings.HasPrefix(r.AWSRegion, "cn-") {
		types = []string{apiCall, apiCallChina}
	}
	service, _, _ := strings.Cut(r.EventSource, ".")
	var events [][]byte
	for _, t := range types {
		event, err := json.Marshal(envelope{"0", r.EventID, t, "aws." + service, r.RecipientAccountID, r.EventTime, r.AWSRegion, []string{}, record})
		if err != nil {
			return nil, fmt.Errorf("writing an event: %w", err)
		}
		events = append(events, event)
	}
	return events, nil
}

// MatchRecord reports whether the event that EventBridge makes of a CloudTrail
// record matches. Where AWS spells a detail-type in two ways, the one of its sample
// events counts; a match by the other one only is Undetermined. So it is when no
// envelope is known for the record.
func (p *Pattern) MatchRecord(record []byte) Verdict {
	events, err := Envelopes(record)
	if err != nil {
		return Undetermined
	}
	verdict := p.Match(events[0])
	for _, event := range events[1:] {
		if verdict == NoMatch && p.Match(event) != NoMatch {
			return Undetermined
		}
	}
	return verdict
}

// MatchAny reports whether a JSON object matches: a CloudTrail record by the event that
// EventBridge makes of it, any other object as an event by itself. A record has an
// eventSource and no detail-type.
func (p *Pattern) MatchAny(object []byte) Verdict {
	var o struct {
		EventSource any `json:"eventSource"`
		DetailType  any `json:"detail-type"`
	}
	if json.Unmarshal(object, &o) == nil && o.EventSource != nil && o.DetailType == nil {
		return p.MatchRecord(object)
	}
	return p.Match(object)
}

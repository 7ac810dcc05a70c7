package collect

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// OpLookupEvents is the call that Writings makes.
const OpLookupEvents = "cloudtrail:LookupEvents"

// Writings returns the newest calls of a kind that wrote something in a region, newest
// first: one page of the event history, which holds at most 50 of them and 90 days. It is
// one call; an account takes two of them a second. Calls that failed wrote nothing and are
// left out. The error is a *CallError.
func (s *Session) Writings(ctx context.Context, region, event string) ([]account.Writing, error) {
	const page = 50
	out, err := s.CloudTrail(region).LookupEvents(ctx, &cloudtrail.LookupEventsInput{
		LookupAttributes: []types.LookupAttribute{{AttributeKey: types.LookupAttributeKeyEventName, AttributeValue: aws.String(event)}},
		MaxResults:       aws.Int32(page),
	})
	if err != nil {
		return nil, &CallError{Operation: OpLookupEvents, Code: Code(err), Message: Message(err)}
	}
	var list []account.Writing
	for _, e := range out.Events {
		if w, ok := writing(aws.ToString(e.CloudTrailEvent)); ok && w.Event == event {
			w.Region = region
			list = append(list, w)
		}
	}
	return list, nil
}

// writing reads a record of the event history; false for a call that failed, and for what
// is no record.
func writing(record string) (account.Writing, bool) {
	var e struct {
		EventName    string    `json:"eventName"`
		EventTime    time.Time `json:"eventTime"`
		UserAgent    string    `json:"userAgent"`
		ErrorCode    string    `json:"errorCode"`
		UserIdentity struct {
			ARN string `json:"arn"`
		} `json:"userIdentity"`
		Parameters struct {
			AlarmName  string `json:"alarmName"`
			FilterName string `json:"filterName"`
			Name       string `json:"name"`
			RoleName   string `json:"roleName"`
			TopicARN   string `json:"topicArn"`
			Protocol   string `json:"protocol"`
			Endpoint   string `json:"endpoint"`
		} `json:"requestParameters"`
	}
	if json.Unmarshal([]byte(record), &e) != nil || e.ErrorCode != "" {
		return account.Writing{}, false
	}
	p := e.Parameters
	w := account.Writing{Event: e.EventName, Agent: e.UserAgent, By: e.UserIdentity.ARN, At: e.EventTime, Protocol: p.Protocol}
	for _, name := range []string{p.AlarmName, p.FilterName, p.Name, p.RoleName, p.TopicARN} {
		if name != "" {
			w.Name = name
			break
		}
	}
	if p.Endpoint != "" {
		w.Endpoint = account.MaskEndpoint(p.Protocol, p.Endpoint)
	}
	return w, true
}

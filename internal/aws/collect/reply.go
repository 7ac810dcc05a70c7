package collect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// maxReply bounds the body of a reply in bytes. A page of AWS's lists has some
// hundred kilobytes, and a topic's policy 30.
const maxReply = 64 << 20

// A tornError says that a reply announces success and is not what AWS sends: the
// SDK would take what is not there for "there is none".
type tornError struct{ what string }

func (e *tornError) Error() string { return "the reply was cut short or damaged: " + e.what }

// A sizeError says that a reply is larger than maxReply.
type sizeError struct{}

func (sizeError) Error() string { return fmt.Sprintf("the reply is larger than %d MB", maxReply>>20) }

// always are the members that AWS sends with every successful reply of an
// operation, an empty list included; "A|B" is one of the two or both. The names
// are those on the wire, which differ from the SDK's in their first letter.
// Source: the services' API models, and the replies in their references.
//
// An operation that is not here has an output without members.
var always = map[string][]string{
	"account:ListRegions":                               {"Regions"},
	"cloudtrail:CreateTrail":                            {"TrailARN"},
	"cloudtrail:UpdateTrail":                            {"TrailARN"},
	"cloudtrail:PutEventSelectors":                      {"TrailARN"},
	"cloudtrail:GetTrail":                               {"Trail"},
	"cloudtrail:ListTags":                               {"ResourceTagList"},
	"logs:ListTagsForResource":                          {"tags"},
	"logs:DescribeLogStreams":                           {"logStreams"},
	"cloudtrail:DescribeTrails":                         {"trailList"},
	"cloudtrail:GetTrailStatus":                         {"IsLogging"},
	"cloudtrail:GetEventSelectors":                      {"EventSelectors|AdvancedEventSelectors"},
	"cloudwatch:DescribeAlarms":                         {"MetricAlarms|CompositeAlarms|LogAlarms"},
	"cloudwatch:DescribeAlarmHistory":                   {"AlarmHistoryItems"},
	"cloudwatch:ListAlarmMuteRules":                     {"AlarmMuteRuleSummaries"},
	"cloudwatch:GetAlarmMuteRule":                       {"Rule"},
	"cloudwatch:ListTagsForResource":                    {"Tags"},
	"ec2:DescribeRegions":                               {"regionInfo"},
	"events:DescribeApiDestination":                     {"ApiDestinationArn"},
	"chatbot:DescribeSlackChannelConfigurations":        {"SlackChannelConfigurations"},
	"chatbot:ListMicrosoftTeamsChannelConfigurations":   {"TeamChannelConfigurations"},
	"events:DescribeConnection":                         {"ConnectionArn"},
	"events:DescribeEventBus":                           {"Arn"},
	"events:ListEventBuses":                             {"EventBuses"},
	"events:ListRules":                                  {"Rules"},
	"events:ListTargetsByRule":                          {"Targets"},
	"iam:GetRole":                                       {"Role"},
	"iam:GetRolePolicy":                                 {"PolicyDocument"},
	"iam:ListAccountAliases":                            {"AccountAliases"},
	"iam:ListAttachedRolePolicies":                      {"AttachedPolicies"},
	"iam:ListRolePolicies":                              {"PolicyNames"},
	"kms:DescribeKey":                                   {"KeyMetadata"},
	"kms:GetKeyPolicy":                                  {"Policy"},
	"logs:DescribeLogGroups":                            {"logGroups"},
	"logs:DescribeMetricFilters":                        {"metricFilters"},
	"logs:DescribeAccountPolicies":                      {"accountPolicies"},
	"logs:GetTransformer":                               {"transformerConfig"},
	"logs:TestMetricFilter":                             {"matches"},
	"organizations:ListAWSServiceAccessForOrganization": {"EnabledServicePrincipals"},
	"oam:ListLinks":                                     {"Items"},
	"organizations:DescribeOrganization":                {"Organization"},
	"s3:GetBucketEncryption":                            {"Rule"},
	"s3:GetBucketOwnershipControls":                     {"Rule"},
	"s3:GetBucketPolicy":                                {"Statement"},
	"s3:GetBucketTagging":                               {"TagSet"},
	"s3:GetPublicAccessBlock":                           {"BlockPublicPolicy"},
	"s3:ListObjectVersions":                             {"IsTruncated"},
	"securityhub:DescribeHub":                           {"HubArn"},
	"sns:CreateTopic":                                   {"TopicArn"},
	"sns:GetSubscriptionAttributes":                     {"Attributes"},
	"sns:GetTopicAttributes":                            {"Attributes"},
	"sns:ListSubscriptionsByTopic":                      {"Subscriptions"},
	"sns:ListTagsForResource":                           {"Tags"},
	"sns:Subscribe":                                     {"SubscriptionArn"},
	"sts:AssumeRole":                                    {"Credentials"},
	"sts:AssumeRoleWithWebIdentity":                     {"Credentials"},
	"sts:GetCallerIdentity":                             {"Account", "Arn"},
}

// errorMembers are those of an error document, which no output has.
var errorMembers = []string{"__type", "message", "Message", "Error", "Errors"}

// whole checks that a document has what AWS always sends.
func (d document) whole(operation string) error {
	for _, name := range errorMembers {
		if d[name] {
			return fmt.Errorf("it has %q, as an error has", name)
		}
	}
	for _, names := range always[operation] {
		if !d.has(names) {
			return fmt.Errorf("it lacks %s", strings.ReplaceAll(names, "|", ", "))
		}
	}
	return nil
}

func (d document) has(names string) bool {
	for name := range strings.SplitSeq(names, "|") {
		if d[name] {
			return true
		}
	}
	return false
}

// examine adds a check of every reply to a client. It stands between the
// transport and what reads the reply, so that nothing of a torn one is kept for
// the next attempt.
func examine(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("monitorctl:examine", examineReply), middleware.After)
}

func examineReply(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	middleware.DeserializeOutput, middleware.Metadata, error,
) {
	out, meta, err := next.HandleDeserialize(ctx, in)
	reply, ok := out.RawResponse.(*smithyhttp.Response)
	if err != nil || !ok {
		return out, meta, err
	}
	body, err := readReply(reply.Response)
	if err != nil {
		return out, meta, err
	}
	reply.Body = io.NopCloser(bytes.NewReader(body))
	if reply.StatusCode/100 != http.StatusOK/100 {
		return out, meta, nil
	}
	operation := operationOf(ctx)
	if request, ok := in.Request.(*smithyhttp.Request); ok {
		err = wholeReply(wireOf(operation, request.Header), operation, awsmiddleware.GetOperationName(ctx), body)
	}
	return out, meta, err
}

// readReply reads the body of a reply to its end and closes it.
func readReply(r *http.Response) ([]byte, error) {
	defer r.Body.Close()
	if r.ContentLength > maxReply {
		return nil, sizeError{}
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxReply+1))
	if len(body) > maxReply {
		return nil, sizeError{}
	}
	return body, err
}

// A wire is one of AWS's protocols.
type wire int

const (
	wireJSON wire = iota // AWS JSON and REST JSON
	wireQuery
	wireCBOR
	wireS3 // REST XML, or the policy of a bucket as it is
)

// wireOf tells the protocol of a call by its request: what a damaged reply says
// of itself is no guide.
func wireOf(operation string, request http.Header) wire {
	switch {
	case strings.HasPrefix(operation, "s3:"):
		return wireS3
	case request.Get("Smithy-Protocol") == "rpc-v2-cbor":
		return wireCBOR
	case strings.HasPrefix(request.Get("Content-Type"), "application/x-www-form-urlencoded"):
		return wireQuery
	}
	return wireJSON
}

// wholeReply checks the body of a successful reply. operation is IAM's name of
// it, name the service's own. The error is a *tornError.
func wholeReply(w wire, operation, name string, body []byte) error {
	var (
		doc document
		err error
	)
	switch w {
	case wireQuery:
		doc, err = queryDocument(body, name)
	case wireCBOR:
		doc, err = cborDocument(body)
	case wireS3:
		doc, err = bucketDocument(body, operation)
	default:
		doc, err = jsonDocument(body)
	}
	if err == nil {
		err = doc.whole(operation)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &tornError{"it does not end"}
	}
	return &tornError{clean(err.Error())}
}

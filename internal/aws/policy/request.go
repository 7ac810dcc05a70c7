package policy

import "strings"

// A Request is a call by an AWS service under its own name.
type Request struct {
	Service  string // principal: "cloudwatch.amazonaws.com"
	Action   string // "sns:Publish"
	Resource string // ARN of the topic or key

	// Context holds the values of the condition keys that the request carries.
	// The case of keys does not matter.
	Context map[string][]string

	// Absent names condition keys that the request does not carry, a trailing *
	// standing for any rest. Of keys in neither nothing is known.
	Absent []string
}

// CloudWatch is the principal under which CloudWatch runs the actions of
// alarms.
const CloudWatch = "cloudwatch.amazonaws.com"

// AlarmRequest returns the call that CloudWatch makes for an alarm: sns:Publish
// on a topic, or the use of the topic's key. CloudWatch calls over TLS and says
// for which alarm and account (AWS: "Prevent cross-service confused deputy").
// The request is the caller's to change.
func AlarmRequest(action, resource, alarmARN string) Request {
	req := Request{
		Service:  CloudWatch,
		Action:   action,
		Resource: resource,
		Context: map[string][]string{
			"aws:SourceArn":             {alarmARN},
			"aws:SecureTransport":       {"true"},
			"aws:PrincipalIsAWSService": {"true"},
			"aws:PrincipalServiceName":  {CloudWatch},
			"aws:ViaAWSService":         {"false"},
		},
		Absent: absentForServices,
	}
	if p := strings.SplitN(alarmARN, ":", 6); len(p) == 6 {
		req.Context["aws:SourceAccount"] = []string{p[4]}
		// AWS:SourceOwner is the older name; the default policy of topics uses it.
		req.Context["aws:SourceOwner"] = []string{p[4]}
	}
	if p := strings.SplitN(resource, ":", 6); len(p) == 6 {
		req.Context["aws:RequestedRegion"] = []string{p[3]}
		req.Context["aws:ResourceAccount"] = []string{p[4]}
	}
	return req
}

// absentForServices are keys that describe an identity, a session or a network
// of a customer, which a service principal does not have ("AWS global condition
// context keys", availability), and keys of other SNS actions.
var absentForServices = []string{
	"aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalArn", "aws:PrincipalTag/*", "aws:username",
	"aws:FederatedProvider", "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge", "aws:SourceIdentity",
	"aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp",
	"sns:Endpoint", "sns:Protocol",
}

// lookup returns the values of a condition key, and whether it is known what
// the request carries: known without values means that the key is absent.
func (r Request) lookup(key string) (values []string, present, known bool) {
	for k, v := range r.Context {
		if strings.EqualFold(k, key) {
			return v, true, true
		}
	}
	for _, k := range r.Absent {
		prefix, family := strings.CutSuffix(k, "*")
		if strings.EqualFold(k, key) || family && len(key) >= len(prefix) && strings.EqualFold(key[:len(prefix)], prefix) {
			return nil, false, true
		}
	}
	return nil, false, false
}

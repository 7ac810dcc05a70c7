package policy

import (
	"maps"
	"slices"
	"strings"
)

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

	// Begins holds condition keys of whose one value only the beginning is known.
	Begins map[string]string

	// Unread says of condition keys whose value some call would tell why it is not
	// known. In it, too, a trailing * stands for any rest.
	Unread map[string]string
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

// InOrganization returns the request as it is when the alarm's account belongs to an
// organization, to none for "". Where in it the account stands is not known.
// Source: IAM user guide, "AWS global condition context keys".
func (r Request) InOrganization(id string) Request {
	if id == "" {
		r.Absent = append(slices.Clip(r.Absent), "aws:SourceOrgID", "aws:SourceOrgPaths")
		return r
	}
	r.Context = maps.Clone(r.Context)
	r.Context["aws:SourceOrgID"] = []string{id}
	r.Begins = map[string]string{"aws:SourceOrgPaths": id + "/"}
	return r
}

// WithoutOrganization returns the request with the reason why the organization of the
// alarm's account is not known.
func (r Request) WithoutOrganization(why string) Request {
	r.Unread = map[string]string{"aws:SourceOrg*": why}
	return r
}

// ForTopic returns the request to a key as SNS makes it for an encrypted topic, whose
// ARN is the encryption context. Source: SNS developer guide, "Key management".
func (r Request) ForTopic(arn string) Request {
	r.Context = maps.Clone(r.Context)
	r.Context["kms:EncryptionContext:aws:sns:topicArn"] = []string{arn}
	r.Context["kms:EncryptionContextKeys"] = []string{"aws:sns:topicArn"}
	r.Absent = append(slices.Clip(r.Absent), "kms:EncryptionContext:*")
	return r
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
	return nil, false, slices.ContainsFunc(r.Absent, func(k string) bool { return names(k, key) })
}

// names reports whether a name, in which a trailing * stands for any rest, names a
// key.
func names(name, key string) bool {
	prefix, family := strings.CutSuffix(name, "*")
	return strings.EqualFold(name, key) || family && len(key) >= len(prefix) && strings.EqualFold(key[:len(prefix)], prefix)
}

// begin returns how the one value of a key begins, false where not even that is
// known.
func (r Request) begin(key string) (string, bool) {
	for k, v := range r.Begins {
		if strings.EqualFold(k, key) {
			return v, true
		}
	}
	return "", false
}

// unread says why the value of a key is not known; "" where nobody could tell.
func (r Request) unread(key string) string {
	for k, why := range r.Unread {
		if names(k, key) {
			return why
		}
	}
	return ""
}

package awstest

import (
	"encoding/json"
	"fmt"
	"strings"
)

// AllowPolicy limits the account's callers to what an IAM policy allows, with
// its resources and conditions, until AllowAll is called. The condition keys are
// those of the requests that this package knows: cloudwatch:AlarmActions,
// sns:Protocol, sns:Endpoint, s3:prefix, kms:ViaService, events:TargetArn and iam:PassedToService. Escaped
// wildcards ("${*}") are refused.
func (c *Cloud) AllowPolicy(account, document string) error {
	p, err := identityPolicy(document)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if a := c.accounts[account]; a != nil {
		a.policy = p
	}
	return nil
}

// identityPolicy reads a policy that belongs to whoever it is attached to: of an identity,
// or of a session.
func identityPolicy(document string) (*policy, error) {
	if strings.Contains(document, "${*}") || strings.Contains(document, "${?}") {
		return nil, notSimulated("escaped wildcards in policies")
	}
	p, err := parsePolicy(strings.ReplaceAll(document, "${$}", "$"))
	if err != nil {
		return nil, err
	}
	for i := range p.Statement {
		s := &p.Statement[i]
		if s.Principal != nil || s.NotPrincipal != nil || s.Action == nil || s.Resource == nil {
			return nil, fmt.Errorf("statement %s is not one of an identity-based policy", s.name(i))
		}
		s.Principal = &principals{everyone: true} // whoever it is attached to
	}
	return p, nil
}

// allowedBy reports whether the policy allows the request to do that.
func (p *policy) allowedBy(c *Cloud, req *request, action string) bool {
	in := asked(req.input)
	resources, contexts := c.resourcesOf(req, in), contextsOf(req, in)
	switch action {
	case "kms:Decrypt": // by S3 on behalf of the caller
		resources = []string{req.principal.account.buckets[in.text("Bucket")].key}
	case "iam:PassRole":
		resources, contexts = passedRoles(in), []map[string]string{{"iam:passedtoservice": eventsPrincipal}}
		if role := in.text("CloudWatchLogsRoleArn"); role != "" {
			resources, contexts = []string{role}, []map[string]string{{"iam:passedtoservice": cloudtrailPrincipal}}
		}
	}
	for _, resource := range resources {
		for _, context := range contexts {
			if ok, _ := p.decide(access{arn: req.principal.arn, action: action, resource: resource, context: context}); !ok {
				return false
			}
		}
	}
	return true
}

// An asking is an input by the names of its members.
type asking map[string]any

func asked(input any) asking {
	m := asking{}
	data, _ := json.Marshal(input)       // inputs are plain structs
	if json.Unmarshal(data, &m) != nil { // not an object: an operation without input
		return asking{}
	}
	return m
}

// text returns the first of the members that is set.
func (a asking) text(names ...string) string {
	for _, name := range names {
		if s, _ := a[name].(string); s != "" {
			return s
		}
	}
	return ""
}

func (a asking) list(name string) []string {
	var out []string
	entries, _ := a[name].([]any)
	for _, e := range entries {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// resourcesOf are the ARNs on which AWS checks the request's permission; "*" for
// operations that know no resource or that list them all.
// Source: Service Authorization Reference.
func (c *Cloud) resourcesOf(req *request, in asking) []string {
	r := req.region
	switch req.svc.iam + ":" + req.op {
	case "logs:PutMetricFilter", "logs:DeleteMetricFilter":
		return []string{r.arn("logs", "log-group:"+in.text("logGroupName")+":log-stream:")}
	case "cloudwatch:PutMetricAlarm", "cloudwatch:SetAlarmState":
		return []string{r.arn("cloudwatch", "alarm:"+in.text("AlarmName"))}
	case "cloudwatch:DeleteAlarms":
		var list []string
		for _, name := range in.list("AlarmNames") {
			list = append(list, r.arn("cloudwatch", "alarm:"+name))
		}
		return list
	case "cloudwatch:TagResource", "cloudwatch:UntagResource", "cloudwatch:ListTagsForResource":
		return []string{in.text("ResourceARN")}
	case "cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors":
		name := in.text("Name", "TrailName")
		if !strings.HasPrefix(name, "arn:") {
			name = r.arn("cloudtrail", "trail/"+name)
		}
		return []string{name}
	case "kms:DescribeKey", "kms:GetKeyPolicy":
		name := in.text("KeyId")
		if k := c.keyAnywhere(r, name); k != nil {
			name = k.arn
		}
		return []string{name}
	case "cloudtrail:CreateTrail", "cloudtrail:UpdateTrail", "cloudtrail:DeleteTrail", "cloudtrail:StartLogging", "cloudtrail:StopLogging", "cloudtrail:PutEventSelectors", "cloudtrail:GetTrail":
		name := in.text("Name", "TrailName")
		if !strings.HasPrefix(name, "arn:") {
			name = r.arn("cloudtrail", "trail/"+name)
		}
		return []string{name}
	case "cloudtrail:ListTags":
		return in.list("ResourceIdList")
	case "logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:DeleteLogGroup", "logs:DescribeLogStreams":
		return []string{r.arn("logs", "log-group:"+in.text("logGroupName")+":*")}
	case "logs:ListTagsForResource":
		return []string{in.text("resourceArn")}
	case "s3:ListObjectsV2":
		return []string{"arn:" + r.account.partition + ":s3:::" + in.text("Bucket")}
	case "s3:GetObject":
		return []string{"arn:" + r.account.partition + ":s3:::" + in.text("Bucket") + "/" + in.text("Key")}
	case "events:PutPermission", "events:RemovePermission":
		return []string{r.busARN(defaultBus)}
	case "events:PutRule", "events:DeleteRule":
		return []string{r.ruleARN(defaultBus, in.text("Name"))}
	case "events:PutTargets", "events:RemoveTargets", "events:ListTargetsByRule":
		return []string{r.ruleARN(defaultBus, in.text("Rule"))}
	case "chatbot:UpdateSlackChannelConfiguration", "chatbot:UpdateMicrosoftTeamsChannelConfiguration", "chatbot:DeleteSlackChannelConfiguration", "chatbot:DeleteMicrosoftTeamsChannelConfiguration":
		return []string{in.text("ChatConfigurationArn")}
	case "events:CreateConnection", "events:DeleteConnection":
		return []string{r.arn("events", "connection/"+in.text("Name"))}
	case "events:CreateApiDestination":
		connection := in.text("ConnectionArn")
		return []string{r.arn("events", "api-destination/"+in.text("Name")), connection}
	case "events:DeleteApiDestination":
		return []string{r.arn("events", "api-destination/"+in.text("Name"))}
	case "events:ListTagsForResource", "events:TagResource", "events:UntagResource":
		return []string{in.text("ResourceARN")}
	case "iam:CreateRole", "iam:DeleteRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies":
		return []string{req.principal.account.roleARN(in.text("RoleName"))}
	case "sts:AssumeRole":
		return []string{in.text("RoleArn")}
	case "sns:CreateTopic":
		return []string{r.arn("sns", in.text("Name"))}
	case "sns:Unsubscribe", "sns:GetSubscriptionAttributes": // on the topic
		arn := in.text("SubscriptionArn")
		return []string{arn[:max(0, strings.LastIndex(arn, ":"))]}
	}
	if req.svc.iam == "s3" {
		return []string{"arn:" + r.account.partition + ":s3:::" + in.text("Bucket")}
	}
	if req.svc.iam == "sns" {
		if arn := in.text("TopicArn", "ResourceArn"); arn != "" {
			return []string{arn}
		}
	}
	return []string{"*"}
}

// contextsOf are the condition keys of a request. A key with several values makes
// as many contexts. All must be allowed: that is "for all values".
func contextsOf(req *request, in asking) []map[string]string {
	context, service := map[string]string{}, req.svc.iam
	if service == "s3" {
		context["s3:prefix"] = in.text("Prefix")
		context["kms:viaservice"] = "s3." + req.region.name + ".amazonaws.com"
	}
	if service == "sns" {
		for key, member := range map[string]string{"sns:protocol": "Protocol", "sns:endpoint": "Endpoint"} {
			if v := in.text(member); v != "" {
				context[key] = v
			}
		}
	}
	var list []map[string]string
	if service == "cloudwatch" {
		for _, member := range []string{"AlarmActions", "OKActions", "InsufficientDataActions"} {
			for _, action := range in.list(member) {
				list = append(list, map[string]string{"cloudwatch:alarmactions": action})
			}
		}
	}
	if service == "events" {
		targets, _ := in["Targets"].([]any)
		for _, t := range targets {
			entry, _ := t.(map[string]any)
			list = append(list, map[string]string{"events:targetarn": asking(entry).text("Arn")})
		}
	}
	if len(list) == 0 {
		list = append(list, context)
	}
	return list
}

// passedRoles are the roles that a request of EventBridge hands over.
func passedRoles(in asking) []string {
	var list []string
	targets, _ := in["Targets"].([]any)
	for _, t := range targets {
		entry, _ := t.(map[string]any)
		if role := asking(entry).text("RoleArn"); role != "" {
			list = append(list, role)
		}
	}
	return list
}

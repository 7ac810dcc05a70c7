package policy

import "strings"

// CloudTrail is the principal under which CloudTrail writes log files and assumes roles.
const CloudTrail = "cloudtrail.amazonaws.com"

// KeyServesTrail reports whether the policy of a key lets CloudTrail encrypt the log files
// of a trail. Source: CloudTrail user guide, "Configure AWS KMS key policies for
// CloudTrail".
func KeyServesTrail(doc, key, trail string) (Decision, string, error) {
	return EvaluateAll(doc, serviceRequest(CloudTrail, key, trail, "kms:EncryptionContext:aws:cloudtrail:arn"), "kms:GenerateDataKey", "kms:DescribeKey")
}

// KeyServesLogs reports whether the policy of a key lets CloudWatch Logs encrypt a log
// group, whose ARN is without ":*". Source: CloudWatch Logs user guide, "Encrypt log data
// in CloudWatch Logs using AWS KMS".
func KeyServesLogs(doc, key, group string) (Decision, string, error) {
	region := regionOf(group)
	req := serviceRequest("logs."+region+".amazonaws.com", key, group, "kms:EncryptionContext:aws:logs:arn")
	return EvaluateAll(doc, req, "kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:GenerateDataKey", "kms:DescribeKey")
}

// serviceRequest is the use of a key by a service for something.
func serviceRequest(service, key, source, context string) Request {
	req := AlarmRequest("", key, source)
	req.Service = service
	req.Context["aws:PrincipalServiceName"] = []string{service}
	req.Context[context] = []string{source}
	req.Context["kms:EncryptionContextKeys"] = []string{strings.TrimPrefix(context, "kms:EncryptionContext:")}
	return req
}

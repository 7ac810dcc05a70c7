package audit_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// A happening is one record to play.
type happening struct {
	what   string
	record map[string]any
	crowd  int // benign records that arrive in the same minute
}

func (h happening) text(field string) string {
	s, _ := h.record[field].(string)
	return s
}

func (h happening) raw() []byte {
	raw, _ := json.Marshal(h.record) // decoded JSON
	return raw
}

func decodeRecord(t *testing.T, raw []byte) map[string]any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var fields map[string]any
	if err := d.Decode(&fields); err != nil {
		t.Fatalf("decoding record %s: %v", raw, err)
	}
	return fields
}

// A probed is a required event in one region of an account, or the condition.
type probed struct {
	cloudtrail.Probe
	plain happening
}

// probesIn returns what a control requires of an account: each event in each
// region in which CloudTrail can record it.
func probesIn(t *testing.T, a *account.Account, c catalog.Control, b catalog.Benchmark) []probed {
	t.Helper()
	shapes, err := audit.Probes(c, b)
	if err != nil {
		t.Fatal(err)
	}
	regions := slices.Clone(a.Scope)
	switch c.Scope {
	case catalog.Global:
		regions = account.GlobalRegions(a.Partition)
	case catalog.SignIn:
		regions = append(regions, account.GlobalRegions(a.Partition)...)
	}
	slices.Sort(regions)
	var out []probed
	for _, p := range shapes {
		for _, region := range slices.Compact(regions) {
			p.Region, p.Account = region, a.ID
			out = append(out, probed{p, happening{what: "plain", record: decodeRecord(t, p.Record())}})
		}
	}
	return out
}

// String names the probe in messages.
func (p probed) String() string {
	if p.Event == "" {
		return "the condition in " + p.Region
	}
	return p.Event + " in " + p.Region
}

// like returns the plain record with fields replaced; nil removes one.
func (p probed) like(what string, fields map[string]any) happening {
	record := maps.Clone(p.plain.record)
	for name, value := range fields {
		if record[name] = value; value == nil {
			delete(record, name)
		}
	}
	return happening{what: what, record: record}
}

// variations returns other records of the probe: by other callers, on other
// ways, of other events and outcomes where the condition leaves them open.
func (p probed) variations() []happening {
	list := p.callers()
	if p.Condition != nil && p.Source == "" {
		list = append(list, p.calls()...)
	}
	if p.Failures {
		list = append(list, p.failures()...)
	}
	return slices.DeleteFunc(list, func(h happening) bool {
		return p.Condition != nil && !p.Condition.Matches(&cover.Record{JSON: h.raw()}, nil)
	})
}

// callers are the kinds of identities in CloudTrail's records.
// Source: CloudTrail user guide, "userIdentity element".
func (p probed) callers() []happening {
	arn := func(service, rest string) string { return "arn:aws:" + service + "::" + p.Account + ":" + rest }
	user := map[string]any{
		"type": "IAMUser", "principalId": "AIDAUSER", "arn": arn("iam", "user/ops/jane"), "accountId": p.Account, "userName": "jane", "accessKeyId": "AKIAUSER",
	}
	role := map[string]any{
		"type": "AssumedRole", "principalId": "AROAADMIN:jane@example.com", "arn": arn("sts", "assumed-role/admin/jane@example.com"),
		"accountId": p.Account, "accessKeyId": "ASIAROLE",
		"sessionContext": map[string]any{
			"sessionIssuer": map[string]any{"type": "Role", "principalId": "AROAADMIN", "arn": arn("iam", "role/admin"), "accountId": p.Account, "userName": "admin"},
			"attributes":    map[string]any{"creationDate": "2026-11-20T11:00:00Z", "mfaAuthenticated": "true"},
		},
	}
	through := maps.Clone(role)
	through["invokedBy"] = "cloudformation.amazonaws.com"
	guest := maps.Clone(role)
	guest["accountId"], guest["arn"] = "444455556666", "arn:aws:sts::444455556666:assumed-role/partner/x"
	return []happening{
		p.like("by a user", map[string]any{"userIdentity": user}),
		p.like("by a role", map[string]any{"userIdentity": role, "sessionCredentialFromConsole": "true"}),
		p.like("by root", map[string]any{"userIdentity": map[string]any{
			"type": "Root", "principalId": p.Account, "arn": arn("iam", "root"), "accountId": p.Account, "accessKeyId": ""}}),
		p.like("through a service", map[string]any{"userIdentity": through,
			"sourceIPAddress": "cloudformation.amazonaws.com", "userAgent": "cloudformation.amazonaws.com"}),
		p.like("by a service", map[string]any{"userIdentity": map[string]any{"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"},
			"sourceIPAddress": "autoscaling.amazonaws.com", "userAgent": "autoscaling.amazonaws.com"}),
		p.like("by someone of another account", map[string]any{"userIdentity": guest,
			"vpcEndpointId": "vpce-0123456789abcdef0", "userAgent": "Boto3/1.40 terraform/1.9", "sourceIPAddress": "10.0.0.7"}),
		p.like("by a federated user without type", map[string]any{"userIdentity": map[string]any{"principalId": "X", "accountId": p.Account},
			"requestParameters": map[string]any{"dryRun": false, "items": []any{map[string]any{"cidrIp": "0.0.0.0/0"}}}}),
	}
}

// calls are other events, for conditions on any event.
func (p probed) calls() []happening {
	call := func(source, name string, readOnly bool) happening {
		return p.like(name, map[string]any{"eventSource": source, "eventName": name, "readOnly": readOnly, "eventType": "AwsApiCall"})
	}
	signIn := call("signin.amazonaws.com", "ConsoleLogin", false)
	signIn.record["eventType"] = "AwsConsoleSignIn"
	list := []happening{
		call("ec2.amazonaws.com", "TerminateInstances", false),
		call("ec2.amazonaws.com", "DescribeVolumes", true),
		call("s3.amazonaws.com", "DeleteBucket", false),
		call("kms.amazonaws.com", "Decrypt", true),
		signIn,
	}
	if slices.Contains(account.GlobalRegions("aws"), p.Region) {
		list = append(list, call("iam.amazonaws.com", "CreateUser", false))
	}
	return list
}

// failures are the ways in which services say that a call was not allowed.
func (p probed) failures() []happening {
	var list []happening
	for _, code := range []string{"AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation", "UnauthorizedOperation"} {
		list = append(list, p.like(code, map[string]any{"errorCode": code}))
	}
	return list
}

// lostBy returns the example of a narrowing as a record of this probe. An
// example is a record of one event and region; what it shows holds for the
// others too.
func (p probed) lostBy(t *testing.T, n finding.Narrowing) happening {
	h := happening{what: "with " + n.Text, record: decodeRecord(t, []byte(n.Example))}
	for _, field := range []string{"eventSource", "eventName", "awsRegion", "readOnly", "recipientAccountId"} {
		open := field == "eventSource" && p.Source == "" || field == "eventName" && p.Event == "" || field == "readOnly" && p.ReadOnly == ""
		if value, ok := p.plain.record[field]; ok && !open {
			h.record[field] = value
		}
	}
	return h
}

// inCrowd is the plain record at a busy moment: statistics other than sums drown
// it.
func (p probed) inCrowd() happening {
	h := p.plain
	h.what, h.crowd = "in a crowd of other records", 100
	return h
}

// benign are everyday records, which no control asks for: a read and a write by
// a role, a sign-in with MFA and what services do for themselves.
func benign(accountID string) []happening {
	role := map[string]any{
		"type": "AssumedRole", "principalId": "AROACI:ci", "arn": "arn:aws:sts::" + accountID + ":assumed-role/ci/ci", "accountId": accountID,
	}
	user := map[string]any{"type": "IAMUser", "principalId": "AIDAALICE", "accountId": accountID, "userName": "alice"}
	record := func(source, name string, readOnly bool, identity any) happening {
		return happening{what: name, record: map[string]any{
			"eventVersion": "1.11", "userIdentity": identity, "eventTime": "2026-11-20T12:00:00Z", "eventSource": source, "eventName": name,
			"awsRegion": "", "sourceIPAddress": "192.0.2.20", "userAgent": "aws-sdk-go-v2", "requestParameters": nil, "responseElements": nil,
			"eventID": "8d3c0d9e-0000-4000-8000-000000000001", "readOnly": readOnly, "eventType": "AwsApiCall", "managementEvent": true,
			"recipientAccountId": accountID, "eventCategory": "Management",
		}}
	}
	service := map[string]any{"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}
	signIn := record("signin.amazonaws.com", "ConsoleLogin", false, user)
	signIn.record["eventType"] = "AwsConsoleSignIn"
	signIn.record["responseElements"] = map[string]any{"ConsoleLogin": "Success"}
	signIn.record["additionalEventData"] = map[string]any{"MFAUsed": "Yes"}
	return []happening{
		record("ec2.amazonaws.com", "DescribeInstances", true, role),
		record("ec2.amazonaws.com", "RunInstances", false, role),
		record("sts.amazonaws.com", "AssumeRole", true, service),
		record("kms.amazonaws.com", "GenerateDataKey", true, service),
		signIn,
	}
}

// in returns the record as it would stand in the trail if it happened in
// another region.
func (h happening) in(region string) happening {
	h.record = maps.Clone(h.record)
	h.record["awsRegion"] = region
	return h
}

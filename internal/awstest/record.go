package awstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A record is a CloudTrail record on its way.
type record struct {
	number   int    // serial, for the story
	raw      []byte // as it will stand in the log group
	fields   map[string]any
	account  *Account // where it happened
	region   string
	readOnly bool
	category string // Management, Data, ...
	global   bool   // of a service that records in the partition's global region
}

// globalSources are the services whose events CloudTrail records in the
// partition's global region, wherever the caller is.
// Source: CloudTrail user guide, "About global service events".
var globalSources = map[string]bool{
	"iam.amazonaws.com": true, "organizations.amazonaws.com": true, "cloudfront.amazonaws.com": true,
}

// globalRegion returns the region in which global services record.
func globalRegion(partition string) string {
	switch partition {
	case "aws-cn":
		return "cn-northwest-1"
	case "aws-us-gov":
		return "us-gov-west-1"
	default:
		return "us-east-1"
	}
}

// decodeRecord decodes a record, each of those that happen again and again once.
// The fields are not to be changed.
func (c *Cloud) decodeRecord(raw []byte) (map[string]any, error) {
	if fields, ok := c.decoded[string(raw)]; ok {
		return fields, nil
	}
	var fields map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&fields); err != nil {
		return nil, fmt.Errorf("reading CloudTrail record: %w", err)
	}
	if len(c.decoded) < remembered {
		c.decoded[string(raw)] = fields
	}
	return fields, nil
}

func parseRecord(a *Account, region string, raw []byte) (*record, error) {
	rec := &record{account: a, region: region, raw: raw, category: "Management"}
	var err error
	if rec.fields, err = a.cloud.decodeRecord(raw); err != nil {
		return nil, err
	}
	if rec.text("eventName") == "" || rec.text("eventSource") == "" {
		return nil, fmt.Errorf("reading CloudTrail record: it has no eventName or no eventSource")
	}
	rec.readOnly = isReadOnly(rec)
	if c := rec.text("eventCategory"); c != "" {
		rec.category = c
	}
	if globalSources[rec.text("eventSource")] {
		rec.global, rec.region = true, globalRegion(a.partition)
	}
	return rec, nil
}

// isReadOnly reads the field readOnly, which is a boolean or its text. Where it
// is missing, the name of the event tells.
func isReadOnly(rec *record) bool {
	switch v := rec.fields["readOnly"].(type) {
	case bool:
		return v
	case string:
		return strings.EqualFold(v, "true")
	default:
		name := rec.text("eventName")
		return strings.HasPrefix(name, "Describe") || strings.HasPrefix(name, "List") || strings.HasPrefix(name, "Get")
	}
}

// text returns a top-level field that is a string, "" otherwise.
func (rec *record) text(name string) string {
	s, _ := rec.fields[name].(string)
	return s
}

// at returns what a path such as "userIdentity.arn" or "resources[0].type"
// leads to.
func (rec *record) at(path string) (any, bool) {
	var v any = rec.fields
	for _, step := range strings.Split(strings.ReplaceAll(path, "[", ".["), ".") {
		if index, ok := strings.CutPrefix(step, "["); ok {
			list, _ := v.([]any)
			i, err := strconv.Atoi(strings.TrimSuffix(index, "]"))
			if err != nil || i < 0 || i >= len(list) {
				return nil, false
			}
			v = list[i]
			continue
		}
		object, _ := v.(map[string]any)
		next, ok := object[step]
		if !ok {
			return nil, false
		}
		v = next
	}
	return v, true
}

// Event returns a CloudTrail record of a successful call by a user of the
// account, at the virtual time, as JSON. readOnly follows the event's name.
// change may edit the fields before they are encoded; nil leaves them.
func (r *Region) Event(source, name string, change func(map[string]any)) []byte {
	r.cloud.mu.Lock()
	id, now := r.cloud.uuid(), r.cloud.now
	r.cloud.mu.Unlock()
	fields := map[string]any{
		"eventVersion": "1.11",
		"userIdentity": map[string]any{
			"type": "IAMUser", "principalId": "AIDA" + r.account.id, "accountId": r.account.id, "userName": "operator",
			"arn": "arn:" + r.account.partition + ":iam::" + r.account.id + ":user/operator", "accessKeyId": "AKIA" + r.account.id,
		},
		"eventTime": now.Format(time.RFC3339), "eventSource": source, "eventName": name, "awsRegion": r.name,
		"sourceIPAddress": "192.0.2.10", "userAgent": "console.amazonaws.com",
		"requestParameters": nil, "responseElements": nil,
		"requestID": id, "eventID": id, "eventType": "AwsApiCall", "managementEvent": true,
		"recipientAccountId": r.account.id, "eventCategory": "Management",
	}
	fields["readOnly"] = strings.HasPrefix(name, "Describe") || strings.HasPrefix(name, "List") || strings.HasPrefix(name, "Get")
	if globalSources[source] {
		fields["awsRegion"] = globalRegion(r.account.partition)
	}
	if change != nil {
		change(fields)
	}
	raw, _ := json.Marshal(fields) // plain maps and strings
	return raw
}

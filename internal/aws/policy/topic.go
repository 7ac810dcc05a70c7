package policy

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// TopicPolicy returns the policy for a topic that CloudWatch alarms of an
// account publish to: what SNS gives the owner by default, and a statement for
// CloudWatch. The partition is aws, aws-cn or aws-us-gov. The text is the same
// for the same arguments.
func TopicPolicy(topicARN, account, partition string) string {
	text, _ := encode(document{ // texts, lists and maps only: it cannot fail
		Version: "2012-10-17",
		Statement: []any{
			topicStatement{
				// Everyone, on behalf of the account: SNS's default. Once a topic has
				// a policy of its own, nothing of the default remains.
				Sid:       "Owner",
				Effect:    "Allow",
				Principal: map[string]string{"AWS": "*"},
				Action:    ownerActions,
				Resource:  topicARN,
				Condition: map[string]map[string]string{"StringEquals": {"AWS:SourceOwner": account}},
			},
			alarmStatement(topicARN, account, partition),
		},
	})
	return text
}

// IsDefault reports whether a topic's policy is the one that SNS gives a new topic:
// its id, and the one statement with its id, for everybody under the condition of
// the owner. One that someone has extended keeps the ids. "" counts as SNS's own.
func IsDefault(doc string) bool {
	var d struct {
		ID        string
		Statement []struct {
			Sid, Effect string
			Principal   map[string]string
			Condition   map[string]map[string]string
		}
	}
	if doc == "" {
		return true
	}
	if json.Unmarshal([]byte(doc), &d) != nil || d.ID != "__default_policy_ID" || len(d.Statement) != 1 {
		return false
	}
	s := d.Statement[0]
	_, owner := s.Condition["StringEquals"]["AWS:SourceOwner"]
	return s.Sid == "__default_statement_ID" && s.Effect == "Allow" && s.Principal["AWS"] == "*" &&
		owner && len(s.Condition) == 1 && len(s.Condition["StringEquals"]) == 1
}

// AlarmStatementID is the Sid of the statement that lets CloudWatch publish.
const AlarmStatementID = "CloudWatchAlarms"

func alarmStatement(topicARN, account, partition string) topicStatement {
	return topicStatement{
		Sid:       AlarmStatementID,
		Effect:    "Allow",
		Principal: map[string]string{"Service": CloudWatch},
		Action:    []string{"sns:Publish"},
		Resource:  topicARN,
		Condition: map[string]map[string]string{
			"StringEquals": {"aws:SourceAccount": account},
			"ArnLike":      {"aws:SourceArn": fmt.Sprintf("arn:%s:cloudwatch:%s:%s:alarm:*", partition, regionOf(topicARN), account)},
		},
	}
}

// KeyStatement returns the statement, as indented JSON, that lets CloudWatch
// alarms of an account's region use a KMS key for the topics that they notify
// (Amazon SNS, "Key management"). In a key's policy the resource * is the key.
func KeyStatement(account, region, partition string) string {
	text, _ := json.MarshalIndent(topicStatement{ // texts, lists and maps only: it cannot fail
		Sid:       AlarmStatementID,
		Effect:    "Allow",
		Principal: map[string]string{"Service": CloudWatch},
		Action:    []string{"kms:Decrypt", "kms:GenerateDataKey*"},
		Resource:  "*",
		Condition: map[string]map[string]string{
			"StringEquals": {"aws:SourceAccount": account},
			"ArnLike":      {"aws:SourceArn": fmt.Sprintf("arn:%s:cloudwatch:%s:%s:alarm:*", partition, region, account)},
		},
	}, "", "  ")
	return string(text)
}

// ownerActions are the actions of SNS's default topic policy.
var ownerActions = []string{
	"SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission", "SNS:RemovePermission", "SNS:DeleteTopic",
	"SNS:Subscribe", "SNS:ListSubscriptionsByTopic", "SNS:Publish",
}

type document struct {
	Version   string `json:",omitempty"`
	ID        string `json:"Id,omitempty"`
	Statement []any  // topicStatement, json.RawMessage
}

type topicStatement struct {
	Sid, Effect string
	Principal   map[string]string
	Action      []string
	Resource    string
	Condition   map[string]map[string]string
}

// encode writes JSON on one line, maps sorted, and leaves <, > and & as they
// are.
func encode(d document) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(d)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// ExtendTopicPolicy returns the policy of a topic with one more statement, the
// one that lets CloudWatch alarms of an account publish; everything else stays
// as it is. It refuses when the alarms could not publish all the same, because
// a statement denies it or because it depends on what is not understood.
func ExtendTopicPolicy(doc, topicARN, account, partition string) (string, error) {
	old, err := parse(doc)
	if err != nil {
		return "", fmt.Errorf("reading policy: %w", err)
	}
	var in struct {
		Version, ID string
		Statement   json.RawMessage
	}
	if err := json.Unmarshal([]byte(doc), &in); err != nil {
		return "", fmt.Errorf("reading policy: %w", err)
	}
	extended := document{Version: in.Version, ID: in.ID}
	var list []json.RawMessage
	if json.Unmarshal(in.Statement, &list) != nil {
		list = []json.RawMessage{in.Statement}
	}
	for _, s := range list {
		extended.Statement = append(extended.Statement, s)
	}
	added := alarmStatement(topicARN, account, partition)
	added.Sid = freeName(old)
	extended.Statement = append(extended.Statement, added)
	out, err := encode(extended)
	if err != nil {
		return "", fmt.Errorf("writing policy: %w", err)
	}
	alarm := fmt.Sprintf("arn:%s:cloudwatch:%s:%s:alarm:any", partition, regionOf(topicARN), account)
	switch d, why, err := Evaluate(out, AlarmRequest("sns:Publish", topicARN, alarm)); {
	case err != nil:
		return "", err
	case d != Allowed:
		return "", fmt.Errorf("extending policy: publishing stays %s: %s", d, why)
	}
	return out, nil
}

// freeName returns a Sid that no statement has: within a policy they are
// unique.
func freeName(statements []statement) string {
	taken := map[string]bool{}
	for _, s := range statements {
		taken[s.name] = true
	}
	for n := 1; ; n++ {
		name := AlarmStatementID
		if n > 1 {
			name += strconv.Itoa(n)
		}
		if !taken[fmt.Sprintf("statement %q", name)] {
			return name
		}
	}
}

// regionOf returns the region of an ARN, * when it has none.
func regionOf(arn string) string {
	if p := strings.SplitN(arn, ":", 6); len(p) == 6 && p[3] != "" {
		return p[3]
	}
	return "*"
}

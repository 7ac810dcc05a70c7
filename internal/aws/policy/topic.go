package policy

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Publishers are the services of AWS that a topic's policy lets publish.
type Publishers int

// Publishers, to be joined with |.
const (
	Alarms Publishers = 1 << iota // CloudWatch, for alarms of the topic's account and region
	Rules                         // EventBridge, for rules of anybody: AWS takes no condition there
)

// TopicPolicy returns the policy for a topic of an account: what SNS gives the
// owner by default, and a statement for each of the services that may publish. The
// partition is aws, aws-cn or aws-us-gov. The text is the same for the same
// arguments.
func TopicPolicy(topicARN, account, partition string, by Publishers) string {
	d := document{
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
		},
	}
	for _, p := range []Publishers{Alarms, Rules} {
		if by&p != 0 {
			d.Statement = append(d.Statement, p.statement(topicARN, account, partition))
		}
	}
	text, _ := encode(d) // texts, lists and maps only: it cannot fail
	return text
}

// PublishersOf returns whom a policy lets publish that is one of TopicPolicy for
// the same topic, whatever the order of its members: Terraform, for one, sorts them. It
// is false for any other policy.
func PublishersOf(doc, topicARN, account, partition string) (Publishers, bool) {
	for by := range Alarms | Rules + 1 {
		if sameDocument(doc, TopicPolicy(topicARN, account, partition, by)) {
			return by, true
		}
	}
	return 0, false
}

// sameDocument reports whether two texts are the same JSON document.
func sameDocument(a, b string) bool {
	var x, y any
	return a == b || json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

// statement is what lets one of the services publish.
func (p Publishers) statement(topicARN, account, partition string) topicStatement {
	if p == Rules {
		return topicStatement{
			Sid:       RuleStatementID,
			Effect:    "Allow",
			Principal: map[string]string{"Service": EventBridge},
			Action:    []string{"sns:Publish"},
			Resource:  topicARN,
		}
	}
	return alarmStatement(topicARN, account, partition)
}

// Admitted reports whether a topic's policy is known to let one of the services
// publish.
func (p Publishers) Admitted(doc, topicARN, account, partition string) bool {
	d, _, err := Evaluate(doc, p.request(topicARN, account, partition))
	return err == nil && d == Allowed
}

// request is a call that one of the services makes to publish.
func (p Publishers) request(topicARN, account, partition string) Request {
	if p == Rules {
		return TopicRuleRequest(topicARN)
	}
	return AlarmRequest("sns:Publish", topicARN, fmt.Sprintf("arn:%s:cloudwatch:%s:%s:alarm:any", partition, regionOf(topicARN), account))
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

// RuleStatementID is the Sid of the statement that lets EventBridge publish.
const RuleStatementID = "monitorctl-events"

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
// alarms of an account's region, or EventBridge, use a KMS key for the topics that
// they notify (Amazon SNS, "Key management"). In a key's policy the resource * is
// the key.
func KeyStatement(account, region, partition string, by Publishers) string {
	if by == Rules {
		text, _ := json.MarshalIndent(topicStatement{ // the same; conditions on the source are not supported
			Sid:       RuleStatementID,
			Effect:    "Allow",
			Principal: map[string]string{"Service": EventBridge},
			Action:    []string{"kms:Decrypt", "kms:GenerateDataKey*"},
			Resource:  "*",
		}, "", "  ")
		return string(text)
	}
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
	Condition   map[string]map[string]string `json:",omitempty"`
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
// one that lets CloudWatch alarms of an account, or EventBridge, publish;
// everything else stays as it is. It refuses when that one could not publish all
// the same, because a statement denies it or because it depends on what is not
// understood.
func ExtendTopicPolicy(doc, topicARN, account, partition string, by Publishers) (string, error) {
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
	added := by.statement(topicARN, account, partition)
	added.Sid = freeName(old, added.Sid)
	extended.Statement = append(extended.Statement, added)
	out, err := encode(extended)
	if err != nil {
		return "", fmt.Errorf("writing policy: %w", err)
	}
	switch d, why, err := Evaluate(out, by.request(topicARN, account, partition)); {
	case err != nil:
		return "", err
	case d != Allowed:
		return "", fmt.Errorf("extending policy: publishing stays %s: %s", d, why)
	}
	return out, nil
}

// freeName returns a Sid that no statement has, the wanted one if it is free:
// within a policy they are unique.
func freeName(statements []statement, wanted string) string {
	taken := map[string]bool{}
	for _, s := range statements {
		taken[s.name] = true
	}
	for n := 1; ; n++ {
		name := wanted
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

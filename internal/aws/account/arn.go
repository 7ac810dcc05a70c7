package account

import "strings"

// An ARN is an Amazon Resource Name taken apart.
type ARN struct {
	Partition string // aws, aws-cn, aws-us-gov
	Service   string
	Region    string // "" for global resources
	Account   string // "" where the service leaves it out
	Resource  string // everything behind the fifth colon
}

// ParseARN takes an ARN apart; false when the text has no such shape.
func ParseARN(text string) (ARN, bool) {
	p := strings.SplitN(text, ":", 6)
	if len(p) != 6 || p[0] != "arn" || p[1] == "" || p[2] == "" || p[5] == "" {
		return ARN{}, false
	}
	return ARN{p[1], p[2], p[3], p[4], p[5]}, true
}

// String puts the ARN together again.
func (a ARN) String() string {
	return strings.Join([]string{"arn", a.Partition, a.Service, a.Region, a.Account, a.Resource}, ":")
}

// LogGroupName returns the name of the log group that an ARN of the form
// arn:aws:logs:REGION:ACCOUNT:log-group:NAME[:*] stands for; false for other
// ARNs.
func (a ARN) LogGroupName() (string, bool) {
	name, ok := strings.CutPrefix(a.Resource, "log-group:")
	if a.Service != "logs" || !ok || name == "" {
		return "", false
	}
	return strings.TrimSuffix(name, ":*"), true
}

package audit

import (
	"fmt"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// machine returns what there is to say of a machine that gets messages: whom it reaches,
// where that is declared, and otherwise that it is one.
func (j *judge) machine(endpoint string, otherwise finding.Reason) finding.Reason {
	d := j.declared(endpoint)
	if d == nil {
		return otherwise
	}
	arn, _ := account.ParseARN(endpoint)
	name := arn.Service + " " + lastOf(arn.Resource)
	if d.Expired(j.now) {
		otherwise.Code, otherwise.Message = CodeDeclarationExpired, fmt.Sprintf("%s is a machine, and the declaration that it reaches %s ended on %s", name, d.Reaches, d.Expires.Format(time.DateOnly))
		return otherwise
	}
	otherwise.Code, otherwise.Status, otherwise.Message = CodeDeclared, finding.Pass, name+" "+d.String()
	return otherwise
}

// declared returns the declaration of a machine, nil for none.
func (j *judge) declared(endpoint string) *finding.Declared {
	i := slices.IndexFunc(j.o.Declared, func(d finding.Declared) bool { return d.Endpoint == endpoint })
	if i < 0 {
		return nil
	}
	return &j.o.Declared[i]
}

// unusedDeclarations says of machines of this account that are declared that no topic and
// no rule that was read sends them anything. It goes to findings on which it may bear:
// those with something wrong about who gets the message.
func (j *judge) unusedDeclarations(f *finding.Finding) {
	if !slices.ContainsFunc(f.Reasons, func(r finding.Reason) bool {
		return r.Status != finding.Pass && (r.Link == finding.LinkSubscription || r.Link == finding.LinkTarget)
	}) {
		return
	}
	for i := range j.o.Declared {
		d := &j.o.Declared[i]
		if arn, ok := account.ParseARN(d.Endpoint); !ok || arn.Account != j.account.ID || Uses(j.account, d.Endpoint) {
			continue
		}
		f.Add(finding.Reason{Code: CodeDeclarationUnused, Status: finding.Warn, Link: finding.LinkSubscription, Resource: d.Endpoint,
			Message: "the declared machine " + d.Endpoint + " is neither a subscriber of a topic nor a target of a rule that was read"})
	}
}

// Uses reports whether a topic or a rule of an account, as far as they were read, sends
// messages to a machine.
func Uses(a *account.Account, endpoint string) bool {
	for i := range a.Regions {
		r := &a.Regions[i]
		for _, t := range r.Topics {
			subs, _ := t.Subscriptions.Got()
			if slices.ContainsFunc(subs, func(s account.Subscription) bool { return s.Endpoint == endpoint && s.State == account.Confirmed }) {
				return true
			}
		}
		lists := []*account.Read[[]account.Rule]{r.Rules}
		for _, bus := range r.Buses {
			lists = append(lists, bus.Rules)
		}
		for _, read := range lists {
			rules, _ := read.Got()
			for _, rule := range rules {
				targets, _ := rule.Targets.Got()
				if slices.ContainsFunc(targets, func(t account.Target) bool { return t.ARN == endpoint }) {
					return true
				}
			}
		}
	}
	return false
}

// lastOf returns the name at the end of a resource such as function:to-slack.
func lastOf(resource string) string {
	for i := len(resource) - 1; i >= 0; i-- {
		if resource[i] == ':' || resource[i] == '/' {
			return resource[i+1:]
		}
	}
	return resource
}

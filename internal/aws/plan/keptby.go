package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"
)

// A Lookup is a question to CloudTrail's event history: who made calls of this kind in a
// region? It is one call.
type Lookup struct{ Region, Event string }

// Lookups are the questions whose answers tell who keeps the objects of others that are in
// the way of a plan and that no tag tells of, each once.
func Lookups(p change.Plan, snap account.Snapshot) []Lookup {
	var list []Lookup
	for _, c := range p.Conflicts {
		if q, _, ok := lookupOf(c); ok && stackOf(c, snap) == "" && !slices.Contains(list, q) {
			list = append(list, q)
		}
	}
	return list
}

// lookupOf returns the question about the object of a conflict, and its name; false for
// what is no object of someone else. IAM's calls are in the history of its home region.
func lookupOf(c change.Conflict) (q Lookup, name string, ok bool) {
	if c.NoRoom || c.Unread {
		return Lookup{}, "", false
	}
	arn, isARN := account.ParseARN(c.Resource)
	switch {
	case !isARN && strings.Contains(c.Resource, ":"): // GROUP:FILTER
		return Lookup{c.Region, "PutMetricFilter"}, c.Resource[strings.LastIndexByte(c.Resource, ':')+1:], true
	case arn.Service == "cloudwatch":
		name, ok := strings.CutPrefix(arn.Resource, "alarm:")
		return Lookup{c.Region, "PutMetricAlarm"}, name, ok
	case arn.Service == "sns":
		return Lookup{c.Region, "CreateTopic"}, arn.Resource, true
	case arn.Service == "events":
		name, ok := strings.CutPrefix(arn.Resource, "rule/")
		return Lookup{c.Region, "PutRule"}, name, ok
	case arn.Service == "iam":
		name, ok := strings.CutPrefix(arn.Resource, "role/")
		return Lookup{account.GlobalRegions(arn.Partition)[0], "CreateRole"}, name, ok
	}
	return Lookup{}, "", false
}

// tools are parts of user agents, and the tools whose calls have them.
var tools = []struct {
	agent, name string
	keeps       bool // its next run would undo a change of anybody else's
	way         string
}{
	{"cloudformation.amazonaws.com", "CloudFormation", true, "'monitorctl export cloudformation' writes the repair as a template, also for the CDK (CfnInclude)"},
	{"Pulumi/", "Pulumi", true, "'monitorctl export terraform' writes the repair as code, which 'pulumi convert --from terraform' converts"},
	{"pulumi-aws/", "Pulumi", true, "'monitorctl export terraform' writes the repair as code, which 'pulumi convert --from terraform' converts"},
	{"terraform-provider-aws/", "Terraform", true, "'monitorctl export terraform' writes the repair as code"},
	{"monitorctl/", "monitorctl", false, ""},
}

// stackOf is the CloudFormation stack that made the object of a conflict, by its tags, as
// far as they were read; "" for none.
func stackOf(c change.Conflict, snap account.Snapshot) string {
	for i := range snap.Accounts {
		a := &snap.Accounts[i]
		r := a.Region(c.Region)
		if a.ID != c.Account || r == nil {
			continue
		}
		reads := []*account.Read[map[string]string]{}
		if _, name, ok := lookupOf(c); ok && strings.HasPrefix(c.Resource, "arn:") {
			reads = append(reads, r.AlarmTags[name], r.RuleTags[name])
		}
		if t := r.Topics[c.Resource]; t != nil {
			reads = append(reads, t.Tags)
		}
		if role := a.Roles[c.Resource]; role != nil {
			reads = append(reads, role.Tags)
		}
		for _, read := range reads {
			tags, _ := read.Got()
			if stack := desired.StackOf(tags); stack != "" {
				return stack
			}
		}
	}
	return ""
}

// KeptBy adds to a plan, as notes of code kept-by, who keeps the objects of others that are
// in its way: by CloudFormation's own tag, else by what CloudTrail's event history says of
// the last call that wrote each. Names and other tags prove nothing; neither does an old
// call, so each note has its date.
func KeptBy(p *change.Plan, snap account.Snapshot, writings []account.Writing) {
	var ways []string
	for _, c := range p.Conflicts {
		q, name, ok := lookupOf(c)
		if !ok {
			continue
		}
		if stack := stackOf(c, snap); stack != "" {
			note(p, c.Account, fmt.Sprintf("%s in %s is kept by the CloudFormation stack %s: change it there, or in the code that created the stack (CDK, SAM, StackSets)", name, c.Region, stack))
			continue
		}
		i := slices.IndexFunc(writings, func(w account.Writing) bool { return w.Region == q.Region && w.Event == q.Event && w.Name == name })
		if i < 0 {
			continue
		}
		w := writings[i]
		tool, keeps, way := toolOf(w.Agent)
		switch {
		case tool == "":
			continue
		case keeps:
			note(p, c.Account, fmt.Sprintf("%s in %s is kept by %s, which wrote it last on %s", name, c.Region, tool, w.At.UTC().Format("2006-01-02")))
			if text := fmt.Sprintf("objects of this account are kept by %s: %s", tool, way); !slices.Contains(ways, text) {
				ways = append(ways, text)
			}
		default:
			note(p, c.Account, fmt.Sprintf("%s in %s was last written by %s on %s, and has since lost the tag %s", name, c.Region, tool, w.At.UTC().Format("2006-01-02"), desired.ManagedTag))
		}
	}
	for _, text := range ways {
		note(p, p.Conflicts[0].Account, text)
	}
}

// toolOf names the tool of a user agent; "" for none that is known.
func toolOf(agent string) (name string, keeps bool, way string) {
	for _, t := range tools {
		if strings.Contains(agent, t.agent) {
			return t.name, t.keeps, t.way
		}
	}
	return "", false, ""
}

// note adds a note of code kept-by, once.
func note(p *change.Plan, id, text string) {
	m := change.Manual{Account: id, Code: change.CodeKeptBy, Text: text}
	if !slices.Contains(p.Notes, m) {
		p.Notes = append(p.Notes, m)
	}
}

// KeptByUnknown notes that nobody may ask the event history.
func KeptByUnknown(p *change.Plan, id, why string) {
	note(p, id, "could not find out which tool keeps what is in the way: "+why)
}

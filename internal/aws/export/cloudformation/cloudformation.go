// Package cloudformation writes the objects of a list as one template of AWS
// CloudFormation. Account, region and partition are pseudo parameters wherever they are
// those of the list, so that the template is fit for StackSets.
//
// Names are joined by Fn::Join, never by Fn::Sub, which would read what stands in them.
package cloudformation

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export"
)

// maxResources is how many resources a template has ("AWS CloudFormation quotas").
const maxResources = 500

// Options are how a template is written.
type Options struct {
	YAML     bool
	StackSet bool // no default of what differs between accounts
}

// Files returns the template, one more for each other region, and where objects exist that
// CloudFormation does not keep yet what imports them: import.json lists them, and
// import-template holds them alone, as a change set of type IMPORT asks for. The error is
// an *export.UnsafeError or says that a quota is exceeded.
func Files(l desired.List, o Options) ([]export.File, error) {
	l = l.KeptBy(desired.CloudFormation)
	if err := export.Check(l, refuses); err != nil {
		return nil, err
	}
	var list []export.File
	inputs := export.Inputs(l)
	for i, r := range l.Regions() {
		suffix := ""
		if i > 0 {
			suffix = "-" + r.Home.Region
		}
		w := &writer{list: r, stackSet: o.StackSet, ids: map[string]bool{}, inputs: inputs, metrics: map[string]bool{}}
		template, err := w.template()
		if err != nil {
			return nil, err
		}
		if n := len(w.resources); n > maxResources {
			return nil, fmt.Errorf("the template has %d resources and CloudFormation takes %d: name fewer controls", n, maxResources)
		}
		list = append(list, encode("template"+suffix, template, o.YAML))
		if len(w.imported) > 0 {
			list = append(list, encode("import-template"+suffix, w.importTemplate(template), o.YAML), export.File{Name: "import" + suffix + ".json", Data: toJSON(w.imported)})
		}
	}
	return list, nil
}

// refuses refuses dynamic references, which CloudFormation resolves in any string.
func refuses(text string) string {
	if strings.Contains(text, "{{resolve:") {
		return "holds {{resolve:, which CloudFormation replaces by a secret or a parameter"
	}
	return ""
}

func encode(name string, v any, yaml bool) export.File {
	if yaml {
		return export.File{Name: name + ".yaml", Data: toYAML(v)}
	}
	return export.File{Name: name + ".json", Data: toJSON(v)}
}

// A dict is an object of JSON, written by key.
type dict = map[string]any

func ref(name string) any { return dict{"Ref": name} }

// join puts values together; a single one stays as it is.
func join(sep string, parts ...any) any {
	if len(parts) == 1 {
		return parts[0]
	}
	return dict{"Fn::Join": []any{sep, parts}}
}

// Names of parameters.
const (
	logGroup   = "LogGroupName"
	topicName  = "TopicName"
	namePrefix = "NamePrefix"
	email      = "SubscriberEmail"
	enabled    = "AlarmsEnabled"
	hasEmail   = "HasSubscriberEmail" // a condition
)

// A writer writes one list.
type writer struct {
	list     desired.List
	stackSet bool
	inputs   []export.Input

	parameters, conditions, resources dict

	ids      map[string]bool   // logical ids
	topics   map[string]string // logical ids of the topics, by ARN
	made     map[string]string // logical ids of roles and API destinations, by ARN
	metrics  map[string]bool   // "NAMESPACE NAME" of the list's filters
	foreign  []string          // ARNs of topics that others keep, in the order of their parameters
	imported []any
}

func (w *writer) template() (dict, error) {
	w.parameters, w.conditions, w.resources, w.topics, w.made = dict{}, dict{}, dict{}, map[string]string{}, map[string]string{}
	w.parameter(namePrefix, "Goes before the names of filters, metrics, alarms and rules.", w.list.Names.Prefix)
	if w.list.LogGroup != "" {
		w.parameter(logGroup, "Log group that the trail delivers to; it must exist in this region.", w.list.LogGroup)
		if w.list.Trail.Makes(w.list.LogGroup) {
			w.parameter(logGroup, "Name of the trail's log group.", w.list.LogGroup)
		} else if w.stackSet {
			delete(w.parameters[logGroup].(dict), "Default") //nolint:forcetypeassert // made above
		}
	}
	for _, f := range w.list.Filters {
		w.metrics[f.Filter.Namespace+" "+f.Filter.Metric] = true
	}
	if err := w.trail(); err != nil {
		return nil, err
	}
	for _, t := range w.list.Topics {
		if err := w.topic(t); err != nil {
			return nil, err
		}
	}
	for _, f := range w.list.Filters {
		w.filter(f)
	}
	for _, a := range w.list.Alarms {
		w.alarm(a)
	}
	if err := w.events(); err != nil {
		return nil, err
	}
	w.subscriptions()
	out := dict{
		"AWSTemplateFormatVersion": "2010-09-09",
		"Description":              w.description(),
		"Metadata":                 dict{"monitorctl": dict{"Export": export.Mark}},
		"Parameters":               w.parameters,
		"Resources":                w.resources,
	}
	if len(w.conditions) > 0 {
		out["Conditions"] = w.conditions
	}
	return out, nil
}

func (w *writer) description() string {
	what := "CloudTrail alarms"
	if len(w.list.Alarms) == 0 {
		what = "Rules on CloudTrail's events"
	}
	if w.list.Trail.Trail != nil {
		what = "A trail of CloudTrail and alarms"
	}
	text := what + " (" + export.Mark + "). Renaming an object replaces it: a name that stays is taken, so rename in two deployments."
	if w.stackSet && w.list.LogGroup != "" {
		text += " As a StackSet: one region for each account, the home region of its trail, since the log group is nowhere else."
	}
	return text
}

// parameter adds a parameter of text.
func (w *writer) parameter(name, description, value string) {
	w.parameters[name] = dict{"Type": "String", "Description": description, "Default": value}
}

// id returns a logical id that is not taken yet: the letters and digits of a name, and
// what tells it apart where two names have the same.
func (w *writer) id(kind, name string) string {
	id := strings.Map(func(r rune) rune {
		if r < 128 && (r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') {
			return r
		}
		return -1
	}, name)
	const longest = 200 // 255 in all
	id = id[:min(len(id), longest)]
	if id == "" || w.ids[id] {
		sum := sha256.Sum256([]byte(kind + " " + name))
		id += "X" + hex.EncodeToString(sum[:])[:12]
	}
	w.ids[id] = true
	return id
}

// add adds a resource; identifier is what imports it, nil where it is not there.
func (w *writer) add(id, kind string, resource dict, state desired.State, identifier dict) {
	resource["Type"] = kind
	for _, policy := range []string{"DeletionPolicy", "UpdateReplacePolicy"} {
		if _, ok := resource[policy]; !ok {
			resource[policy] = "Delete"
		}
	}
	w.resources[id] = resource
	if identifier != nil && (state == desired.Ours || state == desired.Changed) {
		w.imported = append(w.imported, dict{"ResourceType": kind, "LogicalResourceId": id, "ResourceIdentifier": identifier})
	}
}

// prefixed is the name of an object of ours, which has the prefix of the parameter.
func (w *writer) prefixed(name string) any {
	return join("", ref(namePrefix), strings.TrimPrefix(name, w.list.Names.Prefix))
}

func (w *writer) topic(t desired.Topic) error {
	var name any = t.Name
	if t.Name == w.list.Names.TopicName() {
		w.parameter(topicName, "Name of the topic that is notified.", t.Name)
		name = ref(topicName)
	}
	id := w.id("topic", "Topic")
	if len(w.topics) > 0 {
		id = w.id("topic", "Topic"+t.Name)
	}
	w.topics[t.ARN] = id
	w.ids[w.policyID(t.ARN)] = true
	properties := dict{"TopicName": name, "Tags": tags(t.Tags)}
	if t.KeyID != "" {
		properties["KmsMasterKeyId"] = w.arn(t.KeyID)
	}
	w.add(id, "AWS::SNS::Topic", dict{
		// Nobody can confirm for its subscribers again.
		"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Properties": properties,
	}, t.State, dict{"TopicArn": t.ARN})
	doc, err := export.ParseJSON(t.Policy)
	if err != nil {
		return fmt.Errorf("reading the policy of topic %s: %w", t.Name, err)
	}
	w.add(w.policyID(t.ARN), "AWS::SNS::TopicPolicy", dict{"Properties": dict{"Topics": []any{ref(id)}, "PolicyDocument": w.value(doc)}}, t.State, nil)
	return nil
}

func (w *writer) policyID(topic string) string {
	return "TopicPolicy" + strings.TrimPrefix(w.topics[topic], "Topic")
}

// value is a JSON value with references where it names account, region, partition or a
// topic of the list.
func (w *writer) value(v any) any {
	switch v := v.(type) {
	case export.Object:
		out := dict{}
		for _, m := range v {
			out[m.Key] = w.value(m.Value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = w.value(x)
		}
		return out
	case string:
		if v == w.list.Home.Account {
			return ref("AWS::AccountId")
		}
		return w.arn(v)
	}
	return v
}

// arn is a string; an ARN has references in place of what is the list's own.
func (w *writer) arn(text string) any {
	if id, ok := w.topics[text]; ok {
		return ref(id)
	}
	if id, ok := w.made[text]; ok {
		return dict{"Fn::GetAtt": []any{id, "Arn"}}
	}
	const parts = 6 // arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE
	p := strings.SplitN(text, ":", parts)
	if len(p) < parts || p[0] != "arn" {
		return text
	}
	h := w.list.Home
	out, changed := make([]any, parts), false
	for i := range p {
		out[i] = p[i]
		for at, x := range map[int][2]string{1: {h.Partition, "AWS::Partition"}, 3: {h.Region, "AWS::Region"}, 4: {h.Account, "AWS::AccountId"}} {
			if i == at && p[i] == x[0] {
				out[i], changed = ref(x[1]), true
			}
		}
	}
	if before, after, ok := strings.Cut(p[parts-1], "/"+w.list.Names.Prefix+"monitorctl-"); ok { // of an object of ours
		out[parts-1], changed = join("", before+"/", ref(namePrefix), "monitorctl-"+after), true
	}
	if !changed {
		return text
	}
	return join(":", out...)
}

// notified is the action of an alarm. A topic that others keep is a parameter: it is not
// the same in another account.
func (w *writer) notified(arn string) any {
	if _, ours := w.topics[arn]; ours || !strings.Contains(arn, ":sns:") {
		return w.arn(arn)
	}
	i := slices.Index(w.foreign, arn)
	if i < 0 {
		i = len(w.foreign)
		w.foreign = append(w.foreign, arn)
	}
	name := "TopicArn"
	if i > 0 {
		name += strconv.Itoa(i + 1)
	}
	w.parameter(name, "ARN of an existing topic to notify.", arn)
	if w.stackSet {
		delete(w.parameters[name].(dict), "Default") //nolint:forcetypeassert // made above
	}
	return ref(name)
}

func tags(m map[string]string) []any {
	var out []any
	for _, key := range slices.Sorted(maps.Keys(m)) {
		out = append(out, dict{"Key": key, "Value": m[key]})
	}
	return out
}

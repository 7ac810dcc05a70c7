// Package planfile saves a plan, so that apply can carry out exactly that plan
// later, or refuse because the account has moved on.
//
// A file holds the wishes that the plan was made from, its actions in full, and
// the facts of the account that they rest on. Apply plans again from the wishes
// and compares: what it writes is the new plan, and only if it is the saved one.
// So a file that was edited by hand can be refused, but never write what a plan
// of its own would not have written.
package planfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// Schema is the value of File.Schema that this build writes and reads.
const Schema = "monitorctl/saved-plan/v1"

// The published form of a saved plan: docs/output.md,
// docs/schema/saved-plan-v1.schema.json.
type (
	// A File is a saved plan.
	File struct {
		Schema  string    `json:"schema"`
		Digest  string    `json:"digest"` // "sha256:" and hexadecimal digits, over the rest of the file
		Tool    Tool      `json:"tool"`
		SavedAt time.Time `json:"savedAt"` // UTC, whole seconds

		Account   string `json:"account"` // 12 digits
		Partition string `json:"partition"`

		// Config is the configuration that the plan was made with; nil without one.
		Config *Config `json:"config"`

		Wishes  Wishes   `json:"wishes"`
		Basis   []Fact   `json:"basis"`
		Actions []Action `json:"actions"`
	}

	// Tool is the program that saved the plan.
	Tool struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}

	// A Config names a configuration file.
	Config struct {
		Path   string `json:"path"`
		SHA256 string `json:"sha256"`
	}

	// Wishes are what the plan was asked for.
	Wishes struct {
		Benchmark   string            `json:"benchmark"`
		Controls    []string          `json:"controls"`          // ids
		Region      string            `json:"region"`            // home region of the trail
		Regions     []string          `json:"regions,omitempty"` // that were probed; none: all
		TopicARN    string            `json:"topicArn"`
		TopicName   string            `json:"topicName"`
		Subscribers []Subscriber      `json:"subscribers"`
		Complete    bool              `json:"complete"`
		NamePrefix  string            `json:"namePrefix"`
		Tags        map[string]string `json:"tags"`

		Replace           []string `json:"replace"` // names
		ExtendTopicPolicy bool     `json:"extendTopicPolicy"`
		KMSKey            string   `json:"kmsKey"` // ARN
	}

	// A Subscriber is one of the subscribers asked for. The endpoint is kept
	// whole, because apply needs it: the file is as secret as a webhook's URL.
	Subscriber struct {
		Protocol string `json:"protocol"`
		Endpoint string `json:"endpoint"`
	}

	// A Fact is something about the account that the plan rests on.
	Fact struct {
		Resource string `json:"resource"`
		Name     string `json:"name"`
		Value    string `json:"value"`
	}

	// An Action is one change, with the object that it writes in full. What
	// Object holds depends on Kind.
	Action struct {
		Kind   string          `json:"kind"`
		Region string          `json:"region"`
		Name   string          `json:"name"` // in words; with Kind and Region it tells actions apart
		Why    string          `json:"why"`
		Closes []string        `json:"closes"`
		Before json.RawMessage `json:"before"` // null: the object is new
		After  json.RawMessage `json:"after"`
	}
)

// MadeBy is what a plan depends on beside the account and the wishes.
type MadeBy struct {
	Version string  // of monitorctl
	Config  *Config // nil without one
}

// New returns the file of a plan for one account that has no conflicts.
func New(snap account.Snapshot, p plan.Plan, o plan.Options, by MadeBy, now time.Time) (File, error) {
	if len(snap.Accounts) != 1 {
		return File{}, fmt.Errorf("saving the plan: it is for %d accounts, and a saved plan is for one", len(snap.Accounts))
	}
	f := File{
		Schema: Schema, Tool: Tool{"monitorctl", by.Version}, Config: by.Config, SavedAt: now.UTC().Truncate(time.Second),
		Account: snap.Accounts[0].ID, Partition: snap.Accounts[0].Partition,
		Wishes: wishesOf(o, p.Before.Controls),
		Basis:  []Fact{}, Actions: []Action{},
	}
	for _, x := range plan.Basis(snap, p) {
		f.Basis = append(f.Basis, Fact(x))
	}
	for _, a := range p.Actions {
		f.Actions = append(f.Actions, actionOf(a))
	}
	f.Digest = f.digest()
	return f, nil
}

func wishesOf(o plan.Options, controls []string) Wishes {
	w := Wishes{
		Benchmark: string(o.Audit.Benchmark), Controls: controls, Region: o.Region, Regions: o.Scope, TopicARN: o.TopicARN, TopicName: o.TopicName,
		Subscribers: []Subscriber{}, Complete: o.Complete, NamePrefix: o.NamePrefix, Tags: o.Tags,
		Replace: append([]string{}, o.Replace...), ExtendTopicPolicy: o.ExtendTopicPolicy, KMSKey: o.KeyARN,
	}
	for _, s := range o.Subscribers {
		w.Subscribers = append(w.Subscribers, Subscriber(s))
	}
	return w
}

// Options returns the wishes as options of a plan; those of its audit are left
// to the caller, but for the benchmark.
func (f *File) Options() plan.Options {
	w := &f.Wishes
	o := plan.Options{
		Region: w.Region, Scope: w.Regions, TopicARN: w.TopicARN, TopicName: w.TopicName, Complete: w.Complete, NamePrefix: w.NamePrefix, Tags: w.Tags,
		ExtendTopicPolicy: w.ExtendTopicPolicy, KeyARN: w.KMSKey,
	}
	if len(w.Replace) > 0 {
		o.Replace = w.Replace
	}
	o.Audit.Benchmark = catalog.Benchmark(w.Benchmark)
	for _, s := range w.Subscribers {
		o.Subscribers = append(o.Subscribers, plan.Subscriber(s))
	}
	return o
}

// Encode writes the file as indented JSON.
func (f *File) Encode(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false) // patterns are full of && and <
	enc.SetIndent("", "  ")
	if err := enc.Encode(f); err != nil {
		return fmt.Errorf("encoding the plan: %w", err)
	}
	return nil
}

// digest is over everything but itself. It finds edits and damage; against an
// attacker stands the comparison, not the digest.
func (f *File) digest() string {
	rest := *f
	rest.Digest = ""
	data, _ := json.Marshal(rest) // plain data: it cannot fail
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// What an action writes. Filters and alarms have the form that they have in
// snapshots.
type (
	topicObject struct {
		ARN    string            `json:"arn"`
		Policy string            `json:"policy"`
		KeyID  string            `json:"keyId,omitempty"`
		Tags   map[string]string `json:"tags"`
	}

	policyObject struct {
		Policy string `json:"policy"`
	}

	subscriptionObject struct {
		TopicARN string `json:"topicArn"`
		Protocol string `json:"protocol"`
		Endpoint string `json:"endpoint"`
	}

	alarmObject struct {
		Alarm account.MetricAlarm `json:"alarm"`
		Tags  map[string]string   `json:"tags,omitempty"`
	}
)

func actionOf(a plan.Action) Action {
	m := a.Common()
	out := Action{Region: m.Region, Why: m.Why, Closes: slices.Clone(m.Closes), Before: raw(nil)}
	switch a := a.(type) {
	case plan.CreateTopic:
		out.Kind, out.Name = "create-topic", a.Name
		out.After = raw(topicObject{a.ARN, a.Policy, a.KeyID, a.Tags})
	case plan.Subscribe:
		out.Kind, out.Name = "subscribe", a.TopicARN+" "+a.Protocol+" "+a.ShownEndpoint()
		out.After = raw(subscriptionObject{a.TopicARN, a.Protocol, a.Endpoint})
	case plan.SetTopicPolicy:
		out.Kind, out.Name = "set-topic-policy", a.TopicARN
		out.Before, out.After = raw(policyObject{a.Before}), raw(policyObject{a.Policy})
	case plan.PutFilter:
		out.Kind, out.Name = "put-metric-filter", a.Filter.LogGroup+":"+a.Filter.Name
		out.After = raw(a.Filter)
		if a.Before != nil {
			out.Before = raw(*a.Before)
		}
	case plan.PutAlarm:
		out.Kind, out.Name = "put-metric-alarm", a.Alarm.Name
		out.After = raw(alarmObject{a.Alarm, a.Tags})
		if a.Before != nil {
			out.Before = raw(alarmObject{Alarm: a.Before.Settings()})
		}
	}
	return out
}

func raw(v any) json.RawMessage {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // plain data: it cannot fail
	return bytes.TrimSpace(b.Bytes())
}

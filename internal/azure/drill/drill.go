// Package drill sends test notifications to the receivers of an action group, and tells
// what came of each: Azure's own test, with the sample of an Activity Log alert. It
// proves the part of the chain from the action group to the receiver; whether a rule
// alerts at all is what an audit is for.
//
// A Change proves the whole chain: a network security group that nothing uses is created
// and deleted again. Whether the message about it arrived is for people to say.
package drill

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/azure/arm"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
)

// A Result is what came of one receiver's test message.
type Result struct {
	Kind   subscription.ReceiverKind
	Name   string
	Sent   bool   // Azure says that it was delivered
	Detail string // Azure's words when it was not; may be empty
}

// Options say how to wait.
type Options struct {
	// Pause waits; the error says that ctx ended before.
	Pause func(context.Context, time.Duration) error

	// OnBatch is told before test messages are sent how many were and will be; nil for
	// nobody.
	OnBatch func(sent, total int)
}

// perMinute are how many test messages of a kind Azure takes in a minute (Azure Monitor
// service limits).
var perMinute = map[subscription.ReceiverKind]int{subscription.Email: 2, subscription.SMS: 1, subscription.Voice: 1}

// Operations of a test, and the version of their api.
const (
	readGroup  = "Microsoft.Insights/actionGroups/read"
	sendTest   = "Microsoft.Insights/actionGroups/createNotifications/action"
	readResult = "Microsoft.Insights/actionGroups/notificationStatus/read"

	version = "2023-01-01"
)

// Permissions returns the operations that Run needs.
func Permissions() []string { return []string{readGroup, sendTest, readResult} }

// A message is one receiver as an answer has it, with its address.
type message struct {
	kind subscription.ReceiverKind
	raw  map[string]any
}

func (m message) name() string { s, _ := m.raw["name"].(string); return s }

// Run sends a test message to each receiver of an action group, in batches that Azure
// takes in a minute. The results are in the order of the group. It fails when a call does,
// or ctx ends, with the results so far.
func Run(ctx context.Context, client *arm.Client, groupID string, o Options) ([]Result, error) {
	raw, err := client.Get(ctx, arm.Request{Operation: readGroup, Path: groupID, Version: version})
	if err != nil {
		return nil, fmt.Errorf("reading the action group: %w", err)
	}
	waiting := messages(raw)
	total := len(waiting)
	var out []Result
	for len(waiting) > 0 {
		var batch []message
		batch, waiting = split(waiting)
		if len(out) > 0 {
			if err := o.Pause(ctx, time.Minute); err != nil {
				return out, err
			}
		}
		if o.OnBatch != nil {
			o.OnBatch(len(out), total)
		}
		results, err := send(ctx, client, groupID, batch, o)
		out = append(out, results...)
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// kinds are those that a test reaches, in the order of the output.
var kinds = []subscription.ReceiverKind{
	subscription.Email, subscription.SMS, subscription.Voice, subscription.AppPush, subscription.Role, subscription.Webhook, subscription.LogicApp,
	subscription.Function, subscription.Runbook, subscription.EventHub, subscription.ITSM,
}

// messages returns the receivers of a group, with the keys that a test takes.
func messages(raw json.RawMessage) []message {
	var group struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	_ = json.Unmarshal(raw, &group) // what is no group has no receivers
	var out []message
	for _, kind := range kinds {
		for key, value := range group.Properties {
			var list []map[string]any
			if !strings.EqualFold(key, string(kind)+"Receivers") || json.Unmarshal(value, &list) != nil {
				continue
			}
			for _, r := range list {
				delete(r, "status") // read-only
				out = append(out, message{kind, r})
			}
		}
	}
	return out
}

// split takes as many messages as Azure takes in a minute.
func split(list []message) (batch, rest []message) {
	sent := map[subscription.ReceiverKind]int{}
	for _, m := range list {
		if limit := perMinute[m.kind]; limit > 0 && sent[m.kind] == limit {
			rest = append(rest, m)
			continue
		}
		sent[m.kind]++
		batch = append(batch, m)
	}
	return batch, rest
}

// How long the result of a test is waited for.
const (
	pollPause = 2 * time.Second
	pollTries = 60
)

// send sends one batch and waits for what comes of it.
func send(ctx context.Context, client *arm.Client, groupID string, batch []message, o Options) ([]Result, error) {
	body := map[string]any{"alertType": "activitylog"}
	for _, m := range batch {
		key := string(m.kind) + "Receivers"
		list, _ := body[key].([]any)
		body[key] = append(list, m.raw)
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	_, location, err := client.Post(ctx, arm.Request{
		Operation: sendTest, Path: groupID + "/createNotifications", Version: version,
	}, text)
	if err != nil {
		return nil, fmt.Errorf("sending test messages: %w", err)
	}
	id := lastPart(location)
	if id == "" {
		return nil, errors.New("sending test messages: Azure does not say where their result will be")
	}
	for range pollTries {
		raw, err := client.Get(ctx, arm.Request{
			Operation: readResult, Path: groupID + "/notificationStatus/" + id, Version: version,
		})
		if err != nil {
			return nil, fmt.Errorf("asking for the result of test messages: %w", err)
		}
		if results, done := read(raw, batch); done {
			return results, nil
		}
		if err := o.Pause(ctx, pollPause); err != nil {
			return nil, err
		}
	}
	return nil, errors.New("there is no result of the test messages from Azure: ask the recipients whether they arrived")
}

// lastPart returns the last part of the path of a URL: its host is not followed.
func lastPart(location string) string {
	path, _, _ := strings.Cut(location, "?")
	return path[strings.LastIndexByte(path, '/')+1:]
}

// completed are the words for a test that is over, and for one that went well.
var completed = []string{"complete", "completed", "succeeded"}

// read reads the state of a test; a receiver that it does not mention was not sent to.
func read(raw json.RawMessage, batch []message) (results []Result, done bool) {
	var state struct {
		State   string `json:"state"`
		Details []struct {
			Name   string `json:"Name"`
			Status string `json:"Status"`
			Detail string `json:"Detail"`
			Sub    string `json:"SubState"`
		} `json:"actionDetails"`
	}
	if json.Unmarshal(raw, &state) != nil || !slices.Contains(append(completed, "failed"), strings.ToLower(state.State)) {
		return nil, false
	}
	for _, m := range batch {
		r := Result{Kind: m.kind, Name: m.name(), Detail: "Azure's answer does not mention it"}
		for _, d := range state.Details {
			if subscription.Same(d.Name, r.Name) {
				r.Sent = slices.Contains(completed, strings.ToLower(d.Status))
				r.Detail = d.Detail
				if !r.Sent && d.Detail == "" {
					r.Detail = strings.TrimSpace(d.Status + " " + d.Sub)
				}
			}
		}
		results = append(results, r)
	}
	return results, true
}

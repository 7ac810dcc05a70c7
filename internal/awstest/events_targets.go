package awstest

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// An EventTarget is a target of a rule.
type EventTarget struct {
	ID               string            `json:"Id,omitempty" required:"" length:"1-64" pattern:"[\\.\\-_A-Za-z0-9]+"`
	Arn              string            `json:"Arn,omitempty" required:"" length:"1-1600"`
	RoleArn          string            `json:"RoleArn,omitempty" length:"1-1600"`
	Input            string            `json:"Input,omitempty" length:"0-8192"`
	InputPath        string            `json:"InputPath,omitempty" length:"0-256"`
	InputTransformer *InputTransformer `json:"InputTransformer,omitempty"`
	DeadLetterConfig *DeadLetterConfig `json:"DeadLetterConfig,omitempty"`
	RetryPolicy      *RetryPolicy      `json:"RetryPolicy,omitempty"`
	HTTPParameters   *HTTPParameters   `json:"HttpParameters,omitempty"`
}

// An InputTransformer makes a target's input of a template.
type InputTransformer struct {
	InputPathsMap map[string]string `json:"InputPathsMap,omitempty" length:"0-100"`
	InputTemplate string            `json:"InputTemplate,omitempty" required:"" length:"1-8192"`
}

// A DeadLetterConfig names the queue for what cannot be delivered.
type DeadLetterConfig struct {
	Arn string `json:"Arn,omitempty" length:"1-1600"`
}

// A RetryPolicy bounds how long and how often a delivery is tried.
type RetryPolicy struct {
	MaximumRetryAttempts     *int32 `json:"MaximumRetryAttempts,omitempty" range:"0-185"`
	MaximumEventAgeInSeconds *int32 `json:"MaximumEventAgeInSeconds,omitempty" range:"60-86400"`
}

// HTTPParameters are added to the calls of an API destination.
type HTTPParameters struct {
	PathParameterValues   []string          `json:"PathParameterValues,omitempty"`
	HeaderParameters      map[string]string `json:"HeaderParameters,omitempty"`
	QueryStringParameters map[string]string `json:"QueryStringParameters,omitempty"`
}

// PutTargetsInput is the input of events:PutTargets.
type PutTargetsInput struct {
	Rule         string        `json:"Rule,omitempty" required:"" length:"1-64"`
	EventBusName string        `json:"EventBusName,omitempty" length:"1-1600"`
	Targets      []EventTarget `json:"Targets,omitempty" required:"" length:"1-100"`
}

type failedEntry struct {
	TargetID     string `json:"TargetId"`
	ErrorCode    string `json:"ErrorCode"`
	ErrorMessage string `json:"ErrorMessage"`
}

type targetsOutput struct {
	FailedEntryCount int           `json:"FailedEntryCount"`
	FailedEntries    []failedEntry `json:"FailedEntries"`
}

// PutTargets adds targets to a rule, or replaces those of the same ids. The error
// names the first entry that was refused.
func (r *Region) PutTargets(in PutTargetsInput) error {
	out, err := seed[targetsOutput](r, eventsService, "PutTargets", &in)
	if err == nil && out.FailedEntryCount > 0 {
		f := out.FailedEntries[0]
		err = apiError(f.ErrorCode, "target %s: %s", f.TargetID, f.ErrorMessage)
	}
	return err
}

// putTargets judges each entry by itself: what is wrong with some is told in a
// reply of status 200, and the others are taken.
func putTargets(c *call, in *PutTargetsInput) (*targetsOutput, error) {
	out := &targetsOutput{FailedEntries: []failedEntry{}}
	if slices.ContainsFunc(in.Targets, func(t EventTarget) bool { return t.RoleArn != "" }) && !c.allows("iam:PassRole") {
		return nil, apiError("AccessDeniedException", "User: %s is not authorized to perform: iam:PassRole", c.by.arn)
	}
	err := c.changeRule(in.EventBusName, in.Rule, func(r *eventRule) error {
		list := slices.Clone(r.targets)
		for _, t := range in.Targets {
			if err := c.checkTarget(t); err != nil {
				out.FailedEntries = append(out.FailedEntries, failedEntry{t.ID, err.Code, err.Message})
				continue
			}
			list = slices.DeleteFunc(list, func(have EventTarget) bool { return have.ID == t.ID })
			list = append(list, t)
		}
		if len(list) > maxTargets {
			return apiError("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
		}
		slices.SortFunc(list, func(a, b EventTarget) int { return cmp.Compare(a.ID, b.ID) })
		r.targets = list
		return nil
	})
	if err != nil {
		return nil, err
	}
	out.FailedEntryCount = len(out.FailedEntries)
	return out, nil
}

var templateName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`) })

// checkTarget returns what is wrong with a target, nil for nothing. That a topic
// or function does not exist is not noticed before an event comes.
func (c *call) checkTarget(t EventTarget) *APIError {
	p, ok := splitARN(t.Arn)
	ways := 0
	for _, set := range []bool{t.Input != "", t.InputPath != "", t.InputTransformer != nil} {
		if set {
			ways++
		}
	}
	bus := ok && p.service == "events" && strings.HasPrefix(p.resource, "event-bus/")
	switch {
	case !ok:
		return apiError("ValidationException", "Provided Arn is not in correct format.")
	case ways > 1:
		return apiError("ValidationException", "Only one of Input, InputPath, or InputTransformer must be provided for target %s.", t.ID)
	case bus && ways > 0:
		return apiError("ValidationException", "Input, InputPath and InputTransformer are not supported for target %s.", t.ID)
	case bus && p.region != c.region.name && t.RoleArn == "":
		return apiError("ValidationException", "RoleArn is required for target %s.", t.Arn)
	case ok && strings.HasPrefix(p.resource, "api-destination/") && t.RoleArn == "":
		return apiError("ValidationException", "RoleArn is required for target %s.", t.Arn)
	case !bus && p.region != c.region.name && p.region != "":
		return apiError("ValidationException", "Provided target %s is in another region.", t.Arn)
	case t.Input != "" && !json.Valid([]byte(t.Input)):
		return apiError("ValidationException", "Invalid Input for target %s : Reason: not JSON.", t.ID)
	}
	if t.InputTransformer != nil {
		for name := range t.InputTransformer.InputPathsMap {
			if !templateName().MatchString(name) || strings.HasPrefix(name, "aws.") {
				return apiError("ValidationException", "Invalid InputTransformer for target %s : %s", t.ID, name)
			}
		}
	}
	return nil
}

type removeTargetsInput struct {
	Rule         string   `json:"Rule,omitempty" required:"" length:"1-64"`
	EventBusName string   `json:"EventBusName,omitempty" length:"1-1600"`
	Ids          []string `json:"Ids,omitempty" required:"" length:"1-100"`
	Force        bool     `json:"Force,omitempty"`
}

func removeTargets(c *call, in *removeTargetsInput) (*targetsOutput, error) {
	out := &targetsOutput{FailedEntries: []failedEntry{}}
	err := c.changeRule(in.EventBusName, in.Rule, func(r *eventRule) error {
		for _, id := range in.Ids {
			if !slices.ContainsFunc(r.targets, func(t EventTarget) bool { return t.ID == id }) {
				out.FailedEntries = append(out.FailedEntries, failedEntry{id, "ResourceNotFoundException", "Target " + id + " does not exist."})
			}
		}
		r.targets = slices.DeleteFunc(slices.Clone(r.targets), func(t EventTarget) bool { return slices.Contains(in.Ids, t.ID) })
		return nil
	})
	if err != nil {
		return nil, err
	}
	out.FailedEntryCount = len(out.FailedEntries)
	return out, nil
}

type listTargetsInput struct {
	Rule         string `json:"Rule,omitempty" required:"" length:"1-64"`
	EventBusName string `json:"EventBusName,omitempty" length:"1-1600"`
	NextToken    string `json:"NextToken,omitempty" length:"1-2048"`
	Limit        int32  `json:"Limit,omitempty" range:"1-100"`
}

type listTargetsOutput struct {
	Targets   []EventTarget `json:"Targets"`
	NextToken string        `json:"NextToken,omitempty"`
}

func listTargetsByRule(c *call, in *listTargetsInput) (*listTargetsOutput, error) {
	r, err := c.findRule(in.EventBusName, in.Rule)
	if err != nil {
		return nil, err
	}
	after, ok := readToken("ListTargetsByRule", in.NextToken)
	if !ok {
		return nil, apiError("ValidationException", "Provided token is invalid")
	}
	cut, next := page(c.Cloud, r.targets, func(t EventTarget) string { return t.ID }, after, cmp.Or(int(in.Limit), 100))
	return &listTargetsOutput{append([]EventTarget{}, cut...), newToken("ListTargetsByRule", next)}, nil
}

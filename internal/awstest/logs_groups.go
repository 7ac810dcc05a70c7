package awstest

import (
	"maps"
	"slices"
	"strings"
)

type retentionInput struct {
	LogGroupName    string `json:"logGroupName,omitempty" required:"" length:"1-512" pattern:"[\\.\\-_/#A-Za-z0-9]+"`
	RetentionInDays int32  `json:"retentionInDays,omitempty" required:""`
}

// retentions are the values that PutRetentionPolicy takes, in days.
var retentions = []int32{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

// PutRetentionPolicy sets how long a log group keeps its events, in days.
func (r *Region) PutRetentionPolicy(group string, days int32) error {
	return seedOnly[none](r, logsService, "PutRetentionPolicy", &retentionInput{group, days})
}

func putRetentionPolicy(c *call, in *retentionInput) (*none, error) {
	old := c.region.groups[in.LogGroupName]
	switch {
	case old == nil:
		return nil, errNoLogGroup()
	case !slices.Contains(retentions, in.RetentionInDays):
		return nil, apiError("InvalidParameterException", "1 validation error detected: Value '%d' at 'retentionInDays' failed to satisfy constraint", in.RetentionInDays)
	}
	g := *old
	g.retention = in.RetentionInDays
	c.region.groups[g.name] = &g
	return &none{}, nil
}

type describeStreamsInput struct {
	LogGroupName string `json:"logGroupName,omitempty" length:"1-512"`
	NextToken    string `json:"nextToken,omitempty"`
	Limit        int32  `json:"limit,omitempty" range:"1-50"`
}

type describeStreamsOutput struct {
	LogStreams []logStream `json:"logStreams"`
}

type logStream struct {
	LogStreamName string `json:"logStreamName"`
	ARN           string `json:"arn"`
}

// describeLogStreams returns all streams of a group: there are few.
func describeLogStreams(c *call, in *describeStreamsInput) (*describeStreamsOutput, error) {
	g := c.region.groups[in.LogGroupName]
	if g == nil {
		return nil, errNoLogGroup()
	}
	out := &describeStreamsOutput{LogStreams: []logStream{}}
	for _, name := range g.streams {
		out.LogStreams = append(out.LogStreams, logStream{name, g.arn(c.region) + ":log-stream:" + name})
	}
	return out, nil
}

type groupTagsInput struct {
	ResourceARN string `json:"resourceArn,omitempty" required:"" length:"1-1011"`
}

type groupTagsOutput struct {
	Tags map[string]string `json:"tags"`
}

// listGroupTags returns the tags of a log group, whose ARN has no ":*" behind it.
func listGroupTags(c *call, in *groupTagsInput) (*groupTagsOutput, error) {
	_, name, _ := strings.Cut(in.ResourceARN, ":log-group:")
	g := c.region.groups[name]
	if g == nil {
		return nil, apiError("ResourceNotFoundException", "The specified resource does not exist.")
	}
	tags := maps.Clone(g.tags)
	if tags == nil {
		tags = map[string]string{}
	}
	return &groupTagsOutput{tags}, nil
}

package awstest

import (
	"maps"
	"slices"
)

func tagMap(tags []Tag) map[string]string {
	m := map[string]string{}
	for _, t := range tags {
		m[t.Key] = t.Value
	}
	return m
}

func tagList(tags map[string]string) []Tag {
	list := []Tag{}
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, Tag{k, tags[k]})
	}
	return list
}

type resourceARN struct {
	ResourceARN string `json:"ResourceArn" required:"" length:"1-1011"`
}

type listTagsOutput struct {
	Tags []Tag `json:"Tags"`
}

func listTopicTags(c *call, in *resourceARN) (*listTagsOutput, error) {
	t, err := c.ownTopic(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	return &listTagsOutput{tagList(t.tags)}, nil
}

// ownTopic finds a topic of the call's account and region for tagging.
func (c *call) ownTopic(arn string) (*topic, error) {
	p, ok := splitARN(arn)
	if !ok || p.service != "sns" {
		return nil, errSNS("ResourceArn")
	}
	if t := c.region.topics[p.resource]; t != nil && t.arn == arn {
		return t, nil
	}
	return nil, errorWithStatus(404, "ResourceNotFound", "Resource does not exist")
}

type tagTopicInput struct {
	ResourceARN string `json:"ResourceArn" required:"" length:"1-1011"`
	Tags        []Tag  `json:"Tags" required:""`
}

func tagTopic(c *call, in *tagTopicInput) (*empty, error) {
	old, err := c.ownTopic(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	t := *old
	t.tags = maps.Clone(old.tags)
	maps.Copy(t.tags, tagMap(in.Tags))
	if len(t.tags) > 50 {
		return nil, apiError("TagLimitExceeded", "Tag limit exceeded")
	}
	c.region.topics[t.name] = &t
	return &empty{}, nil
}

type untagTopicInput struct {
	ResourceARN string   `json:"ResourceArn" required:"" length:"1-1011"`
	TagKeys     []string `json:"TagKeys" required:""`
}

func untagTopic(c *call, in *untagTopicInput) (*empty, error) {
	old, err := c.ownTopic(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	t := *old
	t.tags = maps.Clone(old.tags)
	for _, k := range in.TagKeys {
		delete(t.tags, k)
	}
	c.region.topics[t.name] = &t
	return &empty{}, nil
}

package awstest

import "maps"

type alarmARN struct {
	ResourceARN string `json:"ResourceARN" required:"" length:"1-1024"`
}

func listAlarmTags(c *call, in *alarmARN) (*listTagsOutput, error) {
	a, err := c.alarmByARN(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	return &listTagsOutput{tagList(a.tags)}, nil
}

func (c *call) alarmByARN(arn string) (*alarm, error) {
	if p, ok := splitARN(arn); !ok || p.service != "cloudwatch" {
		return nil, &APIError{Code: "InvalidParameterValue", Shape: "InvalidParameterValueException", Status: 400, Message: "Invalid resource ARN " + arn}
	}
	for _, a := range c.region.alarms {
		if a.arn == arn {
			return a, nil
		}
	}
	return nil, errorWithStatus(404, "ResourceNotFoundException", "Alarm %s does not exist", arn)
}

type tagAlarmInput struct {
	ResourceARN string `json:"ResourceARN" required:"" length:"1-1024"`
	Tags        []Tag  `json:"Tags" required:"" length:"0-50"`
}

func tagAlarm(c *call, in *tagAlarmInput) (*empty, error) {
	a, err := c.alarmByARN(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	tags := maps.Clone(a.tags)
	maps.Copy(tags, tagMap(in.Tags))
	c.region.change(a.name, func(a *alarm) { a.tags = tags })
	return &empty{}, nil
}

type untagAlarmInput struct {
	ResourceARN string   `json:"ResourceARN" required:"" length:"1-1024"`
	TagKeys     []string `json:"TagKeys" required:""`
}

func untagAlarm(c *call, in *untagAlarmInput) (*empty, error) {
	a, err := c.alarmByARN(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	tags := maps.Clone(a.tags)
	for _, k := range in.TagKeys {
		delete(tags, k)
	}
	c.region.change(a.name, func(a *alarm) { a.tags = tags })
	return &empty{}, nil
}

package cmd

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/config"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/run"
)

// nameFlags are the names of what apply creates.
type nameFlags struct {
	prefix, topicName string
}

func (f *nameFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.prefix, "name-prefix", "", "prefix of the names of filters, metrics and alarms that apply creates")
	c.Flags().StringVar(&f.topicName, "topic-name", desired.DefaultTopicName, "name of the topic that apply creates")
}

// options are those of a plan that only has names.
func (f *nameFlags) options(conf *config.File) (plan.Options, error) {
	o := plan.Options{NamePrefix: f.prefix, TopicName: f.topicName, Namespace: conf.Names.Namespace}
	if err := plan.CheckNames(o); err != nil {
		return o, exit.Usage(err)
	}
	return o, nil
}

// wishFlags are what plan, apply and their permissions are asked for.
type wishFlags struct {
	scopeFlags
	names nameFlags

	homeRegion   string
	topicARN     string
	subscribe    []string
	complete     bool
	tags         []string
	replace      []string
	extendPolicy bool
	kmsKey       string

	transport transportFlags
	heartbeat heartbeatFlags
	trail     trailFlags
	azure     azureWishFlags
}

func (f *wishFlags) add(c *cobra.Command) {
	f.addAWS(c)
	f.azure.add(c)
}

// addAWS adds the flags of AWS.
func (f *wishFlags) addAWS(c *cobra.Command) {
	f.names.add(c)
	f.transport.add(c)
	f.heartbeat.add(c)
	f.satisfy.add(c)
	f.trail.add(c)
	fl := c.Flags()
	fl.StringVar(&f.topicARN, "topic-arn", "", "ARN of an existing topic for the alarms; it is checked first")
	fl.StringArrayVar(&f.subscribe, "subscribe", nil, "who to notify, repeatable: email:a@b, sms:+49..., https://..., sqs:ARN, lambda:ARN, pagerduty:KEY, servicenow:, zendesk:, webhook: ('monitorctl channels'); on Azure also voice:+49..., push:a@b, role:Owner, logicapp:ID, but no sqs and lambda")
	fl.BoolVar(&f.complete, "complete", false, "add supplements for the operations that the benchmark does not require")
	fl.StringArrayVar(&f.replace, "replace", nil, "NAME of an existing filter or alarm to overwrite; repeatable")
	fl.BoolVar(&f.extendPolicy, "extend-topic-policy", false, "add the statement that CloudWatch needs to the policy of a topic that lacks it")
	fl.StringVar(&f.kmsKey, "kms-key", "", "ARN of the KMS key that encrypts the topic; it is checked first")
	fl.StringArrayVar(&f.tags, "tag", nil, "KEY=VALUE, a tag for the alarms and the topic; repeatable")
	f.addRegions(c, probedRegions)
	fl.StringVar(&f.homeRegion, "home-region", "", "home region of the trail to use (default: the plan chooses)")
	completeRegions(c, "home-region")
}

// plan makes of the flags, the environment and the configuration file what plan and
// apply are asked for.
func (f *wishFlags) plan(e *env, c *cobra.Command, names []string, out *outputFlags) (run.PlanRequest, error) {
	q, err := f.request(e, c, names, out)
	if err != nil {
		return run.PlanRequest{}, err
	}
	return f.wishes(q)
}

// wishes adds to a request what plan and apply are asked for of AWS.
func (f *wishFlags) wishes(q run.Request) (run.PlanRequest, error) {
	if f.homeRegion != "" {
		if err := run.CheckRegion("--home-region", f.homeRegion); err != nil {
			return run.PlanRequest{}, err
		}
	}
	o, err := f.options(&q.Scope.Config.File)
	if err != nil {
		return run.PlanRequest{}, err
	}
	o.Scope = q.Source.Regions
	return run.PlanRequest{Request: q, Options: o}.WithHeartbeat()
}

// options are those of a plan.
func (f *wishFlags) options(conf *config.File) (plan.Options, error) {
	o, err := f.names.options(conf)
	if err != nil {
		return o, err
	}
	o.TopicARN, o.Complete, o.Region = f.topicARN, f.complete, f.homeRegion
	o.Replace, o.ExtendTopicPolicy, o.KeyARN = f.replace, f.extendPolicy, f.kmsKey
	f.transport.wish(&o)
	if o.Satisfy, err = f.satisfy.wish(); err != nil {
		return o, err
	}
	if err := f.trail.wish(&o, conf); err != nil {
		return o, err
	}
	if f.kmsKey != "" && f.topicARN != "" {
		return o, exit.Usage(errors.New("--kms-key and --topic-arn cannot be combined: --kms-key encrypts the topic that apply creates"))
	}
	for _, text := range f.subscribe {
		s, err := run.ReadSubscriber(text)
		if err != nil {
			return o, exit.Usage(err)
		}
		o.Subscribers = append(o.Subscribers, s)
	}
	if o.Routes, err = run.Routes(conf); err != nil {
		return o, exit.Usage(err)
	}
	f.heartbeat.wish(&o, conf)
	if o.Tags, err = tagsOf(conf, f.tags); err != nil {
		return o, err
	}
	if err := plan.CheckNames(o); err != nil { // tags, too
		return o, exit.Usage(err)
	}
	return o, nil
}

// tagsOf returns the tags of the configuration with those of --tag, KEY=VALUE,
// which win.
func tagsOf(conf *config.File, flags []string) (map[string]string, error) {
	tags := map[string]string{}
	for key, value := range conf.Tags {
		tags[key] = value
	}
	for _, text := range flags {
		key, value, ok := strings.Cut(text, "=")
		if !ok || key == "" {
			return nil, exit.Usage(fmt.Errorf("--tag %q is not KEY=VALUE", text))
		}
		tags[key] = value
	}
	return tags, nil
}

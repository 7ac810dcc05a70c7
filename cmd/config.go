package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/config"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/report"
)

// configFlags name the configuration file.
type configFlags struct {
	path string
	conf config.File // zero without --config

	// controls are judged when neither arguments nor --set name any.
	controls []string

	// central are the accounts of the central snapshots.
	central []account.Account
}

func (f *configFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.path, "config", "", "configuration file: controls, regions, names, tags, notify, waivers, accept, central")
}

// configured fills the flags that were not given from the environment and then
// from the configuration file.
func (e *env) configured(f *controlFlags, s *source) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		if err := e.fromEnvironment(c, args); err != nil || f.config.path == "" {
			return err
		}
		ctx, cancel := s.deadline(c.Context())
		defer cancel()
		if err := f.readConfig(ctx); err != nil {
			return err
		}
		conf := &f.config.conf
		e.config = &report.ConfigFile{Path: conf.Path, SHA256: conf.SHA256}
		// Commands without --set are about all controls: snapshot, destroy.
		if set := c.Flags().Lookup("set"); set != nil && !set.Changed {
			f.config.controls = conf.Controls
		}
		if len(s.regions) == 0 {
			s.regions = conf.Regions
		}
		if c.Flags().Changed("plan") {
			return nil // the saved plan has settled the rest
		}
		return fillFlags(c, conf)
	}
}

// maxConfig bounds the configuration and each file of --catalog in bytes; they are
// written by hand.
const maxConfig = 4 << 20

// readConfig reads the configuration file.
func (f *controlFlags) readConfig(ctx context.Context) error {
	data, err := files.Read(ctx, f.config.path, maxConfig)
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("reading the configuration: %w", context.Cause(ctx))
	}
	if err != nil {
		return usage(fmt.Errorf("reading the configuration: %w", files.Named(f.config.path, err)))
	}
	cat, err := f.loadBoth()
	if err != nil {
		return err
	}
	conf, err := config.Parse(f.config.path, data, cat)
	if err != nil {
		return usage(fmt.Errorf("reading the configuration: %w", err))
	}
	f.config.conf = *conf
	for _, path := range conf.Central {
		snap, err := collect.Load(ctx, path, nil)
		if err != nil {
			return hinted(fmt.Errorf("reading a central account of the configuration %s: %w", conf.Path, err), "'monitorctl snapshot --file F' saves one")
		}
		f.config.central = append(f.config.central, snap.Accounts...)
	}
	return nil
}

// fillFlags gives flags that are not set the value of the configuration. A
// command that lacks a flag has no use for the value.
func fillFlags(c *cobra.Command, conf *config.File) error {
	values := map[string][]string{
		"benchmark":   {string(conf.Benchmark)},
		"set":         {conf.Set},
		"name-prefix": {conf.Names.Prefix},
		"topic-name":  {conf.Names.Topic},
		"topic-arn":   {conf.Notify.TopicARN},
		"subscribe":   conf.Notify.Subscribe,
	}
	if s := c.Flags().Lookup("subscription"); s != nil && s.Changed { // the rest is about AWS
		delete(values, "topic-name")
		delete(values, "topic-arn")
		values["subscribe"] = conf.Azure.Subscribe
		values["resource-group"], values["action-group"] = []string{conf.Azure.ResourceGroup}, []string{conf.Azure.ActionGroup}
	}
	var failed error
	for name, list := range values {
		flag := c.Flags().Lookup(name)
		if flag == nil || flag.Changed {
			continue
		}
		for _, value := range list {
			if value != "" {
				failed = errors.Join(failed, c.Flags().Set(name, value))
			}
		}
	}
	if failed != nil {
		return usage(fmt.Errorf("reading the configuration %s: %w", conf.Path, failed))
	}
	return nil
}

// tagsOf returns the tags of the configuration with those of --tag, KEY=VALUE,
// which win.
func tagsOf(conf config.File, flags []string) (map[string]string, error) {
	tags := map[string]string{}
	for key, value := range conf.Tags {
		tags[key] = value
	}
	for _, text := range flags {
		key, value, ok := strings.Cut(text, "=")
		if !ok || key == "" {
			return nil, usage(fmt.Errorf("--tag %q is not KEY=VALUE", text))
		}
		tags[key] = value
	}
	return tags, nil
}

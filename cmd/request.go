package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/config"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/run"
)

// scope makes of the flags, the environment and the configuration file what is checked.
// names are the controls that the arguments name. Flags that the configuration file has
// values for, and that were not given, have these values afterwards.
func (f *scopeFlags) scope(ctx context.Context, c *cobra.Command, names []string) (run.Scope, error) {
	s := run.Scope{Catalogs: run.NewCatalogs(f.catalogDir), Names: names}
	if f.config != "" {
		conf, err := run.ReadConfig(ctx, f.config, s.Catalogs)
		if err != nil {
			return s, err
		}
		// Commands without --set are about all controls.
		if set := c.Flags().Lookup("set"); set == nil || set.Changed {
			conf.Controls = nil
		}
		if !c.Flags().Changed("plan") { // a saved plan has settled the rest
			if err := fillFlags(c, &conf.File); err != nil {
				return s, err
			}
		}
		s.Config = conf
	}
	s.Benchmark, s.Set, s.Mapping = f.benchmark, f.set, f.mapping
	return s, nil
}

// request makes of the flags, the environment and the configuration file what a run is
// asked for. names are the controls that the arguments name.
func (f *scopeFlags) request(e *env, c *cobra.Command, names []string, o *outputFlags) (run.Request, error) {
	q := run.Request{Source: f.source, Limit: run.NewLimit(f.timeout), Quiet: o.quiet, Verbose: o.verbose}
	ctx, cancel := q.Limit.Context(c.Context())
	defer cancel()
	var err error
	if q.Scope, err = f.scope(ctx, c, names); err != nil {
		return q, err
	}
	if len(q.Source.Regions) == 0 {
		q.Source.Regions = q.Scope.Config.File.Regions
	}
	cloud, err := f.cloud(ctx, e, c)
	if err != nil {
		return q, err
	}
	if q.Selection, err = q.Scope.Select(cloud); err != nil {
		return q, err
	}
	if q.Transport, err = f.carriers(q.Selection.Framework.ID); err != nil || cloud == catalog.Azure {
		return q, err
	}
	return q, q.Source.Check()
}

// flagsOf are the flags that are about one cloud only, but for those that name whose
// account is read.
var flagsOf = map[catalog.Cloud][]string{
	catalog.AWS:   {"profile", "role-arn", "external-id", "expect-account", "region"},
	catalog.Azure: {"tenant", "expect-tenant", "azure-cloud"},
}

// cloud returns the cloud that a run is about. Flags of the other cloud are wrong usage.
func (f *scopeFlags) cloud(ctx context.Context, e *env, c *cobra.Command) (catalog.Cloud, error) {
	if c.Flags().Lookup("subscription") == nil {
		return catalog.AWS, nil
	}
	s := &f.source
	if len(s.Subscriptions) > 0 && len(s.Files) > 0 {
		return "", exit.Usage(errors.New("--subscription reads Azure and --snapshot a file: give one of them"))
	}
	cloud, err := e.run.CloudOf(ctx, s)
	if err != nil {
		return "", err
	}
	for of, names := range flagsOf {
		for _, name := range names {
			flag := c.Flags().Lookup(name)
			if of == cloud || flag == nil || !flag.Changed {
				continue
			}
			if cloud == catalog.Azure {
				return "", exit.Hinted(exit.Usage(fmt.Errorf("--%s is about AWS, and this run is about Azure", name)), "run once for each cloud")
			}
			return "", exit.Hinted(exit.Usage(fmt.Errorf("--%s is about Azure, and no subscription is named", name)), "name one with --subscription")
		}
	}
	for _, id := range []struct{ flag, value string }{{"tenant", s.Tenant}, {"expect-tenant", s.ExpectTenant}} {
		if id.value != "" && !subscription.IsGUID(id.value) {
			return "", exit.Usage(fmt.Errorf("--%s %q is no GUID", id.flag, id.value))
		}
	}
	if slices.Contains(s.Subscriptions, "") {
		return "", exit.Hinted(exit.Usage(errors.New("--subscription is empty")), "give an id, a name, or all")
	}
	return cloud, nil
}

// carriers returns the transport to judge by. Security Hub's own controls look for
// metric filters, so that a judgement in its terms does too.
func (f *scopeFlags) carriers(framework string) (string, error) {
	hub := framework == "aws-security-hub"
	switch {
	case f.transport != "" && !slices.Contains(transports, f.transport):
		return "", exit.Usage(fmt.Errorf("--transport %q: expected any, metric or eventbridge", f.transport))
	case hub && f.transport == audit.RuleTransport:
		return "", exit.Hinted(exit.Usage(errors.New("--transport eventbridge with --mapping aws-security-hub: Security Hub looks for metric filters only")), "leave one of them out")
	case hub:
		return audit.MetricTransport, nil
	case f.transport == transports[0]:
		return audit.AnyTransport, nil
	}
	return f.transport, nil
}

// fillFlags gives flags that are not set the value of the configuration. A command that
// lacks a flag has no use for the value.
func fillFlags(c *cobra.Command, conf *config.File) error {
	values := map[string][]string{
		"benchmark":   {string(conf.Benchmark)},
		"set":         {conf.Set},
		"name-prefix": {conf.Names.Prefix},
		"topic-name":  {conf.Names.Topic},
		"topic-arn":   {conf.Notify.TopicARN},
		"subscribe":   conf.Notify.Subscribe,
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
		return exit.Usage(fmt.Errorf("reading the configuration %s: %w", conf.Path, failed))
	}
	return nil
}

// envPrefix goes before the names of environment variables that stand for
// flags: MONITORCTL_PROFILE for --profile.
const envPrefix = "MONITORCTL_"

// envName is the environment variable that stands for a flag.
func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// fromEnvironment fills the flags that were not given from MONITORCTL_*
// variables.
func (e *env) fromEnvironment(c *cobra.Command, _ []string) error {
	if err := e.unknownVariables(c.Root()); err != nil {
		return err
	}
	var first error
	c.Flags().VisitAll(func(f *pflag.Flag) {
		name := envName(f.Name)
		value, ok := e.Vars[name]
		if f.Changed || !ok || value == "" || f.Name == "help" || f.Name == "yes" || first != nil {
			return
		}
		if err := c.Flags().Set(f.Name, value); err != nil {
			first = exit.Usage(fmt.Errorf("reading %s: %w", name, err))
		}
	})
	return first
}

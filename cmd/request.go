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
	s := run.Scope{Catalogs: run.NewCatalogs(f.catalogDir), Names: names, FixedControls: len(names) > 0 || given(c, "set"), FixedRegions: given(c, "region")}
	if f.config != "" {
		conf, err := run.ReadConfig(ctx, f.config, s.Catalogs)
		if err != nil {
			return s, err
		}
		// Commands without --set are about all controls.
		if set := c.Flags().Lookup("set"); set == nil || set.Changed || removes(c) {
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
	if dirs, err := run.FleetDirs(ctx, q.Source.Files); err == nil && len(dirs) > 0 {
		if err := q.Scope.OfFolders(dirs, given(c, "benchmark")); err != nil {
			return q, err
		}
	}
	if len(q.Source.Regions) == 0 {
		q.Source.Regions = q.Scope.Config.File.Regions
	}
	clouds, err := f.clouds(ctx, e, c, &q.Source)
	if err != nil {
		return q, err
	}
	if len(clouds) == 2 {
		var azure run.Selection
		q.Selection, azure, err = q.Scope.SelectBoth()
		q.Azure = &azure
	} else {
		q.Selection, err = q.Scope.Select(clouds[0])
	}
	if err != nil {
		return q, err
	}
	if q.Peers, err = f.satisfy.asked(); err != nil {
		return q, err
	}
	if q.Transport, err = f.carriers(q.Selection.Framework.ID); err != nil || clouds[0] == catalog.Azure {
		return q, err
	}
	return q, q.Source.Check()
}

// flagsOf are the flags that are about one cloud only, but for those that name whose
// account is read.
var flagsOf = map[catalog.Cloud][]string{
	catalog.AWS:   {"profile", "role-arn", "external-id", "expect-account", "region", "transport", "home-region", "topic-arn", "topic-name", "extend-topic-policy", "kms-key", "per-region", "events-role-arn", "central-bus", "satisfy", "satisfy-noise", "create-trail", "trail", "bucket", "log-group", "retention", "key", "organization", "no-wait"},
	catalog.Azure: {"tenant", "expect-tenant", "azure-cloud", "resource-group", "create-resource-group", "action-group", "once", "one-rule", "register-provider"},
}

// clouds returns the clouds that a run is about, AWS first. Flags of another cloud are
// wrong usage.
func (f *scopeFlags) clouds(ctx context.Context, e *env, c *cobra.Command, s *run.Source) ([]catalog.Cloud, error) {
	if c.Flags().Lookup("subscription") == nil {
		return []catalog.Cloud{catalog.AWS}, nil
	}
	if len(s.Subscriptions) > 0 && len(s.Files) > 0 {
		return nil, exit.Usage(errors.New("--subscription and --snapshot cannot be combined"))
	}
	clouds, err := e.run.CloudsOf(ctx, s, namesAWS(c))
	switch {
	case err != nil:
		return nil, err
	case s.BothFile != "" && !slices.Contains(judgesBoth, c.Name()):
		return nil, exit.Hinted(exit.Usage(fmt.Errorf("--snapshot %s holds both clouds", s.BothFile)), "save a snapshot of each: "+c.Name()+" reads one cloud")
	case len(clouds) == 2 && !slices.Contains(judgesBoth, c.Name()):
		return nil, exit.Hinted(exit.Usage(fmt.Errorf("--snapshot %s holds subscriptions of Azure, and %s accounts of AWS", s.AzureFile, s.Files[0])), "run monitorctl once for each cloud")
	case len(clouds) == 2 && s.EndpointURL != "":
		return nil, exit.Hinted(exit.Usage(errors.New("--endpoint-url with both clouds: one URL cannot serve both")), "run monitorctl once for each cloud")
	}
	for _, of := range []catalog.Cloud{catalog.AWS, catalog.Azure} {
		for _, name := range flagsOf[of] {
			if slices.Contains(clouds, of) || !given(c, name) {
				continue
			}
			if of == catalog.AWS {
				return nil, exit.Hinted(exit.Usage(fmt.Errorf("--%s is for AWS, but this run is for Azure", name)), bothHint(c))
			}
			return nil, exit.Hinted(exit.Usage(fmt.Errorf("--%s is for Azure, but no subscription is named", name)), "name one with --subscription")
		}
	}
	for _, id := range []struct{ flag, value string }{{"tenant", s.Tenant}, {"expect-tenant", s.ExpectTenant}} {
		if id.value != "" && !subscription.IsGUID(id.value) {
			return nil, exit.Usage(fmt.Errorf("--%s %q is not a GUID", id.flag, id.value))
		}
	}
	if slices.Contains(s.Subscriptions, "") {
		return nil, exit.Hinted(exit.Usage(errors.New("--subscription is empty")), "give an id, a name, or all")
	}
	return clouds, nil
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
		"satisfy":     conf.Satisfy,
	}
	if conf.SatisfyNoise {
		values["satisfy-noise"] = []string{"true"}
	}
	if removes(c) { // what the configuration checks is not all that was created
		delete(values, "set")
	}
	if s := c.Flags().Lookup("subscription"); s != nil && s.Changed { // the rest is about AWS
		delete(values, "topic-name")
		delete(values, "topic-arn")
		delete(values, "satisfy")
		delete(values, "satisfy-noise")
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
		return exit.Usage(fmt.Errorf("reading the configuration %s: %w", conf.Path, failed))
	}
	return nil
}

// removes reports whether a command is about what is there, and not about what the
// configuration checks.
func removes(c *cobra.Command) bool { return c.Name() == "destroy" }

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

package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/patterns"
)

// envPrefix goes before the names of environment variables that stand for
// flags: MONITORCTL_PROFILE for --profile.
const envPrefix = "MONITORCTL_"

// accountFlags say whose account is read, and how.
type accountFlags struct {
	profile, roleARN, externalID string
	expectAccount                string
	endpointURL                  string
	regions                      []string
	timeout                      time.Duration
	debug                        bool // every request on stderr
}

func (f *accountFlags) add(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.profile, "profile", "", "profile of the shared AWS configuration")
	fl.StringVar(&f.roleARN, "role-arn", "", "role to assume with those credentials")
	fl.StringVar(&f.externalID, "external-id", "", "external id for --role-arn")
	fl.StringVar(&f.expectAccount, "expect-account", "", "12-digit account id; stop before anything if the credentials are another account's")
	fl.StringVar(&f.endpointURL, "endpoint-url", "", "send every call to this URL instead of AWS")
	fl.BoolVar(&f.debug, "debug", false, "show every request to AWS on stderr: operation, host, status, time, request id; nothing secret")
	complete(c, "profile", collect.Profiles)
	fl.DurationVar(&f.timeout, "timeout", 0, "give up after this time, such as 90s or 5m; 0 never does")
}

// controlFlags say what is judged.
type controlFlags struct {
	benchmark, set, catalogDir string
	mapping                    string // --mapping, the id of a framework
	config                     configFlags

	read *catalog.Catalog // what loadCatalog has read; nil before
}

func (f *controlFlags) add(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.benchmark, "benchmark", string(catalog.DefaultBenchmark), "version of the CIS AWS Foundations Benchmark")
	fl.StringVar(&f.set, "set", "", "controls to judge when none are named: "+strings.Join(catalog.Sets(), ", ")+" (default core; with --mapping all)")
	f.addCatalog(c)
	complete(c, "benchmark", func() []string {
		var names []string
		for _, b := range catalog.Benchmarks() {
			names = append(names, string(b))
		}
		return names
	})
	complete(c, "set", catalog.Sets)
}

func (f *controlFlags) addCatalog(c *cobra.Command) {
	c.Flags().StringVar(&f.catalogDir, "catalog", "", "directory with YAML controls that add to or override the catalog")
}

// load reads the catalog. The controls have the names of the configuration.
func (f *controlFlags) load() (*catalog.Catalog, error) {
	cat, err := f.loadCatalog()
	if err != nil {
		return nil, err
	}
	for i := range cat.Controls {
		if own, ok := f.config.conf.Names.Controls[cat.Controls[i].ID]; ok {
			cat.Controls[i].Names = own
		}
	}
	return cat, nil
}

// loadCatalog reads the catalog, once.
func (f *controlFlags) loadCatalog() (*catalog.Catalog, error) {
	if f.read != nil {
		return f.read, nil
	}
	cat, err := f.readCatalog()
	if err == nil {
		f.read = cat
	}
	return cat, err
}

func (f *controlFlags) readCatalog() (*catalog.Catalog, error) {
	if f.catalogDir == "" {
		return catalog.Load(patterns.FS)
	}
	info, err := os.Stat(f.catalogDir)
	if err == nil && !info.IsDir() {
		err = &fs.PathError{Op: "reading", Path: f.catalogDir, Err: errors.New("not a directory")}
	}
	if err != nil {
		return nil, usage(fmt.Errorf("reading catalog: %w", err))
	}
	cat, err := catalog.Overlay(patterns.FS, files.Dir(f.catalogDir, maxConfig))
	if err != nil {
		return nil, usage(fmt.Errorf("reading catalog %s: %w", f.catalogDir, err))
	}
	return cat, nil
}

// selection reads the catalog, the benchmark and the controls that are meant.
func (f *controlFlags) selection(names []string) ([]catalog.Control, catalog.Benchmark, error) {
	b, err := catalog.ParseBenchmark(f.benchmark)
	if err != nil {
		return nil, "", err
	}
	cat, err := f.load()
	if err != nil {
		return nil, "", err
	}
	if len(names) == 0 {
		names = f.config.controls
	}
	framework, err := f.framework()
	if err != nil {
		return nil, "", err
	}
	set := f.set
	if set == "" && f.mapping != "" {
		set = catalog.SetAll
	}
	controls, err := cat.Select(names, set, b)
	if err != nil {
		return nil, "", err
	}
	if f.mapping != "" {
		controls = catalog.Mapped(controls, framework.ID)
	}
	if len(controls) == 0 { // nothing judged must not look like nothing wrong
		return nil, "", usage(fmt.Errorf("no control is left to judge: set %q, framework %q", set, f.mapping))
	}
	return controls, b, nil
}

// framework returns the framework of --mapping, the zero one without it.
func (f *controlFlags) framework() (catalog.Framework, error) {
	if f.mapping == "" {
		return catalog.Framework{}, nil
	}
	return catalog.FindFramework(f.mapping)
}

// addMapping adds --mapping.
func (f *controlFlags) addMapping(c *cobra.Command) {
	var ids []string
	for _, fw := range catalog.Frameworks() {
		ids = append(ids, fw.ID)
	}
	c.Flags().StringVar(&f.mapping, "mapping", "", "only controls that are mapped to this framework, with its requirements: "+strings.Join(ids, ", "))
	complete(c, "mapping", func() []string { return ids })
}

// fromEnvironment fills the flags that were not given from MONITORCTL_*
// variables.
func (e *env) fromEnvironment(c *cobra.Command, _ []string) error {
	if err := e.unknownVariables(c.Root()); err != nil {
		return err
	}
	var first error
	c.Flags().VisitAll(func(f *pflag.Flag) {
		name := envPrefix + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value, ok := e.vars[name]
		if f.Changed || !ok || value == "" || f.Name == "help" || f.Name == "yes" || first != nil {
			return
		}
		if err := c.Flags().Set(f.Name, value); err != nil {
			first = usage(fmt.Errorf("reading %s: %w", name, err))
		}
	})
	return first
}

// complete offers fixed values for a flag in the shell.
func complete(c *cobra.Command, flag string, values func() []string) {
	err := c.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return values(), cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // the flag does not exist: a bug that the first run of any test shows
	}
}

// completeControls offers control ids as arguments.
func completeControls(f *controlFlags) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		cat, err := f.load()
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var names []string
		for _, c := range cat.Controls {
			names = append(names, c.ID+"\t"+c.Title)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeRegions offers region names for flags.
func completeRegions(c *cobra.Command, flags ...string) {
	for _, flag := range flags {
		complete(c, flag, func() []string {
			var names []string
			for _, p := range []string{"aws", "aws-cn", "aws-us-gov"} {
				names = append(names, collect.KnownRegions(p)...)
			}
			return names
		})
	}
}

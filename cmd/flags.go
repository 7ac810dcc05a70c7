package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/patterns"
	"github.com/monitorctl/monitorctl/patterns/azure"
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
	fl.StringVar(&f.endpointURL, "endpoint-url", "", "send every call to this URL instead of AWS or Azure")
	fl.BoolVar(&f.debug, "debug", false, "show every request on stderr: operation, host, status, time, request id; nothing secret")
	complete(c, "profile", collect.Profiles)
	fl.DurationVar(&f.timeout, "timeout", 0, "give up after this time, such as 90s or 5m; 0 never does")
}

// controlFlags say what is judged.
type controlFlags struct {
	cloud catalog.Cloud // whose controls are meant; no flag
	both  bool          // the run is about the other cloud, too; no flag

	benchmark, set, catalogDir string
	otherBenchmark             string // of the other cloud than benchmark; "" when one was named
	mapping                    string // --mapping, the id of a framework
	config                     configFlags

	read map[catalog.Cloud]*catalog.Catalog // what loadCatalog has read
}

func (f *controlFlags) add(c *cobra.Command) {
	fl := c.Flags()
	fl.Var(newBenchmarkValue(f), "benchmark", "version of the CIS AWS Foundations Benchmark, or with --subscription of the one for Azure (default there "+string(catalog.DefaultAzureBenchmark)+"); repeatable, one for each cloud")
	fl.StringVar(&f.set, "set", "", "controls to judge when none are named: "+strings.Join(catalog.Sets(), ", ")+" (default core; with --mapping all)")
	f.addCatalog(c)
	complete(c, "benchmark", func() []string {
		var names []string
		for _, b := range slices.Concat(catalog.Benchmarks(), catalog.BenchmarksOf(catalog.Azure)) {
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
	cat, err := f.loadCatalog(f.cloud)
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

// loadCatalog reads the controls of a cloud, once.
func (f *controlFlags) loadCatalog(cloud catalog.Cloud) (*catalog.Catalog, error) {
	if cat := f.read[cloud]; cat != nil {
		return cat, nil
	}
	cat, err := f.readCatalog(cloud)
	if err == nil {
		if f.read == nil {
			f.read = map[catalog.Cloud]*catalog.Catalog{}
		}
		f.read[cloud] = cat
	}
	return cat, err
}

func (f *controlFlags) readCatalog(cloud catalog.Cloud) (*catalog.Catalog, error) {
	base := patterns.FS
	if cloud == catalog.Azure {
		base = azure.FS
	}
	if f.catalogDir == "" {
		return catalog.Load(base)
	}
	info, err := os.Stat(f.catalogDir)
	if err == nil && !info.IsDir() {
		err = &fs.PathError{Op: "reading", Path: f.catalogDir, Err: errors.New("not a directory")}
	}
	if err != nil {
		return nil, usage(fmt.Errorf("reading catalog: %w", err))
	}
	cat, err := catalog.Overlay(base, files.Dir(f.catalogDir, maxConfig))
	if err != nil {
		return nil, usage(fmt.Errorf("reading catalog %s: %w", f.catalogDir, err))
	}
	return cat.Of(cloud), nil
}

// loadBoth reads the controls of both clouds.
func (f *controlFlags) loadBoth() (*catalog.Catalog, error) {
	all := &catalog.Catalog{}
	for _, cloud := range []catalog.Cloud{catalog.AWS, catalog.Azure} {
		cat, err := f.loadCatalog(cloud)
		if err != nil {
			return nil, err
		}
		all.Controls = append(all.Controls, cat.Controls...)
	}
	return all, nil
}

// version returns the benchmark version that is meant. One that was not asked for is
// the default of the cloud.
func (f *controlFlags) version() (catalog.Benchmark, error) {
	b, err := catalog.ParseBenchmark(f.benchmark)
	if err != nil {
		return "", err
	}
	if b.Cloud() == f.cloud {
		return b, nil
	}
	if f.otherBenchmark != "" || f.both {
		return f.otherVersion()
	}
	if f.cloud == catalog.Azure && (b == catalog.DefaultBenchmark || b == f.config.conf.Benchmark) {
		return catalog.DefaultAzureBenchmark, nil
	}
	if f.cloud == catalog.Azure {
		return "", hinted(usage(fmt.Errorf("--benchmark %s is about AWS, and this run is about Azure", b)), "the versions for Azure are called such as "+string(catalog.DefaultAzureBenchmark))
	}
	return "", hinted(usage(fmt.Errorf("--benchmark %s is about Azure, and no subscription is named", b)), "name one with --subscription")
}

// elsewhere says of a name that no control of the cloud has whether one of the other
// cloud has it; nil when none does.
func (f *controlFlags) elsewhere(names []string) error {
	other, where := catalog.Azure, "an Azure control: name a subscription, such as --subscription 00000000-0000-0000-0000-000000000000"
	if f.cloud == catalog.Azure {
		other, where = catalog.AWS, "an AWS control: run it without --subscription"
	}
	cat, err := f.loadCatalog(other)
	if err != nil {
		return nil //nolint:nilerr // the name is unknown, which is said in any case
	}
	own, err := f.load()
	if err != nil {
		return nil //nolint:nilerr // the same
	}
	for _, name := range names {
		_, here := own.Find(name, catalog.DefaultBenchmarkOf(f.cloud))
		if c, err := cat.Find(name, catalog.DefaultBenchmarkOf(other)); here != nil && err == nil && c.ID == name {
			return usage(fmt.Errorf("%s is %s", name, where))
		}
	}
	return nil
}

// ofConfig returns the controls of the configuration that are the cloud's.
func (f *controlFlags) ofConfig(cat *catalog.Catalog, b catalog.Benchmark) []string {
	return slices.DeleteFunc(slices.Clone(f.config.controls), func(name string) bool {
		_, err := cat.Find(name, b)
		return err != nil && f.elsewhere([]string{name}) != nil
	})
}

// selection reads the catalog, the benchmark and the controls that are meant.
func (f *controlFlags) selection(names []string) ([]catalog.Control, catalog.Benchmark, error) {
	b, err := f.version()
	if err != nil {
		return nil, "", err
	}
	cat, err := f.load()
	if err != nil {
		return nil, "", err
	}
	if len(names) == 0 {
		names = f.ofConfig(cat, b)
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
		return nil, "", cmp.Or(f.elsewhere(names), err)
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

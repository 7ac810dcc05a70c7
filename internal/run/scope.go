package run

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/patterns"
	"github.com/monitorctl/monitorctl/patterns/azure"
)

// Catalogs are the controls of every cloud: those that the program has, with those of
// a directory laid over them. Each cloud's are read once.
type Catalogs struct {
	dir  string // "" for none
	read map[catalog.Cloud]*catalog.Catalog
}

// NewCatalogs returns the catalogs with those of a directory; "" is none. Nothing is
// read yet.
func NewCatalogs(dir string) *Catalogs {
	return &Catalogs{dir: dir, read: map[catalog.Cloud]*catalog.Catalog{}}
}

// Of returns the controls of a cloud, which are not to be changed.
func (c *Catalogs) Of(cloud catalog.Cloud) (*catalog.Catalog, error) {
	if cat := c.read[cloud]; cat != nil {
		return cat, nil
	}
	cat, err := c.load(cloud)
	if err == nil {
		c.read[cloud] = cat
	}
	return cat, err
}

func (c *Catalogs) load(cloud catalog.Cloud) (*catalog.Catalog, error) {
	text := patterns.JSON
	if cloud == catalog.Azure {
		text = azure.JSON
	}
	base, err := catalog.Decode(text)
	if err != nil || c.dir == "" {
		return base, err
	}
	info, err := os.Stat(c.dir)
	if err == nil && !info.IsDir() {
		err = &fs.PathError{Op: "reading", Path: c.dir, Err: errors.New("not a directory")}
	}
	if err != nil {
		return nil, exit.Usage(fmt.Errorf("reading catalog: %w", err))
	}
	cat, err := catalog.Overlay(base, files.Dir(c.dir, maxConfig))
	if err != nil {
		return nil, exit.Usage(fmt.Errorf("reading catalog %s: %w", c.dir, err))
	}
	return cat.Of(cloud), nil
}

// Both returns the controls of both clouds.
func (c *Catalogs) Both() (*catalog.Catalog, error) {
	all := &catalog.Catalog{}
	for _, cloud := range []catalog.Cloud{catalog.AWS, catalog.Azure} {
		cat, err := c.Of(cloud)
		if err != nil {
			return nil, err
		}
		all.Controls = append(all.Controls, cat.Controls...)
	}
	return all, nil
}

// CloudOf returns the cloud that a control is of: that of the benchmark, or Azure where
// only Azure has a control of that id.
func (c *Catalogs) CloudOf(name, benchmark string) catalog.Cloud {
	if b, err := catalog.ParseBenchmark(benchmark); err == nil && b.Cloud() == catalog.Azure {
		return catalog.Azure
	}
	cat, err := c.Of(catalog.Azure)
	if err == nil && slices.ContainsFunc(cat.Controls, func(c catalog.Control) bool { return c.ID == name }) {
		return catalog.Azure
	}
	return catalog.AWS
}

// A Scope is what a run is to check, in the words of the user.
type Scope struct {
	Catalogs  *Catalogs
	Config    Config
	Names     []string // ids of controls or numbers of the benchmark; none: those of Config, or of Set
	Benchmark string   // one for each cloud, with a comma between two; "" is the default of the cloud
	Set       string   // "" is the default one
	Mapping   string   // id of a framework; "" for none

	// Of the command line itself, which wins over the scopes of the configuration.
	FixedControls, FixedRegions bool

	both bool // the run is over both clouds: a benchmark of one says nothing of the other
}

// A Selection is what a run checks of one cloud.
type Selection struct {
	Cloud     catalog.Cloud
	Controls  []catalog.Control // at least one
	Benchmark catalog.Benchmark
	Framework catalog.Framework // zero without --mapping
	Checked   catalog.Checked   // how much of the benchmark that is
}

// Select returns what is meant of a cloud. The controls have the names of the
// configuration.
func (s Scope) Select(cloud catalog.Cloud) (Selection, error) {
	out := Selection{Cloud: cloud}
	var err error
	if out.Benchmark, err = s.version(cloud); err != nil {
		return out, err
	}
	cat, err := s.named(cloud)
	if err != nil {
		return out, err
	}
	if s.Mapping != "" {
		if out.Framework, err = catalog.FindFramework(s.Mapping); err != nil {
			return out, err
		}
	}
	names, set := s.Names, s.Set
	if len(names) == 0 {
		names = s.ofConfig(cloud, cat, out.Benchmark)
	}
	if set == "" && s.Mapping != "" {
		set = catalog.SetAll
	}
	if out.Controls, err = cat.Select(names, set, out.Benchmark); err != nil {
		return out, cmp.Or(s.elsewhere(cloud, names), err)
	}
	if s.Mapping != "" {
		out.Controls = catalog.Mapped(out.Controls, out.Framework.ID)
	}
	if len(out.Controls) == 0 { // nothing checked must not look like nothing wrong
		return out, exit.Usage(fmt.Errorf("no control is left to check: set %q, framework %q", set, s.Mapping))
	}
	out.Checked = cat.Checked(out.Controls, out.Benchmark)
	return out, nil
}

// Check finds wrong usage of a scope whose cloud is not known yet.
func (s Scope) Check() error {
	cloud := catalog.AWS
	if b, err := catalog.ParseBenchmark(s.Benchmark); err == nil {
		cloud = b.Cloud()
	}
	_, err := s.Select(cloud)
	return err
}

// named returns the controls of a cloud with the names of the configuration.
func (s Scope) named(cloud catalog.Cloud) (*catalog.Catalog, error) {
	cat, err := s.Catalogs.Of(cloud)
	if err != nil || len(s.Config.File.Names.Controls) == 0 {
		return cat, err
	}
	out := &catalog.Catalog{Controls: slices.Clone(cat.Controls)}
	for i := range out.Controls {
		if own, ok := s.Config.File.Names.Controls[out.Controls[i].ID]; ok {
			out.Controls[i].Names = own
		}
	}
	return out, nil
}

// version returns the version of the benchmark that is meant. One that was not asked
// for is the default of the cloud.
func (s Scope) version(cloud catalog.Cloud) (catalog.Benchmark, error) {
	if s.Benchmark == "" {
		return catalog.DefaultBenchmarkOf(cloud), nil
	}
	b, err := s.benchmarkOf(cloud)
	switch {
	case err != nil:
		return "", err
	case b.Cloud() == cloud:
		return b, nil
	case s.both && s.Config.File.Benchmark != "" && s.Config.File.Benchmark.Cloud() == cloud:
		return s.Config.File.Benchmark, nil
	case s.both:
		return catalog.DefaultBenchmarkOf(cloud), nil
	case cloud == catalog.Azure && (b == catalog.DefaultBenchmark || b == s.Config.File.Benchmark):
		return catalog.DefaultAzureBenchmark, nil
	case cloud == catalog.Azure:
		return "", exit.Hinted(exit.Usage(fmt.Errorf("--benchmark %s is for AWS, but this run is for Azure", b)), "versions for Azure have names such as "+string(catalog.DefaultAzureBenchmark))
	}
	return "", exit.Hinted(exit.Usage(fmt.Errorf("--benchmark %s is for Azure, but no subscription is named", b)), "name one with --subscription")
}

// elsewhere returns an error that names the control of another cloud among the names;
// nil when there is none.
func (s Scope) elsewhere(cloud catalog.Cloud, names []string) error {
	other, where := catalog.Azure, "an Azure control: name a subscription, such as --subscription 00000000-0000-0000-0000-000000000000"
	if cloud == catalog.Azure {
		other, where = catalog.AWS, "an AWS control: run it without --subscription"
	}
	cat, err := s.Catalogs.Of(other)
	if err != nil {
		return nil //nolint:nilerr // the name is unknown, which is said in any case
	}
	own, err := s.Catalogs.Of(cloud)
	if err != nil {
		return nil //nolint:nilerr // the same
	}
	for _, name := range names {
		_, here := own.Find(name, catalog.DefaultBenchmarkOf(cloud))
		if c, err := cat.Find(name, catalog.DefaultBenchmarkOf(other)); here != nil && err == nil && c.ID == name {
			return exit.Usage(fmt.Errorf("%s is %s", name, where))
		}
	}
	return nil
}

// ofConfig returns the controls of the configuration that are the cloud's; none with
// a set that was asked for.
func (s Scope) ofConfig(cloud catalog.Cloud, cat *catalog.Catalog, b catalog.Benchmark) []string {
	return slices.DeleteFunc(slices.Clone(s.Config.Controls), func(name string) bool {
		_, err := cat.Find(name, b)
		return err != nil && s.elsewhere(cloud, []string{name}) != nil
	})
}

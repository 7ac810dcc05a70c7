package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// awsFlags are the flags of AWS that name whose account is read: beside --subscription
// they make one run over both clouds.
var awsFlags = []string{"profile", "role-arn", "region"}

// judgesBoth are the commands that take both clouds in one run.
var judgesBoth = []string{"audit", "explain"}

// given reports whether a flag was set, on the command line or by its variable.
func given(c *cobra.Command, name string) bool {
	flag := c.Flags().Lookup(name)
	return flag != nil && flag.Changed
}

// bothHint says how a run is about both clouds.
func bothHint(c *cobra.Command) string {
	if slices.Contains(judgesBoth, c.Name()) {
		return "--profile, --role-arn or --region beside --subscription reads both clouds"
	}
	return "run once for each cloud"
}

// whichCloud sets which cloud a run is about, or that it is about both. Snapshots of
// both are sorted: those of accounts stay in s, that of subscriptions goes to f.
func (e *env) whichCloud(ctx context.Context, c *cobra.Command, f *azureFlags, s *source, k *controlFlags) error {
	takesBoth := slices.Contains(judgesBoth, c.Name())
	k.cloud, k.both = catalog.AWS, false
	if len(f.subscriptions) > 0 {
		k.cloud = catalog.Azure
		k.both = takesBoth && slices.ContainsFunc(awsFlags, func(name string) bool { return given(c, name) })
		return nil
	}
	if c.Name() == "snapshot" {
		return nil
	}
	var accounts []string
	for _, path := range s.files {
		holds, err := e.holdsSubscriptions(ctx, path)
		switch {
		case err != nil:
			return err
		case !holds:
			accounts = append(accounts, path)
		case f.snapshot != "":
			return usage(fmt.Errorf("--snapshot %s holds subscriptions of Azure, as %s does: they are checked from one file", path, f.snapshot))
		default:
			f.snapshot = path
		}
	}
	switch {
	case f.snapshot == "":
	case len(accounts) == 0:
		k.cloud = catalog.Azure
	case !takesBoth:
		return hinted(usage(fmt.Errorf("--snapshot %s holds subscriptions of Azure, and %s accounts of AWS", f.snapshot, accounts[0])), "run once for each cloud")
	default:
		k.both, s.files = true, accounts
	}
	return nil
}

// ofCloud returns the flags as they are for one cloud of a run over both.
func (f *controlFlags) ofCloud(cloud catalog.Cloud) controlFlags {
	if f.read == nil {
		f.read = map[catalog.Cloud]*catalog.Catalog{} // shared by the copies
	}
	one := *f
	one.cloud = cloud
	return one
}

// selected returns the controls of the run, those of AWS before those of Azure.
func (f *controlFlags) selected(names []string) ([]catalog.Control, error) {
	if !f.both {
		controls, _, err := f.selection(names)
		return controls, err
	}
	var all []catalog.Control
	for _, cloud := range []catalog.Cloud{catalog.AWS, catalog.Azure} {
		k := f.ofCloud(cloud)
		own, err := k.shareOf(names)
		if err != nil {
			return nil, err
		}
		controls, _, err := k.selection(own)
		if err != nil {
			return nil, err
		}
		all = append(all, controls...)
	}
	return all, nil
}

// cloudNames are the clouds as people call them.
var cloudNames = map[catalog.Cloud]string{catalog.AWS: "AWS", catalog.Azure: "Azure"}

// shareOf returns the names of controls that are the cloud's, in a run over both: those
// that it has, and those that neither has, for their error. It is wrong usage when
// names leave nothing of the cloud.
func (f *controlFlags) shareOf(names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	cat, err := f.load()
	if err != nil {
		return nil, err
	}
	b, err := f.version()
	if err != nil {
		return nil, err
	}
	other := catalog.Azure
	if f.cloud == catalog.Azure {
		other = catalog.AWS
	}
	k := f.ofCloud(other)
	theirs, err := k.load()
	if err != nil {
		return nil, err
	}
	theirVersion, err := k.version()
	if err != nil {
		return nil, err
	}
	own := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		_, here := cat.Find(name, b)
		_, there := theirs.Find(name, theirVersion)
		return here != nil && there == nil
	})
	if len(own) == 0 {
		err := usage(fmt.Errorf("%s %s no control of %s, and this run is about both clouds", strings.Join(names, ", "), isOrAre(len(names)), cloudNames[f.cloud]))
		return nil, hinted(err, "name one of each cloud, or leave the flags of "+cloudNames[f.cloud]+" out")
	}
	return own, nil
}

func isOrAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// judgeBoth reads both clouds and audits them into one report, AWS first.
func (e *env) judgeBoth(ctx context.Context, f *judgeFlags, names []string, r request) (finding.Report, error) {
	if _, err := f.selected(names); err != nil {
		return finding.Report{}, err // before any call
	}
	var parts [2]finding.Report
	for i, cloud := range []catalog.Cloud{catalog.AWS, catalog.Azure} {
		one := *f
		one.controlFlags = f.ofCloud(cloud)
		own, err := one.shareOf(names)
		if err != nil {
			return finding.Report{}, err
		}
		if cloud == catalog.Azure {
			parts[i], err = e.judgeAzure(ctx, &one, own)
		} else {
			parts[i], err = e.judgeAccounts(ctx, &one, own, r)
		}
		if err != nil {
			return finding.Report{}, err
		}
	}
	all := parts[0]
	all.Join(parts[1])
	return all, nil
}

// otherVersion returns the benchmark version of a cloud that the first --benchmark is
// not about: the second one, that of the configuration, or the default.
func (f *controlFlags) otherVersion() (catalog.Benchmark, error) {
	if f.otherBenchmark != "" {
		return catalog.ParseBenchmark(f.otherBenchmark)
	}
	if b := f.config.conf.Benchmark; b != "" && b.Cloud() == f.cloud {
		return b, nil
	}
	return catalog.DefaultBenchmarkOf(f.cloud), nil
}

// A benchmarkValue is the flag --benchmark: one version for each cloud.
type benchmarkValue struct {
	f *controlFlags
	n int // how many were given
}

func newBenchmarkValue(f *controlFlags) *benchmarkValue {
	f.benchmark = string(catalog.DefaultBenchmark)
	return &benchmarkValue{f: f}
}

// Set implements pflag.Value. What is no version stays, for the error that names the
// known ones.
func (v *benchmarkValue) Set(list string) error {
	for text := range strings.SplitSeq(list, ",") {
		v.n++
		if v.n == 1 {
			v.f.benchmark = text
			continue
		}
		first, err := catalog.ParseBenchmark(v.f.benchmark)
		second, also := catalog.ParseBenchmark(text)
		switch err := cmp.Or(err, also); {
		case err != nil:
			return err
		case first.Cloud() == second.Cloud() || v.n > 2:
			return errors.New("it takes one version for each cloud, as in cis-5.0.0 and " + string(catalog.DefaultAzureBenchmark))
		}
		v.f.otherBenchmark = text
	}
	return nil
}

// String implements pflag.Value.
func (v *benchmarkValue) String() string {
	if v.f == nil {
		return ""
	}
	return v.f.benchmark
}

// Type implements pflag.Value.
func (v *benchmarkValue) Type() string { return "string" }

package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// CloudsOf returns which clouds a source is about, AWS before Azure: Azure with
// subscriptions, or with a snapshot of some; both with subscriptions where accounts are
// named besides (awsToo), or with snapshots of both. Standard input is looked at without
// being read. The snapshot of subscriptions becomes the source's AzureFile.
func (r *Runner) CloudsOf(ctx context.Context, s *Source, awsToo bool) ([]catalog.Cloud, error) {
	if len(s.Subscriptions) > 0 {
		if awsToo {
			return []catalog.Cloud{catalog.AWS, catalog.Azure}, nil
		}
		return []catalog.Cloud{catalog.Azure}, nil
	}
	var accounts []string
	for _, path := range s.Files {
		holds, both, err := r.holdsSubscriptions(ctx, path)
		if !holds || both {
			accounts = append(accounts, path)
		}
		switch {
		case err != nil:
			return nil, err
		case !holds:
		case s.AzureFile != "":
			return nil, exit.Usage(fmt.Errorf("--snapshot %s holds subscriptions of Azure, as %s does: they are checked from one file", path, s.AzureFile))
		default:
			s.AzureFile = path
			if both {
				s.BothFile = path
			}
		}
	}
	clouds := []catalog.Cloud{catalog.AWS, catalog.Azure}
	switch {
	case s.AzureFile == "":
		return clouds[:1], nil
	case len(accounts) == 0:
		clouds = clouds[1:]
	}
	s.Files = accounts
	return clouds, nil
}

// cloudNames are the clouds as people call them.
var cloudNames = map[catalog.Cloud]string{catalog.AWS: "AWS", catalog.Azure: "Azure"}

// SelectBoth returns what is meant of AWS and of Azure in a run over both. Each cloud has
// the controls that the names are of; names that leave a cloud without any are wrong
// usage: nothing checked must not look like nothing wrong.
func (s Scope) SelectBoth() (aws, azure Selection, err error) {
	parts := [2]Selection{}
	for i, cloud := range []catalog.Cloud{catalog.AWS, catalog.Azure} {
		own := s
		own.both = true
		if own.Names, err = own.namesOf(cloud); err != nil {
			return aws, azure, err
		}
		if parts[i], err = own.Select(cloud); err != nil {
			return aws, azure, err
		}
	}
	return parts[0], parts[1], nil
}

// namesOf returns the names of controls that are the cloud's: those that it has, and
// those that neither has, for their error.
func (s Scope) namesOf(cloud catalog.Cloud) ([]string, error) {
	if len(s.Names) == 0 {
		return nil, nil
	}
	other := catalog.Azure
	if cloud == catalog.Azure {
		other = catalog.AWS
	}
	has := func(cloud catalog.Cloud) (func(string) bool, error) {
		b, err := s.version(cloud)
		if err != nil {
			return nil, err
		}
		cat, err := s.Catalogs.Of(cloud)
		return func(name string) bool {
			_, err := cat.Find(name, b)
			return err == nil
		}, err
	}
	here, err := has(cloud)
	if err != nil {
		return nil, err
	}
	there, err := has(other)
	if err != nil {
		return nil, err
	}
	own := slices.DeleteFunc(slices.Clone(s.Names), func(name string) bool { return !here(name) && there(name) })
	if len(own) == 0 {
		be := "is"
		if len(s.Names) > 1 {
			be = "are"
		}
		err := exit.Usage(fmt.Errorf("%s %s not a control of %s, but this run checks both clouds", strings.Join(s.Names, ", "), be, cloudNames[cloud]))
		return nil, exit.Hinted(err, "name one of each cloud, or leave out the flags of "+cloudNames[cloud])
	}
	return own, nil
}

// benchmarkOf returns the version that is asked for of a cloud, or the first of another
// one.
func (s Scope) benchmarkOf(cloud catalog.Cloud) (catalog.Benchmark, error) {
	var list []catalog.Benchmark
	for text := range strings.SplitSeq(s.Benchmark, ",") {
		b, err := catalog.ParseBenchmark(text)
		if err != nil {
			return "", err
		}
		if slices.ContainsFunc(list, func(have catalog.Benchmark) bool { return have.Cloud() == b.Cloud() }) {
			return "", exit.Usage(errors.New("--benchmark takes one version for each cloud, such as cis-5.0.0 and " + string(catalog.DefaultAzureBenchmark)))
		}
		list = append(list, b)
	}
	for _, b := range list {
		if b.Cloud() == cloud {
			return b, nil
		}
	}
	return list[0], nil
}

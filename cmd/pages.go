package cmd

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"

	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/report"
)

// fleetReports writes the report on many accounts to every sink.
func (e *env) fleetReports(ctx context.Context, f *outputFlags, sinks []sink, o report.Options, r *report.Fleet) error {
	o.Version = e.run.Version
	e.ClearProgress()
	rest, err := withoutFolders(ctx, sinks, r, o)
	if err != nil {
		return err
	}
	return e.each(ctx, f, rest, o, func(w io.Writer, format string, o report.Options) error {
		form, _ := report.FindFleet(format) // the sinks have been looked at
		return form.Write(w, r, o)
	})
}

// pageName is what the pages in a folder are called.
var pageName = regexp.MustCompile(`^([0-9]{12}|index)\.html$`)

// writePages writes the pages of many accounts into a folder, which is new or holds the pages of an earlier
// run. Those of accounts that have no page any more are removed.
func writePages(ctx context.Context, dir string, r *report.Fleet, o report.Options) error {
	stale, err := earlierPages(dir)
	if err != nil {
		return err
	}
	err = report.FleetPages(r, o, func(name string, write func(io.Writer) error) error {
		delete(stale, name)
		return files.Write(ctx, filepath.Join(dir, name), files.Public, write)
	})
	if err != nil {
		return err
	}
	for name := range stale {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("removing a page of an earlier run: %w", err)
		}
	}
	return nil
}

// earlierPages makes the folder, and returns the names of the pages in it. It refuses one that holds anything else.
func earlierPages(dir string) (map[string]bool, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // pages that others read
		return nil, fmt.Errorf("making the folder for the pages: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the folder for the pages: %w", err)
	}
	names := map[string]bool{}
	for _, entry := range entries {
		if !pageName.MatchString(entry.Name()) || !entry.Type().IsRegular() {
			return nil, exit.Hinted(exit.Usage(fmt.Errorf("-o html=%s/: the folder holds %s, which is not a page of a report", dir, report.Sanitize(entry.Name()))), "name a new folder")
		}
		names[entry.Name()] = true
	}
	return names, nil
}

// onePage refuses a folder where there is only one file.
func onePage(sinks []sink) error {
	for _, s := range sinks {
		if s.folder {
			return exit.Hinted(exit.Usage(fmt.Errorf("-o %s=DIR/ is for many accounts: this report is one page", s.format)), "name a file: -o html=report.html")
		}
	}
	return nil
}

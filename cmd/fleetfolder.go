package cmd

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/report"
)

// checkFolder finds out before anything is read whether a format can go to a folder, which
// must be new or empty: what lies there from before would be sent again.
func checkFolder(s sink) error {
	if !s.folder {
		return nil
	}
	if s.format == "html" {
		return nil // earlierPages looks at what is in it
	}
	if s.format != "asff" {
		return exit.Usage(fmt.Errorf("-o %s=%s/: this format needs a file, not a folder", s.format, s.path))
	}
	if entries, err := os.ReadDir(s.path); err == nil && len(entries) > 0 {
		return exit.Usage(fmt.Errorf("the folder %s is not empty", s.path))
	}
	return nil
}

// withoutFolders writes the report to the sinks that are folders, and returns the others.
func withoutFolders(ctx context.Context, sinks []sink, f *report.Fleet, o report.Options) ([]sink, error) {
	for _, s := range sinks {
		if !s.folder {
			continue
		}
		if s.format == "html" {
			if err := writePages(ctx, s.path, f, o); err != nil {
				return nil, err
			}
			continue
		}
		if err := os.MkdirAll(s.path, 0o750); err != nil {
			return nil, fmt.Errorf("making the folder: %w", err)
		}
		err := report.FleetASFFFiles(f, o, func(name string, write func(io.Writer) error) error {
			return files.Write(ctx, filepath.Join(s.path, name), files.Public, write)
		})
		if err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(slices.Clone(sinks), func(s sink) bool { return s.folder }), nil
}

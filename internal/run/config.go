package run

import (
	"context"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/config"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/report"
)

// maxConfig bounds the configuration and each file of --catalog in bytes; they are
// written by hand.
const maxConfig = 4 << 20

// A Config is a configuration file and what it refers to. The zero value is none.
type Config struct {
	File config.File

	// Controls are checked when neither arguments nor --set name any.
	Controls []string

	// Central are the accounts of the central snapshots.
	Central []account.Account
}

// Identity returns which file it was, nil for none.
func (c *Config) Identity() *report.ConfigFile {
	if c.File.Path == "" {
		return nil
	}
	return &report.ConfigFile{Path: c.File.Path, SHA256: c.File.SHA256}
}

// ReadConfig reads a configuration file and the central snapshots that it names. Its
// waivers must be about controls of the catalogs.
func ReadConfig(ctx context.Context, path string, catalogs *Catalogs) (Config, error) {
	data, err := files.Read(ctx, path, maxConfig)
	if err != nil && ctx.Err() != nil {
		return Config{}, fmt.Errorf("reading the configuration: %w", context.Cause(ctx))
	}
	if err != nil {
		return Config{}, exit.Usage(fmt.Errorf("reading the configuration: %w", files.Named(path, err)))
	}
	cat, err := catalogs.Both()
	if err != nil {
		return Config{}, err
	}
	file, err := config.Parse(path, data, cat)
	if err != nil {
		return Config{}, exit.Usage(fmt.Errorf("reading the configuration: %w", err))
	}
	c := Config{File: *file, Controls: file.Controls}
	for _, path := range file.Central {
		snap, err := collect.Load(ctx, path, nil)
		if err != nil {
			return c, exit.Hinted(fmt.Errorf("reading a central account of the configuration %s: %w", file.Path, err), "'monitorctl snapshot --file F' saves one")
		}
		c.Central = append(c.Central, snap.Dated().Accounts...)
	}
	return c, nil
}

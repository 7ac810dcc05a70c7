// Package config reads monitorctl.yaml: which controls an organization wants,
// how it names things, whom it tells, and what it waives.
//
// The file is read only where --config or MONITORCTL_CONFIG names it, never
// because it lies in the working directory: a pull request could waive controls
// that way. docs/configuration.md describes the keys.
package config

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/yamlfile"
)

// A File is what a configuration says. What it leaves out is zero.
type File struct {
	Path   string // as given
	SHA256 string // of the content, hexadecimal

	Benchmark catalog.Benchmark
	Set       string
	Controls  []string // ids; none where Set is given
	Regions   []string // that are probed

	Names  Names
	Tags   map[string]string // of our alarms and topics
	Notify Notify
	Azure  Azure

	Heartbeat *Heartbeat // nil: none is asked for
	// Satisfy are other auditors, by the names of catalog.AllPeers; with SatisfyNoise
	// filters count that have a price.
	Satisfy      []string
	SatisfyNoise bool

	Waivers []finding.Waiver
	Accepts []finding.Accept

	// Unreadable are accounts that a run over many may not be able to look into.
	Unreadable []Unreadable

	// Declared are machines and whom they reach.
	Declared []finding.Declared

	// Central are snapshots of the accounts that hold the log groups and alarms
	// of an organization, as paths from the working directory.
	Central []string

	// Scopes are parts of an organization about which something else is asked.
	Scopes []Scope
}

// A Scope is what is asked of the accounts of an organizational unit and of those below it.
// The nearest scope wins, for the set and for the regions by themselves.
type Scope struct {
	Unit    string   // id, or path of names
	Set     string   // "" leaves it to the next unit above
	Regions []string // that are probed; nil leaves them to the next unit above
}

// Names are the names of what apply creates.
type Names struct {
	Namespace string
	Prefix    string
	Topic     string

	// Of a trail and what it needs.
	Trail, Bucket, LogGroup, Role string

	// Controls has the names of single controls by id, each as it will be,
	// before Prefix.
	Controls map[string]catalog.Names
}

// A Heartbeat is an alarm on the silence of the trail's log group.
type Heartbeat struct {
	Hours     int    // of silence; 0 where the file does not say
	TopicARN  string // an existing topic; "" where TopicName is given, or neither
	TopicName string
}

// Azure is what plans for subscriptions of Azure need.
type Azure struct {
	ResourceGroup string
	ActionGroup   string   // id
	Subscribe     []string // in the form of --subscribe; each one parses
}

// Notify says who to notify.
type Notify struct {
	TopicARN  string
	Subscribe []string // in the form of --subscribe; each one parses

	Routes []Route
}

// A Route says who to notify of some controls, in place of those for all.
type Route struct {
	Controls   []string // ids; none where Severities are given
	Severities []catalog.Severity

	TopicARN  string // an existing topic; "" where TopicName is given
	TopicName string
	Subscribe []string // as in Notify
}

// Parse reads a configuration. Controls are looked up in the catalog. The error
// is a *yamlfile.Error with the place of the first thing that is wrong.
func Parse(path string, data []byte, cat *catalog.Catalog) (*File, error) {
	sum := sha256.Sum256(data)
	r := reader{Reader: yamlfile.NewReader(path), cat: cat}
	f := &File{Path: path, SHA256: hex.EncodeToString(sum[:])}
	if root := r.Parse(data); r.OK() {
		r.file(root, f)
	}
	return f, r.Err()
}

// A reader reads one configuration.
type reader struct {
	*yamlfile.Reader
	cat *catalog.Catalog
}

// resolve returns a path of the file as seen from the working directory.
func (f *File) resolve(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(f.Path), path)
}

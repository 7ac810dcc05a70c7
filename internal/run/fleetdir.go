package run

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/fleet/targets"
	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// FleetSchema is the value of "schema" in fleet.json, the head of a folder of snapshots.
const FleetSchema = "monitorctl/fleet/v1"

// The files of a folder.
const (
	fleetFile    = "fleet.json"
	targetsFile  = "targets.jsonl"
	failuresFile = "failures.jsonl"
	findingsFile = "findings.jsonl"
	accountsDir  = "accounts"
	centralDir   = "central"
)

// Bounds of what is read of a folder, which may come from elsewhere.
const (
	maxHead    = 1 << 20
	maxTargets = 256 << 20
)

// A fleetHead is fleet.json.
type fleetHead struct {
	Schema       string     `json:"schema"`
	Run          string     `json:"run"` // id
	Version      string     `json:"version"`
	Organization string     `json:"organization"`
	Management   string     `json:"managementAccount"`
	Caller       string     `json:"caller"` // account whose credentials the run had
	Partition    string     `json:"partition"`
	Options      string     `json:"options"` // hash of what decides a report
	Benchmark    string     `json:"benchmark"`
	Controls     []string   `json:"controls"`
	Salt         string     `json:"salt"`
	Shard        string     `json:"shard,omitempty"`
	TrustOrg     bool       `json:"trustOrg,omitempty"`
	Started      time.Time  `json:"started"`
	Finished     *time.Time `json:"finished"` // nil: the run was cut off
	Complete     bool       `json:"complete"`
	Why          string     `json:"why,omitempty"`
}

// A failureLine is a line of failures.jsonl.
type failureLine struct {
	Account string `json:"account"`
	account.Failure
}

// A fleetDir is a folder with what a run over many accounts has read. It is a Store.
type fleetDir struct {
	name   string
	root   *os.Root
	head   fleetHead
	fresh  func(time.Time) bool // reports whether a snapshot of that time counts
	failed map[string]account.Failure

	mu       sync.Mutex
	targets  *os.File
	failures *os.File
}

// openFleetDir opens a folder that a run has made.
func openFleetDir(name string) (*fleetDir, error) {
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, exit.Usage(fmt.Errorf("opening the folder %s: %w", name, bareError(err)))
	}
	d := &fleetDir{name: name, root: root, fresh: func(time.Time) bool { return true }, failed: map[string]account.Failure{}}
	data, err := d.read(fleetFile, maxHead)
	if err == nil {
		err = strictjson.DecodeKnown(data, &d.head)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = exit.Usage(fmt.Errorf("the folder %s has no %s: it was not written by 'monitorctl audit --org --dir'", name, fleetFile))
	case err != nil:
		err = fmt.Errorf("reading %s: %w", path.Join(name, fleetFile), err)
	case d.head.Schema != FleetSchema:
		err = fmt.Errorf("reading %s: its schema is %q, this version reads %q", path.Join(name, fleetFile), d.head.Schema, FleetSchema)
	}
	if err != nil {
		root.Close() //nolint:errcheck // nothing was written
		return nil, err
	}
	return d, nil
}

// bareError is an error of the file system without the path, which the message names.
func bareError(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// newFleetDir makes a folder, which must be new or empty.
func newFleetDir(name string, head fleetHead) (*fleetDir, error) {
	root, err := emptyDir(name, "--resume "+name+" continues an earlier run")
	if err != nil {
		return nil, err
	}
	d := &fleetDir{name: name, root: root, head: head, fresh: func(time.Time) bool { return true }, failed: map[string]account.Failure{}}
	for _, sub := range []string{accountsDir, centralDir} {
		if err := root.Mkdir(sub, 0o700); err != nil {
			return nil, fmt.Errorf("making the folder %s: %w", path.Join(name, sub), bareError(err))
		}
	}
	return d, d.saveHead()
}

// begin opens the lists that a run writes, empty.
func (d *fleetDir) begin() error {
	for file, at := range map[string]**os.File{targetsFile: &d.targets, failuresFile: &d.failures} {
		f, err := d.create(file)
		if err != nil {
			return err
		}
		*at = f
	}
	return nil
}

// spool opens the file of the findings, empty.
func (d *fleetDir) spool() (*os.File, error) { return d.create(findingsFile) }

// create makes a file of the folder anew. What had the name is removed: it may be a link, or
// something that blocks.
func (d *fleetDir) create(name string) (*os.File, error) {
	err := d.root.Remove(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("replacing %s: %w", path.Join(d.name, name), bareError(err))
	}
	f, err := d.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", path.Join(d.name, name), bareError(err))
	}
	return f, nil
}

func (d *fleetDir) close() {
	for _, f := range []*os.File{d.targets, d.failures} {
		if f != nil {
			f.Close() //nolint:errcheck // each line was written by itself
		}
	}
	d.root.Close() //nolint:errcheck // a folder that was read
}

func (d *fleetDir) saveHead() error {
	data, err := json.MarshalIndent(d.head, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding %s: %w", fleetFile, err)
	}
	return d.write(fleetFile, append(data, '\n'))
}

// write replaces a file of the folder at once.
func (d *fleetDir) write(name string, data []byte) error {
	f, err := d.create(name + ".new")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = d.root.Rename(name+".new", name)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path.Join(d.name, name), bareError(err))
	}
	return nil
}

// read reads a file of the folder, of at most limit bytes. Links are not followed.
func (d *fleetDir) read(name string, limit int64) ([]byte, error) {
	info, err := d.root.Lstat(name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a regular file")
	case info.Size() > limit:
		return nil, fmt.Errorf("it has more than %d MB", limit>>20)
	}
	f, err := d.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // read only
	return io.ReadAll(io.LimitReader(f, limit))
}

// snapshot returns the snapshot of one account; nil where there is none that counts.
func (d *fleetDir) snapshot(sub, id string) *account.Snapshot {
	if !targets.IsID(id) {
		return nil
	}
	data, err := d.read(path.Join(sub, id+".json"), account.MaxFile)
	if err != nil {
		return nil
	}
	snap, err := account.Decode(bytes.NewReader(data))
	if err != nil || len(snap.Accounts) != 1 || snap.Accounts[0].ID != id || !d.fresh(snap.TakenAt) {
		return nil // it is read again, or unknown
	}
	return &snap
}

func (d *fleetDir) keep(sub, id string, snap account.Snapshot) error {
	var b bytes.Buffer
	if err := account.Encode(&b, snap); err != nil {
		return err
	}
	return d.write(path.Join(sub, id+".json"), b.Bytes())
}

// Account implements fleet.Store.
func (d *fleetDir) Account(id string) *account.Snapshot { return d.snapshot(accountsDir, id) }

// Central implements fleet.Store.
func (d *fleetDir) Central(id string) *account.Snapshot { return d.snapshot(centralDir, id) }

// KeepCentral implements fleet.Store.
func (d *fleetDir) KeepCentral(id string, s account.Snapshot) error { return d.keep(centralDir, id, s) }

// Failure implements fleet.Store.
func (d *fleetDir) Failure(id string) *account.Failure {
	f, ok := d.failed[id]
	if !ok {
		return nil
	}
	return &f
}

// list notes a target.
func (d *fleetDir) list(t targets.Target) error { return d.line(d.targets, t) }

func (d *fleetDir) line(f *os.File, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	_, err = f.Write(append(data, '\n'))
	return err
}

// load reads the lists of a folder that is judged again.
func (d *fleetDir) load() ([]targets.Target, error) {
	var list []targets.Target
	err := d.lines(targetsFile, func(line []byte) error {
		var t targets.Target
		if err := strictjson.DecodeKnown(line, &t); err != nil {
			return err
		}
		if !targets.IsID(t.ID) {
			return fmt.Errorf("%q is not the id of an account", t.ID)
		}
		list = append(list, t)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, d.lines(failuresFile, func(line []byte) error {
		var f failureLine
		if err := strictjson.DecodeKnown(line, &f); err != nil {
			return err
		}
		d.failed[f.Account] = f.Failure
		return nil
	})
}

// lines reads a file line by line. The last line of a run that was cut off may be half.
func (d *fleetDir) lines(name string, visit func([]byte) error) error {
	data, err := d.read(name, maxTargets)
	if err != nil {
		return fmt.Errorf("reading %s: %w", path.Join(d.name, name), bareError(err))
	}
	for n := 1; len(data) > 0; n++ {
		line, rest, whole := bytes.Cut(data, []byte("\n"))
		if data = rest; !whole {
			return nil
		}
		if err := visit(line); err != nil {
			return fmt.Errorf("reading %s:%d: %w", path.Join(d.name, name), n, err)
		}
	}
	return nil
}

// hashOf is the hash of what decides a report.
func hashOf(parts ...any) string {
	data, _ := json.Marshal(parts) // plain data
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// isFleetDir reports whether a path is a folder.
func isFleetDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// FleetDirs are the folders among saved snapshots.
func FleetDirs(ctx context.Context, files []string) ([]string, error) {
	var dirs []string
	for _, f := range files {
		if f != "-" && isFleetDir(f) {
			dirs = append(dirs, f)
		}
	}
	if len(dirs) > 0 && len(dirs) < len(files) {
		return nil, exit.Usage(fmt.Errorf("--snapshot takes files or folders, not both: %s", strings.Join(files, ", ")))
	}
	return dirs, ctx.Err()
}

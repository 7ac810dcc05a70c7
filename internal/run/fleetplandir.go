package run

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/fleet/targets"
	"github.com/monitorctl/monitorctl/internal/planfile"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// SavedFleetSchema is the value of "schema" in plan.json, the index of a folder with the plans
// of many accounts.
const SavedFleetSchema = "monitorctl/saved-fleet-plan/v1"

// The files of a folder with the plans of many accounts.
const (
	indexFile  = "plan.json"
	seenDir    = "seen"    // accounts that the plans of owners are tried on
	journalDir = "journal" // of apply
	lockFile   = "lock"
)

// A fleetIndex is plan.json: which accounts a folder has plans for.
type fleetIndex struct {
	Schema       string        `json:"schema"`
	Tool         planfile.Tool `json:"tool"`
	SavedAt      time.Time     `json:"savedAt"`
	Organization string        `json:"organization"`
	Management   string        `json:"managementAccount"`
	Salt         string        `json:"salt"`
	Controls     []string      `json:"controls"` // ids of all that the plans are for; a plan may be for fewer
	Owners       []FleetEntry  `json:"owners"`   // sorted by id
	Members      []FleetEntry  `json:"members"`  // sorted by id
	Seen         []fleetSeen   `json:"seen"`
	Failing      int           `json:"failingAfter"` // accounts that fail something once all is carried out and confirmed
	Total        FleetCounts   `json:"total"`
	Digest       string        `json:"digest"` // of the rest
}

// A FleetEntry is the plan of one account in a folder.
type FleetEntry struct {
	report.FleetRef
	Tags   map[string]string `json:"tags,omitempty"` // that the configuration asks for
	SHA256 string            `json:"sha256"`         // of accounts/ID.json
	Counts FleetCounts       `json:"counts"`
}

// FleetCounts are how many changes of each kind there are.
type FleetCounts struct {
	Filters       int `json:"filters"`
	Alarms        int `json:"alarms"`
	Topics        int `json:"topics"`
	Others        int `json:"others"`
	Confirmations int `json:"confirmations"` // that e-mail subscribers have to make
}

type fleetSeen struct {
	ID     string `json:"id"`
	SHA256 string `json:"sha256"`
}

// countsOf counts the changes of a plan.
func countsOf(actions []change.Action) FleetCounts {
	var c FleetCounts
	for _, a := range actions {
		switch x := a.(type) {
		case action.PutFilter:
			c.Filters++
		case action.PutAlarm:
			c.Alarms++
		case action.CreateTopic:
			c.Topics++
		case action.Subscribe:
			c.Others++
			if strings.HasPrefix(x.Protocol, "email") {
				c.Confirmations++
			}
		default:
			c.Others++
		}
	}
	return c
}

// sum is the changes of several accounts.
func sum(list []FleetEntry) FleetCounts {
	var t FleetCounts
	for _, e := range list {
		c := e.Counts
		t = FleetCounts{t.Filters + c.Filters, t.Alarms + c.Alarms, t.Topics + c.Topics, t.Others + c.Others, t.Confirmations + c.Confirmations}
	}
	return t
}

// digest is over everything but itself.
func (x *fleetIndex) digest() string {
	rest := *x
	rest.Digest = ""
	data, _ := json.Marshal(rest) // plain data
	return hashHex(data)
}

func hashHex(data []byte) string {
	h := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(h[:])
}

// A FleetSaver writes the plans of many accounts into a folder, each as it is made.
type FleetSaver struct {
	runner *Runner
	dir    *fleetDir
	conf   *Config

	mu    sync.Mutex
	index fleetIndex
}

// NewFleetSaver makes the folder, which must be new or empty.
func (r *Runner) NewFleetSaver(name string, conf *Config) (*FleetSaver, error) {
	root, err := emptyDir(name, "the plan must be saved in a new folder")
	if err != nil {
		return nil, err
	}
	s := &FleetSaver{runner: r, conf: conf, dir: &fleetDir{name: name, root: root}}
	for _, sub := range []string{accountsDir, seenDir} {
		if err := root.Mkdir(sub, 0o700); err != nil {
			return nil, fmt.Errorf("making the folder %s: %w", path.Join(name, sub), bareError(err))
		}
	}
	return s, nil
}

// emptyDir makes and opens a folder, which must be new or empty; hint says what to do about
// one that is not.
func emptyDir(name, hint string) (*os.Root, error) {
	if err := os.MkdirAll(name, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder %s: %w", name, bareError(err))
	}
	entries, err := os.ReadDir(name)
	if err != nil {
		return nil, fmt.Errorf("reading the folder %s: %w", name, bareError(err))
	}
	if len(entries) > 0 {
		return nil, exit.Hinted(exit.Usage(fmt.Errorf("the folder %s is not empty", name)), hint)
	}
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, fmt.Errorf("opening the folder %s: %w", name, bareError(err))
	}
	return root, nil
}

// Close gives the folder back.
func (s *FleetSaver) Close() { s.dir.root.Close() } //nolint:errcheck // what was written has been renamed into place

// Add writes the plan of one account. Several goroutines may do so.
func (s *FleetSaver) Add(c FleetChange) error {
	file, err := plan.Save(c.Snap, c.Plan, c.Options, s.runner.madeBy(s.conf), s.runner.Now())
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := file.Encode(&b); err != nil {
		return err
	}
	if err := s.dir.write(path.Join(accountsDir, c.Ref.ID+".json"), b.Bytes()); err != nil {
		return err
	}
	e := FleetEntry{FleetRef: c.Ref, Tags: c.Tags, SHA256: hashHex(b.Bytes()), Counts: countsOf(c.Plan.Actions)}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.Owner {
		s.index.Owners = append(s.index.Owners, e)
	} else {
		s.index.Members = append(s.index.Members, e)
	}
	return nil
}

// Finish writes the owners' plans and the index. A folder without an index is not a plan.
func (s *FleetSaver) Finish(p *FleetPlanning) error {
	for _, c := range p.owners {
		if len(c.Plan.Conflicts) == 0 && len(c.Plan.Actions) > 0 {
			if err := s.Add(c); err != nil {
				return err
			}
		}
	}
	x := &s.index
	for _, snap := range p.seen {
		var b bytes.Buffer
		if err := account.Encode(&b, snap); err != nil {
			return err
		}
		id := snap.Accounts[0].ID
		if err := s.dir.write(path.Join(seenDir, id+".json"), b.Bytes()); err != nil {
			return err
		}
		x.Seen = append(x.Seen, fleetSeen{id, hashHex(b.Bytes())})
		x.Salt = snap.Salt
	}
	order := func(a, b FleetEntry) int { return byID(a.FleetRef, b.FleetRef) }
	slices.SortFunc(x.Owners, order)
	slices.SortFunc(x.Members, order)
	x.Schema, x.Tool, x.SavedAt = SavedFleetSchema, planfile.Tool{Name: "monitorctl", Version: s.runner.Version}, s.runner.Now().UTC().Truncate(time.Second)
	for _, c := range p.q.Selection.Controls {
		x.Controls = append(x.Controls, c.ID)
	}
	x.Organization, x.Management, x.Failing = p.Plan.Header.Organization, p.Plan.Header.Management, len(p.Plan.Failing)
	x.Total = sum(slices.Concat(x.Owners, x.Members))
	x.Digest = x.digest()
	data, err := json.MarshalIndent(x, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding %s: %w", indexFile, err)
	}
	return s.dir.write(indexFile, append(data, '\n'))
}

// Says is what to do with the folder.
func (s *FleetSaver) Says() string {
	n := len(s.index.Owners) + len(s.index.Members)
	if n == 0 {
		return "no account has changes: the folder holds no plan to carry out"
	}
	text := fmt.Sprintf("plans of %s saved; 'monitorctl apply --plan %s' carries out those of the owners", Plural(n, "account"), s.dir.name)
	if len(s.index.Members) > 0 {
		text += ", and with --write-accounts all also those of the others"
	}
	return text
}

// A FleetSaved is a folder with the plans of many accounts.
type FleetSaved struct {
	Index fleetIndex
	dir   *fleetDir
}

// IsFleetPlan reports whether a path is a folder, as plan --org --save makes one.
func IsFleetPlan(name string) bool { return isFleetDir(name) }

// OpenFleetPlan opens a folder with the plans of many accounts. Close it.
func OpenFleetPlan(name string) (*FleetSaved, error) {
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, exit.Usage(fmt.Errorf("opening the folder %s: %w", name, bareError(err)))
	}
	s := &FleetSaved{dir: &fleetDir{name: name, root: root}}
	data, err := s.dir.read(indexFile, maxTargets)
	if err == nil {
		err = strictjson.DecodeKnown(data, &s.Index)
	}
	x := &s.Index
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = exit.Hinted(exit.Usage(fmt.Errorf("the folder %s has no %s: it holds no finished plan", name, indexFile)), "'monitorctl plan --org --save DIR' makes one")
	case err != nil:
		err = fmt.Errorf("reading %s: %w", path.Join(name, indexFile), bareError(err))
	case x.Schema != SavedFleetSchema:
		err = fmt.Errorf("reading %s: its schema is %q, this version reads %q", path.Join(name, indexFile), x.Schema, SavedFleetSchema)
	case x.Digest != x.digest():
		err = fmt.Errorf("reading %s: it was edited or damaged: its digest does not match", path.Join(name, indexFile))
	default:
		err = x.check()
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// check refuses ids that are none: they become names of files.
func (x *fleetIndex) check() error {
	seen := map[string]bool{}
	for _, e := range slices.Concat(x.Owners, x.Members) {
		if !targets.IsID(e.ID) || seen[e.ID] {
			return fmt.Errorf("reading %s: %q is not an account id, or appears twice", indexFile, e.ID)
		}
		seen[e.ID] = true
	}
	return nil
}

// Close gives the folder back.
func (s *FleetSaved) Close() { s.dir.root.Close() } //nolint:errcheck // read only

// First is the path of one of the plans; "" for a folder without any. All were made with the
// same wishes, with two exceptions: only the plans of owners, which come first, replace
// objects, and a plan may be for fewer controls than the index has.
func (s *FleetSaved) First() string {
	for _, e := range slices.Concat(s.Index.Owners, s.Index.Members) {
		return path.Join(s.dir.name, accountsDir, e.ID+".json")
	}
	return ""
}

// plan reads the plan of one account, which must be the one that the index knows.
func (s *FleetSaved) plan(e FleetEntry) (planfile.File[plan.Wishes], error) {
	name := path.Join(accountsDir, e.ID+".json")
	data, err := s.checked(name, e.SHA256)
	if err != nil {
		return planfile.File[plan.Wishes]{}, err
	}
	f, err := planfile.Decode[plan.Wishes](bytes.NewReader(data))
	if err == nil && f.Account != e.ID {
		err = fmt.Errorf("it is for account %s", f.Account)
	}
	if err != nil {
		return f, fmt.Errorf("reading %s: %w", path.Join(s.dir.name, name), err)
	}
	return f, nil
}

// checked reads a file and compares its hash.
func (s *FleetSaved) checked(name, hash string) ([]byte, error) {
	data, err := s.dir.read(name, account.MaxFile)
	if err == nil && hashHex(data) != hash {
		err = errors.New("it is not the file that the index names: it was edited or damaged")
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path.Join(s.dir.name, name), bareError(err))
	}
	return data, nil
}

// seen reads the accounts that the owners' plans were tried on.
func (s *FleetSaved) seen() ([]account.Snapshot, error) {
	var list []account.Snapshot
	for _, x := range s.Index.Seen {
		if !targets.IsID(x.ID) {
			return nil, fmt.Errorf("reading %s: %q is not the id of an account", indexFile, x.ID)
		}
		name := path.Join(seenDir, x.ID+".json")
		data, err := s.checked(name, x.SHA256)
		if err != nil {
			return nil, err
		}
		snap, err := account.Decode(bytes.NewReader(data))
		if err == nil && (len(snap.Accounts) != 1 || snap.Accounts[0].ID != x.ID) {
			err = fmt.Errorf("it is not account %s", x.ID)
		}
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", path.Join(s.dir.name, name), err)
		}
		list = append(list, snap.Dated())
	}
	return list, nil
}

// SaveFleet plans many accounts, and saves the plans in a folder if one is named.
func (r *Runner) SaveFleet(ctx context.Context, q FleetPlanRequest, name string) (*FleetPlanning, error) {
	if name == "" {
		return r.PlanFleet(ctx, q)
	}
	s, err := r.NewFleetSaver(name, &q.Scope.Config)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	q.Each = s.Add
	p, err := r.PlanFleet(ctx, q)
	if err != nil {
		return nil, err
	}
	if err := s.Finish(p); err != nil {
		p.Close()
		return nil, err
	}
	if !q.Quiet {
		r.Console.Say("%s", s.Says())
	}
	return p, nil
}

package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	azurecollect "github.com/monitorctl/monitorctl/internal/azure/collect"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/files"
)

// A bothSnapshot is one saved snapshot of accounts and subscriptions. Clouds stands near
// the beginning, so that the file is told from others by its first bytes.
type bothSnapshot struct {
	Schema        string                      `json:"schema"`
	Clouds        []string                    `json:"clouds"`
	TakenAt       time.Time                   `json:"takenAt"`
	Salt          string                      `json:"salt"`
	Accounts      []account.Account           `json:"accounts"`
	Subscriptions []subscription.Subscription `json:"subscriptions"`
}

// joinSnapshots returns the snapshots of one run, which have one salt, as one: as of the
// later of their times.
func joinSnapshots(a account.Snapshot, s subscription.Snapshot) bothSnapshot {
	at := a.TakenAt
	if s.TakenAt.After(at) {
		at = s.TakenAt
	}
	return bothSnapshot{a.Schema, []string{"aws", "azure"}, at, a.Salt, a.Accounts, s.Subscriptions}
}

func (b bothSnapshot) encode(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(b); err != nil {
		return fmt.Errorf("encoding snapshot: %w", err)
	}
	return nil
}

// save writes the snapshot to a file that only its owner can read; "-" is standard output.
func (b bothSnapshot) save(ctx context.Context, r *Runner, path string) error {
	if path == "-" {
		return b.encode(r.Console.Out)
	}
	if err := files.Write(ctx, path, files.Private, b.encode); err != nil {
		return fmt.Errorf("saving snapshot: %w", err)
	}
	return nil
}

// both reads a snapshot of both clouds, once for both parts of a run.
func (r *Runner) both(ctx context.Context, s *Source) ([]byte, error) {
	if s.bothData == nil {
		data, err := r.input(ctx, s.BothFile)
		if err != nil {
			return nil, fmt.Errorf("reading snapshot: %w", files.Named(s.BothFile, err))
		}
		s.bothData = data
	}
	return s.bothData, nil
}

// accountsOfBoth returns the accounts of a snapshot of both clouds.
func (r *Runner) accountsOfBoth(ctx context.Context, s *Source) (account.Snapshot, error) {
	data, err := r.both(ctx, s)
	if err != nil {
		return account.Snapshot{}, err
	}
	snap, err := collect.DecodeSnapshot(part(data, "clouds", "subscriptions"))
	if err != nil {
		return snap, fmt.Errorf("reading snapshot %s: %w", s.BothFile, err)
	}
	return snap, nil
}

// subscriptionsOfBoth returns the subscriptions of a snapshot of both clouds.
func (r *Runner) subscriptionsOfBoth(ctx context.Context, s *Source) (subscription.Snapshot, error) {
	data, err := r.both(ctx, s)
	if err != nil {
		return subscription.Snapshot{}, err
	}
	snap, err := azurecollect.Decode(part(data, "clouds", "accounts"))
	if err != nil {
		return snap, exit.Hinted(err, "'monitorctl snapshot --file F' saves one")
	}
	return snap, nil
}

// part returns an object of JSON without the members of some names. They become spaces, so
// that everything else keeps its place. What is no object stays as it is: its reader says
// what is wrong with it.
func part(data []byte, names ...string) []byte {
	out := bytes.Clone(data)
	for _, name := range names {
		begin, end, err := member(out, name)
		if err != nil {
			return out
		}
		for i := begin; i < end; i++ {
			if out[i] != '\n' {
				out[i] = ' '
			}
		}
	}
	return out
}

var errNoMember = errors.New("the member does not exist")

// member returns where a member of an object begins and ends, with a comma that goes with
// it: the one behind it, or before it where it is the last.
func member(data []byte, name string) (begin, end int, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return 0, 0, errNoMember
	}
	for d.More() {
		before := int(d.InputOffset()) // behind the brace, or the member before
		key, err := d.Token()
		if err != nil {
			return 0, 0, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return 0, 0, err
		}
		if key != name {
			continue
		}
		begin, end = before, int(d.InputOffset())
		if i := len(bytes.TrimLeft(data[end:], " \t\r\n")); i > 0 && data[len(data)-i] == ',' && data[before-1] == '{' {
			end = len(data) - i + 1 // the first member: the comma behind it goes
		}
		return begin, end, nil
	}
	return 0, 0, errNoMember
}
